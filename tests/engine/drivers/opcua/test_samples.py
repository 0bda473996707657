from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.opcua.samples import (
    Samples,
    batches,
    occurrence,
    settle_times,
    settle_values,
    take_overflow,
    worsen,
)
from engine.types import Status

NOW_US = 1_790_000_000_000_000


def samples(
    handle: list[int],
    value: list[float] | None = None,
    status: list[int] | None = None,
    source_us: list[int] | None = None,
    server_us: list[int] | None = None,
) -> Samples:
    n = len(handle)
    return Samples(
        np.array(handle, np.int32),
        np.array(value or [0.0] * n, np.float64),
        np.array(status or [0] * n, np.uint32),
        np.array(source_us or [NOW_US] * n, np.int64),
        np.array(server_us or [NOW_US] * n, np.int64),
    )


@given(st.lists(st.integers(0, 5), max_size=40))
def test_occurrence_counts_earlier_samples_of_the_same_tag(handles: list[int]) -> None:
    counted = occurrence(np.array(handles, np.int32))
    assert counted.tolist() == [handles[:k].count(h) for k, h in enumerate(handles)]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_no_batch_holds_a_tag_twice_and_every_tag_keeps_its_order(handles: list[int]) -> None:
    values = [float(k) for k in range(len(handles))]
    tags = np.array([100, 101, 102, 103, 104, 105], np.int32)
    delivered: dict[int, list[float]] = {}
    for batch in batches(3, tags, samples(handles, values), NOW_US):
        ids = batch.tags.tolist()
        assert len(set(ids)) == len(ids) == batch.value.shape[1] == batch.quality.shape[1]
        assert batch.group == 3
        assert set(batch.receive_time_us.tolist()) == {NOW_US}
        assert len(batch.receive_time_us) == len(batch.value)
        for tag, column in zip(ids, batch.value.T.tolist(), strict=True):
            assert tag not in delivered
            delivered[tag] = column
    assert delivered == {
        100 + h: [v for v, other in zip(values, handles, strict=True) if other == h] for h in set(handles)
    }


def test_blocks_of_two_fast_tags_are_one_batch_with_a_row_for_each_instant() -> None:
    handles = [0] * 100 + [4] * 100 + [2]
    times = [*(NOW_US + 1000 * k for k in range(100))] * 2 + [NOW_US]
    block = samples(handles, [float(k) for k in range(201)], source_us=times)
    single, fast = batches(3, np.arange(100, 105, dtype=np.int32), block, NOW_US)
    assert (single.tags.tolist(), single.value.tolist()) == ([102], [[200.0]])
    assert fast.tags.tolist() == [100, 104]
    assert fast.value.T.tolist() == [[float(k) for k in range(100)], [float(k) for k in range(100, 200)]]
    assert (np.diff(fast.source_time_us, axis=0) == 1000).all()
    assert fast.quality.shape == fast.value.shape == (100, 2)


def test_server_time_counts_where_the_device_gave_none() -> None:
    settled, _ = settle_times(samples([0], source_us=[0], server_us=[NOW_US - 5]), NOW_US)
    assert settled.source_us.tolist() == [NOW_US - 5]
    assert settled.status.tolist() == [Status.GOOD]


def test_sample_without_any_time_gets_ours_and_is_uncertain() -> None:
    settled, _ = settle_times(samples([0], source_us=[0], server_us=[0]), NOW_US)
    assert settled.source_us.tolist() == [NOW_US]
    assert settled.status.tolist() == [Status.UNCERTAIN]


def test_time_more_than_a_second_ahead_is_not_believed() -> None:
    ahead = samples([0, 1, 2], status=[0, 0, Status.SENSOR_FAILURE])
    ahead.source_us[:] = [NOW_US + 1_000_000, NOW_US + 1_000_001, NOW_US + 9_000_000]
    settled, _ = settle_times(ahead, NOW_US)
    assert settled.source_us.tolist() == [NOW_US + 1_000_000, NOW_US, NOW_US]
    assert settled.status.tolist() == [Status.GOOD, Status.UNCERTAIN, Status.SENSOR_FAILURE]


def test_time_ahead_is_believed_as_far_as_the_devices_clock_is_ahead() -> None:
    ahead = samples([0, 1])
    ahead.source_us[:] = [NOW_US + 3_900_000, NOW_US + 4_100_000]
    settled, doubted = settle_times(ahead, NOW_US, offset_us=3_000_000)
    assert settled.source_us.tolist() == [NOW_US + 3_900_000, NOW_US]
    assert settled.status.tolist() == [Status.GOOD, Status.UNCERTAIN]
    assert doubted


def test_clock_that_is_behind_does_not_make_our_own_time_the_future() -> None:
    settled, doubted = settle_times(samples([0]), NOW_US, offset_us=-3_000_000)
    assert settled.status.tolist() == [Status.GOOD] and not doubted


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_times_of_receipt_of_one_tag_rise_and_end_now(handles: list[int]) -> None:
    settled, _ = settle_times(samples(handles), NOW_US, offset_us=-60_000_000, by_receipt=True)
    for handle in set(handles):
        times = settled.source_us[settled.handle == handle].tolist()
        assert times == list(range(NOW_US - len(times) + 1, NOW_US + 1))
    assert settled.status.tolist() == [Status.GOOD] * len(handles)


def test_old_source_time_is_kept() -> None:
    settled, _ = settle_times(samples([0], source_us=[NOW_US - 86_400_000_000]), NOW_US)
    assert settled.source_us.tolist() == [NOW_US - 86_400_000_000]
    assert settled.status.tolist() == [Status.GOOD]


def test_nan_and_infinity_are_bad_without_hiding_a_worse_reason() -> None:
    wild = samples([0, 1, 2, 3], [float("nan"), float("inf"), 1.0, float("-inf")])
    wild.status[3] = Status.SENSOR_FAILURE
    settled = settle_values(wild)
    assert np.isnan(settled.value[[0, 1, 3]]).all()
    assert settled.value[2] == 1.0
    assert settled.status.tolist() == [Status.BAD, Status.BAD, Status.GOOD, Status.SENSOR_FAILURE]


def test_overflow_bit_names_its_tags_and_is_cleared_but_limits_stay() -> None:
    taken, handles = take_overflow(samples([0, 1, 2], status=[0x0480, 0x0680, 0x0600]))
    assert handles.tolist() == [0, 1]
    assert taken.status.tolist() == [0, 0x0600, 0x0600]


def test_server_out_of_order_worsens_only_good_samples() -> None:
    worse = worsen(samples([0, 1], status=[0, Status.SENSOR_FAILURE]), Status.LAST_USABLE)
    assert worse.status.tolist() == [Status.LAST_USABLE, Status.SENSOR_FAILURE]
