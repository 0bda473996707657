"""What the parts of the facade share: the register, sessions, the ledger, and who may do what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from engine.security import apart
from engine.security.directory import offline_roles
from engine.security.errors import Denied
from engine.security.guesses import Guesses
from engine.security.passwords import Hasher
from engine.security.people import Kept, to_change
from engine.security.record import KEPT_ELSEWHERE, Record
from engine.security.register import Register
from engine.security.rights import GLASS, anywhere, refusal
from engine.security.sessions import Held, Sessions, Turn
from engine.types import Clock
from engine.types.control import RecordEntry
from engine.types.people import Action, Right, RoleAt, Session

log = logging.getLogger("watchroom.security")
LOG_IN = "Log in first: this is done by a person who may. Seeing needs no login."
LOCKED = "This session is locked: show who you are with PIN or password. Seeing goes on."
MUST_CHANGE = "Choose a {} of your own first: the one you have was given to you."
LONGEST_STATION, LONGEST_TEXT = 128, 2000


class Desk:
    """One loop. ``on_end`` is told of every session that ends, is locked, or goes over to trying."""

    def __init__(
        self,
        register: Register,
        sessions: Sessions,
        record: Record,
        guesses: Guesses,
        hasher: Hasher,
        clock: Clock,
    ) -> None:
        self.register, self.sessions, self.record = register, sessions, record
        self.guesses, self.hasher, self.clock = guesses, hasher, clock
        self.words: tuple[str, ...] = ()
        """The plant's own words, on which no password is built."""
        self.second_after_days = 7.0
        """So long whoever set a secret of another counts as one person with them."""
        self.on_end: list[Callable[[Session, str], None]] = []
        self._actions: dict[tuple[tuple[RoleAt, ...], bool], tuple[Action, ...]] = {}
        self._actions_of: tuple[Right, ...] = ()

    def held(self, token: str) -> Held:
        """The session of a token.

        Raises:
            Denied: there is none; the text says why.
        """
        held = self.sessions.held(token)
        if held is None:
            raise Denied(self.sessions.why_ended(token) or LOG_IN)
        return held

    def doing(self, token: str, action: Action, path: str = "") -> Held:
        """The session of a token that may do this.

        Raises:
            Denied: it may not; the text says why.
        """
        if why := self.may(token, action, path):
            raise Denied(why)
        return self.held(token)

    def may(self, token: str, action: Action, path: str) -> str:
        """Whether a token's session may do something at a path: "" or why not, in words."""
        held = self.sessions.held(token)
        if held is None:
            return self.register.trouble or self.sessions.why_ended(token) or LOG_IN
        if why := self.standing(held.session):
            return why
        if self.record.trouble and action not in KEPT_ELSEWHERE:
            return f"This cannot be put on record, so it is not done: {self.record.trouble}"
        why = refusal(held.session.roles, self.rights_for(held.session), action, path)
        return f"Not allowed: {why}." if why else ""

    def why_one(self, first: str, second: str) -> str:
        """Why these may be one person where two are needed, in a sentence, "" = they are two."""
        now_us, days = self.clock.now_us(), self.second_after_days
        why = apart.why_one(self.register.people, first, second, now_us, days)
        return f"Not done: {why}." if why else ""

    def given_since(self, name: str, us: int) -> str:
        """Full name of who set a secret of somebody last since ``us`` and lately, "" = nobody did."""
        lately = self.clock.now_us() - round(self.second_after_days * apart.DAY_US)
        found = apart.givers(self.register.people, name, max(us, lately))
        return self.register.people[found[0]].person.full_name if found else ""

    def standing(self, session: Session) -> str:
        """Why a session does nothing at all just now, "" = it does what it may."""
        if session.trying:
            return f"You look at this as {session.trying}; nothing is done. End that first."
        if session.is_locked:
            return LOCKED
        what = "PIN" if session.to_change == "pin" else "password"
        return MUST_CHANGE.format(what) if session.must_change else ""

    def rights_for(self, session: Session) -> tuple[Right, ...]:
        """The table that counts for a session."""
        return GLASS if session.kind == "break glass" else self.register.rights

    def actions(self, session: Session) -> tuple[Action, ...]:
        """What a session - or whom it tries - may do anywhere, locked or not. Cheap."""
        roles, is_glass = session.roles, session.kind == "break glass"
        if session.trying:
            tried = self.register.find(session.trying)
            roles = tried.person.roles if tried and not tried.person.is_disabled else ()
        if session.must_change:
            return ()
        if self._actions_of is not self.register.rights:
            self._actions, self._actions_of = {}, self.register.rights
        found = self._actions.get((roles, is_glass))
        if found is None:
            found = anywhere(roles, GLASS if is_glass else self.register.rights)
            if len(self._actions) > 1000:
                self._actions.clear()
            self._actions[roles, is_glass] = found
        return found

    def turned(self, turns: Iterable[Turn | None]) -> None:
        """Put on record that sessions ended, and tell who must know."""
        for turn in turns:
            if turn is None:
                continue
            if turn.what == "ended":
                body = {"station": turn.session.station, "why": turn.why}
                self.record.owe(RecordEntry("logout", turn.session.person, body))
            self.tell(turn.session, turn.why)

    def tell(self, session: Session, why: str) -> None:
        """Tell who must know that what a session had begun is void."""
        for told in self.on_end:
            try:
                told(session, why)
            except Exception:
                # One that fails must not keep the others, or a log-over, from happening.
                log.exception("what follows the end of a session failed")

    def follow(self, changed: Sequence[Kept], passwords: Iterable[str], by: str, but: Held | None) -> None:
        """Let the sessions of people who changed be as these are now."""
        renewed = set(passwords)
        for kept in changed:
            name = kept.person.name
            if kept.person.is_disabled:
                self.turned(self.sessions.end_of(name, f"{name} was disabled by {by}."))
            elif name in renewed:
                why = f"The password of {name} was changed by {by}: log in with the new one."
                self.turned(self.sessions.end_of(name, why, but))
            for held in self.sessions.all():
                if held.session.person == name and held.session.kind != "break glass":
                    self._follow(held, kept)

    def _follow(self, held: Held, kept: Kept) -> None:
        person, session = kept.person, held.session
        roles = offline_roles(person.roles) if held.is_offline else person.roles
        wanted = to_change(kept, session.kind, session.station)
        fresh = {
            "roles": roles,
            "full_name": person.full_name,
            "must_change": wanted is not None,
            "to_change": wanted or "password",
        }
        if any(getattr(session, field) != value for field, value in fresh.items()):
            self.sessions.change(held, **fresh)


def station_of(station: str) -> str:
    """The name of a station as it may stand in the ledger.

    Raises:
        Denied: it is none.
    """
    if not station.strip() or len(station) > LONGEST_STATION or not station.isprintable():
        raise Denied("This window did not say which station it is: start it again.")
    return station


def words_of(text: str, what: str, least: int) -> str:
    """What a person must have written, one line.

    Raises:
        Denied: it is too short or too long.
    """
    line = " ".join(text.split())
    if len(line) < least:
        raise Denied(f"Write {what}: at least {least} characters.")
    if len(line) > LONGEST_TEXT or not line.isprintable():
        raise Denied(f"Write {what} in at most {LONGEST_TEXT} characters that can be printed.")
    return line
