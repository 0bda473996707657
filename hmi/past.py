"""The past of every tag as a window has it: stored tiles, memory for the newest part. No Qt.

`Past` never asks by itself. The bridge gives it memory (the live ring), takes `next_ask` from it each
frame, and hands it the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.types import Curve
from hmi import history
from hmi.history import COLUMNS, NO_CURVE, Detail, Known, Stretch, Tile, Tiles

MOST_ASKED = 2
"""Questions out at a time: the engine reads with two threads, and a newer view must not wait long."""
MOST_COLUMNS = 65_536
"""Columns of one answer, all tags together: what is taken in within a few milliseconds."""
SEEN_US = 3_000_000
"""A view that no frame asked for in so long is looked at no more. A still one is drawn every 2 s at least."""
RETRY_US, LONGEST_RETRY_US = 1_000_000, 30_000_000
YOUNG_US = 86_400_000_000
SETTLED_US = 15_000_000
"""So long after a time samples of it may still be on their way: there memory comes before what is stored."""
Memory = Callable[[int, int, int], Curve]
"""First and last UTC microsecond, pixels: what the live ring still knows of a tag."""
Key = tuple[int, int, int]
"""Tag, level and number of a tile."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the engine: the same tiles of several tags."""

    tags: tuple[int, ...]
    level: int
    tiles: range
    asked_us: int

    @property
    def start_us(self) -> int:
        """Where it begins."""
        return self.tiles.start * history.tile_us(self.level)

    @property
    def end_us(self) -> int:
        """Where it ends, excluded."""
        return self.tiles.stop * history.tile_us(self.level)

    @property
    def pixels(self) -> int:
        """One for each column."""
        return COLUMNS * len(self.tiles)

    def keys(self) -> Iterator[Key]:
        """The tiles that it will bring."""
        return ((tag, self.level, place) for tag in self.tags for place in self.tiles)


@dataclass(slots=True, eq=False)
class View:
    """One tag in one plot: the tiles that it wants, and the curve made of what is there of them."""

    level: int
    tiles: range
    seen_us: int
    pixel_us: int = 0
    version: int = -1
    known: Known = field(default_factory=Known)
    unknown: tuple[tuple[int, int], ...] = ()


class Past:
    """Tags by their id. Plots are told apart by their width in pixels."""

    def __init__(self, most_bytes: int = history.MOST_BYTES) -> None:
        self.tiles = Tiles(most_bytes)
        self._views: dict[tuple[int, int], View] = {}
        self._out: list[Ask] = []
        self._flying: dict[Key, Ask] = {}
        self._stopped: set[Key] = set()
        self._trouble, self._tries, self._retry_us = "", 0, 0
        self._renewed_us = 0
        self._version = 0

    # What a trend asks

    def curve(self, tag: int, start_us: int, end_us: int, pixels: int, now_us: int, memory: Memory) -> Curve:
        """The best that is known at once, at most two points a pixel; what is missing will be asked for.

        Stored tiles come first, the live ring fills what they do not hold. A line never crosses a
        stretch of which nothing is known.
        """
        view = self._view(tag, start_us, end_us, pixels, now_us)
        until_us = min(end_us, now_us)
        shown = [each for each in view.known.stretches if each.end_us > start_us and each.start_us < until_us]
        view.unknown = ()
        is_whole = len(shown) == 1 and shown[0].start_us <= start_us and shown[0].end_us >= until_us
        if is_whole and until_us <= now_us - SETTLED_US:
            whole = history.joined([view.known.before, shown[0].points, view.known.after])
            return _clipped(whole, start_us, end_us)
        last = shown[-1:] if is_whole or (shown and shown[-1].end_us < until_us) else []
        settled = [_settled(each, now_us - SETTLED_US) for each in last]
        return self._filled(view, shown, settled, (start_us, end_us, until_us), memory)

    def _view(self, tag: int, start_us: int, end_us: int, pixels: int, now_us: int) -> View:
        level = history.level_of(end_us - start_us, pixels)
        wanted = history.places(level, start_us, max(start_us, min(end_us, now_us)))
        view = self._views.get((tag, pixels))
        if view is None:
            view = self._views[tag, pixels] = View(level, wanted, now_us)
        moved = (view.level, view.tiles) != (level, wanted)
        if moved and self._stopped:
            # What a person did not want to wait for was that view, not this one.
            kept = {(tag, level, place) for place in wanted}
            self._stopped = {key for key in self._stopped if key[0] != tag or key in kept}
        pixel_us = max(1, (end_us - start_us) // max(1, pixels))
        version = self.tiles.versions.get(tag, 0)
        if moved or view.pixel_us != pixel_us or view.version != version:
            view.level, view.tiles, view.pixel_us, view.version = level, wanted, pixel_us, version
            length = history.tile_us(level)
            known = self.tiles.known(tag, level, wanted.start * length, wanted.stop * length)
            thin = (
                Stretch(each.start_us, each.end_us, history.thinned(each.points, pixel_us))
                for each in known.stretches
            )
            view.known = Known(tuple(thin), known.before, known.after)
        view.seen_us = now_us
        return view

    def _filled(
        self,
        view: View,
        shown: Sequence[Stretch],
        settled: Sequence[Stretch],
        times_us: tuple[int, int, int],
        memory: Memory,
    ) -> Curve:
        """Stored stretches with memory between and after them; the last one only as far as it is ``settled``.

        ``times_us`` = start and end of the span, and where the past ends in it.
        """
        start_us, end_us, until_us = times_us
        is_first = len(shown) == 1 and shown[0].start_us <= start_us
        begin_us = max(start_us, settled[0].end_us) if is_first and settled else start_us
        pixels = max(16, (end_us - begin_us) // view.pixel_us)
        ring = memory(begin_us // view.pixel_us * view.pixel_us, end_us, pixels)
        if settled and ring.time_us.size and int(ring.time_us[0]) <= settled[0].end_us:
            shown = [*shown[:-1], *settled]
        parts: list[Curve] = []
        unknown: list[tuple[int, int]] = []
        at = start_us
        for each in shown:
            if at < each.start_us:
                _fill(parts, unknown, ring, at, each.start_us)
            elif not parts and view.known.before.time_us.size:
                parts.append(view.known.before)
            parts.append(each.points)
            at = each.end_us
        if at < until_us:
            _fill(parts, unknown, ring, at, end_us + 1, until_us)
        elif view.known.after.time_us.size:
            parts.append(view.known.after)
        view.unknown = tuple(unknown)
        return _clipped(history.joined([each for each in parts if each.time_us.size]), start_us, end_us)

    def detail(self, tags: Sequence[int], pixels: int, now_us: int) -> Detail:
        """How much of what the last curves of these tags at that width wanted is there."""
        wanted = absent = 0
        waits_us, is_stopped = 0, False
        missing: list[tuple[int, int]] = []
        for tag in tags:
            view = self._views.get((tag, pixels))
            if view is None:
                continue
            wanted += len(view.tiles)
            gone = [key for key in _keys(tag, view) if self.tiles.get(*key) is None]
            if not gone:
                continue
            absent += len(gone)
            missing += view.unknown
            is_stopped = is_stopped or any(key in self._stopped for key in gone)
            asked = (self._flying[key].asked_us for key in gone if key in self._flying)
            waits_us = max(waits_us, now_us - min(asked, default=now_us))
        part = 1 - absent / wanted if wanted else 1.0
        spans = tuple(sorted(set(missing)))
        return Detail(part, waits_us, spans, self._trouble if absent else "", is_stopped, self._version)

    def unknown(self, tag: int, pixels: int) -> tuple[tuple[int, int], ...]:
        """The stretches of which the last curve of a tag at that width knew nothing."""
        view = self._views.get((tag, pixels))
        return () if view is None else view.unknown

    def stop(self, tags: Sequence[int]) -> None:
        """Ask no more for what the views of these tags miss now, and wait for no answer to it."""
        for (tag, _), view in self._views.items():
            if tag in tags:
                self._stopped |= {key for key in _keys(tag, view) if self.tiles.get(*key) is None}
        for ask in [each for each in self._out if set(each.tags) & set(tags)]:
            self._done(ask)
        self._version += 1

    def resume(self, tags: Sequence[int]) -> None:
        """Ask again, at once."""
        self._stopped = {key for key in self._stopped if key[0] not in tags}
        self._retry_us = 0
        self._version += 1

    # What the bridge asks and brings

    def next_ask(self, now_us: int) -> Ask | None:
        """The question to send now: what the newest view misses first, one question for all its tags."""
        if len(self._out) >= MOST_ASKED or now_us < self._retry_us:
            return None
        self._views = {key: view for key, view in self._views.items() if now_us - view.seen_us < SEEN_US}
        views = sorted(self._views.items(), key=lambda each: -each[1].seen_us)
        for wants in (self._absent, self._old, self._beside):
            wanted: dict[tuple[int, range], list[int]] = {}
            for (tag, _), view in views:
                run = _first_run(wants(tag, view, now_us))
                if run:
                    wanted.setdefault((view.level, run), []).append(tag)
            if wanted:
                (level, run), tags = next(iter(wanted.items()))
                most = max(1, MOST_COLUMNS // (COLUMNS * len(run)))
                return self._asked(Ask(tuple(dict.fromkeys(tags))[:most], level, run, now_us))
        return None

    def _asked(self, ask: Ask) -> Ask:
        self._out.append(ask)
        self._flying |= dict.fromkeys(ask.keys(), ask)
        return ask

    def _absent(self, tag: int, view: View, now_us: int) -> Iterator[int]:
        return (key[2] for key in _keys(tag, view) if self._is_free(key) and self.tiles.get(*key) is None)

    def _old(self, tag: int, view: View, now_us: int) -> Iterator[int]:
        for key in _keys(tag, view):
            tile = self.tiles.get(*key)
            if tile is not None and self._is_free(key) and self._is_old(tile, now_us):
                yield key[2]

    def _beside(self, tag: int, view: View, now_us: int) -> Iterator[int]:
        """One tile before and one after the view, for whoever goes on there, once nothing else is out."""
        if self._out or self._stopped or not view.tiles:
            return
        for place in (view.tiles.start - 1, view.tiles.stop):
            key = tag, view.level, place
            is_past = place * history.tile_us(view.level) < now_us
            if is_past and self._is_free(key) and self.tiles.get(*key) is None:
                yield place

    def _is_free(self, key: Key) -> bool:
        return key not in self._flying and key not in self._stopped

    def _is_old(self, tile: Tile, now_us: int) -> bool:
        is_of_before = tile.fetched_us < self._renewed_us and tile.end_us > self._renewed_us - YOUNG_US
        return is_of_before or now_us >= tile.expires_us()

    def take(self, ask: Ask, curves: Sequence[Curve], stored_us: int) -> None:
        """The answer: one curve a tag, in the order asked; all up to ``stored_us`` is in them."""
        self._done(ask)
        self._trouble, self._tries, self._retry_us = "", 0, 0
        for tag, curve in zip(ask.tags, curves, strict=True):
            for place, tile in history.cut(curve, ask.level, ask.tiles, stored_us, ask.asked_us):
                self.tiles.put(tag, ask.level, place, tile)
        self._version += 1

    def refuse(self, ask: Ask, why: str, now_us: int) -> None:
        """No answer will come, for a reason in words. The same is asked again after 1, 2, 4 … 30 s."""
        self._done(ask)
        self._trouble = why
        self._retry_us = now_us + min(LONGEST_RETRY_US, RETRY_US << min(self._tries, 5))
        self._tries += 1
        self._version += 1

    def _done(self, ask: Ask) -> None:
        self._out = [each for each in self._out if each is not ask]
        self._flying = {key: each for key, each in self._flying.items() if each is not ask}

    def renew(self, now_us: int) -> None:
        """An engine was found, or more of the past came in: ask again for all that is younger than a day."""
        self._renewed_us, self._retry_us = now_us, 0


def _keys(tag: int, view: View) -> Iterator[Key]:
    return ((tag, view.level, place) for place in view.tiles)


def _settled(stretch: Stretch, settled_us: int) -> Stretch:
    """A stretch up to its last sample that no slow clock or late message can have left others out before."""
    time = stretch.points.time_us
    count = int(time.searchsorted(settled_us))
    end_us = max(stretch.start_us, int(time[count - 1]) + 1) if count else stretch.start_us
    return Stretch(stretch.start_us, end_us, history.part_of(stretch.points, slice(0, count)))


def _first_run(places: Iterator[int]) -> range:
    """The first tiles of these that stand side by side."""
    start = stop = next(places, None)
    if start is None or stop is None:
        return range(0)
    for place in places:
        if place != stop + 1:
            break
        stop = place
    return range(start, stop + 1)


def _fill(
    parts: list[Curve],
    unknown: list[tuple[int, int]],
    ring: Curve,
    start_us: int,
    end_us: int,
    until_us: int | None = None,
) -> None:
    """Add what memory knows of [start_us, end_us). What it does not reach is ``unknown``: no line there."""
    time = ring.time_us
    first, last = time.searchsorted((start_us, end_us)).tolist()
    reaches = first > 0 or (time.size > 0 and int(time[0]) == start_us)
    if not reaches:
        begins_us = int(time[first]) if first < last else end_us if until_us is None else until_us
        unknown.append((start_us, begins_us))
        if parts:
            parts.append(history.break_at(start_us))
    elif first and not parts:
        parts.append(history.part_of(ring, slice(first - 1, first)))
    elif first and ring.low[first - 1] != ring.high[first - 1]:
        # A bucket that began before what is stored ended: the spike in it may be on either side.
        parts.append(history.carried(ring, first - 1, start_us))
    parts.append(history.part_of(ring, slice(first, last)))


def _clipped(curve: Curve, start_us: int, end_us: int) -> Curve:
    """The points of a span and one on either side, so that the line runs to the edges."""
    first = int(curve.time_us.searchsorted(start_us, "right")) - 1
    last = int(curve.time_us.searchsorted(end_us, "right")) + 1
    return history.part_of(curve, slice(max(0, first), last))


__all__ = ["NO_CURVE", "Ask", "Past"]
