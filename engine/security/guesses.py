"""The count of wrong guesses, on disk before a guess is looked at, so that a restart gives nobody more."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.security import delays
from engine.security.delays import Tries, Way
from engine.security.errors import Denied
from engine.security.passwords import token_hash
from engine.security.store import Row, tries_rows
from engine.store.database import StoreError
from engine.types import Clock

MOST_UNKNOWN = 1000
"""Names that nobody has are counted too, so that they look like others; only the last ones, in memory."""
MOST_STATIONS = 1000
"""Known stations; more than a plant has."""
MOST_DEVICES = 64
"""Devices of one person; the one not used for longest is forgotten."""
SHORTEST_DEVICE = 32
ELSEWHERE = ""
"""All devices at which a person never logged in count as one: a made-up name gives nobody another guess."""
CLOSED = {
    "password": "this password was wrong too many times in a row and opens no more where its owner never "
    "logged in: log in where you did before, with badge and PIN, or let an administrator set a new one",
    "pin": "the PIN was wrong {most} times in a row at this station: log in with the password",
}


class Guesses:
    """Wrong guesses of all logins. ``save`` puts rows on disk; ``closed`` is told of a login that closes.

    A station's name is only what a window says, so nothing is counted by it but the PIN, which is of a
    station. A password is counted by the ``device``: the hash of a secret that a window made for itself.
    Where a person logged in before, their device has a wait of its own and the last guesses to itself:
    whoever makes up stations, or says the name of a real one, closes the password for all others, never there
    (OWASP, "device cookies"). ``stations`` = those at which somebody logged in already, ``devices`` = by
    login.
    """

    def __init__(
        self,
        tries: Mapping[str, Tries],
        clock: Clock,
        save: Callable[[list[Row]], None],
        closed: Callable[[str, str], None],
        stations: Iterable[str] = (),
        devices: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._stations = dict.fromkeys(stations)
        self._devices = {login: tuple(each) for login, each in (devices or {}).items()}
        self._clock, self._save, self._closed = clock, save, closed
        mono_us = clock.mono_us()
        self._tries = {
            login: delays.after_restart(each, _way(login), mono_us) for login, each in tries.items()
        }
        self._unknown: dict[str, Tries] = {}
        self.trouble = ""
        """Why counts are not on disk, "" = they are."""

    def login(self, way: Way, key: str) -> str:
        """What the failures of a person by a way of login are counted under."""
        return f"{way}:{key}"

    def of(self, login: str) -> Tries:
        """The failures in a row."""
        return self._tries.get(login) or self._unknown.get(login) or delays.NONE

    @property
    def stations(self) -> tuple[str, ...]:
        """Stations at which somebody logged in."""
        return tuple(self._stations)

    def is_own(self, login: str, device: str) -> bool:
        """Whether a person logged in at a device before."""
        return bool(device) and device in self._devices.get(login, ())

    def _place(self, login: str, place: str) -> str:
        """Where a guess is counted: a PIN at its station, which no other has; all else at the device."""
        return place if _way(login) == "pin" or self.is_own(login, place) else ELSEWHERE

    def is_closed(self, login: str, place: str = "") -> bool:
        """Whether no guess is looked at any more, at this station (a PIN) or device (a password)."""
        return delays.is_closed(self.of(login), _way(login), self._place(login, place))

    async def charge(self, login: str, place: str, *, is_known: bool) -> None:
        """Count a guess as wrong before it is looked at; ``place`` = the station of a PIN, else the device.

        Raises:
            Denied: it is not looked at: too soon after the last, or the login is closed.
        """
        way, tries, mono_us = _way(login), self.of(login), self._clock.mono_us()
        station = self._place(login, place)
        if delays.is_closed(tries, way, station):
            raise Denied(
                f"Not logged in: {CLOSED[way].format(most=delays.MOST[way])}. Seeing needs no login."
            )
        if left := delays.left_s(tries, station, mono_us):
            wait = f"try again in {math.ceil(left)} s"
            raise Denied(f"Not logged in: after a wrong try one waits, {wait}. Seeing needs no login.")
        tries = delays.failed(tries, way, station, mono_us)
        if is_known:
            self._tries[login] = tries
            await self._keep(login)
        else:
            self._unknown.pop(login, None)
            self._unknown[login] = tries
            while len(self._unknown) > MOST_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
            # The disk is waited for as with a known name, so that the time does not tell them apart.
            await self._keep("password:", delays.NONE)

    def tell_if_closed(self, login: str, place: str, name: str) -> None:
        """After a wrong guess of a known login: tell whoever must know that it was the last one."""
        if self.is_closed(login, place):
            self._closed(_way(login), name)

    async def passed(self, login: str, place: str) -> None:
        """The guess was right. What was guessed before there was such a person is forgotten, too."""
        before = self.of(login)
        self._unknown.pop(login, None)
        self._tries[login] = delays.passed(before, self._place(login, place))
        await self._keep(login)

    async def seen(self, login: str, station: str, device: str) -> None:
        """A person logged in at a station with a password; its device is theirs from now on."""
        rows = list[Row]()
        if station not in self._stations:
            self._stations[station] = None
            while len(self._stations) > MOST_STATIONS:
                del self._stations[next(iter(self._stations))]
            rows.append(("facts", "stations", list(self._stations)))
        before = self._devices.get(login, ())
        if device and before[-1:] != (device,):
            now = (*(each for each in before if each != device), device)
            self._devices[login] = now[-MOST_DEVICES:]
            rows.append(("facts", "devices", self._devices))
        if rows:
            await self._save_rows(rows)

    async def reset(self, login: str) -> None:
        """Everything is forgiven: an administrator set a new secret, or another way opened."""
        if login in self._tries:
            self._tries[login] = delays.NONE
            await self._keep(login)

    def closed_logins(self) -> list[tuple[str, str]]:
        """(way, key) of every login of a known person that is closed somewhere."""
        found: list[tuple[str, str]] = []
        for login, tries in self._tries.items():
            way, _, key = login.partition(":")
            if any(delays.is_closed(tries, _way(login), station) for station in (ELSEWHERE, *tries.stations)):
                found.append((way, key))
        return found

    async def _keep(self, login: str, tries: Tries | None = None) -> None:
        await self._save_rows(tries_rows({login: tries or self._tries[login]}))

    async def _save_rows(self, rows: list[Row]) -> None:
        try:
            await asyncio.to_thread(self._save, rows)
            self.trouble = ""
        except StoreError as error:
            # A full disk must not keep anybody from logging in to see; the count goes on in memory.
            self.trouble = f"wrong guesses are counted in memory only: {error}"


def device_of(secret: str) -> str:
    """What a device is known by: the hash of its secret, "" where a window has none."""
    return token_hash(secret) if len(secret) >= SHORTEST_DEVICE else ""


def _way(login: str) -> Way:
    way = login.partition(":")[0]
    return "pin" if way == "pin" else "badge" if way == "badge" else "password"
