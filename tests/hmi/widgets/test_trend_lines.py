"""The geometry of a trend: nothing lost, nothing invented."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_lines import Span
from tests.hmi.plant import NOW_US, curve

SPAN = Span(NOW_US - 60_000_000, NOW_US, 600)
BERLIN = "Europe/Berlin"


def test_every_low_and_high_is_a_vertex() -> None:
    line = curve([-30, -20, -10], [10, 12, 11], [10, 99, 11])
    _, y = lines.vertices(line, SPAN)
    assert {10, 12, 99, 11} <= set(y.tolist())


def test_gap_breaks_the_line() -> None:
    line = curve([-40, -30, -20, -10], [1, 2, np.nan, 3])
    _, y = lines.vertices(line, SPAN)
    broken = np.flatnonzero(np.isnan(y))
    assert broken.size and not np.isnan(y[[0, 1, -1]]).any()


def test_sample_alone_between_two_gaps_is_wide_enough_to_be_seen() -> None:
    line = curve([-30, -20, -10], [np.nan, 7, np.nan])
    x, y = lines.vertices(line, SPAN)
    seen = x[np.isfinite(y)]
    assert seen.size == 2 and seen[1] - seen[0] == pytest.approx(2.0)


def test_state_changes_at_once_and_not_on_a_slope() -> None:
    x, y = lines.vertices(curve([-30, -20, -10], [0, 1, 0]), SPAN, stepped=True)
    slopes = [(x[i + 1] - x[i]) * (y[i + 1] - y[i]) for i in range(x.size - 1)]
    assert slopes == [0] * (x.size - 1)


def test_state_is_not_held_over_a_gap() -> None:
    _, y = lines.vertices(curve([-30, -20, -10], [1, np.nan, 0]), SPAN, stepped=True)
    assert np.isnan(y).any()
    assert not (np.isfinite(y[:-1]) & np.isfinite(y[1:]) & (y[:-1] != y[1:])).any()


@pytest.mark.parametrize("dash", [1, 2, 3])
def test_spike_between_two_dashes_is_drawn(dash: int) -> None:
    x, y = np.arange(0.0, 60.0, 0.5), np.full(120, 50.0)
    calm = lines.segments(x, y, dash)
    assert 0 < len(calm) < 100
    for spike in range(20, 100):
        y[:] = 50.0
        y[spike] = 10.0
        assert lines.segments(x, y, dash)[:, 1::2].min() == 10.0


@pytest.mark.parametrize("dash", [1, 2, 3])
def test_long_straight_line_is_drawn_with_its_dashes_from_end_to_end(dash: int) -> None:
    pieces = lines.segments(np.array([0.0, 600.0]), np.array([5.0, 5.0]), dash)
    assert pieces[0, 0] < 3 and pieces[-1, 2] > 570
    ink = (pieces[:, 2] - pieces[:, 0]).sum()
    assert 0.3 * 600 < ink < 0.8 * 600


def test_no_piece_of_a_line_crosses_a_gap() -> None:
    x, y = np.array([0.0, 1, 2, 3, 4]), np.array([5.0, 5, np.nan, 5, 5])
    assert lines.segments(x, y).tolist() == [[0, 5, 1, 5], [3, 5, 4, 5]]


def test_uncertain_stretch_reaches_to_the_next_point() -> None:
    (part,) = lines.uncertain_parts(curve([-40, -30, -20, -10], [1, 2, 3, 4], uncertain=(1,)))
    assert ((part.time_us - NOW_US) // 1_000_000).tolist() == [-30, -20]


@given(low=st.floats(-1e9, 1e9), width=st.floats(0, 1e9))
def test_axis_holds_its_data_in_round_steps(low: float, width: float) -> None:
    start, end = lines.axis_range(low, low + width)
    step = (end - start) / lines.DIVISIONS
    slack = 1e-6 * max(abs(low), width, 1.0)
    assert start <= low + slack and end >= low + width - slack
    mantissa = step / 10.0 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - nice) for nice in (1, 2, 2.5, 5, 10)) < 1e-3


def test_axis_does_not_jump_while_the_data_fit() -> None:
    first = lines.steady_range(None, 210, 228)
    assert lines.steady_range(first, 212, 225) == first
    assert lines.steady_range(first, 212, 260) != first
    assert lines.steady_range((0, 1000), 212, 225) != (0, 1000)


def test_noise_of_a_steady_value_is_not_blown_up() -> None:
    low, high = lines.axis_range(100.0, 100.01, least=5.0)
    assert high - low >= 5


@pytest.mark.parametrize("hours", [0.01, 0.2, 1, 8, 24, 72, 24 * 90])
def test_time_ticks_are_round_local_times_with_room_between(hours: float) -> None:
    span = Span(NOW_US - round(hours * 3.6e9), NOW_US, 1000)
    ticks = lines.time_ticks(span, BERLIN)
    assert 2 <= len(ticks) <= 1000 // 110 + 2
    assert all(span.start_us <= time_us <= span.end_us for time_us, _ in ticks)
    assert all(time_us % 1_000_000 == 0 for time_us, _ in ticks)
    assert all(early < late for (early, _), (late, _) in itertools.pairwise(ticks))


def test_new_day_is_named_on_the_axis() -> None:
    midnight_us = 1_795_388_400_000_000  # Mon 23 Nov 2026, 00:00 in Berlin
    span = Span(midnight_us - 4 * 3_600_000_000, midnight_us + 4 * 3_600_000_000, 1000)
    assert (midnight_us, "Mon 23 Nov") in lines.time_ticks(span, BERLIN)


def test_six_o_clock_stays_six_o_clock_over_a_clock_change() -> None:
    change_us = 1_792_890_000_000_000  # Sun 25 Oct 2026, 01:00 UTC: Berlin goes from 03:00 to 02:00
    span = Span(change_us - 12 * 3_600_000_000, change_us + 12 * 3_600_000_000, 1000)
    assert (change_us + 4 * 3_600_000_000, "06:00") in lines.time_ticks(span, BERLIN)


def test_cursor_reads_the_bucket_it_is_in_and_nothing_in_a_gap() -> None:
    line = curve([-30, -20, -10], [1, np.nan, 3], [2, np.nan, 4])
    assert lines.value_at(line, NOW_US - 25_000_000) == (1, 2)
    assert lines.value_at(line, NOW_US - 15_000_000) is None
    assert lines.value_at(line, NOW_US - 40_000_000) is None
    assert lines.value_at(line, NOW_US) == (3, 4)


def test_limit_near_the_data_is_on_the_axis_and_one_far_away_is_not() -> None:
    assert lines.with_limits(213, 244, [232, 240, 248, 900]) == (213, 248)


def test_limit_on_the_axis_stays_there_while_it_still_fits() -> None:
    # 40 of data in a range up to 140: too far to come, near enough to stay.
    assert lines.with_limits(100, 140, [220]) == (100, 140)
    assert lines.with_limits(100, 140, [220], before=(100, 240)) == (100, 220)


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(0, 1e6),
    limits=st.lists(st.floats(-1e9, 1e9), max_size=6),
)
def test_limits_never_flatten_the_curve_and_never_cut_it(
    low: float, width: float, limits: list[float]
) -> None:
    start, end = lines.with_limits(low, low + width, limits)
    least = max(width, abs(low + width) * 1e-3, 1e-9)
    assert start <= low and end >= low + width
    assert end - start <= max(least * lines.LIMIT_ROOM, width) * (1 + 1e-9)


@given(
    values=st.lists(st.floats(-100, 100), min_size=3, max_size=300),
    at=st.integers(0, 299),
    dash=st.integers(0, 3),
    pixels=st.integers(50, 800),
)
def test_spike_of_one_sample_is_never_lost(values: list[float], at: int, dash: int, pixels: int) -> None:
    at %= len(values)
    values[at] = 1e4
    times = np.linspace(-59, -1, len(values)).tolist()
    x, y = lines.vertices(curve(times, values), Span(NOW_US - 60_000_000, NOW_US, pixels))
    drawn = lines.segments(x, y, dash)
    assert drawn[:, 1::2].max() == 1e4


def test_nobody_knows_a_value_before_the_first_between_gaps_and_after_the_last() -> None:
    one, other = curve([-50, -40, -30, -20], [1, np.nan, 1, 1]), curve([-45, -38], [2, 2])
    holes = lines.unknown([one, other], NOW_US - 60_000_000, NOW_US)
    assert [(round((a - NOW_US) / 1e6), round((b - NOW_US) / 1e6)) for a, b in holes] == [
        (-60, -50),
        (-50, -45),
        (-38, -30),
        (-20, 0),
    ]


def test_mean_is_weighted_with_time_and_gaps_count_for_nothing() -> None:
    line = curve([-40, -30, -20, -10], [10, np.nan, 20, 20])
    found = lines.figures(line, NOW_US - 60_000_000, NOW_US)
    assert found == lines.Figures(10, 15, 20, 20)
    held = curve([-60, -30, -20], [0, 30, 30])
    assert lines.figures(held, NOW_US - 60_000_000, NOW_US) == lines.Figures(0, 7.5, 30, 30)


def test_statistics_are_of_the_window_alone() -> None:
    line = curve([-60, -40, -20], [100, 5, 7])
    found = lines.figures(line, NOW_US - 40_000_000, NOW_US - 10_000_000)
    assert found is not None and (found.least, found.most) == (5, 7)
    assert lines.figures(line, NOW_US - 10_000_000, NOW_US) is None


def test_dash_does_not_break_a_line_at_its_samples() -> None:
    dense = lines.segments(np.arange(0, 300, 1.0), np.full(300, 5.0), 1)
    sparse = lines.segments(np.array([0, 150, 299.0]), np.full(3, 5.0), 1)
    ink = [float((each[:, 2] - each[:, 0]).sum()) for each in (dense, sparse)]
    assert ink[0] == pytest.approx(ink[1], rel=0.1)


@pytest.mark.parametrize(("span_us", "digits"), [(100_000, 2), (1_000_000, 1), (20_000, 3)])
def test_axis_of_a_short_window_tells_parts_of_a_second(span_us: int, digits: int) -> None:
    ticks = lines.time_ticks(Span(NOW_US, NOW_US + span_us, 1000), BERLIN)
    assert len(ticks) >= 3
    assert all(len(text.partition(".")[2]) == digits for _, text in ticks)
    assert len({text for _, text in ticks}) == len(ticks)


def test_instant_is_told_as_finely_as_it_can_be_read() -> None:
    at_us = NOW_US + 120_000
    told = [lines.instant(at_us, NOW_US, BERLIN, span) for span in (1_000_000, 60_000_000, 600_000_000)]
    assert told == ["14:13:46.120", "14:13:46.1", "14:13:46"]


def test_length_of_time_is_told_as_on_the_buttons() -> None:
    told = [lines.length_text(round(each * 1e6)) for each in (0.1, 1, 60, 3600, 259_200, 432_000)]
    assert told == ["100 ms", "1 s", "1 min", "1 h", "72 h", "5 days"]


def test_band_covers_every_pixel_but_not_a_gap() -> None:
    x = np.array([0.0, 10.0, 20.0, 30.0])
    low, high = np.array([50.0, 50.0, np.nan, 50.0]), np.array([10.0, 10.0, np.nan, 10.0])
    strokes = lines.band(x, low, high)
    assert strokes[:, 0].max() < 10 and len(strokes) == 10
    assert lines.is_band(low, high) and not lines.is_band(low, low - 1)


def test_line_that_would_be_a_wall_becomes_the_band_of_its_neighbours() -> None:
    x = np.arange(200.0)
    line = np.where(np.arange(200) % 4 < 2, 300.0, 100.0)
    assert lines.is_zigzag(x, line, line)
    assert not lines.is_zigzag(x, np.sin(x / 20) * 100, np.sin(x / 20) * 100)
    line[100] = np.nan
    line[50] = 20.0
    low, high = lines.widened(line, line)
    assert np.isnan(low[100]) and np.isnan(high).sum() == 1
    assert high[50] == 20.0, "no spike is lost"
    assert (low[5:95] == 300.0).all() and (high[60:95] == 100.0).all()
