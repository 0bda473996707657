"""Which changes of the journal a person wants to see: the filter, its time, and its words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from engine.types import LimitKind, What
from hmi import formats
from hmi.displays.alarms.journal import words as journal_words
from hmi.formats import t
from hmi.model import Model

SpanName = Literal["1h", "shift", "8h", "24h", "7d", "30d", "own"]
Part = Literal["priorities", "kinds", "whats", "under", "alarm", "text", "span"]
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
LENGTH_US: dict[str, int] = {
    "1h": HOUR_US, "8h": 8 * HOUR_US, "24h": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US,
}  # fmt: skip
SPANS: tuple[tuple[SpanName, str, str], ...] = (
    ("1h", "1 h", "The last hour"),
    ("shift", "Shift", "Since this shift began"),
    ("8h", "8 h", "The last 8 hours"),
    ("24h", "24 h", "The last 24 hours"),
    ("7d", "7 d", "The last 7 days"),
    ("30d", "30 d", "The last 30 days"),
    ("own", "From, to…", "A time of your own"),
)
FOREVER_US = 2**62
PAGE, MOST_NEWS, MOST_COUNTED = 500, 500, 10_000
SLACK_US = 300_000_000
"""News is asked for from so long before the newest row that is known: clocks are set."""
MOST_ROWS = 100_000


class Wanted(msgspec.Struct, frozen=True):
    """What is let through. Empty parts let all through; ``start_us`` and ``end_us`` are of the span "own".

    ``alarm`` = one alarm by its id, which people see as ``alarm_name``.
    """

    span: SpanName = "24h"
    start_us: int = 0
    end_us: int = 0
    priorities: tuple[int, ...] = ()
    kinds: tuple[LimitKind, ...] = ()
    whats: tuple[What, ...] = ()
    under: str = ""
    alarm: int = 0
    alarm_name: str = ""
    text: str = ""


DAY = Wanted()
"""What the page begins with."""
NOTHING: dict[Part, dict[str, Any]] = {
    "priorities": {"priorities": ()},
    "kinds": {"kinds": ()},
    "whats": {"whats": ()},
    "under": {"under": ""},
    "alarm": {"alarm": 0, "alarm_name": ""},
    "text": {"text": ""},
}
"""Each part of a filter as it lets all through."""


def span_us(wanted: Wanted, model: Model, now_us: int) -> tuple[int, int]:
    """[start, end) of what is wanted; a span that reaches to now has no end."""
    if wanted.span == "own":
        return wanted.start_us, wanted.end_us
    if wanted.span == "shift":
        return shift_start_us(now_us, model.plant.timezone, model.alarm_settings.shifts), FOREVER_US
    return now_us - LENGTH_US[wanted.span], FOREVER_US


def shift_start_us(now_us: int, zone: str, shifts: Sequence[str]) -> int:
    """When the shift that runs now began, by the plant's wall clock; the day's begin without shifts."""
    now = formats.local(now_us, zone)
    begins: list[int] = []
    for days in (-2, -1, 0):
        day = now.date() + timedelta(days=days)
        for shift in shifts or ("00:00",):
            hour, _, minute = shift.partition(":")
            at = datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=now.tzinfo)
            begins.append(round(at.timestamp() * 1e6))
    return max((each for each in begins if each <= now_us), default=now_us - 8 * HOUR_US)


def body(wanted: Wanted, span: tuple[int, int], before: int = 0, most: int = PAGE) -> dict[str, Any]:
    """What the engine is asked: the page of rows older than ``before``, 0 = the newest."""
    return {
        "start_us": span[0],
        "end_us": span[1],
        "before": before,
        "most": most,
        "under": wanted.under,
        "priorities": list(wanted.priorities),
        "kinds": list(wanted.kinds),
        "whats": list(wanted.whats),
        "alarms": [wanted.alarm] if wanted.alarm else [],
        "text": wanted.text.strip(),
        "letters": True,
    }


def parts(wanted: Wanted) -> list[Part]:
    """The parts of a filter that hold something back, its time apart."""
    return [part for part in NOTHING if _without(wanted, part) != wanted]


def without(wanted: Wanted, part: Part) -> Wanted:
    """The same with that part letting all through; ``span`` = over 30 days."""
    if part == "span":
        return msgspec.structs.replace(wanted, span="30d", start_us=0, end_us=0)
    return _without(wanted, part)


def _without(wanted: Wanted, part: Part) -> Wanted:
    return msgspec.structs.replace(wanted, **NOTHING[part])


def part_words(wanted: Wanted, part: Part, model: Model, now_us: int) -> str:
    """One part of a filter, as a person says it."""
    if part == "priorities":
        return t("priority {n}", n=", ".join(map(str, wanted.priorities)))
    if part == "kinds":
        return " / ".join(t(journal_words.KINDS[each]) for each in wanted.kinds)
    if part == "whats":
        return " / ".join(t(journal_words.WHATS[each]).lower() for each in wanted.whats)
    if part == "under":
        return t("in {place}", place=wanted.under.replace("/", " › "))
    if part == "alarm":
        return t("alarm “{name}”", name=wanted.alarm_name)
    return t("“{words}”", words=wanted.text.strip()) if part == "text" else span_words(wanted, model, now_us)


def span_words(wanted: Wanted, model: Model, now_us: int) -> str:
    """The time in words: ``last 24 hours``, or from when to when."""
    if wanted.span != "own":
        told = next(told for name, _, told in SPANS if name == wanted.span)
        return t(told).lower()
    zone = model.plant.timezone
    first, last = (formats.moment(each, now_us, zone)[:-3] for each in (wanted.start_us, wanted.end_us))
    return t("{first} to {last}", first=first, last=last)


def in_words(wanted: Wanted, model: Model, now_us: int) -> str:
    """All that is let through, in words."""
    words = [span_words(wanted, model, now_us)]
    return " · ".join([*words, *(part_words(wanted, each, model, now_us) for each in parts(wanted))])


def dated(span: tuple[int, int], now_us: int, zone: str) -> str:
    """A span with its days and years, for paper."""
    first, last = (
        f"{formats.date_of(each, zone)} {formats.clock(each, zone)}"
        for each in (span[0], min(span[1], now_us))
    )
    return t("{first} to {last} {zone}", first=first, last=last, zone=formats.zone_short(span[0], zone))


def count_words(count: int | None, loaded: int, locale: str) -> str:
    """How many there are in all; None = more than were counted."""
    if count is None:
        most = formats.number(max(MOST_COUNTED, loaded), 0, locale)
        return t("more than {n} changes", n=most)
    return t("1 change") if count == 1 else t("{n} changes", n=formats.number(count, 0, locale))


def news_words(count: int) -> str:
    """The button that shows what came meanwhile."""
    if count >= MOST_NEWS:
        return t("Over {n} new", n=MOST_NEWS)
    return t("{n} new", n=count)
