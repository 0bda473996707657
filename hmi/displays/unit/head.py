"""The head of the unit display: previous and next, the name, what it does now, and the switch of pages."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from hmi.alarms import Badge
from hmi.displays.unit.words import Phrase
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.alarm_badge import AlarmBadge
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.quality_mark import QualityMark

WORKING, ALL_TAGS = 0, 1
NARROW_PX = 700


class Head(QWidget):
    """Emits `stepped` (-1, 1), `raised` (to the asset above) and `paged` (`WORKING`, `ALL_TAGS`)."""

    stepped = Signal(int)
    raised = Signal()
    paged = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = Words(theme, step="title", bold=True, parent=self)
        self._badge = AlarmBadge(theme, self, 22)
        self._aside = Words(theme, step="small", look="muted", parent=self)
        self._mark = QualityMark(theme, self)
        self._now = ShortWords(theme, step="body", look="muted", parent=self)
        self._now.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.previous = self._button("\u2039", t("Previous (Alt+Left)"))
        self.next = self._button("\u203a", t("Next (Alt+Right)"))
        self.above = self._button("\u2191", t("To what it is part of (Alt+Up)"))
        for button in (self.previous, self.next, self.above):
            button.setStyleSheet("QPushButton { padding: 0; }")
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.above.clicked.connect(self.raised.emit)
        self.pages = QButtonGroup(self)
        for place, text in ((WORKING, t("Working")), (ALL_TAGS, t("All tags"))):
            button = self._button(text, t("{page} (Ctrl+Page up, Ctrl+Page down)", page=text))
            button.setCheckable(True)
            self.pages.addButton(button, place)
        self.pages.button(WORKING).setChecked(True)
        self.pages.idClicked.connect(self.paged.emit)
        self._lay_out()

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for button in (self.previous, self.next, self.above):
            box.addWidget(button)
        box.addSpacing(8)
        box.addWidget(self._title)
        box.addSpacing(4)
        box.addWidget(self._badge)
        box.addWidget(self._aside)
        box.addSpacing(14)
        box.addWidget(self._mark)
        box.addWidget(self._now, 1)
        for button in self.pages.buttons():
            box.addWidget(button)

    def _button(self, text: str, words: str) -> QPushButton:
        made = QPushButton(text, self)
        made.setAccessibleName(words)
        made.setToolTip(words)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self._title, self._badge, self._aside, self._mark, self._now):
            part.set_theme(theme)

    def show_asset(self, title: str, above: str, has_previous: bool, has_next: bool) -> None:
        """The name, and which ways there are; ``above`` = the name of what it is part of, "" = nothing."""
        self._title.show_text(title)
        self.above.setVisible(bool(above))
        self.above.setToolTip(t("To {name} (Alt+Up)", name=above))
        for button, can in ((self.previous, has_previous), (self.next, has_next)):
            button.setEnabled(can)
            button.setVisible(has_previous or has_next)

    def show_now(self, now: Phrase) -> None:
        """What it does now, marked where that is not current."""
        self._now.show_text(now.whole)
        self._mark.show_look(now.kind)
        self._mark.setVisible(now.kind != "normal")

    def show_badge(self, badge: Badge | None, aside: str) -> None:
        """Its worst alarm, and how many; and which alarms are set aside, in words."""
        self._badge.show_badge(badge)
        self._aside.show_text(aside)
        self._aside.setVisible(bool(aside))

    def show_page(self, page: int) -> None:
        """Mark the page on show."""
        with QSignalBlocker(self.pages):
            self.pages.button(page).setChecked(True)

    @property
    def title(self) -> str:
        """The name on show."""
        return self._title.text()

    @property
    def now(self) -> str:
        """What it says beside the name."""
        return self._now.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._now.setVisible(self.width() >= NARROW_PX)
