"""The count of wrong guesses, on disk before a guess is looked at, so that a restart gives nobody more."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.security import delays
from engine.security.delays import Tries, Way
from engine.security.errors import Denied
from engine.security.store import Row, tries_rows
from engine.store.database import StoreError
from engine.types import Clock

MOST_UNKNOWN = 1000
"""Names that nobody has are counted too, so that they look like others; only the last ones, in memory."""
MOST_STATIONS = 1000
"""Known stations; more than a plant has."""
ELSEWHERE = ""
"""All stations at which nobody ever logged in count as one: a made-up name gives nobody another guess."""
CLOSED = {
    "password": "this password was wrong {most} times in a row and opens no more: log in with badge and "
    "PIN, or let an administrator set a new one",
    "pin": "the PIN was wrong {most} times in a row at this station: log in with the password",
}


class Guesses:
    """Wrong guesses of all logins. ``save`` puts rows on disk; ``closed`` is told of a login that closes.

    ``stations`` = those at which somebody logged in already; the names are what windows say.
    """

    def __init__(
        self,
        tries: Mapping[str, Tries],
        clock: Clock,
        save: Callable[[list[Row]], None],
        closed: Callable[[str, str], None],
        stations: Iterable[str] = (),
    ) -> None:
        self._stations = dict.fromkeys(stations)
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

    def _place(self, login: str, station: str) -> str:
        """Where guesses at a station are counted. A PIN is of one station, and no other has it."""
        return station if _way(login) == "pin" or station in self._stations else ELSEWHERE

    def is_closed(self, login: str, station: str = "") -> bool:
        """Whether no guess is looked at any more, at this station or (a password) at all."""
        station = self._place(login, station)
        return delays.is_closed(self.of(login), _way(login), station)

    async def charge(self, login: str, station: str, *, is_known: bool) -> None:
        """Count a guess as wrong before it is looked at.

        Raises:
            Denied: it is not looked at: too soon after the last, or the login is closed.
        """
        way, tries, mono_us = _way(login), self.of(login), self._clock.mono_us()
        station = self._place(login, station)
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

    def tell_if_closed(self, login: str, station: str, name: str) -> None:
        """After a wrong guess of a known login: tell whoever must know that it was the last one."""
        if self.is_closed(login, station):
            self._closed(_way(login), name)

    async def passed(self, login: str, station: str) -> None:
        """The guess was right. What was guessed before there was such a person is forgotten, too."""
        before = self.of(login)
        self._unknown.pop(login, None)
        self._tries[login] = delays.passed(before, self._place(login, station))
        if station not in self._stations:
            self._stations[station] = None
            while len(self._stations) > MOST_STATIONS:
                del self._stations[next(iter(self._stations))]
            await self._keep(login, rows=[("facts", "stations", list(self._stations))])
        else:
            await self._keep(login)

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
            if any(delays.is_closed(tries, _way(login), station) for station in ("", *tries.stations)):
                found.append((way, key))
        return found

    async def _keep(self, login: str, tries: Tries | None = None, rows: Sequence[Row] = ()) -> None:
        try:
            kept = tries_rows({login: tries or self._tries[login]})
            await asyncio.to_thread(self._save, [*kept, *rows])
            self.trouble = ""
        except StoreError as error:
            # A full disk must not keep anybody from logging in to see; the count goes on in memory.
            self.trouble = f"wrong guesses are counted in memory only: {error}"


def _way(login: str) -> Way:
    way = login.partition(":")[0]
    return "pin" if way == "pin" else "code" if way == "code" else "password"
