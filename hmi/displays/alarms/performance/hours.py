"""The hours of the strip: bars that fit a width, ticks of the plant's calendar, words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil

from engine.types import AlarmMetrics
from hmi import formats
from hmi.displays.alarms.performance.state import HOUR_US, Figures
from hmi.formats import t

LEAST_PX, TICK_PX = 3.0, 96.0
"""A bar is no narrower, and labels stand no closer."""
STEPS_H = (1, 2, 3, 4, 6, 8, 12, 24, 48, 96)
EVERY_H = (1, 2, 3, 6, 12)
EVERY_DAYS = (1, 2, 7, 14, 30, 60, 120)
TOP = 1.15
"""The axis reaches so much beyond the tallest bar and the maximum."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The hours [first, last) as one bar: the ``worst`` of them, and which part of them is known, 0 to 1."""

    first: int
    last: int
    worst: int
    known: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the axis at an hour (0 = the start, may lie within one); ``is_day`` = a new day begins."""

    hour: float
    text: str
    is_day: bool


def bars(metrics: AlarmMetrics, width: float) -> tuple[Bar, ...]:
    """One bar an hour, or as many hours in one as the width needs."""
    count = len(metrics.hourly)
    step = next((each for each in STEPS_H if width / max(-(-count // each), 1) >= LEAST_PX), STEPS_H[-1])
    length_s = (metrics.end_us - metrics.start_us) / 1e6
    found: list[Bar] = []
    for first in range(0, count, step):
        last = min(first + step, count)
        whole = min(last * 3600.0, length_s) - first * 3600.0
        known = sum(metrics.known_s[first:last]) / whole if whole >= 1 and metrics.known_s else 1.0
        found.append(Bar(first, last, max(metrics.hourly[first:last]), min(known, 1.0)))
    return tuple(found)


def top(metrics: AlarmMetrics) -> float:
    """Where the axis ends: the worst hour and the maximum can be seen."""
    return TOP * max([1.0, *metrics.hourly, *lines(metrics)])


def lines(metrics: AlarmMetrics) -> tuple[float, float]:
    """Target and maximum of the average in an hour."""
    found = next((rate for rate in metrics.rates if rate.name == "average in an hour"), None)
    return (found.target, found.most) if found is not None else (6.0, 12.0)


def ticks(metrics: AlarmMetrics, zone: str, width: float) -> tuple[Tick, ...]:
    """Labels in the plant's time, also over a night in which its clocks are changed."""
    hours = (metrics.end_us - metrics.start_us) / HOUR_US
    room = width / max(hours, 1e-9)
    if hours <= 49:
        every = next((each for each in EVERY_H if each * room >= TICK_PX * 0.75), 24)
        return _by_hour(metrics, zone, every)
    days = next((each for each in EVERY_DAYS if each * 24 * room >= TICK_PX), EVERY_DAYS[-1])
    return _by_day(metrics, zone, days)


def _by_hour(metrics: AlarmMetrics, zone: str, every: int) -> tuple[Tick, ...]:
    found: list[Tick] = []
    begin = formats.local(metrics.start_us, zone)
    into_us = (begin.minute * 60 + begin.second) * 1_000_000 + begin.microsecond
    at_us = metrics.start_us - into_us + (HOUR_US if into_us else 0)
    while at_us <= metrics.end_us:
        local = formats.local(at_us, zone)
        if local.hour % every == 0 and local.minute == 0:
            is_day = local.hour == 0
            text = formats.day(local) if is_day else f"{local:%H:%M}"
            found.append(Tick((at_us - metrics.start_us) / HOUR_US, text, is_day))
        at_us += HOUR_US
    return tuple(found)


def _by_day(metrics: AlarmMetrics, zone: str, every: int) -> tuple[Tick, ...]:
    found: list[Tick] = []
    day = formats.local(metrics.start_us, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while (at_us := round(day.timestamp() * 1e6)) <= metrics.end_us:
        # Days are counted on the calendar, so that labels do not move with the length of a day.
        if at_us >= metrics.start_us and (every == 1 or day.toordinal() % every == 0):
            found.append(Tick((at_us - metrics.start_us) / HOUR_US, formats.day(day), True))
        day += timedelta(days=1)
    return tuple(found)


def hour_rows(figures: Figures, first: int, last: int) -> tuple[tuple[str, str, str], ...]:
    """Those hours as rows: when, how many alarms, how long the engine ran."""
    found = figures.metrics
    return tuple(
        (
            hour_text(found.start_us + k * HOUR_US, figures.zone),
            formats.number(found.hourly[k], 0, figures.locale) if _ran(found, k) else t("not known"),
            _ran_text(found, k, k + 1),
        )
        for k in range(first, last)
    )


def day_rows(figures: Figures) -> tuple[tuple[str, str, str, str], ...]:
    """Every day of the plant's calendar as a row: alarms, the worst hour, how long the engine ran."""
    found = figures.metrics
    edges = [0, *(ceil(tick.hour) for tick in _by_day(found, figures.zone, 1)), len(found.hourly)]
    return tuple(
        (
            formats.date_of(found.start_us + first * HOUR_US, figures.zone),
            formats.number(sum(found.hourly[first:last]), 0, figures.locale),
            formats.number(max(found.hourly[first:last]), 0, figures.locale),
            _ran_text(found, first, last),
        )
        for first, last in pairwise(edges)
        if last > first
    )


def hour_text(time_us: int, zone: str) -> str:
    """When an hour begins, with the zone: in autumn there are two of the same name."""
    local = formats.local(time_us, zone)
    return f"{formats.day(local)} {local:%H:%M} {formats.zone_short(time_us, zone)}"


def spoken(figures: Figures, bar: Bar) -> str:
    """A bar in words."""
    when = hour_text(figures.metrics.start_us + bar.first * HOUR_US, figures.zone)
    if bar.last - bar.first > 1:
        when = t("{when}, worst of {n} hours", when=when, n=bar.last - bar.first)
    if not bar.known:
        return t("{when}: not known, the engine did not run", when=when)
    alarms = t("1 alarm") if bar.worst == 1 else t("{n} alarms", n=bar.worst)
    part = "" if bar.known > 0.999 else t(", the engine ran {n} % of it", n=int(100 * bar.known))
    return f"{when}: {alarms}{part}"


def whole_spoken(figures: Figures) -> str:
    """The strip for those who hear it."""
    found = figures.metrics
    if not found.hourly:
        return t("Alarms in each hour: nothing")
    worst = max(range(len(found.hourly)), key=lambda k: found.hourly[k])
    return t(
        "Alarms in each hour, {n} hours. Most: {count} in the hour from {when}. Left and right go "
        "through them; the button Table shows the same as a table.",
        n=len(found.hourly),
        count=found.hourly[worst],
        when=hour_text(found.start_us + worst * HOUR_US, figures.zone),
    )


def _ran(metrics: AlarmMetrics, hour: int) -> bool:
    return not metrics.known_s or metrics.known_s[hour] > 0 or metrics.hourly[hour] > 0


def _ran_text(metrics: AlarmMetrics, first: int, last: int) -> str:
    """How long the engine ran in the hours [first, last)."""
    seconds = sum(metrics.known_s[first:last])
    if not seconds:
        return t("did not run")
    if last - first == 1:
        return t("{n} min", n=round(seconds / 60)) if seconds >= 60 else t("{n} s", n=seconds)
    return t("{n} h", n=formats.number(seconds / 3600, 1))
