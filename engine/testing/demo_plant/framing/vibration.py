"""Vibration of two pump motors, 1,000 samples a second: what a condition monitor at the bearing hears.

The waveform is a velocity. Its effective value is what the slow vibration tag of the same pump shows;
how that is shared out between the shaft's turning and the sound of pistons and bearing tells a worn
pump from one that is only loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.testing.demo_plant.conditions import Time, Values
from engine.testing.demo_plant.framing.names import OIL, S50
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.noise import channels, normal
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog

RATE = 1000.0
NAME = "Motor vibration velocity"
PATHS = (f"{S50}/Hydraulics", f"{OIL}/Circulation pump 1")
_VELOCITY = (analog(NAME, "mm/s", -60, 60, 3, rate=RATE, criticality="critical"),)
_NOISE = 510_000
"""First channel of the noise of bearings and oil."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Frequencies in Hz: ``shaft`` turns, ``pump`` = pistons or teeth pass, ``bearing`` = a damaged outer
    ring is run over; ``noise`` = share of the power that has no tone.
    """

    shaft: float
    pump: float
    bearing: float
    noise: float


PRESS_PUMP = Machine(1480 / 60, 9 * 1480 / 60, 3.58 * 1480 / 60, 0.12)
OIL_PUMP = Machine(1465 / 60, 11 * 1465 / 60, 5.41 * 1465 / 60, 0.10)
_HEALTHY, _WORN = 0.18, 0.62
"""Share of the power that comes from pump and bearing, at no leak and at a grown one."""
_RINGING = 0.7
"""Share of all power that a worn out bearing's ringing has."""


def press_pump_mm_s(now: Now) -> Values:
    """Effective vibration velocity of the press's pump motor at full speed, mm/s."""
    return 1.7 + 0.8 * now.pressing + 1.5 * now.leak + 4.6 * now.bearing


def waveform(
    machine: Machine,
    channel: int,
    seed: int,
    time: Time,
    effective: Values,
    wear: Values,
    bearing: Values | float = 0.0,
) -> Values:
    """Velocity in mm/s at model times, with this effective value; ``wear`` of the pump as a whole and of
    its ``bearing`` alone, both 0 to 1.
    """
    turning = _tones(time, machine.shaft, (0.95, 0.26, 0.16))
    passing = _tones(time, machine.pump, (0.9, 0.35))
    # A ball runs over the damage: a ring that sounds louder once a turn of the shaft.
    ringing = _tones(time, machine.bearing, (0.8, 0.5, 0.3)) * (1.0 + 0.6 * _tone(time, machine.shaft))
    hiss = normal(channels(seed, _NOISE + channel, 1), np.rint(time * RATE).astype(np.int64))
    worn = _HEALTHY + (_WORN - _HEALTHY) * wear
    rings = _RINGING * bearing
    tonal = (1.0 - machine.noise) * (1.0 - rings)
    heard = tonal * worn * 0.5 + (1.0 - machine.noise) * rings
    parts = (
        np.sqrt(tonal * (1.0 - worn)) * turning
        + np.sqrt(tonal * worn * 0.5) * passing
        + np.sqrt(heard / 1.18) * ringing
        + np.sqrt(machine.noise) * hiss
    )
    return effective * parts


def _tones(time: Time, base: float, sizes: tuple[float, ...]) -> Values:
    """A tone and its multiples with these sizes, together of effective value 1."""
    power = sum(size**2 for size in sizes) / 2
    total = sum(size * _tone(time, base * (k + 1), 0.7 * k) for k, size in enumerate(sizes))
    return np.asarray(total / np.sqrt(power))


def _tone(time: Time, frequency: float, phase: float = 0.0) -> Values:
    return np.sin(2 * np.pi * np.mod(time * frequency, 1.0) + phase)


def press_pump(now: Now) -> dict[str, object]:
    """The press's main pump: works against the leak and wears with it; its bearing wears by itself."""
    effective = press_pump_mm_s(now)
    return {NAME: waveform(PRESS_PUMP, 0, now.conditions.seed, now.time, effective, now.leak, now.bearing)}


def oil_pump(now: Now) -> dict[str, object]:
    """The circulation pump of the tank: hardly feels the press."""
    effective = 1.4 + 0.1 * now.weather[:, 3]
    return {NAME: waveform(OIL_PUMP, 1, now.conditions.seed, now.time, effective, 0.15 * now.leak)}


GROUPS = (
    Group(PATHS[:1], _VELOCITY, press_pump, "plc-2"),
    Group(PATHS[1:], _VELOCITY, oil_pump, "plc-2"),
)
"""Both are wired to the vibration inputs of the press's controller."""
