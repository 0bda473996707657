"""Alarms in words and numbers: badges up the tree, counts, rows of the banner. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.types import Alarm
from hmi import formats
from hmi.formats import t
from hmi.model import Model, ancestors, asset_of, short_name, unit_of

PRIORITIES = (1, 2, 3, 4)
_KINDS = {
    "hh": "high-high",
    "h": "high",
    "l": "low",
    "ll": "low-low",
    "on": "on",
    "off": "off",
    "trip": "trip",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands at an asset or tag: the worst priority among its active alarms, and how many."""

    priority: int
    count: int


def badges(alarms: Iterable[Alarm]) -> dict[str, Badge]:
    """The badge of every tag with an active alarm and of every asset above it, by path."""
    found: dict[str, Badge] = {}
    for alarm in alarms:
        if alarm.state != "active":
            continue
        for path in (alarm.path, *ancestors(alarm.path)):
            before = found.get(path)
            worst = min(before.priority, alarm.priority) if before else alarm.priority
            found[path] = Badge(worst, before.count + 1 if before else 1)
    return found


def counts(alarms: Iterable[Alarm]) -> tuple[int, int, int, int]:
    """How many alarms of priority 1 to 4 are active."""
    active = [alarm.priority for alarm in alarms if alarm.state == "active"]
    return (active.count(1), active.count(2), active.count(3), active.count(4))


def worst_first(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Active before returned, then by priority, then the newest."""
    return tuple(sorted(alarms, key=lambda each: (each.state != "active", each.priority, -each.changed_us)))


def where(model: Model, alarm: Alarm) -> str:
    """Unit and equipment of an alarm, short: ``S50 Hydraulics``, ``Compressed air``."""
    asset, unit = asset_of(model, alarm.path), unit_of(model, alarm.path)
    if asset is None:
        return alarm.path
    if unit is None or unit.path == asset.path:
        return asset.name or model.plant.name
    return f"{short_name(unit.name)[0]} {asset.name}"


def message(alarm: Alarm) -> str:
    """What it says: as alarms.csv has it, else the tag's name and the kind of limit."""
    return alarm.message or t("{name} {kind}", name=alarm.path.rpartition("/")[2], kind=t(_KINDS[alarm.kind]))


def state_words(alarm: Alarm, zone: str) -> str:
    """Its state in words; with the time of the return."""
    if alarm.state == "active":
        return t("active")
    return t("returned {time}", time=formats.clock(alarm.changed_us, zone, seconds=False))


def advice(alarm: Alarm) -> str:
    """Likely cause and what to do, in one line."""
    return ": ".join(each for each in (alarm.cause, alarm.response) if each)


def of_asset(alarms: Sequence[Alarm], path: str) -> tuple[Alarm, ...]:
    """The alarms at or below a path."""
    return tuple(each for each in alarms if each.path == path or each.path.startswith(f"{path}/"))


def spoken(badge: Badge | None) -> str:
    """A badge for those who hear it."""
    if badge is None:
        return t("no alarm")
    if badge.count == 1:
        return t("1 alarm, priority {p}", p=badge.priority)
    return t("{n} alarms, worst priority {p}", n=badge.count, p=badge.priority)


NO_BADGES: Mapping[str, Badge] = {}
