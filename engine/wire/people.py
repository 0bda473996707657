"""What requests and answers about people and sessions hold.

The secret token of a session travels in ``Request.session``. Secrets (passwords, PINs, badges) only ever
travel towards the engine, over the socket of the same OS user, and are never stored as they are.
"""

from __future__ import annotations

import msgspec

from engine.types.people import Action, BreakGlass, LoginKind, Person, Right, RoleAt, SecretKind, Session


class Hidden(msgspec.Struct, frozen=True):
    """A body with a secret in it, which no log and no error ever shows."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class SessionBody(msgspec.Struct, frozen=True):
    """Body of ``session``: what is known of the session of this station."""

    station: str


class Face(msgspec.Struct, frozen=True):
    """Somebody who may log in quickly at a station. ``roles`` in words, as in "operator"."""

    name: str
    full_name: str
    has_pin: bool
    is_demo: bool = False
    roles: str = ""


class SessionAnswer(msgspec.Struct, frozen=True):
    """Answer to ``session`` (of the token in ``Request.session``), asked about once a second.

    ``is_new`` = there is nobody yet: the first administrator can be made, here and now. ``session`` None =
    nobody is logged in; ``ended`` says why one that there was is not any more. ``faces`` = who has a PIN here
    or is a demo person. ``actions`` = what this session may do anywhere.
    """

    is_new: bool
    session: Session | None = None
    ended: str = ""
    faces: tuple[Face, ...] = ()
    actions: tuple[Action, ...] = ()


class FirstBody(Hidden, frozen=True):
    """Body of ``first_administrator``, answered with ``LoginAnswer``; refused once there is anybody."""

    station: str
    name: str
    full_name: str
    password: str


class LoginBody(Hidden, frozen=True):
    """Body of ``login``, answered with ``LoginAnswer``: takes over the station (log-over).

    ``kind`` says what ``secret`` is. For a badge ``name`` is empty, ``secret`` what the reader typed, and
    ``pin`` its PIN. The session that the station had ends; what it had selected is void. ``device`` = a
    secret of at least 32 characters that the window made for itself: where its person logged in before,
    guesses from elsewhere keep nobody waiting.
    """

    station: str
    name: str
    secret: str
    kind: LoginKind = "password"
    pin: str = ""
    device: str = ""


class LoginAnswer(Hidden, frozen=True):
    """Answer to ``login``: the secret ``token`` of the session. A refused one is an error in words."""

    token: str
    session: Session
    actions: tuple[Action, ...] = ()
    warning: str = ""


class UnlockBody(Hidden, frozen=True):
    """Body of ``unlock`` (of the token); ``lock`` and ``logout`` have none. All answered with ``Session``
    (``logout``: true).
    """

    secret: str
    kind: LoginKind = "password"


class BreakGlassBody(Hidden, frozen=True):
    """Body of ``break_glass``: a sealed code opens an area for a while; answered with ``LoginAnswer``."""

    station: str
    code: str
    who: str
    reason: str


class SealBody(msgspec.Struct, frozen=True):
    """Body of ``break_glass_seal``: makes a new code for an area, answered with ``SealAnswer``."""

    area: str


class SealAnswer(Hidden, frozen=True):
    """The code, told once, to be printed and sealed."""

    area: str
    code: str


class ReviewBody(msgspec.Struct, frozen=True):
    """Body of ``break_glass_review``: a person looked at what was done under the code of an area."""

    area: str
    text: str


class PeopleAnswer(msgspec.Struct, frozen=True):
    """Answer to ``people`` (right "people" or "ledger"). ``problems`` = what a person should see to."""

    people: tuple[Person, ...]
    rights: tuple[Right, ...]
    presets: tuple[Right, ...]
    areas: tuple[str, ...]
    break_glass: tuple[BreakGlass, ...] = ()
    ldap: str = ""
    """The directory in words, "" = none is set up."""
    problems: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    """Where somebody logged in already, to choose from."""


class PersonEdit(Hidden, frozen=True):
    """A person as they are to be. ``password`` "" = as it is; a new person without one cannot log in yet."""

    name: str
    full_name: str
    roles: tuple[RoleAt, ...] = ()
    is_disabled: bool = False
    password: str = ""
    must_change: bool = True


class PeopleChangeBody(Hidden, frozen=True):
    """Body of ``people_change``, answered with ``PeopleAnswer``: all of it or nothing.

    ``csv`` = people as text (name,full_name,role,area; a row a role). ``is_trial`` = say what is wrong and
    do nothing. Nobody is ever removed: a person is disabled. The last administrator cannot be disabled.
    """

    people: tuple[PersonEdit, ...] = ()
    rights: tuple[Right, ...] | None = None
    csv: str = ""
    is_trial: bool = False


class SecretBody(Hidden, frozen=True):
    """Body of ``secret_change``: a new password, PIN (for this ``station``) or badge.

    One's own with ``old`` = the present password, or the PIN that another gave and that must be changed
    first; another person's needs the right "people". ``new`` "" takes a PIN or badge away.
    """

    name: str
    kind: SecretKind
    new: str
    old: str = ""
    station: str = ""


class MayBody(msgspec.Struct, frozen=True):
    """Body of ``may``: what a person may do at a path ("" = the whole plant)."""

    name: str
    path: str = ""


class MayAnswer(msgspec.Struct, frozen=True):
    """Answer to ``may``: every action, whether it is allowed, and why (the role) or why not."""

    rows: tuple[tuple[Action, bool, str], ...]


class TryBody(msgspec.Struct, frozen=True):
    """Body of ``try_as``: look at the window as another person; nothing is done until ``name`` "" ends it."""

    name: str


class KeepBody(msgspec.Struct, frozen=True):
    """Body of ``people_backup``: people, rights and keys, sealed in a file on the engine's machine."""

    file: str


class KeepAnswer(Hidden, frozen=True):
    """Answer to ``people_backup``: the recovery phrase (BIP-39 words), told once."""

    file: str
    phrase: str
