"""G9: 2.5 M samples a second for a minute, from a driver's batch to the disk: CPU, memory, backlog, lag.

The whole path of the engine in this process: pipeline, live table, alarms, journal, seal. CPU is that
of the process over the clock, all its threads together; 100 % = one core. Twice: all tags lossless,
and half of them with a deadband, so that the swinging door works too.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from tests.bench.harness import load, size_of
from tests.bench.plant_engine import TAGS, batches, engine, paced

ROWS = 10
GOAL_CPU, GOAL_RATE = 80.0, 2.5e6


def one(rate: float, seconds: float, deadband: float) -> None:
    """One stretch; prints what it took."""
    following = batches(TAGS, ROWS)
    process = psutil.Process()
    lag_ms: list[float] = []
    late_s: list[float] = []
    facts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as name:
        folder = Path(name)
        with engine(folder, deadband=deadband) as running:
            began, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
            sent, marks = 0, [0.0, 0.25, 0.5, 0.75, 1.0]

            def work() -> None:
                nonlocal sent
                running.take(following())
                sent += 1
                if sent % 10 == 0:
                    lag_ms.append(running.historian.status.lag_ms)
                if marks and time.perf_counter() - began >= marks[0] * seconds:
                    del marks[0]
                    status = running.historian.status
                    rss = process.memory_info().rss / 1e6
                    facts.append(f"{rss:.0f} MB, {status.waiting:,} waiting, tail {status.tail / 1e6:.1f} M")

            paced(ROWS * TAGS / rate, seconds, work, late_s.append)
            spent = time.perf_counter() - began
            used = 100 * (sum(process.cpu_times()[:2]) - cpu) / spent
            whole = running.historian.flush(60)
            lost, trouble = running.historian.lost, running.trouble
        disk = size_of(folder / "history") / (sent * ROWS * TAGS)
    lag, late = np.percentile(lag_ms, [50, 99]), np.percentile(np.array(late_s) * 1000, [50, 99, 99.9])
    reached = sent * ROWS * TAGS / spent
    verdict = "reached" if used <= GOAL_CPU and reached >= 0.99 * rate and not lost else "NOT REACHED"
    kind = f"half the tags with a deadband of {deadband:g}" if deadband else "lossless"
    print(f"\n{rate / 1e6:g} M samples/s wanted for {seconds:g} s, {TAGS} tags, {kind}; load {load()}")
    print(f"  {reached / 1e6:.2f} M samples/s taken, {used:.0f} % of one core (goal {GOAL_CPU:g}): {verdict}")
    print(f"  lost {lost}, all on disk at the end: {whole}, {trouble or 'no trouble'}")
    print(f"  start to end: {' | '.join(facts)}")
    print(f"  until on disk p50 {lag[0]:.0f} ms, p99 {lag[1]:.0f} ms")
    print(f"  a batch done after its instant p50 {late[0]:.1f}, p99 {late[1]:.1f}, p99.9 {late[2]:.1f} ms")
    print(f"  {disk:.2f} bytes of disk a sample, frames not packed yet among them", flush=True)
    os.sync()


def run(*, short: bool) -> None:
    """Both kinds of tags."""
    for deadband in (0.0, 0.2):
        one(GOAL_RATE, 8.0 if short else 60.0, deadband)
