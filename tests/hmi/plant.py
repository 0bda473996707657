"""A small made-up plant for the tests of the window: tags, snapshots, curves, a feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.types import Curve, Plant, Project, Snapshot, SourceStatus, Status, Tag
from hmi.recall import Recall
from hmi.replay import Past

NOW_US = 1_795_353_226_000_000
"""Sun 22 Nov 2026, 13:13:46 UTC."""
PLANT = Plant(name="Framing line 3", timezone="Europe/Berlin")
STALE, BAD, UNCERTAIN = int(Status.STALE), int(Status.SENSOR_FAILURE), 0x40930000
NEVER = int(Status.WAITING_FOR_INITIAL_DATA)


def tag(path: str, unit: str = "bar", low: float | None = 0, high: float | None = 250, **more: Any) -> Tag:
    """A tag of one line of tags.csv."""
    return Tag(
        tag_id=1,
        path=path,
        source="press",
        address="holding:100:float32",
        unit=unit,
        low=low,
        high=high,
        **more,
    )


TAGS = (
    tag("Body shop/S50/Press/Pressure", criticality="critical"),
    tag("Body shop/S50/Press/Oil temperature", "°C", 0, 90),
    tag("Utilities/Air/Header pressure", "bar", 0, 10),
    tag("Body shop/S50/Press/Pump running", "", None, None, type="bool"),
)
PROJECT = Project("", PLANT, (), TAGS)
VALUES = (218.64, 46.25, 6.12, 1.0)


def snapshot(
    values: tuple[float, ...] = VALUES,
    status: dict[int, int] | None = None,
    age_s: float = 0.2,
    version: int = 1,
    text: dict[int, str] | None = None,
) -> Snapshot:
    """All tags good and fresh, but for those in ``status``; stale ones are three minutes old."""
    n = len(values)
    made = Snapshot(
        value=np.array(values, np.float64),
        status=np.zeros(n, np.uint32),
        source_time_us=np.full(n, NOW_US - 300_000, np.int64),
        receive_time_us=np.full(n, NOW_US - 250_000, np.int64),
        age_s=np.full(n, age_s),
        stale=np.zeros(n, np.bool_),
        version=np.full(n, version, np.uint64),
        torn=0,
        text=text or {},
    )
    for index, code in (status or {}).items():
        made.status[index] = code
        made.stale[index] = code == STALE
        made.age_s[index] = 185.0 if code == STALE else np.nan if code == NEVER else age_s
        made.value[index] = np.nan if code == NEVER else made.value[index]
    return made


def curve(
    times_s: list[float], low: list[float], high: list[float] | None = None, uncertain: tuple[int, ...] = ()
) -> Curve:
    """A curve with times in seconds from `NOW_US`; the positions in ``uncertain`` are not plainly good."""
    flags = np.zeros(len(times_s), np.bool_)
    flags[list(uncertain)] = True
    times = np.array([NOW_US + round(each * 1e6) for each in times_s], np.int64)
    return Curve(times, np.array(low, np.float64), np.array(high or low, np.float64), flags)


def source(name: str = "press", state: Any = "connected", **more: Any) -> SourceStatus:
    """A source as the engine reports it."""
    facts: dict[str, Any] = {
        "driver": "modbus",
        "endpoint": "tcp://127.0.0.1:502",
        "security": "none",
        "tags": 4,
        "good": 4,
        "rate_in": 40.0,
        "dropped": 0,
        "reconnects": 0,
        "last_error": "",
        "age_s": 0.2,
    }
    return SourceStatus(id=name, state=state, **{**facts, **more})


class PlantFeed:
    """A feed from memory; counts what it was asked for."""

    def __init__(self) -> None:
        self.now = NOW_US
        self.past = Recall()
        self.asked: list[int] = []
        self.asked_instants: list[int] = []
        self.instants: Callable[[int], Past | str] = lambda time_us: "nothing is stored"
        self.made: Callable[[int], Curve] = lambda index: curve([-30, -20, -10], [216, 217, 218])

    def now_us(self) -> int:
        """The time of the test."""
        return self.now

    def curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """The curve of the test."""
        self.asked.append(index)
        return self.made(index)

    def instant(self, time_us: int, on_done: Callable[[Past], None], on_error: Callable[[str], None]) -> None:
        """The values of the test at a past instant, at once; ``instants`` makes them."""
        self.asked_instants.append(time_us)
        made = self.instants(time_us)
        on_error(made) if isinstance(made, str) else on_done(made)

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        """No display of these tests sends anything."""
        raise AssertionError(f"sent {name}")
