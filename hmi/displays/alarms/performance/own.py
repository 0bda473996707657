"""Asks for a stretch of time of one's own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from hmi import typed_time
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.state import Stretch
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

SHEET_PX = 560


class OwnSheet(Sheet):
    """``wanted`` = (start_us, end_us) that a person typed."""

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("A stretch of time of your own"), SHEET_PX, parent)
        self._now_us, self._zone = 0, "UTC"
        self.start, self.end = QLineEdit(self), QLineEdit(self)
        self.start.setAccessibleName(t("Start: year-month-day hours:minutes"))
        self.end.setAccessibleName(t("End: year-month-day hours:minutes"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.start, 1)
        row.addWidget(Words(theme, t("to")))
        row.addWidget(self.end, 1)
        self.body.addLayout(row)
        self.said = Words(theme, "", "small", look="muted")
        self.said.setWordWrap(True)
        self.body.addWidget(self.said)
        self.show_button = QPushButton(t("Show"), self)
        self.foot.addWidget(self.show_button)
        self.show_button.clicked.connect(self._take)
        for field in (self.start, self.end):
            field.returnPressed.connect(self._take)

    def ask(self, span: Stretch, now_us: int, zone: str) -> None:
        """Open, with this stretch typed in."""
        self._now_us, self._zone = now_us, zone
        self.start.setText(typed_time.typed(span[0], zone))
        self.end.setText(typed_time.typed(span[1], zone))
        self.said.show_text(t("Times of the plant. Below 30 days nothing is called good or bad."))
        self.open()
        self.start.setFocus()
        self.start.selectAll()

    def _take(self) -> None:
        found = state.own(self.start.text(), self.end.text(), self._now_us, self._zone)
        if isinstance(found, str):
            self.said.show_text(found)
            self.place()
        else:
            self.leave()
            self.wanted.emit(found)
