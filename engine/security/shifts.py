"""When a session ends: with a shift, and not within the first hour of who comes early for the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLY_US = 60 * 60 * 1_000_000
"""Who logs in less than this before the end of a shift has come for the next one."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def session_end_us(now_us: int, shifts: Sequence[str], zone: str, session_h: float) -> int:
    """UTC µs at which a session that begins now ends.

    ``shifts`` = local times of the plant at which shifts end ("06:00"); without them ``session_h`` hours.
    """
    if not shifts:
        return now_us + round(session_h * 3600e6)
    local = ZoneInfo(zone or "UTC")
    today = (EPOCH + timedelta(microseconds=now_us)).astimezone(local).date()
    ends = (
        _utc_us(datetime.combine(today + timedelta(days=day), time.fromisoformat(shift), local))
        for day in range(-1, 4)
        for shift in shifts
    )
    return min(end_us for end_us in ends if end_us >= now_us + EARLY_US)


def _utc_us(instant: datetime) -> int:
    # A local time that there is twice counts the first time, one that there is not an hour later.
    return (instant.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
