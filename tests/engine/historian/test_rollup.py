"""Steps of time: what roll gives is what a sum over every sample and edge gives, one at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.historian.rollup import HOUR_US, MINUTE_US, combine, roll
from engine.types import Rollup, Samples, Status
from tests.engine.historian.made import samples

QUALITIES = (Status.GOOD, Status.GOOD, Status.GOOD, Status.STALE, Status.BAD, 0x40930000)
VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 0.1, -7.25, 1e-300, 1e300, math.nan]))


@st.composite
def histories(draw: st.DrawFn) -> Samples:
    time = sorted(draw(st.lists(st.integers(-200, 1200), max_size=40)))
    count = len(time)
    value = draw(st.lists(VALUES, min_size=count, max_size=count))
    quality = draw(st.lists(st.sampled_from(QUALITIES), min_size=count, max_size=count))
    dropped = draw(st.lists(st.sampled_from([0, 0, 1, 7, 1000]), min_size=count, max_size=count))
    return samples(time, value, quality, dropped)


def is_good(all_of: Samples, at: int) -> bool:
    return not int(all_of.quality[at]) & 0xC0000000 and math.isfinite(all_of.value[at])


def value_at(all_of: Samples, owner: int, time_us: int) -> float:
    """The value at a time that belongs to sample ``owner``: held, or on the line to the next."""
    begin, last = float(all_of.value[owner]), owner + 1 == len(all_of.time_us)
    if last or not all_of.dropped[owner] or not is_good(all_of, owner + 1):
        return begin
    end, gap = float(all_of.value[owner + 1]), int(all_of.time_us[owner + 1] - all_of.time_us[owner])
    return begin if not gap else begin + (end - begin) * (time_us - int(all_of.time_us[owner])) / gap


def one_step(all_of: Samples, begin_us: int, end_us: int) -> tuple[float, float, float, float]:
    """low, high, mean and good of one step, piece by piece."""
    seen: list[float] = []
    area: list[float] = []
    lasted = 0
    for at in range(len(all_of.time_us)):
        until = int(all_of.time_us[at + 1]) if at + 1 < len(all_of.time_us) else end_us
        first, last = max(int(all_of.time_us[at]), begin_us), min(until, end_us)
        starts_here = begin_us <= all_of.time_us[at] < end_us
        if not is_good(all_of, at) or first > last or (first == last and not starts_here):
            continue
        pair = value_at(all_of, at, first), value_at(all_of, at, last)
        seen += pair
        area.append((0.5 * pair[0] + 0.5 * pair[1]) * (last - first) / (end_us - begin_us))
        lasted += last - first
    if not seen:
        return math.nan, math.nan, math.nan, 0.0
    part = lasted / (end_us - begin_us)
    return min(seen), max(seen), math.fsum(area) / part if part else math.nan, part


@given(histories(), st.integers(-50, 300), st.integers(1, 170), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_each_step_is_what_a_sum_over_its_pieces_gives(
    all_of: Samples, start: int, step: int, count: int
) -> None:
    found = roll(all_of, start, step, count)
    for at in range(count):
        low, high, mean, good = one_step(all_of, start + at * step, start + (at + 1) * step)
        scale = max(abs(low), abs(high), 1e-12)
        assert found.low[at] == pytest.approx(low, rel=1e-9, abs=1e-9 * scale, nan_ok=True)
        assert found.high[at] == pytest.approx(high, rel=1e-9, abs=1e-9 * scale, nan_ok=True)
        assert found.good[at] == pytest.approx(good, abs=1e-6)
        if good:
            assert found.mean[at] == pytest.approx(mean, rel=1e-9, abs=1e-9 * scale)
            assert found.low[at] <= found.mean[at] <= found.high[at]


@given(histories(), st.integers(-50, 300), st.integers(1, 60), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_small_steps_put_together_are_the_large_step(
    all_of: Samples, start: int, step: int, steps: int, count: int
) -> None:
    small, large = roll(all_of, start, step, steps * count), roll(all_of, start, step * steps, count)
    same_figures(combine(small, steps), large)


def same_figures(found: Rollup, wanted: Rollup) -> None:
    assert (found.start_us, found.step_us) == (wanted.start_us, wanted.step_us)
    np.testing.assert_array_equal(found.low, wanted.low)
    np.testing.assert_array_equal(found.high, wanted.high)
    np.testing.assert_array_equal(found.count, wanted.count)
    np.testing.assert_allclose(found.good, wanted.good, atol=1e-6)
    lasted = wanted.good > 1e-6
    scale = 1e-6 * np.fmax(np.fmax(abs(wanted.low), abs(wanted.high)), 1e-12)
    assert (abs(found.mean - wanted.mean) <= scale)[lasted].all()


def test_sixty_minutes_of_a_noisy_hour_are_the_hour() -> None:
    chance = np.random.default_rng(5)
    time = np.sort(chance.integers(0, HOUR_US, 20_000))
    hour = samples(time, chance.normal(50, 3, len(time)), dropped=chance.integers(0, 3, len(time)))
    minutes = roll(hour, 0, MINUTE_US, 60)
    same_figures(combine(minutes, 60), roll(hour, 0, HOUR_US, 1))
    assert minutes.count.sum() == len(time) + hour.dropped[:-1].sum()


def test_value_before_the_span_holds_into_it() -> None:
    found = roll(samples([-500], [3.5]), 0, 100, 3)
    np.testing.assert_array_equal(found.mean, [3.5, 3.5, 3.5])
    np.testing.assert_array_equal(found.count, [0, 0, 0])
    np.testing.assert_array_equal(found.good, [1, 1, 1])


def test_time_without_a_good_value_does_not_count() -> None:
    lost = samples([0, 25, 50, 75], [10, 99, 20, 99], [0, Status.STALE, 0, Status.BAD])
    found = roll(lost, 0, 100, 2)
    assert (found.low[0], found.high[0], found.mean[0], found.good[0]) == (10, 20, 15, 0.5)
    assert math.isnan(found.mean[1])
    assert found.good[1] == 0
    assert found.count.tolist() == [4, 0]


def test_left_out_samples_stand_on_the_line_and_count() -> None:
    found = roll(samples([0, 400], [0, 40], dropped=[8, 0]), 0, 100, 4)
    np.testing.assert_allclose(found.mean, [5, 15, 25, 35])
    np.testing.assert_allclose(found.high, [10, 20, 30, 40])
    assert found.count.tolist() == [3, 2, 2, 2]


def test_no_line_leads_to_a_value_that_is_not_good() -> None:
    found = roll(samples([0, 400], [1, 41], [0, Status.BAD], [9, 0]), 0, 100, 4)
    np.testing.assert_array_equal(found.mean, [1, 1, 1, 1])


def test_no_samples_and_no_steps_give_nothing() -> None:
    empty = roll(samples([], []), 0, 100, 2)
    assert np.isnan(empty.low).all()
    assert not empty.count.any()
    assert len(roll(samples([5], [1]), 0, 100, 0).low) == 0


def test_mean_of_steps_with_huge_values_does_not_overflow() -> None:
    rollup = roll(samples([0, 500], [1.5e308, -1.5e308]), 0, 10, 100)
    assert combine(rollup, 100).mean.tolist() == pytest.approx([0.0], abs=1e303)
    assert combine(rollup, 50).mean.tolist() == pytest.approx([1.5e308, -1.5e308])
