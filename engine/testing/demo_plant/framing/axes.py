"""The robots' axes: they go from spot to spot, so position, speed, torque and current belong together."""

from __future__ import annotations

import functools

import numpy as np

from engine.testing.demo_plant.conditions import Values
from engine.testing.demo_plant.framing.names import ROBOTS
from engine.testing.demo_plant.framing.now import Now
from engine.testing.demo_plant.framing.robots import (
    AXES,
    BEGIN,
    REACH,
    SHARE,
    SPOTS,
    UNIT,
    axis_specs,
    welding,
)
from engine.testing.demo_plant.noise import channels, uniform
from engine.testing.demo_plant.plant import Group

MOVES = 0.5
"""Part of a spot's time in which the robot moves to it."""
HOLDING_NM = np.array([60.0, 1250.0, 780.0, 110.0, 150.0, 40.0])
"""Against the weight of arm and gun."""
MOVING_NM = np.array([4.5, 5.5, 5.0, 1.4, 1.6, 0.8])
"""For each degree per second."""
NM_PER_A = np.array([62.0, 66.0, 58.0, 26.0, 24.0, 15.0])
WARMS_K = np.array([17.0, 24.0, 22.0, 21.0, 18.0, 14.0])
"""How much work warms each axis."""
_HOT = ("S60 Respot/Robot 1", 3, 35.5)
"""One motor that always was warmer than the others: robot, axis from 0, kelvin."""
_CHANNEL = 2000


@functools.lru_cache(maxsize=4)
def poses(seed: int) -> Values:
    """float64[12, spots + 2, 6]: where each robot is at each spot; first and last is home."""
    most = int(SPOTS.max())
    keys = channels(seed, _CHANNEL, len(ROBOTS) * AXES).reshape(len(ROBOTS), 1, AXES)
    draw = uniform(keys, np.arange(most + 2)[np.newaxis, :, np.newaxis])
    angles = (draw - 0.5) * np.array(REACH) * np.array([0.5, 0.4, 0.5, 0.6, 0.8, 0.35])
    home = np.array([0.0, -35.0, 48.0, 0.0, 60.0, 0.0])
    angles[:, 0] = home
    for robot, spots in enumerate(SPOTS):
        angles[robot, spots + 1 :] = home
    return angles


@functools.lru_cache(maxsize=1)
def _warms() -> Values:
    warms = np.tile(WARMS_K, (len(ROBOTS), 1))
    warms[[robot.endswith(_HOT[0]) for robot in ROBOTS], _HOT[1]] = _HOT[2]
    return warms


def axes(now: Now) -> dict[str, object]:
    """Every axis of every robot, by the names of ``axis_specs``."""
    spot, within = welding(now)
    path, robot = poses(now.conditions.seed), np.arange(len(ROBOTS))
    back = (now.line.phase[:, UNIT] - BEGIN - SHARE) / (1.0 - BEGIN - SHARE)
    at = np.where(back > 0, SPOTS, spot.astype(np.int64))
    begin, end = path[robot, at], path[robot, at + 1]
    share = np.clip(np.where(back > 0, back, within / MOVES), 0.0, 1.0)[:, :, np.newaxis]
    working = now.line.working[:, UNIT]
    seconds = now.line.work_s[:, UNIT] * np.where(back > 0, 1.0 - BEGIN - SHARE, MOVES * SHARE / SPOTS)
    rate = (6.0 * share * (1.0 - share)) * (working / seconds)[:, :, np.newaxis]
    position = begin + (end - begin) * share**2 * (3.0 - 2.0 * share)
    speed = (end - begin) * rate
    torque = HOLDING_NM * np.cos(np.radians(position)) + MOVING_NM * speed
    warm = now.line.warmth[:, UNIT, np.newaxis]
    values = {
        "position": position,
        "speed": speed,
        "torque": torque,
        "current": torque / NM_PER_A,
        "temperature": 28.0 + _warms() * warm + now.weather[:, 3, np.newaxis, np.newaxis],
        "following error": 0.0012 * speed,
        "vibration": 0.35 + 0.016 * np.abs(speed),
    }
    return {f"Axis {axis + 1} {name}": v[:, :, axis] for name, v in values.items() for axis in range(AXES)}


GROUPS = (Group(ROBOTS, axis_specs(), axes, "drives", order="swap"),)
