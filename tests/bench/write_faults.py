"""Approved writes to the demo plant's own servers, each with a fault drawn from a seed.

``python -m tests.bench writes --faults 1000``. Plant and engine are processes of their own; half of the
writes go over OPC UA, half over Modbus, by two people side by side. It ends at the first broken promise;
see `tests.faults.many_writes` for what is promised.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.faults.many_writes import many_writes
from tests.faults.plant_line import plant_line

SEED = 20_261_123


def run(count: int) -> None:
    """So many, and how they ended."""
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_run(Path(name), count))


async def _run(folder: Path, count: int) -> None:
    async with plant_line(folder) as made:
        began = time.perf_counter()
        found = await many_writes(made, count, SEED)
        took_s = time.perf_counter() - began
    print(f"\n{count} approved writes, seed {SEED}, {took_s:.0f} s: no promise broken, one frame each")
    for end, many in sorted(found.ends.items()):
        print(f"  {end:40} {many:5}")
    print(f"  {'turned down before they were sent':40} {found.turned_down:5}")
    for what, times in (
        ("confirmed to verified, no fault", found.verified_ms),
        ("confirmed to judged, with a fault", found.judged_ms),
        ("confirmed to resolved, of the unknown", found.seen_ms),
    ):
        ordered = sorted(times)
        p50, p99 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99))
        print(f"  {what:40} p50 {p50:7.0f}  p99 {p99:7.0f}  max {ordered[-1]:7.0f} ms of {len(ordered)}")
