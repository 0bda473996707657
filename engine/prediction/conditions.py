"""Sensors corrected to one way of running: an engine on the ground and at altitude becomes comparable."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray


class Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ways of running that a model knows; it comes from its card, ``extra["conditions"]``.

    ``settings`` = roles that tell which one it is, ``scales`` what a difference of each is measured in,
    ``centres`` [conditions][settings]. ``level`` and ``spread`` [conditions] by role of the sensors, in
    training. Values are corrected to the first condition; further than ``within`` from every centre a value
    is of no condition that is known, and missing.
    """

    settings: tuple[str, ...]
    scales: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    level: dict[str, tuple[float, ...]]
    spread: dict[str, tuple[float, ...]]
    within: float

    def __post_init__(self) -> None:
        wide, many = len(self.settings), len(self.centres)
        if not many or len(self.scales) != wide or any(len(each) != wide for each in self.centres):
            raise ValueError("'conditions' needs a scale for each setting, and centres of as many settings")
        if any(len(each) != many for by in (self.level, self.spread) for each in by.values()):
            raise ValueError("'conditions' needs a level and a spread of each sensor for each condition")
        if min((*self.scales, *(x for each in self.spread.values() for x in each)), default=1.0) <= 0.0:
            raise ValueError("'conditions' needs scales and spreads above 0")


def sensors(roles: tuple[str, ...], conditions: Conditions | None) -> tuple[str, ...]:
    """The roles that are no setting, in their order.

    Raises:
        ValueError: the conditions name a setting, or lack a sensor, of these.
    """
    if conditions is None:
        return roles
    if not set(conditions.settings) <= set(roles):
        raise ValueError("'conditions' has a setting that is no role in 'inputs'")
    found = tuple(each for each in roles if each not in conditions.settings)
    if not set(found) <= set(conditions.level) & set(conditions.spread):
        raise ValueError("'conditions' lacks the level or spread of an input")
    return found


def corrected(
    means: NDArray[np.float32], roles: tuple[str, ...], conditions: Conditions | None
) -> NDArray[np.float64]:
    """``means`` float32[..., roles] as they would be in the first condition, float64[..., sensors].

    Element by element, so that a value has the same bits alone as among many.
    """
    kept = sensors(roles, conditions)
    values = means[..., [roles.index(each) for each in kept]].astype(np.float64)
    if conditions is None:
        return values
    which, far = _nearest(means, roles, conditions)
    level = np.array([conditions.level[each] for each in kept]).T
    spread = np.array([conditions.spread[each] for each in kept]).T
    moved = (values - level[which]) / spread[which] * spread[0] + level[0]
    moved[~(far <= conditions.within)] = np.nan  # also where a setting is missing
    return moved


def _nearest(
    means: NDArray[np.float32], roles: tuple[str, ...], conditions: Conditions
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The nearest centre and how far it is, in scales."""
    which = np.zeros(means.shape[:-1], np.intp)
    least = np.full(means.shape[:-1], np.inf)
    for place, centre in enumerate(conditions.centres):
        apart = np.zeros(means.shape[:-1])
        for role, scale, middle in zip(conditions.settings, conditions.scales, centre, strict=True):
            apart += ((means[..., roles.index(role)] - middle) / scale) ** 2
        nearer = apart < least
        which[nearer], least[nearer] = place, apart[nearer]
    return which, np.sqrt(least)
