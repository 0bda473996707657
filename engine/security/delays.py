"""How long whoever guessed wrong must wait, and when a way of login is closed. Pure.

A count is kept per login (a person and a way of logging in): the wait per place (a station, or a device at
which the person logged in before), the end over all (NIST SP 800-63B 5.2.2: at most 100 consecutive
failures). Nothing here ever touches seeing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Way = Literal["password", "pin", "badge"]
"""Ways of guessing: a password (also the directory's), the PIN of a station, a badge that nobody has. A
break-glass code has 100 random bits: no guess hits it, and whoever needs it does not wait."""
LONGEST_S = {"password": 300.0, "pin": 300.0, "badge": 8.0}
MOST = {"password": 100, "pin": 5}
"""Failures in a row after which a login is closed; a PIN counts for each station on its own."""
KEPT_BACK = 10
"""Of those of a password, the last ones are for devices at which its person logged in before."""


class Tries(msgspec.Struct, frozen=True):
    """Failures in a row. ``stations`` = those at each place, ``until_us`` = when, by the monotonic clock,
    the next try there is looked at; ``total`` = over all places since the last success anywhere.
    """

    total: int = 0
    stations: Mapping[str, int] = {}
    until_us: Mapping[str, int] = {}


NONE = Tries()


def wait_s(failures: int, way: Way) -> float:
    """Seconds between the last of so many failures and the next try: 1, 2, 4 … 300."""
    return min(2.0 ** min(failures - 1, 20), LONGEST_S[way]) if failures else 0.0


def is_closed(tries: Tries, way: Way, station: str) -> bool:
    """Whether no guess is looked at any more."""
    if way not in MOST:
        return False
    if way == "pin":
        return tries.stations.get(station, 0) >= MOST[way]
    return tries.total >= MOST[way] - (0 if station else KEPT_BACK)


def left_s(tries: Tries, station: str, mono_us: int) -> float:
    """Seconds until a try at this station is looked at, 0 = now."""
    return max(0.0, (tries.until_us.get(station, 0) - mono_us) / 1e6)


def failed(tries: Tries, way: Way, station: str, mono_us: int) -> Tries:
    """After one more failure."""
    count = tries.stations.get(station, 0) + 1
    until_us = mono_us + round(wait_s(count, way) * 1e6)
    stations, waits = {**tries.stations, station: count}, {**tries.until_us, station: until_us}
    return Tries(tries.total + 1, stations, waits)


def passed(tries: Tries, station: str) -> Tries:
    """After a success at a station: the count over all begins again, other stations keep their wait."""
    return Tries(
        0,
        {each: count for each, count in tries.stations.items() if each != station},
        {each: until_us for each, until_us in tries.until_us.items() if each != station},
    )


def opened_otherwise(tries: Tries, station: str) -> Tries:
    """After another way of login succeeded at a station: this one may be tried there again."""
    return passed(tries, station)


def after_restart(tries: Tries, way: Way, mono_us: int) -> Tries:
    """The monotonic clock is another one now: every wait begins anew, none becomes shorter."""
    until_us = {
        station: mono_us + round(wait_s(count, way) * 1e6) for station, count in tries.stations.items()
    }
    return Tries(tries.total, tries.stations, until_us)
