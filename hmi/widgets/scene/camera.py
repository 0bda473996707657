"""Where a scene is seen from, as plain numbers: the same for drawing, labels and picking."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ANGLE_DEG = 22.0
"""Upright angle of view: narrow, so that a long line is not distorted at its ends."""
LEAST_M, MOST_M = 1.5, 600.0
LOWEST_DEG, HIGHEST_DEG = 3.0, 88.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks at ``target`` from ``distance`` metres. ``azimuth`` 0 = from the front (−y), positive = from
    the right; ``elevation`` = degrees above the ground.
    """

    target: tuple[float, float, float] = (0.0, 0.0, 1.0)
    azimuth: float = 0.0
    elevation: float = 30.0
    distance: float = 40.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of a picture, and what of it stays free at its edges (left, top, right, bottom); pixels.

    ``ratio`` = device pixels of one pixel of the window.
    """

    width: int
    height: int
    free: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    ratio: float = 1.0


HOME = Camera(azimuth=-13.0, elevation=29.0)
TURNED_DEG = 20.0
"""Into a picture that is not wide a line goes more steeply: so much more at the most."""


def home(frame: Frame) -> Camera:
    """The angles from which all of a scene is seen first; a long line fits any picture better aslant."""
    tall = min(1.0, max(0.0, (2.1 - frame.width / max(1, frame.height)) / 0.8))
    return replace(HOME, azimuth=HOME.azimuth - TURNED_DEG * tall, elevation=HOME.elevation + 3 * tall)


def axes(camera: Camera) -> Array:
    """float64[3, 3]: right, up and forward as rows."""
    turn, rise = math.radians(camera.azimuth), math.radians(camera.elevation)
    forward = np.array([-math.sin(turn) * math.cos(rise), math.cos(turn) * math.cos(rise), -math.sin(rise)])
    right = np.array([math.cos(turn), math.sin(turn), 0.0])
    return np.stack([right, np.cross(right, forward), forward])


def eye(camera: Camera) -> Array:
    """float64[3]: where the camera stands."""
    return np.array(camera.target) - axes(camera)[2] * camera.distance


def projected(camera: Camera, points: NDArray[np.floating], frame: Frame) -> Array:
    """float64[n, 3] of points float[n, 3]: x and y in pixels from the top left, and metres ahead."""
    seen = (np.asarray(points, np.float64) - eye(camera)) @ axes(camera).T
    ahead = np.maximum(seen[:, 2], 1e-6)
    scale = frame.height / 2 / math.tan(math.radians(ANGLE_DEG) / 2)
    x = frame.width / 2 + seen[:, 0] / ahead * scale
    y = frame.height / 2 - seen[:, 1] / ahead * scale
    return np.stack([x, y, seen[:, 2]], axis=1)


def ray(camera: Camera, x: float, y: float, frame: Frame) -> tuple[Array, Array]:
    """Origin and unit direction, float64[3] each, of what is seen at a pixel."""
    scale = frame.height / 2 / math.tan(math.radians(ANGLE_DEG) / 2)
    across = np.array([(x - frame.width / 2) / scale, (frame.height / 2 - y) / scale, 1.0])
    way = across @ axes(camera)
    return eye(camera), way / np.linalg.norm(way)


def on_ground(camera: Camera, x: float, y: float, frame: Frame) -> tuple[float, float] | None:
    """The spot on the ground z = 0 seen at a pixel, in metres; None where the ray does not come down."""
    origin, way = ray(camera, x, y, frame)
    if way[2] > -1e-6:
        return None
    spot = origin - way * (origin[2] / way[2])
    return float(spot[0]), float(spot[1])


def saved(camera: Camera) -> tuple[tuple[float, float, float], float, float, float]:
    """Target, distance, turn and tilt as a `SavedView` has them: turn 0 = the eye stands towards +x."""
    return camera.target, camera.distance, (camera.azimuth - 90 + 180) % 360 - 180, camera.elevation


def from_saved(target: tuple[float, float, float], distance: float, turn: float, tilt: float) -> Camera:
    """The camera of a `SavedView`, within what this one can do."""
    elevation = min(HIGHEST_DEG, max(LOWEST_DEG, tilt))
    return Camera(target, (turn + 90 + 180) % 360 - 180, elevation, min(MOST_M, max(LEAST_M, distance)))


def corners(bounds: NDArray[np.floating]) -> Array:
    """float64[8, 3] of a box float[2, 3]."""
    picks = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    return np.array([[bounds[i][0], bounds[j][1], bounds[k][2]] for i, j, k in picks], np.float64)


def fitted(camera: Camera, points: NDArray[np.floating], frame: Frame) -> Camera:
    """The same angles, as near as shows all ``points`` within the frame's free edges."""
    basis = axes(camera)
    a, b, c = (np.asarray(points, np.float64) @ basis.T).T
    left, top, right, bottom = _slopes(frame)
    # A point is inside when it is nearer to the axis than the slope times its distance from the eye.
    # Each edge bounds the eye by a line; two opposite edges say how far back it must stand.
    a_right, a_left = float((a - right * c).max()), float((-a - left * c).max())
    b_top, b_bottom = float((b - top * c).max()), float((-b - bottom * c).max())
    back = min(-(a_right + a_left) / (right + left), -(b_top + b_bottom) / (top + bottom))
    x = ((a_right + right * back) + (-a_left - left * back)) / 2
    y = ((b_top + top * back) + (-b_bottom - bottom * back)) / 2
    distance = max(LEAST_M, float((c.min() + c.max()) / 2) - back)
    target = np.array([x, y, back + distance]) @ basis
    return replace(camera, target=_vector(target), distance=distance)


def _slopes(frame: Frame) -> tuple[float, float, float, float]:
    upright = math.tan(math.radians(ANGLE_DEG) / 2)
    across = upright * frame.width / max(1, frame.height)
    left, top, right, bottom = frame.free
    halves = (
        (across, left, frame.width),
        (upright, top, frame.height),
        (across, right, frame.width),
        (upright, bottom, frame.height),
    )
    found = [slope * max(0.1, 1 - 2 * free / max(1, whole)) for slope, free, whole in halves]
    return found[0], found[1], found[2], found[3]


def orbited(camera: Camera, turn: float, rise: float) -> Camera:
    """Moved around its target by degrees; never below the ground nor over the top."""
    elevation = min(HIGHEST_DEG, max(LOWEST_DEG, camera.elevation + rise))
    return replace(camera, azimuth=(camera.azimuth + turn + 180) % 360 - 180, elevation=elevation)


def panned(camera: Camera, x: float, y: float, frame: Frame) -> Camera:
    """Moved so that what is seen follows a drag by ``x`` and ``y`` pixels."""
    scale = 2 * camera.distance * math.tan(math.radians(ANGLE_DEG) / 2) / max(1, frame.height)
    right, up, _ = axes(camera)
    return replace(camera, target=_vector(np.array(camera.target) + (-x * right + y * up) * scale))


def zoomed(camera: Camera, factor: float) -> Camera:
    """Nearer by ``factor`` (> 1) or farther (< 1)."""
    return replace(camera, distance=min(MOST_M, max(LEAST_M, camera.distance / factor)))


def zoomed_at(camera: Camera, factor: float, x: float, y: float, frame: Frame) -> Camera:
    """The same towards what is seen at a pixel, so that it stays there."""
    nearer = zoomed(camera, factor)
    grown = camera.distance / nearer.distance - 1
    return panned(nearer, (frame.width / 2 - x) * grown, (frame.height / 2 - y) * grown, frame)


def _vector(array: Array) -> tuple[float, float, float]:
    return float(array[0]), float(array[1]), float(array[2])
