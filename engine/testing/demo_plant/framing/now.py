"""The framing line at some times: what the equipment's functions share, worked out once."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import (
    Conditions,
    Time,
    Values,
    exposure_s,
    followed,
    setpoint,
    severity,
)
from engine.testing.demo_plant.framing.energy import Loads, loads_at
from engine.testing.demo_plant.framing.line import Cycles, LineNow, at, known_until
from engine.testing.demo_plant.framing.names import (
    AIR,
    COOLER_AUTO,
    HYDRAULIC_PUMP,
    OIL,
    OIL_COOLER,
    PUMPS_ON,
    RUNS,
    S50,
    VALVES,
    WATER,
)
from engine.testing.demo_plant.noise import channels, grains, wander
from engine.testing.demo_plant.switches import switched

PRESSURE_SETPOINT = f"{S50}/Hydraulics/Pressure setpoint"
PRESSURE_BAR = 220.0
AIR_SETPOINT, AIR_BAR = f"{AIR}/Pressure setpoint", 6.5
WATER_SETPOINT, WATER_C = f"{WATER}/Temperature setpoint", 18.0
OIL_SETPOINT, OIL_C = f"{OIL}/Temperature setpoint", 45.0
VALVE_SETPOINT, VALVE_PERCENT = f"{OIL_COOLER}/Manual position", 40.0
COMPRESSOR_CYCLE_S = 110.0
_SHARED = 500_000
"""First channel of what several pieces of equipment feel together."""


@dataclass(eq=False)
class Now:
    """k times and what is the case then. Faults' sizes and everything else without a shape: float64[k].

    ``held`` [k, 8] = units that people stopped; ``valves`` [k, 8] = how far their air is open, 0 to 1;
    ``pumps`` [k, 3] = cooling water pumps that run; ``charged`` = how far the press is under pressure.
    """

    time: Time
    grain: NDArray[np.int64]
    conditions: Conditions
    known: Cycles
    line: LineNow
    leak: Values
    wear: Values
    air_leak: Values
    cavitation: Values
    bearing: Values
    clogged: Values
    cooling_loss: Values
    weather: Values
    pressing: Values
    pressure: Values
    air: Values
    compressor_loaded: NDArray[np.bool_]
    loaded_s: Values
    weld_heat: Values
    water: Values
    oil: Values
    held: NDArray[np.bool_]
    valves: Values
    pumps: Values
    charged: Values
    oil_wanted: Values

    @functools.cached_property
    def loads(self) -> Loads:
        """All powers and energies; half of all work, so only for who asks."""
        return loads_at(
            self.conditions, self.known, self.line, self.time, self.compressor_loaded, self.loaded_s
        )

    def setpoint(self, path: str, start: float) -> Values:
        """A setpoint as the operator left it."""
        return setpoint(self.conditions, path, start, self.time)

    def followed(self, path: str, start: float, lag_s: float) -> Values:
        """What follows a setpoint with a lag."""
        return followed(self.conditions, path, start, self.time, lag_s)

    def hours(self, start: float) -> Values:
        """An hour counter of what always runs."""
        return start + self.time / 3600.0


def prepare(conditions: Conditions, time: Time) -> Now:
    """The framing line at the given times."""
    known = known_until(conditions, float(time.max()))
    line = at(known, time)
    leak = severity(conditions, "seal-leak", time)
    weather = wander(channels(conditions.seed, _SHARED, 4), time)
    pressing = np.interp(line.phase[:, 4], *PRESSING)
    loaded, loaded_s, air = _compressor(conditions, time)
    air = air + followed(conditions, AIR_SETPOINT, AIR_BAR, time, 15.0) - AIR_BAR
    charged = HYDRAULIC_PUMP.at(conditions, time, 4.0)
    oil_wanted = setpoint(conditions, OIL_SETPOINT, OIL_C, time)
    weld_heat = line.warmth[:, [2, 3, 5, 6]].mean(axis=1)
    return Now(
        time=time,
        grain=grains(time),
        conditions=conditions,
        known=known,
        line=line,
        leak=leak,
        wear=severity(conditions, "tip-wear", time),
        air_leak=severity(conditions, "air-leak", time),
        cavitation=severity(conditions, "pump-cavitation", time),
        bearing=severity(conditions, "bearing-wear", time),
        clogged=severity(conditions, "clogged-filter", time),
        cooling_loss=severity(conditions, "cooling-loss", time),
        weather=weather,
        pressing=pressing,
        pressure=_pressure(conditions, time, pressing, leak, weather[:, 0]) * (0.1 + 0.9 * charged),
        air=air,
        compressor_loaded=loaded,
        loaded_s=loaded_s,
        weld_heat=weld_heat,
        water=_water(conditions, time, weld_heat) + 0.25 * weather[:, 1],
        oil=_oil(conditions, time) + 5.0 * (line.warmth[:, 4] - 0.8) + 0.8 * weather[:, 2] + 9.0 * leak,
        held=switched(RUNS, conditions, time) < 0.5,
        valves=switched(VALVES, conditions, time, 0.6),
        pumps=switched(PUMPS_ON, conditions, time),
        charged=charged,
        oil_wanted=oil_wanted,
    )


def _water(conditions: Conditions, time: Time, weld_heat: Values) -> Values:
    """The cooling water's temperature: the chillers follow their setpoint, and need two pumps and all their
    refrigerant.
    """
    wanted = followed(conditions, WATER_SETPOINT, WATER_C, time, 45.0)
    lacking = 2.0 - switched(PUMPS_ON, conditions, time, 60.0).sum(axis=1)
    swing = 0.12 * np.sin(time * (2 * np.pi / 420))
    lost = 8.5 * severity(conditions, "cooling-loss", time)
    return wanted + 0.4 + 7.0 * (weld_heat - 0.8) + swing + np.where(lacking > 0, 4.0, 0.6) * lacking + lost


def _oil(conditions: Conditions, time: Time) -> Values:
    """The oil's temperature: its controller keeps the setpoint, a valve that is set by hand does not."""
    wanted = followed(conditions, OIL_SETPOINT, OIL_C, time, 90.0)
    by_hand = 1.0 - COOLER_AUTO.at(conditions, time, 60.0)
    position = followed(conditions, VALVE_SETPOINT, VALVE_PERCENT, time, 60.0)
    return wanted + 0.8 + by_hand * 0.12 * (VALVE_PERCENT - position)


PRESSING = ((0.0, 0.30, 0.40, 0.70, 0.75, 1.0), (0.0, 0.02, 1.0, 1.0, 0.05, 0.0))
"""Share of the pressing force over the phase of S50's work."""


def _pressure(conditions: Conditions, time: Time, pressing: Values, leak: Values, drift: Values) -> Values:
    """The accumulator's pressure. A leaking cylinder seal makes the controller charge it ever higher."""
    kept = followed(conditions, PRESSURE_SETPOINT, PRESSURE_BAR, time, 25.0)
    return kept - 0.8 - 2.4 * pressing + 1.6 * drift + 25.0 * leak


def _compressor(conditions: Conditions, time: Time) -> tuple[NDArray[np.bool_], Values, Values]:
    """Whether the second compressor is loaded, for how many seconds since model time 0, header pressure.

    The pressure rises while it is loaded and falls while it is not; after a cycle with a leak it stays
    loaded longer.
    """
    begin = np.floor(time / COMPRESSOR_CYCLE_S) * COMPRESSOR_CYCLE_S
    before = exposure_s(conditions, "air-leak", begin - COMPRESSOR_CYCLE_S)
    after = exposure_s(conditions, "air-leak", begin)
    on_s = 0.42 * COMPRESSOR_CYCLE_S + 0.5 * (after - before)
    phase = time - begin
    loaded = phase < on_s
    swing = np.where(loaded, phase / on_s, 1.0 - (phase - on_s) / (COMPRESSOR_CYCLE_S - on_s))
    air = 6.30 + 0.32 * swing - 0.95 * severity(conditions, "air-leak", time)
    return loaded, 0.42 * begin + 0.5 * before + np.minimum(phase, on_s), air
