"""Who sits at this screen, as far as it is known. No Qt."""

from __future__ import annotations

import getpass

from hmi.formats import t


def author() -> str:
    """The name that this machine knows its user by, until people log in to the plant itself."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return t("unknown")
