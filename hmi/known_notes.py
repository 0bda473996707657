"""The notes of people on the history as far as the engine told them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import Annotation

RETRY_US = 5_000_000


class KnownNotes:
    """One span at a time, wider than what is looked at. Asked again only once a note was made or removed."""

    def __init__(self) -> None:
        self._span, self._notes = (0, 0), tuple[Annotation, ...]()
        self._wanted: tuple[int, int] | None = None
        self._asked_us, self._is_out, self._is_old = 0, False, False

    def within(self, start_us: int, end_us: int) -> tuple[Annotation, ...]:
        """What is known of a span now, oldest first; the rest will be asked for."""
        self._wanted = start_us, end_us
        return tuple(each for each in self._notes if each.start_us < end_us and each.end_us >= start_us)

    def next_ask(self, now_us: int) -> tuple[int, int] | None:
        """The span to ask for now, if any; one question at a time."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or self._is_out or now_us < self._asked_us:
            return None
        start_us, end_us = wanted
        if not self._is_old and self._span[0] <= start_us and end_us <= self._span[1]:
            return None
        self._is_out, self._is_old, self._asked_us = True, False, now_us
        length = end_us - start_us
        return start_us - length, end_us + length

    def take(self, span: tuple[int, int], notes: Sequence[Annotation]) -> None:
        """The answer for a span."""
        self._span, self._notes, self._is_out = span, tuple(notes), False

    def refuse(self, now_us: int, why: str) -> None:
        """No answer will come now."""
        self._is_out, self._is_old, self._asked_us = False, True, now_us + RETRY_US

    def renew(self) -> None:
        """A note was made or removed, or another engine answers."""
        self._is_old = True
        self._asked_us = 0
