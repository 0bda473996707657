"""Hydraulic oil: the central tank behind the press, its circulation pumps, filters and cooler."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.framing.names import COOLER_AUTO, OIL
from engine.testing.demo_plant.framing.now import VALVE_PERCENT, VALVE_SETPOINT, Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, choice, counter, fast, flag, whole

TANK = (
    fast("Temperature", "°C", 20, 70, 1, 0.03),
    analog("Temperature setpoint", "°C", 20, 70, 1, writable=True),
    analog("Level", "%", 0, 100, 1, 0.05),
    analog("Circulation flow", "l/min", 0, 300, 1, 0.3),
    fast("Circulation pressure", "bar", 0, 16, 2, 0.02),
    analog("Water content", "ppm", 0, 1000, 0, 1.5, drift=10),
    analog("Viscosity", "mm²/s", 0, 120, 1, 0.1),
    whole("Cleanliness 4 µm", 30),
    whole("Cleanliness 6 µm", 30),
    whole("Cleanliness 14 µm", 30),
    analog("Power", "kW", 0, 60, 1, 0.05),
    counter("Energy", "kWh", 1),
    flag("Leak tray dry"),
    flag("Heater on"),
)
PUMP = (
    choice("State", ("off", "running", "standby", "fault")),
    flag("Running"),
    analog("Speed", "rpm", 0, 1800, 0, 2),
    analog("Motor current", "A", 0, 40, 2, 0.05),
    analog("Motor temperature", "°C", 0, 140, 1, 0.05),
    analog("Outlet pressure", "bar", 0, 16, 2, 0.02),
    analog("Vibration", "mm/s", 0, 12, 2, 0.04),
    analog("Power", "kW", 0, 15, 2, 0.03),
    counter("Run hours", "h", 1),
    counter("Starts"),
)
FILTER = (
    analog("Pressure drop", "bar", 0, 8, 2, 0.01, drift=0.1),
    flag("Clogged"),
    counter("Hours in use", "h", 1),
    analog("Flow", "l/min", 0, 300, 1, 0.3),
)
COOLER = (
    analog("Oil inlet temperature", "°C", 0, 80, 1, 0.05),
    analog("Oil outlet temperature", "°C", 0, 80, 1, 0.05),
    analog("Water inlet temperature", "°C", 0, 60, 1, 0.03),
    analog("Water outlet temperature", "°C", 0, 60, 1, 0.03),
    analog("Water valve position", "%", 0, 100, 1, 0.2),
    analog("Heat removed", "kW", 0, 80, 1, 0.1),
)
PUMPS = tuple(f"{OIL}/Circulation pump {number}" for number in range(1, 3))
FILTERS = tuple(f"{OIL}/Filter {number}" for number in range(1, 4))

_ON = np.array([[1.0, 0.0]])
"""One pump runs, the other stands by."""


def tank(now: Now) -> dict[str, object]:
    """The tank; a leaking press warms its oil and empties it slowly."""
    heat = now.oil - 40.0
    return {
        "Temperature": now.oil + 0.4,
        "Temperature setpoint": now.oil_wanted,
        "Level": 78.0 - 6.0 * now.leak,
        "Circulation flow": 148.0,
        "Circulation pressure": 5.4 - 0.03 * heat,
        "Water content": 126.0,
        "Viscosity": 44.0 - 1.1 * heat,
        "Cleanliness 4 µm": 18,
        "Cleanliness 6 µm": 16,
        "Cleanliness 14 µm": 13.0 + np.floor(1.9 * now.leak),
        "Power": now.loads.other_demand_kw[:, 2],
        "Energy": now.loads.other_kwh[:, 2] + 61_000.0,
        "Leak tray dry": now.leak < 0.85,
        "Heater on": False,
    }


def pumps(now: Now) -> dict[str, object]:
    """The circulation pumps."""
    return {
        "State": np.where(_ON > 0, 1, 2),
        "Running": _ON,
        "Speed": 1465.0 * _ON,
        "Motor current": 10.4 * _ON,
        "Motor temperature": 26.0 + 34.0 * _ON,
        "Outlet pressure": 5.6 * _ON,
        "Vibration": 0.1 + 1.3 * _ON,
        "Power": 5.2 * _ON,
        "Run hours": np.array([[22_400.0, 20_900.0]]) + _ON * now.hours(0.0)[:, np.newaxis],
        "Starts": np.array([[188, 203]]),
    }


def filters(now: Now) -> dict[str, object]:
    """Three filters in the circulation."""
    return {
        "Pressure drop": np.array([[1.2, 0.9, 0.7]]) + 0.4 * now.leak[:, np.newaxis],
        "Clogged": False,
        "Hours in use": now.hours(1_260.0),
        "Flow": 49.0,
    }


def cooler(now: Now) -> dict[str, object]:
    """The cooler between oil and cooling water."""
    automatic = COOLER_AUTO.at(now.conditions, now.time, 1.5)
    by_hand = now.followed(VALVE_SETPOINT, VALVE_PERCENT, 1.5)
    # Warm water takes less heat away: the controller gives more of it.
    controlled = np.clip(34.0 + 4.0 * (now.oil - now.oil_wanted) + 30.0 * now.cooling_loss, 0.0, 100.0)
    valve = automatic * controlled + (1.0 - automatic) * by_hand
    return {
        "Oil inlet temperature": now.oil + 0.6,
        "Oil outlet temperature": now.oil - 5.0,
        "Water inlet temperature": now.water + 0.3,
        "Water outlet temperature": now.water + 3.4,
        "Water valve position": valve,
        "Heat removed": 7.0 + 0.16 * valve,
    }


GROUPS = (
    Group((OIL,), TANK, tank, order="bswap", flags="discrete"),
    Group(PUMPS, PUMP, pumps, order="bswap", flags="discrete"),
    Group(FILTERS, FILTER, filters, order="bswap", flags="discrete"),
    Group((f"{OIL}/Cooler",), COOLER, cooler, order="bswap", flags="discrete"),
)
