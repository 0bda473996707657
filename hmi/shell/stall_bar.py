"""DISPLAY STALLED: a dark bar over the top of the work area and a dark frame around all of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme, colour
from hmi.widgets.labels import Words

FRAME_PX = 6


class StallBar(QFrame):
    """Since when, and what is being done, in words; not to be closed by hand."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "stalled")
        self._words = Words(theme, step="title", bold=True)
        self._words.setWordWrap(True)
        self._note = Words(theme, t("Every value below is the last one received. Do not act on it."), "body")
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 12, 24, 12)
        box.setSpacing(2)
        box.addWidget(self._words)
        box.addWidget(self._note)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._words.set_theme(theme)
        self._note.set_theme(theme)

    @property
    def words(self) -> str:
        """What the bar says."""
        return self._words.text()

    def show_stalled(self, text: str | None, has_values: bool) -> None:
        """Appear with these words, or go. Without values yet, nothing has stalled."""
        self.setVisible(text is not None)
        if text is None:
            return
        heading = t("DISPLAY STALLED") if has_values else t("NO VALUES YET")
        words = text if text.startswith(heading) else f"{heading} {text}"
        self._words.show_text(words)
        self._note.setVisible(has_values)
        self.setAccessibleName(words)


class StallFrame(QWidget):
    """The frame around the work area; lets every tap through."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            pen = QPen(colour(self._theme.colour.stalled), FRAME_PX)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            half = FRAME_PX / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
