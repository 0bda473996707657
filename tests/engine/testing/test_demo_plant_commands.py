"""What commands and setpoints do to the framing line, and what its project lets write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import config
from engine.clock import SystemClock
from engine.drivers import modbus as modbus_driver
from engine.drivers import opcua as opcua_driver
from engine.testing.demo_plant.conditions import Conditions, Setting
from engine.testing.demo_plant.framing.names import S40, S50, S60, UNIT_PATHS
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.plants import PLANTS, plant_named
from engine.testing.demo_plant.play import Player
from tests.engine.config.projects import said

FRAMING = plant_named("framing")
MODEL = Model(FRAMING)
POINT = {point.path: point for point in MODEL.points}
DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo"
SETPOINT = f"{S50}/Hydraulics/Pressure setpoint"
PRESSURE = f"{S50}/Hydraulics/Pressure"
AIR = "Utilities/Compressed air"
COOLER = "Utilities/Hydraulic oil/Cooler"
DRIVERS = {"opcua": opcua_driver.DRIVER, "modbus": modbus_driver.DRIVER}


def given(*commands: tuple[str, float], value: float = 1.0) -> Conditions:
    """What the plant is told, and when."""
    conditions = Conditions()
    for path, time_s in commands:
        conditions = conditions.with_setting(Setting(path, time_s, value))
    return conditions


def shown(conditions: Conditions, path: str, *times: float) -> list[float]:
    return MODEL.values(conditions, np.array(times))[:, POINT[path].column].tolist()


# What the model makes of commands and setpoints.


def test_unit_that_is_stopped_stands_still_and_those_beside_it_wait_until_it_is_started() -> None:
    held = given((f"{S50}/Stop", 100.0), (f"{S50}/Start", 500.0))
    assert shown(held, f"{S50}/State", 100.2, 101.0, 499.0, 501.0) == [1.0, 4.0, 4.0, 1.0]
    assert shown(held, f"{S50}/Stop reason", 101.0, 501.0) == [9.0, 0.0]
    assert shown(held, f"{S40}/State", 400.0) == [2.0], "blocked"
    assert shown(held, f"{S60}/State", 400.0) == [3.0], "starved"
    body = shown(held, f"{S50}/Body", 101.0, 499.0, 700.0)
    assert body[0] == body[1] < body[2]
    assert shown(given(), f"{S50}/Body", 499.0)[0] > body[1]


def test_what_counts_never_falls_when_a_unit_is_stopped_again_and_again() -> None:
    times = np.arange(90.0, 900.0, 1.0)
    told = [(f"{S50}/{verb}", 100.0 + 31.0 * k) for k, verb in enumerate(["Stop", "Start"] * 8)]
    values = MODEL.values(given(*told), times)
    for name in ("Body", "Good count", "Energy", "Conveyor/Transfers", "Air supply/Consumed"):
        assert np.diff(values[:, POINT[f"{S50}/{name}"].column]).min() >= -1e-9, name


def test_line_is_what_it_was_before_a_command_until_it_is_given() -> None:
    times = np.arange(0.0, 100.0, 1.0)
    before = MODEL.values(Conditions(), times)
    after = MODEL.values(given((f"{S50}/Stop", 100.0), (f"{S60}/Manual", 120.0)), times)
    steady = [k for k, point in enumerate(MODEL.points) if "emperature" not in point.path]
    assert np.allclose(before[:, steady], after[:, steady], atol=0.2)


def test_unit_in_manual_must_be_started_again_after_auto() -> None:
    told = given((f"{S50}/Manual", 100.0), (f"{S50}/Auto", 200.0), (f"{S50}/Start", 300.0))
    assert shown(told, f"{S50}/Mode", 99.0, 101.0, 201.0) == [2.0, 1.0, 2.0]
    assert shown(told, f"{S50}/State", 99.0, 102.0, 250.0, 302.0) == [1.0, 4.0, 4.0, 1.0]


def test_reset_ends_a_fault_long_before_it_would_end_by_itself() -> None:
    times = np.arange(200.0, 7200.0, 1.0)
    states = MODEL.values(Conditions(), times)
    unit, begin = next(
        (unit, times[np.flatnonzero(long)[0]])
        for unit in UNIT_PATHS
        if (long := _lasts(states[:, POINT[f"{unit}/State"].column] == 5.0, 40)).any()
    )
    told = given((f"{unit}/Reset", begin + 5.0))
    assert shown(Conditions(), f"{unit}/State", begin + 4.0, begin + 10.0) == [5.0, 5.0]
    assert shown(told, f"{unit}/State", begin + 4.0, begin + 10.0) == [5.0, 1.0]


def _lasts(there: Any, seconds: int) -> Any:
    """Where something has just begun that lasts so long."""
    found = np.zeros(len(there), np.bool_)
    for k in np.flatnonzero(np.diff(there.astype(int)) == 1) + 1:
        found[k] = there[k : k + seconds].all()
    return found


def test_pump_that_is_stopped_loses_the_pressure_and_stops_the_press_with_a_delay() -> None:
    told = given((f"{S50}/Hydraulics/Stop", 100.0), (f"{S50}/Hydraulics/Start", 200.0))
    running = f"{S50}/Hydraulics/Pump running"
    assert shown(told, running, 101.0, 102.0, 200.5, 202.0) == [1.0, 0.0, 0.0, 1.0]
    assert shown(told, f"{S50}/Hydraulics/Pump start", 101.0, 200.5) == [0.0, 1.0]
    assert shown(told, PRESSURE, 130.0)[0] == 160.0 < shown(told, PRESSURE, 240.0)[0]
    assert shown(told, f"{S50}/State", 110.0, 210.0) == [4.0, 4.0], "a person starts it again"
    starts = shown(told, f"{S50}/Hydraulics/Starts", 99.0, 210.0)
    assert starts[1] == starts[0] + 1


def test_command_is_a_pulse_that_the_controller_resets_itself() -> None:
    told = given((f"{S50}/Stop", 100.0))
    assert shown(told, f"{S50}/Stop", 99.9, 100.0, 100.4, 100.6) == [0.0, 1.0, 1.0, 0.0]


def test_air_that_is_shut_off_takes_the_interlock_away() -> None:
    told = given((f"{S50}/Air supply/Close", 100.0))
    assert shown(told, f"{S50}/Air supply/Valve open", 100.5, 101.5) == [1.0, 0.0]
    assert shown(told, f"{S50}/Air supply/Pressure", 130.0)[0] < 0.05
    assert shown(told, f"{S50}/Interlocks/Air pressure present", 99.0, 130.0) == [1.0, 0.0]
    assert shown(told, f"{S40}/Interlocks/Air pressure present", 130.0) == [1.0]


def test_water_warms_up_when_a_pump_stops_and_the_pumps_hours_stand_still() -> None:
    pump = "Utilities/Cooling water/Pump 1"
    told = given((f"{pump}/Stop", 100.0))
    assert shown(told, f"{pump}/State", 99.0, 103.0) == [1.0, 2.0]
    hours = shown(told, f"{pump}/Run hours", 102.0, 7000.0)
    assert hours[1] == hours[0]
    temperature = "Utilities/Cooling water/Temperature"
    assert shown(told, temperature, 600.0)[0] > shown(Conditions(), temperature, 600.0)[0] + 3.0


@pytest.mark.parametrize(
    ("path", "value", "effect", "rise"),
    [
        (SETPOINT, 230.0, PRESSURE, 10.0),
        (f"{AIR}/Pressure setpoint", 6.9, f"{AIR}/Pressure", 0.4),
        ("Utilities/Cooling water/Temperature setpoint", 20.0, "Utilities/Cooling water/Temperature", 2.0),
        ("Utilities/Hydraulic oil/Temperature setpoint", 50.0, "Utilities/Hydraulic oil/Temperature", 5.0),
    ],
)
def test_process_follows_its_setpoint_with_a_lag(path: str, value: float, effect: str, rise: float) -> None:
    told = given((path, 100.0), value=value)
    assert shown(told, path, 100.0, 900.0) == [value, value], "neither noise nor the model changes it"
    normal, changed = shown(Conditions(), effect, 101.0, 900.0), shown(told, effect, 101.0, 900.0)
    assert changed[0] - normal[0] < 0.3 * rise
    assert changed[1] - normal[1] == pytest.approx(rise, abs=0.1 + 0.05 * rise)


def test_valve_of_the_cooler_obeys_the_hand_only_in_manual() -> None:
    told = Conditions()
    for path, time_s, value in (
        ("Manual position", 50.0, 80.0),
        ("Manual", 100.0, 1.0),
        ("Auto", 300.0, 1.0),
    ):
        told = told.with_setting(Setting(f"{COOLER}/{path}", time_s, value))
    position = shown(told, f"{COOLER}/Water valve position", 99.0, 130.0, 330.0)
    assert position[1] == pytest.approx(80.0, abs=1.5)
    assert position[0] < 60.0 and position[2] < 60.0
    assert shown(told, f"{COOLER}/Mode", 99.0, 130.0, 330.0) == [2.0, 1.0, 2.0]


def test_only_the_last_values_of_a_setpoint_are_remembered_and_every_command_is() -> None:
    player = Player(FRAMING, Conditions(), 1.0, SystemClock())
    for k in range(100):
        player.change(POINT[SETPOINT], 200.0 + k % 10)
        player.change(POINT[f"{S50}/Stop"], 1.0)
        player.change(POINT[f"{S50}/Stop"], 0.0)
    kept = [each.path for each in player.conditions.settings]
    assert kept.count(SETPOINT) == 16
    assert kept.count(f"{S50}/Stop") == 100, "and none for the zeros"
    assert [each.value for each in player.conditions.settings if each.path == SETPOINT][-1] == 209.0


# What the project says of it.


@pytest.mark.parametrize("name", PLANTS)
def test_project_lets_write_what_the_plant_lets_write_and_nothing_else(name: str) -> None:
    project, problems = config.read(DEMO / name, DRIVERS)
    assert said(problems) == []
    assert project is not None
    writable = {point.path for point in plant_named(name).points() if point.spec.writable}
    ruled, commanded = {rule.tag for rule in project.writes}, {each.tag for each in project.commands}
    assert ruled | commanded == writable == {tag.path for tag in project.tags if tag.writable}
    assert not ruled & commanded, "a command is no setpoint"


def test_framing_line_has_setpoints_on_both_protocols_and_every_verb() -> None:
    project, _ = config.read(DEMO / "framing", DRIVERS)
    assert project is not None
    sources = {tag.path: tag.source for tag in project.tags}
    of = [sources[rule.tag] for rule in project.writes]
    assert of.count("utilities") == 4 and len(of) - of.count("utilities") >= 8
    assert {each.verb for each in project.commands} == {
        *("start", "stop", "open", "close", "auto", "manual", "reset")
    }
    for command in project.commands:
        held = {permit.path for permit in FRAMING.permits.get(command.tag, ()) if len(permit.values) == 1}
        assert {each.tag for each in command.permissives} <= held, f"{command.tag}: the PLC asks for it too"
