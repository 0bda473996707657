import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tags import stale_limit_s


@pytest.mark.parametrize(
    ("period_s", "limit_s"), [(0.1, 3.0), (1.0, 3.0), (1.2, 3.0), (2.0, 5.0), (10.0, 25.0), (0.0, 3.0)]
)
def test_stale_is_two_and_a_half_periods_but_at_least_three_seconds(period_s: float, limit_s: float):
    assert stale_limit_s(period_s) == limit_s


@pytest.mark.parametrize("period_s", [float("nan"), float("inf"), float("-inf"), 1.7e308, -5.0])
def test_an_unknown_period_gives_the_shortest_limit_never_none(period_s: float):
    assert stale_limit_s(period_s) == 3.0


@given(st.lists(st.floats()))
def test_an_array_of_periods_gives_what_each_gives_alone(periods: list[float]):
    limits = stale_limit_s(np.array(periods, np.float64))
    assert limits.dtype == np.float64
    assert limits.tolist() == [stale_limit_s(period) for period in periods]
