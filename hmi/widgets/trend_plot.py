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
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, Curve, Gap
from hmi.alarm_spells import NO_HISTORY, AlarmHistory, title
from hmi.formats import t
from hmi.history import Detail
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets import trend_alarms as strip
from hmi.widgets import trend_holes as holes
from hmi.widgets import trend_lines as lines
from hmi.widgets import trend_marks as marks
from hmi.widgets import trend_scene as scenes
from hmi.widgets.trend_alarm_lanes import Band, Lane, lanes_of
from hmi.widgets.trend_curves import paint_pens
from hmi.widgets.trend_ground import Ground
from hmi.widgets.trend_hands import TrendHands
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_paint import paint_limit_names, paint_times
from hmi.widgets.trend_scene import EMPTY, Axis, LimitLine, Scene
from hmi.widgets.trend_selected import paint_selected, paint_selected_ground
from hmi.widgets.trend_words import difference_words, value_words


class Strokes:
    """Draws straight pieces from one array: 2.6 ms for 2,600 of them where stroking a path takes 60 ms."""

    def __init__(self) -> None:
        self._pieces: Any = PrimitiveArray(QLineF, 4)

    def __call__(self, painter: QPainter, pieces: NDArray[np.float64]) -> None:
        """Draw lines in pixels, float64[k, 4] as x, y, x, y, with the pen of the painter."""
        if pieces.size:
            self._pieces.resize(len(pieces))
            self._pieces.ndarray()[:] = pieces
            painter.drawLines(*self._pieces.drawargs())


class TrendPlot(TrendHands):
    """Curves come in by `show_curves`, for the window that `due` asks for. Holds no history."""

    alarm_tapped = Signal(object, QPointF)
    """A `Band` of alarms was tapped, or reached by keys; and where it stands."""

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
        self._history: AlarmHistory = NO_HISTORY
        self._lanes: tuple[Lane, ...] = ()
        self._moment: tuple[int, str] | None = None
        self._last_told: tuple[int, int] | None = None
        self._strong: int | None = None
        self._ground = Ground()
        self.draw = Strokes()
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
        self.ahead: Mapping[int, Curve] = {}
        """Lowest and highest of what is foreseen, by live position: the axes have room for it."""
        self.is_told_beside = False
        """The values at the cursor stand elsewhere; on the plot only its time is told."""
        self.hint = t("Tap a tile to draw its trend here.")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(t("Trend"))
        self.setAccessibleDescription(
            t(
                "Arrow keys move the cursor, with Shift the time; plus and minus zoom; Space pauses; D sets "
                "a mark to tell differences from; S selects time from the cursor on and S ends it; A tells "
                "the next alarm, Shift and A the one before; Home goes back to live. The Table button "
                "shows the same data as a table."
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

    @property
    def history(self) -> AlarmHistory:
        """What the alarms of the pens did, as it is drawn."""
        return self._history

    def show_history(self, history: AlarmHistory) -> None:
        """Draw these bands of alarms."""
        if history is not self._history:
            self._history, self._lanes = history, lanes_of(history)
            self.set_moment(self.moment_us)

    @property
    def moment_us(self) -> int | None:
        """The instant that is marked because somebody asked for it."""
        return self._moment[0] if self._moment is not None else None

    def set_moment(self, time_us: int | None) -> None:
        """Mark an instant that somebody asked for, with the alarm that came then; None = mark none."""
        came = (each for each in self._history.spells if each.begin_us == time_us)
        words = next((title(each) for each in came), "")
        self._moment = None if time_us is None else (time_us, words)
        self.update()

    def _act(self, key: Qt.Key, is_shifted: bool) -> bool:
        if key == Qt.Key.Key_A:
            return self._next(-1 if is_shifted else 1)
        is_taken = super()._act(key, is_shifted)
        if not is_taken and key == Qt.Key.Key_Escape and self._moment is not None:
            self.set_moment(None)
            return True
        return is_taken

    def bands(self) -> list[Band]:
        """The bands of alarms in the window, row by row, by time."""
        scene = self.scene()
        rows = enumerate(strip.rows_of(scene))
        return [band for place, lane in rows for band in strip.bands_of(scene, lane, place)]

    def _tap(self, spot: QPointF) -> bool:
        band = strip.band_at(self.scene(), spot)
        if band is not None:
            self._tell(band)
        return band is not None

    def _tell(self, band: Band) -> None:
        row = strip.row_box(self.scene(), band.lane)
        self.alarm_tapped.emit(band, QPointF(band.x, row.bottom()))

    def _next(self, step: int) -> bool:
        """The band after the one told last, by time; the cursor goes there. Round and round."""
        found = {(band.spells[0].begin_us, band.lane): band for band in self.bands()}
        if not found or self._shown is None:
            return False
        order, last = sorted(found), self._last_told
        beyond = [each for each in order if last is None or (each > last if step > 0 else each < last)]
        self._last_told = (beyond or order)[0 if step > 0 else -1]
        begin_us = max(self._shown.start_us, self._last_told[0])
        self.set_cursor(min(begin_us, self.now_us), is_pinned=True)
        self._tell(found[self._last_told])
        return True

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Draw these tags; curves of tags no longer drawn are dropped."""
        self._pens = tuple(pens)
        kept = set(self.wanted)
        self._curves = {index: curve for index, curve in self._curves.items() if index in kept}
        self._axes = scenes.axes_of(pens, self._axes)
        self._axis_of = scenes.by_pen(self._axes)
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
        scenes.fit_axes(self._axes, (self._curves, self.beside, self.ahead), self._theme, self._locale)
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
        if self._cursor_us is None:
            return ""
        scene = self.scene()
        return holes.reason_at(scene, scene.drawn(), self._cursor_us)

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
            strip.paint_alarms(painter, scene)
            marks.paint_now(painter, scene)
            marks.paint_moment(painter, scene)
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
            holes.paint_holes(painter, scene, scene.drawn())
        strip.paint_active_ground(painter, scene)
        paint_selected_ground(painter, scene, self.selection)
        for paint in self.under:
            paint(painter, scene)
        marks.paint_crossed(painter, scene)
        paint_pens(painter, scene, self.draw)
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
            plot=scenes.plot_area(whole, self._axes, self._strong),
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
            pens=self._pens,
            curves=self._curves,
            axis_of=self._axis_of,
            strong=self._strong,
            history=self._history,
            lanes=self._lanes,
            is_lean=self.is_lean,
            moment=self._moment,
        )
