"""The page of one source: head, notes, tags in trouble, history, link, certificates."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.types import Plant, SourceDetail, SourceStatus
from hmi.displays.system import certificate_state as certificates
from hmi.displays.system import login_state
from hmi.displays.system import state as system
from hmi.displays.system.certificates_panel import CertificatesPanel
from hmi.displays.system.fact_grid import FactGrid
from hmi.displays.system.head import Head, NotesPanel
from hmi.displays.system.login_panel import LoginPanel
from hmi.displays.system.unsecured_panel import UnsecuredPanel
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words, heading
from hmi.widgets.table import TextTable

TWO_COLUMNS_PX = 1040


class TablePanel(QFrame):
    """A table with its title and count, a button to copy it, and calm words where it would be empty."""

    def __init__(self, theme: Theme, title: str, table: TextTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.table = table
        self.count = Words(theme, step="small", look="muted")
        self.calm = ShortWords(theme, step="body", look="muted")
        table.setAccessibleName(title)
        self._copy = QPushButton(t("Copy"), self)
        self._copy.setToolTip(t("Copy the selected rows, or all of them (Ctrl+C)"))
        self._copy.clicked.connect(table.copy)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(heading(theme, title))
        head.addWidget(self.count, 1)
        head.addWidget(self._copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 6, 10, 12)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(table, 1)
        box.addWidget(self.calm)

    def show_rows(self, rows: tuple[system.Cells, ...], count: str, calm: str, is_old: bool) -> None:
        """Bring it up to date. ``is_old`` = nobody knows whether it still holds: all of it grey."""
        if (self.table.property("look") == "old") != is_old:
            self.table.setProperty("look", "old" if is_old else "")
            self.table.style().unpolish(self.table)
            self.table.style().polish(self.table)
        self.table.show_rows(rows)
        self.count.show_text(count)
        self.calm.show_text(calm)
        self.calm.setVisible(not rows)
        for part in (self.table, self._copy):
            part.setVisible(bool(rows))
        vertical = QSizePolicy.Policy.Expanding if rows else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)


class SourcePage(QScrollArea):
    """Filled once a second at most; keeps its scroll and what is selected in its tables."""

    retry = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._gap = theme.size.gap
        self._is_wide: bool | None = None
        content = QFrame(self)
        content.setProperty("look", "page")
        self.head, self.notes = Head(theme, content), NotesPanel(theme, content)
        titles = (t("Tag"), t("Address"), t("Quality"), t("Why"))
        table = TextTable(
            theme,
            titles,
            (11, 8, 0, 9),
            content,
            widest={2: t("uncertain")},
            least_rows=5,
            middle=(0, 1),
        )
        self.tags = TablePanel(theme, t("Tags in trouble"), table, content)
        titles = (t("Time"), t("State"), t("Why"))
        table = TextTable(
            theme,
            titles,
            (0, 0, 1),
            content,
            widest={0: "Wed 22 Nov 23:59:59", 1: t("connecting")},
            least_rows=4,
            is_sortable=False,
        )
        self.history = TablePanel(theme, t("Last changes"), table, content)
        self.link = QFrame(content)
        self.facts = FactGrid(theme, self.link)
        self._make_link(theme)
        self.login, self.unsecured = LoginPanel(theme, content), UnsecuredPanel(theme, content)
        self.certificates = CertificatesPanel(theme, content)
        self._left, self._right = QWidget(content), QWidget(content)
        self._lay_out(content)
        self.setWidget(content)
        self.head.retry.connect(self.retry)
        self.head.show_certificate.connect(lambda: self.ensureWidgetVisible(self.certificates, 0, self._gap))

    def _make_link(self, theme: Theme) -> None:
        self.link.setProperty("look", "panel")
        box = QVBoxLayout(self.link)
        box.setContentsMargins(16, 6, 16, 14)
        box.setSpacing(4)
        box.addWidget(heading(theme, t("The link")))
        box.addWidget(self.facts)

    def _lay_out(self, content: QWidget) -> None:
        columns = (
            (self._left, ((self.tags, 3), (self.history, 2))),
            (self._right, ((self.link, 0), (self.login, 0), (self.unsecured, 0), (self.certificates, 0))),
        )
        for column, panels in columns:
            box = QVBoxLayout(column)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(self._gap)
            for part, stretch in panels:
                box.addWidget(part, stretch)
            box.addStretch(0 if column is self._left else 1)
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(self._gap)
        self._grid.addWidget(self.head, 0, 0, 1, 2)
        self._grid.addWidget(self.notes, 1, 0, 1, 2)
        self._arrange(False)

    def _arrange(self, is_wide: bool) -> None:
        """Two columns where there is room, else one below the other."""
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        for part in (self._left, self._right):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._left, 2, 0, 1, 1 if is_wide else 2)
        self._grid.addWidget(self._right, 2 if is_wide else 3, 1 if is_wide else 0, 1, 1 if is_wide else 2)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(2, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.viewport().width()
        self._arrange(width >= TWO_COLUMNS_PX)
        self.head.set_width(width)

    def show_source(
        self, source: SourceStatus, detail: SourceDetail | None, plant: Plant, now_us: int, is_stalled: bool
    ) -> None:
        """Bring the page up to date; without a detail it shows what the list knows."""
        cards = certificates.cards(() if detail is None else detail.certificates, now_us, plant.timezone)
        login = None if detail is None else detail.login
        wants_password = login is not None and login_state.is_poor(login)
        self.head.show_source(source, is_stalled, bool(cards.rejected), wants_password)
        self.notes.show_notes(() if detail is None else system.notes(detail, plant, now_us))
        self.facts.show_facts(system.link_facts(source, detail, plant.locale), is_stalled)
        self.login.show_login(login, plant, now_us, is_stalled)
        self.unsecured.show_state("" if detail is None else detail.unsecured, is_stalled)
        self.certificates.show_cards(cards, is_stalled)
        self.tags.show_rows(
            () if detail is None else system.troubled_rows(detail),
            system.troubled_words(detail, is_stalled),
            system.calm_words(source, detail, is_stalled),
            is_stalled,
        )
        self.history.show_rows(
            () if detail is None else system.event_rows(detail, plant, now_us),
            "",
            system.waiting_words() if detail is None else t("No change since the engine started."),
            is_stalled,
        )
