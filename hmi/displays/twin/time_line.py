"""The line of time under the twin: when alarms came, and the instant on show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from hmi import formats
from hmi.alarm_marks import LEAD_US, Mark, clustered
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import badge_width, paint_alarm_badge
from hmi.widgets.time_line import EDGE_PX, HOUR_US, TimeLine

SHIFT_US = 8 * HOUR_US
BADGE_PX, APART_PX = 18, 48
REACH_PX = 16
"""A tap this near to a mark means the mark."""
THUMB_PX = 11
LIVE_PX = 6
"""Let go so near to its end, the line is live again."""


class MarkedLine(TimeLine):
    """``moved`` = an instant asked for, ``live`` = the hand went to the end: the plant as it is now."""

    live = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, SHIFT_US)
        self._marks: tuple[Mark, ...] = ()
        self._groups: tuple[Mark, ...] = ()
        self._grouped: tuple[int, int, int] = (0, 0, 0)
        self._is_past, self._pressed, self._known_us = False, None, 0
        self.setMouseTracking(True)
        self.setAccessibleName(t("Line of time; arrow keys go a minute, Page Up and Page Down an hour"))

    def sizeHint(self) -> QSize:
        return QSize(320, self.theme.size.target + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.theme.size.target + 4)

    def show_marks(self, marks: Sequence[Mark], known_us: int) -> None:
        """When alarms came, oldest first; ``known_us`` = before it nobody told."""
        if self._marks is not marks or known_us != self._known_us:
            self._marks, self._known_us, self._grouped = tuple(marks), known_us, (0, 0, 0)
            self.update()

    def show_past(self, is_past: bool) -> None:
        """A past instant is on show, or now."""
        self._is_past = is_past

    def groups(self) -> tuple[Mark, ...]:
        """The marks as they are drawn."""
        key = self.left_us, self.span, self.width()
        if key != self._grouped:
            right = self.left_us + self.span
            inside = [each for each in self._marks if self.left_us <= each.at_us <= right]
            most = self.x_of(self._last_us) - APART_PX
            made = clustered(inside, lambda time_us: min(self.x_of(time_us), most), APART_PX)
            self._groups, self._grouped = made, key
        return self._groups

    def mark_at(self, x: float) -> Mark | None:
        """The mark that a tap at a place means."""
        near = min(self.groups(), key=lambda each: abs(self._middle_of(each) - x), default=None)
        return near if near is not None and abs(self._middle_of(near) - x) <= REACH_PX else None

    def _middle_of(self, mark: Mark) -> float:
        """Where the badge of a mark stands: before the end of the line, where the thumb of now is."""
        wide = badge_width(BADGE_PX, self.theme, mark.count if mark.count > 1 else 0)
        most = self.x_of(self._last_us) - THUMB_PX - 4 - wide + BADGE_PX / 2
        return min(self.x_of(mark.at_us), most)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        is_thumb = abs(x - self.x_of(self._at_us)) <= THUMB_PX
        mark = None if is_thumb else self.mark_at(x)
        if event.button() != Qt.MouseButton.LeftButton or not self.is_known:
            return
        if mark is not None:
            self.moved.emit(mark.at_us - LEAD_US)
            return
        self.is_held = True
        if not is_thumb:
            self.moved.emit(self.time_at(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_held, self.is_held = self.is_held, False
        if was_held and self._is_past and event.position().x() >= self.x_of(self._last_us) - LIVE_PX:
            self.live.emit()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(event.x()), self)
            return True
        return super().event(event)

    def _tip(self, x: float) -> str:
        mark = self.mark_at(x)
        if mark is None:
            return formats.moment(self.time_at(x), self._last_us, self._zone) if self.is_known else ""
        when = formats.moment(mark.at_us, self._last_us, self._zone)
        more = "" if mark.count == 1 else t("\nand {n} more alarms about then", n=mark.count - 1)
        return f"{when}  {mark.text}{more}"

    # Looks

    @property
    def line_y(self) -> float:
        """How far below the top the line is, in pixels."""
        return max(THUMB_PX + 2.0, self.height() * 0.36)

    @property
    def words_box(self) -> tuple[float, float]:
        """Top and bottom of the times below the line, in pixels."""
        return self.line_y + 10, float(self.height())

    def paint_line(self, painter: QPainter, y: float) -> None:
        """The line, dotted where nobody told of alarms."""
        left, right = float(EDGE_PX), self.width() - float(EDGE_PX)
        known = min(max(self.x_of(self._known_us), left), right)
        pen = QPen(colour(self.theme.colour.outline), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(known, y), QPointF(right, y))
        if known > left:
            pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, y), QPointF(known, y))

    def paint_on_line(self, painter: QPainter, y: float) -> None:
        """Alarms, the instant on show, and where the focus is."""
        for mark in self.groups():
            count = mark.count if mark.count > 1 else 0
            width = badge_width(BADGE_PX, self.theme, count)
            box = QRectF(self._middle_of(mark) - BADGE_PX / 2, y - BADGE_PX / 2, width + 2, BADGE_PX)
            ring = box.adjusted(-2, -2, 1 if count else -0, 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self.theme.colour.panel))
            painter.drawRoundedRect(ring, 3, 3)
            paint_alarm_badge(painter, box, mark.priority, self.theme, count)
        self._paint_thumb(painter, y)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(self.theme.colour.live), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_thumb(self, painter: QPainter, y: float) -> None:
        tokens, x = self.theme.colour, self.x_of(self._at_us)
        painter.setPen(QPen(colour(tokens.text), 2.5))
        painter.setBrush(colour(tokens.text if self._is_past else tokens.panel))
        painter.drawEllipse(QPointF(x, y), THUMB_PX - 1.5, THUMB_PX - 1.5)
