"""What is chosen: exact place, turn and size, what it stands for, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.types import Part
from hmi.displays.twin import editor_moves as moves
from hmi.displays.twin.editor_numbers import Number, NumberPad
from hmi.displays.twin.editor_state import Editing
from hmi.displays.twin.editor_words import name_of, shape_word
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, rule
from hmi.widgets.scene.shapes import known, size_of

Act = Callable[[Editing], Editing]
TURNS = (-90.0, -15.0, 15.0, 90.0)
ALIGN: tuple[tuple[str, str, moves.Axis, moves.Edge], ...] = (
    ("⇤", "Left edges in line", "x", "low"),
    ("↔", "Middles in line, along x", "x", "middle"),
    ("⇥", "Right edges in line", "x", "high"),
    ("⤓", "Front edges in line", "y", "low"),
    ("↕", "Middles in line, along y", "y", "middle"),
    ("⤒", "Back edges in line", "y", "high"),
)


class PartPage(QFrame):
    """``acted`` = a step is to be done (`Act`); ``asked_asset`` = the asset is to be chosen from a list."""

    acted = Signal(object)
    asked_asset = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "list")
        self._theme, self.grid_m = theme, 0.5
        self.title = ShortWords(theme, "", "body", bold=True)
        self.hint = Words(
            theme, t("Tap a part in the scene to choose it; Ctrl or “Several” adds more."), "body", "muted"
        )
        self.hint.setWordWrap(True)
        self.whole = QWidget(self)
        self.numbers: dict[str, Number] = {}
        self.pad = NumberPad(theme, self)
        self.pad.hide()
        self.asset = AssetBox(theme, self)
        self.acts: dict[str, QPushButton] = {}
        self._lay_out(theme)
        self.show_editing(Editing())

    def _lay_out(self, theme: Theme) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for part in (self.title, self.hint, self.whole):
            box.addWidget(part)
        box.addStretch(1)
        inner = QVBoxLayout(self.whole)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.asset)
        inner.addLayout(self._numbers(theme))
        inner.addWidget(self.pad)
        # Where the pad of figures lies there is no room for all the rest.
        self.rest = QWidget(self)
        inner.addWidget(self.rest)
        rest = QVBoxLayout(self.rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(8)
        rest.addLayout(self._turns())
        rest.addWidget(rule(self))
        rest.addLayout(self._acts())
        self.several = QWidget(self)
        rest.addWidget(self.several)
        self._aligning()
        self.asset.asked.connect(self.asked_asset)
        self.asset.dropped.connect(lambda path: self.acted.emit(lambda editing: moves.bound(editing, path)))

    def _numbers(self, theme: Theme) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        fields = (
            ("x", t("x, m"), t("Place along x, metres"), 2),
            ("y", t("y, m"), t("Place along y, metres"), 2),
            ("z", t("z, m"), t("Height above the floor, metres"), 2),
            ("turn", t("turn, °"), t("Turned, degrees"), 1),
            ("length", t("length, m"), t("Length, metres"), 2),
            ("depth", t("depth, m"), t("Depth, metres"), 2),
            ("height", t("height, m"), t("Height, metres"), 2),
        )
        for at, (key, title, spoken, decimals) in enumerate(fields):
            made = self.numbers[key] = Number(theme, title, spoken, decimals, self)
            made.entered.connect(lambda value, key=key: self._entered(key, value))
            made.held.connect(lambda made=made: self.pad.aim(made))
            grid.addWidget(made, at // 4, at % 4)
        self.more = QPushButton("123", self)
        self.more.setCheckable(True)
        self.more.setToolTip(t("A pad of figures to tap"))
        self.more.setAccessibleName(t("A pad of figures to tap"))
        self.more.toggled.connect(self.pad.setVisible)
        self.more.toggled.connect(lambda is_on: self.rest.setVisible(not is_on))
        grid.addWidget(self.more, 1, 3, Qt.AlignmentFlag.AlignBottom)
        self.pad.aim(self.numbers["x"])
        return grid

    def _entered(self, key: str, value: float) -> None:
        if key == "turn":

            def turn(editing: Editing) -> Editing:
                return moves.each_changed(
                    editing,
                    t("Turn"),
                    lambda part: msgspec.structs.replace(part, turn=moves.degrees(value)),
                    moves=True,
                )

            self.acted.emit(turn)
        elif key in ("x", "y", "z"):
            axis = "xyz".index(key)
            self.acted.emit(lambda editing: moves.set_place(editing, axis, value))
        else:
            side = ("length", "depth", "height").index(key)
            self.acted.emit(lambda editing: moves.set_size(editing, side, value))

    def _turns(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for by in TURNS:
            word = f"{'↺' if by > 0 else '↻'} {abs(by):g}°"
            told = t("Turn left by {n} degrees", n=by) if by > 0 else t("Turn right by {n} degrees", n=-by)
            row.addWidget(
                self._button(f"turn {by:g}", word, told, lambda editing, by=by: moves.turned(editing, by))
            )
        return row

    def _acts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        made = (
            self._button("double", t("Duplicate"), t("Once more beside it (Ctrl+D)"), self._double),
            self._button("delete", t("Delete"), t("Take it away (Del)"), moves.removed),
            self._button("lock", t("Lock"), t("Leave it where it is"), self._lock),
            self._button("label", t("Label"), t("The value of the unit over it"), self._label),
        )
        for at, button in enumerate(made):
            grid.addWidget(button, at // 2, at % 2)
        for key in ("lock", "label"):
            self.acts[key].setCheckable(True)
        return grid

    def _aligning(self) -> None:
        grid = QGridLayout(self.several)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for at, (sign, told, axis, edge) in enumerate(ALIGN):
            button = self._button(
                f"align {axis} {edge}",
                sign,
                t(told),
                lambda editing, axis=axis, edge=edge: moves.aligned(editing, axis, edge),
            )
            grid.addWidget(button, 0, at)
        spreads: tuple[tuple[moves.Axis, str], ...] = (("x", t("Spread along x")), ("y", t("Spread along y")))
        for at, (way, told) in enumerate(spreads):
            made = self._button(
                f"spread {way}",
                told,
                t("The same way between all"),
                lambda editing, way=way: moves.distributed(editing, way),
            )
            grid.addWidget(made, 1, at * 3, 1, 3)

    def _button(self, key: str, word: str, told: str, act: Act) -> QPushButton:
        made = QPushButton(word, self)
        made.setToolTip(told)
        made.setAccessibleName(told if len(word) < 3 else f"{word}: {told}")
        made.setMinimumWidth(0)
        made.setProperty("look", "close")
        made.clicked.connect(lambda: self.acted.emit(act))
        self.acts[key] = made
        return made

    def _double(self, editing: Editing) -> Editing:
        return moves.duplicated(editing, self.grid_m)

    def _lock(self, editing: Editing) -> Editing:
        return moves.locked(editing, not all(each.part.locked for each in editing.chosen_pieces))

    def _label(self, editing: Editing) -> Editing:
        is_on = not all(each.part.label for each in editing.chosen_pieces)
        return moves.each_changed(
            editing, t("Label"), lambda part: msgspec.structs.replace(part, label=is_on)
        )

    # What it shows

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for words in self.findChildren(Words):
            words.set_theme(theme)

    def set_locale(self, locale: str) -> None:
        """The decimal sign of the plant."""
        for each in self.numbers.values():
            each.set_locale(locale)

    def show_editing(self, editing: Editing) -> None:
        """What is chosen now."""
        parts = [each.part for each in editing.chosen_pieces]
        self.whole.setVisible(bool(parts))
        self.hint.setVisible(not parts)
        self.title.show_text(_title(parts))
        if not parts:
            return
        is_free = not all(part.locked for part in parts)
        for at, key in enumerate("xyz"):
            self.numbers[key].show_value(_same([part.at[at] for part in parts]))
        self.numbers["turn"].show_value(_same([part.turn for part in parts]))
        for at, key in enumerate(("length", "depth", "height")):
            self.numbers[key].show_value(_same([size_of(part)[at] for part in parts]))
            self.numbers[key].setEnabled(all(_has_size(part) for part in parts))
        for key in ("x", "y", "z", "turn"):
            self.numbers[key].setEnabled(is_free)
        for key, button in self.acts.items():
            if key == "delete" or key.startswith(("turn", "align", "spread")):
                button.setEnabled(is_free)
        self.acts["lock"].setChecked(all(part.locked for part in parts))
        self.acts["label"].setChecked(all(part.label for part in parts))
        self.several.setVisible(len(parts) > 1)
        for axis in "xy":
            self.acts[f"spread {axis}"].setEnabled(is_free and len(parts) > 2)
        assets = {part.asset for part in parts}
        self.asset.show_asset(assets.pop() if len(assets) == 1 else None)


class AssetBox(QWidget):
    """The asset that a part stands for; one dragged here from the list of assets is taken."""

    asked = Signal()
    dropped = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.words = ShortWords(theme, "", "body")
        self.words.setToolTip(t("Drag an asset here from the list, or choose it"))
        self.button = QPushButton(t("Choose…"), self)
        self.button.setAccessibleName(t("Choose the asset"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.button.clicked.connect(self.asked)

    def show_asset(self, path: str | None) -> None:
        """This one; "" = none, None = several that differ."""
        text = t("different assets") if path is None else path or t("no asset yet")
        self.words.show_text(text)
        self.words.set_look("" if path else "muted")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData().text())


def _title(parts: list[Part]) -> str:
    if not parts:
        return t("Nothing is chosen")
    if len(parts) > 1:
        return t("{n} parts", n=len(parts))
    part = parts[0]
    named = f"{shape_word(part)} · {name_of(part)}" if part.asset else shape_word(part)
    return t("{name} (locked)", name=named) if part.locked else named


def _same(values: list[float]) -> float | None:
    return values[0] if all(abs(each - values[0]) < 1e-6 for each in values) else None


def _has_size(part: Part) -> bool:
    return known(part.shape) != "pipe" and part.shape != "model"
