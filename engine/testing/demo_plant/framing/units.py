"""What all eight units have: state, counters, interlocks, conveyor, cabinet, air supply and scanner."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.framing.line import BEGIN_S, FIRST_BODY, REASONS, TECHNICAL, TRANSFER_S
from engine.testing.demo_plant.framing.names import MODES_OF, S50, UNIT_PATHS, VALVES, under
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import MODES, STATES, analog, choice, counter, fast, flag, whole
from engine.testing.demo_plant.switches import switched

UNIT = (
    choice("State", STATES, rate=10.0, criticality="critical"),
    choice("Mode", MODES),
    whole("Step", 20),
    analog("Cycle time", "s", 0, 120, 1),
    counter("Body"),
    counter("Good count"),
    counter("Reject count"),
    counter("Energy", "kWh", 2),
    analog("Power", "kW", 0, 200, 1, 0.2),
    choice("Stop reason", REASONS),
)
INTERLOCKS = (
    flag("Guard closed"),
    flag("Light curtain clear"),
    flag("Emergency stop released"),
    flag("Air pressure present"),
    flag("Part in place"),
    flag("No operator stop"),
)
PRESS_INTERLOCKS = (
    flag("Oil level above 40 %"),
    flag("Oil temperature below 65 °C"),
    flag("Pressure below 248 bar"),
)
CONVEYOR = (
    analog("Speed", "m/min", -5, 40, 1, 0.05),
    fast("Motor current", "A", 0, 25, 2, 0.05),
    analog("Motor temperature", "°C", 0, 120, 1, 0.05),
    analog("Torque", "Nm", -50, 200, 1, 0.4),
    analog("Vibration", "mm/s", 0, 12, 2, 0.04),
    analog("Position", "mm", 0, 6500, 0, 0.4),
    analog("Belt tension", "N", 0, 4000, 0, 6),
    flag("Running"),
    counter("Transfers"),
)
CABINET = (
    analog("Temperature", "°C", 0, 70, 1, 0.04, drift=1.2),
    analog("Supply voltage", "V", 18, 30, 2, 0.01, drift=0.05),
    analog("Supply current", "A", 0, 40, 2, 0.05),
    analog("Fan speed", "rpm", 0, 4000, 0, 6),
    flag("Door closed"),
    analog("Controller load", "%", 0, 100, 1, 0.6),
    analog("Network load", "%", 0, 100, 1, 0.4),
    analog("Scan time", "ms", 0, 50, 2, 0.08),
    analog("Battery charge", "%", 0, 100, 0, drift=1),
)
AIR_SUPPLY = (
    analog("Pressure", "bar", 0, 10, 2, 0.01),
    analog("Flow", "l/min", 0, 3000, 0, 4),
    flag("Valve open"),
    analog("Filter pressure drop", "mbar", 0, 500, 0, 1.5),
    flag("Lubricator filled"),
    counter("Consumed", "m³", 1),
    counter("Valve switchings"),
)
SCANNER = (
    flag("Zone free"),
    analog("Front screen contamination", "%", 0, 100, 0, drift=2),
    flag("Muting active"),
    analog("Nearest object", "mm", 0, 8000, 0, 12),
    counter("Interruptions"),
)

_STEPS = np.array([8, 9, 12, 12, 11, 12, 10, 7])
"""How many steps each unit's sequence has."""
_AIR_L_MIN = np.array([[180.0, 620.0, 260.0, 255.0, 120.0, 250.0, 340.0, 60.0]])
_GUARD, _CURTAIN, _OPERATOR = (
    REASONS.index("guard open"),
    REASONS.index("light curtain"),
    REASONS.index("operator stop"),
)


def unit(now: Now) -> dict[str, object]:
    """State, counters and power."""
    line = now.line
    person = line.stopped & (line.reason >= TECHNICAL)
    state = np.select(
        [person | now.held, line.stopped, line.blocked, line.starved],
        [_STATE[w] for w in ("stopped", "fault", "blocked", "starved")],
        1,
    )
    finished = line.index + line.done
    return {
        "State": state,
        "Mode": 1.0 + switched(MODES_OF, now.conditions, now.time),
        "Step": np.where(line.done, 0, 1 + np.floor(line.phase * (_STEPS - 1e-9))),
        "Cycle time": line.last_s,
        "Body": FIRST_BODY + line.index,
        "Good count": finished - line.rejects,
        "Reject count": line.rejects,
        "Energy": now.loads.unit_kwh,
        "Power": now.loads.unit_kw,
        "Stop reason": np.where(now.held, _OPERATOR, line.reason),
    }


_STATE = {word: number for number, word in enumerate(STATES)}


def interlocks(now: Now) -> dict[str, object]:
    """True = the unit may run."""
    reason = np.where(now.held, 0, now.line.reason)
    return {
        "Guard closed": reason != _GUARD,
        "Light curtain clear": reason != _CURTAIN,
        "Emergency stop released": True,
        "Air pressure present": (now.air[:, np.newaxis] > 5.0) & (now.valves > 0.9),
        "Part in place": now.line.in_place,
        "No operator stop": reason != _OPERATOR,
    }


def press_interlocks(now: Now) -> dict[str, object]:
    """What else must hold for the press."""
    return {
        "Oil level above 40 %": True,
        "Oil temperature below 65 °C": now.oil < 65.0,
        "Pressure below 248 bar": now.pressure < 248.0,
    }


def conveyor(now: Now) -> dict[str, object]:
    """The conveyor of a unit, moving while its body goes on to the next one."""
    line = now.line
    gone = np.clip(line.gone_s / TRANSFER_S, 0.0, 1.0)
    speed = 36.0 * np.sin(np.pi * gone) * line.moving
    load = speed / 36.0
    return {
        "Speed": speed,
        "Motor current": 1.2 + 9.5 * load,
        "Motor temperature": 38.0 + 14.0 * line.warmth + 1.5 * now.weather[:, [3]],
        "Torque": 6.0 + 78.0 * load,
        "Vibration": 0.35 + 1.5 * load,
        "Position": np.where(line.moving, 6000.0 * (1.0 - np.cos(np.pi * gone)) / 2.0, 0.0),
        "Belt tension": 2150.0 + 260.0 * load,
        "Running": line.moving,
        "Transfers": line.index,
    }


def cabinet(now: Now) -> dict[str, object]:
    """The unit's control cabinet."""
    warm = now.line.warmth
    return {
        "Temperature": 29.5 + 6.0 * warm,
        "Supply voltage": 24.05 - 0.12 * now.line.working,
        "Supply current": 11.0 + 4.5 * now.line.working,
        "Fan speed": 2350.0 + 220.0 * warm,
        "Door closed": True,
        "Controller load": 31.0 + 9.0 * now.line.working,
        "Network load": 12.0 + 3.0 * now.line.working,
        "Scan time": 8.4 + 1.1 * now.line.working,
        "Battery charge": 98.0,
    }


def air_supply(now: Now) -> dict[str, object]:
    """Compressed air to a unit."""
    line = now.line
    flow = _AIR_L_MIN * (0.12 + 0.88 * np.exp(-((line.phase - 0.08) ** 2) / 0.004) * line.working)
    flow *= now.valves
    used_m3 = _AIR_L_MIN / 60000.0 * (0.12 * (now.time[:, np.newaxis] - BEGIN_S) + 0.1 * line.total_s)
    return {
        "Pressure": (now.air[:, np.newaxis] - 0.18 - flow / 6000.0) * now.valves,
        "Flow": flow,
        "Valve open": switched(VALVES, now.conditions, now.time),
        "Filter pressure drop": 62.0 + flow / 12.0,
        "Lubricator filled": True,
        "Consumed": 1200.0 + used_m3,
        "Valve switchings": 4.0 * line.index,
    }


def scanner(now: Now) -> dict[str, object]:
    """The safety scanner that watches a unit's floor."""
    curtain = now.line.reason == _CURTAIN
    return {
        "Zone free": ~curtain,
        "Front screen contamination": 14.0,
        "Muting active": now.line.moving,
        "Nearest object": np.where(curtain, 900.0, np.where(now.line.moving, 2200.0, 4600.0)),
        "Interruptions": np.floor(now.line.index / 61.0),
    }


GROUPS = (
    Group(UNIT_PATHS, UNIT, unit),
    Group(under("Interlocks"), INTERLOCKS, interlocks),
    Group((f"{S50}/Interlocks",), PRESS_INTERLOCKS, press_interlocks),
)
SUPPLIES = (
    Group(under("Conveyor"), CONVEYOR, conveyor, "drives", order="swap"),
    Group(under("Cabinet"), CABINET, cabinet),
    Group(under("Air supply"), AIR_SUPPLY, air_supply),
    Group(under("Scanner"), SCANNER, scanner),
)
