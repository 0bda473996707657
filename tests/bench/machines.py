"""State machines at full length: many random steps from many seeds, every rule looked at after each (T37).

``python -m tests.bench machines [--seeds 200] [--steps 10000]``. Write and lease: a gate under all that
people, devices, clocks, ledgers, disks and kills do to it. Session: people at stations. Alarm: an alarm
beside the table of ISA-18.2. Two operators (T40): both at one tag, held up at random. A broken rule ends
the run with its seed. The same code runs shorter among the tests.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

from tests.engine.alarms.test_life import walk
from tests.engine.control.test_any_order import walked
from tests.engine.control.test_many import interleaved
from tests.engine.security.test_sessions import lived

INTERLEAVINGS = 1000


def run(seeds: int, steps: int) -> None:
    """All machines, one after the other; what each did, and how fast."""
    logging.disable(logging.CRITICAL)  # they break everything on purpose
    for name, one in (("write and lease", _write), ("session", lived), ("alarm", walk)):
        done, took_s = Counter[str](), 0.0
        for seed in range(seeds):
            began = time.perf_counter()
            done.update(one(seed, steps) or {})
            took_s += time.perf_counter() - began
        _tell(name, f"{seeds} seeds x {steps} steps", took_s, seeds * steps, done)
    began, frames = time.perf_counter(), Counter[str]()
    for seed in range(INTERLEAVINGS):
        rig = asyncio.run(interleaved(seed))
        frames[f"{len(rig.device.frames)} frames"] += 1
    _tell(
        "two operators at one tag", f"{INTERLEAVINGS} interleavings", time.perf_counter() - began, 0, frames
    )


def _write(seed: int, steps: int) -> Counter[str]:
    done = walked(seed, steps)
    told = Counter(entry.type for entry in done.book.entries)
    told["frames"], told["kills"] = len(done.frames), done.restarts
    return told


def _tell(name: str, what: str, took_s: float, steps: int, done: Counter[str]) -> None:
    speed = f", {steps / took_s:,.0f} steps/s" if steps else ""
    print(f"\n{name}: {what}, {took_s:.0f} s{speed}; no rule broken", flush=True)
    for each, count in sorted(done.items()):
        print(f"  {each:20} {count:9,}", flush=True)
