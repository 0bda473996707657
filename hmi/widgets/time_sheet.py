"""A sheet that asks for a time of a person's own, from and to."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from hmi import typed_time
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.choice import TITLE_PX
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet

TIME_PX, HOUR_US = 620, 3_600_000_000
BACK: tuple[tuple[str, int], ...] = (
    ("1 h", HOUR_US),
    ("8 h", 8 * HOUR_US),
    ("1 day", 24 * HOUR_US),
    ("7 days", 168 * HOUR_US),
)


class TimeSheet(Sheet):
    """``agreed`` = a span from, to in UTC microseconds."""

    agreed = Signal(object, object)

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(theme, title, TIME_PX, parent)
        self._zone = "UTC"
        self.start, self.end = QLineEdit(self), QLineEdit(self)
        self.start.setAccessibleName(t("From: year-month-day hours:minutes"))
        self.end.setAccessibleName(t("To: year-month-day hours:minutes"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.start, 1)
        row.addWidget(Words(theme, t("to")))
        row.addWidget(self.end, 1)
        steps = QHBoxLayout()
        steps.setSpacing(6)
        length = Words(theme, t("Length"))
        length.setFixedWidth(TITLE_PX)
        steps.addWidget(length)
        self.lengths: list[QPushButton] = []
        for word, length_us in BACK:
            button = QPushButton(t(word), self)
            button.setToolTip(t("So long before the end"))
            button.clicked.connect(lambda _=False, length_us=length_us: self._step(length_us))
            self.lengths.append(button)
            steps.addWidget(button)
        steps.addStretch(1)
        self.said = Words(theme, "", "small", look="muted")
        self.said.setWordWrap(True)
        self.body.addLayout(row)
        self.body.addLayout(steps)
        self.body.addWidget(self.said)
        self.button = QPushButton(t("Show"), self)
        self.foot.addWidget(self.button)
        for field in (self.start, self.end):
            field.textChanged.connect(self._check)
            field.returnPressed.connect(self._agree)
        self.button.clicked.connect(self._agree)

    def ask(self, span: tuple[int, int], zone: str) -> None:
        """Open with a span to begin from."""
        self._zone = zone
        self.start.setText(typed_time.typed(span[0], zone))
        self.end.setText(typed_time.typed(span[1], zone))
        self._check()
        self.open()
        self.start.setFocus()
        self.start.selectAll()

    def _span(self) -> tuple[int, int] | str:
        return typed_time.own(self.start.text(), self.end.text(), self._zone)

    def _step(self, length_us: int) -> None:
        end_us = typed_time.written(self.end.text(), self._zone)
        if end_us is not None:
            self.start.setText(typed_time.typed(end_us - length_us, self._zone))

    def _check(self) -> None:
        span = self._span()
        self.button.setEnabled(not isinstance(span, str))
        self.said.show_text(
            span if isinstance(span, str) else t("Times of the plant, {zone}", zone=self._zone)
        )

    def _agree(self) -> None:
        span = self._span()
        if not isinstance(span, str):
            self.agreed.emit(*span)
            self.leave()
