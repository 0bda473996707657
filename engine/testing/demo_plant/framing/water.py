"""Cooling water: pumps, chillers, towers and a circuit per consumer."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.conditions import Values, exposure_s
from engine.testing.demo_plant.framing.names import PUMPS_ON, WATER, WATER_PUMPS
from engine.testing.demo_plant.framing.now import WATER_C, WATER_SETPOINT, Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, choice, counter, fast, flag

MAIN = (
    fast("Temperature", "°C", 10, 30, 1, 0.03),
    analog("Temperature setpoint", "°C", 10, 30, 1, writable=True),
    analog("Return temperature", "°C", 10, 50, 1, 0.03),
    fast("Flow", "l/min", 0, 2000, 0, 2),
    fast("Supply pressure", "bar", 0, 10, 2, 0.01),
    analog("Return pressure", "bar", 0, 10, 2, 0.01),
    analog("Heat load", "kW", 0, 1000, 0, 1),
    analog("Conductivity", "µS/cm", 0, 500, 0, 0.6, drift=8),
    analog("Acidity pH", "", 0, 14, 2, 0.01, drift=0.08),
    analog("Tank level", "%", 0, 100, 1, 0.05, drift=1.5),
    analog("Power", "kW", 0, 200, 1, 0.1),
    counter("Energy", "kWh", 1),
)
PUMP = (
    choice("State", ("off", "running", "standby", "fault")),
    flag("Running"),
    analog("Speed", "rpm", 0, 3600, 0, 2),
    analog("Motor current", "A", 0, 80, 1, 0.1),
    analog("Winding temperature", "°C", 0, 160, 1, 0.05),
    analog("Bearing temperature", "°C", 0, 130, 1, 0.05),
    analog("Vibration", "mm/s", 0, 20, 2, 0.04),
    analog("Inlet pressure", "bar", -1, 6, 2, 0.01),
    analog("Outlet pressure", "bar", 0, 10, 2, 0.01),
    analog("Flow", "l/min", 0, 2000, 0, 2),
    analog("Power", "kW", 0, 45, 2, 0.03),
    counter("Energy", "kWh", 1),
    counter("Run hours", "h", 1),
    counter("Starts"),
    flag("Ready"),
    flag("Seal dry"),
)
CHILLER = (
    choice("State", ("off", "cooling", "standby", "fault")),
    flag("Running"),
    analog("Load", "%", 0, 100, 1, 0.2),
    analog("Inlet temperature", "°C", 0, 50, 1, 0.03),
    analog("Outlet temperature", "°C", 0, 50, 1, 0.03),
    analog("Evaporating pressure", "bar", 0, 16, 2, 0.02),
    analog("Condensing pressure", "bar", 0, 30, 2, 0.02),
    analog("Evaporating temperature", "°C", -20, 30, 1, 0.05),
    analog("Condensing temperature", "°C", 0, 80, 1, 0.05),
    analog("Suction gas temperature", "°C", -20, 60, 1, 0.05),
    analog("Hot gas temperature", "°C", 0, 130, 1, 0.05),
    analog("Oil pressure", "bar", 0, 16, 2, 0.02),
    analog("Oil temperature", "°C", 0, 100, 1, 0.05),
    analog("Compressor current", "A", 0, 200, 1, 0.3),
    analog("Vibration", "mm/s", 0, 20, 2, 0.05),
    analog("Expansion valve position", "%", 0, 100, 1, 0.3),
    analog("Power", "kW", 0, 120, 1, 0.1),
    counter("Energy", "kWh", 1),
    counter("Run hours", "h", 1),
    counter("Starts"),
    flag("Flow present"),
    flag("Ready"),
)
TOWER = (
    flag("Fan running"),
    analog("Fan speed", "rpm", 0, 1500, 0, 2),
    analog("Fan current", "A", 0, 40, 1, 0.1),
    analog("Inlet temperature", "°C", 0, 60, 1, 0.05),
    analog("Outlet temperature", "°C", 0, 60, 1, 0.05),
    analog("Basin level", "%", 0, 100, 1, 0.1, drift=3),
    analog("Basin temperature", "°C", 0, 60, 1, 0.05),
    analog("Vibration", "mm/s", 0, 20, 2, 0.05),
    flag("Make-up valve open"),
    counter("Run hours", "h", 1),
)
CIRCUIT = (
    analog("Supply temperature", "°C", 0, 60, 1, 0.03),
    analog("Return temperature", "°C", 0, 60, 1, 0.03),
    analog("Flow", "l/min", 0, 300, 1, 0.3),
    analog("Pressure", "bar", 0, 10, 2, 0.01),
    analog("Valve position", "%", 0, 100, 1, 0.1),
    analog("Heat", "kW", 0, 300, 1, 0.1),
)
PUMPS = WATER_PUMPS
CHILLERS = tuple(f"{WATER}/Chiller {number}" for number in range(1, 3))
TOWERS = tuple(f"{WATER}/Tower {number}" for number in range(1, 3))
CIRCUITS = tuple(
    f"{WATER}/Circuit {name}"
    for name in ("S30", "S40", "S50", "S60", "S70", "Compressors", "Hydraulic oil", "Rectifiers", "Cabinets")
)

FLOW_L_MIN = 1180.0
KW_PER_K = FLOW_L_MIN / 60.0 * 4.18
"""Heat that the flow carries away for each kelvin."""
_CIRCUIT_L_MIN = np.array([[168.0, 168.0, 140.0, 160.0, 96.0, 190.0, 88.0, 90.0, 60.0]])
_CIRCUIT_UNITS = (2, 3, 4, 5, 6)
_PUMP = np.array([[1.0, 0.0, 0.0]])
"""The fault "pump-cavitation" is at the first pump: its suction strainer fills, and the water boils in it."""
_CHILLER = np.array([[1.0, 0.0]])
"""The fault "cooling-loss" is at the first chiller: its refrigerant leaks out."""
LOST_SHARE = 0.3
"""Of the flow that a pump delivers no more when it cavitates."""


def heat_kw(now: Now) -> Values:
    """What the consumers give off; weld guns most of it."""
    return 38.0 + 150.0 * now.weld_heat + 0.4 * now.loads.other_demand_kw[:, 0] + 18.0 * now.leak


def _share(now: Now) -> Values:
    """How much of the flow that two pumps make there is."""
    return now.pumps.sum(axis=1) / 2.0


def main(now: Now) -> dict[str, object]:
    """Supply and return."""
    heat, share = heat_kw(now), _share(now)
    lost = LOST_SHARE / 2.0 * now.cavitation * now.pumps[:, 0]
    return {
        "Temperature": now.water,
        "Temperature setpoint": now.setpoint(WATER_SETPOINT, WATER_C),
        "Return temperature": now.water + heat / KW_PER_K / np.maximum(share, 0.2),
        "Flow": FLOW_L_MIN * (share - lost) + 12.0 * now.weather[:, 1] * (share > 0),
        "Supply pressure": 1.35 + 2.5 * np.minimum(share - lost, 1.3) + 0.05 * now.weather[:, 2],
        "Return pressure": 1.35,
        "Heat load": heat,
        "Conductivity": 212.0,
        "Acidity pH": 7.6,
        "Tank level": 74.0,
        "Power": now.loads.other_demand_kw[:, 1],
        "Energy": now.loads.other_kwh[:, 1] + 310_000.0,
    }


def pumps(now: Now) -> dict[str, object]:
    """The circulation pumps. One that cavitates shakes, draws less and delivers less."""
    on = now.pumps
    boils = now.cavitation[:, np.newaxis] * _PUMP * on
    warm = (0.9 + 0.05 * now.weather[:, 3])[:, np.newaxis]
    ran_s = np.stack([each.on_s(now.conditions, now.time) for each in PUMPS_ON], axis=1)
    hours = np.array([[18_200.0, 16_900.0, 9_400.0]]) + ran_s / 3600.0
    spared_h = exposure_s(now.conditions, "pump-cavitation", now.time)[:, np.newaxis] * _PUMP / 3600.0
    started = np.stack([each.starts_until(now.conditions, now.time) for each in PUMPS_ON], axis=1)
    return {
        "State": np.where(on > 0, 1, 2),
        "Running": on,
        "Speed": 2930.0 * on,
        "Motor current": 19.5 * on - 2.7 * boils,
        "Winding temperature": 24.0 + 40.0 * on * warm,
        "Bearing temperature": 24.0 + 24.0 * on * warm + 6.0 * boils,
        "Vibration": 0.1 + 1.55 * on + 4.6 * boils,
        "Inlet pressure": 1.3 - 1.1 * boils,
        "Outlet pressure": 1.3 + 2.8 * on - 0.9 * boils,
        "Flow": FLOW_L_MIN / 2 * (on - LOST_SHARE * boils),
        "Power": 9.4 * on - 1.3 * boils,
        "Energy": 9.4 * hours - 1.3 * spared_h,
        "Run hours": hours,
        "Starts": np.array([[412, 398, 655]]) + started,
        "Ready": True,
        "Seal dry": True,
    }


def chillers(now: Now) -> dict[str, object]:
    """Two chillers share the heat. One that loses refrigerant opens its valve, sucks hotter gas from a lower
    pressure and leaves load to the other.
    """
    lost = now.cooling_loss[:, np.newaxis]
    part = np.array([[0.52, 0.48]]) - 0.3 * lost * _CHILLER + 0.18 * lost * (1.0 - _CHILLER)
    lost = lost * _CHILLER
    load = (heat_kw(now) / 2.6)[:, np.newaxis] * part
    inlet = (now.water + heat_kw(now) / KW_PER_K)[:, np.newaxis]
    outlet = now.water[:, np.newaxis] - 0.3 + 1.5 * lost
    share = load / 100.0
    return {
        "State": 1,
        "Running": True,
        "Load": load,
        "Inlet temperature": inlet,
        "Outlet temperature": outlet,
        "Evaporating pressure": 3.4 - 0.5 * share - 1.3 * lost,
        "Condensing pressure": 9.2 + 3.4 * share,
        "Evaporating temperature": 8.0 - 3.0 * share - 6.0 * lost,
        "Condensing temperature": 33.0 + 9.0 * share,
        "Suction gas temperature": 13.0 - 2.0 * share + 9.0 * lost,
        "Hot gas temperature": 56.0 + 18.0 * share + 40.0 * lost,
        "Oil pressure": 7.2,
        "Oil temperature": 46.0 + 8.0 * share,
        "Compressor current": 22.0 + 58.0 * share,
        "Vibration": 1.2 + 1.4 * share,
        "Expansion valve position": 18.0 + 48.0 * share + 45.0 * lost,
        "Power": 4.0 + 15.0 * share,
        "Energy": 140_000.0 + 11.6 * now.hours(0.0)[:, np.newaxis],
        "Run hours": now.hours(15_600.0),
        "Starts": np.array([[820, 797]]),
        "Flow present": True,
        "Ready": True,
    }


def towers(now: Now) -> dict[str, object]:
    """Two cooling towers; warm weather makes their fans turn faster."""
    need = (0.6 + 0.12 * now.weather[:, 3])[:, np.newaxis] * np.array([[1.0, 0.96]])
    return {
        "Fan running": True,
        "Fan speed": 1320.0 * need,
        "Fan current": 4.0 + 14.0 * need,
        "Inlet temperature": 32.0 + 4.0 * need,
        "Outlet temperature": 26.5 + 2.0 * need,
        "Basin level": 71.0,
        "Basin temperature": 26.0 + 2.0 * need,
        "Vibration": 0.6 + 1.2 * need,
        "Make-up valve open": now.weather[:, 1] > 0.55,
        "Run hours": now.hours(14_100.0),
    }


def circuits(now: Now) -> dict[str, object]:
    """The circuit of each consumer; a weld unit's gives back what its guns gave off."""
    heat = np.repeat(np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 34.0, 12.0, 11.0, 6.0]]), len(now.time), axis=0)
    for column, unit in enumerate(_CIRCUIT_UNITS):
        heat[:, column] = (30.0, 30.0, 16.0, 28.0, 14.0)[column] * now.line.warmth[:, unit]
    heat[:, 5] = 0.45 * now.loads.other_demand_kw[:, 0]
    heat[:, 2] += 10.0 * now.leak
    supply = now.water[:, np.newaxis] + 0.3
    return {
        "Supply temperature": supply,
        "Return temperature": supply + heat / (_CIRCUIT_L_MIN / 60.0 * 4.18),
        "Flow": _CIRCUIT_L_MIN,
        "Pressure": 3.6,
        "Valve position": 62.0,
        "Heat": heat,
    }


GROUPS = (
    Group((WATER,), MAIN, main, flags="coil"),
    Group(PUMPS, PUMP, pumps, flags="coil"),
    Group(CHILLERS, CHILLER, chillers, flags="coil"),
    Group(TOWERS, TOWER, towers, flags="coil"),
    Group(CIRCUITS, CIRCUIT, circuits, flags="coil"),
)
