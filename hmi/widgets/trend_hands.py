"""A widget whose window of time is moved by hand: wheel, drag, pinch, keys, cursor and mark."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_selection import Selection
from hmi.widgets.trend_window import AHEAD, FUTURE, TimeWindow

DRAG_STARTS_PX, GRIP_PX = 6, 16
LIVE_EDGE = 0.9
"""Who zooms in on the newest part means now; who zooms in on anything else means that."""
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TrendHands(QWidget):
    """Cursor and mark are instants (UTC microseconds) or None. Paints nothing itself.

    ``is_lean`` = only to be looked at: a tap or Return is `tapped`, the cursor still follows the mouse.
    """

    moved = Signal()
    """The window of time changed by hand; also fired when it goes back to live."""
    cursor_moved = Signal()
    """The cursor or the mark stands elsewhere."""
    tapped = Signal()
    selection_changed = Signal()
    """Another stretch of time is marked, or an edge of it was taken or let go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_lean = False
        self._time = TimeWindow()
        self.selection = Selection()
        self._shown: Span | None = None
        self._cursor_us: int | None = None
        self._mark_us: int | None = None
        self._is_pinned = False
        self._pressed: tuple[float, int] | None = None
        self._is_dragging = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def is_live(self) -> bool:
        """The window follows the clock."""
        return self._time.is_live

    @property
    def span_us(self) -> int:
        """Length of the window in microseconds."""
        return self._time.span_us

    @property
    def past_us(self) -> int:
        """How much of a live window lies before now, in microseconds."""
        return self._time.past_us

    def show_ahead(self, is_ahead: bool) -> None:
        """Leave room after now for a forecast, or none."""
        future = AHEAD if is_ahead else FUTURE
        if future != self._time.future:
            self._time.future = future
            self._changed()

    @property
    def now_us(self) -> int:
        """The time of the last frame, UTC microseconds."""
        return self._time.now_us

    @property
    def shown(self) -> Span | None:
        """The window that the curves on show were asked for."""
        return self._shown

    @property
    def cursor_us(self) -> int | None:
        """Where the cursor stands, UTC microseconds."""
        return self._cursor_us

    @property
    def mark_us(self) -> int | None:
        """Where the second cursor stands, from which differences are told."""
        return self._mark_us

    def set_now(self, now_us: int) -> None:
        """What time it is, where no frame has told it yet."""
        self._time.now_us = max(self._time.now_us, now_us)

    def refresh(self) -> None:
        """Ask for the curves of the window again on the next frame."""
        self._time.is_dirty = True

    def set_span(self, seconds: float) -> None:
        """Length of the window; the live end or the middle of a paused window stays where it is."""
        self._time.set_span(int(seconds * 1e6))
        self._changed()

    def go_live(self) -> None:
        """Follow the clock again."""
        self._time.go_live()
        self.set_cursor(None)
        self._changed()

    def pause(self) -> None:
        """Stand still from now on."""
        self._time.pause()
        self._changed()

    def show_until(self, end_us: int) -> None:
        """Pause, with the window ending there."""
        self._time.pan_to(end_us)
        self._changed()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Shorter window for a factor above 1, about pixel ``x``, else about a cursor that was set.

        A live window stays live, unless it is zoomed in on what lies further back.
        """
        at = 0.5 if x is None else self._part_at(x)
        if x is None and self._is_pinned and self._cursor_us is not None and self._shown is not None:
            part = (self._cursor_us - self._shown.start_us) / (self._shown.end_us - self._shown.start_us)
            x, at = (0.0, part) if 0 <= part <= 1 else (None, at)
        if self.is_live and x is not None and factor > 1 and at < LIVE_EDGE:
            self._time.pause()
        self._time.zoom(factor, at)
        self._changed()

    def _part_at(self, x: float) -> float:
        plot = self.plot_rect()
        return min(1.0, max(0.0, (x - plot.left()) / plot.width()))

    def pan(self, by_us: int) -> None:
        """Move the window; earlier for a negative time. Pauses it."""
        self.show_until(self._time.end_us + by_us)

    def set_cursor(self, time_us: int | None, is_pinned: bool = False) -> None:
        """Place or remove the cursor; a pinned one stays when the mouse goes on."""
        self._is_pinned = is_pinned and time_us is not None
        if time_us != self._cursor_us:
            self._cursor_us = time_us
            self.cursor_moved.emit()
            self.update()

    def set_mark(self, time_us: int | None) -> None:
        """Place or remove the second cursor."""
        if time_us != self._mark_us:
            self._mark_us = time_us
            self.cursor_moved.emit()
            self.update()

    def toggle_mark(self) -> None:
        """Put the mark where the cursor is (else a quarter into the window), or take it away."""
        if self._mark_us is not None or self._shown is None:
            self.set_mark(None)
            return
        quarter_us = self._shown.start_us + (self._shown.end_us - self._shown.start_us) // 4
        self.set_mark(self._cursor_us if self._cursor_us is not None else quarter_us)

    def plot_rect(self) -> QRectF:
        """Where time runs from the left edge to the right one; the whole widget, if nothing says less."""
        return QRectF(self.rect())

    def _changed(self) -> None:
        self._time.is_dirty = True
        self.moved.emit()
        self.update()

    def _time_at(self, spot: QPointF) -> int | None:
        plot = self.plot_rect()
        if self._shown is None or not plot.contains(spot):
            return None
        return self._shown.time_us((spot.x() - plot.left()) * self._shown.pixels / plot.width())

    def _tap(self, spot: QPointF) -> bool:
        """Something that is painted there takes the tap."""
        return False

    # Mouse, touch and keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if self.is_lean:
            event.ignore()
            return
        if abs(delta.x()) > abs(delta.y()):
            self.pan(-round(self.span_us * delta.x() / 2400))
        elif delta.y():
            self.zoom(1.0015 ** delta.y(), event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (event.position().x(), self._time.end_us)
            self._is_dragging = False
            self._take_edge(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is None:
            self._show_hand(event.position())
            if not self._is_pinned:
                self.set_cursor(self._time_at(event.position()))
        elif not self.is_lean and (self._is_dragging or abs(x - self._pressed[0]) >= DRAG_STARTS_PX):
            self._is_dragging = True
            if self.selection.is_pulled:
                self._pull(x)
                return
            by_px = x - self._pressed[0]
            self.show_until(self._pressed[1] - round(by_px * self.span_us / self.plot_rect().width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._is_dragging:
            at_us = self._time_at(event.position())
            if self.is_lean:
                self.tapped.emit()
            elif self.selection.is_mode and at_us is not None:
                self.selection.is_pulled = False
                self.selection.tap(at_us)
            elif event.modifiers() & _SHIFT:
                self.set_mark(self._time_at(event.position()))
            elif not self._tap(event.position()):
                self.set_cursor(self._time_at(event.position()), is_pinned=True)
        elif self.selection.is_pulled:
            self.selection.end()
        if self._pressed is not None and not self.is_lean:
            self._let_go()
        self._pressed, self._is_dragging = None, False

    def leaveEvent(self, event: QEvent) -> None:
        if not self._is_pinned:
            self.set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_lean:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
                self.tapped.emit()
            else:
                super().keyPressEvent(event)
        elif not self._act(Qt.Key(event.key()), bool(event.modifiers() & _SHIFT)):
            super().keyPressEvent(event)

    def _act(self, key: Qt.Key, is_shifted: bool) -> bool:
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.5)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.5)
        elif key == Qt.Key.Key_Home:
            self.go_live()
        elif key == Qt.Key.Key_Space:
            self.pause() if self.is_live else self.go_live()
        elif key == Qt.Key.Key_D:
            self.toggle_mark()
        elif key == Qt.Key.Key_S:
            self._select_by_keys()
        elif key == Qt.Key.Key_Escape and self.selection.clear():
            self._selected()
        elif key == Qt.Key.Key_Escape and (self._cursor_us, self._mark_us) != (None, None):
            self.set_cursor(None)
            self.set_mark(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(-1 if key == Qt.Key.Key_Left else 1, is_shifted)
        else:
            return False
        return True

    def _step(self, step: int, is_shifted: bool) -> None:
        if is_shifted:
            self.pan(step * self.span_us // 10)
        elif self._shown is not None:
            at = self._cursor_us if self._cursor_us is not None else self.now_us
            at += step * max(1, self.span_us // 100)
            self.set_cursor(min(self._shown.end_us, max(self._shown.start_us, at)), is_pinned=True)
            if self.selection.by_keys and self._cursor_us is not None:
                self.selection.pull(self._cursor_us)
                self._selected()

    # Marking a stretch of time

    def set_selecting(self, is_on: bool) -> None:
        """The next drag, or the next two taps, mark a stretch; off = leave that."""
        self.selection.set_mode(is_on)
        self.setCursor(Qt.CursorShape.CrossCursor if is_on else Qt.CursorShape.ArrowCursor)
        self._selected()

    def select(self, start_us: int, end_us: int) -> None:
        """Mark a stretch."""
        self.selection.clear()
        self.selection.span = start_us, end_us
        self._selected()

    def clear_selection(self) -> None:
        """Mark nothing."""
        if self.selection.clear():
            self._let_go()

    def _selected(self) -> None:
        self.selection_changed.emit()
        self.update()

    def _take_edge(self, event: QMouseEvent) -> None:
        at_us = self._time_at(event.position())
        if self.is_lean or at_us is None:
            return
        if self.selection.anchor_us is not None:
            self.selection.is_pulled = self.selection.is_mode
        elif self.selection.is_mode or event.modifiers() & _SHIFT:
            self.selection.begin(at_us)
        else:
            self.selection.grip(at_us, self._reach_us())

    def _pull(self, x: float) -> None:
        plot = self.plot_rect()
        at_us = self._time_at(QPointF(min(plot.right() - 1, max(plot.left(), x)), plot.center().y()))
        if at_us is not None:
            self.selection.pull(at_us)
            self._selected()

    def _let_go(self) -> None:
        if self.selection.is_pulled:
            self.selection.end()
        if not self.selection.is_mode:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        self._selected()

    def _reach_us(self) -> int:
        return round(GRIP_PX * self.span_us / max(1.0, self.plot_rect().width()))

    def _show_hand(self, spot: QPointF) -> None:
        """Who can take an edge sees it."""
        span, at_us = self.selection.span, self._time_at(spot)
        if span is None or self.selection.is_mode:
            return
        is_near = at_us is not None and min(abs(edge - at_us) for edge in span) <= self._reach_us()
        self.setCursor(Qt.CursorShape.SizeHorCursor if is_near else Qt.CursorShape.ArrowCursor)

    def _select_by_keys(self) -> None:
        """The first press begins at the cursor, which then pulls the other edge; the second one ends it."""
        if self.selection.by_keys:
            self.selection.end()
        elif self._shown is not None:
            middle_us = (self._shown.start_us + min(self._shown.end_us, self.now_us)) // 2
            at_us = self._cursor_us if self._cursor_us is not None else middle_us
            self.selection.clear()
            self.set_cursor(at_us, is_pinned=True)
            self.selection.begin(at_us)
            self.selection.by_keys = True
        self._selected()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QGestureEvent) and not self.is_lean:
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and pinch.scaleFactor() > 0:
                self.zoom(pinch.scaleFactor(), self.mapFromGlobal(pinch.hotSpot().toPoint()).x())
                return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._time.is_dirty = True

    def sizeHint(self) -> QSize:
        return QSize(640, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 130)
