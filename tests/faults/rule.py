"""What every tag of the fault tests must show: its own number of millions plus a count of time.

So a value tells whose it is and of when it is, and a mix-up or a late value is always visible.
"""

from __future__ import annotations

BASE = 1_000_000
TICK_US = 100_000


def ticks(time_us: int) -> int:
    """The count of time, one every 100 ms; it starts anew after 27 hours."""
    return time_us // TICK_US % BASE


def shown(tag: int, time_us: int) -> float:
    """The value of a tag at a time."""
    return float(tag * BASE + ticks(time_us))


def age_s(tag: int, value: float, time_us: int) -> float | None:
    """How long before ``time_us`` the device showed this value for this tag; None = never for this tag."""
    count = value - tag * BASE
    if not 0 <= count < BASE or count != int(count):
        return None
    late = (ticks(time_us) - int(count)) % BASE
    return (late - BASE if late > BASE // 2 else late) * TICK_US / 1e6
