"""Who may do what where: the table role × area × action. Pure; what no row allows is denied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from engine.types.people import Action, Right, Role, RoleAt

ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)
READ_ONLY: dict[Role, frozenset[Action]] = {"viewer": frozenset(), "auditor": frozenset({"ledger"})}
"""Roles that never do anything, however the table is edited, and what they may read."""
WRITES: frozenset[Action] = frozenset({"write", "write critical", "command", "restore"})
_DESK: tuple[Action, ...] = ("acknowledge", "shelve", "annotate", "write", "command", "work tag")
PRESETS: tuple[Right, ...] = (
    Right("viewer"),
    Right("operator", "", (*_DESK, "write critical", "suggestion", "work order")),
    Right(
        "shift lead",
        "",
        (*_DESK, "suppress", "write critical", "approve", "restore", "suggestion", "work order", "ledger"),
    ),
    Right("maintenance", "", ("acknowledge", "service", "annotate", "work tag", "work order")),
    Right(
        "engineer",
        "",
        (*_DESK, "suppress", "service", "write critical", "approve", "restore", "suggestion", "work order")
        + ("configure", "stage", "ledger"),
    ),
    Right("administrator", "", ("configure", "stage", "trust", "people", "backup", "ledger", "engine")),
    Right("auditor", "", ("ledger",)),
)
"""What the table holds until somebody edits it. An administrator does not write to the plant."""
GLASS: tuple[Right, ...] = (Right("operator", "", (*_DESK, "write critical", "suggestion", "work order")),)
"""What a break-glass code gives below its area, whatever the table says of operators there."""


def is_below(path: str, area: str) -> bool:
    """Whether a path is an area or lies in it; everything lies in ""."""
    return not area or path == area or path.startswith(area + "/")


def row_of(rights: Iterable[Right], role: Role, path: str) -> Right | None:
    """The row that counts for a role at a path: the one with the longest area that fits, alone."""
    fitting = [right for right in rights if right.role == role and is_below(path, right.area)]
    return max(fitting, key=lambda right: len(right.area), default=None)


def allowing(roles: Sequence[RoleAt], rights: Sequence[Right], action: Action, path: str) -> RoleAt | None:
    """The first role that allows an action at a path ("" = in the whole plant), None = none does."""
    for role in roles:
        if is_below(path, role.area):
            row = row_of(rights, role.role, path)
            if row and action in row.actions:
                return role
    return None


def refusal(roles: Sequence[RoleAt], rights: Sequence[Right], action: Action, path: str) -> str:
    """Why an action is not allowed at a path, in words, "" = it is."""
    if allowing(roles, rights, action, path):
        return ""
    where = path or "the whole plant"
    able = [role for role in ROLES if allowing([RoleAt(role)], rights, action, path)]
    who = " or ".join(able) if able else "nobody"
    held = ", ".join(in_words(role) for role in roles) or "no role"
    return f'"{action}" at {where} needs {who}; held: {held}'


def anywhere(roles: Sequence[RoleAt], rights: Sequence[Right]) -> tuple[Action, ...]:
    """Every action that is allowed at one place at least."""
    places = {role.area for role in roles} | {right.area for right in rights}
    return tuple(
        action for action in ACTIONS if any(allowing(roles, rights, action, place) for place in places)
    )


def in_words(role: RoleAt) -> str:
    """A role as a person reads it, "operator at Line 1"."""
    return f"{role.role} at {role.area}" if role.area else role.role


def area_problem(area: str) -> str:
    """What is wrong with an area, "" = nothing."""
    parts = area.split("/")
    if area and (any(not part or part != part.strip() for part in parts) or len(parts) > 8):
        return f'area "{area}" is no path: write it as in Area/Unit, or leave it empty for the whole plant'
    return ""


def table_problems(rights: Sequence[Right]) -> list[str]:
    """What is wrong with a whole table of rights, in words."""
    problems: list[str] = []
    seen: set[tuple[str, str]] = set()
    for right in rights:
        where = right.area or "the whole plant"
        if right.role not in ROLES:
            problems.append(f'"{right.role}" is no role: use {", ".join(ROLES)}')
            continue
        if (right.role, right.area) in seen:
            problems.append(f"{right.role} at {where} has two rows: make one of them")
        seen.add((right.role, right.area))
        unknown = [action for action in right.actions if action not in ACTIONS]
        if unknown:
            problems.append(f'{right.role} at {where}: "{unknown[0]}" is no action')
        if right.role in READ_ONLY and not READ_ONLY[right.role] >= set(right.actions):
            problems.append(f"{right.role} at {where} only reads: give what it should do to another role")
        if problem := area_problem(right.area):
            problems.append(problem)
    return problems
