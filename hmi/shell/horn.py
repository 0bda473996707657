"""The horn of a station: sounds for the alarms of all its windows, and tells the engine how it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from hmi.alarm_book import AlarmBook
from hmi.alarm_desk import Sender
from hmi.author import author
from hmi.horn.player import Player
from hmi.horn.shifts import shift_began_us
from hmi.horn.shown import Shown
from hmi.horn.sounds import sound
from hmi.horn.state import Horn
from hmi.model import Model

LOOK_MS = 1000
TOLD_EVERY_US = 20_000_000
"""The engine takes a station for gone that says nothing for 60 s."""
VOLUMES = (0, 25, 50, 75, 100)


class StationHorn(QObject):
    """``changed`` = what is shown of it differs; see ``shown``.

    ``make`` opens the sound device, at the first plant that wants a horn: a plant without one opens none.
    """

    changed = Signal()

    def __init__(self, sender: Sender, make: Callable[[], Player], station: str, parent: QObject) -> None:
        super().__init__(parent)
        self._sender, self._make, self._station = sender, make, station
        self._player: Player | None = None
        self._model = Model()
        self._horn = Horn()
        self._volume = VOLUMES[-1]
        self._tested_us, self._unheard, self._is_known = 0, tuple[int, ...](), False
        self._told: str | None = None
        self._told_us = 0
        self._is_asked = False
        self.shown = Shown()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._sound)
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self._look)

    @property
    def model(self) -> Model:
        """The plant that it sounds for."""
        return self._model

    def now_us(self) -> int:
        """UTC microseconds now."""
        return self._sender.now_us()

    def set_model(self, model: Model) -> None:
        """Another plant, or other settings of it."""
        self._model = model
        wanted = model.alarm_settings.sound
        if wanted and self._player is None:
            self._player = self._make()
            self._clock.start()
        elif not wanted:
            self._close_player()
        self._tell()

    def set_book(self, book: AlarmBook) -> None:
        """The alarms changed."""
        was_loud = self._horn.loud > 0
        if self._horn.take(book.alarms):
            if was_loud and not self._horn.loud:
                self._be_still()
            self._sound()
            self._tell()

    def silence(self) -> int:
        """Be still for all alarms that came so far; none is acknowledged. Gives how many those were."""
        count = self._horn.silence()
        self._be_still()
        self._tell()
        return count

    def set_volume(self, percent: int) -> None:
        """In % of the loudest."""
        self._volume = min(100, max(0, percent))
        self._tell()

    def play(self, priority: int) -> None:
        """Let the sound of a priority be heard once, for a test."""
        if self._player is not None and not self._horn.loud:
            self._player.play(sound(priority, self._volume))

    def still(self) -> None:
        """End the sound of a test; what sounds for an alarm goes on."""
        if self._player is not None and not self._horn.loud:
            self._player.stop()

    def tested(self, heard: dict[int, bool], on_done: Callable[[str], None]) -> None:
        """What a person heard, by priority; ``on_done`` is told why it is not on record, "" = it is."""
        pairs = sorted(heard.items())
        body = {"station": self._station, "by": author(), "heard": pairs}

        def done(answer: Any) -> None:
            self._take(answer)
            on_done("")

        self._sender.submit("horn_test", body, done, on_done)

    def close(self) -> None:
        """Be still, and tell the engine that this station ends."""
        self._soon.stop()
        if self._player is not None and self._told is not None:
            body = {"station": self._station, "by": author(), "is_well": True, "why": "", "is_closing": True}
            self._sender.submit("horn", body, lambda _: None, lambda _: None)
        self._close_player()

    def _close_player(self) -> None:
        self._soon.stop()
        self._clock.stop()
        player, self._player = self._player, None
        if player is not None:
            player.close()

    def _be_still(self) -> None:
        self._soon.stop()
        if self._player is not None:
            self._player.stop()

    def _sound(self) -> None:
        """Start the sound that is due, and come back when the next one is."""
        if self._player is None:
            return
        now_us = time.monotonic_ns() // 1000
        priority = self._horn.start(now_us)
        if priority and self._volume:
            self._player.play(sound(priority, self._volume))
        wait_us = self._horn.wait_us(now_us)
        if wait_us is not None:
            self._soon.start(wait_us // 1000 + 1)

    def _look(self) -> None:
        """Once a second: the device, and whether a test is due."""
        now_us = time.monotonic_ns() // 1000
        trouble = self._player.trouble if self._player is not None else ""
        is_news = trouble != self._told or now_us - self._told_us >= TOLD_EVERY_US
        if is_news and not self._is_asked and self._player is not None:
            self._is_asked, self._told, self._told_us = True, trouble, now_us
            body = {"station": self._station, "by": author(), "is_well": not trouble, "why": trouble}
            self._sender.submit("horn", body, self._answered, self._refused)
        self._tell()

    def _answered(self, answer: Any) -> None:
        self._is_asked = False
        self._take(answer)

    def _refused(self, why: str) -> None:
        # The engine is away: it is told once it is back.
        self._is_asked, self._told = False, None

    def _take(self, answer: Any) -> None:
        self._tested_us, self._unheard = int(answer["tested_us"]), tuple(answer["unheard"])
        self._is_known = True
        self._tell()

    def _tell(self) -> None:
        settings = self._model.alarm_settings
        began_us = shift_began_us(self._sender.now_us(), self._model.plant.timezone, settings.shifts)
        is_there = self._player is not None
        shown = Shown(
            is_configured=is_there,
            trouble=self._player.trouble if self._player is not None else "",
            volume=self._volume,
            loud=self._horn.loud if is_there else 0,
            silenced=self._horn.silenced if is_there else 0,
            worst=self._horn.worst if is_there else None,
            tested_us=self._tested_us,
            unheard=self._unheard,
            is_due=self._is_known and (not self._tested_us or self._tested_us < began_us),
            is_known=self._is_known,
        )
        if shown != self.shown:
            self.shown = shown
            self.changed.emit()
