import numpy as np

from engine.tags import Pipeline
from engine.types import Batch, Status, Tag
from tests.engine.tags.batches import batch

TAGS = (
    Tag(0, "A/wide", "plc", "x", deadband=1.0, factor=2.0, low=0.0, high=100.0),
    Tag(1, "A/every", "plc", "y"),
)


def at(time_us: int, *values: float, receive_us: int | None = None) -> Batch:
    """One row of both tags."""
    made = batch([list(values)], receive_us=[time_us if receive_us is None else receive_us])
    return Batch(0, made.tags, np.array([time_us]), made.receive_time_us, made.value, made.quality)


def test_scaling_comes_before_doubt_and_deadband():
    pipeline = Pipeline(TAGS)
    first = pipeline.judge(at(1, 10.0, 1.0))
    assert (first.batch.value.tolist(), first.keep.tolist()) == ([[20.0, 1.0]], [[True, True]])
    second = pipeline.judge(at(2, 10.4, 1.0))
    assert second.keep.tolist() == [[False, True]], "0.8 after scaling is within the deadband of 1"
    third = pipeline.judge(at(3, 60.0, 1.0))
    assert third.batch.quality.tolist() == [[0x40940000, 0]]
    assert third.keep.tolist() == [[True, True]]


def test_times_that_grow_need_no_mask():
    judged = Pipeline(TAGS).judge(at(1, 10.0, 1.0))
    assert judged.taken is None
    assert (judged.late, judged.duplicates, judged.twice.tolist()) == (0, 0, [])


def test_a_late_sample_is_kept_for_the_trend_and_moves_no_memory():
    pipeline = Pipeline(TAGS)
    pipeline.judge(at(10, 10.0, 1.0))
    late = pipeline.judge(at(5, 40.0, 7.0, receive_us=11))
    assert late.taken is not None
    assert (late.taken.tolist(), late.keep.tolist(), late.late) == ([[False, False]], [[True, True]], 2)
    assert pipeline.judge(at(12, 10.0, 1.0)).keep.tolist() == [[False, True]]


def test_a_duplicate_proves_its_tags_and_is_not_kept_again():
    pipeline = Pipeline(TAGS)
    pipeline.judge(at(10, 10.0, 1.0))
    again = pipeline.judge(at(10, 10.0, 2.0))
    assert again.taken is not None
    assert (again.taken.tolist(), again.keep.tolist()) == ([[False, True]], [[False, True]])
    assert (again.twice.tolist(), again.duplicates) == ([0], 1)


def test_after_a_restart_the_next_sample_is_kept_and_new_whatever_it_says():
    pipeline = Pipeline(TAGS)
    pipeline.judge(at(10, 10.0, 1.0))
    pipeline.restart(np.array([0, 1], np.int32))
    judged = pipeline.judge(at(3, 10.0, 1.0))
    assert judged.taken is None
    assert judged.keep.all()


def test_an_overdue_sample_comes_out_scaled_once():
    pipeline, tags = Pipeline(TAGS), np.array([0, 1], np.int32)
    pipeline.judge(at(10_000_000, 10.0, 1.0))
    pipeline.judge(at(1_000_000, 20.0, 2.0, receive_us=11_000_000))
    assert pipeline.overdue(tags, 12_000_000) is None
    due = pipeline.overdue(tags, 14_000_000)
    assert due is not None
    assert due.batch.value.tolist() == [[40.0, 2.0]]
    assert due.taken is None
    assert not due.keep.any(), "the trend has it already"


def test_stale_by_age_keeps_the_next_sample_but_not_an_older_one_as_new():
    pipeline = Pipeline(TAGS)
    pipeline.judge(at(10, 10.0, 1.0))
    pipeline.silent(np.array([0], np.int32))
    assert pipeline.judge(at(11, 10.0, 1.0)).keep.tolist() == [[True, True]]
    pipeline.silent(np.array([0], np.int32))
    older = pipeline.judge(at(9, 30.0, 2.0, receive_us=12))
    assert older.late == 2


def test_quality_that_is_bad_already_is_left_alone():
    judged = Pipeline(TAGS).judge(batch([[np.nan, 1.0]], [Status.SENSOR_FAILURE, 0]))
    assert judged.batch.quality.tolist() == [Status.SENSOR_FAILURE, 0] or judged.batch.quality.tolist() == [
        [Status.SENSOR_FAILURE, 0]
    ]
