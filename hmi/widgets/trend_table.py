"""The data of a trend as a table: what a screen reader reads, and what can be copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from engine.types import Curve
from hmi import formats
from hmi.formats import t
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_pen import Pen

ROWS = 120
LEAST_COLUMN_PX = 128
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class TrendRows(QAbstractTableModel):
    """Newest first, at most `ROWS` even steps of time; one column a pen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pens: tuple[Pen, ...] = ()
        self._curves: Mapping[int, Curve] = {}
        self._times: list[int] = []
        self._is_fine = False
        self._zone, self._locale, self._now_us = "UTC", "en", 0

    def show_curves(
        self, pens: Sequence[Pen], curves: Mapping[int, Curve], now_us: int, zone: str, locale: str
    ) -> None:
        """Take the curves on show."""
        self.beginResetModel()
        self._pens, self._curves, self._now_us = tuple(pens), curves, now_us
        self._zone, self._locale = zone, locale
        known = [curve.time_us for curve in curves.values() if curve.time_us.size]
        times = np.unique(np.concatenate(known)) if known else np.empty(0, np.int64)
        if times.size > ROWS:
            times = times[np.linspace(0, times.size - 1, ROWS).astype(int)]
        self._times = times[::-1].tolist()
        # Rows closer than a second need tenths, or two of them would carry the same time.
        self._is_fine = times.size > 1 and int(times[-1] - times[0]) < times.size * 1_000_000
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._times)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(self._pens)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT | Qt.TextFlag.TextWordWrap)
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return t("Time")
        pen = self._pens[section - 1]
        return f"{pen.name} ({pen.unit})" if pen.unit else pen.name

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_RIGHT)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        time_us = self._times[index.row()]
        if index.column() == 0:
            tenth = f".{time_us // 100_000 % 10}" if self._is_fine else ""
            return formats.moment(time_us, self._now_us, self._zone) + tenth
        return self._text(self._pens[index.column() - 1], time_us)

    def _text(self, pen: Pen, time_us: int) -> str:
        curve = self._curves.get(pen.index)
        found = None if curve is None else lines.value_at(curve, time_us)
        if found is None:
            return t("no data")
        if pen.stepped:
            return formats.truth(found[1])
        low, high = (formats.number(each, pen.decimals, self._locale) for each in found)
        return low if low == high else t("{low} to {high}", low=low, high=high)


class TrendTable(QTableView):
    """The rows, with copy by Ctrl+C."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TrendRows(self)
        self.setModel(self.rows)
        self.verticalHeader().hide()
        self.setAccessibleName(t("Trend as a table"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(LEAST_COLUMN_PX)
        header.setSectionsClickable(False)
        # Two lines: equipment and name of a pen seldom fit on one.
        header.setFixedHeight(2 * header.fontMetrics().height() + 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            picked = sorted({index.row() for index in self.selectedIndexes()})
            columns = range(self.rows.columnCount())
            text = [[str(self.rows.data(self.rows.index(row, c))) for c in columns] for row in picked]
            QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in text))
        else:
            super().keyPressEvent(event)
