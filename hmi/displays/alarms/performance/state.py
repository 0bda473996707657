"""Which time the performance of the alarm system is asked for, and what may be said of it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.typed import convert
from engine.types import AlarmMetrics, Rate
from hmi import formats, typed_time
from hmi.formats import t

Key = Literal["24h", "7d", "30d", "90d", "own"]
Verdict = Literal["meets", "over", "beyond", "below", "unjudged", "unknown"]
Stretch = tuple[int, int]
SPANS: tuple[tuple[Key, str, str], ...] = (
    ("24h", "24 h", "The last 24 hours"),
    ("7d", "7 d", "Today and the 7 days before"),
    ("30d", "30 d", "Today and the 30 days before"),
    ("90d", "90 d", "Today and the 90 days before"),
    ("own", "Own…", "A stretch of time of your own"),
)
DAYS: Mapping[Key, int] = {"7d": 7, "30d": 30, "90d": 90}
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
DAYS_TO_JUDGE, MOST_DAYS = 30, 800
"""Below 30 days nothing is called good or bad (ISA-18.2-2016); the engine looks back 800 days at once."""
OLD_US = 300_000_000
"""Figures older than this say so."""
LEAST_SHARE = "share of priority 4"
"""The one figure whose target is a least: the lowest priority has about 80 % of all alarms."""
WHOLE = ("most in", "chattering", "fleeting", "stale", "unauthorised")
"""How the names of figures begin that are whole numbers."""
NAMES: Mapping[str, str] = {
    "average in an hour": "Alarms an hour, on average",
    "most in an hour": "Most in any hour",
    "average in 10 minutes": "Alarms in 10 minutes, on average",
    "most in 10 minutes": "Most in any 10 minutes",
    "average in a day": "Alarms a day, on average",
    "10-minute periods above 10": "10-minute periods with more than 10",
    "hours above 30": "Hours with more than 30",
    "time in flood": "Time in flood",
    "share of the ten most frequent": "Share of the ten most frequent",
    "chattering alarms": "Chattering alarms",
    "fleeting alarms": "Fleeting alarms",
    "stale alarms on the worst day": "Stale alarms on the worst day",
    "standing alarms on average": "Standing alarms, on average",
    "shelved alarms on average": "Shelved alarms, on average",
    "share of priority 1": "Priority 1",
    "share of priority 2": "Priority 2",
    "share of priority 3": "Priority 3",
    "share of priority 4": "Priority 4",
    "unauthorised suppressions": "Unauthorised suppressions",
    "unauthorised changes of alarms": "Unauthorised changes of alarms",
}
VERDICTS: Mapping[Verdict, str] = {
    "meets": "meets the target",
    "over": "over the target",
    "beyond": "over the maximum",
    "below": "below the target",
    "unjudged": "not judged yet",
    "unknown": "not known",
}


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """An answer, of the area ``under``; ``asked_us`` = when it was asked for, ``zone`` = of the plant."""

    metrics: AlarmMetrics
    under: str
    asked_us: int
    zone: str
    locale: str


def body(span: Stretch, under: str) -> dict[str, Any]:
    """What ``alarm_metrics`` is asked."""
    return {"start_us": span[0], "end_us": span[1], "under": under}


def read(answer: Any) -> AlarmMetrics:
    """The figures as the engine sent them. Raises: msgspec.ValidationError."""
    return convert(answer, AlarmMetrics)


def stretch(key: Key, now_us: int, zone: str) -> Stretch:
    """The stretch of a choice, up to now. It begins with a full hour, or a day of the plant's calendar."""
    now = formats.local(now_us, zone)
    if key not in DAYS:
        into_us = (now.minute * 60 + now.second) * 1_000_000 + now.microsecond
        return now_us - into_us - 24 * HOUR_US, now_us
    day = now.date() - timedelta(days=DAYS[key])
    midnight = datetime(day.year, day.month, day.day, tzinfo=formats.zone(zone))
    return round(midnight.timestamp() * 1e6), now_us


def own(start: str, end: str, now_us: int, zone: str) -> Stretch | str:
    """The stretch that a person typed, up to now, or what is wrong with it."""
    found = typed_time.own(start, end, zone)
    if isinstance(found, str):
        return found
    first, last = found[0], min(found[1], now_us)
    if first >= last:
        return t("The start is still to come.")
    return (first, last) if last - first <= MOST_DAYS * DAY_US else t("Choose {n} days at most.", n=MOST_DAYS)


# What is said of the figures


def verdict(rate: Rate, is_judged: bool) -> Verdict:
    """Where a figure stands beside its target."""
    if rate.value is None:
        return "unknown"
    if not is_judged:
        return "unjudged"
    if rate.name == LEAST_SHARE:
        return "meets" if rate.value >= rate.target else "below"
    if rate.value <= rate.target:
        return "meets"
    return "over" if rate.value <= rate.most else "beyond"


def value_text(rate: Rate, locale: str) -> str:
    """The figure with its unit, with no more digits than mean something."""
    return t("not known") if rate.value is None else _figure(rate, rate.value, locale)


def limit_text(rate: Rate, value: float, locale: str) -> str:
    """A target or maximum with the figure's unit."""
    return formats.quantity(value, 0, rate.unit, locale)


def _figure(rate: Rate, value: float, locale: str) -> str:
    is_whole = rate.name.startswith(WHOLE)
    decimals = 0 if is_whole or value >= 100 else 1 if value >= 10 else 2
    return formats.quantity(value, decimals, rate.unit, locale)


def days_text(days: float, locale: str) -> str:
    """Days of data, rounded down: 29.96 days are not 30."""
    shown = int(days * 10) / 10
    count = formats.number(shown, 0 if shown == int(shown) else 1, locale)
    return t("1 day") if shown == 1 else t("{n} days", n=count)


def summary(figures: Figures) -> str:
    """What the figures say together, or why nothing is said of them."""
    found = figures.metrics
    days = days_text(found.days, figures.locale)
    if not found.is_judged:
        return t("{days} of data: below 30 days no figure is called good or bad.", days=days)
    said = [verdict(rate, True) for rate in found.rates if rate.value is not None]
    return t(
        "{days} of data: {meets} of {all} figures meet their target; {beyond} are over the maximum.",
        days=days,
        meets=said.count("meets"),
        all=len(said),
        beyond=said.count("beyond"),
    )


def when_judged(figures: Figures) -> str:
    """From when on figures are judged, or what to choose for that; "" = they are."""
    found, zone = figures.metrics, figures.zone
    if found.is_judged:
        return ""
    first = next((k for k, seconds in enumerate(found.known_s) if seconds), None)
    if first is None:
        return t("Nothing is known of this time: the engine did not run.")
    if found.end_us - found.start_us < DAYS_TO_JUDGE * DAY_US:
        return t("Choose 30 days or more to have them judged.")
    begin_us = found.start_us + first * HOUR_US
    is_until_now = figures.asked_us - found.end_us < HOUR_US
    if begin_us - found.start_us > HOUR_US and is_until_now:
        when_us = found.end_us + round((DAYS_TO_JUDGE - found.days) * DAY_US)
        day = formats.date_of(when_us, zone)
        return t("They will be judged from {day} on, if the engine runs until then.", day=day)
    lost_s = (found.end_us - found.start_us) / 1e6 - sum(found.known_s)
    return t(
        "The engine did not run for {span} of this time: choose a longer one.", span=formats.span(lost_s)
    )


def eemua(figures: Figures) -> str:
    """What EEMUA 191 calls it, in words; "" while nothing may be judged."""
    found = figures.metrics
    if not found.is_judged or not found.eemua:
        return ""
    if not found.upset:
        return t("EEMUA 191 calls the average {word}; there was no flood.", word=t(found.eemua))
    return t(
        "EEMUA 191 calls the average {word}, and the worst 10 minutes {upset}.",
        word=t(found.eemua),
        upset=t(found.upset),
    )


def over_words(span: Stretch, zone: str) -> str:
    """A stretch of time with days and zone."""
    first, last = (when(each, zone) for each in span)
    return t("{first} to {last}", first=first, last=f"{last} {formats.zone_short(span[1], zone)}")


def when(time_us: int, zone: str) -> str:
    """An instant as ``Sun 22 Nov 2026 13:02``."""
    local = formats.local(time_us, zone)
    return f"{formats.day(local)} {local.year} {local:%H:%M}"


def as_of(figures: Figures | None, now_us: int, is_busy: bool, is_stalled: bool) -> str:
    """Since when the figures are what they are, and what is being done about it."""
    working, silent = t("Working the figures out…"), t("The engine does not answer.")
    if figures is None:
        return silent if is_stalled else ""
    at = t("as of {time}", time=formats.moment(figures.asked_us, now_us, figures.zone))
    if is_stalled or is_busy:
        return f"{silent if is_stalled else working} {at[:1].upper()}{at[1:]}."
    old_us = now_us - figures.asked_us
    age = f", {formats.ago(old_us / 1e6)}" if old_us >= OLD_US else ""
    return f"{at[:1].upper()}{at[1:]}{age}"
