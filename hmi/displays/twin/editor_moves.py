"""What can be done to the pieces of a scene: place, move, snap, turn, line up, double. Plain Python, no Qt.

Metres and degrees. What is locked stays where it is until it is unlocked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from engine.types import Motion, Part
from hmi.displays.twin.editor_state import Drawn, Editing, Piece, changed, home_of, with_parts
from hmi.formats import t
from hmi.widgets.scene.shapes import FLAT, known, size_of

GRIDS = (0.1, 0.5, 1.0)
REACH_M = 0.3
"""An edge this near to a neighbour's goes to it."""
LEAST_M = 0.01
Axis = Literal["x", "y"]
Edge = Literal["low", "middle", "high"]


@dataclass(frozen=True, slots=True)
class Foot:
    """The ground a part stands on, sides along x and y."""

    left: float
    right: float
    front: float
    back: float

    def moved(self, x: float, y: float) -> Foot:
        """Somewhere else by so many metres."""
        return Foot(self.left + x, self.right + x, self.front + y, self.back + y)


def foot_of(part: Part) -> Foot:
    """The box around a part seen from above."""
    x, y = part.at[0], part.at[1]
    if known(part.shape) == "pipe" and part.points:
        turned = [_turned(each[0], each[1], part.turn) for each in part.points]
        xs, ys = [each[0] for each in turned], [each[1] for each in turned]
        return Foot(x + min(xs), x + max(xs), y + min(ys), y + max(ys))
    length, depth, _ = size_of(part)
    cos, sin = abs(math.cos(math.radians(part.turn))), abs(math.sin(math.radians(part.turn)))
    wide, deep = (cos * length + sin * depth) / 2, (sin * length + cos * depth) / 2
    return Foot(x - wide, x + wide, y - deep, y + deep)


def on_grid(value: float, grid: float) -> float:
    """The nearest line of the grid, to the centimetre; 0 = no grid."""
    return centimetres(round(value / grid) * grid if grid else value)


def centimetres(value: float) -> float:
    """As it is written."""
    return round(value, 2) + 0.0


def degrees(value: float) -> float:
    """0 to 360, in tenths."""
    return round(value % 360, 1) % 360


def snapped(part: Part, x: float, y: float, grid: float, others: Iterable[Part]) -> tuple[float, float]:
    """Where a part dragged to ``x``, ``y`` goes: to a neighbour's edge if one is near, else to the grid."""
    foot, feet = foot_of(part).moved(x - part.at[0], y - part.at[1]), [foot_of(each) for each in others]
    near_x = [
        edge - own
        for each in feet
        if _overlap(each.front, each.back, foot.front, foot.back)
        for own in (foot.left, foot.right)
        for edge in (each.left, each.right)
    ]
    near_y = [
        edge - own
        for each in feet
        if _overlap(each.left, each.right, foot.left, foot.right)
        for own in (foot.front, foot.back)
        for edge in (each.front, each.back)
    ]
    return _pulled(x, near_x, grid), _pulled(y, near_y, grid)


def _pulled(value: float, ways: Iterable[float], grid: float) -> float:
    way = min((each for each in ways if abs(each) <= REACH_M), key=abs, default=None)
    lined = on_grid(value, grid)
    if way is None or (grid and abs(lined - value) <= abs(way)):
        return lined
    return centimetres(value + way)


def _overlap(low: float, high: float, other_low: float, other_high: float) -> bool:
    return low - REACH_M <= other_high and other_low <= high + REACH_M


def _turned(x: float, y: float, turn: float) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return cos * x - sin * y, sin * x + cos * y


# What a hand does


def added(editing: Editing, parts: Sequence[Part], x: float, y: float, words: str) -> Editing:
    """These parts, given around (0, 0), at a spot on the floor; they are chosen then."""
    file = home_of(editing)
    new = [
        Piece(
            editing.next_id + at,
            msgspec.structs.replace(
                part,
                at=(centimetres(part.at[0] + x), centimetres(part.at[1] + y), part.at[2]),
                came_from=file,
            ),
        )
        for at, part in enumerate(parts)
    ]
    return _put(editing, new, words)


def duplicated(editing: Editing, grid: float) -> Editing:
    """Each chosen piece once more, beside all of them."""
    picked = editing.chosen_pieces
    if not picked:
        return editing
    feet = [foot_of(each.part) for each in picked]
    wide = max(each.right for each in feet) - min(each.left for each in feet)
    aside = max(grid, math.ceil(wide / grid - 1e-9) * grid if grid else wide)
    new = [
        Piece(editing.next_id + at, _at(each.part, each.part.at[0] + aside, each.part.at[1], locked=False))
        for at, each in enumerate(picked)
    ]
    return _put(editing, new, t("Duplicate"))


def _put(editing: Editing, new: Sequence[Piece], words: str) -> Editing:
    """New pieces after the last of their file: files stand one behind the other."""
    pieces = list(editing.drawn.pieces)
    for each in new:
        after = [at for at, other in enumerate(pieces) if other.part.came_from == each.part.came_from]
        pieces.insert(after[-1] + 1 if after else len(pieces), each)
    return changed(editing, words, replace(editing.drawn, pieces=tuple(pieces)), [each.id for each in new])


def removed(editing: Editing) -> Editing:
    """Without what is chosen and not locked."""
    gone = {each.id for each in editing.chosen_pieces if not each.part.locked}
    left = tuple(each for each in editing.drawn.pieces if each.id not in gone)
    return changed(editing, t("Delete"), replace(editing.drawn, pieces=left))


def moved(editing: Editing, x: float, y: float) -> Editing:
    """What is chosen, by so many metres."""
    return each_changed(
        editing, t("Move"), lambda part: _at(part, part.at[0] + x, part.at[1] + y), moves=True
    )


def dragged(editing: Editing, held: int, x: float, y: float, grid: float) -> Editing:
    """What is chosen, so that the held piece gets to a spot; it snaps, and the others keep their distance."""
    piece = editing.piece(held)
    if piece is None or piece.part.locked:
        return editing
    chosen = set(editing.chosen)
    others = [
        each.part
        for each in editing.drawn.pieces
        if each.id not in chosen and known(each.part.shape) not in FLAT and known(each.part.shape) != "pipe"
    ]
    to_x, to_y = snapped(piece.part, x, y, grid, others)
    return moved(editing, to_x - piece.part.at[0], to_y - piece.part.at[1])


def turned(editing: Editing, by: float) -> Editing:
    """What is chosen, each about itself."""
    return each_changed(
        editing,
        t("Turn"),
        lambda part: msgspec.structs.replace(part, turn=degrees(part.turn + by)),
        moves=True,
    )


def each_changed(
    editing: Editing, words: str, change: Callable[[Part], Part], *, moves: bool = False
) -> Editing:
    """The same change to every chosen part; ``moves`` = those that are locked stay."""
    parts = {each.id: change(each.part) for each in editing.chosen_pieces if not (moves and each.part.locked)}
    return changed(editing, words, with_parts(editing.drawn, parts))


def set_place(editing: Editing, axis: int, value: float) -> Editing:
    """Every chosen part to the same x (0), y (1) or z (2)."""
    return each_changed(editing, t("Place"), lambda part: _with_axis(part, axis, value), moves=True)


def set_size(editing: Editing, axis: int, value: float) -> Editing:
    """Every chosen part as long (0), deep (1) or high (2); from its shape's own size on."""
    if value < LEAST_M:
        return editing

    def sized(part: Part) -> Part:
        size = list(size_of(part))
        size[axis] = round(value, 3)
        return msgspec.structs.replace(part, size=(size[0], size[1], size[2]))

    return each_changed(editing, t("Size"), sized)


def aligned(editing: Editing, axis: Axis, edge: Edge) -> Editing:
    """The chosen parts to the edge, or the middle, of the one chosen last."""
    picked = editing.chosen_pieces
    if len(picked) < 2:
        return editing
    to = _edge(picked[-1].part, axis, edge)
    parts = {
        each.id: _by(each.part, axis, to - _edge(each.part, axis, edge))
        for each in picked
        if not each.part.locked
    }
    return changed(editing, t("Align"), with_parts(editing.drawn, parts))


def distributed(editing: Editing, axis: Axis) -> Editing:
    """The chosen parts with the same way between their middles; the outermost two stay."""
    picked = sorted(editing.chosen_pieces, key=lambda each: _edge(each.part, axis, "middle"))
    if len(picked) < 3:
        return editing
    first, last = (_edge(each.part, axis, "middle") for each in (picked[0], picked[-1]))
    step = (last - first) / (len(picked) - 1)
    parts = {
        each.id: _by(each.part, axis, first + at * step - _edge(each.part, axis, "middle"))
        for at, each in enumerate(picked)
        if not each.part.locked
    }
    return changed(editing, t("Distribute"), with_parts(editing.drawn, parts))


def locked(editing: Editing, is_locked: bool) -> Editing:
    """What is chosen stays where it is, or can be moved again."""
    words = t("Lock") if is_locked else t("Unlock")
    return each_changed(editing, words, lambda part: msgspec.structs.replace(part, locked=is_locked))


def bound(editing: Editing, asset: str) -> Editing:
    """What is chosen stands for this asset; "" = for none."""
    return each_changed(editing, t("Bind"), lambda part: msgspec.structs.replace(part, asset=asset))


def with_motion(editing: Editing, at: int, motion: Motion | None) -> Editing:
    """The one chosen part with another motion in that place, one more at its end, or (None) without it."""
    picked = editing.chosen_pieces
    if len(picked) != 1:
        return editing
    motions = list(picked[0].part.motions)
    motions[at : at + 1] = [] if motion is None else [motion]
    part = msgspec.structs.replace(picked[0].part, motions=tuple(motions))
    return changed(editing, t("Motion"), with_parts(editing.drawn, {picked[0].id: part}))


def measured(
    editing: Editing, first: tuple[float, float], second: tuple[float, float], far: float
) -> Editing:
    """The plan so large that two spots on it are ``far`` metres apart; the first stays where it is."""
    plan, seen = editing.drawn.plan, math.dist(first, second)
    if plan is None or seen < LEAST_M or far < LEAST_M:
        return editing
    scale = far / seen
    at = tuple(centimetres(spot + (own - spot) * scale) for spot, own in zip(first, plan.at, strict=True))
    new = msgspec.structs.replace(plan, width=centimetres(plan.width * scale), at=(at[0], at[1]))
    return changed(editing, t("Measure the plan"), Drawn(editing.drawn.pieces, new))


def _at(part: Part, x: float, y: float, locked: bool | None = None) -> Part:
    place = centimetres(x), centimetres(y), part.at[2]
    return msgspec.structs.replace(part, at=place, locked=part.locked if locked is None else locked)


def _by(part: Part, axis: Axis, way: float) -> Part:
    return _at(part, part.at[0] + way * (axis == "x"), part.at[1] + way * (axis == "y"))


def _with_axis(part: Part, axis: int, value: float) -> Part:
    at = list(part.at)
    at[axis] = centimetres(value)
    return msgspec.structs.replace(part, at=(at[0], at[1], at[2]))


def _edge(part: Part, axis: Axis, edge: Edge) -> float:
    foot = foot_of(part)
    low, high = (foot.left, foot.right) if axis == "x" else (foot.front, foot.back)
    return {"low": low, "high": high, "middle": (low + high) / 2}[edge]
