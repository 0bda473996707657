"""The list behind the PLC chip: every source with its state, its figures and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.types import EngineStatus, SourceStatus
from hmi import links
from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.labels import Step, Words, panel

WIDTH_PX, EDGE_PX = 560, 10


class Line(NamedTuple):
    """One line of the list and how it is set."""

    text: str
    step: Step = "small"
    look: str = ""
    bold: bool = False


class Group(NamedTuple):
    """Lines that belong together; a tap on them opens the page of ``source`` ("" = no page)."""

    lines: tuple[Line, ...]
    source: str = ""


def groups_of(sources: Sequence[SourceStatus], status: EngineStatus | None, locale: str) -> tuple[Group, ...]:
    """The list in groups: a title, one group a source, the engine."""
    title = [Line(t("PLCs"), "title", bold=True)]
    if not sources:
        title.append(Line(t("No source yet. Add a [[sources]] entry to plant.toml."), "body"))
    return (
        Group(tuple(title)),
        *(_group(source, locale) for source in sources),
        Group((Line(links.engine(status, locale), look="muted"),)),
    )


def _group(source: SourceStatus, locale: str) -> Group:
    found = links.trouble(source)
    return Group(
        (
            Line(f"{source.id} · {links.state(source)}", "body", bold=True),
            *([Line(found.what)] if found.what else []),
            *([Line(t("To do: {do}", do=found.do))] if found.do else []),
            Line(f"{source.driver} · {source.endpoint}", look="muted"),
            Line(links.facts(source, locale), look="muted"),
        ),
        source.id,
    )


class SourceButton(QAbstractButton):
    """A group of lines that can be tapped: its frame shows under the keys and under a finger."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(theme.size.target)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour(tokens.text if self.hasFocus() else tokens.line), 1))
            painter.setBrush(colour(tokens.selected if self.isDown() else tokens.tile))
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, self._theme.size.radius, self._theme.size.radius)


class SourcesPopup(QFrame):
    """Opens under the chip, closes by a tap beside it or by Escape; ``chosen`` is the source tapped."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popup")
        self.setAccessibleName(t("PLCs"))
        self._theme, self._under = theme, parent
        self._shown: tuple[Group, ...] = ()
        self._words: list[Words] = []
        self.buttons: list[SourceButton] = []
        self._room = QScrollArea(self)
        self._room.setWidgetResizable(True)
        self._room.setFrameShape(QFrame.Shape.NoFrame)
        self._room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list = panel("list")
        self._box = QVBoxLayout(self._list)
        self._box.setContentsMargins(14, 14, 14, 14)
        self._box.setSpacing(8)
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
        groups = groups_of(sources, status, locale)
        if theme is not self._theme or _form(groups) != _form(self._shown):
            self._build(theme, groups)
        self._theme, self._shown = theme, groups
        texts = [line.text for group in groups for line in group.lines]
        for words, text in zip(self._words, texts, strict=True):
            words.show_text(text)
        for button, source in zip(self.buttons, sources, strict=True):
            button.setAccessibleName(f"{source.id}: {links.state(source)}")
        if self.isVisible():
            self._fit()

    def _build(self, theme: Theme, groups: Sequence[Group]) -> None:
        self._words.clear()
        self.buttons.clear()
        while (item := self._box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Not by giving it no parent: Qt closes a popup that loses a child that way.
                widget.hide()
                widget.deleteLater()
        for group in groups:
            self._box.addWidget(self._made(theme, group))
        self._box.addStretch(1)

    def _made(self, theme: Theme, group: Group) -> QWidget:
        if group.source:
            made: QWidget = SourceButton(theme, self._list)
            made.clicked.connect(lambda _=False, name=group.source: self._choose(name))
            self.buttons.append(made)
        else:
            made = panel("list", self._list)
        box = QVBoxLayout(made)
        box.setContentsMargins(*((12, 8, 12, 8) if group.source else (4, 0, 4, 0)))
        box.setSpacing(3)
        for line in group.lines:
            words = Words(theme, line.text, line.step, line.look, line.bold, made)
            words.setWordWrap(True)
            words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            box.addWidget(words)
            self._words.append(words)
        return made

    def _choose(self, source: str) -> None:
        self.hide()
        self.chosen.emit(source)

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


def _form(groups: Sequence[Group]) -> list[Group]:
    """All of the list but its figures: what has to be built anew when it differs."""
    return [Group(tuple(line._replace(text="") for line in group.lines), group.source) for group in groups]
