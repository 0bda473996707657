"""Who is at which station: log-over, lock, end of shift. Pure but for its clock and random tokens.

Ends and idle times run on the monotonic clock: a step of the wall clock neither ends nor prolongs a session.
Nothing of this outlives the engine (W14).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from engine.security.passwords import new_token, token_hash
from engine.security.people import key_of
from engine.security.shifts import session_end_us
from engine.types import Clock
from engine.types.people import LoginKind, Person, SecuritySettings, Session

STEP_US = 2_000_000
"""From here on a difference of the two clocks is a step, and the shown end follows it."""
MOST_ENDED = 256
Turned = Literal["ended", "locked"]


class Turn(msgspec.Struct, frozen=True):
    """A session that ended or was locked, as it was then, and why in words."""

    session: Session
    what: Turned
    why: str


@dataclass(slots=True)
class Held:
    """A session and what only the engine knows of it. Times are monotonic."""

    session: Session
    token: str
    """Its hash; the token itself is nowhere."""
    until_us: int
    touched_us: int
    is_offline: bool = False
    device: str = ""


class Sessions:
    """The sessions of this run of the engine. One thread."""

    def __init__(self, clock: Clock, settings: SecuritySettings, shifts: Sequence[str], zone: str) -> None:
        self._clock, self._settings = clock, settings
        self._shifts, self._zone = tuple(shifts), zone
        self._held: dict[str, Held] = {}
        self._ended: dict[str, str] = {}

    def begin(
        self,
        person: Person,
        station: str,
        kind: LoginKind,
        minutes: float | None = None,
        *,
        is_offline: bool = False,
        device: str = "",
        is_first_pin: bool = False,
    ) -> tuple[str, Session, list[Turn]]:
        """Log somebody in at a station, for ``minutes`` or to the end of the shift: token, session, log-over.

        The roles are those of ``person``. The session that the station had ends. ``device`` as in `Guesses`;
        ``is_first_pin`` = with a PIN that another person gave.
        """
        now_us, mono_us = self._clock.now_us(), self._clock.mono_us()
        until_us = (
            session_end_us(now_us, self._shifts, self._zone, self._settings.session_h)
            if minutes is None
            else now_us + round(minutes * 60e6)
        )
        over = [
            self._end(held, f"{person.full_name} logged in at this station")
            for held in self.all()
            if held.session.station == station
        ]
        token = new_token()
        session = Session(
            secrets.token_hex(8), person.name, person.full_name, station, kind, person.roles, now_us,
            until_us, is_demo=person.is_demo, must_change=person.must_change or is_first_pin,
            to_change="pin" if is_first_pin and not person.must_change else "password",
        )  # fmt: skip
        held = Held(session, token_hash(token), mono_us + until_us - now_us, mono_us, is_offline, device)
        self._held[held.token] = held
        return token, session, over

    def all(self) -> list[Held]:
        """Every session there is; of one past its end `tick` has yet to tell."""
        return list(self._held.values())

    def device_at(self, station: str) -> str:
        """The device of whoever is logged in at a station, "" = nobody is, or it is not known."""
        return next((held.device for held in self.all() if held.session.station == station), "")

    def held(self, token: str) -> Held | None:
        """The session of a token, unless it is past its end."""
        found = self._held.get(token_hash(token)) if token else None
        return found if found and self._clock.mono_us() < found.until_us else None

    def of(self, token: str) -> Session | None:
        """The session of a token as it is now, None = it has none."""
        found = self.held(token)
        return found.session if found else None

    def why_ended(self, token: str) -> str:
        """Why a token has no session any more, in words; "" = it has one, or there is no token."""
        if not token or self.held(token):
            return ""
        key = token_hash(token)
        if key in self._held:
            return _end_words(self._held[key].session)
        return self._ended.get(key, "The engine was started anew, so nobody is logged in: log in again.")

    def change(self, held: Held, **fields: object) -> Session:
        """The same session with other fields."""
        held.session = msgspec.structs.replace(held.session, **fields)
        return held.session

    def touch(self, token: str) -> None:
        """A hand moved: the idle time begins again; of a locked session it does not."""
        if (held := self.held(token)) and not held.session.is_locked:
            held.touched_us = self._clock.mono_us()

    def lock(self, held: Held, why: str) -> Turn | None:
        """Take the commands away until the person shows who it is; None = they are gone already."""
        if held.session.is_locked:
            return None
        return Turn(self.change(held, is_locked=True), "locked", why)

    def unlock(self, held: Held) -> Session:
        """Give the commands back."""
        held.touched_us = self._clock.mono_us()
        return self.change(held, is_locked=False)

    def end(self, token: str, why: str) -> Turn | None:
        """End the session of a token; None = it has none."""
        held = self._held.get(token_hash(token)) if token else None
        return self._end(held, why) if held else None

    def end_of(self, name: str, why: str, but: Held | None = None) -> list[Turn]:
        """End every session of a person, ``but`` one."""
        key = key_of(name)
        mine = [held for held in self.all() if key_of(held.session.person) == key and held is not but]
        return [self._end(held, why) for held in mine]

    def tick(self) -> list[Turn]:
        """What ended or was locked by now. Call it once a second."""
        now_us, mono_us = self._clock.now_us(), self._clock.mono_us()
        turns: list[Turn] = []
        for held in self.all():
            until_us = now_us + held.until_us - mono_us
            if mono_us >= held.until_us:
                turns.append(self._end(held, _end_words(held.session)))
                continue
            if abs(until_us - held.session.until_us) > STEP_US:
                self.change(held, until_us=until_us)
            idle_us = self._idle_us(held.session)
            if idle_us and mono_us - held.touched_us >= idle_us:
                why = f"No hand moved for {idle_us / 60e6:g} min: commands are locked, the view is not."
                turns += [turn for turn in [self.lock(held, why)] if turn]
        return turns

    def _idle_us(self, session: Session) -> int:
        """The shortest idle time of the roles, 0 = none. A break-glass session has nothing to unlock with."""
        if session.kind == "break glass":
            return 0
        minutes = [self._settings.idle_min.get(role.role, 0.0) for role in session.roles]
        return round(min((each for each in minutes if each > 0), default=0.0) * 60e6)

    def _end(self, held: Held, why: str) -> Turn:
        del self._held[held.token]
        self._ended[held.token] = why
        while len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        return Turn(held.session, "ended", why)


def _end_words(session: Session) -> str:
    if session.kind == "break glass":
        return "The time of the break-glass code is over."
    return "The shift is over, and with it this session: log in again."
