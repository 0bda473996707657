"""A row of the alarm journal in words: what happened, where, at which value, by whom. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.types import Alarm, AlarmChange, Letter, LimitKind, What
from hmi import alarms as words
from hmi import formats
from hmi.displays.alarms import state
from hmi.formats import t
from hmi.model import Model

COLUMNS = ("time", "badge", "what", "where", "message", "state", "value", "limit", "who", "why", "menu")
HEADS = {
    "time": "Time",
    "badge": "",
    "what": "What happened",
    "where": "Where",
    "message": "Alarm",
    "state": "State",
    "value": "Value",
    "limit": "Limit",
    "who": "By",
    "why": "Reason",
    "menu": "",
}
WHATS: Mapping[What, str] = {
    "active": "Came",
    "returned": "Returned",
    "acknowledged": "Acknowledged",
    "reset": "Reset",
    "realarmed": "Still active, told again",
    "note": "Note",
    "edited": "Limit changed",
    "removed": "Limit removed",
    "shelved": "Shelved",
    "unshelved": "Unshelved",
    "expired": "Shelf ended",
    "suppressed": "Suppressed by design",
    "unsuppressed": "Not suppressed any more",
    "out_of_service": "Out of service",
    "in_service": "Back in service",
}
KINDS: Mapping[LimitKind, str] = {
    "hh": "high-high",
    "h": "high",
    "l": "low",
    "ll": "low-low",
    "on": "on",
    "off": "off",
    "trip": "trip",
    "dev": "deviation",
    "rate": "change too fast",
    "disc": "discrepancy",
    "bad": "no good value",
    "expr": "condition",
    "status": "device status",
    "link": "no connection",
    "device": "alarm of a device",
    "flood": "flood",
}
LETTERS: Mapping[str, str] = {
    "A": "normal",
    "B": "active, not acknowledged",
    "C": "active, acknowledged",
    "D": "returned, not acknowledged",
    "E": "shelved",
    "F": "suppressed",
    "G": "out of service",
}
APART_US = 1_000_000
"""The device's own time is told where it is further from ours."""
PAPER = ("time", "badge", "what", "where", "message", "state", "value", "limit", "who", "why")


def alarm_of(model: Model, change: AlarmChange) -> Alarm:
    """The alarm as far as its change tells it: enough for its names and for where it is handled."""
    at = model.index.get(change.path)
    same = (change.kind, change.name)
    limits = model.limits.get(at, ()) if at is not None else ()
    display = next((each.display for each in limits if (each.kind, each.name) == same), "")
    return Alarm(
        change.path,
        change.kind,
        change.priority,
        change.letter in ("B", "C"),
        change.source_us,
        change.source_us,
        message=change.message,
        id=change.alarm,
        name=change.name,
        letter=change.letter,
        display=display,
    )


def cell(model: Model, change: AlarmChange, before: str, column: str, now_us: int) -> str:
    """The text of a cell. ``before`` = the letter of the alarm before it, "" = not known."""
    zone = model.plant.timezone
    if column == "time":
        return formats.moment(change.time_us, now_us, zone)
    if column == "what":
        return what(change, now_us, zone)
    if column == "where":
        return words.where(model, alarm_of(model, change))
    if column == "message":
        return words.message(alarm_of(model, change))
    if column == "state":
        return letters(before, change.letter)
    if column in ("value", "limit"):
        amount = change.value if column == "value" else change.limit
        return state.value_at(model, alarm_of(model, change), amount)
    return change.by if column == "who" else change.text if column == "why" else ""


def what(change: AlarmChange, now_us: int, zone: str) -> str:
    """What happened, in plain words."""
    said = t(WHATS[change.what])
    if change.what == "shelved" and change.until_us:
        return t("{what} to {time}", what=said, time=formats.moment(change.until_us, now_us, zone)[:-3])
    return said


def letters(before: str, after: Letter) -> str:
    """The letters of ISA-18.2 before and after: ``B → C``."""
    return after if not before or before == after else f"{before} → {after}"


def letters_in_words(before: str, after: Letter) -> str:
    """The states before and after, as a person says them."""
    if not before or before == after:
        return t(LETTERS[after])
    return t("{before} → {after}", before=t(LETTERS[before]), after=t(LETTERS[after]))


def tip(model: Model, change: AlarmChange, before: str, column: str, now_us: int) -> str:
    """What a cell says at length; "" = it is not enough of a difference."""
    zone = model.plant.timezone
    if column == "time":
        day = f"{formats.date_of(change.time_us, zone)} {formats.clock(change.time_us, zone)}"
        if abs(change.time_us - change.source_us) < APART_US:
            return day
        at = formats.moment(change.source_us, change.time_us, zone)
        return t("{time}; by the clock of the device {source}", time=day, source=at)
    if column == "state":
        return letters_in_words(before, change.letter)
    if column == "where":
        return change.path.replace("/", " › ")
    if column == "value":
        value, limit = (cell(model, change, before, each, now_us) for each in ("value", "limit"))
        return t("{value}, limit {limit}", value=value, limit=limit) if value and limit else value
    if column == "badge":
        return t("priority {n}", n=change.priority)
    return cell(model, change, before, column, now_us)


def spoken(model: Model, change: AlarmChange, before: str, now_us: int) -> str:
    """A row for those who hear it."""
    texts = [cell(model, change, before, column, now_us) for column in ("time", "what", "where", "message")]
    value, limit, who, why = (
        cell(model, change, before, column, now_us) for column in ("value", "limit", "who", "why")
    )
    texts += [
        t("priority {n}", n=change.priority) if change.priority else "",
        letters_in_words(before, change.letter),
        t("value {value}", value=value) if value else "",
        t("limit {value}", value=limit) if limit else "",
        t("by {person}", person=who) if who else "",
        why,
    ]
    return ", ".join(each for each in texts if each)


def paper_row(model: Model, change: AlarmChange, before: str) -> tuple[str, ...]:
    """A row as it stands on paper: with its date and year."""
    zone = model.plant.timezone
    when = f"{formats.local(change.time_us, zone):%Y-%m-%d %H:%M:%S}"
    priority = str(change.priority) if change.priority else ""
    texts = [cell(model, change, before, column, change.time_us) for column in PAPER[2:]]
    return (when, priority, *texts)


def paper_heads() -> Sequence[str]:
    """The heads of such rows."""
    return [t("P.") if column == "badge" else t(HEADS[column]) for column in PAPER]
