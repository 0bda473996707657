"""What came of a write, on the sheet: verified, refused or unknown, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Write
from hmi import control_words as words
from hmi import formats
from hmi.formats import t
from hmi.model import Model
from hmi.shell.change_state import Intent, from_to
from hmi.theme import Theme
from hmi.widgets.labels import Words, heading, panel
from hmi.widgets.quality_mark import QualityMark

TO_DO = "Look at the machine. The tag stays locked until the value is seen there or somebody resolves it."


class Result(QWidget):
    """``undo`` = the old value is wanted back; ``resolve`` = a person knows what became of it."""

    undo = Signal()
    resolve = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.frame = panel("to do", self)
        self.mark = QualityMark(theme, self)
        self.head = heading(theme, "")
        self.new = Words(theme, step="value", look="setpoint", bold=True)
        self.told = Words(theme, step="body")
        self.aside = Words(theme, step="body", look="muted")
        for part in (self.told, self.aside):
            part.setWordWrap(True)
        self.undo_button, self.resolve_button = QPushButton(self), QPushButton(t("Resolve\u2026"), self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.head, 1)
        box = QVBoxLayout(self.frame)
        box.setContentsMargins(14, 4, 14, 14)
        box.setSpacing(8)
        box.addLayout(row)
        for part in (self.new, self.told, self.aside):
            box.addWidget(part)
        box.addStretch(1)
        for button in (self.undo_button, self.resolve_button):
            box.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.frame)
        self.undo_button.clicked.connect(self.undo)
        self.resolve_button.clicked.connect(self.resolve)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for part in (self.mark, self.head, self.new, self.told, self.aside):
            part.set_theme(theme)

    def show_write(self, model: Model, intent: Intent, write: Write, now_us: int) -> None:
        """How it stands now."""
        found, plant = words.outcome(write), model.plant
        new = from_to(write, intent, plant)[1]
        when = formats.moment(write.done_us or now_us, now_us, plant.timezone)
        self.new.show_text(new)
        why = words.why_words(write)
        self.mark.setVisible(found in ("rejected", "unknown"))
        self.mark.show_look("bad" if found == "rejected" else "uncertain")
        if found == "open":
            self._say(
                t("Being written"), t("being written {new}\u2026", new=new), t("Waiting for the device.")
            )
        elif found == "verified":
            seen = "" if write.seen is None or write.verb else words.amount(intent.tag, write.seen, plant)
            told = t("Read back: {seen}.", seen=seen) if seen else why or t("The feedback came.")
            self._say(t("Written"), told, t("{time} by {who}", time=when, who=words.who(write)))
        elif found == "unknown":
            self._say(t("? Unknown"), why or t("The device did not answer."), t(TO_DO))
        elif found == "resolved":
            self._say(t("Resolved"), why, when)
        else:
            self._say(t("Not written"), why or t("The device refused it."), when)
        self._show_buttons(model, intent, write, now_us)

    def show_lost(self, why: str) -> None:
        """The engine went away before it answered."""
        self.mark.show()
        self.mark.show_look("uncertain")
        todo = t("It is not known yet whether it was written. Look at the value; it stands here once known.")
        self._say(t("? Unknown"), why, todo)
        self.undo_button.hide()
        self.resolve_button.hide()

    def _say(self, head: str, told: str, aside: str) -> None:
        self.head.show_text(head)
        self.told.show_text(told)
        self.aside.show_text(aside)
        self.setAccessibleName(f"{head}. {told} {aside}")

    def _show_buttons(self, model: Model, intent: Intent, write: Write, now_us: int) -> None:
        self.resolve_button.setVisible(write.is_locked)
        left = words.undo_left(write, now_us)
        self.undo_button.setVisible(bool(left) and intent.command is None)
        if left and write.old is not None:
            old = words.amount(intent.tag, write.old, model.plant)
            self.undo_button.setText(t("Back to {old} ({n} min left)\u2026", old=old, n=left))
