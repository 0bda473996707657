"""Compressed air: three compressors, two dryers, filters and the branches to the line."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.conditions import Values, times_above
from engine.testing.demo_plant.framing.energy import THIRD_STARTS
from engine.testing.demo_plant.framing.names import AIR
from engine.testing.demo_plant.framing.now import AIR_BAR, AIR_SETPOINT, Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, choice, counter, fast, flag

HEADER = (
    fast("Pressure", "bar", 4, 8, 2, 0.008),
    analog("Pressure setpoint", "bar", 4, 8, 1, writable=True),
    fast("Flow", "m³/h", 0, 3000, 0, 3),
    analog("Dew point", "°C", -60, 20, 1, 0.1, drift=1.5),
    analog("Receiver temperature", "°C", 0, 80, 1, 0.05, drift=1),
    analog("Receiver pressure", "bar", 0, 10, 2, 0.01),
    analog("Leak rate", "%", 0, 60, 1, 0.1, drift=0.6),
    analog("Oil content", "mg/m³", 0, 1, 3, 0.002),
    analog("Power", "kW", 0, 300, 1, 0.2),
    counter("Energy", "kWh", 1),
    counter("Delivered", "m³", 0),
    analog("Specific energy", "Wh/m³", 0, 300, 1),
)
COMPRESSOR = (
    choice("State", ("off", "unloaded", "loaded", "fault")),
    flag("Running"),
    flag("Loaded"),
    analog("Speed", "rpm", 0, 4000, 0, 3),
    analog("Motor current", "A", 0, 250, 1, 0.4),
    analog("Motor winding temperature", "°C", 0, 160, 1, 0.05),
    analog("Outlet pressure", "bar", 0, 12, 2, 0.01),
    analog("Outlet temperature", "°C", 0, 130, 1, 0.05),
    analog("Oil pressure", "bar", 0, 10, 2, 0.01),
    analog("Oil temperature", "°C", 0, 130, 1, 0.05),
    analog("Oil level", "%", 0, 100, 0, drift=1),
    analog("Intake temperature", "°C", -20, 60, 1, 0.05, drift=1.5),
    analog("Intake filter pressure drop", "mbar", 0, 100, 1, 0.1, drift=0.8),
    analog("Separator pressure drop", "bar", 0, 2, 2, 0.005, drift=0.02),
    analog("Bearing temperature", "°C", 0, 130, 1, 0.05),
    analog("Vibration", "mm/s", 0, 20, 2, 0.05),
    analog("Cooling fan speed", "rpm", 0, 2000, 0, 4),
    analog("Power", "kW", 0, 160, 1, 0.2),
    analog("Power factor", "", 0, 1, 3, 0.002),
    counter("Energy", "kWh", 1),
    counter("Run hours", "h", 1),
    counter("Loaded hours", "h", 1),
    counter("Starts"),
    flag("Drain working"),
    flag("Service due"),
    flag("Ready"),
)
DRYER = (
    choice("State", ("off", "drying", "regenerating", "fault")),
    flag("Running"),
    analog("Inlet temperature", "°C", 0, 80, 1, 0.05),
    analog("Outlet dew point", "°C", -60, 20, 1, 0.1, drift=1),
    analog("Refrigerant pressure", "bar", 0, 30, 1, 0.05),
    analog("Evaporator temperature", "°C", -20, 30, 1, 0.05),
    analog("Condenser temperature", "°C", 0, 80, 1, 0.05),
    analog("Pressure drop", "mbar", 0, 500, 0, 1),
    analog("Power", "kW", 0, 15, 2, 0.02),
    counter("Run hours", "h", 1),
    flag("Drain working"),
    flag("Bypass closed"),
)
FILTER = (
    analog("Pressure drop", "mbar", 0, 500, 0, 1, drift=6),
    flag("Drain working"),
    counter("Hours in use", "h", 1),
)
BRANCH = (
    analog("Pressure", "bar", 0, 10, 2, 0.01),
    analog("Flow", "m³/h", 0, 800, 1, 0.6),
    flag("Valve open"),
)
COMPRESSORS = tuple(f"{AIR}/Compressor {number}" for number in range(1, 4))
DRYERS = tuple(f"{AIR}/Dryer {number}" for number in range(1, 3))
FILTERS = tuple(f"{AIR}/Filter {number}" for number in range(1, 5))
BRANCHES = tuple(f"{AIR}/Branch S{number}0" for number in range(1, 9))

_ONE = np.arange(3)[np.newaxis]
FLOW_M3H = 640.0
BRANCH_M3H = np.array([[42.0, 118.0, 92.0, 90.0, 46.0, 88.0, 104.0, 22.0]])


def header(now: Now) -> dict[str, object]:
    """The header behind the receiver. A leak costs flow, pressure and energy."""
    flow = _flow(now)
    power = now.loads.other_demand_kw[:, 0]
    return {
        "Pressure": now.air,
        "Pressure setpoint": now.setpoint(AIR_SETPOINT, AIR_BAR),
        "Flow": flow,
        "Dew point": -34.0 + 9.0 * now.air_leak,
        "Receiver temperature": 31.0 + 4.0 * now.air_leak,
        "Receiver pressure": now.air + 0.18,
        "Leak rate": 7.5 + 24.0 * now.air_leak,
        "Oil content": 0.012,
        "Power": power,
        "Energy": now.loads.other_kwh[:, 0] + 48_000.0,
        "Delivered": 900_000.0 + FLOW_M3H / 3600.0 * now.time,
        "Specific energy": 1000.0 * power / flow,
    }


def _flow(now: Now) -> Values:
    return FLOW_M3H * (0.82 + 0.18 * now.line.working.mean(axis=1)) + 215.0 * now.air_leak


def compressors(now: Now) -> dict[str, object]:
    """The first always delivers, the second fills up, the third helps when there is a leak."""
    kw = now.loads.air_kw
    running, loaded = kw > 0, kw > 20.0
    load = kw / 34.0
    heat = np.stack([np.full_like(now.time, 0.8), 0.5 + 0.4 * now.air_leak, 0.9 * running[:, 2]], axis=1)
    hours = now.hours(0.0)[:, np.newaxis]
    third = now.loads.air_kwh[:, 2] / 26.0
    on = np.stack([hours[:, 0], hours[:, 0], third], axis=1)
    full = np.stack([hours[:, 0], now.loaded_s / 3600.0, third], axis=1)
    helped = times_above(now.conditions, "air-leak", THIRD_STARTS, now.time)
    return {
        "State": np.where(loaded, 2, np.where(running, 1, 0)),
        "Running": running,
        "Loaded": loaded,
        "Speed": 2960.0 * running,
        "Motor current": 3.0 * running + 62.0 * load,
        "Motor winding temperature": 32.0 + 48.0 * heat,
        "Outlet pressure": np.where(loaded, now.air[:, np.newaxis] + 0.42, 1.2 * running),
        "Outlet temperature": 30.0 + 48.0 * heat,
        "Oil pressure": 2.9 * running,
        "Oil temperature": 30.0 + 42.0 * heat,
        "Oil level": 68.0 - 3.0 * _ONE,
        "Intake temperature": 23.5,
        "Intake filter pressure drop": 4.0 + 18.0 * load,
        "Separator pressure drop": 0.05 + 0.24 * load,
        "Bearing temperature": 29.0 + 36.0 * heat,
        "Vibration": 0.2 + 2.2 * running + 0.9 * load,
        "Cooling fan speed": 1180.0 * running,
        "Power": kw,
        "Power factor": np.where(running, 0.72 + 0.16 * load, 0.0),
        "Energy": now.loads.air_kwh + 120_000.0,
        "Run hours": 21_300.0 - 6000.0 * _ONE + on,
        "Loaded hours": 17_900.0 - 6000.0 * _ONE + full,
        "Starts": 2_100 - 300 * _ONE + helped[:, np.newaxis] * (_ONE == 2),
        "Drain working": True,
        "Service due": False,
        "Ready": True,
    }


def dryers(now: Now) -> dict[str, object]:
    """Two dryers side by side."""
    load = (0.6 + 0.3 * now.air_leak)[:, np.newaxis]
    return {
        "State": 1,
        "Running": True,
        "Inlet temperature": 33.0 + 6.0 * load,
        "Outlet dew point": -34.0 + 9.0 * now.air_leak,
        "Refrigerant pressure": 11.0 + 4.0 * load,
        "Evaporator temperature": 2.6,
        "Condenser temperature": 34.0 + 8.0 * load,
        "Pressure drop": 90.0 + 90.0 * load,
        "Power": 2.9 + 1.8 * load,
        "Run hours": now.hours(19_400.0),
        "Drain working": True,
        "Bypass closed": True,
    }


def filters(now: Now) -> dict[str, object]:
    """Filters behind the dryers."""
    return {
        "Pressure drop": 118.0 + 60.0 * now.air_leak,
        "Drain working": True,
        "Hours in use": now.hours(2_840.0),
    }


def branches(now: Now) -> dict[str, object]:
    """The branch to each unit; the leak is in that of S60."""
    flow = BRANCH_M3H * (0.8 + 0.2 * now.line.working)
    flow[:, 5] += 215.0 * now.air_leak
    return {"Pressure": now.air[:, np.newaxis] - flow / 2500.0, "Flow": flow, "Valve open": True}


GROUPS = (
    Group((AIR,), HEADER, header, order="swap"),
    Group(COMPRESSORS, COMPRESSOR, compressors, order="swap"),
    Group(DRYERS, DRYER, dryers, order="swap"),
    Group(FILTERS, FILTER, filters, order="swap"),
    Group(BRANCHES, BRANCH, branches, order="swap"),
)
