"""Who is at this station, as the engine told it, and what the window says of that. No Qt."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.types import Action, Session
from hmi import formats
from hmi.formats import THIN, sentence, t

DAY_US = 86_400_000_000
WARN_US = 600_000_000
"""So long before a session ends the chip says so."""
LEAST_PASSWORD, LEAST_PIN = 12, 6
_WAIT = re.compile(r"(\d+)(\s*)(s|seconds?)\b")


class Quick(Protocol):
    """Somebody who may log in quickly here (`engine.wire.people.Face`)."""

    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def has_pin(self) -> bool: ...
    @property
    def is_demo(self) -> bool: ...
    @property
    def roles(self) -> str: ...


class Told(Protocol):
    """The answer to ``session`` (`engine.wire.people.SessionAnswer`)."""

    @property
    def is_new(self) -> bool: ...
    @property
    def session(self) -> Session | None: ...
    @property
    def ended(self) -> str: ...
    @property
    def faces(self) -> Sequence[Quick]: ...
    @property
    def actions(self) -> Sequence[Action]: ...


@dataclass(frozen=True, slots=True)
class Who:
    """What is known of the person at this station; all windows of it show the same.

    ``is_known`` = the engine told of it at all: one of before there were people does not. ``is_new`` = there
    is nobody yet in the plant. ``ended`` = why a session that there was is not any more. ``actions`` = what
    this session may do anywhere.
    """

    is_known: bool = False
    is_new: bool = False
    session: Session | None = None
    ended: str = ""
    faces: tuple[Quick, ...] = ()
    actions: frozenset[Action] = frozenset()

    @property
    def is_locked(self) -> bool:
        """Commands are off until the person shows who it is."""
        return self.session is not None and self.session.is_locked

    @property
    def is_trying(self) -> bool:
        """The window is looked at as another person, and nothing is done."""
        return self.session is not None and bool(self.session.trying)

    def may(self, action: Action) -> bool:
        """Whether to offer it: the right is there and nothing stands in its way. The engine decides."""
        session = self.session
        if session is None or session.is_locked or session.trying or session.must_change:
            return False
        return action in self.actions

    def why_not(self, action: Action) -> str:
        """Why it is not offered, a whole sentence; "" = it is."""
        session = self.session
        if not self.is_known:
            return t("This engine does not know people yet.")
        if session is None:
            return t("Make the first administrator first.") if self.is_new else t("Log in first.")
        if session.trying:
            return t("You look at this as {name}: nothing is done.", name=session.trying)
        if session.is_locked:
            return t("Locked: unlock first.")
        if session.must_change:
            return (
                t("Choose a PIN first.") if session.to_change == "pin" else t("Change your password first.")
            )
        if action in self.actions:
            return ""
        return t("Your role has not the right “{action}”.", action=t(action))

    @property
    def author(self) -> str | None:
        """The name under which things are done; None = nobody logs in here, so that of the machine's user."""
        if not self.is_known or self.is_new:
            return None
        return self.session.full_name if self.session is not None else t("nobody")


NOBODY = Who()


def of(told: Told) -> Who:
    """What an answer says."""
    return Who(True, told.is_new, told.session, told.ended, tuple(told.faces), frozenset(told.actions))


def station_name() -> str:
    """The name of this computer: one station, however many windows."""
    return platform.node() or "station"


def short(full_name: str) -> str:
    """``Maria Operator`` as ``M. Operator``; a name of one word, and one that is short already, as it is."""
    first, _, rest = full_name.strip().partition(" ")
    last = rest.rsplit(" ", 1)[-1]
    return f"{first[0]}. {last}" if last and not first.endswith(".") else full_name.strip()


@dataclass(frozen=True, slots=True)
class Chip:
    """Two lines of the person chip, a mark before them, and whether a person must look."""

    first: str
    second: str
    mark: str = ""
    is_calm: bool = True
    tip: str = ""


def chip(who: Who, now_us: int, zone: str) -> Chip:
    """What stands in the top bar."""
    session = who.session
    if session is None:
        return _nobody(who)
    name = short(session.full_name)
    mark = t("BREAK GLASS") if session.kind == "break glass" else t("DEMO") if session.is_demo else ""
    until = t("until {time}", time=_until(session, now_us, zone))
    roles = ", ".join(dict.fromkeys(t(each.role) for each in session.roles))
    tip = "\n".join(filter(None, (t("{name}: {roles}", name=session.full_name, roles=roles), until)))
    if session.is_locked:
        words, stays = t("Locked: commands are off"), t("The view and the horn stay.")
        return Chip(words, t("{name} · Unlock", name=name), mark, False, f"{words}. {stays}\n{tip}")
    if session.must_change:
        words = t("choose your PIN") if session.to_change == "pin" else t("change your password")
        return Chip(name, words, mark, False, tip)
    if session.trying:
        return Chip(name, t("looks as {name}", name=session.trying), mark, False, tip)
    left_us = session.until_us - now_us
    if left_us <= WARN_US:
        left = formats.span(max(1.0, left_us / 1e6)) if left_us >= 60e6 else t("a minute")
        words = t("ends in {span}", span=left)
        return Chip(
            name, words, mark, False, t("{tip}\nNothing closes then; log in again to go on.", tip=tip)
        )
    return Chip(name, until, mark, True, tip)


def _nobody(who: Who) -> Chip:
    first = t("View only")
    if not who.is_known:
        return Chip(first, "", "", True, t("This window shows; it cannot change anything in the plant."))
    if who.ended:
        return Chip(first, t("Log in again"), "", False, sentence(who.ended))
    if who.is_new:
        return Chip(first, t("Nobody has an account"), "", True, t("Make the first administrator"))
    return Chip(first, t("Log in"), "", True, t("Nobody is logged in. Seeing needs no login. (Ctrl+U)"))


def _until(session: Session, now_us: int, zone: str) -> str:
    words = formats.clock(session.until_us, zone, seconds=False)
    is_soon = session.until_us - now_us < DAY_US
    return words if is_soon else f"{formats.day(formats.local(session.until_us, zone))} {words}"


def wait_s(refusal: str) -> int:
    """Seconds that a refused login must wait, as its sentence says; 0 = it does not say."""
    found = _WAIT.search(refusal)
    return int(found[1]) if found else 0


def counted(refusal: str, left_s: int) -> str:
    """The sentence of a refused login with the seconds that are left by now."""
    if left_s <= 0:
        return t("You can try again now.")
    return _WAIT.sub(lambda found: f"{left_s}{THIN}s", refusal, count=1)


def password_trouble(first: str, again: str) -> str:
    """Why a new password cannot be sent yet, "" = it can. The engine judges it once more."""
    if len(first) < LEAST_PASSWORD:
        return t("{n} of {least} so far", n=len(first), least=LEAST_PASSWORD)
    return "" if first == again else t("the two are not alike yet")


def pin_trouble(first: str, again: str) -> str:
    """The same of a PIN."""
    if len(first) < LEAST_PIN:
        return t("{n} of {least} so far", n=len(first), least=LEAST_PIN)
    return "" if first == again else t("the two are not alike yet")
