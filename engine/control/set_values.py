"""Sets of setpoints as values alone: what goes into one, how one differs from the plant. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.control import values
from engine.control.refused import Refused
from engine.control.store import packed, unpacked
from engine.control.words import number
from engine.types import Live, Project, SetDifference, SetInfo, SetValue, Tag, WriteRule, quality_word, reason

ROUNDING = 4 * 2.0**-52
"""Relative: what a scaled value may be off by without being another one."""
DIGEST = 32
LiveOf = Callable[[Sequence[str]], Sequence[Live]]
"""Tags as the engine has them, by path, in one look."""


class SavedValues(msgspec.Struct, frozen=True):
    """What a set holds. ``left_out`` = writable tags that had no Good value, and why: never as a number."""

    values: tuple[SetValue, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Writable:
    """What may be written in a project, by path. ``commands`` = tags that command: never part of a set."""

    rules: Mapping[str, WriteRule]
    tags: Mapping[str, Tag]
    commands: frozenset[str] = frozenset()

    def below(self, scope: str) -> list[str]:
        """Paths of the setpoints at and below a path, "" = all, in the order of writes.csv."""
        return [
            path
            for path in self.rules
            if path in self.tags and path not in self.commands and is_below(path, scope)
        ]


def writable(project: Project) -> Writable:
    """What a project says may be written."""
    return Writable(
        {rule.tag: rule for rule in project.writes},
        {tag.path: tag for tag in project.tags},
        frozenset(command.tag for command in project.commands),
    )


def is_below(path: str, scope: str) -> bool:
    """Whether a path is this scope or below it; all are below ""."""
    return not scope or path == scope or path.startswith(f"{scope}/")


def take(plan: Writable, live_of: LiveOf, paths: Sequence[str]) -> SavedValues:
    """These tags as they are now, all in one look; those that are not Good are left out, with the reason."""
    kept: list[SetValue] = []
    left_out: list[tuple[str, str]] = []
    for path, live in zip(paths, live_of(paths), strict=True):
        if why := not_good(live):
            left_out.append((path, why))
        else:
            kept.append(SetValue(path, float(live.value or 0.0), plan.tags[path].unit))
    return SavedValues(tuple(kept), tuple(left_out))


def not_good(live: Live) -> str:
    """Why a value cannot be taken for what the plant has now, "" = it is Good."""
    if live.value is None or live.age_s is None:
        return "there is no value"
    if quality_word(live.status) != "good":
        return f"its value is not good: {reason(live.status)}"
    return "" if math.isfinite(live.value) else "its value is no number"


def compared(plan: Writable, live_of: LiveOf, saved: Sequence[SetValue]) -> tuple[SetDifference, ...]:
    """Every tag of a set beside what it is now: first what differs, then what cannot be compared or written,
    then what is equal; each in the order of the set.
    """
    known = [each.path for each in saved if each.path in plan.tags]
    now = dict(zip(known, live_of(known), strict=True))
    rows = [_difference(plan, each, now.get(each.path)) for each in saved]
    return tuple(sorted(rows, key=lambda row: (row.is_equal, bool(row.why))))


def sealed(body: SavedValues) -> bytes:
    """As it is kept: its SHA-256, then the values."""
    text = packed(body)
    return hashlib.sha256(text).digest() + text


def unsealed(info: SetInfo, body: bytes) -> SavedValues:
    """What `sealed` made.

    Raises:
        Refused: a bit of it is not as it was.
    """
    try:
        if hashlib.sha256(body[DIGEST:]).digest() == body[:DIGEST]:
            return unpacked(body[DIGEST:], SavedValues)
    except msgspec.MsgspecError:
        pass
    raise Refused(
        f"the set {info.name!r} (number {info.id}) is damaged; restore data/control.db from a backup"
    )


def _difference(plan: Writable, saved: SetValue, live: Live | None) -> SetDifference:
    rule, tag = plan.rules.get(saved.path), plan.tags.get(saved.path)
    why = "" if live is None else not_good(live)
    now = None if live is None or why else live.value
    if tag is None:
        why = "there is no such tag any more"
    elif rule is None or saved.path in plan.commands:
        why = "it may not be written any more: writes.csv has no row for it, or it is a command now"
    elif tag.unit != saved.unit:
        why = f"it was saved in {saved.unit or 'no unit'} and is in {tag.unit or 'no unit'} now"
    else:
        why = why or _outside(rule, tag, saved.value)
    tolerance = 0.0 if rule is None else rule.tolerance
    is_same_unit = tag is not None and tag.unit == saved.unit
    is_equal = now is not None and is_same_unit and is_near(saved.value, now, tolerance)
    return SetDifference(saved.path, saved.value, now, saved.unit, is_equal, why)


def is_near(saved: float, now: float, tolerance: float) -> bool:
    """Whether two values are one within a tolerance in their unit."""
    return abs(saved - now) <= tolerance + ROUNDING * max(abs(saved), abs(now))


def _outside(rule: WriteRule, tag: Tag, value: float) -> str:
    low = tag.low if rule.low is None else rule.low
    high = tag.high if rule.high is None else rule.high
    if low is not None and value < low:
        return f"it is below what may be written now, {number(low, tag.unit)}"
    if high is not None and value > high:
        return f"it is above what may be written now, {number(high, tag.unit)}"
    return values.why_not(tag, value)
