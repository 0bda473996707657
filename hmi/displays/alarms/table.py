"""One alarm list: ten thousand rows, of which none moves under a hand and only what changed is painted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QElapsedTimer, QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget

from engine.types import Alarm, Snapshot
from hmi import alarms as words
from hmi.alarm_desk import AlarmDesk
from hmi.displays.alarms import state
from hmi.displays.alarms.columns import widths
from hmi.displays.alarms.order import Lines
from hmi.displays.alarms.painter import AlarmPainter
from hmi.displays.alarms.rows import AlarmRows
from hmi.displays.alarms.state import ListName
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme, font
from hmi.values import Kind
from hmi.widgets.blink import Blink
from hmi.widgets.table import dress_rows

HOLD_MS = 10_000
"""The order is held for so long after the pointer moved over the list."""
SETTLE_MS = 300
"""A tap on a row that came under the finger just before is nobody's wish."""


class AlarmTable(QTableView):
    """``acted`` = the button of a row, ``menu`` = its other button with where it stands, ``folded`` = its
    consequences; by the id of the alarm. ``opened`` = Return or a double tap. ``chosen`` = another selection.
    ``released`` = the order is not held any more.
    """

    acted = Signal(int)
    menu = Signal(int, QPoint)
    folded = Signal(int)
    opened = Signal(int)
    chosen = Signal()
    released = Signal()

    def __init__(self, theme: Theme, desk: AlarmDesk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self._theme = desk, theme
        self._model = Model()
        self._snapshot: Snapshot | None = None
        self.name: ListName = "active"
        self.is_dead, self._is_quiet = True, False
        self._now: dict[int, tuple[str, Kind]] = {}
        self._pressed: tuple[int, str] = (0, "")
        self._before: list[int] = []
        self._moved = QElapsedTimer()
        self.rows = AlarmRows(self.text, self)
        self._painter = AlarmPainter(theme, self)
        self.blink = Blink(self._turn, self)
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(HOLD_MS)
        self._hold.timeout.connect(self._let_go)
        self.setModel(self.rows)
        self.setItemDelegate(self._painter)
        self._dress()
        self.selectionModel().selectionChanged.connect(self._told_chosen)

    def _dress(self) -> None:
        dress_rows(self)
        self.setMouseTracking(True)
        self.setAccessibleName(t("Alarms"))
        self.setAccessibleDescription(
            t("F4 acknowledges what is selected, the menu key opens all else, Return goes to the display.")
        )
        self.set_theme(self._theme)

    # What the display tells

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = self._painter.theme = theme
        self.horizontalHeader().setFont(font(theme, theme.size.small))
        self.verticalHeader().setDefaultSectionSize(max(46, theme.size.target + 6))
        self.viewport().update()

    def set_model_of(self, model: Model) -> None:
        """Another plant."""
        self._model, self._snapshot, self._now = model, None, {}

    def set_dead(self, is_dead: bool) -> None:
        """True: nothing in the list is current, and nothing can be done."""
        if is_dead != self.is_dead:
            self.is_dead = is_dead
            self.viewport().update()
            self._need_blink()

    def show_list(self, name: ListName) -> None:
        """Turn to another list; its rows come next."""
        if name != self.name:
            self.name = name
            self._pressed = (0, "")
            self._hold.stop()
            self.rows.show_columns(state.COLUMNS[name])
            self.fit()

    def show_lines(self, lines: Lines, alarms: Mapping[int, Alarm]) -> int:
        """Bring the rows up to date. While the order is held only what stands in them changes.

        Gives how many rows wait to come or go.
        """
        if self.is_held:
            return self.rows.touch(lines, alarms)
        chosen, current, before = self.selected(), self.current(), list(self.rows.ids)
        at = self.verticalScrollBar().value()
        self._is_quiet = True
        if self.rows.take(lines, alarms):
            self._before = before
            self._moved.start()
            self._keep(chosen, current)
            self.verticalScrollBar().setValue(at)
        self._is_quiet = False
        if chosen != self.selected():
            self.chosen.emit()
        self._need_blink()
        return 0

    def _keep(self, chosen: list[int], current: int) -> None:
        """Mark the same alarms again, wherever they are now; those of a list that began anew too."""
        if chosen == self.selected() and current == self.current():
            return
        selection = self.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        selection.clearSelection()
        for each in chosen:
            row = self.rows.row_of(each)
            if row is not None:
                selection.select(self.rows.index(row, 0), flags.Select | flags.Rows)
        row = self.rows.row_of(current)
        if row is not None:
            selection.setCurrentIndex(self.rows.index(row, 0), flags.NoUpdate)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values; only cells whose words differ are painted."""
        is_second = self._snapshot is None or self.name == "shelved"
        self._snapshot = snapshot
        before, self._now = self._now, {}
        column = self.rows.columns.index("now")
        for row in self._seen_rows():
            alarm = self.rows.alarm(row)
            if self.now(alarm) != before.get(alarm.id):
                self.update(self.rows.index(row, column))
            if is_second:
                self.update(self.rows.index(row, 1))

    # What the painter asks

    def text(self, alarm: Alarm, column: str) -> str:
        """The words of a cell; "" = of the whole row."""
        if column == "":
            return state.spoken(self._model, alarm, self.name, self.now(alarm)[0], self.desk.now_us())
        if column == "now":
            return self.now(alarm)[0]
        return state.cell(self._model, alarm, column, self.desk.now_us())

    def short_state(self, alarm: Alarm) -> str:
        """Active, or returned and when."""
        return words.state_words(alarm, self._model.plant.timezone)

    def now(self, alarm: Alarm) -> tuple[str, Kind]:
        """The live value of an alarm's tag, and how it has to look."""
        found = self._now.get(alarm.id)
        if found is None:
            found = self._now[alarm.id] = state.now(self._model, alarm, self._snapshot)
        return found

    def painted(self, alarm: Alarm, row: int) -> None:
        """A row is on the screen: if all of it is, a person may have seen its alarm as it is."""
        if self.is_dead or self.rows.is_gone(row):
            return
        top = self.rowViewportPosition(row)
        if top >= 0 and top + self.rowHeight(row) <= self.viewport().height():
            self.desk.seen[alarm.id] = alarm.changed_us

    def is_pressed(self, alarm_id: int, column: str) -> bool:
        """A finger is on that button."""
        return self._pressed == (alarm_id, column)

    def has_keys(self, row: int) -> bool:
        """The keys act on this row."""
        return self.hasFocus() and self.currentIndex().row() == row

    # What the display asks

    def selected(self) -> list[int]:
        """The alarms that are selected, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.rows.ids[row] for row in rows if row < len(self.rows.ids)]

    def current(self) -> int:
        """The alarm with the keys; 0 = none."""
        row = self.currentIndex().row()
        return self.rows.ids[row] if 0 <= row < len(self.rows.ids) else 0

    def page(self) -> list[int]:
        """The alarms whose whole row can be seen."""
        high = self.viewport().height()
        return [
            self.rows.ids[row]
            for row in self._seen_rows()
            if self.rowViewportPosition(row) >= 0
            and self.rowViewportPosition(row) + self.rowHeight(row) <= high
            and not self.rows.is_gone(row)
        ]

    def mark(self, alarm_id: int) -> bool:
        """Select one alarm and bring it into view; False = it is not in this list."""
        row = self.rows.row_of(alarm_id)
        if row is None:
            return False
        if self.selected() != [alarm_id]:
            flags = QItemSelectionModel.SelectionFlag
            index = self.rows.index(row, 0)
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(self.rows.index(row, 0))
        return True

    @property
    def is_held(self) -> bool:
        """A hand is over the list: no row may move."""
        return self._hold.isActive() or self._pressed[0] != 0

    def let_go(self) -> None:
        """What a person asks for next may move rows: it is their own wish."""
        self._hold.stop()

    def settle(self) -> None:
        """The rows stand where they are for long enough to be tapped."""
        self._moved.invalidate()

    def _seen_rows(self) -> range:
        if not self.rows.ids:
            return range(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(max(0, self.rowAt(0)), (last if last >= 0 else len(self.rows.ids) - 1) + 1)

    # Blinking

    def _need_blink(self) -> None:
        waits = any(words.is_waiting(self.rows.alarm(row)) for row in self._seen_rows())
        self.blink.need(waits and not self.is_dead and self.isVisible())

    def _turn(self) -> None:
        if not self.isVisible() or self.window().isMinimized():
            self.blink.need(False)
            return
        for row in self._seen_rows():
            if words.is_waiting(self.rows.alarm(row)):
                self.update(self.rows.index(row, 0))

    # Hands

    def _let_go(self) -> None:
        if not self.is_held:
            self.released.emit()

    def _place(self, event: QMouseEvent) -> tuple[int, str, QModelIndex]:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return 0, "", index
        return self.rows.ids[index.row()], self.rows.columns[index.column()], index

    def _just_came(self, row: int) -> bool:
        """Another alarm stood in this row a moment ago."""
        if not self._moved.isValid() or self._moved.elapsed() > SETTLE_MS:
            return False
        return row >= len(self._before) or self._before[row] != self.rows.ids[row]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        alarm_id, column, index = self._place(event)
        if alarm_id and self._just_came(index.row()):
            self._hold.start()
            return
        self._hold.start()
        if event.button() != Qt.MouseButton.LeftButton or not alarm_id:
            super().mousePressEvent(event)
            return
        if column in ("act", "menu"):
            self._pressed = alarm_id, column
            self.update(index)
            return
        if column == "badge":
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.Toggle | flags.Rows)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hold.start()
        if not self._pressed[0]:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, (0, "")
        alarm_id, column, index = self._place(event)
        if not pressed[0]:
            super().mouseReleaseEvent(event)
            if alarm_id and column == "message" and self._is_on_fold(index, event):
                self.folded.emit(alarm_id)
            return
        self.viewport().update()
        if (alarm_id, column) == pressed and not self.rows.is_gone(index.row()):
            if column == "act":
                self.acted.emit(alarm_id)
            else:
                self.menu.emit(alarm_id, self._under(index))

    def _is_on_fold(self, index: QModelIndex, event: QMouseEvent) -> bool:
        line, box = self.rows.line(index.row()), self.visualRect(index)
        return line.inside > 0 and event.position().x() > box.right() - 96

    def _under(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        alarm_id, column, _ = self._place(event)
        if column in ("act", "menu", "badge"):
            self.mousePressEvent(event)
        elif alarm_id:
            self.opened.emit(alarm_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        current = self.current()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
            if index.isValid():
                self.menu.emit(self.rows.ids[index.row()], event.globalPos())
        elif current:
            self.menu.emit(current, self._under(self.currentIndex()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._hold.isActive() and not self._pressed[0]:
            self._hold.stop()
            self._let_go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current, row = self.current(), self.currentIndex().row()
        keys, line = Qt.Key, self.rows.line(row) if current else None
        if current and event.key() in (keys.Key_Return, keys.Key_Enter):
            self.opened.emit(current)
        elif line and line.inside and event.key() == (keys.Key_Left if line.is_open else keys.Key_Right):
            self.folded.emit(current)
        elif event.key() in (keys.Key_Left, keys.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _told_chosen(self) -> None:
        if not self._is_quiet:
            self.chosen.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        super().scrollContentsBy(dx, dy)
        self._need_blink()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Share the width among the columns."""
        wide = widths(self.rows.columns, self.viewport().width(), self._theme)
        for at, column in enumerate(self.rows.columns):
            self.setColumnHidden(at, column not in wide)
            if column in wide:
                self.setColumnWidth(at, wide[column])
        self._need_blink()
