"""The picture of a ground plan as ink for the floor: what is dark in it is drawn, what is white is not."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from engine.types import Plan
from hmi.theme import Theme
from hmi.widgets.scene.looks import rgb

log = logging.getLogger("watchroom.scene")
MOST_PX = 3000


@dataclass(frozen=True, slots=True, eq=False)
class FloorPlan:
    """``pixels`` uint8[h, w, 4], row 0 at the lowest y, from ``low`` to ``high`` in metres."""

    pixels: NDArray[np.uint8]
    low: tuple[float, float]
    high: tuple[float, float]


def read_plan(path: Path, plan: Plan, theme: Theme) -> FloorPlan | None:
    """A PNG or JPEG in the ink of a theme; None where it cannot be read, which the log says."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > MOST_PX:
        reader.setScaledSize(size.scaled(QSize(MOST_PX, MOST_PX), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        log.warning("the plan %s cannot be read: %s", path, reader.errorString())
        return None
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    height, width = image.height(), image.width()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    seen = rows[::-1, : 4 * width].reshape(height, width, 4)
    dark = 255 - (seen[:, :, :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    made = np.empty((height, width, 4), np.uint8)
    made[:, :, :3] = rgb(theme.colour.text).astype(np.uint8)
    made[:, :, 3] = np.clip(dark * seen[:, :, 3] / 255 * min(1.0, max(0.0, plan.strength)), 0, 255)
    x, y = plan.at
    return FloorPlan(made, (x, y), (x + plan.width, y + plan.width * height / max(1, width)))
