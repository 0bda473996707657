"""The gaps of the history as far as the engine told them, kept while somebody looks there. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import Gap

RECENT_US, KEPT_US, LONG_KEPT_US = 600_000_000, 5_000_000, 60_000_000
"""A span that ends so near to now is asked for again so soon; an older one more seldom."""
RETRY_US = 5_000_000


class KnownGaps:
    """One span at a time, wider than what is looked at, so that panning asks seldom."""

    def __init__(self) -> None:
        self._span, self._gaps = (0, 0), tuple[Gap, ...]()
        self._asked_us, self._is_out = 0, False
        self._wanted: tuple[int, int] | None = None

    def within(self, start_us: int, end_us: int) -> tuple[Gap, ...]:
        """What is known of a span now; the rest will be asked for."""
        self._wanted = start_us, end_us
        return tuple(each for each in self._gaps if each.start_us < end_us and each.end_us > start_us)

    def next_ask(self, now_us: int) -> tuple[int, int] | None:
        """The span to ask for now, if any; one question at a time."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or self._is_out or now_us < self._asked_us:
            return None
        start_us, end_us = wanted
        is_inside = self._span[0] <= start_us and min(end_us, now_us) <= self._span[1]
        kept_us = KEPT_US if end_us > now_us - RECENT_US else LONG_KEPT_US
        if is_inside and now_us - self._asked_us < kept_us:
            return None
        self._is_out, self._asked_us = True, now_us
        length = end_us - start_us
        return start_us - length, end_us + length

    def take(self, span: tuple[int, int], gaps: Sequence[Gap]) -> None:
        """The answer for a span."""
        # What was after now when it was asked is not known.
        self._span = span[0], min(span[1], self._asked_us + KEPT_US)
        self._gaps, self._is_out = tuple(gaps), False

    def refuse(self, now_us: int, why: str) -> None:
        """No answer will come, for a reason that is told where curves are missing for it too."""
        self._is_out, self._asked_us = False, now_us + RETRY_US
