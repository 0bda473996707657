"""The table of rights while it is edited: role × action, below one area. No Qt.

The row of the longest area that fits counts alone (`engine.types.Right`), so an area whose role has no row of
its own shows what it inherits, and a first change there begins with a copy of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.types import Action, Right, Role
from hmi.displays.system.people.state import ACTION_WORDS, ACTIONS, ROLES, where
from hmi.formats import t

FIXED: dict[Role, frozenset[Action]] = {"viewer": frozenset(), "auditor": frozenset({"ledger"})}
"""Roles that never do anything, and what they may be allowed to read; the engine refuses more."""
Key = tuple[Role, str]
Table = dict[Key, frozenset[Action]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One right: whether it is given, whether that differs from what is in force and from the preset.

    ``is_own`` = the area has a row of its own for this role; ``is_open`` = it can be changed.
    """

    is_given: bool
    is_changed: bool
    is_preset: bool
    is_own: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The table in force, the presets, and the table as it is to be."""

    base: Table
    presets: Table
    rows: Table

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to apply."""
        return self.rows != self.base


def table(rights: Iterable[Right]) -> Table:
    """Rows by role and area."""
    return {(each.role, each.area): frozenset(each.actions) for each in rights}


def begin(rights: Sequence[Right], presets: Sequence[Right]) -> Draft:
    """Nothing is changed yet."""
    found = table(rights)
    return Draft(found, table(presets), dict(found))


def based(draft: Draft, rights: Sequence[Right], presets: Sequence[Right]) -> Draft:
    """The same edits on what is in force now; where nothing was edited, what is in force."""
    fresh = begin(rights, presets)
    return Draft(fresh.base, fresh.presets, dict(draft.rows)) if draft.is_changed else fresh


def is_below(area: str, of: str) -> bool:
    """Whether an area lies in another; everything lies in ""."""
    return not of or area == of or area.startswith(of + "/")


def given(rows: Table, role: Role, area: str) -> frozenset[Action]:
    """What a role may do in an area: the row with the longest area that fits counts alone."""
    fitting = [key for key in rows if key[0] == role and is_below(area, key[1])]
    return rows[max(fitting, key=lambda key: len(key[1]))] if fitting else frozenset()


def is_open(role: Role, action: Action) -> bool:
    """Whether this right can be given to this role at all."""
    return role not in FIXED or action in FIXED[role]


def cell(draft: Draft, role: Role, action: Action, area: str) -> Cell:
    """What a cell of the table shows."""
    now = action in given(draft.rows, role, area)
    return Cell(
        now,
        now != (action in given(draft.base, role, area)),
        now == (action in given(draft.presets, role, area)),
        bool(area) and (role, area) in draft.rows,
        is_open(role, action),
    )


def turned(draft: Draft, role: Role, action: Action, area: str) -> Draft:
    """Give or take one right. What then says the same as before is as it was in force."""
    if not is_open(role, action):
        return draft
    rows = dict(draft.rows)
    change: frozenset[Action] = frozenset({action})
    rows[role, area] = given(draft.rows, role, area) ^ change
    if (role, area) not in draft.base and rows[role, area] == given(_without(rows, role, area), role, area):
        del rows[role, area]
    return Draft(draft.base, draft.presets, rows)


def _without(rows: Table, role: Role, area: str) -> Table:
    return {key: each for key, each in rows.items() if key != (role, area)}


def to_preset(draft: Draft, role: Role | None = None) -> Draft:
    """One role, or all of them, as they are delivered: rows of areas go."""
    kept = {} if role is None else {key: each for key, each in draft.rows.items() if key[0] != role}
    preset = {key: each for key, each in draft.presets.items() if role in (None, key[0])}
    return Draft(draft.base, draft.presets, kept | preset)


def as_above(draft: Draft, area: str) -> Draft:
    """The rows of an area go: what holds above it holds there too."""
    return Draft(draft.base, draft.presets, {key: each for key, each in draft.rows.items() if key[1] != area})


def own_areas(draft: Draft) -> tuple[str, ...]:
    """Areas that have rows of their own."""
    return tuple(sorted({area for _, area in draft.rows if area}))


def rights(draft: Draft) -> tuple[Right, ...]:
    """The table as ``people_change`` wants it, actions in their order."""
    keys = sorted(draft.rows, key=lambda key: (ROLES.index(key[0]), key[1]))
    return tuple(
        Right(role, area, tuple(each for each in ACTIONS if each in draft.rows[role, area]))
        for role, area in keys
    )


def changes(draft: Draft) -> tuple[str, ...]:
    """What applying does, a line for each role and area: given, taken, or that a row goes."""
    keys = sorted({*draft.base, *draft.rows}, key=lambda key: (ROLES.index(key[0]), key[1]))
    return tuple(line for key in keys for line in _change(draft, key))


def _change(draft: Draft, key: Key) -> tuple[str, ...]:
    role, area = key
    if draft.base.get(key) == draft.rows.get(key):
        return ()
    before, after = given(draft.base, role, area), given(draft.rows, role, area)
    head = t("{role}, {where}: ", role=t(role), where=where(area))
    parts: list[str] = []
    if more := after - before:
        parts.append(t("may now {actions}", actions=_named(more)))
    if less := before - after:
        parts.append(t("may no longer {actions}", actions=_named(less)))
    if not parts:
        gone = key not in draft.rows
        parts.append(
            t("has no row of its own any more") if gone else t("has a row of its own, with the same rights")
        )
    return (head + "; ".join(parts),)


def _named(actions: frozenset[Action]) -> str:
    words = [t(ACTION_WORDS[each]) for each in ACTIONS if each in actions]
    return ", ".join(each[:1].lower() + each[1:] for each in words)
