"""What a faceplate shows of an asset or a tag."""

from __future__ import annotations

import pytest

from engine.types import Project
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
    assert notes[0].since == "active since 14:13:21, at alarm 241.6"
    assert notes[0].advice == "seal leak: lower setpoint, inspect"


def test_unit_alone_opens_it_only_beside_itself(model: Model) -> None:
    assert state.opens_on(model, PRESS, beside=True) == PRESS
    assert state.opens_on(model, PRESS, beside=False) is None
    assert state.opens_on(model, FORCE, beside=False) == FORCE
    assert state.opens_on(model, "Framing", beside=True) is None
