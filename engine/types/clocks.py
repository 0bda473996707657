"""How the clocks of devices and of this machine stand to each other."""

from __future__ import annotations

from typing import Literal

import msgspec

TimeScale = Literal["ms", "s", "min", "shift"]
"""How fast a tag lives, by its rate: > 5/s, > 0.05/s, > 1/3600 s, slower."""


class DeviceClock(msgspec.Struct, frozen=True):
    """The clock of one source against ours. ``kind`` "none" = the protocol tells no time.

    ``offset_us`` > 0 = it is ahead; true within ± ``error_us`` (half the round trip, RFC 5905). None = not
    measured yet. ``drift_ppm`` = change of the offset over the last hour. ``lag_us`` = median, and
    ``late_us`` = 99 % of receive time minus source time, both offset included. ``reordered`` = samples that
    came after younger ones of the same tag since the start. ``text`` = for a person, "" = nothing to say.
    """

    source: str
    kind: Literal["server", "samples", "none"]
    offset_us: int | None = None
    error_us: int | None = None
    drift_ppm: float | None = None
    measured_us: int | None = None
    lag_us: int | None = None
    late_us: int | None = None
    reordered: int = 0
    text: str = ""


class HostClock(msgspec.Struct, frozen=True):
    """This machine's own clock: whether it follows another (NTP, PTP), and how well it thinks it does."""

    is_synchronised: bool | None = None
    error_us: int | None = None
    text: str = ""


class ScaleClass(msgspec.Struct, frozen=True):
    """The tags of one time scale: how many, and what their samples cost."""

    scale: TimeScale
    tags: int
    samples_per_s: float
    buffer_s: float
    text: str = ""
