"""The asset tree of a project: levels, roles, what stands for what."""

from __future__ import annotations

import msgspec
import pytest

from engine.types import (
    AssetRow,
    AssetType,
    Document,
    Limit,
    NameplateEntry,
    Plan,
    Plant,
    Project,
    Relation,
    SavedView,
    Tag,
)
from hmi import model as plant_model
from hmi.model import ancestors, asset_of, build, main_of, short_name, tag_at, trail, trend_of, unit_of

PRESS = AssetType(
    id="press",
    paths=("*/S50 *",),
    level="unit",
    main="Hydraulics/Pressure",
    trend=("Hydraulics/Pressure", "Gone"),
)
AIR = AssetType(id="air", paths=("Utilities/*",), level="utility")


def project(*paths: str, types: tuple[AssetType, ...] = (), limits: tuple[Limit, ...] = ()) -> Project:
    """A project with these tags, all with a range."""
    tags = tuple(Tag(n, path, "plc", "a", low=0, high=10) for n, path in enumerate(paths))
    return Project("", Plant("Body shop"), (), tags, types, limits)


LINE = ("Line/S50 Press/State", "Line/S50 Press/Hydraulics/Pressure", "Utilities/Air/Pressure")


def test_a_type_says_the_level_and_what_lies_below_is_equipment() -> None:
    model = build(project(*LINE, types=(PRESS, AIR)))
    assert {path: each.level for path, each in model.assets.items()} == {
        "Line": "area",
        "Line/S50 Press": "unit",
        "Line/S50 Press/Hydraulics": "equipment",
        "Utilities": "area",
        "Utilities/Air": "utility",
    }
    assert (model.units, model.utilities) == (("Line/S50 Press",), ("Utilities/Air",))
    assert model.roots == ("Line", "Utilities")


@pytest.mark.parametrize(
    ("paths", "units"),
    [
        (("Pressure",), ("",)),
        (("Boiler/Pressure", "Boiler/Level"), ("Boiler",)),
        (
            ("Framing/S50/Pressure", "Framing/S50/Pump/Current", "Air/Header/Pressure"),
            ("Framing/S50", "Air/Header"),
        ),
        (("A/B/C/D/E/F/G/Deep",), ("A/B",)),
    ],
)
def test_without_types_every_tag_still_lies_in_a_unit(paths: tuple[str, ...], units: tuple[str, ...]) -> None:
    model = build(project(*paths))
    assert model.units == units
    assert all(unit_of(model, path) is not None for path in paths)


def test_every_tag_is_below_each_of_its_ancestors_and_own_to_one() -> None:
    model = build(project(*LINE))
    for at, tag in enumerate(model.tags):
        assert all(at in model.assets[each].below for each in ancestors(tag.path))
        assert [path for path, asset in model.assets.items() if at in asset.tags] == [ancestors(tag.path)[0]]


def test_parents_come_before_their_children_in_the_tree() -> None:
    model = build(project("B/x/T", "A/y/T", "B/z/T"))
    assert list(model.assets) == ["B", "B/x", "B/z", "A", "A/y"]


def test_the_main_tag_is_the_stated_one_and_else_the_most_critical_with_a_range() -> None:
    typed = build(project(*LINE, types=(PRESS,)))
    assert main_of(typed, typed.assets["Line/S50 Press"]) == 1
    tags = (
        Tag(0, "U/V/on", "s", "a", "bool"),
        Tag(1, "U/V/p", "s", "a", low=0, high=1),
        Tag(2, "U/V/q", "s", "a"),
    )
    critical = Tag(3, "U/V/r", "s", "a", low=0, high=1, criticality="critical")
    plain = build(Project("", Plant(""), (), tags))
    assert main_of(plain, plain.assets["U/V"]) == 1
    sharper = build(Project("", Plant(""), (), (*tags, critical)))
    assert main_of(sharper, sharper.assets["U/V"]) == 3
    assert trend_of(sharper, sharper.assets["U/V"]) == (3,)


def test_tags_that_a_type_names_and_an_asset_lacks_are_left_out() -> None:
    model = build(project(*LINE, types=(PRESS,)))
    press = model.assets["Line/S50 Press"]
    assert trend_of(model, press) == (1,)
    assert tag_at(model, press, "Gone") is None
    assert tag_at(model, press, "") is None


def test_tag_that_lies_at_the_asset_above_is_found_from_the_one_below() -> None:
    model = build(project("L/P/Supply/Speed", "L/P/Supply/Pump/Hours", "Speed"))
    pump = model.assets["L/P/Supply/Pump"]
    assert tag_at(model, pump, "../Speed") == model.index["L/P/Supply/Speed"]
    assert tag_at(model, pump, "../Hours") is None
    assert tag_at(model, pump, "../../../../Speed") == model.index["Speed"]


def test_limits_stand_at_their_tag_lowest_first_and_unknown_tags_are_left_out() -> None:
    path = "Line/S50 Press/Hydraulics/Pressure"
    limits = (Limit(path, "hh", 240), Limit(path, "l", 180), Limit("No/Such/Tag", "h", 1))
    model = build(project(*LINE, limits=limits))
    assert {at: [each.kind for each in found] for at, found in model.limits.items()} == {1: ["l", "hh"]}


def test_an_asset_is_found_by_its_own_path_and_by_that_of_its_tag() -> None:
    model = build(project(*LINE))
    hydraulics = model.assets["Line/S50 Press/Hydraulics"]
    assert asset_of(model, "Line/S50 Press/Hydraulics/Pressure") is hydraulics
    assert asset_of(model, "Line/S50 Press/Hydraulics") is hydraulics
    assert asset_of(model, "Line/Nothing") is None
    assert trail(model, "Line/S50 Press") == ("Body shop", "Line", "S50 Press")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("S50 Roof press", ("S50", "Roof press")),
        ("Compressed air", ("Compressed air", "")),
        ("S50", ("S50", "")),
    ],
)
def test_a_short_name_is_the_number_a_station_goes_by(name: str, parts: tuple[str, str]) -> None:
    assert short_name(name) == parts


def test_a_plant_of_4000_tags_is_ready_without_work_for_each_pair_of_tags() -> None:
    paths = [f"Cell/U{n // 400:02}/E{n // 40:03}/T{n}" for n in range(4000)]
    model = build(project(*paths))
    assert len(model.assets) == 1 + 10 + 100
    assert plant_model.unit_of(model, paths[-1]) is model.assets["Cell/U09"]


def test_an_asset_of_assets_csv_alone_stands_in_the_tree_with_its_type_and_level() -> None:
    rows = (
        AssetRow("Line/S50 Press/Pump", "pump", "ControlModule", "Main pump", "P-501"),
        AssetRow("Stores/Rack 1", level="StorageUnit"),
        AssetRow("Utilities/Air", "press"),
    )
    made = project(*LINE, types=(PRESS, AIR, AssetType(id="pump", symbol="pump")))
    model = build(msgspec.structs.replace(made, assets=rows))
    pump = model.assets["Line/S50 Press/Pump"]
    assert (pump.parent, pump.tags, pump.below, pump.level) == ("Line/S50 Press", (), (), "equipment")
    assert (pump.type.id, pump.equipment, pump.title, pump.number) == (
        "pump",
        "ControlModule",
        "Main pump",
        "P-501",
    )
    assert pump.path in model.assets["Line/S50 Press"].children
    assert main_of(model, pump) is None
    assert (model.assets["Stores"].level, model.assets["Stores/Rack 1"].level) == ("area", "unit")
    assert model.roots == ("Line", "Utilities", "Stores")
    assert model.assets["Utilities/Air"].type.id == "press", "the row goes before the pattern"
    assert asset_of(model, "Line/S50 Press/Pump") is pump


def test_graph_documents_plates_views_and_plan_are_at_hand_by_asset() -> None:
    press, feed = "Line/S50 Press", Relation("Utilities/Air", "feeds", "Line/S50 Press")
    manuals = (Document(press, "Manual", "m.pdf"), Document(press, "Drawing", "d.png", kind="drawing"))
    plate, view = NameplateEntry(press, "Maker", "X"), SavedView("All", (0, 0, 0), 9, 0, 0)
    model = build(
        msgspec.structs.replace(
            project(*LINE),
            relations=(feed,),
            documents=manuals,
            nameplates=(plate,),
            views=(view,),
            plan=Plan("hall.png"),
        )
    )
    assert model.graph.by_object[press] == (feed,)
    assert (model.documents, model.nameplates) == ({press: manuals}, {press: (plate,)})
    assert (model.views, model.plan) == ((view,), Plan("hall.png"))
