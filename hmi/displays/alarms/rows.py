"""The rows of a list as a Qt model: brought up to date by id, so that nothing else moves or is painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from engine.types import Alarm
from hmi.displays.alarms import state
from hmi.displays.alarms.order import PLAIN, Line, Lines
from hmi.formats import t

MOST_RUNS = 100
"""More places than this at which rows come or go are one new list: cheaper, and no eye follows them."""
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
Text = Callable[[Alarm, str], str]
"""The text of a cell, and with the column "" that of the whole row."""


class AlarmRows(QAbstractTableModel):
    """``text`` gives the words of a cell. A row that went while the order was held stays until it is not."""

    def __init__(self, text: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = text
        self.columns: tuple[str, ...] = state.COLUMNS["active"]
        self.ids: list[int] = []
        self._shown: dict[int, Alarm] = {}
        self._lines: dict[int, Line] = {}
        self._gone: frozenset[int] = frozenset()

    def alarm(self, row: int) -> Alarm:
        """The alarm of a row."""
        return self._shown[self.ids[row]]

    def line(self, row: int) -> Line:
        """What the row is besides its alarm."""
        return self._lines.get(self.ids[row], PLAIN)

    def is_gone(self, row: int) -> bool:
        """It is in this list no more, and stays only while the order is held."""
        return self.ids[row] in self._gone

    def row_of(self, alarm_id: int) -> int | None:
        """The row of an alarm; None = it has none."""
        return self.ids.index(alarm_id) if alarm_id in self._shown else None

    def show_columns(self, columns: Sequence[str]) -> None:
        """Another list with other columns; its rows come next."""
        self.beginResetModel()
        self.columns, self.ids, self._shown, self._lines = tuple(columns), [], {}, {}
        self._gone = frozenset()
        self.endResetModel()

    def touch(self, lines: Lines, alarms: Mapping[int, Alarm]) -> int:
        """What is known of the rows on show, each in its place; gives how many rows would come or go."""
        wanted = set(lines.ids)
        self._gone = frozenset(each for each in self.ids if each not in wanted)
        self._take_data(lines, {each: alarms[each] for each in self.ids if each in alarms and each in wanted})
        return len(self._gone) + len(wanted.difference(self.ids))

    def take(self, lines: Lines, alarms: Mapping[int, Alarm]) -> bool:
        """Show these rows in this order; whether any came, went or moved."""
        self._gone = frozenset()
        is_other, before = lines.ids != self.ids, dict(self._shown)
        if is_other:
            self._move(lines.ids, alarms)
        self._shown = before
        self._take_data(lines, {each: alarms[each] for each in lines.ids})
        return is_other

    def _move(self, wanted: list[int], alarms: Mapping[int, Alarm]) -> None:
        staying, before = set(wanted), set(self.ids)
        going = _runs([at for at, each in enumerate(self.ids) if each not in staying])
        coming = _runs([at for at, each in enumerate(wanted) if each not in before])
        if len(going) + len(coming) > MOST_RUNS:
            self.beginResetModel()
            self.ids = list(wanted)
            self._shown = {each: alarms[each] for each in wanted}
            self.endResetModel()
            return
        for first, last in reversed(going):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self.ids[first : last + 1]
            self.endRemoveRows()
        kept = [each for each in wanted if each in before]
        if kept != self.ids:
            self._permute(kept)
        for first, last in coming:
            self.beginInsertRows(QModelIndex(), first, last)
            self.ids[first:first] = wanted[first : last + 1]
            self._shown |= {each: alarms[each] for each in wanted[first : last + 1]}
            self.endInsertRows()

    def _permute(self, wanted: list[int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        place = {each: at for at, each in enumerate(wanted)}
        after = [self.index(place[self.ids[each.row()]], each.column()) for each in before]
        self.ids = wanted
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _take_data(self, lines: Lines, shown: dict[int, Alarm]) -> None:
        """Exchange what changed in its place; rows that keep their alarm are not painted again."""
        before, special = self._shown, self._lines
        self._lines = lines.special
        changed = {each for each, alarm in shown.items() if before.get(each) is not alarm}
        changed |= {
            each for each in special.keys() | self._lines.keys() if special.get(each) != self._lines.get(each)
        }
        self._shown = {**before, **shown} if len(shown) != len(self.ids) else shown
        if changed:
            rows = [at for at, each in enumerate(self.ids) if each in changed]
            if rows:
                self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], len(self.columns) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT)
        is_title = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return (
            t(state.HEADS[self.columns[section]]) if is_title and state.HEADS[self.columns[section]] else None
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.ids):
            return None
        column = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(self.alarm(index.row()), column) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._text(self.alarm(index.row()), "" if index.column() == 0 else column)
        return None


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Places that follow each other as (first, last)."""
    if not places:
        return []
    breaks = [at for at, (one, other) in enumerate(pairwise(places), start=1) if other != one + 1]
    edges = [0, *breaks, len(places)]
    return [(places[first], places[end - 1]) for first, end in pairwise(edges)]
