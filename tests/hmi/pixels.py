"""Reading pictures of widgets as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QWidget


def picture(shot: QPixmap | QWidget) -> NDArray[np.int16]:
    """int16[height, width, 3]: red, green, blue."""
    pixmap = shot if isinstance(shot, QPixmap) else shot.grab()
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), 2::-1].astype(np.int16)


def white_part(pixels: NDArray[np.int16]) -> float:
    """Part of a picture that is nearly white, 0…1."""
    return float(np.count_nonzero((pixels > 200).all(axis=2)) / pixels[:, :, 0].size)


def is_colour(pixels: NDArray[np.int16], text: str, tolerance: int = 24) -> NDArray[np.bool_]:
    """bool[height, width]: pixels of this colour, #RRGGBB."""
    wanted = QColor(text)
    away = np.abs(pixels - np.array([wanted.red(), wanted.green(), wanted.blue()]))
    return np.asarray((away <= tolerance).all(axis=2), np.bool_)
