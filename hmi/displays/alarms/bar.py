"""Above the list: the tabs with their counts, and the filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import msgspec
from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from engine.types import AlarmClass
from hmi.alarms import PRIORITIES
from hmi.displays.alarms.filters import EVERYTHING, Filter, Named, State
from hmi.displays.alarms.state import LISTS, TITLES, ListName
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.menu import clear
from hmi.widgets.trend_head import head_button

BADGE_PX, TYPING_MS, LEAST_TEXT_PX = 22, 250, 80
STATES: tuple[tuple[State, str], ...] = (
    ("all", "Any state"),
    ("waiting", "Not acknowledged"),
    ("active", "Active"),
    ("returned", "Returned"),
)


class Tabs(QWidget):
    """The four lists, each with its count at any time, and behind them the pages. ``turned`` = a list is
    wanted, ``paged`` = a page, by its name.
    """

    turned = Signal(str)
    paged = Signal(str)

    def __init__(self, theme: Theme, pages: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[ListName, QPushButton] = {}
        self.pages: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for name in LISTS:
            self.buttons[name] = self._add(row, t(TITLES[name]), t("Show this list"))
            self.buttons[name].clicked.connect(partial(self.turned.emit, name))
        row.addSpacing(theme.size.gap)
        for name, title in pages.items():
            self.pages[name] = self._add(row, t(title), t("Show this page"))
            self.pages[name].clicked.connect(partial(self.paged.emit, name))
        row.addStretch(1)

    def _add(self, row: QHBoxLayout, text: str, words: str) -> QPushButton:
        button = head_button(text, words, self, checkable=True)
        button.setAutoExclusive(True)
        row.addWidget(button)
        return button

    def show_counts(self, counts: Mapping[ListName, int], name: str) -> None:
        """How many stand in each list, and which list or page is on show."""
        for each, button in self.buttons.items():
            _say(button, f"{t(TITLES[each])} {counts[each]}")
            button.setChecked(each == name)
        for each, button in self.pages.items():
            button.setChecked(each == name)


class PriorityButton(QPushButton):
    """A badge that is let through or not."""

    def __init__(self, theme: Theme, priority: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.priority = theme, priority
        self.setProperty("look", "close")
        self.setCheckable(True)
        self.setAccessibleName(t("Only priority {n}", n=priority))
        self.setToolTip(t("Only priority {n}; several can be chosen", n=priority))

    def sizeHint(self) -> QSize:
        return QSize(self.theme.size.target + 6, self.theme.size.target + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            box = QRectF((self.width() - BADGE_PX) / 2, (self.height() - BADGE_PX) / 2, BADGE_PX, BADGE_PX)
            paint_alarm_badge(painter, box, self.priority, self.theme)


class FilterBar(QWidget):
    """``changed`` = another filter; ``kept`` = the name under which a person wants it; ``forgotten``."""

    changed = Signal(object)
    kept = Signal()
    forgotten = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.filter = EVERYTHING
        self._classes: tuple[AlarmClass, ...] = ()
        self._saved: tuple[Named, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.priorities = [PriorityButton(theme, each, self) for each in PRIORITIES]
        for button in self.priorities:
            button.clicked.connect(self._pick_priorities)
            row.addWidget(button)
        self.state = self._menu_button(t("Any state"), t("Only alarms in this state"))
        self.alarm_class = self._menu_button(t("Any class"), t("Only alarms of this class"))
        self.saved = self._menu_button(t("Filters"), t("Filters kept under a name"))
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(t("Place, tag or words"))
        self.field.setAccessibleName(t("Only alarms with these words"))
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(LEAST_TEXT_PX)
        self.clear = head_button(t("Clear"), t("Show all again"), self)
        self.clear.clicked.connect(lambda: self._set(EVERYTHING))
        for part in (self.state, self.alarm_class):
            row.addWidget(part)
        row.addWidget(self.field, 1)
        for part in (self.saved, self.clear):
            row.addWidget(part)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(lambda: self._change(text=self.field.text()))
        self.field.textEdited.connect(self._typing.start)
        self.field.textChanged.connect(lambda text: None if text else self._change(text=""))
        self._fill_state()
        self.show_classes(())
        self.show_saved(())
        self._show()

    def _menu_button(self, text: str, words: str) -> QPushButton:
        made = head_button(text, words, self)
        menu = QMenu(made)
        made.setMenu(menu)
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for button in self.priorities:
            button.theme = theme
            button.update()

    def fit(self, is_narrow: bool) -> None:
        """Where room is short, Clear goes: each part of the filter is still undone where it was made."""
        self.clear.setVisible(not is_narrow)

    def show_filter(self, wanted: Filter) -> None:
        """Another filter, without a word to anybody."""
        if wanted != self.filter:
            self.filter = wanted
            self._show()

    def show_classes(self, classes: Sequence[AlarmClass]) -> None:
        """The classes of the plant."""
        self._classes = tuple(classes)
        menu = self.alarm_class.menu()
        clear(menu)
        for key, title in (("", t("Any class")), *((each.id, each.title or each.id) for each in classes)):
            made = menu.addAction(title.replace("&", "&&"))
            made.triggered.connect(partial(self._pick, "alarm_class", key))
        self.alarm_class.setVisible(bool(classes))

    def show_saved(self, saved: Sequence[Named]) -> None:
        """The filters that are kept for this plant."""
        self._saved = tuple(saved)
        menu = self.saved.menu()
        clear(menu)
        for each in saved:
            menu.addAction(each.name.replace("&", "&&")).triggered.connect(partial(self._set, each.filter))
        if saved:
            menu.addSeparator()
        self._keep = menu.addAction(t("Keep this filter as…"))
        self._keep.triggered.connect(self.kept)
        for each in saved:
            action = menu.addAction(t("Forget {name}", name=each.name.replace("&", "&&")))
            action.triggered.connect(partial(self.forgotten.emit, each.name))
        self._show()

    def _fill_state(self) -> None:
        for key, word in STATES:
            self.state.menu().addAction(t(word)).triggered.connect(partial(self._pick, "state", key))

    def _pick(self, name: str, key: str, checked: bool = False) -> None:
        self._change(**{name: key})

    def _pick_priorities(self) -> None:
        self._change(priorities=tuple(each.priority for each in self.priorities if each.isChecked()))

    def _change(self, **changes: object) -> None:
        self._set(msgspec.structs.replace(self.filter, **cast("dict[str, object]", changes)))

    def _set(self, wanted: Filter, checked: bool = False) -> None:
        self._typing.stop()
        if wanted != self.filter:
            self.filter = wanted
            self._show()
            self.changed.emit(wanted)

    def _show(self) -> None:
        wanted = self.filter
        for button in self.priorities:
            button.setChecked(button.priority in wanted.priorities)
        _say(self.state, t(dict(STATES)[wanted.state]))
        titles = {each.id: each.title or each.id for each in self._classes}
        _say(self.alarm_class, titles.get(wanted.alarm_class) or wanted.alarm_class or t("Any class"))
        if self.field.text() != wanted.text:
            self.field.setText(wanted.text)
        self.clear.setEnabled(wanted != EVERYTHING)
        self._keep.setEnabled(wanted != EVERYTHING)

    @property
    def keep_action(self) -> QAction:
        """The entry that keeps this filter under a name."""
        return self._keep


def _say(button: QPushButton, words: str) -> None:
    if button.text() != words:
        button.setText(words)
        button.setAccessibleName(f"{words}: {button.toolTip()}")
