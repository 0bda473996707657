"""How much of the time the engine was there to watch the plant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.types import Gap

STARTED, STOPPED = "engine_started", "engine_stopped"
DAY_US = 86_400_000_000
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Availability:
    """``share`` = part of [start_us, end_us) in which the engine ran, 0 to 1; None = nothing is known of it.

    ``start_us`` is where the record begins if that is later than what was asked for: then ``is_short``.
    ``down`` = the stretches without an engine, oldest first, ``down_us`` long together.
    """

    share: float | None
    start_us: int
    end_us: int
    is_short: bool
    down_us: int
    down: tuple[Span, ...]

    @property
    def words(self) -> str:
        """The figure in a sentence that a person can check."""
        if self.share is None:
            return "not known yet"
        over = span_words(self.end_us - self.start_us)
        if self.is_short:
            over += ", all that is on record"
        if not self.down:
            return f"100 % over {over}"
        times = "once" if len(self.down) == 1 else f"in {len(self.down)} stretches"
        return f"{percent(self.share)} over {over}, down {span_words(self.down_us)} {times}"


def downtime(events: Iterable[tuple[int, str]], gaps: Iterable[Gap]) -> tuple[list[Span], int | None]:
    """When no engine ran, and since when there is a record; None = there is none.

    ``events`` are times and names of the event journal, oldest first; ``gaps`` those of the history. A
    gap of cause "engine" lasts from the last heartbeat to the next start. Where an engine was stopped on
    purpose it was down as well, until the next one started.
    """
    found = [(gap.start_us, gap.end_us) for gap in gaps if gap.cause == "engine"]
    since = min((start for start, _ in found), default=None)
    stopped: int | None = None
    for time_us, name in events:
        since = time_us if since is None else min(since, time_us)
        if name == STARTED and stopped is not None:
            found.append((stopped, time_us))
        stopped = time_us if name == STOPPED else None if name == STARTED else stopped
    return merged(found), since


def availability(down: Sequence[Span], since_us: int | None, start_us: int, end_us: int) -> Availability:
    """The share of a span in which the engine ran, as far back as there is a record."""
    if since_us is None or since_us >= end_us or start_us >= end_us:
        return Availability(None, start_us, end_us, True, 0, ())
    begin = max(start_us, since_us)
    inside = merged((max(a, begin), min(b, end_us)) for a, b in down)
    lost = sum(b - a for a, b in inside)
    return Availability(1 - lost / (end_us - begin), begin, end_us, begin > start_us, lost, tuple(inside))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Stretches in order, those that touch made one; empty and turned round ones left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def percent(share: float) -> str:
    """A share in percent; never 100 while anything is missing, however little. Below 99 one digit says it."""
    text = f"{100 * share:.{3 if share >= 0.99 else 1}f}".rstrip("0").rstrip(".")
    return "99.999 %" if share < 1 and text == "100" else f"{text} %"


def span_words(length_us: int) -> str:
    """A length of time in the unit that a person would use: s, min, h or days."""
    seconds = length_us / 1e6
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
