"""The page of clocks: this computer's, a line for each device, and how fast the tags live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.types import Plant, SourceStatus
from hmi.displays.feed import Feed
from hmi.displays.system import clock_state as clocks
from hmi.displays.system.clock_asking import ClockAsking
from hmi.displays.system.clock_state import Clocks
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.state import Row
from hmi.formats import t
from hmi.model import NO_PLANT, Model
from hmi.theme import Theme, colour, font
from hmi.who import Who
from hmi.widgets.buttons import told_button
from hmi.widgets.labels import ShortWords, Words, heading, rule
from hmi.widgets.state_mark import paint_state_mark
from hmi.widgets.table import TextTable

_Index = QModelIndex | QPersistentModelIndex
PAD, MARK_PX = 13, 22
NARROW_PX = 1150
LOOK_MS = 1000
DRIFT, LAG, REORDERED, MEASURED = 2, 3, 4, 5


class ClocksPage(QFrame):
    """``opened`` = a line was tapped: the source of that name; ``told`` = what stands beside the sources.

    Asks every few seconds, and only while it can be seen.
    """

    opened = Signal(str)
    told = Signal()

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed, self._plant = feed, NO_PLANT
        self._sources: tuple[SourceStatus, ...] = ()
        self._is_stalled = False
        self._asking = ClockAsking(feed, self._show)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.setProperty("look", "panel")
        self._shown: tuple[Clocks, bool, int] | None = None
        self.summary = ShortWords(theme, step="small", look="muted")
        self.news = Words(theme, step="small", bold=True)
        self.host = FactGrid(theme, self)
        titles = (t("Device"), t("Its clock against ours"), t("Drift"), t("Samples come after"))
        self.table = TextTable(
            theme,
            (*titles, t("Out of order"), t("Measured"), t("What to know")),
            (3, 0, 0, 0, 0, 0, 5),
            self,
            widest={
                1: t("00.0 s behind, \u00b1 000 ms"),
                DRIFT: "\u2212000.0 ppm",
                LAG: t("000 ms; 1 % over 000 ms"),
                REORDERED: t("Out of order"),
                MEASURED: t("00 min ago"),
            },
            least_rows=3,
            middle=(0,),
        )
        self.table.setAccessibleName(t("Clocks of the devices"))
        self.delegate = MarkDelegate(theme, self.table)
        self.table.setItemDelegate(self.delegate)
        self.scales = TextTable(
            theme,
            (t("Tags that live by"), t("Samples of a tag"), t("Tags"), t("Samples a second"), t("In memory")),
            (3, 3, 2, 2, 2),
            self,
            widest={},
            least_rows=4,
        )
        self.scales.setAccessibleName(t("Time scales"))
        self.order = Words(theme, clocks.order_words(), "small", "muted")
        for words in (self.news, self.order):
            words.setWordWrap(True)
        self._copy: QPushButton = told_button(t("Copy"), t("Copy the rows (Ctrl+C)"), self)
        self._scale_words = heading(theme, t("Time scales"))
        self._lay_out(theme)
        self._copy.clicked.connect(self.table.copy)
        self.table.clicked.connect(self._tapped)
        self.table.activated.connect(self._open)
        self.setFocusProxy(self.table)

    def _lay_out(self, theme: Theme) -> None:
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(heading(theme, t("Clocks")))
        title.addWidget(self.summary, 1)
        title.addWidget(self._copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 10, 12)
        box.setSpacing(8)
        box.addLayout(title)
        box.addWidget(self.news)
        box.addWidget(self.host)
        box.addWidget(self.table, 3)
        box.addWidget(rule())
        box.addWidget(self._scale_words)
        box.addWidget(self.scales, 0)
        box.addStretch(0)
        box.addWidget(self.order)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words and tables are told by the view."""
        self.delegate.theme = theme
        self.table.viewport().update()

    def set_plant(self, model: Model) -> None:
        """Another engine may have started: what was known is asked anew."""
        self._plant = model.plant
        self._asking.forget()
        self._look()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The state of all links, for the line beside them."""
        self._sources = tuple(sources)

    def set_who(self, known: Who) -> None:
        """Everybody may see the clocks."""

    def set_stalled(self, stalled: bool) -> None:
        """What the engine said is old while it is silent."""
        self._is_stalled = stalled
        self._asking.give_up()
        self._show()

    def row(self, is_stalled: bool) -> Row:
        """Its line beside the sources."""
        return clocks.row(self._sources, is_stalled)

    def _look(self) -> None:
        if self.isVisible() and not self.window().isMinimized() and not self._is_stalled:
            self._asking.ask()
        self._show()

    def _show(self) -> None:
        if self.isVisible():
            self.show_clocks(self._asking.state, self._plant, self._feed.now_us(), self._is_stalled)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def show_clocks(self, state: Clocks, plant: Plant, now_us: int, is_stalled: bool) -> None:
        """Bring the page up to date; what is selected and how far it is scrolled stays."""
        key = state, is_stalled, now_us // 1_000_000
        if self._shown is not None and self._shown[0] is state and self._shown[1:] == key[1:]:
            return
        self._shown = key
        self.summary.show_text(clocks.summary(state))
        news = clocks.news_words(state, is_stalled)
        self.news.show_text(news)
        self.news.setVisible(bool(news))
        told = state.told
        for part in (self.host, self.table, self.scales, self._scale_words, self._copy):
            part.setVisible(told is not None)
        if told is None:
            return
        self.host.show_facts(clocks.host_facts(told.host, plant.locale))
        self.delegate.off = frozenset(each.source for each in told.devices if clocks.is_off(each))
        self.delegate.is_old = is_stalled
        self.table.show_rows(clocks.rows(told, now_us, plant.timezone, plant.locale))
        self.scales.show_rows(clocks.scale_rows(told, plant.locale))

    def _tapped(self, index: QModelIndex) -> None:
        # With Ctrl or Shift a tap selects.
        if QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.table.texts.rows[index.row()][0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hides = self.width() < NARROW_PX
        for column in (DRIFT, MEASURED):
            if self.table.isColumnHidden(column) != hides:
                self.table.setColumnHidden(column, hides)
                self.table.fit()


class MarkDelegate(QStyledItemDelegate):
    """A filled dot and heavier words in the rows of ``off``; grey while what is known is old."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.off: frozenset[str] = frozenset()
        self.is_old = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        state: Any = option.state
        rect: Any = option.rect
        box, tokens = QRectF(rect), self.theme.colour
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colour(tokens.selected))
        source = str(index.sibling(index.row(), 0).data(Qt.ItemDataRole.DisplayRole))
        is_off = source in self.off and not self.is_old
        room = box.adjusted(PAD, 0, -PAD, 0)
        if index.column() == 0:
            if is_off:
                paint_state_mark(painter, QPointF(room.left() + 6, room.center().y()), "look", self.theme)
            room.setLeft(room.left() + MARK_PX)
        is_heavy = is_off and index.column() in (0, 1)
        painter.setFont(font(self.theme, self.theme.size.small, is_heavy))
        painter.setPen(colour(tokens.muted if self.is_old else tokens.text))
        words = str(index.data(Qt.ItemDataRole.DisplayRole))
        mode = Qt.TextElideMode.ElideMiddle if index.column() == 0 else Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(words, mode, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()
