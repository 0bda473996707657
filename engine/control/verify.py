"""Reading back what came of a write (W7): asked of the device itself, at once and then about ten times a
second, until it shows or the time is over. Reading never writes, so it may be done as often as one likes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.types import SEVERITY_MASK, Clock, Reading, ReadNow

EVERY_S = 0.1
LONGEST_READ_S = 5.0
"""A driver answers sooner by itself; a read that hangs holds up nothing else, and this one no longer."""


async def asked(read: ReadNow, tag_id: int) -> Reading:
    """A tag asked of the device; never raises, and has an answer in a few seconds."""
    try:
        async with asyncio.timeout(LONGEST_READ_S):
            return await read(tag_id)
    except TimeoutError:
        return Reading(None, why="the device did not answer")
    except Exception as error:  # a driver must not raise; what it says is told, and the value is not known
        return Reading(None, why=f"it could not be read: {error}")


def good(reading: Reading) -> float | None:
    """The value, where it is one that counts."""
    return None if reading.status & SEVERITY_MASK else reading.value


async def read_back(
    read: ReadNow, clock: Clock, tag_id: int, is_done: Callable[[float | None], bool], within_s: float
) -> tuple[bool, Reading]:
    """Whether the value showed within so many seconds, and the last answer."""
    until = clock.mono_us() + round(within_s * 1e6)
    while True:
        reading = await asked(read, tag_id)
        if is_done(good(reading)):
            return True, reading
        if clock.mono_us() >= until:
            return False, reading
        await clock.sleep(EVERY_S)
