"""T02: the power is cut at any moment of writing and sealing: what was acknowledged is there, once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.historian import gaps, reserve
from engine.store import StoreError, frames, fresh, segment
from engine.types import Origin
from tests.engine.historian.kept import NOW_US, Clock, Heard, batch, opened, samples_of, tags_of
from tests.faults.power_cut import Disk, Write

pytestmark = pytest.mark.fault
WIDE = list(range(80))
TAGS = tags_of(len(WIDE))
DAY_US = 86_400_000_000
MIDNIGHT = NOW_US // DAY_US * DAY_US
ONE = 79
"""This tag also comes in batches of its own."""


def written(folder: Path, disk: Disk, seed: int) -> list[tuple[int, int]]:
    """A run of writing and sealing over midnight. When (length of the disk's log) what was promised."""
    rnd, promised = random.Random(seed), list[tuple[int, int]]()
    historian = opened(folder, TAGS, Clock(MIDNIGHT + 1000))
    for k in range(40):
        time_us = MIDNIGHT - 20 + k
        historian.append(batch(WIDE, [time_us], [[float(k)] * len(WIDE)]))
        if rnd.random() < 0.5:
            historian.append(batch([ONE], [time_us + 1_000], [[float(k)]]), Origin.LATE)
        if rnd.random() < 0.4:
            assert historian.flush()
            promised.append((len(disk.log), k))
        if rnd.random() < 0.15:
            assert historian.seal()
            promised.append((len(disk.log), k))
    historian.close()
    promised.append((len(disk.log), 39))
    return promised


def check_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: range, cuts: int) -> None:
    for run in runs:
        disk = Disk(f"power-{run}")
        folder = tmp_path / f"run{run}"
        with wired(disk, monkeypatch):
            promised = written(folder, disk, run)
        rnd = random.Random(1000 + run)
        for number in range(cuts):
            image = tmp_path / f"image{run}-{number}"
            image.mkdir()
            cut = rnd.randrange(len(disk.log) // 8, len(disk.log) + 1)
            disk.image(image, cut, seed=number)
            check(image, max((k for at, k in promised if at <= cut), default=-1), f"run {run}, cut {number}")
        disk.unregister()


def check(image: Path, last: int, where: str) -> None:
    heard = Heard()
    historian = opened(image, TAGS, Clock(MIDNIGHT + 2000), heard)
    try:
        for _ in range(2):
            for tag in (TAGS[0], TAGS[ONE]):
                found = samples_of(image, historian.tail, tag, (Origin.LIVE,))
                counts = Counter(value for _, value, _ in found)
                lost = {float(k) for k in range(last + 1)} - counts.keys()
                assert not lost, f"{where}: {tag.path} lost {sorted(lost)} of 0 to {last}"
                assert set(counts.values()) <= {1}, f"{where}: twice in {tag.path}: {counts}"
                assert all(time_us == MIDNIGHT - 20 + value for time_us, value, _ in found), where
            assert historian.seal(), where
        assert (heard.failures, historian.status.damaged) == ([], ()), where
    finally:
        historian.close()
    assert {gap.cause for gap in gaps(image, 0, 2**62)} <= {"engine"}, where


class wired:  # noqa: N801
    """While it lasts the modules of the store write through a disk that remembers."""

    def __init__(self, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
        self._disk, self._patch = disk, monkeypatch

    def __enter__(self) -> None:
        disk = self._disk

        def connect(path: Path, *, check: bool = False) -> object:
            return disk.connect(path)

        def rename(self: Path, target: Path) -> Path:
            disk.note(Write(str(self), "rename", other=str(target)))
            return real(self, target)

        real = Path.replace
        for module in (frames, fresh, segment):
            self._patch.setattr(module, "open_database", connect)
        self._patch.setattr(segment, "open_read_only", connect)
        self._patch.setattr(Path, "replace", rename)

    def __exit__(self, *error: object) -> None:
        self._patch.undo()


@pytest.fixture(autouse=True)
def small_reserve() -> Iterator[None]:
    """Sixty megabytes for every cut would be a test of the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reserve, "RESERVE_BYTES", 100_000)
        yield


@pytest.mark.timeout(120)
def test_forty_power_cuts_lose_nothing_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_cuts(tmp_path, monkeypatch, range(2), 20)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_thousand_power_cuts_lose_nothing_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_cuts(tmp_path, monkeypatch, range(100, 120), 50)


def test_disk_that_does_not_sync_would_be_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself is tested: without syncs, acknowledged samples get lost."""
    disk = Disk("power-without-sync")
    with wired(disk, monkeypatch):
        promised = written(tmp_path / "run", disk, 5)
    disk.log = [write for write in disk.log if write.kind != "sync"]
    with pytest.raises((AssertionError, StoreError), match="lost|twice|cannot be used"):
        for number in range(10):
            image = tmp_path / f"image{number}"
            image.mkdir()
            disk.image(image, len(disk.log), seed=number)
            check(image, promised[-1][1], f"cut {number}")
    disk.unregister()
