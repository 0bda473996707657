"""Ctrl+K: go to any tag, asset, alarm or display, or do anything, by typing a few letters."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.model import Model
from hmi.shell.entries import Catalogue, Entry
from hmi.shell.palette_list import ROW_PX, EntryList, EntryPainter
from hmi.theme import Theme

WIDTH_PX, ROOM_PX = 680, 84
PROMPT = "Go to a tag, asset, alarm or display, or type what to do"


class Palette(QFrame):
    """A field over the work area with the best matches under it, in groups."""

    chosen = Signal(Entry)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "popup")
        self._over = parent
        self._before: QWidget | None = None
        self._catalogue = Catalogue(Model(), (), ())
        self._ask: Callable[[str], None] | None = None
        self.field = QLineEdit(self)
        self.field.setAccessibleName(t("Go to"))
        self.rows = EntryList(self)
        self.list = QListView(self)
        self.list.setModel(self.rows)
        self.painter = EntryPainter(theme, self.list)
        self.list.setItemDelegate(self.painter)
        self.list.setUniformItemSizes(False)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(t("Found"))
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.addWidget(self.field)
        box.addWidget(self.list)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(lambda: self._choose(self.list.currentIndex().row()))
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.field.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.painter.theme = theme

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Search this."""
        self._catalogue = catalogue
        if self.isVisible():
            self._search(self.field.text())

    def open(self) -> None:
        """Show the field at the top of the parent and take the keys."""
        self._ask = None
        self._show(t(PROMPT))

    def ask(self, prompt: str, answered: Callable[[str], None]) -> None:
        """Ask for a name instead; Escape = no answer."""
        self._show(prompt)
        self._ask = answered
        self._search("")

    def leave(self) -> None:
        """Go, and give the keys back to what had them."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()

    def _show(self, prompt: str) -> None:
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.field.setPlaceholderText(prompt)
        self.field.clear()
        self.show()
        self.raise_()
        self._search("")
        self.field.setFocus()

    def _search(self, text: str) -> None:
        self.rows.show_groups(() if self._ask else self._catalogue.find(text), bool(text.strip()))
        self.list.setVisible(self._ask is None)
        self.list.setCurrentIndex(self.rows.index(self.rows.step(-1, 1)))
        self.list.scrollToTop()
        room = self._over.rect()
        width = min(WIDTH_PX, room.width() - 40)
        height = ROOM_PX + (self.rows.height() if self._ask is None else -10)
        self.setGeometry((room.width() - width) // 2, 16, width, min(height, room.height() - 32))

    def _choose(self, row: int) -> None:
        if self._ask is not None:
            answered, text = self._ask, self.field.text().strip()
            if text:
                self.leave()
                self._ask = None
                answered(text)
            return
        entry = self.rows.entry(row)
        if entry is not None:
            self.leave()
            self.chosen.emit(entry)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            page = max(1, self.list.height() // ROW_PX - 1)
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: page,
                Qt.Key.Key_PageUp: -page,
            }
            step = steps.get(Qt.Key(event.key()))
            if step:
                row = self.rows.step(self.list.currentIndex().row(), step)
                self.list.setCurrentIndex(self.rows.index(row))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)
