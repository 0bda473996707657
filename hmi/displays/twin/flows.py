"""What flows from unit to unit, for a scene that nobody drew: the order it gives, and thin lines. No Qt."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.types import CARRYING, Graph, Part
from hmi.model import ancestors

SIZE_M, HIGH_M = (0.045, 0.045, 0.045), 0.06
HEAD_M = (0.42, 0.26)
"""Length and half the width of an arrow's head."""
SHIFT_M = 0.28
MOST_FLOWS = 400


class Ground(Protocol):
    """The ground of a unit (`hmi.displays.twin.layout.Plot`)."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def length(self) -> float: ...
    @property
    def depth(self) -> float: ...


def flow_order(graph: Graph, units: Sequence[str]) -> list[str]:
    """The units so that what feeds comes before what is fed; else, and in a circle, as they were given."""
    after = {path: set[str]() for path in units}
    for start, end in unit_flows(graph, units, ("feeds",)):
        after[end].add(start)
    left, found = list(units), list[str]()
    while left:
        # Of those that nothing left feeds, the one that the last one feeds: a line goes on first.
        ready = [path for path in left if not after[path].intersection(left) - {path}]
        last = found[-1] if found else ""
        chosen = next((path for path in ready if last in after[path]), (ready or left)[0])
        found.append(chosen)
        left.remove(chosen)
    return found


def unit_flows(graph: Graph, units: Sequence[str], kinds: Sequence[str] = CARRYING) -> list[tuple[str, str]]:
    """Relations as they are between units: from, to; each pair once, none to itself."""
    known = frozenset(units)
    owners: dict[str, str] = {}

    def owner(path: str) -> str:
        if path not in owners:
            owners[path] = next((each for each in (path, *ancestors(path)) if each in known), "")
        return owners[path]

    pairs: dict[tuple[str, str], None] = {}
    for relation in graph.relations:
        if relation.kind in kinds:
            pair = owner(relation.subject), owner(relation.object)
            if pair[0] and pair[1] and pair[0] != pair[1]:
                pairs[pair] = None
    return list(pairs)


def flow_parts(graph: Graph, plots: Mapping[str, Ground]) -> tuple[Part, ...]:
    """A thin line on the floor with a head for each flow between units: straight to a neighbour, else along
    the aisles.
    """
    parts: list[Part] = []
    for number, (start, end) in enumerate(unit_flows(graph, tuple(plots))[:MOST_FLOWS]):
        # Lines along the same aisle lie beside each other.
        points = _way(plots[start], plots[end], SHIFT_M * (number % 4 - 1.5))
        parts += [_line(a, b) for a, b in itertools.pairwise(points)]
        parts.append(_head(points[-2], points[-1]))
    return tuple(parts)


def _line(a: tuple[float, float], b: tuple[float, float]) -> Part:
    """One straight piece. Its points are its own, so that equal ones are one mesh, drawn many times."""
    length = round(math.dist(a, b), 1)
    turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    return Part(shape="pipe", size=SIZE_M, at=(*a, HIGH_M), turn=turn, points=((0, 0, 0), (length, 0, 0)))


def _head(before: tuple[float, float], end: tuple[float, float]) -> Part:
    """Both strokes of an arrow's head, drawn without lifting."""
    turn = math.degrees(math.atan2(end[1] - before[1], end[0] - before[0]))
    back, wide = HEAD_M
    return Part(
        shape="pipe",
        size=SIZE_M,
        at=(*end, HIGH_M),
        turn=turn,
        points=((-back, wide, 0), (0, 0, 0), (-back, -wide, 0)),
    )


def _way(a: Ground, b: Ground, shift: float) -> list[tuple[float, float]]:
    right = b.x > a.x
    edge_a, edge_b = (
        a.x + (a.length if right else -a.length) / 2,
        b.x + (-b.length if right else b.length) / 2,
    )
    if a.y == b.y and abs(edge_b - edge_a) < min(a.length, b.length) / 2:
        return [(edge_a - (0.5 if right else -0.5), a.y), (edge_b + (0.5 if right else -0.5), b.y)]
    # Out of the front and into the back of what stands before it; else out and in at the front.
    front = a.y - a.depth / 2
    is_before = b.y < a.y
    aisle = front - 0.8 + shift
    into = b.y + b.depth / 2 if is_before else b.y - b.depth / 2
    if is_before and abs(into - front) < 4.0:
        return _corners(
            [(a.x + shift, front), (a.x + shift, aisle), (b.x + shift, aisle), (b.x + shift, into)]
        )
    side = b.x - b.length / 2 - 0.3 + shift / 4
    last = into + 0.8 + shift if is_before else into - 0.8 + shift
    return _corners(
        [(a.x + shift, front), (a.x + shift, aisle), (side, aisle), (side, last), (b.x + shift, last)]
        + [(b.x + shift, into)]
    )


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The way without points where it does not go on."""
    found = [points[0]]
    for x, y in points[1:]:
        if abs(x - found[-1][0]) + abs(y - found[-1][1]) > 1e-6:
            found.append((x, y))
    return found if len(found) > 1 else [*found, points[-1]]
