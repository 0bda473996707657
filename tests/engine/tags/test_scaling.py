import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tags import Scaling, clean, full_quality, is_measured, scaled_info
from engine.types import Batch, Status, Tag, TagInfo
from tests.engine.tags.batches import TAG_IDS, batch, some_batches

BEYOND = 0x40940000


def tag(tag_id: int = 0, **more: object) -> Tag:
    return msgspec.structs.replace(Tag(tag_id, "A", "plc", "x", line=12), **more)


def scaled(values: list[float], *tags: Tag) -> list[float]:
    return Scaling(tags).scale(batch([values])).value[0].tolist()


def doubted(values: list[float], **range_: object) -> list[bool]:
    """Which of one tag's values, a row each, become doubtful."""
    judged = Scaling([tag(**range_)]).doubt(batch([[value] for value in values]))
    return [code == BEYOND for code in full_quality(judged)[:, 0].tolist()]


def test_a_value_is_multiplied_and_then_shifted():
    assert scaled([200.0, 7.0], tag(0, factor=0.5, offset=-40.0), tag(1)) == [60.0, 7.0]


def test_a_batch_whose_tags_need_nothing_passes_as_it_is():
    sent = batch([[1.0, 2.0]])
    scaling = Scaling([tag(0), tag(1), tag(2, factor=2.0, low=0.0, high=1.0)])
    assert scaling.scale(sent) is sent
    assert scaling.doubt(sent) is sent


@pytest.mark.parametrize("kind", ["string", "bool"])
def test_text_and_truths_are_never_scaled_nor_doubted(kind: str):
    plain = tag(factor=10.0, offset=1.0, low=0.0, high=0.5, type=kind)
    assert scaled([1.0], plain) == [1.0]
    assert doubted([1.0], low=0.0, high=0.5, type=kind) == [False]


def test_a_tag_that_turns_out_to_be_words_is_taken_as_it_comes_and_back():
    number = tag(factor=10.0, low=0.0, high=1.0)
    scaling = Scaling([number])
    scaling.set(number, measured=is_measured("int32", {1: "running"}))
    assert scaling.scale(batch([[3.0]])).value.tolist() == [[3.0]]
    assert full_quality(scaling.doubt(batch([[3.0]]))).tolist() == [[0]]
    scaling.set(number, measured=is_measured("int32", {}))
    assert scaling.scale(batch([[3.0]])).value.tolist() == [[30.0]]
    assert full_quality(scaling.doubt(batch([[3.0]]))).tolist() == [[BEYOND]]


def test_only_beyond_the_fault_limits_of_a_4_to_20_ma_signal_a_value_is_doubted():
    limits = [3.59, 3.6, 4.0, 20.0, 21.0, 21.01]
    assert doubted(limits, low=4.0, high=20.0) == [True, False, False, False, False, True]


def test_a_range_with_one_end_raises_no_doubt():
    assert doubted([-1e9, 1e9], low=0.0) == [False, False]
    assert doubted([-1e9, 1e9], high=0.0) == [False, False]


def test_only_good_values_become_doubtful_and_the_others_keep_what_they_say():
    codes = [[0], [Status.STALE], [Status.SENSOR_FAILURE], [0x00000480]]
    judged = Scaling([tag(low=0.0, high=1.0)]).doubt(batch([[9.0]] * 4, codes))
    assert judged.quality[:, 0].tolist() == [BEYOND, Status.STALE, Status.SENSOR_FAILURE, BEYOND]


def test_no_value_is_bad_not_doubtful():
    judged = Scaling([tag(low=0.0, high=1.0)]).doubt(clean(batch([[math.nan]])))
    assert full_quality(judged).tolist() == [[Status.BAD]]


def test_a_result_too_large_for_a_number_is_bad():
    cleaned = clean(Scaling([tag(factor=1e300)]).scale(batch([[1e300]])))
    assert full_quality(cleaned).tolist() == [[Status.BAD]]


def test_what_the_device_says_is_said_of_the_scaled_value():
    info = TagInfo("int16", "mbar", 0.0, 1000.0)
    assert scaled_info(tag(), info) == info
    assert scaled_info(tag(factor=0.001), info) == TagInfo("float64", "", 0.0, 1.0)
    assert scaled_info(tag(factor=-1.0, offset=5.0), info) == TagInfo("float64", "", -995.0, 5.0)
    assert scaled_info(tag(factor=2.0), TagInfo("float32", low=1.0)) == TagInfo("float32", "", 2.0, None)


factors = st.sampled_from([1.0, -1.0, 0.5, 10.0, 1e300])
limits = st.sampled_from([(None, None), (0.0, None), (-1.0, 1.0), (0.0, 50.0)])
some_tags = st.lists(
    st.tuples(
        factors, st.sampled_from([0.0, -3.0]), limits, st.sampled_from(["", "float32", "string", "bool"])
    ),
    min_size=TAG_IDS,
    max_size=TAG_IDS,
)


@settings(deadline=None)
@given(some_batches(), some_tags)
def test_whole_batches_come_out_as_value_by_value(batches: list[Batch], rules: list[tuple]):
    tags = [
        tag(k, factor=factor, offset=offset, low=low, high=high, type=kind)
        for k, (factor, offset, (low, high), kind) in enumerate(rules)
    ]
    scaling = Scaling(tags)
    for each in batches:
        before = replace(each, value=each.value.copy(), quality=each.quality.copy())
        out = scaling.doubt(clean(scaling.scale(each)))
        codes, sent = full_quality(out), full_quality(each)
        for row, i in np.ndindex(each.value.shape):
            value, code = one(tags[each.tags[i]], float(each.value[row, i]), int(sent[row, i]))
            assert out.value[row, i] == value or (math.isnan(value) and np.isnan(out.value[row, i]))
            assert codes[row, i] == code
        np.testing.assert_array_equal(each.value, before.value)
        np.testing.assert_array_equal(each.quality, before.quality)


def one(rule: Tag, value: float, code: int) -> tuple[float, int]:
    """The rules once more, for a single sample."""
    measured = rule.type not in ("string", "bool")
    if measured:
        value = value * rule.factor + rule.offset
    if not math.isfinite(value):
        return math.nan, code if code & 0x80000000 else Status.BAD
    if measured and rule.low is not None and rule.high is not None and not code & 0xC0000000:
        span = rule.high - rule.low
        if value < rule.low - 0.025 * span or value > rule.high + 0.0625 * span:
            code = BEYOND
    return value, code
