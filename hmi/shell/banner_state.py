"""What the alarm banner says: its heading, its rows, and the one line of a calm plant. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.types import Alarm, Snapshot, Status, Tag
from hmi import alarms as words
from hmi import formats, values
from hmi.formats import t
from hmi.model import Model
from hmi.values import Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One alarm in the banner. ``now`` is the live value in words, ``kind`` how far it can be trusted."""

    path: str
    priority: int
    is_active: bool
    time: str
    where: str
    message: str
    at: str
    now: str
    kind: Kind
    advice: str
    state: str

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


def rows_of(
    model: Model, alarms: Sequence[Alarm], snapshot: Snapshot | None, now_us: int, most: int
) -> tuple[Row, ...]:
    """The rows to show, worst first, at most ``most``."""
    return tuple(_row(model, each, snapshot, now_us) for each in words.worst_first(alarms)[:most])


def _row(model: Model, alarm: Alarm, snapshot: Snapshot | None, now_us: int) -> Row:
    zone, at = model.plant.timezone, model.index.get(alarm.path)
    tag = None if at is None else model.tags[at]
    now, kind = ("", "normal") if tag is None or at is None else now_words(model, tag, at, snapshot)
    return Row(
        path=alarm.path,
        priority=alarm.priority,
        is_active=alarm.state == "active",
        time=formats.moment(alarm.since_us, now_us, zone),
        where=words.where(model, alarm),
        message=words.message(alarm),
        at=_at_words(model, tag, alarm),
        now=now,
        kind=kind,
        advice=words.advice(alarm),
        state=words.state_words(alarm, zone),
    )


def _at_words(model: Model, tag: Tag | None, alarm: Alarm) -> str:
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


def unjudged(model: Model, snapshot: Snapshot | None) -> int:
    """How many alarm limits nobody can judge now, for the value of their tag is stale or bad."""
    if snapshot is None or snapshot.value.size != len(model.tags):
        return 0
    counts = {at: sum(limit.priority > 0 for limit in limits) for at, limits in model.limits.items()}
    places = np.fromiter(counts, np.intp, len(counts))
    blind = snapshot.stale[places] | (snapshot.status[places] >= np.uint32(Status.BAD))
    return int(np.fromiter(counts.values(), np.int64, len(counts))[blind].sum())


def heading(
    alarms: Sequence[Alarm], shown: int, is_stalled: bool, as_of: str, blind: int = 0
) -> tuple[str, str]:
    """Left and right words of the line above the rows. ``blind`` = limits that cannot be judged."""
    active = sum(each.state == "active" for each in alarms)
    left = t("Active, highest first") if active else t("Returned; none is active now")
    if is_stalled:
        left = t("NOT CURRENT: the engine is silent. Alarms as of {time}", time=as_of)
    more = len(alarms) - shown
    right = [t("+{n} more", n=more)] if more > 0 else []
    right.append(t("{n} active", n=active))
    if blind and not is_stalled:
        right.append(t("{n} limits not judged: no current value", n=blind))
    return left, " · ".join(right)


def calm(
    model: Model, is_told: bool, is_stalled: bool, last_returned_us: int, now_us: int, blind: int = 0
) -> str:
    """The one line while there is no alarm: what is true, and what to do for alarms to come.

    ``blind`` = limits that cannot be judged: then nobody may read that all is well.
    """
    if is_stalled or not is_told:
        return t("Alarms are not known: the engine does not answer.")
    if not any(limit.priority for limits in model.limits.values() for limit in limits):
        return t(
            "No alarm limits are configured; alarms.csv in the project folder says what is too high or low."
        )
    if blind:
        every = sum(limit.priority > 0 for limits in model.limits.values() for limit in limits)
        return t("{n} of {all} alarm limits cannot be judged: no current value. ", n=blind, all=every) + (
            t("No alarms among the others.") if blind < every else t("Look at the links in System.")
        )
    if not last_returned_us:
        return t("No alarms.")
    when = formats.moment(last_returned_us, now_us, model.plant.timezone)[:-3]
    return t("No alarms. Last one returned {time}.", time=when)
