"""One tile as a widget: what stands still is kept as a picture, what moves is painted over it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from hmi.displays.overview.layout import SideStyle, TileStyle
from hmi.displays.overview.side_paint import LOOKS
from hmi.displays.overview.state import Tile, without_part
from hmi.displays.overview.tile_parts import paint_frame
from hmi.theme import Theme, colour
from hmi.widgets.blink import is_on
from hmi.widgets.picture import blank

MOST_PICTURES = 2
Style = TileStyle | SideStyle
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_BY_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class TileWidget(QWidget):
    """A unit or utility; a tap, Enter or Space opens it. Arrow keys are left to whoever holds the tiles."""

    def __init__(self, theme: Theme, tile: Tile, opens: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._opens = theme, opens
        self._tile = tile
        self._style: Style = "full"
        self._with_part = False
        self._still: dict[tuple[object, ...], QPixmap] = {}
        self._is_current, self._has_keys = False, False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._name()

    @property
    def tile(self) -> Tile:
        """What it shows."""
        return self._tile

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme, self._is_current = theme, False
        self.update()

    def set_style(self, style: Style, with_part: bool) -> None:
        """Draw more or less of it, as the room allows; ``with_part`` = there is no belt to show the body."""
        if (style, with_part) != (self._style, self._with_part):
            self._style, self._with_part = style, with_part
            self._is_current = False
            self.update()

    def show_tile(self, tile: Tile) -> None:
        """Show other words; repaints only if something differs."""
        before, self._tile = self._tile, tile
        is_other = tile.still != before.still
        if is_other or tile.moving != before.moving:
            self._is_current = self._is_current and not is_other
            self._name()
            self.update()

    @property
    def is_waiting(self) -> bool:
        """Its badge blinks."""
        return self._tile.badge is not None and self._tile.badge.waiting > 0

    def _name(self) -> None:
        self.setAccessibleName(self._tile.spoken)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            LOOKS[self._style].moving(painter, QRectF(self.rect()), self._tile, self._theme)

    def _picture(self) -> QPixmap:
        """All that stands still, on the ground of the window: painting it hides what was there."""
        ratio = self.devicePixelRatioF()
        key = (
            self._style,
            self.size().toTuple(),
            ratio,
            self._theme.name,
            self._theme.size.body,
            self._has_keys,
            # One picture for each half of the blink, made once.
            self.is_waiting and is_on(),
        )
        if not self._is_current or len(self._still) >= MOST_PICTURES and key not in self._still:
            self._still.clear()
        if key in self._still:
            return self._still[key]
        box = QRectF(self.rect())
        made = blank(QSizeF(self.size()), ratio)
        made.fill(colour(self._theme.colour.background))
        tile = self._tile if self._with_part else without_part(self._tile)
        with QPainter(made) as painter:
            paint_frame(painter, box, tile, self._theme, self._has_keys)
            LOOKS[self._style].still(painter, box, tile, self._theme)
        self._still[key], self._is_current = made, True
        return made

    # Hands and keys

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._opens(self._tile.path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPENS:
            self._opens(self._tile.path)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        # The frame of the keys is for who uses keys; for a hand it would be one more thing to look at.
        self._has_keys = event.reason() in _BY_KEYS
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._has_keys = False
        super().focusOutEvent(event)
        self.update()
