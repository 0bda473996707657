"""Why a trend shows nothing somewhere, in words."""

from __future__ import annotations

from engine.types import Gap
from hmi.history import Detail
from hmi.widgets import trend_gaps as gaps
from tests.hmi.plant import NOW_US

ZONE = "UTC"
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
NOON_US = NOW_US - 73 * MINUTE_US - 46_000_000
"""12:00 UTC of the day of the tests."""
ENGINE = Gap(NOON_US + 3 * MINUTE_US, NOON_US + 5 * MINUTE_US, "engine")


def test_gap_says_why_from_when_to_when_and_how_long() -> None:
    hole = ENGINE.start_us - 1_000_000, ENGINE.end_us + 1_000_000
    words = gaps.hole_words(hole, (ENGINE,), NOON_US - HOUR_US, NOW_US, ZONE)
    assert words == ("engine was not running", "12:03:00\u201312:05:00", "2 min")


def test_gap_of_a_source_names_it() -> None:
    assert gaps.cause_words(Gap(0, 1, "link", source="press")) == "no link to press"
    assert gaps.cause_words(Gap(0, 1, "link")) == "no link"


def test_gap_that_explains_most_is_told() -> None:
    short = Gap(ENGINE.start_us, ENGINE.start_us + 1_000_000, "link", source="press")
    assert gaps.worst_gap((short, ENGINE), ENGINE.start_us, ENGINE.end_us) is ENGINE
    assert gaps.worst_gap((short, ENGINE), NOON_US, NOON_US + MINUTE_US) is None


def test_hole_before_the_first_sample_says_when_history_begins() -> None:
    words = gaps.hole_words(
        (NOW_US - 80 * HOUR_US, NOW_US - 72 * HOUR_US), (), NOW_US - 72 * HOUR_US, NOW_US, ZONE
    )
    assert words == ("History begins", "Thu 19 Nov 13:13")


def test_hole_without_a_known_reason_is_no_data() -> None:
    assert gaps.hole_words((NOON_US, NOW_US), (), NOON_US - HOUR_US, NOW_US, ZONE) == ("no data",)


def test_day_is_told_where_it_is_not_today() -> None:
    text = gaps.when_words(NOON_US - 26 * HOUR_US, NOON_US - 23 * HOUR_US, NOW_US, ZONE)
    assert text == ("Sat 21 Nov 10:00\u201313:00", "3 h")
    over = gaps.when_words(NOON_US - 13 * HOUR_US, NOON_US - 11 * HOUR_US - 12 * MINUTE_US, NOW_US, ZONE)
    assert over == ("Sat 21 Nov 23:00\u2013Sun 22 Nov 00:48", "1 h 48 min")


def test_length_of_a_gap_is_told_as_people_do() -> None:
    told = [gaps.lasted(each) for each in (0.4, 40, 119, 3600, 10_080, 200_000)]
    assert told == ["0.4 s", "40 s", "2 min", "1 h", "2 h 48 min", "2 days"]


def test_empty_plot_says_what_it_waits_for_or_why_nothing_comes() -> None:
    span = (NOW_US - 90 * HOUR_US, NOW_US - 80 * HOUR_US)

    def words(detail: Detail, *, oldest_us: int | None = None) -> str:
        return gaps.empty_words(detail, (), span, oldest_us, NOW_US, ZONE)

    assert words(Detail(part=0.2)) == "Loading history\u2026"
    assert "the engine does not answer" in words(Detail(part=0.2, trouble="the engine does not answer"))
    assert words(Detail(part=0.2, is_stopped=True)) == "Loading was cancelled."
    assert words(Detail(), oldest_us=NOW_US - 72 * HOUR_US) == "History begins Thu 19 Nov 13:13"
    assert words(Detail(), oldest_us=NOW_US - 100 * HOUR_US) == "No history in this stretch of time."


def test_what_is_on_its_way_is_not_taken_for_missing() -> None:
    assert gaps.without([(0, 100)], [(20, 40), (90, 120)]) == [(0, 20), (40, 90)]
    assert gaps.without([(0, 10), (30, 40)], [(0, 50)]) == []
    assert gaps.without([(0, 10)], []) == [(0, 10)]
