"""Compacting a segment: fewer and larger chunks, and not one sample differs, whoever reads and writes."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.historian.cache import Cache
from engine.historian.distinct import distinct
from engine.historian.history import StoredHistory
from engine.historian.reading import Reading
from engine.historian.shelf import Shelf
from engine.historian.tail import Tail
from engine.store import compacting
from engine.store.compacting import Compacting, beside, clear, is_worth
from engine.store.database import StoreError
from engine.store.rollup_file import sealed_since
from engine.store.segment import Chunk, Segment
from engine.store.snapshot import stamp
from engine.types import Origin, Samples
from tests.engine.store.segments import DAY, NAME, content, make

SPAN = DAY - 10, DAY + 86_400_000_000


def compact(path: Path) -> bool:
    work = Compacting(path)
    try:
        while not work.step():
            pass
        return work.finish()
    finally:
        work.close()


def ignored(_: str) -> None:
    """What is told is looked at in what is read."""


def counted(path: Path) -> int:
    segment = Segment(path, read_only=True)
    try:
        return segment.chunks()
    finally:
        segment.close()


def bits(samples: Samples) -> tuple[bytes, ...]:
    """Everything that a reader sees, bit for bit."""
    columns = samples.time_us, samples.receive_us, samples.value, samples.quality, samples.origin
    return *(column.tobytes() for column in columns), samples.dropped.tobytes()


def read(folder: Path, tag: int) -> list[tuple[bytes, ...]]:
    """The whole day, and parts of it."""
    history = StoredHistory(folder, Tail())
    try:
        middle = DAY + 300
        spans = SPAN, (DAY + 50, middle), (middle, SPAN[1]), (DAY + 101, DAY + 102)
        return [bits(history.raw(tag, *span)) for span in spans]
    finally:
        history.close()


@st.composite
def chunk_lists(draw: st.DrawFn) -> list[list[Chunk]]:
    """Seals of three tags: live samples one after another or not, others in between, at equal times too."""
    seals: list[list[Chunk]] = []
    at = DAY
    for _ in range(draw(st.integers(1, 6))):
        chunks: list[Chunk] = []
        shared = at + np.cumsum(
            np.array(draw(st.lists(st.integers(0, 40), min_size=1, max_size=9)), np.int64)
        )
        for tag in draw(st.sets(st.integers(0, 2), min_size=1)):
            each: list[Chunk] = []
            for origin in draw(st.sets(st.sampled_from(Origin), min_size=1)):
                times = shared if origin is Origin.LIVE else shared + draw(st.integers(-60, 60))
                times = np.maximum(times, DAY)
                n = len(times)
                column = st.lists(st.integers(0, 3), min_size=n, max_size=n)
                values = draw(
                    st.lists(st.sampled_from([0.0, -0.0, 1.5, np.nan, np.inf]), min_size=n, max_size=n)
                )
                quality = (
                    np.array(draw(column), np.uint32) * np.uint32(1 << 30) if draw(st.booleans()) else None
                )
                dropped = np.array(draw(column), np.uint32) if draw(st.booleans()) else None
                each.append(Chunk(tag, origin, np.sort(times), times + 7, np.array(values), quality, dropped))
            chunks += distinct(each)  # as a seal does
        seals.append(chunks)
        at = int(shared[-1]) + draw(st.integers(-30, 50))
    return seals


@given(chunk_lists())
@settings(deadline=None, max_examples=6)
@pytest.mark.timeout(240)
def test_readers_see_the_same_samples_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, seals: list[list[Chunk]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    segment = Segment(folder / NAME)
    for upto, chunks in enumerate(seals, 1):
        segment.put(chunks, upto * 10, [(upto, f"text {upto}")])
    texts = segment.texts()
    segment.close()
    before = [read(folder, tag) for tag in range(3)]
    chunks, seen = counted(folder / NAME), sealed_since(folder / NAME, 0)
    assert compact(folder / NAME)
    assert [read(folder, tag) for tag in range(3)] == before
    assert counted(folder / NAME) <= chunks
    assert sealed_since(folder / NAME, 0)[0] == seen[0]
    assert sealed_since(folder / NAME, seen[0]) == (seen[0], []), "what was rolled up is not rolled up again"
    segment = Segment(folder / NAME, read_only=True)
    assert (segment.texts(), segment.upto) == (texts, len(seals) * 10)
    assert {tag for tag in range(3) if segment.holds(tag, len(seals) * 10)} == {c.tag for c in seals[-1]}
    segment.close()


def test_chunks_and_times_become_few_and_the_file_half_as_large(tmp_path: Path) -> None:
    path = tmp_path / NAME
    segment = Segment(path)
    random = np.random.default_rng(1)
    for seal in range(48):
        times = DAY + (seal * 30 + np.arange(30, dtype=np.int64)) * 60_000_000 + random.integers(0, 3000, 30)
        segment.put(
            [
                Chunk(tag, Origin.LIVE, times, times + 9, np.round(random.normal(0, 1, 30), 1))
                for tag in range(50)
            ],
            seal + 1,
        )
    segment.close()
    size, before = path.stat().st_size, content(path)
    assert is_worth(path)
    assert compact(path)
    assert counted(path) == 50, "one chunk a tag"
    assert path.stat().st_size < size / 2
    assert content(path) == before
    assert not is_worth(path)
    segment = Segment(path, read_only=True)
    places = {segment.find(tag, *SPAN)[0].times_id for tag in range(50)}
    segment.close()
    assert len(places) == 1, "tags sampled together share their times again"


def test_no_chunk_becomes_larger_than_is_quick_to_read(tmp_path: Path) -> None:
    make(tmp_path / NAME, tags=1, seals=40, n=1000)
    assert compact(tmp_path / NAME)
    assert counted(tmp_path / NAME) == 2


def test_who_found_a_chunk_before_reads_its_times_after(tmp_path: Path) -> None:
    make(tmp_path / NAME)
    shelf = Shelf(tmp_path, ignored)
    reading = Reading(shelf, Tail(), Cache(0))
    pieces = reading.pieces(1, *SPAN)
    want = content(tmp_path / NAME)[1]
    shelf.close()  # or its files were closed because others were needed
    assert compact(tmp_path / NAME)
    reading = Reading(Shelf(tmp_path, ignored), Tail(), Cache(0))
    found = [reading.chunk(piece) for piece in pieces]
    assert [time for chunk in found for time in chunk.time_us.tolist()] == [row[0] for row in want]
    assert [time for chunk in found for time in chunk.receive_us.tolist()] == [row[1] for row in want]
    assert all(chunk.origin is Origin.LIVE for chunk in found), "nothing was lost"
    reading.shelf.close()


def test_who_has_the_old_file_open_reads_on_and_what_comes_later_goes_into_the_new_one(
    tmp_path: Path,
) -> None:
    before = make(tmp_path / NAME, tags=2)
    open_before = Segment(tmp_path / NAME, read_only=True)
    first = open_before.find(1, *SPAN)
    history = StoredHistory(tmp_path, Tail())
    assert len(history.raw(1, *SPAN).time_us) == len(before[1])
    assert compact(tmp_path / NAME)
    late = np.array([DAY + 80_000_000_000], np.int64)
    writer = Segment(tmp_path / NAME)
    writer.put([Chunk(1, Origin.LATE, late, late, np.array([4.0]))], 1000)
    assert [each.crc for each in open_before.find(1, *SPAN)] == [each.crc for each in first]
    assert len(open_before.times(first[0].times_id).source) == first[0].n
    assert history.raw(1, *SPAN).time_us.tolist() == [row[0] for row in before[1]] + late.tolist()
    open_before.close()
    assert len(content(tmp_path / NAME)[1]) == len(before[1]) + 1, "the one that closes takes nothing with it"
    writer.close()
    history.close()
    assert len(content(tmp_path / NAME)[1]) == len(before[1]) + 1


def test_who_opens_a_file_while_it_is_replaced_sees_what_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two steps the old WAL has the new file's name: nothing later would ever be seen in it."""
    make(tmp_path / NAME, tags=2)
    keeps_the_wal = Segment(tmp_path / NAME, read_only=True)
    opened: list[Segment] = []
    thread = threading.Thread(target=lambda: opened.append(Segment(tmp_path / NAME, read_only=True)))
    replace = os.replace

    def replaced(*paths: Path) -> None:
        replace(*paths)
        thread.start()
        thread.join(0.2)  # it has all the time it needs, but has to wait

    monkeypatch.setattr(compacting.os, "replace", replaced)
    assert compact(tmp_path / NAME)
    thread.join()
    (late,) = opened
    time_us = np.array([DAY + 80_000_000_000], np.int64)
    writer = Segment(tmp_path / NAME)
    writer.put([Chunk(1, Origin.LIVE, time_us, time_us, np.array([4.0]))], 1000)
    writer.close()
    assert late.find(1, DAY + 79_000_000_000, SPAN[1])[-1].last_us == time_us[0]
    assert late.upto == 1000
    late.close()
    keeps_the_wal.close()


def test_file_that_was_written_to_meanwhile_stays(tmp_path: Path) -> None:
    make(tmp_path / NAME)
    work = Compacting(tmp_path / NAME)
    while not work.step():
        pass
    writer = Segment(tmp_path / NAME)
    late = np.array([DAY + 80_000_000_000], np.int64)
    writer.put([Chunk(1, Origin.LATE, late, late, np.array([4.0]))], 1000)
    after = content(tmp_path / NAME)
    assert not work.finish()
    work.close()
    writer.close()
    assert content(tmp_path / NAME) == after
    assert not beside(tmp_path / NAME).exists()


def test_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = make(tmp_path / NAME)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "in use by another program")

    monkeypatch.setattr(compacting.os, "replace", refuse)
    with pytest.raises(StoreError, match="in use by another program"):
        compact(tmp_path / NAME)
    assert content(tmp_path / NAME) == before
    assert [name for name in os.listdir(tmp_path) if "compact" in name] == []


def test_what_a_killed_engine_left_is_cleared_away(tmp_path: Path) -> None:
    before = make(tmp_path / NAME)
    left = Compacting(tmp_path / NAME)
    left.step()
    assert beside(tmp_path / NAME).exists()
    clear(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if "compact" in path.name) == []
    left.close()
    assert content(tmp_path / NAME) == before


def test_compacted_file_is_backed_up_once_more_and_one_at_work_is_not(tmp_path: Path) -> None:
    make(tmp_path / NAME)
    before = stamp(tmp_path / NAME)
    assert compact(tmp_path / NAME)
    assert stamp(tmp_path / NAME) not in ("", before)


def test_late_samples_are_worth_compacting_only_when_they_are_many(tmp_path: Path) -> None:
    make(tmp_path / NAME, tags=4)
    assert compact(tmp_path / NAME)
    writer = Segment(tmp_path / NAME)
    for k in range(4):
        assert not is_worth(tmp_path / NAME)
        late = np.array([DAY + 80_000_000_000 + k], np.int64)
        writer.put([Chunk(tag, Origin.LATE, late, late, np.array([4.0])) for tag in range(1)], 1000 + k)
    assert is_worth(tmp_path / NAME)
    writer.close()
    before = content(tmp_path / NAME)
    assert compact(tmp_path / NAME)
    assert content(tmp_path / NAME) == before


def test_readers_at_work_notice_nothing(tmp_path: Path) -> None:
    """Three threads read all the time while three days are compacted, written to and compacted again."""
    told: list[str] = []
    wrong: list[str] = []
    days = [tmp_path / NAME.replace("-04", f"-0{4 + k}") for k in range(3)]
    for k, path in enumerate(days):
        make(path, tags=3, seals=12, n=300, start_us=DAY + k * 86_400_000_000)
    span = DAY, DAY + 3 * 86_400_000_000
    history = StoredHistory(tmp_path, Tail(), told=told.append, cache_mb=0, most_open=2)
    want = [bits(history.raw(tag, *span)) for tag in range(3)]
    rounds, ended = [0, 0, 0], threading.Event()

    def reading(tag: int) -> None:
        while not ended.is_set():
            if bits(history.raw(tag, *span)) != want[tag]:
                wrong.append(f"tag {tag} in round {rounds[tag]}")
            rounds[tag] += 1

    threads = [threading.Thread(target=reading, args=(tag,)) for tag in range(3)]
    for thread in threads:
        thread.start()
    try:
        for upto in range(1000, 1004):
            for path in days:
                assert patiently(path)
                segment = Segment(path)  # another tag's late samples
                late = np.array([int(content_day(path)) + 80_000_000_000 + upto], np.int64)
                segment.put([Chunk(9, Origin.LATE, late, late, np.array([4.0]))], upto)
                segment.close()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    history.close()
    assert (wrong, told) == ([], [])
    assert min(rounds) > 0


def content_day(path: Path) -> int:
    """Start of the day in the name of a segment."""
    return DAY + (int(path.stem[-2:]) - 4) * 86_400_000_000


def patiently(path: Path) -> bool:
    """As `compact`, again where somebody reads just when the WAL is to be emptied."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            return compact(path)
        except StoreError:
            continue
    return False
