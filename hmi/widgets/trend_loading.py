"""Words over a trend when its history is slow to come, with a button to wait no longer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hmi.formats import sentence, t
from hmi.history import Detail
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.trend_head import head_button

SLOW_US = 1_000_000
EDGE_PX = 8


class TrendLoading(QFrame):
    """Hidden while all is well or quick. Its one button cancels, or asks again."""

    stopped = Signal()
    again = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "to do")
        self._words = Words(theme, "", "small")
        self.button = head_button(t("Cancel"), t("Do not wait for the rest of the history"), self)
        self._is_waiting = False
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(12)
        row.addWidget(self._words)
        row.addWidget(self.button)
        self.button.clicked.connect(lambda: (self.stopped if self._is_waiting else self.again).emit())
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._words.set_theme(theme)

    def show_detail(self, detail: Detail, plot: QRectF) -> None:
        """What comes, over a plot with its curves in that place."""
        is_slow = detail.waits_us > SLOW_US
        is_seen = detail.part < 1 and (is_slow or detail.is_stopped or bool(detail.trouble))
        if not is_seen:
            self.hide()
            return
        self._is_waiting = is_slow and not detail.is_stopped and not detail.trouble
        self._words.show_text(self._text(detail))
        self._show_button(self._is_waiting)
        self.adjustSize()
        spot = round(plot.center().x() - self.width() / 2), round(plot.top()) + EDGE_PX
        if (self.x(), self.y()) != spot:
            self.move(*spot)
        self.show()

    def _text(self, detail: Detail) -> str:
        if detail.is_stopped:
            return t("Loading was cancelled: the picture is coarse.")
        if detail.trouble:
            return t("History is incomplete: {why}", why=sentence(detail.trouble)[:160])
        return t("Reading history: {percent} %", percent=round(detail.part * 100))

    def _show_button(self, is_waiting: bool) -> None:
        word = t("Cancel") if is_waiting else t("Load again")
        told = t("Do not wait for the rest of the history") if is_waiting else t("Ask for the rest again")
        if self.button.text() != word:
            self.button.setText(word)
            self.button.setAccessibleName(f"{word}: {told}")
            self.button.setToolTip(told)
