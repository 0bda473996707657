"""Where the labels of a scene stand: near what they name, never over each other, never out of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GAP, LIFT, STEP = 8.0, 22.0, 8.0
FARTHEST = 260.0
"""Pixels between labels, from a label to what it names at least, between two tries, and at most."""
CROWD = 40.0
"""What covering another label's foot costs, in pixels of way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label to be placed: the point it names, its size in pixels; the lowest ``rank`` is placed first.

    ``reach`` = how far from the point it may stand: among many a label far away names nothing.
    """

    x: float
    y: float
    width: float
    height: float
    rank: int = 0
    reach: float = FARTHEST


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Whether two boxes overlap."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


def placed(labels: Sequence[Wanted], area: Box, taken: Sequence[Box] = ()) -> list[Box | None]:
    """A place for each label inside ``area`` and clear of what is ``taken``.

    None for what names a point outside and for what finds no room; those of the lowest rank find it first.
    """
    found: list[Box | None] = [None] * len(labels)
    order = sorted(range(len(labels)), key=lambda each: (labels[each].rank, labels[each].x))
    feet = np.array([(each.x, each.y) for each in labels], float).reshape(-1, 2)
    full = np.zeros((len(taken) + len(labels), 4))
    count = len(taken)
    full[:count] = [(each.x, each.y, each.width, each.height) for each in taken] or np.zeros((0, 4))
    for index in order:
        label = labels[index]
        if area.holds(label.x, label.y):
            box = _best(label, area, full[:count], np.delete(feet, index, axis=0))
            if box is not None:
                full[count] = box.x, box.y, box.width, box.height
                count += 1
                found[index] = box
    return found


def _best(label: Wanted, area: Box, full: NDArray[np.float64], feet: NDArray[np.float64]) -> Box | None:
    """The cheapest free place of a grid. What lies in the way does so in some columns and some rows, so the
    whole grid is a product of two thin matrices.
    """
    x, y = _tries(label, area)
    if not x.size or not y.size:
        return None
    left, top, wide, high = (each[:, None] for each in full.T)
    across = (x < left + wide + GAP) & (x + label.width + GAP > left)
    upright = (y < top + high + GAP) & (y + label.height + GAP > top)
    free = _counted(upright, across) == 0
    if not free.any():
        return None
    foot_x, foot_y = (each[:, None] for each in feet.T)
    covered = _counted(
        (y <= foot_y) & (foot_y <= y + label.height), (x <= foot_x) & (foot_x <= x + label.width)
    )
    cost = _aside(label, x) + _above(label, y)[:, None] + CROWD * covered
    row, column = divmod(int(np.where(free, cost, np.inf).argmin()), x.size)
    return Box(float(x[column]), float(y[row]), label.width, label.height)


def _counted(rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> NDArray[np.float32]:
    """float32[y, x]: of how many things bool[k, y] and bool[k, x] hold both."""
    return rows.T.astype(np.float32) @ columns.astype(np.float32)


def _tries(label: Wanted, area: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Columns and rows worth trying: above the point first, moved sideways, higher, and below."""
    low_x, high_x = area.x, area.x + area.width - label.width
    low_y, high_y = area.y, area.y + area.height - label.height
    if high_x < low_x or high_y < low_y:
        return np.zeros(0), np.zeros(0)
    steps = np.arange(-label.reach, label.reach + 1, STEP)
    x = np.clip(label.x - label.width / 2 + steps, low_x, high_x)
    y = np.clip(label.y - LIFT - label.height - steps, low_y, high_y)
    return np.unique(x), np.unique(y)


def _aside(label: Wanted, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(x + label.width / 2 - label.x)


def _above(label: Wanted, y: NDArray[np.float64]) -> NDArray[np.float64]:
    above = label.y - LIFT - (y + label.height)
    # Below what it names a label hides it: that is the last resort.
    return np.where(above >= 0, 0.8 * above, 120.0 - 1.5 * above)
