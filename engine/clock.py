"""The one source of time, injected everywhere so that tests can own it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

FIRST_US = -62_135_596_800_000_000
LAST_US = 253_402_300_799_999_999


class SystemClock:
    """The machine's clocks. ``mono_us`` is comparable between processes of one machine."""

    def now_us(self) -> int:
        """UTC microseconds since 1970."""
        return time.time_ns() // 1000

    def mono_us(self) -> int:
        """Monotonic microseconds since some fixed instant of this machine's boot."""
        return time.monotonic_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        """Wait at least ``seconds``."""
        await asyncio.sleep(seconds)


def rfc3339(time_us: int) -> str:
    """UTC microseconds as RFC 3339 text, ``2026-11-22T14:27:06.123456Z``.

    The text has years 1 to 9999; a device may claim any time, and gets the nearest of these.
    """
    in_range = min(max(time_us, FIRST_US), LAST_US)
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=in_range)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
