"""How far each input of a model is from its training: a bar for each, with marks at 0.1 and 0.25."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from hmi import formats
from hmi.displays.system.room_bar import paint_bar
from hmi.formats import t
from hmi.theme import Theme, colour, font

WARNS, BLOCKS, END = 0.1, 0.25, 0.5
"""PSI that is told, that blocks Act, and at which the bar is full."""
ROW_PX, BAR_PX, HEAD_PX, NAME_SHARE, FIGURE_PX = 24, 10, 22, 0.38, 56
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class DriftBars(QWidget):
    """The worst first. Grey; dark from `WARNS` on. As high as it has rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._locale = theme, "en"
        self.rows: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def show_psi(self, psi: Mapping[str, float], locale: str) -> None:
        """The population stability index by feature."""
        rows = tuple(sorted(psi.items(), key=lambda each: -each[1]))
        if (rows, locale) != (self.rows, self._locale):
            self.rows, self._locale = rows, locale
            said = (f"{_plain(name)} {formats.number(each, 2, locale)}" for name, each in rows)
            self.setAccessibleName(t("Drift: {rows}", rows=", ".join(said)))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, HEAD_PX + ROW_PX * len(self.rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(self._theme, self._theme.size.small))
            left = round(self.width() * NAME_SHARE)
            room = QRectF(left, HEAD_PX, max(40, self.width() - left - FIGURE_PX), ROW_PX * len(self.rows))
            for place, (name, psi) in enumerate(self.rows):
                self._paint_row(painter, room, HEAD_PX + place * ROW_PX, name, psi)
            if self.rows:
                self._paint_marks(painter, room)

    def _paint_row(self, painter: QPainter, room: QRectF, top: float, name: str, psi: float) -> None:
        tokens, is_far = self._theme.colour, psi >= WARNS
        bar = QRectF(room.left(), top + (ROW_PX - BAR_PX) / 2, room.width(), BAR_PX)
        paint_bar(painter, bar, min(1.0, psi / END), is_far, self._theme)
        painter.setPen(colour(tokens.text if is_far else tokens.muted))
        words = QRectF(0, top, room.left() - 10, ROW_PX)
        text = painter.fontMetrics().elidedText(_plain(name), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, _LEFT, text)
        figure = QRectF(room.right(), top, FIGURE_PX, ROW_PX)
        painter.drawText(figure, _RIGHT, formats.number(psi, 2, self._locale))

    def _paint_marks(self, painter: QPainter, room: QRectF) -> None:
        ink = colour(self._theme.colour.text)
        painter.setPen(QPen(ink, 1.2, Qt.PenStyle.DashLine))
        for limit in (WARNS, BLOCKS):
            x = round(room.left() + room.width() * limit / END) + 0.5
            painter.drawLine(QPointF(x, HEAD_PX - 3), QPointF(x, room.bottom()))
            word = formats.number(limit, 2 if limit < 1 and limit * 10 % 1 else 1, self._locale)
            painter.drawText(QRectF(x - 40, 0, 80, HEAD_PX - 3), Qt.AlignmentFlag.AlignHCenter, word)


def _plain(name: str) -> str:
    """``vibration:mean_24h`` as ``vibration mean 24h``."""
    return name.replace(":", " ").replace("_", " ")
