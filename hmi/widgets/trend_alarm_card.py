"""What a band of alarms on a trend stands for, in words: which, when, by whom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hmi import alarm_spells
from hmi.alarm_spells import AlarmHistory, Spell
from hmi.alarms import Badge
from hmi.formats import moment, t
from hmi.theme import Theme
from hmi.widgets.alarm_badge import AlarmBadge
from hmi.widgets.labels import Step, Words, rule
from hmi.widgets.trend_alarm_lanes import Band
from hmi.widgets.trend_head import head_button

CARD_PX, EDGE_PX, MOST_SPELLS, MOST_TICKS, BADGE_PX = 440, 6, 5, 6, 20


class TrendAlarmCard(QFrame):
    """Stands over the plot ``over``, below the row of the band. ``wanted`` = the alarm of that id is to be
    shown in the list of alarms.
    """

    wanted = Signal(int)

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme, self._over = theme, over
        self.band: Band | None = None
        self.setProperty("look", "drawer")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.list = head_button(t("In the list"), t("Show this alarm on Alarms"), self)
        self.close_button = head_button("×", t("Close"), self, is_narrow=True)
        self.head = Words(theme, "", "small", look="muted", parent=self)
        self._words: list[Words] = []
        self._lay_out()
        self.list.clicked.connect(self._show_in_list)
        self.close_button.clicked.connect(self.leave)
        self.hide()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.list)
        top.addWidget(self.close_button)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 6, 8, 10)
        box.setSpacing(4)
        box.addLayout(top)
        box.addWidget(self._scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the type of another theme."""
        self._theme = theme
        self.head.set_theme(theme)
        self.hide()

    @property
    def text(self) -> str:
        """All that it says, line by line."""
        return "\n".join([self.head.text(), *(each.text() for each in self._words)])

    def show_band(self, band: Band, history: AlarmHistory, now_us: int, zone: str, spot: QPointF) -> None:
        """Tell of a band whose row ends above ``spot``; the newest of many first."""
        self.band = band
        self.head.show_text(_head(band, now_us, zone))
        self.list.setVisible(len({each.alarm for each in band.spells}) == 1)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        self._words = []
        for spell in tuple(reversed(band.spells))[:MOST_SPELLS]:
            self._add(grid, spell, history, now_us, zone)
        self._scroll.setWidget(inside)
        # Qt gives whatever scrolls a ground of its own.
        inside.setAutoFillBackground(False)
        self.setAccessibleName(self.text)
        self._place(inside, grid, spot)

    def _add(self, grid: QGridLayout, spell: Spell, history: AlarmHistory, now_us: int, zone: str) -> None:
        row = grid.rowCount()
        if self._words:
            grid.addWidget(rule(self), row, 0, 1, 2)
            row += 1
        badge = AlarmBadge(self._theme, self, BADGE_PX)
        badge.show_badge(Badge(spell.priority, 1, is_over=spell.is_aside))
        grid.addWidget(badge, row, 0, Qt.AlignmentFlag.AlignTop)
        for at, (text, step, look) in enumerate(_lines(spell, history, now_us, zone)):
            words = Words(self._theme, text, step, look=look, bold=at == 0, parent=self)
            words.setWordWrap(True)
            words.ensurePolished()
            self._words.append(words)
            grid.addWidget(words, row + at, 1)

    def _place(self, inside: QWidget, grid: QGridLayout, spot: QPointF) -> None:
        room = self._over.rect()
        width = min(CARD_PX, room.width() - 2 * EDGE_PX)
        for each in self._words:
            each.setMinimumHeight(each.heightForWidth(width - 14 - 8 - BADGE_PX - 10 - 6 - 16))
        grid.activate()
        wanted = grid.minimumSize().height() + self.list.sizeHint().height() + 26
        top = min(round(spot.y()) + EDGE_PX, max(EDGE_PX, room.height() - wanted - EDGE_PX))
        left = min(max(EDGE_PX, round(spot.x()) - 30), room.width() - width - EDGE_PX)
        self.setGeometry(left, top, width, min(wanted, room.height() - top - EDGE_PX))
        self._scroll.verticalScrollBar().setValue(0)
        self.show()
        self.raise_()
        self.close_button.setFocus()

    def leave(self) -> None:
        """Close it; the keys go back to the plot."""
        self.hide()
        self.band = None
        self._over.setFocus()

    def _show_in_list(self) -> None:
        band = self.band
        self.leave()
        if band is not None:
            self.wanted.emit(band.spells[-1].alarm)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_A:
            # The next one: the plot knows which.
            event.ignore()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(CARD_PX, 160)


def _head(band: Band, now_us: int, zone: str) -> str:
    count = len(band.spells)
    if count == 1:
        return band.spells[0].path.rpartition("/")[2]
    first, last = (moment(each.begin_us, now_us, zone) for each in (band.spells[0], band.spells[-1]))
    told = t("{n} alarms from {first} to {last}", n=count, first=first, last=last)
    hidden = count - MOST_SPELLS
    return t("{told}; the newest {n}, zoom in for more", told=told, n=MOST_SPELLS) if hidden > 0 else told


def _lines(spell: Spell, history: AlarmHistory, now_us: int, zone: str) -> Sequence[tuple[str, Step, str]]:
    """(words, step of size, look) of one alarm: what it says, when it was, what was done."""
    ticks = [each for each in alarm_spells.about(history, spell) if each.what not in ("returned",)]
    told = [alarm_spells.did(each, now_us, zone) for each in ticks if each.time_us != spell.acked_us]
    more = [t("and {n} more", n=len(told) - MOST_TICKS)] if len(told) > MOST_TICKS else []
    until_us = history.known_us[1]
    return (
        (alarm_spells.title(spell), "body", ""),
        (alarm_spells.when(spell, now_us, zone), "small", ""),
        (alarm_spells.who(spell, now_us, zone, until_us), "small", "muted"),
        *((each, "small", "muted") for each in [*told[:MOST_TICKS], *more]),
    )
