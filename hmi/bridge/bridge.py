"""The frame clock: frames pulled, answers drained, commands sent.

The frame clock is one QTimer. Values are pulled from the mapped file for what can be seen, answers
and events are drained from the client's queue, and nothing here waits: attaching and restarting
the engine happen in a thread of their own.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QTimer

from engine.client import (
    CLOCK,
    AlarmsAnswer,
    AlarmsBody,
    Answered,
    Client,
    Closed,
    ControlAnswer,
    ControlBody,
    EngineAbsent,
    Event,
    InstantAnswer,
    InstantBody,
    OutlooksAnswer,
    OutlooksBody,
    PlantAnswer,
    StatusAnswer,
    WireError,
    from_array,
)
from engine.typed import unpack
from engine.types import Curve, Instant
from hmi.alarm_book import AlarmBook
from hmi.alarms import worst_first
from hmi.bridge.attaching import Attaching, leave
from hmi.bridge.faults import Faults
from hmi.bridge.news import News
from hmi.bridge.recalling import Recalling
from hmi.bridge.seat import BEGIN, CHANGE, Seat
from hmi.control_book import ControlBook
from hmi.formats import clock
from hmi.outlook_book import OutlookBook
from hmi.recall import Recall
from hmi.replay import Past as PastInstant
from hmi.screen import Screen

log = logging.getLogger("watchroom.bridge")
TREND_MS = 33
NUMBERS_MS = 200
ALARMS_MS = 250
CONTROL_MS = 300
STATUS_MS = 1000
OUTLOOKS_MS = 3000
PERIODS_MS = NUMBERS_MS, ALARMS_MS, CONTROL_MS, STATUS_MS, OUTLOOKS_MS
FEW_ALARMS, MANY_ALARMS_MS = 200, 1000
"""In a flood, what displays show besides the list and the banner follows once a second."""
STALLED_S = 2.0
UNANSWERED = "the engine went away before it answered: look whether it was done"
PARTS = {
    "alarms": "list of alarms",
    "control": "writes",
    "outlooks": "predictions",
    "plant": "plant",
    "status": "state of the engine",
}
"""What is asked for again and again, as a person calls it."""
STEADY_S = 30.0
"""An engine that lived this long was sound: the next start after it is at once again."""


class Bridge:
    """Drives one screen from one project's engine. ``close`` it before the application ends.

    ``beat`` is called every second, as long as the GUI thread lives.
    """

    _screen: Screen

    def __init__(self, folder: Path, beat: Callable[[], None] = lambda: None) -> None:
        self._folder, self._beat = folder, beat
        self._client: Client | None = None
        self._attaching: Attaching | None = Attaching(folder)
        self._pending: dict[int, tuple[str, Callable[[bytes], None], Callable[[str], None]]] = {}
        self._faults = Faults()
        self._event_seq: int | None = None
        self._revision: int | None = None
        self._engines: list[subprocess.Popen[bytes]] = []
        self._zone = "UTC"
        self._is_asked = False
        self._attempt, self._attached_mono_us = 0, 0
        self._down_since_us: int | None = None
        self._next_us: dict[int, int] = dict.fromkeys(PERIODS_MS, 0)
        self._book, self._is_book_asked = AlarmBook(), False
        self._is_book_news, self._is_list_news, self._shown_mono_us = False, False, 0
        self.past = Recall()
        self._recalling = Recalling(self.past, self._ask, self.now_us)
        self.seat = Seat(self._ask, lambda who: self._screen.set_who(who))
        self._gate = News(
            self._ask,
            "control",
            ControlBody,
            ControlAnswer,
            ControlBook(),
            lambda b: self._screen.set_control(b),
        )
        self._foreseen = News(
            self._ask,
            "outlooks",
            OutlooksBody,
            OutlooksAnswer,
            OutlookBook(),
            lambda book: self._screen.set_outlooks(book),
        )
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    def start(self, screen: Screen) -> None:
        """Begin to drive ``screen``."""
        self._screen = screen
        self._timer.start(TREND_MS)

    @property
    def live(self) -> bool:
        """True while the engine answers."""
        return self._client is not None and self._attaching is None and self._down_since_us is None

    def now_us(self) -> int:
        """UTC microseconds now."""
        return CLOCK.now_us()

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """One tag from the stored past to the last sample, at most two points a pixel."""
        self.past.now_us = self.now_us()
        memory = None if self._client is None else partial(self._client.live.curve, index)
        return self.past.curve(index, start_us, end_us, pixels, memory)

    def instant(
        self, time_us: int, on_done: Callable[[PastInstant], None], on_error: Callable[[str], None]
    ) -> None:
        """All tags at a past instant, on a later frame."""

        def take(content: bytes) -> None:
            answer = unpack(content, InstantAnswer)
            try:
                instant = Instant(*map(from_array, (answer.time_us, answer.value, answer.quality)))
            except WireError as unreadable:
                on_error(str(unreadable))
            else:
                known = answer.alarms_since_us, answer.is_alarms_whole
                on_done(PastInstant(time_us, instant, answer.texts, answer.alarms, *known))

        self._ask("instant", InstantBody(time_us), take, on_error)

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Send a request; one of the callbacks comes on a later frame. Refused while stalled.

        It goes with the token of who is logged in; the one that an answer brings stays here.
        """

        def take(content: bytes) -> None:
            if name == "alarm_command":
                self._next_us[ALARMS_MS] = 0
            self._next_us[CONTROL_MS] = 0
            if name == "verdict":
                self._next_us[OUTLOOKS_MS] = 0
            if name in (*BEGIN, *CHANGE):
                self._next_us[STATUS_MS] = 0
            on_done(self.seat.answered(name, msgspec.msgpack.decode(content)))

        self._ask(name, self.seat.outgoing(name, body), take, on_error)
        self.seat.sent(name)

    def close(self) -> None:
        """Tell the engine that this window leaves, and end every thread."""
        self._timer.stop()
        self._end_attaching()
        for process in self._engines:
            if process.poll() is None:
                process.returncode = 0  # it outlives us on purpose; nobody is left to collect it
        if self._client is not None:
            leave(self._client)

    def _ask(
        self, op: str, body: object, done: Callable[[bytes], None], error: Callable[[str], None]
    ) -> None:
        if self._client is None or not self.live:
            error("the engine does not answer; nothing was sent")
            return
        try:
            self._pending[self._client.request(op, body, self.seat.token)] = op, done, error
        except EngineAbsent as gone:
            error(f"{gone}; nothing was sent")

    def _tick(self) -> None:
        if self._attaching is not None and not self._attaching.found.empty():
            self._faults.run("plant", partial(self._take_client, self._attaching.found.get()))
        if self._client is not None:
            for item in self._client.drain():
                self._take(item)
        self._faults.run("state", self._watch_heartbeat)
        self._draw()
        self._recalling.tick(self.live)

    def _take_client(self, client: Client) -> None:
        self._end_attaching()
        if self._client is not None:
            self._client.close()
        self._client, self._revision = client, None
        # Versions are of one run of the engine; after a step of the clock those of the next may be alike.
        self._book.version = 0
        self._attached_mono_us = CLOCK.mono_us()
        self._down_since_us = None
        self.seat.attach()
        self._gate.attach()
        self._foreseen.attach()
        self._ask("events", {"after": self._event_seq, "brief": ["alarm"]}, _ignore, log.warning)
        self._ask("plant", None, self._set_plant, log.warning)
        self._next_us = dict.fromkeys(PERIODS_MS, 0)
        self.past.past.renew(self.now_us())
        self.past.renew_notes()
        self.past.known_alarms.renew()

    def _end_attaching(self) -> None:
        if self._attaching is not None:
            self._attaching.stop()
            if self._attaching.process is not None:
                self._engines.append(self._attaching.process)
            self._attempt = self._attaching.attempt
        self._attaching = None

    def _take(self, item: Answered | Event | Closed) -> None:
        if isinstance(item, Answered):
            op, done, error = self._pending.pop(item.id, ("", _ignore, log.warning))
            act = partial(error, item.error) if item.error else partial(done, item.body)
            self._faults.run(PARTS.get(op, ""), act)
        elif isinstance(item, Closed):
            self._lose(item.why)
        else:
            self._event_seq = item.seq
            if item.event in ("source_state", "alarm"):
                self._next_us[STATUS_MS] = self._next_us[ALARMS_MS] = 0
            if item.event == "source_state":
                # What a device kept while its link was down comes in now.
                self.past.past.renew(self.now_us())
            if item.event in ("annotation_made", "annotation_removed"):
                self.past.renew_notes()

    def _lose(self, why: str) -> None:
        """The engine is gone. Its last values stay on the screen, marked; a new one is sought."""
        log.warning("%s", why)
        pending, self._pending = self._pending, {}
        for op, _, error in pending.values():
            self._faults.run(PARTS.get(op, ""), partial(error, UNANSWERED))
        self._engines = [process for process in self._engines if process.poll() is None]
        if self._attaching is None:
            steady = CLOCK.mono_us() - self._attached_mono_us > STEADY_S * 1e6
            self._attaching = Attaching(self._folder, 0 if steady else self._attempt)

    def _watch_heartbeat(self) -> None:
        age_s = 0.0
        if self._client is not None:
            age_s = self._client.live.heartbeat_age_s(CLOCK.mono_us())
        if self._attaching is None and age_s <= STALLED_S:
            if self._down_since_us is not None:
                self._next_us[STATUS_MS] = 0
            self._down_since_us = None
            self._screen.set_stalled(self._faults.words or None)
            return
        if self._down_since_us is None:
            self._down_since_us = self.now_us() - round(age_s * 1e6)
        self._screen.set_stalled(self._why_stalled())

    def _why_stalled(self) -> str:
        since = clock(self._down_since_us or 0, self._zone)
        if self._attaching is None:
            return f"since {since}: the engine runs but does not answer; waiting for it"
        first = "connecting to the engine" if self._client is None else "the engine is gone"
        doing = f"starting it (attempt {self._attaching.attempt})" if self._attaching.attempt else "attaching"
        trouble = f". {self._attaching.trouble}" if self._attaching.trouble else ""
        return f"since {since}: {first}; {doing}{trouble}"

    def _draw(self) -> None:
        screen, now = self._screen, CLOCK.mono_us()
        if self._due(STATUS_MS, now):
            self._beat()
            if self.live:
                self._ask_status()
                self._ask("beat", None, _ignore, log.warning)
                self.seat.ask(now)
        if self.live and not self._is_book_asked and self._due(ALARMS_MS, now):
            self._ask_alarms()
        if self.live and self._due(CONTROL_MS, now):
            self._gate.ask(now)
        if self.live and self._due(OUTLOOKS_MS, now):
            self._foreseen.ask(now)
        self._faults.run("alarms", partial(self._show_alarms, now))
        wants = screen.wants()
        # A hidden window costs a look at the engine every 200 ms, a still one no trend frames.
        frame_ms = TREND_MS if "trends" in wants else NUMBERS_MS // 2
        if self._timer.interval() != frame_ms:
            self._timer.setInterval(frame_ms)
        # Without this engine's own list of tags nobody knows which row is which.
        if self._client is None or self._revision is None:
            return
        self._faults.keep(wants)
        if "numbers" in wants and self._due(NUMBERS_MS, now):
            snapshot = self._client.live.snapshot(now)
            self._faults.run("numbers", lambda: screen.on_numbers(snapshot))
        if "trends" in wants:
            self._faults.run("trends", lambda: screen.on_trends(self.now_us()))

    def _ask_status(self) -> None:
        """One at a time: a slow engine must not find a pile of the same question."""
        if not self._is_asked:
            self._is_asked = True
            self._ask("status", None, self._set_status, self._no_status)

    def _no_status(self, why: str) -> None:
        self._is_asked = False
        log.warning("%s", why)

    def _ask_alarms(self) -> None:
        """What changed since the last answer; a long one comes in parts, each asked for at once."""
        self._is_book_asked = True
        self._ask("alarms", AlarmsBody(self._book.version), self._take_alarms, self._no_alarms)

    def _take_alarms(self, content: bytes) -> None:
        self._is_book_asked = False
        answer = unpack(content, AlarmsAnswer)
        known = self._book.alarms
        paths = {each.path for each in answer.alarms}
        paths.update(known[each].path for each in answer.gone if each in known)
        self.past.known_alarms.renew(tuple(paths))
        if self._book.take(answer, self.now_us()):
            self._is_book_news = self._is_list_news = True
        if answer.is_more:
            self._ask_alarms()

    def _show_alarms(self, now_us: int) -> None:
        """The list of alarms, and the displays beside it show what it shows; tried until it is shown."""
        if self._is_list_news:
            self._screen.set_alarm_book(self._book)
            self._is_list_news = False
        is_flood = len(self._book.alarms) > FEW_ALARMS
        if self._is_book_news and (not is_flood or now_us - self._shown_mono_us >= MANY_ALARMS_MS * 1000):
            self._shown_mono_us = now_us
            self._screen.set_alarms(worst_first(self._book.alarms.values()))
            self._is_book_news = False

    def _no_alarms(self, why: str) -> None:
        self._is_book_asked = False
        self._next_us[ALARMS_MS] = CLOCK.mono_us() + STATUS_MS * 1000
        log.warning("%s", why)

    def _due(self, period_ms: int, now_us: int) -> bool:
        due = now_us >= self._next_us[period_ms]
        if due:
            self._next_us[period_ms] = now_us + period_ms * 1000
        return due

    def _set_plant(self, content: bytes) -> None:
        answer = unpack(content, PlantAnswer)
        self._revision = answer.revision
        self._zone = answer.project.plant.timezone
        self.past.set_tags(answer.project.tags)
        self._screen.set_plant(answer.project)
        self._next_us[NUMBERS_MS] = 0

    def _set_status(self, content: bytes) -> None:
        self._is_asked = False
        answer = unpack(content, StatusAnswer)
        self.past.oldest = answer.history.oldest_us if answer.history is not None else None
        self._screen.set_sources(answer.sources)
        self._screen.set_engine(answer.engine)
        self._screen.set_kpis(answer.kpis)
        if answer.history is not None:
            self._screen.set_history(answer.history)
        if self._revision is not None and answer.revision != self._revision:
            self._ask("plant", None, self._set_plant, log.warning)


def _ignore(content: bytes) -> None:
    """An answer that says nothing but done."""
