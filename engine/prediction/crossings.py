"""Tags on their way to a limit: alerts made of forecasts, each with its beginning and how it ended.

An alert is never an alarm: once the limit is reached the alarm speaks, and the alert is over. It begins where
the middle of a forecast that has skill crosses a limit within `HORIZON_US`, and well within the reach of that
skill. It does not flicker: it is kept until the middle lies beyond `KEPT` horizons, or three looks in a row
foresee no crossing; and where a limit was just reached, none begins for `REST_US`, nor of
that limit for so long after its alarm was last there: a value that moves about its limit is no news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec

from engine.store import StoreError
from engine.types import Crossing, Forecast, Limit, LimitKind

HOUR_US = 3_600_000_000
HORIZON_US = 24 * HOUR_US
KEPT = 1.3
MISSES = 3
REST_US = HOUR_US
UP: tuple[LimitKind, ...] = ("h", "hh", "trip")
DOWN: tuple[LimitKind, ...] = ("l", "ll")
Key = tuple[LimitKind, str]
"""Kind and name: tells the limits of a tag apart."""
Outcome = Literal["open", "reached", "not reached", "unclear"]


class Approach(msgspec.Struct, frozen=True):
    """An alert from its beginning to its end. ``crosses_us`` and its interval as they were said first.

    ``outcome`` "unclear" = nobody knows any more: no good value, the alarm set aside, the limit changed.
    """

    id: int
    path: str
    kind: LimitKind
    name: str
    limit: float
    begun_us: int
    crosses_us: int
    earliest_us: int | None = None
    latest_us: int | None = None
    ended_us: int = 0
    outcome: Outcome = "open"
    why: str = ""


class Keeps(Protocol):
    """Where alerts are kept (`engine.prediction.prediction_file.PredictionFile`)."""

    def approaches(self) -> list[Approach]: ...
    def keep_approaches(self, approaches: Iterable[Approach]) -> None: ...


@dataclass(frozen=True, slots=True)
class Stand:
    """How a tag stands this second: ``doubt`` = why its value is not good, "" = it is; and which of its
    limits are in alarm, which alarms set aside (shelved, suppressed, out of service).
    """

    doubt: str = ""
    active: frozenset[Key] = frozenset()
    aside: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Heading:
    """Where a tag is heading. ``value`` = the last of its rows, which ends at ``until_us`` · ``forecast``
    None = nothing is foreseen · ``limit`` = which lies in that direction, None = none.
    """

    forecast: Forecast | None
    limit: Limit | None
    value: float
    until_us: int


@dataclass(frozen=True, slots=True)
class Place:
    """What is said beside the path of a tag."""

    asset: str
    unit: str


@dataclass(slots=True, eq=False)
class _Watched:
    limit: Limit
    heading: Heading | None
    issued_us: int
    misses: int = 0
    approach: Approach | None = None


def key_of(limit: Limit) -> Key:
    """What tells a limit from the others of its tag."""
    return limit.kind, limit.name


def nearest(limits: Iterable[Limit], first: float, last: float) -> Limit | None:
    """The nearest limit that a value on its way from ``first`` to ``last`` would meet."""
    own = [(each.limit, each) for each in limits if each.limit is not None]
    if last >= first:
        above = [(limit, each) for limit, each in own if each.kind in UP and limit > first]
        return min(above, key=lambda pair: pair[0], default=(0.0, None))[1]
    below = [(limit, each) for limit, each in own if each.kind in DOWN and limit < first]
    return max(below, key=lambda pair: pair[0], default=(0.0, None))[1]


@dataclass(slots=True, eq=False)
class Crossings:
    """All alerts of a project. One thread; `shown` and `watched` from any.

    ``note`` puts beginning and end on record. ``trouble`` = why they are not on disk yet; what the disk
    refused goes with the next. ``valid_s`` = how long one is shown after a look.

    Raises:
        StoreError: the file cannot be read.
    """

    file: Keeps
    note: Callable[[dict[str, Any]], None]
    valid_s: float
    trouble: str = ""
    _all: dict[int, Approach] = field(init=False)
    _watched: dict[str, _Watched] = field(init=False)
    _reached_us: dict[str, int] = field(init=False)
    _resting: dict[str, tuple[Key, int]] = field(init=False)
    _unsaved: dict[int, Approach] = field(default_factory=dict[int, Approach])

    def __post_init__(self) -> None:
        self._all = {each.id: each for each in self.file.approaches()}
        reached = [each for each in self._all.values() if each.outcome == "reached"]
        self._reached_us = {each.path: each.ended_us for each in reached}
        self._resting = {each.path: ((each.kind, each.name), each.ended_us) for each in reached}
        # The words of a limit are those of today: the first look fits them.
        self._watched = {
            each.path: _Watched(Limit(each.path, each.kind, each.limit, name=each.name), None, 0, 0, each)
            for each in self._all.values()
            if each.outcome == "open"
        }

    @property
    def watched(self) -> frozenset[str]:
        """The tags of which it must be known each second how they stand."""
        return frozenset(self._watched.copy()) | frozenset(self._resting.copy())

    def limit_of(self, path: str) -> Limit | None:
        """The limit that a tag was said to be on its way to, None = none."""
        each = self._watched.get(path)
        return None if each is None else each.limit

    def newest(self, most: int = 200) -> Sequence[Approach]:
        """The alerts, ended ones too, the newest first."""
        return sorted(self._all.values(), key=lambda each: -each.id)[:most]

    @property
    def hits(self) -> tuple[int, int]:
        """How many alerts ended with the limit reached, and how many without."""
        ends = [each.outcome for each in self._all.values()]
        return ends.count("reached"), ends.count("not reached")

    def shown(
        self, now_us: int, stands: Mapping[str, Stand], places: Mapping[str, Place]
    ) -> tuple[Crossing, ...]:
        """The alerts that may be shown at ``now_us``, the soonest first: their tag is good, their alarm is
        not set aside and does not speak yet, and the look they rest on is not too old.
        """
        found = [
            self._crossing(path, each, places[path])
            for path, each in self._watched.copy().items()
            if path in stands and path in places and not _hidden(each.limit, stands[path])
        ]
        told = [each for each in found if each is not None]
        current = [each for each in told if 0 <= now_us - each.issued_us <= self.valid_s * 1e6]
        return tuple(sorted(current, key=lambda each: (each.crosses_us, each.path)))

    def _crossing(self, path: str, each: _Watched, place: Place) -> Crossing | None:
        heading, limit, approach = each.heading, each.limit, each.approach
        ahead = None if heading is None else heading.forecast
        if heading is None or approach is None or ahead is None or ahead.crosses_us is None:
            return None
        return Crossing(
            path, place.asset, limit.name or limit.kind.upper(), approach.limit, place.unit, heading.value,
            heading.until_us, each.issued_us, self.valid_s, approach.begun_us,
            ahead.crosses_us, ahead.earliest_us, ahead.latest_us,
        )  # fmt: skip

    def step(self, now_us: int, stands: Mapping[str, Stand]) -> None:
        """Begin what was found and may be said, end what has reached its limit."""
        for path, (key, last_us) in list(self._resting.items()):
            if path in stands and key in stands[path].active:
                self._resting[path] = key, now_us
            elif not _is_just(last_us, now_us):
                del self._resting[path]
        for path, each in list(self._watched.items()):
            stand = stands.get(path)
            if stand is None:
                continue
            if each.approach is None:
                if _hidden(each.limit, stand):
                    del self._watched[path]
                elif each.heading is not None and each.heading.forecast is not None:
                    self._begin(path, each, each.heading.forecast, now_us)
            elif key_of(each.limit) in stand.active:
                self._end(path, each, now_us, "reached")

    def looked(self, path: str, heading: Heading | None, stand: Stand | None, now_us: int) -> None:
        """A tag was looked at; ``heading`` None = it has no value at all."""
        each, ahead = self._watched.get(path), None if heading is None else heading.forecast
        crosses_us = None if ahead is None else ahead.crosses_us
        if each is None:
            limit = None if heading is None else heading.limit
            if limit is not None and ahead is not None and self._is_near(path, limit, ahead, now_us):
                self._watched[path] = _Watched(limit, heading, now_us)
        elif stand is not None and _doubt(each.limit, stand):
            self._end(path, each, now_us, "unclear", _doubt(each.limit, stand))
        elif heading is not None and _is_beyond(each.limit, heading.value):
            self._end(path, each, now_us, "reached")
        elif crosses_us is not None and crosses_us - now_us <= KEPT * HORIZON_US:
            each.heading, each.issued_us, each.misses = heading, now_us, 0
        elif ahead is not None and ahead.at_us[-1] - now_us > KEPT * HORIZON_US:
            self._end(path, each, now_us, "not reached", "it is not heading there any more")
        elif each.misses + 1 >= MISSES:
            self._end(path, each, now_us, "not reached", "where it is heading is not known any more")
        else:
            each.misses += 1

    def _is_near(self, path: str, limit: Limit, ahead: Forecast, now_us: int) -> bool:
        within_us = min(HORIZON_US, (ahead.at_us[-1] - now_us) / KEPT)
        is_reached = path in self._reached_us and _is_just(self._reached_us[path], now_us)
        is_rested = not is_reached and key_of(limit) != self._resting.get(path, (None, 0))[0]
        return is_rested and ahead.crosses_us is not None and ahead.crosses_us - now_us <= within_us

    def fit(self, limits: Mapping[str, Sequence[Limit]], now_us: int) -> None:
        """These are the limits now, by tag: an alert of another one is over."""
        for path, each in list(self._watched.items()):
            now = [own.limit for own in limits.get(path, ()) if key_of(own) == key_of(each.limit)]
            if each.limit.limit not in now:  # two of the same kind and name stand beside each other
                self._end(path, each, now_us, "unclear", "its limit was changed")

    def _begin(self, path: str, each: _Watched, ahead: Forecast, now_us: int) -> None:
        number, limit = max(self._all, default=0) + 1, each.limit
        each.approach = Approach(
            number, path, limit.kind, limit.name, limit.limit or 0.0, now_us,
            ahead.crosses_us or now_us, ahead.earliest_us, ahead.latest_us,
        )  # fmt: skip
        self._keep(each.approach)

    def _end(self, path: str, each: _Watched, now_us: int, outcome: Outcome, why: str = "") -> None:
        del self._watched[path]
        if outcome == "reached":
            self._reached_us[path] = now_us
            self._resting[path] = key_of(each.limit), now_us
        if each.approach is not None:
            ended = {"ended_us": now_us, "outcome": outcome, "why": why}
            self._keep(msgspec.structs.replace(each.approach, **ended))

    def _keep(self, approach: Approach) -> None:
        self._all[approach.id] = self._unsaved[approach.id] = approach
        reached, missed = self.hits
        said = {"what": "crossing", **msgspec.to_builtins(approach)}
        self.note({**said, "reached_until_now": reached, "not_reached_until_now": missed})
        try:
            self.file.keep_approaches(self._unsaved.values())
        except StoreError as error:
            self.trouble = f"alerts of limits ahead are not on disk yet: {error}"
        else:
            self._unsaved, self.trouble = {}, ""


def _is_just(then_us: int, now_us: int) -> bool:
    """Less than a rest ago; not after the clock was set back."""
    return 0 <= now_us - then_us < REST_US


def _hidden(limit: Limit, stand: Stand) -> bool:
    return bool(_doubt(limit, stand)) or key_of(limit) in stand.active


def _is_beyond(limit: Limit, value: float) -> bool:
    end = limit.limit or 0.0
    return value >= end if limit.kind in UP else value <= end


def _doubt(limit: Limit, stand: Stand) -> str:
    """Why nobody can say any more whether it is reached, "" = one can."""
    return stand.doubt or ("its alarm is set aside" if key_of(limit) in stand.aside else "")
