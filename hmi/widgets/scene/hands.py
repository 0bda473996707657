"""Hands on a scene: drag, wheel, pinch, two fingers and keys move the camera; a tap picks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from hmi.widgets.scene.camera import HOME, Camera, Frame, orbited, panned, zoomed, zoomed_at

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
    """Moves `camera`. ``moved`` = it did; ``tapped`` = a tap at x, y in pixels.

    While editing, a press on a part takes hold of it: ``part_pressed`` names it (-1 = a tap on the ground),
    ``ground_dragged`` says where on the floor the hand is, in metres, and whether it let go. All else still
    moves the camera.
    """

    moved = Signal()
    tapped = Signal(float, float)
    part_pressed = Signal(int)
    ground_dragged = Signal(float, float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera: Camera = HOME
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._drags = False
        self._edits = False
        self._holds = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def home(self) -> None:
        """Show all of it."""

    def zoom(self, factor: float) -> None:
        """Nearer (> 1) or farther (< 1)."""
        self._move(zoomed(self.camera, factor))

    def _zoom_at(self, factor: float, spot: QPointF) -> None:
        self._move(zoomed_at(self.camera, factor, spot.x(), spot.y(), self._frame()))

    def _move(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.moved.emit()

    def _frame(self) -> Frame:
        return Frame(max(1, self.width()), max(1, self.height()))

    def set_editing(self, editing: bool) -> None:
        """While editing a press on a part takes hold of it instead of turning the scene."""
        self._edits, self._holds = editing, -1

    def part_at(self, x: float, y: float) -> int:
        """Number of the part drawn at a pixel, -1 for none."""
        return -1

    def ground_at(self, x: float, y: float) -> tuple[float, float] | None:
        """The spot on the floor seen at a pixel, in metres; None above the horizon."""
        return None

    def _drag_on_ground(self, spot: QPointF, is_over: bool) -> None:
        at = self.ground_at(spot.x(), spot.y())
        if at is not None:
            self.ground_dragged.emit(at[0], at[1], is_over)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self._last = event.position()
        self._drags = False
        is_plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._edits and is_plain and event.button() == Qt.MouseButton.LeftButton:
            self._holds = self.part_at(event.position().x(), event.position().y())
            if self._holds >= 0:
                self.part_pressed.emit(self._holds)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        spot = event.position()
        # A finger trembles: it drags from a certain way on.
        self._drags = self._drags or (spot - self._pressed).manhattanLength() > TAP_PX
        if not self._drags:
            return
        if self._holds >= 0:
            self._drag_on_ground(spot, False)
            return
        way, self._last = spot - self._last, spot
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift or event.buttons() & (Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton):
            self._move(panned(self.camera, way.x(), way.y(), self._frame()))
        else:
            self._move(orbited(self.camera, -way.x() * TURN_DEG_PX, way.y() * TURN_DEG_PX))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        spot = event.position()
        is_tap = self._pressed is not None and not self._drags and event.button() == Qt.MouseButton.LeftButton
        if self._holds >= 0 and self._drags:
            self._drag_on_ground(spot, True)
        elif is_tap and self._edits and self._holds < 0:
            self.part_pressed.emit(-1)
        elif is_tap and not self._edits:
            self.tapped.emit(spot.x(), spot.y())
        self._pressed, self._holds = None, -1

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self._zoom_at(ZOOM_STEP**steps, event.position())

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
                self._zoom_at(1 + event.value(), event.position())
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
