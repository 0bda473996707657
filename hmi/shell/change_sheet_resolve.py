"""A person says what became of a write whose outcome nobody knows: it was done, or it was not."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.types import Write
from hmi import control_words as words
from hmi import formats
from hmi.control_desk import ControlDesk
from hmi.formats import sentence, t
from hmi.shell.change_state import where_of
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 640
TOLD = (
    "The device did not say whether it took this write. Go and look, then say here what you saw. "
    "Nothing is sent by this: it takes the lock away, under your name."
)


class ResolveSheet(Sheet):
    """Neither answer is chosen beforehand, and a note says how it is known."""

    def __init__(self, theme: Theme, desk: ControlDesk, parent: QWidget) -> None:
        super().__init__(theme, t("Resolve an unknown write"), SHEET_PX, parent)
        self._desk = desk
        self._write: Write | None = None
        self._is_sent = False
        self.what = Words(theme, step="body", bold=True)
        self.told = Words(theme, t(TOLD), "body")
        self.done, self.not_done = (
            QPushButton(t("It was done"), self),
            QPushButton(t("It was not done"), self),
        )
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(10)
        for button in (self.done, self.not_done):
            button.setCheckable(True)
            self._group.addButton(button)
            row.addWidget(button, 1)
            button.clicked.connect(self._show)
        self.note = QLineEdit(self)
        self.note.setMaxLength(400)
        self.note.setPlaceholderText(t("How do you know? (required)"))
        self.note.setAccessibleName(t("How do you know?"))
        self.said = Words(theme, step="body", bold=True)
        self.button = QPushButton(t("Resolve"), self)
        for part in (self.what, self.told, self.said):
            part.setWordWrap(True)
        for part in (self.what, self.told):
            self.body.addWidget(part)
        self.body.addLayout(row)
        for part in (self.note, self.said):
            self.body.addWidget(part)
        self.foot.addWidget(self.button)
        self.note.textChanged.connect(self._show)
        self.button.clicked.connect(self._resolve)

    def ask(self, write: Write) -> None:
        """Open for a write that is locked."""
        self._write, self._is_sent = write, False
        model, now_us = self._desk.model, self._desk.now_us()
        at = model.index.get(write.path)
        new = write.verb or words.amount(None if at is None else model.tags[at], write.new, model.plant)
        when = formats.moment(write.sent_us or write.proposed_us, now_us, model.plant.timezone)
        told = t("{new} to {where}, sent {time} by {who}")
        where = where_of(model, write.path)
        self.what.show_text(told.format(new=new, where=where, time=when, who=words.who(write)))
        self._group.setExclusive(False)
        for button in (self.done, self.not_done):
            button.setChecked(False)
        self._group.setExclusive(True)
        self.note.clear()
        self.said.show_text("")
        self._show()
        self.open()
        self.cancel.setFocus()

    def _show(self) -> None:
        is_chosen = self.done.isChecked() or self.not_done.isChecked()
        self.button.setEnabled(is_chosen and bool(self.note.text().strip()) and not self._is_sent)

    def _resolve(self) -> None:
        write = self._write
        if write is None:
            return
        self._is_sent = True
        self._show()
        body = {"id": write.id, "was_done": self.done.isChecked(), "note": self.note.text().strip()}
        self._desk.do("resolve", body, lambda answer: self._done(write, answer), self._fail)

    def _done(self, write: Write, answer: Any) -> None:
        if self._write is write:
            self.leave()

    def _fail(self, why: str) -> None:
        self._is_sent = False
        self.said.show_text(sentence(why))
        self._show()
        if self.isVisible():
            self.place()
