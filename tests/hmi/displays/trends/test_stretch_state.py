"""Selections, statistics, matches, notes and exports in words, and as the engine is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.typed import convert
from engine.types import Annotation
from engine.wire import AnnotateBody, ExportBody, SimilarBody, StatisticsBody
from hmi.displays.trends import export_state, notes_state, similar_state, stretch_state
from hmi.displays.trends.similar_state import Match
from hmi.pens import pen_of
from hmi.widgets import trend_lines as lines
from tests.hmi.displays.trends.plant import MODEL, OIL, PRESSURE, PUMP, STATE
from tests.hmi.plant import NOW_US

ZONE = "Europe/Berlin"
MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
COLOURS = ("#123C7C",)
STRETCH = NOW_US - HOUR_US, NOW_US - HOUR_US + 381_000_000


def pen(path: str):
    return pen_of(MODEL, MODEL.index[path], 0, COLOURS)


def found(**more: float | None) -> dict[str, float | None]:
    return {"low": 1.0, "high": 3.0, "mean": 2.0, "deviation": 0.25, "samples": 1234, "good": 1.0, **more}


@pytest.mark.parametrize(
    ("span_us", "words"),
    [
        (820_000, "820 ms"),
        (12_400_000, "12.4 s"),
        (381_000_000, "6 min 21 s"),
        (360_000_000, "6 min"),
        (3_960_000_000, "1 h 06 min"),
        (3 * DAY_US, "3 d"),
    ],
)
def test_length_is_told_in_its_two_largest_units(span_us: int, words: str) -> None:
    assert lines.exact_length(span_us).replace("\u202f", " ") == words


def test_stretch_names_the_day_only_where_it_is_another_one() -> None:
    assert stretch_state.when(STRETCH, NOW_US, ZONE) == "13:13:46 to 13:20:07"
    before = STRETCH[0] - DAY_US, STRETCH[1] - DAY_US
    assert stretch_state.when(before, NOW_US, ZONE) == "Sat 21 Nov 13:13:46 to 13:20:07"
    long = STRETCH[0] - DAY_US, STRETCH[1]
    assert stretch_state.when(long, NOW_US, ZONE) == "Sat 21 Nov 13:13:46 to Sun 22 Nov 13:20:07"
    assert stretch_state.dated(STRETCH, ZONE).startswith("22 Nov 2026 13:13:46 to 13:20:07 · 6")


def test_short_stretch_is_told_to_the_millisecond() -> None:
    assert stretch_state.when((NOW_US, NOW_US + 250_000), NOW_US, ZONE) == "14:13:46.000 to 14:13:46.250"


def test_statistics_of_a_number_a_switch_a_state_and_of_nothing() -> None:
    pens = [pen(each) for each in (PRESSURE, PUMP, STATE, OIL)]
    result = {
        "statistics": [
            found(),
            found(low=0.0, high=1.0, mean=0.4),
            found(low=0.0, high=1.0, mean=0.7),
            found(low=None, high=None, mean=None, deviation=None, good=0.0),
        ]
    }
    number, switch, state, nothing = stretch_state.statistics_rows(MODEL, pens, result)
    assert number[1:] == (
        "1.0\u202fbar",
        "2.0\u202fbar",
        "3.0\u202fbar",
        "0.25\u202fbar",
        "1\u202f234",
        "100\u202f%",
    )
    assert switch[1:5] == ("off", "40\u202f%", "on", "—")
    assert state[1:5] == ("0 Off", "—", "1 Running", "—")
    assert nothing[1:5] == ("—",) * 4 and nothing[6] == "0\u202f%"


@pytest.mark.parametrize(("part", "words"), [(1.0, "100"), (0.99999, "99.9"), (0.00001, "0.1"), (0.0, "0")])
def test_share_that_is_not_quite_all_never_reads_as_all(part: float, words: str) -> None:
    assert stretch_state.share(part, "en") == f"{words}\u202f%"


def test_bodies_are_what_the_engine_reads() -> None:
    pens = [pen(PRESSURE), pen(OIL)]
    asked = convert(stretch_state.statistics_body(MODEL, pens, STRETCH), StatisticsBody)
    assert (asked.start_us, asked.end_us) == STRETCH and len(asked.tags) == 2
    wanted = convert(similar_state.body(7, STRETCH, (0, NOW_US)), SimilarBody)
    assert (wanted.tag, wanted.search_start_us, wanted.most) == (7, 0, similar_state.MOST)
    body = export_state.body(MODEL, pens, STRETCH, Path("/tmp/x.csv"), "csv", 1_000_000)
    assert convert(body, ExportBody).step_us == 1_000_000
    note = convert(notes_state.body(STRETCH, OIL, "m.keller", " dry \n"), AnnotateBody)
    assert (note.tag, note.author, note.text) == (OIL, "m.keller", "dry")


def test_search_goes_back_to_the_oldest_sample_unless_the_stretch_is_too_short_for_that() -> None:
    oldest_us = NOW_US - 30 * DAY_US
    assert similar_state.search((0, MINUTE_US), oldest_us, NOW_US) == (oldest_us, NOW_US)
    first_us, _ = similar_state.search((0, 1_000_000), oldest_us, NOW_US)
    assert first_us == NOW_US - 160_000 * 1_000_000 > oldest_us


def test_likeness_is_a_word_and_a_number() -> None:
    assert similar_state.likeness(Match((0, 1), 0.934)) == "almost the same · 93 %"
    assert similar_state.likeness(Match((0, 1), 0.2)) == "a little like it · 20 %"


def test_empty_search_says_what_to_do() -> None:
    words = similar_state.nothing("Pressure", (NOW_US - 3 * DAY_US, NOW_US), NOW_US, ZONE)
    assert "since Thu 19 Nov" in words and "clear shape" in words


def test_notes_of_drawn_tags_and_of_all_are_shown_and_near_ones_share_a_flag() -> None:
    notes = [
        Annotation(1, 100, 100, "", "a", "all", 0),
        Annotation(2, 130, 140, PRESSURE, "a", "pressure", 0),
        Annotation(3, 135, 135, "Elsewhere", "a", "not drawn", 0),
        Annotation(4, 400, 500, PRESSURE, "a", "later", 0),
    ]
    shown = notes_state.shown(notes, [PRESSURE], (0, 1000))
    assert [each.note_id for each in shown] == [1, 2, 4]
    groups = notes_state.grouped(shown, float, 40)
    assert [(at, [each.note_id for each in of]) for at, of in groups] == [(100, [1, 2]), (400, [4])]


def test_note_tells_when_who_and_of_which_tag() -> None:
    note = Annotation(1, *STRETCH, PRESSURE, "m.keller", "dry", NOW_US)
    assert notes_state.told(note, NOW_US, ZONE) == "13:13:46 to 13:20:07 · Pressure · m.keller, 14:13:46"


def test_typed_stretch_is_read_or_refused_in_words() -> None:
    assert export_state.stretch("2026-11-22 13:13:46", "2026-11-22 13:20:07", ZONE) == STRETCH
    assert "Type start" in str(export_state.stretch("yesterday", "2026-11-22 13:20", ZONE))
    assert "not after" in str(export_state.stretch("2026-11-22 13:20", "2026-11-22 13:20", ZONE))


def test_file_name_holds_nothing_that_a_disk_refuses() -> None:
    name = export_state.file_name("Line 3/4", 'A:"B"', STRETCH, ZONE, "parquet")
    assert name == "Line 3-4, A--B-, 2026-11-22 13.13.parquet"
