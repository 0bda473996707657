"""What lifts and holds bodies: S10's lift, S20's geometry clamps and pins, the fixtures' clamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.framing.line import FIRST_BODY
from engine.testing.demo_plant.framing.names import CLAMPED_UNITS, FIXTURE_CLAMPS, GEO_CLAMPS, S10, S20
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.noise import channels, normal
from engine.testing.demo_plant.plant import Group
from engine.testing.demo_plant.specs import analog, counter, fast, flag, setting, whole

LIFT = (
    fast("Force", "kN", 0, 20, 2, 0.02),
    setting("Force setpoint", "kN", 0, 20, 1),
    fast("Position", "mm", -10, 1600, 0, 0.4),
    analog("Speed", "mm/s", -400, 400, 0, 0.6),
    fast("Motor current", "A", 0, 60, 1, 0.1),
    analog("Motor temperature", "°C", 0, 140, 1, 0.05),
    analog("Vibration", "mm/s", 0, 12, 2, 0.03),
    analog("Belt wear", "%", 0, 100, 1),
    flag("Running"),
    flag("At top"),
    flag("At bottom"),
    flag("Brake released"),
    counter("Lifts"),
)
LIFT_COLUMN = (
    analog("Position", "mm", -10, 1600, 1, 0.1),
    analog("Force", "kN", 0, 8, 2, 0.02),
    analog("Motor current", "A", 0, 20, 2, 0.04),
    analog("Motor temperature", "°C", 0, 140, 1, 0.05),
)
LOADER = (
    flag("Carrier present"),
    counter("Carrier"),
    flag("Underbody present"),
    analog("Position error", "mm", 0, 5, 2, 0.02),
    flag("Code read"),
    counter("Codes not read"),
    analog("Buffer fill", "%", 0, 100, 0, 0.3, drift=14),
)
CLAMPS = (
    fast("Force", "kN", 0, 20, 2, 0.02),
    setting("Force setpoint", "kN", 0, 20, 1),
    fast("Least force", "kN", 0, 20, 2, 0.02),
    analog("Closing time", "s", 0, 5, 2),
    whole("Closed", 24),
    counter("Closings"),
)
CLAMP = (
    analog("Force", "kN", 0, 2, 3, 0.004),
    analog("Position", "mm", 0, 120, 1, 0.05),
    flag("Closed"),
    analog("Closing time", "s", 0, 5, 2),
)
PIN = (
    analog("Position", "mm", 0, 80, 1, 0.05),
    flag("Extended"),
    analog("Play", "mm", 0, 1, 3, 0.003),
    analog("Extending time", "s", 0, 5, 2),
)
LIFT_PHASE = ((0.0, 0.05, 0.32, 0.70, 0.95, 1.0), (0.0, 0.0, 1500.0, 1500.0, 0.0, 0.0))
"""The lift's height in mm over the phase of S10's work."""
LIFT_KN, CLAMP_KN, FIXTURE_KN = 10.0, 11.0, 0.62
CLOSE, OPEN = 0.10, 0.93
"""Phases in which clamps close and open."""
_CHANNEL = 3000


def lift(now: Now) -> dict[str, object]:
    """The lift sets the underbody down; its force is that of the last time it held one."""
    phase, working = now.line.phase[:, 0], now.line.working[:, 0]
    height = np.interp(phase, *LIFT_PHASE)
    slope = np.interp(phase + 0.002, *LIFT_PHASE) - np.interp(phase - 0.002, *LIFT_PHASE)
    speed = slope / (0.004 * now.line.work_s[:, 0]) * working
    moving = np.abs(speed) > 1.0
    return {
        "Force": lift_force(now),
        "Force setpoint": now.setpoint(f"{S10}/Lift/Force setpoint", LIFT_KN),
        "Position": height,
        "Speed": speed,
        "Motor current": 3.2 + 0.16 * np.maximum(speed, 0.0) + 0.05 * np.maximum(-speed, 0.0),
        "Motor temperature": 36.0 + 26.0 * now.line.warmth[:, 0],
        "Vibration": 0.4 + 0.009 * np.abs(speed),
        "Belt wear": 31.0 + now.line.index[:, 0] / 9000.0,
        "Running": moving,
        "At top": height > 1498.0,
        "At bottom": height < 2.0,
        "Brake released": moving,
        "Lifts": 88_400 + now.line.index[:, 0] + (phase > 0.32),
    }


def lift_force(now: Now) -> Values:
    """What the lift held last, in kN; it follows its setpoint body by body."""
    chance = _chance(now, 0, now.line.index[:, :1] + (now.line.phase[:, :1] > 0.05))[:, 0]
    return now.followed(f"{S10}/Lift/Force setpoint", LIFT_KN, 60.0) + 0.06 * chance


def lift_columns(now: Now) -> dict[str, object]:
    """The lift's four columns run together."""
    values = lift(now)
    part = np.array([[0.252, 0.247, 0.255, 0.246]])
    offset = np.array([[0.3, -0.2, 0.1, -0.4]])
    return {
        "Position": np.asarray(values["Position"])[:, np.newaxis] + offset,
        "Force": lift_force(now)[:, np.newaxis] * part,
        "Motor current": np.asarray(values["Motor current"])[:, np.newaxis] * part,
        "Motor temperature": np.asarray(values["Motor temperature"])[:, np.newaxis] + 6.0 * offset,
    }


def loader(now: Now) -> dict[str, object]:
    """Where underbodies come in on their carriers."""
    index, missing = now.line.index[:, 0], now.line.reason[:, 0] == _NO_MATERIAL
    chance = _chance(now, 1, now.line.index[:, :1])[:, 0]
    return {
        "Carrier present": now.line.in_place[:, 0],
        "Carrier": 1 + (FIRST_BODY + index) % 42,
        "Underbody present": ~missing & now.line.in_place[:, 0],
        "Position error": np.abs(0.45 + 0.16 * chance),
        "Code read": now.line.in_place[:, 0],
        "Codes not read": np.floor(index / 37.0),
        "Buffer fill": np.where(missing, 20.0, 62.0),
    }


_NO_MATERIAL = 10


def _chance(now: Now, first: int, index: NDArray[np.integer]) -> Values:
    """A normal number for each body (index [k, m]) and channel."""
    return normal(channels(now.conditions.seed, _CHANNEL + first, index.shape[1]), index)


def clamps(now: Now) -> dict[str, object]:
    """S20's clamps together: the mean of what they held last, weaker where air is short."""
    each = _held(now)
    wanted = now.setpoint(_CLAMP_SETPOINT, CLAMP_KN)
    closed = _closed(now, 1)
    return {
        "Force": each.mean(axis=1) * len(GEO_CLAMPS),
        "Force setpoint": wanted,
        "Least force": each.min(axis=1) * len(GEO_CLAMPS),
        "Closing time": 0.82 + 1.1 * now.air_leak,
        "Closed": np.where(closed, float(len(GEO_CLAMPS)), 0.0),
        "Closings": 88_400 + now.line.index[:, 1] + (now.line.phase[:, 1] > CLOSE),
    }


_CLAMP_SETPOINT = f"{S20}/Clamps/Force setpoint"


def _held(now: Now) -> Values:
    """Force of each of S20's clamps the last time it was closed, in kN, [k, 24]."""
    count = now.line.index[:, 1] + (now.line.phase[:, 1] > CLOSE)
    keys = channels(now.conditions.seed, _CHANNEL + 10, len(GEO_CLAMPS))
    wanted = now.followed(_CLAMP_SETPOINT, CLAMP_KN, 60.0) * (1.0 - 0.06 * now.air_leak)
    return wanted[:, np.newaxis] / len(GEO_CLAMPS) * (1.0 + 0.012 * normal(keys, count[:, np.newaxis]))


def _closed(now: Now, unit: int) -> NDArray[np.bool_]:
    phase = now.line.phase[:, unit]
    return (phase > CLOSE) & (phase < OPEN)


def _clamp(now: Now, held: Values, closed: Values) -> dict[str, object]:
    return {
        "Force": held * closed,
        "Position": 8.0 + 84.0 * (1.0 - closed),
        "Closed": closed,
        "Closing time": 0.81 + 1.1 * now.air_leak,
    }


def geo_clamps(now: Now) -> dict[str, object]:
    """Each clamp of S20."""
    return _clamp(now, _held(now), _closed(now, 1)[:, np.newaxis].astype(np.float64))


def fixture_clamps(now: Now) -> dict[str, object]:
    """Each clamp of the fixtures; the pressure of the air holds them."""
    closed = np.stack([_closed(now, unit) for unit in CLAMPED_UNITS], axis=1).astype(np.float64)
    held = (FIXTURE_KN * now.air / 6.4)[:, np.newaxis]
    return _clamp(now, held, np.repeat(closed, len(FIXTURE_CLAMPS) // len(CLAMPED_UNITS), axis=1))


def pins(now: Now) -> dict[str, object]:
    """The pins that locate the body."""
    extended = _closed(now, 1)
    return {
        "Position": 6.0 + 60.0 * extended,
        "Extended": extended,
        "Play": 0.064,
        "Extending time": 0.46 + 0.6 * now.air_leak,
    }


GROUPS_S10 = (
    Group((f"{S10}/Lift",), LIFT, lift),
    Group(tuple(f"{S10}/Lift column {number}" for number in range(1, 5)), LIFT_COLUMN, lift_columns),
    Group((f"{S10}/Loader",), LOADER, loader),
)
GROUPS_S20 = (
    Group((f"{S20}/Clamps",), CLAMPS, clamps),
    Group(GEO_CLAMPS, CLAMP, geo_clamps),
    Group(tuple(f"{S20}/Pin {number}" for number in range(1, 9)), PIN, pins),
)
FIXTURES = (Group(FIXTURE_CLAMPS, CLAMP, fixture_clamps),)
