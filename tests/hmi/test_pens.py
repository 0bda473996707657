"""Pens made of tags: names that tell them apart, looks that differ, limits and setpoints."""

from __future__ import annotations

from engine.types import AssetType, Limit, Project
from hmi.model import Model, build
from hmi.pens import MOST_PENS, limits_of, look_of, names_of, pens_of, setpoint_of
from hmi.theme import load_theme
from tests.hmi.plant import PLANT, tag

COLOURS = load_theme("light").pens
PRESS = "Body shop/S50 Roof press"


def model() -> Model:
    """Two units with tags of the same names, limits, and a press that knows its setpoint."""
    tags = (
        tag(f"{PRESS}/Hydraulics/Pressure", criticality="critical"),
        tag(f"{PRESS}/Hydraulics/Oil temperature", "°C", 0, 90),
        tag(f"{PRESS}/Hydraulics/Pressure set by PLC"),
        tag("Body shop/S60 Respot/Hydraulics/Pressure"),
        tag("Body shop/S60 Respot/Clamp/Pressure"),
        tag("Body shop/S60 Respot/Serial", "", None, None, type="string"),
        tag("Body shop/S60 Respot/State", "", None, None, type="uint16", states={0: "Off", 1: "On"}),
    )
    types = (
        AssetType(
            id="press",
            paths=("*/S50 *",),
            level="unit",
            main="Hydraulics/Pressure",
            setpoint="Hydraulics/Pressure set by PLC",
        ),
        AssetType(id="cell", paths=("*/S60 *",), level="unit"),
    )
    limits = (
        Limit(f"{PRESS}/Hydraulics/Pressure", "hh", 240.0, 1),
        Limit(f"{PRESS}/Hydraulics/Pressure", "l", 180.0, 3),
        Limit("Body shop/S60 Respot/State", "on", 1.0, 2),
    )
    return build(Project("", PLANT, (), tags, types=types, limits=limits))


def test_pens_of_one_unit_are_named_by_their_tags() -> None:
    assert names_of(model(), [0, 1]) == ("Pressure", "Oil temperature")


def test_pens_of_two_units_say_which() -> None:
    assert names_of(model(), [0, 3]) == ("S50 Pressure", "S60 Pressure")
    assert names_of(model(), [1, 3]) == ("S50 Oil temperature", "S60 Pressure")


def test_pens_of_two_machines_of_one_unit_say_which() -> None:
    assert names_of(model(), [3, 4]) == ("Hydraulics Pressure", "Clamp Pressure")
    assert names_of(model(), [0, 3, 4]) == (
        "S50 Hydraulics Pressure",
        "S60 Hydraulics Pressure",
        "S60 Clamp Pressure",
    )


def test_text_tag_has_no_pen() -> None:
    assert [pen.index for pen in pens_of(model(), [5, 0], COLOURS)] == [0]


def test_no_two_of_32_pens_look_alike() -> None:
    looks = {look_of(place, COLOURS) for place in range(MOST_PENS)}
    assert len(looks) == MOST_PENS
    assert {dash for _, dash in looks} == {0, 1, 2, 3}


def test_first_four_pens_are_solid_and_the_next_four_are_not() -> None:
    assert [look_of(place, COLOURS)[1] for place in range(8)] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_limits_of_a_number_come_lowest_first_and_those_of_a_state_are_no_lines() -> None:
    assert limits_of(model(), 0) == ((180.0, "l"), (240.0, "hh"))
    assert limits_of(model(), 6) == ()


def test_setpoint_is_the_one_that_the_type_of_the_machine_names() -> None:
    assert setpoint_of(model(), 0) == 2
    assert setpoint_of(model(), 1) is None


def test_state_keeps_its_words() -> None:
    (pen,) = pens_of(model(), [6], COLOURS)
    assert pen.states == {0: "Off", 1: "On"} and pen.decimals == 0
