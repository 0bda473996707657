"""The company's directory of a project, where plant.toml names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.types import LdapSettings

if TYPE_CHECKING:
    from engine.security.ldap import LdapDirectory


def open_directory(settings: LdapSettings | None) -> LdapDirectory | None:
    """What asks the directory; nothing is asked before the first login. None = there is no directory."""
    if settings is None:
        return None
    from engine.security.ldap import LdapDirectory  # a large library, for those who have a directory

    return LdapDirectory(settings)
