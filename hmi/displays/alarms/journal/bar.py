"""Above the journal: its time, and what of it is let through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from hmi.alarms import PRIORITIES
from hmi.displays.alarms.bar import PriorityButton
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal import words as journal_words
from hmi.displays.alarms.journal.state import DAY, NOTHING, SPANS, Part, Wanted
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.trend_head import head_button

TYPING_MS, LEAST_TEXT_PX, CHIP_PX = 300, 130, 230


class PickMenu(QMenu):
    """Several can be picked in one go: a tap on an entry leaves the menu open."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class PickButton(QPushButton):
    """A button whose menu holds words of which several can be picked; none = all. ``picked`` = the keys."""

    picked = Signal(tuple)

    def __init__(self, every: str, told: str, words: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self._every, self._words = every, {key: _capital(t(word)) for key, word in words.items()}
        self.setToolTip(told)
        menu = PickMenu(self)
        self._all = menu.addAction(every)
        self._all.triggered.connect(self._clear)
        menu.addSeparator()
        self.actions_of = {key: menu.addAction(word) for key, word in self._words.items()}
        for action in self.actions_of.values():
            action.setCheckable(True)
            action.triggered.connect(self._pick)
        self.setMenu(menu)
        self.show_picked(())

    def show_picked(self, keys: Sequence[str]) -> None:
        """Mark these, without a word to anybody."""
        for key, action in self.actions_of.items():
            action.setChecked(key in keys)
        first = self._words[keys[0]] if keys else self._every
        text = t("{first} +{n}", first=first, n=len(keys) - 1) if len(keys) > 1 else first
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"{text}: {self.toolTip()}")

    def _pick(self) -> None:
        self.picked.emit(tuple(key for key, action in self.actions_of.items() if action.isChecked()))

    def _clear(self) -> None:
        self.picked.emit(())


class JournalBar(QWidget):
    """``changed`` = a person wants to see others; ``timed`` = asks for a time of their own; ``export``."""

    changed = Signal(object)
    timed = Signal()
    export = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.wanted = DAY
        self.span = Choice(None, [(name, t(word), t(told)) for name, word, told in SPANS], self)
        self.news = head_button("", t("Show what came meanwhile"), self)
        self.news.hide()
        self.export_button = head_button(t("Export…"), t("As a table for other programs, or on paper"), self)
        self.priorities = [PriorityButton(theme, each, self) for each in PRIORITIES]
        whats, kinds = (
            cast("Mapping[str, str]", each) for each in (journal_words.WHATS, journal_words.KINDS)
        )
        self.whats = PickButton(t("Anything"), t("Only what happened so"), whats, self)
        self.kinds = PickButton(t("Any kind"), t("Only alarms of this kind"), kinds, self)
        self.under = self._chip(t("Everywhere again"), "under")
        self.alarm = self._chip(t("All alarms again"), "alarm")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(t("Tag, message, person or reason"))
        self.field.setAccessibleName(t("Only changes with these words"))
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(LEAST_TEXT_PX)
        self.clear = head_button(t("Clear"), t("Let all through again"), self)
        self._lay_out()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._take_text)
        self._connect()
        self._show()

    def _chip(self, told: str, part: Part) -> QPushButton:
        made = head_button("", told, self)
        made.setMaximumWidth(CHIP_PX)
        made.clicked.connect(lambda: self._change(**NOTHING[part]))
        made.hide()
        return made

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.span)
        first.addStretch(1)
        for part in (self.news, self.export_button):
            first.addWidget(part)
        for part in (*self.priorities, self.whats, self.kinds, self.under, self.alarm):
            second.addWidget(part)
        second.addWidget(self.field, 1)
        second.addWidget(self.clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for row in (first, second):
            row.setSpacing(6)
            box.addLayout(row)

    def _connect(self) -> None:
        self.span.chosen.connect(self._pick_span)
        self.export_button.clicked.connect(self.export)
        for button in self.priorities:
            button.clicked.connect(self._pick_priorities)
        self.whats.picked.connect(lambda keys: self._change(whats=keys))
        self.kinds.picked.connect(lambda keys: self._change(kinds=keys))
        self.clear.clicked.connect(self._clear)
        self.field.textEdited.connect(self._typing.start)
        self.field.returnPressed.connect(self._take_text)
        # The cross in the field empties it without a key.
        self.field.textChanged.connect(lambda text: None if text else self._take_text())

    # What the page calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for button in self.priorities:
            button.theme = theme
            button.updateGeometry()
            button.update()

    def show_wanted(self, wanted: Wanted) -> None:
        """Another filter, without a word to anybody."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._show()

    def narrow(self, **changes: Any) -> None:
        """Change parts of the filter, as if by hand."""
        self._change(**changes)

    def show_news(self, words: str) -> None:
        """What waits to be shown; "" = nothing."""
        if words:
            self.news.setText(words)
            self.news.setAccessibleName(f"{words}: {self.news.toolTip()}")
        self.news.setVisible(bool(words))

    # Hands

    def _pick_span(self, name: str) -> None:
        if name == "own":
            # The old span is on show until a time is agreed.
            self.span.pick(self.wanted.span)
            self.timed.emit()
        else:
            self._change(span=name, start_us=0, end_us=0)

    def _pick_priorities(self) -> None:
        self._change(priorities=tuple(each.priority for each in self.priorities if each.isChecked()))

    def _take_text(self) -> None:
        self._typing.stop()
        self._change(text=self.field.text())

    def _clear(self) -> None:
        self._typing.stop()
        wanted = self.wanted
        for part in journal.parts(wanted):
            wanted = journal.without(wanted, part)
        self._set(wanted)

    def _change(self, **changes: Any) -> None:
        self._set(msgspec.structs.replace(self.wanted, **changes))

    def _set(self, wanted: Wanted) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self._show()
            self.changed.emit(wanted)

    def _show(self) -> None:
        wanted = self.wanted
        self.span.pick(wanted.span)
        for button in self.priorities:
            button.setChecked(button.priority in wanted.priorities)
        self.whats.show_picked(wanted.whats)
        self.kinds.show_picked(wanted.kinds)
        self._show_chip(self.under, wanted.under.rpartition("/")[2])
        self._show_chip(self.alarm, wanted.alarm_name)
        if self.field.text() != wanted.text:
            self.field.setText(wanted.text)
        self.clear.setEnabled(bool(journal.parts(wanted)))

    def _show_chip(self, chip: QPushButton, name: str) -> None:
        # An ampersand in a name is no key of a button.
        metrics, room = chip.fontMetrics(), CHIP_PX - 60
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        chip.setText(f"{text.replace('&', '&&')}  ✕")
        chip.setAccessibleName(f"{name}: {chip.toolTip()}")
        chip.setVisible(bool(name))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
