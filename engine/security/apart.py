"""Whether two accounts are two people. Pure.

Whoever set the password, PIN or badge of another may know it, and be both of them: for some days the two
count as one person wherever two are needed, also when the secret was changed since - the first person to log
in with it may have been the one who made it. Two who were both made by a third are two as soon as each chose
a password: else nobody could operate a new plant, nor one whose administrator reset two passwords.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.security.break_glass import is_same_person
from engine.security.people import GLASS_PREFIX, People, key_of

DAY_US = 86_400_000_000


def hands(people: People, name: str, since_us: int) -> set[str]:
    """Keys of all who may act as somebody: they themselves, who set a secret of theirs after ``since_us``
    (UTC µs), who set one of those, and so on.
    """
    found, coming = set[str](), [key_of(name)]
    while coming:
        key = coming.pop()
        if key not in found:
            found.add(key)
            coming += givers(people, key, since_us)
    return found


def givers(people: People, name: str, since_us: int) -> list[str]:
    """Keys of those who set a secret of somebody after ``since_us``, the last one first."""
    kept = people.get(key_of(name))
    given: Mapping[str, int] = kept.given if kept else {}
    return sorted((key for key, at_us in given.items() if at_us > since_us), key=lambda key: -given[key])


def why_one(people: People, first: str, second: str, now_us: int, days: float) -> str:
    """Why two people may be one and the same, in a sentence; "" = they are two.

    ``first`` = a login name, or whatever somebody behind a break-glass code called themselves: who that is
    nobody knows, so the ``second`` must be in nobody else's hands then.
    """
    since_us = now_us - round(days * DAY_US)
    own = key_of(second)
    named = [key for key, kept in people.items() if is_same_person(first, key, kept.person.full_name)]
    if own in named:
        return f"{_full(people, own)} cannot be both: another person has to agree"
    both = hands(people, second, since_us)
    if named and not first.startswith(GLASS_PREFIX):
        both &= set[str]().union(*(hands(people, key, since_us) for key in named))
        both &= {own, *named}  # a third who made both accounts is neither of those who chose their passwords
    else:
        both -= {own}
    if not both:
        return ""
    giver, whose = next(
        (giver, whose)
        for whose in (own, *named)
        for giver in givers(people, whose, since_us)
        if both & hands(people, giver, since_us)
    )
    return (
        f"{_full(people, giver)} set the password, PIN or badge of {_full(people, whose)} within the last "
        f"{days:g} days and may know it, so they count as one person: another one has to agree"
    )


def _full(people: People, key: str) -> str:
    kept = people.get(key)
    return kept.person.full_name if kept else key
