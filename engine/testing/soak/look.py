"""What a client sees of the engine during a soak: whether it answers, and whether what it shows is true."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.client import Client, EngineAbsent, RequestFailed, WireError
from engine.clock import SystemClock, rfc3339
from engine.testing.soak.grid import TICK_US, Grid, read_ticks
from engine.testing.soak.rules import is_equal
from engine.types import SEVERITY_MASK, Snapshot
from engine.wire import PlantAnswer, StatusAnswer

LOOK_S = 0.5
STATUS_EVERY = 4
"""Looks between two questions for the status."""
ALIVE_S = 2.0
"""A longer silence of the engine is DISPLAY STALLED."""
OLD_S = 3.0
SLACK_S = 1.5
"""How much later than on a quiet machine things may happen on a busy one."""
STARVED = 8
"""So many ticks between two that a server showed: this machine gave it no time."""
ENOUGH = 0.95
"""A source is well when so many of its tags are good."""
SEEN = np.dtype([("tag", "<i4"), ("time_us", "<i8"), ("receive_us", "<i8"), ("value", "<f8")])
"""A live value that was shown as good; ``tag`` = its place among the watched ones."""


@dataclass
class Share:
    """How much of a time something was so, in seconds."""

    whole_s: float = 0.0
    down_s: float = 0.0

    def add(self, seconds: float, is_up: bool) -> None:
        """Count a stretch."""
        self.whole_s += seconds
        self.down_s += 0.0 if is_up else seconds

    @property
    def availability(self) -> float:
        """1 minus the part that was down."""
        return 1 - self.down_s / self.whole_s if self.whole_s else 1.0


@dataclass
class Look:
    """Looks every half second, in a thread of its own. ``struck`` = sources that a fault holds now; ``ticks``
    gives the file of the ticks that a server showed.

    ``grid`` is of the watched tags. ``status`` = the engine's last word about itself; ``statuses`` are
    given to ``told``.
    """

    project: Path
    grid: Grid
    seen_file: Path
    ticks: Callable[[str], Path]
    struck: Mapping[str, object]
    engine: Share = field(default_factory=Share)
    data: Share = field(default_factory=Share)
    calm: Share = field(default_factory=Share)
    wrong: list[str] = field(default_factory=list[str])
    looks: int = 0
    held: int = 0
    starved: int = 0
    statuses: list[StatusAnswer] = field(default_factory=list[StatusAnswer])
    boots: list[int] = field(default_factory=list[int])
    good: dict[str, float] = field(default_factory=dict[str, float])
    newest_us: dict[str, int] = field(default_factory=dict[str, int])
    is_answering: bool = False
    _client: Client | None = None
    _rows: dict[str, int] = field(default_factory=dict[str, int])
    _of_source: dict[str, NDArray[np.intp]] = field(default_factory=dict[str, NDArray[np.intp]])
    _last_us: int = 0
    _shown: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    _first: int = 0
    _before: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until ``end``."""
        with self.seen_file.open("ab") as file:
            while not self._ended.wait(LOOK_S):
                seen = self._look()
                if seen is not None and len(seen):
                    file.write(seen.tobytes())
                    file.flush()
        self._leave()

    def end(self) -> None:
        """No more looks."""
        self._ended.set()

    def is_well(self, source: str, since_us: int) -> bool:
        """Whether a source showed good values at the last look, some of them newer than an instant."""
        well = self.good.get(source, 0.0) >= ENOUGH
        return self.is_answering and well and self.newest_us.get(source, 0) > since_us

    def _look(self) -> NDArray[np.void] | None:
        clock = SystemClock()
        mono_us = clock.mono_us()
        seconds = (mono_us - self._last_us) / 1e6 if self._last_us else 0.0
        self._last_us = mono_us
        client = self._attached()
        self.is_answering = client is not None and client.live.heartbeat_age_s(mono_us) < ALIVE_S
        self.engine.add(seconds, self.is_answering)
        if client is None or not self.is_answering:
            self._leave()
            for source in self._of_source:
                self.good[source] = 0.0
                self._count(seconds, source)
            return None
        now_us = clock.now_us()
        snapshot = client.live.snapshot(mono_us)
        self.looks += 1
        for source, rows in self._of_source.items():
            fine = (snapshot.status[rows] & np.uint32(SEVERITY_MASK) == 0) & ~snapshot.stale[rows]
            self.good[source] = float(fine.mean())
            self.newest_us[source] = int(snapshot.source_time_us[rows].max())
            self._count(seconds, source)
        if self.looks % STATUS_EVERY == 0:
            self._ask(client)
        return self._held_to_truth(snapshot, now_us)

    def _count(self, seconds: float, source: str) -> None:
        well = self.good[source] >= ENOUGH
        self.data.add(seconds, well)
        if source not in self.struck:
            self.calm.add(seconds, well)

    def _ask(self, client: Client) -> None:
        try:
            self.statuses.append(client.call("status", None, StatusAnswer, 3.0))
        except (EngineAbsent, RequestFailed):
            self._leave()

    def _held_to_truth(self, snapshot: Snapshot, now_us: int) -> NDArray[np.void]:
        """Hold the watched tags that are shown as good to what the plant said lately; the new ones."""
        rows = np.array([self._rows[point.path] for point in self.grid.points], np.intp)
        fine = (snapshot.status[rows] & np.uint32(SEVERITY_MASK) == 0) & ~snapshot.stale[rows]
        time_us, value = snapshot.source_time_us[rows], snapshot.value[rows]
        for place in np.flatnonzero(fine & ~self.grid.is_fast).tolist():
            self.held += 1
            if not self._was_so(place, float(value[place]), now_us) and not self._starved(place, now_us):
                path, when = self.grid.points[place].path, rfc3339(now_us)
                old_s = (now_us - int(time_us[place])) / 1e6
                self.wrong.append(f"{when}: {path} shows {value[place]:g} as good, {old_s:.1f} s old")
        if len(self._before) != len(rows):
            self._before = np.zeros(len(rows), np.int64)
        fresh = np.flatnonzero(fine & (time_us != self._before))
        self._before[fresh] = time_us[fresh]
        seen = np.empty(len(fresh), SEEN)
        seen["tag"], seen["time_us"], seen["value"] = fresh, time_us[fresh], value[fresh]
        seen["receive_us"] = snapshot.receive_time_us[rows[fresh]]
        return seen

    def _was_so(self, place: int, value: float, now_us: int) -> bool:
        """Whether the plant's value was this within the time that a value may be old and yet good."""
        every = int(self.grid.every[place])
        now = self.grid.tick(now_us)
        first = now - round((OLD_S + SLACK_S) * 1e6 / TICK_US) - every
        shown = self._lately(now)[max(0, first - self._first) :, place]
        return bool(is_equal(shown, np.full(len(shown), value)).any())

    def _starved(self, place: int, now_us: int) -> bool:
        """Whether the plant itself got no time from this machine, though no fault held it."""
        source = self.grid.points[place].source
        if source in self.struck:
            return False
        now = self.grid.tick(now_us)
        ticks = read_ticks(self.ticks(source))
        lately = np.append(ticks[ticks > now - 100], now)
        is_late = bool(np.diff(lately).max(initial=100) > STARVED)
        self.starved += is_late
        return is_late

    def _lately(self, now: int) -> NDArray[np.float64]:
        """float64[ticks, tags] of the model up to ``now``; the first row is of tick ``_first``."""
        keep = int(self.grid.every[~self.grid.is_fast].max(initial=1)) + 100
        last = self._first + len(self._shown) - 1
        if not len(self._shown) or now - last > keep:
            self._first = now - keep
            self._shown = self.grid.values(np.arange(self._first, now + 1))
        elif now > last:
            self._shown = np.concatenate((self._shown, self.grid.values(np.arange(last + 1, now + 1))))
            spare = max(0, len(self._shown) - 2 * keep)
            self._shown, self._first = self._shown[spare:], self._first + spare
        return self._shown

    def _attached(self) -> Client | None:
        if self._client is not None:
            return self._client
        try:
            client = Client(self.project, "cli")
        except (EngineAbsent, WireError, OSError):
            return None
        try:
            tags = client.call("plant", None, PlantAnswer, 3.0).project.tags
        except (EngineAbsent, RequestFailed):
            client.close()
            return None
        self._client, self._rows = client, {tag.path: row for row, tag in enumerate(tags)}
        self._of_source = _by_source([tag.source for tag in tags])
        self.boots.append(client.hello.boot)
        return client

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _by_source(sources: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    names = np.array(sources)
    return {name: np.flatnonzero(names == name) for name in sorted(set(sources))}
