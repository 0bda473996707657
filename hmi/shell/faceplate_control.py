"""At the value on a faceplate: Change…, why not, what is being written, what came of it, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Write
from hmi import control_words as words
from hmi.control_desk import ControlDesk
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.quality_mark import QualityMark

COUNT_MS = 15_000


class ValueControl(QWidget):
    """For one tag with a rule. ``change`` stands beside the value; this widget is the line below it.

    ``wanted`` = Change… was pressed; ``undo`` and ``resolve`` = of this write. Nothing is drawn where the tag
    has no rule or the project is at the stage Look.
    """

    wanted = Signal(str)
    undo = Signal(object)
    resolve = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk: ControlDesk | None = None
        self._path = ""
        self._write: Write | None = None
        self.change = QPushButton(t("Change\u2026"), parent)
        self.mark = QualityMark(theme, self)
        self.said = Words(theme, step="body", bold=True)
        self.why = Words(theme, step="small", look="muted")
        self.undo_button, self.resolve_button = QPushButton(self), QPushButton(t("Resolve\u2026"), self)
        for part in (self.said, self.why):
            part.setWordWrap(True)
        row, acts, box = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        for each in (row, acts, box):
            each.setContentsMargins(0, 0, 0, 0)
            each.setSpacing(6)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.said, 1)
        for button in (self.undo_button, self.resolve_button):
            acts.addWidget(button)
        acts.addStretch(1)
        box.addWidget(self.why)
        box.addLayout(row)
        box.addLayout(acts)
        self.change.clicked.connect(lambda: self.wanted.emit(self._path))
        self.undo_button.clicked.connect(lambda: self.undo.emit(self._write))
        self.resolve_button.clicked.connect(lambda: self.resolve.emit(self._write))
        self._count = QTimer(self)
        self._count.setInterval(COUNT_MS)
        self._count.timeout.connect(self.show_state)
        self._clear()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.mark, self.said, self.why):
            part.set_theme(theme)

    def show_tag(self, desk: ControlDesk, path: str) -> None:
        """For another tag, "" = none that may be written; and whenever something changed."""
        self._desk, self._path = desk, path
        self.show_state()

    def show_state(self) -> None:
        """How it stands now."""
        desk = self._desk
        if desk is None or not self._path or desk.rule(self._path) is None:
            self._clear()
            return
        self._write = desk.book.write_of(self._path)
        refusal, said = desk.refusal(self._path), desk.said(self._path)
        self.change.setVisible(desk.is_drawn)
        self.change.setEnabled(not refusal)
        name = self._path.rpartition("/")[2]
        self.change.setAccessibleName(t("Change {name}", name=name))
        self.change.setAccessibleDescription(refusal)
        # What stands at the value says it already.
        is_said = said.mark in ("unknown", "pending")
        self._show_line(self.why, refusal if desk.is_drawn and not is_said else "")
        self._show_line(self.said, said.text)
        self.said.set_look("" if said.mark in ("unknown", "refused") else "muted")
        self.mark.show_look("uncertain" if said.mark == "unknown" else "bad")
        self.mark.setVisible(said.mark in ("unknown", "refused"))
        self._show_acts(desk)
        self.setVisible(bool(self.why.text() or said.text))

    def _show_acts(self, desk: ControlDesk) -> None:
        write = self._write
        can_resolve = write is not None and write.is_locked and desk.is_drawn
        self.resolve_button.setVisible(can_resolve)
        self.resolve_button.setEnabled(not desk.refusal_to_resolve(write))
        left = words.undo_left(write, desk.now_us()) if desk.is_drawn else 0
        self.undo_button.setVisible(left > 0)
        if left > 0 and self.isVisible():
            self._count.start()  # the minutes left
        else:
            self._count.stop()
        if write is not None and left and write.old is not None:
            tag = desk.model.tags[desk.model.index[self._path]]
            old = words.amount(tag, write.old, desk.model.plant)
            self.undo_button.setText(t("Back to {old} ({n} min left)\u2026", old=old, n=left))
            self.undo_button.setEnabled(not desk.refusal(self._path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._count.stop()

    @staticmethod
    def _show_line(part: Words, text: str) -> None:
        part.show_text(text)
        part.setVisible(bool(text))

    def _clear(self) -> None:
        self._write = None
        for part in (self.change, self.mark, self.said, self.why, self.undo_button, self.resolve_button):
            part.hide()
        self.said.show_text("")
        self.why.show_text("")
        self.hide()
