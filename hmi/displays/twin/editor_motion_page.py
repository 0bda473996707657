"""What moves a part: joints of its shape driven by tags, with what they would do now."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Motion, Part, Snapshot
from hmi import formats
from hmi.displays.twin.editor_numbers import Number
from hmi.displays.twin.editor_pick import Pick
from hmi.displays.twin.editor_state import Editing
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.scene.shapes import joints_of

KINDS: tuple[tuple[str, str], ...] = (("turn", "turns"), ("slide", "slides"), ("flow", "runs"))
UNITS = {"turn": "°", "slide": "m", "flow": "m/s"}
Change = Callable[[Motion], Motion]


def moved_to(motion: Motion, value: float) -> float:
    """Degrees, metres or metres per second at a value of the tag; never beyond its ends, NaN stays NaN."""
    low, high = motion.values
    if math.isnan(value) or low == high:
        return motion.moves[0] if low == high else math.nan
    part = min(1.0, max(0.0, (value - low) / (high - low)))
    return motion.moves[0] + part * (motion.moves[1] - motion.moves[0])


def tag_of(model: Model, part: Part, motion: Motion) -> int | None:
    """Live position of the tag of a motion: a whole path, or one below the part's asset."""
    whole = model.index.get(motion.tag)
    return whole if whole is not None else model.index.get(f"{part.asset}/{motion.tag}")


class MotionPage(QFrame):
    """``changed`` = number of a motion and the motion, None = without it; ``asked_tag`` = number of the one
    whose tag is to be chosen.
    """

    changed = Signal(int, object)
    asked_tag = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "list")
        self._theme, self._model, self._locale = theme, Model(), "en"
        self._part: Part | None = None
        self._at = 0
        self._snapshot: Snapshot | None = None
        self.hint = Words(theme, step="body", look="muted")
        self.hint.setWordWrap(True)
        self.which = Pick(t("Motions of this part"), self)
        self.add = QPushButton(t("Add a motion"), self)
        self.remove = QPushButton(t("Delete"), self)
        self.form = QWidget(self)
        self.joint = Pick(t("Joint"), self)
        self.kind = Pick(t("How it moves"), self)
        self.axis = Pick(t("Along or about"), self)
        self.tag = ShortWords(theme, "", "body")
        self.choose = QPushButton(t("Choose…"), self)
        self.choose.setAccessibleName(t("Choose the tag that moves it"))
        self.ends = {
            key: Number(theme, title, spoken, None, self)
            for key, title, spoken in (
                ("from", t("tag from"), t("Tag: from this value")),
                ("to", t("tag to"), t("Tag: to this value")),
                ("first", t("moves from"), t("Moves from, degrees or metres")),
                ("last", t("moves to"), t("Moves to, degrees or metres")),
            )
        }
        self.now = Words(theme, step="body", look="live")
        self.now.setWordWrap(True)
        self._lay_out()
        self._connect()
        self.show_editing(Editing())

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(6)
        for part, stretch in ((self.which, 1), (self.remove, 0)):
            top.addWidget(part, stretch)
        box.addWidget(self.hint)
        box.addLayout(top)
        box.addWidget(self.form)
        box.addWidget(self.add)
        box.addStretch(1)
        grid = QGridLayout(self.form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.joint, 0, 0, 1, 2)
        grid.addWidget(self.kind, 0, 2)
        grid.addWidget(self.axis, 0, 3)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.tag, 1)
        row.addWidget(self.choose)
        grid.addLayout(row, 1, 0, 1, 4)
        for at, number in enumerate(self.ends.values()):
            grid.addWidget(number, 2, at)
        grid.addWidget(self.now, 3, 0, 1, 4)

    def _connect(self) -> None:
        self.which.activated.connect(self._turn_to)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(lambda: self.changed.emit(self._at, None))
        self.choose.clicked.connect(lambda: self.asked_tag.emit(self._at))
        self.joint.activated.connect(lambda _: self._set(joint=self.joint.key))
        self.kind.activated.connect(lambda _: self._set(kind=self.kind.key))
        self.axis.activated.connect(lambda _: self._set(axis=self.axis.key))
        for key, number in self.ends.items():
            number.entered.connect(lambda value, key=key: self._set_end(key, value))

    def set_model(self, model: Model) -> None:
        """The plant whose tags move things."""
        self._model, self._snapshot = model, None
        for each in self.ends.values():
            each.set_locale(model.plant.locale)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for words in self.findChildren(Words):
            words.set_theme(theme)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """Values of now, for what the motion would do."""
        self._snapshot = snapshot
        if self.isVisible():
            self._show_now()

    @property
    def motion(self) -> Motion | None:
        """The one on show."""
        motions = self._part.motions if self._part is not None else ()
        return motions[self._at] if self._at < len(motions) else None

    def show_editing(self, editing: Editing) -> None:
        """The one chosen part."""
        picked = editing.chosen_pieces
        self._part = picked[0].part if len(picked) == 1 else None
        motions = self._part.motions if self._part is not None else ()
        self._at = min(self._at, max(0, len(motions) - 1))
        self.hint.setVisible(not motions)
        told = t("Nothing moves this part yet: a tag can turn it, slide it, or drive one of its joints.")
        self.hint.show_text(told if self._part is not None else t("Choose one part to see what moves it."))
        self.add.setEnabled(self._part is not None)
        for each in (self.which, self.remove, self.form):
            each.setVisible(bool(motions))
        words = [f"{each.joint or t('whole part')} ← {each.tag or t('no tag')}" for each in motions]
        self.which.show_words([(word, word) for word in words], self._at)
        if self.motion is not None and self._part is not None:
            self._show_form(self.motion, self._part)

    def _show_form(self, motion: Motion, part: Part) -> None:
        joints = list(dict.fromkeys(["", *joints_of(part.shape), motion.joint]))
        self.joint.show_words(
            [(each or t("whole part"), each) for each in joints], joints.index(motion.joint)
        )
        kinds = [key for key, _ in KINDS]
        self.kind.show_words([(t(word), key) for key, word in KINDS], kinds.index(motion.kind))
        self.axis.show_words([(key, key) for key in "xyz"], "xyz".index(motion.axis))
        self.axis.setEnabled(motion.kind != "flow")
        self.tag.show_text(motion.tag or t("no tag yet"))
        for key, value in zip(self.ends, (*motion.values, *motion.moves), strict=True):
            self.ends[key].show_value(value)
        self._show_now()

    def _show_now(self) -> None:
        motion, part, snapshot = self.motion, self._part, self._snapshot
        if motion is None or part is None:
            return
        at = tag_of(self._model, part, motion)
        if at is None or snapshot is None or at >= snapshot.value.size:
            self.now.show_text(t("No tag of that name is known.") if motion.tag and at is None else "")
            return
        value = float(snapshot.value[at])
        tag, locale = self._model.tags[at], self._model.plant.locale
        tells = formats.quantity(value, tag.decimals, tag.unit, locale)
        does = formats.quantity(moved_to(motion, value), 2, UNITS[motion.kind], locale)
        self.now.show_text(t("now {value}, so it is at {place}", value=tells, place=does))

    def _turn_to(self, at: int) -> None:
        self._at = at
        if self.motion is not None and self._part is not None:
            self._show_form(self.motion, self._part)

    def _add(self) -> None:
        part = self._part
        if part is None:
            return
        taken = {each.joint for each in part.motions}
        free = [each for each in joints_of(part.shape) if each not in taken]
        joint = free[0] if free else ""
        kind = "slide" if joint in ("ram", "lift") else "turn"
        number = len(part.motions)
        self.changed.emit(
            number,
            Motion("", kind, joint, values=(0.0, 100.0), moves=(0.0, 1.0 if kind == "slide" else 90.0)),
        )
        self._at = number
        self.asked_tag.emit(number)

    def _set(self, **to: str) -> None:
        if self.motion is not None:
            self.changed.emit(self._at, msgspec.structs.replace(self.motion, **to))

    def _set_end(self, key: str, value: float) -> None:
        motion = self.motion
        if motion is None:
            return
        at = list(self.ends).index(key)
        ends = [*motion.values, *motion.moves]
        ends[at] = value
        new = msgspec.structs.replace(motion, values=(ends[0], ends[1]), moves=(ends[2], ends[3]))
        self.changed.emit(self._at, new)
