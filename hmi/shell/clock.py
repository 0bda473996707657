"""The clock of the top bar: the time at the plant; a tap on it goes back in time, and to live again."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from hmi import formats
from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.labels import Words

_Align = Qt.AlignmentFlag


class Clock(QPushButton):
    """Time, date and zone of the plant in one flat button."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "clock")
        self.setToolTip(t("Replay: show the plant as it was (Ctrl+R); in a replay: back to live"))
        self.setAccessibleName(t("Clock. Replay: show the plant as it was, and back to live"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._time = Words(theme, step="title", bold=True)
        self._day = Words(theme, step="small", look="muted")
        self._box = box = QVBoxLayout(self)
        box.setSpacing(0)
        box.setContentsMargins(8, 5, 8, 0)
        for each in (self._time, self._day):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            box.addWidget(each, 0, _Align.AlignRight)

    def sizeHint(self) -> QSize:
        return self._box.sizeHint()

    def minimumSizeHint(self) -> QSize:
        # The least width of a button in the style sheet would win over a smaller policy.
        return self._box.sizeHint()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._time.set_theme(theme)
        self._day.set_theme(theme)

    def show_time(self, now_us: int, zone: str) -> None:
        """The time now, in the zone of the plant."""
        self._time.show_text(formats.clock(now_us, zone))
        short = formats.zone_short(now_us, zone)
        self._day.show_text(f"{formats.day(formats.local(now_us, zone))} · {short}")
        self._box.activate()
