"""What is foreseen, in all parts of one window: displays, faceplate, and the chip of the top bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject

from engine.types import Crossing, Snapshot
from hmi import crossing_words, outlook_words
from hmi.alarm_desk import Sender
from hmi.control_desk import ControlDesk
from hmi.displays.display import Go, Place
from hmi.formats import t
from hmi.outlook_desk import OutlookDesk
from hmi.shell.deck import Deck
from hmi.shell.faceplate import Faceplate
from hmi.shell.placed_window import PlacedWindow
from hmi.shell.top_bar import TopBar
from hmi.widgets.menu import Line, PopupMenu


class Foreseen(QObject):
    """``desk`` = what is known; the parts of the window follow it. What is to be watched is not counted.

    ``numbers`` gives the values that the window saw last.
    """

    def __init__(
        self,
        sender: Sender,
        writes: ControlDesk,
        deck: Deck,
        faceplate: Faceplate,
        top: TopBar,
        go: Go,
        window: PlacedWindow,
        numbers: Callable[[], Snapshot | None],
    ) -> None:
        super().__init__(window)
        self.desk = OutlookDesk(writes, sender)
        self._deck, self._chip, self._go, self._window = deck, top.foreseen, go, window
        self._numbers = numbers
        self.menu = PopupMenu(self._chip, t("Foreseen"))
        faceplate.outlook.set_desk(self.desk, self._look_ahead)
        self.desk.listeners.append(self._show)
        self._chip.clicked.connect(self._open)
        window.second.connect(self._tick)

    def _tick(self) -> None:
        if self._window.isVisible() and not self._window.isMinimized():
            self.desk.tick(self._numbers())

    def _show(self) -> None:
        self._deck.set_predictions(self.desk.marks)
        self._chip.show_count(len(self._acts()) + len(self.desk.crossings))

    def _acts(self) -> Sequence[str]:
        """The assets to act on, the longest known first."""
        outlooks = self.desk.book.outlooks
        found = (asset for asset, tier in self.desk.tiers.items() if tier == "act")
        return sorted(found, key=lambda asset: (outlooks[asset].since_us, asset))

    def _open(self) -> None:
        model, now_us = self.desk.writes.model, self.desk.writes.now_us()
        outlooks = self.desk.book.outlooks
        lines = [Line(outlook_words.line(outlooks[each]), partial(self._lead, each)) for each in self._acts()]
        for place, each in enumerate(self.desk.crossings.values()):
            told = crossing_words.line(each, model, now_us)
            lines.append(Line(told, partial(self._look_ahead, each), opens_group=not place and bool(lines)))
        if len(lines) == 1:
            lines[0].act()
            return
        self.menu.open(lines, self._chip.mapToGlobal(self._chip.rect().bottomLeft()))

    def _lead(self, asset: str) -> None:
        self._go(Place("unit", asset))
        # The unit alone may stand without its faceplate; here it is what one came for.
        self._go(Place("", asset))

    def _look_ahead(self, crossing: Crossing) -> None:
        """Trends with the forecast of the tag: a time that is still to come is shown by it."""
        ahead_us = max(crossing.crosses_us, self.desk.writes.now_us() + 1_000_000)
        self._go(Place("trends", crossing.path, ahead_us))
