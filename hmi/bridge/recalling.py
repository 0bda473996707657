"""Asking the engine for what the trends on show miss of the stored past, and bringing its answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import msgspec

from engine.client import (
    AlarmJournalAnswer,
    AlarmJournalBody,
    AnnotationsAnswer,
    CurvesAnswer,
    CurvesBody,
    GapsAnswer,
    SpanBody,
    WireError,
    from_array,
)
from engine.typed import unpack
from engine.types import Curve
from hmi.known_alarms import MOST_CHANGES, PLANT, AlarmAsk
from hmi.past import Ask
from hmi.recall import Recall

log = logging.getLogger("watchroom.bridge")
Asking = Callable[[str, object, Callable[[bytes], None], Callable[[str], None]], None]


class Recalling:
    """Between a `Recall` and the engine. ``ask`` sends a request of the bridge."""

    def __init__(self, past: Recall, ask: Asking, now_us: Callable[[], int]) -> None:
        self._past, self._ask, self._now_us = past, ask, now_us

    def tick(self, is_live: bool) -> None:
        """Once a frame."""
        past, now_us = self._past, self._now_us()
        past.is_reached, past.now_us = is_live, now_us
        if not is_live:
            return
        while (ask := past.past.next_ask(now_us)) is not None:
            body = CurvesBody(ask.tags, ask.start_us, ask.end_us, ask.pixels)
            self._ask("curves", body, partial(self._take_curves, ask), partial(self._no_curves, ask))
        span = past.known_gaps.next_ask(now_us)
        if span is not None:
            no_gaps = partial(past.known_gaps.refuse, now_us)
            self._ask("gaps", SpanBody(*span), partial(self._take_gaps, span), no_gaps)
        span = past.known_notes.next_ask(now_us)
        if span is not None:
            no_notes = partial(past.known_notes.refuse, now_us)
            self._ask("annotations", SpanBody(*span), partial(self._take_notes, span), no_notes)
        while (asked := past.known_alarms.next_ask(now_us)) is not None:
            no_changes = partial(past.known_alarms.refuse, asked, now_us)
            is_all = asked.path == PLANT
            wanted = AlarmJournalBody(
                asked.start_us,
                asked.end_us,
                most=MOST_CHANGES,
                under=asked.path,
                whats=("active",) if is_all else (),
                standing=not is_all,
            )
            self._ask("alarm_journal", wanted, partial(self._take_changes, asked), no_changes)

    def _take_curves(self, ask: Ask, content: bytes) -> None:
        try:
            answer = unpack(content, CurvesAnswer)
            arrays = ((each.time_us, each.low, each.high, each.uncertain) for each in answer.curves)
            self._past.past.take(ask, [Curve(*map(from_array, each)) for each in arrays], answer.stored_us)
        except (msgspec.MsgspecError, WireError, ValueError) as unreadable:
            self._no_curves(ask, f"the history that came cannot be read: {unreadable}")

    def _no_curves(self, ask: Ask, why: str) -> None:
        log.warning("%s", why)
        self._past.past.refuse(ask, why, self._now_us())

    def _take_gaps(self, span: tuple[int, int], content: bytes) -> None:
        self._past.known_gaps.take(span, unpack(content, GapsAnswer).gaps)

    def _take_notes(self, span: tuple[int, int], content: bytes) -> None:
        answer = unpack(content, AnnotationsAnswer)
        self._past.known_notes.take(span, answer.annotations)

    def _take_changes(self, asked: AlarmAsk, content: bytes) -> None:
        answer = unpack(content, AlarmJournalAnswer)
        self._past.known_alarms.take(asked, answer.changes, answer.standing, self._now_us())
