"""What an administrator may change about people and rights, checked as a whole before any of it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from engine.security.csv import read_people
from engine.security.errors import Denied
from engine.security.passwords import password_problem
from engine.security.people import Kept, People, able, differences, edit_problems, edited, key_of
from engine.security.rights import in_words, table_problems
from engine.types.control import RecordEntry
from engine.types.people import Right, RoleAt
from engine.wire.people import PeopleChangeBody

MOST_TOLD = 20
PENDING = "to be hashed"
LAST = (
    "nobody would be left who can give rights: let another person who is enabled, local and has a password "
    "be administrator of the whole plant first"
)


class Plan(msgspec.Struct, frozen=True):
    """A change as it is to be: ``people`` who change, ``rights`` None = as they were.

    ``passwords`` = new ones by key; whoever gets one has `PENDING` for its hash.
    """

    people: tuple[Kept, ...]
    passwords: dict[str, str]
    rights: tuple[Right, ...] | None

    def __repr__(self) -> str:
        """Without secrets."""
        return f"Plan({self.people!r}, {self.rights!r})"


def planned(
    body: PeopleChangeBody,
    people: People,
    rights: tuple[Right, ...],
    own_words: Iterable[str],
    now_us: int,
) -> Plan:
    """What a body asks for.

    Raises:
        Denied: a part of it cannot be; the text says everything that is wrong, a line each.
    """
    from_text, problems = read_people(body.csv, people) if body.csv else ((), [])
    edits = (*body.people, *from_text)
    keys = [key_of(edit.name) for edit in edits]
    problems += [f"{edit.name} is there twice" for k, edit in enumerate(edits) if keys[k] in keys[:k]]
    words = tuple(own_words)
    for edit in edits if not problems else ():
        problems += edit_problems(edit, people.get(key_of(edit.name)))
        own = (edit.name, edit.full_name, *words)
        if edit.password and (problem := password_problem(edit.password, own)):
            problems.append(f"{edit.name}: {problem}")
    if body.rights is not None:
        problems += table_problems(body.rights)
    if problems:
        raise Denied(told(problems))
    changed = tuple(
        edited(edit, people.get(key), PENDING if edit.password else "", now_us)
        for key, edit in zip(keys, edits, strict=True)
    )
    after = {**people, **dict(zip(keys, changed, strict=True))}
    if not able(after.values(), rights if body.rights is None else body.rights):
        raise Denied(told([LAST]))
    passwords = {key: edit.password for key, edit in zip(keys, edits, strict=True) if edit.password}
    different = tuple(kept for key, kept in zip(keys, changed, strict=True) if kept != people.get(key))
    return Plan(different, passwords, body.rights)


def told(problems: Sequence[str]) -> str:
    """Everything that is wrong, a line each, and that nothing was done."""
    more = [f"… and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
    return "\n".join(["Nothing was changed:", *problems[:MOST_TOLD], *more])


def person_entries(actor: str, old: People, new: Sequence[Kept]) -> list[RecordEntry]:
    """An entry for each person that changed, old → new."""
    return [
        RecordEntry("person", actor, {"name": kept.person.name, "changed": changed})
        for kept in new
        if (changed := differences(old.get(key_of(kept.person.name)), kept))
    ]


def rights_entry(actor: str, old: Sequence[Right], new: Sequence[Right]) -> list[RecordEntry]:
    """An entry for the rows of the table that changed, old → new; none if none did."""
    before, after = _rows(old), _rows(new)
    changed: dict[str, Any] = {
        row: [before.get(row), after.get(row)]
        for row in sorted({*before, *after})
        if before.get(row) != after.get(row)
    }
    return [RecordEntry("person", actor, {"rights": changed})] if changed else []


def _rows(rights: Sequence[Right]) -> dict[str, list[str]]:
    return {in_words(RoleAt(right.role, right.area)): sorted(right.actions) for right in rights}
