"""The place of the alarm banner. Calm, it is one line that says what is true."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words


class AlarmLine(QFrame):
    """32 px at the bottom of every window."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "alarm line")
        self.setFixedHeight(theme.size.alarm_line)
        self._words = Words(
            theme, t("No alarms configured. Alarms come with the alarm engine."), "small", "muted"
        )
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 0, 16, 0)
        box.addWidget(self._words)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._words.set_theme(theme)
