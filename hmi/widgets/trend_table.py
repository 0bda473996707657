"""The data, notes and alarms of a trend as a table: what a screen reader reads, and what can be copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from engine.types import Annotation, Curve
from hmi import alarm_spells, formats
from hmi.alarm_spells import Spell
from hmi.formats import t
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_pen import Pen

ROWS, PAD_PX = 120, 16
LEAST_COLUMN_PX, MOST_NOTE_PX = 128, 620
MOST_ALARMS = 200
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


class TrendRows(QAbstractTableModel):
    """Newest first, at most `ROWS` even steps of time and a row for each note and each alarm; one column a
    pen. Where there are notes or alarms, a last column says who wrote what, and what an alarm did.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pens: tuple[Pen, ...] = ()
        self._curves: Mapping[int, Curve] = {}
        self._notes: tuple[Annotation, ...] = ()
        self._rows: list[tuple[int, Annotation | Spell | None]] = []
        self._is_fine, self._has_words, self._left_out = False, False, 0
        self._zone, self._locale, self._now_us = "UTC", "en", 0

    def show_curves(
        self,
        pens: Sequence[Pen],
        curves: Mapping[int, Curve],
        now_us: int,
        zone: str,
        locale: str,
        notes: Sequence[Annotation] = (),
        spells: Sequence[Spell] = (),
    ) -> None:
        """Take the curves, the notes and the alarms on show; of very many alarms the newest."""
        self.beginResetModel()
        self._pens, self._curves, self._now_us = tuple(pens), curves, now_us
        self._notes, self._left_out = tuple(notes), max(0, len(spells) - MOST_ALARMS)
        self._zone, self._locale = zone, locale
        alarms = spells[self._left_out :]
        known = [curve.time_us for curve in curves.values() if curve.time_us.size]
        times = np.unique(np.concatenate(known)) if known else np.empty(0, np.int64)
        if times.size > ROWS:
            times = times[np.linspace(0, times.size - 1, ROWS).astype(int)]
        rows: list[tuple[int, Annotation | Spell | None]] = [(each, None) for each in times.tolist()]
        rows += [(note.start_us, note) for note in self._notes]
        rows += [(spell.begin_us, spell) for spell in alarms]
        self._has_words = bool(self._notes or alarms)
        self._rows = sorted(rows, key=lambda row: row[0], reverse=True)
        # Rows closer than a second need tenths, or two of them would carry the same time.
        self._is_fine = times.size > 1 and int(times[-1] - times[0]) < times.size * 1_000_000
        self.endResetModel()

    @property
    def has_words(self) -> bool:
        """There is a column for notes and alarms."""
        return self._has_words

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(self._pens) + self._has_words

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            align = _LEFT if section > len(self._pens) else _RIGHT
            return int(align | Qt.TextFlag.TextWordWrap)
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return t("Time")
        if section > len(self._pens):
            if self._left_out:
                return t("Notes and alarms; {n} older alarms are not listed: zoom in", n=self._left_out)
            return t("Notes and alarms")
        pen = self._pens[section - 1]
        return f"{pen.name} ({pen.unit})" if pen.unit else pen.name

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_note = index.column() > len(self._pens)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT if is_note else _RIGHT)
        if role != Qt.ItemDataRole.DisplayRole and not (is_note and role == Qt.ItemDataRole.ToolTipRole):
            return None
        time_us, note = self._rows[index.row()]
        if is_note:
            return "" if note is None else self._said(note)
        if index.column() == 0:
            tenth = f".{time_us // 100_000 % 10}" if self._is_fine else ""
            return formats.moment(time_us, self._now_us, self._zone) + tenth
        return self._text(self._pens[index.column() - 1], time_us)

    def _said(self, what: Annotation | Spell) -> str:
        if isinstance(what, Annotation):
            return self._note_text(what)
        told = (
            alarm_spells.when(what, self._now_us, self._zone),
            alarm_spells.who(what, self._now_us, self._zone),
        )
        return t(
            "Alarm, priority {p}: {title}; {told}",
            p=what.priority,
            title=alarm_spells.title(what),
            told="; ".join(told),
        )

    def _note_text(self, note: Annotation) -> str:
        words = t("{author}: {words}", author=note.author, words=formats.one_line(note.text))
        if note.end_us <= note.start_us:
            return words
        length = lines.exact_length(note.end_us - note.start_us)
        return t("{words} (for {length})", words=words, length=length)

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

        self.rows.modelReset.connect(self._fit_words)

    def _fit_words(self) -> None:
        """Words need more room than numbers."""
        header, last = self.horizontalHeader(), self.rows.columnCount() - 1
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        if self.rows.has_words:
            header.setSectionResizeMode(last, QHeaderView.ResizeMode.Fixed)
            wide = self.sizeHintForColumn(last) + PAD_PX
            header.resizeSection(last, min(max(wide, LEAST_COLUMN_PX), MOST_NOTE_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            picked = sorted({index.row() for index in self.selectedIndexes()})
            columns = range(self.rows.columnCount())
            text = [[str(self.rows.data(self.rows.index(row, c))) for c in columns] for row in picked]
            QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in text))
        else:
            super().keyPressEvent(event)
