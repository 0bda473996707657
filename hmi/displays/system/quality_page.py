"""The page of data quality: areas, devices or tags as a table, the worst first, with five small bars each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hmi.displays.system import quality_state as quality
from hmi.displays.system.quality_state import LEVELS, Listed, Quality
from hmi.displays.system.side_bars import SIDE_COLUMNS, ScoreDelegate, SideDelegate, WhyDelegate
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.table import TextTable

COLUMNS_FROM_PX, ONE_ROW_PX = 1240, 1100


class QualityPage(QFrame):
    """``opened`` = a line was tapped, with its path; ``drawn`` = these tags are wanted in Trends."""

    opened = Signal(str)
    drawn = Signal(str)
    turned = Signal(str)
    filtered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._shown: tuple[Quality | None, bool] = None, False
        self._listed: Listed | None = None
        self.summary = ShortWords(theme, step="small", look="muted")
        self.news = Words(theme, step="small", bold=True)
        self.calm = Words(theme, step="body", look="muted")
        self.legend = Words(theme, quality.legend(), "small", "muted")
        for words in (self.news, self.calm, self.legend):
            words.setWordWrap(True)
        sides = (t("Complete"), t("Timely"), t("In range"), t("Moving"), t("Consistent"))
        titles = (t("Name"), t("Score"), *sides, t("Weakest side"))
        self.table = TextTable(
            theme,
            titles,
            (4, 0, 0, 0, 0, 0, 0, 6),
            self,
            widest={1: "●● 100 %", **dict.fromkeys(SIDE_COLUMNS, "Consistent 00")},
            least_rows=3,
            middle=(0,),
        )
        self.table.setAccessibleName(t("Data quality"))
        self._side, self._why = SideDelegate(theme, self.table), WhyDelegate(theme, self.table)
        self._drawing = (ScoreDelegate(theme, self.table), self._side, self._why)
        self.table.setItemDelegateForColumn(1, self._drawing[0])
        for column in SIDE_COLUMNS:
            self.table.setItemDelegateForColumn(column, self._side)
        self.table.setItemDelegateForColumn(SIDE_COLUMNS[-1] + 1, self._why)
        self._make_hands(theme)
        self._lay_out(theme)
        self._connect()
        self.setFocusProxy(self.table)

    def _make_hands(self, theme: Theme) -> None:
        self.levels = QButtonGroup(self)
        for place, level in enumerate(LEVELS):
            button = QPushButton(quality.title(None, level), self)
            button.setCheckable(True)
            button.setChecked(place == 0)
            self.levels.addButton(button, place)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(t("Filter by name or reason"))
        self.filter.setAccessibleName(t("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(120)
        self.filter.setMaximumWidth(360)
        self.trends = QPushButton(t("Show in Trends"), self)
        self.trends.setToolTip(t("Draw the selected tags (Ctrl+click selects), or the worst of the list"))
        self._copy = QPushButton(t("Copy"), self)
        self._copy.setToolTip(t("Copy the selected rows, or all of them (Ctrl+C)"))
        for button in (*self.levels.buttons(), self.trends, self._copy):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _lay_out(self, theme: Theme) -> None:
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(heading(theme, t("Data quality")))
        title.addWidget(self.summary, 1)
        hands = QHBoxLayout()
        hands.setSpacing(6)
        for button in self.levels.buttons():
            hands.addWidget(button)
        hands.addSpacing(6)
        hands.addWidget(self.filter, 1)
        hands.addStretch(0)
        for button in (self.trends, self._copy):
            hands.addWidget(button)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.setSpacing(8)
        self._head.addLayout(title, 1)
        self._head.addLayout(hands, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 10, 12)
        box.setSpacing(8)
        box.addLayout(self._head)
        box.addWidget(self.news)
        box.addWidget(self.table, 1000)
        box.addWidget(self.calm)
        # Takes the room only while there is no table: else the heading would drift to the middle.
        box.addStretch(1)
        box.addWidget(self.legend)

    def _connect(self) -> None:
        self.levels.idClicked.connect(lambda place: self.turned.emit(LEVELS[place]))
        self.filter.textChanged.connect(self.filtered)
        self.table.clicked.connect(self._tapped)
        self.table.activated.connect(self._open)
        self.trends.clicked.connect(self._draw)
        self._copy.clicked.connect(self.table.copy)

    # What the view calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words and table are told by the view."""
        for each in self._drawing:
            each.theme = theme
        self.table.viewport().update()

    def show_quality(self, state: Quality, is_stalled: bool) -> None:
        """Bring the page up to date; what is selected and how far it is scrolled stays."""
        # Identity: to compare thousands of scores each second would cost more than it saves.
        if self._shown[0] is state and self._shown[1] == is_stalled:
            return
        before, self._shown = self._shown[0], (state, is_stalled)
        if before is None or before.scores is not state.scores:
            self.summary.show_text(quality.summary(state))
        if self._drawing[0].is_old != is_stalled:
            for each in self._drawing:
                each.is_old = is_stalled
            self.table.setProperty("look", "old" if is_stalled else "")
            self.table.style().unpolish(self.table)
            self.table.style().polish(self.table)
        self._show_levels(state)
        rows = quality.rows(self._list(state), state.filter)
        self.table.show_rows(rows)
        for words, text in (
            (self.news, quality.news_words(state, is_stalled)),
            (self.calm, quality.calm_words(state, bool(rows), is_stalled)),
        ):
            words.show_text(text)
            words.setVisible(bool(text))
        self.table.setVisible(bool(rows))
        self._copy.setEnabled(bool(rows))
        self.trends.setVisible(state.level == "tags")
        self.trends.setEnabled(bool(rows))

    def _list(self, state: Quality) -> Listed | None:
        """The lines of the level on show, as long as nothing but the filter changes."""
        if state.scores is None:
            self._listed = None
        elif self._listed is None or not _is_of(self._listed, state):
            self._listed = quality.listed(state.scores, state.level)
        return self._listed

    def _show_levels(self, state: Quality) -> None:
        for button, level in zip(self.levels.buttons(), LEVELS, strict=True):
            button.setChecked(level == state.level)
            button.setText(quality.title(state.scores, level))

    # Hands

    def _tapped(self, index: QModelIndex) -> None:
        # With Ctrl or Shift a tap selects.
        if QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.table.texts.rows[index.row()][0])

    def _draw(self) -> None:
        chosen = [self.table.texts.rows[each.row()][0] for each in self.table.selectionModel().selectedRows()]
        self.drawn.emit(quality.pens(self.table.texts.rows, chosen))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions, width = QBoxLayout.Direction, self.width()
        self._head.setDirection(directions.LeftToRight if width >= ONE_ROW_PX else directions.TopToBottom)
        hides = width < COLUMNS_FROM_PX
        self._why.has_bars = hides
        if self.table.isColumnHidden(SIDE_COLUMNS[0]) != hides:
            for column in SIDE_COLUMNS:
                self.table.setColumnHidden(column, hides)
            self.table.fit()


def _is_of(listed: Listed, state: Quality) -> bool:
    # Identity: to compare thousands of scores would cost more than to list them.
    return listed.scores is state.scores and listed.level == state.level
