"""A past instant in place of now."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.types import Instant, Kpi, Status
from hmi import replay
from hmi.model import build
from hmi.replay import Past, Replay
from tests.hmi.line import LINE, PRESSURE, VALUES, alarm
from tests.hmi.plant import NOW_US

MODEL = build(LINE)
HOUR_US = 3_600_000_000


def past(at_us: int = NOW_US, **change: object) -> Past:
    count = len(MODEL.tags)
    facts = {
        "time_us": np.full(count, at_us - 1_000_000, np.int64),
        "value": np.array(VALUES),
        "quality": np.zeros(count, np.uint32),
    }
    return Past(at_us, Instant(**{**facts, **change}))  # type: ignore[arg-type]


def test_replay_begins_ten_minutes_ago_or_with_the_first_sample():
    assert replay.begun(NOW_US, NOW_US - HOUR_US).at_us == NOW_US - 600_000_000
    assert replay.begun(NOW_US, NOW_US - 60_000_000).at_us == NOW_US - 60_000_000
    assert replay.begun(NOW_US, None).at_us == NOW_US


@given(st.lists(st.integers(-(10**15), 10**15)), st.sampled_from(replay.SPEEDS))
def test_replay_never_leaves_the_history(moves, speed):
    made = replay.with_speed(replay.begun(NOW_US, NOW_US - 72 * HOUR_US), speed)
    for by_us in moves:
        made = replay.with_play(replay.moved(made, made.at_us + by_us), True)
        made = replay.played(made, 200_000, NOW_US)
        assert made.first_us <= made.at_us <= made.last_us


def test_replay_plays_at_its_speed_and_stops_at_the_present():
    made = Replay(NOW_US - 30_000_000, NOW_US - HOUR_US, NOW_US, 60, is_playing=True)
    made = replay.played(made, 200_000, NOW_US)
    assert made.at_us == NOW_US - 18_000_000
    for _ in range(5):
        made = replay.played(made, 200_000, NOW_US)
    assert made.at_us == NOW_US and not made.is_playing


def test_a_held_replay_stands_still():
    made = replay.begun(NOW_US, 0)
    assert replay.played(made, 5_000_000, NOW_US + 5_000_000).at_us == made.at_us


def test_values_of_then_keep_their_quality_and_a_stale_one_its_age():
    count = len(MODEL.tags)
    quality, time_us = np.zeros(count, np.uint32), np.full(count, NOW_US - 90_000_000, np.int64)
    quality[1], time_us[2] = Status.STALE, 0
    shown = replay.snapshot(MODEL, past(quality=quality, time_us=time_us))
    assert shown is not None
    assert shown.value[0] == VALUES[0] and shown.age_s[0] == 0
    assert shown.stale[1] and shown.age_s[1] == 90
    assert np.isnan(shown.value[2]) and shown.status[2] == Status.WAITING_FOR_INITIAL_DATA


def test_alarms_of_then_mark_their_tags_with_the_worst_priority():
    high, higher = alarm(PRESSURE, 2), alarm(PRESSURE, 1)
    returned = alarm(MODEL.tags[0].path, 1, "returned")
    made = past()
    shown = replay.snapshot(MODEL, Past(made.at_us, made.instant, {}, (high, higher, returned)))
    assert shown is not None
    assert shown.alarm[MODEL.index[PRESSURE]] == 1 and shown.alarm[0] == 0


def test_values_of_another_list_of_tags_are_not_shown():
    nothing = np.zeros(3)
    assert replay.snapshot(MODEL, past(value=nothing)) is None


def test_figures_are_not_shown_as_if_they_were_of_then():
    now = Kpi("oee", "OEE", "%", 1, 84.0, 0, 85.0, "S50 stops", NOW_US, 0.4)
    (then,) = replay.past_kpis((now,))
    assert then.value is None and then.status == Status.WAITING_FOR_INITIAL_DATA and then.reason


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("14:05", 0), ("14:05:30", 30), ("9:05", -5 * 3600), ("2023-11-13 14:05", -86_400)],
)
def test_a_time_is_understood_as_of_the_day_on_show(text, seconds):
    at_us = replay.parse_when("2023-11-14 14:05", 0, "Europe/Berlin")
    assert at_us is not None
    assert replay.parse_when(text, at_us + 7_000_000, "Europe/Berlin") == at_us + seconds * 1_000_000


@pytest.mark.parametrize("text", ["", "noon", "25:00", "14", "2023-13-40 10:00", "1 2 3"])
def test_what_is_no_time_is_not_guessed(text):
    assert replay.parse_when(text, NOW_US, "UTC") is None
