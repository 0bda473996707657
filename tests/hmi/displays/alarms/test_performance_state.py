"""Which time the performance is asked for, and what may be said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.typed import convert
from engine.types import AlarmMetrics, Rate
from engine.wire import AlarmMetricsBody
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.state import Figures
from tests.hmi.displays.alarms.performing import DAY, HOUR, MIN, ZONE, figures
from tests.hmi.plant import NOW_US


def utc(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1e6)


def rate(name: str, value: float | None, target: float = 6, most: float = 12, unit: str = "") -> Rate:
    return Rate(name, value, target, most, unit)


def test_a_day_begins_with_a_full_hour_of_the_plant() -> None:
    start_us, end_us = state.stretch("24h", utc(2026, 11, 22, 13, 13, 46), ZONE)
    assert (start_us, end_us) == (utc(2026, 11, 21, 13), utc(2026, 11, 22, 13, 13, 46))
    in_india = state.stretch("24h", utc(2026, 11, 22, 13, 13), "Asia/Kolkata")[0]
    assert in_india == utc(2026, 11, 21, 12, 30), "18:00 there"


@pytest.mark.parametrize(
    ("key", "begins"), [("7d", (11, 14, 23)), ("30d", (10, 22, 22)), ("90d", (8, 23, 22))]
)
def test_days_begin_at_midnight_of_the_plant_in_summer_and_winter(key: str, begins: tuple[int, ...]) -> None:
    found = state.stretch(key, utc(2026, 11, 22, 13, 13), ZONE)
    assert found == (utc(2026, *begins), utc(2026, 11, 22, 13, 13))


def test_a_stretch_of_ones_own_is_cut_at_now_and_what_is_wrong_is_said() -> None:
    def own(start: str, end: str) -> object:
        return state.own(start, end, NOW_US, ZONE)

    assert own("2026-11-21 13:00", "2026-11-22 01:00") == (utc(2026, 11, 21, 12), utc(2026, 11, 22, 0))
    assert own("2026-11-21 13:00", "2027-01-01 00:00") == (utc(2026, 11, 21, 12), NOW_US)
    assert "2026-11-21 13:02" in str(own("yesterday", "2026-11-22 01:00"))
    assert own("2026-11-22 01:00", "2026-11-21 13:00") == "The end is not after the start."
    assert own("2027-01-01 00:00", "2027-02-01 00:00") == "The start is still to come."
    assert own("2020-01-01 00:00", "2026-11-22 01:00") == "Choose 800 days at most."


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "meets"), (6.0, "meets"), (6.01, "over"), (12.0, "over"), (12.01, "beyond"), (None, "unknown")],
)
def test_a_figure_stands_below_or_over_its_target_or_its_maximum(value: float | None, said: str) -> None:
    assert state.verdict(rate("average in an hour", value), True) == said


def test_the_lowest_priority_is_to_have_most_of_the_alarms() -> None:
    def said(value: float) -> str:
        return state.verdict(rate("share of priority 4", value, 80, 100, "%"), True)

    assert (said(79.9), said(80.0), said(97.0)) == ("below", "meets", "meets")


def test_nothing_is_judged_below_thirty_days() -> None:
    assert state.verdict(rate("average in an hour", 99.0), False) == "unjudged"
    short = figures(29)
    said = {state.verdict(each, short.metrics.is_judged) for each in short.metrics.rates}
    assert said <= {"unjudged", "unknown"}
    assert state.summary(short) == "29 days of data: below 30 days no figure is called good or bad."
    assert state.eemua(short) == "", "its classes are judgements as well"


def test_from_thirty_days_on_it_is_said_how_many_figures_meet_their_target() -> None:
    long = figures(31)
    said = [state.verdict(each, True) for each in long.metrics.rates]
    count = sum(each.value is not None for each in long.metrics.rates)
    assert state.summary(long) == (
        f"31 days of data: {said.count('meets')} of {count} figures meet their target; "
        f"{said.count('beyond')} are over the maximum."
    )
    assert state.when_judged(long) == ""
    assert state.eemua(long) == (
        "EEMUA 191 calls the average very likely acceptable, and the worst 10 minutes hard to cope with."
    )
    assert "no flood" in state.eemua(figures(31, events=[(NOW_US - DAY, 1, MIN)]))


def test_days_of_data_are_never_rounded_up() -> None:
    assert state.days_text(29.97, "en") == "29.9 days"
    assert state.days_text(30.0, "en") == "30 days"
    assert state.days_text(1.04, "en") == "1 day"
    assert state.days_text(29.97, "de") == "29,9 days"


def test_a_new_plant_is_told_the_day_from_which_on_it_is_judged() -> None:
    new = figures(31, known=[(NOW_US - 12 * DAY, NOW_US)])
    assert state.when_judged(new) == "They will be judged from 10 Dec 2026 on, if the engine runs until then."


def test_a_short_choice_and_holes_in_the_record_are_told_what_to_choose() -> None:
    assert state.when_judged(figures(7)) == "Choose 30 days or more to have them judged."
    holes = figures(31, known=[(NOW_US - 31 * DAY, NOW_US - 20 * DAY), (NOW_US - 15 * DAY, NOW_US)])
    assert state.when_judged(holes) == "The engine did not run for 5 days of this time: choose a longer one."
    nothing = figures(31, known=[])
    assert state.when_judged(nothing) == "Nothing is known of this time: the engine did not run."


def test_a_stretch_of_the_past_with_too_little_data_names_no_day_to_come() -> None:
    begin_us = NOW_US - 100 * DAY
    metrics = AlarmMetrics(
        begin_us,
        begin_us + 40 * DAY,
        20.0,
        False,
        0,
        hourly=(0,) * 960,
        known_s=(0,) * 480 + (3600,) * 480,
    )
    past = Figures(metrics, "", NOW_US, ZONE, "en")
    assert state.when_judged(past) == "The engine did not run for 20 days of this time: choose a longer one."


@pytest.mark.parametrize(
    ("name", "value", "unit", "text"),
    [
        ("average in an hour", 8.024, "", "8.02"),
        ("average in a day", 192.6, "", "193"),
        ("share of the ten most frequent", 74.83, "%", "74.8\u202f%"),
        ("most in an hour", 88.0, "", "88"),
        ("chattering alarms", 4.0, "", "4"),
        ("average in an hour", None, "", "not known"),
    ],
)
def test_figures_have_no_more_digits_than_mean_something(
    name: str, value: float | None, unit: str, text: str
) -> None:
    assert state.value_text(rate(name, value, unit=unit), "en") == text


def test_the_question_is_one_that_the_engine_takes() -> None:
    asked = convert(state.body((1, 2), "Body shop"), AlarmMetricsBody)
    assert asked == AlarmMetricsBody(1, 2, "Body shop")


def test_every_figure_of_the_engine_has_words() -> None:
    assert [each.name for each in figures().metrics.rates if each.name not in state.NAMES] == []


def test_it_is_said_as_of_when_the_figures_are() -> None:
    found = figures()
    assert state.as_of(found, NOW_US + MIN, False, False) == "As of 14:13:46"
    assert state.as_of(found, NOW_US + 7 * MIN, False, False) == "As of 14:13:46, 7 min ago"
    assert state.as_of(found, NOW_US, True, False) == "Working the figures out… As of 14:13:46."
    assert state.as_of(found, NOW_US, False, True) == "The engine does not answer. As of 14:13:46."
    assert state.as_of(found, NOW_US + 30 * HOUR, False, False).startswith("As of Sun 22 Nov 14:13:46")
    assert state.as_of(None, NOW_US, False, True) == "The engine does not answer."
