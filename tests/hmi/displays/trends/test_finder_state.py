"""What is offered to be drawn, and what some letters find."""

from __future__ import annotations

from engine.types import Project
from hmi.displays.trends import finder_state
from hmi.displays.trends.groups import Group
from hmi.model import Model, build
from tests.hmi.displays.trends.plant import FORCE, MODEL, OIL, PRESS, PRESSURE, SERIAL
from tests.hmi.plant import PLANT, tag


def test_saved_groups_come_first_and_then_a_suggestion_for_every_unit() -> None:
    rows = finder_state.offered(MODEL, [Group("Warm-up", PLANT.name, (OIL,))])
    assert [(row.kind, row.text) for row in rows[:4]] == [
        ("head", "Saved groups"),
        ("group", "Warm-up"),
        ("head", "Units"),
        ("unit", "S50 Roof press"),
    ]
    press = next(row for row in rows if row.key == PRESS)
    assert press.paths == (PRESSURE, OIL) and press.detail == "Pressure, Oil temperature"


def test_found_tags_stand_under_their_asset() -> None:
    rows = finder_state.found(MODEL, "oil temp")
    assert rows[0].kind == "head" and rows[0].text.endswith("S50 Roof press › Hydraulics")
    assert rows[1].paths == (OIL,)


def test_text_tag_is_not_offered() -> None:
    assert all(SERIAL not in row.paths for row in finder_state.found(MODEL, "serial"))


def test_letters_that_fit_nothing_are_told_in_words() -> None:
    (row,) = finder_state.found(MODEL, "qqqq")
    assert row.kind == "words" and not row.paths


def test_plant_without_tags_says_so() -> None:
    (row,) = finder_state.offered(Model(), ())
    assert row.kind == "words"


def test_word_of_many_tags_still_finds_those_named_so() -> None:
    model = build(
        Project(
            "",
            PLANT,
            (),
            tuple(tag(f"Temperature hall/M{n}/Speed") for n in range(900))
            + (tag(FORCE), tag("A/B/Temperature")),
        )
    )
    assert ("A/B/Temperature",) in [row.paths for row in finder_state.found(model, "temperature")]
