"""The list behind the PLC chip: every source with its state, its figures and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import EngineStatus, SourceStatus
from hmi.formats import t
from hmi.shell import links
from hmi.theme import Theme
from hmi.widgets.labels import Step, Words, panel

WIDTH_PX, EDGE_PX = 560, 10


class Line(NamedTuple):
    """One line of the list and how it is set."""

    text: str
    step: Step = "small"
    look: str = ""
    bold: bool = False


def lines_of(sources: Sequence[SourceStatus], status: EngineStatus | None, locale: str) -> list[list[Line]]:
    """The list in groups: a title, one group a source, the engine."""
    groups = [[Line(t("PLCs"), "title", bold=True)]]
    if not sources:
        groups[0].append(Line(t("No source yet. Add a [[sources]] entry to plant.toml."), "body"))
    for source in sources:
        groups.append(
            [
                Line(f"{source.id} · {links.state(source)}", "body", bold=True),
                Line(f"{source.driver} · {source.endpoint}", look="muted"),
                Line(links.facts(source, locale), look="muted"),
                *([Line(links.why(source))] if links.why(source) else []),
            ]
        )
    groups.append([Line(links.engine(status, locale), look="muted")])
    return groups


class SourcesPopup(QFrame):
    """Opens under the chip, closes by a tap beside it or by Escape."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popup")
        self.setAccessibleName(t("PLCs"))
        self._theme, self._under = theme, parent
        self._shown: list[list[Line]] = []
        self._words: list[Words] = []
        self._room = QScrollArea(self)
        self._room.setWidgetResizable(True)
        self._room.setFrameShape(QFrame.Shape.NoFrame)
        self._room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list = panel("list")
        self._box = QVBoxLayout(self._list)
        self._box.setContentsMargins(18, 14, 18, 14)
        self._box.setSpacing(4)
        self._room.setWidget(self._list)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.addWidget(self._room)

    @property
    def texts(self) -> list[str]:
        """What the list says, line by line."""
        return [words.text() for words in self._words]

    def fill(
        self, theme: Theme, sources: Sequence[SourceStatus], status: EngineStatus | None, locale: str
    ) -> None:
        """Bring the list up to date; where only figures differ, nothing but their text changes."""
        groups = lines_of(sources, status, locale)
        form = [[line._replace(text="") for line in group] for group in groups]
        if theme is not self._theme or form != [[each._replace(text="") for each in g] for g in self._shown]:
            self._build(theme, groups)
        self._theme, self._shown = theme, groups
        texts = [line.text for group in groups for line in group]
        for words, text in zip(self._words, texts, strict=True):
            words.show_text(text)
        if self.isVisible():
            self._fit()

    def _build(self, theme: Theme, groups: Sequence[Sequence[Line]]) -> None:
        self._words.clear()
        while (item := self._box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Not by giving it no parent: Qt closes a popup that loses a child that way.
                widget.hide()
                widget.deleteLater()
        for place, group in enumerate(groups):
            if place:
                self._box.addSpacing(10)
            for line in group:
                words = Words(theme, line.text, line.step, line.look, line.bold, self._list)
                words.setWordWrap(True)
                self._box.addWidget(words)
                self._words.append(words)
        self._box.addStretch(1)

    def open_under(self, widget: QWidget) -> None:
        """Show it under a widget, inside the window; the list scrolls where it is longer than that."""
        self._under = widget
        self._fit()
        self.show()
        self._room.setFocus()

    def _fit(self) -> None:
        window, under = self._under.window(), self._under
        spot = under.mapTo(window, QPoint(under.width() - WIDTH_PX, under.height() + 2))
        spot.setX(max(EDGE_PX, spot.x()))
        wanted = self._list.heightForWidth(WIDTH_PX - 2) + 4
        self.setFixedSize(WIDTH_PX, min(wanted, window.height() - spot.y() - EDGE_PX))
        self.move(window.mapToGlobal(spot))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.hide()
        else:
            super().keyPressEvent(event)
