"""The arrangement without a drawing: the main value, further values, and a card for every device."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.types import Snapshot
from hmi.alarms import NO_BADGES, Badge
from hmi.displays.unit.card import Card
from hmi.displays.unit.layout import GAP_PX, LEAST, ROW_PX, Grid, card_grid, foot_grid
from hmi.displays.unit.looks import card_look, main_look, read_at
from hmi.displays.unit.main_block import GOOD_PX, LEAST_PX, MainBlock
from hmi.displays.unit.rows import ValueRow
from hmi.displays.unit.state import Arrangement
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.blink import Blink
from hmi.widgets.tap import Tap

MAIN_PX, LEAST_VALUE_PX = 264, 250


class Floor(QWidget):
    """Everything in place for the room there is; cards scroll where they are too many."""

    def __init__(
        self, theme: Theme, tapped: Callable[[str], None], opened: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._tapped, self._opened = theme, tapped, opened
        self._model, self._snapshot = Model(), None
        self._shown: Arrangement | None = None
        self._badges: Mapping[str, Badge] = NO_BADGES
        self.blink = Blink(self._turn, self)
        self.main: MainBlock | None = None
        self.values: list[ValueRow] = []
        self.cards: list[Card] = []
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._ground = QWidget()
        self._scroll.setWidget(self._ground)
        self._ground.setAutoFillBackground(False)

    def show_arrangement(self, model: Model, shown: Arrangement) -> None:
        """Make the parts of another asset."""
        self._model, self._shown, self._snapshot = model, shown, None
        for part in self._parts():
            part.hide()
            part.deleteLater()
        path = [tag.path for tag in model.tags]
        self.main = None
        if shown.main is not None:
            self.main = MainBlock(self._theme, path[shown.main], self._tapped, self)
        self.values = [ValueRow(self._theme, path[at], self._tapped, self) for at in shown.shown]
        self.cards = [
            Card(self._theme, each, self._tapped, self._opened, self._ground) for each in shown.devices
        ]
        for card in self.cards:
            card.show()
        self._lay_out()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in self._parts():
            part.set_theme(theme)

    def set_badges(self, badges: Mapping[str, Badge]) -> None:
        """Alarms up the tree; comes when one changed."""
        if badges != self._badges:
            self._badges = badges
            self.on_numbers(self._snapshot, None)
        self._need_blink()

    def _need_blink(self) -> None:
        self.blink.need(self.isVisible() and any(card.is_waiting for card in self.cards))

    def _turn(self) -> None:
        for card in self.cards:
            if card.is_waiting:
                card.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._need_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.blink.need(False)

    def on_numbers(self, snapshot: Snapshot | None, changed: NDArray[np.bool_] | None) -> None:
        """Paint the parts that differ; ``changed`` bool[n] = tags that may look different, None = all."""
        self._snapshot = snapshot
        shown = self._shown
        if shown is None:
            return
        if self.main is not None and shown.main is not None:
            self.main.show_look(main_look(self._model, snapshot, shown, shown.main, self._badges))
        for row, at in zip(self.values, shown.shown, strict=True):
            if row.isVisibleTo(self) and (changed is None or changed[at]):
                row.show_reading(read_at(self._model, snapshot, at, self._badges))
        self._show_cards(changed)

    def _show_cards(self, changed: NDArray[np.bool_] | None) -> None:
        for card in self.cards:
            tags = card.device.tags
            if changed is None or not tags or changed[list(tags)].any():
                card.show_look(card_look(self._model, self._snapshot, card.device, self._badges))

    # Where things go

    def wanted(self, width: int) -> int | None:
        """The height it can use up, None = any: cards take what they get."""
        if self.cards:
            return None
        columns = self._columns(width - (MAIN_PX + GAP_PX if self.main is not None else 0), 99)
        rows = -(-len(self.values) // columns)
        return max(rows * ROW_PX, GOOD_PX + 20 if self.main is not None else 0)

    def _columns(self, room: int, rows: int) -> int:
        most = max(1, room // (LEAST_VALUE_PX + 2 * GAP_PX))
        return max(1, min(most, -(-len(self.values) // min(rows, 5))))

    def _parts(self) -> list[Tap]:
        return [*([self.main] if self.main is not None else []), *self.values, *self.cards]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        if self._shown is None:
            return
        left = 0
        if self.main is not None:
            self.main.setGeometry(0, 0, MAIN_PX, self._main_height())
            self.main.show()
            left = MAIN_PX + GAP_PX
        self._lay_out_values(left)
        self._scroll.setVisible(bool(self.cards))
        if self.cards:
            if self.main is None and self.values:
                left = MAIN_PX + GAP_PX
            self._scroll.setGeometry(left, 0, max(0, self.width() - left), self.height())
            self._lay_out_cards(self._scroll.width(), self._scroll.height())

    def _main_height(self) -> int:
        if not self.values or not self.cards:
            return min(self.height(), 300)
        rows = min(len(self.values), max(0, (self.height() - GOOD_PX) // ROW_PX))
        return max(LEAST_PX, min(self.height() - rows * ROW_PX - GAP_PX, 300))

    def _lay_out_values(self, left: int) -> None:
        """Below the main value beside cards, else in columns beside it; the rest stands in All tags."""
        if self.cards:
            top = self.main.geometry().bottom() + 1 + GAP_PX if self.main is not None else 0
            fitting = max(0, (self.height() - top) // ROW_PX)
            self._put(self.values, 0, top, MAIN_PX, fitting, 1)
            return
        room = self.width() - left - (GAP_PX if left else 0)
        rows = max(1, self.height() // ROW_PX)
        columns = self._columns(room, rows)
        width = min(420, (room - 2 * GAP_PX * (columns - 1)) // columns)
        self._put(self.values, left + GAP_PX, 0, width, rows, columns)

    def _put(self, rows: list[ValueRow], left: int, top: int, width: int, tall: int, columns: int) -> None:
        even = min(tall, -(-len(rows) // columns)) if rows else 0
        for place, row in enumerate(rows):
            column, line = divmod(place, max(1, even))
            fits = column < columns and even > 0
            row.setVisible(fits)
            if fits:
                row.setGeometry(left + column * (width + 2 * GAP_PX), top + line * ROW_PX, width, ROW_PX)

    def _lay_out_cards(self, width: int, height: int) -> None:
        large = [card for card in self.cards if not card.device.is_minor]
        small = [card for card in self.cards if card.device.is_minor]
        head, foot = _grids(len(large), len(small), width, height)
        if head.height + GAP_PX + foot.height > height:
            width -= self._scroll.verticalScrollBar().sizeHint().width()
            head, foot = _grids(len(large), len(small), width, height)
        below = max(head.height + GAP_PX, height - foot.height) if large else 0
        for cards, grid, top in ((large, head, 0), (small, foot, below)):
            for place, card in enumerate(cards):
                card.setGeometry(*grid.box(place, 0, top))
                card.set_shape(grid.shape)
        self._ground.resize(width, max(head.height, below + foot.height if small else 0, 1))


def _grids(large: int, small: int, width: int, height: int) -> tuple[Grid, Grid]:
    """Large cards above, small ones below: at most two rows of these before the large ones give way."""
    none = Grid(1, "low", width, 0, -GAP_PX)
    foot = none
    if small:
        foot = foot_grid(small, width) if large else card_grid(small, width, height)
    room = height - foot.height - GAP_PX
    if large and room < LEAST["slim"][1]:
        # On a low screen the large ones stay whole, and the others are scrolled to.
        room = height - LEAST["low"][1] - GAP_PX
    head = card_grid(large, width, room) if large else none
    return head, foot
