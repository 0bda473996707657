"""The widgets of the overview, each in its place: tiles, belt, utilities, figures, trend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from hmi.displays.overview.belt import Belt
from hmi.displays.overview.layout import Box, Direction, Plan, neighbour, plan
from hmi.displays.overview.state import Tile
from hmi.displays.overview.tile import TileWidget
from hmi.figure import Figure
from hmi.history import Stored
from hmi.theme import Theme
from hmi.widgets.kpi import KpiPanel
from hmi.widgets.trend_panel import Ask, TrendPanel

_ARROWS: dict[int, Direction] = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
_BODY_PX = 15.0
"""Size of body text that the layout is made for."""


class Board(QWidget):
    """``past`` tells the trend why it has a gap. ``opens`` gets the path of a tile that was tapped.

    ``reached`` gets the tile that the keys came to.
    """

    def __init__(
        self,
        theme: Theme,
        ask: Ask,
        past: Stored,
        opens: Callable[[str], None],
        reached: Callable[[QWidget], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._theme, self._opens, self._reached = theme, opens, reached
        self._units = 0
        self._room = (0, 0)
        self._boxes: tuple[Box, ...] = ()
        self.tiles: list[TileWidget] = []
        self.kpis: list[KpiPanel] = []
        self.belt = Belt(theme, self)
        self.trend = TrendPanel(theme, ask, self, lean=True, past=past)
        self._plan: Plan | None = None

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for each in (*self.tiles, *self.kpis, self.belt, self.trend):
            each.set_theme(theme)
        self.place(*self._room)

    def set_tiles(self, units: Sequence[Tile], utilities: Sequence[Tile]) -> None:
        """Other units and utilities: new widgets."""
        for old in self.tiles:
            old.hide()
            old.deleteLater()
        self._units = len(units)
        self.tiles = [TileWidget(self._theme, tile, self._opens, self) for tile in (*units, *utilities)]
        self.belt.show_tiles(units)
        for tile in self.tiles[:1]:
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setFocusProxy(tile)
        self.place(*self._room)
        for each in self.tiles:
            each.show()

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """The figures, one panel each."""
        if len(figures) != len(self.kpis):
            for old in self.kpis:
                old.hide()
                old.deleteLater()
            self.kpis = [KpiPanel(self._theme, self) for _ in figures]
            self.place(*self._room)
            for each in self.kpis:
                each.show()
        for panel, figure in zip(self.kpis, figures, strict=True):
            panel.show_figure(figure)

    def show_belt(self) -> None:
        """The bodies as the tiles have them now."""
        self.belt.show_tiles([each.tile for each in self.tiles[: self._units]])

    @property
    def has_trend(self) -> bool:
        """There is room for a trend."""
        return self._plan is not None and self._plan.trend is not None

    def place(self, width: int, height: int) -> int:
        """Put everything in its place for a view of this size; gives the height that takes."""
        self._room = (width, height)
        if not self.tiles or width < 1:
            return height
        has_parts = any(each.tile.part for each in self.tiles[: self._units])
        utilities = len(self.tiles) - self._units
        scale = self._theme.size.body / _BODY_PX
        made = plan(width, height, self._units, utilities, len(self.kpis), has_parts, scale)
        self._plan = made
        self._boxes = (*made.tiles, *made.utilities)
        for at, (tile, box) in enumerate(zip(self.tiles, self._boxes, strict=True)):
            tile.set_style(made.style if at < self._units else made.side_style, made.belt is None)
            tile.setGeometry(_rect(box))
        for panel, box in zip(self.kpis, made.kpis, strict=True):
            panel.setGeometry(_rect(box))
        self._place_belt(made)
        self.trend.setVisible(made.trend is not None)
        if made.trend is not None:
            self.trend.setGeometry(_rect(made.trend))
        return round(made.height)

    def _place_belt(self, made: Plan) -> None:
        self.belt.setVisible(made.belt is not None)
        if made.belt is not None:
            self.belt.setGeometry(_rect(made.belt))
            self.belt.place([box[0] + box[2] / 2 - made.belt[0] for box in made.tiles])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys lead from tile to tile; Tab goes on to what follows them."""
        direction = _ARROWS.get(event.key())
        at = next((at for at, each in enumerate(self.tiles) if each.hasFocus()), None)
        if direction is None or at is None:
            event.ignore()
            return
        self.go_to(neighbour(self._boxes, at, direction))

    def go_to(self, at: int) -> None:
        """Give the keys to a tile; Tab comes back to it from now on."""
        for each in self.tiles:
            each.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        tile = self.tiles[at]
        tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(tile)
        tile.setFocus(Qt.FocusReason.TabFocusReason)
        self._reached(tile)


def _rect(box: Box) -> QRect:
    return QRect(*(round(each) for each in box))
