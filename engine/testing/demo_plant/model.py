"""What the demo plant does, as a pure function of time: no wall clock, no memory, any seed repeats.

All functions take time in seconds as float64[k] since the plant was started and give float64[k], so
that the same model feeds a server tick by tick and a history of days at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Time = NDArray[np.float64]
Values = NDArray[np.float64]
Fault = Literal["", "seal-leak", "air-leak"]
FAULTS: tuple[Fault, ...] = ("seal-leak", "air-leak")

CYCLE_S = 12.0
"""One stroke: fast approach 0-2 s, pressing up 2-4 s, hold 4-8 s, return 8-11 s, wait 11-12 s."""
HOLD_BAR = 185.0
IDLE_BAR = 24.0
STROKE_MM = 620.0
FAULT_BEGINS_S = 60.0
FAULT_GROWS_S = 5400.0
"""Model time from the first sign of a fault to its full size."""
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant: its seed and the fault it suffers from ("" = none)."""

    seed: int = 1
    fault: Fault = ""


def readings(plant: Plant, time: Time) -> dict[str, Values]:
    """Every signal of the plant at the given times, by the names of ``points``."""
    return {**_press(plant, time), **_utilities(plant, time)}


def severity(plant: Plant, time: Time, fault: Fault) -> Values:
    """How far a fault has grown, 0 to 1."""
    if plant.fault != fault:
        return np.zeros_like(time)
    return np.clip((time - FAULT_BEGINS_S) / FAULT_GROWS_S, 0.0, 1.0)


def noise(plant: Plant, channel: int, time: Time, fastest_hz: float) -> Values:
    """Smooth noise of about unit size: seven sines of unrelated frequency, phases from seed and channel."""
    generator = np.random.Generator(np.random.Philox(key=plant.seed, counter=[channel, 0, 0, 0]))
    phase = generator.uniform(0.0, 2 * np.pi, 7)
    frequency = fastest_hz * _GOLDEN ** np.arange(7)
    return np.sin(2 * np.pi * np.multiply.outer(time, frequency) + phase).sum(axis=1) / np.sqrt(3.5)


def _press(plant: Plant, time: Time) -> dict[str, Values]:
    phase = np.mod(time, CYCLE_S)
    leak = severity(plant, time, "seal-leak")
    load = np.interp(phase, [0, 2, 4, 8, 8.3, 11, 12], [0, 0.05, 1, 1, 0.1, 0.08, 0])
    drop = leak * 28.0 * np.clip((phase - 4.0) / 4.0, 0.0, 1.0) * (phase < 8.3)
    ripple = (0.6 + 5.0 * leak) * noise(plant, 1, time, 2.3) * (0.3 + load)
    pressure = IDLE_BAR + (HOLD_BAR - IDLE_BAR) * load * (1.0 - 0.05 * leak) - drop + ripple
    ram = np.interp(phase, [0, 2, 4, 8, 11, 12], [0, 560, STROKE_MM, STROKE_MM, 0, 0])
    temperature = (
        46.0 + 2.5 * np.sin(2 * np.pi * time / 5400.0) + 0.4 * noise(plant, 2, time, 0.01) + 9.0 * leak
    )
    return {
        "S50.Pressure": pressure,
        "S50.PressureSetpoint": np.full_like(time, HOLD_BAR),
        "S50.OilTemperature": temperature,
        "S50.OilLevel": 78.0 - 1.2 * load - 14.0 * leak + 0.15 * noise(plant, 3, time, 0.05),
        "S50.PumpSpeed": np.rint(1480.0 - 22.0 * load + 2.0 * noise(plant, 4, time, 0.4)),
        "S50.PumpCurrent": 18.0 + 34.0 * load * (1.0 + 0.12 * leak) + 0.5 * noise(plant, 5, time, 1.1),
        "S50.Vibration": np.abs(1.8 + 0.9 * load + 2.4 * leak + 0.35 * noise(plant, 6, time, 2.9)),
        "S50.RamPosition": ram,
        "S50.Strokes": np.floor(time / CYCLE_S),
        "S50.Running": np.ones_like(time),
    }


def _utilities(plant: Plant, time: Time) -> dict[str, Values]:
    leak = severity(plant, time, "air-leak")
    filling_s, emptying_s = 40.0 * (1.0 + 0.8 * leak), 80.0 / (1.0 + 2.0 * leak)
    phase = np.mod(time, filling_s + emptying_s)
    filling = phase < filling_s
    swing = np.where(filling, phase / filling_s, 1.0 - (phase - filling_s) / emptying_s)
    air = 6.4 + 0.8 * swing - 0.5 * leak + 0.01 * noise(plant, 11, time, 0.7)
    return {
        "AIR.Pressure": air,
        "AIR.Compressor": filling.astype(np.float64),
        "WATER.Temperature": 21.5
        + 1.2 * np.sin(2 * np.pi * time / 3600.0)
        + 0.1 * noise(plant, 12, time, 0.02),
        "WATER.Flow": np.rint(142.0 + 3.0 * noise(plant, 13, time, 0.1)),
        "WATER.Pump": np.ones_like(time),
        "ENERGY.Power": np.rint(96.0 + 42.0 * filling + 6.0 * noise(plant, 14, time, 0.3)),
    }
