"""Asks what of a trend is to be written, printed or drawn, and says how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from hmi.displays.trends import compare_state, export_state
from hmi.displays.trends.export_state import FORMATS, PICTURES, STEPS
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.choice import TITLE_PX, Choice
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.progress import Progress
from hmi.widgets.sheet import Sheet
from hmi.widgets.trend_selection import Stretch

SHEET_PX = 700


class ExportSheet(Sheet):
    """``wanted`` = save a file of what is chosen; ``printed`` = print the picture."""

    wanted = Signal()
    printed = Signal()
    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Export"), SHEET_PX, parent)
        self._spans: dict[str, Stretch] = {}
        self._zone = "UTC"
        self.format = self._choice("Format", [(key, word, t(told)) for key, word, told in FORMATS])
        self.span = self._choice(
            "Time",
            [
                ("window", t("Window"), t("What the trend shows")),
                ("selection", t("Selection"), t("The stretch that is marked")),
                ("history", t("All history"), t("As far back as the history reaches")),
            ],
        )
        self.start, self.end = QLineEdit(self), QLineEdit(self)
        self.start.setAccessibleName(t("Start: year-month-day hours:minutes"))
        self.end.setAccessibleName(t("End: year-month-day hours:minutes"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addSpacing(TITLE_PX + 6)
        row.addWidget(self.start, 1)
        row.addWidget(Words(theme, t("to")))
        row.addWidget(self.end, 1)
        self.body.addLayout(row)
        self.pens = self._choice(
            "Pens",
            [("all", t("All pens"), t("Every pen that is drawn")), ("one", t("Pen"), t("This pen alone"))],
        )
        self.step = self._choice("Rows", [(key, t(word), t("How fine it is")) for key, word, _ in STEPS])
        self.said = Words(theme, "", "small", look="muted")
        self.said.setWordWrap(True)
        self.path = ShortWords(theme, step="small", bold=True)
        self.progress = Progress(theme, self)
        for part in (self.said, self.path, self.progress):
            self.body.addWidget(part)
        self.print_button = QPushButton(t("Print…"), self)
        self.save = QPushButton(t("Save as…"), self)
        self.foot.addWidget(self.print_button)
        self.foot.addWidget(self.save)
        self.format.chosen.connect(self._show_format)
        self.span.chosen.connect(self._show_span)
        self.print_button.clicked.connect(self.printed)
        self.save.clicked.connect(self.wanted)

    def _choice(self, title: str, options: Sequence[tuple[str, str, str]]) -> Choice:
        made = Choice(Words(self.theme, t(title)), options, self)
        self.body.addWidget(made)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        super().set_theme(theme)
        self.progress.set_theme(theme)

    def ask(
        self, spans: dict[str, Stretch], zone: str, pens: Sequence[Pen], chosen: Pen | None, key: str
    ) -> None:
        """Open. ``spans`` = the stretches that can be chosen, ``key`` the one that is at first."""
        self._spans, self._zone = spans, zone
        for each in self.span.buttons:
            self.span.buttons[each].setEnabled(each in spans)
        self.span.pick(key)
        self.pens.buttons["all"].setText(t("All {n} pens", n=len(pens)))
        self.pens.buttons["one"].setText(chosen.name if chosen is not None else "")
        self.pens.buttons["one"].setVisible(chosen is not None and len(pens) > 1)
        self.pens.pick("all")
        self._show_span(key)
        self.show_work(None)
        self._show_format(self.format.picked)
        self.open()
        self.save.setFocus()

    def _show_span(self, key: str) -> None:
        first, last = self._spans[key]
        self.start.setText(compare_state.typed(first, self._zone))
        self.end.setText(compare_state.typed(last, self._zone))

    def _show_format(self, key: str) -> None:
        is_picture = key in PICTURES
        for part in (self.span, self.pens, self.step, self.start, self.end):
            part.setEnabled(not is_picture)
        self.say(
            t("A page with the window as it is drawn, its legend, its axes and the plant, black on white.")
            if is_picture
            else t("One row a sample: tag, times in UTC, value, unit and quality. Text is never a formula.")
        )

    def stretch(self) -> Stretch | str:
        """The stretch that is chosen, or what is wrong with it."""
        key = self.span.picked
        first, last = self._spans[key]
        typed = compare_state.typed(first, self._zone), compare_state.typed(last, self._zone)
        if (self.start.text(), self.end.text()) == typed:
            return first, last
        return export_state.stretch(self.start.text(), self.end.text(), self._zone)

    def say(self, words: str, path: str = "") -> None:
        """What will be, what is wrong, or what became of it; ``path`` = where it is."""
        self.said.show_text(words)
        self.path.show_text(path)
        self.path.setVisible(bool(path))
        if self.isVisible():
            self.place()

    def show_work(self, part: float | None, is_done: bool = False) -> None:
        """How far the file is; None = nothing is written now."""
        is_busy = part is not None
        self.progress.setVisible(is_busy)
        self.progress.show_part(part or 0.0)
        is_picture = self.format.picked in PICTURES
        for each in (self.save, self.print_button, self.format):
            each.setEnabled(not is_busy)
        for each in (self.span, self.pens, self.step, self.start, self.end):
            each.setEnabled(not is_busy and not is_picture)
        self.cancel.setText(t("Stop") if is_busy else t("Close") if is_done else t("Cancel"))
        if self.isVisible():
            self.place()

    def leave(self) -> None:
        """Back to the trend; while a file is written the first press stops that."""
        if self.progress.isVisible():
            self.stopped.emit()
        else:
            super().leave()
