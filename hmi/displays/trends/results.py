"""What the engine found out about a stretch of time, in place of the figures of the window."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from hmi.displays.trends.readout import Readout
from hmi.displays.trends.similar_list import SimilarList
from hmi.displays.trends.stretch_state import STATISTICS
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.progress import Progress
from hmi.widgets.trend_head import head_button

PATIENCE_MS, LEAST_PX = 300, 214
"""What comes sooner needs no progress: it would only flash."""


class Results(QFrame):
    """A head with title, progress and ×; below it a table, a list, or words. Hidden while not needed."""

    cancelled = Signal()
    closed = Signal()
    shown = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = Words(theme, "", "body", bold=True)
        self.about = ShortWords(theme, step="small", look="muted")
        self.progress = Progress(theme, self)
        self.cancel = head_button(t("Cancel"), t("Stop the search or the counting"), self)
        self.close_button = head_button("×", t("Back to the figures of the window"), self, is_narrow=True)
        self.words = Words(theme, "", "body", look="muted")
        self.words.setWordWrap(True)
        self.table = Readout(theme, self, STATISTICS)
        self.similar = SimilarList(theme, self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._show_work(True))
        self.cancel.clicked.connect(self.cancelled)
        self.close_button.clicked.connect(self.closed)
        self._lay_out()
        self._show_work(False)
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.about, 1)
        for part in (self.progress, self.cancel, self.close_button):
            head.addWidget(part)
        page = QWidget(self)
        words = QVBoxLayout(page)
        words.setContentsMargins(8, 6, 8, 6)
        words.addWidget(self.words)
        words.addStretch(1)
        self._body = QStackedLayout()
        self._page = page
        for part in (page, self.table, self.similar):
            self._body.addWidget(part)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(head)
        box.addLayout(self._body, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the type and colours of another theme."""
        for part in (self.title, self.about, self.progress, self.words, self.table, self.similar):
            part.set_theme(theme)

    def begin(self, title: str, about: str, waiting: str) -> None:
        """Work has begun: say what is being found out."""
        self.title.show_text(title)
        self.about.show_text(about)
        self.say(waiting)
        self.progress.show_part(0)
        self._show_work(False)
        self._patience.start()
        self.show()
        self.shown.emit(True)

    def say(self, words: str) -> None:
        """Words in place of a result."""
        self._end()
        self.words.show_text(words)
        self._body.setCurrentWidget(self._page)

    def show_result(self, of: QWidget) -> None:
        """Show one of `table` and `similar`."""
        self._end()
        self._body.setCurrentWidget(of)

    def _end(self) -> None:
        self._patience.stop()
        self._show_work(False)

    def _show_work(self, is_long: bool) -> None:
        self.progress.setVisible(is_long)
        self.cancel.setVisible(is_long)

    def fit(self, height: int) -> None:
        """As tall as the figures of the window, so that the plot does not jump, but never too low to read."""
        self.table.setMinimumHeight(0)
        self.table.setMaximumHeight(16_777_215)
        self.setFixedHeight(max(height, LEAST_PX))

    def leave(self) -> None:
        """Give the place back to the figures of the window."""
        self._end()
        self.hide()
        self.shown.emit(False)
