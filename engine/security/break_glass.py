"""Break-glass: a sealed one-time code opens an area for a while when nobody with the right is there. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from engine.security.passwords import token_hash
from engine.security.people import GLASS_PREFIX, key_of
from engine.types.people import BreakGlass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 characters: none is taken for another when read from paper."""
MISREAD = str.maketrans("OIL", "011")
GROUPS, GROUP = 5, 4
"""20 characters of 5 bits = 100 bits."""


class Seal(msgspec.Struct, frozen=True):
    """One code: its number, what became of it, and its hash. ``is_void`` = a newer one took its place."""

    number: int
    glass: BreakGlass
    hash: str
    is_void: bool = False
    review: str = ""

    def __repr__(self) -> str:
        """Without the hash."""
        return f"Seal({self.number}, {self.glass!r})"


def new_code() -> str:
    """A code to be printed and sealed, "7KQ2-M9XD-…"."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def code_hash(code: str) -> str:
    """What is kept of a code, however it was typed."""
    return token_hash("".join(c for c in code.upper().translate(MISREAD) if c in ALPHABET))


def found(seals: Sequence[Seal], code: str) -> Seal | None:
    """The seal that a code belongs to, also when it was used."""
    wanted = code_hash(code)
    return next((seal for seal in seals if secrets.compare_digest(seal.hash, wanted)), None)


def newest(seals: Sequence[Seal], area: str) -> Seal | None:
    """The last code that was made for an area."""
    return max((seal for seal in seals if seal.glass.area == area), key=lambda s: s.number, default=None)


def unreviewed(seals: Sequence[Seal]) -> list[Seal]:
    """Codes that were used and not looked at by anybody since."""
    return [seal for seal in seals if seal.glass.used_us and not seal.glass.reviewed_us]


def refusal(seal: Seal) -> str:
    """Why a code does not open, "" = it does."""
    if seal.glass.used_us:
        return (
            f"this code was used by {seal.glass.used_by}: each opens once; an administrator seals a new one"
        )
    if seal.is_void:
        return "a newer code was made for this area: use that one, and tear this one up"
    return ""


def glass_person(who: str) -> str:
    """How the person of a session that a code opened is called."""
    return GLASS_PREFIX + " ".join(who.split())


def is_same_person(one: str, name: str, full_name: str) -> bool:
    """Whether somebody who is called ``one`` - also behind a code - is the person of this name."""
    own = key_of(one.removeprefix(GLASS_PREFIX))
    return own in (key_of(name), key_of(full_name))


def in_area(area: str) -> str:
    """An area in words."""
    return area or "the whole plant"
