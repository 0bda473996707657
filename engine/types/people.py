"""Who may do what: people, roles, rights and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

DEMO_PASSWORD, DEMO_PIN = "watchroom-demo-people", "271828"
"""Of the people of a demo, who are marked wherever they are named; nobody else is ever given a password."""
Role = Literal["viewer", "operator", "shift lead", "maintenance", "engineer", "administrator", "auditor"]
Action = Literal[
    "acknowledge", "shelve", "suppress", "service", "annotate",
    "write", "write critical", "command", "approve", "restore", "work tag", "suggestion", "work order",
    "configure", "stage", "trust", "people", "backup", "ledger", "engine",
]  # fmt: skip
"""What a person may be allowed to do. Seeing, searching and silencing the horn need no right."""
LoginKind = Literal["password", "pin", "badge", "break glass", "ldap"]
SecretKind = Literal["password", "pin", "badge"]


class RoleAt(msgspec.Struct, frozen=True, order=True):
    """A role that a person has below the path ``area``; "" = in the whole plant."""

    role: Role
    area: str = ""


class Right(msgspec.Struct, frozen=True, order=True):
    """What a role may do below the path ``area``. The row with the longest path that fits counts alone."""

    role: Role
    area: str = ""
    actions: tuple[Action, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """A person as others may see one: no secret is in it.

    ``name`` is what one logs in with: unique without regard to case, never given to another person again
    (21 CFR 11.100). ``source`` "ldap" = the password is the directory's. ``is_demo`` = made for the demo,
    marked wherever the name is shown. ``pin_stations`` = where a PIN of this person counts; ``first_pins`` =
    those of them where another person gave it.
    """

    name: str
    full_name: str
    roles: tuple[RoleAt, ...] = ()
    is_disabled: bool = False
    is_demo: bool = False
    must_change: bool = False
    has_password: bool = False
    has_badge: bool = False
    pin_stations: tuple[str, ...] = ()
    first_pins: tuple[str, ...] = ()
    source: Literal["local", "ldap"] = "local"
    changed_us: int = 0


class Session(msgspec.Struct, frozen=True):
    """One person at one station, from ``since_us`` to ``until_us`` (the end of a shift), UTC.

    ``is_locked`` = commands are off until the person shows who it is; the view is not. ``trying`` = the
    name of the person whose rights are tried: nothing is done at all. ``must_change`` = ``to_change`` was
    given by another person, and nothing is done before it is changed.
    """

    id: str
    person: str
    full_name: str
    station: str
    kind: LoginKind
    roles: tuple[RoleAt, ...]
    since_us: int
    until_us: int
    is_locked: bool = False
    is_demo: bool = False
    must_change: bool = False
    trying: str = ""
    to_change: SecretKind = "password"


class BreakGlass(msgspec.Struct, frozen=True):
    """A sealed one-time code for an area: when it was made, and what became of it."""

    area: str
    made_us: int
    made_by: str
    used_us: int = 0
    used_by: str = ""
    reason: str = ""
    reviewed_us: int = 0
    reviewed_by: str = ""


IDLE_MIN = {"engineer": 10.0, "administrator": 10.0, "maintenance": 5.0}


class LdapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[security.ldap]`` of plant.toml. No secret stands there: a person's own password is tried (bind).

    ``person`` = the distinguished name with ``{name}`` in it; of an Active Directory "{name}@domain", and
    then ``people`` = where people are sought. ``groups`` = where groups are sought; ``roles`` = group name to
    "role" or "role at area". ``offline_days`` = how long the last good password opens without the directory.
    """

    url: str
    person: str
    people: str = ""
    groups: str = ""
    roles: dict[str, tuple[str, ...]] = {}
    start_tls: bool = True
    ca_file: str = ""
    timeout_s: float = 3.0
    offline_days: float = 7.0


class SecuritySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[security]`` of plant.toml. A session ends with a shift (alarms.toml ``shifts``), never within one.

    ``session_h`` = how long at most where no shifts are known; ``idle_min`` = minutes without a hand after
    which a role's commands are locked, 0 = never. ``second_after_days`` = so long whoever set a password, PIN
    or badge of another person counts as one person with them, where two are needed.
    """

    session_h: float = 12.0
    idle_min: dict[str, float] = msgspec.field(default_factory=lambda: dict(IDLE_MIN))
    break_glass_min: float = 30.0
    second_after_days: float = 7.0
    ldap: LdapSettings | None = None


May = Callable[[str, Action, str], str]
"""Whether a session (its secret token) may do something at a path: "" or why not, in words."""
