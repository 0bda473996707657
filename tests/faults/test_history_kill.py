"""T01: killed with -9 in the middle of writing, again and again: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.historian import Historian, gaps
from engine.types import Origin
from tests.engine.historian.kept import samples_of
from tests.faults.history_writer import FEW, WIDE, tags

pytestmark = pytest.mark.fault
CLOCK = SystemClock()


@pytest.mark.timeout(120)
def test_five_kills_lose_no_acknowledged_sample(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hundred_kills_lose_no_acknowledged_sample(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=100, seed=2)


def kill_often(folder: Path, kills: int, seed: int) -> None:
    rnd = random.Random(seed)
    first, promised, killed_at = 0, list[tuple[int, int]](), list[int]()
    for _ in range(kills):
        acknowledged, killed_us = run_and_kill(folder, first, rnd.uniform(0.2, 1.0))
        promised.append((first, acknowledged))
        killed_at.append(killed_us)
        first = acknowledged + 1_000_000  # the next life counts from somewhere else
    began = time.monotonic()
    historian = Historian(folder, tags(), CLOCK, failed=print, healed=print, texts=str)
    took_s = time.monotonic() - began
    try:
        check(folder, historian, promised)
        assert historian.seal(30)
        check(folder, historian, promised)
    finally:
        historian.close()
    assert took_s < 10
    found = [gap for gap in gaps(folder, 0, 2**62) if gap.cause == "engine"]
    assert len(found) == kills
    windows_ms = sorted((killed - gap.start_us) / 1000 for gap, killed in zip(found, killed_at, strict=True))
    assert all(gap.start_us <= killed <= gap.end_us for gap, killed in zip(found, killed_at, strict=True))
    assert windows_ms[len(windows_ms) // 2] <= 250, f"not acknowledged when killed, in ms: {windows_ms}"
    samples = sum(last - start + 1 for start, last in promised) * (WIDE + 1)
    print(
        f"{kills} kills: {samples} samples acknowledged, 0 lost, 0 doubled; window <= {windows_ms[-1]:.0f} ms"
    )


def run_and_kill(folder: Path, first: int, seconds: float) -> tuple[int, int]:
    """The last batch that was acknowledged, and when the process was killed."""
    command = [sys.executable, "-m", "tests.faults.history_writer", str(folder), str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline()]  # it is at work once it acknowledges anything
    time.sleep(seconds)
    process.kill()
    killed_us = CLOCK.now_us()
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    whole = [int(line) for line in lines if line.endswith("\n") and line.strip().isdigit()]
    assert whole, lines
    return max(whole), killed_us


def check(folder: Path, historian: Historian, promised: list[tuple[int, int]]) -> None:
    for tag in tags():
        found = samples_of(folder, historian.tail, tag, (Origin.LIVE,))
        counts = Counter(int(value) for _, value, _ in found)
        assert max(counts.values()) == 1, f"{tag.path} has samples twice: {counts.most_common(3)}"
        for start, last in promised:
            want = range(start, last + 1) if tag.tag_id < WIDE else one_of_ten(start, last, tag.tag_id - WIDE)
            lost = set(want) - counts.keys()
            assert not lost, (
                f"{tag.path} lost {len(lost)} acknowledged samples of {start} to {last}: {min(lost)}"
            )


def one_of_ten(start: int, last: int, which: int) -> range:
    return range(start + (which - start) % FEW, last + 1, FEW)
