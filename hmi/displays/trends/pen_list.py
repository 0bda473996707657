"""The pens in use, one row each."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import Snapshot
from hmi import values
from hmi.displays.trends import state as trends
from hmi.displays.trends.pen_row import PenRow
from hmi.displays.trends.state import Trends
from hmi.formats import t
from hmi.pens import Pen
from hmi.theme import Theme


class PenList(QScrollArea):
    """Rows come and go with the pens; those that stay keep the keys, and the scroll stays where it was."""

    tapped = Signal(str)
    hidden = Signal(str)
    removed = Signal(str)
    axis = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[str, PenRow] = {}
        self._state = Trends()
        self._body = QFrame(self)
        self._body.setProperty("look", "list")
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(t("Pens"))

    @property
    def rows(self) -> Mapping[str, PenRow]:
        """The rows by tag path."""
        return self._rows

    def show_state(self, theme: Theme, state: Trends, pens: tuple[Pen, ...]) -> None:
        """One row for every pen, in their order."""
        self._theme = theme
        for path in [path for path in self._rows if path not in state.paths]:
            row = self._rows.pop(path)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, (drawn, pen) in enumerate(zip(state.drawn, pens, strict=True)):
            row = self._rows.get(drawn.path) or self._new_row(drawn.path, state)
            if self._column.indexOf(row) != place:
                self._column.insertWidget(place, row)
            where = trends.where(state.model, drawn.path)
            row.show_pen(theme, pen, drawn, where, drawn.path == state.chosen)
        was_chosen, self._state = self._state.chosen, state
        if state.chosen and state.chosen != was_chosen:
            self._column.activate()
            self.ensureWidgetVisible(self._rows[state.chosen], 0, 8)

    def _new_row(self, path: str, state: Trends) -> PenRow:
        row = PenRow(self._theme, path, trends.axis_choices(state, path), self._body)
        row.tapped.connect(self.tapped)
        row.hidden.connect(self.hidden)
        row.removed.connect(self.removed)
        row.axis.connect(self.axis)
        self._rows[path] = row
        return row

    def show_numbers(self, snapshot: Snapshot | None) -> None:
        """The values now, of the rows that can be seen."""
        model = self._state.model
        for path, row in self._rows.items():
            if not row.visibleRegion().isEmpty():
                at = model.index[path]
                row.text.show_reading(values.reading(model.tags[at], snapshot, at, model.plant))

    def wanted_height(self) -> int:
        """What all rows need."""
        spacing = self._column.spacing()
        return sum(row.wanted_height() + spacing for row in self._rows.values())
