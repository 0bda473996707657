"""The bar of time under the twin: back to what happened, forward again, and always one tap from live."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPolygonF, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QStackedLayout, QWidget

from engine.types import Alarm
from hmi import alarm_marks, formats
from hmi.alarm_marks import LEAD_US, Mark
from hmi.displays.feed import Feed, Replaying, replaying_of
from hmi.displays.twin.time_line import MarkedLine
from hmi.formats import t
from hmi.known_alarms import PLANT, AlarmPast
from hmi.model import Model
from hmi.replay import SPEEDS, Replay
from hmi.theme import Theme, colour, font
from hmi.widgets.labels import Words, panel

LOOK_MS = 1000
NARROW_PX = 620
"""Below it the speed makes room for the line."""


class TimeBar(QWidget):
    """One truth with the replay of the window: what is done here is done there, and the other way round.

    Nothing is asked, timed or drawn while it cannot be seen.
    """

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._feed = theme, feed
        self._replaying: Replaying | None = replaying_of(feed)
        self._model = Model()
        self._zone = "UTC"
        self._told: tuple[AlarmPast, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._panel = panel(parent=self)
        self.play = SymbolButton(theme, "play", self)
        self.speeds = QComboBox(self)
        self.back, self.on = SymbolButton(theme, "back", self), SymbolButton(theme, "on", self)
        self.line = MarkedLine(theme, self)
        self._now = Words(theme, step="body", bold=True)
        self.live = QPushButton(t("Back to live"), self)
        self._name_all()
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._tell()

    def _name_all(self) -> None:
        self.speeds.addItems([f"{each}×" for each in SPEEDS])
        self.speeds.setAccessibleName(t("Speed of the replay"))
        self.speeds.setToolTip(self.speeds.accessibleName())
        self.speeds.setMinimumHeight(self._theme.size.target)
        self.back.name(t("Back to the alarm before"))
        self.on.name(t("On to the next alarm"))
        self.live.setToolTip(t("End the replay and show the plant as it is now"))
        self._now.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(t("Time"))

    def _lay_out(self) -> None:
        self.end = QWidget(self)
        self._end = QStackedLayout(self.end)
        self._end.addWidget(self._now)
        self._end.addWidget(self.live)
        self.end.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self._panel)
        box.setContentsMargins(10, 4, 12, 4)
        box.setSpacing(4)
        box.addWidget(self.play)
        box.addWidget(self.speeds)
        box.addWidget(self.back)
        box.addWidget(self.line, 1)
        box.addWidget(self.on)
        box.addSpacing(8)
        box.addWidget(self.end)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._panel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit_end()

    def _fit_end(self) -> None:
        """Nothing moves when the words change: room for the longest of them."""
        longest = t("LIVE {day} {time}", day="Wed 30 Nov", time="00:00:00")
        self.live.ensurePolished()
        width = max(self._now.fontMetrics().horizontalAdvance(longest) + 4, self.live.sizeHint().width())
        self.end.setFixedSize(width, max(self._theme.size.target, self.live.sizeHint().height()))

    def _connect(self) -> None:
        self.line.moved.connect(self._go)
        self.line.live.connect(self._leave)
        self.live.clicked.connect(self._leave)
        self.play.clicked.connect(self._toggle)
        self.speeds.activated.connect(self._set_speed)
        self.back.clicked.connect(lambda: self._step(alarm_marks.before))
        self.on.clicked.connect(lambda: self._step(alarm_marks.after))
        if self._replaying is not None:
            self._replaying.moved.connect(self._moved)

    # What the display calls

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        for each in (self.play, self.back, self.on, self.line, self._now):
            each.set_theme(theme)
        self.speeds.setMinimumHeight(theme.size.target)
        self._fit_end()

    def set_plant(self, model: Model) -> None:
        """Another plant, or the same with new tags."""
        self._model, self._zone = model, model.plant.timezone
        self._tell()

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Alarms changed, so there may be a mark more; the journal tells."""
        if self.isVisible():
            self._tell()

    # Inside

    @property
    def replay(self) -> Replay | None:
        """The replay of the window; None = live, or there is none to be had."""
        return None if self._replaying is None else self._replaying.replay

    @property
    def words(self) -> str:
        """What stands at its right end."""
        return self.live.text() if self._end.currentWidget() is self.live else self._now.text()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The alarms of the span on show, oldest first."""
        return self._marks

    def _live_us(self) -> int:
        replay = self.replay
        return self._feed.now_us() if replay is None else replay.last_us

    def _moved(self) -> None:
        if self.isVisible():
            self._tell()

    def _look(self) -> None:
        self._tell()

    def _tell(self) -> None:
        replay = self.replay
        last_us = self._live_us()
        oldest_us = self._feed.past.oldest_us()
        first_us = replay.first_us if replay is not None else min(oldest_us or last_us, last_us)
        first_us = min(first_us, last_us - 60_000_000)
        at_us = last_us if replay is None else replay.at_us
        self.line.show_past(replay is not None)
        self.line.show_time(first_us, last_us, at_us, self._zone)
        if self.isVisible():
            self._take_marks(last_us)
        self._tell_hands(replay, last_us)

    def _take_marks(self, last_us: int) -> None:
        left = self.line.left_us
        told = tuple(self._feed.past.alarms((PLANT,), left, left + self.line.span))
        if [id(each) for each in told] != [id(each) for each in self._told]:
            self._told = told
            self._marks = alarm_marks.comings([change for each in told for change in each.changes])
        known = max((each.from_us for each in told if each.is_cut), default=0)
        self.line.show_marks(self._marks, known)

    def _tell_hands(self, replay: Replay | None, last_us: int) -> None:
        is_playing = replay is not None and replay.is_playing
        self.play.show_symbol("pause" if is_playing else "play")
        self.play.name(t("Hold the past") if is_playing else t("Let the past go on from here"))
        self.speeds.setCurrentIndex(0 if replay is None else SPEEDS.index(replay.speed))
        day = formats.day(formats.local(last_us, self._zone))
        time = formats.clock(last_us, self._zone)
        self._now.show_text(t("LIVE {day} {time}", day=day, time=time))
        self._end.setCurrentWidget(self._now if replay is None else self.live)
        at_us = last_us if replay is None else replay.at_us
        self.back.setEnabled(alarm_marks.before(self._marks, at_us) is not None)
        self.on.setEnabled(replay is not None and alarm_marks.after(self._marks, at_us) is not None)
        can = self._replaying is not None
        for each in (self.play, self.speeds, self.line):
            each.setEnabled(can)

    def _go(self, at_us: int) -> None:
        if self._replaying is not None:
            self._replaying.begin(at_us)

    def _leave(self) -> None:
        if self._replaying is not None:
            self._replaying.leave()

    def _toggle(self) -> None:
        if self._replaying is None:
            return
        if self._replaying.replay is None:
            self._replaying.begin()
        self._replaying.toggle()

    def _set_speed(self, place: int) -> None:
        if self._replaying is None:
            return
        if self._replaying.replay is None:
            self._replaying.begin()
        self._replaying.set_speed(SPEEDS[place])

    def _step(self, choose: alarm_marks.Choose) -> None:
        replay = self.replay
        at_us = self._live_us() if replay is None else replay.at_us
        found = choose(self._marks, at_us)
        if found is not None:
            self._go(found.at_us - LEAD_US)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self._theme.size.target + 12)

    def sizeHint(self) -> QSize:
        return QSize(900, self._theme.size.target + 12)

    def resizeEvent(self, event: object) -> None:
        self.speeds.setVisible(self.width() >= NARROW_PX)


class SymbolButton(QPushButton):
    """A button with a drawn sign: "play", "pause", "back" or "on"."""

    def __init__(self, theme: Theme, symbol: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._symbol = symbol
        self.setFlat(True)
        self.set_theme(theme)

    def name(self, words: str) -> None:
        """What it does, for a pointer and for who cannot see it."""
        self.setToolTip(words)
        self.setAccessibleName(words)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.setFont(font(theme, theme.size.body))
        self.setFixedSize(theme.size.target, theme.size.target)

    def show_symbol(self, symbol: str) -> None:
        """Draw another sign."""
        if symbol != self._symbol:
            self._symbol = symbol
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = self._theme.colour
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(tokens.text if self.isEnabled() else tokens.outline))
            _paint_symbol(painter, QRectF(self.rect()).center(), self._symbol)


def _paint_symbol(painter: QPainter, at: QPointF, symbol: str) -> None:
    if symbol == "pause":
        for left in (-7.0, 2.0):
            painter.drawRect(QRectF(at.x() + left, at.y() - 8, 5, 16))
        return
    side = -1 if symbol == "back" else 1
    size = 9.0 if symbol == "play" else 6.0
    shift = 0.0 if symbol == "play" else -2.0
    tip = QPointF(at.x() + side * (size + shift), at.y())
    foot = at.x() + side * (shift - size * 0.7)
    painter.drawPolygon(QPolygonF([tip, QPointF(foot, at.y() - size), QPointF(foot, at.y() + size)]))
    if symbol != "play":
        painter.drawRect(QRectF(min(tip.x(), tip.x() + side * 3), at.y() - size, 3, 2 * size))
