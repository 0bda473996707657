"""What the alarm banner says: its heading, its rows, and the one line of a calm plant. No Qt."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.types import Alarm, AlarmCounts, Snapshot, Tag
from hmi import alarms as words
from hmi import formats, values
from hmi.alarm_desk import AlarmDesk
from hmi.alarm_sums import flood_words, judged
from hmi.formats import t
from hmi.model import Model
from hmi.values import Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One alarm in the banner. ``now`` is the live value in words, ``kind`` how far it can be trusted.

    ``act`` = what its button does, "" = it has none; ``refused`` = why the last act was not done.
    ``short`` = by the name of a column, what is said there where all of it has no room.
    """

    id: int
    path: str
    priority: int
    is_urgent: bool
    is_waiting: bool
    time: str
    where: str
    message: str
    at: str
    now: str
    kind: Kind
    advice: str
    state: str
    act: words.Act = ""
    changed_us: int = 0
    refused: bool = False
    is_marked: bool = False
    short: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def spoken(self) -> str:
        """All of it, as it is read aloud."""
        parts = (
            t("priority {n}", n=self.priority),
            self.time,
            self.where,
            self.message,
            self.at,
            self.now,
            self.advice,
            self.state,
        )
        return ", ".join(part for part in parts if part)


def foremost(alarms: Iterable[Alarm], most: int, marked: int) -> tuple[Alarm, ...]:
    """The alarms that the banner has room for: by rank, the marked one among them at the end."""
    listed = [each for each in alarms if each.is_annunciated]
    found = heapq.nsmallest(most, listed, key=words.rank)
    if marked and marked not in [each.id for each in found]:
        found[most - 1 :] = [each for each in listed if each.id == marked] or found[most - 1 :]
    return tuple(found)


def rows_of(
    model: Model, alarms: Sequence[Alarm], snapshot: Snapshot | None, desk: AlarmDesk
) -> tuple[Row, ...]:
    """The rows of these alarms, in their order."""
    return tuple(_row(model, each, snapshot, desk) for each in alarms)


def _row(model: Model, alarm: Alarm, snapshot: Snapshot | None, desk: AlarmDesk) -> Row:
    zone, at = model.plant.timezone, model.index.get(alarm.path)
    tag = None if at is None else model.tags[at]
    now, kind = ("", "normal") if tag is None or at is None else now_words(model, tag, at, snapshot)
    refusal = desk.refusal(alarm)
    return Row(
        id=alarm.id,
        path=alarm.path,
        priority=alarm.priority,
        is_urgent=alarm.active and alarm.priority == 1,
        is_waiting=words.is_waiting(alarm),
        time=formats.moment(alarm.since_us, desk.now_us(), zone),
        where=words.where(model, alarm),
        message=words.message(alarm),
        at=at_words(model, tag, alarm),
        now=now,
        kind=kind,
        advice=words.advice(alarm),
        state=refusal or words.state_of(alarm, zone),
        act=words.act_of(alarm),
        changed_us=alarm.changed_us,
        refused=bool(refusal),
        is_marked=alarm.id == desk.selected,
        # What to do goes before why, and how it stands before how often it came.
        short={
            "advice": alarm.response,
            "state": "" if refusal else words.state_of(alarm, zone, counted=False),
        },
    )


def at_words(model: Model, tag: Tag | None, alarm: Alarm) -> str:
    """The value that it had when it came; "" where it says nothing."""
    # An on or off says nothing that the message does not.
    if tag is None or alarm.value is None or tag.type in ("bool", "string"):
        return ""
    return t("at alarm {value}", value=values.value_text(tag, alarm.value, model.plant))


def now_words(model: Model, tag: Tag, at: int, snapshot: Snapshot | None) -> tuple[str, Kind]:
    """The live value of an alarm's tag, and how it has to look. An old value is never called now."""
    shown = values.reading(tag, snapshot, at, model.plant)
    if shown.kind in ("normal", "uncertain"):
        return t("now {amount}", amount=shown.amount), shown.kind
    if shown.kind == "stale" and snapshot is not None:
        ago = formats.ago(float(snapshot.age_s[at]))
        return t("was {amount}, {ago}", amount=shown.amount, ago=ago), shown.kind
    return t("now {quality}", quality=shown.quality), shown.kind


def heading(model: Model, desk: AlarmDesk, shown: int, blind: int = 0) -> tuple[str, str]:
    """Left and right words of the line above the rows. ``blind`` = limits that cannot be judged."""
    counts, zone = desk.book.counts, model.plant.timezone
    active = sum(counts.unacknowledged) + sum(counts.acknowledged)
    waiting = sum(counts.unacknowledged) + counts.returned
    left = t("Unacknowledged, highest first") if waiting else t("All acknowledged, highest first")
    if desk.book.flood is not None:
        left = flood_words(model, desk)
    if desk.is_stalled:
        as_of = formats.clock(desk.as_of_us, zone)
        left = t("NOT CURRENT: the engine is silent. Alarms as of {time}", time=as_of)
    more = active + counts.returned - shown
    right = [t("+{n} more", n=more)] if more > 0 else []
    right.append(t("{n} active", n=active))
    if not desk.is_stalled:
        right += aside_words(counts)
        if blind:
            one = t("1 limit not judged: no current value")
            right.append(one if blind == 1 else t("{n} limits not judged: no current value", n=blind))
    return left, " · ".join(right)


def aside_words(counts: AlarmCounts) -> list[str]:
    """How many are out of sight, and how many are not on record."""
    found = (
        (t("{n} shelved", n=counts.shelved), counts.shelved),
        (t("{n} suppressed", n=counts.suppressed), counts.suppressed),
        (t("{n} out of service", n=counts.out_of_service), counts.out_of_service),
        (t("{n} not on disk", n=counts.unrecorded), counts.unrecorded),
    )
    return [text for text, count in found if count]


def calm(model: Model, desk: AlarmDesk, blind: int = 0) -> str:
    """The one line while there is no alarm: what is true, and what to do for alarms to come.

    ``blind`` = limits that cannot be judged: then nobody may read that all is well.
    """
    return " · ".join((_calm(model, desk, blind), *aside_words(desk.book.counts)))


def _calm(model: Model, desk: AlarmDesk, blind: int) -> str:
    if desk.is_dead:
        return t("Alarms are not known: the engine does not answer.")
    if not judged(model):
        return t(
            "No alarm limits are configured; alarms.csv in the project folder says what is too high or low."
        )
    if blind:
        every = judged(model)
        return t("{n} of {all} alarm limits cannot be judged: no current value. ", n=blind, all=every) + (
            t("No alarms among the others.") if blind < every else t("Look at the links in System.")
        )
    if not desk.book.last_returned_us:
        return t("No alarms.")
    when = formats.moment(desk.book.last_returned_us, desk.now_us(), model.plant.timezone)[:-3]
    return t("No alarms. Last one returned {time}.", time=when)
