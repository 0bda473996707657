"""Showing who one is: a password (here or of the directory), a PIN of a station, a badge with its PIN.

A guess is counted before it is looked at. Whoever fails is told the same, whether or not the name is known.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from engine.security.delays import Way
from engine.security.directory import (
    Directory,
    DirectoryPerson,
    offline_refusal,
    offline_roles,
)
from engine.security.errors import Denied, DirectoryAbsent
from engine.security.guesses import Guesses
from engine.security.passwords import Hasher
from engine.security.people import Kept, differences, key_of, name_problem, stamped
from engine.security.record import Record
from engine.security.refusals import Refusals
from engine.security.register import Register
from engine.types import Clock
from engine.types.control import RecordEntry
from engine.types.people import LoginKind, Person

WRONG = "Not logged in: {what} do not fit. Check both, also the capital letters."
FIT = {"password": "name and password", "pin": "name and PIN", "badge": "badge and PIN"}
DISABLED = "Not logged in: {name} is disabled; an administrator can change that."
DAY_US = 86_400 * 1_000_000
LONGEST = 1024
MOST_AT_WORK = 10
"""Secrets that wait to be looked at, one after the other; more would keep those who come later waiting."""
KEPT_FREE = 3
"""Of these, for people at a device or with a PIN of their own: strangers do not crowd them out."""
CROWDED = "Not logged in: too many log in at this moment; try again in a few seconds. Seeing needs no login."


class Shown(msgspec.Struct, frozen=True):
    """Who showed who they are. ``person`` has the roles that count now; ``warning`` = what is unusual."""

    person: Person
    kind: LoginKind
    is_offline: bool = False
    warning: str = ""


class Credentials:
    """Checks of secrets against the register and the directory. One loop; hashing is off it.

    Overload: refuse, before a guess is counted.
    """

    def __init__(
        self,
        register: Register,
        hasher: Hasher,
        guesses: Guesses,
        record: Record,
        refusals: Refusals,
        clock: Clock,
        directory: Directory | None = None,
        offline_days: float = 7.0,
    ) -> None:
        self._register, self._hasher, self._guesses = register, hasher, guesses
        self._record, self._refusals, self._clock = record, refusals, clock
        self._directory, self._offline_days = directory, offline_days
        self._at_work = 0

    @contextmanager
    def _turn(self, *, is_own: bool) -> Generator[None]:
        if self._at_work >= MOST_AT_WORK - (0 if is_own else KEPT_FREE):
            raise Denied(CROWDED)
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def password(self, name: str, secret: str, station: str, device: str = "") -> Shown:
        """Who this is by password; ``device`` as in `Guesses`.

        Raises:
            Denied: it is not looked at, does not fit, or the person is disabled.
        """
        _require_typed(name, secret)
        login = self._guesses.login("password", key_of(name))
        with self._turn(is_own=self._guesses.is_own(login, device)):
            return await self._by_password(login, name, secret, (station, device))

    async def _by_password(self, login: str, name: str, secret: str, at: tuple[str, str]) -> Shown:
        key, (station, device) = key_of(name), at
        kept = self._register.people.get(key)
        await self._guesses.charge(login, device, is_known=kept is not None)
        shown: Shown | None
        if self._directory and (kept is None or kept.person.source == "ldap"):
            shown = await self._of_directory(self._directory, name, secret)
        else:
            shown = await self._of_here(key, secret)
        kept = self._register.people.get(key)
        if shown is None:
            raise self._wrong("password", login, at, kept)
        if shown.person.is_disabled:
            raise self._refused(kept, station, "disabled", DISABLED.format(name=shown.person.name))
        await self._guesses.passed(login, device)
        await self._guesses.seen(login, station, device)
        await self._forgive_pin(key, station)
        return shown

    async def pin(self, name: str, secret: str, station: str) -> Shown:
        """Who this is by the PIN of a station.

        Raises:
            Denied: as `password`; after five wrong ones only the password is looked at.
        """
        _require_typed(name, secret)
        kept = self._register.find(name)
        with self._turn(is_own=bool(_pin_hash(kept, station))):
            return await self._by_pin(kept, key_of(name), secret, station, "pin")

    async def badge(self, badge: str, pin: str, station: str) -> Shown:
        """Who this is by a badge and the PIN of a station.

        Raises:
            Denied: as `pin`.
        """
        _require_typed(badge, pin)
        with self._turn(is_own=False):
            return await self._by_badge(badge, pin, station)

    async def _by_badge(self, badge: str, pin: str, station: str) -> Shown:
        digest = await self._hasher.digest(badge, self._register.salt)
        owner = next((kept for kept in self._register.people.values() if kept.badge == digest), None)
        if owner is None:
            # All badges that nobody has are one, so that none is told from another by its wait.
            login = self._guesses.login("badge", "?")
            await self._guesses.charge(login, "", is_known=False)
            await self._hasher.fits(pin, "")
            raise self._wrong("badge", login, (station, ""), None)
        return await self._by_pin(owner, key_of(owner.person.name), pin, station, "badge")

    async def _by_pin(self, kept: Kept | None, key: str, pin: str, station: str, kind: LoginKind) -> Shown:
        login = self._guesses.login("pin", key)
        if not _pin_hash(kept, station):
            # No guess fits here. All such stations are one: their names are only what a window says, and
            # those that it makes up would be counted for ever.
            login = self._guesses.login("pin", f"?{key}")
            await self._guesses.charge(login, "", is_known=False)
            await self._hasher.fits(pin, "")
            raise self._wrong("badge" if kind == "badge" else "pin", login, (station, ""), kept)
        await self._guesses.charge(login, station, is_known=True)
        fits = await self._hasher.fits(pin, _pin_hash(kept, station))
        # What was taken away or disabled while the hash was made counts no more.
        now = self._register.people.get(key)
        if not fits or now is None or _pin_hash(now, station) != _pin_hash(kept, station):
            raise self._wrong("badge" if kind == "badge" else "pin", login, (station, station), kept)
        if now.person.is_disabled:
            raise self._refused(now, station, "disabled", DISABLED.format(name=now.person.name))
        person, is_offline = now.person, now.person.source == "ldap"
        if is_offline and (why := offline_refusal(now.good_us, self._clock.now_us(), self._offline_days)):
            # A PIN asks no directory: it opens only as long as the password would without one.
            raise self._refused(now, station, why, f"Not logged in: {why}. Log in with the password.")
        await self._guesses.passed(login, station)
        by_password = self._guesses.login("password", key)
        if self._guesses.is_closed(by_password):
            await self._guesses.reset(by_password)
        if is_offline:
            person = msgspec.structs.replace(person, roles=offline_roles(person.roles))
        return Shown(person, kind, is_offline)

    async def _of_here(self, key: str, secret: str) -> Shown | None:
        kept = self._register.people.get(key)
        fits = await self._hasher.fits(secret, kept.password if kept else "")
        now = self._register.people.get(key)
        if not fits or kept is None or now is None or now.password != kept.password:
            return None
        if self._hasher.is_old(now.password):
            await self._rehash(key, now.password, await self._hasher.make(secret))
        return Shown(now.person, "password")

    async def _rehash(self, key: str, old: str, new: str) -> None:
        """The same password at today's cost; a disk that refuses keeps nobody out."""
        async with self._register.changing:
            kept = self._register.people[key]
            if kept.password == old:
                try:
                    await self._register.keep([msgspec.structs.replace(kept, password=new)])
                except Denied:
                    return

    async def _of_directory(self, directory: Directory, name: str, secret: str) -> Shown | None:
        try:
            found = await directory.check(name.strip(), secret)
        except DirectoryAbsent as absent:
            return await self._offline(key_of(name), secret, str(absent))
        if found is None or found.is_disabled:
            await self._forget(key_of(name), secret, is_known=found is not None)
            if found is None:
                return None
            return Shown(Person(found.name, found.full_name, is_disabled=True, source="ldap"), "ldap")
        return Shown(await self._taken(name, found, secret), "ldap")

    async def _offline(self, key: str, secret: str, absent: str) -> Shown | None:
        """By the last password that the directory took, for a while, with the roles of then."""
        kept = self._register.people.get(key)
        fits = await self._hasher.fits(secret, kept.password if kept else "")
        now_us = self._clock.now_us()
        if not fits or kept is None:
            return None
        if why := offline_refusal(kept.good_us, now_us, self._offline_days):
            raise self._refused(kept, "", why, f"Not logged in: {why} ({absent}).")
        days = max(0, now_us - kept.good_us) / DAY_US
        left = self._offline_days - days
        warning = (
            f"The directory does not answer ({absent}). Your rights are those of {days:.1f} days ago, "
            f"without an administrator's; without it you can log in for {left:.1f} days more."
        )
        person = msgspec.structs.replace(kept.person, roles=offline_roles(kept.person.roles))
        return Shown(person, "ldap", is_offline=True, warning=warning)

    async def _forget(self, key: str, secret: str, *, is_known: bool) -> None:
        """What the directory took once and refuses now does not open without it either."""
        kept = self._register.people.get(key)
        if kept is None or kept.person.source != "ldap" or not kept.password:
            return
        if is_known or await self._hasher.fits(secret, kept.password):
            async with self._register.changing:
                kept = self._register.people[key]
                await self._register.keep([msgspec.structs.replace(kept, password="", good_us=0)])

    async def _taken(self, typed: str, found: DirectoryPerson, secret: str) -> Person:
        """Somebody of the directory as they are kept from now on: its roles, its name, the hash."""
        key = key_of(typed)
        if key_of(found.name) != key or name_problem(found.name):
            raise Denied(f"Not logged in: the directory knows you as another name; log in as {found.name}.")
        password = await self._hasher.make(secret)
        async with self._register.changing:
            old = self._register.people.get(key)
            if old and old.person.source == "local":
                raise Denied("Not logged in: a local account of this name was just made; use its password.")
            now_us = self._clock.now_us()
            fresh = old or Kept(Person(found.name, found.full_name, source="ldap"))
            person = msgspec.structs.replace(
                fresh.person, full_name=found.full_name or found.name, roles=tuple(sorted(found.roles))
            )
            new = msgspec.structs.replace(fresh, person=person)
            changed = differences(old, new)
            new = stamped(old, new, now_us)
            if changed:
                body = {"name": found.name, "changed": changed, "by": "the directory"}
                self._record.owe(RecordEntry("person", found.name, body))
            await self._register.keep([msgspec.structs.replace(new, password=password, good_us=now_us)])
        return new.person

    async def _forgive_pin(self, key: str, station: str) -> None:
        login = self._guesses.login("pin", key)
        if self._guesses.of(login).stations.get(station):
            await self._guesses.passed(login, station)

    def _wrong(self, way: Way, login: str, at: tuple[str, str], kept: Kept | None) -> Denied:
        """What to raise after a wrong guess; it is owed to the ledger. ``at`` = station and place."""
        station, place = at
        if kept:
            self._guesses.tell_if_closed(login, place, kept.person.name)
        return self._refused(kept, station, f"wrong {FIT[way]}", WRONG.format(what=FIT[way]))

    def _refused(self, kept: Kept | None, station: str, why: str, sentence: str) -> Denied:
        # A name that nobody has may be a password in the wrong field: it is not put on record.
        name = kept.person.name if kept else "unknown"
        self._refusals.refused(name, station, why)
        return Denied(sentence)


def _require_typed(name: str, secret: str) -> None:
    if not name.strip() or not secret or max(len(name), len(secret)) > LONGEST:
        raise Denied("Not logged in: show both, who you are and the password or PIN.")


def _pin_hash(kept: Kept | None, station: str) -> str:
    """The PIN that counts at a station; a demo person's counts everywhere."""
    if kept is None:
        return ""
    return kept.pins.get(station) or (kept.pins.get("", "") if kept.person.is_demo else "")
