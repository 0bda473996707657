"""T04, T05, T06, T23: disks that refuse, fill up, rot or answer late: no promise is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.historian import Historian, gaps, inbox, load_tail, reserve
from engine.store import Journal, database, frames, segment
from engine.types import Gap, Origin
from tests.engine.historian.kept import (
    NOW_US,
    Clock,
    Heard,
    Sample,
    batch,
    on_disk,
    opened,
    samples_of,
    tags_of,
)

pytestmark = pytest.mark.fault
FSYNC = 10 | 4 << 8
"""SQLITE_IOERR_FSYNC, https://sqlite.org/rescode.html; pysqlite3 has no name for it."""
WIDE = list(range(100))
TAGS = tags_of(len(WIDE))
LIVE = (Origin.LIVE,)


def until(holds: Callable[[], Any], what: str = "", seconds: float = 30.0) -> None:
    end, tick = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        tick.wait(0.01)


def append(historian: Historian, first: int, end: int) -> list[Sample]:
    for k in range(first, end):
        historian.append(batch(WIDE, [NOW_US + k], [[float(k)] * len(WIDE)]))
    return [(NOW_US + k, float(k), 0) for k in range(first, end)]


def stored(folder: Path, historian: Historian, tag: int = 7) -> list[Sample]:
    return samples_of(folder, historian.tail, TAGS[tag], LIVE)


class Disk:
    """Makes the commits of one module's databases refuse, or wait; everything else is real SQLite."""

    def __init__(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refusal, self.stores_all_the_same = 0, False
        self.opened: list[Any] = []
        self.tried_on: list[int] = []
        self.seconds = 0.0
        real = module.open_database
        monkeypatch.setattr(module, "open_database", lambda path, **more: Wired(self, real(path, **more)))


class Wired:
    def __init__(self, disk: Disk, connection: Any) -> None:
        self.disk, self.connection, self.number = disk, connection, len(disk.opened)
        disk.opened.append(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql != "COMMIT":
            return self.connection.execute(sql, *values)
        threading.Event().wait(self.disk.seconds)
        if not self.disk.refusal:
            return self.connection.execute(sql)
        self.disk.tried_on.append(self.number)
        if self.disk.stores_all_the_same:
            self.connection.execute(sql)
        error = database.sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = self.disk.refusal
        raise error


@pytest.mark.parametrize("stores", [False, True])
def test_after_a_failed_sync_nothing_is_promised_and_all_is_stored_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stores: bool
) -> None:
    disk, heard = Disk(frames, monkeypatch), Heard()
    historian = opened(tmp_path, TAGS, heard=heard)
    want = append(historian, 0, 5)
    assert historian.flush()
    disk.stores_all_the_same, disk.refusal = stores, FSYNC
    durable_us = historian.durable_us
    want += append(historian, 5, 10)
    until(lambda: heard.failures, "somebody hears of it")
    assert not historian.flush(0.2)
    assert historian.durable_us == durable_us
    assert stored(tmp_path, historian) == want[:5], "what is not acknowledged is not shown as history"
    assert "cannot be written" in historian.trouble
    assert "check the disk" in historian.trouble
    until(lambda: len(disk.tried_on) >= 2, "a second try")
    disk.refusal = 0
    until(lambda: heard.healings, "healed by itself")
    assert historian.flush()
    assert len(set(disk.tried_on)) == len(disk.tried_on), "a file was tried again after its I/O error"
    assert stored(tmp_path, historian) == want == on_disk(tmp_path, TAGS[7], LIVE)
    assert (historian.lost, historian.trouble, len(heard.failures)) == (0, "", 1)
    assert historian.seal()
    historian.close()
    assert on_disk(tmp_path, TAGS[7], LIVE) == want


@pytest.mark.parametrize("stores", [False, True])
def test_failed_sync_of_a_segment_keeps_the_frames_until_it_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stores: bool
) -> None:
    disk, heard = Disk(segment, monkeypatch), Heard()
    historian = opened(tmp_path, TAGS, heard=heard)
    want = append(historian, 0, 5)
    disk.stores_all_the_same, disk.refusal = stores, FSYNC
    assert not historian.seal(2.0)
    assert "cannot be packed" in historian.trouble
    assert sorted(stored(tmp_path, historian)) == want
    assert load_tail(tmp_path).samples == 500, "the frames stay"
    want += append(historian, 5, 10)
    assert historian.flush(), "and new samples are still taken"
    disk.refusal = 0
    until(lambda: heard.healings, "healed by itself")
    assert historian.seal()
    assert stored(tmp_path, historian) == want
    historian.close()
    assert on_disk(tmp_path, TAGS[7], LIVE) == want


def test_slow_disk_drops_nothing_silently_and_memory_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 150 * (inbox.BATCH_BYTES + 100 * inbox.SAMPLE_BYTES)
    monkeypatch.setattr(inbox, "MOST_BYTES", most)
    disk = Disk(frames, monkeypatch)
    historian = opened(tmp_path, TAGS)
    assert historian.flush()
    disk.seconds = 2.0
    sent, tick, end = 0, threading.Event(), time.monotonic() + 5
    while time.monotonic() < end:
        append(historian, sent, sent + 1)
        sent += 1
        assert historian.status.waiting <= 300 * 100
        tick.wait(0.002)
    disk.seconds = 0.0
    assert historian.flush(20)
    assert historian.status.waiting == 0
    found, lost = stored(tmp_path, historian), historian.lost
    assert lost > 0, "the test is to overload it"
    assert len(found) * 100 + lost == sent * 100
    missing = sorted({float(k) for k in range(sent)} - {value for _, value, _ in found})
    historian.close()
    told = [gap for gap in gaps(tmp_path, 0, 2**62) if gap.cause == "backlog"]
    assert sum(gap.samples or 0 for gap in told) == lost
    inside = [any(gap.start_us <= NOW_US + k < gap.end_us for gap in told) for k in missing]
    assert all(inside)


def test_full_disk_gives_its_reserve_to_the_event_journal_and_writes_again_when_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserve, "RESERVE_BYTES", 1_000_000)
    monkeypatch.setattr(inbox, "MOST_BYTES", 60 * (inbox.BATCH_BYTES + 100 * inbox.SAMPLE_BYTES))
    heard, events = Heard(), list[Any]()
    journal = Journal(small_disk / "journal.db", events.extend, heard.failures.append)
    historian = opened(small_disk / "history", TAGS, heard=heard)
    want = append(historian, 0, 5)
    assert historian.flush()
    ballast = small_disk / "ballast"
    fill(ballast)
    sent = 5
    while not heard.failures:
        append(historian, sent, sent + 1)
        sent += 1
        historian.flush(0.05)
    until(lambda: not (small_disk / "history/reserve").exists(), "the reserve is given up")
    assert "free some space" in historian.trouble
    journal.append(1, "operator did something", {})
    until(lambda: len(events) == 1, "the event journal still commits")
    append(historian, sent, sent + 200)
    sent += 200
    lost = historian.lost
    assert lost > 0
    assert stored(small_disk / "history", historian)[:5] == want, "what is there stays readable"
    ballast.unlink()
    until(lambda: heard.healings, "it goes on by itself")
    assert historian.flush()
    assert (small_disk / "history/reserve").stat().st_size == 1_000_000
    assert len(stored(small_disk / "history", historian)) * 100 + historian.lost == sent * 100
    historian.close()
    journal.close()
    told = [gap for gap in gaps(small_disk / "history", 0, 2**62) if gap.cause == "backlog"]
    assert sum(gap.samples or 0 for gap in told) == lost


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Sixteen megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)]
    if (
        mount is None
        or os.name != "posix"
        or subprocess.run(command, check=False, capture_output=True).returncode
    ):
        pytest.skip("a small disk can only be made by root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def flip(path: Path, at: int, count: int = 1) -> None:
    content = bytearray(path.read_bytes())
    for k in range(at, at + count):
        content[k] ^= 0xFF
    path.write_bytes(content)


def crashed(folder: Path, to: Path) -> Path:
    """The files as a crash leaves them: as they are, with the engine still at work on the originals."""
    to.mkdir()
    for path in folder.iterdir():
        if path.name not in ("reserve", "frames.db-shm"):
            shutil.copy(path, to / path.name)
    return to


def damage_gaps(folder: Path) -> list[Gap]:
    return [gap for gap in gaps(folder, 0, 2**62) if gap.cause == "damaged"]


def test_flipped_byte_in_a_frame_costs_that_frame_alone_and_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    historian = opened(folder, TAGS)
    want = append(historian, 0, 20)
    assert historian.flush()
    historian.close()
    content = (folder / "frames.db").read_bytes()
    at = content.find(np.full(60, 11.0).tobytes())
    assert at > 0
    flip(folder / "frames.db", at + 100)
    historian = opened(folder, TAGS)
    assert stored(folder, historian) in (want[:11] + want[12:], want[:10] + want[12:], want[:11] + want[13:])
    (gap,) = damage_gaps(folder)
    assert gap.start_us <= NOW_US + 11 < gap.end_us
    assert gap.samples is not None
    assert gap.samples >= 100
    assert historian.seal()
    historian.close()
    opened(folder, TAGS).close()
    assert len(damage_gaps(folder)) == 1, "told once"


def test_damaged_journal_is_set_aside_and_what_can_be_read_of_it_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    historian = opened(folder, TAGS)
    append(historian, 0, 10)
    assert historian.seal()
    historian.text(3.0, "three")
    for k in range(10, 200):
        append(historian, k, k + 1)
        if k % 10 == 0:
            assert historian.flush()
    historian.close()
    size = (folder / "frames.db").stat().st_size
    flip(folder / "frames.db", size * 3 // 4 // 4096 * 4096, 4096)
    heard = Heard()
    historian = opened(folder, TAGS, heard=heard)
    names = historian.status.damaged
    if not names:
        pytest.fail("the damage was not found")
    assert all((folder / name).exists() for name in names)
    found = stored(folder, historian)
    assert [value for _, value, _ in found][:10] == [float(k) for k in range(10)], (
        "packed samples are not touched"
    )
    assert len(found) == len(set(found)) > 20, "most of it is read from the damaged file"
    assert damage_gaps(folder)
    append(historian, 500, 510)
    assert historian.seal()
    assert stored(folder, historian)[-1] == (NOW_US + 509, 509.0, 0)
    assert list(historian.known_texts) == [(3, "three")]
    historian.close()


@pytest.mark.parametrize("how", ["header", "empty", "missing"])
def test_lost_journal_is_never_an_empty_history_silently(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "history"
    historian = opened(folder, TAGS)
    want = append(historian, 0, 10)
    assert historian.seal()
    append(historian, 10, 12)
    historian.close()
    if how == "header":
        flip(folder / "frames.db", 0, 100)
    elif how == "empty":
        (folder / "frames.db").write_bytes(b"")
    else:
        (folder / "frames.db").unlink()
    historian = opened(folder, TAGS)
    assert stored(folder, historian)[:10] == want
    (gap,) = damage_gaps(folder)
    assert gap.start_us <= NOW_US + 10
    assert "restore it from a backup" in gap.text
    want += append(historian, 20, 25)
    assert historian.seal()
    assert set(want) <= set(stored(folder, historian)), "new frames are numbered above those of the segments"
    historian.close()


def test_flipped_byte_in_the_wal_loses_nothing_before_it(tmp_path: Path) -> None:
    historian = opened(tmp_path / "history", TAGS)
    want: list[Sample] = []
    for k in range(10):
        want += append(historian, k, k + 1)
        assert historian.flush()
    folder = crashed(tmp_path / "history", tmp_path / "copy")
    historian.close()
    wal = folder / "frames.db-wal"
    flip(wal, wal.stat().st_size * 2 // 3)
    historian = opened(folder, TAGS)
    found = stored(folder, historian)
    assert found == want[: len(found)]
    assert 1 < len(found) < 10
    assert any(gap.cause == "engine" for gap in gaps(folder, 0, 2**62))
    historian.close()


def test_damaged_segment_is_set_aside_at_the_start_and_only_its_day_is_touched(tmp_path: Path) -> None:
    day_us = 86_400_000_000
    historian = opened(tmp_path, TAGS, Clock(NOW_US + day_us))
    want = append(historian, 0, 10)
    historian.append(batch(WIDE, [NOW_US + day_us], [[1.0] * 100]))
    assert historian.seal()
    historian.close()
    flip(tmp_path / "samples-2025-06-16.db", 0, 50)
    historian = opened(tmp_path, TAGS, Clock(NOW_US + day_us))
    (name,) = historian.status.damaged
    assert name.startswith("samples-2025-06-16.db.damaged-")
    assert stored(tmp_path, historian) == want
    (gap,) = damage_gaps(tmp_path)
    assert (gap.start_us, gap.end_us) == ((NOW_US + day_us) // day_us * day_us, NOW_US + day_us)
    historian.append(batch(WIDE, [NOW_US + day_us + 1], [[2.0] * 100]))
    assert historian.seal()
    assert stored(tmp_path, historian)[10:] == [(NOW_US + day_us + 1, 2.0, 0)]
    historian.close()


def test_second_writer_makes_the_first_one_give_way_and_nothing_is_mixed(tmp_path: Path) -> None:
    """The project's lock prevents it; should it fail, the files must not suffer."""
    heard = Heard()
    first = opened(tmp_path, TAGS, heard=heard)
    want = append(first, 0, 5)
    assert first.flush()
    second = opened(tmp_path, TAGS)
    append(first, 5, 6)
    until(lambda: heard.failures, "the first one says so")
    assert "another engine writes" in heard.failures[0]
    want += append(second, 10, 15)
    assert second.flush()
    assert not first.flush(1.5)
    first.close()
    assert "are lost" in heard.failures[-1]
    assert second.seal()
    assert stored(tmp_path, second) == want
    second.close()
