"""What a batch costs the conditions of alarms, calm and when all of them cross.

``python -m tests.bench alarms``. As many tags as limits, of all kinds in turn, ten rows a batch. The
alternative in the same run does the same work with a Python object for every limit and a sample at a
time. Conditions evaluated a CPU-second (limits × rows), and milliseconds a batch on the clock, p50 / p99.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from engine.alarms import Conditions
from engine.types import Batch, Limit, LimitKind, Tag

SIZES = (2000, 20_000)
ROWS = 10
TURNS, FEWEST_BATCHES = 3, 5
KINDS: tuple[LimitKind, ...] = ("h", "hh", "l", "on", "dev", "rate", "disc", "bad", "expr", "status")
DELAYED = ("hh", "dev")
"""These have delays; a tenth of the others comes only when it came three times in a minute."""
SETPOINT, OFFSET, EDGE = 50.0, 0.2, 60.0
STEP_US = 100_000


def limits(count: int) -> tuple[list[Limit], list[Tag]]:
    """Limits of all kinds in turn, each on a tag of its own; the last tag is a setpoint that stands still."""
    tags = [Tag(k, f"A/{k}", "plc", "x") for k in range(count + 1)]
    other = tags[-1].path
    found: list[Limit] = []
    for k in range(count):
        kind = KINDS[k % len(KINDS)]
        delay = 0.25 if kind in DELAYED else 0.0
        found.append(
            Limit(
                tags[k].path,
                kind,
                {"l": 40.0, "dev": 10.0, "disc": 10.0, "rate": 5.0, "on": EDGE}.get(kind, EDGE),
                deadband=1.0,
                on_delay_s=delay,
                off_delay_s=delay,
                other=other,
                expression=f"{{A/{k}}} > {EDGE} and {{{other}}} > 0",
                window_s=60.0 if k % 17 == 0 and kind != "rate" else 2.0,
                count=3 if k % 17 == 0 and kind != "rate" else 0,
            )
        )
    return found, tags


class Plant:
    """Batches one after another in time. ``crossing``: every value crosses its limit in every batch."""

    def __init__(self, count: int, crossing: bool) -> None:
        rng = np.random.default_rng(1)
        self._ids = np.arange(count + 1, dtype=np.int32)
        calm = SETPOINT + rng.normal(0.0, OFFSET, size=(4, ROWS, count + 1))
        status = np.arange(count) % len(KINDS) == KINDS.index("status")
        calm[:, :, :-1][:, :, status] = 0.0
        calm[:, :, -1] = SETPOINT
        self._values, self._quality = calm, np.zeros((4, ROWS, count + 1), np.uint32)
        if crossing:
            kinds = np.arange(count) % len(KINDS)
            half = ROWS // 2
            for name, value in (("l", 30.0), ("on", EDGE), ("status", 1.0)):
                self._values[:, half:, :-1][:, :, kinds == KINDS.index(name)] = value
            for name in ("h", "hh", "dev", "rate", "disc", "expr"):
                self._values[:, half:, :-1][:, :, kinds == KINDS.index(name)] += 30.0
            self._quality[:, half:, :-1][:, :, kinds == KINDS.index("bad")] = 0x80000000
        self._sent = 0

    def next(self) -> Batch:
        """The next ten instants of all tags."""
        start, which = 10**15 + self._sent * ROWS * STEP_US, self._sent % 4
        self._sent += 1
        times = start + np.arange(ROWS, dtype=np.int64) * STEP_US
        return Batch(0, self._ids, times, times, self._values[which], self._quality[which])


@dataclass(slots=True)
class ObjectLimit:
    """The alternative: one limit that takes its samples one by one."""

    limit: Limit
    active: bool = False
    alarm: bool = False
    since_us: int = -1
    came: deque[int] = field(default_factory=lambda: deque(maxlen=3))
    seen: deque[tuple[int, float]] = field(default_factory=deque[tuple[int, float]])
    changes: int = 0

    def take(self, time_us: int, value: float, quality: int, other: float) -> None:
        """One sample of its tag, beside the last value of the other."""
        limit, usable = self.limit, not quality & 0x80000000 and math.isfinite(value)
        if limit.kind == "bad":
            self._judge(time_us, not usable)
            return
        if not usable:
            return
        match limit.kind:
            case "dev" | "disc":
                value = abs(value - other)
            case "rate":
                self.seen.append((time_us, value))
                while len(self.seen) > 1 and self.seen[1][0] <= time_us - limit.window_s * 1e6:
                    self.seen.popleft()
                then_us, then = self.seen[0]
                if time_us - then_us < limit.window_s * 1e6:
                    return
                value = abs(value - then) / ((time_us - then_us) / 1e6)
            case "expr":
                self._judge(time_us, value > EDGE and other > 0)
                return
            case "status":
                self._judge(time_us, value != 0)
                return
            case "on":
                self._judge(time_us, value == limit.limit)
                return
            case _:
                pass
        edge, back = limit.limit or 0.0, limit.deadband if self.active else 0.0
        self._judge(time_us, value < edge + back if limit.kind == "l" else value > edge - back)

    def _judge(self, time_us: int, beyond: bool) -> None:
        limit = self.limit
        if beyond == self.active:
            self.since_us = -1
            return
        if self.since_us < 0:
            self.since_us = time_us
        if time_us - self.since_us < (limit.off_delay_s if self.active else limit.on_delay_s) * 1e6:
            return
        self.active, self.since_us = beyond, -1
        if limit.count > 1 and beyond:
            self.came.append(time_us)
            if len(self.came) < limit.count or self.came[0] < time_us - limit.window_s * 1e6:
                return
        if limit.count <= 1 or beyond != self.alarm:
            self.alarm = beyond
            self.changes += 1


def objects(count: int) -> Callable[[Batch], None]:
    """A limit object for each tag, and how a batch is given to them."""
    made = [ObjectLimit(each) for each in limits(count)[0]]

    def give(batch: Batch) -> None:
        times = batch.source_time_us.tolist()
        for time_us, values, codes in zip(times, batch.value.tolist(), batch.quality.tolist(), strict=True):
            other = values[-1]
            for each, value, code in zip(made, values, codes, strict=False):
                each.take(time_us, value, code, other)

    return give


def arrays(count: int) -> Callable[[Batch], None]:
    """Ours."""
    conditions, mono_us = Conditions(*limits(count)), 0

    def give(batch: Batch) -> None:
        nonlocal mono_us
        mono_us += ROWS * STEP_US
        conditions.judge(batch, None, mono_us)

    return give


def measured(give: Callable[[Batch], None], plant: Plant, seconds: float) -> tuple[list[float], float]:
    """Seconds on the clock for each batch, and CPU seconds for all."""
    spent: list[float] = []
    cpu_s, end = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end or len(spent) < FEWEST_BATCHES:
        batch = plant.next()
        began, cpu_began = time.perf_counter(), time.thread_time()
        give(batch)
        cpu_s += time.thread_time() - cpu_began
        spent.append(time.perf_counter() - began)
    return spent, cpu_s


def one(count: int, crossing: bool, seconds: float) -> None:
    """Both in turns; prints the ratio of the medians."""
    sides = {"Watchroom": arrays(count), "object per limit": objects(count)}
    plants = {name: Plant(count, crossing) for name in sides}
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(30):  # until the windows of the rates are full
        for name, give in sides.items():
            give(plants[name].next())
    for _ in range(TURNS):
        for name, give in sides.items():
            spent, cpu_s = measured(give, plants[name], seconds / TURNS / len(sides))
            rate = count * ROWS * len(spent) / cpu_s
            p50, p99 = np.percentile(spent, [50, 99]) * 1000
            rates[name].append(rate)
            print(
                f"{count:6d} limits, {'all crossing' if crossing else 'calm':12s} {name:18s} "
                f"{rate / 1e6:8.2f} M conditions/CPU-s   {p50:8.3f} / {p99:8.3f} ms a batch of {ROWS} rows",
                flush=True,
            )
    times = median(rates["Watchroom"]) / median(rates["object per limit"])
    print(f"{'':38s} {times:8.1f} times as fast as an object per limit", flush=True)


def run(seconds: float) -> None:
    """Every size, calm and crossing, ``seconds`` in all."""
    for count in SIZES:
        for crossing in (False, True):
            one(count, crossing, seconds / len(SIZES) / 2)


if __name__ == "__main__":
    run(20.0)
