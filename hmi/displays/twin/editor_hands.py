"""Hands on the scene while it is edited: taps, drags on the floor, keys, and assets dropped on parts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication

from hmi.displays.twin.asset_list import AssetList
from hmi.widgets.scene.hands import TAP_PX
from hmi.widgets.scene_view import SceneView

ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
STEPS = {
    Qt.Key.Key_PageDown: "next",
    Qt.Key.Key_PageUp: "previous",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Backspace: "delete",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_BracketLeft: "left",
    Qt.Key.Key_BracketRight: "right",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
}


class SceneKeys(QObject):
    """``tapped`` = where, in pixels; ``nudged`` = steps of the grid along x and y; ``stepped`` = one of
    `STEPS`; ``dropped`` = an asset and the number of the part it was let go over. Arrows are left to the
    camera while nothing ``is_held``.
    """

    tapped = Signal(float, float)
    nudged = Signal(float, float)
    stepped = Signal(str)
    dropped = Signal(str, int)

    def __init__(self, scene: SceneView) -> None:
        super().__init__(scene)
        self._scene = scene
        self.is_on = self.is_held = False
        self._pressed: QPointF | None = None
        self.has_several = False
        """Ctrl or Shift was down when the scene was last pressed."""
        scene.installEventFilter(self)

    def set_on(self, is_on: bool) -> None:
        """While the scene is edited."""
        self.is_on = is_on
        self._scene.setAcceptDrops(is_on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.is_on:
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            wanted = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self.has_several = bool(event.modifiers() & wanted)
            self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            self._release(event)
        elif isinstance(event, QDropEvent):
            return self._drop(event)
        return False

    def _release(self, event: QMouseEvent) -> None:
        start, spot, self._pressed = self._pressed, event.position(), None
        if start is not None and (spot - start).manhattanLength() <= TAP_PX:
            # Once the scene itself has done with it.
            QTimer.singleShot(0, self, lambda: self.tapped.emit(spot.x(), spot.y()))

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in ARROWS and self.is_held and not shift:
            self.nudged.emit(*ARROWS[key])
            return True
        if key in STEPS and not shift:
            self.stepped.emit(STEPS[key])
            return True
        return False

    def _drop(self, event: QDropEvent) -> bool:
        if isinstance(event, QDragEnterEvent | QDragMoveEvent) or event.type() == QEvent.Type.DragMove:
            event.setAccepted(event.mimeData().hasText())
            return True
        spot = event.position()
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData().text(), self._scene.part_at(spot.x(), spot.y()))
        return True


class AssetDrag(QObject):
    """Lets a row of the list of assets be dragged out as the path it stands for, while ``is_on``."""

    def __init__(self, assets: AssetList) -> None:
        super().__init__(assets)
        self._assets: AssetList = assets
        self._pressed: QPointF | None = None
        self.is_on = False
        assets.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.is_on or not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.position()
        elif event.type() == QEvent.Type.MouseMove and self._pressed is not None:
            if (event.position() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                self._drag(self._assets, self._pressed)
                self._pressed = None
            return True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._pressed = None
        return False

    def path_at(self, spot: QPointF) -> str:
        """The asset of the row at a spot; "" = none is there."""
        row = self._assets.indexAt(spot.toPoint()).row()
        return self._assets.rows[row].path if row >= 0 else ""

    def _drag(self, view: QAbstractItemView, spot: QPointF) -> None:
        path = self.path_at(spot)
        if path:
            drag, data = QDrag(view), QMimeData()
            data.setText(path)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)
