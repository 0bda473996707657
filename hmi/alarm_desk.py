"""What one window knows of the alarms, and what its person does to them. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from engine.types import Alarm, CommandName
from hmi import alarms as words
from hmi.alarm_book import AlarmBook
from hmi.author import author
from hmi.formats import sentence, t

MOST_AT_ONCE = 500
"""Alarms in one request; a page is never larger."""
ALSO_NORMAL = ("shelve", "out_of_service")
"""What is done to an alarm that became normal while it was being asked for: one that chatters does so."""


class Sender(Protocol):
    """The part of a feed that sends."""

    def submit(
        self,
        name: str,
        body: dict[str, Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[str], None],
    ) -> None: ...

    def now_us(self) -> int: ...


class AlarmDesk:
    """Shared by the banner, the Alarms display and the keys of one window.

    ``seen`` = of each alarm that was painted, the ``changed_us`` it was painted with: nothing else can be
    acknowledged. ``as_of_us`` = when the engine was last heard, once it is silent. ``selected`` = the alarm
    that the keys act on, 0 = none. ``listeners`` are called when any of this changes.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.book = AlarmBook()
        self.as_of_us = 0
        self._is_stalled = False
        self.selected = 0
        self.seen: dict[int, int] = {}
        self.listeners: list[Callable[[], None]] = []
        self._sent: dict[int, CommandName] = {}
        self._refused: dict[int, tuple[Alarm, str]] = {}

    def take(self, book: AlarmBook) -> None:
        """The book changed."""
        self.book = book
        if self.selected and self.selected not in book.alarms:
            self.selected = 0
        for known in (self.seen, self._refused):
            if len(known) > 2 * len(book.alarms) + MOST_AT_ONCE:
                for each in [each for each in known if each not in book.alarms]:
                    del known[each]
        self._tell()

    @property
    def is_dead(self) -> bool:
        """Nothing can be done to an alarm: the engine is silent, or has not told of any yet."""
        return self._is_stalled or not self.book.is_known

    @property
    def is_stalled(self) -> bool:
        """The engine does not answer."""
        return self._is_stalled

    def now_us(self) -> int:
        """UTC microseconds now."""
        return self._sender.now_us()

    def set_stalled(self, is_stalled: bool) -> None:
        """True: the engine does not answer."""
        if is_stalled != self._is_stalled:
            self._is_stalled, self.as_of_us = is_stalled, self.now_us()
            self._sent.clear()
            self._tell()

    def select(self, alarm_id: int) -> None:
        """The alarm that the keys act on."""
        if alarm_id != self.selected:
            self.selected = alarm_id
            self._tell()

    def select_next(self) -> int:
        """Select the next unacknowledged alarm, the worst after the last; gives it, 0 = there is none."""
        waiting = [each.id for each in words.to_do_first(self.book.alarms.values()) if words.is_waiting(each)]
        at = waiting.index(self.selected) + 1 if self.selected in waiting else 0
        self.select(waiting[at % len(waiting)] if waiting else 0)
        return self.selected

    def is_sent(self, alarm_id: int) -> bool:
        """Something was asked for this alarm and is not answered yet."""
        return alarm_id in self._sent

    def refusal(self, alarm: Alarm) -> str:
        """Why what was asked for was not done, in words; "" once the alarm has changed."""
        before, why = self._refused.get(alarm.id, (None, ""))
        return why if before is not None and _stands(before) == _stands(alarm) else ""

    def acknowledge(self, ids: Iterable[int]) -> int:
        """Acknowledge those of these that were painted and wait for it; gives how many were sent."""
        alarms = self.book.alarms
        found = [each for each in ids if each in self.seen and each in alarms]
        waiting = [each for each in found if words.is_waiting(alarms[each])]
        return self.do("acknowledge", waiting)

    def do(
        self, what: CommandName, ids: Iterable[int], text: str = "", until_us: int = 0, one_shot: bool = False
    ) -> int:
        """Ask the engine, as the person of this station; what it refuses stands at the alarm.

        Gives how many alarms it was asked for: none while the engine is silent or an answer is awaited.
        """
        alarms = self.book.alarms
        known = [each for each in ids if each in alarms or what in ALSO_NORMAL]
        asked = [each for each in known if each not in self._sent][:MOST_AT_ONCE]
        if self.is_dead or not asked:
            return 0
        for each in asked:
            self._sent[each] = what
            self._refused.pop(each, None)
        body = {
            "what": what,
            "alarms": [(each, self._seen_us(each)) for each in asked],
            "by": author(),
            "text": text,
            "until_us": until_us,
            "one_shot": one_shot,
        }
        self._sender.submit(
            "alarm_command",
            body,
            lambda answer: self._done(asked, answer),
            lambda why: self._fail(asked, why),
        )
        self._tell()
        return len(asked)

    def _seen_us(self, alarm_id: int) -> int:
        alarm = self.book.alarms.get(alarm_id)
        return self.seen.get(alarm_id, alarm.changed_us if alarm is not None else 0)

    def _done(self, asked: list[int], answer: Any) -> None:
        for each in asked:
            self._sent.pop(each, None)
        for alarm_id, why in answer["refused"]:
            self._refuse(int(alarm_id), t("Not done: {why}", why=sentence(str(why))[:200]))
        self._tell()

    def _fail(self, asked: list[int], why: str) -> None:
        for each in asked:
            self._sent.pop(each, None)
            # It may be done all the same: killed before it answered, or done and not on record.
            self._refuse(each, sentence(why)[:200])
        self._tell()

    def _refuse(self, alarm_id: int, words: str) -> None:
        alarm = self.book.alarms.get(alarm_id)
        if alarm is not None:
            self._refused[alarm_id] = alarm, words

    def _tell(self) -> None:
        for each in self.listeners:
            each()


def _stands(alarm: Alarm) -> tuple[object, ...]:
    """What differs once something happened to it, or was done to it."""
    return alarm.changed_us, alarm.letter, alarm.shelf, alarm.service, alarm.note, alarm.is_recorded
