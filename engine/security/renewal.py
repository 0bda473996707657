"""A new password, PIN or badge: one's own with the present password, another person's with the right."""

from __future__ import annotations

import msgspec

from engine.security.credentials import Credentials
from engine.security.desk import LOCKED, Desk, station_of
from engine.security.errors import Denied
from engine.security.passwords import password_problem, pin_problem
from engine.security.people import Kept, differences, given, key_of, stamped
from engine.security.sessions import Held
from engine.types.control import RecordEntry
from engine.wire.people import SecretBody

LONGEST_BADGE = 256


class Renewal:
    """One loop; hashing is off it."""

    def __init__(self, desk: Desk, credentials: Credentials) -> None:
        self._desk, self._credentials = desk, credentials

    async def change(self, token: str, body: SecretBody) -> None:
        """Give somebody a new secret, or take a PIN or badge away.

        Raises:
            Denied: it may not be, or the new one is too easily guessed.
        """
        desk = self._desk
        held = desk.held(token)
        is_own = key_of(body.name) == key_of(held.session.person)
        await self._require(held, token, body, is_own=is_own)
        kept = desk.register.find(body.name)
        if kept is None:
            raise Denied(f'There is nobody called "{body.name}".')
        station = station_of(body.station or held.session.station) if body.kind == "pin" else ""
        if problem := self._problem(kept, body):
            raise Denied(f"Not changed: {problem}.")
        hashed = await self._hashed(body)
        async with desk.register.changing:
            kept = desk.register.people[key_of(body.name)]
            new = self._with(kept, body, hashed, station, is_own=is_own)
            if hashed and not is_own:
                new = given(new, held.session.person, desk.clock.now_us())
            new = stamped(kept, new, desk.clock.now_us())
            changed = differences(kept, new)
            if body.kind == "password" and hashed:
                changed["password"] = ["set" if kept.password else "none", "set anew"]
            if changed:
                entry = {"name": kept.person.name, "changed": changed}
                await desk.record.must([RecordEntry("person", held.session.person, entry)])
                await desk.register.keep([new])
        await self._after(held, new, body, is_own=is_own)

    async def _require(self, held: Held, token: str, body: SecretBody, *, is_own: bool) -> None:
        desk, session = self._desk, held.session
        if session.kind == "break glass":
            raise Denied("A session that a code opened changes nobody's secrets.")
        if not is_own:
            desk.doing(token, "people")
            return
        if session.trying:
            raise Denied(desk.standing(session))
        if session.is_locked:
            raise Denied(LOCKED)
        if body.kind == session.to_change == "pin" and session.must_change:
            if body.station not in ("", session.station):
                raise Denied("Choose the PIN of this station first.")
            await self._credentials.pin(session.person, body.old, session.station)
        else:
            await self._credentials.password(session.person, body.old, session.station, held.device)
        # Its owner may have been thrown out while the password was checked.
        desk.held(token)

    def _problem(self, kept: Kept, body: SecretBody) -> str:
        if body.kind == "password":
            if kept.person.source == "ldap":
                return "this password is the directory's: change it there"
            if body.new and body.new == body.old:
                return "the new password is the old one"
            return password_problem(body.new, (kept.person.name, kept.person.full_name, *self._desk.words))
        if body.kind == "pin":
            if body.new and body.new == body.old:
                return "the new PIN is the old one"
            return pin_problem(body.new) if body.new else ""
        if len(body.new) > LONGEST_BADGE or (body.new and len(body.new.strip()) < 4):
            return "this is no badge: hold it to the reader once more"
        return ""

    async def _hashed(self, body: SecretBody) -> str:
        if not body.new:
            return ""
        if body.kind != "badge":
            return await self._desk.hasher.make(body.new)
        return await self._desk.hasher.digest(body.new, self._desk.register.salt)

    def _with(self, kept: Kept, body: SecretBody, hashed: str, station: str, *, is_own: bool) -> Kept:
        if body.kind == "password":
            person = msgspec.structs.replace(kept.person, must_change=not is_own)
            return msgspec.structs.replace(kept, person=person, password=hashed)
        if body.kind == "badge":
            holders = (each for each in self._desk.register.people.values() if each.badge == hashed)
            other = next((each for each in holders if hashed and each.person.name != kept.person.name), None)
            if other:
                raise Denied(
                    f"Not changed: {other.person.full_name} has this badge; take it away there first."
                )
            return msgspec.structs.replace(kept, badge=hashed)
        pins = {each: pin for each, pin in kept.pins.items() if each != station}
        first = [each for each in kept.first_pins if each != station]
        if hashed:
            pins[station] = hashed
            first += [] if is_own else [station]
        return msgspec.structs.replace(kept, pins=pins, first_pins=tuple(first))

    async def _after(self, held: Held, new: Kept, body: SecretBody, *, is_own: bool) -> None:
        desk, key = self._desk, key_of(new.person.name)
        if body.kind != "badge":
            await desk.guesses.reset(desk.guesses.login("pin", key))
        if body.kind == "password":
            await desk.guesses.reset(desk.guesses.login("password", key))
        renewed = [new.person.name] if body.kind == "password" else []
        desk.follow([new], renewed, held.session.full_name, held if is_own else None)
