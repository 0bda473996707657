"""What the twin shows of a plant: looks, labels, trouble, and a scene where nobody drew one."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.types import Motion, Part, Plant, Project, Status
from hmi import values
from hmi.displays.twin import layout, quality, state
from hmi.displays.twin.trouble import drawn_tag, next_trouble, title_of, troubles
from hmi.model import build
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.shapes import FLAT, known
from tests.hmi.displays.twin.plants import (
    AIR,
    HYDRAULICS,
    LINE,
    PARTS,
    ROBOT,
    S10,
    S20,
    VALVE,
    alarm,
    model,
    snapshot,
)
from tests.hmi.plant import BAD, NEVER, PROJECT, STALE, UNCERTAIN, tag

TWIN = state.twin_of(model())
PRESSURE = f"{HYDRAULICS}/Pressure"


def test_an_alarm_tints_its_equipment_and_outlines_the_unit_around_it() -> None:
    looks = state.looks(TWIN, state.told_of(TWIN, [alarm(PRESSURE, 1)]), snapshot())
    assert looks[HYDRAULICS].priority == 1
    assert (looks[S20].priority, looks[S20].around) == (0, 1)
    assert (looks[S10].priority, looks[S10].around, looks[ROBOT].priority) == (0, 0, 0)


def test_an_alarm_of_something_undrawn_tints_the_nearest_machine_above_it() -> None:
    looks = state.looks(TWIN, state.told_of(TWIN, [alarm(f"{VALVE}/Open", 3)]), snapshot())
    assert looks[HYDRAULICS].priority == 3
    own = state.looks(TWIN, state.told_of(TWIN, [alarm(f"{S20}/Cycle time", 2)]), snapshot())
    assert own[S20].priority == 2, "the press itself"
    ground = state.looks(TWIN, state.told_of(TWIN, [alarm(f"{S10}/Cycle time", 2)]), snapshot())
    assert (ground[S10].priority, ground[S10].around) == (0, 2), "ground is outlined, never tinted"


def test_the_worst_of_several_alarms_counts_and_returned_ones_do_not() -> None:
    alarms = [alarm(PRESSURE, 3), alarm(f"{VALVE}/Open", 2), alarm(f"{ROBOT}/Weld current", 1, "returned")]
    looks = state.looks(TWIN, state.told_of(TWIN, alarms), snapshot())
    assert looks[HYDRAULICS].priority == 2
    assert looks[ROBOT].priority == 0 and looks[S10].around == 0


def test_a_part_is_as_trusted_as_its_main_and_state_tags() -> None:
    kinds = {
        path: look.kind
        for path, look in state.looks(
            TWIN, state.told_of(TWIN, []), snapshot(status={4: STALE, 1: BAD})
        ).items()
    }
    assert kinds[HYDRAULICS] == "stale" and kinds[S20] == "stale"
    assert kinds[S10] == "bad" and kinds[ROBOT] == "normal"
    assert {look.kind for look in state.looks(TWIN, state.told_of(TWIN, []), None).values()} == {"never"}


def test_running_comes_from_the_state_tag_and_is_unknown_without_one() -> None:
    assert state.looks(TWIN, state.told_of(TWIN, []), snapshot())[S10].running is True
    assert (
        state.looks(TWIN, state.told_of(TWIN, []), snapshot((59.2, 2.0, 9.6, 58.8, 241.6, 0.0, 1.0, 6.1)))[
            S10
        ].running
        is False
    )
    assert state.looks(TWIN, state.told_of(TWIN, []), snapshot(status={1: STALE}))[S10].running is None
    assert state.looks(TWIN, state.told_of(TWIN, []), snapshot())[S20].running is None


def test_each_unit_and_utility_has_a_label_with_its_cycle_time_or_main_value() -> None:
    labels = state.labels(TWIN, state.told_of(TWIN, []), snapshot())
    assert [(label.name, label.value, label.unit, label.priority) for label in labels] == [
        ("S10", "59.2", "s", 0),
        ("S20", "58.8", "s", 0),
        ("Air", "6.1", "bar", 0),
    ]


def test_a_label_in_alarm_shows_the_number_in_alarm() -> None:
    label = state.labels(TWIN, state.told_of(TWIN, [alarm(PRESSURE, 1)]), snapshot())[1]
    assert (label.name, label.value, label.unit, label.priority) == ("S20", "241.6", "bar", 1)
    other = state.labels(TWIN, state.told_of(TWIN, [alarm(f"{VALVE}/Open", 3)]), snapshot())[1]
    assert (other.value, other.priority) == ("58.8", 3), "on and off is no number to watch"


def test_a_label_says_what_its_value_is_worth() -> None:
    kinds = [
        label.kind
        for label in state.labels(
            TWIN, state.told_of(TWIN, []), snapshot(status={0: BAD, 3: STALE, 7: UNCERTAIN})
        )
    ]
    assert kinds == ["bad", "stale", "uncertain"]
    assert state.labels(TWIN, state.told_of(TWIN, []), snapshot(status={0: BAD}))[0].value == "—"


def test_trouble_is_the_worst_alarm_and_of_equals_the_newest() -> None:
    alarms = [
        alarm(f"{AIR}/Pressure", 2, since_s=5),
        alarm(f"{ROBOT}/Weld current", 1, since_s=500),
        alarm(PRESSURE, 1, since_s=50),
        alarm(f"{S10}/Cycle time", 1, "returned", 1),
    ]
    assert troubles(TWIN.model, alarms)[0] == HYDRAULICS
    assert troubles(TWIN.model, alarms[3:]) == ()


def test_an_asset_without_a_part_is_seen_as_what_it_is_in() -> None:
    assert state.seen_as(TWIN, VALVE) == HYDRAULICS
    assert state.seen_as(TWIN, ROBOT) == ROBOT
    assert state.seen_as(TWIN, LINE) == "", "the whole line is not pointed at"


def test_the_trend_draws_the_main_tag_and_never_a_text() -> None:
    tags = TWIN.model.tags
    assert tags[drawn_tag(TWIN.model, S20) or 0].path == PRESSURE
    assert drawn_tag(TWIN.model, f"{HYDRAULICS}/Note") is None
    assert drawn_tag(TWIN.model, "nowhere") is None
    assert title_of(TWIN.model, HYDRAULICS) == "S20 Hydraulics"
    assert title_of(TWIN.model, S20) == "S20 Press"


def test_a_project_without_a_scene_gets_its_units_in_a_row_and_utilities_behind() -> None:
    plant = model(parts=())
    parts = layout.laid_out(plant)
    ground = {part.asset: part for part in parts if part.shape == "zone"}
    assert set(ground) == {S10, S20, AIR}
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


def moving(*motions: Motion) -> state.Twin:
    """The plant with a part of the press that moves."""
    return state.twin_of(model(parts=(*PARTS, Part(shape="press ram", asset=HYDRAULICS, motions=motions))))


def test_a_moving_part_stands_in_a_straight_line_between_its_ends_and_never_beyond() -> None:
    twin = moving(
        Motion("Pressure", "slide", values=(200.0, 300.0), moves=(0.0, -2.0)),
        Motion(f"{S10}/Cycle time", "turn", values=(60.0, 50.0), moves=(0.0, 90.0)),
        Motion("Pressure", "flow", values=(0.0, 100.0), moves=(0.0, 0.5)),
    )
    assert state.positions(twin, snapshot()) == pytest.approx([-0.832, 7.2, 0.5])
    low = (70.0, 1.0, 9.6, 58.8, 100.0, 0.0, 1.0, 6.1)
    assert state.positions(twin, snapshot(low)) == pytest.approx([0.0, 0.0, 0.5])


def test_where_a_part_stands_is_not_known_from_a_tag_that_cannot_be_trusted() -> None:
    twin = moving(Motion("Pressure", "slide", values=(0, 300)), Motion("No such tag", "turn"))
    stands = [state.positions(twin, snapshot(status={4: code}))[0] for code in (UNCERTAIN, STALE, BAD)]
    assert stands[0] == pytest.approx(241.6 / 300) and np.isnan(stands[1:]).all()
    assert np.isnan(state.positions(twin, snapshot())[1])
    assert np.isnan(state.positions(twin, None)).all()


def test_a_part_whose_motion_is_stale_looks_stale_though_its_main_tag_is_fresh() -> None:
    twin = moving(Motion("Note", "slide"))
    looks = state.looks(twin, state.NOTHING_TOLD, snapshot(status={5: STALE}))
    assert looks[HYDRAULICS].kind == "stale" and looks[ROBOT].kind == "normal"


def test_many_tags_are_worth_what_each_is_worth_alone() -> None:
    codes = (0, STALE, BAD, UNCERTAIN, NEVER, 0x40000000, 0x80000000, int(Status.STALE) | 3)
    told = snapshot((1.0,) * 16)
    told.status[:] = codes * 2
    told.stale[8:] = True
    told.age_s[[0, 1, 9]] = np.nan
    at = np.arange(16, dtype=np.int32)
    alone = [values.kind_of(int(told.status[n]), float(told.age_s[n]), bool(told.stale[n])) for n in at]
    assert [quality.WORST[rank] for rank in quality.ranks(told, at)] == alone


def test_labels_say_what_a_reading_of_their_tag_says() -> None:
    for status in ({}, {0: BAD, 3: STALE, 7: UNCERTAIN}, {0: NEVER}):
        now = snapshot(status=status)
        for at, one in enumerate(TWIN.model.tags):
            told = values.reading(one, now, at, TWIN.model.plant)
            assert state.shown_value(TWIN.model, now, at) == (told.value, told.unit, told.kind)


def test_a_prediction_reaches_the_look_of_its_asset_alone() -> None:
    told = state.told_of(TWIN, [], predicted={HYDRAULICS: "act"})
    looks = state.looks(TWIN, told, snapshot())
    assert (looks[HYDRAULICS].predicted, looks[ROBOT].predicted) == ("act", "")


def test_a_model_gives_its_state_to_the_assets_bound_to_its_nodes() -> None:
    part = Part(shape="model", file="press.glb", asset=S20, binds={"Pump": HYDRAULICS, "Arm": ROBOT})
    twin = state.twin_of(model(parts=(part,)))
    looks = state.looks(twin, state.told_of(twin, [alarm(PRESSURE, 1)]), snapshot())
    assert looks[HYDRAULICS].priority == 1 and looks[S20].priority == 0
    assert state.seen_as(twin, VALVE) == HYDRAULICS


def test_trouble_is_shown_one_after_the_other_unacknowledged_first() -> None:
    alarms = [
        msgspec.structs.replace(alarm(PRESSURE, 1), letter="C", acked=True),
        alarm(f"{AIR}/Pressure", 3),
        alarm(f"{ROBOT}/Weld current", 2),
        alarm(f"{HYDRAULICS}/Note", 4),
    ]
    found = troubles(TWIN.model, alarms)
    assert found == (ROBOT, AIR, HYDRAULICS)
    assert next_trouble(found, ()) == ROBOT
    assert next_trouble(found, (ROBOT, AIR)) == HYDRAULICS
    assert next_trouble(found, (ROBOT,)) == AIR
    assert next_trouble(found, found) == ROBOT, "round and round"
    assert next_trouble((), ()) == ""


def test_how_far_behind_the_plant_it_is_stands_in_words() -> None:
    tags = TWIN.shown
    assert quality.freshness(TWIN.model, tags, None).text == ""
    assert quality.freshness(TWIN.model, tags, snapshot()).text == "in time: 0.2 s"
    late = snapshot()
    late.age_s[0] = 1.8
    assert quality.freshness(TWIN.model, tags, late) == quality.Freshness("in time: 1.8 s")
    silent = snapshot(status={4: STALE})
    silent.age_s[4] = 185.0
    assert quality.freshness(TWIN.model, tags, silent) == quality.Freshness("S20 not heard for 3 min", False)
    nothing = snapshot(status=dict.fromkeys(range(8), STALE))
    nothing.age_s[:] = 185.0
    assert quality.freshness(TWIN.model, tags, nothing).text == "nothing heard for 3 min"
    never = snapshot(status=dict.fromkeys(range(8), NEVER))
    assert quality.freshness(TWIN.model, tags, never).text == "nothing heard yet"
    bad = snapshot(status=dict.fromkeys(range(8), BAD))
    assert quality.freshness(TWIN.model, tags, bad).text == "no value can be trusted"


def test_with_many_units_only_those_in_trouble_show_a_value() -> None:
    units = tuple(tag(f"Line/U{n} Cell/Flow") for n in range(60))
    twin = state.twin_of(build(Project("", Plant(name="P"), (), units)))
    told = state.told_of(twin, [alarm("Line/U7 Cell/Flow", 2)])
    labels = state.labels(twin, told, snapshot((5.0,) * 60))
    assert [each.name for each in labels if each.value] == ["U7"]
    assert len(labels) == 60
