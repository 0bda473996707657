"""What limits compare with, as arrays: one row for each limit that is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import Limit

INFINITE = float("inf")
HIGH, LOW = ("h", "hh"), ("l", "ll")
HOLD, RAISE, CLEAR = np.uint8(0), np.uint8(1), np.uint8(2)
POLICIES = {"hold": HOLD, "raise": RAISE, "clear": CLEAR}
"""What a value that is not usable does to an alarm."""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """For each limit the band from ``low`` to ``high`` beyond which a value raises its alarm, and the
    narrower one from ``stay_low`` to ``stay_high`` beyond which it stays raised. Where ``inside`` it is
    the other way round: a value in the band raises it. Delays in microseconds.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    stay_low: NDArray[np.float64]
    stay_high: NDArray[np.float64]
    inside: NDArray[np.bool_]
    on_us: NDArray[np.int64]
    off_us: NDArray[np.int64]

    def quiet(
        self, rows: NDArray[np.intp], active: NDArray[np.bool_], value: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """From where to where the ``value`` of these limits may go before they have anything to say.

        Both ends belong to it. It is empty (from infinity to minus infinity) where no value is known.
        """
        low = np.where(active, self.stay_low[rows], self.low[rows])
        high = np.where(active, self.stay_high[rows], self.high[rows])
        beyond = self.inside[rows] != active
        above, below, between = beyond & (value > high), beyond & (value < low), ~beyond & ~np.isnan(value)
        start = np.where(above, np.nextafter(high, INFINITE), np.where(between, low, INFINITE))
        end = np.where(below, np.nextafter(low, -INFINITE), np.where(between, high, -INFINITE))
        start[below], end[above] = -INFINITE, INFINITE
        return start, end


def judged(limits: Sequence[Limit]) -> list[Limit]:
    """The limits that can raise an alarm: not those only drawn, nor any without the number they need."""
    return [
        each
        for each in limits
        if each.priority > 0 and (each.limit is not None or each.kind in ("on", "off", "bad"))
    ]


def policies(limits: Sequence[Limit]) -> NDArray[np.uint8]:
    """What values that are not usable do to each; that is all that ``bad`` looks at."""
    return np.array([RAISE if each.kind == "bad" else POLICIES[each.quality] for each in limits], np.uint8)


def bounds(limits: Sequence[Limit], beside: Sequence[Limit]) -> Bounds:
    """The bounds of ``judged`` limits, in their order; a trip is seen ``beside`` all others of its tag."""
    others = _numbers(beside)
    bands = [_band(each, others) for each in limits]
    low, high, stay_low, stay_high = (np.array([band[k] for band in bands], np.float64) for k in range(4))
    return Bounds(
        low,
        high,
        stay_low,
        stay_high,
        np.array([_inside(each) for each in limits], np.bool_),
        np.array([round(each.on_delay_s * 1e6) for each in limits], np.int64),
        np.array([round(each.off_delay_s * 1e6) for each in limits], np.int64),
    )


def _numbers(limits: Sequence[Limit]) -> Mapping[str, list[float]]:
    """What the limits of each tag are set to, without its trip."""
    found: dict[str, list[float]] = {}
    for each in limits:
        if each.limit is not None and each.kind in (*HIGH, *LOW):
            found.setdefault(each.path, []).append(each.limit)
    return found


def _band(each: Limit, others: Mapping[str, list[float]]) -> tuple[float, float, float, float]:
    at = each.limit or 0.0
    if each.kind == "bad":
        return -INFINITE, INFINITE, -INFINITE, INFINITE
    if each.kind in ("on", "off"):
        return at, at, at, at
    if each.kind in LOW or (each.kind == "trip" and at < min(others.get(each.path, [-INFINITE]))):
        return at, INFINITE, at + each.deadband, INFINITE
    return -INFINITE, at, -INFINITE, at - each.deadband


def _inside(each: Limit) -> bool:
    """``on`` of an enumeration and ``off`` of a bool are meant when the value equals the number."""
    return each.kind == ("off" if each.limit is None else "on")
