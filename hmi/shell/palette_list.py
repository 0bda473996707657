"""The list of the command palette: titles of groups and entries under them, painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hmi.formats import t
from hmi.shell.entries import Entry, Group
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.text_paint import RIGHT, paint_text, width_of

ROW_PX, TITLE_PX = 44, 30
Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class EntryList(QAbstractListModel):
    """Rows are `Entry` or, for a title that cannot be chosen, text."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[Entry | str] = []

    def show_groups(self, groups: Sequence[Group], is_asked: bool) -> None:
        """Other matches; says so where there is none."""
        self.beginResetModel()
        self._rows = []
        for group in groups:
            self._rows += [group.title, *group.entries]
        if not self._rows and is_asked:
            self._rows = [t("Nothing has these letters in this order.")]
        self.endResetModel()

    def entry(self, row: int) -> Entry | None:
        """What stands on a row; None on a title."""
        found = self._rows[row] if 0 <= row < len(self._rows) else ""
        return found if isinstance(found, Entry) else None

    def step(self, row: int, by: int) -> int:
        """The row of an entry that many rows on; titles are stepped over. -1 where there is none."""
        entries = [at for at, each in enumerate(self._rows) if isinstance(each, Entry)]
        if not entries:
            return -1
        before = sum(at < row for at in entries) if row in entries else -1
        return entries[min(max(0, before + by), len(entries) - 1)]

    def height(self) -> int:
        """All rows in px."""
        return sum(ROW_PX if isinstance(each, Entry) else TITLE_PX for each in self._rows)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.entry(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row if isinstance(row, str) else f"{row.title}, {row.detail}"
        return None


class EntryPainter(QStyledItemDelegate):
    """A title small and muted; an entry with its badge, and where it is beside it."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model = index.model()
        is_entry = isinstance(model, EntryList) and model.entry(index.row()) is not None
        return QSize(200, ROW_PX if is_entry else TITLE_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, EntryList):
            return
        tokens, size = self.theme.colour, self.theme.size
        box, entry = QRectF(option.rect), model.entry(index.row())
        painter.save()
        if entry is None:
            text = str(model.data(index))
            paint_text(painter, box.adjusted(10, 4, -10, 0), text, self.theme, size.small, tokens.muted, True)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(box, colour(tokens.selected))
            inside = box.adjusted(10, 0, -12, 0)
            if entry.badge is not None:
                badge = QRectF(inside.left(), inside.center().y() - 10, 20, 20)
                paint_alarm_badge(
                    painter, badge, entry.badge.priority, self.theme, is_hollow=entry.badge.is_over
                )
                inside.adjust(30, 0, 0, 0)
            name = min(width_of(self.theme, entry.title, size.body, True), inside.width() * 0.65)
            title = QRectF(inside.left(), inside.top(), name + 1, inside.height())
            paint_text(painter, title, entry.title, self.theme, size.body, tokens.text, True)
            inside.adjust(name + 24, 0, 0, 0)
            paint_text(painter, inside, entry.detail, self.theme, size.small, tokens.muted, False, RIGHT)
        painter.restore()
