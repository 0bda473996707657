"""What a changed limit would have done, judged on the samples that are stored.

The conditions are those of the live engine (`Conditions`); what is done here only spares them samples that
cannot change anything. Where the history left samples out, the value went along the straight line between
the two that it kept, so a limit is passed when that line crosses it. Suppression and people are left out:
this is about when the condition is true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.alarms.conditions import Conditions
from engine.alarms.pieces import Pieces, Stretch
from engine.alarms.state import Changes
from engine.types import Backtest, Limit, Samples, Tag
from engine.types.expressions import parse

Read = Callable[[Tag, int, int], Samples]
"""Stored samples of a tag with start_us <= time < end_us; those of the first piece may begin earlier, with
the one that held at its start."""
Watch = Callable[[float], bool]
"""Hears how far the work is, 0 to 1; False = stop."""
BY_LINE = ("hh", "h", "l", "ll", "trip")
BY_VALUE = (*BY_LINE, "on", "off", "status", "bad")
RAISED_BY_US = ("link", "device", "flood")
PIECE_SAMPLES = 400_000
SHORTEST_PIECE_S, LONGEST_PIECE_S = 60.0, 7 * 86_400.0


class Stopped(Exception):
    """Whoever asked for it wants it no more."""


class NoBacktest(Exception):
    """This limit cannot be tried on history; the text says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """When limits were passed: for each of them [(since_us, until_us)], and seconds of which the value is
    known.
    """

    spells: tuple[tuple[Stretch, ...], ...]
    known_s: float


def backtest(
    current: Limit,
    proposed: Limit,
    tags: Sequence[Tag],
    read: Read,
    start_us: int,
    end_us: int,
    gaps: Sequence[Stretch] = (),
    watch: Watch = lambda part: True,
    beside: Sequence[Limit] = (),
) -> Backtest:
    """What ``proposed`` would have done in place of ``current``.

    ``tags`` = at least those that the two name; ``gaps`` = stretches of which nothing is stored;
    ``beside`` = the other limits of the tag, which decide to which side a trip is meant.

    Raises:
        NoBacktest: a limit of this kind, or on a tag that is not there, cannot be tried.
        Stopped: ``watch`` said so.
    """
    judged = judge([current, proposed], tags, read, start_us, end_us, gaps, watch, beside)
    return compared(judged.spells[0], judged.spells[1], start_us, end_us, judged.known_s)


def compared(
    before: Sequence[Stretch], after: Sequence[Stretch], start_us: int, end_us: int, known_s: float
) -> Backtest:
    """Which alarms are left out, new or later. Each one that stays is one that was there in part at the same
    time; several that become one alarm count as left out but for the first.
    """
    removed: list[int] = []
    kept: list[int] = []
    delayed: list[tuple[int, float]] = []
    taken: set[int] = set()
    at = 0
    for since, until in before:
        while at < len(after) and after[at][1] <= since:
            at += 1
        if at < len(after) and after[at][0] < until and at not in taken:
            taken.add(at)
            kept.append(since)
            if after[at][0] > since:
                delayed.append((since, (after[at][0] - since) / 1e6))
        else:
            removed.append(since)
    added = tuple(since for k, (since, _) in enumerate(after) if k not in taken)
    return Backtest(
        *(start_us, end_us, known_s, len(before), len(after)),
        *(tuple(removed), added, tuple(delayed), tuple(kept)),
    )


def judge(
    limits: Sequence[Limit],
    tags: Sequence[Tag],
    read: Read,
    start_us: int,
    end_us: int,
    gaps: Sequence[Stretch] = (),
    watch: Watch = lambda part: True,
    beside: Sequence[Limit] = (),
) -> Judged:
    """When each of ``limits``, all of one tag, would have raised its alarm and for how long.

    Raises:
        NoBacktest, Stopped: as `backtest`.
    """
    wanted = _tags(limits, tags)
    own = [msgspec.structs.replace(each, name=f"{k}", suppress="") for k, each in enumerate(limits)]
    drawn = [msgspec.structs.replace(each, name="drawn", priority=0) for each in beside]
    ids = np.arange(len(wanted), dtype=np.int32)
    conditions = Conditions(
        [*own, *drawn], [msgspec.structs.replace(tag, tag_id=k) for k, tag in enumerate(wanted)]
    )
    places = np.array([int(each.name) for each in conditions.rows], np.intp)
    pieces = Pieces(len(wanted), _levels(limits) if len(wanted) == 1 else None, gaps, start_us)
    found: list[Changes | None] = []
    for begin, end in pairwise(_edges(wanted, start_us, end_us)):
        for batch, taken in pieces.batches([read(tag, begin, end) for tag in wanted], begin, end):
            found.append(conditions.judge(batch, taken, int(batch.receive_time_us[-1])))
        if not watch((end - start_us) / (end_us - start_us)):
            raise Stopped("the back-test was stopped")
    found.append(conditions.proved(ids, end_us))
    spells = _spells([each for each in found if each is not None], places, len(limits), start_us, end_us)
    return Judged(spells, pieces.known_us(end_us) / 1e6)


def _tags(limits: Sequence[Limit], tags: Sequence[Tag]) -> list[Tag]:
    """The tags that these limits look at, their own first."""
    by_path = {tag.path: tag for tag in tags}
    paths: dict[str, None] = {}
    for each in limits:
        if each.kind in RAISED_BY_US:
            raise NoBacktest(f"{each.kind} is raised by the engine itself: there is no history to try it on")
        named = parse(each.expression).tags if each.kind == "expr" else ()
        other = (each.other,) if each.kind in ("dev", "disc") else ()
        paths |= dict.fromkeys((each.path, *other, *named))
    missing = next((path for path in paths if path not in by_path), None)
    if missing is not None:
        raise NoBacktest(f'"{missing}" is no tag of this project: nothing is stored to try the limit on')
    if len({each.path for each in limits}) > 1:
        raise NoBacktest("a limit can only be compared with one of the same tag")
    if by_path[limits[0].path].type == "string":
        raise NoBacktest(f'"{limits[0].path}" is text: only numbers and on or off can be tried')
    return [by_path[path] for path in paths]


def _levels(limits: Sequence[Limit]) -> tuple[NDArray[np.float64], bool] | None:
    """The numbers at which any of them changes its mind, and whether a value passes them along a line.
    None = every sample matters.
    """
    if any(each.kind not in BY_VALUE for each in limits):
        return None
    edges = {(each.limit or 0.0) + way * each.deadband for each in limits for way in (-1.0, 0.0, 1.0)}
    return np.array(sorted(edges), np.float64), all(each.kind in BY_LINE for each in limits)


def _edges(tags: Sequence[Tag], start_us: int, end_us: int) -> list[int]:
    """Where the pieces begin that are read at once."""
    rate = sum(max(tag.rate, 0.01) for tag in tags)
    length_s = min(max(PIECE_SAMPLES / rate, SHORTEST_PIECE_S), LONGEST_PIECE_S)
    return [*range(start_us, end_us, round(length_s * 1e6)), end_us]


def _spells(
    found: Sequence[Changes], places: NDArray[np.intp], count: int, start_us: int, end_us: int
) -> tuple[tuple[Stretch, ...], ...]:
    since: dict[int, int] = {}
    spells: list[list[Stretch]] = [list[Stretch]() for _ in range(count)]
    for changes in found:
        which: list[int] = places[changes.limits].tolist()
        turns = zip(which, changes.active.tolist(), changes.time_us.tolist(), strict=True)
        for place, came, time_us in turns:
            if came:
                since.setdefault(place, max(time_us, start_us))
            elif place in since:
                spells[place].append((since.pop(place), time_us))
    for place, time_us in since.items():
        spells[place].append((time_us, end_us))
    return tuple(tuple(each) for each in spells)
