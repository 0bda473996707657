"""Comparing two periods as widgets: the question which one, and the legend that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from hmi.displays.trends import compare_state as comparing
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.sheet import Sheet
from hmi.widgets.trend_beside import BesideSample
from hmi.widgets.trend_head import head_button

SHEET_PX, MOST_ALIGNERS = 680, 4
HOUR_US = 3_600_000_000
_STEPS = (("\u22121 d", -24, "A day earlier"), ("\u22121 h", -1, "An hour earlier"),
          ("+1 h", 1, "An hour later"), ("+1 d", 24, "A day later"))  # fmt: skip


class CompareBar(QFrame):
    """Which line is of when; one button ends it."""

    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._samples = BesideSample(theme, False, self), BesideSample(theme, True, self)
        self.here, self.there = ShortWords(theme, step="small", bold=True), ShortWords(theme, step="small")
        self.stop = head_button(t("Stop comparing"), t("Draw the other period no more"), self, is_narrow=True)
        self.stop.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 0)
        row.setSpacing(8)
        for sample, words in zip(self._samples, (self.here, self.there), strict=True):
            row.addWidget(sample)
            row.addWidget(words, 1)
            row.addSpacing(10)
        row.addWidget(self.stop)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for words in (self.here, self.there):
            words.set_theme(theme)
        for sample in self._samples:
            sample.theme = theme
            sample.update()

    def show_legend(self, legend: tuple[str, str]) -> None:
        """When both periods are, in words."""
        self.here.show_text(legend[0])
        self.there.show_text(legend[1])
        self.setAccessibleName(t("Solid: {here}. Dashed: {there}.", here=legend[0], there=legend[1]))
        self.show()


class CompareSheet(Sheet):
    """Asks for the other period."""

    days = Signal(int)
    started = Signal(str)
    """A start was typed or stepped to."""
    stepped = Signal(object)
    """A start so many microseconds later is wanted."""
    aligned = Signal(int)
    """The run before, by the rising edge of the pen with this live position."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Compare with another period"), SHEET_PX, parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(14)
        self._grid.setColumnStretch(6, 1)
        self.body.addLayout(self._grid)
        self.said = Words(theme, "", "small")
        self.said.setWordWrap(True)
        self.body.addWidget(self.said)
        self._add_days(theme)
        self._add_start(theme)
        self._grid.addWidget(Words(theme, t("The run before")), 2, 0)
        self.aligners: list[QPushButton] = []
        self._teach = Words(theme, "", "small", look="muted")
        self._teach.setWordWrap(True)
        self._teach.setMinimumHeight(36)
        self.body.insertWidget(1, self._teach)
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._grid.addLayout(self._row, 2, 1, 1, 6)

    def _add_days(self, theme: Theme) -> None:
        self._grid.addWidget(Words(theme, t("Same time")), 0, 0)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.of_days: dict[int, QPushButton] = {}
        for days, word in ((1, t("Yesterday")), (7, t("A week ago"))):
            button = self.of_days[days] = head_button(word, t("The same time of day"), self)
            button.clicked.connect(lambda _=False, days=days: self.days.emit(days))
            row.addWidget(button)
        row.addStretch(1)
        self._grid.addLayout(row, 0, 1, 1, 6)

    def _add_start(self, theme: Theme) -> None:
        self._grid.addWidget(Words(theme, t("From")), 1, 0)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(t("Start of the other period: year-month-day hours:minutes"))
        self.field.setMinimumWidth(190)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.steps: list[QPushButton] = []
        for place, (word, hours, told) in enumerate(_STEPS):
            button = head_button(word, t(told), self, is_narrow=True)
            button.clicked.connect(lambda _=False, hours=hours: self.stepped.emit(hours * HOUR_US))
            self.steps.append(button)
            if place == 2:
                row.addWidget(self.field, 1)
            row.addWidget(button)
        self.draw = head_button(t("Compare"), t("Draw the period that begins then"), self)
        row.addWidget(self.draw)
        self._grid.addLayout(row, 1, 1, 1, 6)
        self.draw.clicked.connect(lambda: self.started.emit(self.field.text()))
        self.field.returnPressed.connect(self.draw.click)

    def ask(self, start_us: int, zone: str, pens: Sequence[Pen]) -> None:
        """Open, the start of the other period at this time at first; runs by the switches among the pens."""
        self.field.setText(comparing.typed(start_us, zone))
        for button in self.aligners:
            button.deleteLater()
        while self._row.takeAt(0) is not None:
            pass
        self.aligners = []
        for pen in comparing.aligners(pens)[:MOST_ALIGNERS]:
            button = head_button(
                pen.name, t("Lay the last two times over each other at which it began"), self
            )
            button.clicked.connect(lambda _=False, at=pen.index: self.aligned.emit(at))
            self.aligners.append(button)
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._teach.show_text(
            t("The beginning of its last two runs is laid at the same place.")
            if self.aligners
            else t(
                "Draw a switch or a state that tells when a run begins, such as a cycle or a mode. "
                "Then two runs can be laid over each other at its rising edge."
            )
        )
        self.say("")
        self.open()
        self.of_days[1].setFocus()

    def say(self, words: str) -> None:
        """Why it cannot be drawn; "" = nothing to say."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))
        if self.isVisible():
            self.place()
