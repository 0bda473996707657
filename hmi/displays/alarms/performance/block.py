"""A table of the Performance page: title, what it is, its first rows and a button for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStyledItemDelegate, QVBoxLayout, QWidget

from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.performance.rows import Listing
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.table import TextTable
from hmi.widgets.trend_head import head_button

FIRST_ROWS = 10


class Block(QFrame):
    """``asked`` = a row was tapped, or Return pressed on it: what it is about, and where on the screen."""

    asked = Signal(object, QPoint)

    def __init__(
        self,
        theme: Theme,
        first: Listing,
        weights: Sequence[int],
        widest: Mapping[int, str],
        parent: QWidget,
        middle: Sequence[int] = (),
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._theme, self._shown, self._is_whole = theme, first, False
        self._is_fixed = False
        self.title = heading(theme, first.title)
        self.words = ShortWords(theme, step="small", look="muted")
        self.more = head_button("", t("Show every row of this table"), self, checkable=True)
        self.more.clicked.connect(self._turn)
        self.copy = head_button(t("Copy"), t("Copy the selected rows, or all of them (Ctrl+C)"), self)
        self.table = TextTable(
            theme,
            first.heads,
            weights,
            self,
            widest=widest,
            least_rows=0,
            is_sortable=False,
            middle=middle,
        )
        self.table.setAccessibleName(first.title)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.calm = Words(theme, step="body", look="muted")
        self.calm.setWordWrap(True)
        self.setFocusProxy(self.table)
        self._lay_out()
        self.table.clicked.connect(self._tapped)
        self.table.activated.connect(self._open)
        self.copy.clicked.connect(self.table.copy)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.words, 1)
        head.addWidget(self.more)
        head.addWidget(self.copy)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(14, 6, 8, 10)
        self._box.setSpacing(6)
        self._box.addLayout(head)
        self._box.addWidget(self.table)
        self._box.addWidget(self.calm)
        self._box.addStretch(1)

    def set_delegate(self, column: int, delegate: QStyledItemDelegate) -> None:
        """Draw a column otherwise."""
        self.table.setItemDelegateForColumn(column, delegate)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme; the words are told by the page."""
        self._theme = theme
        self.table.set_theme(theme)
        self._fit()

    def set_old(self, is_old: bool) -> None:
        """Whether nobody knows that it still holds."""
        look = "old" if is_old else ""
        if self.table.property("look") != look:
            self.table.setProperty("look", look)
            self.table.style().unpolish(self.table)
            self.table.style().polish(self.table)
            self.table.set_theme(self._theme)

    def show_listing(self, listing: Listing) -> None:
        """Other rows; what is selected stays where its first cell stays."""
        self._shown = listing
        self.title.show_text(listing.title)
        self.words.show_text(listing.words)
        self.calm.show_text(listing.calm)
        self._fill()

    def _fill(self) -> None:
        count = self._shown.count
        self.table.show_rows(self._shown.rows(None if self._is_whole else FIRST_ROWS))
        self.more.setVisible(count > FIRST_ROWS and not self._is_fixed)
        said = t("Show {n}", n=FIRST_ROWS) if self._is_whole else t("Show all {n}", n=count)
        if self.more.text() != said:
            self.more.setText(said)
            self.more.setAccessibleName(f"{said}: {self._shown.title}")
        self.more.setChecked(self._is_whole)
        self.table.setVisible(count > 0)
        self.copy.setVisible(count > 0)
        self.calm.setVisible(count == 0 and bool(self._shown.calm))
        self._fit()

    def _fit(self) -> None:
        """As high as its rows: the page scrolls, not the table. Rows that can be tapped fit a finger."""
        header = self.table.verticalHeader()
        if self._shown.subject is not None:
            header.setDefaultSectionSize(self._theme.size.target)
        rows = len(self.table.texts.rows) * header.defaultSectionSize()
        self.table.setFixedHeight(self.table.horizontalHeader().height() + rows + 2)

    def show_whole(self) -> None:
        """Every row from the beginning."""
        self._is_whole = self._is_fixed = True

    def _turn(self) -> None:
        self._is_whole = not self._is_whole
        self._fill()

    # Hands

    def _tapped(self, index: QModelIndex) -> None:
        # With Ctrl or Shift a tap selects.
        if QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        if self._shown.subject is not None and 0 <= index.row() < self._shown.count:
            about: Subject = self._shown.subject(index.row())
            spot = self.table.visualRect(index).bottomLeft()
            self.asked.emit(about, self.table.viewport().mapToGlobal(spot))
