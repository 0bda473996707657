"""Small pictures of shapes, made from the very meshes that the scene draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

from engine.types import Part
from hmi.theme import Theme, colour
from hmi.widgets.scene.camera import Camera, axes
from hmi.widgets.scene.mesh import merged
from hmi.widgets.scene.shapes import built, known

SEEN_FROM = Camera(azimuth=-32.0, elevation=24.0)
LIGHT = np.array([-0.35, -0.55, 0.76])
MOST_TRIANGLES = 6000
PIPE = Part("pipe", points=((0.0, 0.0, 0.0), (0.0, 0.0, 1.2), (1.4, 0.0, 1.2), (1.4, 0.8, 1.2)))
CRATE = Part("box", size=(1.0, 1.0, 1.0))
"""Stands for a CAD model: reading it for a small picture would cost seconds."""
MARGIN = 0.06


def icon_of(part: Part, theme: Theme, px: int, ratio: float) -> QIcon:
    """The part aslant from the front, ``px`` wide and high, in the tones of a theme."""
    picture = QPixmap(round(px * ratio), round(px * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    shown = PIPE if known(part.shape) == "pipe" else part
    found = merged(built(shown if shown.shape != "model" else CRATE).values())
    if len(found.points):
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint(painter, found.points[found.triangles].astype(np.float64), theme, px)
    return QIcon(picture)


def _paint(painter: QPainter, corners: NDArray[np.float64], theme: Theme, px: int) -> None:
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(across, axis=1)
    corners, across, size = corners[size > 0], across[size > 0], size[size > 0]
    basis = axes(SEEN_FROM)
    seen = corners @ basis.T
    normal = across / size[:, None]
    front = normal @ basis[2] < 0
    seen, normal = seen[front], normal[front]
    if len(seen) > MOST_TRIANGLES:
        largest = np.argsort(-size[front])[:MOST_TRIANGLES]
        seen, normal = seen[largest], normal[largest]
    order = np.argsort(-seen[:, :, 2].mean(axis=1))
    low, high = seen[:, :, :2].min(axis=(0, 1)), seen[:, :, :2].max(axis=(0, 1))
    scale = px * (1 - 2 * MARGIN) / max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2
    x = px / 2 + (seen[:, :, 0] - middle[0]) * scale
    y = px / 2 - (seen[:, :, 1] - middle[1]) * scale
    steps = np.clip(np.round((normal @ LIGHT * 0.5 + 0.5) * 15), 0, 15).astype(int)
    inks = [_ink(theme, step / 15) for step in range(16)]
    for at in order:
        ink = inks[steps[at]]
        painter.setPen(ink)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([QPointF(x[at, k], y[at, k]) for k in range(3)]))


def _ink(theme: Theme, light: float) -> QColor:
    base = colour(theme.colour.equipment)
    if theme.dark:
        return base.lighter(round(75 + 85 * light))
    return base.darker(round(185 - 90 * light))
