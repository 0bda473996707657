"""``python -m engine.testing.soak.judge FOLDER --start US --end US``: the stored history held to the truth.

It reads the files of the history as any reader does, beside the engine or without one, and what the
soak wrote down: the ticks that the servers showed, the live values that were good, the kills.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import app, historian, paths
from engine.clock import rfc3339
from engine.historian.scores import accounting
from engine.store.catalogue import known_tags
from engine.testing.demo_plant.plants import plant_named
from engine.testing.demo_plant.readings import is_lively
from engine.testing.soak.grid import BLOCK, SAMPLE_US, TICK_US, Grid, block_of, read_ticks, starts
from engine.testing.soak.look import OLD_S, SEEN, SLACK_S
from engine.testing.soak.rig import Place
from engine.testing.soak.rules import (
    EDGE_US,
    Span,
    Times,
    came,
    dark,
    is_equal,
    left_out,
    missing,
    silent,
    told,
    twice,
    within,
)
from engine.typed import from_json
from engine.types import Gap, Samples, Tag

NAMED = 5
"""So many examples of each trouble are put into words."""
MOST_BLOCKS = 6_000
"""Ticks of a tag with 1,000 samples a second that are looked at: the last ten minutes of a stretch."""
CLOCK_US = 2_000
"""Two looks at one clock are that near."""
MODBUS_LATE_US = 1_500_000
"""A Modbus answer has the engine's time; the value in it may be so much older."""


class Plan(msgspec.Struct, frozen=True):
    """What the judge has to know of a soak. ``watched`` = paths of the tags that are looked at."""

    plant: str
    origin_us: int
    seed: int
    watched: tuple[str, ...]


class Verdict(msgspec.Struct):
    """What was found in a stretch. Samples, but for ``broken``: sentences about what must not be.

    ``offered`` by the plant · ``stored`` of them, ``thinned`` = stood for by their neighbours, ``explained``
    by a gap or the end of a stretch, ``edge`` = just before one · ``seen`` live and ``unacknowledged`` of
    these: lost with an engine, so many ms before its kill · ``unaccounted`` as the engine's own
    accounting has it. ``span`` = the stretch, UTC microseconds.
    """

    offered: int = 0
    stored: int = 0
    thinned: int = 0
    explained: int = 0
    edge: int = 0
    lost: int = 0
    wrong: int = 0
    doubled: int = 0
    silences: int = 0
    seen: int = 0
    seen_lost: int = 0
    unacknowledged: int = 0
    window_ms: list[float] = []
    expected: int = 0
    unaccounted: int = 0
    gaps: int = 0
    broken: list[str] = []
    span: Span = (0, 0)


def main(words: Sequence[str] | None = None) -> int:
    """Print a `Verdict` as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m engine.testing.soak.judge")
    parser.add_argument("folder", type=Path)
    for name in ("start", "end"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args(words)
    verdict = judge(Place(asked.folder), asked.start, asked.end)
    print(msgspec.json.encode(verdict).decode())
    return 0


def judge(place: Place, start_us: int, end_us: int) -> Verdict:
    """Hold what is stored of [start_us, end_us) to what the plant showed."""
    plan = from_json(place.plan.read_bytes(), Plan)
    known = known_tags(place.project / "data" / "catalogue.db")
    watched = frozenset(plan.watched)
    tags = {
        tag.path: msgspec.structs.replace(tag, tag_id=known[tag.path])
        for tag in app.load(place.project).tags
        if tag.path in watched and tag.path in known
    }
    grid = Grid(plant_named(plan.plant), plan.origin_us, plan.seed, lambda point: point.path in tags)
    with _opened(place.project, list(tags.values())) as stored:
        gaps = stored.gaps(start_us, end_us)
        case = _Case(place, grid, stored, gaps, (start_us, end_us))
        for column, point in enumerate(grid.points):
            case.try_tag(column, tags[point.path])
    case.verdict.gaps = len(gaps)
    return case.verdict


@contextlib.contextmanager
def _opened(project: Path, tags: Sequence[Tag]) -> Generator[historian.StoredHistory]:
    place = paths.history(project)
    fast = [tag.tag_id for tag in tags if historian.is_fast(tag)]
    found: list[str] = []
    stored = historian.StoredHistory(place, historian.load_tail(place), fast=fast, told=found.append)
    try:
        yield stored
    finally:
        stored.close()


class _Case:
    """One stretch on trial."""

    def __init__(
        self, place: Place, grid: Grid, stored: historian.StoredHistory, gaps: Sequence[Gap], span: Span
    ) -> None:
        self.verdict = Verdict(span=span)
        self._grid, self._stored, self._gaps, self._span = grid, stored, gaps, span
        first, last = grid.tick(span[0]), grid.tick(span[1])
        self._ticks: dict[str, Times] = {}
        for source in sorted({point.source for point in grid.points}):
            shown = read_ticks(place.ticks(source))
            self._ticks[source] = shown[(shown >= first) & (shown < last)]
        self._before = {source: read_ticks(place.ticks(source)) for source in self._ticks}
        self._kills = read_ticks(place.kills)
        content = place.seen.read_bytes() if place.seen.exists() else b""
        self._seen = np.frombuffer(content[: len(content) // SEEN.itemsize * SEEN.itemsize], SEEN)
        self._every = np.arange(first - 200, last + 1)
        self._values = grid.values(self._every)

    def try_tag(self, column: int, tag: Tag) -> None:
        """All rules for one tag."""
        start_us, end_us = self._span
        if self._grid.is_fast[column]:
            start_us = max(start_us, end_us - MOST_BLOCKS * TICK_US)
        samples = self._stored.raw(tag.tag_id, start_us, end_us)
        spans = [*dark(samples, end_us), *told(self._gaps, tag)]
        self._doubled(tag, samples)
        if self._grid.is_fast[column]:
            self._block(column, tag, samples, spans)
        elif tag.address.startswith("nsu=") or tag.address.startswith("ns="):
            self._reported(column, tag, samples, spans)
        else:
            self._polled(column, tag, samples, spans)
        self._seen_live(column, tag, samples)
        counted = accounting(self._stored, tag, start_us, end_us)
        self.verdict.expected += counted.expected
        self.verdict.unaccounted += counted.lost

    def _doubled(self, tag: Tag, samples: Samples) -> None:
        found = twice(samples)
        self.verdict.doubled += len(found)
        self._say(tag, found, "is stored twice")

    def _reported(self, column: int, tag: Tag, samples: Samples, spans: list[Span]) -> None:
        """A tag whose samples have the device's own time: on the grid, and each of them was offered."""
        own = came(samples) & (samples.time_us >= self._span[0])
        time, value = samples.time_us[own], samples.value[own]
        tick = self._grid.ticks(time)
        right = is_equal(value, self._at(column, tick)) & (self._grid.time_us(tick) == time)
        self._wrong(tag, time[~right])
        if is_lively(self._grid.points[column]):
            self._missing(tag, samples, *self._offered(column), spans)

    def _block(self, column: int, tag: Tag, samples: Samples, spans: list[Span]) -> None:
        """A tag of 1,000 samples a second: every one that was shown."""
        point = self._grid.points[column]
        ticks = self._ticks[point.source]
        ticks = ticks[-MOST_BLOCKS:]
        if not len(ticks):
            return
        numbers = (block_of(0)[None, :] + ticks[:, None] * BLOCK).ravel()
        offered, value = (
            self._grid.origin_us + numbers * SAMPLE_US,
            self._grid.only(point.path).samples(numbers)[:, 0],
        )
        own = came(samples)
        time = samples.time_us[own]
        at = np.searchsorted(offered, time)
        known = (at < len(offered)) & (offered[np.minimum(at, len(offered) - 1)] == time)
        right = is_equal(samples.value[own][known], value[at[known]])
        self._wrong(tag, time[known][~right])
        first_us = max(self._span[0], int(offered[0]))
        inside = (offered >= first_us) & (offered < self._span[1])
        self._missing(tag, samples, offered[inside], value[inside], spans)

    def _polled(self, column: int, tag: Tag, samples: Samples, spans: list[Span]) -> None:
        """A tag that is read in turn: the value was there lately, and no long wait is untold."""
        own = came(samples) & (samples.time_us >= self._span[0])
        time, value = samples.time_us[own], samples.value[own]
        point = self._grid.points[column]
        shown = self._before[point.source]
        due = shown[shown % self._grid.every[column] == self._grid.phase[column]]
        due = np.union1d(due, starts(shown))
        due = due[(due >= self._every[0]) & (due <= self._every[-1])]
        stored = np.ones(len(time), np.bool_)
        if len(due):
            was, when = self._at(column, due), self._grid.time_us(due)
            last = np.searchsorted(when, time + TICK_US, "right")
            first = np.maximum(np.searchsorted(when, time - MODBUS_LATE_US) - 2, 0)
            stored = np.array(
                [
                    bool(is_equal(was[a:b], np.full(b - a, each)).any())
                    for a, b, each in zip(first.tolist(), last.tolist(), value.tolist(), strict=True)
                ],
                np.bool_,
            )
        self._wrong(tag, time[~stored])
        self.verdict.stored += len(time)
        self.verdict.offered += len(time)
        if not is_lively(point):
            return
        limit_us = (max(OLD_S, 2.5 / max(tag.rate, 1e-6)) + SLACK_S) * 1e6
        waits = silent(samples, spans, limit_us)
        self.verdict.silences += len(waits)
        self._say(tag, np.array([start for start, _ in waits], np.int64), "was not read, and no gap says so")

    def _missing(
        self, tag: Tag, samples: Samples, offered: Times, value: NDArray[np.float64], spans: list[Span]
    ) -> None:
        verdict = self.verdict
        gone = missing(samples, offered, value, tag.deadband)
        stored = int(np.isin(offered, samples.time_us).sum())
        strictly = within(gone, spans)
        near = within(gone, spans, EDGE_US)
        verdict.offered += len(offered)
        verdict.stored += stored
        verdict.thinned += len(offered) - stored - len(gone)
        verdict.explained += int(strictly.sum())
        verdict.edge += int((near & ~strictly).sum())
        verdict.lost += int((~near).sum())
        self._say(tag, gone[~near], "is neither stored nor in a gap")

    def _seen_live(self, column: int, tag: Tag, samples: Samples) -> None:
        """What the live table showed as good is stored, unless the engine was killed just then."""
        start_us, end_us = self._span
        mine = self._seen[self._seen["tag"] == column]
        mine = np.unique(mine[(mine["time_us"] >= start_us) & (mine["time_us"] < end_us)])
        time, value = mine["time_us"].astype(np.int64), mine["value"].astype(np.float64)
        is_stored = np.isin(time, samples.time_us[came(samples)])
        is_stored |= left_out(samples, time, value, tag.deadband)
        gone, received = ~is_stored, mine["receive_us"].astype(np.int64)
        ended = told((gap for gap in self._gaps if gap.cause == "engine"), tag)
        excused = gone & within(received, ended, CLOCK_US)
        at = np.searchsorted(self._kills, received[excused])
        windows = (self._kills[np.minimum(at, len(self._kills) - 1)] - received[excused]) / 1000
        self.verdict.window_ms += [round(float(each), 1) for each in windows]
        lost = gone & ~excused
        self.verdict.seen += len(time)
        self.verdict.unacknowledged += int(excused.sum())
        self.verdict.seen_lost += int(lost.sum())
        self._say(tag, time[lost], "was shown as good and is not stored")

    def _wrong(self, tag: Tag, time_us: Times) -> None:
        self.verdict.wrong += len(time_us)
        self._say(tag, time_us, "is stored with a value that it never had then")

    def _offered(self, column: int) -> tuple[Times, NDArray[np.float64]]:
        """The samples that a server had for its clients: when a tag was due and had another value."""
        shown = self._ticks[self._grid.points[column].source]
        due = shown[shown % self._grid.every[column] == self._grid.phase[column]]
        value = self._at(column, due)
        changed = np.append(np.zeros(min(1, len(value)), np.bool_), value[1:] != value[:-1])
        # After a hole nobody knows what the first was compared with.
        again = np.searchsorted(due, starts(shown))
        changed[again[again < len(changed)]] = False
        return self._grid.time_us(due[changed]), value[changed]

    def _at(self, column: int, ticks: Times) -> NDArray[np.float64]:
        """The model at these ticks; NaN at those far outside of the stretch."""
        place = ticks - self._every[0]
        known = (place >= 0) & (place < len(self._every))
        return np.where(known, self._values[np.where(known, place, 0), column], np.nan)

    def _say(self, tag: Tag, time_us: Times, what: str) -> None:
        for time in time_us[:NAMED].tolist():
            if len(self.verdict.broken) < 10 * NAMED:
                self.verdict.broken.append(f"{tag.path}: the sample of {rfc3339(time)} {what}")


if __name__ == "__main__":
    sys.exit(main())
