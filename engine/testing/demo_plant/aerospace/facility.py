"""What autoclave and drilling cell live on: nitrogen, vacuum, chilled water and power."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.aerospace import autoclave
from engine.testing.demo_plant.aerospace.now import Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, choice, counter, fast, flag

TANK = (
    fast("Pressure", "bar", 0, 25, 2, 0.01),
    analog("Level", "%", 0, 100, 1, 0.05),
    analog("Liquid temperature", "°C", -210, 0, 1, 0.1),
    analog("Gas temperature", "°C", -50, 60, 1, 0.1, drift=1.5),
    analog("Flow", "m³/h", 0, 2000, 0, 1),
    analog("Evaporator pressure drop", "mbar", 0, 500, 0, 1),
    analog("Insulation vacuum", "mbar", 0, 10, 3, 0.001),
    analog("Weight", "kg", 0, 20_000, 0, 2),
    analog("Boil-off", "kg/h", 0, 50, 2, 0.02),
    analog("Outlet pressure", "bar", 0, 16, 2, 0.01),
    counter("Delivered", "m³", 0),
    counter("Fills"),
    flag("Outlet valve open"),
    flag("Safety valve closed"),
    flag("Ready"),
)
VACUUM_PUMP = (
    choice("State", ("off", "running", "standby", "fault")),
    flag("Running"),
    analog("Inlet pressure", "mbar", 0, 1100, 1, 0.3),
    analog("Motor current", "A", 0, 60, 1, 0.1),
    analog("Motor temperature", "°C", 0, 140, 1, 0.05),
    analog("Oil temperature", "°C", 0, 120, 1, 0.05),
    analog("Oil level", "%", 0, 100, 0, drift=1),
    analog("Exhaust pressure drop", "mbar", 0, 800, 0, 2),
    analog("Vibration", "mm/s", 0, 20, 2, 0.04),
    analog("Water flow", "l/min", 0, 60, 1, 0.1),
    analog("Power", "kW", 0, 30, 2, 0.03),
    counter("Energy", "kWh", 1),
    counter("Run hours", "h", 1),
    counter("Starts"),
    flag("Ready"),
)
CHILLER = (
    choice("State", ("off", "cooling", "standby", "fault")),
    analog("Load", "%", 0, 100, 1, 0.2),
    analog("Inlet temperature", "°C", 0, 50, 1, 0.03),
    analog("Outlet temperature", "°C", 0, 50, 1, 0.03),
    analog("Flow", "l/min", 0, 2000, 0, 2),
    analog("Pressure", "bar", 0, 10, 2, 0.01),
    analog("Evaporating pressure", "bar", 0, 16, 2, 0.02),
    analog("Condensing pressure", "bar", 0, 30, 2, 0.02),
    analog("Hot gas temperature", "°C", 0, 130, 1, 0.05),
    analog("Compressor current", "A", 0, 300, 1, 0.3),
    analog("Vibration", "mm/s", 0, 20, 2, 0.05),
    analog("Power", "kW", 0, 120, 1, 0.1),
    counter("Energy", "kWh", 1),
    counter("Run hours", "h", 1),
    flag("Flow present"),
    flag("Ready"),
)
METER = (
    fast("Total", "kW", 0, 2500, 0, 1),
    counter("Energy", "kWh", 1),
    analog("Reactive power", "kvar", -1000, 1000, 0, 1),
    analog("Power factor", "", 0, 1, 3, 0.001),
    analog("Frequency", "Hz", 49, 51, 3, 0.004, drift=0.02),
    *(analog(f"Voltage {pair}", "V", 340, 460, 1, 0.2, drift=2) for pair in ("L1-L2", "L2-L3", "L3-L1")),
    *(analog(f"Current {phase}", "A", 0, 4000, 0, 1) for phase in ("L1", "L2", "L3")),
    analog("Neutral current", "A", 0, 800, 1, 0.4),
    analog("Voltage distortion", "%", 0, 20, 2, 0.02, drift=0.2),
    analog("Current distortion", "%", 0, 60, 1, 0.1, drift=1),
    analog("Transformer temperature", "°C", 0, 180, 1, 0.05),
    analog("Transformer load", "%", 0, 150, 1, 0.1),
    analog("Hall temperature", "°C", 0, 50, 1, 0.05, drift=1.0),
    analog("Hall humidity", "%", 0, 100, 1, 0.2, drift=4),
    flag("Main breaker closed"),
    flag("Surge protection ready"),
)
OTHERS_KW = 5 * 46.0 + 6 * 11.0 + 30.0
"""Chillers, vacuum pumps and the hall."""


def tanks(now: Now) -> dict[str, object]:
    """Nitrogen for the vessel; each tank empties over two weeks and is filled again."""
    gone = np.mod(now.time[:, np.newaxis] / 1_209_600.0 + np.arange(4) / 4.0, 1.0)
    pressing = ((now.cure_s > 1800.0) & (now.cure_s < 3600.0)).astype(np.float64)
    return {
        "Pressure": 15.2 - 0.4 * pressing,
        "Level": 92.0 - 70.0 * gone,
        "Liquid temperature": -186.0,
        "Gas temperature": 14.0 - 6.0 * pressing,
        "Flow": 18.0 + 620.0 * pressing,
        "Evaporator pressure drop": 12.0 + 90.0 * pressing,
        "Insulation vacuum": 0.042,
        "Weight": 16_800.0 * (0.92 - 0.7 * gone),
        "Boil-off": 3.1,
        "Outlet pressure": 11.0 - 0.2 * pressing,
        "Delivered": 410_000.0 + 0.05 * now.time,
        "Fills": 212.0 + np.floor(now.time[:, np.newaxis] / 1_209_600.0 + np.arange(4) / 4.0),
        "Outlet valve open": True,
        "Safety valve closed": True,
        "Ready": True,
    }


def vacuum_pumps(now: Now) -> dict[str, object]:
    """The pumps that evacuate the bags; a leaking bag gives them more to do."""
    leak = now.bag_leak
    return {
        "State": 1,
        "Running": True,
        "Inlet pressure": 48.0 + 36.0 * leak,
        "Motor current": 18.5 + 2.4 * leak,
        "Motor temperature": 61.0 + 5.0 * leak,
        "Oil temperature": 68.0 + 4.0 * leak,
        "Oil level": 71.0,
        "Exhaust pressure drop": 120.0,
        "Vibration": 1.6,
        "Water flow": 14.0,
        "Power": 11.0,
        "Energy": 380_000.0 + 11.0 * now.time / 3600.0,
        "Run hours": now.hours(31_000.0),
        "Starts": 288,
        "Ready": True,
    }


def chillers(now: Now) -> dict[str, object]:
    """Chilled water; it has most to do while the vessel cools down."""
    cooling = np.clip(-60.0 * now.heating, 0.0, 2.0) * now.curing
    load = 42.0 + 22.0 * cooling
    return {
        "State": 1,
        "Load": load,
        "Inlet temperature": 13.5 + 2.5 * cooling,
        "Outlet temperature": 8.0 + 0.3 * cooling,
        "Flow": 940.0,
        "Pressure": 3.9,
        "Evaporating pressure": 3.3,
        "Condensing pressure": 10.4 + 1.4 * cooling,
        "Hot gas temperature": 58.0 + 8.0 * cooling,
        "Compressor current": 74.0 + 0.2 * load,
        "Vibration": 1.7,
        "Power": 46.0,
        "Energy": 920_000.0 + 46.0 * now.time / 3600.0,
        "Run hours": now.hours(26_000.0),
        "Flow present": True,
        "Ready": True,
    }


def meter(now: Now) -> dict[str, object]:
    """The main meter."""
    kw = autoclave.power_kw(now) + OTHERS_KW + 23.0 * now.drilling
    amps = 1000.0 * kw / 0.94 / (3.0**0.5 * 402.0)
    drilled_s = now.panel * 4320.0 + np.minimum(now.panel_s, 4320.0)
    kwh = autoclave.energy_kwh(now) + (OTHERS_KW * now.time + 23.0 * drilled_s) / 3600.0
    values: dict[str, object] = {
        "Total": kw,
        "Energy": 6_200_000.0 + kwh,
        "Reactive power": 0.36 * kw,
        "Power factor": 0.94,
        "Frequency": 50.0,
        "Neutral current": 0.04 * amps,
        "Voltage distortion": 2.2,
        "Current distortion": 8.4,
        "Transformer temperature": 46.0 + 0.02 * kw,
        "Transformer load": kw / 16.0,
        "Hall temperature": 22.5,
        "Hall humidity": 48.0,
        "Main breaker closed": True,
        "Surge protection ready": True,
    }
    for phase, pair in enumerate(("L1-L2", "L2-L3", "L3-L1")):
        values[f"Voltage {pair}"] = 402.0 + 0.4 * phase
        values[f"Current L{phase + 1}"] = amps * (1.01 - 0.01 * phase)
    return values


def _named(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"Utilities/{what} {number}" for number in range(1, count + 1))


GROUPS = (
    Group(_named("Nitrogen/Tank", 4), TANK, tanks, "facility", flags="coil"),
    Group(_named("Vacuum/Pump", 6), VACUUM_PUMP, vacuum_pumps, "facility", order="bswap+swap", table="input"),
    Group(_named("Chilled water/Chiller", 5), CHILLER, chillers, "facility", order="bswap", flags="discrete"),
    Group(("Utilities/Power",), METER, meter, "facility"),
)
