"""When the shift that runs now began. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hmi import formats


def shift_began_us(now_us: int, zone: str, shifts: Sequence[str]) -> int:
    """The last end of a shift by the plant's wall clock, UTC; ``shifts`` as ``06:00``. 0 = there are none."""
    now = formats.local(now_us, zone)
    began: list[int] = []
    for days in (0, 1):
        day = now.date() - timedelta(days=days)
        for shift in shifts:
            hour, _, minute = shift.partition(":")
            at = datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=now.tzinfo)
            began.append(round(at.timestamp() * 1e6))
    return max((each for each in began if each <= now_us), default=0)
