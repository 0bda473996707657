"""The filter of the journal: its time, its words, what the engine is asked; a row in words."""

from __future__ import annotations

import pytest

from engine.types import What
from hmi import typed_time
from hmi.displays.alarms.journal import state as journal
from hmi.displays.alarms.journal import words
from hmi.displays.alarms.journal.state import DAY, DAY_US, FOREVER_US, Wanted
from hmi.model import build
from tests.hmi.displays.alarms.journal_feed import HOUR_US, change
from tests.hmi.line import LINE, PRESS, PRESSURE
from tests.hmi.plant import NOW_US

MODEL = build(LINE)
ZONE = "Europe/Berlin"
SHIFTS = ("06:00", "14:00", "22:00")


def at(text: str) -> int:
    found = typed_time.written(text, ZONE)
    assert found is not None
    return found


def test_spans_reach_from_so_long_ago_to_ever() -> None:
    for name, length_us in journal.LENGTH_US.items():
        wanted = Wanted(span=name)  # pyright: ignore[reportArgumentType]
        assert journal.span_us(wanted, MODEL, NOW_US) == (NOW_US - length_us, FOREVER_US)
    own = Wanted(span="own", start_us=5, end_us=9)
    assert journal.span_us(own, MODEL, NOW_US) == (5, 9)


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-22 14:13", "2026-11-22 14:00"),
        ("2026-11-22 13:59", "2026-11-22 06:00"),
        ("2026-11-22 03:00", "2026-11-21 22:00"),
        # The clock is set back at three: the night is an hour longer.
        ("2026-10-25 05:00", "2026-10-24 22:00"),
    ],
)
def test_shift_began_at_the_last_end_of_one(now: str, began: str) -> None:
    assert journal.shift_start_us(at(now), ZONE, SHIFTS) == at(began)


def test_without_shifts_a_day_is_one() -> None:
    assert journal.shift_start_us(at("2026-11-22 14:13"), ZONE, ()) == at("2026-11-22 00:00")


def test_engine_is_asked_for_all_parts_of_the_filter() -> None:
    wanted = Wanted(priorities=(1, 2), kinds=("h",), whats=("shelved",), under=PRESS, alarm=7, text="  seal ")
    asked = journal.body(wanted, (3, 4), before=9, most=50)
    assert asked == {
        "start_us": 3,
        "end_us": 4,
        "before": 9,
        "most": 50,
        "under": PRESS,
        "priorities": [1, 2],
        "kinds": ["h"],
        "whats": ["shelved"],
        "alarms": [7],
        "text": "seal",
        "letters": True,
    }


def test_each_part_of_a_filter_can_be_left_out() -> None:
    wanted = Wanted(
        priorities=(1,), kinds=("h",), whats=("note",), under="A", alarm=7, alarm_name="High", text="x"
    )
    assert journal.parts(DAY) == []
    assert journal.parts(wanted) == ["priorities", "kinds", "whats", "under", "alarm", "text"]
    for part in journal.parts(wanted):
        assert part not in journal.parts(journal.without(wanted, part))
        assert len(journal.parts(journal.without(wanted, part))) == 5
    assert journal.without(wanted, "span").span == "30d"


def test_filter_says_in_words_what_it_lets_through() -> None:
    wanted = Wanted(
        span="1h", priorities=(1, 2), whats=("shelved", "note"), under=PRESS, alarm=7, alarm_name="High"
    )
    said = journal.in_words(wanted, MODEL, NOW_US)
    assert said == (
        "the last hour · priority 1, 2 · shelved / note · in Framing › S50 Roof press · alarm “High”"
    )


def test_own_time_is_typed_at_the_plant_and_told_when_it_is_none() -> None:
    assert typed_time.own("2026-11-22 06:00", "2026-11-22 14:00:30", ZONE) == (
        at("2026-11-22 06:00"),
        at("2026-11-22 14:00") + 30_000_000,
    )
    days = at("2026-11-22 00:00"), at("2026-11-23 00:00")
    assert typed_time.own("2026-11-22", "2026-11-23", ZONE) == days
    assert "not after" in str(typed_time.own("2026-11-22 06:00", "2026-11-22 05:00", ZONE))
    assert "like this" in str(typed_time.own("yesterday", "2026-11-22 05:00", ZONE))
    assert typed_time.written(typed_time.typed(NOW_US, ZONE), ZONE) == NOW_US // 1_000_000 * 1_000_000


def test_count_that_is_not_known_is_never_told_as_one() -> None:
    assert journal.count_words(1, 1, "en") == "1 change"
    assert journal.count_words(1500, 500, "en") == "1\u202f500 changes"
    assert journal.count_words(None, 500, "en") == "more than 10\u202f000 changes"
    assert journal.count_words(None, 12_500, "en") == "more than 12\u202f500 changes"
    assert journal.news_words(3) == "3 new"
    assert journal.news_words(journal.MOST_NEWS) == "Over 500 new"


def test_row_tells_what_where_value_and_who() -> None:
    row = change(4, what="acknowledged", letter="C", by="Maria", text="Seen")
    found = {column: words.cell(MODEL, row, "B", column, NOW_US) for column in words.COLUMNS}
    assert found == {
        "time": "14:13:46",
        "badge": "",
        "what": "Acknowledged",
        "where": "S50 Hydraulics",
        "message": "Pressure high-high",
        "state": "B → C",
        "value": "241.6 bar",
        "limit": "240.0 bar",
        "who": "Maria",
        "why": "Seen",
        "menu": "",
    }
    spoken = words.spoken(MODEL, row, "B", NOW_US)
    for each in ("priority 1", "active, not acknowledged → active, acknowledged", "by Maria", "Seen"):
        assert each in spoken


def test_every_kind_of_change_and_alarm_has_words() -> None:
    from typing import get_args

    from engine.types import Letter, LimitKind

    assert set(words.WHATS) == set(get_args(What))
    assert set(words.KINDS) == set(get_args(LimitKind))
    assert set(words.LETTERS) == set(get_args(Letter))


def test_shelf_says_until_when() -> None:
    row = change(4, what="shelved", until_us=NOW_US + HOUR_US)
    assert words.what(row, NOW_US, ZONE) == "Shelved to 15:13"


def test_letter_alone_stands_where_the_one_before_is_not_known_or_the_same() -> None:
    assert words.letters("", "B") == "B"
    assert words.letters("B", "B") == "B"
    assert words.letters("B", "D") == "B → D"


def test_time_of_the_device_is_told_where_it_is_another() -> None:
    near, apart = change(4), change(4, source_us=NOW_US - 3_000_000)
    assert "device" not in words.tip(MODEL, near, "", "time", NOW_US)
    assert words.tip(MODEL, apart, "", "time", NOW_US).endswith("by the clock of the device 14:13:43")
    assert "240.0 bar" in words.tip(MODEL, near, "", "value", NOW_US)


def test_alarm_of_a_tag_that_is_gone_is_still_told() -> None:
    row = change(4, path="Old hall/Pump/Level", message="", kind="ll", value=3.0)
    assert words.cell(MODEL, row, "", "where", NOW_US) == "Old hall/Pump/Level"
    assert words.cell(MODEL, row, "", "message", NOW_US) == "Level low-low"
    assert words.cell(MODEL, row, "", "value", NOW_US) == ""


def test_paper_tells_the_year_and_the_priority() -> None:
    old = change(4, ago_s=40 * 86_400)
    row = dict(zip(words.PAPER, words.paper_row(MODEL, old, "A"), strict=True))
    assert row["time"] == "2026-10-13 15:13:46"
    assert row["badge"] == "1"
    assert row["state"].startswith("A → ")
    assert len(words.paper_heads()) == len(row)


def test_span_on_paper_has_years_and_ends_now() -> None:
    said = journal.dated((NOW_US - DAY_US, FOREVER_US), NOW_US, ZONE)
    assert said == "21 Nov 2026 14:13:46 to 22 Nov 2026 14:13:46 CET"


def test_display_that_handles_an_alarm_is_that_of_its_limit() -> None:
    assert words.alarm_of(MODEL, change(4)).path == PRESSURE
