"""What the Alarms display shows: its lists, and all its words. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.types import Alarm, AlarmCounts, Letter, Snapshot
from hmi import alarms as words
from hmi import formats, values
from hmi.alarm_desk import AlarmDesk
from hmi.alarm_sums import judged
from hmi.displays.alarms import filters
from hmi.displays.alarms.filters import Filter
from hmi.formats import t
from hmi.model import Model
from hmi.values import Kind

ListName = Literal["active", "shelved", "suppressed", "service"]
LISTS: tuple[ListName, ...] = ("active", "shelved", "suppressed", "service")
TITLES: dict[ListName, str] = {
    "active": "Active",
    "shelved": "Shelved",
    "suppressed": "Suppressed",
    "service": "Out of service",
}
_LETTERS: dict[ListName, tuple[Letter, ...]] = {
    "active": ("B", "C", "D"),
    "shelved": ("E",),
    "suppressed": ("F",),
    "service": ("G",),
}
COLUMNS: dict[ListName, tuple[str, ...]] = {
    "active": ("badge", "time", "where", "message", "at", "now", "state", "act", "menu"),
    "shelved": ("badge", "until", "where", "message", "now", "state", "why", "who", "act", "menu"),
    "suppressed": ("badge", "time", "where", "message", "now", "state", "why", "menu"),
    "service": ("badge", "time", "where", "message", "now", "state", "why", "who", "act", "menu"),
}
HEADS = {
    "badge": "",
    "time": "Since",
    "until": "Remaining",
    "where": "Where",
    "message": "Alarm",
    "at": "At alarm",
    "now": "Now",
    "state": "State",
    "why": "Why",
    "who": "By",
    "act": "",
    "menu": "",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display is turned to. ``past_us`` = the instant of a replay, None = live."""

    name: ListName = "active"
    filter: Filter = filters.EVERYTHING
    opened: frozenset[int] = frozenset()
    past_us: int | None = None
    is_stalled: bool = False

    @property
    def is_dead(self) -> bool:
        """Nothing on it is current, and nothing can be done."""
        return self.is_stalled or self.past_us is not None


def list_of(alarm: Alarm) -> ListName:
    """The list that an alarm stands in."""
    for name in LISTS:
        if alarm.letter in _LETTERS[name]:
            return name
    return "active"


def letters(name: ListName) -> tuple[Letter, ...]:
    """The states that a list holds."""
    return _LETTERS[name]


def by_rank(name: ListName) -> Callable[[Alarm], tuple[object, ...]]:
    """The order of a list: what to work on first; the shelf that ends first; the newest."""
    if name == "active":
        return words.rank
    if name == "shelved":
        return lambda alarm: (alarm.shelf.until_us if alarm.shelf is not None else 0, alarm.id)
    return lambda alarm: (alarm.priority, -alarm.changed_us, alarm.id)


def counts(told: AlarmCounts) -> dict[ListName, int]:
    """How many stand in each list."""
    active = sum(told.unacknowledged) + sum(told.acknowledged) + told.returned
    return {
        "active": active,
        "shelved": told.shelved,
        "suppressed": told.suppressed,
        "service": told.out_of_service,
    }


def counted(alarms: Iterable[Alarm]) -> dict[ListName, int]:
    """The same of alarms that nobody counted: those of a past instant."""
    found = dict.fromkeys(LISTS, 0)
    for each in alarms:
        found[list_of(each)] += 1
    return found


def summary(shown: Shown, listed: int, total: int) -> str:
    """How many the list has, and what the filter lets through."""
    if shown.filter == filters.EVERYTHING:
        return t("{n} in this list", n=total) if total else ""
    return t("{n} of {all}: {words}", n=listed, all=total, words=filters.in_words(shown.filter))


def cell(model: Model, alarm: Alarm, column: str, now_us: int) -> str:
    """The text of a cell; that of ``now`` needs the live value and comes from elsewhere."""
    zone = model.plant.timezone
    if column == "time":
        since = alarm.service.since_us if alarm.service is not None else alarm.since_us
        return _short_moment(since, now_us, zone)
    if column == "until":
        return remaining(alarm, now_us, zone)
    if column == "where":
        return words.where(model, alarm)
    if column == "message":
        return words.message(alarm)
    if column == "at":
        return value_at(model, alarm, alarm.value)
    if column == "state":
        return words.state_of(alarm, zone)
    if column == "why":
        return why(alarm)
    return who(alarm) if column == "who" else ""


def _short_moment(time_us: int, now_us: int, zone: str) -> str:
    """``14:13:46`` today, else ``21 Nov 14:13``; the detail has it whole."""
    day, _, rest = formats.moment(time_us, now_us, zone).partition(" ")
    return rest[:-3] if rest else day


def value_at(model: Model, alarm: Alarm, value: float | None) -> str:
    """A value of the alarm's tag with its unit; "" where it says no more than the message."""
    at = model.index.get(alarm.path)
    tag = None if at is None else model.tags[at]
    if tag is None or value is None or tag.type in ("bool", "string"):
        return ""
    return f"{values.value_text(tag, value, model.plant)} {'' if tag.states else tag.unit}".strip()


def remaining(alarm: Alarm, now_us: int, zone: str) -> str:
    """How long a shelf lasts yet, and until when."""
    if alarm.shelf is None:
        return ""
    left_s = (alarm.shelf.until_us - now_us) / 1e6
    until = formats.moment(alarm.shelf.until_us, now_us, zone)[:-3]
    if left_s <= 0:
        return t("ends now")
    words_left = t("under 1 min") if left_s < 60 else span(left_s)
    text = t("{span}, to {time}", span=words_left, time=until)
    return t("{end} or its return", end=text) if alarm.shelf.one_shot else text


def span(seconds: float) -> str:
    """A length in hours and minutes: ``3 h 20 min``."""
    minutes = max(0, int(seconds // 60))
    if minutes < 60:
        return t("{n} min", n=minutes)
    if minutes < 48 * 60:
        return t("{h} h {m} min", h=minutes // 60, m=minutes % 60)
    return formats.span(seconds)


def why(alarm: Alarm) -> str:
    """Why it is set aside."""
    if alarm.service is not None:
        return alarm.service.permit
    if alarm.shelf is not None:
        return alarm.shelf.reason
    return alarm.suppressed


def who(alarm: Alarm) -> str:
    """Who set it aside."""
    if alarm.service is not None:
        return alarm.service.by
    return alarm.shelf.by if alarm.shelf is not None else ""


def time_left(alarm: Alarm, now_us: int) -> str:
    """What is left of the time to respond, in words; "" where none is configured or it is over."""
    if not alarm.respond_s or not alarm.active:
        return ""
    left_s = alarm.respond_s - (now_us - alarm.since_us) / 1e6
    whole = _short(alarm.respond_s)
    if left_s <= 0:
        return t("{whole}, over for {span}", whole=whole, span=_short(-left_s))
    return t("{left} left of {whole}", left=_short(left_s), whole=whole)


def _short(seconds: float) -> str:
    return t("{n} s", n=int(seconds)) if seconds < 100 else span(seconds)


def spoken(model: Model, alarm: Alarm, name: ListName, now_words: str, now_us: int) -> str:
    """A row for those who hear it."""
    texts = [cell(model, alarm, column, now_us) for column in COLUMNS[name]]
    return ", ".join(each for each in (t("priority {n}", n=alarm.priority), *texts, now_words) if each)


def note_of(shown: Shown, zone: str, now_us: int, as_of_us: int) -> str:
    """What must be known of the whole list; "" = it is live."""
    if shown.past_us is not None:
        at = formats.moment(shown.past_us, now_us, zone)
        return t("REPLAY {time}: alarms as they were. Nothing can be done to them here.", time=at)
    if shown.is_stalled:
        at = formats.clock(as_of_us, zone)
        return t("NOT CURRENT: the engine is silent. Alarms as of {time}; nothing can be done now.", time=at)
    return ""


def empty(shown: Shown, model: Model, desk: AlarmDesk, total: int, blind: int) -> str:
    """What stands in a list without a row: what is true, and what would come here.

    ``blind`` = limits that cannot be judged now: then nobody may read that all is well.
    """
    if shown.past_us is None and not desk.book.is_known:
        return t("Waiting for the engine to tell its alarms.")
    if total and shown.filter != filters.EVERYTHING:
        text = filters.in_words(shown.filter)
        return t("None of {n} alarms is let through by the filter: {words}.", n=total, words=text)
    if shown.name == "shelved":
        return t("No alarm is shelved. Shelve one by ⋯ in its row: it comes back by itself.")
    if shown.name == "suppressed":
        return t("No alarm is suppressed by design. Column suppress of alarms.csv says when one is.")
    if shown.name == "service":
        return t("No alarm is out of service. ⋯ in a row takes one out, with a permit.")
    if shown.past_us is not None:
        return t("No alarm was active then.")
    if not judged(model):
        return t(
            "No alarm limits are configured; alarms.csv in the project folder says what is too high or low."
        )
    if blind:
        found = t("{n} of {all} alarm limits cannot be judged: no current value.", n=blind, all=judged(model))
        return found if blind == judged(model) else t("{found} No alarms among the others.", found=found)
    if desk.book.last_returned_us:
        when = formats.moment(desk.book.last_returned_us, desk.now_us(), model.plant.timezone)[:-3]
        return t("No alarms. Last one returned {time}.", time=when)
    return t("No alarms.")


def page_words(count: int) -> str:
    """The button that acknowledges what can be seen."""
    return t("Acknowledge page ({n})", n=count) if count else t("Acknowledge page")


def selection_words(count: int) -> str:
    """The button that acknowledges what is selected."""
    return t("Acknowledge selected ({n})", n=count) if count else t("Acknowledge selected")


def facts(model: Model, alarm: Alarm, now_us: int) -> Sequence[tuple[str, str]]:
    """The detail of an alarm: names and words, without those that have nothing to say."""
    zone = model.plant.timezone
    acked = formats.moment(alarm.acked_us, now_us, zone) if alarm.acked_us else ""
    rows = (
        (t("Cause"), alarm.cause),
        (t("Consequence"), alarm.consequence),
        (t("Response"), alarm.response),
        (t("Limit"), value_at(model, alarm, alarm.limit)),
        (t("At alarm"), value_at(model, alarm, alarm.value)),
        (t("Since"), formats.moment(alarm.since_us, now_us, zone)),
        (t("State"), words.state_of(alarm, zone)),
        (t("Acknowledged"), " · ".join(each for each in (acked, alarm.acked_by) if each)),
        (t("Shelved"), _aside(remaining(alarm, now_us, zone), alarm) if alarm.shelf is not None else ""),
        (t("Suppressed"), alarm.suppressed),
        (t("Out of service"), _aside(why(alarm), alarm) if alarm.service is not None else ""),
        (t("Note"), alarm.note),
        (t("Class"), alarm.alarm_class),
        (t("Reported by"), alarm.source),
        (t("Tag"), alarm.path.replace("/", " › ")),
    )
    return [(name, text) for name, text in rows if text]


def _aside(text: str, alarm: Alarm) -> str:
    reason = why(alarm) if alarm.service is None else ""
    return " · ".join(each for each in (text, who(alarm), reason) if each)


def now(model: Model, alarm: Alarm, snapshot: Snapshot | None) -> tuple[str, Kind]:
    """The live value of an alarm's tag and how it has to look; an old one says how old it is."""
    at = model.index.get(alarm.path)
    if at is None:
        return "", "normal"
    shown = values.reading(model.tags[at], snapshot, at, model.plant)
    if shown.kind in ("normal", "uncertain"):
        return shown.amount, shown.kind
    if shown.kind == "stale" and snapshot is not None:
        return t("{amount}, {ago}", amount=shown.amount, ago=formats.ago(float(snapshot.age_s[at]))), "stale"
    return shown.quality, shown.kind
