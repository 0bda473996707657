"""Twelve spot welding robots: weld gun and controller at the PLC, axes at the drives' own controller."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Values, exposure_s
from engine.testing.demo_plant.framing.line import FIRST_BODY
from engine.testing.demo_plant.framing.names import ROBOT_UNITS, ROBOTS
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.noise import channels, normal
from engine.testing.demo_plant.plant import Group, Spec
from engine.testing.demo_plant.specs import (
    MODES,
    STATES,
    analog,
    choice,
    counter,
    fast,
    flag,
    setting,
    whole,
)

AXES = 6
ROBOT = (
    choice("State", STATES),
    choice("Mode", MODES),
    whole("Program", 99),
    whole("Spot", 40),
    counter("Body"),
    analog("Cycle time", "s", 0, 120, 1),
    whole("Override", 100, "%"),
    fast("Weld current", "kA", 4, 14, 2),
    setting("Weld current setpoint", "kA", 4, 14, 1),
    fast("Weld voltage", "V", 0, 4, 3),
    analog("Weld resistance", "µΩ", 0, 400, 1),
    analog("Weld time", "ms", 0, 1000, 0),
    analog("Weld energy", "J", 0, 8000, 0),
    fast("Electrode force", "kN", 0, 6, 2),
    setting("Electrode force setpoint", "kN", 1, 6, 1),
    analog("Tip wear", "%", 0, 100, 1),
    counter("Weld count"),
    counter("Tip dresses"),
    whole("Welds since dress", 1000),
    counter("Expulsions"),
    fast("Water flow", "l/min", 0, 16, 2, 0.02, drift=0.12),
    analog("Water inlet temperature", "°C", 0, 50, 1, 0.04),
    analog("Water outlet temperature", "°C", 0, 60, 1, 0.04),
    analog("Gun position", "mm", -2, 120, 1, 0.05),
    analog("Gun motor current", "A", 0, 30, 2, 0.05),
    analog("Gun motor temperature", "°C", 0, 140, 1, 0.05),
    analog("Transformer temperature", "°C", 0, 140, 1, 0.05),
    analog("Controller temperature", "°C", 0, 80, 1, 0.05, drift=0.8),
    analog("DC link voltage", "V", 300, 750, 1, 0.5, drift=3),
    analog("Power", "kW", 0, 60, 1, 0.1),
    counter("Energy", "kWh", 2),
    counter("Operating hours", "h", 1),
    analog("Air pressure", "bar", 0, 10, 2, 0.01),
    analog("Cable package force", "N", 0, 500, 0, 2),
    flag("Weld active"),
    flag("Gun closed"),
    flag("In home position"),
    flag("Drives on"),
    flag("Brakes released"),
    flag("Water flow present"),
    flag("Tips dressed"),
    flag("Collision"),
)
REACH = (170.0, 110.0, 120.0, 180.0, 120.0, 350.0)
"""Half the range of each axis in degrees."""


def axis_specs() -> tuple[Spec, ...]:
    """The tags of the six axes; they are on the robot itself, as its controller lists them."""
    found: list[Spec] = []
    for axis in range(1, AXES + 1):
        reach = REACH[axis - 1]
        found += [
            analog(f"Axis {axis} position", "°", -reach, reach, 2, 0.005, wire="int32"),
            analog(f"Axis {axis} speed", "°/s", -200, 200, 1, 0.05, wire="int16"),
            analog(f"Axis {axis} torque", "Nm", -3000, 3000, 0, 4, wire="int16"),
            analog(f"Axis {axis} current", "A", -60, 60, 2, 0.05, wire="int16"),
            analog(f"Axis {axis} temperature", "°C", 20, 90, 1, 0.05, wire="int16"),
            analog(f"Axis {axis} following error", "°", -1, 1, 3, 0.002, wire="int16"),
            analog(f"Axis {axis} vibration", "mm/s", 0, 20, 2, 0.03, wire="uint16"),
        ]
    return tuple(found)


UNIT = np.repeat(ROBOT_UNITS, 4)
"""Which unit each robot stands in."""
SPOTS = np.array([16, 14, 16, 14] * 3)
CURRENT_KA = np.repeat([9.6, 9.6, 9.2], 4)
FORCE_KN = 3.4
DRESS = 6
"""Tips are dressed after so many bodies."""
BEGIN, SHARE = 0.05, 0.86
"""A robot welds for this part of its unit's work."""
WELDS, LETS_GO = 0.55, 0.75
"""Part of a spot's time in which the current flows, ends."""
_WELD_CHANNEL = 1000


def welding(now: Now) -> tuple[Values, Values]:
    """Which spot each robot is at, and how far within it (0 to 1); [k, 12]."""
    phase = np.clip((now.line.phase[:, UNIT] - BEGIN) / SHARE, 0.0, 1.0)
    spot = np.minimum(np.floor(phase * SPOTS), SPOTS - 1)
    return spot, phase * SPOTS - spot


def robots(now: Now) -> dict[str, object]:
    """The gun, its cooling and the controller."""
    line, (spot, within) = now.line, welding(now)
    index, working, warm = line.index[:, UNIT], line.working[:, UNIT], line.warmth[:, UNIT]
    here = spot + (within > LETS_GO)
    total = index * SPOTS + here
    active = working & (within > WELDS) & (within < LETS_GO) & (line.phase[:, UNIT] > BEGIN)
    return {
        **_weld(now, total, (index % DRESS) * SPOTS + here),
        **_state(now, spot, active),
        "Weld count": 10_000 * SPOTS + total,
        "Tip dresses": 600 + index // DRESS,
        "Water flow": 7.8 - 0.5 * now.wear[:, np.newaxis] * _WORN,
        "Water inlet temperature": now.water[:, np.newaxis] + 0.4,
        "Water outlet temperature": now.water[:, np.newaxis] + 0.4 + 5.2 * warm,
        "Gun position": 88.0 - 88.0 * np.clip(1.0 - np.abs(within - 0.65) / 0.2, 0.0, 1.0) * working,
        "Gun motor current": 1.4 + 6.2 * active,
        "Gun motor temperature": 34.0 + 24.0 * warm,
        "Transformer temperature": 36.0 + 32.0 * warm + 9.0 * now.wear[:, np.newaxis] * _WORN,
        "Controller temperature": 33.0 + 7.0 * warm,
        "DC link voltage": 562.0 - 7.0 * active,
        "Power": now.loads.unit_kw[:, UNIT] / 4.0,
        "Energy": now.loads.unit_kwh[:, UNIT] / 4.0,
        "Operating hours": now.hours(11_200.0),
        "Air pressure": now.air - 0.2,
        "Cable package force": 120.0 + 60.0 * within * working,
    }


_WORN = (np.arange(len(ROBOTS)) == 0).astype(np.float64)
"""The fault "tip-wear" is at the first robot of S30."""


def _weld(now: Now, total: Values, since: Values) -> dict[str, object]:
    """The last weld, as its controller reports it; the stepper raises the current as the tips wear."""
    keys = channels(now.conditions.seed, _WELD_CHANNEL, 3 * len(ROBOTS)).reshape(3, -1)
    count = total.astype(np.int64)
    chance = [normal(key, count) for key in keys]
    worn = now.wear[:, np.newaxis] * _WORN
    share = since / (DRESS * SPOTS)
    wanted = _settings(now, "Weld current setpoint", CURRENT_KA)
    pressed = _settings(now, "Electrode force setpoint", np.full(len(ROBOTS), FORCE_KN))
    current = wanted - 0.08 + 0.16 * share + 0.03 * chance[0] + 2.3 * worn
    resistance = 132.0 - 9.0 * share + 1.6 * chance[1] - 14.0 * worn
    time_ms = 240.0 + 3.0 * np.rint(chance[2]) + 45.0 * worn
    voltage = current * resistance / 1000.0
    more = exposure_s(now.conditions, "tip-wear", now.time)[:, np.newaxis] * _WORN
    return {
        "Weld current": current,
        "Weld current setpoint": wanted,
        "Weld voltage": voltage,
        "Weld resistance": resistance,
        "Weld time": time_ms,
        "Weld energy": current * voltage * time_ms,
        "Electrode force": pressed + 0.02 * chance[1] + 0.45 * worn,
        "Electrode force setpoint": pressed,
        "Tip wear": 6.0 + 30.0 * share + 56.0 * worn,
        "Welds since dress": since,
        "Expulsions": 40 + np.floor(total * 0.003) + np.floor(0.05 * more),
    }


def _settings(now: Now, name: str, start: Values) -> Values:
    """The setpoint of that name of every robot, [k, 12]."""
    wanted = np.tile(start, (len(now.time), 1))
    for path in {each.path for each in now.conditions.settings}:
        robot, _, tag = path.rpartition("/")
        if tag == name and robot in ROBOTS:
            column = ROBOTS.index(robot)
            wanted[:, column] = now.setpoint(path, float(start[column]))
    return wanted


def _state(now: Now, spot: Values, active: NDArray[np.bool_]) -> dict[str, object]:
    line = now.line
    running, stopped = line.working[:, UNIT], line.stopped[:, UNIT]
    body = FIRST_BODY + line.index[:, UNIT]
    return {
        "State": np.where(stopped, 4, running),
        "Mode": 2,
        "Program": 10 + body % 3,
        "Spot": np.where(running, spot + 1, 0),
        "Body": body,
        "Cycle time": line.last_s[:, UNIT] - 4.0,
        "Override": 100,
        "Weld active": active,
        "Gun closed": active,
        "In home position": ~running,
        "Drives on": True,
        "Brakes released": running,
        "Water flow present": True,
        "Tips dressed": True,
        "Collision": False,
    }


GROUPS = (Group(ROBOTS, ROBOT, robots),)
