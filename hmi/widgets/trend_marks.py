"""How the moving parts of a trend are painted: now, a moment asked for, cursors and their words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from hmi import formats
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme, colour, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_pen import LINE_PX, paint_sample
from hmi.widgets.trend_scene import ABOVE_PX, Scene

ROW_PX = 20
MOMENT_PX = 7.0
_Align = Qt.AlignmentFlag
Told = tuple[Pen, str]
"""A pen with its words at the cursor."""


def paint_crossed(painter: QPainter, scene: Scene) -> None:
    """The part of a limit line in the alarm's colour, from when it was crossed until now."""
    for line in scene.limits:
        if line.alarm is None or not 1 <= line.alarm.priority <= 4 or scene.is_stalled:
            continue
        left = max(scene.plot.left(), scene.x(line.alarm.since_us))
        right = min(scene.plot.right(), scene.x(scene.now_us))
        if right <= left:
            continue
        y = round(line.axis.y(line.value, scene.plot)) + 0.5
        painter.setPen(QPen(colour(scene.theme.alarms[line.alarm.priority - 1]), 2.4))
        painter.drawLine(QPointF(left, y), QPointF(right, y))


def paint_now(painter: QPainter, scene: Scene) -> None:
    """The upright line at now, with the time at the plant."""
    if not scene.shows(scene.now_us):
        return
    plot, x = scene.plot, scene.x(scene.now_us)
    painter.setPen(QPen(colour(scene.theme.colour.text), 1.6))
    painter.drawLine(QPointF(x, plot.top() - 10), QPointF(x, plot.bottom()))
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    text = t("now {time}", time=formats.clock(scene.now_us, scene.zone))
    fits = x - 130 >= plot.left()
    box = QRectF(x - 130 if fits else x + 4, plot.top() - ABOVE_PX, 126, 18)
    painter.drawText(box, _Align.AlignRight if fits else _Align.AlignLeft, text)


def paint_moment(painter: QPainter, scene: Scene) -> None:
    """An instant that somebody asked for: a line between two arrow heads, and its words at the foot."""
    if scene.moment is None or not scene.shows(scene.moment[0]):
        return
    time_us, words = scene.moment
    plot, x, ink = scene.plot, round(scene.x(time_us)) + 0.5, colour(scene.theme.colour.text)
    painter.setPen(QPen(ink, 1.6))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for y, way in ((plot.top(), 1.0), (plot.bottom(), -1.0)):
        head = [(x - MOMENT_PX, y), (x + MOMENT_PX, y), (x, y + way * MOMENT_PX)]
        painter.drawPolygon(QPolygonF([QPointF(*each) for each in head]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    text = " ".join((words, formats.clock(time_us, scene.zone)))
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    left = x + MOMENT_PX + 3
    left = left if left + width < plot.right() else x - MOMENT_PX - 3 - width
    box = QRectF(left, plot.bottom() - 24, width, 20)
    painter.fillRect(box, colour(scene.theme.colour.control))
    painter.setPen(ink)
    painter.drawText(box, _Align.AlignCenter, text)


def paint_cursor(painter: QPainter, scene: Scene, told: Sequence[Told], reason: str = "") -> None:
    """The cursor and the values of all pens at it; the mark, and what lies between the two.

    ``reason`` = why there is no value there, if so.
    """
    if scene.mark_us is not None and scene.shows(scene.mark_us):
        _paint_upright(painter, scene, scene.mark_us, Qt.PenStyle.DashLine, t("mark"))
    if scene.cursor_us is None or not scene.shows(scene.cursor_us):
        return
    span_us = scene.span.end_us - scene.span.start_us if scene.span is not None else 0
    title = lines.instant(scene.cursor_us, scene.now_us, scene.zone, span_us)
    if reason:
        title = f"{title} · {reason}"
    if scene.mark_us is not None:
        title = f"{title}  Δ {delta_time(scene.cursor_us - scene.mark_us)}"
    _paint_upright(painter, scene, scene.cursor_us, Qt.PenStyle.DotLine, "" if told else title)
    if told:
        _paint_box(painter, scene, scene.x(scene.cursor_us), title, told)


def _paint_box(painter: QPainter, scene: Scene, x: float, title: str, told: Sequence[Told]) -> None:
    tokens, plot = scene.theme.colour, scene.plot
    rows = max(0, int((plot.height() - 30) // ROW_PX) - 1)
    hidden = max(0, len(told) - rows)
    if hidden:
        told = told[: rows - 1]
    painter.setFont(font(scene.theme, scene.theme.size.small, True))
    metrics = painter.fontMetrics()
    width = LINE_PX + 54 + max((metrics.horizontalAdvance(p.name + text) for p, text in told), default=90)
    width = max(width, metrics.horizontalAdvance(title) + 24)
    box = QRectF(x + 12, plot.top() + 6, max(width, 130), ROW_PX * (len(told) + 1 + bool(hidden)) + 12)
    if box.right() > plot.right():
        box.moveRight(x - 12)
    painter.setPen(QPen(colour(tokens.outline), 1))
    painter.setBrush(colour(tokens.control))
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(colour(tokens.text))
    inner = box.adjusted(10, 6, -10, -6)
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), ROW_PX), _Align.AlignLeft, title)
    for place, (pen, text) in enumerate(told, start=1):
        row = QRectF(inner.left(), inner.top() + place * ROW_PX, inner.width(), ROW_PX)
        _paint_told(painter, scene.theme, row, pen, text)
    if hidden:
        painter.setPen(colour(tokens.muted))
        row = QRectF(inner.left(), inner.bottom() - ROW_PX + 2, inner.width(), ROW_PX)
        painter.drawText(row, _Align.AlignLeft, t("{n} more in the table", n=hidden + 1))


def delta_time(by_us: int) -> str:
    """A length of time between two cursors, signed: ``+12.4 s``, ``\u22122 min 05 s``."""
    sign = formats.MINUS if by_us < 0 else "+"
    tenths = round(abs(by_us) / 1e5)
    seconds, minutes = tenths / 10 % 60, tenths // 600
    if tenths < 600:
        return f"{sign}{seconds:.1f}{formats.THIN}s"
    if minutes < 60:
        return f"{sign}{minutes}{formats.THIN}min {int(seconds):02d}{formats.THIN}s"
    return f"{sign}{minutes // 60}{formats.THIN}h {minutes % 60:02d}{formats.THIN}min"


def _paint_upright(painter: QPainter, scene: Scene, time_us: int, style: Qt.PenStyle, word: str = "") -> None:
    plot, x = scene.plot, round(scene.x(time_us)) + 0.5
    painter.setPen(QPen(colour(scene.theme.colour.text), 1.2, style))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    if word:
        painter.setFont(font(scene.theme, scene.theme.size.small, True))
        width = painter.fontMetrics().horizontalAdvance(word) + 12
        left = min(max(x - width / 2, plot.left()), plot.right() - width)
        box = QRectF(left, plot.top() - 2, width, 18)
        painter.setBrush(colour(scene.theme.colour.control))
        painter.setPen(QPen(colour(scene.theme.colour.outline), 1))
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colour(scene.theme.colour.text))
        painter.drawText(box, _Align.AlignCenter, word)


def _paint_told(painter: QPainter, theme: Theme, row: QRectF, pen: Pen, text: str) -> None:
    paint_sample(painter, QPointF(row.left(), row.top() + 9), pen)
    painter.setFont(font(theme, theme.size.small))
    painter.setPen(colour(theme.colour.muted))
    painter.drawText(row.adjusted(LINE_PX + 8, 0, 0, 0), _Align.AlignLeft, pen.name)
    painter.setFont(font(theme, theme.size.small, True))
    painter.setPen(colour(theme.colour.text))
    painter.drawText(row, _Align.AlignRight, text)
