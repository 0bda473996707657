"""The alarm banner: at the bottom of every window, worst first, each row one tap from being acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.types import Alarm, Snapshot
from hmi.alarm_desk import AlarmDesk
from hmi.alarm_sums import unjudged
from hmi.displays.display import Go
from hmi.formats import t
from hmi.model import Model
from hmi.shell import banner_state as state
from hmi.shell.alarm_row import BADGE_PX, BOLD, COLUMN_GAP, AlarmRow
from hmi.shell.banner_state import Row
from hmi.theme import Theme
from hmi.widgets.blink import Blink
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.text_paint import width_of

ROWS, ROWS_LOW, LOW_PX = 3, 2, 800
HEAD_PX, FOOT_PX, GAP_PX = 30, 6, 4
WITHOUT_AT_PX, WITHOUT_ADVICE_PX, NARROW_STATE_PX = 1180, 800, 144.0
MOST_PX = {"time": 170, "where": 210, "message": 340, "at": 150, "now": 320, "state": 300}
"""No column is wider than this; what does not fit ends in …, and is read aloud whole."""


class Banner(QFrame):
    """A heading and two or three rows; one line while there is no alarm."""

    def __init__(self, theme: Theme, go: Go, desk: AlarmDesk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "alarm line")
        self.setAccessibleName(t("Alarms"))
        self._theme, self._model, self._desk = theme, Model(), desk
        self._alarms: tuple[Alarm, ...] = ()
        self._snapshot: Snapshot | None = None
        self._blind, self._is_past = 0, False
        self._places = ROWS
        self._calm = ShortWords(theme, step="small", look="muted")
        self._left = ShortWords(theme, step="small", look="muted")
        self._right = Words(theme, step="small", look="muted")
        self.rows = [AlarmRow(theme, go, desk, self) for _ in range(ROWS)]
        self.blink = Blink(self._turn, self)
        self._lay_out()
        self._show()
        desk.listeners.append(self._show)

    def _lay_out(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(self._calm, 1)
        head.addWidget(self._left, 1)
        head.addWidget(self._right)
        self._box = box = QVBoxLayout(self)
        box.setSpacing(GAP_PX)
        box.addLayout(head, 1)
        for row in self.rows:
            box.addWidget(row)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for part in (self._calm, self._left, self._right, *self.rows):
            part.set_theme(theme)

    def set_model(self, model: Model) -> None:
        """Another plant: its values are not known yet."""
        self._model, self._snapshot, self._blind = model, None, 0
        for row in self.rows:
            row.model = model
        self._show()

    def set_past(self, is_past: bool) -> None:
        """The window shows a past instant; this here stays of now, and says so."""
        if is_past != self._is_past:
            self._is_past = is_past
            self._calm.set_look("" if is_past else "muted")
            self._calm.set_bold(is_past)
            self._show()

    def _of_now(self, words: str) -> str:
        return t("NOW, not replay: {words}", words=words) if self._is_past and words else words

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values beside the alarms."""
        self._snapshot = snapshot
        blind = unjudged(self._model, snapshot)
        if blind != self._blind:
            self._blind = blind
            self._calm.set_look("" if blind else "muted")
            self._calm.set_bold(bool(blind))
            self._show()
        elif self._alarms:
            self._show_rows()

    def show_room(self, window_px: int) -> None:
        """How tall the window is: a low one has room for two rows."""
        places = ROWS_LOW if window_px <= LOW_PX else ROWS
        if places != self._places:
            self._places = places
            self._show()

    @property
    def wants_numbers(self) -> bool:
        """There is a live value to show, or a limit that one must be judged by."""
        return bool(self._alarms) or bool(self._model.limits)

    @property
    def words(self) -> str:
        """The line on show: the calm one, or the heading."""
        return self._left.text() if self._alarms else self._calm.text()

    def _show(self) -> None:
        desk = self._desk
        self._alarms = state.foremost(desk.book.alarms.values(), self._places, desk.selected)
        has_rows = bool(self._alarms)
        self._calm.setVisible(not has_rows)
        self._left.setVisible(has_rows)
        self._right.setVisible(has_rows)
        rows_px = self._places * (self.rows[0].height() + GAP_PX)
        self._box.setContentsMargins(12, 1, 12, FOOT_PX if has_rows else 0)
        self.setFixedHeight(HEAD_PX + rows_px + FOOT_PX if has_rows else self._theme.size.alarm_line)
        must_be_seen = desk.is_stalled or desk.book.flood is not None or self._is_past
        self._left.set_look("" if must_be_seen else "muted")
        self._left.set_bold(must_be_seen)
        if not has_rows:
            self._calm.show_text(self._of_now(state.calm(self._model, desk, self._blind)))
        left, right = state.heading(self._model, desk, len(self._alarms), self._blind)
        self._left.show_text(self._of_now(left))
        self._right.show_text(right)
        self._show_rows()

    def _show_rows(self) -> None:
        found = state.rows_of(self._model, self._alarms, self._snapshot, self._desk)
        columns = self._columns(found)
        for place, widget in enumerate(self.rows):
            if place < len(found):
                widget.show_row(found[place], columns)
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(bool(self._alarms) and place < self._places)
            widget.setSizePolicy(policy)
            widget.setVisible(place < len(found))
        self.blink.need(any(row.is_waiting for row in found) and not self._desk.is_dead)

    def _turn(self) -> None:
        """Only badges that blink are painted again, and only where they can be seen."""
        if self.isVisible() and not self.window().isMinimized():
            for row in self.rows:
                row.turn()

    def _columns(self, rows: Sequence[Row]) -> dict[str, float]:
        """Name and width of every column that there is room for, from the left."""
        room = self.width() - 24 - 14 - BADGE_PX - 14 - self.rows[0].buttons_px - 12
        wide = {name: self._widest(rows, name) for name in MOST_PX}
        if room < WITHOUT_AT_PX:
            del wide["at"]
            if not any(row.refused for row in rows):
                # On two lines, so that what to do has the room.
                wide["state"] = min(wide["state"], NARROW_STATE_PX)
        if not wide["now"]:
            del wide["now"]
        rest = room - sum(wide.values()) - COLUMN_GAP * len(wide)
        names = list(wide)
        if rest > 80 and room > WITHOUT_ADVICE_PX:
            wide["advice"] = rest - COLUMN_GAP / 2
            names.insert(names.index("state"), "advice")
        elif rest < 0:
            wide["message"] = max(120.0, wide["message"] + rest)
        return {name: wide[name] for name in names}

    def _widest(self, rows: Sequence[Row], name: str) -> float:
        px = self._theme.size.body
        widths = [width_of(self._theme, str(getattr(row, name)), px, name in BOLD) for row in rows]
        mark = 54 if name == "now" and any(row.kind != "normal" for row in rows) else 0
        # In steps, so that a digit more does not move what stands at its right.
        return min(MOST_PX[name], (max(widths, default=0) + mark + 23) // 24 * 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._alarms:
            self._show_rows()
