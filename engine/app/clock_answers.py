"""The answer to ``clocks``: this computer's clock, those of the devices, and how fast the tags live."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.app.clock_watch import ClockWatch
from engine.app.host_clock import host_clock
from engine.app.plant import Running
from engine.drivers.driver import Context, Driver
from engine.drivers.link import Link
from engine.server import Answer
from engine.types import Clock, DeviceClock, ScaleClass, Tag, TimeScale
from engine.wire import ClocksAnswer

LIMIT_US = 1_000_000
"""A clock further off than this is told; nothing is corrected."""
LINKED = ("connected", "stale")
OLD_US, DRIFT_PPM = 120_000_000, 100.0
"""A clock is measured twice a minute; what is older than this is told as old, and may have drifted so fast
since, in microseconds a second: crystals of controllers are good to this."""
EDGES: tuple[tuple[TimeScale, float], ...] = (("ms", 5.0), ("s", 0.05), ("min", 1 / 3600), ("shift", -1.0))
"""The classes and the rate, samples a second, above which a tag is in one."""
WINDOW_US, LEAST_US = 60_000_000, 1_000_000


class Paces:
    """Samples of each tag since the start, int64 by tag id, and how many came lately by class."""

    def __init__(self, tags: Sequence[Tag], counts: NDArray[np.int64], clock: Clock) -> None:
        self._counts, self._clock = counts, clock
        self._ids = np.array([tag.tag_id for tag in tags], np.int32)
        self.classes = np.array([_class_of(tag.rate) for tag in tags], np.intp)
        self._marks: deque[tuple[int, NDArray[np.int64]]] = deque()
        self._mark()

    def rates(self) -> NDArray[np.float64]:
        """Samples a second of each tag, over the last minute or since the last time anybody asked."""
        now_us = self._clock.mono_us()
        while len(self._marks) > 1 and now_us - self._marks[1][0] >= WINDOW_US:
            self._marks.popleft()
        begun_us, before = self._marks[0]
        rates = (self._counts[self._ids] - before) / max((now_us - begun_us) / 1e6, 1e-6)
        if now_us - self._marks[-1][0] >= LEAST_US:
            self._mark()
        return rates

    def _mark(self) -> None:
        self._marks.append((self._clock.mono_us(), self._counts[self._ids]))


def _class_of(rate: float) -> int:
    return next(at for at, (_, least) in enumerate(EDGES) if rate > least)


def clock_answers(running: Running) -> Mapping[str, Answer]:
    """The coroutine that answers the op."""
    paces = Paces(running.project.tags, running.samples, running.clock)

    async def clocks(_: msgspec.Raw) -> ClocksAnswer:
        devices = (
            device_clock(context, driver, link, sink.clocks, running.clock.mono_us())
            for (context, driver, link), sink in zip(running.sources, running.sinks, strict=True)
        )
        return ClocksAnswer(host_clock(), tuple(devices), scales(paces, running.table.reach_s()))

    return {"clocks": clocks}


def device_clock(
    context: Context, driver: Driver, link: Link, watch: ClockWatch, mono_us: int
) -> DeviceClock:
    """The clock of one source as far as it is known; what was measured long ago is known less well now."""
    lags = watch.lags_us()
    is_own = watch.has_own_times
    kind = "server" if driver.tells_time else "samples" if is_own else "none"
    offset_us, error_us = watch.offset_us, watch.error_us
    age_us = watch.age_us(mono_us) if offset_us is not None else 0
    is_old = age_us > OLD_US
    if is_old and error_us is not None:
        error_us += round(age_us / 1e6 * DRIFT_PPM)
    middle, late = lags if lags is not None and is_own else (None, None)
    return DeviceClock(
        source=context.source.id,
        kind=kind,
        offset_us=offset_us,
        error_us=error_us,
        drift_ppm=None if is_old else watch.drift_ppm(),
        measured_us=watch.measured_us,
        lag_us=middle,
        late_us=late,
        reordered=watch.reordered,
        text=_said(kind == "none", link, offset_us, error_us or 0, is_old),
    )


def _said(tells_none: bool, link: Link, offset_us: int | None, error_us: int, is_old: bool) -> str:
    if tells_none:
        return "tells no time: its values carry our time"
    note = link.notes.get("clock")
    if note is not None:
        return f"{note.what}; {note.do}"
    if offset_us is None:
        return "not measured yet" if link.state in LINKED else "not measured: there is no link"
    if link.state not in LINKED:
        return "there is no link: this is what it was when it was measured last"
    if is_old:
        return "its clock gives no answer any more: this is what it was when it was measured last"
    if abs(offset_us) - error_us > LIMIT_US:
        return "its clock is off; its samples keep the times that it gives them"
    return ""


def scales(paces: Paces, reach_s: NDArray[np.float64]) -> tuple[ScaleClass, ...]:
    """Each class with its tags; ``reach_s`` = how far back memory reaches, by tag, NaN = nothing is there."""
    rates = paces.rates()
    found: list[ScaleClass] = []
    for at, (scale, _) in enumerate(EDGES):
        inside = paces.classes == at
        reaching = reach_s[inside]
        reaching = reaching[np.isfinite(reaching)]
        span = float(np.median(reaching)) if len(reaching) else 0.0
        found.append(ScaleClass(scale, int(inside.sum()), float(rates[inside].sum()), span))
    return tuple(found)
