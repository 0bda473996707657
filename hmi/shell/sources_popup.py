"""The list behind the PLC chip: every source with its state, its figures and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from engine.types import EngineStatus, SourceStatus
from hmi.formats import t
from hmi.shell import links
from hmi.theme import Theme
from hmi.widgets.labels import Words, rule

WIDTH_PX = 520


class SourcesPopup(QFrame):
    """Opens under the chip, closes by a tap beside it or by Escape."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popup")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(t("PLCs"))
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(18, 14, 18, 14)
        self._box.setSpacing(4)

    def fill(
        self, theme: Theme, sources: Sequence[SourceStatus], status: EngineStatus | None, locale: str
    ) -> None:
        """Write the list anew."""
        while (item := self._box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._add(Words(theme, t("PLCs"), "title", bold=True, parent=self))
        if not sources:
            self._add(Words(theme, t("No source yet. Add a [[sources]] entry to plant.toml."), parent=self))
        for source in sources:
            self._add_source(theme, source, locale)
        self._box.addSpacing(4)
        self._box.addWidget(rule(self))
        self._add(Words(theme, links.engine(status, locale), "small", "muted", parent=self))

    def _add_source(self, theme: Theme, source: SourceStatus, locale: str) -> None:
        self._box.addSpacing(6)
        self._add(Words(theme, f"{source.id} · {links.state(source)}", "body", bold=True, parent=self))
        self._add(Words(theme, f"{source.driver} · {source.endpoint}", "small", "muted", parent=self))
        self._add(Words(theme, links.facts(source, locale), "small", "muted", parent=self))
        if why := links.why(source):
            self._add(Words(theme, why, "small", parent=self))

    def _add(self, words: Words) -> None:
        words.setWordWrap(True)
        self._box.addWidget(words)

    def open_under(self, widget: QWidget) -> None:
        """Show it under a widget, inside the window."""
        self.adjustSize()
        spot = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + 2))
        self.move(spot)
        self.show()
