"""What was stored is read back: every sample once, in order, from wherever it lies."""

import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.historian import shelf
from engine.historian.shelf import Memo
from engine.store.database import open_database
from engine.store.segment import Segment
from engine.types import Origin, Samples, Status
from tests.engine.historian.stored import (
    DAY_US,
    SECOND_US,
    START_US,
    chunk,
    cut,
    day_name,
    history,
    store,
    tail_of,
)


def seconds(first: int, last: int) -> np.ndarray:
    return START_US + SECOND_US * np.arange(first, last)


def told(samples: Samples) -> list[tuple[int, float]]:
    return [
        ((time - START_US) // SECOND_US, value)
        for time, value in zip(samples.time_us.tolist(), samples.value.tolist(), strict=True)
    ]


def test_missing_folder_is_an_empty_history(tmp_path: Path) -> None:
    empty = history(tmp_path / "none")
    assert len(empty.raw(1, 0, 2**62).time_us) == 0
    assert len(empty.minmax(1, 0, 2**60, 100).time_us) == 0
    assert np.isnan(empty.window([1, 2], 0, 10, 1)).all()
    assert empty.instant([1], START_US).time_us.tolist() == [0]
    assert list(empty.gaps(0, 2**60)) == []
    assert empty.text(3.0) == ""
    assert not (tmp_path / "none").exists()
    empty.close()


def test_start_after_end_gives_nothing(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, seconds(0, 10), np.arange(10.0))])
    stored = history(tmp_path)
    assert len(stored.raw(1, START_US + 5, START_US).time_us) == 0
    assert len(stored.minmax(1, START_US + 5, START_US, 10).time_us) == 0
    assert stored.window([1], START_US + 5, START_US, 1).shape == (1, 0)
    stored.close()


def test_one_sample_before_the_span_comes_along_from_any_day(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, seconds(0, 3), [1.0, 2.0, 3.0])])
    store(tmp_path, [chunk(1, seconds(5 * 86400, 5 * 86400 + 1), [9.0])])
    store(tmp_path, [chunk(2, seconds(3 * 86400, 3 * 86400 + 1), [7.0])])  # a day with another tag alone
    stored = history(tmp_path)
    begin = START_US + 4 * DAY_US
    assert told(stored.raw(1, begin, begin + 10)) == [(2, 3.0)]
    assert told(stored.raw(1, begin, begin + 2 * DAY_US)) == [(2, 3.0), (5 * 86400, 9.0)]
    assert told(stored.raw(1, START_US + SECOND_US, START_US + 2 * SECOND_US)) == [(0, 1.0), (1, 2.0)]
    assert told(stored.raw(1, START_US, START_US + SECOND_US)) == [(0, 1.0)]
    stored.close()


def test_late_and_backfilled_samples_stand_in_their_place(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, seconds(0, 10)[::2], [0.0, 2.0, 4.0, 6.0, 8.0])])
    store(tmp_path, [chunk(1, seconds(3, 6)[::2], [3.0, 5.0], origin=Origin.BACKFILL)])
    stored = history(tmp_path, tail_of(chunk(1, seconds(7, 8), [7.0], origin=Origin.LATE)))
    found = stored.raw(1, START_US, START_US + DAY_US)
    assert told(found) == [(k, float(k)) for k in (0, 2, 3, 4, 5, 6, 7, 8)]
    assert found.origin.tolist() == [0, 0, 2, 0, 2, 0, 1, 0]
    assert found.receive_us.tolist() == (found.time_us + 5000).tolist()
    stored.close()


def test_newest_before_the_span_is_found_behind_a_chunk_that_reaches_over_its_start(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, START_US + SECOND_US * np.array([0, 100]), [1.0, 2.0])])
    store(tmp_path, [chunk(1, seconds(40, 50), np.arange(40.0, 50.0), origin=Origin.LATE)])
    stored = history(tmp_path)
    assert told(stored.raw(1, START_US + 60 * SECOND_US, START_US + 90 * SECOND_US)) == [(49, 49.0)]
    stored.close()


def test_sample_in_tail_and_file_comes_once(tmp_path: Path) -> None:
    same = chunk(1, seconds(0, 100), np.arange(100.0))
    store(tmp_path, [same])
    other = chunk(1, seconds(99, 101), [99.5, 100.0])
    stored = history(tmp_path, tail_of(same, other))
    found = told(stored.raw(1, START_US, START_US + DAY_US))
    assert found == [*[(k, float(k)) for k in range(100)], (99, 99.5), (100, 100.0)]
    stored.close()


def test_tail_that_a_seal_has_packed_is_left_out_and_its_lines_stay(tmp_path: Path) -> None:
    """While a seal runs the tail still has the samples that the door left out of the file."""
    times = seconds(0, 10)
    store(tmp_path, [chunk(1, times[[0, 9]], [0.0, 9.0], dropped=[8, 0])], upto=1001)
    stored = history(tmp_path, tail_of(chunk(1, times, np.arange(10.0))))
    found = stored.raw(1, START_US, START_US + DAY_US)
    assert told(found) == [(0, 0.0), (9, 9.0)]
    assert found.dropped.tolist() == [8, 0]
    stored.close()


def test_tail_that_is_newer_than_the_file_is_kept(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, seconds(0, 2), [0.0, 1.0])], upto=1000)
    stored = history(tmp_path, tail_of(chunk(1, seconds(2, 4), [2.0, 3.0])))
    assert told(stored.raw(1, START_US, START_US + DAY_US)) == [(k, float(k)) for k in range(4)]
    stored.close()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 400))
def test_any_mixture_of_origins_files_and_tail_reads_back_as_the_sorted_set(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    times = START_US + np.sort(random.integers(0, 3 * DAY_US // SECOND_US, count)) * SECOND_US
    values = random.integers(0, 3, count).astype(float)
    origins = random.choice(4, count, p=[0.7, 0.1, 0.1, 0.1])
    quality = np.where(origins == Origin.ENGINE, np.uint32(Status.STALE), np.uint32(0)).astype(np.uint32)
    to_tail = random.random(count) < 0.2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for origin in Origin:
            mine = np.flatnonzero((origins == origin) & ~to_tail)
            parts = [mine[some] for some in cut(times[mine], random.integers(1, 60, 5).tolist())]
            for part in parts:
                store(folder, [chunk(7, times[part], values[part], quality[part], origin)])
        fresh = [np.flatnonzero((origins == origin) & to_tail) for origin in Origin]
        tail = tail_of(
            *(chunk(7, times[p], values[p], quality[p], o) for p, o in zip(fresh, Origin, strict=True))
        )
        stored = history(folder, tail)
        begin, end = np.sort(random.integers(START_US - DAY_US, START_US + 4 * DAY_US, 2)).tolist()
        found = stored.raw(7, begin, end)
        stored.close()
    every = sorted(set(zip(times.tolist(), values.tolist(), quality.tolist(), strict=True)))
    inside = [each for each in every if begin <= each[0] < end]
    before = [each for each in every if each[0] < begin]
    got = list(zip(found.time_us.tolist(), found.value.tolist(), found.quality.tolist(), strict=True))
    assert (np.diff(found.time_us) >= 0).all()
    if before and begin < end:
        newest = {each for each in before if each[0] == before[-1][0]}
        assert got.pop(0) in newest
    assert sorted(got) == (inside if begin < end else [])


def test_damaged_chunk_is_a_gap_and_told_once(tmp_path: Path) -> None:
    for k in range(3):
        store(tmp_path, [chunk(1, seconds(k * 10, k * 10 + 10), np.arange(10.0) + k * 10)])
    path = tmp_path / day_name(START_US)
    broken = open_database(path)
    broken.execute("UPDATE chunks SET value = zeroblob(40) WHERE first_us = ?", (int(seconds(10, 11)[0]),))
    broken.close()
    said: list[str] = []
    stored = history(tmp_path, told=said.append)
    for _ in range(2):
        found = stored.raw(1, START_US, START_US + DAY_US)
        assert found.value[:10].tolist() == list(range(10))
        assert found.value[11:].tolist() == list(range(20, 30))
        assert np.isnan(found.value[10])
        assert found.quality[10] == Status.BAD
        assert found.origin[10] == Origin.ENGINE
        values = stored.window([1], START_US, START_US + 30 * SECOND_US, SECOND_US)[0]
        assert np.isnan(values[10:20]).all()
        assert values[20:].tolist() == list(range(20, 30))
    assert len(said) == 1
    assert "changed on the disk" in said[0]
    stored.close()


@pytest.mark.parametrize("content", [b"", b"not a database, not at all" * 400])
def test_day_file_that_is_no_database_is_a_gap_of_its_day_alone(tmp_path: Path, content: bytes) -> None:
    for day in range(3):
        store(tmp_path, [chunk(1, seconds(day * 86400, day * 86400 + 10), np.full(10, day, float))])
    (tmp_path / day_name(START_US + DAY_US)).write_bytes(content)
    said: list[str] = []
    stored = history(tmp_path, told=said.append)
    found = stored.raw(1, START_US, START_US + 3 * DAY_US)
    assert found.value[:10].tolist() == [0.0] * 10
    assert np.isnan(found.value[10])
    assert found.time_us[10] == START_US + DAY_US
    assert found.value[11:].tolist() == [2.0] * 10
    stored.raw(1, START_US, START_US + 3 * DAY_US)
    assert len(said) == 1
    assert day_name(START_US + DAY_US) in said[0]
    later = stored.raw(1, START_US + DAY_US + 100 * SECOND_US, START_US + DAY_US + 200 * SECOND_US)
    assert np.isnan(later.value).all(), "the value of the day before does not reach into the lost day"
    stored.close()


def test_day_file_that_was_set_aside_is_a_gap_until_it_is_restored(tmp_path: Path) -> None:
    for day in range(3):
        store(tmp_path, [chunk(1, seconds(day * 86400, day * 86400 + 2), np.full(2, day, float))])
    lost = tmp_path / day_name(START_US + DAY_US)
    aside = lost.with_name(f"{lost.name}.damaged-1")
    lost.rename(aside)
    stored = history(tmp_path)
    assert (
        np.isnan(stored.raw(1, START_US, START_US + 3 * DAY_US).value).tolist()
        == [False] * 2 + [True] + [False] * 2
    )
    aside.rename(lost)
    assert stored.raw(1, START_US, START_US + 3 * DAY_US).value.tolist() == [0, 0, 1, 1, 2, 2]
    stored.close()


def test_damaged_file_of_fast_tags_is_no_gap_of_the_others(tmp_path: Path) -> None:
    store(tmp_path, [chunk(1, seconds(0, 2), [1.0, 2.0])])
    (tmp_path / day_name(START_US, "fast")).write_bytes(b"nothing" * 4000)
    stored = history(tmp_path, fast={2})
    assert stored.raw(1, START_US, START_US + DAY_US).value.tolist() == [1.0, 2.0]
    assert np.isnan(stored.raw(2, START_US, START_US + DAY_US).value).tolist() == [True]
    stored.close()


def test_what_is_written_while_we_read_is_seen_at_once(tmp_path: Path) -> None:
    stored = history(tmp_path)
    for k in range(20):
        store(
            tmp_path,
            [chunk(k % 3, seconds(k, k + 1), [float(k)]), chunk(9, seconds(90000 * k, 90000 * k + 1), [1.0])],
        )
        assert stored.raw(k % 3, START_US, START_US + DAY_US).value[-1] == k
        assert len(stored.raw(9, START_US, START_US + 99 * DAY_US).value) == k + 1
    stored.close()


def test_removed_day_file_is_no_error(tmp_path: Path) -> None:
    for day in range(3):
        store(tmp_path, [chunk(1, seconds(day * 86400, day * 86400 + 2), np.full(2, day, float))])
    said: list[str] = []
    stored = history(tmp_path, told=said.append)
    assert len(stored.raw(1, START_US, START_US + 3 * DAY_US).value) == 6
    for path in tmp_path.glob(f"{day_name(START_US)}*"):
        path.unlink()
    assert stored.raw(1, START_US, START_US + 3 * DAY_US).value.tolist() == [1, 1, 2, 2]
    assert not said
    stored.close()


def test_text_of_a_code_is_found_in_the_day_file(tmp_path: Path) -> None:
    segment = Segment(tmp_path / day_name(START_US))
    segment.put([chunk(1, seconds(0, 2), [4.0, 5.0])], 1, [(4, "closed"), (5, "open")])
    segment.close()
    stored = history(tmp_path, text=lambda code: "from memory" if code == 8 else "")
    assert [stored.text(code) for code in (4.0, 5.0, 8.0, 6.0)] == ["closed", "open", "from memory", ""]
    stored.close()


def test_several_threads_read_the_same_few_open_files(tmp_path: Path) -> None:
    for day in range(6):
        store(
            tmp_path,
            [
                chunk(tag, seconds(day * 86400, day * 86400 + 600), np.arange(600.0) + tag)
                for tag in range(20)
            ],
        )
    stored = history(tmp_path, most_open=2, cache_mb=1)
    wrong: list[int] = []

    def read(tag: int) -> None:
        for _ in range(5):
            found = stored.raw(tag, START_US, START_US + 6 * DAY_US).value
            if found.tolist() != np.tile(np.arange(600.0) + tag, 6).tolist():
                wrong.append(tag)

    threads = [threading.Thread(target=read, args=(tag,)) for tag in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    stored.close()


def test_two_origins_that_share_their_times_keep_their_own_values(tmp_path: Path) -> None:
    times = seconds(0, 3)
    live, late = chunk(1, times, [1.0, 2.0, 3.0]), chunk(1, times, [4.0, 5.0, 6.0], origin=Origin.LATE)
    store(tmp_path, [live, late])
    stored = history(tmp_path)
    for _ in range(2):
        found = stored.raw(1, START_US, START_US + DAY_US)
        assert found.value.tolist() == [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
    stored.close()


def test_file_that_was_removed_and_came_anew_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    """A file system gives the number of a removed file to the next one at once."""
    path, times = tmp_path / day_name(START_US), seconds(0, 100)
    other = times + 7 * SECOND_US
    for folder, some in ((tmp_path, times), (tmp_path / "other", other)):
        store(folder, [chunk(1, some, np.full(100, 5.0))])
    stored = history(tmp_path, most_open=0)
    assert stored.raw(1, START_US, START_US + DAY_US).time_us.tolist() == times.tolist()
    assert len(stored.minmax(1, START_US, START_US + DAY_US, 1000).time_us)
    with path.open("rb+") as file:
        file.write((tmp_path / "other" / path.name).read_bytes())
    assert stored.raw(1, START_US, START_US + DAY_US).time_us.tolist() == other.tolist()
    assert stored.minmax(1, START_US, START_US + DAY_US, 1000).time_us[0] == other[0]
    assert stored.window([1], START_US, START_US + 8 * SECOND_US, SECOND_US)[0, :7].tolist() != [5.0] * 7
    stored.close()


def test_memo_keeps_an_answer_with_the_stamp_that_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "SETTLED_S", 0.0)
    memo = Memo[str]()

    def asked_while_another_thread_sees_a_newer_stamp() -> str:
        assert memo.get(2, lambda: "new") == "new"
        return "old"

    assert memo.get(1, asked_while_another_thread_sees_a_newer_stamp) == "old"
    assert memo.get(2, lambda: "newer") != "old"


def test_folder_that_is_a_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("no folder")
    stored = history(tmp_path / "history")
    assert len(stored.raw(1, START_US, START_US + DAY_US).time_us) == 0
    stored.close()


def test_of_values_of_one_instant_in_two_files_the_same_one_holds_in_every_span(tmp_path: Path) -> None:
    """A tag that became a fast one that day."""
    times = seconds(0, 10)
    store(tmp_path, [chunk(1, times, np.arange(10.0))])
    store(tmp_path, [chunk(1, times[-1:], [55.0])], "fast")
    stored = history(tmp_path, fast=[1])
    whole = stored.raw(1, START_US, START_US + DAY_US)
    after = stored.raw(1, START_US + 60 * SECOND_US, START_US + DAY_US)
    assert told(after) == told(whole)[-1:]
    stored.close()


def test_sample_that_a_device_says_again_is_read_once_before_it_is_packed_too() -> None:
    times = [START_US, START_US + 1_000_000]
    again = chunk(1, [times[1], times[1]], [2.0, 3.0])
    tail = tail_of(chunk(1, times, [1.0, 2.0]), again)
    (found,) = tail.find(1, START_US, START_US + 10_000_000)
    assert found.time_us.tolist() == [*times, times[1]]
    assert found.value.tolist() == [1.0, 2.0, 3.0]
    assert found.upto == 1002
