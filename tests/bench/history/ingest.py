"""G1, G2: how many samples a second are on disk for good, one commit for each frame of all tags.

Every side stores the same frames with the same promise: what was committed survives a power cut. Ours
and the row store include packing and checkpoint of what they took. G2 also in groups.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.harness import Goal, Side, in_turn, timed, told
from tests.bench.ours import Ours
from tests.bench.rivals.duck import Duck
from tests.bench.rivals.influx import Influx, program
from tests.bench.rivals.rows import Rows
from tests.bench.signals import Recording, plant

GROUP = 100


def _rate(data: Recording, seconds: float) -> float:
    return data.value.size / seconds / 1e6


def ours(data: Recording, frames: int, folder: Path) -> float:
    """M samples a second, packed."""
    store = Ours(folder, data.value.shape[1], int(data.time_us[0]))
    try:
        with timed() as spent:
            store.write(data.time_us, data.value, frames)
            store.finish()
        return _rate(data, spent())
    finally:
        store.close()


def ours_streamed(data: Recording, folder: Path) -> float:
    """M samples a second when the historian itself groups what comes in."""
    store = Ours(folder, data.value.shape[1], int(data.time_us[0]))
    try:
        with timed() as spent:
            store.stream(data.time_us, data.value, 10)
            store.finish()
        return _rate(data, spent())
    finally:
        store.close()


def rows(data: Recording, frames: int, folder: Path) -> float:
    """M samples a second."""
    store = Rows(folder)
    with timed() as spent:
        store.write(data.time_us, data.value, frames)
        store.finish()
    store.close()
    return _rate(data, spent())


def duck(data: Recording, frames: int, folder: Path) -> float:
    """M samples a second."""
    store = Duck(folder)
    with timed() as spent:
        store.write(data.time_us, data.value, frames)
        store.finish()
    store.close()
    return _rate(data, spent())


def influx(server: str, data: Recording, frames: int, folder: Path) -> float:
    """M samples a second, the text of the requests made beforehand."""
    store = Influx(folder, server)
    try:
        send = store.prepared(data.time_us, data.value, frames)
        with timed() as spent:
            send()
        return _rate(data, spent())
    finally:
        store.close()


def in_folder(side: Callable[[Path], float]) -> Side:
    """In a folder of its own that is gone afterwards."""

    def run() -> float:
        with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as folder:
            return side(Path(folder))

    return run


def compare(tags: int, frames: int, slow_frames: int, repetitions: int) -> dict[str, float]:
    """Print G1 and G2 and return how many times ours is as fast as each, one commit a frame."""
    data = plant(tags, frames)
    few = data.part(slow_frames)
    sides: dict[str, Side] = {
        "Watchroom": in_folder(lambda folder: ours(data, 1, folder)),
        Rows.name: in_folder(lambda folder: rows(few, 1, folder)),
        Duck.name: in_folder(lambda folder: duck(few, 1, folder)),
    }
    server = program()
    if server:
        sides[Influx.name] = in_folder(lambda folder: influx(server, few, 1, folder))
    goals = [Goal(Rows.name, 40), Goal(Duck.name, 2), Goal(Influx.name, 3)]
    what = f"one commit a frame: {tags} tags × {frames} frames, others × {slow_frames}"
    return told(what, "M samples/s durable", in_turn(sides, repetitions), goals)


def grouped(tags: int, frames: int, slow_frames: int, repetitions: int) -> None:
    """The same in commits of 100 frames, or as the historian groups by itself."""
    data = plant(tags, frames)
    few = data.part(slow_frames)
    sides: dict[str, Side] = {
        "Watchroom": in_folder(lambda folder: ours_streamed(data, folder)),
        f"Watchroom, {GROUP} frames a commit": in_folder(lambda folder: ours(data, GROUP, folder)),
        Rows.name: in_folder(lambda folder: rows(few, GROUP, folder)),
        Duck.name: in_folder(lambda folder: duck(data, GROUP, folder)),
    }
    server = program()
    if server:
        sides[Influx.name] = in_folder(lambda folder: influx(server, few, 5, folder))
    what = f"grouped, {GROUP} frames a commit (InfluxDB 5): {tags} tags × {frames} frames"
    told(what, "M samples/s durable; goal 2.5", in_turn(sides, repetitions))


def run(*, short: bool) -> None:
    """All of it."""
    if short:
        compare(2000, 200, 20, 3)
        grouped(2000, 400, 100, 3)
    else:
        compare(2000, 4096, 200, 5)
        grouped(2000, 4096, 200, 3)
