"""The hours of the strip: bars, ticks of the plant's calendar, words, and the table of the same."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hmi.displays.alarms.performance import hours, rows
from hmi.displays.alarms.performance.state import Figures
from tests.hmi.displays.alarms.performing import DAY, HOUR, MIN, ZONE, answer, figures
from tests.hmi.plant import NOW_US

BERLIN = ZoneInfo(ZONE)


def day(month: int, number: int, hour: int = 0, days: int = 1) -> tuple[int, int]:
    """Days of Berlin's calendar in 2026, UTC microseconds."""
    begin, end = (datetime(2026, month, number + n, hour, tzinfo=BERLIN) for n in (0, days))
    return round(begin.timestamp() * 1e6), round(end.timestamp() * 1e6)


def made(
    span: tuple[int, int], every_us: int = 30 * MIN, known: list[tuple[int, int]] | None = None
) -> Figures:
    found = answer(span, [(at, 1, MIN) for at in range(*span, every_us)], known)
    return Figures(found, "", NOW_US, ZONE, "en")


def test_every_hour_is_a_bar_where_there_is_room_and_the_worst_of_some_where_not() -> None:
    found = figures(30, events=[(NOW_US - DAY + 30_000_000 * k, 1, MIN) for k in range(40)]).metrics
    wide, narrow = hours.bars(found, 720 * 4), hours.bars(found, 700)
    assert len(wide) == 720
    assert len(narrow) == 180
    assert max(bar.worst for bar in wide) == max(bar.worst for bar in narrow) == 40
    assert [narrow[0].first, narrow[0].last, narrow[-1].last] == [0, 4, 720]


def test_a_bar_knows_how_much_of_it_the_engine_saw() -> None:
    span = day(11, 2)
    found = made(span, known=[(span[0], span[0] + 90 * MIN)]).metrics
    assert [bar.known for bar in hours.bars(found, 600)[:3]] == [1.0, 0.5, 0.0]


def test_the_last_hour_is_whole_as_far_as_it_has_come() -> None:
    start_us = day(11, 2)[0]
    assert [bar.known for bar in hours.bars(made((start_us, start_us + 90 * MIN)).metrics, 600)] == [1.0, 1.0]


@pytest.mark.parametrize(("when", "count"), [((10, 25), 25), ((3, 29), 23)])
def test_the_day_of_the_change_of_clocks_has_its_own_number_of_hours(
    when: tuple[int, int], count: int
) -> None:
    found = made(day(*when))
    bars = hours.bars(found.metrics, 1000)
    assert [bar.worst for bar in bars] == [2] * count
    labels = [tick.text for tick in hours.ticks(found.metrics, ZONE, 5000)]
    assert len(labels) == count + 1, "and the midnight at its end"
    assert labels.count("02:00") == {25: 2, 23: 0}[count]
    words = [row[0] for row in rows.hours(found).rows()]
    assert len(set(words)) == count, "also the two hours of one name are told apart"
    if count == 25:
        assert words[2:4] == ["Sun 25 Oct 02:00 CEST", "Sun 25 Oct 02:00 CET"]


def test_labels_of_days_stand_at_midnight_on_both_sides_of_the_change() -> None:
    found = made(day(10, 22, days=7), HOUR)
    ticks = hours.ticks(found.metrics, ZONE, 4000)
    assert [tick.hour for tick in ticks] == [0, 24, 48, 72, 97, 121, 145, 169]
    assert [tick.text for tick in ticks[2:5]] == ["Sat 24 Oct", "Sun 25 Oct", "Mon 26 Oct"]


def test_labels_do_not_crowd() -> None:
    for days in (1, 2, 7, 30, 90, 400, 800):
        found = made((NOW_US - days * DAY, NOW_US), 7 * DAY).metrics
        ticks = hours.ticks(found, ZONE, 900)
        gaps = [b.hour - a.hour for a, b in zip(ticks, ticks[1:], strict=False)]
        assert 2 <= len(ticks) <= 14, days
        assert min(gaps) * 900 / (days * 24) >= 60, days


def test_the_axis_shows_the_worst_hour_and_the_maximum() -> None:
    assert hours.top(made(day(11, 2)).metrics) > 12
    crowd = made(day(11, 2), MIN).metrics
    assert hours.top(crowd) > 60
    assert hours.lines(crowd) == (6.0, 12.0)


def test_a_bar_is_told_in_words() -> None:
    span = day(11, 2)
    found = made(span, known=[(span[0], span[0] + 90 * MIN)])
    bars = hours.bars(found.metrics, 600)
    assert [hours.spoken(found, bar) for bar in bars[:3]] == [
        "Mon 2 Nov 00:00 CET: 2 alarms",
        "Mon 2 Nov 01:00 CET: 2 alarms, the engine ran 50 % of it",
        "Mon 2 Nov 02:00 CET: not known, the engine did not run",
    ]
    long = hours.bars(found.metrics, 30)
    assert hours.spoken(found, long[0]).startswith("Mon 2 Nov 00:00 CET, worst of 3 hours: 2 alarms")


def test_the_whole_strip_is_told_with_its_worst_hour() -> None:
    found = figures(31)
    worst = max(found.metrics.hourly)
    assert f"Most: {worst} in the hour from " in hours.whole_spoken(found)


def test_the_table_has_every_hour_of_a_week_and_every_day_of_a_longer_time() -> None:
    week = rows.hours(made(day(11, 2, days=7), HOUR))
    assert (week.count, week.row(0)) == (168, ("Mon 2 Nov 00:00 CET", "1", "60 min"))
    month = made(day(10, 1, days=30), HOUR, known=[day(10, 1, days=20)])
    table = rows.hours(month)
    assert table.count == 30
    assert table.row(0) == ("1 Oct 2026", "24", "1", "24.0 h")
    assert table.row(24) == ("25 Oct 2026", "25", "1", "did not run")
    assert sum(int(row[1]) for row in table.rows()) == month.metrics.count


def test_days_are_those_of_the_plant_also_where_the_stretch_begins_within_one() -> None:
    start_us = day(10, 1)[0] + 13 * HOUR + 20 * MIN
    found = made((start_us, start_us + 20 * DAY), HOUR)
    table = hours.day_rows(found)
    assert (table[0][:2], table[1][:2]) == (("1 Oct 2026", "11"), ("2 Oct 2026", "24"))
    assert len(table) == 21
