"""What System says of the stored past: how full it is, how long it lasts, what it lost. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.types import EngineStatus, HistoryStatus, Plant
from hmi import formats
from hmi.displays.system.state import Fact, Row
from hmi.formats import t

LITTLE_BYTES = 1e9
"""Less than this free on the disk, and a person must look."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROOM = "Room"
"""The fact of the engine that tells how room and time go together."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much of its quota the history takes: ``part`` 0 to 1, None = not known; in words; and why so."""

    part: float | None
    words: str
    why: str
    is_poor: bool


def room(status: HistoryStatus, locale: str) -> Room:
    """The room on disk, and how long it lasts at the present rate."""
    why = formats.sentence(dict(status.facts).get(ROOM, ""))
    if not status.quota_bytes:
        return Room(None, t("How much room there is, is not known yet."), why, False)
    used = t(
        "{used} of {quota} used", used=size(status.bytes, locale), quota=size(status.quota_bytes, locale)
    )
    words = ", ".join(part for part in (used, _lasts(status)) if part)
    is_little = 0 < status.disk_free_bytes < LITTLE_BYTES
    if is_little:
        words = t("{words}; only {n} free on this disk", words=words, n=size(status.disk_free_bytes, locale))
    part = min(status.bytes / status.quota_bytes, 1.0)
    return Room(part, f"{words}.", why, is_little or bool(status.trouble))


def _lasts(status: HistoryStatus) -> str:
    days = status.days_left
    if days is None:
        return ""
    if days < 1:
        return t("full within a day at this rate")
    return t("lasts 1 day at this rate") if days < 2 else t("lasts {n} days at this rate", n=int(days))


def facts(status: HistoryStatus, plant: Plant, now_us: int) -> tuple[Fact, ...]:
    """The figures of the history by name; what the engine tells in words comes last."""
    locale = plant.locale
    oldest = t("none yet")
    if status.oldest_us is not None:
        oldest = t("since {when}", when=since(status.oldest_us, now_us, plant.timezone))
    per_sample = t("not known yet")
    if status.bytes_per_sample is not None:
        per_sample = t("{n} bytes", n=formats.number(status.bytes_per_sample, 1, locale))
    files = t("none") if not status.damaged else ", ".join(status.damaged)
    told = (Fact(t(name), _said(text, plant, now_us)) for name, text in status.facts if name != ROOM)
    return (
        Fact(t("To disk"), t("{n} samples/s", n=_count(round(status.rate), locale))),
        Fact(t("Waiting"), _waiting(status, locale)),
        Fact(t("Lost"), t("{n} samples", n=_count(status.lost, locale)), status.lost > 0),
        Fact(t("Not packed yet"), t("{n} samples", n=_count(status.tail, locale))),
        Fact(t("Size of a sample"), per_sample),
        Fact(t("Oldest sample"), oldest),
        Fact(t("Known gaps"), _count(status.gaps, locale)),
        Fact(t("Damaged files"), files, bool(status.damaged)),
        *told,
    )


def _said(text: str, plant: Plant, now_us: int) -> str:
    """What the engine tells, with its times in UTC as time at the plant and age."""

    def local(found: re.Match[str]) -> str:
        then_us = (datetime.fromisoformat(f"{found[1]}+00:00") - EPOCH) // timedelta(microseconds=1)
        ago = formats.ago(max(now_us - then_us, 0) / 1e6)
        return t("{when}, {ago}", when=since(then_us, now_us, plant.timezone), ago=ago)

    return re.sub(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC", local, text[:1].upper() + text[1:])


def _waiting(status: HistoryStatus, locale: str) -> str:
    if not status.waiting:
        return t("nothing: all is on disk")
    amount = t("{n} samples", n=_count(status.waiting, locale))
    ms = _count(round(status.lag_ms), locale)
    return t("{n}, the oldest for {ms} ms", n=amount, ms=ms)


def since(time_us: int, now_us: int, zone: str) -> str:
    """A time at the plant to the minute, with its day, and with its year where that is another one."""
    then, now = formats.local(time_us, zone), formats.local(now_us, zone)
    clock = formats.clock(time_us, zone, seconds=False)
    if then.date() == now.date():
        return clock
    return f"{formats.day(then) if then.year == now.year else formats.date_of(time_us, zone)} {clock}"


def row(engine: EngineStatus | None, history: HistoryStatus | None, is_stalled: bool, locale: str) -> Row:
    """Engine and history as one line beside the sources: what a person must see to comes first."""
    name = t("Engine, history")
    full = ""
    if history is not None and history.quota_bytes:
        # Never more than there is: 49.6 of 50 GB is 99 %.
        full = t("{n} % full", n=min(int(100 * history.bytes / history.quota_bytes), 100))
    if is_stalled:
        return Row(name, "unknown", t("not known"), full, "")
    trouble = trouble_of(engine, history)
    if trouble:
        return Row(name, "look", trouble, full, "")
    running = "" if engine is None else t("running for {span}", span=formats.span(engine.uptime_s))
    stored = "" if history is None else _stored(history, locale)
    return Row(name, "well", " · ".join(part for part in (stored, running) if part), full, "")


def _stored(history: HistoryStatus, locale: str) -> str:
    if history.days_left is None or history.days_left < 2:
        return _lasts(history) or t("{n} stored", n=size(history.bytes, locale))
    return t("lasts {n} days", n=int(history.days_left))


def trouble_of(engine: EngineStatus | None, history: HistoryStatus | None) -> str:
    """What a person must see to of both, in sentences; "" = nothing."""
    told = ("" if engine is None else engine.trouble, "" if history is None else history.trouble)
    return " ".join(formats.sentence(each) for each in dict.fromkeys(told) if each)


def size(amount: float, locale: str) -> str:
    """Bytes in the unit a person would use: ``812 kB``, ``6.2 GB``, ``50 GB``."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        # What would be written as 1 000 of the smaller unit belongs to the larger one.
        if amount >= 0.9995 * unit:
            return formats.quantity(*_short(amount / unit), name, locale)
    return formats.quantity(amount / 1e3, 0, "kB", locale)


def _short(value: float) -> tuple[float, int]:
    return value, 0 if value >= 99.95 or abs(value - round(value)) < 0.05 else 1


def _count(number: int, locale: str) -> str:
    return formats.number(number, 0, locale)
