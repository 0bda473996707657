"""What is said of all alarms together, on the banner and on the Alarms display alike. No Qt."""

from __future__ import annotations

import numpy as np

from engine.types import Snapshot, Status
from hmi import alarms as words
from hmi import formats
from hmi.alarm_desk import AlarmDesk
from hmi.formats import t
from hmi.model import Model


def judged(model: Model) -> int:
    """How many limits raise an alarm."""
    return sum(limit.priority > 0 for limits in model.limits.values() for limit in limits)


def unjudged(model: Model, snapshot: Snapshot | None) -> int:
    """How many alarm limits nobody can judge now, for the value of their tag is stale or bad."""
    if snapshot is None or snapshot.value.size != len(model.tags):
        return 0
    counts = {at: sum(limit.priority > 0 for limit in limits) for at, limits in model.limits.items()}
    places = np.fromiter(counts, np.intp, len(counts))
    blind = snapshot.stale[places] | (snapshot.status[places] >= np.uint32(Status.BAD))
    return int(np.fromiter(counts.values(), np.int64, len(counts))[blind].sum())


def flood_words(model: Model, desk: AlarmDesk) -> str:
    """A flood in words: since when, how many, and which alarm came first; "" = there is none."""
    flood = desk.book.flood
    if flood is None:
        return ""
    since = formats.moment(flood.since_us, desk.now_us(), model.plant.timezone)[:-3]
    text = t("FLOOD since {time}: {n} alarms in 10 minutes", time=since, n=flood.count)
    first = desk.book.alarms.get(flood.first)
    if first is None:
        return text
    return t(
        "{flood}. First: {where} {message}",
        flood=text,
        where=words.where(model, first),
        message=words.message(first),
    )
