"""The alarms of each hour as grey bars; hatch where no engine ran, and not a calm that nobody saw."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from hmi import formats
from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.performance import hours
from hmi.displays.alarms.performance.hours import Bar
from hmi.displays.alarms.performance.state import HOUR_US, Figures
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.text_paint import LEFT, RIGHT, paint_text, width_of

LEFT_PX, RIGHT_PX, TOP_PX, FOOT_PX, HIGH_PX = 40.0, 104.0, 10.0, 26.0, 190
KNOWN = 0.999


class Strip(QWidget):
    """``opened`` = a bar was tapped, or Return pressed on it: the journal of its time is wanted; ``fitted`` =
    there are other bars, and `legend` says what they mean.
    """

    opened = Signal(object)
    fitted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.is_old = False
        self._figures: Figures | None = None
        self._bars: tuple[Bar, ...] = ()
        self._boxes: list[QRectF] = []
        """The whole height that belongs to each bar."""
        self._at: int | None = None
        self._length_h = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(600, HIGH_PX)

    def show_figures(self, figures: Figures) -> None:
        """Draw these; the mark on a bar goes."""
        self._figures, self._at = figures, None
        self._length_h = (figures.metrics.end_us - figures.metrics.start_us) / HOUR_US
        self.setAccessibleName(hours.whole_spoken(figures))
        self._fit()

    def set_look(self, theme: Theme, is_old: bool) -> None:
        """Draw with other tokens; ``is_old`` = nobody knows whether it still holds."""
        if (theme, is_old) != (self.theme, self.is_old):
            self.theme, self.is_old = theme, is_old
            self.update()

    @property
    def at(self) -> str:
        """What the mark stands on, in words; "" = it is nowhere."""
        if self._figures is None or self._at is None:
            return ""
        return hours.spoken(self._figures, self._bars[self._at])

    def legend(self) -> str:
        """What a bar and the hatch mean, as it is drawn now."""
        if not self._bars:
            return ""
        first = self._bars[0]
        count = first.last - first.first
        words = [t("each bar is the worst of {n} hours", n=count)] if count > 1 else []
        if any(bar.known < KNOWN for bar in self._bars):
            words.append(t("hatched: not known, the engine did not run"))
        return " · ".join(words)

    def _fit(self) -> None:
        if self._figures is not None:
            self._bars = hours.bars(self._figures.metrics, self._plot().width())
            self._boxes = [self._box(bar) for bar in self._bars]
            if self._at is not None:
                self._at = min(self._at, len(self._bars) - 1)
            self.fitted.emit()
        self.update()

    def _plot(self) -> QRectF:
        width = max(self.width() - LEFT_PX - RIGHT_PX, 10.0)
        return QRectF(LEFT_PX, TOP_PX, width, self.height() - TOP_PX - FOOT_PX)

    def _box(self, bar: Bar) -> QRectF:
        """The whole height that belongs to a bar."""
        plot, length_h = self._plot(), self._length_h
        x = [plot.left() + plot.width() * min(each, length_h) / length_h for each in (bar.first, bar.last)]
        return QRectF(x[0], plot.top(), x[1] - x[0], plot.height())

    # Paint

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            plot, tokens = self._plot(), self.theme.colour
            painter.fillRect(plot, colour(tokens.tile))
            if self._figures is not None and self._bars:
                most = hours.top(self._figures.metrics)
                self._paint_grid(painter, plot, most, self._figures)
                self._paint_bars(painter, plot, most)
                self._paint_lines(painter, plot, most, hours.lines(self._figures.metrics))
            painter.setPen(QPen(colour(tokens.outline), 1))
            painter.drawLine(plot.bottomLeft(), plot.bottomRight())
            if self.hasFocus():
                painter.setPen(QPen(colour(tokens.text), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_grid(self, painter: QPainter, plot: QRectF, most: float, figures: Figures) -> None:
        tokens, small, found = self.theme.colour, self.theme.size.small, figures.metrics
        right = -1e9
        for tick in hours.ticks(found, figures.zone, plot.width()):
            x = plot.left() + plot.width() * tick.hour / self._length_h
            painter.setPen(QPen(colour(tokens.line if tick.is_day else tokens.grid), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom() + 4))
            wide = width_of(self.theme, tick.text, small)
            left = max(0.0, min(x - wide / 2, self.width() - wide))
            if left > right + 8:
                box = QRectF(left, plot.bottom() + 5, wide + 2, FOOT_PX - 5)
                paint_text(painter, box, tick.text, self.theme, small, tokens.muted)
                right = left + wide
        for value in (0, max(found.hourly, default=0)):
            y = plot.bottom() - plot.height() * value / most
            box = QRectF(0, y - 10, LEFT_PX - 6, 20)
            figure = formats.number(value, 0, figures.locale)
            paint_text(painter, box, figure, self.theme, small, tokens.muted, align=RIGHT)

    def _paint_bars(self, painter: QPainter, plot: QRectF, most: float) -> None:
        tokens = self.theme.colour
        fill = colour(tokens.outline if self.is_old else tokens.muted)
        for place, (bar, whole) in enumerate(zip(self._bars, self._boxes, strict=True)):
            if bar.known < KNOWN:
                # The part that is not known, from the right: where in the hours it lies is not told.
                gone = whole.adjusted(whole.width() * bar.known, 0, 0, 0)
                paint_hatch(painter, gone, colour(tokens.hatch))
            if place == self._at:
                painter.fillRect(whole, colour(tokens.selected))
            gap = 1.0 if whole.width() >= 4 else 0.0
            high = plot.height() * bar.worst / most
            painter.fillRect(whole.adjusted(gap / 2, plot.height() - high, -gap / 2, 0), fill)

    def _paint_lines(self, painter: QPainter, plot: QRectF, most: float, lines: tuple[float, float]) -> None:
        tokens, small, (low, high) = self.theme.colour, self.theme.size.small, lines
        words = ((low, t("target {n}", n=f"{low:g}")), (high, t("maximum {n}", n=f"{high:g}")))
        bottom = plot.bottom() + 7
        for value, text in words:
            y = round(plot.bottom() - plot.height() * value / most) + 0.5
            pen = QPen(
                colour(tokens.text), 1, Qt.PenStyle.DashLine if value == low else Qt.PenStyle.SolidLine
            )
            painter.setPen(pen)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            middle = min(y, bottom - 15)
            box = QRectF(plot.right() + 6, middle - 9, RIGHT_PX - 8, 18)
            paint_text(painter, box, text, self.theme, small, tokens.text, align=LEFT)
            bottom = middle

    # Hands

    def _place(self, x: float) -> int | None:
        return next((k for k, box in enumerate(self._boxes) if box.right() > x), None)

    def _move(self, place: int) -> None:
        self._at = max(0, min(place, len(self._bars) - 1))
        self.setAccessibleName(self.at)
        self.update()
        spot = self._boxes[self._at].topLeft().toPoint()
        QToolTip.showText(self.mapToGlobal(spot), self.at, self)

    def _open(self) -> None:
        if self._figures is not None and self._at is not None:
            bar, start_us = self._bars[self._at], self._figures.metrics.start_us
            self.opened.emit(
                Subject(start_us=start_us + bar.first * HOUR_US, end_us=start_us + bar.last * HOUR_US)
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, last = Qt.Key, len(self._bars) - 1
        at = self._at
        steps = {
            keys.Key_Left: last if at is None else at - 1,
            keys.Key_Right: 0 if at is None else at + 1,
            keys.Key_Home: 0,
            keys.Key_End: last,
        }
        if event.key() in steps and self._bars:
            self._move(steps[keys(event.key())])
        elif event.key() in (keys.Key_Return, keys.Key_Enter) and at is not None:
            self._open()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position().x()) if self._bars else None
        if place is not None and self._figures is not None:
            words = hours.spoken(self._figures, self._bars[place])
            QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position().x()) if self._bars else None
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._at = place
            self.update()
            self._open()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
