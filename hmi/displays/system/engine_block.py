"""The engine's own figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.types import EngineStatus, SourceStatus
from hmi import formats
from hmi.displays.system import state as system
from hmi.displays.system.fact_grid import FactGrid
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.state_mark import StateMark


class EngineBlock(QFrame):
    """Version, time, rates, lag, memory, CPU, drops and clocks; on top what a person must see to."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._mark = StateMark(theme, self)
        self.trouble = Words(theme, step="body", bold=True)
        self.trouble.setWordWrap(True)
        self.grid = FactGrid(theme, self)
        self.horn = Words(theme, step="body")
        self.horn.setWordWrap(True)
        self.horn.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(Words(theme, t("Engine"), "body", bold=True), 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 14)
        box.setSpacing(8)
        box.addLayout(head)
        box.addWidget(self.trouble)
        box.addWidget(self.grid)
        box.addWidget(self.horn)
        box.addStretch(1)

    def show_engine(
        self, status: EngineStatus | None, sources: Sequence[SourceStatus], locale: str, is_stalled: bool
    ) -> None:
        """Bring the figures up to date; while the engine is silent they are old."""
        words = "" if status is None else formats.sentence(status.trouble)
        if is_stalled:
            words = t("The engine does not answer. These are its last figures.")
        self.trouble.show_text(words)
        self.trouble.setVisible(bool(words))
        self._mark.show_state("unknown" if is_stalled else "look" if words else "well")
        self.grid.show_facts(system.engine_facts(status, sources, locale), is_stalled)

    def show_horn(self, said: str) -> None:
        """The horn of this station, in words; "" = it has none."""
        self.horn.show_text(t("Horn of this station: {said}", said=said))
        self.horn.setVisible(bool(said))
