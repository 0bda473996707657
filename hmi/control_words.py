"""A write to the plant in words: how it stands, what came of it, and what to do next. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.types import Plant, Stage, Tag, WorkTag, Write
from hmi import formats, values
from hmi.control_book import OPEN
from hmi.formats import THIN, t

Outcome = Literal["open", "verified", "rejected", "unknown", "resolved", "cancelled"]
Mark = Literal["none", "pending", "done", "refused", "unknown"]
SHOWN_US = 600_000_000
"""How long a result stands at the value."""


@dataclass(frozen=True, slots=True)
class Said:
    """What stands at a value, and the mark beside it."""

    mark: Mark = "none"
    text: str = ""


NOTHING = Said()


def amount(tag: Tag | None, value: float, plant: Plant) -> str:
    """A value with its unit, as the plant writes it; without its tag the number alone."""
    if tag is None:
        return formats.number(value, None, plant.locale)
    text = values.value_text(tag, value, plant)
    has_unit = bool(tag.unit) and not tag.states and tag.type != "bool"
    return f"{text}{THIN}{tag.unit}" if has_unit else text


def target_of(write: Write) -> str:
    """Where it is written, in words: the last two parts of the path."""
    return spoken_path(write.path)


def spoken_path(path: str) -> str:
    """``Hydraulics / Pressure setpoint``: the last two parts of a path."""
    return " / ".join(path.split("/")[-2:])


def outcome(write: Write) -> Outcome:
    """What came of it as far as it is known now.

    What is closed without ever being sent was cancelled; what was sent, a person said what became of it.
    """
    if write.is_locked or write.step == "unknown":
        return "unknown"
    if write.step in ("verified", "rejected"):
        return "verified" if write.step == "verified" else "rejected"
    if write.step in OPEN:
        return "open"
    if write.sent_us == 0:
        return "cancelled"
    return "resolved"


def is_waiting(write: Write) -> bool:
    """One person confirmed it, and another one must."""
    return write.step == "confirmed" and write.needs_second and not write.second


def is_selected(write: Write) -> bool:
    """It is held for one person, who may confirm it."""
    return write.step == "selected"


def who(write: Write) -> str:
    """Who wrote it, with the second person where there was one."""
    first = write.by_name or write.by
    return t("{one} and {two}", one=first, two=write.second_name or write.second) if write.second else first


def at_value(
    write: Write | None, tag: Tag | None, plant: Plant, now_us: int, was_confirmed: bool = False
) -> Said:
    """What stands at the value of a tag: being written, written, not written, or unknown.

    What was never sent is news only to who confirmed it (``was_confirmed``); to all others nothing happened.
    """
    if write is None:
        return NOTHING
    found = outcome(write)
    new = amount(tag, write.new, plant) if not write.verb else write.verb
    if found == "unknown":
        return Said("unknown", t("? unknown: locked \u2013 resolve"))
    if found == "open":
        return _pending(write, new)
    is_news = write.sent_us > 0 or was_confirmed
    if now_us - write.done_us > SHOWN_US or not is_news:
        return NOTHING
    when = formats.moment(write.done_us, now_us, plant.timezone)
    if found == "verified":
        text = t("{verb} given {time} by {who}") if write.verb else t("written {time} by {who}")
        return Said("done", text.format(verb=write.verb, time=when, who=who(write)))
    why = why_words(write) or t("The device refused it.")
    if found == "resolved":
        return Said("refused", t("{new}, resolved {time}: {why}", new=new, time=when, why=why))
    return Said("refused", t("{new} not written {time}: {why}", new=new, time=when, why=why))


def why_words(write: Write) -> str:
    """Why it was not written: of several checks the first, for the others mostly follow from it."""
    failed = [each.name for each in write.checks if each.is_needed and not each.is_ok]
    if len(failed) < 2 or (mark := f'; "{failed[1]}"') not in write.why:
        return formats.sentence(write.why)
    why = formats.sentence(write.why.partition(mark)[0])
    return t("{why} And {n} more.", why=why, n=len(failed) - 1)


def _pending(write: Write, new: str) -> Said:
    by = write.by_name or write.by
    if is_waiting(write):
        return Said("pending", t("{new} waits for a second person", new=new))
    if write.step in ("confirmed", "sent"):
        return Said("pending", t("being written {new}\u2026", new=new))
    at = t("{who} at {station}", who=by, station=write.station) if write.station else by
    return Said("pending", t("{who} is changing it", who=at))


def undo_left(write: Write | None, now_us: int) -> int:
    """Whole minutes in which the old value is offered, at least 1; 0 = it is not."""
    if write is None or outcome(write) not in ("verified", "resolved") or write.old is None:
        return 0
    left_us = write.rollback_until_us - now_us
    return max(1, left_us // 60_000_000) if left_us > 0 else 0


def stage_word(stage: Stage) -> str:
    """``Look``, ``Advise`` or ``Control``."""
    return {"look": t("Look"), "advise": t("Advise"), "control": t("Control")}[stage]


def _minute(time_us: int, now_us: int, zone: str) -> str:
    there, now = formats.local(time_us, zone), formats.local(now_us, zone)
    text = formats.clock(time_us, zone, seconds=False)
    return text if there.date() == now.date() else f"{formats.day(there)} {text}"


def work_line(work: WorkTag, now_us: int, zone: str) -> str:
    """``Ina Kern, phone 4711, order WO-10884, until 18:00: seal``."""
    parts = [work.name]
    if work.phone:
        parts.append(t("phone {phone}", phone=work.phone))
    if work.order:
        parts.append(t("order {order}", order=work.order))
    if work.until_us:
        over = work.until_us < now_us
        when = _minute(work.until_us, now_us, zone)
        parts.append(t("was to end {time}", time=when) if over else t("until {time}", time=when))
    line = ", ".join(parts)
    return f"{line}: {work.text}" if work.text else line
