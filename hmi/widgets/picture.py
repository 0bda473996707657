"""Pictures kept between two frames, so that what stands still is not painted again."""

from __future__ import annotations

import math

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QPixmap


def blank(size: QSizeF, ratio: float) -> QPixmap:
    """An empty picture that covers at least ``size`` logical pixels, on a screen of any pixel ratio."""
    made = QPixmap(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made
