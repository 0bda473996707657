"""The chapters of a document, beside its page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from hmi.documents import Heading
from hmi.formats import t

CONTENTS_PX = 250


class Contents(QListWidget):
    """``chosen`` = a page is wanted, by hand or by Enter."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "results")
        self.setAccessibleName(t("Chapters"))
        self.setFixedWidth(CONTENTS_PX)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_outline(self, outline: Sequence[Heading]) -> None:
        """Other chapters; those within others stand further in."""
        self.clear()
        for each in outline:
            item = QListWidgetItem("\u2003" * each.depth + each.title, self)
            item.setData(Qt.ItemDataRole.UserRole, each.page)
            item.setToolTip(t("{title}, page {page}", title=each.title, page=each.page))

    def show_chapter(self, at: int) -> None:
        """Mark the one that the page belongs to; -1 = none."""
        if at == self.currentRow():
            return
        self.setCurrentRow(at)
        item = self.currentItem()
        if item is not None:
            self.scrollToItem(item, QListWidget.ScrollHint.PositionAtCenter)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
