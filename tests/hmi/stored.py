"""A made-up history and an engine that answers for it when told to, for the tests of trends."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.types import Curve, Gap
from hmi.history import NO_CURVE
from hmi.past import Ask
from hmi.recall import Recall
from tests.hmi.plant import NOW_US, PlantFeed


@dataclass(eq=False)
class Line:
    """All samples of one tag, NaN where a gap begins."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    uncertain: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))

    def __post_init__(self) -> None:
        if not self.uncertain.size:
            self.uncertain = np.zeros(self.time_us.size, np.bool_)

    def minmax(self, start_us: int, end_us: int, pixels: int, until_us: int = 1 << 62) -> Curve:
        """What `History.minmax` gives: columns of equal width, and one sample on either side."""
        stop = int(np.searchsorted(self.time_us, min(until_us, end_us)))
        first = int(np.searchsorted(self.time_us, start_us))
        inside = self._columns(first, stop, start_us, max(1, (end_us - start_us) // pixels))
        before = self._raw(max(0, first - 1), first)
        after = self._raw(stop, stop + 1) if end_us <= until_us else NO_CURVE
        return Curve(
            *(
                np.concatenate([getattr(each, name) for each in (before, inside, after)])
                for name in ("time_us", "low", "high", "uncertain")
            )
        )

    def _columns(self, first: int, stop: int, start_us: int, width_us: int) -> Curve:
        raw = self._raw(first, stop)
        if raw.time_us.size == 0:
            return raw
        column, hole = (raw.time_us - start_us) // width_us, np.isnan(raw.low)
        edge = np.flatnonzero(np.concatenate(([True], (np.diff(column) != 0) | (hole[1:] != hole[:-1]))))
        return Curve(
            raw.time_us[edge],
            np.fmin.reduceat(raw.low, edge),
            np.fmax.reduceat(raw.high, edge),
            np.logical_or.reduceat(raw.uncertain, edge),
        )

    def _raw(self, first: int, stop: int) -> Curve:
        at = slice(first, stop)
        return Curve(self.time_us[at], self.value[at], self.value[at], self.uncertain[at])


class Engine:
    """Holds ``lines`` by tag id and answers the questions of a `Recall` one at a time, when told to.

    ``stored_us`` = all samples before it are on disk. ``memory_us`` = the live ring begins there.
    ``behind_us`` = so far the clock of the device is behind.
    """

    def __init__(self, lines: dict[int, Line], now_us: int = NOW_US) -> None:
        self.recall = Recall()
        self.recall.is_reached = True
        self.lines, self.now_us = lines, now_us
        self.stored_us, self.memory_us, self.behind_us = now_us, now_us, 0
        self.gaps: tuple[Gap, ...] = ()
        self.asked: list[Ask] = []
        self._waiting: deque[Ask] = deque()

    def tick(self) -> None:
        """One frame of the bridge."""
        self.recall.now_us = self.now_us
        while (ask := self.recall.past.next_ask(self.now_us)) is not None:
            self.asked.append(ask)
            self._waiting.append(ask)
        span = self.recall.known_gaps.next_ask(self.now_us)
        if span is not None:
            self.recall.known_gaps.take(span, self.gaps)

    def answer(self) -> bool:
        """Answer the question that waits for longest; False = none waits."""
        if not self._waiting:
            return False
        ask = self._waiting.popleft()
        curves = [self.minmax(tag, ask) for tag in ask.tags]
        self.recall.past.take(ask, curves, self.stored_us)
        return True

    def minmax(self, tag: int, ask: Ask) -> Curve:
        """What the history gives for one tag."""
        until_us = self.stored_us - self.behind_us
        return self.lines[tag].minmax(ask.start_us, ask.end_us, ask.pixels, until_us)

    def refuse(self, why: str) -> None:
        """Say no to all that waits."""
        while self._waiting:
            self.recall.past.refuse(self._waiting.popleft(), why, self.now_us)

    def memory(self, tag: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """What the live ring holds of a tag: its samples since `memory_us`, and one before the span."""
        line = self.lines[tag]
        begins = int(np.searchsorted(line.time_us, self.memory_us))
        first = max(begins, int(np.searchsorted(line.time_us, start_us, "right")) - 1)
        stop = int(np.searchsorted(line.time_us, min(end_us, self.now_us), "right"))
        at = slice(first, stop)
        return Curve(line.time_us[at], line.value[at], line.value[at], line.uncertain[at])

    def curve(self, tag: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The curve of a tag as a display is given it now."""
        self.recall.now_us = self.now_us
        return self.recall.past.curve(tag, start_us, end_us, pixels, self.now_us, partial(self.memory, tag))

    def loaded(self, tag: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The same when all that it asked for has come."""
        found = self.curve(tag, start_us, end_us, pixels)
        for _ in range(100):
            self.tick()
            if not self.answer():
                return found
            found = self.curve(tag, start_us, end_us, pixels)
        raise AssertionError("it asks without end")


class StoredFeed(PlantFeed):
    """A feed whose curves come from an `Engine` with one line for each tag id."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine, self.past = engine, engine.recall
        self.now = engine.now_us

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The curve as the bridge would give it."""
        self.engine.now_us = self.past.now_us = self.now
        return self.past.curve(index, start_us, end_us, pixels, partial(self._memory, index))

    def _memory(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        return self.engine.memory(self.past.id_of(index), start_us, end_us, pixels)
