"""What people do to alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.alarms import life
from engine.alarms.book import Book
from engine.alarms.life import At, Entry, Refused, Step
from engine.alarms.register import Register
from engine.types import Alarm, CommandName
from engine.wire import AlarmCommandAnswer, AlarmCommandBody

SEEN = ("acknowledge", "reset")
"""What is only done to an alarm that the person has seen as it is."""


def command(book: Book, register: Register, body: AlarmCommandBody) -> AlarmCommandAnswer:
    """Do it, for each alarm wholly or not at all.

    Raises:
        Refused: nobody is named who does it.
    """
    if not body.by.strip():
        raise Refused("nobody is named who does this; say who it is")
    done, refused = list[int](), list[tuple[int, str]]()
    for alarm_id, seen_us in body.alarms:
        try:
            book.apply(_steps(book, register, alarm_id, seen_us, body))
        except Refused as error:
            refused.append((alarm_id, str(error)))
        else:
            done.append(alarm_id)
    return AlarmCommandAnswer(tuple(done), tuple(refused))


def require_seen(alarm: Alarm, seen_us: int) -> None:
    """An alarm that returned since is still the one that was seen; one that came again is not.

    Raises:
        Refused: it came again.
    """
    if seen_us not in (alarm.changed_us, alarm.since_us):
        raise Refused("it came again since you looked; look at it once more")


def _steps(book: Book, register: Register, alarm_id: int, seen_us: int, body: AlarmCommandBody) -> list[Step]:
    if not register.knows(alarm_id):
        raise Refused("there is no such alarm any more")
    entry = book.entry(alarm_id)
    if entry.alarm.source:
        raise Refused("its server keeps this alarm and has said nothing of it yet; try again in a moment")
    if body.what in SEEN:
        require_seen(entry.alarm, seen_us)
    if body.what == "shelve":
        rules, by, until_us = register.rules(alarm_id), body.by.strip(), body.until_us
        return life.shelve(entry, rules, by, body.text, until_us, body.one_shot, book.at())
    return _PLAIN[body.what](entry, body.by.strip(), body.text, book.at())


_PLAIN: Mapping[CommandName, Callable[[Entry, str, str, At], list[Step]]] = {
    "acknowledge": lambda entry, by, _, at: life.acknowledge(entry, by, at),
    "reset": lambda entry, by, _, at: life.reset(entry, by),
    "unshelve": lambda entry, by, _, at: life.unshelve(entry, by),
    "out_of_service": life.out_of_service,
    "in_service": lambda entry, by, _, at: life.in_service(entry, by),
    "note": lambda entry, by, text, _: life.note(entry, by, text),
}
