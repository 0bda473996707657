"""Rows of a faceplate that lead elsewhere: what feeds it, its manual; and its nameplate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.types import NameplateEntry
from hmi.alarms import Badge, spoken
from hmi.displays.display import Go, Place
from hmi.formats import t
from hmi.shell.faceplate_links import FOLDED, LinkRow, Name, nameplate_text, plate_value
from hmi.theme import Theme, colour
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.labels import Words
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import paint_text, width_of

TITLE_PX, BADGE_PX, GAP_PX = 104, 18, 6
COMMA = ", "


class NameTap(Tap):
    """One name, what parts it from the one before, and the worst alarm there. Nowhere to go = no tap."""

    def __init__(self, theme: Theme, name: Name, go: Go, parent: QWidget) -> None:
        super().__init__(theme, name.path, lambda _: go(name.place), parent)
        self.name, self.badge = name, None
        self.tail = ""
        """A comma, where another name follows: it never begins a line."""
        leads = name.place != Place()
        self.setEnabled(leads)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        if leads:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(name.told)
        self.setAccessibleName(name.text)

    def show_badge(self, badge: Badge | None) -> bool:
        """Another alarm beside it; True = it needs another width."""
        if badge == self.badge:
            return False
        self.badge = badge
        alarm = spoken(badge) if badge is not None else ""
        self.setAccessibleName(f"{self.name.text}, {alarm}" if alarm else self.name.text)
        self.update()
        return True

    def wanted_width(self) -> float:
        """All of it on one line."""
        wide = self._lead() + self._text() + self._badge_room() + self._tail()
        return max(wide, float(self.theme.size.target))

    def _lead(self) -> float:
        lead = "" if self.name.lead == COMMA else self.name.lead
        return width_of(self.theme, lead, self.theme.size.body)

    def _tail(self) -> float:
        return width_of(self.theme, self.tail, self.theme.size.body)

    def _text(self) -> float:
        return width_of(self.theme, self.name.text, self.theme.size.body) + 1

    def _badge_room(self) -> float:
        return 0.0 if self.badge is None else GAP_PX + room_of_badge(self.badge, BADGE_PX, self.theme)

    def frame(self) -> QRectF:
        """Around the name, without what parts it from others."""
        return QRectF(self.rect()).adjusted(max(1.5, self._lead() - 3), 5, -1.5 - self._tail(), -5)

    def paint(self, painter: QPainter) -> None:
        tokens, px, box = self.theme.colour, self.theme.size.body, QRectF(self.rect())
        if self._lead():
            paint_text(painter, box, self.name.lead, self.theme, px, tokens.muted)
        text = box.adjusted(self._lead(), 0, -self._badge_room() - self._tail(), 0)
        named = px if self._text() <= text.width() + 1 else self.theme.size.small
        wide = paint_text(painter, text, self.name.text, self.theme, named, tokens.text)
        if self.isEnabled():
            painter.setPen(colour(tokens.outline))
            foot = box.center().y() + px * 0.62
            painter.drawLine(round(text.left()), round(foot), round(text.left() + wide), round(foot))
        if self.tail:
            end = text.left() + wide + self._badge_room()
            paint_text(painter, box.adjusted(end, 0, 4, 0), self.tail, self.theme, px, tokens.muted)
        if self.badge is not None:
            place = QRectF(text.left() + wide + GAP_PX, box.center().y() - BADGE_PX / 2, 200, BADGE_PX)
            paint_badge_of(painter, place, self.badge, self.theme)


class RelationRow(QWidget):
    """A title and names that flow over as many lines as they need; the last folded ones behind "+3 more"."""

    def __init__(self, theme: Theme, row: LinkRow, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.row, self._go = theme, row, go
        self._badges: Mapping[str, Badge] = {}
        self.is_open = False
        self.names = [NameTap(theme, name, go, self) for name in row.names]
        hidden = len(row.names) - FOLDED
        # Folding away one name takes the room of that name.
        self.is_folded = hidden > 1
        more = Name(t("+{n} more", n=hidden), Place("more"), lead=COMMA, told=t("Show all of them"))
        self.more = NameTap(theme, more, lambda _: self._unfold(), self)
        self.setAccessibleName(row.title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.theme = theme
        for each in (*self.names, self.more):
            each.set_theme(theme)
        self._arrange()
        self.update()

    def show_badges(self, badges: Mapping[str, Badge]) -> None:
        """The worst alarm beside each name in trouble."""
        changed = [each.show_badge(badges.get(each.path) if each.path else None) for each in self.names]
        if any(changed):
            self._arrange()

    def _unfold(self) -> None:
        first = self.names[FOLDED]
        self.is_folded = False
        self._arrange()
        first.setFocus()

    def _shown(self) -> list[NameTap]:
        return [*self.names[:FOLDED], self.more] if self.is_folded else self.names

    def _arrange(self) -> None:
        line = self.theme.size.target
        room, x, y, shown = max(60, self.width() - TITLE_PX), 0, 0, self._shown()
        for each in (*self.names, self.more):
            each.setVisible(each in shown)
        for each, after in zip(shown, [*shown[1:], None], strict=True):
            each.tail = COMMA if after is not None and after.name.lead == COMMA else ""
            wide = min(room, round(each.wanted_width() + 0.5))
            if x and x + wide > room:
                x, y = 0, y + line
            each.setGeometry(TITLE_PX + x, y, wide, line)
            x += wide
        if self.height() != y + line or self.minimumHeight() != y + line:
            self.setFixedHeight(y + line)

    def sizeHint(self) -> QSize:
        return QSize(TITLE_PX + 120, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            box = QRectF(2, 0, TITLE_PX - 8, self.theme.size.target)
            paint_text(
                painter, box, self.row.title, self.theme, self.theme.size.body, self.theme.colour.muted
            )


class Relations(QWidget):
    """All rows of an asset; takes no room where nothing is known."""

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._go = theme, go
        self.rows: list[RelationRow] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for row in self.rows:
            row.set_theme(theme)

    def show_rows(self, rows: Sequence[LinkRow]) -> None:
        """Those of another asset; made anew only where they differ."""
        if tuple(rows) == tuple(each.row for each in self.rows):
            return
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [RelationRow(self._theme, row, self._go, self) for row in rows]
        for row in self.rows:
            self._box.addWidget(row)
        self.setVisible(bool(rows))

    def show_badges(self, badges: Mapping[str, Badge]) -> None:
        """The worst alarm beside each name in trouble."""
        for row in self.rows:
            row.show_badges(badges)


class Nameplate(QWidget):
    """Maker, product, serial number: to be read, selected and copied. ``copied`` = it is on the clipboard."""

    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._asset = theme, ""
        self.entries: tuple[NameplateEntry, ...] = ()
        self._title = Words(theme, t("Nameplate"), "body", bold=True)
        self.copy_button = QPushButton(t("Copy"), self)
        self.copy_button.setAccessibleName(t("Copy the nameplate"))
        self.copy_button.clicked.connect(self._copy)
        self._cells: list[Words] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, TITLE_PX + 40)
        head, box = QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(self._title, 1)
        head.addWidget(self.copy_button)
        box.setContentsMargins(2, 6, 0, 0)
        box.setSpacing(4)
        box.addLayout(head)
        box.addLayout(self._grid)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for each in (self._title, *self._cells):
            each.set_theme(theme)

    def show_entries(self, asset: str, entries: tuple[NameplateEntry, ...]) -> None:
        """Those of another asset; none = no room is taken."""
        if (asset, entries) == (self._asset, self.entries):
            return
        self._asset, self.entries = asset, entries
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for at, entry in enumerate(entries):
            name = Words(self._theme, entry.name, "small", "muted", parent=self)
            value = Words(self._theme, plate_value(entry), "small", parent=self)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            for column, cell in enumerate((name, value)):
                cell.setWordWrap(True)
                self._grid.addWidget(cell, at, column, Qt.AlignmentFlag.AlignTop)
                self._cells.append(cell)
        self.setVisible(bool(entries))
        self.copy_button.setText(t("Copy"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(nameplate_text(self._asset, self.entries))
        self.copy_button.setText(t("Copied"))
        self.copied.emit()
