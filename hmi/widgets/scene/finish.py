"""What is done to a drawn frame before it is shown: contours, soft darkening in corners, the selection.

All of it is computed from the depth of each pixel, so it costs the same on every graphics card.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.camera import ANGLE_DEG, Camera, Frame, axes, eye, projected
from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.paint import bands
from hmi.widgets.scene.shadow import Shadow, boxed

FAR_SHADE = 0.965
PALEST = 0.6
GROUND_M = np.float32(0.4)
"""What lies nearer to the ground than this, along the line of sight, is ground."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Strength 0…1 of contours, of darkening and of the shadow, and the colour around what is selected."""

    contour: float
    corner: float
    ring: tuple[int, int, int]
    shadow: float = 0.5


def nearness(depth: Floats, near: float, far: float) -> Floats:
    """1 / metres ahead, float32[h, w], of depth values 0…1: it is flat over flat things."""
    return ((1.0 - depth * np.float32((far - near) / far)) * np.float32(1.0 / near)).astype(np.float32)


def ground_nearness(camera: Camera, frame: Frame) -> Floats:
    """float32[h, 1] row by row from the top: 1 / metres ahead to the ground z = 0; 0 above the horizon."""
    scale = frame.height / 2 / math.tan(math.radians(ANGLE_DEG) / 2)
    _, up, forward = axes(camera)
    rows = (frame.height / 2 - np.arange(frame.height) - 0.5) / scale
    # The direction sideways is level, so that only the row matters.
    fall = -(forward[2] + rows * up[2]) / max(float(eye(camera)[2]), 1e-3)
    return np.maximum(fall, 0.0).astype(np.float32)[:, None]


def contours(near: Floats, strength: float) -> Floats:
    """float32[h, w] 0…1: dark where something ends before what lies well behind it."""
    drop = np.zeros_like(near)
    drop[1:-1, 1:-1] = (
        4 * near[1:-1, 1:-1] - near[:-2, 1:-1] - near[2:, 1:-1] - near[1:-1, :-2] - near[1:-1, 2:]
    )
    # From a difference of 1/z to metres: dz = z² d(1/z); measured against a step that is worth a line.
    metres = drop / np.maximum(near, 1e-4) ** 2
    return np.clip(metres / 0.5 - 0.12, 0.0, 1.0, dtype=np.float32) * np.float32(strength)


def corners_dark(near: Floats, metres_px: float, strength: float) -> Floats:
    """float32[h, w] 0…1: darker where things stand before or around a spot, as in corners and under parts.

    The difference between nearness and its blur (Luft, Colditz, Deussen: Image enhancement by
    unsharp masking the depth buffer, 2006), in two sizes. ``metres_px`` = pixels of a metre there.
    """
    # Soft things need no fine grid: half of it in both ways is a quarter of the work.
    small = np.ascontiguousarray(near[::2, ::2])
    square = np.maximum(small, 1e-3) ** 2
    found = np.zeros_like(small)
    for reach_m, part in ((0.16, 0.6), (0.6, 0.4)):
        reach = max(1, min(30, round(reach_m * metres_px / 2)))
        soft = boxed(boxed(boxed(boxed(small, reach, 0), reach, 1), reach, 0), reach, 1)
        ahead = (soft - small) / square
        found += np.float32(part) * np.clip(ahead / np.float32(2.0 * reach_m), 0.0, 1.0)
    height, width = near.shape
    wide = np.repeat(np.repeat(found, 2, axis=0), 2, axis=1)[:height, :width]
    return (wide * np.float32(strength)).astype(np.float32)


def halved(picture: NDArray[np.floating]) -> Floats:
    """The mean of every 2 × 2 pixels, float32."""
    rows = picture[0::2] + picture[1::2]
    return ((rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)).astype(np.float32)


def relief(
    depth: Floats, clip: tuple[float, float], camera: Camera, frame: Frame, ink: Ink, shadow: Shadow | None
) -> tuple[Floats, Floats]:
    """Two of float32[h, w] 0…1, of the depth alone: how bright every pixel stays, and how much of it stands
    above the floor.

    ``depth`` may be twice as fine as the frame; ``clip`` = near and far end of what it holds, in metres.
    """
    ahead = float(projected(camera, np.array([camera.target]), frame)[0, 2])
    near, lines = _lines(depth, clip, camera, frame, ink.contour, ahead)
    metre = frame.height / 2 / math.tan(math.radians(ANGLE_DEG) / 2) / max(ahead, 0.1)
    dark = corners_dark(near, metre, ink.corner)
    ground = ground_nearness(camera, frame)
    far = np.linspace(FAR_SHADE, 1.0, frame.height, dtype=np.float32)[:, None]
    ground_shade = None if shadow is None else Fallen(shadow, camera, frame)
    bright, standing = np.empty_like(near), np.empty_like(near)
    for rows in bands(frame.height):
        above = standing[rows] = np.clip(
            (near[rows] - ground[rows]) / np.maximum(near[rows], 1e-3) ** 2 / GROUND_M, 0.0, 1.0
        )
        # A little darker towards the top: the ground seems to go away from who looks.
        made = (1.0 - lines[rows]) * (1.0 - dark[rows] * above) * far[rows]
        if ground_shade is not None:
            made *= 1.0 - ground_shade.on(rows) * (1.0 - above) * np.float32(ink.shadow)
        bright[rows] = made
    return bright, standing


def _lines(
    depth: Floats, clip: tuple[float, float], camera: Camera, frame: Frame, strength: float, ahead: float
) -> tuple[Floats, Floats]:
    """Nearness and contours float32[h, w] of a frame; contours are found at twice its size, if depth is."""
    scale = depth.shape[0] // frame.height
    fine = Frame(depth.shape[1], depth.shape[0])
    ground = ground_nearness(camera, fine)
    near = np.empty((frame.height, frame.width), np.float32)
    lines = np.empty_like(near)
    for rows in bands(frame.height):
        first, last = rows.start * scale, rows.stop * scale
        wide = slice(max(0, first - 1), min(fine.height, last + 1))
        band = np.maximum(nearness(depth[wide], *clip), ground[wide])
        drawn = contours(band, strength)
        # What lies behind the middle of the picture is drawn with a paler pen.
        drawn *= np.clip(band * np.float32(ahead), PALEST, 1.0) ** 2
        drawn = drawn[first - wide.start : last - wide.start]
        lines[rows] = halved(drawn) if scale == 2 else drawn
        near[rows] = band[first - wide.start : last - wide.start : scale, ::scale]
    return near, lines


class Fallen:
    """The shadow on the ground as a camera sees it."""

    def __init__(self, shadow: Shadow, camera: Camera, frame: Frame) -> None:
        scale = frame.height / 2 / math.tan(math.radians(ANGLE_DEG) / 2)
        right, up, forward = axes(camera)
        start = eye(camera)
        rows = (frame.height / 2 - np.arange(frame.height) - 0.5) / scale
        self._columns = ((np.arange(frame.width) + 0.5 - frame.width / 2) / scale).astype(np.float32)
        fall = forward[2] + rows * up[2]
        # Above the horizon there is no ground: far outside of the shadow.
        away = np.where(fall < -1e-4, -start[2] / np.minimum(fall, -1e-4), 1e5)
        size = np.array(shadow.depth.shape[::-1], float) / np.subtract(shadow.high, shadow.low)
        # A border without shadow catches all that lies outside.
        self._depth = np.pad(shadow.depth, 1)
        self._flat = self._depth.ravel()
        self._along = [
            ((start[k] + away * (forward[k] + rows * up[k]) - shadow.low[k]) * size[k] + 1).astype(np.float32)
            for k in (0, 1)
        ]
        self._across = [(away * right[k] * size[k]).astype(np.float32) for k in (0, 1)]

    def on(self, rows: slice) -> Floats:
        """float32[rows, w] 0…1: the shadow under each pixel of these rows."""
        height, width = self._depth.shape
        column, row = (
            np.clip(
                self._along[k][rows, None] + self._across[k][rows, None] * self._columns, 0, most - 1
            ).astype(np.int32)
            for k, most in ((0, width), (1, height))
        )
        return self._flat[row * np.int32(width) + column]


def ring(mask: Floats, width: float) -> Floats:
    """float32[h, w] 0…1: a line of ``width`` pixels around a mask of 0…1, outside of it."""
    reach = max(1, round(width))
    found = np.zeros_like(mask)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return found
    # Only around the mask there is work.
    top, left = max(0, rows[0] - reach), max(0, columns[0] - reach)
    part = mask[top : rows[-1] + reach + 1, left : columns[-1] + reach + 1]
    padded = np.pad(part, reach)
    wide = part.copy()
    height, length = part.shape
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            if dx * dx + dy * dy <= (reach + 0.3) ** 2:
                beside = padded[reach + dy : reach + dy + height, reach + dx : reach + dx + length]
                np.maximum(wide, beside, out=wide)
    found[top : top + height, left : left + length] = np.clip(wide - part, 0.0, 1.0)
    return found
