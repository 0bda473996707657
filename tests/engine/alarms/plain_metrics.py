"""The performance of the alarm system as a person would work it out, alarm by alarm."""

from __future__ import annotations

from collections import Counter

from engine.types import Letter, What

S = 1_000_000
T0 = 1_700_000_000 * S
Row = tuple[float, int, What, Letter, int]
"""Seconds from T0, alarm, what, letter, priority."""


class Plain:
    """Figures of a span from T0 to ``end`` seconds, of which the seconds ``known`` are known."""

    def __init__(self, rows: list[Row], end: int, known: set[int]) -> None:
        self.rows, self.end, self.known = rows, end, known
        called = [(s, a) for s, a, what, letter, _ in rows if _calls(what, letter) and 0 <= s < end]
        self.called = sorted(called)
        self.spells = self._spells()

    def _spells(self) -> list[tuple[int, int, int, bool, bool]]:
        """(alarm, begin, end, is_open, acknowledged) of those that began annunciated."""
        found: list[tuple[int, int, int, bool, bool]] = []
        on: dict[int, tuple[int, Letter, bool]] = {}
        for second, alarm, what, letter, _ in self.rows:
            if what == "active" and alarm not in on:
                on[alarm] = int(second), letter, False
            elif what == "acknowledged" and alarm in on:
                on[alarm] = (*on[alarm][:2], True)
            elif what in ("returned", "removed") and alarm in on:
                begin, first, is_acked = on.pop(alarm)
                if first in "BCD":
                    found.append((alarm, begin, int(second), False, is_acked))
        found += [(a, b, self.end, True, k) for a, (b, first, k) in on.items() if first in "BCD"]
        return [each for each in found if each[2] >= each[1]]

    def flood_peaks(self, floods: list[tuple[int, int]]) -> list[int]:
        """The most of its alarms in 10 minutes, for each flood (begin_us, end_us)."""
        found: list[int] = []
        for begin_us, end_us in floods:
            first, last = (begin_us - T0) / S - 600, (end_us - T0) / S
            own = [second for second, _ in self.called if first < second < last]
            found.append(max(sum(a <= b < a + 600 for b in own) for a in own))
        return found

    def figures(self) -> dict[str, float]:
        hours, seconds = len(self.known) / 3600, sorted(second for second, _ in self.called)
        busy = Counter(int(second) // 600 for second in seconds)
        rushed = {k for k, count in busy.items() if count > 10}
        standing = sum(second in self.known for _, b, e, _, _ in self.spells for second in range(b, e))
        short = {
            a for a, b, e, is_open, acked in self.spells if b >= 0 and e - b < 60 and not is_open | acked
        }
        return {
            "average in an hour": len(seconds) / hours,
            "most in 10 minutes": max((sum(a <= b < a + 600 for b in seconds) for a in seconds), default=0),
            "most in an hour": max((sum(a <= b < a + 3600 for b in seconds) for a in seconds), default=0),
            "10-minute periods above 10": 100
            * sum(second // 600 in rushed for second in self.known)
            / len(self.known),
            "standing alarms on average": standing / len(self.known),
            "fleeting alarms": len(short - self.chatter().keys()),
        }

    def chatter(self) -> dict[int, int]:
        times: dict[int, list[float]] = {}
        for second, alarm, what, letter, _ in self.rows:
            if what == "active" and letter in "BCD" and 0 <= second < self.end:
                times.setdefault(alarm, []).append(second)
        found: dict[int, set[int]] = {}
        for alarm, unordered in times.items():
            own = sorted(unordered)
            for k in range(len(own) - 2):
                if own[k + 2] - own[k] < 60:
                    found.setdefault(alarm, set()).update((k, k + 1, k + 2))
        return {alarm: len(which) for alarm, which in found.items()}

    def stale(self, seconds: int) -> set[int]:
        return {alarm for alarm, begin, end, _, _ in self.spells if end > max(begin + seconds, 0)}


def _calls(what: What, letter: Letter) -> bool:
    return (what in ("active", "realarmed") and letter in "BCD") or (what == "expired" and letter == "B")
