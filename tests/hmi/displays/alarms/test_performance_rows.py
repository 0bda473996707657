"""The tables of the page, and the same as CSV files."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest

from engine.types import uncell
from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.performance import csv as performance_csv
from hmi.displays.alarms.performance import rows as performance_rows
from hmi.displays.alarms.performance.rows import ORDER
from hmi.displays.alarms.performance.state import Figures
from tests.hmi.displays.alarms.performing import DAY, HOUR, MIN, MODEL, TAGS, figures
from tests.hmi.plant import NOW_US

FOUND = figures()


def rows(name: str, found: Figures = FOUND) -> tuple[tuple[str, ...], ...]:
    return performance_rows.listing(name, found, MODEL).rows()


def table(name: str, found: Figures = FOUND) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(performance_csv.text(name, found), newline="")))


@pytest.mark.parametrize("name", ORDER)
def test_every_row_of_every_table_fills_its_heads(name: performance_rows.Name) -> None:
    made = performance_rows.listing(name, FOUND, MODEL)
    assert made.count == len(made.rows()) > 0
    assert {len(row) for row in made.rows()} == {len(made.heads)}
    assert made.rows(1) == made.rows()[:1]


@pytest.mark.parametrize("name", ["actors", "chattering", "stale", "floods", "peaks"])
def test_a_table_without_rows_says_what_that_means(name: performance_rows.Name) -> None:
    made = performance_rows.listing(name, figures(events=[]), MODEL)
    assert made.count == 0
    assert made.calm


def test_figures_stand_beside_target_and_maximum_and_say_where_they_stand() -> None:
    found = {row[0]: row[1:] for row in rows("rates")}
    assert found["Most in any 10 minutes"] == ("26", "10", "10", "over the maximum")
    assert found["10-minute periods with more than 10"][1:3] == ("1\u202f%", "1\u202f%")
    assert found["Chattering alarms"] == ("1", "0", "0", "over the maximum")
    assert len(found) == 16, "priorities have a table of their own"
    assert {row[4] for row in rows("rates", figures(5))} <= {"not judged yet", "not known"}


def test_the_split_of_priorities_stands_beside_its_targets() -> None:
    assert [row[0] for row in rows("split")] == [f"Priority {k}" for k in (1, 2, 3, 4)]
    assert [row[2] for row in rows("split")] == ["1\u202f%", "5\u202f%", "15\u202f%", "80\u202f%"]
    assert rows("split")[3][3] == "below the target"


def test_the_share_of_the_most_frequent_adds_up() -> None:
    found = rows("actors")
    actors = FOUND.metrics.actors
    assert [row[0] for row in found] == [str(k + 1) for k in range(len(actors))]
    assert found[-1][5] == f"{100 * sum(each.share for each in actors):.1f}\u202f%"
    assert found[0][4] == found[0][5]
    assert found[0][3] == str(actors[0].count)


def test_an_alarm_is_named_as_everywhere_and_leads_to_its_limit() -> None:
    made = performance_rows.listing("chattering", FOUND, MODEL)
    assert made.row(0)[1:3] == ("Hydraulic pressure low", "S10 Press")
    assert made.subject is not None
    about = made.subject(0)
    assert (about.alarm, about.path, about.kind, about.name) == (1, TAGS[0].path, "h", "")
    assert (about.start_us, about.end_us) == (FOUND.metrics.start_us, FOUND.metrics.end_us)
    names = [row[1] for row in rows("actors")]
    assert "Oil temperature high" in names, "without a message the tag and the kind of limit"


def test_an_alarm_whose_tag_is_gone_still_has_its_path() -> None:
    ((_, words, where, since, stood, ended),) = rows("stale")
    assert (words, where) == ("Tag 40 high", "Body shop/S50/Extra/Tag 40")
    assert (since, stood, ended) == ("Tue 17 Nov 2026 14:13", "2 days", "Thu 19 Nov 2026 14:13")


def test_an_alarm_that_still_stands_says_so_and_its_journal_begins_when_it_came() -> None:
    found = figures(2, events=[(NOW_US - 5 * DAY, 2, 9 * DAY)])
    made = performance_rows.listing("stale", found, MODEL)
    assert made.row(0)[4:] == ("5 days", "still stood")
    assert made.subject is not None
    assert made.subject(0).start_us == NOW_US - 5 * DAY


def test_a_flood_has_its_begin_length_alarms_and_peak_and_leads_to_what_came_before() -> None:
    made = performance_rows.listing("floods", FOUND, MODEL)
    begin_us, end_us, _ = FOUND.metrics.floods[0]
    assert made.row(0)[1:] == ("Fri 20 Nov 2026 14:16", "13 min", "26", "26")
    assert made.subject is not None
    assert made.subject(0) == Subject(start_us=begin_us - 10 * MIN, end_us=end_us)


def test_floods_begin_with_the_newest() -> None:
    burst = [(NOW_US - n * DAY + 20_000_000 * k, 8 + k, MIN) for n in (9, 5, 7) for k in range(11 + n)]
    found = rows("floods", figures(events=burst))
    assert [row[3] for row in found] == ["16", "18", "20"]


def test_a_length_of_time_has_two_units_where_one_is_too_coarse() -> None:
    lasting = [(NOW_US - 20 * DAY, 2, length) for length in (27 * HOUR + 5 * MIN,)]
    assert rows("stale", figures(events=lasting))[0][4] == "27 h 5 min"
    longer = [(NOW_US - 20 * DAY, 2, 3 * DAY + 4 * HOUR + 5 * MIN)]
    assert rows("stale", figures(events=longer))[0][4] == "3 days 4 h"


@pytest.mark.parametrize("name", [name for name, _ in performance_csv.TABLES])
def test_every_table_is_a_csv_file_with_a_head(name: str) -> None:
    text = performance_csv.text(name, FOUND)
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert len(lines) > 1
    assert {len(line) for line in lines} == {len(lines[0])}
    assert text.endswith("\r\n")


def test_csv_has_the_numbers_as_they_are_and_times_in_utc() -> None:
    told = {row["figure"]: row for row in table("rates")}
    for rate in FOUND.metrics.rates:
        assert (float(told[rate.name]["value"]) if rate.value is not None else None) == rate.value
    assert told["average in an hour"]["verdict"] == "meets"
    assert told["average in an hour"]["end"] == "2026-11-22T13:13:46.000000Z"
    assert [int(row["alarms"]) for row in table("hours")] == list(FOUND.metrics.hourly)
    assert float(table("actors")[-1]["cumulated_share"]) == pytest.approx(
        sum(each.share for each in FOUND.metrics.actors)
    )
    assert table("floods")[0]["most_in_10_minutes"] == "26"


def test_csv_of_a_young_plant_calls_nothing_good_or_bad() -> None:
    assert {row["verdict"] for row in table("rates", figures(12))} <= {"unjudged", "unknown"}


def test_text_in_csv_never_is_a_formula() -> None:
    actor = msgspec.structs.replace(FOUND.metrics.actors[0], message='=HYPERLINK("http://x")')
    bad = msgspec.structs.replace(FOUND.metrics, actors=(actor,))
    found = table("actors", Figures(bad, "", NOW_US, "UTC", "en"))
    assert found[0]["message"].startswith("'=")
    assert uncell(found[0]["message"]) == actor.message
