"""The swinging door: how far a line may miss, and what no line may stand for."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.historian.door import dropped, kept, kept_many, kept_together, rebuild
from engine.historian.forced import LONGEST_STEP_US, LONGEST_STEPS
from engine.types import Samples
from tests.engine.historian.made import samples

START_US = 1_763_000_000_000_000
SECOND_US = 1_000_000
STEPS_US = st.one_of(
    st.just(SECOND_US),
    st.integers(900_000, 1_100_000),
    st.integers(0, 3),
    st.integers(1, 2**44),
)
NUMBERS = st.one_of(
    st.floats(0, 4),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e-300, 1e-300),
    st.sampled_from([5e-324, 1.7e308, -1.7e308, 1e300, np.inf, 1e16, 1e16 + 2, 2.0, 2.0000000000000004]),
)
DEADBANDS = st.one_of(st.floats(0.01, 3), st.floats(0, 1e308), st.sampled_from([5e-324, 1e-300, np.inf]))


@st.composite
def tracks(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Times, values and goodness of one tag: walks, ramps, noise, and anything at all."""
    k = draw(st.integers(0, 40))
    even = draw(st.booleans())
    step = draw(STEPS_US)
    steps = [step] * k if even else draw(st.lists(STEPS_US, min_size=k, max_size=k))
    value = np.array(draw(st.lists(NUMBERS, min_size=k, max_size=k)), np.float64)
    if draw(st.booleans()):
        small = np.where(np.abs(value) < 5, value, 1.0)
        value = np.cumsum(small) * draw(st.sampled_from([1.0, 1e-3, 1e12, 1e-310, 1e295]))
    good = np.array(draw(st.lists(st.integers(0, 9), min_size=k, max_size=k)), np.int64) > 0
    return START_US + np.cumsum(np.array(steps, np.int64)), value, good


def stored(time_us: NDArray[np.int64], value: NDArray[np.float64], mask: NDArray[np.bool_]) -> Samples:
    return samples(time_us[mask], value[mask], dropped=dropped(mask))


@given(tracks(), DEADBANDS)
@settings(deadline=None, max_examples=150)
def test_no_left_out_sample_is_farther_from_its_line_than_the_deadband(
    track: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]], deadband: float
) -> None:
    time_us, value, good = track
    mask = kept(time_us, value, good, deadband)
    at = np.flatnonzero(mask)
    rebuilt = rebuild(stored(time_us, value, mask), time_us)
    for k in np.flatnonzero(~mask):
        before, after = at[at < k][-1], at[at > k][0]
        assert abs(rebuilt[k] - value[k]) <= deadband
        begin, end, here = (Fraction(float(value[j])) for j in (before, after, k))
        part = Fraction(int(time_us[k] - time_us[before]), int(time_us[after] - time_us[before]))
        assert np.isinf(deadband) or abs(begin + (end - begin) * part - here) <= Fraction(deadband)


@given(tracks(), DEADBANDS, st.lists(st.one_of(st.floats(0, 4), NUMBERS), max_size=3))
@settings(deadline=None, max_examples=150)
def test_limits_are_crossed_when_the_samples_crossed_them(
    track: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]],
    deadband: float,
    limits: list[float],
) -> None:
    time_us, value, good = track
    mask = kept(time_us, value, good, deadband, limits)
    rebuilt = rebuild(stored(time_us, value, mask), time_us)
    single = np.diff(time_us, prepend=-1, append=2**62) > 0
    alone = single[1:] & single[:-1]
    for limit in limits:
        for side in (np.greater, np.greater_equal):
            assert (side(rebuilt, limit) == side(value, limit))[alone].all()
        crossings = np.flatnonzero((value[1:] > limit) != (value[:-1] > limit))
        assert mask[crossings].all()
        assert mask[crossings + 1].all()


@given(tracks(), st.floats(0.01, 10))
@settings(deadline=None)
def test_what_is_not_good_is_kept_with_its_neighbours_and_at_its_own_value(
    track: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]], deadband: float
) -> None:
    time_us, value, good = track
    mask = kept(time_us, value, good, deadband)
    odd = np.flatnonzero(~good | ~np.isfinite(value))
    for k in odd:
        assert mask[max(k - 1, 0) : k + 2].all()
    assert mask[:1].all()
    assert mask[-1:].all()


@given(st.lists(st.tuples(tracks(), DEADBANDS, st.lists(st.floats(0, 4), max_size=2)), max_size=6))
@settings(deadline=None)
def test_many_tags_at_once_keep_what_each_keeps_alone(
    some: list[tuple[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]], float, list[float]]],
) -> None:
    masks = kept_many([(*track, deadband, limits) for track, deadband, limits in some])
    for (track, deadband, limits), mask in zip(some, masks, strict=True):
        np.testing.assert_array_equal(mask, kept(*track, deadband, limits))


def plain(time_us: NDArray[np.int64], value: NDArray[np.float64], deadband: float) -> list[int]:
    """The door as one would write it down: one sample after the other, exact arithmetic."""
    exact = [Fraction(float(each)) for each in value]
    bound, anchor, found = Fraction(deadband), 0, [0]
    for end in range(2, len(value)):
        span = int(time_us[end] - time_us[anchor])
        line = [
            exact[anchor] + (exact[end] - exact[anchor]) * Fraction(int(time_us[k] - time_us[anchor]), span)
            for k in range(anchor + 1, end)
        ]
        if any(abs(a - b) > bound for a, b in zip(line, exact[anchor + 1 : end], strict=True)):
            anchor = end - 1
            found.append(anchor)
    return [*found, len(value) - 1]


def test_no_more_samples_are_kept_than_the_cone_asks_for() -> None:
    random = np.random.default_rng(5)
    time_us = START_US + np.cumsum(random.integers(900_000, 1_100_000, 200))
    value = np.cumsum(random.normal(0, 1, 200))
    good = np.ones(200, np.bool_)
    for deadband in (0.3, 1.0, 3.0, 30.0):
        assert np.flatnonzero(kept(time_us, value, good, deadband)).tolist() == plain(
            time_us, value, deadband
        )


def test_long_track_keeps_the_ends_of_its_pieces_and_its_bound() -> None:
    random = np.random.default_rng(6)
    time_us = START_US + SECOND_US * np.arange(100_000)
    value = 50 + np.cumsum(random.normal(0, 0.1, 100_000))
    mask = kept(time_us, value, np.ones(100_000, np.bool_), 1.0)
    assert np.abs(rebuild(stored(time_us, value, mask), time_us) - value).max() <= 1.0
    assert mask.mean() < 0.05
    straight = kept(time_us, np.arange(100_000.0), np.ones(100_000, np.bool_), 0.5)
    assert straight.sum() == pytest.approx(100_000 / 256, abs=2)


def test_tags_sampled_together_keep_what_each_keeps_alone() -> None:
    random = np.random.default_rng(7)
    time_us = START_US + SECOND_US * np.arange(300)
    values = np.cumsum(random.normal(0, 1, (300, 40)), axis=0)
    good = random.random(values.shape) > 0.01
    deadband, limits = np.linspace(0, 4, 40), [[2.0]] * 20 + [[]] * 20
    mask = kept_together(time_us, values, good, deadband, limits)
    for k in range(40):
        alone = kept(time_us, values[:, k].copy(), good[:, k].copy(), float(deadband[k]), limits[k])
        np.testing.assert_array_equal(mask[:, k], alone)
    assert mask[:, 0].all()
    assert mask[:, 39].mean() < 0.5


def test_nothing_and_little_are_kept_whole() -> None:
    assert kept_many([]) == []
    assert (
        kept_together(np.empty(0, np.int64), np.empty((0, 0)), np.empty((0, 0), bool), np.empty(0), []).size
        == 0
    )
    for k in range(3):
        mask = kept(START_US + np.arange(k), np.zeros(k), np.ones(k, np.bool_), 1.0)
        assert mask.tolist() == [True] * k
    assert dropped(np.empty(0, np.bool_)).tolist() == []


def test_value_that_held_for_minutes_does_not_become_a_ramp() -> None:
    """A valve reports by change: 20 for five minutes, then 80 within a few seconds."""
    seconds = [0, 1, 2, 3, 303, 304, 305, 306, 307]
    value = np.array([20, 20, 20, 20, 20.4, 40, 60, 80, 80.0])
    time_us = START_US + SECOND_US * np.array(seconds)
    mask = kept(time_us, value, np.ones(9, np.bool_), 0.5)
    assert mask[3]
    assert mask[4]
    late = rebuild(stored(time_us, value, mask), time_us[3:4] + 299 * SECOND_US)
    assert late[0] == 20.0


@given(st.lists(st.integers(1, 10**9), min_size=3, max_size=30))
def test_line_spans_no_long_step(steps: list[int]) -> None:
    time_us = START_US + np.cumsum(np.array(steps, np.int64))
    mask = kept(time_us, np.zeros(len(steps)), np.ones(len(steps), np.bool_), 1.0)
    gaps: list[int] = np.diff(time_us).tolist()
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    even = sum(abs(gap - usual) <= usual / 4 for gap in gaps)
    is_in_step = len(gaps) >= 5 and even >= 0.9 * len(gaps)
    for k, step in enumerate(gaps):
        if step > LONGEST_STEPS * usual or (step > LONGEST_STEP_US and not is_in_step):
            assert mask[k]
            assert mask[k + 1]


def test_two_samples_of_one_instant_are_both_kept() -> None:
    time_us = START_US + SECOND_US * np.array([0, 1, 2, 2, 3, 4, 5])
    mask = kept(time_us, np.zeros(7), np.ones(7, np.bool_), 1.0)
    assert mask.tolist() == [True, False, True, True, False, False, True]
    assert dropped(mask).tolist() == [1, 0, 2, 0]


def test_rebuilt_value_holds_or_runs_along_the_line() -> None:
    some = samples([100, 200, 300, 400], [1.0, 2.0, 4.0, np.nan], dropped=[0, 3, 0, 0])
    at = np.array([50, 100, 150, 199, 200, 250, 299, 300, 399, 400, 999])
    expected = [np.nan, 1, 1, 1, 2, 3, 3.98, 4, 4, np.nan, np.nan]
    np.testing.assert_allclose(rebuild(some, at), expected)
    assert np.isnan(rebuild(samples([], []), at)).all()


@pytest.mark.parametrize("offset", [0.0, 1e9, -3e12])
def test_rounding_never_breaks_the_bound(offset: float) -> None:
    """Values on a grid of 0.1 often lie exactly one deadband beside a line."""
    random, left_out = np.random.default_rng(8), 0
    for deadband in (0.1, 0.2, 0.3, 0.7):
        for _ in range(40):
            time_us = START_US + np.cumsum(random.choice([700_000, SECOND_US, 1_300_000], 60))
            value = offset + 0.1 * np.cumsum(random.integers(-2, 3, 60))
            mask = kept(time_us, value, np.ones(60, np.bool_), deadband)
            at = np.flatnonzero(mask)
            for before, after in zip(at, at[1:], strict=False):
                begin, end = Fraction(float(value[before])), Fraction(float(value[after]))
                for k in range(before + 1, after):
                    part = Fraction(int(time_us[k] - time_us[before]), int(time_us[after] - time_us[before]))
                    miss = abs(begin + (end - begin) * part - Fraction(float(value[k])))
                    assert miss <= Fraction(deadband)
            for read in (
                np.interp(time_us, time_us[mask], value[mask]),
                rebuild(stored(time_us, value, mask), time_us),
            ):
                assert (np.abs(read - value) <= deadband).all()
            left_out += int((~mask).sum())
    assert left_out > 1000


def test_limit_that_values_touch_is_crossed_when_they_did() -> None:
    """Values stand a few units in the last place beside the limit."""
    random, limit, left_out = np.random.default_rng(9), 0.3, 0
    near = np.array([limit + k * np.spacing(limit) for k in range(-3, 4)])
    for _ in range(400):
        time_us = START_US + np.cumsum(random.integers(700_000, 1_300_000, 40))
        value = np.where(random.random(40) < 0.1, random.choice(near, 40), random.uniform(0.31, 5, 40))
        mask = kept(time_us, value, np.ones(40, np.bool_), 3.0, [limit])
        read = np.interp(time_us, time_us[mask], value[mask])
        assert ((read > limit) == (value > limit)).all()
        assert ((read >= limit) == (value >= limit)).all()
        left_out += int((~mask).sum())
    assert left_out > 1000


def test_samples_every_three_minutes_are_thinned_like_those_of_every_second() -> None:
    for step_us in (1_000_000, 180_000_000, 3_600_000_000):
        random = np.random.default_rng(2)
        time_us = START_US + np.arange(200) * step_us + random.integers(0, step_us // 10, 200)
        mask = kept(time_us, np.linspace(0, 1, 200), np.ones(200, np.bool_), 0.1)
        assert mask.sum() < 20, step_us


def test_silence_of_a_source_that_reports_by_change_is_never_part_of_a_line() -> None:
    random = np.random.default_rng(3)
    time_us = START_US + np.cumsum(random.exponential(300e6, 200).astype(np.int64) + 1)
    mask = kept(time_us, np.linspace(0, 1, 200), np.ones(200, np.bool_), 0.1)
    silent = np.flatnonzero(np.diff(time_us) > 90_000_000)
    assert len(silent) > 100
    assert mask[silent].all()
    assert mask[silent + 1].all()


def test_hole_in_samples_of_every_three_minutes_is_never_part_of_a_line() -> None:
    time_us = START_US + np.delete(np.arange(100), np.arange(40, 45)) * 180_000_000
    mask = kept(time_us, np.linspace(0, 1, 95), np.ones(95, np.bool_), 0.5)
    assert mask.sum() <= 6
    assert mask[39:41].all(), "both sides of the hole"


def test_two_slow_samples_say_nothing_about_a_usual_step() -> None:
    time_us = START_US + np.arange(4) * 180_000_000
    assert kept(time_us, np.linspace(0, 1, 4), np.ones(4, np.bool_), 5.0).all()
