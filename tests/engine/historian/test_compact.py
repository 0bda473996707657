"""Days that are over are compacted by the historian itself, between seals, and by whoever fills a history."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.historian import compact
from engine.historian.compact import Compaction, compact_all, due, today
from engine.historian.history import StoredHistory
from engine.historian.places import DAY_US
from engine.historian.tail import Tail
from engine.store.compacting import beside
from engine.store.segment import Segment
from engine.types import Origin
from tests.engine.historian.kept import Clock, Sample, batch, on_disk, opened, samples_of, tags_of
from tests.engine.historian.stored import START_US, chunk, day_name, store

WIDE = list(range(70))
NOON_US = START_US + DAY_US // 2


def fill(folder: Path, day_us: int = START_US, seals: int = 6) -> Path:
    """A day file as seals leave it."""
    for seal in range(seals):
        times = day_us + (seal * 100 + np.arange(100)) * 1_000_000
        store(folder, [chunk(tag, times, np.arange(100.0) + tag) for tag in range(3)])
    return folder / day_name(day_us)


def chunks(path: Path) -> int:
    segment = Segment(path, read_only=True)
    try:
        return segment.chunks()
    finally:
        segment.close()


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    end = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def always() -> bool:
    return True


def test_historian_compacts_a_day_that_is_over_and_goes_on(tmp_path: Path) -> None:
    tags, clock = tags_of(70), Clock(NOON_US)
    historian = opened(tmp_path, tags, clock)
    want: list[Sample] = []
    for seal in range(5):
        for k in range(10):
            time_us = NOON_US + (seal * 10 + k) * 1_000_000
            historian.append(batch(WIDE, [time_us], [[float(k)] * 70]))
            want.append((time_us, float(k), 0))
        assert historian.seal()
    historian.close()
    path = tmp_path / day_name(NOON_US)
    before = chunks(path)
    clock.us = NOON_US + DAY_US
    historian = opened(tmp_path, tags, clock)
    assert until(lambda: chunks(path) < before)
    assert samples_of(tmp_path, historian.tail, tags[7], (Origin.LIVE,)) == want
    late = NOON_US + 500_000
    historian.append(batch(WIDE, [late], [[5.5] * 70]), Origin.LATE)
    historian.append(batch(WIDE, [clock.us], [[6.5] * 70]))
    assert historian.seal()
    live = (Origin.LIVE, Origin.LATE)
    assert samples_of(tmp_path, historian.tail, tags[7], live) == sorted(
        [*want, (late, 5.5, 0), (clock.us, 6.5, 0)]
    )
    historian.close()
    assert len(on_disk(tmp_path, tags[7], live)) == len(want) + 2
    assert (historian.lost, historian.trouble) == (0, "")


def test_only_days_that_are_over_for_an_hour_are_due_newest_first(tmp_path: Path) -> None:
    days = [fill(tmp_path, START_US + k * DAY_US, seals=1) for k in range(3)]
    midnight = START_US + 3 * DAY_US
    assert due(tmp_path, midnight) == [days[1], days[0]]
    assert due(tmp_path, midnight + compact.QUIET_US) == days[::-1]


def test_day_of_which_a_damaged_file_is_set_aside_is_left_alone(tmp_path: Path) -> None:
    path = fill(tmp_path)
    path.with_name(f"{path.name}.damaged-17").touch()
    assert due(tmp_path, START_US + 9 * DAY_US) == []


def test_today_of_which_a_damaged_file_is_set_aside_is_left_alone(tmp_path: Path) -> None:
    """Another thread saves what can be saved into it: what it writes to a replaced file would be lost."""
    path = fill(tmp_path, seals=compact.MANY_TODAY)
    path.with_name(f"{path.name}.damaged-17").touch()
    assert today(tmp_path, NOON_US) == []
    Compaction(tmp_path, Clock(NOON_US)).step(always)
    assert chunks(path) == 3 * compact.MANY_TODAY


def test_day_that_was_sealed_into_is_left_alone_for_an_hour(tmp_path: Path) -> None:
    path, clock = fill(tmp_path), Clock(START_US + 9 * DAY_US)
    compaction = Compaction(tmp_path, clock)
    compaction.written(path)
    compaction.step(always)
    assert chunks(path) == 18
    clock.us += compact.QUIET_US
    later = Compaction(tmp_path, clock)
    later.step(always)
    assert chunks(path) == 3


def test_today_is_compacted_when_there_are_many_chunks_and_no_seal_follows_at_once(tmp_path: Path) -> None:
    path, clock = fill(tmp_path, seals=compact.MANY_TODAY), Clock(START_US + DAY_US // 2)
    compaction = Compaction(tmp_path, clock)
    compaction.written(path)
    compaction.step(always)
    assert chunks(path) == 3 * compact.MANY_TODAY
    clock.us += compact.MOMENT_US
    Compaction(tmp_path, clock).step(always)
    assert chunks(path) == 3


def test_today_is_left_alone_while_there_are_few_chunks(tmp_path: Path) -> None:
    path = fill(tmp_path, seals=compact.MANY_TODAY - 1)
    Compaction(tmp_path, Clock(START_US + DAY_US // 2)).step(always)
    assert chunks(path) == 3 * (compact.MANY_TODAY - 1)


def test_samples_sealed_into_a_compacted_today_are_read_beside_the_others(tmp_path: Path) -> None:
    tags, clock = tags_of(70), Clock(NOON_US)
    historian = opened(tmp_path, tags, clock)
    path, want = tmp_path / day_name(NOON_US), list[Sample]()
    compaction = Compaction(tmp_path, clock)
    for seal in range(compact.MANY_TODAY + 2):
        time_us = NOON_US + seal * 1_000_000
        historian.append(batch(WIDE, [time_us], [[float(seal)] * 70]))
        want.append((time_us, float(seal), 0))
        assert historian.seal()
        clock.us += compact.MOMENT_US
        while seal == compact.MANY_TODAY - 1 and chunks(path) > 70:
            compaction.step(always)
        assert samples_of(tmp_path, historian.tail, tags[7], (Origin.LIVE,)) == want
    assert chunks(path) == 3 * 70
    historian.close()


def test_seal_that_is_due_ends_a_step_and_one_into_the_file_gives_it_up(tmp_path: Path) -> None:
    path, clock = fill(tmp_path), Clock(START_US + 9 * DAY_US)
    compaction = Compaction(tmp_path, clock)
    compaction.step(lambda: False)
    assert beside(path).exists()
    assert chunks(path) == 18
    compaction.written(path)
    assert not beside(path).exists()
    assert chunks(path) == 18


def test_file_that_the_disk_refused_before_is_left_alone(tmp_path: Path) -> None:
    path = fill(tmp_path)
    compaction = Compaction(tmp_path, Clock(START_US + 9 * DAY_US))
    compaction.step(always, {path})
    assert chunks(path) == 18


def test_damaged_file_stays_as_it_is_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = fill(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    Compaction(tmp_path, Clock(START_US + 9 * DAY_US)).step(always)
    assert path.read_bytes() == content
    assert not beside(path).exists()


def test_file_without_room_to_make_it_anew_stays(tmp_path: Path) -> None:
    path = fill(tmp_path)
    assert compact.has_room(path)
    compact.ROOM, room = 10**12, compact.ROOM
    try:
        assert not compact.has_room(path)
        assert compact_all(tmp_path, START_US + 9 * DAY_US) == 0
    finally:
        compact.ROOM = room
    assert chunks(path) == 18


def test_all_days_that_are_over_are_compacted_at_once_and_it_can_be_stopped(tmp_path: Path) -> None:
    paths = [fill(tmp_path, START_US + k * DAY_US) for k in range(3)]
    now_us = START_US + 2 * DAY_US + 1
    assert compact_all(tmp_path, now_us, lambda share: False) == 0
    assert compact_all(tmp_path, now_us) == 2
    assert [chunks(path) for path in paths] == [3, 3, 18]
    assert compact_all(tmp_path, now_us) == 0, "none twice"


@pytest.mark.fault
def test_killed_at_any_moment_either_the_old_or_the_new_file_is_there(tmp_path: Path) -> None:
    path = fill(tmp_path, seals=40)
    history = StoredHistory(tmp_path, Tail())
    span = START_US, START_US + DAY_US
    want = [history.raw(tag, *span).value.tobytes() for tag in range(3)]
    history.close()
    program = (
        "import sys; from pathlib import Path; from engine.historian.compact import compact_all; "
        "print('begins', flush=True); compact_all(Path(sys.argv[1]), 2**61)"
    )
    seen: set[int] = set()
    for delay_ms in range(0, 60, 3):
        work = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        assert work.stdout is not None
        assert work.stdout.readline() == b"begins\n"
        try:
            work.wait(delay_ms / 1000)
        except subprocess.TimeoutExpired:
            work.send_signal(signal.SIGKILL)
        work.wait(10)
        work.stdout.close()
        lost: list[str] = []
        history = StoredHistory(tmp_path, Tail(), told=lost.append)
        assert [history.raw(tag, *span).value.tobytes() for tag in range(3)] == want
        assert lost == []
        history.close()
        seen.add(chunks(path))
    assert seen <= {120, 3}
    compact_all(tmp_path, 2**61)
    assert chunks(path) == 3
    assert not beside(path).exists()
