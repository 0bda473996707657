"""The drilling cell: two heads drill 480 holes in a panel; every hole is measured against its tolerance."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.aerospace.now import DRILLING, FIRST_PANEL, HOLE_S, HOLES, PANEL_S, Now
from engine.testing.demo_plant.conditions import Values, exposure_s
from engine.testing.demo_plant.noise import channels, normal
from engine.testing.demo_plant.plant import Group
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

UNIT = (
    choice("State", STATES),
    choice("Mode", MODES),
    whole("Step", HOLES),
    analog("Cycle time", "s", 0, 10_000, 0),
    counter("Panel serial"),
    counter("Good count"),
    counter("Reject count"),
    counter("Energy", "kWh", 2),
    analog("Power", "kW", 0, 80, 1, 0.1),
)
HEAD = (
    choice("State", STATES),
    whole("Hole", HOLES),
    whole("Tool", 40),
    fast("Spindle speed", "rpm", 0, 12_000, 0, 3),
    setting("Spindle speed setpoint", "rpm", 0, 12_000, 0),
    fast("Feed", "mm/min", 0, 1000, 0, 1),
    setting("Feed setpoint", "mm/min", 0, 1000, 0),
    fast("Thrust", "N", 0, 2000, 0, 3),
    fast("Torque", "Nm", 0, 20, 2, 0.02),
    analog("Depth", "mm", -50, 60, 2, 0.005),
    analog("Spindle power", "kW", 0, 20, 2, 0.02),
    analog("Spindle temperature", "°C", 0, 120, 1, 0.05),
    analog("Bearing temperature", "°C", 0, 120, 1, 0.05),
    analog("Vibration", "mm/s", 0, 20, 2, 0.04),
    analog("Axis X position", "mm", -100, 13_000, 2, 0.005),
    analog("Axis Y position", "mm", -100, 3_000, 2, 0.005),
    analog("Axis Z position", "mm", -100, 1_000, 2, 0.005),
    analog("Axis X current", "A", -40, 40, 2, 0.05),
    analog("Axis Y current", "A", -40, 40, 2, 0.05),
    analog("Axis Z current", "A", -40, 40, 2, 0.05),
    analog("Normality error", "°", 0, 2, 3, 0.004),
    analog("Clamp force", "N", 0, 2000, 0, 4),
    analog("Coolant flow", "ml/min", 0, 400, 0, 1),
    analog("Chip extraction", "m³/h", 0, 400, 0, 1),
    analog("Air pressure", "bar", 0, 10, 2, 0.01),
    counter("Holes drilled"),
    counter("Run hours", "h", 1),
    flag("Spindle on"),
    flag("Clamped"),
    flag("Tool intact"),
)
HOLE = (
    analog("Diameter", "mm", 6.2, 6.5, 4),
    analog("Depth", "mm", 0, 30, 3),
    analog("Position error", "mm", 0, 1, 3),
    analog("Countersink", "mm", 8, 14, 3),
    flag("In tolerance"),
)
TOOL = (
    analog("Wear", "%", 0, 120, 1),
    whole("Holes on edge", 1000),
    counter("Tool serial"),
    whole("Holes left", 1000),
)
NOMINAL_MM, TOLERANCE_MM = 6.350, 0.030
TOOL_HOLES = 480
"""A tool lasts for so many holes; the magazine's tools take turns, a panel each."""
TOOLS = 40
DRILL_SHARE = 0.45
"""Part of a hole's time that the drill cuts."""
IDLE_KW, CUT_KW = 9.0, 14.0
WEAR_KW = 3.0
_CHANNEL = 2000


def hole_at(now: Now) -> tuple[Values, Values]:
    """Which hole of the panel is drilled, and how far it is (0 to 1)."""
    at = np.minimum(now.panel_s, HOLES * HOLE_S) / HOLE_S
    hole = np.minimum(np.floor(at), HOLES - 1.0)
    return hole, at - hole


def unit(now: Now) -> dict[str, object]:
    """The cell as a machine."""
    hole, _ = hole_at(now)
    done = now.panel + ~now.drilling
    rejects = np.floor((FIRST_PANEL + done) * 0.004)
    full = now.panel * HOLES * HOLE_S + np.minimum(now.panel_s, HOLES * HOLE_S)
    worn = exposure_s(now.conditions, "drill-wear", now.time)
    return {
        "State": np.where(now.drilling, 1, 3),
        "Mode": 2,
        "Step": hole + 1.0,
        "Cycle time": PANEL_S,
        "Panel serial": FIRST_PANEL + now.panel,
        "Good count": FIRST_PANEL + done - rejects,
        "Reject count": rejects,
        "Energy": 74_000.0 + (IDLE_KW * now.time + CUT_KW * full + WEAR_KW * worn) / 3600.0,
        "Power": IDLE_KW + CUT_KW * now.drilling + WEAR_KW * now.drill_wear,
    }


def heads(now: Now) -> dict[str, object]:
    """The two heads, half a hole apart."""
    hole, within = (each[:, np.newaxis] for each in hole_at(now))
    within = np.mod(within + np.array([[0.0, 0.5]]), 1.0)
    drilling = now.drilling[:, np.newaxis]
    cut = drilling & (within < DRILL_SHARE)
    depth = np.where(cut, 24.0 * within / DRILL_SHARE, -12.0)
    wanted = [
        np.stack([_setting(now, f"Head {n}/{name}", start) for n in (1, 2)], axis=1) for name, start in _SET
    ]
    wear = 1.0 + 0.5 * now.drill_wear[:, np.newaxis]
    total = now.panel[:, np.newaxis] * HOLES + hole
    return {
        "State": np.where(drilling, 1, 3),
        "Hole": hole + 1.0,
        "Tool": 1.0 + now.panel % TOOLS,
        "Spindle speed": wanted[0] * drilling,
        "Spindle speed setpoint": wanted[0],
        "Feed": wanted[1] * cut,
        "Feed setpoint": wanted[1],
        "Thrust": 620.0 * wear * cut * wanted[1] / 420.0,
        "Torque": 4.2 * wear * cut * wanted[1] / 420.0,
        "Depth": depth,
        "Spindle power": 0.6 * drilling + 3.1 * wear * cut,
        "Spindle temperature": 36.0 + 8.0 * drilling + 6.0 * (wear - 1.0),
        "Bearing temperature": 34.0 + 6.0 * drilling,
        "Vibration": 0.3 + 0.9 * cut * wear,
        "Axis X position": 100.0 + 12_000.0 * hole / HOLES,
        "Axis Y position": 1_200.0 + 900.0 * np.sin(0.7 * hole),
        "Axis Z position": 300.0 - depth,
        "Axis X current": 3.0 + 9.0 * (within > 0.8),
        "Axis Y current": 2.0 + 7.0 * (within > 0.8),
        "Axis Z current": 4.0 + 5.0 * wear * cut,
        "Normality error": 0.08,
        "Clamp force": 900.0 * (drilling & (within < 0.6)),
        "Coolant flow": 120.0 * cut,
        "Chip extraction": 210.0 * drilling,
        "Air pressure": 6.3,
        "Holes drilled": 9_600_000 + total,
        "Run hours": now.hours(18_200.0),
        "Spindle on": drilling,
        "Clamped": drilling & (within < 0.6),
        "Tool intact": True,
    }


_SET = (("Spindle speed setpoint", 6_000.0), ("Feed setpoint", 420.0))


def _setting(now: Now, name: str, start: float) -> Values:
    return now.setpoint(f"{DRILLING}/{name}", start)


def holes(now: Now) -> dict[str, object]:
    """Each hole as it was last measured, [k, 480]; a worn drill makes them smaller."""
    place = np.arange(HOLES)
    count = np.floor((now.time[:, np.newaxis] - (place + 1.0) * HOLE_S) / PANEL_S).astype(np.int64)
    keys = channels(now.conditions.seed, _CHANNEL, 4 * HOLES).reshape(4, -1)
    chance = [normal(key, count) for key in keys]
    worn = now.drill_wear[:, np.newaxis] * (count >= 0)
    diameter = NOMINAL_MM + 0.0055 * chance[0] - 0.006 * place / HOLES - 0.034 * worn
    return {
        "Diameter": diameter,
        "Depth": 18.0 + 0.02 * chance[1],
        "Position error": np.abs(0.06 + 0.02 * chance[2]),
        "Countersink": 11.2 + 0.012 * chance[3],
        "In tolerance": np.abs(diameter - NOMINAL_MM) <= TOLERANCE_MM,
    }


def tools(now: Now) -> dict[str, object]:
    """The magazine: each tool drills a panel, then it is reground."""
    turn = (now.panel[:, np.newaxis] - np.arange(TOOLS)) % TOOLS
    hole, _ = hole_at(now)
    drilled = np.where(turn == 0, hole[:, np.newaxis], np.where(turn < TOOLS / 2, TOOL_HOLES, 0.0))
    ground = np.floor((now.panel[:, np.newaxis] - np.arange(TOOLS) + TOOLS / 2) / TOOLS)
    return {
        "Wear": 100.0 * drilled / TOOL_HOLES * (0.9 + 0.2 * now.drill_wear[:, np.newaxis]),
        "Holes on edge": drilled,
        "Tool serial": 70_000 + 100 * ground + np.arange(TOOLS) + 200,
        "Holes left": TOOL_HOLES - drilled,
    }


GROUPS = (
    Group((DRILLING,), UNIT, unit, "drilling"),
    Group(tuple(f"{DRILLING}/Head {number}" for number in (1, 2)), HEAD, heads, "drilling"),
    Group(
        tuple(f"{DRILLING}/Holes/H{number:03d}" for number in range(1, HOLES + 1)), HOLE, holes, "drilling"
    ),
    Group(
        tuple(f"{DRILLING}/Magazine/Tool {number}" for number in range(1, TOOLS + 1)), TOOL, tools, "drilling"
    ),
)
