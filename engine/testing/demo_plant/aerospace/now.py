"""The aerospace cell at some times: where the cure and the panel being drilled are, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Time, Values, followed, setpoint, severity
from engine.testing.demo_plant.noise import channels, wander

LINE = "Wing cell 1"
AUTOCLAVE = f"{LINE}/A1 Autoclave"
DRILLING = f"{LINE}/D1 Drilling"
CURE_S, BATCH_S = 28_800.0, 32_400.0
"""A cure, and from one to the next: the vessel is emptied and loaded in between."""
INTO_S = 7_200.0
"""The first cure has been running for so long at model time 0."""
FIRST_BATCH, FIRST_PANEL = 1180, 20_461
TEMPERATURE = ((0.0, 5400.0, 9000.0, 12_600.0, 21_600.0, 28_800.0), (24.0, 120.0, 120.0, 180.0, 180.0, 45.0))
"""What the air in the vessel is meant to be, in °C over the seconds of a cure."""
PRESSURE = ((0.0, 1800.0, 3600.0, 25_200.0, 27_900.0, 28_800.0), (0.0, 0.4, 7.0, 7.0, 0.2, 0.0))
"""The same for its pressure, in bar."""
HOLES = 480
HOLE_S = 9.0
PANEL_S = 4_800.0
"""From one panel to the next; what the holes leave is for clamping and measuring."""
_SHARED = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """k times and what is the case then; float64[k] if not said otherwise.

    ``cure_s`` = seconds into the batch, ``heating`` = °C/s that the air is meant to rise. ``panel`` counts
    panels, ``panel_s`` = seconds into it.
    """

    time: Time
    conditions: Conditions
    batch: Values
    cure_s: Values
    curing: NDArray[np.bool_]
    air: Values
    wanted: Values
    heating: Values
    pressure: Values
    panel: Values
    panel_s: Values
    drilling: NDArray[np.bool_]
    bag_leak: Values
    drill_wear: Values
    weather: Values

    def setpoint(self, path: str, start: float) -> Values:
        """A setpoint as the operator left it."""
        return setpoint(self.conditions, path, start, self.time)

    def hours(self, start: float) -> Values:
        """An hour counter of what always runs."""
        return start + self.time / 3600.0


def profile(cure_s: Values) -> Values:
    """The air temperature that the recipe asks for, in °C."""
    return np.interp(cure_s, *TEMPERATURE)


def prepare(conditions: Conditions, time: Time) -> Now:
    """The cell at the given times."""
    batch, cure_s = np.divmod(time + INTO_S, BATCH_S)
    panel, panel_s = np.divmod(time, PANEL_S)
    extra = setpoint(conditions, f"{AUTOCLAVE}/Vessel/Temperature offset", 0.0, time)
    pressed = followed(conditions, f"{AUTOCLAVE}/Vessel/Pressure setpoint", 7.0, time, 300.0)
    wanted = profile(cure_s) + extra
    return Now(
        time=time,
        conditions=conditions,
        batch=batch,
        cure_s=cure_s,
        curing=cure_s < CURE_S,
        air=profile(cure_s - 60.0) + extra,
        wanted=wanted,
        heating=(profile(cure_s + 30.0) - profile(cure_s - 30.0)) / 60.0,
        pressure=np.interp(cure_s, *PRESSURE) * pressed / 7.0,
        panel=panel,
        panel_s=panel_s,
        drilling=panel_s < HOLES * HOLE_S,
        bag_leak=severity(conditions, "bag-leak", time),
        drill_wear=severity(conditions, "drill-wear", time),
        weather=wander(channels(conditions.seed, _SHARED, 4), time),
    )
