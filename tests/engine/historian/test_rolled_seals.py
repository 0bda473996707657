"""Roll-ups behind the historian itself: what it seals is rolled up, and caught up with after a kill."""

import time
from pathlib import Path

import numpy as np

from engine.historian.framing import Framing
from engine.historian.historian import Historian
from engine.historian.history import StoredHistory
from engine.historian.rolling import from_raw
from engine.historian.rollup import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from engine.historian.rollups import Rollups, oldest_in
from engine.historian.tail import Tail
from engine.types import Batch, Origin
from tests.engine.historian.kept import NOW_US, opened, tags_of
from tests.engine.historian.test_rollups import T0, all_of


def filled(
    folder: Path, rolled: bool, first_s: int = 0, last_s: int = 7200
) -> tuple[Historian, Rollups, StoredHistory]:
    """The historian itself: two tags once a second, everything in segments; ``rolled`` = we are told."""
    historian = opened(folder, tags_of(2))
    history = StoredHistory(folder, historian.tail)
    rollups = Rollups(folder, history, unsealed=oldest_in(historian.tail))
    if rolled:
        historian.sealed.append(rollups.sealed)
        rollups.catch_up()
    clock = NOW_US - 7_200_000_000 + np.arange(first_s, last_s) * SECOND_US
    value = np.random.default_rng(first_s).normal(0, 1, (len(clock), 2))
    historian.append(Batch(0, np.arange(2, dtype=np.int32), clock, clock, value, np.zeros(2, np.uint32)))
    assert historian.flush()
    return historian, rollups, history


def same_as_samples(rollups: Rollups, history: StoredHistory) -> None:
    start = (NOW_US // HOUR_US - 3) * HOUR_US
    found, wanted = rollups.rollup(1, start, NOW_US, MINUTE_US), from_raw(history, 1, start, MINUTE_US, 240)
    end = min(len(found.low), 240)
    np.testing.assert_array_equal(found.low[:end], wanted.low[:end])
    np.testing.assert_array_equal(found.count[:end], wanted.count[:end])
    assert found.count.sum() > 0


def test_seals_of_the_historian_are_rolled_up(tmp_path: Path) -> None:
    historian, rollups, history = filled(tmp_path, rolled=True)
    same_as_samples(rollups, history)
    assert historian.seal()
    same_as_samples(rollups, history)
    deadline = time.monotonic() + 10
    while rollups.oldest_open_us() is None:  # the seal thread tells us when it is done
        assert time.monotonic() < deadline
    assert rollups.work(all_of, finish=True)
    same_as_samples(rollups, history)
    asked = history.raw
    history.raw = None  # type: ignore[assignment, method-assign]
    first = (NOW_US - 7_200_000_000) // HOUR_US * HOUR_US + HOUR_US
    assert rollups.rollup(1, first, first + HOUR_US, MINUTE_US).count.sum() == 3600
    history.raw = asked  # type: ignore[method-assign]
    for each in (historian, rollups, history):
        each.close()


def test_seal_that_nobody_told_of_is_caught_up_with(tmp_path: Path) -> None:
    historian, rollups, history = filled(tmp_path, rolled=True, last_s=3600)
    assert historian.seal()
    deadline = time.monotonic() + 10
    while not rollups.work(all_of, finish=True) or not list(tmp_path.glob("rollups-*.db")):
        assert time.monotonic() < deadline
    for each in (historian, rollups, history):
        each.close()
    historian, rollups, history = filled(tmp_path, rolled=False, first_s=3600)
    assert historian.seal()
    for each in (historian, rollups, history):
        each.close()
    historian = opened(tmp_path, tags_of(2))
    history = StoredHistory(tmp_path, historian.tail)
    rollups = Rollups(tmp_path, history, unsealed=oldest_in(historian.tail))
    rollups.catch_up()
    same_as_samples(rollups, history)
    open_us = rollups.oldest_open_us()
    assert open_us is not None
    assert open_us >= (NOW_US - 3_600_000_000) // HOUR_US * HOUR_US - HOUR_US
    rollups.work(all_of, finish=True)
    same_as_samples(rollups, history)
    rollups.catch_up()
    assert rollups.oldest_open_us() is None
    for each in (historian, rollups, history):
        each.close()


def test_oldest_sample_of_the_tail_is_what_is_not_sealed() -> None:
    tail = Tail()
    assert oldest_in(tail)(7) is None
    columns = np.array([[1.0], [2.0]])
    batch = Batch(
        0,
        np.array([7], np.int32),
        np.array([T0 + 5, T0 + 9]),
        np.array([T0 + 6, T0 + 10]),
        columns,
        np.zeros(1, np.uint32),
    )
    frames, _ = Framing(DAY_US).frames([(batch, Origin.LIVE, None)], T0 + 20)
    tail.add(frames, 1)
    assert oldest_in(tail)(7) == T0 + 5
    assert oldest_in(tail)(8) is None
