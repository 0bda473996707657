"""The top of a source's page: its state in a sentence, what is wrong, what to do, and what to know."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import SourceStatus
from hmi.displays.system import state as system
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, panel
from hmi.widgets.state_mark import StateMark

SIDE_BY_SIDE_PX = 760


class Block(QFrame):
    """A small heading and sentences under it, in a frame."""

    def __init__(self, theme: Theme, heading: str, look: str, bold: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", look)
        self.heading = Words(theme, heading, "small", "muted")
        self.words = Words(theme, step="body", bold=bold)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 12)
        box.setSpacing(6)
        box.addWidget(self.heading)
        box.addWidget(self.words)
        box.addStretch(1)
        box.addLayout(self.buttons)


class Head(QFrame):
    """Headline, trouble and the buttons that end it."""

    retry = Signal()
    show_certificate = Signal()
    password = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._name = ShortWords(theme, step="title", bold=True)
        self._address = ShortWords(theme, step="small", look="muted")
        self._mark = StateMark(theme, self)
        self.headline = Words(theme, step="body", bold=True)
        self.headline.setWordWrap(True)
        self.said = Words(theme, step="small")
        self.said.setWordWrap(True)
        self.what = Block(theme, t("What is wrong"), "block", True, self)
        self.do = Block(theme, t("What to do"), "to do", False, self)
        self.retry_button = QPushButton(t("Try now"), self)
        self.retry_button.setToolTip(t("Do not wait: connect to this source at once"))
        self.retry_button.clicked.connect(self.retry)
        self.certificate_button = QPushButton(t("Show the certificate"), self)
        self.certificate_button.setToolTip(t("Go to the certificate the server showed"))
        self.certificate_button.clicked.connect(self.show_certificate)
        self.password_button = QPushButton(t("Password…"), self)
        self.password_button.setToolTip(t("Set the password of the user that we log in as"))
        self.password_button.clicked.connect(self.password)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._name)
        top.addWidget(self._address, 1, Qt.AlignmentFlag.AlignBottom)
        state = QHBoxLayout()
        state.setSpacing(8)
        state.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self.headline, 1)
        self._blocks = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._blocks.setSpacing(12)
        self._blocks.addWidget(self.what, 1)
        self._blocks.addWidget(self.do, 1)
        for button in (self.password_button, self.certificate_button, self.retry_button):
            self.do.buttons.addWidget(button)
        self.do.buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 14)
        box.setSpacing(8)
        box.addLayout(top)
        box.addLayout(state)
        box.addWidget(self.said)
        box.addLayout(self._blocks)

    def set_width(self, width: int) -> None:
        """Blocks stand side by side where there is room."""
        directions = QBoxLayout.Direction
        is_wide = width >= SIDE_BY_SIDE_PX
        self._blocks.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)

    def show_source(
        self, source: SourceStatus, is_stalled: bool, has_rejected: bool, wants_password: bool
    ) -> None:
        """The state of a link in words."""
        self._name.show_text(source.id)
        self._address.show_text(f"{source.driver} · {source.endpoint}")
        self._mark.show_state(system.page_mark(source, is_stalled))
        self.headline.show_text(system.headline(source, is_stalled))
        found = system.trouble(source)
        for block in (self.what, self.do):
            block.setVisible(found is not None)
        if found is not None:
            self.what.words.show_text(found.what)
            self.do.words.show_text(found.do or t("Nothing for now: the engine keeps trying by itself."))
        self.retry_button.setVisible(system.can_retry(source, False))
        self.retry_button.setEnabled(not is_stalled)
        self.certificate_button.setVisible(has_rejected and source.state != "connected")
        self.password_button.setVisible(wants_password and source.state != "connected")
        self.password_button.setEnabled(not is_stalled)

    def say(self, words: str) -> None:
        """What came of the last act; empty = nothing to say."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))


class NotesPanel(QFrame):
    """What a person should know about a link besides its state."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.theme = theme
        self._shown: tuple[system.Note, ...] = ()
        self._lines: list[QWidget] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(16, 10, 16, 14)
        self._box.setSpacing(10)
        self._box.addWidget(Words(theme, t("Worth knowing"), "body", bold=True))
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What the panel says, line by line."""
        return [words.text() for line in self._lines for words in line.findChildren(Words)]

    def show_notes(self, notes: Sequence[system.Note]) -> None:
        """Bring the notes up to date; without any the panel is not there."""
        if tuple(notes) == self._shown:
            return
        self._shown = tuple(notes)
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = [self._line(note) for note in notes]
        for line in self._lines:
            self._box.addWidget(line)
        self.setVisible(bool(notes))

    def _line(self, note: system.Note) -> QWidget:
        line = panel("list", self)
        box = QVBoxLayout(line)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(12)
        what = Words(self.theme, note.what, "body", parent=line)
        what.setWordWrap(True)
        top.addWidget(what, 1)
        top.addWidget(
            Words(self.theme, note.since, "small", "muted", parent=line), 0, Qt.AlignmentFlag.AlignTop
        )
        box.addLayout(top)
        if note.do:
            do = Words(self.theme, note.do, "small", "muted", parent=line)
            do.setWordWrap(True)
            box.addWidget(do)
        return line
