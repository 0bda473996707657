"""The directory as plant.toml sets it up, and what a recovery backup is, in words. No Qt."""

from __future__ import annotations

from engine.types import LdapSettings
from hmi.displays.system.state import Fact
from hmi.formats import t


def directory(told: str, settings: LdapSettings | None) -> tuple[Fact, ...]:
    """The directory and which of its groups gives which role; it is changed in plant.toml alone."""
    if settings is None:
        words = t("None is set up: everybody has a password here, and it works without any network.")
        return (Fact(t("Directory"), words),)
    groups = [
        Fact(t("Group {group}", group=group), ", ".join(roles) or t("no role"))
        for group, roles in settings.roles.items()
    ]
    is_tls = settings.url.lower().startswith("ldaps:")
    link = t("encrypted") if is_tls else t("StartTLS") if settings.start_tls else t("NOT ENCRYPTED")
    days = f"{settings.offline_days:g}"
    return (
        Fact(t("Directory"), told or settings.url),
        Fact(t("Address"), f"{settings.url} ({link})"),
        Fact(t("Person"), settings.person),
        Fact(t("Groups below"), settings.groups or t("not asked for")),
        Fact(t("Without it"), t("the last good password opens for {n} days", n=days)),
        *(groups or (Fact(t("Groups"), t("no group gives a role yet"), True),)),
    )


def directory_note() -> str:
    """Where it is changed."""
    return t("This is set in [security.ldap] of plant.toml. Local administrators work without the directory.")


def backup_note() -> str:
    """What the backup is for."""
    return t(
        "One sealed file with people, rights and keys. It opens with a phrase of plain words that is told "
        "once and kept nowhere. Keep the phrase on paper, apart from the file: with both, everything can be "
        "opened again on another computer; without the phrase nobody can."
    )
