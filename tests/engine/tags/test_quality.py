import numpy as np
import pytest
from hypothesis import given, settings

from engine.tags import clean, full_quality
from engine.types import Batch, Status, quality_word
from tests.engine.tags.batches import batch, some_batches


def test_a_batch_of_numbers_passes_as_it_is():
    sound = batch([[1.0, 2.0], [3.0, 4.0]], [0, Status.BAD])
    assert clean(sound) is sound


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_becomes_nan_of_bad_quality(value: float):
    cleaned = clean(batch([[1.0, value]]))
    assert cleaned.value[0, 0] == 1.0
    assert np.isnan(cleaned.value[0, 1])
    assert cleaned.quality.tolist() == [[Status.GOOD, Status.BAD]]


def test_uncertain_becomes_bad_but_a_bad_code_keeps_what_it_tells():
    cleaned = clean(batch([[np.nan, np.nan]], [Status.STALE, Status.SENSOR_FAILURE]))
    assert cleaned.quality.tolist() == [[Status.BAD, Status.SENSOR_FAILURE]]


def test_only_the_spoilt_rows_of_a_tag_turn_bad():
    cleaned = clean(batch([[1.0, 5.0], [np.inf, 6.0], [2.0, 7.0]], [0, Status.STALE]))
    assert cleaned.quality.tolist() == [
        [Status.GOOD, Status.STALE],
        [Status.BAD, Status.STALE],
        [Status.GOOD, Status.STALE],
    ]


def test_one_row_of_quality_stands_for_all_rows():
    assert full_quality(batch([[1.0], [2.0], [3.0]], [7])).tolist() == [[7], [7], [7]]
    assert full_quality(batch([[1.0], [2.0]], [[7], [8]])).tolist() == [[7], [8]]


@settings(deadline=None)
@given(some_batches())
def test_cleaning_leaves_no_wrong_number_called_usable_and_touches_nothing_else(batches: list[Batch]):
    for original in batches:
        value, quality = original.value.copy(), np.array(full_quality(original))
        cleaned = clean(original)
        after = full_quality(cleaned)
        for place in np.ndindex(value.shape):
            if np.isfinite(value[place]):
                assert cleaned.value[place] == value[place]
                assert after[place] == quality[place]
            else:
                assert np.isnan(cleaned.value[place])
                assert quality_word(int(after[place])) == "bad"
                assert quality_word(int(quality[place])) != "bad" or after[place] == quality[place]
        assert after.dtype == np.uint32
        np.testing.assert_array_equal(original.value, value)
        np.testing.assert_array_equal(full_quality(original), quality)
        assert cleaned.tags is original.tags


@settings(deadline=None)
@given(some_batches())
def test_cleaning_twice_changes_nothing_more(batches: list[Batch]):
    for original in batches:
        once = clean(original)
        twice = clean(once)
        np.testing.assert_array_equal(once.value, twice.value)
        np.testing.assert_array_equal(full_quality(once), full_quality(twice))
