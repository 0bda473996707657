"""A server's clock against ours: the offset, and whether it is too far off to order samples by. Pure."""

from __future__ import annotations

from dataclasses import dataclass

OFF_S = 5.0
"""A clock further off than this says nothing useful; the time of receipt orders the samples."""
BACK_S = 4.0
"""It counts again once it is nearer than this: at 5 s it must not change sides at every measurement."""


@dataclass(slots=True)
class ServerClock:
    """``offset_s`` = the server's clock minus ours, None before the first measurement.

    ``wrong`` = too far off: from then on the time of receipt is the source time.
    ``doubted`` = a sample's time did not fit the offset, so it should be measured again.
    """

    offset_s: float | None = None
    wrong: bool = False
    measured: int = 0
    doubted: bool = False

    @property
    def offset_us(self) -> int:
        """The offset in microseconds, 0 before the first measurement."""
        return 0 if self.offset_s is None else round(self.offset_s * 1e6)

    def take(self, server_us: int, asked_us: int, answered_us: int) -> None:
        """A measurement: the server's time, and ours when the request left and the answer came.

        Half of the round trip lies before the server's reading (D. Mills, RFC 5905, section 8, with the
        two server times equal).
        """
        self.offset_s = (server_us - (asked_us + answered_us) / 2) / 1e6
        self.wrong = abs(self.offset_s) > (BACK_S if self.wrong else OFF_S)
        self.measured += 1
        self.doubted = False


def clock_note(clock: ServerClock, where: str) -> tuple[str, str]:
    """What a person should know about the server's clock and what to do; both "" while it is right."""
    if not clock.wrong or clock.offset_s is None:
        return "", ""
    side = "ahead of" if clock.offset_s > 0 else "behind"
    return (
        f"the clock of {where} is {span(abs(clock.offset_s))} {side} ours, so the time of receipt orders its "
        "samples",
        "set the clock of the server, best by NTP; if this computer's clock is the wrong one, set that",
    )


def span(seconds: float) -> str:
    """A length of time in one unit and few digits, such that small changes do not show."""
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{seconds:.0f} s"
