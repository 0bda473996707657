"""The performance of journals whose answer is known before they are made, on odd days, and by a bad clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alarms.metrics import Name, metrics
from engine.types import AlarmMetrics, AlarmSettings
from tests.engine.alarms.plain_metrics import T0, Row, S
from tests.engine.alarms.test_metrics import DAY, HOUR, MIN, came, of, record, value, went

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Answer:
    """What a made journal must give."""

    hourly: list[int]
    floods: list[tuple[int, int]]
    """Alarms, and the worst 10 minutes, of each."""
    priorities: dict[int, int]


@st.composite
def journals(draw: st.DrawFn) -> tuple[list[Row], Answer]:
    """Hours with a known number of alarms each: spread evenly (no flood), or a burst at its half (a flood).

    All alarms come and go in an hour of their own, so that everything about it can be said beforehand.
    """
    hours = draw(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 0, 0, 12, 40])), max_size=30))
    rows: list[Row] = []
    hourly: list[int] = []
    floods: list[tuple[int, int]] = []
    priorities = dict.fromkeys((1, 2, 3, 4), 0)
    for hour, (calm, burst) in enumerate(hours):
        # Calm ones a minute apart at the start of the hour, the burst 30 minutes later, 10 s apart.
        seconds = [60 * k for k in range(calm)] + [1800 + 10 * k for k in range(burst)]
        for second in seconds:
            alarm, priority = draw(st.integers(1, 5)), draw(st.integers(1, 4))
            rows.append((hour * 3600 + second, alarm, "active", "B", priority))
            rows.append((hour * 3600 + second + 5, alarm, "returned", "D", priority))
            priorities[priority] += 1
        hourly.append(len(seconds))
        if burst:
            floods.append((burst, burst))
    return rows, Answer(hourly, floods, priorities)


@settings(max_examples=60)
@given(made=journals())
def test_a_journal_gives_the_answer_it_was_made_for(made: tuple[list[Row], Answer]) -> None:
    rows, answer = made
    hours = max(len(answer.hourly), 1)
    found = of(rows, hours)
    count = sum(answer.hourly)
    assert found.count == count
    assert list(found.hourly[: len(answer.hourly)]) == answer.hourly
    assert value(found, "average in an hour") == pytest.approx(count / hours)
    assert value(found, "most in an hour") == max(_in_any_hour(rows), default=0)
    assert value(found, "hours above 30") == pytest.approx(100 * sum(n > 30 for n in answer.hourly) / hours)
    assert [
        (n, peak) for (_, _, n), peak in zip(found.floods, found.flood_peaks, strict=True)
    ] == answer.floods
    # From the 11th alarm to when the 5th last is 10 minutes old.
    lasted = sum(600 + 10 * (burst - 5) - 100 for burst, _ in answer.floods)
    assert value(found, "time in flood") == pytest.approx(100 * lasted / (3600 * hours))
    if count:
        assert found.split == pytest.approx([answer.priorities[k] / count for k in (1, 2, 3, 4)])
        assert sum(actor.count for actor in found.actors) == count
        assert value(found, "share of the ten most frequent") == pytest.approx(100)
    assert value(found, "standing alarms on average") == pytest.approx(_standing(rows) / (3600 * hours))


def _in_any_hour(rows: list[Row]) -> list[int]:
    times = [row[0] for row in rows if row[2] == "active"]
    return [sum(a <= b < a + 3600 for b in times) for a in times]


def _standing(rows: list[Row]) -> float:
    """Seconds for which alarms stood, each alarm by itself; one that comes again while it stands goes on."""
    total = 0.0
    for alarm in {row[1] for row in rows}:
        on: float | None = None
        for row in sorted((each for each in rows if each[1] == alarm), key=lambda each: each[0]):
            if row[2] == "active":
                on = row[0] if on is None else on
            elif on is not None:
                total, on = total + row[0] - on, None
    return total


def test_the_peak_of_a_flood_is_its_worst_ten_minutes() -> None:
    # 20 alarms in 100 s, then one a minute for half an hour: the flood goes on, its worst lies at its start.
    rows = [came(5.0 * k, alarm=k + 1) for k in range(20)]
    rows += [came(100.0 + 60.0 * k, alarm=50 + k) for k in range(30)]
    found = of(rows, hours=2)
    assert [flood[2] for flood in found.floods] == [50]
    assert found.flood_peaks == (29,)
    assert value(found, "most in 10 minutes") == 29.0


def test_a_flood_that_runs_on_beyond_the_span_has_the_peak_that_was_seen() -> None:
    found = of([came(3300.0 + 10 * k, alarm=k + 1) for k in range(25)], hours=1)
    assert found.floods == ((T0 + 3400 * S, T0 + HOUR, 25),)
    assert found.flood_peaks == (25,)


def test_seconds_in_which_the_engine_ran_are_told_of_each_hour() -> None:
    found = of([came(1.0)], hours=3.5, known=[(0.0, 0.25), (1.0, 2.0), (3.25, 9.0)])
    assert found.known_s == (900, 3600, 0, 900)
    assert len(found.hourly) == 4


def test_of_an_alarm_that_stood_too_long_its_longest_time_is_told() -> None:
    rows = [came(0, 1), went(30 * 3600, 1), came(31 * 3600, 1), went(80 * 3600, 1), came(60 * 3600, 2)]
    found = of(rows, hours=96)
    told = [(stood.alarm, stood.path, stood.begin_us, stood.end_us, stood.is_open) for stood in found.stood]
    assert told == [
        (1, "A/1", T0 + 31 * HOUR, T0 + 80 * HOUR, False),
        (2, "A/2", T0 + 60 * HOUR, T0 + 96 * HOUR, True),
    ]


# Days that do not have 24 hours


def day(year: int, month: int, number: int) -> tuple[int, int]:
    """A day of Berlin's calendar, UTC microseconds."""
    begin = datetime(year, month, number, tzinfo=BERLIN)
    return tuple(round(each.timestamp() * 1e6) for each in (begin, begin + timedelta(days=1)))


def over(rows: list[tuple[int, int]], span: tuple[int, int]) -> AlarmMetrics:
    """Metrics of a span in which the engine ran; rows are (time_us, alarm)."""
    made = record([((time_us - T0) / S, alarm, "active", "B", 3) for time_us, alarm in rows])
    return metrics(made, np.array([span], np.int64), *span, AlarmSettings(), lambda _: Name("", "h"))


@pytest.mark.parametrize(("when", "hours"), [((2026, 10, 25), 25), ((2026, 3, 29), 23), ((2026, 6, 1), 24)])
def test_a_day_has_as_many_hours_as_it_has_and_an_alarm_a_half_hour_is_two_in_each(
    when: tuple[int, int, int], hours: int
) -> None:
    span = day(*when)
    assert (span[1] - span[0]) / HOUR == hours
    found = over([(at, 1 + k) for k, at in enumerate(range(span[0], span[1], 30 * MIN))], span)
    assert found.hourly == (2,) * hours
    assert found.known_s == (3600,) * hours
    assert value(found, "average in an hour") == 2.0
    assert value(found, "average in a day") == 48.0, "of 24 hours, however long this one was"
    assert found.days == pytest.approx(hours / 24)


def test_the_two_hours_of_the_same_name_in_autumn_are_kept_apart() -> None:
    span = day(2026, 10, 25)
    first, second = (
        round(datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=BERLIN).timestamp() * 1e6) for fold in (0, 1)
    )
    assert second - first == HOUR
    found = over([(first, 1), (second, 2), (second + MIN, 3)], span)
    assert (found.hourly[2], found.hourly[3]) == (1, 2)
    assert sum(found.hourly) == 3


def test_thirty_days_over_the_change_of_clocks_are_judged() -> None:
    begin = round(datetime(2026, 10, 10, tzinfo=BERLIN).timestamp() * 1e6)
    assert over([], (begin, begin + 30 * DAY)).is_judged
    spring = datetime(2026, 3, 10, tzinfo=BERLIN)
    short = tuple(round((spring + timedelta(days=n)).timestamp() * 1e6) for n in (0, 30))
    assert not over([], (short[0], short[1])).is_judged, "an hour is missing of 30 times 24"


# A clock that is set


def test_a_clock_set_back_an_hour_makes_no_flood_of_calm_alarms() -> None:
    # An alarm every 5 minutes; after 2 hours the clock is set back by one.
    rows = [came(300.0 * k, alarm=k + 1) for k in range(24)]
    rows += [came(3600 + 300.0 * k, alarm=100 + k) for k in range(24)]
    found = of(rows, hours=4, in_order=False)
    assert found.count == 48
    assert found.hourly == (12, 24, 12, 0)
    assert found.floods == ()
    assert value(found, "most in 10 minutes") == 4.0
    assert value(found, "hours above 30") == 0.0


def test_one_change_noted_far_in_the_future_moves_no_other() -> None:
    rows = [came(60.0, 1), came(5 * 3600.0, 2), came(120.0, 3), came(180.0, 4)]
    found = of(rows, hours=6, in_order=False)
    assert found.hourly == (3, 0, 0, 0, 0, 1)
    beyond = of([came(60.0, 1), came(40 * 3600.0, 2), came(120.0, 3)], hours=6, in_order=False)
    assert beyond.hourly == (2, 0, 0, 0, 0, 0)


def test_an_alarm_over_which_the_clock_was_set_back_is_neither_fleeting_nor_standing() -> None:
    found = of([came(3000.0, 1), went(2000.0, 1), came(2100.0, 2), went(2130.0, 2)], hours=1, in_order=False)
    assert value(found, "fleeting alarms") == 1.0, "only the second: how long the first lasted nobody knows"
    assert value(found, "standing alarms on average") == pytest.approx(30 / 3600)


def test_a_clock_set_ahead_leaves_a_hole_and_no_alarm_is_lost() -> None:
    rows = [came(600.0 * k, k + 1) for k in range(6)] + [came(7200 + 600.0 * k, 10 + k) for k in range(6)]
    found = of(rows, hours=3, in_order=False)
    assert found.hourly == (6, 0, 6)
    assert value(found, "average in an hour") == 4.0
