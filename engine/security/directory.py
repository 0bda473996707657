"""The seam to a company's directory, and the cached verifier that opens while it does not answer.

Roles are those of the last answer, without an administrator's; what the directory once refused is not opened
from the cache (architecture: offline first).
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from engine.types.people import RoleAt

DAY_US = 86_400 * 1_000_000
CLOCK_US = 3_600 * 1_000_000
"""How far the clock may have gone back since the directory last answered."""


class DirectoryPerson(msgspec.Struct, frozen=True):
    """Whom the directory knows under a name and password. ``is_disabled`` = it knows, and does not let in."""

    name: str
    full_name: str
    roles: tuple[RoleAt, ...] = ()
    is_disabled: bool = False


class Directory(Protocol):
    """A company's directory. It answers within its own time-out and never blocks the loop."""

    async def check(self, name: str, secret: str) -> DirectoryPerson | None:
        """Who this is, or None: there is no such person, or that is not their password.

        Raises:
            DirectoryAbsent: it could not be asked.
        """
        ...


def offline_refusal(good_us: int, now_us: int, offline_days: float) -> str:
    """Why a password that was good at ``good_us`` does not open without the directory now, "" = it does."""
    if not good_us:
        return "the directory does not answer, and this person never logged in here while it did"
    if now_us < good_us - CLOCK_US:
        return "the directory does not answer, and this machine's clock was set back: set it right"
    if now_us - good_us > offline_days * DAY_US:
        return (
            f"the directory did not answer for more than {offline_days:g} days: "
            "see to it, or use a local account"
        )
    return ""


def offline_roles(roles: tuple[RoleAt, ...]) -> tuple[RoleAt, ...]:
    """What somebody may be while the directory does not answer: nobody is an administrator then."""
    return tuple(role for role in roles if role.role != "administrator")
