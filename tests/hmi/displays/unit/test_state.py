"""How an asset is arranged, with types and without, decided without a screen."""

from __future__ import annotations

import msgspec

from engine.types import Project
from hmi.displays.unit import state
from hmi.displays.unit.state import Arrangement
from hmi.model import Model, build
from tests.hmi.displays.unit.cell import AIR, CELL, PRESS, PROJECT, TAGS, model
from tests.hmi.plant import PLANT, tag


def arranged(model: Model, path: str) -> Arrangement:
    """The arrangement of an asset that is there."""
    found = state.arrange(model, path)
    assert found is not None
    return found


def names(model: Model, tags: tuple[int, ...]) -> list[str]:
    """Last parts of the paths."""
    return [model.tags[at].path.rpartition("/")[2] for at in tags]


def test_devices_are_the_equipment_below_with_what_their_type_shows() -> None:
    plant = model()
    shown = arranged(plant, CELL)
    assert [each.name for each in shown.devices] == ["Robot 1", "Robot 2", "Cabinet"]
    robot = shown.devices[0]
    assert (robot.symbol, robot.running) == ("robot", (1,))
    assert names(plant, (robot.main or 0, *robot.lines)) == ["Weld current", "Tip wear"]


def test_device_without_a_critical_value_is_small_beside_those_that_have_one() -> None:
    shown = arranged(model(), CELL)
    assert [each.is_minor for each in shown.devices] == [False, False, True]
    calm = tuple(msgspec.structs.replace(each, criticality="normal") for each in TAGS)
    plain = arranged(build(Project("", PLANT, (), calm)), CELL)
    assert not any(each.is_minor for each in plain.devices)


def test_interlocks_are_those_of_the_type_and_no_device() -> None:
    shown = arranged(model(), CELL)
    assert [(each.text, each.ok) for each in shown.checks] == [
        ("Guard closed", True),
        ("not: Door open", False),
    ]
    assert "Interlocks" not in [each.name for each in shown.devices]


def test_folder_of_interlocks_is_understood_without_a_type() -> None:
    shown = arranged(build(Project("", PLANT, (), TAGS)), CELL)
    assert [each.text for each in shown.checks] == ["Guard closed", "Door open"]
    assert [each.name for each in shown.devices] == ["Robot 1", "Robot 2", "Cabinet"]


def test_folder_called_interlocks_that_holds_a_measurement_is_a_device() -> None:
    tags = (tag("a/b/Interlocks/Pressure"), tag("a/b/Interlocks/Guard", type="bool"))
    shown = arranged(build(Project("", PLANT, (), tags)), "a/b")
    assert not shown.checks
    assert [each.name for each in shown.devices] == ["Interlocks"]


def test_unit_takes_the_feedback_of_its_devices_where_it_has_none_of_its_own() -> None:
    plant = model()
    assert [(each.text, each.is_own) for each in arranged(plant, PRESS).pairs] == [
        ("P-501", True),
        ("V-502", True),
    ]
    assert [(each.text, each.is_own) for each in arranged(plant, CELL).pairs] == [
        ("Robot 1 Weld current", False)
    ], "Robot 2 has no setpoint, so there is nothing to compare"


def test_drawn_asset_has_the_title_of_its_drawing_and_lists_no_value_twice() -> None:
    plant = model()
    shown = arranged(plant, PRESS)
    assert shown.title == "Hydraulic circuit"
    assert shown.mimic is not None
    assert not set(names(plant, shown.shown)) & {"Pressure", "Oil level", "Force"}


def test_plant_of_three_tags_and_no_types_shows_all_of_them() -> None:
    tags = (
        tag("Framing/S50 Press/Pressure"),
        tag("Utilities/Air/Pressure", low=5, high=8),
        tag("Utilities/Air/Compressor", "", None, None, type="bool"),
    )
    plant = build(Project("", PLANT, (), tags))
    press, air = arranged(plant, "Framing/S50 Press"), arranged(plant, "Utilities/Air")
    assert (press.main, press.devices, press.checks, press.more) == (0, (), (), 0)
    assert (air.main, air.shown, air.trend) == (1, (2,), (1,))
    assert state.place_of(plant, "") == "Framing/S50 Press"


def test_tag_without_a_folder_belongs_to_the_plant_itself() -> None:
    plant = build(Project("", PLANT, (), (tag("Pressure"),)))
    assert state.place_of(plant, "") == ""
    assert (arranged(plant, "").title, arranged(plant, "").main) == (PLANT.name, 0)


def test_unit_of_five_hundred_tags_shows_the_critical_ones_and_counts_the_rest() -> None:
    tags = tuple(
        tag(f"a/Unit/T{n}", criticality="critical" if n in (7, 400) else "normal") for n in range(500)
    )
    shown = arranged(build(Project("", PLANT, (), tags)), "a/Unit")
    assert (shown.main, shown.shown[0]) == (7, 400)
    assert len(shown.shown) == state.MOST_SHOWN
    assert shown.more == 500 - 1 - state.MOST_SHOWN


def test_text_comes_after_measurements_and_switches() -> None:
    tags = (tag("a/b/Recipe", type="string"), tag("a/b/On", type="bool"), tag("a/b/P"), tag("a/b/Q"))
    assert arranged(build(Project("", PLANT, (), tags)), "a/b").shown == (3, 1, 0)


def test_tag_opens_its_unit_and_stays_where_its_equipment_is_looked_at() -> None:
    plant, pressure = model(), f"{PRESS}/Hydraulics/Pressure"
    assert state.place_of(plant, pressure) == PRESS
    assert state.place_of(plant, pressure, CELL) == PRESS
    assert state.place_of(plant, pressure, f"{PRESS}/Hydraulics") == f"{PRESS}/Hydraulics"
    assert state.place_of(plant, pressure, f"{PRESS}/Ram") == PRESS
    assert state.place_of(plant, f"{PRESS}/Ram") == f"{PRESS}/Ram"


def test_place_nobody_knows_is_none_and_no_place_is_the_last_one() -> None:
    plant = model()
    assert state.place_of(plant, "Line 3/S99") is None
    assert state.place_of(plant, "", f"{PRESS}/Ram") == f"{PRESS}/Ram"
    assert state.place_of(plant, "", "gone") == CELL
    assert state.place_of(build(Project("", PLANT, (), ())), "") is None


def test_units_follow_units_and_robots_follow_robots() -> None:
    plant = model()
    assert state.beside(plant, CELL, 1) == PRESS
    assert state.beside(plant, CELL, -1) is None
    assert state.beside(plant, AIR, 1) is None, "a utility is no unit"
    assert state.beside(plant, f"{CELL}/Robot 1", 1) == f"{CELL}/Robot 2"
    assert state.beside(plant, f"{CELL}/Robot 1", -1) is None, "interlocks are no equipment"


def test_project_of_the_tests_is_what_they_think_it_is() -> None:
    plant = build(PROJECT)
    assert (plant.units, plant.utilities) == ((CELL, PRESS), (AIR,))
