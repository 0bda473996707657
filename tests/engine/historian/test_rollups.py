"""Stored roll-ups give what the samples give, whatever came late, was killed or is damaged."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.historian.rolling import from_raw
from engine.historian.rollup import DAY_US, HOUR_US, MINUTE_US, SECOND_US, roll
from engine.historian.rollups import Rollups
from engine.store.database import StoreError, open_database
from engine.types import Rollup, Samples, Status
from tests.engine.historian.made import Memory, samples

T0 = 1_790_812_800_000_000  # 2026-10-01T00:00:00Z, so that the night before is another month


def noisy(first_us: int, last_us: int, step_us: int = SECOND_US, seed: int = 1) -> Samples:
    chance = np.random.default_rng(seed)
    time = np.arange(first_us, last_us, step_us)
    value = np.round(50 + np.cumsum(chance.normal(0, 0.05, len(time))), 2)
    return samples(time, value, np.where(chance.random(len(time)) < 0.02, Status.STALE, 0))


class Store:
    """A history whose samples lie in a tail until they are sealed."""

    def __init__(self, folder: Path, rates: dict[int, float] | None = None) -> None:
        self.folder, self.memory, self.rates = folder, Memory(), rates
        self.tail: dict[int, list[Samples]] = {}
        self.rollups = self.reopen()

    def reopen(self) -> Rollups:
        self.rollups = Rollups(self.folder, self.memory, self.rates, self.unsealed)
        return self.rollups

    def unsealed(self, tag_id: int) -> int | None:
        return min((int(each.time_us.min()) for each in self.tail.get(tag_id, ())), default=None)

    def add(self, tag_id: int, more: Samples) -> None:
        self.memory.add(tag_id, more)
        self.tail.setdefault(tag_id, []).append(more)

    def seal(self) -> None:
        spans = [
            (tag, int(each.time_us.min()), int(each.time_us.max()))
            for tag, some in self.tail.items()
            for each in some
        ]
        self.rollups.sealed(spans)
        self.tail.clear()

    def check(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        found = self.rollups.rollup(tag_id, start_us, end_us, step_us)
        wanted = from_raw(self.memory, tag_id, start_us, step_us, -(-(end_us - start_us) // step_us))
        np.testing.assert_array_equal(found.count, wanted.count)
        np.testing.assert_array_equal(found.low, wanted.low)
        np.testing.assert_array_equal(found.high, wanted.high)
        np.testing.assert_allclose(found.good, wanted.good, atol=1e-5)
        # A stored mean is exact to a part in 16 million of the step's range, its weight to a float32.
        np.testing.assert_array_equal(np.isnan(found.mean), np.isnan(wanted.mean))
        apart = np.nan_to_num(abs(found.mean - wanted.mean))
        assert (apart <= 1e-5 * np.nan_to_num(wanted.high - wanted.low) + 1e-12).all()
        return found


def all_of(part: float) -> bool:
    assert 0 < part <= 1
    return True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.rollups.close()


def test_stored_steps_are_those_of_the_samples_and_read_hardly_any(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 5 * HOUR_US))
    store.seal()
    assert store.rollups.work(all_of, finish=True)
    for step in (MINUTE_US, 5 * MINUTE_US, HOUR_US, 5 * HOUR_US):
        store.memory.asked = 0
        found = store.rollups.rollup(7, T0, T0 + 5 * HOUR_US, step)
        assert store.memory.asked == 0
        assert found.count.sum() == 5 * 3600
        store.check(7, T0, T0 + 5 * HOUR_US, step)
    store.rollups.close()


def test_any_other_step_is_made_from_the_samples(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 2 * HOUR_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.check(7, T0 + 17, T0 + HOUR_US, 7 * SECOND_US)
    store.check(7, T0 + 30 * SECOND_US, T0 + HOUR_US, MINUTE_US)
    store.check(7, T0 + 5 * MINUTE_US, T0 + HOUR_US, 3 * MINUTE_US)
    assert len(store.rollups.rollup(7, T0 + 5, T0, SECOND_US).low) == 0
    store.rollups.close()


def test_seconds_are_kept_of_fast_tags_only(tmp_path: Path) -> None:
    store = Store(tmp_path, {1: 100.0, 2: 1.0})
    store.add(1, noisy(T0, T0 + HOUR_US, 10_000))
    store.add(2, noisy(T0, T0 + HOUR_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.memory.asked = 0
    store.rollups.rollup(1, T0, T0 + HOUR_US, SECOND_US)
    assert store.memory.asked == 0
    store.check(1, T0 + 7 * SECOND_US, T0 + HOUR_US, 3 * SECOND_US)
    store.memory.asked = 0
    store.rollups.rollup(2, T0, T0 + HOUR_US, SECOND_US)
    assert store.memory.asked == 3600
    store.rollups.close()


def test_late_data_is_visible_at_once_and_opens_its_hour_again(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 6 * HOUR_US, 10 * SECOND_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.add(7, samples([T0 + 2 * HOUR_US + 5], [1e6]))
    found = store.check(7, T0, T0 + 6 * HOUR_US, HOUR_US)
    assert found.high.argmax() == 2
    store.seal()
    assert store.check(7, T0, T0 + 6 * HOUR_US, HOUR_US).high.argmax() == 2
    assert store.rollups.oldest_open_us() == T0 + HOUR_US
    store.rollups.work(all_of, finish=True)
    assert store.rollups.oldest_open_us() is None
    store.check(7, T0, T0 + 6 * HOUR_US, MINUTE_US)
    store.rollups.close()


def test_late_value_that_holds_into_a_later_hour_changes_that_hour_too(store: Store) -> None:
    store.add(7, samples([T0, T0 + 5 * HOUR_US + 30 * MINUTE_US], [1, 2]))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.add(7, samples([T0 + HOUR_US], [9]))
    store.seal()
    store.rollups.work(all_of, finish=True)
    found = store.check(7, T0, T0 + 6 * HOUR_US, HOUR_US)
    np.testing.assert_allclose(found.mean, [1, 9, 9, 9, 9, 5.5])
    store.check(7, T0, T0 + 6 * HOUR_US, MINUTE_US)
    store.rollups.close()


def test_roll_ups_run_over_the_end_of_a_month(store: Store) -> None:
    store.add(7, noisy(T0 - 3 * HOUR_US, T0 + 3 * HOUR_US, 5 * SECOND_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    files = sorted(path.name for path in store.folder.glob("rollups-*.db"))
    assert files == ["rollups-2026-09.db", "rollups-2026-10.db"]
    store.memory.asked = 0
    store.rollups.rollup(7, T0 - 3 * HOUR_US, T0 + 3 * HOUR_US, HOUR_US)
    assert store.memory.asked == 0
    store.check(7, T0 - 3 * HOUR_US, T0 + 3 * HOUR_US, MINUTE_US)
    store.rollups.close()


def test_the_hour_that_samples_still_come_for_waits(store: Store) -> None:
    store.add(7, noisy(T0, T0 + HOUR_US + 10 * MINUTE_US))
    store.seal()
    assert store.rollups.work(all_of)
    assert store.rollups.oldest_open_us() == T0 + HOUR_US
    store.add(7, noisy(T0 + HOUR_US + 10 * MINUTE_US, T0 + 2 * HOUR_US + MINUTE_US))
    store.check(7, T0, T0 + 3 * HOUR_US, MINUTE_US)
    store.seal()
    assert store.rollups.work(all_of)
    assert store.rollups.oldest_open_us() == T0 + 2 * HOUR_US
    store.check(7, T0, T0 + 3 * HOUR_US, MINUTE_US)
    store.rollups.close()


def test_work_stops_when_told_and_goes_on_later(store: Store) -> None:
    for tag in range(40):
        store.add(tag, noisy(T0, T0 + HOUR_US, MINUTE_US, tag))
    store.seal()
    told: list[float] = []
    assert not store.rollups.work(lambda part: bool(told.append(part)), finish=True)
    assert told == [8 / 40]
    assert store.rollups.work(all_of, finish=True)
    store.check(39, T0, T0 + HOUR_US, MINUTE_US)
    store.rollups.close()


def test_seal_during_the_work_is_not_lost(store: Store) -> None:
    store.add(7, noisy(T0, T0 + HOUR_US))
    store.seal()
    asked = store.memory.raw

    def late_in_between(tag_id: int, start_us: int, end_us: int) -> Samples:
        found = asked(tag_id, start_us, end_us)
        store.memory.raw = asked  # type: ignore[method-assign]
        store.add(7, samples([T0 + 5], [1e6]))
        store.seal()
        return found

    store.memory.raw = late_in_between  # type: ignore[method-assign]
    store.rollups.work(all_of, finish=True)
    assert store.check(7, T0, T0 + HOUR_US, HOUR_US).high[0] == 1e6
    store.rollups.close()


def test_queries_are_right_while_seals_and_work_go_on(store: Store) -> None:
    stop, wrong = threading.Event(), list[str]()
    store.add(7, noisy(T0, T0 + 4 * HOUR_US, 20 * SECOND_US))
    store.seal()
    wanted = from_raw(store.memory, 7, T0, MINUTE_US, 240)

    def look() -> None:
        while not stop.is_set():
            found = store.rollups.rollup(7, T0, T0 + 4 * HOUR_US, MINUTE_US)
            if not np.array_equal(found.low, wanted.low) or not np.array_equal(found.count, wanted.count):
                wrong.append("differs")

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(20):
        store.rollups.sealed([(7, T0, T0 + 4 * HOUR_US - 1)])
        store.rollups.work(all_of, finish=True)
    stop.set()
    looking.join(10)
    assert not looking.is_alive()
    assert not wrong
    store.rollups.close()


def test_killed_between_seal_and_roll_up_the_answer_is_right_after_restart(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 2 * HOUR_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.rollups.close()
    code = (
        "import os, sys, pathlib; from engine.historian.rollups import Rollups;"
        "rollups = Rollups(pathlib.Path(sys.argv[1]), None);"
        f"rollups.sealed([(7, {T0 + 5}, {T0 + 5})]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(store.folder)], cwd=os.getcwd(), check=False, timeout=30)
    store.memory.add(7, samples([T0 + 5], [1e6]))
    store.reopen()
    assert store.check(7, T0, T0 + 2 * HOUR_US, HOUR_US).high[0] == 1e6
    store.rollups.work(all_of, finish=True)
    store.memory.asked = 0
    assert store.rollups.rollup(7, T0, T0 + 2 * HOUR_US, HOUR_US).high[0] == 1e6
    assert store.memory.asked == 0
    store.rollups.close()


def test_damaged_file_is_set_aside_and_the_samples_answer(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 2 * HOUR_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.rollups.close()
    (store.folder / "rollups-2026-10.db").write_bytes(b"not a database" * 1000)
    store.reopen()
    store.check(7, T0, T0 + 2 * HOUR_US, MINUTE_US)
    assert store.rollups.damaged == ["rollups-2026-10.db"]
    assert (store.folder / "rollups-2026-10.db.damaged").exists()
    store.rollups.sealed([(7, T0, T0 + 2 * HOUR_US - 1)])
    store.rollups.work(all_of, finish=True)
    store.check(7, T0, T0 + 2 * HOUR_US, MINUTE_US)
    store.rollups.close()


def test_roll_ups_outlive_their_samples(store: Store) -> None:
    store.add(7, noisy(T0, T0 + DAY_US, 30 * SECOND_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    before = store.check(7, T0, T0 + DAY_US, HOUR_US)
    store.rollups.keep_before(T0 + DAY_US)
    store.memory.tags.clear()
    store.rollups.sealed([(7, T0 + HOUR_US, T0 + HOUR_US)])
    store.rollups.work(all_of, finish=True)
    after = store.rollups.rollup(7, T0, T0 + DAY_US, HOUR_US)
    np.testing.assert_array_equal(after.mean, before.mean)
    store.rollups.close()


def test_marks_the_disk_refuses_are_kept_in_mind_and_written_later(store: Store) -> None:
    store.add(7, noisy(T0, T0 + 2 * HOUR_US))
    store.seal()
    store.rollups.work(all_of, finish=True)
    store.add(7, samples([T0 + 5], [1e6]))
    other = open_database(store.folder / "rollups-2026-10.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"rollups-2026-10\.db cannot be used .*locked"):
        store.seal()
    other.close()
    store.tail.clear()
    assert store.check(7, T0, T0 + 2 * HOUR_US, HOUR_US).high[0] == 1e6
    store.rollups.work(all_of, finish=True)
    store.memory.asked = 0
    assert store.rollups.rollup(7, T0, T0 + 2 * HOUR_US, HOUR_US).high[0] == 1e6
    assert store.memory.asked == 0


def test_month_that_is_let_go_can_be_removed(store: Store) -> None:
    store.add(7, noisy(T0, T0 + HOUR_US))
    store.seal()
    path = store.folder / "rollups-2026-10.db"
    store.rollups.forget(path)
    path.unlink()
    store.check(7, T0, T0 + HOUR_US, MINUTE_US)
    store.rollups.close()


def test_line_that_leads_over_the_end_of_the_span_is_followed(store: Store) -> None:
    store.add(7, samples([T0, T0 + 90 * MINUTE_US], [0, 90], dropped=[89, 0]))
    found = store.check(7, T0, T0 + HOUR_US, HOUR_US)
    assert found.mean[0] == pytest.approx(30)
    assert found.count[0] == 60
    store.rollups.close()


def test_long_step_of_a_fast_tag_is_read_in_portions() -> None:
    memory = Memory()
    memory.add(1, noisy(T0, T0 + 10 * MINUTE_US, 1000))
    largest = 0
    asked = memory.raw

    def measured(tag_id: int, start_us: int, end_us: int) -> Samples:
        nonlocal largest
        found = asked(tag_id, start_us, end_us)
        largest = max(largest, len(found.time_us))
        return found

    memory.raw = measured  # type: ignore[method-assign]
    found = from_raw(memory, 1, T0 + 1, 10 * MINUTE_US, 1, 1000.0)
    wanted = roll(memory.tags[1], T0 + 1, 10 * MINUTE_US, 1)
    assert largest <= 210_000
    assert (found.low[0], found.high[0], found.count[0]) == (wanted.low[0], wanted.high[0], wanted.count[0])
    assert found.mean[0] == pytest.approx(wanted.mean[0], rel=1e-6)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30 * 3600), st.integers(0, 90), st.sampled_from(["", "seal", "work", "reopen"])
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_seals_late_data_work_and_restarts_gives_another_answer(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, str]]
) -> None:
    store = Store(tmp_path_factory.mktemp("any"))
    try:
        for seed, step in enumerate(steps):
            happen(store, seed, *step)
            store.check(7, T0 - 6 * HOUR_US, T0 + 30 * HOUR_US, HOUR_US)
        store.check(7, T0 - 6 * HOUR_US, T0 + 30 * HOUR_US, MINUTE_US)
    finally:
        store.rollups.close()


def happen(store: Store, seed: int, second: int, count: int, then: str) -> None:
    chance = np.random.default_rng(seed)
    if count:
        time = T0 - 5 * HOUR_US + SECOND_US * (second + np.sort(chance.integers(0, 7200, count)))
        store.add(7, samples(time + seed, chance.normal(0, 1, count)))
    if then:
        store.seal()
    if then == "work":
        store.rollups.work(all_of, finish=True)
    if then == "reopen":
        store.rollups.close()
        store.reopen()
