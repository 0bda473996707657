"""Measurements, each with a named alternative in the same run.

``python -m tests.bench NAME [--seconds N]``, and for the history store ``python -m tests.bench history
[g1 g3 g4 g5 g9] [--short] [--tags N] [--data FOLDER]``; without parts, all of them. --data, or
$WATCHROOM_BENCH_DATA, names a folder with public records of plants; parts that need what is not there
say so.
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
    parser.add_argument("name", choices=sorted((*SETS, "history")))
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="of history; without any, all")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("--short", action="store_true", help="small payloads: minutes in all")
    parser.add_argument("--tags", type=int, default=2000, help="of the 72 hours that g5 reads")
    parser.add_argument("--data", type=Path, help="folder with public records of plants")
    asked = parser.parse_args()
    if asked.name == "history":
        print(machine(STORES), flush=True)
        history(asked.parts, short=asked.short, tags=asked.tags, data=asked.data)
        return
    print(machine(), flush=True)
    for module in SETS[asked.name]:
        print(f"\n== {module.removeprefix('tests.bench.')} ==", flush=True)
        import_module(module).run(asked.seconds)


if __name__ == "__main__":
    main()
