"""G10: how much later than an empty loop the engine has decided on 100,000 events a second.

``python -m tests.bench latency``: every 10 ms a block of 1,000 samples of 1,000 tags goes through
pipeline, live table and alarms and to the history. The floor is the same loop that does nothing, in
turns of some seconds with ours, in the same process with the same idle threads. Late = from the planned
instant of the block to its alarms decided.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.bench.plant_engine import batches, engine, paced

PERIOD_S = 0.01
EVENTS = 1000
TURNS = 5


def percentiles(late_s: list[float]) -> np.ndarray:
    """p50, p99, p99.9 in ms."""
    return np.percentile(np.array(late_s) * 1000, [50, 99, 99.9])


def run(seconds: float) -> None:
    """Floor and ours in turns, ``seconds`` in all."""
    following = batches(EVENTS, 1)
    each = seconds / TURNS / 2
    floor: list[list[float]] = []
    ours: list[list[float]] = []
    cpu_ms: list[float] = []
    sys.setswitchinterval(0.0005)
    with (
        tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder,
        engine(Path(folder), EVENTS) as run,
    ):

        def work() -> None:
            began = time.thread_time()
            run.take(following())
            cpu_ms.append((time.thread_time() - began) * 1000)

        paced(PERIOD_S, 0.5, work, lambda _: None)
        cpu_ms.clear()
        for _ in range(TURNS):
            floor.append([])
            paced(PERIOD_S, each, lambda: None, floor[-1].append)
            ours.append([])
            paced(PERIOD_S, each, work, ours[-1].append)
        lost = run.historian.lost
    found = {
        name: np.median([percentiles(turn) for turn in turns], axis=0)
        for name, turns in (("empty loop", floor), ("Watchroom", ours))
    }
    print(
        f"{EVENTS / PERIOD_S:,.0f} events/s, {TURNS} turns of {each:g} s each, medians of the turns, ms late:"
    )
    for name, (p50, p99, p999) in found.items():
        print(f"  {name:12s} p50 {p50:7.2f}   p99 {p99:7.2f}   p99.9 {p999:7.2f}")
    added = found["Watchroom"] - found["empty loop"]
    cpu = np.percentile(cpu_ms, [50, 99])
    reached = "reached" if added[1] <= 5 and added[2] <= 10 and cpu[0] <= 1 else "NOT REACHED"
    print(f"  added: p99 {added[1]:+.2f} (goal 5), p99.9 {added[2]:+.2f} (goal 10)")
    print(f"  CPU of a block: p50 {cpu[0]:.2f}, p99 {cpu[1]:.2f} ms (goal 1); lost {lost}: {reached}")


if __name__ == "__main__":
    run(20.0)
