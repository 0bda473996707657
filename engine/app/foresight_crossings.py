"""Where the tags with limits are heading: looked at in turn in prediction's thread, at a bounded cost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.app.foresight_past import Rolled, rows_of
from engine.live import LiveTable
from engine.prediction.crossings import DOWN, UP, Crossings, Heading, Key, Place, Stand, key_of, nearest
from engine.prediction.forecast import farthest, forecast
from engine.prediction.presets import SLOW
from engine.tags import is_measured
from engine.types import SEVERITY_MASK, Alarm, Clock, Crossing, Forecast, Limit, Project, Tag

ROW_US = round(SLOW.row_s * 1e6)
SEEN = 3.0
"""A forecast is made from so many times the span it looks ahead."""
LEAST_SEEN_US = 72 * 3_600_000_000
AHEAD_US = 48 * 3_600_000_000
"""As far as the line that a window draws."""
ROUND_US = ROW_US
"""Each tag is looked at once in so long: sooner there is no new row."""
BUDGET_US = 50_000
"""Of each second, at most, and one tag at least; a round of very many tags takes longer then."""
VALID_S = 3.5 * SLOW.row_s
"""One more than the looks in a row that may foresee nothing."""
LETTERS_ASIDE = ("E", "F", "G")


def recent(rolled: Rolled, tag: int, now_us: int, ahead_us: int) -> tuple[int, NDArray[np.float64]]:
    """The end of the last whole row and the rows float[n] to look ahead from, NaN = no good value."""
    end_us = now_us - now_us % ROW_US
    seen_us = max(LEAST_SEEN_US, round(SEEN * ahead_us))
    means, coverage = rows_of(rolled, np.array([tag], np.int32), end_us - seen_us, end_us, ROW_US)
    return end_us, np.where(coverage[:, 0] > 0, means[:, 0], np.nan)


def drawn(
    path: str, end_us: int, values: NDArray[np.float64], ahead_us: int, limits: Sequence[Limit]
) -> tuple[Forecast, Limit | None] | None:
    """The forecast of a tag and the nearest of its limits in that direction, None = there is no forecast."""
    found = forecast(path, end_us, ROW_US, values, ahead_us)
    if found is None:
        return None
    limit = nearest(limits, found.middle[0], found.middle[-1])
    if limit is not None:
        found = forecast(path, end_us, ROW_US, values, ahead_us, limit.limit) or found
    return found, limit


@dataclass(slots=True, eq=False)
class LookAhead:
    """Looks at one tag after another, round after round. One thread, but for what says otherwise.

    ``stands`` = how the watched tags stand, by path: replaced whole each second, in the engine's loop, from
    ``limits``, those that can be crossed, which are replaced whole here.
    """

    clock: Clock
    project: Callable[[], Project]
    tags: Callable[[], Sequence[Tag]]
    rolled: Rolled
    crossings: Crossings
    stands: Mapping[str, Stand] = field(default_factory=dict[str, Stand])
    limits: Mapping[str, Sequence[Limit]] = field(default_factory=dict[str, Sequence[Limit]])
    _places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    _ids: Mapping[str, int] = field(default_factory=dict[str, int])
    _left: deque[str] = field(default_factory=deque[str])
    _of: object = None
    _begun_us: int = 0

    def step(self) -> None:
        """What is due this second."""
        stands, now_us, mono_us = self.stands, self.clock.now_us(), self.clock.mono_us()
        self.crossings.step(now_us, stands)
        is_over = not self._left and mono_us - self._begun_us >= ROUND_US
        if is_over or self._of is not self.project().limits:
            self._begun_us = mono_us
            self._list(now_us)
        share = -(-len(self._ids) * 1_000_000 // ROUND_US)
        for _ in range(min(share, len(self._left))):
            self._look(self._left.popleft(), now_us, stands)
            if self.clock.mono_us() - mono_us > BUDGET_US:
                break

    def shown(self) -> tuple[Crossing, ...]:
        """The alerts of now. From any thread."""
        return self.crossings.shown(self.clock.now_us(), self.stands, self._places)

    def _list(self, now_us: int) -> None:
        """The tags with limits of the process, as they are now; those with an alert come first."""
        self._of = self.project().limits
        limits = crossable(self.project().limits)
        shown = {tag.path: tag for tag in self.tags() if tag.path in limits}
        known = {path: tag for path, tag in shown.items() if is_measured(tag.type, tag.states)}
        self.limits = {path: limits[path] for path in known}
        self._ids = {path: tag.tag_id for path, tag in known.items()}
        self._places = {path: Place(path.rpartition("/")[0], tag.unit) for path, tag in known.items()}
        self.crossings.fit(self.limits, now_us)
        watched = self.crossings.watched
        self._left = deque(sorted(known, key=lambda path: path not in watched))

    def _look(self, path: str, now_us: int, stands: Mapping[str, Stand]) -> None:
        stand, warned = stands.get(path), self.crossings.limit_of(path)
        taken = frozenset[Key]() if stand is None else stand.aside | stand.active
        free = [each for each in self.limits[path] if key_of(each) not in taken]
        seen = recent(self.rolled, self._ids[path], now_us, AHEAD_US)
        heading = heading_of(path, *seen, free if warned is None else [warned])
        self.crossings.looked(path, heading, stand, now_us)


def heading_of(
    path: str, end_us: int, values: NDArray[np.float64], limits: Sequence[Limit]
) -> Heading | None:
    """Where rows float[n] are heading, the last of which ends at ``end_us``; None = no value at all."""
    there = np.flatnonzero(np.isfinite(values))
    if not len(there):
        return None
    value, until_us = float(values[there[-1]]), end_us - (len(values) - 1 - int(there[-1])) * ROW_US
    low, high = farthest(values, ROW_US, AHEAD_US)
    if not any(each.limit is not None and low <= each.limit <= high for each in limits):
        return Heading(None, None, value, until_us)
    found = drawn(path, end_us, values, AHEAD_US, limits)
    return Heading(*(found or (None, None)), value, until_us)


def crossable(limits: Sequence[Limit]) -> dict[str, list[Limit]]:
    """The limits that a value can cross and that alarm, by tag."""
    found: dict[str, list[Limit]] = {}
    for each in limits:
        if each.kind in (*UP, *DOWN) and each.limit is not None and each.priority:
            found.setdefault(each.path, []).append(each)
    return found


def stands_of(
    ahead: LookAhead,
    rows: Mapping[str, int],
    table: LiveTable,
    alarm: Callable[[Limit], Alarm | None],
) -> Mapping[str, Stand]:
    """How the watched tags stand now; in the engine's loop. ``rows`` = live rows by path."""
    here = [path for path in ahead.crossings.watched if path in rows]
    at = np.array([rows[path] for path in here], np.intp)
    values, quality, _ = table.look(at, ahead.clock.mono_us())
    good = ((quality & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(values)
    limits, found = ahead.limits, dict[str, Stand]()
    for path, is_good in zip(here, good.tolist(), strict=True):
        alarms = [(key_of(each), alarm(each)) for each in limits.get(path, ())]
        found[path] = Stand(
            "" if is_good else "it has no good value",
            frozenset(key for key, each in alarms if each is not None and each.active),
            frozenset(key for key, each in alarms if each is not None and each.letter in LETTERS_ASIDE),
        )
    return found
