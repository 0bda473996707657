"""The framing line's own project with values from its model: what the pictures of a tour show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from engine import paths
from engine.app.project import load
from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.plant import Model
from engine.testing.demo_plant.plants import plant_named
from engine.types import Alarm, Curve, Flood, Kpi, Limit, Project, Service, Shelf, Snapshot, Status
from hmi.alarm_book import AlarmBook
from hmi.alarms import worst_first
from tests.hmi.booked import book as book_of
from tests.hmi.plant import NOW_US, PlantFeed

AT_S = 1200.0
"""Model time of the pictures: the line is full and warm."""
GROWN = 0.95
STALE_S = 184.0
SPAN_S = 600


@lru_cache(maxsize=1)
def project() -> Project:
    """The project as the engine tells it: numbered, and completed by what the devices say."""
    found = load(paths.resources() / "demo" / "framing")
    points = {point.path: point for point in model().points}
    tags = tuple(
        msgspec.structs.replace(
            tag,
            tag_id=number,
            type="bool" if points[tag.path].spec.wire == "bool" else tag.type or "float64",
            unit=tag.unit or points[tag.path].spec.unit,
            low=points[tag.path].spec.low if tag.low is None else tag.low,
            high=points[tag.path].spec.high if tag.high is None else tag.high,
            states=tag.states or dict(enumerate(points[tag.path].spec.states)),
        )
        for number, tag in enumerate(found.tags)
    )
    return msgspec.structs.replace(found, tags=tags)


@lru_cache(maxsize=1)
def model() -> Model:
    """The model behind the line."""
    return Model(plant_named("framing"))


@lru_cache(maxsize=2)
def history(in_trouble: bool) -> np.ndarray:
    """float64[seconds, tags] up to the moment of the pictures, in live order."""
    plant = plant_named("framing")
    faults = tuple(Fault(name, 0.0, grow, GROWN) for name, grow in plant.faults.items()) if in_trouble else ()
    values = model().values(Conditions(1, faults), AT_S + np.arange(1 - SPAN_S, 1, dtype=np.float64))
    column = {point.path: point.column for point in model().points}
    return values[:, [column[tag.path] for tag in project().tags]]


def alarms(in_trouble: bool) -> tuple[Alarm, ...]:
    """Every limit that the last values are beyond."""
    last = dict(zip((tag.path for tag in project().tags), history(in_trouble)[-1].tolist(), strict=True))
    return worst_first(
        Alarm(
            limit.path,
            limit.kind,
            limit.priority,
            True,
            NOW_US - 90_000_000 - number * 7_000_000,
            NOW_US - 90_000_000 - number * 7_000_000,
            last[limit.path],
            limit.limit,
            limit.message,
            limit.cause,
            limit.response,
            id=number,
            consequence=limit.consequence,
            respond_s=limit.respond_s,
            alarm_class=limit.alarm_class,
        )
        for number, limit in enumerate(project().limits, start=1)
        if limit.priority and is_beyond(limit, last[limit.path])
    )


def book(state: str) -> AlarmBook:
    """The alarms with what people made of them: in trouble some are acknowledged, returned or set aside."""
    found = list(alarms(state == "alarm"))
    if state != "alarm":
        return book_of(*found)
    minute_us = 60_000_000
    changed: tuple[dict[str, Any], ...] = (
        {"letter": "C", "acked": True, "acked_us": NOW_US - minute_us, "acked_by": "Vera Lind"},
        {"letter": "D", "active": False, "changed_us": NOW_US - minute_us},
        {
            "letter": "E",
            "shelf": Shelf(NOW_US - 9 * minute_us, NOW_US + 51 * minute_us, "Vera Lind", "sensor wet"),
        },
        {"letter": "G", "service": Service(NOW_US - 200 * minute_us, "Tom Arndt", "permit 4411")},
        {"letter": "F", "suppressed": "the line stands"},
    )
    quiet = sorted(found, key=lambda each: -each.priority)[: len(changed)]
    for each, what in zip(quiet, changed, strict=False):
        found[found.index(each)] = msgspec.structs.replace(each, **what)
    listed = [each for each in found if each.letter == "B"]
    if len(listed) > 3:
        first = listed[0]
        for each in listed[2:4]:
            found[found.index(each)] = msgspec.structs.replace(each, cause_id=first.id)
        found[found.index(first)] = msgspec.structs.replace(first, is_first=True)
    return book_of(*found, flood=Flood(NOW_US - 4 * minute_us, 14, listed[0].id if listed else 0))


def is_beyond(limit: Limit, value: float) -> bool:
    """Whether a value lies beyond a limit, without deadband and delays; no kind that needs more."""
    if limit.kind in ("on", "off"):
        agrees = bool(value) if limit.limit is None else value == limit.limit
        return agrees is (limit.kind == "on")
    if limit.kind not in ("ll", "l", "h", "hh", "trip"):
        return False
    assert limit.limit is not None
    return value < limit.limit if limit.kind in ("l", "ll") else value > limit.limit


def snapshot(state: str) -> Snapshot:
    """All 2,800 values: "normal", in "alarm", or "stale" (everything last heard of three minutes ago)."""
    values = history(state == "alarm")[-1]
    count, is_stale = values.size, state == "stale"
    worst = np.zeros(count, np.uint8)
    place = {tag.path: at for at, tag in enumerate(project().tags)}
    for alarm in reversed(alarms(state == "alarm")):
        worst[place[alarm.path]] = alarm.priority
    return Snapshot(
        value=values.copy(),
        status=np.full(count, Status.STALE if is_stale else 0, np.uint32),
        source_time_us=np.full(count, NOW_US - 300_000, np.int64),
        receive_time_us=np.full(count, NOW_US - 250_000, np.int64),
        age_s=np.full(count, STALE_S if is_stale else 0.2),
        stale=np.full(count, is_stale),
        version=np.full(count, {"normal": 2, "alarm": 4, "stale": 6}[state], np.uint64),
        torn=0,
        alarm=worst,
    )


def kpis(state: str) -> tuple[Kpi, ...]:
    """The figures of the line, as an engine that has run for an hour tells them."""
    status = int(Status.STALE) if state == "stale" else 0
    figures = ((78.4, "S50 stops 14 min"), (51.2, "S50 slow cycle"), (4.82, "compressed air +0.22"))
    return tuple(
        Kpi(
            rule.id,
            rule.title,
            rule.unit or {"oee": "%", "throughput": "/h", "energy": "kWh"}[rule.kind],
            rule.decimals,
            value,
            status,
            rule.target,
            reason,
            NOW_US - 3_600_000_000,
            STALE_S if status else 0.4,
        )
        for rule, (value, reason) in zip(project().kpis, figures, strict=True)
    )


class LineFeed(PlantFeed):
    """Curves of the last ten minutes from the model."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """System asks for the page of a source and for scores; they stay without an answer here."""
        assert name in ("source", "scores")

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        values = history(self.state == "alarm")[:, index]
        time_us = NOW_US - np.arange(SPAN_S - 1, -1, -1, dtype=np.int64) * 1_000_000
        inside = (time_us >= start_us) & (time_us <= end_us)
        made = Curve(time_us, values, values, np.zeros(SPAN_S, np.bool_))
        return replace(
            made,
            time_us=time_us[inside],
            low=values[inside],
            high=values[inside],
            uncertain=made.uncertain[inside],
        )
