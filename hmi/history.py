"""Stored curves on this side of the wire, kept as tiles, and what a trend may ask of them. No Qt.

A tile holds one tag over `COLUMNS` columns of time. A column of level k is 2^k microseconds wide and
tiles stand on the UTC grid, so that the same stretch is the same tile in every window and every zoom.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.types import Annotation, Curve, Gap
from hmi.known_alarms import AlarmPast

COLUMNS = 512
LEAST_LEVEL, MOST_LEVEL = 4, 38
FINER = 3
"""So many finer levels stand in while the wanted one is on its way: more would be too many points."""
MOST_BYTES = 64 << 20
TILE_BYTES = 400
"""About what a tile costs beside its points."""
YOUNGEST_KEPT_US, OLDEST_KEPT_US = 2_000_000, 3_600_000_000
PARTS_KEPT = 128
"""A tile that reaches to now is asked for anew after such a part of its length."""
NO_CURVE = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of what a trend shows has come. ``part`` 0 to 1 of the stored curves that it wants.

    ``waits_us`` = for how long the slowest question is out. ``missing`` = stretches of time (first and
    last UTC microsecond) of which nothing is known yet. ``trouble`` = why nothing comes, in words.
    ``is_stopped`` = a person did not want to wait. ``version`` changes with everything that comes.
    """

    part: float = 1.0
    waits_us: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    trouble: str = ""
    is_stopped: bool = False
    version: int = 0


class Stored(Protocol):
    """What a trend may ask of the stored past. Tags by live position; nothing here ever blocks."""

    def detail(self, indices: Sequence[int], pixels: int) -> Detail:
        """How much is there of the curves of these tags that were last asked for at that width."""
        ...

    def gaps(self, indices: Sequence[int], start_us: int, end_us: int) -> Sequence[Gap]:
        """Known stretches in which samples of one of the tags are missing, oldest first."""
        ...

    def notes(self, start_us: int, end_us: int) -> Sequence[Annotation]:
        """What people noted on a span, oldest first, as far as it is known."""
        ...

    def alarms(self, paths: Sequence[str], start_us: int, end_us: int) -> Sequence[AlarmPast]:
        """What the alarms of these tags did, as far as it is known; the same object = no news of a tag."""
        ...

    def renew_notes(self) -> None:
        """A note was made or removed here: ask for them again."""
        ...

    def oldest_us(self) -> int | None:
        """UTC microseconds of the oldest sample of the plant; None = none, or not known yet."""
        ...

    def stop_loading(self, indices: Sequence[int]) -> None:
        """Wait no longer for the curves of these tags in the window that they have now."""
        ...

    def load_again(self, indices: Sequence[int]) -> None:
        """Take back `stop_loading`, and ask at once after trouble."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """The points of [start_us, end_us), with one before and one after it where there are any.

    All that was stored up to ``until_us`` is in it. ``fetched_us`` = when it was asked for.
    """

    start_us: int
    end_us: int
    until_us: int
    fetched_us: int
    points: Curve

    @property
    def bytes(self) -> int:
        """About what it costs to keep."""
        return TILE_BYTES + 25 * self.points.time_us.size

    def expires_us(self) -> int:
        """When it should be asked for again: soon where it reaches to now, late samples come, or old."""
        if self.until_us < self.end_us:
            length = (self.end_us - self.start_us) // PARTS_KEPT
            return self.fetched_us + min(60_000_000, max(YOUNGEST_KEPT_US, length))
        # The longer a stretch was over when it was read, the less is likely to be added to it.
        settled = (self.fetched_us - self.end_us) // 2
        return self.fetched_us + min(OLDEST_KEPT_US, max(5 * YOUNGEST_KEPT_US, settled))


@dataclass(slots=True, eq=False)
class Stretch:
    """A stretch of time that is known without a break, and its points."""

    start_us: int
    end_us: int
    points: Curve


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a span: stretches, oldest first, and the points just before and just after it."""

    stretches: tuple[Stretch, ...] = ()
    before: Curve = NO_CURVE
    after: Curve = NO_CURVE


def level_of(span_us: int, pixels: int) -> int:
    """The level whose columns are at most as wide as a pixel, and more than half of it."""
    pixel_us = max(1, span_us // max(1, pixels))
    return min(MOST_LEVEL, max(LEAST_LEVEL, pixel_us.bit_length() - 1))


def tile_us(level: int) -> int:
    """Length of a tile in microseconds."""
    return COLUMNS << level


def places(level: int, start_us: int, end_us: int) -> range:
    """The numbers of the tiles that touch a span."""
    length = tile_us(level)
    return range(start_us // length, -(-end_us // length)) if end_us > start_us else range(0)


def part_of(curve: Curve, at: slice) -> Curve:
    """Some of the points."""
    return Curve(curve.time_us[at], curve.low[at], curve.high[at], curve.uncertain[at])


def joined(curves: Sequence[Curve]) -> Curve:
    """Curves one after another."""
    if len(curves) == 1:
        return curves[0]
    if not curves:
        return NO_CURVE
    return Curve(
        np.concatenate([each.time_us for each in curves]),
        np.concatenate([each.low for each in curves]),
        np.concatenate([each.high for each in curves]),
        np.concatenate([each.uncertain for each in curves]),
    )


def break_at(time_us: int) -> Curve:
    """A point across which no line is drawn."""
    return Curve(np.array([time_us]), np.array([np.nan]), np.array([np.nan]), np.zeros(1, np.bool_))


def carried(curve: Curve, at: int, time_us: int) -> Curve:
    """The point ``at`` standing at a later time: a bucket that began before a stretch and reaches into it."""
    point = part_of(curve, slice(at, at + 1))
    return Curve(np.array([time_us]), point.low, point.high, point.uncertain)


def thinned(curve: Curve, pixel_us: int) -> Curve:
    """At most one point a pixel of the absolute grid, with its smallest and largest value; gaps are kept.

    What has no more points than pixels stays as it is.
    """
    time = curve.time_us
    if time.size < 3 or time.size <= int(time[-1] - time[0]) // pixel_us:
        return curve
    pixel, hole = time // pixel_us, np.isnan(curve.low)
    new = np.ones(time.size, np.bool_)
    new[1:] = (pixel[1:] != pixel[:-1]) | (hole[1:] != hole[:-1])
    first: NDArray[np.intp] = np.flatnonzero(new)
    return Curve(
        time[first],
        np.fmin.reduceat(curve.low, first),
        np.fmax.reduceat(curve.high, first),
        np.logical_or.reduceat(curve.uncertain, first),
    )


def cut(
    curve: Curve, level: int, tiles: range, stored_us: int, fetched_us: int
) -> Iterator[tuple[int, Tile]]:
    """An answered curve as tiles; ``stored_us`` = all up to there is in it."""
    length, count = tile_us(level), curve.time_us.size
    edges = np.arange(tiles.start, tiles.stop + 1, dtype=np.int64) * length
    at = np.searchsorted(curve.time_us, edges).tolist()
    for k, place in enumerate(tiles):
        inside = part_of(curve, slice(max(0, at[k] - 1), min(count, at[k + 1] + 1)))
        own = Curve(inside.time_us.copy(), inside.low.copy(), inside.high.copy(), inside.uncertain.copy())
        start_us = place * length
        until_us = min(start_us + length, max(start_us, stored_us))
        yield place, Tile(start_us, start_us + length, until_us, fetched_us, own)


@dataclass(slots=True, eq=False)
class Tiles:
    """Tiles by tag, level and number. Bounded in bytes: those not used for longest are dropped.

    ``versions`` counts the changes of each tag.
    """

    most_bytes: int = MOST_BYTES
    bytes: int = 0
    versions: dict[int, int] = field(default_factory=dict[int, int])
    _levels: dict[int, dict[int, dict[int, Tile]]] = field(
        default_factory=dict[int, dict[int, dict[int, Tile]]]
    )
    _used: OrderedDict[tuple[int, int, int], None] = field(
        default_factory=OrderedDict[tuple[int, int, int], None]
    )

    def get(self, tag: int, level: int, place: int) -> Tile | None:
        """A tile, if it is here."""
        return self._levels.get(tag, {}).get(level, {}).get(place)

    def put(self, tag: int, level: int, place: int, tile: Tile) -> None:
        """Keep a tile in place of an older one."""
        of_level = self._levels.setdefault(tag, {}).setdefault(level, {})
        old = of_level.get(place)
        if old is not None and old.fetched_us > tile.fetched_us:
            return
        self.bytes += tile.bytes - (old.bytes if old is not None else 0)
        of_level[place] = tile
        self._used[tag, level, place] = None
        self._used.move_to_end((tag, level, place))
        self.versions[tag] = self.versions.get(tag, 0) + 1
        while self.bytes > self.most_bytes and len(self._used) > 1:
            self._drop(*next(iter(self._used)))

    def _drop(self, tag: int, level: int, place: int) -> None:
        del self._used[tag, level, place]
        tile = self._levels[tag][level].pop(place)
        if not self._levels[tag][level]:
            del self._levels[tag][level]
        self.bytes -= tile.bytes
        self.versions[tag] = self.versions.get(tag, 0) + 1

    def known(self, tag: int, level: int, start_us: int, end_us: int) -> Known:
        """The best that is here of a span: its own level, else finer, else coarser ones."""
        found: list[Stretch] = []
        holes = [(start_us, end_us)]
        levels = self._levels.get(tag, {})
        finer = [each for each in range(level - 1, level - 1 - FINER, -1) if each in levels]
        for each in (level, *finer, *sorted(each for each in levels if each > level)):
            if not holes:
                break
            holes = self._fill(tag, each, holes, found)
        if not found:
            return Known()
        found.sort(key=lambda each: each.start_us)
        before, after = self._around(tag, level, start_us, end_us)
        return Known(tuple(_merged(found)), before, after)

    def _fill(
        self, tag: int, level: int, holes: Sequence[tuple[int, int]], found: list[Stretch]
    ) -> list[tuple[int, int]]:
        of_level = self._levels.get(tag, {}).get(level, {})
        left: list[tuple[int, int]] = []
        for start_us, end_us in holes:
            at = start_us
            for place in places(level, start_us, end_us):
                tile = of_level.get(place)
                if tile is None:
                    continue
                first, last = max(at, tile.start_us), min(end_us, tile.until_us)
                if first >= last:
                    continue
                self._used.move_to_end((tag, level, place))
                if at < first:
                    left.append((at, first))
                found.append(Stretch(first, last, _inside(tile, level, first, last)))
                at = last
            if at < end_us:
                left.append((at, end_us))
        return left

    def _around(self, tag: int, level: int, start_us: int, end_us: int) -> tuple[Curve, Curve]:
        """The points next to a span on whole tiles, where its outermost tiles know them."""
        before = after = NO_CURVE
        wanted = places(level, start_us, end_us)
        first, last = self.get(tag, level, wanted.start), self.get(tag, level, wanted.stop - 1)
        if first is not None and first.points.time_us.size and first.points.time_us[0] < start_us:
            before = part_of(first.points, slice(0, 1))
        if last is not None and last.until_us == last.end_us and last.points.time_us.size:
            if last.points.time_us[-1] >= end_us:
                after = part_of(last.points, slice(-1, None))
        return before, after


def _inside(tile: Tile, level: int, start_us: int, end_us: int) -> Curve:
    points = tile.points
    first, last = np.searchsorted(points.time_us, (start_us, end_us)).tolist()
    inside = part_of(points, slice(first, last))
    if start_us > tile.start_us and first and points.low[first - 1] != points.high[first - 1]:
        # Where a stretch begins within a column, the column's values may lie on either side of it.
        if int(points.time_us[first - 1]) >> level == start_us >> level:
            return joined((carried(points, first - 1, start_us), inside))
    return inside


def _merged(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    run: list[Stretch] = []
    for each in stretches:
        if run and run[-1].end_us < each.start_us:
            yield Stretch(run[0].start_us, run[-1].end_us, joined([part.points for part in run]))
            run = []
        run.append(each)
    yield Stretch(run[0].start_us, run[-1].end_us, joined([part.points for part in run]))
