"""The stage of the project: what each means, since when and by whom; up with two people, down at once."""

from __future__ import annotations

from functools import partial
from typing import Any, get_args

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Stage
from hmi import formats
from hmi.alarm_desk import Sender
from hmi.control_book import ControlBook
from hmi.formats import t
from hmi.model import Model
from hmi.shell.side_sheet import CapsWatch, SideSheet, labelled
from hmi.shell.stage_chip import meaning, word
from hmi.theme import Theme
from hmi.who import Who
from hmi.widgets.labels import Words, panel

STAGES: tuple[Stage, ...] = get_args(Stage)


class StageLine(QWidget):
    """One stage: its word, what it means, and the button that goes there."""

    def __init__(self, theme: Theme, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.stage: Stage = stage
        self.name = Words(theme, word(stage), "body", bold=True)
        self.means = Words(theme, meaning(stage), "small", look="muted")
        self.means.setWordWrap(True)
        self.go = QPushButton(self)
        left = QVBoxLayout()
        left.setSpacing(1)
        left.addWidget(self.name)
        left.addWidget(self.means)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(self.go)

    def show_state(self, now: Stage, is_allowed: bool, is_asked: bool) -> None:
        """Where the project is, and whether this person may move it."""
        mine, is_here = STAGES.index(self.stage), self.stage == now
        is_up = mine > STAGES.index(now)
        self.name.show_text(t("{stage}: now", stage=word(self.stage)) if is_here else word(self.stage))
        self.go.setVisible(not is_here)
        self.go.setText(t("Raise…") if is_up else t("Lower"))
        said = t("Raise to {stage}, with a second person") if is_up else t("Lower to {stage}, at once")
        self.go.setAccessibleName(said.format(stage=word(self.stage)))
        # One step at a time up, while no other is asked for; down to any, at any time.
        self.go.setEnabled(is_allowed and (not is_up or (mine == STAGES.index(now) + 1 and not is_asked)))


class StageSheet(SideSheet):
    """Shows the stages; then the checklist of a raise; then, while one waits, the second person's name."""

    def __init__(
        self, theme: Theme, sender: Sender, model: Model, known: Who, book: ControlBook, parent: QWidget
    ) -> None:
        super().__init__(theme, t("Stage of the project"), sender, parent)
        self.cancel.setText(t("Close"))
        self._model, self._to, self._state = model, book.stage.stage, book.stage
        self.since = Words(theme, step="small", look="muted")
        self.since.setWordWrap(True)
        self.lines = [StageLine(theme, each, self) for each in STAGES]
        self.why = Words(theme, step="small")
        self.why.setWordWrap(True)
        self.overview, self.checklist, self.second = QWidget(self), QWidget(self), panel("block", self)
        self.body.addWidget(self.since)
        for part in (self.overview, self.checklist, self.second):
            self.body.addWidget(part)
        self._fill_overview()
        self._fill_checklist(theme)
        self._fill_second(theme)
        self.checklist.hide()
        self.show_state(book, known)

    def _fill_overview(self) -> None:
        box = QVBoxLayout(self.overview)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        for line in self.lines:
            line.go.clicked.connect(partial(self._chosen, line.stage))
            box.addWidget(line)
        box.addWidget(self.why)

    def _fill_checklist(self, theme: Theme) -> None:
        box = QVBoxLayout(self.checklist)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.asked = Words(theme, step="body", bold=True)
        box.addWidget(self.asked)
        self.answers: dict[str, QPushButton] = {}
        for each in self._model.plant.control.checklist:
            words = Words(theme, each)
            words.setWordWrap(True)
            yes = QPushButton(t("Yes"), self.checklist)
            yes.setCheckable(True)
            yes.setAccessibleName(t("Yes: {line}", line=each))
            yes.clicked.connect(self._check)
            row = QHBoxLayout()
            row.addWidget(words, 1)
            row.addWidget(yes)
            box.addLayout(row)
            self.answers[each] = yes
        self.raise_it = QPushButton(t("Ask a second person"), self.checklist)
        self.raise_it.clicked.connect(self._ask_raise)
        box.addWidget(self.raise_it)

    def _fill_second(self, theme: Theme) -> None:
        box = QVBoxLayout(self.second)
        box.setContentsMargins(14, 10, 14, 12)
        box.setSpacing(8)
        self.waits = Words(theme, step="body", bold=True)
        self.waits.setWordWrap(True)
        self.caps = Words(theme, step="small", bold=True)
        above, self.name = labelled(theme, t("Login name of the second person"), self.second)
        below, self.password = labelled(
            theme, t("Password of the second person"), self.second, is_secret=True
        )
        CapsWatch(self.password, self.caps)
        self.confirm = QPushButton(t("Confirm"), self.second)
        self.confirm.clicked.connect(self._approve)
        self.name.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._approve)
        fields = QHBoxLayout()
        fields.setSpacing(12)
        fields.addLayout(above)
        fields.addLayout(below)
        last = QHBoxLayout()
        last.addWidget(self.caps, 1)
        last.addWidget(self.confirm)
        box.addWidget(self.waits)
        box.addLayout(fields)
        box.addLayout(last)

    def show_state(self, book: ControlBook, known: Who, is_past: bool = False) -> None:
        """The stage as it is now, and what this person may do about it: nothing from a replay."""
        self._state = state = book.stage
        past = t("This is the stage of now. In a replay nothing is changed: go back to live.")
        why = past if is_past else known.why_not("stage")
        now_us, zone = self._sender.now_us(), self._model.plant.timezone
        if state.since_us:
            when, by = formats.moment(state.since_us, now_us, zone), t(" and ").join(state.by)
            self.since.show_text(
                t("{stage} since {when}, by {by}", stage=word(state.stage), when=when, by=by)
            )
        else:
            self.since.show_text(t("{stage} since the project was made", stage=word(state.stage)))
        for line in self.lines:
            line.show_state(state.stage, not why, state.asked is not None)
        self.why.show_text(why)
        self.why.setVisible(bool(why))
        self.second.setVisible(state.asked is not None and not is_past)
        if state.asked is not None or is_past:
            self.checklist.hide()
            self.overview.show()
        if state.asked is not None:
            when = formats.moment(state.asked_us, now_us, zone)
            words = t(
                "{by} asked for {stage} at {when}. Another person confirms it here, with their own password."
            )
            self.waits.show_text(words.format(by=state.asked_by, stage=word(state.asked), when=when))
        if self.isVisible():
            self.place()

    def _chosen(self, to: Stage, _: bool = False) -> None:
        self._to = to
        if STAGES.index(to) < STAGES.index(self._state.stage):
            self.ask("stage_ask", {"to": to, "answers": ()}, self._done, lambda _: None)
            return
        self.overview.hide()
        self.asked.show_text(t("Before {stage}: does each of these hold?", stage=word(to)))
        for each in self.answers.values():
            each.setChecked(False)
        self.checklist.show()
        self._check()
        next(iter(self.answers.values()), self.raise_it).setFocus()

    def _check(self) -> None:
        self.raise_it.setEnabled(all(each.isChecked() for each in self.answers.values()))
        self.place()

    def _ask_raise(self) -> None:
        answers = tuple(line for line, each in self.answers.items() if each.isChecked())
        self.ask("stage_ask", {"to": self._to, "answers": answers}, self._asked, lambda _: None)

    def _asked(self, answer: Any) -> None:
        self.checklist.hide()
        self.overview.show()
        self.place()

    def _approve(self) -> None:
        if not self.name.text().strip() or not self.password.text():
            (self.password if self.name.text().strip() else self.name).setFocus()
            return
        body = {"name": self.name.text().strip(), "secret": self.password.text()}
        self.password.clear()
        self.ask("stage_approve", body, self._done, lambda _: self.password.setFocus())

    def _done(self, answer: Any) -> None:
        self.name.clear()
        self.place()
