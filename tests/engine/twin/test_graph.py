"""The assets of a project as a graph, and from where trouble reaches them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.twin.graph import PlantGraph, ancestors, descendants, plant_graph, short
from engine.twin.trouble import MOST_LOOKED_AT, MOST_ORIGINS, MOST_STEPS, MOST_WHOLES, Troubles
from engine.types import (
    CARRYING,
    AssetRow,
    AssetType,
    Graph,
    Plant,
    Project,
    Relation,
    RelationKind,
    Spread,
    Tag,
)
from hmi import model as plant_model

PRESS, HYDRAULICS, RAM = "Line/S50 Press", "Line/S50 Press/Hydraulics", "Line/S50 Press/Ram"
PUMP, VALVE = f"{HYDRAULICS}/P-501", f"{HYDRAULICS}/V-502"
AIR, BRANCH, FEEDER = "Utilities/Air", "Utilities/Air/Branch S50", "Utilities/Power/Feeder S50"
VIBRATION, FORCE, STATE = f"{HYDRAULICS}/Vibration", f"{RAM}/Force", f"{PRESS}/State"
PATHS = (
    VIBRATION,
    FORCE,
    STATE,
    f"{AIR}/Pressure",
    f"{BRANCH}/Flow",
    f"{FEEDER}/Current",
    "Line/S60 Weld/State",
)
RELATIONS = (
    Relation(PUMP, "feeds", VALVE, "oil"),
    Relation(VALVE, "feeds", RAM, "oil"),
    Relation(HYDRAULICS, "feeds", RAM, "oil"),
    Relation(PUMP, "measured by", VIBRATION),
    Relation(FEEDER, "feeds", PRESS),
    Relation(AIR, "feeds", BRANCH),
    Relation(BRANCH, "feeds", PRESS),
    Relation(PRESS, "feeds", "Line/S60 Weld", "bodies"),
    Relation(BRANCH, "part of", PRESS),
)
ROWS = (
    AssetRow(PUMP, "", "ControlModule", "Main pump", "P-501"),
    AssetRow(VALVE),
    AssetRow("Line", level="Site"),
)
TYPES = (
    AssetType(id="unit", paths=("Line/S* *",), level="unit", equipment="WorkCell"),
    AssetType(id="air", paths=("Utilities/*",), level="utility"),
)


def project(relations: tuple[Relation, ...] = RELATIONS, rows: tuple[AssetRow, ...] = ROWS) -> Project:
    tags = tuple(Tag(k, path, "plc", "a") for k, path in enumerate(PATHS))
    return Project("", Plant("P"), (), tags, TYPES, assets=rows, relations=relations)


def plant() -> PlantGraph:
    return plant_graph(project())


def test_assets_are_those_of_tags_and_of_rows_with_all_above_them() -> None:
    found = plant().assets
    assert set(found) == {
        *("Line", PRESS, HYDRAULICS, RAM, PUMP, VALVE, "Line/S60 Weld"),
        *("Utilities", AIR, BRANCH, "Utilities/Power", FEEDER),
    }
    order = list(found)
    assert all(order.index(path.rpartition("/")[0]) < order.index(path) for path in order if "/" in path)
    pump = found[PUMP]
    assert (pump.level, pump.title, pump.number, pump.tags) == (
        "ControlModule",
        "Main pump",
        "P-501",
        (VIBRATION,),
    )


def test_the_level_is_that_of_the_row_then_of_the_type_then_as_it_is_displayed() -> None:
    levels = {path: asset.level for path, asset in plant().assets.items()}
    assert levels["Line"] == "Site"
    assert levels[PRESS] == levels["Line/S60 Weld"] == "WorkCell"
    assert (levels["Utilities"], levels[AIR], levels[RAM]) == ("Area", "WorkUnit", "EquipmentModule")


def test_engine_and_window_agree_on_types_and_levels() -> None:
    shown = plant_model.build(project())
    found = plant().assets
    assert {path: (asset.equipment, asset.type.id) for path, asset in shown.assets.items()} == {
        path: (asset.level, asset.type) for path, asset in found.items()
    }


def test_parents_are_by_path_and_by_part_of() -> None:
    found = plant()
    assert found.assets[BRANCH].parents == (AIR, PRESS)
    assert ancestors(found, BRANCH) == (AIR, PRESS, "Utilities", "Line")
    assert BRANCH in found.assets[PRESS].children
    assert set(descendants(found, PRESS)) == {HYDRAULICS, RAM, PUMP, VALVE, BRANCH}
    assert ancestors(found, "Gone") == descendants(found, "Gone") == ()


def test_a_tag_speaks_for_what_it_measures_and_else_for_the_asset_it_lies_in() -> None:
    found = plant()
    assert found.of(VIBRATION) == (PUMP,)
    assert found.of(FORCE) == (RAM,)
    assert found.of(RAM) == (RAM,)
    assert found.of("Gone/Tag") == ()


def test_an_asset_is_named_with_the_number_of_its_station() -> None:
    assert [short(path) for path in (RAM, PUMP, PRESS, FEEDER, "Line")] == [
        *("S50 Ram", "S50 P-501", "S50 Press", "Feeder S50", "Line")
    ]


def before(path: str) -> dict[str, Spread]:
    return {each.origin: each for each in Troubles(plant()).before(path)}


def test_trouble_reaches_a_ram_from_the_pump_by_the_valve_and_says_so() -> None:
    found = before(FORCE)
    assert found[PUMP].why == "S50 P-501 feeds S50 V-502, which feeds S50 Ram."
    assert (found[PUMP].steps, found[HYDRAULICS].steps) == (2, 1)
    assert found[HYDRAULICS].why == "S50 Hydraulics feeds S50 Ram."
    assert found[HYDRAULICS].is_of_parts and found[VALVE].is_of_parts


def test_what_feeds_a_whole_feeds_its_parts_but_parts_of_it_do_not() -> None:
    found = before(FORCE)
    assert found[FEEDER].why == "Feeder S50 feeds S50 Press."
    assert not found[FEEDER].is_of_parts, "a part of the feeder says nothing of a part of the press"
    assert before(STATE)[FEEDER].is_of_parts


def test_trouble_does_not_go_upstream_nor_to_itself() -> None:
    assert before(f"{FEEDER}/Current") == before(f"{AIR}/Pressure") == {}
    assert set(before(VIBRATION)).isdisjoint({PUMP, VALVE, RAM, HYDRAULICS})


def test_so_many_relations_are_too_many_for_a_cause() -> None:
    chain = tuple(Relation(f"C{k}", "feeds", f"C{k + 1}") for k in range(9))
    made = plant_graph(project(chain, tuple(AssetRow(f"C{k}") for k in range(10))))
    assert [each.steps for each in Troubles(made).before("C9")] == list(range(1, MOST_STEPS + 1))


def test_a_plant_that_ties_everything_to_everything_is_looked_at_within_bounds() -> None:
    names = [f"C{k}" for k in range(120)]
    everything = tuple(Relation(one, "feeds", other) for one in names for other in names if one != other)
    made = plant_graph(project(everything, tuple(AssetRow(name) for name in names)))
    found = Troubles(made).before("C0")
    assert (len(found), {each.steps for each in found}) == (MOST_ORIGINS, {1})


def test_a_hub_of_relations_that_carry_nothing_and_a_deep_chain_of_parts_cost_little() -> None:
    seen: list[str] = []

    class Counted(dict[str, tuple[Relation, ...]]):
        def get(self, key: str, default: Any = None) -> Any:
            for each in super().get(key, ()):
                seen.append(key)
                yield each

    hub = tuple(Relation(f"C{k}", "part of", "C0") for k in range(1, MOST_LOOKED_AT + 500))
    deep = tuple(Relation(f"D{k}", "part of", f"D{k + 1}") for k in range(300))
    rows = tuple(AssetRow(each.subject) for each in (*hub, *deep)) + (AssetRow("C0"), AssetRow("D300"))
    made = plant_graph(project((*hub, *deep), rows))
    counted = PlantGraph(made.assets, Graph((), made.graph.by_subject, Counted(made.graph.by_object)))
    assert Troubles(counted).before("C0") == ()
    assert len(seen) == MOST_LOOKED_AT + 1
    assert Troubles(made).places("D0")[1] == tuple(f"D{k + 1}" for k in range(MOST_WHOLES))


PLACES = [f"{a}/{b}/{c}" for a in "AB" for b in "xy" for c in "pq"] + ["A/x", "B/y", "A"]
KINDS: tuple[RelationKind, ...] = (*CARRYING, "part of")


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(KINDS), st.sampled_from(PLACES)), max_size=25)
)
def test_every_spread_is_one_that_the_relations_make(rows: list[tuple[str, RelationKind, str]]) -> None:
    given_ = tuple(Relation(*row) for row in rows if row[0] != row[2])
    made = plant_graph(project(given_, tuple(AssetRow(path) for path in PLACES)))
    troubles = Troubles(made)
    for place in PLACES:
        near = {place, *ancestors(made, place)}
        first = {one.subject for one in given_ if one.kind in CARRYING and one.object in near} - {place}
        found = troubles.before(place)
        assert {each.origin for each in found if each.steps == 1} == first
        assert [each.steps for each in found] == sorted(each.steps for each in found)
        assert place not in {each.origin for each in found}
        for each in found:
            if each.is_of_parts:
                assert each.origin not in near
