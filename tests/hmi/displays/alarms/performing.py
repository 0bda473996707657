"""Answers to ``alarm_metrics``, made by the engine's own sums, and an engine that tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from engine.alarms.metrics import Name, metrics
from engine.alarms.spells import LETTERS, WHATS, Record
from engine.types import AlarmMetrics, AlarmSettings, Plant, Project
from hmi.displays.alarms.performance.state import Figures
from hmi.model import build
from tests.hmi.plant import NOW_US, PlantFeed, tag

MIN, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
ZONE = "Europe/Berlin"
TAGS = tuple(
    tag(f"Body shop/{unit}/Press/{name}")
    for unit in ("S10", "S50")
    for name in ("Pressure", "Oil temperature", "Vibration")
) + (tag("Utilities/Air/Header pressure"),)
MODEL = build(Project("", Plant(name="Framing line 3", timezone=ZONE), (), TAGS))
Event = tuple[int, int, int]
"""When it came, UTC microseconds; which tag, by its place from 1 on; how long it stood, microseconds."""


def name_of(alarm: int) -> Name:
    path = TAGS[alarm - 1].path if alarm <= len(TAGS) else f"Body shop/S50/Extra/Tag {alarm}"
    return Name(path, "h", "", "Hydraulic pressure low" if alarm == 1 else "")


def answer(
    span: tuple[int, int], events: list[Event], known: list[tuple[int, int]] | None = None
) -> AlarmMetrics:
    """The figures of a span; ``known`` = when the engine ran, None = all the time."""
    rows: list[tuple[int, int, str, str]] = []
    for at_us, alarm, length_us in events:
        rows.append((at_us, alarm, "active", "B"))
        if at_us + length_us < span[1]:
            rows.append((at_us + length_us, alarm, "returned", "D"))
    rows.sort()
    record = Record(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int32),
        np.array([WHATS.index(row[2]) for row in rows], np.uint8),
        np.array([1 + row[1] % 4 for row in rows], np.uint8),
        np.array([LETTERS.index(row[3]) for row in rows], np.uint8),
        np.ones(len(rows), np.bool_),
    )
    spans = np.array([span] if known is None else known, np.int64).reshape(-1, 2)
    return metrics(record, spans, *span, AlarmSettings(), name_of)


def busy(span: tuple[int, int]) -> list[Event]:
    """An alarm an hour, two days before the end 25 more, one that chatters, one that stands 2 days."""
    start_us, end_us = span
    events = [(at, 2 + k % 6, 5 * MIN) for k, at in enumerate(range(start_us, end_us, HOUR))]
    flood_us = end_us - 2 * DAY if end_us - start_us > 3 * DAY else start_us + 2 * HOUR
    events += [(flood_us + 20_000_000 * k, 8 + k, 3 * MIN) for k in range(25)]
    events += [(end_us - 5 * HOUR + 10_000_000 * k, 1, 5_000_000) for k in range(4)]
    if end_us - start_us > 6 * DAY:
        events.append((end_us - 5 * DAY, 40, 2 * DAY))
    return events


def figures(
    days: float = 31, known: list[tuple[int, int]] | None = None, events: list[Event] | None = None
) -> Figures:
    """Figures of the last days up to `NOW_US`."""
    span = NOW_US - round(days * DAY), NOW_US
    found = answer(span, busy(span) if events is None else events, known)
    return Figures(found, "", NOW_US, ZONE, "en")


Answered = Callable[[Any], None]
Refused = Callable[[str], None]


class Engine(PlantFeed):
    """Answers at once, or, ``waits``, when it is told to; ``began_us`` = since when it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_of: list[dict[str, Any]] = []
        self.waiting: list[tuple[dict[str, Any], Answered, Refused]] = []
        self.waits = False
        self.refusal = ""
        self.began_us = NOW_US - 200 * DAY

    def submit(self, name: str, body: dict[str, Any], on_done: Answered, on_error: Refused) -> None:
        """Take the question."""
        assert name == "alarm_metrics"
        self.asked_of.append(body)
        self.waiting.append((body, on_done, on_error))
        if not self.waits:
            self.tell(-1)

    def tell(self, place: int = 0) -> None:
        """Answer the oldest question, or another, as it comes over the wire."""
        body, on_done, on_error = self.waiting.pop(place)
        if self.refusal:
            on_error(self.refusal)
            return
        span = body["start_us"], body["end_us"]
        events = [each for each in busy(span) if not body["under"] or each[1] <= 3]
        known = [(max(span[0], self.began_us), span[1])] if self.began_us < span[1] else []
        on_done(msgspec.msgpack.decode(msgspec.msgpack.encode(answer(span, events, known))))
