"""The conveyor under the tiles, with the number of the body in each unit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from hmi.displays.overview.state import Tile
from hmi.displays.overview.tile_parts import FRESH, paint_part
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.lines import width_of

LEAST_PX = 68.0


class Belt(QWidget):
    """One box a unit, at the middle of its tile."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tiles: tuple[Tile, ...] = ()
        self._middles: tuple[float, ...] = ()
        # A tap goes through to what lies under it: the belt itself opens nothing.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def place(self, middles: Sequence[float]) -> None:
        """Where the middle of each tile is, in px from the left of the belt."""
        self._middles = tuple(middles)
        self.update()

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """The bodies of these units; repaints only when one moves on."""
        before, self._tiles = self._tiles, tuple(tiles)
        if [_look(each) for each in tiles] != [_look(each) for each in before]:
            told = ", ".join(f"{tile.short} {tile.part}" for tile in tiles if tile.part)
            self.setAccessibleName(t("Bodies on the line: {parts}", parts=told))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, size = self._theme.colour, self._theme.size
        tall = size.body + 9.0
        y = 3 + tall / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour(tokens.outline), 4))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
            for tile, middle in zip(self._tiles, self._middles, strict=False):
                if not tile.part:
                    continue
                wide = max(LEAST_PX, width_of(tile.part, self._theme, size.body - 1) + 22)
                box = QRectF(round(middle - wide / 2), round(y - tall / 2), wide, tall)
                paint_part(painter, box, tile, self._theme)


def _look(tile: Tile) -> tuple[str, bool]:
    return tile.part, tile.kind in FRESH
