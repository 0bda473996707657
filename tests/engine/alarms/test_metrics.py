"""The performance of the alarm system: figures worked out by hand, and a slow model written plainly."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alarms.metrics import TARGETS, Name, eemua, metrics, upset
from engine.alarms.spells import LETTERS, WHATS, Record, within
from engine.types import AlarmMetrics, AlarmSettings, Letter, What
from tests.engine.alarms.plain_metrics import T0, Plain, Row, S

MIN, HOUR, DAY = 60 * S, 3600 * S, 86_400 * S


def record(rows: list[Row], by_person: list[bool] | None = None) -> Record:
    return Record(
        np.array([T0 + round(row[0] * S) for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int32),
        np.array([WHATS.index(row[2]) for row in rows], np.uint8),
        np.array([row[4] for row in rows], np.uint8),
        np.array([LETTERS.index(row[3]) for row in rows], np.uint8),
        None if by_person is None else np.array(by_person, np.bool_),
    )


def came(second: float, alarm: int = 1, priority: int = 3) -> Row:
    return second, alarm, "active", "B", priority


def went(second: float, alarm: int = 1) -> Row:
    return second, alarm, "returned", "D", 3


def of(
    rows: list[Row],
    hours: float = 1.0,
    known: list[tuple[float, float]] | None = None,
    by_person: list[bool] | None = None,
    stale_s: float = 86_400.0,
    in_order: bool = True,
) -> AlarmMetrics:
    """Metrics of some hours from T0; ``known`` in hours, None = all; rows in order of time, or as given."""
    spans = np.array([[0.0, hours]] if known is None else known, np.float64).reshape(-1, 2)
    spans_us = T0 + np.round(spans * HOUR).astype(np.int64)
    return metrics(
        record(sorted(rows, key=lambda row: row[0]) if in_order else rows, by_person),
        spans_us,
        T0,
        T0 + round(hours * HOUR),
        AlarmSettings(stale_s=stale_s),
        lambda alarm: Name(f"A/{alarm}", "h", "", f"alarm {alarm}"),
    )


def value(found: AlarmMetrics, name: str) -> float | None:
    return next(rate.value for rate in found.rates if rate.name == name)


def test_the_pace_of_a_calm_day() -> None:
    found = of([came(3600.0 * k, alarm=k + 1) for k in range(24)], hours=24)
    assert found.count == 24
    assert value(found, "average in an hour") == 1.0
    assert value(found, "average in 10 minutes") == pytest.approx(1 / 6)
    assert value(found, "average in a day") == 24.0
    assert value(found, "most in an hour") == 1.0, "one alarm each hour, the next one exactly an hour later"
    assert value(found, "10-minute periods above 10") == 0.0
    assert found.hourly == (1,) * 24
    assert found.eemua == "very likely acceptable"
    assert found.upset == ""


def test_ten_minutes_above_ten_are_a_share_of_all_ten_minutes() -> None:
    found = of([came(30.0 * k, alarm=k + 1) for k in range(20)], hours=10)
    assert value(found, "10-minute periods above 10") == pytest.approx(100 / 60)
    assert value(found, "hours above 30") == 0.0
    assert value(found, "most in 10 minutes") == 20.0
    assert found.peaks == ((T0, 20),)
    assert found.hourly == (20, *[0] * 9)


def test_the_worst_ten_minutes_are_found_across_the_edges_of_periods_and_do_not_overlap() -> None:
    found = of([came(second, alarm=1) for second in (590, 595, 605, 610, 615, 3000, 3001)])
    assert value(found, "most in 10 minutes") == 5.0
    assert found.peaks == ((T0 + 590 * S, 5), (T0 + 3000 * S, 2))


def test_an_hour_above_thirty_alarms() -> None:
    found = of([came(60.0 * k) for k in range(31)] + [came(7200.0 + 60.0 * k) for k in range(30)], hours=4)
    assert value(found, "hours above 30") == 25.0
    assert value(found, "most in an hour") == 31.0


def test_time_in_flood_is_that_of_its_beginning_and_end() -> None:
    # The 11th alarm at 100 s; the window empties below 5 when the 7th (60 s) leaves it, at 660 s.
    found = of([came(10.0 * k, alarm=k + 1) for k in range(11)])
    assert found.floods == ((T0 + 100 * S, T0 + 660 * S, 11),)
    assert value(found, "time in flood") == pytest.approx(100 * 560 / 3600)
    assert found.upset == "hard to cope with"


def test_hours_in_which_the_engine_was_down_are_not_calm_hours() -> None:
    rows = [came(600.0 * k, alarm=k + 1) for k in range(12)]
    whole, half = of(rows, hours=24), of(rows, hours=24, known=[(0, 2), (22, 24)])
    assert value(whole, "average in an hour") == 0.5
    assert value(half, "average in an hour") == 3.0
    assert half.days == pytest.approx(4 / 24)


def test_a_period_that_is_partly_known_counts_for_the_part() -> None:
    rows = [came(30.0 * k, alarm=k + 1) for k in range(11)]
    found = of(rows, known=[(0.0, 0.1), (0.5, 1.0)])
    assert value(found, "10-minute periods above 10") == pytest.approx(100 * 0.1 / 0.6)


def test_a_flood_lasts_only_as_long_as_the_engine_saw_it() -> None:
    found = of([came(10.0 * k) for k in range(11)], known=[(0, 400 / 3600), (0.5, 1)])
    assert value(found, "time in flood") == pytest.approx(100 * 300 / (400 + 1800))


def test_below_thirty_days_of_data_nothing_is_judged() -> None:
    assert not of([came(1.0)], hours=29.9 * 24).is_judged
    assert of([came(1.0)], hours=30 * 24).is_judged
    assert not of([came(1.0)], hours=40 * 24, known=[(0, 29 * 24)]).is_judged, "the engine was down"
    assert of([came(1.0)], hours=40 * 24, known=[(0, 15 * 24), (14 * 24, 30 * 24)]).is_judged


def test_of_a_time_in_which_the_engine_never_ran_nothing_is_known() -> None:
    found = of([], known=[])
    assert (found.days, found.is_judged, found.count) == (0.0, False, 0)
    assert {rate.value for rate in found.rates} == {None}
    assert found.eemua == ""


def test_of_no_alarms_there_are_no_shares_but_there_are_rates() -> None:
    found = of([])
    assert value(found, "average in an hour") == 0.0
    assert value(found, "share of the ten most frequent") is None
    assert value(found, "share of priority 1") is None
    assert found.split == (0.0, 0.0, 0.0, 0.0)


def test_the_ten_most_frequent_and_their_share() -> None:
    rows = [came(100.0 * k + 10 * j, alarm=k) for k in range(1, 13) for j in range(k)]
    found = of(rows)
    assert [(actor.alarm, actor.count) for actor in found.actors] == [(k, k) for k in range(12, 2, -1)]
    assert value(found, "share of the ten most frequent") == pytest.approx(100 * 75 / 78)
    first = found.actors[0]
    assert (first.path, first.message, first.share) == ("A/12", "alarm 12", pytest.approx(12 / 78))


def test_an_alarm_that_comes_three_times_within_a_minute_chatters() -> None:
    rows = [came(0), went(5), came(30), went(35), came(59), went(70)]
    rows += [came(0, 2), went(5, 2), came(30, 2), went(35, 2), came(60, 2), went(70, 2)]
    found = of(rows)
    assert [(actor.alarm, actor.chattering) for actor in found.chattering] == [(1, 3)]
    assert value(found, "chattering alarms") == 1.0
    assert value(found, "fleeting alarms") == 1.0, "the other one"


def test_three_alarms_that_come_once_each_do_not_chatter() -> None:
    assert of([came(0, 1), came(1, 2), came(2, 3)]).chattering == ()


def test_an_alarm_that_somebody_acknowledged_was_not_fleeting() -> None:
    acknowledged: Row = (20.0, 1, "acknowledged", "C", 3)
    assert value(of([came(0), acknowledged, went(30)]), "fleeting alarms") == 0.0
    assert value(of([came(0), went(30)]), "fleeting alarms") == 1.0
    assert value(of([came(0), went(60)]), "fleeting alarms") == 0.0
    assert value(of([came(3580)]), "fleeting alarms") == 0.0, "it stands"


def test_stale_alarms_are_counted_on_each_day_and_the_worst_is_told() -> None:
    rows = [came(0, 1), came(3600, 2), went(26 * 3600, 2), came(30 * 3600, 3), went(60 * 3600, 3)]
    found = of(rows, hours=96)
    # Alarm 1 is stale from day 2 on, 2 for an hour of it, 3 from 54 h to 60 h (day 3).
    assert found.stale == (1, 3, 2)
    assert value(found, "stale alarms on the worst day") == 2.0


def test_an_alarm_that_stood_before_the_span_is_stale_in_it() -> None:
    found = of([came(-90_000.0, 7)], hours=1)
    assert found.stale == (7,)
    assert found.count == 0, "it came before"
    assert value(found, "standing alarms on average") == 1.0


def test_standing_and_shelved_alarms_are_averages_over_the_known_time() -> None:
    shelf: list[Row] = [(0.0, 2, "shelved", "E", 3), (900.0, 2, "shelved", "E", 3)]
    shelf.append((2700.0, 2, "expired", "A", 3))
    rows = [came(0), went(1800), *shelf]
    found = of(rows)
    assert value(found, "standing alarms on average") == 0.5
    assert value(found, "shelved alarms on average") == 0.75


def test_alarms_set_aside_call_for_nobody() -> None:
    aside: list[Row] = [(1.0, 1, "active", "E", 3), (2.0, 2, "active", "F", 3), (3.0, 3, "active", "G", 3)]
    assert of(aside).count == 0
    back: list[Row] = [(9.0, 1, "expired", "B", 3), (9.5, 2, "unsuppressed", "A", 3)]
    assert of(aside + back).count == 1, "its shelf ended and there it stood"


def test_an_alarm_that_is_annunciated_again_counts_again_but_does_not_chatter() -> None:
    again: list[Row] = [(10.0, 1, "realarmed", "B", 3), (20.0, 1, "realarmed", "B", 3)]
    found = of([came(0), *again])
    assert found.count == 3
    assert found.chattering == ()


def test_the_split_of_priorities() -> None:
    priorities = [1] + [2] * 2 + [3] * 5 + [4] * 12
    found = of([came(float(k), k + 1, priority) for k, priority in enumerate(priorities)])
    assert found.split == (0.05, 0.1, 0.25, 0.6)
    assert value(found, "share of priority 4") == pytest.approx(60)


def test_split_of_a_plant_with_three_priorities_has_the_targets_of_three() -> None:
    found = of([came(float(k), k + 1, priority) for k, priority in enumerate([1, 2, 2, 2, *[3] * 16])])
    shares = {
        rate.name: (rate.value, rate.target, rate.most) for rate in found.rates if "share of p" in rate.name
    }
    assert shares == {
        "share of priority 1": (5.0, 5, 5),
        "share of priority 2": (15.0, 15, 15),
        "share of priority 3": (80.0, 80, 100),
    }


def test_unauthorised_acts_are_told_only_where_it_is_known_who_did_them() -> None:
    rows: list[Row] = [
        (1.0, 1, "shelved", "E", 3),
        (2.0, 2, "shelved", "E", 3),
        (3.0, 3, "edited", "A", 3),
        (4.0, 4, "suppressed", "F", 3),
    ]
    assert value(of(rows), "unauthorised suppressions") is None
    found = of(rows, by_person=[True, False, False, False])
    assert value(found, "unauthorised suppressions") == 1.0, "what is suppressed by design needs no person"
    assert value(found, "unauthorised changes of alarms") == 1.0


def test_a_clock_that_was_set_back_loses_no_alarm() -> None:
    rows = [came(100.0, 1), came(50.0, 2), came(120.0, 3)]
    spans = np.array([[T0, T0 + HOUR]], np.int64)
    found = metrics(record(rows), spans, T0, T0 + HOUR, AlarmSettings(), lambda alarm: Name("", "h"))
    assert found.count == 3
    assert found.peaks == ((T0 + 50 * S, 3),), "each counts where the journal shows it"


def test_every_figure_has_its_target() -> None:
    found = of([came(1.0, 1, 4)])
    assert [rate.name for rate in found.rates] == list(TARGETS)
    per_hour = found.rates[0]
    assert (per_hour.target, per_hour.most) == (6.0, 12.0)


@pytest.mark.parametrize(
    ("average", "word"),
    [
        (0.99, "very likely acceptable"),
        (1.0, "manageable"),
        (2.0, "manageable"),
        (5.0, "likely to be over-demanding"),
        (10.1, "very likely unacceptable"),
    ],
)
def test_eemua_names_an_average(average: float, word: str) -> None:
    assert eemua(average) == word


def test_eemua_names_an_upset() -> None:
    assert [upset(count) for count in (9, 20, 100, 101)] == [
        "should be manageable",
        "hard to cope with",
        "hard to cope with",
        "definitely excessive",
    ]


def test_stretches_that_overlap_are_joined() -> None:
    found = within(np.array([[5, 9], [0, 6], [1, 2], [20, 30], [9, 10]], np.int64), 1, 25)
    assert found.tolist() == [[1, 10], [20, 25]]


# The same figures as a person would work them out, alarm by alarm.

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 7, 29, 30, 31, 60, 400, 4000, -45, -700]),
        st.integers(1, 4),
        st.sampled_from(("active", "returned", "acknowledged", "realarmed", "shelved", "expired", "removed")),
        st.sampled_from(LETTERS),
        st.integers(1, 4),
    ),
    max_size=60,
)
SPANS = st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 9_000)), max_size=3)


@settings(max_examples=150)
@given(steps=ROWS, spans=SPANS)
def test_arrays_say_what_a_plain_count_says(
    steps: list[tuple[int, int, What, Letter, int]], spans: list[tuple[int, int]]
) -> None:
    rows: list[Row] = []
    now = -500
    for step, alarm, what, letter, priority in steps:
        now += step
        rows.append((now, alarm, what, letter, priority))
    known = [(begin, begin + length) for begin, length in spans]
    found = of(rows, 10, [(a / 3600, b / 3600) for a, b in known], stale_s=1000.0, in_order=False)
    seconds = {second for a, b in known for second in range(a, min(b, 36_000))}
    plain = Plain(rows, 36_000, seconds)
    assert found.count == len(plain.called)
    assert list(found.hourly) == [sum(second // 3600 == k for second, _ in plain.called) for k in range(10)]
    assert list(found.known_s) == [sum(second // 3600 == k for second in seconds) for k in range(10)]
    assert list(found.flood_peaks) == plain.flood_peaks([flood[:2] for flood in found.floods])
    if not seconds:
        return
    expected = plain.figures()
    assert {name: value(found, name) for name in expected} == pytest.approx(expected)
    assert {actor.alarm: actor.chattering for actor in found.chattering} == plain.chatter()
    assert set(found.stale) == plain.stale(1000)
    assert [stood.alarm for stood in found.stood] == list(found.stale)
    for stood in found.stood:
        lasted = [end - begin for alarm, begin, end, _, _ in plain.spells if alarm == stood.alarm]
        assert (stood.end_us - stood.begin_us) / S == max(lasted)


def _year(rows: int, alarms: int) -> Record:
    rng = np.random.default_rng(1)
    at = np.sort(rng.integers(T0, T0 + 365 * DAY, rows))
    what = np.where(np.arange(rows) % 2 == 0, WHATS.index("active"), WHATS.index("returned"))
    letter = np.where(np.arange(rows) % 2 == 0, LETTERS.index("B"), LETTERS.index("D"))
    alarm = rng.integers(1, alarms, rows).astype(np.int32)
    priority = rng.integers(1, 5, rows).astype(np.uint8)
    return Record(at, alarm, what.astype(np.uint8), priority, letter.astype(np.uint8))


@pytest.mark.bench
@pytest.mark.parametrize(("rows", "alarms"), [(2 * 300 * 365, 2_000), (5_000_000, 10_000)])
def test_a_year_is_worked_out_in_seconds(
    rows: int, alarms: int, record_property: pytest.FixtureRequest
) -> None:
    year, spans = _year(rows, alarms), np.array([[T0, T0 + 365 * DAY]], np.int64)
    began = perf_counter()
    found = metrics(year, spans, T0, T0 + 365 * DAY, AlarmSettings(), lambda alarm: Name("", "h"))
    print(f"{rows} changes: {perf_counter() - began:.2f} s")
    assert found.count == rows // 2
    assert found.is_judged
