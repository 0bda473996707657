"""Alarms in words and numbers: badges up the tree, counts, rows of the banner. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Literal

from engine.types import Alarm, Letter, LimitKind
from hmi import formats
from hmi.formats import t
from hmi.model import Model, ancestors, asset_of, short_name, unit_of
from hmi.values import Reading

Act = Literal["", "acknowledge", "reset", "unshelve", "in_service"]
PRIORITIES = (1, 2, 3, 4)
_PRIORITY_LETTER = attrgetter("priority", "letter")
_KINDS = {
    "hh": "high-high",
    "h": "high",
    "l": "low",
    "ll": "low-low",
    "on": "on",
    "off": "off",
    "trip": "trip",
    "dev": "deviation",
    "rate": "changes too fast",
    "disc": "differs from its command",
    "bad": "has no good value",
    "expr": "condition",
    "status": "device status",
    "link": "no connection",
    "device": "alarm of the device",
    "flood": "flood of alarms",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands at an asset or tag: the worst priority among its alarms that are annunciated (B, C, D),
    and how many there are. ``waiting`` = of these are not acknowledged: it blinks. ``is_over`` = none is
    active any more: it is hollow, and the priority is the worst of those that returned. ``is_work`` = work in
    progress is marked there, ``is_foreseen`` = trouble is predicted that a person should act on; with these
    alone the priority is 0, and no alarm is drawn.
    """

    priority: int
    count: int
    waiting: int = 0
    is_over: bool = False
    is_work: bool = False
    is_foreseen: bool = False


WORK = Badge(0, 0, is_over=True, is_work=True)
"""Work in progress and no alarm."""
FORESEEN = Badge(0, 0, is_over=True, is_foreseen=True)
"""A prediction is no alarm: it has a mark of its own."""


@dataclass(frozen=True, slots=True)
class Aside:
    """How many alarms of an asset or tag are set aside: no alarms now, but nobody may forget them."""

    shelved: int = 0
    suppressed: int = 0
    out_of_service: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.shelved + self.suppressed + self.out_of_service


def badges(alarms: Iterable[Alarm]) -> dict[str, Badge]:
    """The badge of every tag with an annunciated alarm and of every asset above it, by path."""
    found: dict[str, list[int]] = {}
    """Of a path: the worst active and the worst returned priority, how many there are, how many wait."""
    own: dict[str, list[int]] = {}
    for alarm in alarms:
        if not alarm.is_annunciated or not 1 <= alarm.priority <= 4:
            continue
        tally = own.get(alarm.path)
        if tally is None:
            tally = own[alarm.path] = [_NONE, _NONE, 0, 0]
        place = 0 if alarm.active else 1
        if alarm.priority < tally[place]:
            tally[place] = alarm.priority
        tally[2] += 1
        tally[3] += is_waiting(alarm)
    for tag, (active, over, count, waiting) in own.items():
        for path in _upwards(tag):
            tally = found.get(path)
            if tally is None:
                found[path] = [active, over, count, waiting]
                continue
            tally[0] = min(tally[0], active)
            tally[1] = min(tally[1], over)
            tally[2] += count
            tally[3] += waiting
    return {
        path: Badge(over if active == _NONE else active, count, waiting, active == _NONE)
        for path, (active, over, count, waiting) in found.items()
    }


def with_work(found: Mapping[str, Badge], model: Model, work: Iterable[str]) -> Mapping[str, Badge]:
    """These badges with the mark of work in progress: on each asset worked on, all below it, and its unit."""
    marked: set[str] = set()
    for path in work:
        marked.update(
            each for each in model.assets if each == path or each.startswith(f"{path}/") or not path
        )
        unit = unit_of(model, path)
        if unit is not None:
            marked.update(each for each in ancestors(path) if each.startswith(unit.path))
    if not marked:
        return found
    return {
        **found,
        **{path: replace(found[path], is_work=True) if path in found else WORK for path in marked},
    }


def with_foreseen(found: Mapping[str, Badge], assets: Iterable[str]) -> Mapping[str, Badge]:
    """These badges with the mark of predicted trouble: on each of the assets or tags and all above it."""
    marked = {path for asset in assets for path in (asset, *ancestors(asset))}
    more = {path: replace(found[path], is_foreseen=True) if path in found else FORESEEN for path in marked}
    return {**found, **more} if more else found


def marked(reading: Reading, badge: Badge | None) -> Reading:
    """A value with the mark of what is foreseen of its tag; never on one that is not plainly good now."""
    if badge is None or not badge.is_foreseen or reading.kind != "normal":
        return reading
    return replace(reading, is_foreseen=True)


def asides(alarms: Iterable[Alarm]) -> dict[str, Aside]:
    """What is set aside at every tag and at every asset above it, by path."""
    found: dict[str, list[int]] = {}
    for alarm in alarms:
        place = _ASIDE.get(alarm.letter)
        if place is not None:
            for path in _upwards(alarm.path):
                found.setdefault(path, [0, 0, 0])[place] += 1
    return {path: Aside(*counted) for path, counted in found.items()}


def aside_of(alarms: Iterable[Alarm]) -> Aside:
    """How many of these are set aside."""
    counted = [0, 0, 0]
    for alarm in alarms:
        place = _ASIDE.get(alarm.letter)
        if place is not None:
            counted[place] += 1
    return Aside(*counted)


def aside_short(aside: Aside) -> str:
    """The same where there is little room: ``1 shelved``, ``3 set aside``."""
    kinds = (aside.shelved, aside.suppressed, aside.out_of_service)
    return t("{n} set aside", n=aside.count) if sum(map(bool, kinds)) > 1 else aside_words(aside)


def aside_words(aside: Aside | None) -> str:
    """``1 shelved, 2 suppressed``; "" for nothing."""
    if aside is None:
        return ""
    told = (
        (aside.shelved, t("{n} shelved", n=aside.shelved)),
        (aside.suppressed, t("{n} suppressed", n=aside.suppressed)),
        (aside.out_of_service, t("{n} out of service", n=aside.out_of_service)),
    )
    return ", ".join(words for count, words in told if count)


_ASIDE: Mapping[Letter, int] = {"E": 0, "F": 1, "G": 2}
_NONE = 9


@lru_cache(maxsize=16_384)
def _upwards(path: str) -> tuple[str, ...]:
    """A tag and every asset above it: in a flood it is asked for thousands of times a second."""
    return (path, *ancestors(path))


def counts(alarms: Iterable[Alarm]) -> tuple[int, int, int, int]:
    """How many annunciated alarms of priority 1 to 4 are active."""
    active = [alarm.priority for alarm in alarms if is_active(alarm)]
    return (active.count(1), active.count(2), active.count(3), active.count(4))


def worst_first(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Active, then returned, then those set aside; each by priority, then the newest."""
    return tuple(
        sorted(
            alarms,
            key=lambda each: (not each.is_annunciated, not each.active, each.priority, -each.changed_us),
        )
    )


def is_active(alarm: Alarm) -> bool:
    """It is active and annunciated (B or C): what is set aside does not count."""
    return alarm.active and alarm.is_annunciated


def is_waiting(alarm: Alarm) -> bool:
    """It waits to be acknowledged: B or D."""
    return alarm.letter in ("B", "D")


def is_latched(alarm: Alarm) -> bool:
    """It is over and acknowledged, and stays until a person resets it."""
    return alarm.letter == "C" and alarm.latched and not alarm.active


def rank(alarm: Alarm) -> tuple[bool, int, int, int]:
    """Its place in the list an operator works on: unacknowledged first, then priority, then the newest."""
    return alarm.letter not in ("B", "D"), alarm.priority, -alarm.since_us, alarm.id


def to_do_first(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Those that the operator works on (B, C, D), by `rank`."""
    return tuple(sorted((each for each in alarms if each.is_annunciated), key=rank))


def tally(alarms: Iterable[Alarm]) -> tuple[tuple[int, int], ...]:
    """Of priorities 1 to 4: how many are unacknowledged (B, D), and how many there are (B, C, D)."""
    counted = Counter(map(_PRIORITY_LETTER, alarms))
    waiting = {each: counted[each, "B"] + counted[each, "D"] for each in PRIORITIES}
    return tuple((waiting[each], waiting[each] + counted[each, "C"]) for each in PRIORITIES)


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
    return words_of(alarm.path, alarm.kind, alarm.message)


def words_of(path: str, kind: LimitKind, message: str) -> str:
    """What an alarm of that tag and kind says."""
    return message or t("{name} {kind}", name=path.rpartition("/")[2], kind=t(_KINDS[kind]))


def state_words(alarm: Alarm, zone: str) -> str:
    """Its state in words; with the time of the return, or why it is set aside."""
    if alarm.letter in _ASIDE:
        return aside_state(alarm, zone)
    if alarm.active:
        return t("active")
    return t("returned {time}", time=formats.clock(alarm.changed_us, zone, seconds=False))


def aside_state(alarm: Alarm, zone: str) -> str:
    """Why it is set aside and until when, and whether its condition stands all the same."""
    if alarm.letter == "E" and alarm.shelf is not None:
        until = formats.clock(alarm.shelf.until_us, zone, seconds=False)
        told = t("shelved until {time} by {who}", time=until, who=alarm.shelf.by)
    elif alarm.letter == "G" and alarm.service is not None:
        told = t("out of service, {permit}", permit=alarm.service.permit)
    elif alarm.letter == "F" and alarm.suppressed:
        told = t("suppressed: {why}", why=alarm.suppressed)
    else:
        told = {"E": t("shelved"), "F": t("suppressed"), "G": t("out of service")}.get(alarm.letter, "")
    return t("{told}, its condition stands", told=told) if alarm.active else told


def life_words(alarm: Alarm, zone: str, counted: bool = True) -> str:
    """Its state and what people made of it, in words; ``counted`` = and how often it came."""
    came = t(" · came {n} times", n=alarm.times) if counted and alarm.times > 1 else ""
    if alarm.latched and not alarm.active:
        held = t("over, latched until reset") if alarm.acked else t("over, latched, not acknowledged")
        return held + came
    if alarm.active:
        return (t("active, acknowledged") if alarm.acked else t("active, not acknowledged")) + came
    returned = formats.clock(alarm.changed_us, zone, seconds=False)
    if alarm.acked or not alarm.is_annunciated:
        return t("returned {time}", time=returned) + came
    return t("returned {time}, not acknowledged", time=returned) + came


def state_of(alarm: Alarm, zone: str, counted: bool = True) -> str:
    """All that is to be said of its state: what it is, first of its group, not on disk."""
    parts = [life_words(alarm, zone, counted)]
    if alarm.is_first:
        parts.append(t("first"))
    if not alarm.is_recorded:
        parts.append(t("not on disk"))
    return " · ".join(parts)


def act_of(alarm: Alarm) -> Act:
    """What the button of its row does; "" = it has none."""
    if is_waiting(alarm):
        return "acknowledge"
    return _ACTS.get(alarm.letter, "") if not is_latched(alarm) else "reset"


_ACTS: Mapping[Letter, Act] = {"E": "unshelve", "G": "in_service"}
ACT_WORDS: Mapping[str, str] = {
    "acknowledge": "Acknowledge",
    "reset": "Reset",
    "unshelve": "Unshelve",
    "in_service": "In service",
}


def target(model: Model, alarm: Alarm) -> tuple[str, str]:
    """Where it is handled: a display, and on it an asset, a tag or a source."""
    if alarm.display in model.assets:
        return "unit", alarm.display
    if alarm.display:
        return alarm.display.casefold(), alarm.path
    known = asset_of(model, alarm.path) is not None
    return ("unit", alarm.path) if known else ("system", alarm.path if alarm.kind == "link" else "")


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
    if badge.is_foreseen:
        rest = spoken(replace(badge, is_foreseen=False))
        return t("trouble predicted, {alarm}", alarm=rest)
    if badge.is_work:
        alarm = spoken(replace(badge, is_work=False)) if badge.priority else t("no alarm")
        return t("work in progress, {alarm}", alarm=alarm)
    if not badge.priority:
        return t("no alarm")
    if badge.count == 1:
        told = t("1 alarm, priority {p}", p=badge.priority)
    else:
        told = t("{n} alarms, worst priority {p}", n=badge.count, p=badge.priority)
    if badge.is_over:
        told = t("{told}, over", told=told)
    return t("{told}, {n} not acknowledged", told=told, n=badge.waiting) if badge.waiting else told


NO_BADGES: Mapping[str, Badge] = {}
NO_ASIDES: Mapping[str, Aside] = {}
