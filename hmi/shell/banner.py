"""The alarm banner: at the bottom of every window, worst first, each row one tap from where it is handled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.types import Alarm, Snapshot
from hmi import formats
from hmi.displays.display import Go, Place
from hmi.formats import t
from hmi.model import Model
from hmi.shell import banner_state as state
from hmi.shell.banner_state import Row
from hmi.theme import Theme, colour
from hmi.values import Kind
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.labels import ShortWords, Words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.tap import Tap
from hmi.widgets.text_paint import paint_text, width_of

ROWS, ROWS_LOW, LOW_PX = 3, 2, 800
ROW_PX, HEAD_PX, FOOT_PX, GAP_PX = 46, 30, 6, 4
BADGE_PX, COLUMN_GAP = 24, 24
WITHOUT_AT_PX, WITHOUT_ADVICE_PX = 1180, 800
MOST_PX = {"time": 170, "where": 210, "message": 340, "at": 150, "now": 320, "state": 150}
"""No column is wider than this; what does not fit ends in …, and is read aloud whole."""
_BOLD = ("message", "now")


class AlarmRow(Tap):
    """One alarm. Its columns stand under those of the other rows."""

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(theme, "", lambda _: self._open(), parent)
        self._go = go
        self.row: Row | None = None
        self.columns: dict[str, float] = {}
        self.button = QPushButton(t("Go to"), self)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(self.click)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(max(ROW_PX, theme.size.target + 4))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 2, 2, 2)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def show_row(self, row: Row, columns: dict[str, float]) -> None:
        """Paint another alarm, or the same with another value; nothing happens where all is as it was."""
        if (row, columns) == (self.row, self.columns):
            return
        self.row, self.columns, self.path = row, columns, row.path
        self.setAccessibleName(row.spoken)
        self.setToolTip(row.advice)
        self.update()

    def _open(self) -> None:
        if self.row is not None:
            self._go(Place("unit", self.row.path))

    def paint(self, painter: QPainter) -> None:
        if self.row is None:
            return
        tokens, row = self.theme.colour, self.row
        is_urgent = row.is_active and row.priority == 1
        edge = QPen(colour(self.theme.alarms[0]), 1.6) if is_urgent else QPen(colour(tokens.line), 1)
        painter.setPen(edge)
        painter.setBrush(colour(tokens.urgent if is_urgent else tokens.panel))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, self.theme.size.radius, self.theme.size.radius)
        badge = QRectF(14, (self.height() - BADGE_PX) / 2, BADGE_PX, BADGE_PX)
        paint_alarm_badge(painter, badge, row.priority, self.theme)
        left = badge.right() + 14
        for name, wide in self.columns.items():
            self._paint_column(painter, name, QRectF(left, 0, wide, self.height()))
            left += wide + COLUMN_GAP

    def _paint_column(self, painter: QPainter, name: str, box: QRectF) -> None:
        tokens, row = self.theme.colour, self.row
        text, px = str(getattr(row, name)), self.theme.size.body
        ink = tokens.muted if name in ("at", "advice", "state") else tokens.text
        if name == "now" and row is not None:
            ink = tokens.live if row.kind in ("normal", "uncertain") else tokens.muted
            box.setRight(self._paint_doubt(painter, box, row.kind))
        if name in ("at", "advice", "state"):
            px -= 1
        paint_text(painter, box, text, self.theme, px, ink, name in _BOLD)

    def _paint_doubt(self, painter: QPainter, box: QRectF, kind: Kind) -> float:
        """Mark, and hatch where the value is not current, at the right of a value; gives where they begin."""
        if kind == "normal":
            return box.right()
        mark = QRectF(box.right() - 18, box.center().y() - 9, 18, 18)
        paint_quality_mark(painter, mark, kind, self.theme)
        if kind == "uncertain":
            return mark.left() - 6
        hatch = QRectF(mark.left() - 30, box.center().y() - 8, 26, 16)
        paint_hatch(painter, hatch, colour(self.theme.colour.hatch))
        return hatch.left() - 6


class Banner(QFrame):
    """A heading and two or three rows; one line while there is no alarm."""

    def __init__(self, theme: Theme, go: Go, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "alarm line")
        self.setAccessibleName(t("Alarms"))
        self._theme, self._model = theme, Model()
        self._alarms: tuple[Alarm, ...] = ()
        self._snapshot: Snapshot | None = None
        self._blind = 0
        self._is_told = self._is_stalled = False
        self._last_returned_us = self._now_us = self._as_of_us = 0
        self._places = ROWS
        self._calm = ShortWords(theme, step="small", look="muted")
        self._left = ShortWords(theme, step="small", look="muted")
        self._right = Words(theme, step="small", look="muted")
        self.rows = [AlarmRow(theme, go, self) for _ in range(ROWS)]
        self._lay_out()
        self._show()

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
        self._show()

    def show_alarms(self, alarms: Sequence[Alarm], now_us: int) -> None:
        """Active and lately returned alarms, as the engine tells them."""
        self._alarms, self._is_told, self._now_us, self._as_of_us = tuple(alarms), True, now_us, now_us
        returned = [each.changed_us for each in alarms if each.state == "returned"]
        self._last_returned_us = max((self._last_returned_us, *returned))
        self._show()

    def show_stalled(self, stalled: bool) -> None:
        """True: nobody knows whether this is still so, and the banner says it."""
        self._is_stalled = stalled
        self._left.set_look("" if stalled else "muted")
        self._left.set_bold(stalled)
        self._show()

    def on_numbers(self, snapshot: Snapshot) -> None:
        """The live values beside the alarms."""
        self._snapshot = snapshot
        blind = state.unjudged(self._model, snapshot)
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
        has_rows = bool(self._alarms)
        self._calm.setVisible(not has_rows)
        self._left.setVisible(has_rows)
        self._right.setVisible(has_rows)
        rows_px = self._places * (self.rows[0].height() + GAP_PX)
        self._box.setContentsMargins(12, 1, 12, FOOT_PX if has_rows else 0)
        self.setFixedHeight(HEAD_PX + rows_px + FOOT_PX if has_rows else self._theme.size.alarm_line)
        if not has_rows:
            self._calm.show_text(
                state.calm(
                    self._model,
                    self._is_told,
                    self._is_stalled,
                    self._last_returned_us,
                    self._now_us,
                    self._blind,
                )
            )
        self._show_rows()

    def _show_rows(self) -> None:
        found = state.rows_of(self._model, self._alarms, self._snapshot, self._now_us, self._places)
        as_of = formats.clock(self._as_of_us, self._model.plant.timezone)
        left, right = state.heading(self._alarms, len(found), self._is_stalled, as_of, self._blind)
        self._left.show_text(left)
        self._right.show_text(right)
        columns = self._columns(found)
        for place, widget in enumerate(self.rows):
            if place < len(found):
                widget.show_row(found[place], columns)
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(bool(self._alarms) and place < self._places)
            widget.setSizePolicy(policy)
            widget.setVisible(place < len(found))

    def _columns(self, rows: Sequence[Row]) -> dict[str, float]:
        """Name and width of every column that there is room for, from the left."""
        room = self.width() - 24 - 14 - BADGE_PX - 14 - self.rows[0].button.sizeHint().width() - 12
        wide = {name: self._widest(rows, name) for name in MOST_PX}
        if room < WITHOUT_AT_PX:
            del wide["at"]
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
        widths = [width_of(self._theme, str(getattr(row, name)), px, name in _BOLD) for row in rows]
        mark = 54 if name == "now" and any(row.kind != "normal" for row in rows) else 0
        # In steps, so that a digit more does not move what stands at its right.
        return min(MOST_PX[name], (max(widths, default=0) + mark + 23) // 24 * 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._alarms:
            self._show_rows()
