"""What is done to a drawn frame before it is shown: contours, soft darkening in corners, the selection.

All of it is computed from the depth of each pixel, so it costs the same on every graphics card.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.widgets.scene.camera import ANGLE_DEG, Camera, Frame, axes, eye
from hmi.widgets.scene.mesh import Floats
from hmi.widgets.scene.shadow import boxed

Bytes = NDArray[np.uint8]
GROUND_M = 0.4
"""What lies nearer to the ground than this, along the line of sight, is ground."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Strength 0…1 of contours and of darkening, and the colour around what is selected."""

    contour: float
    corner: float
    ring: tuple[int, int, int]


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


def corners_dark(near: Floats, ground: Floats, metres_px: float, strength: float) -> Floats:
    """float32[h, w] 0…1: darker where things stand before or around a spot, as in corners and under parts.

    The difference between nearness and its blur (Luft, Colditz, Deussen: Image enhancement by
    unsharp masking the depth buffer, 2006), in two sizes. ``metres_px`` = pixels of a metre there. The
    ground itself stays as it is: its shadows are real ones.
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
    above = (near - ground) / np.maximum(near, 1e-3) ** 2 / np.float32(GROUND_M)
    return (wide * np.clip(above, 0.0, 1.0) * np.float32(strength)).astype(np.float32)


def halved(picture: NDArray[np.floating] | Bytes) -> Floats:
    """The mean of every 2 × 2 pixels, float32."""
    add = np.uint16 if picture.dtype == np.uint8 else np.float32
    rows = np.add(picture[0::2], picture[1::2], dtype=add)
    return np.add(rows[:, 0::2], rows[:, 1::2], dtype=add).astype(np.float32) * np.float32(0.25)


def ring(mask: Floats, width: float) -> Floats:
    """float32[h, w] 0…1: a line of ``width`` pixels around a mask of 0…1, outside of it."""
    reach = max(1, round(width))
    padded = np.pad(mask, reach)
    wide = padded[reach:-reach, reach:-reach].copy()
    height, length = mask.shape
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            if dx * dx + dy * dy <= (reach + 0.3) ** 2:
                np.maximum(
                    wide, padded[reach + dy : reach + dy + height, reach + dx : reach + dx + length], out=wide
                )
    return np.clip(wide - mask, 0.0, 1.0)
