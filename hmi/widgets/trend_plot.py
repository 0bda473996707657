"""The trend: pens over time, one axis per unit. The only module that knows pyqtgraph.

Of pyqtgraph we use the fast way from an array to lines on a painter. Its scene graph is left out on
purpose: a plain widget painted by QPainter has nothing that survives its closing
(pyqtgraph #2672, #3265), and draws the same on every graphics card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from engine.types import Curve
from hmi import formats
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets import trend_lines as lines
from hmi.widgets import trend_paint as paint
from hmi.widgets.trend_ground import Ground
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_paint import Axis, Scene
from hmi.widgets.trend_pen import Pen

SHORTEST_US = 2_000_000
LONGEST_US = 400 * 86_400_000_000
FUTURE = 0.02
"""Part of a live window that lies after now, so that the newest point is not under the frame."""
FRAME_US, REFRESH_US = 30_000, 200_000
PAUSED_REFRESH_US = 500_000
DRAG_STARTS_PX = 6
EMPTY = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))


class TrendPlot(QWidget):
    """Curves come in by `show_curves`, for the window that `due` asks for. Holds no history."""

    moved = Signal()
    """The window of time changed by hand; also fired when it goes back to live."""
    cursor_moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone, self._locale = "UTC", "en"
        self._pens: tuple[Pen, ...] = ()
        self._axes: list[Axis] = []
        self._curves: dict[int, Curve] = {}
        self._span_us, self._end_us, self._now_us = 600_000_000, 0, 0
        self._shown: Span | None = None
        self._ground = Ground()
        self._pieces: Any = PrimitiveArray(QLineF, 4)
        self._asked_us = 0
        self._is_live, self._is_dirty, self._is_stalled = True, True, False
        self._cursor_us: int | None = None
        self._pressed: tuple[float, int] | None = None
        self._is_dragging = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(t("Trend"))
        self.setAccessibleDescription(
            t(
                "Arrow keys move the cursor, with Shift the time; plus and minus zoom; Home goes back "
                "to live. The Table button shows the same data as a table."
            )
        )

    # What it shows

    @property
    def is_live(self) -> bool:
        """The window follows the clock."""
        return self._is_live

    @property
    def span_us(self) -> int:
        """Length of the window in microseconds."""
        return self._span_us

    @property
    def cursor_us(self) -> int | None:
        """Where the cursor stands, UTC microseconds."""
        return self._cursor_us

    @property
    def now_us(self) -> int:
        """The time of the last frame, UTC microseconds."""
        return self._now_us

    @property
    def curves(self) -> Mapping[int, Curve]:
        """The curves on show, by live position."""
        return self._curves

    @property
    def pens(self) -> tuple[Pen, ...]:
        """The pens, in the order of their colours."""
        return self._pens

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; pens get theirs by `set_pens`."""
        self._theme = theme
        self.update()

    def set_place(self, zone: str, locale: str) -> None:
        """Time zone of the axis and locale of the numbers."""
        self._zone, self._locale = zone, locale
        self.update()

    def set_stalled(self, stalled: bool) -> None:
        """Draw all of it as old."""
        if stalled != self._is_stalled:
            self._is_stalled = stalled
            self.update()

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Draw these tags; curves of tags no longer drawn are dropped."""
        self._pens = tuple(pens)
        kept = {pen.index for pen in pens}
        self._curves = {index: curve for index, curve in self._curves.items() if index in kept}
        before = {axis.unit: axis for axis in self._axes if {p.index for p in axis.pens} & kept}
        axes: dict[str, Axis] = {}
        for pen in pens:
            unit = t("state") if pen.stepped else pen.unit
            known = before.get(unit, Axis(unit, pen.colour))
            axes.setdefault(unit, Axis(unit, pen.colour, [], known.range, known.px)).pens.append(pen)
        self._axes = list(axes.values())
        self._is_dirty = True
        self.update()

    def set_span(self, seconds: float) -> None:
        """Length of the window; the live end or the middle of a paused window stays where it is."""
        middle = self._end_us - self._span_us // 2
        self._span_us = int(seconds * 1e6)
        if not self._is_live:
            self._end_us = middle + self._span_us // 2
        self._changed()

    def go_live(self) -> None:
        """Follow the clock again."""
        self._is_live = True
        self._cursor_us = None
        self._changed()

    def due(self, now_us: int) -> Span | None:
        """The window that needs curves now, or None when nothing would look different yet."""
        if not self._pens:
            return None
        self._now_us = now_us
        if self._is_live:
            self._end_us = now_us + int(self._span_us * FUTURE)
        pixels = max(1, round(self._plot().width()))
        pixel_us = max(1, self._span_us // pixels)
        wait_us = min(max(pixel_us, FRAME_US), REFRESH_US) if self._is_live else PAUSED_REFRESH_US
        if not self._is_dirty and now_us - self._asked_us < wait_us:
            return None
        self._is_dirty, self._asked_us = False, now_us
        # On whole pixels of time: a bucket then holds the same samples in each frame: no shimmer.
        start_us = (self._end_us - self._span_us) // pixel_us * pixel_us
        return Span(start_us, start_us + self._span_us, pixels)

    def show_curves(self, span: Span, curves: Mapping[int, Curve]) -> None:
        """Draw these curves, by live position, for the window they were asked for."""
        self._shown = span
        self._curves = dict(curves)
        for axis in self._axes:
            self._fit(axis)
            axis.fit_width(self._theme, self._locale)
        self.update()

    def _fit(self, axis: Axis) -> None:
        if axis.pens[0].stepped:
            axis.range = (-0.5, 1.5)
            return
        found = lines.bounds([self._curves.get(pen.index, EMPTY) for pen in axis.pens])
        ranges = [(p.low, p.high) for p in axis.pens if p.low is not None and p.high is not None]
        least = min((high - low for low, high in ranges), default=0.0) * 0.02
        if found is not None:
            axis.range = lines.steady_range(axis.range, *found, least)
        elif axis.range is None and ranges:
            axis.range = lines.axis_range(min(r[0] for r in ranges), max(r[1] for r in ranges))

    def extent(self, index: int) -> tuple[float, float] | None:
        """Lowest and highest value of a tag in the curve on show; None without one."""
        curve = self._curves.get(index)
        return None if curve is None else lines.bounds([curve])

    def readout(self) -> list[tuple[Pen, str]]:
        """Every pen with its value at the cursor, in words; empty without a cursor."""
        if self._cursor_us is None:
            return []
        return [(pen, self._text_at(pen, self._cursor_us)) for pen in self._pens]

    def _text_at(self, pen: Pen, time_us: int) -> str:
        curve = self._curves.get(pen.index, EMPTY)
        found = lines.value_at(curve, time_us)
        if found is None:
            return t("no data")
        low, high = found
        if pen.stepped:
            return formats.truth(high) if low == high else t("both")
        text = formats.quantity(low, pen.decimals, pen.unit, self._locale)
        if low == high:
            return text
        return t(
            "{low} to {high}",
            low=formats.number(low, pen.decimals, self._locale),
            high=formats.quantity(high, pen.decimals, pen.unit, self._locale),
        )

    # Hands

    def _changed(self) -> None:
        self._is_dirty = True
        self.moved.emit()
        self.update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Shorter window for a factor above 1, about pixel ``x``; a live window stays live."""
        wanted = min(LONGEST_US, max(SHORTEST_US, round(self._span_us / factor)))
        if not self._is_live:
            plot = self._plot()
            at = 0.5 if x is None else min(1.0, max(0.0, (x - plot.left()) / plot.width()))
            still_us = self._end_us - round(self._span_us * (1 - at))
            self._end_us = still_us + round(wanted * (1 - at))
        self._span_us = wanted
        self._changed()

    def pan(self, by_us: int) -> None:
        """Move the window; earlier for a negative time. Pauses it."""
        self._is_live = False
        self._end_us = min(self._end_us + by_us, self._now_us + int(self._span_us * FUTURE))
        self._changed()

    def set_cursor(self, time_us: int | None) -> None:
        """Place or remove the cursor."""
        if time_us != self._cursor_us:
            self._cursor_us = time_us
            self.cursor_moved.emit()
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if abs(delta.x()) > abs(delta.y()):
            self.pan(-round(self._span_us * delta.x() / 2400))
        elif delta.y():
            self.zoom(1.0015 ** delta.y(), event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (event.position().x(), self._end_us)
            self._is_dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is not None and (self._is_dragging or abs(x - self._pressed[0]) >= DRAG_STARTS_PX):
            self._is_dragging = True
            wanted_us = self._pressed[1] - round(
                (x - self._pressed[0]) * self._span_us / self._plot().width()
            )
            self.pan(wanted_us - self._end_us)
        elif self._pressed is None:
            self.set_cursor(self._time_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._is_dragging:
            self.set_cursor(self._time_at(event.position()))
        self._pressed, self._is_dragging = None, False

    def leaveEvent(self, event: QEvent) -> None:
        self.set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, step = event.key(), 0
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.5)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.5)
        elif key == Qt.Key.Key_Home:
            self.go_live()
        elif key == Qt.Key.Key_Escape and self._cursor_us is not None:
            self.set_cursor(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -1 if key == Qt.Key.Key_Left else 1
        else:
            super().keyPressEvent(event)
        if step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(step * self._span_us // 10)
        elif step and self._shown is not None:
            at = self._cursor_us if self._cursor_us is not None else self._now_us
            at += step * max(1, self._span_us // 100)
            self.set_cursor(min(self._shown.end_us, max(self._shown.start_us, at)))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and pinch.scaleFactor() > 0:
                self.zoom(pinch.scaleFactor(), self.mapFromGlobal(pinch.hotSpot().toPoint()).x())
                return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._is_dirty = True

    def sizeHint(self) -> QSize:
        return QSize(640, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 130)

    def _time_at(self, spot: QPointF) -> int | None:
        plot = self._plot()
        if self._shown is None or not plot.contains(spot):
            return None
        return self._shown.time_us((spot.x() - plot.left()) * self._shown.pixels / plot.width())

    def _plot(self) -> QRectF:
        return paint.plot_area(QRectF(self.rect()), self._axes)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            axes = paint.axes_to_show(QRectF(self.rect()), self._axes)
            scene = Scene(
                self._theme,
                QRectF(self.rect()),
                self._plot(),
                self._shown,
                self._now_us,
                self._zone,
                self._locale,
                axes,
                self._cursor_us,
                self._is_stalled,
                len(self._axes) - len(axes),
            )
            self._ground.paint(painter, scene, self.devicePixelRatioF())
            paint.paint_times(painter, scene)
            if self._shown is not None:
                painter.save()
                painter.setClipRect(scene.plot.adjusted(0, -2, 0, 2))
                for pen in self._pens:
                    self._paint_pen(painter, pen)
                painter.restore()
                paint.paint_now(painter, scene)
                paint.paint_cursor(painter, scene, self.readout())
            if not any(curve.time_us.size for curve in self._curves.values()):
                paint.paint_empty(painter, scene, bool(self._pens))

    def _paint_pen(self, painter: QPainter, pen: Pen) -> None:
        curve = self._curves.get(pen.index, EMPTY)
        ink = self._theme.colour.muted if self._is_stalled else pen.colour
        painter.setPen(QPen(colour(ink), 1.5))
        for part in lines.uncertain_parts(curve):
            self._draw(painter, lines.hatching(*self.line(pen, part)))
        x, y = self.line(pen, curve)
        painter.setPen(QPen(colour(ink), 2.0))
        self._draw(painter, lines.segments(x, y, pen.is_dashed))
        if y.size and np.isfinite(y[-1]):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(ink))
            painter.drawEllipse(QPointF(float(x[-1]), float(y[-1])), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw(self, painter: QPainter, pieces: NDArray[np.float64]) -> None:
        # Straight pieces from one array: 2.6 ms for 2,600 of them where stroking a path takes 60 ms.
        if pieces.size:
            self._pieces.resize(len(pieces))
            self._pieces.ndarray()[:] = pieces
            painter.drawLines(*self._pieces.drawargs())

    def line(self, pen: Pen, curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The line of a pen as it is drawn: x and y in the coordinates of the widget, NaN in gaps."""
        axis = next(axis for axis in self._axes if pen in axis.pens)
        if self._shown is None or curve.time_us.size == 0 or axis.range is None:
            return np.empty(0), np.empty(0)
        plot = self._plot()
        x, y = lines.vertices(curve, replace(self._shown, pixels=round(plot.width())), pen.stepped)
        low, high = axis.range
        return x + plot.left(), plot.bottom() - (y - low) * (plot.height() / (high - low))
