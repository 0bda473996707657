"""The rail: the displays that work, and below them search, theme and help."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from hmi.displays.display import Display
from hmi.formats import t
from hmi.shell.symbols import symbol
from hmi.theme import Theme, colour, font

ITEM_PX, LEAST_PX, ICON_PX, COUNT_PX = 68, 54, 28, 20


class RailItem(QAbstractButton):
    """Icon above a word; the current one stands on the work area's ground with a dark bar at its left."""

    def __init__(self, theme: Theme, icon: str, word: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._icon = theme, icon
        self.setText(word)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._words, self.count = words, 0

    def show_count(self, count: int, what: str = "") -> None:
        """How many things wait there for a person, and ``what`` they are; 0 = no number."""
        if count != self.count:
            self.count = count
            needs = t("{n} need a look", n=count) if count != 1 else t("1 needs a look")
            needs = f"{count} {what}" if what else needs
            self.setAccessibleName(f"{self._words}, {needs}" if count else self._words)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.size.rail, ITEM_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.size.rail, LEAST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, size = self._theme.colour, self._theme.size
        with QPainter(self) as painter:
            is_current = self.isChecked()
            if is_current:
                painter.fillRect(self.rect(), colour(tokens.background))
                painter.fillRect(QRectF(0, 0, 5, self.height()), colour(tokens.text))
            ink = tokens.text if is_current else tokens.muted
            picture = symbol(self._icon, ink, ICON_PX, self.devicePixelRatioF())
            painter.drawPixmap(round((self.width() - ICON_PX) / 2), self._top(), picture)
            painter.setFont(font(self._theme, size.small, is_current))
            painter.setPen(colour(ink))
            painter.drawText(
                QRectF(0, self._top() + 32, self.width(), 20), Qt.AlignmentFlag.AlignCenter, self.text()
            )
            if self.count:
                self._paint_count(painter)
            if self.hasFocus():
                painter.setPen(colour(tokens.text))
                painter.drawRect(self.rect().adjusted(3, 3, -4, -4))

    def _top(self) -> int:
        # Icon and word together in the middle, also where a low window presses the items together.
        return max(3, (self.height() - 50) // 2)

    def _paint_count(self, painter: QPainter) -> None:
        # As dark as text, never in an alarm colour: it counts what waits, not how bad it is.
        text = str(self.count) if self.count < 100 else "99+"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self._theme, self._theme.size.small, True))
        width = max(COUNT_PX, painter.fontMetrics().horizontalAdvance(text) + 10)
        box = QRectF(min(self.width() / 2 + 7, self.width() - width - 2), self._top() - 5, width, COUNT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._theme.colour.stalled))
        painter.drawRoundedRect(box, COUNT_PX / 2, COUNT_PX / 2)
        painter.setPen(colour(self._theme.colour.stalled_text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class Rail(QFrame):
    """One item a display. Items that do not work do not exist."""

    chosen = Signal(str)
    search = Signal()
    theme = Signal()
    help = Signal()

    def __init__(self, theme: Theme, displays: Sequence[Display], parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "rail")
        self.setFixedWidth(theme.size.rail)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 6)
        box.setSpacing(2)
        self._items: dict[str, RailItem] = {}
        self._parents = {display.id: display.parent for display in displays if not display.rail}
        for place, display in enumerate((each for each in displays if each.rail), start=1):
            title = t(display.title)
            item = RailItem(theme, display.icon, title, t("{title} (Ctrl+{n})", title=title, n=place), self)
            item.setCheckable(True)
            item.clicked.connect(lambda _=False, name=display.id: self.chosen.emit(name))
            box.addWidget(item)
            self._items[display.id] = item
        box.addStretch(1)
        self._tools = (
            RailItem(theme, "search.svg", t("Search"), t("Go to anything by typing (Ctrl+K)"), self),
            RailItem(theme, "theme.svg", t(theme.title), t("Day, night, sunlight (Ctrl+T)"), self),
            RailItem(theme, "help.svg", t("Help"), t("Help (F1)"), self),
        )
        for tool, signal in zip(self._tools, (self.search, self.theme, self.help), strict=True):
            tool.clicked.connect(signal)
            box.addWidget(tool)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for item in (*self._items.values(), *self._tools):
            item.set_theme(theme)
        self._tools[1].setText(t(theme.title))

    def show_count(self, name: str, count: int, what: str = "") -> None:
        """How many things wait for a person on a display, and what they are."""
        self._items[name].show_count(count, what)

    def show_current(self, name: str) -> None:
        """Mark the display on show; one without an entry of its own marks that of its parent."""
        name = self._parents.get(name, name)
        for key, item in self._items.items():
            item.setChecked(key == name)
