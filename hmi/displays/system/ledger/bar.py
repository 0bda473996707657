"""Above the ledger: what of it is let through."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.types import EndedLedger
from hmi.displays.system.ledger import state as ledger
from hmi.displays.system.ledger.state import GROUPS, LONGEST_TEXT, SPANS, Group, Wanted
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.time_sheet import TimeSheet
from hmi.widgets.trend_head import head_button

TYPING_MS = 300


class LedgerBar(QWidget):
    """``changed`` = a person wants to see others, ``timed`` = those of a time of their own."""

    changed = Signal()
    timed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.wanted = Wanted()
        self.times = TimeSheet(theme, t("Ledger from, to"), parent)
        self.times.agreed.connect(self._take_time)
        self.span = Choice(None, [(key, t(word), t(told)) for key, word, told in SPANS], self)
        self.news = head_button("", t("Show what came meanwhile"), self)
        self.news.hide()
        self.groups: dict[Group, QPushButton] = {}
        for group, (word, _) in GROUPS.items():
            button = head_button(
                t(word), t("Only these; none pressed = all"), self, checkable=True, is_narrow=True
            )
            button.clicked.connect(self._take_groups)
            self.groups[group] = button
        self.actor = QComboBox(self)
        self.actor.setMinimumHeight(theme.size.target)
        self.actor.setMinimumWidth(130)
        self.actor.setAccessibleName(t("Who"))
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(t("Any word, or #123 for an entry"))
        self.field.setAccessibleName(t("Only entries with these words"))
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(LONGEST_TEXT)
        self.field.setMinimumWidth(120)
        self.clear = head_button(t("Clear"), t("Let all through again"), self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        first, second = QHBoxLayout(), QHBoxLayout()
        for part in self.groups.values():
            first.addWidget(part)
        self.book = QComboBox(self)
        self.book.setMinimumHeight(theme.size.target)
        self.book.setAccessibleName(t("Which ledger"))
        self.book.hide()
        first.addStretch(1)
        first.addWidget(self.span)
        second.addWidget(self.book)
        second.addWidget(self.actor)
        second.addWidget(self.field, 1)
        second.addWidget(self.news)
        second.addWidget(self.clear)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        for row in (first, second):
            row.setSpacing(6)
            box.addLayout(row)
        self._typing.timeout.connect(self._take_text)
        self.field.textChanged.connect(lambda _: self._typing.start())
        self.field.returnPressed.connect(self._take_text)
        self.span.chosen.connect(self._pick_span)
        self.book.activated.connect(lambda _: self._change(ended=str(self.book.currentData() or "")))
        self.actor.activated.connect(lambda _: self._change(actor=str(self.actor.currentData() or "")))
        self.clear.clicked.connect(lambda: self.narrow())
        self.show_people({})
        self.clear.setEnabled(False)

    def show_people(self, people: dict[str, str]) -> None:
        """Whom to choose from: full names by login name, and the engine."""
        offered = {"": t("Anybody"), **people, "engine": t("The engine")}
        if self.wanted.actor and self.wanted.actor not in offered:
            offered[self.wanted.actor] = self.wanted.actor
        if [self.actor.itemData(at) for at in range(self.actor.count())] == list(offered):
            return
        self.actor.clear()
        for name, words in offered.items():
            self.actor.addItem(words, name)
        self.actor.setCurrentIndex(max(0, self.actor.findData(self.wanted.actor)))

    def show_books(self, ended: tuple[EndedLedger, ...], locale: str, zone: str) -> None:
        """Which ledgers there are besides the one that is written now."""
        offered = {"": t("The ledger of now")}
        offered |= {each.name: ledger.ended_words(each, locale, zone) for each in ended}
        self.book.setVisible(len(offered) > 1)
        if [self.book.itemData(at) for at in range(self.book.count())] == list(offered):
            return
        self.book.clear()
        for name, words in offered.items():
            self.book.addItem(words, name)
        self.book.setCurrentIndex(max(0, self.book.findData(self.wanted.ended)))

    def narrow(self, **changes: Any) -> None:
        """Let only this through, and all else as at first; of the same ledger."""
        self.wanted = Wanted(**{"ended": self.wanted.ended, **changes})
        self._typing.stop()
        self.field.blockSignals(True)
        self.field.setText(self.wanted.text)
        self.field.blockSignals(False)
        self.span.pick(self.wanted.span)
        self.book.setCurrentIndex(max(0, self.book.findData(self.wanted.ended)))
        self.actor.setCurrentIndex(max(0, self.actor.findData(self.wanted.actor)))
        for group, button in self.groups.items():
            button.setChecked(group in self.wanted.groups)
        self._tell()

    def show_news(self, words: str) -> None:
        """What waits to be put in, "" = nothing."""
        self.news.setText(words)
        self.news.setVisible(bool(words))

    def _take_text(self) -> None:
        self._typing.stop()
        self._change(text=" ".join(self.field.text().split()))

    def _pick_span(self, name: str) -> None:
        if name == "own":
            self.span.pick(self.wanted.span)  # the old span is on show until a time is agreed
            self.timed.emit()
        else:
            self._change(span=name, start_us=0, end_us=0)

    def ask_time(self, now_us: int, zone: str) -> None:
        """Ask for a time of a person's own, beginning with the one on show."""
        start_us, end_us = ledger.span_us(self.wanted, now_us)
        end_us = end_us or now_us
        self.times.ask((start_us or end_us - ledger.LENGTH_US["24h"], end_us), zone)

    def _take_time(self, start_us: int, end_us: int) -> None:
        self.span.pick("own")
        self._change(span="own", start_us=start_us, end_us=end_us)

    def _take_groups(self) -> None:
        self._change(groups=tuple(group for group, button in self.groups.items() if button.isChecked()))

    def _change(self, **changes: Any) -> None:
        wanted = msgspec.structs.replace(self.wanted, **changes)
        if wanted != self.wanted:
            self.wanted = wanted
            self._tell()

    def _tell(self) -> None:
        self.clear.setEnabled(ledger.is_filtered(self.wanted))
        self.changed.emit()
