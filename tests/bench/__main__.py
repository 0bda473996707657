"""Measurements, each with a named alternative in the same run.

``python -m tests.bench NAME [--seconds N]``, and for the history store ``python -m tests.bench history
[g1 g3 g4 g5 g9] [--short] [--tags N] [--data FOLDER]``; without parts, all of them. --data, or
$WATCHROOM_BENCH_DATA, names a folder with public records of plants; parts that need what is not there
say so. ``writes --faults 1000``, ``restore [--tags 4000]`` and ``machines [--seeds 200] [--steps 10000]``
prove instead of compare: they end at the first broken promise.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tests.bench.harness import load, machine

SETS = {
    "alarms": ("tests.bench.alarms", "tests.bench.alarm_latency"),
    "drivers": (
        "tests.bench.drivers_opcua",
        "tests.bench.drivers_modbus",
        "tests.bench.drivers_recovery",
    ),
    "block-path": ("tests.bench.block_path",),
    "latency": ("tests.bench.latency",),
    "late-frames": ("tests.bench.late_frames",),
    "alarm-journal": ("tests.bench.alarm_journal",),
    "ledger": ("tests.bench.ledger",),
    "writes": ("tests.bench.writes",),
    "twin": ("tests.bench.twin",),
}
PARTS = ("g1", "g3", "g4", "g5", "g9")
STORES = ("numpy", "pcodec", "pysqlite3", "duckdb", "pyarrow")


def history(parts: list[str], *, short: bool, tags: int, data: Path | None) -> None:
    """The parts asked for, one after another."""
    from tests.bench.history import ingest, query, size, sustained, window

    known: dict[str, Callable[[], None]] = {
        "g1": lambda: ingest.run(short=short),
        "g3": lambda: size.run(short=short, folder=data),
        "g4": lambda: query.run(short=short),
        "g5": lambda: window.run(short=short, tags=tags),
        "g9": lambda: sustained.run(short=short),
    }
    for part in parts or PARTS:
        print(f"\n== {part.upper()}, load {load()} ==", flush=True)
        known[part]()


def main() -> None:
    """Read what is asked for and run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted((*SETS, "history", "machines", "restore")))
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="of history; without any, all")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("--short", action="store_true", help="small payloads: minutes in all")
    parser.add_argument("--tags", type=int, help="of the 72 hours that g5 reads (2000), or to restore (4000)")
    parser.add_argument("--faults", type=int, help="so many writes, each with a fault")
    parser.add_argument("--seeds", type=int, default=200, help="of each machine")
    parser.add_argument("--steps", type=int, default=10_000, help="of each seed")
    parser.add_argument("--data", type=Path, help="folder with public records of plants")
    asked = parser.parse_args()
    if asked.name == "history":
        print(machine(STORES), flush=True)
        history(asked.parts, short=asked.short, tags=asked.tags or 2000, data=asked.data)
        return
    print(machine(), flush=True)
    if asked.name == "machines":
        from tests.bench.machines import run

        return run(asked.seeds, asked.steps)
    if asked.name == "restore":
        from tests.bench.restore import run

        return run(asked.tags or 4000)
    if asked.name == "writes" and asked.faults:
        from tests.bench.write_faults import run

        return run(asked.faults)
    for module in SETS[asked.name]:
        print(f"\n== {module.removeprefix('tests.bench.')} ==", flush=True)
        import_module(module).run(asked.seconds)


if __name__ == "__main__":
    main()
