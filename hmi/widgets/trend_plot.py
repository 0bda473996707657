"""The trend: pens over time, one axis per unit. The only module that knows pyqtgraph.

Of pyqtgraph we use the fast way from an array to lines on a painter. Its scene graph is left out on
purpose: a plain widget painted by QPainter has nothing that survives its closing
(pyqtgraph #2672, #3265), and draws the same on every graphics card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, Curve, Gap
from hmi.formats import t
from hmi.history import Detail
from hmi.pens import Pen
from hmi.theme import Theme, colour
from hmi.widgets import trend_holes as holes
from hmi.widgets import trend_lines as lines
from hmi.widgets import trend_marks as marks
from hmi.widgets import trend_scene as scenes
from hmi.widgets.trend_ground import Ground
from hmi.widgets.trend_hands import TrendHands
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_paint import paint_limit_names, paint_times
from hmi.widgets.trend_scene import Axis, LimitLine, Scene
from hmi.widgets.trend_selected import paint_selected, paint_selected_ground
from hmi.widgets.trend_words import difference_words, value_words

EMPTY = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))
PEN_PX, STRONG_PX, SETPOINT_PX = 2.0, 2.8, 1.2
THIN_PX, THIN_FROM = 1.0, 9
"""So many pens are drawn thin: easier to follow, and a third less work."""
EDGE_PX, BAND_ALPHA, STRONG_BAND_ALPHA = 0.6, 70, 120
STALLED_PART = 0.4
"""What is left of a pen's colour while nothing is current: less than looks live, enough to tell apart."""


class TrendPlot(TrendHands):
    """Curves come in by `show_curves`, for the window that `due` asks for. Holds no history."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone, self._locale = "UTC", "en"
        self._pens: tuple[Pen, ...] = ()
        self._axes: list[Axis] = []
        self._axis_of: dict[int, Axis] = {}
        self._curves: dict[int, Curve] = {}
        self._alarms: tuple[Alarm, ...] = ()
        self._limits: tuple[LimitLine, ...] = ()
        self._strong: int | None = None
        self._ground = Ground()
        self._pieces: Any = PrimitiveArray(QLineF, 4)
        self._is_stalled = False
        self._detail = Detail()
        self._gaps: tuple[Gap, ...] = ()
        self._oldest_us: int | None = None
        self._has_progress = False
        self.under: list[Callable[[QPainter, Scene], None]] = []
        self.over: list[Callable[[QPainter, Scene], None]] = []
        """What others paint under and over the curves, within their area."""
        self.beside: Mapping[int, Curve] = {}
        """Curves of another period by live position, at the times of this one; painted by who shows them."""
        self.is_told_beside = False
        """The values at the cursor stand elsewhere; on the plot only its time is told."""
        self.hint = t("Tap a tile to draw its trend here.")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(t("Trend"))
        self.setAccessibleDescription(
            t(
                "Arrow keys move the cursor, with Shift the time; plus and minus zoom; Space pauses; D sets "
                "a mark to tell differences from; S selects time from the cursor on and S ends it; Home goes "
                "back to live. The Table button shows the same data as a table."
            )
        )

    # What it shows

    @property
    def curves(self) -> Mapping[int, Curve]:
        """The curves on show, by live position."""
        return self._curves

    @property
    def pens(self) -> tuple[Pen, ...]:
        """The pens, in the order of their colours."""
        return self._pens

    @property
    def number_locale(self) -> str:
        """How numbers are written."""
        return self._locale

    @property
    def wanted(self) -> tuple[int, ...]:
        """Live positions whose curves it draws: those of the pens and of their setpoints."""
        setpoints = (pen.setpoint for pen in self._pens if pen.setpoint is not None)
        return tuple(dict.fromkeys((*(pen.index for pen in self._pens), *setpoints)))

    @property
    def limits(self) -> tuple[LimitLine, ...]:
        """The limit lines on show."""
        return self._limits

    def axis_of(self, pen: Pen) -> Axis:
        """The axis of a pen. Raises: KeyError for a pen that is not drawn."""
        return self._axis_of[pen.index]

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

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """The alarms of the plant; those of the pens are drawn."""
        paths = {pen.path for pen in self._pens if pen.path}
        ours = tuple(each for each in alarms if each.path in paths and 1 <= each.priority <= 4)
        if ours != self._alarms:
            self._alarms = ours
            self._fit_limits()
            self.update()

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Draw these tags; curves of tags no longer drawn are dropped."""
        self._pens = tuple(pens)
        kept = set(self.wanted)
        self._curves = {index: curve for index, curve in self._curves.items() if index in kept}
        self._axes = scenes.axes_of(pens, self._axes)
        self._axis_of = {pen.index: axis for axis in self._axes for pen in axis.pens}
        paths = {pen.path for pen in pens}
        self._alarms = tuple(each for each in self._alarms if each.path in paths)
        self._fit_limits()
        self._time.is_dirty = True
        self.update()

    def set_strong(self, index: int | None) -> None:
        """Draw the pen of this live position stronger, over all others, with its limits; None = all alike."""
        if index != self._strong:
            self._strong = index
            self._fit_limits()
            self._time.is_dirty = True
            self.update()

    def due(self, now_us: int) -> Span | None:
        """The window that needs curves now, or None when nothing would look different yet."""
        if not self._pens:
            return None
        return self._time.due(now_us, max(1, round(self.plot_rect().width())), len(self._pens))

    def show_curves(self, span: Span, curves: Mapping[int, Curve]) -> None:
        """Draw these curves, by live position, for the window they were asked for."""
        self._shown = span
        self._curves = dict(curves)
        for axis in self._axes:
            drawn = {at for pen in axis.pens for at in (pen.index, pen.setpoint) if at is not None}
            axis.fit([of.get(at, EMPTY) for at in drawn for of in (self._curves, self.beside)])
            axis.fit_width(self._theme, self._locale)
        self._fit_limits()
        self.update()

    def show_beside(self, curves: Mapping[int, Curve]) -> None:
        """Make room on the axes for these curves as well."""
        if curves or self.beside:
            self.beside = curves
            self._time.is_dirty = self._time.is_dirty or not curves
            self.update()

    def show_past(
        self, detail: Detail, gaps: Sequence[Gap], oldest_us: int | None, has_progress: bool
    ) -> None:
        """How much of the stored curves has come, what is missing for good, and where all of it begins.

        ``has_progress`` = draw how far it is.
        """
        past = detail, tuple(gaps), oldest_us, has_progress
        # What changes with every look at it is painted with the next curves.
        before = replace(self._detail, waits_us=detail.waits_us)
        if past != (before, self._gaps, self._oldest_us, self._has_progress):
            self.update()
        self._detail, self._gaps, self._oldest_us, self._has_progress = past

    def _fit_limits(self) -> None:
        self._limits = scenes.limit_lines(self._axes, self._alarms, self._locale, self._strong)

    def extent(self, index: int) -> tuple[float, float] | None:
        """Lowest and highest value of a tag in the curve on show; None without one."""
        curve = self._curves.get(index)
        return None if curve is None else lines.bounds([curve])

    def readout(self) -> list[tuple[Pen, str]]:
        """Every pen with its value at the cursor, in words; empty without a cursor."""
        if self._cursor_us is None:
            return []
        return [(pen, self._told(pen, self._cursor_us)) for pen in self._pens]

    def _told(self, pen: Pen, time_us: int) -> str:
        text = self.text_at(pen, time_us)
        by = self.difference(pen)
        return t("{value}  Δ {by}", value=text, by=by) if by else text

    def text_at(self, pen: Pen, time_us: int) -> str:
        """The value of a pen at an instant, in words."""
        return value_words(pen, self._curves.get(pen.index, EMPTY), time_us, self._locale)

    def reason(self) -> str:
        """Why no pen has a value at the cursor, in words; "" where one has."""
        drawn = [self._curves.get(pen.index, EMPTY) for pen in self._pens]
        return "" if self._cursor_us is None else holes.reason_at(self.scene(), drawn, self._cursor_us)

    def difference(self, pen: Pen) -> str:
        """How far a pen is at the cursor from where it was at the mark; "" where that has no meaning."""
        if self._cursor_us is None or self._mark_us is None:
            return ""
        curve = self._curves.get(pen.index, EMPTY)
        here, there = (lines.value_at(curve, each) for each in (self._cursor_us, self._mark_us))
        return difference_words(pen, here, there, self._locale)

    def plot_rect(self) -> QRectF:
        """Where the curves are, in px of the widget: all of it but axes and labels."""
        return scenes.plot_area(QRectF(self.rect()), self._axes, self._strong)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            scene = self.scene()
            self._ground.paint(painter, scene, self.devicePixelRatioF())
            self.paint_curves(painter, scene)

    def paint_curves(self, painter: QPainter, scene: Scene) -> None:
        """All but the ground, on any device."""
        paint_times(painter, scene)
        has_curve = any(curve.time_us.size for curve in self._curves.values())
        if self._shown is not None:
            self._paint_inside(painter, scene, has_curve)
            paint_limit_names(painter, scene)
            marks.paint_alarms(painter, scene)
            marks.paint_now(painter, scene)
            paint_selected(painter, scene, self.selection)
            marks.paint_cursor(painter, scene, () if self.is_told_beside else self.readout(), self.reason())
        if self._has_progress:
            holes.paint_progress(painter, scene)
        if not has_curve:
            holes.paint_empty(painter, scene, bool(self._pens), self.hint)

    def _paint_inside(self, painter: QPainter, scene: Scene, has_curve: bool) -> None:
        painter.save()
        painter.setClipRect(scene.plot.adjusted(0, -2, 0, 2))
        if has_curve:
            holes.paint_holes(painter, scene, [self._curves.get(pen.index, EMPTY) for pen in self._pens])
        paint_selected_ground(painter, scene, self.selection)
        for paint in self.under:
            paint(painter, scene)
        marks.paint_crossed(painter, scene)
        for pen in sorted(self._pens, key=lambda each: each.index == self._strong):
            self._paint_pen(painter, pen)
        for paint in self.over:
            paint(painter, scene)
        painter.restore()

    def scene(self) -> Scene:
        """What the next frame is painted from."""
        whole = QRectF(self.rect())
        axes = scenes.axes_to_show(whole, self._axes, self._strong)
        return Scene(
            theme=self._theme,
            whole=whole,
            plot=self.plot_rect(),
            span=self._shown,
            now_us=self.now_us,
            zone=self._zone,
            locale=self._locale,
            axes=axes,
            cursor_us=self._cursor_us,
            is_stalled=self._is_stalled,
            hidden_axes=len(self._axes) - len(axes),
            mark_us=self._mark_us,
            limits=self._limits,
            alarms=self._alarms,
            detail=self._detail,
            gaps=self._gaps,
            oldest_us=self._oldest_us,
        )

    def _paint_pen(self, painter: QPainter, pen: Pen) -> None:
        curve = self._curves.get(pen.index, EMPTY)
        ink = self._ink(pen.colour)
        if pen.setpoint is not None:
            self._paint_setpoint(painter, pen)
        painter.setPen(QPen(ink, 1.5))
        for part in lines.uncertain_parts(curve):
            self._draw(painter, lines.hatching(*self.line(pen, part)))
        width = PEN_PX if len(self._pens) < THIN_FROM else THIN_PX
        painter.setPen(QPen(ink, STRONG_PX if pen.index == self._strong else width))
        if not self._paint_band(painter, pen, curve):
            self._draw(painter, lines.segments(*self.line(pen, curve), int(pen.dash)))
        if not self._ends_now(curve):
            return
        x, y = self.line(pen, lines.last_point(curve))
        if y.size and np.isfinite(y[-1]):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(float(x[-1]), float(y[-1])), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_band(self, painter: QPainter, pen: Pen, curve: Curve) -> bool:
        """A curve of wide columns as its two edges with a tint between, so that others are seen through it.

        False = it is a line, and nothing was painted.
        """
        axis = self._axis_of[pen.index]
        if self._shown is None or axis.range is None or pen.stepped or pen.states or not curve.time_us.size:
            return False
        plot = self.plot_rect()
        x = replace(self._shown, pixels=round(plot.width())).x(curve.time_us) + plot.left()
        scale = plot.height() / (axis.range[1] - axis.range[0])
        low, high = (plot.bottom() - (each - axis.range[0]) * scale for each in (curve.low, curve.high))
        if lines.is_zigzag(x, low, high):
            low, high = lines.widened(low, high)
        elif not lines.is_band(low, high):
            return False
        edge = painter.pen()
        tint = QColor(edge.color())
        tint.setAlpha(BAND_ALPHA if pen.index != self._strong else STRONG_BAND_ALPHA)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(tint, 1))
        # Of many tints over one another nobody sees any; only that of the chosen pen is left.
        if len(self._pens) < THIN_FROM or pen.index == self._strong:
            self._draw(painter, lines.band(x, low, high))
        # Of edges that turn at every pixel nobody sees the stairs, and without smoothing they cost a fifth.
        is_smooth = x.size < plot.width() / 2 or pen.index == self._strong
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
        edge.setWidthF(EDGE_PX * edge.widthF() if is_smooth else 1)
        painter.setPen(edge)
        for y in (low, high):
            self._draw(painter, lines.segments(x, y, int(pen.dash)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return True

    def _ends_now(self, curve: Curve) -> bool:
        """The last point is the newest of all, not only the last in the window."""
        if self._shown is None or not curve.time_us.size:
            return False
        return int(curve.time_us[-1]) <= self.now_us <= self._shown.end_us

    def _ink(self, own: str) -> QColor:
        ink = colour(own)
        if not self._is_stalled:
            return ink
        grey, part = colour(self._theme.colour.muted), STALLED_PART
        pairs = zip(ink.getRgb()[:3], grey.getRgb()[:3], strict=True)  # pyright: ignore[reportIndexIssue]
        return QColor(*(round(of * part + to * (1 - part)) for of, to in pairs))

    def _paint_setpoint(self, painter: QPainter, pen: Pen) -> None:
        curve = self._curves.get(pen.setpoint if pen.setpoint is not None else -1, EMPTY)
        painter.setPen(QPen(self._ink(self._theme.colour.setpoint), SETPOINT_PX))
        self._draw(painter, lines.segments(*self.line(pen, curve, is_stepped=True)))

    def _draw(self, painter: QPainter, pieces: NDArray[np.float64]) -> None:
        # Straight pieces from one array: 2.6 ms for 2,600 of them where stroking a path takes 60 ms.
        if pieces.size:
            self._pieces.resize(len(pieces))
            self._pieces.ndarray()[:] = pieces
            painter.drawLines(*self._pieces.drawargs())

    def line(
        self, pen: Pen, curve: Curve, is_stepped: bool | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The line of a pen as it is drawn: x and y in the coordinates of the widget, NaN in gaps."""
        axis = self._axis_of[pen.index]
        if self._shown is None or curve.time_us.size == 0 or axis.range is None:
            return np.empty(0), np.empty(0)
        plot = self.plot_rect()
        stepped = (pen.stepped or bool(pen.states)) if is_stepped is None else is_stepped
        x, y = lines.vertices(curve, replace(self._shown, pixels=round(plot.width())), stepped)
        low, high = axis.range
        return x + plot.left(), plot.bottom() - (y - low) * (plot.height() / (high - low))
