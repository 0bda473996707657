"""Power: the main meter, two transformers and a feeder for every consumer."""

from __future__ import annotations

import numpy as np

from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.framing.names import POWER
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, counter, fast, flag

MAIN = (
    fast("Total", "kW", 0, 800, 0, 0.6),
    analog("Reactive power", "kvar", -400, 400, 0, 0.6),
    analog("Apparent power", "kVA", 0, 1000, 0, 0.6),
    analog("Power factor", "", 0, 1, 3, 0.001),
    analog("Frequency", "Hz", 49, 51, 3, 0.004, drift=0.02),
    counter("Energy", "kWh", 1),
    counter("Reactive energy", "kvarh", 1),
    analog("Demand 15 min", "kW", 0, 800, 0),
    analog("Voltage L1-L2", "V", 340, 460, 1, 0.2, drift=2),
    analog("Voltage L2-L3", "V", 340, 460, 1, 0.2, drift=2),
    analog("Voltage L3-L1", "V", 340, 460, 1, 0.2, drift=2),
    analog("Voltage L1-N", "V", 200, 260, 1, 0.15, drift=1),
    analog("Voltage L2-N", "V", 200, 260, 1, 0.15, drift=1),
    analog("Voltage L3-N", "V", 200, 260, 1, 0.15, drift=1),
    analog("Current L1", "A", 0, 1600, 0, 1),
    analog("Current L2", "A", 0, 1600, 0, 1),
    analog("Current L3", "A", 0, 1600, 0, 1),
    analog("Neutral current", "A", 0, 400, 1, 0.4),
    analog("Voltage distortion", "%", 0, 20, 2, 0.02, drift=0.2),
    analog("Current distortion", "%", 0, 60, 1, 0.1, drift=1),
    analog("Voltage unbalance", "%", 0, 10, 2, 0.01, drift=0.1),
    analog("Leakage current", "mA", 0, 1000, 0, 1.5, drift=12),
    flag("Surge protection ready"),
    flag("Main breaker closed"),
)
TRANSFORMER = (
    analog("Winding temperature L1", "°C", 0, 180, 1, 0.05),
    analog("Winding temperature L2", "°C", 0, 180, 1, 0.05),
    analog("Winding temperature L3", "°C", 0, 180, 1, 0.05),
    analog("Core temperature", "°C", 0, 180, 1, 0.05),
    analog("Load", "%", 0, 150, 1, 0.1),
    analog("Current", "A", 0, 1600, 0, 1),
    analog("Primary voltage", "kV", 8, 12, 2, 0.005, drift=0.05),
    analog("Fan current", "A", 0, 10, 2, 0.02),
    flag("Fan running"),
    flag("Breaker closed"),
    flag("Earth switch open"),
    counter("Operating hours", "h", 1),
)
FEEDER = (
    analog("Power", "kW", 0, 200, 1, 0.1),
    analog("Reactive power", "kvar", -100, 100, 1, 0.1),
    analog("Power factor", "", 0, 1, 3, 0.002),
    analog("Voltage", "V", 340, 460, 1, 0.2, drift=2),
    analog("Current L1", "A", 0, 400, 1, 0.3),
    analog("Current L2", "A", 0, 400, 1, 0.3),
    analog("Current L3", "A", 0, 400, 1, 0.3),
    analog("Current distortion", "%", 0, 60, 1, 0.1, drift=1),
    analog("Demand 15 min", "kW", 0, 200, 1),
    analog("Terminal temperature", "°C", 0, 120, 1, 0.05),
    counter("Energy", "kWh", 1),
    counter("Switchings"),
    flag("Breaker closed"),
    flag("Tripped"),
)
TRANSFORMERS = tuple(f"{POWER}/Transformer {number}" for number in range(1, 3))
UNIT_FEEDERS = tuple(f"{POWER}/Feeder S{number}0" for number in range(1, 9))
OTHER_FEEDERS = tuple(
    f"{POWER}/Feeder {name}"
    for name in ("Compressed air", "Cooling water", "Hydraulic oil", "Lighting", "Ventilation", "Controls")
)

_ROOT3 = 3.0**0.5
_VOLTAGE = 402.0
_METER_START_KWH = 2_840_000.0
_FEEDER_START_KWH = 100_000.0


def total_kw(now: Now) -> Values:
    """Everything, as the mean of a minute."""
    return now.loads.unit_demand_kw.sum(axis=1) + now.loads.other_demand_kw.sum(axis=1)


def main(now: Now) -> dict[str, object]:
    """The main meter."""
    kw = total_kw(now)
    factor = 0.93 + 0.012 * now.weather[:, 2]
    kva = kw / factor
    amps = 1000.0 * kva / (_ROOT3 * _VOLTAGE)
    kwh = now.loads.unit_kwh.sum(axis=1) + now.loads.other_kwh.sum(axis=1)
    values: dict[str, object] = {
        "Total": kw,
        "Reactive power": np.sqrt(kva**2 - kw**2),
        "Apparent power": kva,
        "Power factor": factor,
        "Frequency": 50.0,
        "Energy": _METER_START_KWH + kwh,
        "Reactive energy": 0.4 * (_METER_START_KWH + kwh),
        "Demand 15 min": kw,
        "Neutral current": 0.05 * amps,
        "Voltage distortion": 2.4,
        "Current distortion": 9.5,
        "Voltage unbalance": 0.6,
        "Leakage current": 148.0,
        "Surge protection ready": True,
        "Main breaker closed": True,
    }
    for phase, (pair, part) in enumerate((("L1-L2", 1.01), ("L2-L3", 1.0), ("L3-L1", 0.99))):
        values[f"Voltage {pair}"] = _VOLTAGE + 0.4 * phase
        values[f"Voltage L{phase + 1}-N"] = _VOLTAGE / _ROOT3 + 0.2 * phase
        values[f"Current L{phase + 1}"] = part * amps
    return values


def transformers(now: Now) -> dict[str, object]:
    """Two transformers share the load."""
    kva = (total_kw(now) / 0.93)[:, np.newaxis] * np.array([[0.51, 0.49]])
    load = kva / 6.3
    values: dict[str, object] = {
        "Core temperature": 48.0 + 0.34 * load,
        "Load": load,
        "Current": 1000.0 * kva / (_ROOT3 * _VOLTAGE),
        "Primary voltage": 10.4,
        "Fan current": 2.1,
        "Fan running": True,
        "Breaker closed": True,
        "Earth switch open": True,
        "Operating hours": now.hours(52_700.0),
    }
    for phase in range(3):
        values[f"Winding temperature L{phase + 1}"] = 47.0 + 0.5 * load + 0.8 * phase
    return values


def _feeders(kw: Values, kwh: Values) -> dict[str, object]:
    """Feeders of these powers and energies, [k, m]."""
    factor = 0.91
    amps = 1000.0 * kw / factor / (_ROOT3 * _VOLTAGE)
    return {
        "Power": kw,
        "Reactive power": 0.45 * kw,
        "Power factor": factor,
        "Voltage": _VOLTAGE - 0.8,
        "Current L1": 1.012 * amps,
        "Current L2": amps,
        "Current L3": 0.988 * amps,
        "Current distortion": 10.5,
        "Demand 15 min": kw,
        "Terminal temperature": 27.0 + 0.12 * amps,
        "Energy": _FEEDER_START_KWH + kwh,
        "Switchings": 74,
        "Breaker closed": True,
        "Tripped": False,
    }


def unit_feeders(now: Now) -> dict[str, object]:
    """The feeder of each unit."""
    return _feeders(now.loads.unit_demand_kw, now.loads.unit_kwh)


def other_feeders(now: Now) -> dict[str, object]:
    """The feeders of the utilities and the building."""
    return _feeders(now.loads.other_demand_kw, now.loads.other_kwh)


GROUPS = (
    Group((POWER,), MAIN, main, order="bswap+swap", table="input"),
    Group(TRANSFORMERS, TRANSFORMER, transformers, order="bswap+swap", table="input"),
    Group(UNIT_FEEDERS, FEEDER, unit_feeders, order="bswap+swap", table="input"),
    Group(OTHER_FEEDERS, FEEDER, other_feeders, order="bswap+swap", table="input"),
)
