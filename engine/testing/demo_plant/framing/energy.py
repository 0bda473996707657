"""Electrical power of everything, and its exact integral: no counter ever disagrees with its meter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Conditions, Time, Values, above_s, exposure_s, severity
from engine.testing.demo_plant.framing.line import BEGIN_S, Cycles, LineNow, at

BASE_KW = np.array([3.0, 2.6, 13.0, 13.0, 12.0, 12.5, 7.0, 2.4])
WORK_KW = np.array([15.0, 9.5, 47.0, 46.0, 55.0, 44.0, 24.0, 6.5])
SWINGS = np.array([1, 2, 8, 8, 1, 9, 10, 4])
"""How often the load rises and falls while a unit works on a body."""
SWING = np.array([0.6, 0.5, 0.3, 0.3, 0.7, 0.3, 0.4, 0.2])
"""By how much of ``WORK_KW``. Whole swings, so that a body's energy is ``WORK_KW`` times its work."""
LEAK_KW, WEAR_KW = 9.0, 5.0
LOADED_KW, UNLOADED_KW, FIRST_KW, THIRD_KW = 34.0, 11.0, 30.0, 26.0
THIRD_STARTS = 0.6
"""Size of an air leak at which the third compressor has to help."""
OTHERS_KW = np.array([0.0, 42.0, 6.5, 16.0, 24.0, 8.5])
"""Feeders besides the units', in the order of ``power.OTHER_FEEDERS``; compressed air is worked out."""
DEMAND_S = 60.0
"""Meters show the mean of a minute: the line's strokes would make them jump about."""


@dataclass(slots=True, eq=False)
class Loads:
    """``unit_kw``, ``unit_kwh``, ``unit_demand_kw`` [k, 8]; the same of the ``other`` feeders [k, 6].

    ``demand`` = mean of the last minute. ``air_kw``, ``air_kwh`` [k, 3] = the compressors.
    """

    unit_kw: Values
    unit_kwh: Values
    unit_demand_kw: Values
    other_kwh: Values
    other_demand_kw: Values
    air_kw: Values
    air_kwh: Values


def loads_at(
    conditions: Conditions,
    known: Cycles,
    line: LineNow,
    time: Time,
    loaded: NDArray[np.bool_],
    loaded_s: Values,
) -> Loads:
    """All powers and energies at the given times."""
    earlier = time - DEMAND_S
    unit_kwh = _unit_kwh(conditions, line, time)
    before_kwh = _unit_kwh(conditions, at(known, earlier), earlier)
    per_hour = 3600.0 / DEMAND_S
    third = np.where(severity(conditions, "air-leak", time) > THIRD_STARTS, THIRD_KW, 0.0)
    air_kwh = _air_kwh(conditions, time, loaded_s)
    air_kw = np.stack([np.full_like(time, FIRST_KW), np.where(loaded, LOADED_KW, UNLOADED_KW), third], axis=1)
    other_kwh = np.multiply.outer(time - BEGIN_S, OTHERS_KW) / 3600.0
    other_kwh[:, 0] = air_kwh.sum(axis=1)
    other_demand = np.broadcast_to(OTHERS_KW, other_kwh.shape).copy()
    other_demand[:, 0] = _air_mean_kw(conditions, time)
    return Loads(
        unit_kw=_unit_kw(conditions, line, time),
        unit_kwh=unit_kwh,
        unit_demand_kw=(unit_kwh - before_kwh) * per_hour,
        other_kwh=other_kwh,
        other_demand_kw=other_demand,
        air_kw=air_kw,
        air_kwh=air_kwh,
    )


def _unit_kw(conditions: Conditions, line: LineNow, time: Time) -> Values:
    swing = 1.0 - SWING * np.cos(2 * np.pi * SWINGS * line.phase)
    kw = BASE_KW + WORK_KW * swing * line.working
    kw[:, 4] += LEAK_KW * severity(conditions, "seal-leak", time)
    kw[:, 2] += WEAR_KW * severity(conditions, "tip-wear", time)
    return kw


def _unit_kwh(conditions: Conditions, line: LineNow, time: Time) -> Values:
    """The integral of ``_unit_kw`` since the line began."""
    angle = 2 * np.pi * SWINGS
    swung_s = line.total_s - SWING * line.work_s * np.sin(angle * line.phase) / angle
    kws = np.multiply.outer(time - BEGIN_S, BASE_KW) + WORK_KW * swung_s
    kws[:, 4] += LEAK_KW * exposure_s(conditions, "seal-leak", time)
    kws[:, 2] += WEAR_KW * exposure_s(conditions, "tip-wear", time)
    return kws / 3600.0


def _air_kwh(conditions: Conditions, time: Time, loaded_s: Values) -> Values:
    """The compressors' energy since model time 0, with what they took before the line began."""
    second = UNLOADED_KW * time + (LOADED_KW - UNLOADED_KW) * loaded_s
    third = THIRD_KW * above_s(conditions, "air-leak", THIRD_STARTS, time)
    return np.stack([FIRST_KW * time, second, third], axis=1) / 3600.0 + 100.0


def _air_mean_kw(conditions: Conditions, time: Time) -> Values:
    """Power of all compressors over a load cycle."""
    leak = severity(conditions, "air-leak", time)
    loaded = 0.42 + 0.5 * leak
    second = UNLOADED_KW + (LOADED_KW - UNLOADED_KW) * loaded
    return FIRST_KW + second + THIRD_KW * (leak > THIRD_STARTS)
