"""A link chip: hollow while all is well; filled dot, dark outline and words when a person must look."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from hmi.theme import Theme, colour, font

CHIP_PX = 28
_PAD, _DOT = 14, 26


class LinkChip(QAbstractButton):
    """Name muted, state bold, in a rounded outline. Never in an alarm colour. A click gives details."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name, self._words, self._is_well = theme, name, "", True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_state(self, words: str, is_well: bool, name: str = "") -> None:
        """State in words; not well = a person must look. ``name`` takes the place of the first one."""
        name = name or self._name
        if (name, words, is_well) != (self._name, self._words, self._is_well):
            self._name, self._words, self._is_well = name, words, is_well
            self.setAccessibleName(f"{self._name}: {words}")
            self.updateGeometry()
            self.update()

    @property
    def is_well(self) -> bool:
        """Nobody needs to look."""
        return self._is_well

    @property
    def name(self) -> str:
        """What the state is of."""
        return self._name

    @property
    def words(self) -> str:
        """The state as shown."""
        return self._words

    def sizeHint(self) -> QSize:
        return QSize(self._width(self._words), self._theme.size.target)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._width(self._words), 190), self._theme.size.target)

    def _width(self, words: str) -> int:
        size = self._theme.size.small + 1
        self.setFont(font(self._theme, size))
        name = self.fontMetrics().horizontalAdvance(self._name)
        self.setFont(font(self._theme, size, True))
        return _DOT + name + 10 + self.fontMetrics().horizontalAdvance(words) + _PAD + 2

    def paint_mark(self, painter: QPainter, middle: QPointF) -> None:
        """What stands before the name."""
        ink = colour(self._theme.colour.outline if self._is_well else self._theme.colour.text)
        painter.setPen(QPen(ink, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush if self._is_well else ink)
        painter.drawEllipse(middle, 5, 5)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, size = self._theme.colour, self._theme.size.small + 1
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            # The outline is 28 px as drawn; the place to tap is the whole 40 px.
            box = QRectF(1, (self.height() - CHIP_PX) / 2, self.width() - 2, CHIP_PX)
            edge = QPen(colour(tokens.line), 1) if self._is_well else QPen(colour(tokens.text), 1.8)
            if self.hasFocus():
                edge = QPen(colour(tokens.text), 2.4)
            painter.setPen(edge)
            painter.setBrush(colour(tokens.panel))
            painter.drawRoundedRect(box, CHIP_PX / 2, CHIP_PX / 2)
            self.paint_mark(painter, QPointF(box.left() + 15, box.center().y()))
            align = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(font(self._theme, size))
            painter.setPen(colour(tokens.muted))
            text = box.adjusted(_DOT, 0, -_PAD + 2, 0)
            painter.drawText(text, align | Qt.AlignmentFlag.AlignLeft, self._name)
            text.setLeft(text.left() + painter.fontMetrics().horizontalAdvance(self._name) + 8)
            painter.setFont(font(self._theme, size, True))
            painter.setPen(colour(tokens.text))
            words = painter.fontMetrics().elidedText(
                self._words, Qt.TextElideMode.ElideRight, int(text.width())
            )
            painter.drawText(text, align | Qt.AlignmentFlag.AlignRight, words)
