"""The alarm journal as a table: only what can be seen is painted, older rows are asked for ahead."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QTableView, QWidget

from hmi.displays.alarms.journal import words as journal_words
from hmi.displays.alarms.journal.painter import JournalPainter, row_px
from hmi.displays.alarms.journal.rows import JournalRows, Noted
from hmi.displays.alarms.journal.words import COLUMNS
from hmi.displays.feed import Feed
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, font
from hmi.widgets.table import dress_rows
from hmi.widgets.text_paint import width_of

AHEAD_ROWS, MOST_TEXTS, HOLD_MS = 200, 20_000, 1200
LEAST_PX = {"what": 150, "where": 130, "message": 200, "why": 160, "who": 134}
SHARE = {"what": 2, "where": 2, "message": 5, "why": 3, "who": 1}
GIVES_WAY = ("limit", "who", "state", "where", "why")
PAD_PX = 20


class JournalTable(QTableView):
    """``wanted`` = the end comes near; ``opened`` = Return or a double tap; ``menu`` = a row's button, with
    where it stands. Both by the row. ``topped`` = it is scrolled to the newest, or away from it.
    """

    wanted = Signal()
    opened = Signal(int)
    menu = Signal(int, QPoint)
    topped = Signal()

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._feed, self._model = theme, feed, Model()
        self._texts: dict[tuple[int, str], str] = {}
        self._day = -1
        self._pressed = -1
        self._touched = QElapsedTimer()
        self.is_old = False
        self.rows = JournalRows(self._words_of, self)
        self._painter = JournalPainter(theme, self)
        self.setModel(self.rows)
        self.setItemDelegate(self._painter)
        self._dress()
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        self.rows.rowsInserted.connect(self.look_ahead)

    def _dress(self) -> None:
        dress_rows(self)
        self.setAccessibleName(t("Alarm journal"))
        self.setAccessibleDescription(
            t("Return draws the trend at that time, the menu key opens all else, Ctrl+C copies rows.")
        )
        self.set_theme(self._theme)

    # What the page tells

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = self._painter.theme = theme
        self.horizontalHeader().setFont(font(theme, theme.size.small))
        self.verticalHeader().setDefaultSectionSize(row_px(theme))
        self.fit()
        self.viewport().update()

    def set_model_of(self, model: Model) -> None:
        """Another plant: names, units and its clock."""
        self._model, self._texts = model, {}
        self.viewport().update()

    def set_old(self, is_old: bool) -> None:
        """True: what is newest is not known."""
        if is_old != self.is_old:
            self.is_old = is_old
            self.viewport().update()

    # What painter and model ask

    def words(self, noted: Noted, column: str) -> str:
        """The text of a cell, made once."""
        now_us = self._feed.now_us()
        if now_us // 60_000_000 != self._day:
            # Midnight makes other words of a time.
            self._day, self._texts = now_us // 60_000_000, {}
        key = noted.change.seq, column
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) > MOST_TEXTS:
                self._texts.clear()
            found = journal_words.cell(self._model, noted.change, noted.before, column, now_us)
            self._texts[key] = found
        return found

    def _words_of(self, noted: Noted, column: str, at_length: bool) -> str:
        now_us = self._feed.now_us()
        if not column:
            return journal_words.spoken(self._model, noted.change, noted.before, now_us)
        if at_length:
            return journal_words.tip(self._model, noted.change, noted.before, column, now_us)
        return self.words(noted, column)

    def is_pressed(self, row: int) -> bool:
        """A finger is on the button of that row."""
        return row == self._pressed

    def has_keys(self, row: int) -> bool:
        """The keys act on this row."""
        return self.currentIndex().row() == row and self.hasFocus()

    # What the page asks

    @property
    def is_top(self) -> bool:
        """The newest row is on show, and nobody is about to tap it."""
        return self.verticalScrollBar().value() <= 0

    @property
    def is_held(self) -> bool:
        """A hand was on a row a moment ago: none may move under it."""
        return self._pressed >= 0 or (self._touched.isValid() and self._touched.elapsed() < HOLD_MS)

    def look_ahead(self) -> None:
        """Ask for older rows before the end is reached."""
        last = self.rowAt(self.viewport().height() - 1)
        if last < 0 or last + AHEAD_ROWS >= len(self.rows.noted):
            self.wanted.emit()

    def copy(self) -> None:
        """The selected rows into the clipboard, for a sheet: a line each, columns apart by tabs."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = ["\t".join(journal_words.paper_heads())]
        for row in chosen:
            noted = self.rows.noted[row]
            texts = journal_words.paper_row(self._model, noted.change, noted.before)
            lines.append("\t".join(" ".join(text.split()) for text in texts))
        if chosen:
            QGuiApplication.clipboard().setText("\n".join(lines))

    # Room

    def fit(self) -> None:
        """Give the columns their widths; the least needed go where there is no room."""
        wide = widths(self.viewport().width(), self._theme)
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, column not in wide)
            if column in wide:
                self.setColumnWidth(place, wide[column])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        self.look_ahead()

    def _scrolled(self) -> None:
        self.look_ahead()
        self.topped.emit()

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._touched.start()
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and self._is_menu(index):
            self._pressed = index.row()
            self.update(index)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed < 0:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, -1
        if pressed < 0:
            super().mouseReleaseEvent(event)
            return
        self.viewport().update()
        index = self.indexAt(event.position().toPoint())
        if self._is_menu(index) and index.row() == pressed:
            self.menu.emit(pressed, self._under(index))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if self._is_menu(index):
            self.mousePressEvent(event)
        elif index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index.row())

    def _is_menu(self, index: QModelIndex) -> bool:
        return index.isValid() and COLUMNS[index.column()] == "menu"

    def _under(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
            if index.isValid():
                self.menu.emit(index.row(), event.globalPos())
        elif self.currentIndex().isValid():
            self.menu.emit(self.currentIndex().row(), self._under(self.currentIndex()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif row >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)


def widths(room_px: int, theme: Theme) -> dict[str, int]:
    """Width of every column that there is room for, by its name."""
    body, small = theme.size.body, theme.size.body - 1
    fixed = {
        "time": round(width_of(theme, "Wed 22 Nov 14:14:14", body)) + PAD_PX,
        "badge": 38,
        "state": round(width_of(theme, t("State"), body)) + PAD_PX + 6,
        "value": round(width_of(theme, "1 999.99 mm/s", body)) + PAD_PX,
        "limit": round(width_of(theme, "1 999.9 bar", small)) + PAD_PX,
        "menu": theme.size.target + 6,
    }
    shown = list(COLUMNS)
    for dropped in ("", *GIVES_WAY):
        if dropped:
            shown.remove(dropped)
        taken = sum(fixed.get(each, 0) or LEAST_PX[each] for each in shown)
        if taken <= room_px:
            break
    rest = max(0, room_px - sum(fixed.get(each, 0) or LEAST_PX[each] for each in shown))
    total = sum(SHARE.get(each, 0) for each in shown)
    made = {each: fixed.get(each) or LEAST_PX[each] + rest * SHARE[each] // max(1, total) for each in shown}
    made["message"] += max(0, room_px - sum(made.values()))
    return made
