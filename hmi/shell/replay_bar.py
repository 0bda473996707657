"""REPLAY: a bar over the work area that says which instant is on show, and a frame around it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from hmi import formats
from hmi.formats import t
from hmi.replay import SPEEDS, Replay, parse_when
from hmi.shell.scrubber import Scrubber
from hmi.theme import Theme, colour
from hmi.widgets.labels import Words

FRAME_PX = 8
WIDE_PX = 1200
STEPS_S = (-3600, -60, 60, 3600)


class ReplayBar(QFrame):
    """``asked`` = an instant in UTC µs; ``played`` = start or stop; ``speed``; ``left`` = back to live."""

    asked = Signal(object)
    played = Signal()
    speed = Signal(int)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self._replay: Replay | None = None
        self._zone = "UTC"
        self._words = Words(theme, step="title", bold=True)
        self._day = Words(theme, step="small", look="muted")
        self.scrubber = Scrubber(theme, self)
        self.scrubber.moved.connect(self.asked)
        self._steps = [self._button(_step_word(each), _step_words(each)) for each in STEPS_S]
        for button, seconds in zip(self._steps, STEPS_S, strict=True):
            button.clicked.connect(lambda _=False, by=seconds: self._step(by))
        self.play = self._button(t("Play"), t("Let the past go on from here"))
        self.play.clicked.connect(self.played)
        self.speeds = QComboBox(self)
        self.speeds.addItems([f"{each}×" for each in SPEEDS])
        self.speeds.setAccessibleName(t("Speed of the replay"))
        self.speeds.setMinimumHeight(theme.size.target)
        self.speeds.activated.connect(lambda at: self.speed.emit(SPEEDS[at]))
        self.when = QLineEdit(self)
        self.when.setPlaceholderText(t("14:05"))
        self.when.setFixedWidth(120)
        self.when.setAccessibleName(t("Go to a time: 14:05, or 2026-11-22 14:05"))
        self.when.setToolTip(self.when.accessibleName())
        self.when.returnPressed.connect(self._go)
        self.live = self._button(t("Back to live"), t("End the replay and show the plant as it is now"))
        self.live.clicked.connect(self.left)
        self._lay_out()
        self.hide()

    def _button(self, text: str, words: str) -> QPushButton:
        made = QPushButton(text, self)
        made.setToolTip(words)
        made.setAccessibleName(words)
        return made

    def _lay_out(self) -> None:
        when = QVBoxLayout()
        when.setSpacing(0)
        when.addWidget(self._words)
        when.addWidget(self._day)
        box = QHBoxLayout(self)
        box.setContentsMargins(24, 6, 16, 6)
        box.setSpacing(6)
        box.addLayout(when)
        box.addSpacing(12)
        box.addWidget(self.scrubber, 1)
        back, on = self._steps[:2], self._steps[2:]
        for part in (*back, self.play, *on, self.speeds, self.when, self.live):
            box.addWidget(part)

    def _keep_still(self) -> None:
        """Nothing moves under a finger when a word changes: room for the longer of Play and Pause, and for
        the time and the day on show.
        """
        widths: list[int] = []
        self.play.ensurePolished()
        for word in (t("Pause"), t("Play")):
            self.play.setText(word)
            widths.append(self.play.sizeHint().width())
        self.play.setMinimumWidth(max(widths))
        longest = t("{day}; banner and System are of now", day="Wed 30 Nov")
        self._day.setMinimumWidth(self._day.fontMetrics().horizontalAdvance(longest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The line of time does all that these do.
        for part in (self._steps[0], self._steps[-1], self.when):
            part.setVisible(self.width() >= WIDE_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        for each in (self._words, self._day, self.scrubber):
            each.set_theme(theme)
        self._keep_still()

    @property
    def words(self) -> str:
        """What the bar says: the instant."""
        return self._words.text()

    @property
    def note(self) -> str:
        """What it says below that: the day, or why nothing is on show."""
        return self._day.text()

    def show_replay(
        self, replay: Replay | None, zone_name: str, note: str = "", alarm_note: str = ""
    ) -> None:
        """Appear and say where it stands, or go.

        ``note`` = why the past is not on show yet, ``alarm_note`` = what is not known of its alarms.
        """
        self._replay, self._zone = replay, zone_name
        is_new = replay is not None and self.isHidden()
        self.setVisible(replay is not None)
        if replay is None:
            return
        if is_new:
            self._keep_still()
        self._words.show_text(t("REPLAY {time}", time=formats.clock(replay.at_us, zone_name)))
        day = formats.day(formats.local(replay.at_us, zone_name))
        now = t("{day}; banner and System are of now", day=day)
        self._day.show_text(note or formats.sentence(alarm_note) or now)
        self._day.setToolTip(f"{now}. {formats.sentence(alarm_note)}".strip())
        # What is missing, or waited for, must be seen.
        self._day.set_look("" if note or alarm_note else "muted")
        self.play.setText(t("Pause") if replay.is_playing else t("Play"))
        self.speeds.setCurrentIndex(SPEEDS.index(replay.speed))
        self.scrubber.show_replay(replay, zone_name)
        self.setAccessibleName(self.words)

    def _step(self, seconds: int) -> None:
        if self._replay is not None:
            self.asked.emit(self._replay.at_us + seconds * 1_000_000)

    def _go(self) -> None:
        if self._replay is None:
            return
        found = parse_when(self.when.text().strip(), self._replay.at_us, self._zone)
        if found is None:
            self._day.show_text(t("Write 14:05, or 2026-11-22 14:05"))
        else:
            self.when.clear()
            self.asked.emit(found)


def _step_word(seconds: int) -> str:
    sign = formats.MINUS if seconds < 0 else "+"
    return t("{sign}1 h", sign=sign) if abs(seconds) == 3600 else t("{sign}1 min", sign=sign)


def _step_words(seconds: int) -> str:
    if abs(seconds) == 3600:
        return t("An hour back") if seconds < 0 else t("An hour on")
    return t("A minute back") if seconds < 0 else t("A minute on")


class ReplayFrame(QWidget):
    """A broad hatched frame around the work area; lets every tap through."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, half = self._theme.colour, FRAME_PX / 2
        whole = QRectF(self.rect()).adjusted(half, half, -half, -half)
        with QPainter(self) as painter:
            brushes = (QBrush(colour(tokens.panel)), QBrush(colour(tokens.text), Qt.BrushStyle.BDiagPattern))
            for brush in brushes:
                pen = QPen(brush, FRAME_PX)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen)
                painter.drawRect(whole)
