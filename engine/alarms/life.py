"""The life of one alarm: what each event makes of it, after ISA-18.2-2016 / IEC 62682. Pure.

``active``, ``acked``, ``latched`` and the three reasons for which it is set aside (shelf, suppressed,
service) are kept apart; the letter is derived from them. An alarm that is set aside is followed all the
same. When the last reason ends it begins anew: unacknowledged where its condition is true or latched,
normal where not.

Time that a shelf or a re-alarm takes is counted by the monotonic clock, so setting the computer's clock
neither ends a shelf early nor makes it longer; ``stepped`` moves the times that people see along. Only
while no engine runs there is no such clock: `resumed` says what is done then.
"""

from __future__ import annotations

import msgspec

from engine.types import Alarm, AlarmClass, Letter, Service, Shelf, What

REALARM_TEXT = "acknowledged and still active"
_replace = msgspec.structs.replace


class Refused(Exception):
    """What a person asked for cannot be done; the text says why, and what to do instead."""


class At(msgspec.Struct, frozen=True, gc=False):
    """An instant: UTC, and by the monotonic clock."""

    now_us: int
    mono_us: int


class Rules(msgspec.Struct, frozen=True):
    """What the limit and the class of an alarm say of its life."""

    latching: bool = False
    realarm_s: float = 0.0
    group: AlarmClass = AlarmClass(id="")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An alarm, and by the monotonic clock when it was acknowledged and when its shelf began."""

    alarm: Alarm
    acked_mono_us: int = 0
    shelf_mono_us: int = 0


class Step(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened to an alarm, and the entry after it; the rest as in ``AlarmChange``."""

    what: What
    entry: Entry
    by: str = ""
    text: str = ""
    until_us: int = 0


def letter(alarm: Alarm) -> Letter:
    """The state of an alarm. What people did comes before the design, the most lasting first.

    Where it is latched it stays B or C until it is reset, though the condition is over.
    """
    if alarm.service is not None:
        return "G"
    if alarm.shelf is not None:
        return "E"
    if alarm.suppressed:
        return "F"
    if is_present(alarm):
        return "C" if alarm.acked else "B"
    return "A" if alarm.acked else "D"


def is_present(alarm: Alarm) -> bool:
    """Whether its condition is true, or was and is latched."""
    return alarm.active or alarm.latched


def is_aside(alarm: Alarm) -> bool:
    """Whether it is shelved, suppressed or out of service."""
    return alarm.shelf is not None or bool(alarm.suppressed) or alarm.service is not None


def lettered(alarm: Alarm) -> Alarm:
    """The same alarm with the letter that its flags give."""
    found = letter(alarm)
    return alarm if alarm.letter == found else _replace(alarm, letter=found)


def came(entry: Entry, rules: Rules, time_us: int, value: float | None) -> list[Step]:
    """The condition is true from ``time_us`` on, by the source's clock."""
    alarm = entry.alarm
    if alarm.active:
        return []
    # Where its class acknowledged it by itself, nobody has seen it.
    stays_acked = alarm.latched and alarm.acked and alarm.acked_us > 0 and not is_aside(alarm)
    after = _replace(
        alarm,
        active=True,
        acked=stays_acked,
        acked_us=alarm.acked_us if stays_acked else 0,
        acked_by=alarm.acked_by if stays_acked else "",
        latched=alarm.latched or rules.latching,
        since_us=time_us,
        changed_us=time_us,
        value=value,
        times=1 if alarm.acked else alarm.times + 1,
        letter=alarm.letter if is_aside(alarm) else "C" if stays_acked else "B",
    )
    return [Step("active", Entry(after, entry.acked_mono_us, entry.shelf_mono_us))]


def went(entry: Entry, rules: Rules, time_us: int, value: float | None) -> list[Step]:
    """The condition is false from ``time_us`` on. A one-shot shelf ends with it."""
    alarm = entry.alarm
    if not alarm.active:
        return []
    acked = alarm.acked or not rules.group.acknowledge
    after = _replace(alarm, active=False, changed_us=time_us, value=value, acked=acked)
    steps = [_step("returned", entry, after)]
    if alarm.shelf is not None and alarm.shelf.one_shot:
        steps.append(_unshelved(steps[0].entry, "expired", ""))
    return steps


def acknowledge(entry: Entry, by: str, at: At) -> list[Step]:
    """A person has seen it.

    Raises:
        Refused: there is nothing to acknowledge.
    """
    alarm = entry.alarm
    if is_aside(alarm):
        raise Refused(f"it is {_aside_words(alarm)}, so there is nothing to acknowledge")
    if alarm.acked:
        who = f" by {alarm.acked_by}" if alarm.acked_by else ""
        raise Refused(f"it was acknowledged{who} already" if is_present(alarm) else "it is normal again")
    after = _replace(alarm, acked=True, acked_us=at.now_us, acked_by=by)
    return [_step("acknowledged", _replace(entry, acked_mono_us=at.mono_us), after, by)]


def reset(entry: Entry, by: str) -> list[Step]:
    """A person lets a latched alarm go.

    Raises:
        Refused: it is not latched, still active, or nobody acknowledged it.
    """
    alarm = entry.alarm
    if is_aside(alarm):
        raise Refused(f"it is {_aside_words(alarm)}; bring it back first")
    if not alarm.latched:
        raise Refused("it does not latch, so there is nothing to reset")
    if alarm.active:
        raise Refused("its condition is still true; it can be reset once that is over")
    if not alarm.acked:
        raise Refused("acknowledge it first, then reset it")
    return [_step("reset", entry, _replace(alarm, latched=False), by)]


def shelve(
    entry: Entry, rules: Rules, by: str, reason: str, until_us: int, one_shot: bool, at: At
) -> list[Step]:
    """Put it out of sight until ``until_us``; one that is shelved gets this shelf instead.

    ``one_shot`` ends it with the condition too; then ``until_us`` may be 0 = as long as its class allows.

    Raises:
        Refused: its class does not allow this shelf, or wants a reason.
    """
    most_us = round(rules.group.shelve_max_s * 1e6)
    if most_us <= 0:
        raise Refused(f"alarms of the class {rules.group.id or 'without a name'} are never shelved")
    if not until_us and one_shot:
        until_us = at.now_us + most_us
    if until_us <= at.now_us:
        raise Refused("the end of its shelf is not in the future; choose a later one")
    if until_us - at.now_us > most_us:
        raise Refused(f"it may be shelved for {_span(most_us)} at most; choose an earlier end")
    if rules.group.managed and not reason.strip():
        raise Refused("it is highly managed: say in the reason who authorised the shelf")
    if rules.group.reason and not reason.strip():
        raise Refused("shelving it needs a reason")
    shelf = Shelf(at.now_us, until_us, by, reason.strip(), one_shot)
    after = _replace(entry.alarm, shelf=shelf)
    return [_step("shelved", _replace(entry, shelf_mono_us=at.mono_us), after, by, shelf.reason, until_us)]


def unshelve(entry: Entry, by: str) -> list[Step]:
    """A person brings it back.

    Raises:
        Refused: it is not shelved.
    """
    if entry.alarm.shelf is None:
        raise Refused("it is not shelved")
    return [_unshelved(entry, "unshelved", by)]


def suppress(entry: Entry, why: str) -> list[Step]:
    """The design suppresses it, for ``why``; with "" it does not any more."""
    alarm = entry.alarm
    if bool(why) == bool(alarm.suppressed):
        return []
    after = _replace(alarm, suppressed=why)
    if why:
        return [_step("suppressed", entry, after, text=why)]
    return [_step("unsuppressed", entry, _freed(after))]


def out_of_service(entry: Entry, by: str, permit: str, at: At) -> list[Step]:
    """A person takes it out of service under a permit or work order.

    Raises:
        Refused: without a permit, or when it is out of service already.
    """
    if entry.alarm.service is not None:
        raise Refused(f"{entry.alarm.service.by} took it out of service already")
    if not permit.strip():
        raise Refused("taking it out of service needs the number of a permit or work order")
    service = Service(at.now_us, by, permit.strip())
    return [_step("out_of_service", entry, _replace(entry.alarm, service=service), by, service.permit)]


def in_service(entry: Entry, by: str) -> list[Step]:
    """A person puts it back into service.

    Raises:
        Refused: it is in service.
    """
    if entry.alarm.service is None:
        raise Refused("it is in service")
    return [_step("in_service", entry, _freed(_replace(entry.alarm, service=None)), by)]


def note(entry: Entry, by: str, text: str) -> list[Step]:
    """A person writes something down about it, in place of the note before.

    Raises:
        Refused: there is nothing written, or the alarm is normal.
    """
    if not text.strip():
        raise Refused("the note is empty")
    if entry.alarm.letter == "A":
        raise Refused("it is normal; a note on it would be seen by nobody")
    return [_step("note", entry, _replace(entry.alarm, note=text.strip()), by, text.strip())]


def passed(entry: Entry, rules: Rules, at: At) -> list[Step]:
    """What the time that passed makes of it: a shelf runs out, an acknowledged alarm sounds again."""
    steps: list[Step] = []
    shelf_us = _shelf_due_us(entry)
    if shelf_us is not None and at.mono_us >= shelf_us:
        steps.append(_unshelved(entry, "expired", ""))
        entry = steps[-1].entry
    realarm_us = _realarm_due_us(entry, rules)
    if realarm_us is not None and at.mono_us >= realarm_us:
        after = _replace(entry.alarm, acked=False, acked_us=0, acked_by="")
        steps.append(_step("realarmed", entry, after, text=REALARM_TEXT))
    return steps


def due_us(entry: Entry, rules: Rules) -> int | None:
    """When ``passed`` has something to say, by the monotonic clock; None = never."""
    shelf_us, realarm_us = _shelf_due_us(entry), _realarm_due_us(entry, rules)
    if shelf_us is None or realarm_us is None:
        return realarm_us if shelf_us is None else shelf_us
    return min(shelf_us, realarm_us)


def stepped(entry: Entry, by_us: int) -> list[Step]:
    """The computer's clock was set by so much: a shelf that runs ends at another time of that clock."""
    shelf = entry.alarm.shelf
    if shelf is None:
        return []
    moved = _replace(shelf, since_us=shelf.since_us + by_us, until_us=shelf.until_us + by_us)
    text = f"the computer's clock was set by {by_us / 1e6:+.0f} s; the shelf is as long as it was"
    return [_step("edited", entry, _replace(entry.alarm, shelf=moved), "", text, moved.until_us)]


def resumed(alarm: Alarm, at: At, noted_us: int) -> Entry:
    """An alarm as it was on record when the engine before ended; ``noted_us`` = the newest time on record.

    The time that passed meanwhile is what the clock says, counted from no earlier than that record: where
    the clock was set back, nothing passed. So a shelf is never longer than it was to be, and one set ahead
    can only bring an alarm back early. The times of the shelf are then moved to the clock of now.
    """
    now_us, shelf = max(at.now_us, noted_us), alarm.shelf
    acked_mono_us = at.mono_us - max(now_us - alarm.acked_us, 0)
    if shelf is None:
        return Entry(lettered(alarm), acked_mono_us)
    ran_us = max(now_us - shelf.since_us, 0)
    since_us = at.now_us - ran_us
    moved = _replace(shelf, since_us=since_us, until_us=since_us + shelf.until_us - shelf.since_us)
    return Entry(lettered(_replace(alarm, shelf=moved)), acked_mono_us, at.mono_us - ran_us)


def _step(what: What, entry: Entry, after: Alarm, by: str = "", text: str = "", until_us: int = 0) -> Step:
    return Step(what, Entry(lettered(after), entry.acked_mono_us, entry.shelf_mono_us), by, text, until_us)


def _unshelved(entry: Entry, what: What, by: str) -> Step:
    return _step(what, entry, _freed(_replace(entry.alarm, shelf=None)), by)


def _freed(alarm: Alarm) -> Alarm:
    """One reason for which it was set aside is gone; with the last one it begins anew."""
    if is_aside(alarm):
        return alarm
    return _replace(alarm, acked=not is_present(alarm), acked_us=0, acked_by="")


def _shelf_due_us(entry: Entry) -> int | None:
    shelf = entry.alarm.shelf
    return None if shelf is None else entry.shelf_mono_us + shelf.until_us - shelf.since_us


def _realarm_due_us(entry: Entry, rules: Rules) -> int | None:
    alarm = entry.alarm
    waits = rules.realarm_s > 0 and alarm.active and alarm.acked and not is_aside(alarm)
    return entry.acked_mono_us + round(rules.realarm_s * 1e6) if waits else None


def _aside_words(alarm: Alarm) -> str:
    return {"E": "shelved", "F": "suppressed by design"}.get(letter(alarm), "out of service")


def _span(time_us: int) -> str:
    minutes = time_us / 60e6
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
