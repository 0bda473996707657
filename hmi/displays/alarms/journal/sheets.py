"""What the journal asks a person: a time of their own, and what is to be exported."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.progress import Progress
from hmi.widgets.sheet import Sheet

EXPORT_PX = 660
MOST_ON_PAPER = 20_000
FORMATS: tuple[tuple[str, str, str], ...] = (
    ("csv", "CSV", "A table that every spreadsheet reads"),
    ("parquet", "Parquet", "A compact table for analysis"),
    ("json", "JSON", "A line for each change, for other programs"),
    ("pdf", "PDF", "Pages to read, sign and keep"),
)


class ExportSheet(Sheet):
    """``wanted`` = save it as chosen in ``format``; ``stopped`` = not any more."""

    wanted = Signal()
    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Export the journal"), EXPORT_PX, parent)
        self.what = Words(theme, step="body")
        self.what.setWordWrap(True)
        options = [(key, word, t(told)) for key, word, told in FORMATS]
        self.format = Choice(Words(theme, t("Format")), options, self)
        self.said = Words(theme, "", "small", look="muted")
        self.said.setWordWrap(True)
        self.path = ShortWords(theme, step="small", bold=True)
        self.progress = Progress(theme, self)
        for part in (self.what, self.format, self.said, self.path, self.progress):
            self.body.addWidget(part)
        self.save = QPushButton(t("Save as…"), self)
        self.foot.addWidget(self.save)
        self.format.chosen.connect(lambda _: self._explain())
        self.save.clicked.connect(self.wanted)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        super().set_theme(theme)
        self.progress.set_theme(theme)

    def ask(self, what: str) -> None:
        """Open; ``what`` = what goes out, in words."""
        self.what.show_text(what)
        self.show_work(None)
        self._explain()
        self.open()
        self.save.setFocus()

    def _explain(self) -> None:
        most = f"{MOST_ON_PAPER:,}".replace(",", "\u202f")
        self.say(
            t("At most the newest {n} changes go on paper; the tables hold all of them.", n=most)
            if self.format.picked == "pdf"
            else t("All changes that the filter lets through, one a row, times in UTC, the newest first.")
        )

    def say(self, words: str, path: str = "") -> None:
        """What will be, what is wrong, or what became of it; ``path`` = where it is."""
        self.said.show_text(words)
        self.path.show_text(path)
        self.path.setVisible(bool(path))
        if self.isVisible():
            self.place()

    def show_work(self, part: float | None, is_done: bool = False) -> None:
        """How far it is; None = nothing is written now."""
        is_busy = part is not None
        self.progress.setVisible(is_busy)
        self.progress.show_part(part or 0.0)
        self.save.setEnabled(not is_busy)
        self.format.setEnabled(not is_busy)
        self.cancel.setText(t("Stop") if is_busy else t("Close") if is_done else t("Cancel"))
        if self.isVisible():
            self.place()

    def leave(self) -> None:
        """Back to the journal; while it is written the first press stops that."""
        if self.progress.isVisible():
            self.stopped.emit()
        else:
            super().leave()
