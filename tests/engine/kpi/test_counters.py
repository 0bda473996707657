import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kpi.counters import Counters


def played(values: list[float], most_per_s: float = np.inf) -> list[float]:
    """What one counter counted from each value to the next, a second apart."""
    counters = Counters(np.array([most_per_s]))
    steps: list[float] = []
    for value in values:
        step, known = counters.step(np.array([value]), np.array([np.isfinite(value)]), 1.0)
        steps.append(float(step[0]) if known[0] else np.nan)
    return steps


def test_the_first_value_is_where_counting_begins():
    assert played([812, 813, 813, 815])[1:] == [1, 0, 2]
    assert np.isnan(played([812])[0])


@pytest.mark.parametrize("values", [[812, 0, 1], [65535, 0, 1], [812, 811, 812]])
def test_a_counter_that_goes_back_counts_nothing_and_then_goes_on(values: list[float]):
    assert played(values)[1:] == [0, 1]


def test_a_counter_that_is_set_to_a_stored_value_has_produced_nothing():
    assert played([0, 1, 2, 3, 51_234, 51_235])[4:] == [0, 1]


def test_an_ideal_cycle_shows_a_leap_before_anything_was_learned():
    assert played([0, 51_234, 51_235], most_per_s=2.2)[1:] == [0, 1]


def test_a_counter_may_get_faster():
    assert played([0, 1, 2, 3, 23, 43])[4:] == [20, 20]


def test_nothing_is_known_across_a_missing_value():
    steps = played([5, 6, np.nan, 9, 10])
    assert [np.isnan(step) for step in steps] == [True, False, True, True, False]
    assert steps[4] == 1


numbers = st.floats(0, 1e9) | st.sampled_from([0.0, 65535.0, 4294967295.0])


@given(st.lists(numbers, min_size=2, max_size=40))
def test_no_counter_ever_counts_backwards_or_more_than_it_rose(values: list[float]):
    for before, value, step in zip(values, values[1:], played(values)[1:], strict=False):
        assert 0 <= step <= max(value - before, 0)
