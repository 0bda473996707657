"""A page on a desk: moved by drag, wheel and keys, zoomed by pinch and Ctrl+wheel; what was found is marked.

It knows nothing of files: it says how finely it wants to be drawn, and is given pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QGestureEvent, QPinchGesture, QWidget

from hmi.theme import Theme, colour, font, load_theme

Fit = Literal["width", "page", "free"]
Box = tuple[float, float, float, float]
LEAST_SCALE, MOST_SCALE, STEP = 0.05, 12.0, 1.25
EDGE_PX, NOTCH_PX, LINE_PX = 12, 90, 48
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
SNAP = 64
BESIDE = 0.15
"""So much more than what is seen is drawn sharply, as a part of it: a short drag shows no blur."""


class PageCanvas(QAbstractScrollArea):
    """``changed`` = another scale or another part is on show; ``turned`` = a page on (1) or back (-1)."""

    changed = Signal()
    turned = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.fit: Fit = "page"
        self.scale = 1.0
        """Screen pixels (of 96 dpi screens) a point of the page."""
        self.size_pt: tuple[float, float] | None = None
        self.is_inverted = False
        self.words = ""
        """What stands on paper without a picture."""
        self._page: QImage | None = None
        self._part: tuple[QImage, Box] | None = None
        self._hits: tuple[Box, ...] = ()
        self._hit: tuple[Box, ...] = ()
        self._pressed: QPoint | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._moved)
        self._paint_desk()

    # What is shown

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.theme = theme
        self._paint_desk()
        self.viewport().update()

    def show_page(self, size_pt: tuple[float, float] | None, picture: QImage | None) -> None:
        """The page, whole; without a picture paper alone; None = nothing."""
        is_same = size_pt == self.size_pt
        self.size_pt, self._page, self._part, self.words = size_pt, picture, None, ""
        if not is_same:
            self._fit()
        self.viewport().update()

    def show_words(self, text: str) -> None:
        """Empty paper, and on it why it is empty."""
        self._page, self._part, self.words = None, None, text
        self.viewport().update()

    def show_part(self, picture: QImage, clip: Box) -> None:
        """A part of the page, sharper than the whole."""
        self._part = picture, clip
        self.viewport().update()

    def show_hits(self, hits: Sequence[Box], hit: Sequence[Box]) -> None:
        """What was found on this page, and the one that one is at."""
        if (tuple(hits), tuple(hit)) != (self._hits, self._hit):
            self._hits, self._hit = tuple(hits), tuple(hit)
            self.viewport().update()

    def set_inverted(self, inverted: bool) -> None:
        """Dark paper with light ink."""
        self.is_inverted = inverted
        self.viewport().update()

    @property
    def device_scale(self) -> float:
        """Pixels of this screen a point of the page."""
        return self.scale * self.devicePixelRatioF()

    def seen(self) -> Box:
        """The part of the page that can be seen, with a little around it, in whole pixels of the page."""
        box, room = self._box(), QRectF(self.viewport().rect())
        if box.width() < 1 or box.height() < 1:
            return WHOLE
        left, right = _span(room.left() - box.left(), room.right() - box.left(), box.width(), self._dense())
        top, bottom = _span(room.top() - box.top(), room.bottom() - box.top(), box.height(), self._dense())
        return left, top, right, bottom

    def _dense(self) -> float:
        return self.devicePixelRatioF()

    # Zoom

    def set_fit(self, fit: Fit) -> None:
        """As wide as the room, or whole."""
        self.fit = fit
        self._fit()

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Larger or smaller, around a point of the viewport that stays where it is."""
        if self.size_pt is None:
            return
        middle = around if around is not None else QRectF(self.viewport().rect()).center()
        before = self._box()
        across = (middle.x() - before.left()) / max(1.0, before.width())
        down = (middle.y() - before.top()) / max(1.0, before.height())
        self.fit = "free"
        self._set_scale(min(max(self.scale * factor, LEAST_SCALE), MOST_SCALE))
        after = self._box()
        self._scroll(
            round(after.left() + across * after.width() - middle.x()),
            round(after.top() + down * after.height() - middle.y()),
        )
        self.changed.emit()

    def go_to(self, down: float) -> None:
        """Bring a height of the page (0 its top, 1 its bottom) to the top of the room."""
        bar = self.verticalScrollBar()
        bar.setValue(round(bar.maximum() * down) if down in (0.0, 1.0) else round(self._at(down)))

    def bring(self, box: Box) -> None:
        """Scroll so that a box of the page is in view."""
        page, room = self._box(), self.viewport().rect()
        top, bottom = page.top() + box[1] * page.height(), page.top() + box[3] * page.height()
        left, right = page.left() + box[0] * page.width(), page.left() + box[2] * page.width()
        down = 0.0 if LINE_PX <= top and bottom <= room.height() - LINE_PX else top - room.height() / 3
        across = 0.0 if left >= 0 and right <= room.width() else left - room.width() / 3
        self._scroll(round(across), round(down))

    def _at(self, down: float) -> float:
        return down * (self.size_pt[1] if self.size_pt else 0.0) * self.scale

    def _fit(self) -> None:
        if self.size_pt is None:
            self._set_bars()
            return
        room = self.maximumViewportSize()
        wide, high = (max(1, each - 2 * EDGE_PX) for each in (room.width(), room.height()))
        if self.fit == "width":
            scale = wide / self.size_pt[0]
            if self.size_pt[1] * scale > high:
                scale = max(1, wide - self.verticalScrollBar().sizeHint().width()) / self.size_pt[0]
            self._set_scale(scale)
        elif self.fit == "page":
            self._set_scale(min(wide / self.size_pt[0], high / self.size_pt[1]))
        else:
            self._set_bars()
        self.changed.emit()

    def _set_scale(self, scale: float) -> None:
        if scale != self.scale:
            self.scale = scale
            self._part = None
        self._set_bars()
        self.viewport().update()

    def _set_bars(self) -> None:
        wide, high = self._whole()
        view = self.maximumViewportSize()
        # One bar takes room from the other way.
        both = self.verticalScrollBar().sizeHint().width()
        has_down = high > view.height()
        has_across = wide > view.width() - (both if has_down else 0)
        room_x, room_y = view.width() - both * has_down, view.height() - both * has_across
        for bar, length, room in (
            (self.horizontalScrollBar(), wide, room_x),
            (self.verticalScrollBar(), high, room_y),
        ):
            bar.setRange(0, max(0, round(length - room)))
            bar.setPageStep(max(1, room))
            bar.setSingleStep(LINE_PX)

    def _whole(self) -> tuple[float, float]:
        """The page with its edges, in px."""
        if self.size_pt is None:
            return 0.0, 0.0
        wide, high = (each * self.scale for each in self.size_pt)
        return (wide + 2 * EDGE_PX if self.fit == "free" else wide + EDGE_PX), high + 2 * EDGE_PX

    def _box(self) -> QRectF:
        """Where the page is in the viewport; in the middle where there is more room than it needs."""
        if self.size_pt is None:
            return QRectF()
        room = self.viewport().rect()
        wide, high = (each * self.scale for each in self.size_pt)
        left = (
            EDGE_PX - self.horizontalScrollBar().value()
            if self.horizontalScrollBar().maximum()
            else (room.width() - wide) / 2
        )
        top = (
            EDGE_PX - self.verticalScrollBar().value()
            if self.verticalScrollBar().maximum()
            else (room.height() - high) / 2
        )
        return QRectF(round(left), round(top), wide, high)

    def _scroll(self, across: int, down: int) -> None:
        for bar, by in ((self.horizontalScrollBar(), across), (self.verticalScrollBar(), down)):
            bar.setValue(bar.value() + by)

    def _moved(self) -> None:
        self.viewport().update()
        self.changed.emit()

    # Hands and keys

    def turn(self, by: int) -> None:
        """As far as a screen goes; at the end of the page, the next one."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() if by > 0 else bar.value() <= 0
        if at_end:
            self.turned.emit(by)
        else:
            bar.setValue(bar.value() + by * (bar.pageStep() - LINE_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Space:
            self.turn(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QGestureEvent):
            return self._pinch(event)
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom(1 + event.value(), event.position())
            return True
        return super().viewportEvent(event)

    def _pinch(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        if pinch.changeFlags() & QPinchGesture.ChangeFlag.ScaleFactorChanged:
            at = self.viewport().mapFromGlobal(pinch.centerPoint().toPoint())
            self.zoom(pinch.scaleFactor(), QPointF(at))
        event.accept()
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(STEP**notches, event.position())
            return
        bar, before = self.verticalScrollBar(), self.verticalScrollBar().value()
        pixels = event.pixelDelta()
        bar.setValue(before - (pixels.y() or round(notches * NOTCH_PX)))
        self._scroll(-(pixels.x() or round(event.angleDelta().x() / 120 * NOTCH_PX)), 0)
        # Only a whole notch turns the page: a touch pad that still rolls must not run through the book.
        if bar.value() == before and abs(notches) >= 1:
            self.turned.emit(1 if notches < 0 else -1)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            moved = self._pressed - event.position().toPoint()
            self._pressed = event.position().toPoint()
            self._scroll(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.fit == "page":
            self.set_fit("width")
        else:
            self.set_fit("page")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # Paint

    def _paint_desk(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, colour(self.theme.colour.rail))
        self.viewport().setPalette(palette)
        self.viewport().setAutoFillBackground(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.size_pt is None:
            return
        box = self._box()
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(box, Qt.GlobalColor.white)
            if self._page is not None:
                self._paint_picture(painter, box, self._page)
            if self._part is not None:
                self._paint_picture(painter, _inside(box, self._part[1]), self._part[0])
            if self.words:
                painter.setPen(Qt.GlobalColor.black)
                painter.setFont(font(self.theme, self.theme.size.body))
                seen = box.intersected(QRectF(self.viewport().rect()))
                painter.drawText(seen, Qt.AlignmentFlag.AlignCenter, self.words)
            if self.is_inverted:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
                painter.fillRect(box, Qt.GlobalColor.white)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._paint_hits(painter, box)
            painter.setPen(QPen(colour(self.theme.colour.line), 1))
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_picture(self, painter: QPainter, box: QRectF, picture: QImage) -> None:
        """Pixel upon pixel where it was drawn for this size; else stretched until a sharper one comes."""
        dense = self._dense()
        wide, high = picture.width() / dense, picture.height() / dense
        if abs(wide - box.width()) < 1.5 and abs(high - box.height()) < 1.5:
            left, top = round(box.left() * dense) / dense, round(box.top() * dense) / dense
            box = QRectF(left, top, wide, high)
        painter.drawImage(box, picture)

    def _paint_hits(self, painter: QPainter, box: QRectF) -> None:
        # Paper is the same by day and by night, and so is the marker.
        marker = colour(load_theme("light").colour.prediction, 90 if self.is_inverted else 60)
        ink = colour(load_theme("dark" if self.is_inverted else "light").colour.prediction)
        for each in self._hits:
            painter.fillRect(_inside(box, each).adjusted(-1, -1, 1, 1), marker)
        painter.setPen(QPen(ink, 2))
        for each in self._hit:
            painter.drawRect(_inside(box, each).adjusted(-3, -2, 3, 2))


def _span(start: float, end: float, length: float, dense: float) -> tuple[float, float]:
    """A stretch of a page that is seen, and a little more, as parts of it that begin at whole pixels."""
    more, pixels = BESIDE * (end - start), max(1, round(length * dense))
    first = max(0, floor((start - more) * dense / SNAP) * SNAP)
    last = min(pixels, ceil((end + more) * dense / SNAP) * SNAP)
    return (first / pixels, last / pixels) if first < last else (0.0, 1.0)


def _inside(page: QRectF, box: Box) -> QRectF:
    left, top, right, bottom = box
    return QRectF(
        page.left() + left * page.width(),
        page.top() + top * page.height(),
        (right - left) * page.width(),
        (bottom - top) * page.height(),
    )
