"""Segments: packed samples in one file, once, and only that file is lost with it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.store.database import Damaged, StoreError
from engine.store.segment import COARSE, FEWEST_COARSE, Chunk, Segment
from engine.types import Origin

T = 1_750_000_000_000_000


def chunk(
    tag: int,
    first: int = 0,
    count: int = 10,
    origin: Origin = Origin.LIVE,
    quality: int = 0,
    scale: float = 1.0,
) -> Chunk:
    times = T + first + np.arange(count, dtype=np.int64)
    codes = None if not quality else np.where(np.arange(count) % 2, quality, 0).astype(np.uint32)
    return Chunk(tag, origin, times, times + 7, scale * (first + np.arange(count, dtype=np.float64)), codes)


def read(segment: Segment, tag: int, start: int = 0, end: int = 2**40) -> list[Chunk]:
    return [segment.unpack(p, segment.times(p.times_id)) for p in segment.find(tag, T + start, T + end)]


@pytest.fixture
def segment(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Segment(tmp_path / "samples-2025-06-15.db")
    yield made
    made.close()


def test_chunks_come_back_as_they_were(segment: Segment) -> None:
    dropped = np.arange(10, dtype=np.uint32)
    sent = [chunk(1), chunk(2, quality=0x80000000), chunk(1, first=100, origin=Origin.LATE)]
    sent.append(
        Chunk(3, Origin.LIVE, sent[0].time_us, sent[0].receive_us, np.full(10, np.nan), None, dropped)
    )
    segment.put(sent, 1)
    for want in sent:
        (found,) = [each for each in read(segment, want.tag) if each.origin is want.origin]
        for name in ("time_us", "receive_us", "value", "quality", "dropped"):
            one, other = getattr(found, name), getattr(want, name)
            assert (one is None) == (other is None), name
            assert one is None or one.tobytes() == other.tobytes(), name


def test_what_a_crash_left_in_both_places_is_not_stored_twice(segment: Segment) -> None:
    segment.put([chunk(1)], 5)
    segment.put([chunk(1)], 5)
    segment.put([chunk(1)], 4)
    assert len(read(segment, 1)) == 1
    segment.put([chunk(1, first=20)], 6)
    assert (len(read(segment, 1)), segment.upto) == (2, 6)


def test_what_a_refused_commit_may_have_left_is_written_anew(segment: Segment) -> None:
    segment.put([chunk(1)], 5)
    segment.put([chunk(1, first=20)], 6)
    segment.put([chunk(1, first=20, scale=2.0), chunk(2)], 6, again=True)
    assert [each.value[0] for each in read(segment, 1)] == [0.0, 40.0]
    assert len(read(segment, 2)) == 1
    assert segment.holds(2, 6)
    assert not segment.holds(2, 5)


def test_chunks_are_found_by_the_span_that_they_reach_into(segment: Segment) -> None:
    segment.put([chunk(1, 0), chunk(1, 20), chunk(1, 40)], 1)
    assert [int(each.time_us[0] - T) for each in read(segment, 1, 9, 21)] == [0, 20]
    assert read(segment, 1, 10, 20) == []
    assert segment.before(1, T + 39) == T + 29
    assert segment.before(1, T) is None
    assert segment.newest_us() == T + 49
    assert segment.tags().tolist() == [1]


def test_upto_after_find_is_that_of_what_was_found(tmp_path: Path) -> None:
    writer = Segment(tmp_path / "a.db")
    reader = Segment(tmp_path / "a.db", read_only=True)
    wrong: list[tuple[int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            found = len(reader.find(1, 0, 2**62))
            if found != reader.upto:
                wrong.append((found, reader.upto))

    looking = threading.Thread(target=look)
    looking.start()
    for k in range(1, 60):
        writer.put([chunk(1, 20 * k)], k)
    done.set()
    looking.join()
    assert (wrong, reader.find(1, 0, 2**62)[-1].first_us, reader.upto) == ([], T + 20 * 59, 59)
    reader.close()
    writer.close()


def test_tags_that_were_sampled_together_share_their_times(segment: Segment) -> None:
    one = chunk(1)
    segment.put(
        [one, Chunk(2, Origin.LIVE, one.time_us, one.receive_us, one.value), chunk(3), chunk(4, 5)], 1
    )
    ids = [segment.find(tag, 0, 2**62)[0].times_id for tag in (1, 2, 3, 4)]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_envelope_holds_every_spike_and_is_only_there_for_good_samples(segment: Segment) -> None:
    long = chunk(1, count=FEWEST_COARSE + 5)
    value = np.zeros(len(long.time_us))
    value[333] = 9.0
    spiky = Chunk(1, Origin.LIVE, long.time_us, long.receive_us, value)
    codes = np.zeros(len(value), np.uint32)
    codes[3] = 0x40000000
    doubtful = Chunk(2, Origin.LIVE, long.time_us, long.receive_us, value, codes)
    segment.put([spiky, doubtful, chunk(3)], 1)
    found = segment.envelope(segment.find(1, 0, 2**62)[0])
    assert found is not None
    low, high = found
    assert len(high) == -(-len(value) // COARSE)
    assert (high.max(), int(high.argmax()), low.max()) == (9.0, 333 // COARSE, 0.0)
    assert segment.envelope(segment.find(2, 0, 2**62)[0]) is None
    assert segment.envelope(segment.find(3, 0, 2**62)[0]) is None


def test_low_and_high_are_those_of_samples_that_are_not_bad(segment: Segment) -> None:
    good = chunk(1)
    bad = np.zeros(10, np.uint32)
    bad[9] = 0x80000000
    segment.put([Chunk(1, Origin.LIVE, good.time_us, good.receive_us, good.value, bad)], 1)
    segment.put([Chunk(2, Origin.LIVE, good.time_us, good.receive_us, np.full(10, np.nan))], 2)
    (some,), (none,) = segment.find(1, 0, 2**62), segment.find(2, 0, 2**62)
    assert (some.low, some.high, none.low, none.high) == (0.0, 8.0, None, None)


@pytest.mark.parametrize("column", ["value", "source", "receive"])
def test_flipped_byte_is_found_and_the_other_chunks_are_read(tmp_path: Path, column: str) -> None:
    path = tmp_path / "samples-2025-06-15.db"
    segment = Segment(path)
    segment.put([chunk(1, count=3000, scale=0.37), chunk(2, 7, count=10)], 1)
    connection = segment._connection  # noqa: SLF001
    table, key = ("chunks", "tag = 1") if column == "value" else ("times", "times_id = 1")
    row = connection.execute(f"SELECT {column} FROM {table} WHERE {key}").fetchone()[0]
    segment.close()
    content = bytearray(path.read_bytes())
    at = content.find(row[:40])
    assert at > 0
    content[at + min(len(row), 40) // 2] ^= 1
    path.write_bytes(content)
    segment = Segment(path, read_only=True)
    with pytest.raises(Damaged, match=r"samples-2025-06-15\.db.*restore it from a backup"):
        read(segment, 1)
    assert len(read(segment, 2)) == 1
    segment.close()


def test_file_that_is_no_segment_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all" * 1000)
    for read_only in (False, True):
        with pytest.raises(Damaged, match="a.db"):
            Segment(tmp_path / "a.db", read_only=read_only)


def test_check_finds_pages_that_do_not_fit_together(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "a.db")
    for k in range(1, 40):
        segment.put([chunk(tag, 20 * k) for tag in range(20)], k)
    segment.check()
    segment.close()
    content = bytearray((tmp_path / "a.db").read_bytes())
    at = len(content) // 2 // 4096 * 4096
    content[at : at + 4096] = b"\xa5" * 4096
    (tmp_path / "a.db").write_bytes(content)
    segment = Segment(tmp_path / "a.db")
    with pytest.raises(Damaged):
        segment.check()
    segment.close()


def test_reader_of_a_missing_file_is_told_so_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Segment(tmp_path / "a.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_commit_that_stands_in_the_wal_alone_shows_in_the_time_of_the_file(segment: Segment) -> None:
    """While the disk writes the WAL it looks as it will afterwards, but readers see nothing new yet."""
    segment.put([chunk(1)], 10)
    os.utime(segment.path, ns=(0, 0))
    segment.put([chunk(1, 100)], 20)
    assert segment.path.with_name(f"{segment.path.name}-wal").stat().st_size
    assert segment.path.stat().st_mtime_ns > 0
