"""When a flood of alarms begins and ends."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.alarms.flood import WINDOW_US, FloodWatch, floods
from engine.types import AlarmSettings, Flood

S = 1_000_000
UTC = 1_700_000_000 * S
SETTINGS = AlarmSettings()


def sent(watch: FloodWatch, seconds: list[float], first: int = 1) -> list[bool]:
    return [
        watch.came(first + k, UTC + round(second * S), round(second * S)) for k, second in enumerate(seconds)
    ]


def test_ten_alarms_in_ten_minutes_are_no_flood_and_the_eleventh_is() -> None:
    watch = FloodWatch(SETTINGS)
    assert sent(watch, [60.0 * k for k in range(9)] + [599.0]) == [False] * 10
    assert watch.flood is None
    assert sent(watch, [599.5], first=11) == [True]
    assert watch.flood == Flood(UTC + 599_500_000, 11, 1)


def test_the_alarm_of_ten_minutes_ago_counts_no_more() -> None:
    watch = FloodWatch(SETTINGS)
    assert not any(sent(watch, [0.0] + [300.0] * 9 + [600.0]))
    assert sent(watch, [600.1], first=99) == [True]
    assert watch.flood is not None
    assert watch.flood.first == 2, "the first of those that made it a flood"


def test_a_flood_ends_when_fewer_than_five_came_in_ten_minutes() -> None:
    watch = FloodWatch(SETTINGS)
    sent(watch, [float(k) for k in range(12)])
    sent(watch, [500.0, 501.0, 502.0, 503.0], first=20)
    assert not watch.passed(610 * S)
    assert watch.flood is not None
    assert watch.flood.count == 5
    assert watch.passed(611 * S)
    assert watch.flood is None
    assert not watch.passed(612 * S), "it ends once"


def test_a_flood_that_goes_on_keeps_its_beginning_and_its_first_alarm() -> None:
    watch = FloodWatch(SETTINGS)
    began = sent(watch, [float(30 * k) for k in range(100)])
    assert began.count(True) == 1
    assert watch.flood is not None
    assert (watch.flood.since_us, watch.flood.first) == (UTC + 300 * S, 1)
    assert watch.flood.count == 20


def test_a_clock_that_is_set_neither_begins_nor_ends_a_flood() -> None:
    watch = FloodWatch(SETTINGS)
    for k in range(10):
        watch.came(k, UTC, k * 120 * S)
    assert watch.flood is None, "the clock stands still, the minutes go by"
    for k in range(11):
        watch.came(k, UTC - k * 3600 * S, 2000 * S + k * S)
    assert watch.flood is not None


def test_quiet_hours_between_two_floods_make_them_two_even_if_nobody_looked() -> None:
    watch = FloodWatch(SETTINGS)
    sent(watch, [float(k) for k in range(11)])
    assert sent(watch, [9000.0 + k for k in range(11)], first=50) == [False] * 10 + [True]
    assert watch.flood == Flood(UTC + 9010 * S, 11, 50)


def test_after_a_restart_in_a_flood_it_goes_on() -> None:
    before = Flood(UTC - 1200 * S, 40, 7)
    recent = [(k, UTC - 30 * k * S) for k in range(8)]
    watch = FloodWatch(SETTINGS)
    watch.resume(recent, before, UTC, 5 * S)
    assert watch.flood == Flood(UTC - 1200 * S, 8, 7)
    late = FloodWatch(SETTINGS)
    late.resume(recent[:3], before, UTC, 5 * S)
    assert late.flood is None, "while the engine was down it ended"


def test_a_restart_after_the_clock_was_set_back_counts_what_lies_in_the_future_as_of_now() -> None:
    watch = FloodWatch(SETTINGS)
    watch.resume([(k, UTC + 3600 * S) for k in range(12)], None, UTC, 5 * S)
    assert watch.flood is not None
    assert watch.passed(5 * S + WINDOW_US)


def test_a_storm_needs_little_memory() -> None:
    watch = FloodWatch(SETTINGS)
    tracemalloc.start()
    try:
        for k in range(20_000):
            watch.came(k, UTC + k * 1000, k * 1000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert watch.flood is not None
    assert watch.flood.count == 20_000
    assert kept < 100_000, "20 s are 200 lots"


def test_a_flood_that_would_end_above_where_it_starts_ends_where_it_starts() -> None:
    odd = AlarmSettings(flood_starts=3, flood_ends=50)
    watch = FloodWatch(odd)
    assert sent(watch, [1.0, 2.0, 3.0, 4.0]) == [False, False, False, True]
    assert not watch.passed(5 * S)
    assert watch.passed(601 * S)


@pytest.mark.parametrize("settings", [SETTINGS, AlarmSettings(flood_starts=3, flood_ends=2)])
@given(gaps=st.lists(st.sampled_from([0, 1, 20, 59, 60, 61, 130, 299, 300, 601]), max_size=120))
def test_floods_of_the_past_are_those_that_were_seen_as_they_came(
    settings: AlarmSettings, gaps: list[int]
) -> None:
    times = np.cumsum(np.array(gaps, np.int64)) * S
    watch, seen = FloodWatch(settings), list[list[int]]()
    for now in sorted({0, *times.tolist(), *(times + WINDOW_US).tolist()}):
        if watch.passed(now):
            seen[-1].append(now)
        for _ in times[times == now]:
            if watch.came(1, now, now):
                seen.append([now])
    assert [[begin, end] for begin, end, _ in floods(times, settings).tolist()] == seen


def test_a_flood_of_the_past_counts_the_alarms_that_made_it_one() -> None:
    times = np.array([*range(0, 110, 10), 400, 900], np.int64) * S
    assert floods(times, SETTINGS).tolist() == [[100 * S, 670 * S, 12]]
    assert floods(times[:10], SETTINGS).tolist() == []
