"""What the ⋯ of a row offers for one alarm or several; never to acknowledge beside to shelve. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.types import Alarm
from hmi import formats
from hmi.displays.alarms import shelving
from hmi.document_words import procedure_of, words
from hmi.formats import t
from hmi.model import Model, asset_of

What = Literal[
    "shelve",
    "unshelve",
    "note",
    "out_of_service",
    "in_service",
    "why",
    "go",
    "procedure",
    "twin",
    "trend",
    "journal",
    "limit",
]
OF_THE_ENGINE = ("link", "device", "flood")
"""Kinds that no row of alarms.csv configures."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. ``opens_group`` = a rule stands above it."""

    what: What
    text: str
    is_enabled: bool = True
    opens_group: bool = False


def entries(model: Model, alarms: Sequence[Alarm], is_dead: bool) -> tuple[Entry, ...]:
    """What can be done to these, from the top. ``is_dead`` = nothing is current, so nothing is done to it."""
    found = [*_aside(model, alarms, is_dead), Entry("note", t("Note…"), not is_dead)]
    if len(alarms) == 1:
        found += _of_one(model, alarms[0])
    return tuple(found)


def heading(alarms: Sequence[Alarm]) -> str:
    """What the menu is about, where that is more than its row."""
    return t("{n} selected alarms", n=len(alarms)) if len(alarms) > 1 else ""


def _aside(model: Model, alarms: Sequence[Alarm], is_dead: bool) -> list[Entry]:
    """Out of sight and back again: only what fits all of them."""
    found: list[Entry] = []
    if all(each.shelf is not None for each in alarms):
        found.append(Entry("unshelve", t("Unshelve"), not is_dead))
    elif all(each.shelf is None for each in alarms):
        is_never = shelving.most_us(model, alarms) <= 0
        text = t("Shelve: never, by its class") if is_never else t("Shelve…")
        found.append(Entry("shelve", text, not is_dead and not is_never))
    if all(each.service is not None for each in alarms):
        found.append(Entry("in_service", t("Back in service"), not is_dead))
    elif all(each.service is None for each in alarms):
        found.append(Entry("out_of_service", t("Take out of service…"), not is_dead))
    return found


def _of_one(model: Model, alarm: Alarm) -> list[Entry]:
    found = [Entry("go", t("Go to where it is handled"), opens_group=True)]
    if alarm.suppressed:
        why = Entry("why", t("Suppressed by design: {why}", why=alarm.suppressed), False, opens_group=True)
        found.insert(0, why)
    asset = asset_of(model, alarm.path)
    procedure = procedure_of(model, asset.path) if asset is not None else None
    if procedure is not None:
        found.append(Entry("procedure", t("Procedure: {title}", title=words(procedure))))
    if asset is not None:
        found.append(Entry("twin", t("Show in the twin")))
    if alarm.path in model.index:
        at = formats.clock(alarm.since_us, model.plant.timezone)
        found.append(Entry("trend", t("Trend at {time}", time=at)))
    found.append(Entry("journal", t("Its journal")))
    if alarm.kind not in OF_THE_ENGINE:
        found.append(Entry("limit", t("Its limit in Rationalisation")))
    return found
