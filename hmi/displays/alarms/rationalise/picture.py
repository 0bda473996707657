"""Two lanes of time: the alarms as they came, and as a proposal would have told them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.types import Backtest
from hmi import formats
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.text_paint import RIGHT, paint_text, width_of

LANE_PX, GAP_PX, MARK_PX = 34.0, 6.0, 11.0
EDGE_PX = 8.0


class TrialPicture(QWidget):
    """Marks differ in shape: a bar stays, a hollow ring is left out, a cross is new, a tail comes later."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._zone = theme, "UTC"
        self._result: Backtest | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_result(self, result: Backtest | None, zone: str, words: str) -> None:
        """Draw this; ``words`` tell it to those who cannot see it."""
        self._result, self._zone = result, zone
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        small = self._theme.size.small
        return QSize(320, round(2 * (LANE_PX + small + GAP_PX) + 3.2 * small + 2 * GAP_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        result = self._result
        if result is None:
            return
        small, tokens = self._theme.size.small, self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = 0.0
            late = {since: since + round(seconds * 1e6) for since, seconds in result.delayed}
            for is_new, title in ((False, t("As it is")), (True, t("As proposed"))):
                count = result.would_come if is_new else result.came
                head = QRectF(0, top, self.width(), small + 4.0)
                paint_text(painter, head, f"{title}: {count}", self._theme, small, tokens.text, True)
                lane = QRectF(0.5, head.bottom() + 1, self.width() - 1.0, LANE_PX)
                painter.setPen(QPen(colour(tokens.line), 1))
                painter.setBrush(colour(tokens.tile))
                painter.drawRoundedRect(lane, 4, 4)
                self._lane(painter, lane, result, late, is_new)
                top = lane.bottom() + GAP_PX
            self._times(painter, top - GAP_PX + 2, result)
            self._legend(painter, top + small + 4, result)

    def _lane(
        self, painter: QPainter, lane: QRectF, result: Backtest, late: dict[int, int], is_new: bool
    ) -> None:
        if not is_new:
            for x in self._places(lane, result, result.removed):
                self._ring(painter, QPointF(x, lane.center().y()))
            for x in self._places(lane, result, result.kept):
                self._bar(painter, QPointF(x, lane.center().y()))
            return
        for since, until in late.items():
            first, last = self._at(lane, result, since), self._at(lane, result, until)
            if last - first >= 2:
                painter.setPen(QPen(colour(self._theme.colour.muted), 2))
                painter.drawLine(QPointF(first, lane.center().y()), QPointF(last, lane.center().y()))
        for x in self._places(lane, result, (late.get(each, each) for each in result.kept)):
            self._bar(painter, QPointF(x, lane.center().y()))
        for x in self._places(lane, result, result.added):
            self._cross(painter, QPointF(x, lane.center().y()))

    def _places(self, lane: QRectF, result: Backtest, times: Iterable[int]) -> list[float]:
        """One mark a pixel, however many alarms came."""
        return sorted({float(round(self._at(lane, result, each))) for each in times})

    def _at(self, lane: QRectF, result: Backtest, time_us: int) -> float:
        part = (time_us - result.start_us) / max(1, result.end_us - result.start_us)
        return lane.left() + EDGE_PX + min(1.0, max(0.0, part)) * (lane.width() - 2 * EDGE_PX)

    def _bar(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(colour(self._theme.colour.text), 2))
        painter.drawLine(at - QPointF(0, MARK_PX), at + QPointF(0, MARK_PX))

    def _ring(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(colour(self._theme.colour.muted), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, 4.5, 4.5)

    def _cross(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(colour(self._theme.colour.text), 2))
        painter.drawLine(at - QPointF(5, 0), at + QPointF(5, 0))
        painter.drawLine(at - QPointF(0, 5), at + QPointF(0, 5))

    def _times(self, painter: QPainter, top: float, result: Backtest) -> None:
        small, ink = self._theme.size.small, self._theme.colour.muted
        box = QRectF(0, top, self.width(), small + 4.0)
        first, last = (
            formats.moment(each, result.end_us, self._zone) for each in (result.start_us, result.end_us)
        )
        paint_text(painter, box, first, self._theme, small, ink)
        paint_text(painter, box, last, self._theme, small, ink, align=RIGHT)

    def _legend(self, painter: QPainter, top: float, result: Backtest) -> None:
        small, x = self._theme.size.small, EDGE_PX
        for draw, word, count in (
            (self._bar, t("stays"), len(result.kept)),
            (self._ring, t("left out"), len(result.removed)),
            (self._cross, t("new"), len(result.added)),
        ):
            text = f"{word} {count}"
            draw(painter, QPointF(x, top + MARK_PX))
            box = QRectF(x + 10, top, self.width() - x - 10, 2 * MARK_PX)
            paint_text(painter, box, text, self._theme, small, self._theme.colour.text)
            x += width_of(self._theme, text, small) + 30
