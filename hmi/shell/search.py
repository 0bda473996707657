"""Ctrl+K: go to a tag by typing a few of its letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from engine.types import Tag
from hmi.formats import t
from hmi.shell import fuzzy
from hmi.theme import Theme

WIDTH_PX, ROW_PX, MOST_ROWS = 620, 40, 8


class Search(QFrame):
    """A field over the work area with the best matches under it."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "popup")
        self._over = parent
        self._before: QWidget | None = None
        self._paths: tuple[str, ...] = ()
        self._found: list[int] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(t("Go to a tag: type a few letters of its path"))
        self.field.setAccessibleName(t("Go to a tag"))
        self._rows = QStringListModel(self)
        self.list = QListView(self)
        self.list.setProperty("look", "results")
        self.list.setModel(self._rows)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(t("Tags found"))
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.addWidget(self.field)
        box.addWidget(self.list)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(lambda: self._choose(self.list.currentIndex().row()))
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.field.installEventFilter(self)
        self.hide()

    def set_tags(self, tags: Sequence[Tag]) -> None:
        """Search these."""
        self._paths = tuple(tag.path for tag in tags)

    def open(self) -> None:
        """Show the field at the top of the parent and take the keys."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def leave(self) -> None:
        """Go, and give the keys back to what had them."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()

    def _search(self, text: str) -> None:
        self._found = fuzzy.best(text, self._paths)
        found = [self._paths[i].replace("/", " › ") for i in self._found]
        self._rows.setStringList(found or [t("No tag has these letters in this order.")])
        self.list.setCurrentIndex(self._rows.index(0))
        room, shown = self._over.rect(), min(MOST_ROWS, self._rows.rowCount())
        width = min(WIDTH_PX, room.width() - 40)
        height = min(80 + shown * ROW_PX, room.height() - 40)
        self.setGeometry((room.width() - width) // 2, 16, width, height)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._found):
            self.leave()
            self.chosen.emit(self._found[row])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                row = min(max(0, self.list.currentIndex().row() + step), self._rows.rowCount() - 1)
                self.list.setCurrentIndex(self._rows.index(row))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)
