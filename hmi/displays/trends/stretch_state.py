"""A stretch of time and what the engine found in it, in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hmi import formats, values
from hmi.formats import t
from hmi.model import Model
from hmi.pens import Pen
from hmi.widgets import trend_lines as lines
from hmi.widgets.trend_selection import Stretch

STATISTICS = ("Pen", "Lowest", "Mean", "Highest", "Deviation", "Samples", "Good")
SECONDS_US = 10_000_000
NOTHING = (formats.NO_VALUE,) * 4


def when(stretch: Stretch, now_us: int, zone: str) -> str:
    """From when to when, in words: ``14:02:10 to 14:08:31``, the day named once where it is not today."""
    first, last = (formats.local(each, zone) for each in stretch)
    parts = ["", ""]
    if stretch[1] - stretch[0] < SECONDS_US:
        parts = [f".{each // 1000 % 1000:03d}" for each in stretch]
    start = formats.moment(stretch[0], now_us, zone) + parts[0]
    end = formats.clock(stretch[1], zone) + parts[1]
    if first.date() != last.date():
        end = f"{formats.day(last)} {end}"
    return t("{start} to {end}", start=start, end=end)


def over(stretch: Stretch, now_us: int, zone: str) -> str:
    """The same with its length."""
    length = lines.exact_length(stretch[1] - stretch[0])
    return t("{when} · {length}", when=when(stretch, now_us, zone), length=length)


def dated(stretch: Stretch, zone: str) -> str:
    """The same with the year, for paper: ``22 Nov 2026 06:22:58 to 14:13:47 · 7 h 50 min``."""
    days = [formats.date_of(each, zone) for each in stretch]
    start, end = (formats.clock(each, zone) for each in stretch)
    return t(
        "{start} to {end} · {length}",
        start=f"{days[0]} {start}",
        end=end if days[0] == days[1] else f"{days[1]} {end}",
        length=lines.exact_length(stretch[1] - stretch[0]),
    )


def statistics_body(model: Model, pens: Sequence[Pen], stretch: Stretch) -> dict[str, Any]:
    """What the job ``statistics`` is asked."""
    tags = [model.tags[pen.index].tag_id for pen in pens]
    return {"tags": tags, "start_us": stretch[0], "end_us": stretch[1]}


def statistics_rows(model: Model, pens: Sequence[Pen], result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One row a pen, with the titles `STATISTICS`."""
    return [_row(model, pen, found) for pen, found in zip(pens, result["statistics"], strict=True)]


def _row(model: Model, pen: Pen, found: Mapping[str, Any]) -> tuple[str, ...]:
    locale = model.plant.locale
    samples = formats.number(found["samples"], 0, locale)
    good = share(found["good"], locale)
    if found["mean"] is None:
        return (pen.name, *NOTHING, samples, good)
    low, high, mean, deviation = (found[each] for each in ("low", "high", "mean", "deviation"))
    if pen.stepped or pen.states:
        least, most = (values.value_text(model.tags[pen.index], each, model.plant) for each in (low, high))
        # Of a switch the mean is the part of the time in which it was on; of states there is none.
        middle = formats.quantity(mean * 100, 0, "%", locale) if pen.stepped else formats.NO_VALUE
        return (pen.name, least, middle, most, formats.NO_VALUE, samples, good)
    told = (formats.quantity(each, pen.decimals, pen.unit, locale) for each in (low, mean, high))
    # A deviation is small beside the values: one more digit tells something.
    decimals = None if pen.decimals is None else min(pen.decimals + 1, formats.MAX_DECIMALS)
    return (pen.name, *told, formats.quantity(deviation, decimals, pen.unit, locale), samples, good)


def share(part: float, locale: str) -> str:
    """A part of the time; what is not quite all never reads as all."""
    percent = part * 100
    decimals = 0 if percent in (0, 100) else 1
    if 0 < percent < 100:
        percent = min(max(percent, 0.1), 99.9)
    return formats.quantity(percent, decimals, "%", locale)
