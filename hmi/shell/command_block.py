"""The commands of an asset on its faceplate, what each waits for, and what came of the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Command, Interlock, Permissive, Snapshot, Write
from hmi import formats, values
from hmi.control_desk import ControlDesk
from hmi.formats import t
from hmi.model import Model, tag_at
from hmi.shell.change_state import verb_word
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.quality_mark import QualityMark, paint_quality_mark
from hmi.widgets.state_mark import paint_state_mark
from hmi.widgets.text_paint import RIGHT, paint_text, width_of

ROW_PX, MARK_PX, COLUMNS, MOST_ROWS = 26, 22, 3, 8
_FRESH = ("normal", "uncertain")


@dataclass(frozen=True, slots=True)
class Condition:
    """A permissive or an interlock: the live position of its tag, and when it holds."""

    at: int
    text: str
    ok: bool
    is_needed: bool


@dataclass(frozen=True, slots=True)
class ConditionLook:
    """How one stands: true, false or not known, since when, and whether it went first."""

    text: str
    word: str
    holds: bool | None
    kind: values.Kind
    since: str = ""
    is_first: bool = False


def conditions(model: Model, asset: str, commands: Sequence[Command]) -> tuple[Condition, ...]:
    """What the commands of an asset wait for, each once; then the interlocks of its type."""
    found: dict[tuple[int, bool], Condition] = {}

    def add(at: int | None, each: Permissive | Interlock, is_needed: bool) -> None:
        if at is not None:
            text = each.text or values.name_of(model.tags[at])
            found.setdefault((at, each.ok), Condition(at, text, each.ok, is_needed))

    for command in commands:
        for each in command.permissives:
            add(model.index.get(each.tag), each, True)
    owner = model.assets.get(asset)
    if owner is not None and commands:
        for each in owner.type.interlocks:
            add(tag_at(model, owner, each.tag), each, False)
    return tuple(found.values())


def looks(model: Model, snapshot: Snapshot | None, shown: Sequence[Condition]) -> tuple[ConditionLook, ...]:
    """How they stand now. First out = the one that has been false for longest, where there is one."""
    broken = [(at_us(snapshot, each.at), each.at) for each in shown if holds(snapshot, each) is False]
    earliest = min(broken, default=(0, -1))
    is_one = sum(each[0] == earliest[0] for each in broken) == 1
    return tuple(_look(model, snapshot, each, is_one and each.at == earliest[1]) for each in shown)


def _look(model: Model, snapshot: Snapshot | None, each: Condition, is_first: bool) -> ConditionLook:
    is_true, reading = (
        holds(snapshot, each),
        values.reading(model.tags[each.at], snapshot, each.at, model.plant),
    )
    if is_true is None:
        return ConditionLook(each.text, t("not known"), None, reading.kind, reading.quality)
    if is_true:
        return ConditionLook(each.text, t("true"), True, reading.kind)
    when = at_us(snapshot, each.at)
    since = formats.clock(when, model.plant.timezone) if when else ""
    is_first = is_first and bool(since)
    since = t("first out {time}", time=since) if is_first else since
    return ConditionLook(each.text, t("false"), False, reading.kind, since, is_first)


def holds(snapshot: Snapshot | None, each: Condition) -> bool | None:
    """Whether a condition holds; None = it is not known now."""
    if snapshot is None or each.at >= snapshot.value.size:
        return None
    stale, age_s = bool(snapshot.stale[each.at]), float(snapshot.age_s[each.at])
    if values.kind_of(int(snapshot.status[each.at]), age_s, stale) not in _FRESH:
        return None
    return bool(snapshot.value[each.at]) == each.ok


def at_us(snapshot: Snapshot | None, at: int) -> int:
    """Since when a value is as it is, as its source says."""
    return 0 if snapshot is None else int(snapshot.source_time_us[at])


class ConditionRow(QWidget):
    """A ring and "true", or a filled dot and "false" since when; first out is said in words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.look: ConditionLook | None = None
        self.setFixedHeight(ROW_PX)

    def sizeHint(self) -> QSize:
        return QSize(200, ROW_PX)

    def show_look(self, look: ConditionLook) -> None:
        """Show this, if it differs."""
        if look != self.look:
            self.look = look
            self.setAccessibleName(
                ", ".join(each for each in (f"{look.text}: {look.word}", look.since) if each)
            )
            self.setToolTip(look.since)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, theme, tokens, size = self.look, self.theme, self.theme.colour, self.theme.size
        if look is None:
            return
        with QPainter(self) as painter:
            row = QRectF(self.rect())
            if look.holds is None:
                paint_quality_mark(painter, QRectF(0, row.center().y() - 9, 18, 18), look.kind, theme)
            else:
                paint_state_mark(
                    painter, QPointF(8, row.center().y()), "well" if look.holds else "look", theme
                )
            is_false = look.holds is False
            paint_text(painter, row, look.word, theme, size.body, tokens.text, is_false, RIGHT)
            right = row.right() - width_of(theme, look.word, size.body, is_false) - 10
            told = look.since
            named = width_of(theme, look.text, size.body, is_false)
            if look.holds is None and right - MARK_PX - width_of(theme, told, size.small) - 10 < named:
                # The mark says that it is stale or bad; for how long stays.
                told = told.rpartition(" · ")[2]
            if told:
                since = QRectF(row.left(), row.top(), right - row.left(), row.height())
                paint_text(painter, since, told, theme, size.small, tokens.muted, look.is_first, RIGHT)
                right -= width_of(theme, told, size.small, look.is_first) + 10
            name = QRectF(MARK_PX, row.top(), max(0.0, right - MARK_PX), row.height())
            paint_text(painter, name, look.text, theme, size.body, tokens.text, is_false)


class CommandBlock(QWidget):
    """``wanted`` = a command was tapped (it opens the sheet; nothing is sent); ``resolve`` = a write."""

    wanted = Signal(object)
    resolve = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._desk: ControlDesk | None = None
        self._asset = ""
        self._commands: tuple[Command, ...] = ()
        self._shown: tuple[Condition, ...] = ()
        self._snapshot: Snapshot | None = None
        self._write: Write | None = None
        self.buttons: dict[str, QPushButton] = {}
        self.rows: list[ConditionRow] = []
        self.head = heading(theme, t("Commands"))
        self.feedback = ShortWords(theme, step="small", look="muted")
        self.why = Words(theme, step="small", look="muted")
        self.mark = QualityMark(theme, self)
        self.said = Words(theme, step="body", bold=True)
        self.resolve_button = QPushButton(t("Resolve\u2026"), self)
        self.resolve_button.clicked.connect(lambda: self.resolve.emit(self._write))
        for part in (self.why, self.said):
            part.setWordWrap(True)
        said, self._grid, self._rows = QHBoxLayout(), QGridLayout(), QVBoxLayout()
        for each in (said, self._grid):
            each.setSpacing(6)
        said.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.said, 1)
        self._rows.setSpacing(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.head)
        box.addLayout(self._grid)
        box.addWidget(self.why)
        box.addLayout(said)
        box.addWidget(self.resolve_button)
        box.addWidget(self.feedback)
        box.addLayout(self._rows)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self.head, self.feedback, self.why, self.mark, self.said):
            part.set_theme(theme)
        for row in self.rows:
            row.theme = theme
            row.update()

    def show_asset(self, desk: ControlDesk, asset: str) -> None:
        """The commands of another asset."""
        commands = desk.model.commands.get(asset, ())
        self._desk = desk
        if (asset, commands) != (self._asset, self._commands):
            self._asset, self._commands = asset, commands
            self._make(desk.model)
        self.show_state()

    def _make(self, model: Model) -> None:
        for old in (*self.buttons.values(), *self.rows):
            old.hide()
            old.deleteLater()
        self.buttons, self.rows = {}, []
        for place, command in enumerate(self._commands):
            button = QPushButton(f"{verb_word(command)}\u2026".replace("&", "&&"), self)
            button.clicked.connect(lambda _=False, command=command: self.wanted.emit(command))
            self._grid.addWidget(button, place // COLUMNS, place % COLUMNS)
            self.buttons[command.verb] = button
        for column in range(COLUMNS):
            # A column without a button takes no room from the words of the others.
            self._grid.setColumnStretch(column, int(column < len(self._commands)))
        self._shown = conditions(model, self._asset, self._commands)[:MOST_ROWS]
        for _ in self._shown:
            row = ConditionRow(self._theme, self)
            self._rows.addWidget(row)
            self.rows.append(row)

    def show_state(self) -> None:
        """Rights, what is being given, and what came of it."""
        desk = self._desk
        if desk is None or not self._commands or not desk.is_drawn:
            self.hide()
            return
        refusal, said = desk.refusal(self._asset, "command"), desk.said(self._asset)
        self._write = desk.book.command_of(self._asset)
        for command in self._commands:
            button = self.buttons[command.verb]
            button.setEnabled(not refusal)
            button.setAccessibleDescription(refusal)
        is_said = said.mark in ("unknown", "pending")
        for part, text in ((self.why, "" if is_said else refusal), (self.said, said.text)):
            part.show_text(text)
            part.setVisible(bool(text))
        self.said.set_look("" if said.mark in ("unknown", "refused") else "muted")
        self.mark.show_look("uncertain" if said.mark == "unknown" else "bad")
        self.mark.setVisible(said.mark in ("unknown", "refused"))
        self.resolve_button.setVisible(self._write is not None and self._write.is_locked)
        self.resolve_button.setEnabled(not desk.refusal_to_resolve(self._write))
        self.show()
        self._show_conditions()

    def on_numbers(self, snapshot: Snapshot | None) -> None:
        """The live values."""
        self._snapshot = snapshot
        if not self.isHidden():
            self._show_conditions()

    def _show_conditions(self) -> None:
        desk = self._desk
        if desk is None:
            return
        model = desk.model
        for row, look in zip(self.rows, looks(model, self._snapshot, self._shown), strict=True):
            row.show_look(look)
        told = [self._feedback(model, at) for at in self._feedbacks(model)]
        self.feedback.show_text(" \u00b7 ".join(told))
        self.feedback.setVisible(bool(told))

    def _feedbacks(self, model: Model) -> tuple[int, ...]:
        found = (model.index.get(each.feedback) for each in self._commands)
        return tuple(dict.fromkeys(at for at in found if at is not None))

    def _feedback(self, model: Model, at: int) -> str:
        reading = values.reading(model.tags[at], self._snapshot, at, model.plant)
        words = reading.amount if reading.kind in _FRESH else f"{reading.amount} {reading.quality}"
        return t("{name}: {words}", name=reading.name, words=words)
