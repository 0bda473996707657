"""A bundle for a stranger, and words that go on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QWidget

from hmi.displays.system.ledger import state as ledger
from hmi.formats import sentence, t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.progress import Progress
from hmi.widgets.sheet import Sheet

SHEET_PX = 720
LAST_LINE_PX = 4
"""A text that can be selected is a little higher than Qt says."""


def ask_file(page: QWidget, title: str, name: str, kind: str, then: Callable[[Path], None]) -> None:
    """Where a file is to be; nothing waits."""
    suffix = name.rpartition(".")[2]
    asking = QFileDialog(page, title, str(Path.home() / name), kind)
    asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Our own look: a native one would be white at night.
    asking.setOption(QFileDialog.Option.DontUseNativeDialog)
    asking.setDefaultSuffix(suffix)
    asking.fileSelected.connect(lambda chosen: then(Path(chosen)))
    asking.finished.connect(asking.deleteLater)
    asking.open()


class BundleSheet(Sheet):
    """``wanted`` = save it; ``stopped`` = not any more."""

    wanted = Signal()
    stopped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Export a bundle"), SHEET_PX, parent)
        self.what = Words(theme, ledger.stranger_words(), "body")
        self.what.setWordWrap(True)
        self.what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.what.setContentsMargins(0, 0, 0, LAST_LINE_PX)
        self.part = QCheckBox(self)
        self.said = Words(theme, step="body", bold=True)
        self.said.setWordWrap(True)
        self.path = ShortWords(theme, step="small", bold=True)
        self.progress = Progress(theme, self)
        for part in (self.what, self.part, self.said, self.path, self.progress):
            self.body.addWidget(part)
        self.save = QPushButton(t("Save as…"), self)
        self.foot.addWidget(self.save)
        self.save.clicked.connect(self.wanted)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        super().set_theme(theme)
        self.progress.set_theme(theme)

    def ask(self, span: str) -> None:
        """Open; ``span`` = the time on show, "" = all of it is."""
        self.part.setText(t("Only the entries from {span}, each with its proof", span=span))
        self.part.setChecked(bool(span))
        self.part.setVisible(bool(span))
        self.show_work(None)
        self.say("")
        self.open()
        self.save.setFocus()

    def say(self, words: str, path: str = "") -> None:
        """What became of it; ``path`` = where it is."""
        for label, text in ((self.said, words), (self.path, path)):
            label.show_text(text)
            label.setVisible(bool(text))
        if self.isVisible():
            self.place()

    def show_work(self, part: float | None, is_done: bool = False) -> None:
        """How far it is; None = nothing is written now."""
        is_busy = part is not None
        self.progress.setVisible(is_busy)
        self.progress.show_part(part or 0.0)
        self.save.setEnabled(not is_busy)
        self.part.setEnabled(not is_busy)
        self.cancel.setText(t("Stop") if is_busy else t("Close") if is_done else t("Cancel"))
        if self.isVisible():
            self.place()

    def leave(self) -> None:
        """Back to the ledger; while it is written the first press stops that."""
        if self.progress.isVisible():
            self.stopped.emit()
        else:
            super().leave()


class ReasonSheet(Sheet):
    """Why something about the ledger itself is done: it goes on record."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", SHEET_PX, parent)
        self._do: Callable[[str], None] = lambda _: None
        self.said, self.trouble = Words(theme, step="body"), Words(theme, step="body", bold=True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(500)
        self.field.setPlaceholderText(t("Why: it goes on record"))
        self.field.setAccessibleName(t("Why: it goes on record"))
        for label in (self.said, self.trouble):
            label.setWordWrap(True)
        for part in (self.said, self.field, self.trouble):
            self.body.addWidget(part)
        self.button = QPushButton(self)
        self.foot.addWidget(self.button)
        self.field.textChanged.connect(self._check)
        self.button.clicked.connect(self._agree)

    def ask(self, title: str, said: str, act: str, do: Callable[[str], None]) -> None:
        """Open; ``do`` gets the reason."""
        self._do = do
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.said.show_text(said)
        self.button.setText(act)
        self.field.clear()
        self.refuse("")
        self.open()
        self.field.setFocus()

    def refuse(self, why: str) -> None:
        """It was not done, and why."""
        self.trouble.show_text(sentence(why))
        self.trouble.setVisible(bool(why))
        self._check()
        if self.isVisible():
            self.place()

    def _check(self) -> None:
        self.button.setEnabled(bool(self.field.text().strip()))

    def _agree(self) -> None:
        self.button.setEnabled(False)
        self._do(" ".join(self.field.text().split()))
