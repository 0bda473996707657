"""Stored roll-ups, kept up to date behind the seals, and never used where they are not.

Steps of 60 s and 3600 s are kept of every tag. Steps of 1 s only of tags with 100 samples a second and
more: unpacking runs at over 100 million samples a second, so an hour of a 1 Hz tag is rolled up from its
3,600 samples in less time than its stored seconds would take to read.

Hours that a seal touched are marked on disk before the seal is over, and stay marked until they are
rolled up. What is marked, not sealed yet or not stored is made from the samples at the moment it is
asked for, so an answer is right at any time, also right after a kill.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.clock import rfc3339
from engine.historian.places import FAST_RATE, segment_path
from engine.historian.rolling import MOST_SAMPLES, from_raw
from engine.historian.rollup import DAY_US, HOUR_US, MINUTE_US, SECOND_US, combine, nothing
from engine.historian.tail import Tail
from engine.store.database import Damaged, StoreError
from engine.store.rollup_file import HOURS, MINUTES, SECONDS, Block, Dirty, RollupFile, sealed_since
from engine.types import History, Rollup

Found = TypeVar("Found")
Span = tuple[int, int, int]
"""Tag id, source time of its first and of its last sample, both included."""
Watch = Callable[[float], bool]
"""Told how much of the work is done, 0 to 1; it may wait there. False = stop."""
KINDS = ("samples", "fast")
"""Names of segments begin so."""
PORTION = 8
"""Hours of a tag that are rolled up and stored at once, about 10 ms."""
MOST_OPEN = 12
MANY_HOLES = 64
"""With more holes than this, all from the first to the last is made from samples."""


class Rollups:
    """All roll-ups of a history. Any thread.

    ``rates`` = samples a second of each tag, 1 where it is not in there. ``unsealed`` = time of the
    oldest sample of a tag that is in no segment yet, None = all are; a sample counts as unsealed until
    `sealed` has returned. ``damaged`` = files that were set aside.
    """

    def __init__(
        self,
        folder: Path,
        history: History,
        rates: Mapping[int, float] | None = None,
        unsealed: Callable[[int], int | None] = lambda tag_id: None,
        *,
        read_only: bool = False,
    ) -> None:
        self.damaged: list[str] = []
        self._folder, self._history, self._unsealed = folder, history, unsealed
        self._rates, self._read_only = rates or {}, read_only
        self._lock, self._marking = threading.Lock(), threading.Lock()
        self._pending: frozenset[tuple[int, int]] = frozenset()
        self._open: OrderedDict[str, RollupFile] = OrderedDict()
        self._newest: dict[int, int] = {}
        self._horizon_us = self._floor_us = -(2**62)

    def sealed(self, spans: Sequence[Span]) -> None:
        """Samples of these tags and times are in segments now. Marked on disk when it returns.

        To be called after the segments are on disk and before the samples leave the tail and the frames;
        calling it again changes nothing. What cannot be marked is kept in mind, and tried again.

        Raises:
            StoreError: the marks cannot be written.
        """
        months = self._months()
        with self._marking:
            for tag, first_us, last_us in spans:
                self._pending |= self._touched(tag, first_us, last_us, months)
                self._horizon_us = max(self._horizon_us, last_us // HOUR_US * HOUR_US)
            self._mark()
            self._saw({last_us // DAY_US for _, _, last_us in spans})

    def catch_up(self) -> None:
        """Mark what is in segments without `sealed` having been told, after a kill or before it was asked.

        To be called once, as soon as `sealed` is told of every seal.

        Raises:
            StoreError: the marks cannot be written.
        """
        seen = max((self._ask(name, RollupFile.seen) for name in self._months()), default=0)
        spans: list[Span] = []
        for path in (path for kind in KINDS for path in self._folder.glob(f"{kind}-????-??-??.db")):
            with contextlib.suppress(StoreError):  # a segment that cannot be read has nothing to roll up
                spans += sealed_since(path, seen)[1]
        if spans:
            self.sealed(spans)

    def _saw(self, days: Iterable[int]) -> None:
        """Remember up to which frame of the journal everything is marked."""
        upto, latest = 0, ""
        for day in days:
            latest = max(latest, month(day * DAY_US))
            for path in (segment_path(self._folder, day, fast) for fast in (False, True)):
                with contextlib.suppress(StoreError):
                    upto = max(upto, sealed_since(path, 2**40)[0] if path.exists() else 0)
        if upto:
            self._ask(latest, lambda file: file.saw(upto))

    def _mark(self) -> None:
        by_month: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for tag, hour_us in sorted(self._pending):
            by_month[month(hour_us)].append((tag, hour_us))
        for name, some in by_month.items():
            self._ask(name, lambda file, some=some: file.mark(some))
            self._pending = self._pending.difference(some)

    def work(self, watch: Watch, *, finish: bool = False) -> bool:
        """Roll up what is marked, oldest months first. True = nothing is left that can be done now.

        The hour that samples still come for waits until it is over, unless ``finish``. Between two
        portions of some 10 ms nothing is held and ``watch`` is called.
        """
        with self._marking:
            self._mark()
        done = 0
        before_us = 2**62 if finish else self._horizon_us
        for name in self._months():
            while some := self._ask(name, lambda file: file.dirty(PORTION, before_us)):
                self._roll(name, some)
                done += len(some)
                left = self._ask(name, lambda file: file.dirty_count(before_us))
                if not watch(done / (done + left)):
                    return False
        return True

    def rollup(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        """Steps of any length from ``start_us`` on; the last one may reach beyond ``end_us``."""
        count = max(-(-(end_us - start_us) // step_us), 0)
        kept = (HOURS, MINUTES, SECONDS) if self._is_fast(tag_id) else (HOURS, MINUTES)
        for step in kept:
            small = step * SECOND_US
            if step_us % small == 0 and start_us % small == 0 and count:
                steps = step_us // small
                return combine(self._stored(tag_id, step, start_us, count * steps), steps)
        return self._made(tag_id, start_us, step_us, count)

    def oldest_open_us(self) -> int | None:
        """Start of the oldest hour that is not rolled up yet; its samples are still needed."""
        found = [self._ask(name, RollupFile.oldest_dirty) for name in self._months()]
        return min((at for at in found if at is not None), default=None)

    def keep_before(self, time_us: int) -> None:
        """Samples before this instant are no longer stored: roll-ups from before it stay as they are."""
        self._floor_us = time_us

    def forget(self, path: Path) -> None:
        """Let go of a month's file, so that it can be removed."""
        with self._lock:
            held = self._open.pop(path.stem.removeprefix("rollups-"), None)
            if held is not None:
                held.close()
            self._newest.clear()

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for file in self._open.values():
                file.close()
            self._open.clear()

    def _touched(self, tag: int, first_us: int, last_us: int, months: Sequence[str]) -> set[tuple[int, int]]:
        """Hours whose roll-ups change with samples of a tag from ``first_us`` to ``last_us``.

        What comes late changes more than its own hours: a line may lead here from the hour before, and
        the next hour in which samples came begins with a value that was held from here. Hours in which
        none came have no block, so nothing is wrong between the two.
        """
        newest = self._newest.get(tag)
        if newest is None:
            found = (self._ask(name, lambda file: file.newest(tag)) for name in months)
            newest = max((hour + HOUR_US for hour in found if hour is not None), default=-(2**62))
        hours = {hour * HOUR_US for hour in range(first_us // HOUR_US, last_us // HOUR_US + 1)}
        if first_us < newest:
            hours.add(min(hours) - HOUR_US)
            later = (self._ask(name, lambda file: file.next_hour(tag, max(hours))) for name in months)
            hours.add(min((hour for hour in later if hour is not None), default=max(hours)))
        self._newest[tag] = max(newest, last_us)
        return {(tag, hour) for hour in hours if hour >= self._floor_us}

    def _roll(self, name: str, some: Sequence[Dirty]) -> None:
        """Roll up hours of one month and store them; one in which no sample came has no block."""
        blocks: list[Block] = []
        empty: list[tuple[int, int]] = []
        hours: dict[tuple[int, int], list[Rollup]] = defaultdict(list)
        for tag, first, count in _spans(some, self._rates):
            minutes = self._minutes(tag, first, count, blocks)
            for at in range(count):
                one = _part(minutes, at * 60, 60)
                hours[tag, one.start_us // DAY_US * DAY_US].append(combine(one, 60))
                if one.count.any():
                    blocks.append(Block(tag, one, np.ones(60, np.bool_)))
                else:
                    empty.append((tag, one.start_us))

        def put(file: RollupFile) -> None:
            days = [_day(file, tag, day_us, rolled) for (tag, day_us), rolled in hours.items()]
            file.put(blocks + days, some, empty)

        self._ask(name, put)

    def _minutes(self, tag: int, start_us: int, hours: int, blocks: list[Block]) -> Rollup:
        if not self._is_fast(tag):
            return self._made(tag, start_us, MINUTE_US, hours * 60)
        seconds = self._made(tag, start_us, SECOND_US, hours * 3600)
        parts = (_part(seconds, at * 3600, 3600) for at in range(hours))
        blocks += [Block(tag, part, np.ones(3600, np.bool_)) for part in parts if part.count.any()]
        return combine(seconds, 60)

    def _stored(self, tag: int, step: int, start_us: int, count: int) -> Rollup:
        """Steps of a length that is kept, from blocks where they hold and from samples elsewhere."""
        found, step_us = nothing(start_us, step * SECOND_US, count), step * SECOND_US
        known = np.zeros(count, np.bool_)
        end_us = start_us + count * step_us
        fresh = self._unsealed(tag)  # asked before the marks: what is sealed meanwhile is marked by then
        sound_us = end_us if fresh is None else (fresh // HOUR_US - 1) * HOUR_US
        for block, dirty in self._blocks(tag, step, start_us, min(end_us, sound_us)):
            _copy(block, dirty, found, known)
        known[max(-(-(sound_us - start_us) // step_us), 0) :] = False
        for first, last in _holes(known):
            part = self._made(tag, start_us + first * step_us, step_us, last - first)
            _fill(found, first, part, ~known[first:last])
        return found

    def _blocks(
        self, tag: int, step: int, start_us: int, end_us: int
    ) -> Iterable[tuple[Block, Sequence[int]]]:
        """The blocks of a span, each with those of its hours that are dirty."""
        length = DAY_US if step == HOURS else HOUR_US
        first_us = start_us // length * length
        unmarked = [hour for each, hour in self._pending if each == tag]
        for name in self._months():
            if not month(first_us) <= name <= month(end_us):
                continue
            dirty, blocks = self._ask(
                name,
                lambda file: (
                    file.dirty_hours(tag, first_us, end_us),
                    file.find(step, tag, first_us, end_us),
                ),
            )
            for block in blocks:
                begin = block.rollup.start_us
                yield block, [hour for hour in (*dirty, *unmarked) if begin <= hour < begin + length]

    def _made(self, tag: int, start_us: int, step_us: int, count: int) -> Rollup:
        return from_raw(self._history, tag, start_us, step_us, count, self._rates.get(tag, 1.0))

    def _is_fast(self, tag: int) -> bool:
        return self._rates.get(tag, 1.0) >= FAST_RATE

    def _months(self) -> list[str]:
        """The months there are files of, oldest first."""
        found = self._folder.glob("rollups-????-??.db")
        return sorted(path.stem.removeprefix("rollups-") for path in found)

    def _ask(self, name: str, question: Callable[[RollupFile], Found]) -> Found:
        """What the file of a month answers; a damaged one is set aside, and a new one asked.

        What is lost with it can be made again from the samples, as long as they are kept.
        """
        path = self._folder / f"rollups-{name}.db"
        with self._lock:
            try:
                return question(self._of(name, path))
            except Damaged:
                if self._read_only:
                    raise
                self._set_aside(name, path)
                return question(self._of(name, path))

    def _of(self, name: str, path: Path) -> RollupFile:
        held = self._open.pop(name, None)
        if held is None:
            held = RollupFile(path, read_only=self._read_only)
            while len(self._open) >= MOST_OPEN:
                self._open.popitem(last=False)[1].close()
        self._open[name] = held
        return held

    def _set_aside(self, name: str, path: Path) -> None:
        held = self._open.pop(name, None)
        if held is not None:
            held.close()
        for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if each.exists():
                each.replace(each.with_name(f"{each.name}.damaged"))
        self.damaged.append(path.name)


def oldest_in(tail: Tail) -> Callable[[int], int | None]:
    """``unsealed`` of `Rollups` for samples that wait in this tail."""

    def oldest(tag_id: int) -> int | None:
        chunks = tail.find(tag_id, -(2**62), 2**62)
        return min((int(chunk.time_us.min()) for chunk in chunks if len(chunk.time_us)), default=None)

    return oldest


def month(time_us: int) -> str:
    """``YYYY-MM`` of an instant, UTC."""
    return rfc3339(time_us)[:7]


def _spans(some: Sequence[Dirty], rates: Mapping[int, float]) -> list[tuple[int, int, int]]:
    """(tag, first hour, hours): hours that follow each other, as many as are read at once."""
    found: list[tuple[int, int, int]] = []
    for each in some:
        most = max(int(MOST_SAMPLES / (3600 * max(rates.get(each.tag, 1.0), 1e-3))), 1)
        if found:
            tag, first, count = found[-1]
            if tag == each.tag and first + count * HOUR_US == each.hour_us and count < most:
                found[-1] = (tag, first, count + 1)
                continue
        found.append((each.tag, each.hour_us, 1))
    return found


def _day(file: RollupFile, tag: int, day_us: int, hours: Sequence[Rollup]) -> Block:
    """The day's block with these hours in it."""
    had = file.find(HOURS, tag, day_us, day_us + 1)
    whole = had[0].whole.copy() if had else np.zeros(24, np.bool_)
    kept = nothing(day_us, HOUR_US, 24)
    if had:
        _fill(kept, 0, had[0].rollup)
    for hour in hours:
        at = (hour.start_us - day_us) // HOUR_US
        _fill(kept, at, hour)
        whole[at] = hour.count[0] > 0
    return Block(tag, kept, whole)


def _part(rollup: Rollup, first: int, count: int) -> Rollup:
    at = slice(first, first + count)
    return Rollup(
        *(rollup.start_us + first * rollup.step_us, rollup.step_us),
        *(rollup.low[at], rollup.high[at], rollup.mean[at], rollup.count[at], rollup.good[at]),
    )


def _fill(into: Rollup, first: int, part: Rollup, where: NDArray[np.bool_] | None = None) -> None:
    """Put the steps of ``part`` in from step ``first`` on, all or those ``where`` says."""
    chosen = np.ones(len(part.low), np.bool_) if where is None else where
    at = first + np.flatnonzero(chosen)
    into.low[at], into.high[at] = part.low[chosen], part.high[chosen]
    into.mean[at], into.count[at] = part.mean[chosen], part.count[chosen]
    into.good[at] = part.good[chosen]


def _copy(block: Block, dirty: Sequence[int], into: Rollup, known: NDArray[np.bool_]) -> None:
    """Take over the steps of a block that are asked for and hold."""
    rollup, whole = block.rollup, block.whole.copy()
    for hour_us in dirty:
        first = (hour_us - rollup.start_us) // rollup.step_us
        whole[first : first + max(HOUR_US // rollup.step_us, 1)] = False
    shift = (rollup.start_us - into.start_us) // rollup.step_us
    first, last = max(shift, 0), min(shift + len(whole), len(known))
    if first >= last:
        return
    part = _part(rollup, first - shift, last - first)
    _fill(into, first, part)
    known[first:last] = whole[first - shift : last - shift]


def _holes(known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[first, last) of the stretches that are not known."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], known, [True])).astype(np.int8)))
    holes = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return holes if len(holes) <= MANY_HOLES else [(holes[0][0], holes[-1][1])]
