"""S80: eight cameras measure gap and flush of sixty points against their tolerance."""

from __future__ import annotations

import functools

import numpy as np

from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.framing.names import S80
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.noise import channels, normal, uniform
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, counter, fast, flag, whole

VISION = (
    fast("Worst gap", "mm", 0, 1, 3),
    fast("Worst flush", "mm", -1, 1, 3),
    whole("Points measured", 80),
    whole("Points out of tolerance", 80),
    analog("Measuring time", "s", 0, 20, 2),
    analog("Capability Cpk", "", 0, 3, 2),
    analog("Lamp intensity", "%", 0, 100, 1, 0.1, drift=1),
    analog("Body offset x", "mm", -3, 3, 2),
    analog("Body offset y", "mm", -3, 3, 2),
    analog("Body offset z", "mm", -3, 3, 2),
    flag("Calibration valid"),
    flag("Result good"),
)
CAMERA = (
    analog("Exposure", "ms", 0, 50, 2, 0.02),
    analog("Sharpness", "%", 0, 100, 1, 0.2, drift=1),
    analog("Contrast", "%", 0, 100, 1, 0.2, drift=1.5),
    analog("Temperature", "°C", 0, 80, 1, 0.05, drift=0.6),
    counter("Pictures"),
    counter("Pictures lost"),
    flag("Ready"),
)
MEASURED = (
    analog("Gap", "mm", 0, 1, 3),
    analog("Flush", "mm", -1, 1, 3),
    analog("Deviation", "mm", -1, 1, 3),
    flag("In tolerance"),
)
PLACES = (
    "Hood",
    "Fender",
    "Front door",
    "Rear door",
    "Roof",
    "Sill",
    "Tail gate",
    "Lamp",
    "Windscreen",
    "Pillar",
)
SIDES = ("left", "right")
MEASURED_POINTS = tuple(
    f"{S80}/Gaps/{place} {side} {number}" for place in PLACES for side in SIDES for number in range(1, 4)
)
UNIT = 7
NOMINAL_MM, TOLERANCE_MM = 0.30, 0.30
MEASURED_AT = 0.72
"""Phase of the work at which a body's result stands."""
CAMERAS = tuple(f"{S80}/Camera {number}" for number in range(1, 9))
_CHANNEL = 5000


@functools.lru_cache(maxsize=4)
def _habits(seed: int) -> Values:
    """By how much each point usually misses its nominal gap, [1, 60] in mm."""
    return 0.045 * (2.0 * uniform(channels(seed, _CHANNEL, len(MEASURED_POINTS)), np.array([[0]])) - 1.0)


def deviations(now: Now) -> tuple[Values, Values]:
    """How far the last measured body's gap and flush are off, [k, 60] in mm; whole bodies vary together."""
    body = now.line.index[:, [UNIT]] + (now.line.phase[:, [UNIT]] > MEASURED_AT)
    seed, count = now.conditions.seed, len(MEASURED_POINTS)
    common = 0.012 * normal(channels(seed, _CHANNEL + 900, 1), body)
    own = normal(channels(seed, _CHANNEL + 100, count), body)
    flush = normal(channels(seed, _CHANNEL + 300, count), body)
    return _habits(seed) + common + 0.028 * own, 0.5 * _habits(seed)[:, ::-1] + 0.04 * flush


def vision(now: Now) -> dict[str, object]:
    """The whole body's result."""
    off, flush = deviations(now)
    out = (np.abs(off) > TOLERANCE_MM).sum(axis=1)
    shift = normal(channels(now.conditions.seed, _CHANNEL + 950, 3), now.line.index[:, [UNIT]])
    return {
        "Worst gap": NOMINAL_MM + np.abs(off).max(axis=1),
        "Worst flush": np.take_along_axis(flush, np.abs(flush).argmax(axis=1)[:, np.newaxis], axis=1)[:, 0],
        "Points measured": float(len(MEASURED_POINTS)),
        "Points out of tolerance": out,
        "Measuring time": 7.4 + 0.1 * shift[:, 0],
        "Capability Cpk": 1.62 + 0.05 * now.weather[:, 1],
        "Lamp intensity": 88.0,
        "Body offset x": 0.35 * shift[:, 0],
        "Body offset y": 0.35 * shift[:, 1],
        "Body offset z": 0.2 * shift[:, 2],
        "Calibration valid": True,
        "Result good": out == 0,
    }


def measured(now: Now) -> dict[str, object]:
    """Each measured point."""
    off, flush = deviations(now)
    return {
        "Gap": NOMINAL_MM + off,
        "Flush": flush,
        "Deviation": off,
        "In tolerance": (np.abs(off) <= TOLERANCE_MM) & (np.abs(flush) <= TOLERANCE_MM),
    }


def cameras(now: Now) -> dict[str, object]:
    """What each camera sees of the body, and how well."""
    index = now.line.index[:, UNIT]
    return {
        "Exposure": 8.4,
        "Sharpness": 86.0,
        "Contrast": 74.0,
        "Temperature": 37.0 + 5.0 * now.line.warmth[:, UNIT],
        "Pictures": 640_000 + 8 * index,
        "Pictures lost": np.floor(index / 410.0),
        "Ready": True,
    }


GROUPS = (
    Group((f"{S80}/Vision",), VISION, vision),
    Group(CAMERAS, CAMERA, cameras),
    Group(MEASURED_POINTS, MEASURED, measured),
)
