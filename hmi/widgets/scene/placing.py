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
    """A label to be placed: the point it names, its size in pixels; the lowest ``rank`` is placed first."""

    x: float
    y: float
    width: float
    height: float
    rank: int = 0


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
    full = list(taken)
    for index in order:
        label = labels[index]
        if area.holds(label.x, label.y):
            box = _best(label, area, full, np.delete(feet, index, axis=0))
            if box is not None:
                full.append(box)
                found[index] = box
    return found


def _best(label: Wanted, area: Box, full: Sequence[Box], feet: NDArray[np.float64]) -> Box | None:
    x, y = _tries(label, area)
    free = np.ones(x.shape, np.bool_)
    for box in full:
        free &= (
            (x >= box.x + box.width + GAP)
            | (x + label.width + GAP <= box.x)
            | (y >= box.y + box.height + GAP)
            | (y + label.height + GAP <= box.y)
        )
    if not free.any():
        return None
    cost = _cost(label, x, y)
    for foot_x, foot_y in feet:
        cost += CROWD * (
            (x <= foot_x) & (foot_x <= x + label.width) & (y <= foot_y) & (foot_y <= y + label.height)
        )
    best = int(np.where(free, cost, np.inf).argmin())
    return Box(float(x[best]), float(y[best]), label.width, label.height)


def _tries(label: Wanted, area: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every place worth trying: above the point first, moved sideways, higher, and below."""
    low_x, high_x = area.x, area.x + area.width - label.width
    low_y, high_y = area.y, area.y + area.height - label.height
    if high_x < low_x or high_y < low_y:
        return np.zeros(0), np.zeros(0)
    aside = np.arange(-FARTHEST, FARTHEST + 1, STEP)
    up = np.arange(-FARTHEST, FARTHEST + 1, STEP)
    x = np.clip(label.x - label.width / 2 + aside, low_x, high_x)
    y = np.clip(label.y - LIFT - label.height - up, low_y, high_y)
    grid_x, grid_y = np.meshgrid(np.unique(x), np.unique(y))
    return grid_x.ravel(), grid_y.ravel()


def _cost(label: Wanted, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    aside = np.abs(x + label.width / 2 - label.x)
    above = label.y - LIFT - (y + label.height)
    # Below what it names a label hides it: that is the last resort.
    return aside + np.where(above >= 0, 0.8 * above, 120.0 - 1.5 * above)
