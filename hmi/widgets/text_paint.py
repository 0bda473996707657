"""Text, values and frames painted the same way in cards, rows and mimics."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from engine.types import Plant, Tag
from hmi import formats
from hmi.alarms import Badge
from hmi.theme import Theme, colour, font
from hmi.values import Reading, widest
from hmi.widgets.alarm_badge import paint_alarm_badge, paint_badge_of, room_of_badge
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.quality_mark import paint_quality_mark

FRESH = ("normal", "uncertain")
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
UNIT_GAP = 5.0
HATCH_PX = 26.0


def width_of(theme: Theme, text: str, px: int, bold: bool = False) -> float:
    """How wide a text is at a size of the type."""
    return QFontMetricsF(font(theme, px, bold)).horizontalAdvance(text)


def paint_text(
    painter: QPainter,
    box: QRectF,
    text: str,
    theme: Theme,
    px: int,
    ink: str,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
) -> float:
    """One line, ended by … where the room ends; gives the width it took."""
    painter.setFont(font(theme, px, bold))
    painter.setPen(colour(ink))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 0.5)
    painter.drawText(box, align, shown)
    return metrics.horizontalAdvance(shown)


def value_width(theme: Theme, reading: Reading, px: int, unit_px: int) -> float:
    """Room that a value takes with its unit: that of the widest number, so that the unit stands still."""
    widest = max(reading.value, reading.widest if reading.unit else "", key=len)
    unit = width_of(theme, reading.unit, unit_px) + UNIT_GAP if reading.unit else 0.0
    return width_of(theme, widest, px, True) + unit + 1


def room_of(theme: Theme, tag: Tag, plant: Plant, px: int, unit_px: int) -> float:
    """Room for any value that a tag may have, with its unit."""
    words = [formats.state(number, tag.states) for number in tag.states]
    words = words or ["stopped"] if tag.type == "bool" else words or [widest(tag, plant) or "00000.0"]
    unit = width_of(theme, tag.unit, unit_px) + UNIT_GAP if tag.unit else 0.0
    return max(width_of(theme, each, px, True) for each in words) + unit + 2


def exact_width(theme: Theme, reading: Reading, px: int, unit_px: int) -> float:
    """Room that this value takes with its unit, for one that begins at the left."""
    unit = width_of(theme, reading.unit, unit_px) + UNIT_GAP if reading.unit else 0.0
    return width_of(theme, reading.value, px, True) + unit + 1


def paint_value(
    painter: QPainter,
    box: QRectF,
    reading: Reading,
    theme: Theme,
    px: int,
    unit_px: int,
    ink: str = "",
) -> float:
    """A value with its unit at the right of a box; old and bad ones in grey. Gives where it begins."""
    tokens = theme.colour
    tint = (ink or tokens.live) if reading.kind in FRESH else tokens.muted
    unit = width_of(theme, reading.unit, unit_px) + UNIT_GAP if reading.unit else 0.0
    number = box.adjusted(0, 0, -unit, 0)
    wide = paint_text(painter, number, reading.value, theme, px, tint, True, RIGHT)
    if reading.unit:
        # Smaller type stands on the same line as the digits.
        drop = (px - unit_px) * 0.36
        paint_text(painter, box.translated(0, drop), reading.unit, theme, unit_px, tokens.muted, False, RIGHT)
    return number.right() - wide


def paint_trust(
    painter: QPainter, right: float, middle: float, reading: Reading, theme: Theme, least: float = -1e9
) -> float:
    """Hatch and quality mark of a value that is not plainly good, up to ``right``; gives where they begin.

    The hatch gives way where it would begin left of ``least``.
    """
    if reading.kind == "normal":
        return right
    mark = QRectF(right - 24, middle - 9, 18, 18)
    paint_quality_mark(painter, mark, reading.kind, theme)
    if reading.kind == "uncertain":
        return mark.left()
    hatch = QRectF(mark.left() - HATCH_PX - 4, middle - 8, HATCH_PX, 16)
    if hatch.left() < least:
        return mark.left()
    paint_hatch(painter, hatch, colour(theme.colour.hatch))
    return hatch.left()


def paint_frame(painter: QPainter, box: QRectF, theme: Theme, alarm: int = 0, fill: str = "") -> None:
    """The outline of a part: grey, or thick in the colour of its alarm."""
    edge = QPen(colour(theme.alarms[alarm - 1]), 2.5) if alarm else QPen(colour(theme.colour.line), 1)
    inset = edge.widthF() / 2
    painter.setPen(edge)
    painter.setBrush(colour(fill) if fill else Qt.BrushStyle.NoBrush)
    radius = theme.size.radius
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)


def paint_badge(painter: QPainter, right: float, middle: float, priority: int, theme: Theme) -> float:
    """The alarm badge that ends at ``right``; gives where it begins."""
    if not priority:
        return right
    paint_alarm_badge(painter, QRectF(right - 20, middle - 10, 20, 20), priority, theme)
    return right - 26


def paint_foreseen(painter: QPainter, right: float, middle: float, reading: Reading, theme: Theme) -> float:
    """The mark of a value on its way to a limit, up to ``right``; gives where it begins."""
    if not reading.is_foreseen:
        return right
    paint_predicted(painter, QRectF(right - 18, middle - 9, 18, 18), "act", theme)
    return right - 24


def paint_badge_at(
    painter: QPainter, right: float, middle: float, badge: Badge | None, theme: Theme
) -> float:
    """The badge of an asset that ends at ``right``, blinking while an alarm waits; gives where it begins."""
    if badge is None:
        return right
    wide = room_of_badge(badge, 20, theme)
    paint_badge_of(painter, QRectF(right - wide, middle - 10, wide, 20), badge, theme)
    return right - wide - 6


def edge_of(badge: Badge | None) -> int:
    """The priority that a part is outlined for: of what is active, 0 = nothing is."""
    return 0 if badge is None or badge.is_over else badge.priority


__all__ = [
    "CENTRE",
    "FRESH",
    "LEFT",
    "RIGHT",
    "UNIT_GAP",
    "edge_of",
    "exact_width",
    "paint_badge",
    "paint_badge_at",
    "paint_foreseen",
    "paint_frame",
    "paint_text",
    "paint_trust",
    "paint_value",
    "room_of",
    "value_width",
    "width_of",
]
