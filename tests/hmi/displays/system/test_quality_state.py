"""What System says of the quality of the data, in words."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from hmi.displays.system import quality_state as quality
from hmi.displays.system.quality_state import Quality, Scores
from hmi.displays.system.state import Cells
from tests.hmi.displays.system.kept import HEADER, OIL, PRESSURE, PUMP, SCORES, score

KNOWN = Quality(SCORES)
EMPTY = Quality(Scores((), (), ()))


def table(state: Quality) -> tuple[Cells, ...]:
    assert state.scores is not None
    return quality.rows(quality.listed(state.scores, state.level), state.filter)


def test_answer_of_the_engine_becomes_a_struct_and_rubbish_does_not() -> None:
    assert quality.as_scores(msgspec.msgpack.decode(msgspec.msgpack.encode(SCORES))) == SCORES
    for rubbish in (None, True, {}, {"tags": [{"path": 5}], "devices": [], "areas": []}):
        assert quality.as_scores(rubbish) is None


def test_every_level_stands_worst_first_with_score_sides_and_the_weakest_in_words() -> None:
    tags = table(replace(KNOWN, level="tags"))
    assert [cells[0] for cells in tags] == [PRESSURE, OIL, HEADER, PUMP]
    assert tags[0] == (PRESSURE, "71 %", "98 %", "71 %", "100 %", "100 %", "100 %", "late by 14 s")
    assert tags[3][-1] == ""
    assert table(replace(KNOWN, level="devices"))[0] == (
        *("press", "86 %", "99 %", "86 %", "100 %", "95 %", "100 %"),
        "Press Pressure: late by 14 s",
    )
    assert [cells[0] for cells in table(KNOWN)][:2] == ["Body shop/S50", "Body shop"]


def test_filter_finds_names_and_reasons_in_any_case() -> None:
    tags = replace(KNOWN, level="tags")
    assert [cells[0] for cells in table(replace(tags, filter="s50 OIL"))] == [OIL]
    assert [cells[0] for cells in table(replace(tags, filter="late"))] == [PRESSURE]
    assert [cells[0] for cells in table(replace(tags, filter="  "))] == [PRESSURE, OIL, HEADER, PUMP]
    missed = replace(tags, filter=" pump 9 ")
    assert table(missed) == () and table(replace(EMPTY, filter="x")) == () and quality.rows(None, "") == ()
    assert (
        quality.calm_words(missed, False, False)
        == "Nothing here contains “pump 9”. Clear the filter to see all."
    )


@pytest.mark.parametrize(
    ("part", "words"),
    [(1.0, "100 %"), (0.995, "100 %"), (0.9949, "99 %"), (0.714, "71 %"), (0.004, "0 %"), (0.0, "0 %")],
)
def test_percent_is_a_hundred_only_where_nothing_is_missing(part: float, words: str) -> None:
    assert quality.percent(part) == words
    assert quality.part_of(words) == pytest.approx(part, abs=0.01)


def test_every_hundredth_is_written_as_itself_on_the_line_and_in_the_table() -> None:
    hundredths = [n / 100 for n in range(100)]
    written = [f"{n} %" for n in range(100)]
    assert [quality.percent(part) for part in hundredths] == written
    tags = tuple(score(f"A/Tag {n}", timely=part) for n, part in enumerate(hundredths))
    found = table(Quality(Scores(tags, (), ()), level="tags"))
    assert [cells[1] for cells in found] == [cells[3] for cells in found] == written


def test_plant_is_as_good_as_its_weakest_side_on_the_mean_of_its_tags() -> None:
    assert quality.overall(SCORES) == pytest.approx((0.71 + 1 + 1 + 1) / 4)
    assert quality.overall(Scores((), (), ())) == 1.0


def test_line_beside_the_sources_names_the_worst_tag_and_why() -> None:
    row = quality.row(KNOWN, False)
    assert (row.id, row.good, row.mark) == ("Data quality", "92 %", "look")
    assert row.state == "worst: Press Pressure, 71 %, late"
    one = Scores((score(PRESSURE, "late by 14 s", timely=0.7),), (score("press", timely=0.97),), ())
    assert quality.row(Quality(one), False).mark == "well", "one poor tag of many is no trouble of the plant"
    fine = Scores((score(PRESSURE, timely=0.999),), (score("press"),), ())
    assert quality.row(Quality(fine), False).state == "nothing to see to"


@pytest.mark.parametrize(
    ("side", "word"),
    [
        ("complete", "samples missing"),
        ("timely", "late"),
        ("in_range", "out of range"),
        ("moving", "stuck"),
        ("consistent", "differs"),
    ],
)
def test_every_side_has_its_word(side: str, word: str) -> None:
    assert quality.weakest(score(PUMP, "", **{side: 0.5})) == word
    area = score("Body shop", f"{PUMP}: ", **{side: 0.5})
    assert quality.why(area) == f"Press Pump running: {word}", (
        "an area whose worst tag has no words of its own"
    )


def test_line_and_page_never_say_more_than_is_known() -> None:
    assert quality.row(Quality(), False).state == "being worked out…"
    assert quality.row(Quality(trouble="the disk failed"), False).mark == "unknown"
    assert quality.row(KNOWN, True).state == "not known"
    assert quality.row(EMPTY, False).state == "no tags yet"
    assert "tags.csv" in quality.calm_words(EMPTY, False, False)
    assert quality.calm_words(Quality(), False, False).startswith(
        "The engine looks at the samples of the last hour"
    )
    assert quality.calm_words(Quality(), False, True) == "Not known: the engine does not answer."
    assert quality.calm_words(Quality(trouble="the disk failed"), False, False) == (
        "The disk failed. It is asked again within a minute."
    )
    assert quality.calm_words(KNOWN, True, False) == ""


def test_old_scores_are_called_old() -> None:
    assert quality.news_words(KNOWN, False) == ""
    assert quality.news_words(KNOWN, True) == "The engine does not answer. These are its last scores."
    assert quality.news_words(replace(KNOWN, trouble="the disk failed"), False) == (
        "The disk failed. These scores are older."
    )


def test_summary_counts_the_tags_a_person_should_look_at() -> None:
    assert quality.summary(KNOWN) == "92 % over the last hour · 2 tags need a look"
    fine = Quality(Scores((score(PUMP),), (), ()))
    assert quality.summary(fine) == "100 % over the last hour · no tag needs a look"
    assert quality.summary(Quality()) == quality.summary(EMPTY) == ""


def test_pens_are_the_chosen_tags_or_the_worst_and_never_more_than_a_trend_holds() -> None:
    shown = [(f"A/B/Tag {n}", "50 %") for n in range(20)]
    assert quality.pens(shown, ["A/B/Tag 7"]) == "A/B/Tag 7"
    assert quality.pens(shown, []).split("\n") == [f"A/B/Tag {n}" for n in range(8)]
