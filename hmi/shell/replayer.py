"""Replay in one window: the displays show a past instant, the alarm banner and the counters stay live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from hmi import replay
from hmi.displays.feed import Feed
from hmi.formats import t
from hmi.model import Model
from hmi.replay import Past, Replay
from hmi.shell.replay_bar import ReplayBar, ReplayFrame
from hmi.theme import Theme

FRAME_MS = 200
LATE_MS = 1500
"""An answer that takes longer than this is waited for in words."""
MOST_STEP_MS = 1000
"""Played on by no more at once: what a slow answer or a sleeping computer took is not leapt over."""


class Replayer(QObject):
    """Asks for one instant after the other and hands them to ``show``; ``show(None)`` = back to live.

    ``bar`` and ``frame`` are its widgets; ``moved`` = it may stand at another instant now.
    """

    moved = Signal()

    def __init__(
        self,
        theme: Theme,
        feed: Feed,
        bar: ReplayBar,
        frame: ReplayFrame,
        show: Callable[[Past | None], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._feed, self._show = feed, show
        self.bar, self.frame = bar, frame
        self._model = Model()
        self.replay: Replay | None = None
        self._asked_us: int | None = None
        self._shown_us: int | None = None
        self._is_waiting, self._is_blank = False, False
        self._trouble = self._alarm_words = ""
        self._since, self._waited = QElapsedTimer(), QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        bar.asked.connect(self.begin)
        bar.played.connect(self.toggle)
        bar.speed.connect(self.set_speed)
        bar.left.connect(self.leave)

    def set_model(self, model: Model) -> None:
        """Another list of tags: what was asked of the old one is worth nothing."""
        self._model, self._asked_us = model, None

    @property
    def at_us(self) -> int | None:
        """The instant on show; None = live."""
        return None if self.replay is None else self.replay.at_us

    def begin(self, at_us: int | None = None) -> None:
        """Go to a past instant, by default some minutes ago; within a replay go to another."""
        now_us, oldest_us = self._feed.now_us(), self._feed.past.oldest_us()
        if self.replay is None:
            self.replay = replay.begun(now_us, oldest_us, at_us)
            self._blank(self.replay)
            self._timer.start()
            self._since.start()
        elif at_us is not None:
            self.replay = replay.moved(self.replay, at_us)
        self._asked_us = self._shown_us = None
        self._ask()
        self._tell()

    def toggle(self) -> None:
        """Let the past go on, or hold it."""
        if self.replay is not None:
            at_end = self.replay.at_us >= self.replay.last_us
            self.replay = replay.with_play(self.replay, not self.replay.is_playing and not at_end)
            self._since.restart()
            self._tell()

    def set_speed(self, speed: int) -> None:
        """At another of the `hmi.replay.SPEEDS`."""
        if self.replay is not None:
            self._go_on()
            self.replay = replay.with_speed(self.replay, speed)
            self._tell()

    def leave(self) -> None:
        """Back to live."""
        if self.replay is None:
            return
        self._timer.stop()
        self.replay, self._asked_us, self._shown_us = None, None, None
        self._is_waiting, self._is_blank = False, False
        self._tell()
        self._show(None)

    def _tick(self) -> None:
        if self.replay is None:
            return
        self._go_on()
        self._ask()
        self._tell()

    def _go_on(self) -> None:
        """Play for the time since the last step; until the engine has answered, the past stands still."""
        if self.replay is not None:
            elapsed_ms = 0 if self._is_waiting else min(self._since.restart(), MOST_STEP_MS)
            self.replay = replay.played(self.replay, elapsed_ms * 1000, self._feed.now_us())

    def _ask(self) -> None:
        """One question at a time, always for the newest wish."""
        if self.replay is None or self._is_waiting or self._asked_us == self.replay.at_us:
            return
        at_us = self._asked_us = self.replay.at_us
        self._is_waiting = True
        self._waited.restart()
        model = self._model
        self._feed.instant(at_us, lambda past: self._take(past, model), self._fail)

    def _take(self, past: Past, model: Model) -> None:
        self._is_waiting, self._trouble = False, ""
        if self.replay is not None and model is self._model:
            self._is_blank = False
            self._shown_us = past.at_us if past.at_us == self._asked_us else None
            self._alarm_words = replay.alarm_words(past, self._model.plant.timezone)
            self._show(past)

    def _fail(self, why: str) -> None:
        """What is not known is not shown; the values of another instant must not stand for it."""
        self._is_waiting, self._asked_us, self._trouble = False, None, why
        if self.replay is not None:
            self._blank(self.replay)

    def _blank(self, shown: Replay) -> None:
        if not self._is_blank:
            self._is_blank, self._shown_us = True, None
            self._show(Past(shown.at_us, replay.no_instant(self._model)))

    def _tell(self) -> None:
        is_late = self._is_waiting and self._waited.elapsed() > LATE_MS
        shown = self.replay
        if shown is not None and shown.is_playing and self._shown_us is not None:
            # What stands on the screen goes with the time above it until the next answer.
            shown = changed(shown, at_us=self._shown_us)
        elif shown is not None and is_late:
            self._blank(shown)
        note = self._trouble or (t("Reading the history…") if is_late else "")
        self.bar.show_replay(shown, self._model.plant.timezone, note, self._alarm_words)
        self.frame.setVisible(self.replay is not None)
        self.moved.emit()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self.bar.set_theme(theme)
        self.frame.set_theme(theme)
