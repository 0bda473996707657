"""The autoclave: vessel, thermocouples on the parts, vacuum bags, heaters and fans."""

from __future__ import annotations

import functools

import numpy as np

from engine.testing.demo_plant.aerospace.now import (
    AUTOCLAVE,
    BATCH_S,
    CURE_S,
    FIRST_BATCH,
    INTO_S,
    TEMPERATURE,
    Now,
    profile,
)
from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.noise import channels, uniform
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
    whole("Step", 20),
    analog("Cycle time", "s", 0, 40_000, 0),
    counter("Batch serial"),
    counter("Good count"),
    counter("Reject count"),
    counter("Energy", "kWh", 1),
    analog("Power", "kW", 0, 2000, 0, 2.0),
)
VESSEL = (
    fast("Air temperature", "°C", 0, 250, 1, 0.1),
    analog("Temperature wanted", "°C", 0, 250, 1),
    setting("Temperature offset", "°C", -20, 20, 1),
    fast("Pressure", "bar", 0, 12, 2, 0.01),
    setting("Pressure setpoint", "bar", 0, 10, 1),
    analog("Heating rate", "°C/min", -10, 10, 2, 0.01),
    fast("Leading part temperature", "°C", 0, 250, 1),
    fast("Lagging part temperature", "°C", 0, 250, 1),
    analog("Spread of parts", "°C", 0, 100, 1),
    analog("Oxygen", "%", 0, 25, 2, 0.02),
    analog("Door seal pressure", "bar", 0, 16, 2, 0.01),
    analog("Nitrogen valve position", "%", 0, 100, 1, 0.2),
    analog("Vent valve position", "%", 0, 100, 1, 0.2),
    whole("Parts in tolerance", 120),
    flag("Door locked"),
    flag("Cure valid"),
)
THERMOCOUPLE = (
    analog("Temperature", "°C", 0, 250, 1, 0.1),
    analog("Deviation", "°C", -60, 60, 1),
    analog("Upper tolerance", "°C", 0, 250, 1),
    analog("Lower tolerance", "°C", -60, 250, 1),
    flag("In tolerance"),
    flag("Wire intact"),
)
BAG = (
    fast("Vacuum", "bar", -1, 0.1, 3, 0.001),
    analog("Leak rate", "mbar/min", 0, 50, 2, 0.02),
    counter("Part serial"),
    flag("Valve open"),
    flag("In tolerance"),
    analog("Line temperature", "°C", 0, 200, 1, 0.1),
)
HEATER = (
    analog("Power", "kW", 0, 60, 1, 0.1),
    analog("Current", "A", 0, 120, 1, 0.2),
    analog("Voltage", "V", 0, 480, 1, 0.3),
    analog("Element temperature", "°C", 0, 600, 0, 0.5),
    analog("Duty", "%", 0, 100, 1),
    analog("Resistance", "Ω", 0, 20, 2, 0.01),
    flag("On"),
    counter("Hours", "h", 1),
)
FAN = (
    analog("Speed", "rpm", 0, 1800, 0, 1.5),
    analog("Motor current", "A", 0, 120, 1, 0.2),
    analog("Winding temperature", "°C", 0, 180, 1, 0.05),
    analog("Bearing temperature", "°C", 0, 150, 1, 0.05),
    analog("Vibration", "mm/s", 0, 20, 2, 0.04),
    analog("Seal gas flow", "l/min", 0, 40, 1, 0.1),
    analog("Power", "kW", 0, 75, 1, 0.1),
    flag("Running"),
    counter("Run hours", "h", 1),
    counter("Starts"),
)
PARTS, BAGS, HEATERS = 120, 24, 24
TOLERANCE_C = 12.0
"""A part must follow the recipe within this, once it has soaked."""
BASE_KW, FANS_KW = 38.0, 92.0
LOSS_KW, HEAT_KW = 1.5, 5200.0
"""For each kelvin above the hall, and for each kelvin a second."""
_CHANNEL = 10


def heater_kw(cure_s: Values) -> Values:
    """What the recipe makes the heaters draw, in kW over the seconds of a batch."""
    rise = (profile(cure_s + 30.0) - profile(cure_s - 30.0)) / 60.0
    need = LOSS_KW * (profile(cure_s) - 24.0) + HEAT_KW * rise
    return np.where(cure_s < CURE_S, np.maximum(need, 0.0), 0.0)


@functools.lru_cache(maxsize=1)
def _energy_table() -> tuple[Values, Values]:
    """Seconds of a batch, and the kWh that heaters and fans have taken by then."""
    seconds = np.arange(0.0, BATCH_S + 5.0, 5.0)
    kw = heater_kw(seconds) + FANS_KW * (seconds < CURE_S)
    summed = np.concatenate([[0.0], np.cumsum((kw[1:] + kw[:-1]) / 2.0 * np.diff(seconds))])
    return seconds, summed / 3600.0


def energy_kwh(now: Now) -> Values:
    """What the autoclave has taken since model time 0 and before."""
    seconds, kwh = _energy_table()
    return now.batch * kwh[-1] + np.interp(now.cure_s, seconds, kwh) + BASE_KW * (now.time + INTO_S) / 3600.0


def power_kw(now: Now) -> Values:
    """What it takes now."""
    return BASE_KW + heater_kw(now.cure_s) + FANS_KW * now.curing


def unit(now: Now) -> dict[str, object]:
    """The autoclave as a machine."""
    step = np.searchsorted(np.array(TEMPERATURE[0]), now.cure_s, "right")
    return {
        "State": now.curing,
        "Mode": 2,
        "Step": np.where(now.curing, step, 0),
        "Cycle time": CURE_S,
        "Batch serial": FIRST_BATCH + now.batch,
        "Good count": 24 * (FIRST_BATCH + now.batch) - np.floor((FIRST_BATCH + now.batch) * 0.3),
        "Reject count": np.floor((FIRST_BATCH + now.batch) * 0.3),
        "Energy": 1_400_000.0 + energy_kwh(now),
        "Power": power_kw(now),
    }


def part_temperatures(now: Now) -> Values:
    """Each thermocouple, [k, 120] in °C: thick parts lag behind the air, places differ a little."""
    keys = channels(now.conditions.seed, _CHANNEL, PARTS)
    lag_s = 90.0 + 260.0 * uniform(keys, np.array(1))
    place = 3.0 * (uniform(keys, np.array(2)) - 0.5)
    offset = (now.wanted - profile(now.cure_s))[:, np.newaxis]
    warm = np.clip((now.air - 24.0) / 60.0, 0.0, 1.0)[:, np.newaxis]
    return profile(now.cure_s[:, np.newaxis] - 60.0 - lag_s) + offset + place * warm


def vessel(now: Now) -> dict[str, object]:
    """The vessel's air."""
    parts = part_temperatures(now)
    inside = np.abs(parts - now.wanted[:, np.newaxis]) <= TOLERANCE_C
    pressing = (now.cure_s > 1800.0) & (now.cure_s < 3600.0)
    return {
        "Air temperature": now.air,
        "Temperature wanted": now.wanted,
        "Temperature offset": now.wanted - profile(now.cure_s),
        "Pressure": now.pressure,
        "Pressure setpoint": now.setpoint(f"{AUTOCLAVE}/Vessel/Pressure setpoint", 7.0),
        "Heating rate": 60.0 * now.heating,
        "Leading part temperature": parts.max(axis=1),
        "Lagging part temperature": parts.min(axis=1),
        "Spread of parts": parts.max(axis=1) - parts.min(axis=1),
        "Oxygen": 20.9 - 2.6 * np.minimum(now.pressure, 7.0),
        "Door seal pressure": 0.4 + 8.6 * now.curing,
        "Nitrogen valve position": np.where(pressing, 72.0, 4.0 * now.curing),
        "Vent valve position": np.where(now.cure_s > 25_200.0, 64.0, 0.0) * now.curing,
        "Parts in tolerance": inside.sum(axis=1),
        "Door locked": now.curing,
        "Cure valid": now.bag_leak < 0.9,
    }


def thermocouples(now: Now) -> dict[str, object]:
    """Each thermocouple against the recipe."""
    parts, wanted = part_temperatures(now), now.wanted[:, np.newaxis]
    return {
        "Temperature": parts,
        "Deviation": parts - wanted,
        "Upper tolerance": wanted + TOLERANCE_C,
        "Lower tolerance": wanted - TOLERANCE_C,
        "In tolerance": np.abs(parts - wanted) <= TOLERANCE_C,
        "Wire intact": True,
    }


def bags(now: Now) -> dict[str, object]:
    """The vacuum bag of each part; the fault "bag-leak" is in the seventh."""
    torn = now.bag_leak[:, np.newaxis] * (np.arange(BAGS) == 6)
    evacuated = now.curing[:, np.newaxis]
    vacuum = np.where(evacuated, -0.93 + 0.42 * torn, 0.0)
    return {
        "Vacuum": vacuum,
        "Leak rate": np.where(evacuated, 0.35 + 22.0 * torn, 0.0),
        "Part serial": 24 * (FIRST_BATCH + now.batch)[:, np.newaxis] + np.arange(BAGS),
        "Valve open": evacuated,
        "In tolerance": vacuum < -0.75,
        "Line temperature": 24.0 + 0.5 * (now.air - 24.0),
    }


def heaters(now: Now) -> dict[str, object]:
    """The heaters share the load."""
    kw = heater_kw(now.cure_s) / HEATERS
    duty = 100.0 * kw / 48.0
    seconds, kwh = _energy_table()
    return {
        "Power": kw,
        "Current": 1000.0 * kw / (3.0**0.5 * 400.0),
        "Voltage": np.where(kw > 0, 400.0, 0.0),
        "Element temperature": now.air + 6.0 * kw,
        "Duty": duty,
        "Resistance": 8.4,
        "On": kw > 0,
        "Hours": 9_400.0 + (now.batch * kwh[-1] + np.interp(now.cure_s, seconds, kwh)) / 400.0,
    }


def fans(now: Now) -> dict[str, object]:
    """The fans that drive the air around."""
    on = now.curing.astype(np.float64)
    run_h = (now.batch * CURE_S + np.minimum(now.cure_s, CURE_S)) / 3600.0
    return {
        "Speed": 1460.0 * on,
        "Motor current": 41.0 * on,
        "Winding temperature": 30.0 + 46.0 * on,
        "Bearing temperature": 28.0 + 30.0 * on,
        "Vibration": 0.1 + 1.9 * on,
        "Seal gas flow": 12.0 * on,
        "Power": FANS_KW / 4.0 * on,
        "Running": on,
        "Run hours": 11_800.0 + run_h,
        "Starts": FIRST_BATCH + now.batch,
    }


def names(what: str, count: int) -> tuple[str, ...]:
    """Numbered equipment of the autoclave."""
    return tuple(f"{AUTOCLAVE}/{what} {number}" for number in range(1, count + 1))


GROUPS = (
    Group((AUTOCLAVE,), UNIT, unit, "autoclave"),
    Group((f"{AUTOCLAVE}/Vessel",), VESSEL, vessel, "autoclave"),
    Group(names("Thermocouples/Part", PARTS), THERMOCOUPLE, thermocouples, "autoclave"),
    Group(names("Vacuum bag", BAGS), BAG, bags, "autoclave"),
    Group(names("Heater", HEATERS), HEATER, heaters, "facility", order="swap"),
    Group(names("Fan", 4), FAN, fans, "facility", order="swap"),
)
