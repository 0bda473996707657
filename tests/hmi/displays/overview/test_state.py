"""Tiles of the overview: what is said of a machine, and what of it changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from engine.types import Alarm, Project, Snapshot
from hmi.alarms import Badge, badges
from hmi.displays.overview import state
from hmi.displays.overview.state import Tile
from hmi.model import Model, build
from tests.hmi.displays.overview import framing
from tests.hmi.displays.overview.framing import AIR, S30, S50, alarm
from tests.hmi.plant import BAD, NEVER, PLANT, STALE, UNCERTAIN, snapshot, tag


@pytest.fixture
def model() -> Model:
    """The framing line."""
    return framing.model()


def tile(model: Model, path: str, snap: Snapshot | None, alarms: tuple[Alarm, ...] = ()) -> Tile:
    """The tile of an asset."""
    spot = state.spot_of(model, model.assets[path])
    mine = state.alarms_by_unit(model, alarms).get(path, ())
    return state.tile_of(model, spot, snap, badges(alarms).get(path), mine)


def test_tile_shows_name_main_value_cycle_and_body(model: Model) -> None:
    found = tile(model, S50, framing.values_of(model))
    assert (found.short, found.title, found.symbol) == ("S50", "Roof press", "press")
    assert found.main is not None and (found.main.name, found.main.amount) == ("Pressure", "241.6 bar")
    assert found.cycle is not None and found.cycle.amount == "58.8 s"
    assert found.part == "4467"
    assert (found.condition, found.is_well, found.running, found.kind) == ("good", True, True, "normal")


@pytest.mark.parametrize(("number", "word"), [(2, "blocked"), (3, "starved"), (5, "fault"), (9, "state 9")])
def test_machine_that_does_not_run_says_why(model: Model, number: int, word: str) -> None:
    found = tile(model, S50, framing.values_of(model, {f"{S50}/State": number}))
    assert (found.condition, found.is_well, found.running) == (word, False, False)


def test_utility_that_is_off_is_stopped(model: Model) -> None:
    found = tile(model, AIR, framing.values_of(model, {f"{AIR}/Running": 0}))
    assert (found.condition, found.running) == ("stopped", False)


def test_active_alarm_comes_before_the_state(model: Model) -> None:
    hot = alarm(f"{S50}/Oil temperature", 2, "h", message="Oil too hot")
    found = tile(model, S50, framing.values_of(model, {f"{S50}/State": 5}), (hot,))
    assert found.condition == "Oil too hot" and not found.is_well
    assert found.badge is not None and found.badge.priority == 2


def test_returned_alarm_is_told_and_well(model: Model) -> None:
    back = alarm(f"{AIR}/Pressure", 2, "l", "returned")
    found = tile(model, AIR, framing.values_of(model), (back,))
    assert found.condition == "returned 14:12" and found.is_well
    assert found.badge == Badge(2, 1, waiting=1, is_over=True)


def test_tile_says_what_is_set_aside_and_is_not_in_alarm(model: Model) -> None:
    aside = structs.replace(alarm(f"{AIR}/Pressure", 2, "l"), letter="E")
    found = tile(model, AIR, framing.values_of(model), (aside,))
    assert (found.condition, found.is_well, found.badge) == ("good, 1 shelved", True, None)
    assert "1 shelved" in found.spoken


def test_some_poor_values_are_counted(model: Model) -> None:
    snap = framing.values_of(model, status={f"{S50}/Oil temperature": STALE})
    assert tile(model, S50, snap).condition == "1 of 6 values stale"
    mixed = framing.values_of(model, status={f"{S50}/Oil temperature": STALE, f"{S50}/Body": BAD})
    assert tile(model, S50, mixed).condition == "2 of 6 values without a good value"


def test_machine_whose_source_is_gone_is_stale_with_its_age(model: Model) -> None:
    snap = framing.values_of(model, status=framing.all_below(model, S50, STALE))
    found = tile(model, S50, snap)
    assert (found.kind, found.condition, found.is_well) == ("stale", "stale · 3 min ago", False)
    assert found.running is True, "as last known"
    assert found.machine == "stale", "and drawn as old"


def test_old_state_is_not_told_as_if_it_were_true_now(model: Model) -> None:
    snap = framing.values_of(model, {f"{S50}/State": 2}, {f"{S50}/State": STALE})
    assert tile(model, S50, snap).condition == "1 of 6 values stale"


def test_bad_main_value_is_never_a_number(model: Model) -> None:
    found = tile(model, S50, framing.values_of(model, status={f"{S50}/Pressure": BAD}))
    assert found.kind == "bad" and found.condition == "bad: sensor failure"
    assert "241" not in found.spoken
    assert found.machine == "normal", "the machine itself still tells how it is"


def test_uncertain_main_value_is_said(model: Model) -> None:
    found = tile(model, S50, framing.values_of(model, status={f"{S50}/Pressure": UNCERTAIN}))
    assert found.kind == "uncertain" and not found.is_well


def test_machine_without_any_value_yet_says_so(model: Model) -> None:
    for snap in (None, framing.values_of(model, status=framing.all_below(model, S50, NEVER))):
        found = tile(model, S50, snap)
        assert (found.kind, found.condition, found.running) == ("never", "no value yet", None)


def test_body_number_has_no_spaces_and_an_empty_place_says_so(model: Model) -> None:
    assert tile(model, S50, framing.values_of(model, {f"{S50}/Body": 1_234_567})).part == "1234567"
    assert tile(model, S50, framing.values_of(model, {f"{S50}/Body": 0})).part == "empty"
    assert tile(model, S50, framing.values_of(model, status={f"{S50}/Body": BAD})).part == "—"
    assert tile(model, AIR, framing.values_of(model)).part == ""


def test_tile_is_read_aloud_whole(model: Model) -> None:
    hot = alarm(f"{S50}/Pressure", 1, "hh", message="Pressure high-high")
    assert tile(model, S50, framing.values_of(model), (hot,)).spoken == (
        "S50 Roof press, Pressure 241.6 bar, 1 alarm, priority 1, 1 not acknowledged, Cycle time 58.8 s, "
        "body 4467, Pressure high-high"
    )


def test_only_the_number_and_the_pointer_move_with_a_good_value(model: Model) -> None:
    first = tile(model, S50, framing.values_of(model, {f"{S50}/Pressure": 230.0}))
    second = tile(model, S50, framing.values_of(model, {f"{S50}/Pressure": 231.0}))
    assert first.still == second.still and first.moving != second.moving


def test_what_stands_still_differs_with_quality_and_condition(model: Model) -> None:
    stills = {
        tile(model, S50, framing.values_of(model, changed, status)).still
        for changed, status in (
            ({}, {}),
            ({f"{S50}/State": 2}, {}),
            ({f"{S50}/Cycle time": 60.0}, {}),
            ({}, {f"{S50}/Pressure": STALE}),
            ({}, {f"{S50}/Pressure": BAD}),
        )
    }
    assert len(stills) == 5


def test_tile_is_worked_out_anew_only_when_it_would_differ(model: Model) -> None:
    press, robot = (state.spot_of(model, model.assets[path]) for path in (S50, S30))
    before = framing.values_of(model)
    now = replace(before, version=before.version.copy(), status=before.status.copy())
    assert state.is_same(press, state.change_of(before, now))
    now.version[model.index[f"{S50}/Pressure"]] += 1
    change = state.change_of(before, now)
    assert not state.is_same(press, change) and state.is_same(robot, change)
    now.status[model.index[f"{S50}/Oil temperature"]] = np.uint32(BAD)
    assert not state.is_same(press, state.change_of(before, now)), "not shown itself, but counted"


def test_words_kept_from_the_tile_before_are_those_of_a_new_one(model: Model) -> None:
    spot = state.spot_of(model, model.assets[S50])
    before = framing.values_of(model)
    now = framing.values_of(model, {f"{S50}/Cycle time": 61.0, f"{S50}/Pressure": 200.0})
    now.version[[model.index[f"{S50}/Cycle time"], model.index[f"{S50}/Pressure"]]] += 1
    old = state.tile_of(model, spot, before, None, ())
    kept = state.tile_of(model, spot, now, None, (), (old, state.change_of(before, now)))
    fresh = state.tile_of(model, spot, now, None, ())
    assert kept.still == fresh.still and kept.moving == fresh.moving and kept.still != old.still


def test_plant_without_types_has_tiles_all_the_same() -> None:
    tags = tuple(tag(f"Press/{name}", "bar", 0, 100) for name in ("Pressure", "Level", "Speed"))
    model = build(Project("", PLANT, (), tags))
    found = tile(model, "Press", snapshot((10.0, 20.0, 30.0)))
    assert (found.short, found.symbol, found.condition, found.running) == ("Press", "unit", "good", None)
    assert found.main is not None and found.main.name == "Pressure"


def test_figures_stand_in_the_order_of_the_project(model: Model) -> None:
    found = state.figures_of(model, framing.KPIS[1:])
    assert [(each.id, each.value) for each in found] == [("oee", "—"), ("jph", "51.2"), ("energy", "4.82")]
    assert found[0].reason == "not worked out yet"
