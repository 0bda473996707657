"""The alarm badge: shape, colour and number of a priority; the same at every level up the tree."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from hmi import alarms
from hmi.alarms import Badge
from hmi.theme import Theme, colour, font
from hmi.widgets.blink import Blink, is_on
from hmi.widgets.predicted_mark import paint_predicted
from hmi.widgets.work_plate import paint_work_mark, work_width

BADGE = 24
WORK_GAP = 6.0
LEAST_CONTRAST = 4.5
PALE = 0.35
_NUMBER = 0.55
"""Height of the number as a part of the badge's; in a triangle it stands towards the wide side."""
_DOWN = {1: 0.0, 2: 0.12, 3: -0.12, 4: 0.0}
_WHITE, _BLACK = Qt.GlobalColor.white, Qt.GlobalColor.black


def paint_alarm_badge(
    painter: QPainter, box: QRectF, priority: int, theme: Theme, count: int = 0, is_hollow: bool = False
) -> None:
    """Square, triangle up, triangle down or circle for priority 1 to 4, its number inside.

    The shape fills the height of ``box`` at its left; a ``count`` is written at the right of it.
    ``is_hollow`` = only its outline: the dark half of a blink, or an alarm that is not current.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(box.width(), box.height())
    shape = QRectF(box.left(), box.center().y() - side / 2, side, side)
    ground = colour(theme.alarms[priority - 1])
    painter.setPen(QPen(ground, 2) if is_hollow else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(QBrush(Qt.BrushStyle.NoBrush) if is_hollow else QBrush(ground))
    _paint_shape(painter, shape.adjusted(1, 1, -1, -1) if is_hollow else shape, priority)
    painter.setPen(colour(theme.colour.text) if is_hollow else _ink_on(ground.name()))
    painter.setFont(font(theme, round(side * _NUMBER), True))
    number = shape.translated(0, side * _DOWN[priority])
    painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(priority))
    if count:
        painter.setPen(colour(theme.colour.text))
        painter.setFont(font(theme, _count_px(side, theme), True))
        after = QRectF(shape.right() + side / 4, box.top(), box.right() - shape.right(), box.height())
        painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, str(count))
    painter.restore()


def paint_badge_of(painter: QPainter, box: QRectF, badge: Badge, theme: Theme, count: int = 0) -> None:
    """A badge as it is to be seen now: blinking while an alarm waits, hollow when none is active any more.

    ``count`` is written beside it. What is over and waits is hollow, and pale in the dark half. The plate of
    work in progress and the mark of predicted trouble stand before it; `room_of_badge` says how wide all of
    it is.
    """
    is_dark = badge.waiting > 0 and not is_on()
    if badge.is_work:
        paint_work_mark(painter, box, theme)
        box = box.adjusted(work_width(box.height(), theme) + WORK_GAP, 0, 0, 0)
    if badge.is_foreseen:
        high = box.height()
        paint_predicted(painter, QRectF(box.left(), box.top(), high, high), "act", theme)
        box = box.adjusted(high + WORK_GAP, 0, 0, 0)
    if not badge.priority:
        return
    painter.save()
    if is_dark and badge.is_over:
        painter.setOpacity(painter.opacity() * PALE)
    paint_alarm_badge(painter, box, badge.priority, theme, count, is_hollow=is_dark or badge.is_over)
    painter.restore()


def room_of_badge(badge: Badge, height: float, theme: Theme, count: int = 0) -> float:
    """How wide a badge of this height is, with its count and the marks before it."""
    shape = badge_width(height, theme, count) if badge.priority else 0.0
    plate = work_width(height, theme) if badge.is_work else 0.0
    mark = height if badge.is_foreseen else 0.0
    parts = [each for each in (plate, mark, shape) if each]
    return sum(parts) + WORK_GAP * max(0, len(parts) - 1)


def badge_width(height: float, theme: Theme, count: int = 0) -> float:
    """How wide a badge of this height is with its count."""
    if not count:
        return height
    metrics = QFontMetricsF(font(theme, _count_px(height, theme), True))
    return height * 1.25 + metrics.horizontalAdvance(str(count))


def _count_px(side: float, theme: Theme) -> int:
    return max(theme.size.small, round(side * 0.66))


def _paint_shape(painter: QPainter, box: QRectF, priority: int) -> None:
    if priority == 1:
        inset = box.width() * 0.04
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 2, 2)
    elif priority == 4:
        painter.drawEllipse(box)
    elif priority == 2:
        top = QPointF(box.center().x(), box.top())
        painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
    else:
        bottom = QPointF(box.center().x(), box.bottom())
        painter.drawPolygon(QPolygonF([bottom, box.topLeft(), box.topRight()]))


@lru_cache(maxsize=16)
def _ink_on(ground: str) -> Qt.GlobalColor:
    """White where it can be read (WCAG 2.2 contrast of 4.5 to 1), else black."""
    parts = (QColor(ground).redF(), QColor(ground).greenF(), QColor(ground).blueF())
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return _WHITE if 1.05 / (luminance + 0.05) >= LEAST_CONTRAST else _BLACK


class AlarmBadge(QWidget):
    """The badge as a widget; takes no room without an alarm, and says how many where there are several.

    It blinks while an alarm waits to be acknowledged and it can be seen.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, px: int = BADGE) -> None:
        super().__init__(parent)
        self._theme, self._px = theme, px
        self._badge: Badge | None = None
        self.blink = Blink(self.update, self)
        self.show_badge(None)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self._fit()

    def show_badge(self, badge: Badge | None) -> None:
        """Show another one, or none."""
        self._badge = badge
        self.setAccessibleName(alarms.spoken(badge))
        self.setToolTip(alarms.spoken(badge) if badge is not None else "")
        self._need_blink()
        self._fit()

    def _need_blink(self) -> None:
        self.blink.need(self._badge is not None and self._badge.waiting > 0 and self.isVisible())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.blink.need(False)

    @property
    def badge(self) -> Badge | None:
        """What it shows."""
        return self._badge

    def _count(self) -> int:
        return self._badge.count if self._badge is not None and self._badge.count > 1 else 0

    def _fit(self) -> None:
        badge, px = self._badge, self._px
        width = 0.0 if badge is None else room_of_badge(badge, px, self._theme, self._count())
        size = QSize(round(width), self._px)
        if size != self.size():
            self.setFixedSize(size)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._badge is None:
            return
        with QPainter(self) as painter:
            box = QRectF(self.rect())
            paint_badge_of(painter, box, self._badge, self._theme, self._count())
