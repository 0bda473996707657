"""G4: one tag over 24 hours of a sample a second, raw and in 2,000 pixel columns, values compared.

All stores hold the same tags, ours as a running engine leaves them, with the day that is over compacted,
and are warm: every question is asked once before it is measured. Ours answers pixels with a curve; the
alternatives with the smallest and largest value of every column. Both must have the same extremes in
every column. Ours is also measured with its memory of decoded samples emptied before each question.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.historian.history import StoredHistory
from tests.bench.harness import Goal, Side, in_turn, timed, told
from tests.bench.ours import Ours
from tests.bench.rivals.duck import Duck
from tests.bench.rivals.influx import Influx, program
from tests.bench.rivals.rows import Rows
from tests.bench.signals import Recording, plant

WIDTH = 2000


class Store(Protocol):
    """What an alternative answers."""

    name: str

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64]) -> None: ...
    def raw(self, tag: int, start_us: int, end_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
    def pixels(self, tag: int, start_us: int, end_us: int, width: int) -> NDArray[np.float64]: ...
    def close(self) -> None: ...


def _span(data: Recording) -> tuple[int, int]:
    """Whole pixel columns that hold all samples."""
    start, end = int(data.time_us[0]), int(data.time_us[-1]) + 1
    return start, start + -(-(end - start) // WIDTH) * WIDTH


def check_raw(name: str, data: Recording, tag: int, ask: Callable[[int], object]) -> None:
    """The samples come back bit for bit.

    Raises:
        RuntimeError: they do not.
    """
    times, values = ask(tag)  # type: ignore[misc]
    same = np.array_equal(times, data.time_us) and values.tobytes() == data.value[:, tag].tobytes()
    if not same:
        raise RuntimeError(f"{name} gave back other samples of tag {tag}")


def extremes(data: Recording, tag: int) -> NDArray[np.float64]:
    """Smallest and largest value of each pixel column, by plain numpy: what everyone must show."""
    start, end = _span(data)
    place = (data.time_us - start) * WIDTH // (end - start)
    first = np.flatnonzero(np.diff(place, prepend=-1))
    found = np.full((WIDTH, 2), np.nan)
    value = np.ascontiguousarray(data.value[:, tag])
    found[place[first], 0] = np.minimum.reduceat(value, first)
    found[place[first], 1] = np.maximum.reduceat(value, first)
    return found


def check_curve(data: Recording, reader: StoredHistory, tag: int) -> None:
    """At most two points a pixel, and nowhere a value that is missing or made up.

    The columns of a curve may be set off by one against ours; so each extreme must be within one.

    Raises:
        RuntimeError: a spike is lost, or there are too many points.
    """
    start, end = _span(data)
    curve = reader.minmax(tag, start, end, WIDTH)
    if len(curve.time_us) > 2 * WIDTH + 2:
        raise RuntimeError(f"{len(curve.time_us)} points for {WIDTH} pixels")
    wanted = extremes(data, tag)
    place = np.clip((curve.time_us - start) * WIDTH // (end - start), 0, WIDTH - 1)
    low, high = np.full(WIDTH + 2, np.inf), np.full(WIDTH + 2, -np.inf)
    np.fmin.at(low, place + 1, curve.low)
    np.fmax.at(high, place + 1, curve.high)
    low = np.minimum(np.minimum(low[:-2], low[1:-1]), low[2:])
    high = np.maximum(np.maximum(high[:-2], high[1:-1]), high[2:])
    if (low > wanted[:, 0]).any() or (high < wanted[:, 1]).any():
        raise RuntimeError(f"a spike of tag {tag} is not on the curve")
    if np.nanmin(curve.low) != np.nanmin(wanted) or np.nanmax(curve.high) != np.nanmax(wanted):
        raise RuntimeError(f"the curve of tag {tag} shows values that never were")


def _milliseconds(ask: Callable[[int], object], tags: int) -> Side:
    """A side that asks for every tag in turn and gives the milliseconds of one."""

    def run() -> float:
        with timed() as spent:
            for tag in range(tags):
                ask(tag)
        return spent() / tags * 1000

    return run


def compare(
    tags: int, rows: int, repetitions: int, *, influx: bool = True
) -> tuple[dict[str, float], dict[str, float]]:
    """Print both comparisons; returns how many times as fast ours is, raw and in pixels."""
    data = plant(tags, rows)
    start, end = _span(data)
    with tempfile.TemporaryDirectory(prefix="watchroom-bench-") as name:
        folder = Path(name)
        ours = Ours(folder, tags, start)
        ours.load(data.time_us, data.value)
        ours.compact()
        others: list[Store] = [Rows(folder), Duck(folder)]
        server = program() if influx else None
        if server:
            others.append(Influx(folder, server))
        try:
            for store in others:
                store.load(data.time_us, data.value)
            return _asked(data, ours, others, repetitions)
        finally:
            for each in (ours, *others):
                each.close()


def _asked(
    data: Recording, ours: Ours, others: list[Store], repetitions: int
) -> tuple[dict[str, float], dict[str, float]]:
    tags = data.value.shape[1]
    start, end = _span(data)
    last = int(data.time_us[-1]) + 1
    cold = ours.reading(cache_mb=0)
    raw: dict[str, Side] = {"Watchroom": _milliseconds(lambda tag: ours.raw(tag, start, last), tags)}
    raw["Watchroom, nothing kept decoded"] = _milliseconds(lambda tag: cold.raw(tag, start, last), tags)
    pixels: dict[str, Side] = {
        "Watchroom": _milliseconds(lambda tag: ours.reader.minmax(tag, start, end, WIDTH), tags),
        "Watchroom, nothing kept decoded": _milliseconds(
            lambda tag: cold.minmax(tag, start, end, WIDTH), tags
        ),
    }
    for tag in range(tags):
        check_raw("Watchroom", data, tag, lambda tag: ours.raw(tag, start, last))
        check_curve(data, ours.reader, tag)
    for store in others:
        for tag in range(tags):
            check_raw(store.name, data, tag, lambda tag, store=store: store.raw(tag, start, last))
            if not np.array_equal(store.pixels(tag, start, end, WIDTH), extremes(data, tag), equal_nan=True):
                raise RuntimeError(f"{store.name} shows other extremes of tag {tag}")
        raw[store.name] = _milliseconds(lambda tag, store=store: store.raw(tag, start, last), tags)
        pixels[store.name] = _milliseconds(
            lambda tag, store=store: store.pixels(tag, start, end, WIDTH), tags
        )
    size = f"{len(data.time_us)} samples, {tags} tags asked in turn, all values compared"
    once = told(
        f"one tag raw, {size}", "ms", in_turn(raw, repetitions), [Goal(Rows.name, 50)], less_is_better=True
    )
    drawn = told(
        f"one tag to {WIDTH} pixels, {size}",
        "ms",
        in_turn(pixels, repetitions),
        [Goal(Rows.name, 30)],
        less_is_better=True,
    )
    cold.close()
    return once, drawn


def run(*, short: bool) -> None:
    """A day of a few tags."""
    compare(4 if short else 20, 86_400, 3 if short else 5)
