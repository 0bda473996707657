"""Under whose name this station does things. No Qt."""

from __future__ import annotations

import getpass

from hmi.formats import t

_logged_in: list[str] = []


def author() -> str:
    """The person who is logged in; while nobody can be, the name that this machine knows its user by."""
    if _logged_in:
        return _logged_in[0]
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return t("unknown")


def set_author(name: str | None) -> None:
    """The person of this station is another one; None = people do not log in here yet."""
    _logged_in[:] = [] if name is None else [name]
