"""A server's clock against ours: the offset with its error, and whether it is too far off. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

OFF_S = 5.0
"""A clock further off than this says nothing useful; the time of receipt orders the samples."""
BACK_S = 4.0
"""It counts again once it is nearer than this: at 5 s it must not change sides at every measurement."""
TOLD_S, TOLD_BACK_S = 1.0, 0.8
"""From here on a person is told, and up to there it stays told; nothing is corrected."""
KEPT = 8
"""Measurements of which the best counts: that with the shortest round trip (RFC 5905, section 10)."""
DRIFT_PPM = 100.0
"""How fast an older measurement may have become wrong: crystals of controllers are good to this."""
STALE_US = 1_000_000
"""How old the time in the node CurrentTime may be: servers write it about once a second."""
EARLY_US, RENEWED_US = 50_000, 1_600_000
"""A time in the head of an answer counts if the node's time is not newer than this, and not older."""


STANDS_US = 5_000_000
"""A time that says the same after so long is told by a clock that stands still."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The server's clock minus ours at ``at_us`` by ours, true within ± ``error_us``."""

    at_us: int
    offset_us: int
    error_us: int

    def error_at(self, at_us: int) -> float:
        """The error that is left of it at another time, microseconds."""
        return self.error_us + DRIFT_PPM * abs(at_us - self.at_us) / 1e6


@dataclass(slots=True)
class ServerClock:
    """``offset_s`` = the server's clock minus ours, None before the first measurement.

    ``wrong`` = too far off: from then on the time of receipt is the source time.
    ``is_told`` = so far off that a person is told.
    ``doubted`` = a sample's time did not fit the offset, so it should be measured again.
    ``stands`` = the node CurrentTime does not move any more: it tells nothing, and no sample is judged by it.
    """

    offset_s: float | None = None
    error_s: float = 0.0
    wrong: bool = False
    is_told: bool = False
    measured: int = 0
    doubted: bool = False
    stands: bool = False
    seen: tuple[int, int] | None = None
    kept: deque[Measured] = field(default_factory=lambda: deque[Measured](maxlen=KEPT))

    @property
    def offset_us(self) -> int:
        """The offset in microseconds, 0 before the first measurement."""
        return 0 if self.offset_s is None else round(self.offset_s * 1e6)

    def take(self, server_us: int, asked_us: int, answered_us: int, blur_us: int = 0) -> None:
        """A measurement: the server's time, and ours when the request left and the answer came.

        Half of the round trip lies before the server's reading (D. Mills, RFC 5905, section 8, with the
        two server times equal), and the true offset is not further from it than that half. ``blur_us`` =
        the server's time may have been so old.
        """
        at_us = (asked_us + answered_us) // 2
        error_us = max(answered_us - asked_us, 0) // 2 + 1
        now = Measured(at_us, server_us - at_us + blur_us // 2, error_us + blur_us // 2)
        # One that does not fit any more was before somebody set a clock, the server's or ours.
        fitting = [each for each in self.kept if _fits(each, now)]
        self.kept.clear()
        self.kept.extend((*fitting, now))
        best = min(self.kept, key=lambda each: each.error_at(at_us))
        self.offset_s, self.error_s = best.offset_us / 1e6, best.error_at(at_us) / 1e6
        size_s = abs(self.offset_s)
        self.wrong = size_s > (BACK_S if self.wrong else OFF_S)
        self.is_told = self.wrong or size_s - self.error_s > (TOLD_BACK_S if self.is_told else TOLD_S)
        self.measured += 1
        self.doubted = False

    def moves(self, node_us: int, mono_us: int) -> bool:
        """Whether the time of the node goes on; else nothing counts. ``mono_us`` = now."""
        if self.seen is None or self.seen[0] != node_us:
            self.seen, self.stands = (node_us, mono_us), False
        elif mono_us - self.seen[1] >= STANDS_US:
            # What was measured by it before may be as wrong: it may have stood still all the time.
            self.kept.clear()
            self.offset_s, self.error_s, self.wrong, self.is_told = None, 0.0, False, False
            self.stands, self.doubted = True, False
            self.measured += 1
        return not self.stands


def _fits(before: Measured, now: Measured) -> bool:
    return abs(before.offset_us - now.offset_us) <= before.error_at(now.at_us) + now.error_us


def server_time(node_us: int | None, head_us: int | None) -> tuple[int, int] | None:
    """A server's time out of one answer, and how old it may have been then, microseconds; None = none.

    The head of an answer holds the time at which it was sent (OPC 10000-4, 7.33); the node CurrentTime
    may be a second old. A head that does not fit the node is none of that clock, then the node counts.
    """
    if node_us is None:
        return None
    if head_us is not None and -EARLY_US <= head_us - node_us <= RENEWED_US:
        return head_us, 0
    return node_us, STALE_US


def clock_note(clock: ServerClock, where: str) -> tuple[str, str]:
    """What a person should know about the server's clock and what to do; both "" while it is right."""
    if clock.stands:
        return (
            f"the clock of {where} stands still: its CurrentTime does not change",
            "ask who looks after the server; its samples keep the times that it gives them",
        )
    if not clock.is_told or clock.offset_s is None:
        return "", ""
    side = "ahead of" if clock.offset_s > 0 else "behind"
    ordered = (
        "so the time of receipt orders its samples"
        if clock.wrong
        else "and its samples keep the times that it gives them"
    )
    return (
        f"the clock of {where} is {span(abs(clock.offset_s))} {side} ours, {ordered}",
        "set the clock of the server, best by NTP; if this computer's clock is the wrong one, set that",
    )


def span(seconds: float) -> str:
    """A length of time in one unit and few digits, such that small changes do not show."""
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} s"
