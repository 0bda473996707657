"""The historian as the engine uses it: what is appended is there, once, whenever one looks."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from engine.historian import gaps, inbox, load_tail, texts, writer
from engine.store.segment import Segment
from engine.types import Gap, HistorySettings, Origin, Status
from tests.engine.historian.kept import (
    NONE,
    NOW_US,
    Clock,
    Heard,
    batch,
    chunks_of,
    on_disk,
    opened,
    samples_of,
    tags_of,
)

WIDE = list(range(100))
LIVE = (Origin.LIVE,)


def test_samples_are_there_before_and_after_they_are_packed(tmp_path: Path) -> None:
    tags = tags_of(100)
    historian = opened(tmp_path, tags)
    want = []
    for k in range(20):
        historian.append(batch(WIDE, [NOW_US + k], [[k + tag / 1000 for tag in WIDE]]))
        want.append((NOW_US + k, k + 0.007, 0))
    assert historian.flush()
    assert samples_of(tmp_path, historian.tail, tags[7]) == want
    assert on_disk(tmp_path, tags[7]) == want, "a reader without an engine sees them too"
    assert historian.seal()
    assert (historian.tail.samples, historian.status.tail) == (0, 0)
    assert samples_of(tmp_path, historian.tail, tags[7]) == want == on_disk(tmp_path, tags[7])
    assert (historian.lost, historian.trouble, historian.status.waiting) == (0, "", 0)
    historian.close()


def test_only_the_taken_samples_of_a_batch_are_kept(tmp_path: Path) -> None:
    tags = tags_of(3)
    historian = opened(tmp_path, tags)
    taken = np.array([[True, False, True], [False, False, True]])
    historian.append(batch([0, 1, 2], [NOW_US, NOW_US + 1], [[1, 2, 3], [4, 5, 6]]), Origin.LIVE, taken)
    assert historian.flush()
    assert [samples_of(tmp_path, historian.tail, tag) for tag in tags] == [
        [(NOW_US, 1, 0)],
        [],
        [(NOW_US, 3, 0), (NOW_US + 1, 6, 0)],
    ]
    historian.close()


def test_quality_times_and_origin_come_back_as_they_went_in(tmp_path: Path) -> None:
    tags = tags_of(100)
    historian = opened(tmp_path, tags)
    for k in range(3):  # the second and third of a layout are stored as rows of it
        quality = [[Status.BAD if tag == 5 else 0 for tag in WIDE]]
        value = [[np.nan if tag == 5 else k for tag in WIDE]]
        times = [[NOW_US + 10 * k + tag for tag in WIDE]]
        historian.append(batch(WIDE, times, value, quality, receive_us=[NOW_US + 500 + k]), Origin.BACKFILL)
    for _ in range(2):
        assert historian.flush()
        chunks = chunks_of(tmp_path, historian.tail, tags[5])
        assert {chunk.origin for chunk in chunks} == {Origin.BACKFILL}
        received = np.concatenate([chunk.receive_us for chunk in chunks]).tolist()
        assert received == [NOW_US + 500, NOW_US + 501, NOW_US + 502]
        want = [(NOW_US + 5 + 10 * k, NONE, int(Status.BAD)) for k in range(3)]
        assert samples_of(tmp_path, historian.tail, tags[5]) == want
        assert samples_of(tmp_path, historian.tail, tags[6])[0] == (NOW_US + 6, 0.0, 0)
        assert historian.seal()
    historian.close()


def test_fast_tags_and_every_day_have_files_of_their_own(tmp_path: Path) -> None:
    slow, fast = tags_of(1)[0], tags_of(2, rate=1000.0)[1]
    midnight = (NOW_US // 86_400_000_000) * 86_400_000_000
    historian = opened(tmp_path, [slow, fast], Clock(midnight + 10))
    historian.append(batch([0, 1], [midnight - 1, midnight, midnight + 1], [[1, 2], [3, 4], [5, 6]]))
    assert historian.seal()
    names = sorted(path.name for path in tmp_path.glob("*-*-*-*.db"))
    assert names == [f"{kind}-2025-06-{day}.db" for kind in ("fast", "samples") for day in (14, 15)]
    assert [value for _, value, _ in samples_of(tmp_path, historian.tail, fast)] == [2, 4, 6]
    historian.close()


def test_sample_that_came_twice_is_packed_once_and_a_late_one_in_its_place(tmp_path: Path) -> None:
    tag = tags_of(1)[0]
    historian = opened(tmp_path, [tag])
    for when, value in ((10, 1), (20, 2), (20, 2), (30, 3)):
        historian.append(batch([0], [NOW_US + when], [[value]]))
    assert historian.seal()
    historian.append(batch([0], [NOW_US + 15, NOW_US + 20], [[1.5], [2]]), Origin.LATE)
    historian.append(batch([0], [NOW_US + 25], [[2.5]]), Origin.BACKFILL)
    historian.append(batch([0], [NOW_US + 25], [[2.5]]), Origin.BACKFILL)
    assert historian.seal()
    want = [(NOW_US + when, value, 0) for when, value in ((10, 1), (15, 1.5), (20, 2), (25, 2.5), (30, 3))]
    assert samples_of(tmp_path, historian.tail, tag) == want
    historian.close()


def test_two_values_at_one_time_are_two_samples(tmp_path: Path) -> None:
    tag = tags_of(1)[0]
    historian = opened(tmp_path, [tag])
    historian.append(batch([0], [NOW_US, NOW_US, NOW_US], [[1], [2], [1]]))
    assert historian.seal()
    assert samples_of(tmp_path, historian.tail, tag) == [(NOW_US, 1, 0), (NOW_US, 2, 0)]
    historian.close()


def test_deadband_thins_what_is_packed_and_says_how_much(tmp_path: Path) -> None:
    tag = tags_of(1, deadband=0.5)[0]
    historian = opened(tmp_path, [tag])
    historian.append(batch([0], [NOW_US + 1000 * k for k in range(100)], [[k * 0.1] for k in range(100)]))
    assert historian.seal()
    (chunk,) = chunks_of(tmp_path, historian.tail, tag)
    assert chunk.time_us.tolist() == [NOW_US, NOW_US + 99_000]
    assert chunk.dropped is not None
    assert chunk.dropped.tolist() == [98, 0]
    historian.close()


def test_text_codes_last_and_segments_know_their_texts(tmp_path: Path) -> None:
    tag = tags_of(1, type="string")[0]
    historian = opened(tmp_path, [tag])
    historian.text(0.0, "idle")
    historian.text(1.0, "läuft")
    historian.append(batch([0], [NOW_US, NOW_US + 1], [[0.0], [1.0]]))
    assert historian.flush()
    assert texts(tmp_path) == {0: "idle", 1: "läuft"}
    historian.close()
    historian = opened(tmp_path, [tag])
    assert list(historian.known_texts) == [(0, "idle"), (1, "läuft")]
    assert historian.seal()
    (path,) = tmp_path.glob("samples-*.db")
    segment = Segment(path, read_only=True)
    assert segment.texts() == {0: "idle", 1: "läuft"}
    segment.close()
    historian.close()


def test_what_follows_a_seal_hears_which_tags_and_when(tmp_path: Path) -> None:
    heard: list[tuple[int, int, int]] = []
    historian = opened(tmp_path, tags_of(2))
    historian.sealed.append(lambda spans: heard.extend(spans))
    historian.sealed.insert(0, lambda spans: 1 / 0)  # a listener that breaks stops nobody
    historian.append(batch([0], [NOW_US, NOW_US + 5], [[1], [2]]))
    historian.append(batch([1], [NOW_US + 3], [[1]]))
    assert historian.seal()
    assert heard == [(0, NOW_US, NOW_US + 5), (1, NOW_US + 3, NOW_US + 3)]
    historian.close()


def test_stop_and_start_leave_a_gap_and_end_every_stretch(tmp_path: Path) -> None:
    tags, clock = tags_of(2), Clock()
    historian = opened(tmp_path, tags, clock)
    historian.append(batch([0], [NOW_US - 10], [[1]]))
    historian.append(batch([1], [NOW_US + 1_000_000], [[1]]))  # a device whose clock is ahead
    historian.close()
    ends = [samples_of(tmp_path, load_tail(tmp_path), tag, (Origin.ENGINE,)) for tag in tags]
    none = (NONE, int(Status.NO_COMMUNICATION))
    assert ends == [[(NOW_US + 1, *none)], [(NOW_US + 1_000_001, *none)]]
    clock.us += 60_000_000
    opened(tmp_path, tags, clock).close()
    (gap,) = gaps(tmp_path, 0, 2**62)
    assert (gap.start_us, gap.end_us, gap.cause) == (NOW_US, NOW_US + 60_000_000, "engine")
    assert "stopped" in gap.text
    assert (gap.source, gap.tag_id) == ("", None)
    assert gaps(tmp_path, NOW_US + 60_000_000, 2**62) == []


def test_gaps_are_kept_and_found_by_time(tmp_path: Path) -> None:
    historian = opened(tmp_path, tags_of(1))
    link = Gap(NOW_US, NOW_US + 50, "link", "plc0", text="unplugged")
    historian.gap(link)
    assert historian.flush()
    assert gaps(tmp_path, NOW_US + 49, NOW_US + 60) == [link]
    assert gaps(tmp_path, NOW_US + 50, NOW_US + 60) == []
    historian.close()


@pytest.mark.parametrize("wrong_us", [-5, 0, NOW_US - 100 * 86_400_000_000, NOW_US + 2 * 86_400_000_000])
def test_sample_with_an_impossible_time_is_refused_and_becomes_a_gap(tmp_path: Path, wrong_us: int) -> None:
    tags = tags_of(2)
    historian = opened(tmp_path, tags, settings=HistorySettings(days=92))
    times = [[NOW_US, wrong_us], [NOW_US + 1, NOW_US + 1]]
    historian.append(batch([0, 1], times, [[1, 2], [3, 4]], receive_us=[NOW_US, NOW_US + 1]))
    assert historian.flush()
    assert samples_of(tmp_path, historian.tail, tags[0]) == [(NOW_US, 1, 0), (NOW_US + 1, 3, 0)]
    assert samples_of(tmp_path, historian.tail, tags[1]) == [(NOW_US + 1, 4, 0)]
    assert historian.lost == 1
    historian.close()
    (gap,) = gaps(tmp_path, NOW_US, NOW_US + 1)
    assert (gap.cause, gap.source, gap.tag_id, gap.samples) == ("too old", "plc1", 1, 1)


def test_what_memory_cannot_hold_is_refused_counted_and_becomes_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", 20 * (inbox.BATCH_BYTES + inbox.SAMPLE_BYTES))
    answers = threading.Event()
    real = writer.FrameFile.commit
    monkeypatch.setattr(writer.FrameFile, "commit", lambda self, group: (answers.wait(30), real(self, group)))
    answers.set()
    tag = tags_of(1)[0]
    historian = opened(tmp_path, [tag])
    assert historian.flush()
    answers.clear()
    for k in range(100):
        historian.append(batch([0], [NOW_US + k], [[k]]))
    lost = historian.lost
    assert 0 < lost < 100
    answers.set()
    assert historian.flush()
    assert len(samples_of(tmp_path, historian.tail, tag)) == 100 - lost
    historian.close()
    (gap,) = gaps(tmp_path, 0, 2**62)
    assert (gap.cause, gap.source, gap.tag_id, gap.samples) == ("backlog", "plc0", 0, lost)
    assert (gap.start_us, gap.end_us) == (NOW_US + 100 - lost, NOW_US + 100)


def test_readers_at_any_moment_of_many_seals_miss_nothing_and_see_nothing_twice(tmp_path: Path) -> None:
    tags = tags_of(100)
    historian = opened(tmp_path, tags)
    wrong: list[str] = []
    known, done = [0], threading.Event()

    def read(look: object) -> None:
        while not done.is_set():
            before = known[0]
            tail = load_tail(tmp_path) if look is load_tail else historian.tail
            times = [time_us for time_us, _, _ in samples_of(tmp_path, tail, tags[3])]
            if times != [NOW_US + k for k in range(len(times))] or len(times) < before:
                wrong.append(f"{len(times)} of {before}, {len(set(times))} different")

    readers = [threading.Thread(target=read, args=(look,)) for look in (load_tail, None)]
    for reader in readers:
        reader.start()
    for k in range(60):
        historian.append(batch(WIDE, [NOW_US + k], [[k] * 100]))
        assert historian.flush()
        known[0] = k + 1
        if k % 5 == 4:
            assert historian.seal()
    done.set()
    for reader in readers:
        reader.join()
    historian.close()
    assert wrong == []


def test_clock_that_is_set_back_or_forward_loses_nothing(tmp_path: Path) -> None:
    tag, clock, heard = tags_of(1)[0], Clock(), Heard()
    historian = opened(tmp_path, [tag], clock, heard)
    want = []
    for k, step in enumerate((0, -3_600_000_000, 1_000_000, 86_400_000_000 - 5, -86_400_000_000)):
        clock.us += step
        historian.append(batch([0], [clock.us], [[k]]))
        want.append((clock.us, k, 0))
        assert historian.flush()
    assert historian.seal()
    assert samples_of(tmp_path, historian.tail, tag) == sorted(want)
    historian.close()
    clock.us -= 7_200_000_000
    historian = opened(tmp_path, [tag], clock, heard)
    assert samples_of(tmp_path, historian.tail, tag, LIVE) == sorted(want)
    historian.close()
    assert all(gap.end_us > gap.start_us for gap in gaps(tmp_path, 0, 2**62))
    assert (heard.failures, historian.lost) == ([], 0)
