"""People as they are kept, what may be said about them, and what may be changed. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from engine.config.table import CONTROL
from engine.security.rights import ROLES, allowing, area_problem, in_words
from engine.types.people import LoginKind, Person, Right, SecretKind
from engine.wire.people import PersonEdit

GLASS_PREFIX = "break glass: "
"""How the person of a break-glass session is called: nobody's name begins like that."""
LONGEST_NAME = 64


class Kept(msgspec.Struct, frozen=True):
    """A person with the hashes of their secrets.

    ``password`` of a person of the directory = of the last one that it took, at ``good_us``. ``pins`` = by
    station; a demo person's at "" counts everywhere. ``badge`` = the digest that a badge is found by.
    ``given`` = who else set one of these, by key, and when last (UTC µs). ``first_pins`` = the stations where
    the PIN is one that another person gave.
    """

    person: Person
    password: str = ""
    badge: str = ""
    pins: Mapping[str, str] = {}
    good_us: int = 0
    given: Mapping[str, int] = {}
    first_pins: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the hashes: it may stand in a traceback."""
        return f"Kept({self.person!r})"


People = Mapping[str, Kept]
"""Everybody who ever was, by key."""


def key_of(name: str) -> str:
    """One key for all ways of writing a name."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def public(kept: Kept) -> Person:
    """What others may see of a person."""
    return msgspec.structs.replace(
        kept.person,
        has_password=bool(kept.password) and kept.person.source == "local",
        has_badge=bool(kept.badge),
        pin_stations=tuple(sorted(kept.pins)),
        first_pins=kept.first_pins,
    )


def to_change(kept: Kept, kind: LoginKind, station: str) -> SecretKind | None:
    """What somebody who logged in must choose anew before anything else: a secret that another gave them."""
    if kept.person.must_change:
        return "password"
    return "pin" if kind in ("pin", "badge") and station in kept.first_pins else None


def given(kept: Kept, by: str, now_us: int) -> Kept:
    """The same after another person set a secret of theirs."""
    return msgspec.structs.replace(kept, given={**kept.given, key_of(by): now_us})


def name_problem(name: str) -> str:
    """What is wrong with a login name, "" = nothing."""
    if not name.strip() or name != name.strip() or "  " in name:
        return "a name has no spaces around it and is not empty"
    if len(name) > LONGEST_NAME or CONTROL.search(name) or not name.isprintable() or "," in name:
        return f"a name has at most {LONGEST_NAME} characters that can be printed, and no comma"
    if key_of(name).startswith(key_of(GLASS_PREFIX)):
        return f'no name begins with "{GLASS_PREFIX.strip()}": the ledger calls who used a code that'
    return ""


def edit_problems(edit: PersonEdit, present: Kept | None) -> list[str]:
    """What is wrong with a person as they are to be, but for the password."""
    problems = [] if present else [problem for problem in [name_problem(edit.name)] if problem]
    if not edit.full_name.strip() or CONTROL.search(edit.full_name) or len(edit.full_name) > 128:
        problems.append("the full name is empty, too long, or holds characters that cannot be printed")
    problems += [f'"{role.role}" is no role' for role in edit.roles if role.role not in ROLES]
    problems += [problem for role in edit.roles if (problem := area_problem(role.area))]
    if len(set(edit.roles)) < len(edit.roles):
        problems.append("the same role is given twice at the same place")
    if present and present.person.source == "ldap":
        if edit.password:
            problems.append("this person's password is the directory's: change it there")
        if set(edit.roles) != set(present.person.roles):
            problems.append("this person's roles come from the directory's groups: change them there")
    return [f"{edit.name}: {problem}" for problem in problems]


def edited(edit: PersonEdit, present: Kept | None, password: str, now_us: int) -> Kept:
    """A person after an edit; ``password`` = the hash of a new one, "" = as it was. A name never changes."""
    old = present or Kept(Person(edit.name, edit.full_name))
    person = msgspec.structs.replace(
        old.person,
        full_name=edit.full_name.strip(),
        roles=tuple(sorted(edit.roles)),
        is_disabled=edit.is_disabled,
        must_change=edit.must_change if password else old.person.must_change,
    )
    new = msgspec.structs.replace(old, person=person, password=password or old.password)
    return stamped(old if present else None, new, now_us)


def stamped(old: Kept | None, new: Kept, now_us: int) -> Kept:
    """The same with the time of the change, if there was one."""
    if new == old:
        return new
    person = msgspec.structs.replace(new.person, changed_us=now_us)
    return msgspec.structs.replace(new, person=person)


def differences(old: Kept | None, new: Kept) -> dict[str, Any]:
    """What changed, for the ledger: field → [old, new]; of a secret only that it changed."""
    before, after = _facts(old), _facts(new)
    found: dict[str, Any] = {
        field: [before.get(field), after[field]] for field in after if before.get(field) != after[field]
    }
    if new.password != (old.password if old else ""):
        found["password"] = [_is_set(old and old.password), _is_set(new.password)]
    if new.badge != (old.badge if old else ""):
        found["badge"] = [_is_set(old and old.badge), _is_set(new.badge)]
    pins: Mapping[str, str] = old.pins if old else {}
    if changed := sorted(s for s in {*pins, *new.pins} if pins.get(s) != new.pins.get(s)):
        found["pin"] = [f"{station}: {_is_set(new.pins.get(station))}" for station in changed]
    return found


def _facts(kept: Kept | None) -> dict[str, Any]:
    if kept is None:
        return {}
    person = kept.person
    return {
        "full_name": person.full_name,
        "roles": [in_words(role) for role in person.roles],
        "is_disabled": person.is_disabled,
        "must_change": person.must_change,
        "is_demo": person.is_demo,
        "source": person.source,
    }


def _is_set(secret: str | None) -> str:
    return "set" if secret else "none"


def able(people: Iterable[Kept], rights: Sequence[Right]) -> list[Person]:
    """Who can give others access, also offline: local, with a password, and with the right "people"."""
    return [
        kept.person
        for kept in people
        if kept.password
        and not kept.person.is_disabled
        and kept.person.source == "local"
        and allowing(kept.person.roles, rights, "people", "")
    ]
