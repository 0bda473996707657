"""For how long a write has its tag to itself. Counted by the monotonic clock alone: a clock set back or on
neither lengthens nor ends it.
"""

from __future__ import annotations

import msgspec

SELECTED_US = 15_000_000
"""A selection lasts so long (W2), counted anew with each sign of life from its dialog ..."""
LONGEST_US = 90_000_000
"""... but never longer than this after it was selected."""
SEND_US = 15_000_000
"""From the last confirmation until it is sent: longer than that and something is wrong here."""
SECOND_US = 60_000_000
"""A second person has so long (W4)."""


class Lease(msgspec.Struct, frozen=True):
    """``since`` and ``until`` on the monotonic clock, in µs; ``until`` belongs to it no more."""

    since_us: int
    until_us: int

    def is_over(self, mono_us: int) -> bool:
        """Whether it has run out."""
        return mono_us >= self.until_us


def selected(mono_us: int) -> Lease:
    """The lease of a write that is selected now."""
    return Lease(mono_us, mono_us + SELECTED_US)


def renewed(lease: Lease, mono_us: int) -> Lease:
    """The lease after its dialog had input; one that is over stays over."""
    if lease.is_over(mono_us):
        return lease
    until = min(mono_us + SELECTED_US, lease.since_us + LONGEST_US)
    return Lease(lease.since_us, max(lease.until_us, until))


def confirmed(lease: Lease, mono_us: int, waits: bool) -> Lease:
    """The lease from a confirmation on: until it is sent, or until the second person is there."""
    return Lease(lease.since_us, mono_us + (SECOND_US if waits else SEND_US))
