"""What speaks for a prediction, as small bars with the value against its normal."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi.outlook_words import Bar
from hmi.theme import Theme, colour
from hmi.widgets.text_paint import paint_text

BAR_PART, BAR_PX, GAP_PX = 0.42, 9.0, 12.0


class Bars(QWidget):
    """A name and its bar a row, the value in a line below. ``is_foreseen`` = in the colour of predictions."""

    def __init__(self, theme: Theme, parent: QWidget, *, is_foreseen: bool) -> None:
        super().__init__(parent)
        self._theme, self._is_foreseen = theme, is_foreseen
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.setFixedHeight(round(self._high()))
        self.update()

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Others; none take no room."""
        if bars != self.bars:
            self.bars = bars
            told = (f"{each.name}: {each.value}" if each.value else each.name for each in bars)
            self.setAccessibleName("; ".join(told))
            self.setFixedHeight(round(self._high()))
            self.update()
        self.setVisible(bool(bars))

    def sizeHint(self) -> QSize:
        return QSize(200, round(self._high()))

    def _line(self) -> float:
        return self._theme.size.body + 7.0

    def _low_line(self) -> float:
        return self._theme.size.small + 4.0

    def _high(self) -> float:
        return sum(self._line() + (self._low_line() if each.value else 0.0) for each in self.bars)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, tokens, size = self._theme, self._theme.colour, self._theme.size
        ink = colour(tokens.prediction if self._is_foreseen else tokens.outline)
        with QPainter(self) as painter:
            y, wide = 0.0, self.width() * BAR_PART
            for each in self.bars:
                name = QRectF(0, y, self.width() - wide - GAP_PX, self._line())
                paint_text(painter, name, each.name, theme, size.body, tokens.text)
                bar = QRectF(self.width() - wide, name.center().y() - BAR_PX / 2, wide, BAR_PX)
                painter.fillRect(bar, colour(tokens.grid))
                bar.setWidth(max(2.0, wide * each.share))
                painter.fillRect(bar, ink)
                y += self._line()
                if each.value:
                    low = QRectF(0, y - 2, self.width(), self._low_line())
                    paint_text(painter, low, each.value, theme, size.small, tokens.muted)
                    y += self._low_line()
