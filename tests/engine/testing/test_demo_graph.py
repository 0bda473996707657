"""The demo line as a graph: sound files, and a web that leads from the utilities to the machines."""

from __future__ import annotations

from functools import cache

import pytest

from engine import app, config, paths
from engine.twin.graph import PlantGraph, plant_graph
from engine.twin.trouble import Troubles
from engine.types import Project, downstream, upstream

LINE, HYDRAULICS = "Framing line 3", "Framing line 3/S50 Roof press/Hydraulics"


@cache
def demo() -> tuple[Project, PlantGraph]:
    project, problems = config.read(paths.resources() / "demo" / "framing", app.drivers())
    assert problems == []
    assert project is not None
    return project, plant_graph(project)


def test_the_ram_is_fed_by_the_pump_over_the_valve_and_all_the_way_from_transformer_and_tower() -> None:
    _, plant = demo()
    found = {
        each.path.rpartition("/")[2]: each.steps
        for each in upstream(plant.graph, f"{LINE}/S50 Roof press/Ram")
    }
    assert (found["V-502"], found["P-501"], found["Hydraulics"]) == (1, 2, 1)
    assert {"Circuit S50", "Cooling water", "Chiller 1", "Tower 1", "Transformer 2"} <= set(found)


def test_every_station_gets_power_and_air_and_bodies_go_from_the_first_to_the_last() -> None:
    _, plant = demo()
    stations = [path for path, asset in plant.assets.items() if asset.level == "WorkCell"]
    assert len(stations) == 8
    for station in stations:
        assert {each.path for each in upstream(plant.graph, station)} >= {
            f"Utilities/Power/Feeder {station[15:18]}"
        }
        air = {each.path for each in upstream(plant.graph, f"{station}/Air supply")}
        assert "Utilities/Compressed air/Compressor 1" in air
    way = [each.path for each in downstream(plant.graph, f"{stations[0]}/Conveyor")]
    assert way == [f"{station}/Conveyor" for station in stations[1:]]


@pytest.mark.parametrize(
    ("earlier", "later", "why"),
    [
        (
            f"{HYDRAULICS}/P-501",
            f"{LINE}/S50 Roof press/Ram/Force",
            "S50 P-501 feeds S50 V-502, which feeds S50 Ram.",
        ),
        (HYDRAULICS, f"{LINE}/S50 Roof press/Ram/Force", "S50 Hydraulics feeds S50 Ram."),
        (
            "Utilities/Cooling water/Circuit S30",
            f"{LINE}/S30 Spot weld A/Robot 2/Weld current",
            "Circuit S30 cools S30 Robot 2.",
        ),
    ],
)
def test_trouble_spreads_as_the_plant_is_built(earlier: str, later: str, why: str) -> None:
    _, plant = demo()
    assert {each.origin: each.why for each in Troubles(plant).before(later)}[earlier] == why


def test_robots_of_one_line_say_nothing_of_each_other() -> None:
    _, plant = demo()
    troubles = Troubles(plant)
    for station in ("S30 Spot weld A", "S40 Spot weld B", "S60 Respot"):
        origins = {each.origin for each in troubles.before(f"{LINE}/{station}/Robot 1/Weld current")}
        assert not any(origin.startswith(LINE) for origin in origins)


def test_documents_and_plates_stand_where_people_look_for_them() -> None:
    project, _ = demo()
    found = {(each.asset, each.title): each for each in project.documents}
    assert found[HYDRAULICS, "HYD-5012: seal change"].page == 44
    assert sum(each.file == "robot-manual.pdf" for each in project.documents) == 12
    robots = {each.asset for each in project.nameplates if "/Robot " in each.asset}
    makers = [each for each in project.nameplates if each.name == "ManufacturerName" and each.asset in robots]
    assert len(robots) == len(makers) == 12


def test_robots_ram_lift_and_conveyors_move_with_their_tags() -> None:
    project, _ = demo()
    moved = [part for part in project.parts if part.motions]
    assert [
        sum(part.shape == shape for part in moved) for shape in ("robot", "press ram", "gantry", "conveyor")
    ] == [*(12, 1, 1, 8)]
    assert sum(len(part.motions) for part in moved) == 12 * 6 + 10
