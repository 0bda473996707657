"""T02 for the ledger: the power is cut at any moment: what was receipted is there, nothing by half."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from engine.ledger import Ledger, LedgerError, NoLedger, Reading, begin, tables, verify_file
from tests.engine.ledger.made import ORIGIN, Clock, drafts, key
from tests.faults.power_cut import Disk, Write

pytestmark = pytest.mark.fault
Promised = tuple[int, int, bytes]
"""Length of the disk's log, size and root of the ledger."""


def written(path: Path, disk: Disk, seed: int) -> list[Promised]:
    """A ledger begun and grown, with hidden fields and a change of key."""
    rnd, promised, number = random.Random(seed), list[Promised](), 1
    begin(path, ORIGIN, key(), Clock())
    opened = Ledger(path, key(), Clock())
    for k in range(30):
        if rnd.random() < 0.1:
            number += 1
            opened.rotate(key(number=number), "Ada", "every year")
        elif rnd.random() < 0.1:
            opened.close()
            opened = Ledger(path, key(number=number), Clock())
        opened.append(drafts(rnd.randrange(1, 6), k, hidden=rnd.random() < 0.3))
        promised.append((len(disk.log), opened.size, opened.reading.root(opened.size)))
    opened.close()
    return promised


def check(path: Path, promised: tuple[int, bytes], where: str) -> None:
    """The ledger as it is found goes on from at least what was promised."""
    size, root = promised
    try:
        reading = Reading(path)
    except NoLedger:
        assert size == 0, f"{where}: the ledger is gone, but {size} entries were promised"
        return
    try:
        assert reading.size >= size, f"{where}: {reading.size} entries, but {size} were promised: lost"
        assert not size or reading.root(size) == root, f"{where}: the first {size} entries are others: lost"
        number = len(reading.keys)
    finally:
        reading.close()
    assert verify_file(path).findings == [], where
    opened = Ledger(path, key(number=number), Clock())
    opened.append(drafts(2, 900))
    opened.close()
    assert verify_file(path).findings == [], where


def check_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: range, cuts: int) -> None:
    for run in runs:
        disk = Disk(f"ledger-power-{run}")
        (tmp_path / f"run{run}").mkdir()
        with monkeypatch.context() as patch:
            wire(disk, patch)
            promised = written(tmp_path / f"run{run}" / "ledger.db", disk, run)
        rnd = random.Random(1000 + run)
        for number in range(cuts):
            image = tmp_path / f"image{run}-{number}"
            image.mkdir()
            cut = rnd.randrange(len(disk.log) + 1)
            disk.image(image, cut, seed=number)
            last = max(((size, root) for at, size, root in promised if at <= cut), default=(0, b""))
            check(image / "ledger.db", last, f"run {run}, cut {number}")
        disk.unregister()


def wire(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    """Let the ledger write through a disk that remembers."""

    def connect(path: Path, **more: Any) -> object:
        return disk.connect(path)

    patch.setattr(tables, "open_database", connect)
    patch.setattr(tables, "open_read_only", connect)


@pytest.mark.timeout(120)
def test_forty_power_cuts_break_no_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_cuts(tmp_path, monkeypatch, range(2), 20)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_thousand_power_cuts_break_no_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_cuts(tmp_path, monkeypatch, range(100, 120), 50)


def test_disk_that_does_not_sync_would_be_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself is tested: without syncs, receipts get broken, and it is said."""
    disk = Disk("ledger-power-without-sync")
    (tmp_path / "run").mkdir()
    with monkeypatch.context() as patch:
        wire(disk, patch)
        promised = written(tmp_path / "run" / "ledger.db", disk, 5)
    disk.log = [write for write in disk.log if isinstance(write, Write) and write.kind != "sync"]
    with pytest.raises((AssertionError, LedgerError), match=r"lost|gone|cannot be used|no ledger|is empty"):
        for number in range(10):
            image = tmp_path / f"image{number}"
            image.mkdir()
            disk.image(image, len(disk.log), seed=number)
            check(image / "ledger.db", promised[-1][1:], f"cut {number}")
    disk.unregister()
