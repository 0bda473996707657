"""Equipment as flat grey drawings: resources/symbols/equipment, in the greys of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.paths import resources
from hmi.theme import Theme, colour
from hmi.values import Kind
from hmi.widgets.indicator import paint_hatch

EQUIPMENT = (
    "agv",
    "autoclave",
    "cabinet",
    "clamp",
    "compressor",
    "conveyor",
    "drill",
    "dryer",
    "fan",
    "furnace",
    "heat-exchanger",
    "hydraulic-unit",
    "inspection",
    "lift",
    "meter",
    "motor",
    "press",
    "pump",
    "robot",
    "sensor",
    "stud-gun",
    "tank",
    "transformer",
    "unit",
    "valve",
    "weld-gun",
)
"""The symbols that a type or a mimic may name."""
FALLBACK = "unit"
OUTLINE_PX = 2.0
_SIDE = 100.0
"""Drawings are 100 x 100; #ccc, #aaa, #888 and #000 in them are a light, a plain and a shaded face
and the outline, and a stroke-width of 2 is the outline's."""
Shade = Literal["plain", "running", "stopped"]


def paint_equipment(
    painter: QPainter, box: QRectF, symbol: str, theme: Theme, running: bool | None, kind: Kind
) -> None:
    """Draw a symbol in the largest square amid ``box``; one that nobody knows is a plain unit.

    Running is lighter, stopped darker, None (not known or nothing that runs) between; hatched where
    ``kind`` says that the state behind it is not current.
    """
    side = int(min(box.width(), box.height()))
    if side < 1:
        return
    is_old = kind in ("stale", "bad")
    shade: Shade = "plain" if running is None or kind in ("bad", "never") else _shade(running)
    ratio = painter.device().devicePixelRatioF()
    drawn = _drawing(symbol if symbol in EQUIPMENT else FALLBACK, theme, shade, is_old, side, ratio)
    middle = box.center()
    painter.drawPixmap(QPointF(round(middle.x() - side / 2), round(middle.y() - side / 2)), drawn)


def _shade(running: bool) -> Shade:
    return "running" if running else "stopped"


@lru_cache(maxsize=256)
def _drawing(symbol: str, theme: Theme, shade: Shade, is_old: bool, px: int, ratio: float) -> QPixmap:
    """A symbol ``px`` logical pixels wide."""
    made = QPixmap(round(px * ratio), round(px * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    box = QRectF(0, 0, px, px)
    with QPainter(made) as painter:
        QSvgRenderer(QByteArray(_text(symbol, theme, shade, px).encode())).render(painter, box)
        if is_old:
            # Only over what is drawn: the ground beside a machine is never old.
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
            painter.fillRect(box, colour(theme.colour.tile, 120))
            paint_hatch(painter, box, colour(theme.colour.muted), max(7.0, px / 12))
    return made


def _text(symbol: str, theme: Theme, shade: Shade, px: int) -> str:
    svg = (resources() / "symbols" / "equipment" / f"{symbol}.svg").read_text(encoding="utf-8")
    light, face, dark = _faces(theme, shade)
    for mark, ink in (("#ccc", light), ("#aaa", face), ("#888", dark), ("#000", theme.colour.outline)):
        svg = svg.replace(mark, ink)
    return svg.replace('stroke-width="2"', f'stroke-width="{OUTLINE_PX * _SIDE / px:.3f}"')


def _faces(theme: Theme, shade: Shade) -> tuple[str, str, str]:
    """Light, plain and shaded face: towards the lighter of the theme's greys, or the darker."""
    tokens = theme.colour
    lighter, darker = sorted((tokens.bar, tokens.outline), key=lambda each: -QColor(each).lightnessF())
    face = tokens.equipment
    if shade == "running":
        face = _mixed(face, lighter, 0.4)
    elif shade == "stopped":
        face = _mixed(face, darker, 0.45)
    return _mixed(face, lighter, 0.35), face, _mixed(face, darker, 0.25)


def _mixed(one: str, other: str, part: float) -> str:
    a, b = QColor(one), QColor(other)
    red, green, blue = (
        round(x + (y - x) * part)
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )
    return QColor(red, green, blue).name()
