"""What a faceplate shows of an asset or a tag."""

from __future__ import annotations

import pytest
from msgspec import structs

from engine.types import Limit, Project
from hmi.model import Model, build
from hmi.shell import faceplate_state as state
from tests.hmi.line import FORCE, HIGH, LINE, LOW_AIR, PRESS, PRESSURE, PUMP, SETPOINT
from tests.hmi.plant import NOW_US, PLANT, tag


@pytest.fixture
def model() -> Model:
    return build(LINE)


def names(model: Model, face: state.Face) -> list[str]:
    return [model.tags[at].path.rpartition("/")[2] for at in face.rows]


def test_asset_stands_behind_its_main_tag_with_setpoint_and_limits(model: Model) -> None:
    face = state.face_of(model, f"{PRESS}/Hydraulics")
    assert face is not None
    assert (face.title, face.where) == ("S50 Hydraulics", "Hydraulics · S50 Roof press")
    assert (face.at, face.setpoint) == (model.index[PRESSURE], model.index[SETPOINT])
    assert face.limits == "Trip 248 · HH 240 · H 232 · L 180"
    assert names(model, face) == ["Oil temperature", "Pump running"]
    assert face.unit == PRESS


def test_tag_stands_in_front_of_its_asset_and_the_main_one_among_the_rows(model: Model) -> None:
    face = state.face_of(model, PUMP)
    assert face is not None
    assert (face.title, face.at) == ("S50 Hydraulics", model.index[PUMP])
    assert face.limits == "alarm while off"
    assert "Pressure" in names(model, face) and "Pump running" not in names(model, face)


def test_unit_shows_its_mode_first_and_what_lies_below(model: Model) -> None:
    face = state.face_of(model, PRESS)
    assert face is not None
    assert face.title == "S50 Roof press"
    assert names(model, face)[0] == "Mode"
    assert "Force" in names(model, face)


def test_asset_with_many_tags_lists_a_dozen_and_counts_the_rest() -> None:
    tags = tuple(tag(f"A/U/Tag {n}") for n in range(40))
    face = state.face_of(build(Project("", PLANT, (), tags)), "A/U")
    assert face is not None
    assert (len(face.rows), face.more) == (12, 27)


def test_unknown_path_has_no_faceplate(model: Model) -> None:
    assert state.face_of(model, "Nowhere/At all") is None


def test_alarms_of_the_asset_alone_with_since_when_and_what_to_do(model: Model) -> None:
    face = state.face_of(model, PRESSURE)
    assert face is not None
    notes = state.notes_of(model, face, [HIGH, LOW_AIR], NOW_US)
    assert [note.path for note in notes] == [PRESSURE]
    assert notes[0].since == "active since 14:13:21, not acknowledged, at alarm 241.6"
    assert notes[0].advice == "seal leak: lower setpoint, inspect"


def test_unit_alone_opens_it_only_beside_itself(model: Model) -> None:
    assert state.opens_on(model, PRESS, beside=True) == PRESS
    assert state.opens_on(model, PRESS, beside=False) is None
    assert state.opens_on(model, FORCE, beside=False) == FORCE
    assert state.opens_on(model, "Framing", beside=True) is None


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(PRESSURE, "dev", 5.0, other=SETPOINT), "alarm when more than 5 bar away from "),
        (
            Limit(PRESSURE, "rate", 2.5, window_s=10),
            "alarm when it changes by more than 2.5 bar a second (over 10 s)",
        ),
        (Limit(PRESSURE, "disc", 0.0, other=PUMP), "alarm when it differs from Pump running"),
        (Limit(PRESSURE, "bad"), "alarm when it has no good value"),
        (Limit(PRESSURE, "expr", expression="pressure > 10\nand pump"), "alarm while pressure > 10 and pump"),
        (Limit(PRESSURE, "status"), "alarm when the device reports that something is wrong"),
    ],
)
def test_alarms_that_need_more_than_the_value_are_told_in_words_below_the_limits(
    limit: Limit, words: str
) -> None:
    model = build(structs.replace(LINE, limits=(Limit(PRESSURE, "h", 232.0), limit)))
    face = state.face_of(model, PRESSURE)
    assert face is not None
    first, second = face.limits.replace("\u202f", " ").split("\n")
    assert first == "H 232"
    assert second.startswith(words)


def test_alarms_set_aside_come_last_hollow_and_what_has_no_note_is_counted(model: Model) -> None:
    face = state.face_of(model, PRESSURE)
    assert face is not None
    shelved = structs.replace(HIGH, letter="E", id=7)
    notes = state.notes_of(model, face, [shelved, HIGH], NOW_US)
    assert [(each.is_active, each.is_waiting) for each in notes] == [(True, True), (False, False)]
    assert notes[1].since.startswith("shelved, its condition stands")
    many = [structs.replace(HIGH, id=k) for k in range(6)]
    assert state.left_out(face, [*many, shelved, shelved]) == "2 more alarms, 2 shelved"
    assert state.left_out(face, [HIGH, shelved]) == ""


def test_returned_alarm_says_that_nobody_acknowledged_it(model: Model) -> None:
    face = state.face_of(model, PRESSURE)
    assert face is not None
    over = structs.replace(HIGH, active=False, letter="D")
    (note,) = state.notes_of(model, face, [over], NOW_US)
    assert not note.is_active and note.is_waiting and "not acknowledged" in note.since
