"""Which alarm probably follows from which: rules, each of one sentence, from what the project itself says.

They are careful rather than clever. An alarm that came later is taken for a consequence only where the
plant's structure and the words of alarms.csv, or the structure and the kind of failure, both say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from engine.alarms.structure import Structure, are_twins, device
from engine.types import Alarm, LimitKind

HIGHS: tuple[LimitKind, ...] = ("h", "hh", "trip")
LOWS: tuple[LimitKind, ...] = ("l", "ll")
LACKS: tuple[LimitKind, ...] = ("l", "ll", "off")
SOON_US, LATE_US, LATEST_US = 60_000_000, 600_000_000, 3_600_000_000
"""How long after its cause a consequence comes: what stops at once; what the plant's structure says; and what
a row of alarms.csv itself names, for a fault may grow slowly."""
SERIOUS = 2
EMPTY = frozenset(
    "a all and any are as at be by for from has have in into is it its low no not of off on or out see so "
    "the than that them then there to too up was were with high".split()
)
"""Words that say nothing of what is meant."""
PLAIN = frozenset(
    "begins dirty empty full hot lost missing old open overload reason shut stiff stop stopped used warm "
    "weak wear worn".split()
)
"""Words that say what is wrong with a thing, not which thing."""


SAME_CAUSE_FED = "Both rows of alarms.csv name the same cause, and one unit feeds the other."


class Relation(NamedTuple):
    """``why`` one alarm follows from another, in a sentence, if it comes ``within_us``; "" = it does not."""

    why: str
    within_us: int


ALWAYS_US = 2**62
NONE = Relation("", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What the rules look at. ``branch`` = the part of a supply that it is in, and that feeds one unit alone;
    ``words`` = of its path below the area and of its message; ``causes`` = of each
    cause that its row names; ``things`` = what these are about.
    """

    id: int
    path: str
    kind: LimitKind
    priority: int
    unit: str
    branch: str
    device: str
    source: str
    words: frozenset[str]
    causes: tuple[frozenset[str], ...]
    things: frozenset[str]
    is_interlock: bool
    is_state: bool


def facts(alarm: Alarm, plant: Structure) -> Facts:
    """What is known of an alarm; it does not change while the project does not."""
    unit = plant.unit_of.get(alarm.path, "")
    phrases = (words(each) for each in re.split(r"\bor\b|[,;/]", alarm.cause))
    causes = tuple(each for each in phrases if each)
    named = frozenset(word for each in causes for word in each)
    return Facts(
        alarm.id,
        alarm.path,
        alarm.kind,
        alarm.priority,
        unit,
        plant.branch(alarm.path),
        device(alarm.path, unit) if unit else "",
        plant.sources.get(alarm.path, ""),
        words(alarm.path) | words(alarm.message),
        causes,
        named - PLAIN,
        alarm.path in plant.interlocks,
        alarm.path in plant.states,
    )


@lru_cache(maxsize=50_000)
def words(text: str) -> frozenset[str]:
    """The words that say something, in small letters and without the s of a plural."""
    found = re.findall(r"[^\W\d_]{2,}\d*|\w*\d\w*", text.casefold())
    return frozenset(_singular(word) for word in found if word not in EMPTY)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def relation(later: Facts, earlier: Facts, plant: Structure) -> Relation:
    """Whether ``later``, if it comes after ``earlier`` while that is there, probably follows from it."""
    if earlier.kind == "link":
        return _of_link(later, earlier, plant)
    if later.path == earlier.path and earlier.path:
        if any(later.kind in side and earlier.kind in side for side in (HIGHS, LOWS)):
            return Relation("The same value passed another of its limits first.", ALWAYS_US)
    if not later.unit or not earlier.unit:
        return NONE
    if later.unit == earlier.unit:
        return _in_unit(later, earlier, plant)
    if plant.feeds(earlier.unit, earlier.branch, later.unit):
        return _fed(later, earlier)
    if not plant.feeds(later.unit, later.branch, earlier.unit):
        return NONE
    if _names(later, earlier, False):
        return Relation("Its row in alarms.csv names what it feeds as a cause.", LATEST_US)
    return Relation(SAME_CAUSE_FED, LATE_US) if _much_in_common(later, earlier) else NONE


def _of_link(later: Facts, earlier: Facts, plant: Structure) -> Relation:
    if later.kind != "link":
        is_its = later.source != "" and later.source == earlier.path
        return Relation("The device that it comes from was not connected.", ALWAYS_US) if is_its else NONE
    host = plant.hosts.get(later.path, "")
    is_local = host in ("", "localhost") or host.startswith("127.")
    if is_local or host != plant.hosts.get(earlier.path, ""):
        return NONE
    return Relation("Both devices are reached through the same host.", SOON_US)


def _in_unit(later: Facts, earlier: Facts, plant: Structure) -> Relation:
    is_effect = later.is_state or (later.kind == "off" and not later.is_interlock)
    if earlier.is_interlock and is_effect:
        return Relation("An interlock of its unit opened before.", SOON_US)
    if (later.is_interlock and earlier.is_interlock) or are_twins(later.device, earlier.device):
        return NONE
    near = _within(later.device, earlier.device) or _within(earlier.device, later.device)
    if _names(later, earlier, near):
        return Relation("Its row in alarms.csv names what came before as a cause.", LATEST_US)
    if near and _names(earlier, later, near):
        text = "What came before is expected with it: the row of that alarm names this one."
        return Relation(text, LATEST_US)
    if later.device == earlier.device and later.things & earlier.things:
        return Relation("Both rows of alarms.csv name the same cause, on the same device.", LATE_US)
    if later.kind in LACKS and earlier.kind in LACKS and earlier.path in plant.piped.get(later.path, ()):
        return Relation("It lies downstream on the drawing of its unit, and both fell short.", LATE_US)
    if later.is_state and not earlier.is_state and earlier.priority <= SERIOUS:
        return Relation("Something serious failed in its unit just before it stopped.", SOON_US)
    return NONE


def _fed(later: Facts, earlier: Facts) -> Relation:
    if _names(later, earlier, False):
        return Relation("Its row in alarms.csv names what feeds its unit as a cause.", LATEST_US)
    medium = words(earlier.unit.rpartition("/")[2])
    if earlier.kind in LACKS and later.kind in LACKS and medium & later.words:
        return Relation("What feeds its unit fell short before.", LATE_US)
    return Relation(SAME_CAUSE_FED, LATE_US) if _much_in_common(later, earlier) else NONE


def _names(one: Facts, other: Facts, near: bool) -> bool:
    """Whether a row names another as its cause; a single word is enough only near it, on the same device."""
    return any(each <= other.words and (len(each) > 1 or (near and not each & PLAIN)) for each in one.causes)


def _much_in_common(one: Facts, other: Facts) -> bool:
    """Whether their causes are about the same two things at least."""
    return len(one.things & other.things) > 1


def _within(inner: str, outer: str) -> bool:
    return outer == "" or inner == outer or inner.startswith(f"{outer}/")
