"""All that is known of one alarm: what it means, what to do, how long there is, and who did what."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from engine.types import Alarm
from hmi import alarms as words
from hmi.alarms import Badge
from hmi.displays.alarms import state
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.values import Kind
from hmi.widgets.alarm_badge import AlarmBadge
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.quality_mark import QualityMark
from hmi.widgets.trend_head import head_button

COLUMNS_FROM_PX, FACTS_A_COLUMN = 700, 6


class Detail(QFrame):
    """``placed`` = go where it is handled; ``drawn`` = its trend at its time, ``more`` = its menu."""

    placed = Signal()
    drawn = Signal()
    more = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._theme, self._facts = theme, list[tuple[str, str]]()
        self._width = 0
        self.badge = AlarmBadge(theme, self)
        self.title = Words(theme, step="title", bold=True)
        self.title.setWordWrap(True)
        self.hint = Words(
            theme, t("Choose an alarm to see its cause and what to do."), step="body", look="muted"
        )
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.where = ShortWords(theme, step="body", look="muted")
        self.left = ShortWords(theme, step="body", bold=True)
        self.now = ShortWords(theme, step="title", look="live", bold=True)
        self.mark = QualityMark(theme, self)
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.document().setDocumentMargin(0)
        self.page.setAccessibleName(t("Detail of the alarm"))
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.badge)
        head.addWidget(self.title, 1)
        values = QHBoxLayout()
        values.addWidget(self.now, 1)
        values.addWidget(self.mark)
        self.buttons: list[QPushButton] = []
        foot = QHBoxLayout()
        foot.setSpacing(4)
        for text, told, signal in (
            (t("Go to"), t("The display where it is handled"), self.placed),
            (t("Trend"), t("The trend of its tag at the time of the alarm"), self.drawn),
            (t("More…"), t("Shelve, note, out of service"), self.more),
        ):
            button = head_button(text, told, self)
            button.clicked.connect(signal)
            self.buttons.append(button)
            foot.addWidget(button)
        foot.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 8, 12)
        box.setSpacing(6)
        box.addLayout(head)
        for part in (self.where, self.left):
            box.addWidget(part)
        box.addLayout(values)
        box.addWidget(self.page, 1)
        box.addWidget(self.hint, 1)
        box.addLayout(foot)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.badge, self.title, self.hint, self.where, self.left, self.now, self.mark):
            part.set_theme(theme)
        self._fill()

    def show_alarm(
        self, model: Model, alarm: Alarm | None, now: tuple[str, Kind], now_us: int, is_dead: bool
    ) -> None:
        """Another alarm, or what became of it; None = none is chosen."""
        has_alarm = alarm is not None
        for part in (self.badge, self.title, self.where, self.page, *self.buttons):
            part.setVisible(has_alarm)
        self.hint.setVisible(not has_alarm)
        if alarm is None:
            for part in (self.left, self.now, self.mark):
                part.hide()
            return
        text, kind = now
        self.badge.show_badge(Badge(alarm.priority, 1))
        self.title.show_text(words.message(alarm))
        self.where.show_text(words.where(model, alarm))
        left = "" if is_dead else state.time_left(alarm, now_us)
        self.left.show_text(t("Time to respond: {left}", left=left) if left else "")
        self.left.setVisible(bool(left))
        is_old = is_dead or kind not in ("normal", "uncertain")
        self.now.show_text(t("was {value}", value=text) if is_dead and text else text)
        self.now.set_look("muted" if is_old else "live")
        self.mark.show_look("stale" if is_dead and kind == "normal" else kind)
        for part in (self.now, self.mark):
            part.setVisible(bool(text))
        self.buttons[1].setEnabled(alarm.path in model.index)
        self._show_facts(state.facts(model, alarm, now_us))

    def _show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        if list(facts) != self._facts or self._width != self.page.width():
            self._facts, self._width = list(facts), self.page.width()
            self._fill()

    def _fill(self) -> None:
        """Facts as rows of a table; side by side where the page is wide and low."""
        muted = self._theme.colour.muted
        cells = [
            f'<td style="color:{muted}; padding: 2px 14px 2px 0; white-space: nowrap">{escape(name)}</td>'
            f'<td style="padding: 2px 28px 2px 0">{escape(text)}</td>'
            for name, text in self._facts
        ]
        is_wide = self.page.width() >= COLUMNS_FROM_PX
        high = (len(cells) + 1) // 2 if is_wide else len(cells)
        lines = ["".join(cells[at::high]) if high else "" for at in range(high)]
        self.page.setHtml(f'<table width="100%">{"".join(f"<tr>{line}</tr>" for line in lines)}</table>')
