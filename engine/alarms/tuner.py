"""What a limit could be set to: proposals that leave out alarms, tried on what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import msgspec

from engine.alarms.backtest import NoBacktest, Read, Watch, compared, judge
from engine.alarms.pieces import Stretch
from engine.types import Backtest, Limit, Tag

UP: tuple[str, ...] = ("h", "hh", "dev", "rate", "disc")
DOWN: tuple[str, ...] = ("l", "ll")
OUTWARD = (0.005, 0.01, 0.02, 0.05)
"""Parts of the tag's range by which a limit is moved away from normal."""
DEADBANDS = (0.005, 0.01, 0.02, 0.05)
"""Parts of the tag's range; ISA-18.2 begins with 1 % for temperatures to 5 % for flows and levels."""
ON_DELAYS_S, OFF_DELAYS_S = (5.0, 15.0, 30.0, 60.0), (15.0, 60.0, 120.0)
MOST_CHANGED = 2
"""So many columns of a row are changed at once, that a person sees what it does."""
TIME_LEFT = 0.1
"""An on-delay takes at most this part of the time to respond."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit that would have raised fewer alarms, and what it would have done.

    ``delay_s`` = by how much the alarms that it still raises would have come later, on average.
    """

    limit: Limit
    result: Backtest
    delay_s: float

    @property
    def score(self) -> float:
        """Alarms left out for each second of delay (and one)."""
        return (self.result.came - self.result.would_come) / (1.0 + self.delay_s)


def proposals(
    current: Limit,
    tags: Sequence[Tag],
    read: Read,
    start_us: int,
    end_us: int,
    acted: Sequence[int] = (),
    gaps: Sequence[Stretch] = (),
    watch: Watch = lambda part: True,
    beside: Sequence[Limit] = (),
    most: int = 10,
) -> tuple[Proposal, ...]:
    """The best ``most`` settings of limit, deadband and delays around ``current``, the best first.

    ``acted`` = when people did something because of this alarm: no proposal would have kept one of those
    from them, or told it after they had acted. The others are as in `backtest`.

    Raises:
        NoBacktest, Stopped: as `backtest`.
    """
    tag = next((each for each in tags if each.path == current.path), None)
    if tag is None:
        raise NoBacktest(f'"{current.path}" is no tag of this project: nothing is stored to try limits on')
    tried = list(candidates(current, tag, beside))
    judged = judge([current, *tried], tags, read, start_us, end_us, gaps, watch, beside)
    before = judged.spells[0]
    needed = _needed(before, acted)
    found: dict[tuple[Stretch, ...], Proposal] = {}
    for limit, after in zip(tried, judged.spells[1:], strict=True):
        result = compared(before, after, start_us, end_us, judged.known_s)
        if result.would_come < result.came and not result.added and _keeps(after, needed):
            kept = max(result.came - len(result.removed), 1)
            delay_s = sum(late_s for _, late_s in result.delayed) / kept
            found.setdefault(after, Proposal(limit, result, delay_s))  # the smallest change comes first
    return tuple(sorted(found.values(), key=lambda each: -each.score)[:most])


def candidates(current: Limit, tag: Tag, beside: Sequence[Limit]) -> Iterator[Limit]:
    """Settings around the current one that could raise fewer alarms, the smallest changes first.

    A limit stays within the tag's range and before the next one outward, a deadband ends before the next one
    inward, a delay leaves nine tenths of the time to respond.
    """
    ways: dict[str, list[float]] = {
        "limit": _limits(current, tag, beside),
        "deadband": _deadbands(current, tag, beside),
        "on_delay_s": [
            each for each in ON_DELAYS_S if current.on_delay_s < each <= _longest_delay_s(current)
        ],
        "off_delay_s": [each for each in OFF_DELAYS_S if each > current.off_delay_s],
    }
    for count in range(1, MOST_CHANGED + 1):
        for names in combinations(ways, count):
            yield from _changed(current, names, ways)


def _changed(current: Limit, names: Sequence[str], ways: dict[str, list[float]]) -> Iterator[Limit]:
    if not names:
        yield current
        return
    for value in ways[names[0]]:
        changed = msgspec.structs.replace(current, **{names[0]: value})
        yield from _changed(changed, names[1:], ways)


def _longest_delay_s(current: Limit) -> float:
    return TIME_LEFT * current.respond_s if current.respond_s else ON_DELAYS_S[-1]


def _span(tag: Tag) -> float:
    return tag.high - tag.low if tag.low is not None and tag.high is not None else 0.0


def _limits(current: Limit, tag: Tag, beside: Sequence[Limit]) -> list[float]:
    at, span = current.limit, _span(tag)
    if at is None or span <= 0 or current.kind not in (*UP, *DOWN):
        return []
    others = [each.limit for each in _others(current, beside) if each.limit is not None]
    if current.kind in DOWN:
        end = max([other for other in others if other < at], default=tag.low or 0.0)
        return [moved for part in OUTWARD if (moved := _round(at - part * span, span)) > end]
    within = tag.high if current.kind in ("h", "hh") else span
    end = min([other for other in others if other > at], default=within or 0.0)
    return [moved for part in OUTWARD if (moved := _round(at + part * span, span)) < end]


def _deadbands(current: Limit, tag: Tag, beside: Sequence[Limit]) -> list[float]:
    at, span = current.limit, _span(tag)
    if at is None or span <= 0 or current.kind not in (*UP, *DOWN):
        return []
    room = [abs(at - other.limit) for other in _others(current, beside) if other.limit is not None]
    largest = min([each for each in room if each > 0], default=span)
    wider = (_round(part * span, span) for part in DEADBANDS)
    return [each for each in wider if current.deadband < each < largest]


def _others(current: Limit, beside: Sequence[Limit]) -> list[Limit]:
    """The other limits of the same value; what is apart or how fast has none."""
    alike = ("h", "hh", "l", "ll", "trip")
    return [
        each
        for each in beside
        if each.path == current.path and each.kind in alike and current.kind in alike and each != current
    ]


def _round(value: float, span: float) -> float:
    """To a thousandth of the span, as a person would write it."""
    return float(f"{value:.{max(0, 3 - len(str(int(span))) + 1)}f}")


def _needed(before: Sequence[Stretch], acted: Sequence[int]) -> list[tuple[int, int, int]]:
    """For each time at which people acted, the alarm they acted on: the last that had come by then."""
    found: list[tuple[int, int, int]] = []
    for time_us in acted:
        came = [each for each in before if each[0] <= time_us]
        if came:
            found.append((*came[-1], time_us))
    return found


def _keeps(after: Sequence[Stretch], needed: Sequence[tuple[int, int, int]]) -> bool:
    """Whether all of these alarms would have been there in part, and before people acted."""
    return all(
        any(a < until and b > since and a <= time_us for a, b in after) for since, until, time_us in needed
    )
