"""What the Performance page shows of an answer: the strip of hours, and tables in as many columns as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.types import AlarmMetrics
from hmi.displays.alarms.performance import rows
from hmi.displays.alarms.performance.block import Block
from hmi.displays.alarms.performance.mark import StandDelegate
from hmi.displays.alarms.performance.rows import Name
from hmi.displays.alarms.performance.state import Figures
from hmi.displays.alarms.performance.strip import Strip
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, heading, panel
from hmi.widgets.trend_head import head_button

WIDE_PX, MEDIUM_PX = 1480, 1080
Row = tuple[tuple[Name, ...], ...]
"""Tables side by side: columns, and in each what stands below one another."""
WIDE: tuple[Row, ...] = ((("rates", "floods", "chattering"), ("split", "actors", "stale", "peaks")),)
MEDIUM: tuple[Row, ...] = (
    (("rates",),),
    (("split",), ("chattering",)),
    (("actors",),),
    (("stale",),),
    (("floods",), ("peaks",)),
)
NARROW: tuple[Row, ...] = ((rows.ORDER,),)
STANDS: tuple[Name, ...] = ("rates", "split")
"""The tables of figures that have a target."""
NOTHING = Figures(AlarmMetrics(0, 1, 0.0, False, 0), "", 0, "UTC", "en")
DATE, LONG = "Wed 22 Nov 2026 00:00", "00 days 00 h"
SHAPES: Mapping[Name, tuple[Sequence[int], Mapping[int, str], Sequence[int]]] = {
    "rates": ((5, 0, 0, 0, 6), {1: "not known", 2: "0 000", 3: "0 000"}, ()),
    "split": ((3, 0, 0, 6), {1: "not known", 2: "00 %"}, ()),
    "actors": ((0, 6, 4, 0, 0, 0, 0), {0: "00", 3: "0 000", 4: "00.0 %", 5: "000.0 %", 6: "0 000"}, (2,)),
    "chattering": ((0, 6, 4, 0, 0), {0: "000", 3: "0 000", 4: "0 000"}, (2,)),
    "stale": ((0, 5, 3, 0, 0, 0), {0: "000", 3: DATE, 4: LONG, 5: DATE}, (2,)),
    "floods": ((0, 0, 4, 0, 0), {0: "000", 1: DATE, 3: "0 000", 4: "0 000"}, ()),
    "peaks": ((0, 6, 0), {0: "00", 2: "0 000"}, ()),
}
"""Of each table: weights of its columns, the widest word of those that need no more, and paths."""


class Blocks(QWidget):
    """``asked`` = a row (`Block`); ``opened`` = the journal of a time of the strip is wanted."""

    asked = Signal(object, QPoint)
    opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._figures, self._model = theme, NOTHING, Model()
        self.tables: dict[Name, Block] = {}
        for name, (weights, widest, middle) in SHAPES.items():
            listing = rows.listing(name, NOTHING, self._model)
            self.tables[name] = Block(theme, listing, weights, widest, self, middle)
            self.tables[name].asked.connect(self.asked)
        self.tables["rates"].show_whole()
        self._stands: dict[Name, StandDelegate] = {
            name: StandDelegate(theme, self.tables[name]) for name in STANDS
        }
        self.tables["rates"].set_delegate(4, self._stands["rates"])
        self.tables["split"].set_delegate(3, self._stands["split"])
        self._rows: tuple[Row, ...] = ()
        self._holder: QWidget | None = None
        self._make_strip(theme)
        self._lay_out()

    def _make_strip(self, theme: Theme) -> None:
        self.strip = Strip(theme, self)
        self.strip.opened.connect(self.opened)
        self.strip.fitted.connect(lambda: self.said.show_text(self.strip.legend()))
        self.title = heading(theme, t("Alarms in each hour"))
        self.said = ShortWords(theme, step="small", look="muted")
        self.as_table = head_button(t("Table"), t("The same as a table"), self, checkable=True)
        self.as_table.clicked.connect(self._turn)
        listing = rows.hours(NOTHING)
        self.hours = Block(theme, listing, (4, 3, 3), {}, self)
        self.hours.hide()

    def _lay_out(self) -> None:
        strip = panel(parent=self)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.said, 1)
        head.addWidget(self.as_table)
        inside = QVBoxLayout(strip)
        inside.setContentsMargins(14, 6, 8, 8)
        inside.setSpacing(4)
        inside.addLayout(head)
        inside.addWidget(self.strip)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        box.addWidget(strip)
        box.addWidget(self.hours)
        self._box = box
        self._place(WIDE)

    def fit(self, width: int) -> None:
        """As many columns as there is room for."""
        wanted = WIDE if width >= WIDE_PX else MEDIUM if width >= MEDIUM_PX else NARROW
        if wanted is not self._rows:
            self._place(wanted)

    def _place(self, wanted: tuple[Row, ...]) -> None:
        """The tables in other rows; they move from the old holder into a new one."""
        before, self._rows, self._holder = self._holder, wanted, QWidget(self)
        box = QVBoxLayout(self._holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        for row in wanted:
            line = QHBoxLayout()
            line.setSpacing(10)
            for names in row:
                column = QVBoxLayout()
                column.setSpacing(10)
                for name in names:
                    column.addWidget(self.tables[name])
                column.addStretch(1)
                line.addLayout(column, 1)
            box.addLayout(line)
        self._box.addWidget(self._holder)
        if before is not None:
            self._box.removeWidget(before)
            before.deleteLater()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; the words are told by the page."""
        self._theme = theme
        for stand in self._stands.values():
            stand.theme = theme
        for block in (*self.tables.values(), self.hours):
            block.set_theme(theme)
        self.strip.set_look(theme, self.strip.is_old)

    def set_old(self, is_old: bool) -> None:
        """Whether nobody knows that it still holds."""
        self.strip.set_look(self._theme, is_old)
        for stand in self._stands.values():
            stand.is_old = is_old
        for block in (*self.tables.values(), self.hours):
            block.set_old(is_old)

    def show_figures(self, figures: Figures, model: Model) -> None:
        """Other figures."""
        self._figures, self._model = figures, model
        for name, stand in self._stands.items():
            stand.rates = rows.rates_of(figures, name)
            stand.is_judged = figures.metrics.is_judged
        for name, block in self.tables.items():
            block.show_listing(rows.listing(name, figures, model))
        self.strip.show_figures(figures)
        self._show_hours()

    def _turn(self) -> None:
        self.hours.setVisible(self.as_table.isChecked())
        self._show_hours()

    def _show_hours(self) -> None:
        if self.as_table.isChecked():
            self.hours.show_listing(rows.hours(self._figures))
