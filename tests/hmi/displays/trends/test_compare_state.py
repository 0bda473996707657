"""Another period beside the one on show."""

from __future__ import annotations

import numpy as np

from engine.types import Curve
from hmi.displays.trends import compare_state
from hmi.displays.trends.compare_state import Compare
from hmi.pens import pen_of
from hmi.widgets.trend_lines import Span
from tests.hmi.displays.trends.plant import MODEL, PRESSURE, PUMP, STATE
from tests.hmi.plant import NOW_US

ZONE = "Europe/Berlin"
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000


def line(times: list[int], values: list[float], highs: list[float] | None = None) -> Curve:
    return Curve(
        np.array(times, np.int64), np.array(values), np.array(highs or values), np.zeros(len(times), np.bool_)
    )


def test_same_time_of_the_day_before_is_23_or_25_hours_away_over_a_change_of_the_clock() -> None:
    assert compare_state.days_before(NOW_US, 1, ZONE) == DAY_US
    after = compare_state.written("2026-10-25 12:00", ZONE)
    assert after is not None
    assert compare_state.days_before(after, 1, ZONE) == DAY_US + HOUR_US
    assert compare_state.days_before(after + 6 * DAY_US, 7, ZONE) == 7 * DAY_US + HOUR_US


def test_start_is_read_as_it_is_written() -> None:
    assert compare_state.typed(NOW_US, ZONE) == "2026-11-22 14:13:46"
    assert compare_state.written(" 2026-11-22  14:13:46", ZONE) == NOW_US
    assert compare_state.written("22.11.2026", ZONE) is None
    assert compare_state.written("2026-13-40 14:13", ZONE) is None


def test_other_period_stands_at_the_times_of_the_window() -> None:
    curve = line([100, 200, 300, 400], [1, 2, 3, 4])
    assert compare_state.beside(curve, Compare(1000, "")).time_us.tolist() == [1100, 1200, 1300, 1400]
    part = compare_state.beside(curve, Compare(1000, "", only=(1150, 1250)))
    assert part.time_us.tolist() == [1100, 1200, 1300]


def test_legend_says_when_both_periods_are() -> None:
    span = Span(NOW_US - HOUR_US, NOW_US, 500)
    here, there = compare_state.legend(Compare(DAY_US, "yesterday"), span, NOW_US, ZONE)
    assert here == "13:13:46 to 14:13:46"
    assert there == "Sat 21 Nov 13:13:46 to 14:13:46 · yesterday"


def test_rising_edges_are_found_and_a_gap_is_none() -> None:
    nan = float("nan")
    assert compare_state.rising(line([1, 2, 3, 4, 5], [0, 1, 1, 0, 1])) == [2, 5]
    assert compare_state.rising(line([1, 2, 3, 4], [0, nan, 1, 1])) == []
    assert compare_state.rising(line([1, 2, 3], [2, 3, 2]), least=2.0) == [2]


def test_edge_within_a_column_that_held_both_is_counted_once() -> None:
    assert compare_state.rising(line([1, 2, 3], [0, 0, 1], [0, 1, 1])) == [2]
    assert compare_state.rising(line([1, 2, 3], [0, 0, 0], [0, 1, 0])) == [2]


def test_run_before_is_the_distance_of_the_last_two_edges() -> None:
    assert compare_state.run_before([100, 500, 800], 900) == 300
    assert compare_state.run_before([100, 500, 800], 700) == 400
    assert compare_state.run_before([100, 500], 300) is None


def test_only_switches_and_states_begin_a_run() -> None:
    pens = [pen_of(MODEL, MODEL.index[path], 0, ("#000000",)) for path in (PRESSURE, PUMP, STATE)]
    assert [each.path for each in compare_state.aligners(pens)] == [PUMP, STATE]
