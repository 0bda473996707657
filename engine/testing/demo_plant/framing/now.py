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
from engine.testing.demo_plant.framing.names import S50
from engine.testing.demo_plant.noise import channels, grains, wander

PRESSURE_SETPOINT = f"{S50}/Hydraulics/Pressure setpoint"
PRESSURE_BAR = 220.0
COMPRESSOR_CYCLE_S = 110.0
_SHARED = 500_000
"""First channel of what several pieces of equipment feel together."""


@dataclass(eq=False)
class Now:
    """k times and what is the case then. Faults' sizes and everything else without a shape: float64[k]."""

    time: Time
    grain: NDArray[np.int64]
    conditions: Conditions
    known: Cycles
    line: LineNow
    leak: Values
    wear: Values
    air_leak: Values
    weather: Values
    pressing: Values
    pressure: Values
    air: Values
    compressor_loaded: NDArray[np.bool_]
    loaded_s: Values
    weld_heat: Values
    water: Values
    oil: Values

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
        weather=weather,
        pressing=pressing,
        pressure=_pressure(conditions, time, pressing, leak, weather[:, 0]),
        air=air,
        compressor_loaded=loaded,
        loaded_s=loaded_s,
        weld_heat=weld_heat,
        water=18.4 + 7.0 * (weld_heat - 0.8) + 0.25 * weather[:, 1] + 0.12 * np.sin(time * (2 * np.pi / 420)),
        oil=45.8 + 5.0 * (line.warmth[:, 4] - 0.8) + 0.8 * weather[:, 2] + 9.0 * leak,
    )


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
