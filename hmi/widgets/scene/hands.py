"""Hands on a scene: drag, wheel, pinch, two fingers and keys move the camera; a tap picks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from hmi.widgets.scene.camera import HOME, Camera, Frame, orbited, panned, zoomed

TURN_DEG_PX = 0.3
STEP_DEG, STEP_PX = 6.0, 40.0
ZOOM_STEP = 1.25
TAP_PX = 6.0
_TURNS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SceneHands(QWidget):
    """Moves `camera`. ``moved`` = it did; ``tapped`` = a tap at x, y in pixels."""

    moved = Signal()
    tapped = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera: Camera = HOME
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._drags = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def home(self) -> None:
        """Show all of it."""

    def zoom(self, factor: float) -> None:
        """Nearer (> 1) or farther (< 1)."""
        self._move(zoomed(self.camera, factor))

    def _move(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.moved.emit()

    def _frame(self) -> Frame:
        return Frame(max(1, self.width()), max(1, self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self._last = event.position()
        self._drags = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        spot = event.position()
        # A finger trembles: it drags from a certain way on.
        self._drags = self._drags or (spot - self._pressed).manhattanLength() > TAP_PX
        if not self._drags:
            return
        way, self._last = spot - self._last, spot
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift or event.buttons() & (Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton):
            self._move(panned(self.camera, way.x(), way.y(), self._frame()))
        else:
            self._move(orbited(self.camera, -way.x() * TURN_DEG_PX, way.y() * TURN_DEG_PX))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._drags and event.button() == Qt.MouseButton.LeftButton:
            self.tapped.emit(event.position().x(), event.position().y())
        self._pressed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom(ZOOM_STEP**steps)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        turn = _TURNS.get(Qt.Key(key))
        if turn is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move(panned(self.camera, turn[0] * STEP_PX, turn[1] * STEP_PX, self._frame()))
        elif turn is not None:
            self._move(orbited(self.camera, turn[0] * STEP_DEG, turn[1] * STEP_DEG))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_Home:
            self.home()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QGestureEvent):
            return self._gesture(event)
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + event.value())
                return True
            return False
        return super().event(event)

    def _gesture(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        way = pinch.centerPoint() - pinch.lastCenterPoint()
        # Two fingers do both at once: spread them to zoom, move them to move the scene.
        nearer = zoomed(self.camera, max(0.2, pinch.scaleFactor()))
        self._move(panned(nearer, way.x(), way.y(), self._frame()))
        self._drags = True
        return True
