"""One row of the alarm banner: painted, with the button that acknowledges and the one that leads on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from hmi import alarms as words
from hmi.alarm_desk import AlarmDesk
from hmi.displays import alarms as alarms_display
from hmi.displays.display import Go, Place
from hmi.formats import t, tip
from hmi.model import Model
from hmi.shell.banner_state import Row
from hmi.theme import Theme, colour
from hmi.values import Kind
from hmi.widgets.alarm_badge import paint_alarm_badge
from hmi.widgets.blink import is_on
from hmi.widgets.indicator import paint_hatch
from hmi.widgets.lines import is_whole, paint_words
from hmi.widgets.quality_mark import paint_quality_mark
from hmi.widgets.tap import Tap

ROW_PX, BADGE_PX, COLUMN_GAP = 46, 24, 24
BOLD = ("message", "now")
_QUIET = ("at", "advice", "state")


class AlarmRow(Tap):
    """One alarm. Its columns stand under those of the other rows; a tap beside the buttons leads to it."""

    def __init__(self, theme: Theme, go: Go, desk: AlarmDesk, parent: QWidget) -> None:
        super().__init__(theme, "", lambda _: self._open(), parent)
        self._go, self._desk = go, desk
        self.model = Model()
        self.row: Row | None = None
        self.columns: dict[str, float] = {}
        self.button = self._add(t("Acknowledge"), self._act)
        self.more = self._add("⋯", self._show_more)
        self.more.setProperty("look", "close")
        self.more.setAccessibleName(t("More: show this alarm in Alarms"))
        self.more.setToolTip(t("Show this alarm in Alarms: shelve, note, trend"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(max(ROW_PX, theme.size.target + 4))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 2, 2, 2)
        box.setSpacing(6)
        box.addStretch(1)
        for each in (self.button, self.more):
            box.addWidget(each)

    def _add(self, text: str, act: object) -> QPushButton:
        made = QPushButton(text, self)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(act)
        return made

    @property
    def buttons_px(self) -> int:
        """Room that the buttons take."""
        return self.button.sizeHint().width() + 6 + self.more.sizeHint().width()

    def show_row(self, row: Row, columns: dict[str, float]) -> None:
        """Paint another alarm, or the same with another value; nothing happens where all is as it was."""
        self._show_button(row)
        if (row, columns) == (self.row, self.columns):
            return
        self.row, self.columns, self.path = row, columns, row.path
        self.setAccessibleName(row.spoken)
        self.setToolTip(tip(row.advice))
        self.update()

    def _show_button(self, row: Row) -> None:
        is_sent = self._desk.is_sent(row.id)
        self.button.setVisible(bool(row.act))
        self.button.setEnabled(not self._desk.is_dead and not is_sent)
        self.button.setText(t("Sending…") if is_sent else t(words.ACT_WORDS.get(row.act, "Acknowledge")))
        self.button.setAccessibleName(f"{self.button.text()}: {row.where} {row.message}")

    def turn(self) -> None:
        """The other half of the blink."""
        if self.row is not None and self.row.is_waiting and self.isVisible():
            self.update(self._badge().toAlignedRect())

    def _badge(self) -> QRectF:
        return QRectF(14, (self.height() - BADGE_PX) / 2, BADGE_PX, BADGE_PX)

    def _open(self) -> None:
        alarm = self._desk.book.alarms.get(self.row.id) if self.row is not None else None
        if alarm is not None:
            self._go(Place(*words.target(self.model, alarm)))

    def _act(self) -> None:
        row = self.row
        if row is None or not row.act:
            return
        if row.act == "acknowledge":
            self._desk.acknowledge([row.id])
        else:
            self._desk.do(row.act, [row.id])

    def _show_more(self) -> None:
        if self.row is not None:
            self._go(Place(alarms_display.DISPLAY.id, f"#{self.row.id}"))

    def paint(self, painter: QPainter) -> None:
        row = self.row
        if row is None:
            return
        tokens = self.theme.colour
        if not self._desk.is_dead:
            # On the screen now: from here on a person may have seen it so.
            self._desk.seen[row.id] = row.changed_us
        edge = QPen(colour(self.theme.alarms[0]), 1.6) if row.is_urgent else QPen(colour(tokens.line), 1)
        if row.is_marked:
            edge = QPen(colour(tokens.text), 2)
        painter.setPen(edge)
        painter.setBrush(colour(tokens.urgent if row.is_urgent else tokens.panel))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, self.theme.size.radius, self.theme.size.radius)
        is_hollow = self._desk.is_dead or (row.is_waiting and not is_on())
        paint_alarm_badge(painter, self._badge(), row.priority, self.theme, is_hollow=is_hollow)
        left = self._badge().right() + 14
        for name, wide in self.columns.items():
            self._paint_column(painter, row, name, QRectF(left, 0, wide, self.height()))
            left += wide + COLUMN_GAP

    def _paint_column(self, painter: QPainter, row: Row, name: str, box: QRectF) -> None:
        tokens = self.theme.colour
        text, px, is_bold = str(getattr(row, name)), self.theme.size.body, name in BOLD
        ink = tokens.muted if name in _QUIET else tokens.text
        if name == "now":
            ink = tokens.live if row.kind in ("normal", "uncertain") else tokens.muted
            box.setRight(self._paint_doubt(painter, box, row.kind))
        if name in _QUIET:
            px -= 1
        if name == "state" and row.refused:
            ink, is_bold = tokens.text, True
        if row.short.get(name) and not is_whole(text, self.theme, px, is_bold, box):
            text = row.short[name]
        # What to do, and which alarm it is, must not lose its end: the row is tall enough for two lines.
        paint_words(painter, box, text, self.theme, px, ink, is_bold)

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
