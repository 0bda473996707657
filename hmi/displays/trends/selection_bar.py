"""What can be done with a marked stretch of time: a bar of words over it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.trend_head import head_button

Act = Literal["statistics", "similar", "note", "normal", "export", "zoom", "replay", "close"]
_WORDS: tuple[tuple[Act, str, str], ...] = (
    ("statistics", "Statistics", "Lowest, highest, mean and deviation of every pen"),
    ("similar", "Find similar", "Where the chosen pen looked like this before"),
    ("note", "Note…", "Write a note on this stretch of time"),
    ("normal", "Mark as normal…", "All was well here: watch an asset against it"),
    ("export", "Export…", "Write this stretch of time to a file"),
    ("zoom", "Zoom", "Show nothing but this stretch"),
    ("replay", "Replay", "Take the whole window to the beginning of this stretch"),
    ("close", "×", "Mark nothing"),
)
EDGE_PX = 6
RARE: Act = "normal"
"""Left out where the plot is too narrow for all of them."""


class SelectionBar(QFrame):
    """Hidden while nothing is marked. Says what was tapped."""

    acted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("look", "drawer")
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 5, 5, 5)
        row.setSpacing(5)
        for act, word, told in _WORDS:
            button = head_button(t(word), t(told), self, is_narrow=True)
            button.clicked.connect(lambda _=False, act=act: self.acted.emit(act))
            self.buttons[act] = button
            row.addWidget(button)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(t("What to do with the selected time"))
        self.hide()

    def show_over(self, plot: QRectF, selected: QRectF) -> None:
        """Over the marked part of a plot."""
        rare = self.buttons[RARE]
        rare.setVisible(True)
        self.adjustSize()
        if self.width() > self._over.width() - 2 * EDGE_PX:
            rare.setVisible(False)
            self.adjustSize()
        middle = selected.center().x()
        most = self._over.width() - self.width() - EDGE_PX
        left = max(EDGE_PX, min(round(middle - self.width() / 2), most))
        self.move(left, max(0, round(plot.top()) - self.height() // 2))
        self.show()
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.acted.emit("close")
        else:
            super().keyPressEvent(event)
