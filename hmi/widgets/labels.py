"""Labels with the type of the theme, and one that shortens its text instead of growing."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from hmi.formats import tip
from hmi.theme import Theme, font

Step = Literal["small", "body", "title", "value", "big_value"]


class Words(QLabel):
    """A line of text of one step of the type scale. ``look`` picks its colour in the style sheet."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        step: Step = "body",
        look: str = "",
        bold: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._step: Step = step
        self._theme, self._bold = theme, bold
        self.setProperty("look", look)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._theme = theme
        self.setFont(font(theme, getattr(theme.size, self._step), self._bold))

    def set_step(self, step: Step) -> None:
        """Move to another step of the type scale."""
        if step != self._step:
            self._step = step
            self.set_theme(self._theme)

    def set_look(self, look: str) -> None:
        """Take another rule of the style sheet."""
        if look != self.property("look"):
            self.setProperty("look", look)
            self.style().unpolish(self)
            self.style().polish(self)
            # Polishing takes the font of the style sheet; ours has tabular figures.
            self.set_theme(self._theme)

    def set_bold(self, bold: bool) -> None:
        """Heavier, for what a person must see."""
        if bold != self._bold:
            self._bold = bold
            self.set_theme(self._theme)

    def show_text(self, text: str) -> None:
        """Change the text, if it differs."""
        if text != self.text():
            self.setText(text)


class ShortWords(Words):
    """Words that end in … where the room ends; the whole text is the tool tip and the accessible name."""

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def show_text(self, text: str) -> None:
        """Change the text, if it differs."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(tip(text))
            self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(self.font())
            painter.setPen(self.palette().color(self.foregroundRole()))
            text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
            painter.drawText(self.rect(), int(self.alignment()), text)


def panel(look: str = "panel", parent: QWidget | None = None) -> QFrame:
    """An empty frame with a rule of the style sheet."""
    made = QFrame(parent)
    made.setProperty("look", look)
    return made


def heading(theme: Theme, text: str) -> Words:
    """The title of a panel, as tall as the buttons that may stand beside it: titles side by side line up."""
    made = Words(theme, text, "body", bold=True)
    made.setMinimumHeight(theme.size.target)
    return made


def rule(parent: QWidget | None = None) -> QFrame:
    """A 1 px line between two parts of a panel."""
    made = panel("rule", parent)
    made.setFixedHeight(1)
    return made
