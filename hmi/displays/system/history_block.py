"""The stored past: what a person must see to, how full its room is, and its figures."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.types import HistoryStatus, Plant
from hmi import formats
from hmi.displays.system import history_state as history
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.room_bar import RoomBar
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.state_mark import StateMark


class HistoryBlock(QFrame):
    """Trouble first, then room and how long it lasts, then rates, losses, gaps and what keeps it safe."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._mark = StateMark(theme, self)
        self.trouble = Words(theme, step="body", bold=True)
        self.bar = RoomBar(theme, self)
        self.room = Words(theme, step="body")
        self.why = Words(theme, step="small", look="muted")
        for words in (self.trouble, self.room, self.why):
            words.setWordWrap(True)
        self.grid = FactGrid(theme, self)
        self._waits = Words(theme, t("Waiting for the engine to tell."), "body", "muted", parent=self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(Words(theme, t("History"), "body", bold=True), 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 14)
        box.setSpacing(8)
        box.addLayout(head)
        for part in (self._waits, self.trouble, self.bar, self.room, self.why):
            box.addWidget(part)
        box.addSpacing(4)
        box.addWidget(self.grid)
        box.addStretch(1)

    def show_history(self, status: HistoryStatus | None, plant: Plant, now_us: int, is_stalled: bool) -> None:
        """Bring it up to date; while the engine is silent all of it is old."""
        trouble = "" if status is None else formats.sentence(status.trouble)
        if is_stalled:
            trouble = t("The engine does not answer. These are its last figures.")
        self.trouble.show_text(trouble)
        self.trouble.setVisible(bool(trouble))
        is_unknown = is_stalled or status is None
        self._mark.show_state("unknown" if is_unknown else "look" if trouble else "well")
        self._waits.setVisible(status is None and not is_stalled)
        for part in (self.bar, self.room, self.why, self.grid):
            part.setVisible(status is not None)
        if status is None:
            return
        room = history.room(status, plant.locale)
        self.bar.show_part(room.part, room.is_poor and not is_stalled, room.words)
        self.room.show_text(room.words)
        self.room.set_look("muted" if is_stalled else "")
        self.why.show_text(room.why)
        self.why.setVisible(bool(room.why))
        self.grid.show_facts(history.facts(status, plant, now_us), is_stalled)
