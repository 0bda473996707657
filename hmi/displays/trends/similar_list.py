"""The places that look like the marked stretch, as cards with a small picture each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from engine.types import Curve
from hmi.displays.trends import similar_state as similar
from hmi.displays.trends.similar_state import Match
from hmi.formats import t
from hmi.history import NO_CURVE
from hmi.pens import Pen
from hmi.theme import Theme, colour, font
from hmi.widgets import trend_lines as lines
from hmi.widgets.tap import Tap
from hmi.widgets.trend_lines import Span

CARD_PX, CARD_HIGH_PX, PICTURE_PX, LOOK_US = 268, 60, 104, 400_000
_Ask = Callable[[int, int, int, int], Curve]
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class MatchCard(Tap):
    """When it was, how like it is, and its curve."""

    def __init__(
        self, theme: Theme, match: Match, pen: Pen, words: tuple[str, str], tapped: Callable[[str], None]
    ) -> None:
        super().__init__(theme, "", tapped, None)  # pyright: ignore[reportArgumentType]
        self.match, self.pen, self._words = match, pen, words
        self.curve = NO_CURVE
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(CARD_HIGH_PX)
        self.setAccessibleName(", ".join(words))
        self.setToolTip(t("Show it, with the selected stretch drawn over it"))

    def show_curve(self, curve: Curve) -> None:
        """The curve of the pen there, as far as it has come."""
        if curve.time_us.size != self.curve.time_us.size or not np.array_equal(curve.low, self.curve.low):
            self.curve = curve
            self.update()

    def paint(self, painter: QPainter) -> None:
        tokens, box = self.theme.colour, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(
            QPen(colour(tokens.text if self.isChecked() else tokens.outline), 1 + self.isChecked())
        )
        painter.setBrush(colour(tokens.selected if self.isChecked() else tokens.control))
        painter.drawRoundedRect(box, self.theme.size.radius, self.theme.size.radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_curve(painter, QRectF(box.left() + 10, box.top() + 9, PICTURE_PX, box.height() - 18))
        words = QRectF(box.left() + PICTURE_PX + 22, box.top() + 8, box.width() - PICTURE_PX - 28, 22)
        painter.setFont(font(self.theme, self.theme.size.small + 1, True))
        painter.setPen(colour(tokens.text))
        painter.drawText(words, _LEFT, self._words[0])
        painter.setFont(font(self.theme, self.theme.size.small))
        painter.setPen(colour(tokens.muted))
        painter.drawText(words.translated(0, 21), _LEFT, self._words[1])

    def _paint_curve(self, painter: QPainter, box: QRectF) -> None:
        found = lines.bounds([self.curve])
        if found is None:
            return
        span = Span(*self.match.stretch, round(box.width()))
        x, y = lines.vertices(self.curve, span, self.pen.stepped or bool(self.pen.states))
        low, high = found
        scale = box.height() / (high - low) if high > low else 0.0
        y = box.bottom() - (y - low) * scale
        painter.save()
        painter.setClipRect(box.adjusted(0, -2, 0, 2))
        painter.setPen(QPen(colour(self.pen.colour), 1.6))
        for first, last in lines.runs(np.isfinite(y)):
            points = zip(
                (x[first : last + 1] + box.left()).tolist(), y[first : last + 1].tolist(), strict=True
            )
            painter.drawPolyline(QPolygonF([QPointF(*each) for each in points]))
        painter.restore()


class SimilarList(QScrollArea):
    """Best first. ``chosen`` = a place was tapped."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._looked_us = theme, 0
        self.cards: list[MatchCard] = []
        self._inner = QFrame(self)
        self._inner.setProperty("look", "list")
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(6, 2, 6, 4)
        self._grid.setSpacing(6)
        self._columns = 0
        self.setWidget(self._inner)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(t("Where it looked like this"))

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for card in self.cards:
            card.set_theme(theme)

    def show_matches(self, matches: Sequence[Match], pen: Pen, now_us: int, zone: str) -> None:
        """These places, the curves of one pen."""
        for card in self.cards:
            card.deleteLater()
        self.cards = []
        for match in matches:
            words = similar.when(match, now_us, zone), similar.likeness(match)
            card = MatchCard(self._theme, match, pen, words, lambda _, match=match: self.chosen.emit(match))
            self.cards.append(card)
        self._looked_us = 0
        self._place(anew=True)

    def show_pen(self, pen: Pen) -> None:
        """The pen has another colour now."""
        for card in self.cards:
            card.pen = pen
            card.update()

    def look(self, ask: _Ask, now_us: int) -> None:
        """Bring the small pictures up to date; what has not come yet is asked for."""
        if not self.isVisible() or now_us - self._looked_us < LOOK_US:
            return
        self._looked_us = now_us
        for place, card in enumerate(self.cards):
            # Views of the past are told apart by their width: each picture has one of its own.
            card.show_curve(ask(card.pen.index, *card.match.stretch, PICTURE_PX + place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self, anew: bool = False) -> None:
        columns = max(1, (self.viewport().width() - 12) // (CARD_PX + 6))
        if columns == self._columns and not anew:
            return
        self._columns = columns
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
