"""Late, repeated and stepped-back samples against the rules said once more, one sample at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tags import DUPLICATE, LATE, NEW, Order
from engine.types import Batch, Status

TAGS = 4
SECOND = 1_000_000


def samples(*seen: tuple[int, float], receive_us: int = 0, quality: int = 0) -> Batch:
    """One tag's samples (source time, value), a row each, received a millisecond apart."""
    return Batch(
        0,
        np.array([0], np.int32),
        np.array([time for time, _ in seen], np.int64),
        receive_us + np.arange(len(seen), dtype=np.int64) * 1000,
        np.array([[value] for _, value in seen]),
        np.array([quality], np.uint32),
    )


def verdicts(order: Order, batch: Batch) -> list[int]:
    verdict = order.judge(batch)
    return [int(NEW)] * len(batch.value) if verdict is None else verdict[:, 0].tolist()


def test_samples_whose_times_grow_are_new_and_cost_no_loop():
    order = Order(1)
    assert order.judge(samples((10, 1.0), (20, 2.0))) is None
    assert order.judge(samples((30, 3.0))) is None


def test_a_sample_older_than_the_newest_is_late():
    order = Order(1)
    order.judge(samples((20, 2.0)))
    assert verdicts(order, samples((10, 1.0), (30, 3.0), (25, 2.5))) == [LATE, NEW, LATE]


def test_the_same_sample_again_is_a_duplicate_also_without_a_value():
    order = Order(1)
    order.judge(samples((20, 2.0)))
    assert verdicts(order, samples((20, 2.0))) == [DUPLICATE]
    order.judge(samples((30, np.nan), quality=Status.BAD))
    assert verdicts(order, samples((30, np.nan), quality=Status.BAD)) == [DUPLICATE]


def test_the_same_time_with_another_value_or_quality_is_new():
    order = Order(1)
    order.judge(samples((20, 2.0)))
    assert verdicts(order, samples((20, 2.1))) == [NEW]
    assert verdicts(order, samples((20, 2.1), quality=Status.UNCERTAIN)) == [NEW]


def test_a_clock_set_back_freezes_a_tag_for_two_seconds_only():
    order, hour = Order(1), 3600 * SECOND
    order.judge(samples((hour, 1.0), receive_us=hour))
    seen = [
        verdicts(order, samples((k * SECOND // 2, k), receive_us=hour + k * SECOND // 2))[0] for k in range(7)
    ]
    assert seen == [LATE, LATE, LATE, LATE, LATE, NEW, NEW]


def test_a_newer_sample_in_between_starts_the_two_seconds_again():
    order = Order(1)
    order.judge(samples((100 * SECOND, 1.0)))
    assert verdicts(order, samples((0, 1.0), receive_us=100 * SECOND)) == [LATE]
    assert verdicts(order, samples((101 * SECOND, 1.0), receive_us=101 * SECOND)) == [NEW]
    assert verdicts(order, samples((1, 1.0), receive_us=103 * SECOND)) == [LATE]


def test_our_own_clock_set_back_freezes_nothing_for_longer():
    order = Order(1)
    order.judge(samples((9000 * SECOND, 1.0), receive_us=9000 * SECOND))
    assert verdicts(order, samples((8999 * SECOND, 1.0), receive_us=9001 * SECOND)) == [LATE]
    assert verdicts(order, samples((5000 * SECOND, 2.0), receive_us=5000 * SECOND)) == [NEW]


def test_after_a_new_connection_any_time_is_new():
    order = Order(1)
    order.judge(samples((100, 1.0)))
    order.forget(np.array([0], np.int32))
    assert verdicts(order, samples((50, 1.0))) == [NEW]
    assert verdicts(order, samples((60, 1.0))) == [NEW]


def test_a_late_sample_that_nothing_newer_follows_becomes_the_value():
    """A server that reports changes only, after its clock was set back."""
    order, tags = Order(2), np.array([0, 1], np.int32)
    order.judge(samples((100 * SECOND, 1.0), receive_us=100 * SECOND))
    assert order.overdue(tags, 101 * SECOND) is None
    order.judge(samples((40 * SECOND, 7.0), receive_us=102 * SECOND, quality=Status.UNCERTAIN))
    assert order.overdue(tags, 103 * SECOND) is None
    due = order.overdue(tags, 105 * SECOND)
    assert due is not None
    assert (due.tags.tolist(), due.value.tolist()) == ([0], [[7.0]])
    assert due.quality.tolist() == [[Status.UNCERTAIN]]
    assert (due.source_time_us.tolist(), due.receive_time_us.tolist()) == ([[40 * SECOND]], [102 * SECOND])
    assert order.overdue(tags, 200 * SECOND) is None, "once is enough"
    assert verdicts(order, samples((41 * SECOND, 8.0), receive_us=106 * SECOND)) == [NEW]


@dataclass
class Plain:
    """The rules for single samples."""

    newest: dict[int, tuple[int, float, int]] = field(default_factory=dict)
    late_since: dict[int, int] = field(default_factory=dict)

    def judge(self, tag: int, time: int, value: float, code: int, now_us: int) -> int:
        last = self.newest.get(tag)
        if last is not None and time < last[0]:
            since = self.late_since.setdefault(tag, now_us)
            if abs(now_us - since) <= 2 * SECOND:
                return int(LATE)
        self.late_since.pop(tag, None)
        again = last is not None and last[0] == time and last[2] == code
        same = again and last is not None and (last[1] == value or (np.isnan(last[1]) and np.isnan(value)))
        self.newest[tag] = (time, value, code)
        return int(DUPLICATE) if same else int(NEW)


@st.composite
def stretches(draw: st.DrawFn) -> list[tuple[str, Batch]]:
    """Batches with times that mostly grow, repeat now and then and jump back, and new connections."""
    made: list[tuple[str, Batch]] = []
    now_us = draw(st.integers(0, 10**12))
    for _ in range(draw(st.integers(1, 6))):
        tags = draw(st.lists(st.integers(0, TAGS - 1), unique=True, min_size=1))
        rows = draw(st.integers(1, 5))
        receive = now_us + np.cumsum(draw(st.lists(st.integers(0, SECOND), min_size=rows, max_size=rows)))
        now_us = int(receive[-1])
        shared = draw(st.booleans())
        cells = rows if shared else rows * len(tags)
        steps = st.sampled_from([0, 0, 1, 2, SECOND, -1, -SECOND, -3600 * SECOND])
        time = np.array(draw(st.lists(steps, min_size=cells, max_size=cells)), np.int64)
        time += np.repeat(receive, 1 if shared else len(tags)) // SECOND * SECOND
        size = rows * len(tags)
        value = draw(st.lists(st.sampled_from([1.0, 2.0, np.nan]), min_size=size, max_size=size))
        code = draw(st.lists(st.sampled_from([0, Status.UNCERTAIN]), min_size=size, max_size=size))
        shape = rows, len(tags)
        made.append(
            (
                draw(st.sampled_from(["batch", "batch", "batch", "restart"])),
                Batch(
                    0,
                    np.array(tags, np.int32),
                    time if shared else time.reshape(shape),
                    receive.astype(np.int64),
                    np.array(value).reshape(shape),
                    np.array(code, np.uint32).reshape(shape),
                ),
            )
        )
    return made


@settings(deadline=None, max_examples=300)
@given(stretches())
def test_whole_batches_are_judged_as_sample_by_sample(told: list[tuple[str, Batch]]):
    order, plain = Order(TAGS), Plain()
    for what, batch in told:
        if what == "restart":
            order.forget(batch.tags)
            for tag in batch.tags.tolist():
                plain.newest.pop(tag, None)
                plain.late_since.pop(tag, None)
        time = batch.source_time_us
        times = np.broadcast_to(time[:, None] if time.ndim == 1 else time, batch.value.shape)
        expected = np.zeros(batch.value.shape, np.uint8)
        for row, i in np.ndindex(batch.value.shape):
            expected[row, i] = plain.judge(
                int(batch.tags[i]),
                int(times[row, i]),
                float(batch.value[row, i]),
                int(batch.quality[row, i]),
                int(batch.receive_time_us[row]),
            )
        verdict = order.judge(batch)
        got = np.zeros(batch.value.shape, np.uint8) if verdict is None else verdict
        assert got.tolist() == expected.tolist()


@settings(deadline=None)
@given(stretches())
def test_no_tag_is_frozen_for_longer_than_two_seconds(told: list[tuple[str, Batch]]):
    """Whatever the times: what came more than 2 s after the first late sample in a row is taken."""
    order, late_since = Order(TAGS), dict[int, int]()
    for _, batch in told:
        verdict = order.judge(batch)
        for row, i in np.ndindex(batch.value.shape):
            tag, now_us = int(batch.tags[i]), int(batch.receive_time_us[row])
            if verdict is None or verdict[row, i] != LATE:
                late_since.pop(tag, None)
            else:
                assert now_us - late_since.setdefault(tag, now_us) <= 2 * SECOND
