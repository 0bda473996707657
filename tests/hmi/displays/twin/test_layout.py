"""A scene that nobody drew: the order of the flow, room for everybody, thin lines for what flows."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from engine.types import AssetType, Part, Plan, Plant, Project, Relation, graph_of
from hmi.displays.twin.flows import flow_order, unit_flows
from hmi.displays.twin.layout import Plot, drawn_parts, laid_out, plots_of
from hmi.model import Model, build
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.placing import GAP, Box, Wanted, placed
from tests.hmi.displays.twin.plants import HYDRAULICS, PARTS, ROBOT, S10, S20, TYPES, model
from tests.hmi.plant import tag

KINDS = (
    AssetType(id="unit", paths=("Line */U*",), level="unit", main="Flow"),
    AssetType(id="robot", paths=("*/*/Robot*",), symbol="robot"),
    AssetType(id="util", paths=("Utilities/*",), level="utility", symbol="compressor"),
)


def plant(areas: int, units: int, devices: int, relations: tuple[Relation, ...] = (), **more: Any) -> Model:
    """Areas of units with robots, and two utilities."""
    tags = [tag("Utilities/Air/Pressure"), tag("Utilities/Water/Pressure")]
    for area in range(areas):
        for unit in range(units):
            path = f"Line {area}/U{area}-{unit} Cell"
            tags += [tag(f"{path}/Flow"), *(tag(f"{path}/Robot {each}/Current") for each in range(devices))]
    facts: dict[str, Any] = {"types": KINDS, "relations": relations, **more}
    return build(Project("", Plant(name="P"), (), tuple(tags), **facts))


def feeds(*pairs: tuple[str, str]) -> tuple[Relation, ...]:
    """Units that feed each other."""
    return tuple(Relation(a, "feeds", b) for a, b in pairs)


def apart(plots: dict[str, Plot]) -> bool:
    """No two grounds share any spot."""
    all_of = list(plots.values())
    return all(
        abs(one.x - other.x) >= (one.length + other.length) / 2 - 1e-6
        or abs(one.y - other.y) >= (one.depth + other.depth) / 2 - 1e-6
        for at, one in enumerate(all_of)
        for other in all_of[at + 1 :]
    )


def test_what_feeds_stands_before_what_is_fed_and_all_else_as_tags_come() -> None:
    units = ("a", "b", "c", "d")
    assert flow_order(graph_of(()), units) == ["a", "b", "c", "d"]
    assert flow_order(graph_of(feeds(("d", "b"), ("b", "a"))), units) == ["c", "d", "b", "a"]
    assert flow_order(graph_of(feeds(("a", "c"))), units) == ["a", "c", "b", "d"], "a line goes on first"


def test_a_circle_of_flows_ends_where_it_began() -> None:
    found = flow_order(graph_of(feeds(("a", "b"), ("b", "c"), ("c", "a"))), ("c", "a", "b"))
    assert sorted(found) == ["a", "b", "c"] and found == ["c", "a", "b"]


def test_flows_of_devices_are_flows_of_their_units_once_and_never_to_themselves() -> None:
    relations = (
        Relation("L/U1/Pump", "feeds", "L/U2/Tank"),
        Relation("L/U1/Other pump", "cools", "L/U2"),
        Relation("L/U1/Pump", "drives", "L/U1/Fan"),
        Relation("L/U2/Tank", "measured by", "L/U1/Level"),
    )
    assert unit_flows(graph_of(relations), ("L/U1", "L/U2")) == [("L/U1", "L/U2")]


def test_units_of_a_line_stand_in_the_order_of_the_flow() -> None:
    made = plant(
        1, 4, 1, feeds(("Line 0/U0-3 Cell", "Line 0/U0-1 Cell"), ("Line 0/U0-1 Cell", "Line 0/U0-0 Cell"))
    )
    plots = plots_of(made)
    order = sorted(made.units, key=lambda path: plots[path].x)
    assert [path[-6] for path in order] == ["2", "3", "1", "0"]
    assert len({plots[path].y for path in made.units}) == 1


@pytest.mark.parametrize(
    ("areas", "units", "devices"), [(1, 3, 2), (1, 9, 14), (3, 33, 4), (4, 1, 0), (1, 60, 6)]
)
def test_every_unit_has_ground_of_its_own_and_utilities_stand_behind(
    areas: int, units: int, devices: int
) -> None:
    made = plant(areas, units, devices)
    plots = plots_of(made)
    assert set(plots) == {*made.units, *made.utilities} and apart(plots)
    front = max(plots[path].y for path in made.units)
    assert all(plots[path].y > front for path in made.utilities)


def test_hundreds_of_assets_fill_a_picture_instead_of_a_line() -> None:
    plots = plots_of(plant(3, 33, 4)).values()
    wide = max(each.x for each in plots) - min(each.x for each in plots)
    deep = max(each.y for each in plots) - min(each.y for each in plots)
    assert 0.9 < wide / deep < 2.4


def test_every_device_stands_on_the_ground_of_its_unit_and_on_nobodys_foot() -> None:
    made = plant(1, 2, 14)
    scene = scene_of([part for part in laid_out(made) if part.asset])
    ground = {
        part.asset: box for box, part in zip(scene.boxes, scene.parts, strict=True) if part.shape == "zone"
    }
    spots: list[tuple[float, float]] = []
    for part in scene.parts:
        if part.shape == "robot":
            low, high = ground[part.asset.rpartition("/")[0]][:, :2]
            assert low[0] <= part.at[0] <= high[0] and low[1] <= part.at[1] <= high[1]
            spots.append(part.at[:2])
    assert len(spots) == 28 == len(set(spots))


def test_each_flow_is_a_line_with_a_head_and_takes_no_state() -> None:
    made = plant(
        1, 3, 1, feeds(("Line 0/U0-0 Cell", "Line 0/U0-1 Cell"), ("Utilities/Air", "Line 0/U0-2 Cell"))
    )
    pipes = [part for part in laid_out(made) if part.shape == "pipe"]
    assert pipes and not any(part.asset for part in pipes)
    assert sum(len(part.points) == 3 for part in pipes) == 2, "a head for each"
    plots = plots_of(made)
    ends = [part.at for part in pipes if len(part.points) == 3]
    to = plots["Line 0/U0-1 Cell"], plots["Line 0/U0-2 Cell"]
    for (x, y, _), plot in zip(ends, to, strict=True):
        assert abs(x - plot.x) <= plot.length / 2 + 0.1 and abs(y - plot.y) <= plot.depth / 2 + 0.1


def test_on_a_plan_picture_all_stands_on_the_picture() -> None:
    made = on_plan(plant(1, 12, 2), Plan("hall.png", at=(10.0, 20.0), width=40.0))
    plots = plots_of(made).values()
    assert min(each.x - each.length / 2 for each in plots) == pytest.approx(11.0)
    assert max(each.x + each.length / 2 for each in plots) < 50.0
    assert min(each.y - each.depth / 2 for each in plots) == pytest.approx(21.0)


def on_plan(made: Model, plan: Plan) -> Model:
    """The same plant on a plan."""
    return replace(made, plan=plan)


def test_parts_of_a_type_stand_around_the_place_of_the_asset_where_nothing_draws_it() -> None:
    arm = Part(shape="tank", at=(1.0, 0.0, 0.5), turn=10.0)
    gauge = Part(shape="box", asset="Valve 7")
    kinds = tuple(
        msgspec.structs.replace(each, parts=(arm, gauge)) if each.id in ("hydraulics", "robot") else each
        for each in TYPES
    )
    without = tuple(part for part in PARTS if part.asset != HYDRAULICS)
    made = drawn_parts(model(types=kinds, parts=without))
    assert made[: len(without)] == without
    more = made[len(without) :]
    assert [part.asset for part in more] == [HYDRAULICS, f"{HYDRAULICS}/Valve 7"], (
        "the robot is drawn already"
    )
    base = more[1].at
    assert more[0].at[2] == 0.5 and (more[0].at[0] - base[0]) ** 2 + (
        more[0].at[1] - base[1]
    ) ** 2 == pytest.approx(1)
    assert {part.asset for part in more[:1]} == {HYDRAULICS} and all(part.locked for part in more)
    near = next(part for part in PARTS if part.asset == S20)
    assert abs(base[0] - near.at[0]) < 4 and abs(base[1] - near.at[1]) < 4


def test_parts_of_a_type_stand_in_a_made_up_scene_too() -> None:
    kinds = tuple(
        msgspec.structs.replace(each, parts=(Part(shape="tank"),)) if each.id == "robot" else each
        for each in TYPES
    )
    parts = laid_out(model(types=kinds, parts=()))
    assert [part.shape for part in parts if part.asset == ROBOT] == ["tank"]
    assert any(part.asset == S10 and part.shape == "zone" for part in parts)


def test_nothing_at_all_gives_no_parts() -> None:
    assert laid_out(Model()) == ()


def test_labels_never_overlap_and_those_of_trouble_find_room_first() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        area = Box(8, 8, chance.choice((560.0, 1000.0, 1800.0)), chance.choice((300.0, 560.0, 900.0)))
        taken = [Box(12, 12, 300, 42), Box(area.width - 80, area.height - 100, 66, 92)]
        labels = [
            Wanted(
                chance.uniform(-40, area.width + 60),
                chance.uniform(-40, area.height + 60),
                chance.uniform(60, 240),
                34,
                rank := chance.choice((1, 2, 9, 9, 9, 9, 9, 9)),
                260 if rank < 9 else chance.choice((56, 260)),
            )
            for _ in range(chance.randint(1, 90))
        ]
        found = placed(labels, area, taken)
        boxes = [each for each in found if each is not None]
        for at, one in enumerate(boxes):
            assert area.x <= one.x and one.x + one.width <= area.x + area.width + 1e-6
            assert area.y <= one.y and one.y + one.height <= area.y + area.height + 1e-6
            wide = Box(one.x - GAP / 2, one.y - GAP / 2, one.width + GAP, one.height + GAP)
            for other in (*boxes[at + 1 :], *taken):
                assert not wide.meets(other), f"set {seed}"
        # What is calm takes no room from trouble: too wide to stand anywhere, it changes nothing there.
        bare = [each if each.rank < 9 else replace(each, width=1e6) for each in labels]
        alone = placed(bare, area, taken)
        for label, one, other in zip(labels, found, alone, strict=True):
            assert label.rank == 9 or one == other, f"set {seed}"
