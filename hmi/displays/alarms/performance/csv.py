"""The tables of the Performance page as CSV: numbers as they are, times in UTC. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.types import Actor, AlarmMetrics, Stood, cell
from hmi import formats
from hmi.displays.alarms.performance import state
from hmi.displays.alarms.performance.state import HOUR_US, Figures

Row = tuple[Any, ...]
TABLES: tuple[tuple[str, str], ...] = (
    ("rates", "Figures and targets"),
    ("actors", "Most frequent alarms"),
    ("chattering", "Chattering alarms"),
    ("stale", "Stale alarms"),
    ("floods", "Floods"),
    ("peaks", "Worst 10 minutes"),
    ("hours", "Alarms in each hour"),
)
"""What can be written, one table a file, so that a spreadsheet reads it as it is."""
_ALARM = ("alarm", "path", "kind", "name", "message")


def text(name: str, figures: Figures) -> str:
    """One of ``TABLES`` (RFC 4180): a head, then its rows. Text never is a formula."""
    lines = (",".join(_cell(each) for each in row) for row in _MAKERS[name](figures))
    return "".join(f"{line}\r\n" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)


def _rates(figures: Figures) -> Iterator[Row]:
    found = figures.metrics
    yield "figure", "value", "target", "maximum", "unit", "verdict", "start", "end", "under", "days_of_data"
    over = _utc(found.start_us), _utc(found.end_us), figures.under, found.days
    for each in found.rates:
        said = state.verdict(each, found.is_judged)
        yield each.name, each.value, each.target, each.most, each.unit, said, *over


def _actors(figures: Figures) -> Iterator[Row]:
    yield *_ALARM, "count", "share", "cumulated_share", "chattering"
    together = 0.0
    for each in figures.metrics.actors:
        together += each.share
        yield *_named(each), each.count, each.share, together, each.chattering


def _chattering(figures: Figures) -> Iterator[Row]:
    yield *_ALARM, "count", "chattering"
    for each in figures.metrics.chattering:
        yield *_named(each), each.count, each.chattering


def _stale(figures: Figures) -> Iterator[Row]:
    yield *_ALARM, "begin", "end", "still_stood"
    for each in figures.metrics.stood:
        yield *_named(each), _utc(each.begin_us), _utc(each.end_us), "yes" if each.is_open else "no"


def _floods(figures: Figures) -> Iterator[Row]:
    found = figures.metrics
    yield "begin", "end", "alarms", "most_in_10_minutes"
    for (begin_us, end_us, count), peak in zip(found.floods, found.flood_peaks, strict=False):
        yield _utc(begin_us), _utc(end_us), count, peak


def _peaks(figures: Figures) -> Iterator[Row]:
    yield "begin", "alarms"
    for begin_us, count in figures.metrics.peaks:
        yield _utc(begin_us), count


def _hours(figures: Figures) -> Iterator[Row]:
    found: AlarmMetrics = figures.metrics
    yield "hour", "alarms", "engine_ran_s"
    for k, (count, known_s) in enumerate(zip(found.hourly, found.known_s, strict=False)):
        yield _utc(found.start_us + k * HOUR_US), count, known_s


_MAKERS: dict[str, Callable[[Figures], Iterator[Row]]] = {
    "rates": _rates,
    "actors": _actors,
    "chattering": _chattering,
    "stale": _stale,
    "floods": _floods,
    "peaks": _peaks,
    "hours": _hours,
}


def _named(each: Actor | Stood) -> Row:
    return each.alarm, each.path, each.kind, each.name, each.message


def _utc(time_us: int) -> str:
    return formats.local(time_us, "UTC").isoformat(timespec="microseconds").replace("+00:00", "Z")
