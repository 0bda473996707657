"""Our own symbols from resources/symbols, drawn in a colour of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.paths import resources


@lru_cache(maxsize=128)
def symbol(file: str, ink: str, px: int, ratio: float) -> QPixmap:
    """A symbol ``px`` logical pixels wide for a screen of that pixel ratio; black becomes ``ink``."""
    text = (resources() / "symbols" / file).read_text(encoding="utf-8").replace("#000", ink)
    made = QPixmap(round(px * ratio), round(px * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, px, px))
    return made
