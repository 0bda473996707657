"""What the twin shows of a plant: looks, labels, trouble, and a scene where nobody drew one."""

from __future__ import annotations

from engine.types import Part
from hmi.displays.twin import layout, state
from hmi.model import build
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.shapes import FLAT, known
from tests.hmi.displays.twin.plants import (
    AIR,
    HYDRAULICS,
    LINE,
    ROBOT,
    S10,
    S20,
    VALVE,
    alarm,
    model,
    snapshot,
)
from tests.hmi.plant import BAD, PROJECT, STALE, UNCERTAIN

TWIN = state.twin_of(model())
PRESSURE = f"{HYDRAULICS}/Pressure"


def test_an_alarm_tints_its_equipment_and_outlines_the_unit_around_it() -> None:
    looks = state.looks(TWIN, [alarm(PRESSURE, 1)], snapshot())
    assert looks[HYDRAULICS].priority == 1
    assert (looks[S20].priority, looks[S20].around) == (0, 1)
    assert (looks[S10].priority, looks[S10].around, looks[ROBOT].priority) == (0, 0, 0)


def test_an_alarm_of_something_undrawn_tints_the_nearest_machine_above_it() -> None:
    looks = state.looks(TWIN, [alarm(f"{VALVE}/Open", 3)], snapshot())
    assert looks[HYDRAULICS].priority == 3
    own = state.looks(TWIN, [alarm(f"{S20}/Cycle time", 2)], snapshot())
    assert own[S20].priority == 2, "the press itself"
    ground = state.looks(TWIN, [alarm(f"{S10}/Cycle time", 2)], snapshot())
    assert (ground[S10].priority, ground[S10].around) == (0, 2), "ground is outlined, never tinted"


def test_the_worst_of_several_alarms_counts_and_returned_ones_do_not() -> None:
    alarms = [alarm(PRESSURE, 3), alarm(f"{VALVE}/Open", 2), alarm(f"{ROBOT}/Weld current", 1, "returned")]
    looks = state.looks(TWIN, alarms, snapshot())
    assert looks[HYDRAULICS].priority == 2
    assert looks[ROBOT].priority == 0 and looks[S10].around == 0


def test_a_part_is_as_trusted_as_its_main_and_state_tags() -> None:
    kinds = {
        path: look.kind for path, look in state.looks(TWIN, [], snapshot(status={4: STALE, 1: BAD})).items()
    }
    assert kinds[HYDRAULICS] == "stale" and kinds[S20] == "stale"
    assert kinds[S10] == "bad" and kinds[ROBOT] == "normal"
    assert {look.kind for look in state.looks(TWIN, [], None).values()} == {"never"}


def test_running_comes_from_the_state_tag_and_is_unknown_without_one() -> None:
    assert state.looks(TWIN, [], snapshot())[S10].running is True
    assert state.looks(TWIN, [], snapshot((59.2, 2.0, 9.6, 58.8, 241.6, 0.0, 1.0, 6.1)))[S10].running is False
    assert state.looks(TWIN, [], snapshot(status={1: STALE}))[S10].running is None
    assert state.looks(TWIN, [], snapshot())[S20].running is None


def test_each_unit_and_utility_has_a_label_with_its_cycle_time_or_main_value() -> None:
    labels = state.labels(TWIN, [], snapshot())
    assert [(label.name, label.value, label.unit, label.priority) for label in labels] == [
        ("S10", "59.2", "s", 0),
        ("S20", "58.8", "s", 0),
        ("Air", "6.1", "bar", 0),
    ]


def test_a_label_in_alarm_shows_the_number_in_alarm() -> None:
    label = state.labels(TWIN, [alarm(PRESSURE, 1)], snapshot())[1]
    assert (label.name, label.value, label.unit, label.priority) == ("S20", "241.6", "bar", 1)
    other = state.labels(TWIN, [alarm(f"{VALVE}/Open", 3)], snapshot())[1]
    assert (other.value, other.priority) == ("58.8", 3), "on and off is no number to watch"


def test_a_label_says_what_its_value_is_worth() -> None:
    kinds = [
        label.kind for label in state.labels(TWIN, [], snapshot(status={0: BAD, 3: STALE, 7: UNCERTAIN}))
    ]
    assert kinds == ["bad", "stale", "uncertain"]
    assert state.labels(TWIN, [], snapshot(status={0: BAD}))[0].value == "—"


def test_trouble_is_the_worst_alarm_and_of_equals_the_newest() -> None:
    alarms = [
        alarm(f"{AIR}/Pressure", 2, since_s=5),
        alarm(f"{ROBOT}/Weld current", 1, since_s=500),
        alarm(PRESSURE, 1, since_s=50),
        alarm(f"{S10}/Cycle time", 1, "returned", 1),
    ]
    assert state.trouble(TWIN.model, alarms) == HYDRAULICS
    assert state.trouble(TWIN.model, alarms[3:]) is None


def test_an_asset_without_a_part_is_seen_as_what_it_is_in() -> None:
    assert state.seen_as(TWIN, VALVE) == HYDRAULICS
    assert state.seen_as(TWIN, ROBOT) == ROBOT
    assert state.seen_as(TWIN, LINE) == "", "the whole line is not pointed at"


def test_the_trend_draws_the_main_tag_and_never_a_text() -> None:
    tags = TWIN.model.tags
    assert tags[state.drawn_tag(TWIN.model, S20) or 0].path == PRESSURE
    assert state.drawn_tag(TWIN.model, f"{HYDRAULICS}/Note") is None
    assert state.drawn_tag(TWIN.model, "nowhere") is None
    assert state.title_of(TWIN.model, HYDRAULICS) == "S20 Hydraulics"
    assert state.title_of(TWIN.model, S20) == "S20 Press"


def test_a_project_without_a_scene_gets_its_units_in_a_row_and_utilities_behind() -> None:
    plant = model(parts=())
    parts = layout.laid_out(plant)
    ground = {part.asset: part for part in parts if part.shape == "zone"}
    assert list(ground) == [S10, S20, AIR]
    assert ground[S10].at[0] < ground[S20].at[0] and ground[S10].at[1] == ground[S20].at[1]
    assert ground[AIR].at[1] > ground[S20].at[1]
    shapes = {part.asset: known(part.shape) for part in parts if part.shape != "zone"}
    assert shapes[ROBOT] == "robot" and shapes[HYDRAULICS] == "hydraulic unit" and shapes[AIR] == "compressor"
    assert state.twin_of(plant).is_made_up


def test_a_made_up_scene_gives_every_unit_a_machine_and_room_of_its_own() -> None:
    for plant in (model(parts=()), model(parts=(), types=()), build(PROJECT)):
        parts = layout.laid_out(plant)
        owners = {part.asset for part in parts if known(part.shape) not in FLAT}
        for path in (*plant.units, *plant.utilities):
            assert any(owner == path or owner.startswith(f"{path}/") for owner in owners), path
        scene = scene_of(parts)
        grounds = [box for box, part in zip(scene.boxes, scene.parts, strict=True) if part.shape == "zone"]
        for at, one in enumerate(grounds):
            for other in grounds[at + 1 :]:
                assert (one[0][:2] >= other[1][:2]).any() or (other[0][:2] >= one[1][:2]).any()


def test_stated_shapes_come_before_symbols() -> None:
    plant = model(parts=())
    assert layout.shape_of(plant.assets[ROBOT]) == "robot"
    assert layout.shape_of(plant.assets[VALVE]) == ""
    assert Part(shape=layout.shape_of(plant.assets[HYDRAULICS])).shape == "hydraulic-unit"
