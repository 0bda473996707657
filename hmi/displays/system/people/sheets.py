"""Questions of the People page: what is about to change, words of a review, a secret that is told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QTextBrowser, QWidget

from hmi.formats import sentence, t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

WIDE_PX, NARROW_PX, LIST_PX = 880, 620, 300
FORGET_MS = 60_000
"""So long a secret that was copied stays in the clipboard."""
Do = Callable[[], None]


class AskSheet(Sheet):
    """A question with an act of its own beside Cancel; what was refused is said in it, and tried again."""

    def __init__(self, theme: Theme, title: str, act: str, width_px: int, parent: QWidget) -> None:
        super().__init__(theme, title, width_px, parent)
        self.said = Words(theme, step="body")
        self.trouble = Words(theme, step="body", bold=True)
        for words in (self.said, self.trouble):
            words.setWordWrap(True)
            words.hide()
        self.button = QPushButton(act, self)
        self.foot.addWidget(self.button)
        self.is_busy = False

    def say(self, words: str) -> None:
        """What this is about."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))

    def show_trouble(self, words: str) -> None:
        """Why it was not done."""
        self.trouble.show_text("\n".join(sentence(line) for line in words.splitlines() if line))
        self.trouble.setVisible(bool(words))
        self.show_work(False)

    def show_work(self, is_busy: bool) -> None:
        """True: it is asked for, and the answer is awaited."""
        self.is_busy = is_busy
        self.check()
        if self.isVisible():
            self.place()

    def check(self) -> None:
        """Whether it can be done now."""
        self.button.setEnabled(not self.is_busy)


class ChangesSheet(AskSheet):
    """A plain list of what will be, and whether to do it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Apply"), t("Apply"), WIDE_PX, parent)
        self._do: Do = lambda: None
        self.list = QTextBrowser(self)
        self.list.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.list.document().setDocumentMargin(0)
        for part in (self.said, self.list, self.trouble):
            self.body.addWidget(part)
        self.button.clicked.connect(lambda: self._do())

    def ask(self, title: str, said: str, lines: Sequence[str], act: str, do: Do) -> None:
        """Open. ``lines`` = what will be, ``act`` = the word of the button, "" = there is nothing to do."""
        self._do = do
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.say(said)
        self.list.setPlainText("\n".join(lines))
        self.list.setAccessibleName(title)
        self.list.setVisible(bool(lines))
        high = self.list.fontMetrics().lineSpacing() * min(len(lines) * 2, 40) + 16
        self.list.setFixedHeight(min(LIST_PX, max(48, high)))
        self.button.setText(act)
        self.button.setVisible(bool(act))
        self.cancel.setText(t("Cancel") if act else t("Close"))
        self.show_trouble("")
        self.open()
        (self.button if act else self.cancel).setFocus()


class TextSheet(AskSheet):
    """One line that goes on record, of at least so many letters."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", "", NARROW_PX, parent)
        self._do: Callable[[str], None] = lambda _: None
        self._least = 1
        self.field = QLineEdit(self)
        self.field.setMaxLength(500)
        for part in (self.said, self.field, self.trouble):
            self.body.addWidget(part)
        self.field.textChanged.connect(self.check)
        self.field.returnPressed.connect(self._agree)
        self.button.clicked.connect(self._agree)

    def ask(
        self, title: str, said: str, asked: str, act: str, do: Callable[[str], None], least: int = 1
    ) -> None:
        """Open; ``asked`` = what is to be typed."""
        self._do, self._least = do, least
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.say(said)
        self.field.clear()
        self.field.setPlaceholderText(asked)
        self.field.setAccessibleName(asked)
        self.button.setText(act)
        self.show_trouble("")
        self.open()
        self.field.setFocus()

    def check(self) -> None:
        """There are words enough."""
        text = " ".join(self.field.text().split())
        self.button.setEnabled(not self.is_busy and len(text) >= self._least)

    def _agree(self) -> None:
        if self.button.isEnabled():
            self.show_work(True)
            self._do(" ".join(self.field.text().split()))


class OnceSheet(Sheet):
    """A secret that is told once: it is gone when the sheet closes."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "", NARROW_PX, parent)
        self._heading = ""
        self.said, self.after = Words(theme, step="body"), Words(theme, step="small", look="muted")
        self.secret = Words(theme, step="title", bold=True)
        for words in (self.said, self.secret, self.after):
            words.setWordWrap(True)
            self.body.addWidget(words)
        self.secret.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.secret.setMargin(10)
        self.secret.setProperty("look", "badge")
        self.cancel.setText(t("I have kept it"))
        self.copy, self.print_button = QPushButton(t("Copy"), self), QPushButton(t("Print…"), self)
        for button in (self.copy, self.print_button):
            self.foot.addWidget(button)
        self.copy.clicked.connect(self._copy)
        self.print_button.clicked.connect(self._ask_printer)

    def show_once(self, title: str, said: str, secret: str, after: str) -> None:
        """Open with a secret; ``said`` what it is for, ``after`` what to do with it."""
        self._heading = f"{title}\n{said}"
        self.title.show_text(title)
        self.setAccessibleName(title)
        self.said.show_text(said)
        self.secret.show_text(secret)
        self.after.show_text(after)
        self.copy.setText(t("Copy"))
        self.open()
        self.print_button.setFocus()

    def leave(self) -> None:
        """Forget it."""
        super().leave()
        self.secret.show_text("")

    def _copy(self) -> None:
        board, secret = QGuiApplication.clipboard(), self.secret.text()
        board.setText(secret)
        self.copy.setText(t("Copied for a minute"))

        def forget() -> None:
            if board.text() == secret:
                board.clear()

        QTimer.singleShot(FORGET_MS, board, forget)

    def _ask_printer(self) -> None:
        to = QPrinter(QPrinter.PrinterMode.HighResolution)
        asking = QPrintDialog(to, self)
        asking.accepted.connect(lambda: self.print_to(to))
        asking.finished.connect(asking.deleteLater)
        QDialog.open(asking)  # that of QPrintDialog wants a receiver

    def print_to(self, to: QPrinter) -> None:
        """What stands in the sheet, on paper."""
        document = QTextDocument()
        document.setPlainText(f"{self._heading}\n\n{self.secret.text()}\n\n{self.after.text()}")
        document.print_(to)
