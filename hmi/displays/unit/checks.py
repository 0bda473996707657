"""Interlocks, feedback and further values at the right of the working page, in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from engine.types import Alarm, Snapshot
from hmi.alarms import NO_BADGES, Badge
from hmi.displays.unit import layout
from hmi.displays.unit.layout import COLUMN_PX, GAP_PX, Columns
from hmi.displays.unit.looks import read_at
from hmi.displays.unit.rows import CheckRow, PairRow, Row, ValueRow
from hmi.displays.unit.state import Arrangement
from hmi.displays.unit.words import SETTLE_US, check_look, first_out, is_apart, pair_look
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.widgets.labels import Words

MOST_COLUMNS = 3
_TITLES = ("Interlocks", "Feedback", "Values")


class Checks(QWidget):
    """Lists of rows with their headings. ``fit`` gives the width that a height asks for."""

    def __init__(self, theme: Theme, tapped: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._tapped = theme, tapped
        self._model = Model()
        self._shown: Arrangement | None = None
        self._headings = tuple(Words(theme, t(each), bold=True, parent=self) for each in _TITLES)
        self.checks: list[CheckRow] = []
        self.pairs: list[PairRow] = []
        self.values: list[ValueRow] = []
        self._first: int | None = None
        self._apart_us: dict[int, int] = {}
        self._values: tuple[int, ...] = ()
        self._badges: Mapping[str, Badge] = NO_BADGES

    def show_arrangement(self, model: Model, shown: Arrangement, further: Sequence[int]) -> None:
        """Rows for these; ``further`` = live positions of values listed below."""
        self._model, self._shown, self._values = model, shown, tuple(further)
        self._first, self._apart_us = None, {}
        for row in self.rows():
            row.hide()
            row.deleteLater()
        make, path = self._theme, self._path
        self.checks = [CheckRow(make, path(each.tag), self._tapped, self) for each in shown.checks]
        self.pairs = [PairRow(make, path(each.actual), self._tapped, self) for each in shown.pairs]
        self.values = [ValueRow(make, path(at), self._tapped, self) for at in further]
        for row in self.rows():
            row.show()

    def rows(self) -> list[Row]:
        """Every row, in the order of the keys."""
        return [*self.checks, *self.pairs, *self.values]

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (*self._headings, *self.rows()):
            part.set_theme(theme)

    def set_badges(self, badges: Mapping[str, Badge]) -> None:
        """What is foreseen of the values, by path; seen with the next numbers."""
        self._badges = badges

    def fit(self, height: int, most_width: int) -> tuple[int, int]:
        """Arrange everything for a height; gives the width and height it then takes, (0, 0) without rows."""
        placed, lists = self._placed(height, most_width)
        for row in self.rows():
            row.setVisible(any(row in rows for rows in lists))
        for heading, rows, (head, boxes) in zip(self._headings, lists, placed.places, strict=True):
            heading.setVisible(bool(rows))
            if head is not None:
                heading.setGeometry(QRect(*head).adjusted(6, 0, 0, 0))
            for row, box in zip(rows, boxes, strict=True):
                row.setGeometry(*box)
        if not any(lists):
            return 0, 0
        return placed.count * (COLUMN_PX + GAP_PX) - GAP_PX, max(height, placed.height)

    def wanted(self, height: int, most: int, most_width: int) -> int:
        """The height from ``height`` to ``most`` at which nothing of it has to be scrolled."""
        return max(height, min(most, self._placed(most, most_width)[0].height)) if self.rows() else height

    def _placed(self, height: int, most_width: int) -> tuple[Columns, tuple[Sequence[Row], ...]]:
        pairs = self._fitting_pairs(height)
        most = max(1, min(MOST_COLUMNS, (most_width + GAP_PX) // (COLUMN_PX + GAP_PX)))
        lists: tuple[Sequence[Row], ...] = (self.checks, pairs, self.values)
        placed = layout.in_columns([len(rows) for rows in lists], COLUMN_PX, height, most)
        if placed.height > height and self.values:
            # Interlocks and feedback come first; the values stand in All tags.
            lists = (self.checks, pairs, ())
            placed = layout.in_columns([len(rows) for rows in lists], COLUMN_PX, height, most)
        return placed, lists

    def _fitting_pairs(self, height: int) -> list[PairRow]:
        """Its own; those of its devices only where all fit below: they stand on their displays too."""
        shown = self._shown.pairs if self._shown is not None else ()
        own = [row for row, pair in zip(self.pairs, shown, strict=True) if pair.is_own]
        left = layout.rows_left([len(self.checks), len(self.values)], height)
        return own or (self.pairs if len(self.pairs) <= left else [])

    def on_numbers(self, snapshot: Snapshot | None, alarms: Sequence[Alarm], now_us: int) -> None:
        """Paint the rows that differ."""
        if self._shown is None:
            return
        model, shown = self._model, self._shown
        self._first = first_out(model, snapshot, shown.checks, alarms, self._first)
        for row, check in zip(self.checks, shown.checks, strict=True):
            row.show_look(check_look(model, snapshot, check, self._first, alarms))
        for place, (row, pair) in enumerate(zip(self.pairs, shown.pairs, strict=True)):
            if is_apart(model, snapshot, pair):
                since = self._apart_us.setdefault(place, now_us)
                row.show_look(pair_look(model, snapshot, pair, now_us - since >= SETTLE_US))
            else:
                self._apart_us.pop(place, None)
                row.show_look(pair_look(model, snapshot, pair))
        for row, at in zip(self.values, self._values, strict=True):
            row.show_reading(read_at(model, snapshot, at, self._badges))

    def _path(self, at: int) -> str:
        return self._model.tags[at].path
