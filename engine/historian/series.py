"""Raw values as OPC UA Part 13 sees them: which may be used, and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.types import Samples, Status

BAD_NO_DATA, DATA_SUB_NORMAL = 0x809B0000, 0x40A40000
GOOD, UNCERTAIN, BAD = 0, 1, 2
"""Severity: bits 31-30 of a status code."""


@dataclass(frozen=True, slots=True)
class AggregateSettings:
    """AggregateConfigurationType (OPC 10000-13, 4.2.1.2), and Stepped of the variable (OPC 10000-11)."""

    treat_uncertain_as_bad: bool = True
    percent_bad: float = 100.0
    percent_good: float = 100.0
    sloped_extrapolation: bool = False
    stepped: bool = False


class Bound(NamedTuple):
    """The value at an instant; NaN = none. ``is_raw`` = a stored value has that very time."""

    value: float
    quality: int
    is_raw: bool = False

    @property
    def severity(self) -> int:
        """Good, uncertain or bad."""
        return min(self.quality >> 30, BAD)


NO_BOUND = Bound(np.nan, BAD_NO_DATA)


class Series:
    """The raw values of one tag. ``usable`` = those that are not Bad by these settings.

    BadNoData stands for "nothing was stored here" and is no raw value. A missing number is Bad. Where
    samples were left out on a straight line the value runs along it, whatever ``stepped`` says.
    """

    def __init__(self, samples: Samples, settings: AggregateSettings) -> None:
        there = (samples.quality & np.uint32(0xFFFF0000)) != BAD_NO_DATA
        self.settings = settings
        self.time: NDArray[np.int64] = samples.time_us[there]
        self.value: NDArray[np.float64] = samples.value[there]
        self.quality: NDArray[np.uint32] = samples.quality[there]
        self.severity = np.minimum(self.quality >> np.uint32(30), BAD).astype(np.int8)
        missing = ~np.isfinite(self.value) & (self.severity < BAD)
        self.severity[missing] = BAD
        self.quality[missing] = Status.BAD
        self.usable = self.severity == GOOD
        if not settings.treat_uncertain_as_bad:
            self.usable |= self.severity == UNCERTAIN
        self.sloped = (samples.dropped[there] > 0) | (not settings.stepped)
        self._used = np.flatnonzero(self.usable)

    def simple(self, time_us: int) -> Bound:
        """Simple bounding value (3.1.9): from the raw values next to it, Bad ones too."""
        after = int(np.searchsorted(self.time, time_us))
        if after == len(self.time):
            return NO_BOUND
        if self.time[after] == time_us:
            return self._raw(after) if self.usable[after] else NO_BOUND
        before = after - 1
        if before < 0:
            return NO_BOUND
        severity = int(self.severity[before])
        if not self.usable[before]:
            # In Annex A a stepped bound after an Uncertain value has no value, but is not Bad either.
            stays = severity == UNCERTAIN and not self.sloped[before]
            return Bound(np.nan, DATA_SUB_NORMAL) if stays else NO_BOUND
        doubt = severity == UNCERTAIN
        if not self.sloped[before]:
            return Bound(float(self.value[before]), DATA_SUB_NORMAL if doubt else Status.GOOD)
        if not self.usable[after]:
            return Bound(float(self.value[before]), DATA_SUB_NORMAL)
        doubt |= int(self.severity[after]) == UNCERTAIN
        return Bound(self._line(before, after, time_us), DATA_SUB_NORMAL if doubt else Status.GOOD)

    def interpolated(self, time_us: int, *, sloped: bool) -> Bound:
        """Interpolated bounding value (3.1.8): from the usable raw values next to it."""
        place = int(np.searchsorted(self.time[self._used], time_us))
        if place < len(self._used) and self.time[self._used[place]] == time_us:
            return self._raw(int(self._used[place]))
        if place == 0:
            return NO_BOUND
        before = int(self._used[place - 1])
        sloped = sloped or bool(self.sloped[before])
        if place == len(self._used):
            return Bound(self._beyond(place, time_us, sloped), DATA_SUB_NORMAL)
        after = int(self._used[place]) if sloped else int(np.searchsorted(self.time, time_us, "right"))
        doubt = bool((~self.usable[before + 1 : after]).any()) or int(self.severity[before]) == UNCERTAIN
        if not sloped:
            return Bound(float(self.value[before]), DATA_SUB_NORMAL if doubt else Status.GOOD)
        doubt |= int(self.severity[after]) == UNCERTAIN
        return Bound(self._line(before, after, time_us), DATA_SUB_NORMAL if doubt else Status.GOOD)

    def _beyond(self, place: int, time_us: int, sloped: bool) -> float:
        """The value after the last usable one."""
        last = int(self._used[place - 1])
        if sloped and self.settings.sloped_extrapolation:
            # Before all values of that instant: two of them have no slope between them.
            earlier = int(np.searchsorted(self.time[self._used], int(self.time[last])))
            if earlier:
                return self._line(int(self._used[earlier - 1]), last, time_us)
        return float(self.value[last])

    def _raw(self, at: int) -> Bound:
        return Bound(float(self.value[at]), int(self.quality[at]), True)

    def _line(self, before: int, after: int, time_us: int) -> float:
        begin, end = float(self.value[before]), float(self.value[after])
        part = int(time_us - self.time[before]) / int(self.time[after] - self.time[before])
        return begin + (end - begin) * part
