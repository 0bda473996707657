"""How long an alarm may be shelved: the presets, what its class allows, and a length typed by hand. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.types import Alarm, AlarmClass
from hmi import formats
from hmi.formats import t
from hmi.model import Model

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
PRESETS_US = (15 * MINUTE_US, HOUR_US, 4 * HOUR_US)
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(min|m|h|hours?|minutes?)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preset:
    """One length. ``until`` = its end in words; not ``is_allowed`` = longer than the class allows."""

    word: str
    until: str
    length_us: int
    is_allowed: bool


def class_of(model: Model, alarm: Alarm) -> AlarmClass:
    """The class of an alarm; the usual one where it has none."""
    return model.alarm_classes.get(alarm.alarm_class) or AlarmClass(id=alarm.alarm_class)


def most_us(model: Model, alarms: Sequence[Alarm]) -> int:
    """The longest shelf that all of these may have; 0 = one of them is never shelved."""
    return round(min((class_of(model, each).shelve_max_s for each in alarms), default=0.0) * 1e6)


def wants_reason(model: Model, alarms: Sequence[Alarm]) -> bool:
    """One of these is not shelved without a reason."""
    return any(class_of(model, each).reason or class_of(model, each).managed for each in alarms)


def is_managed(model: Model, alarms: Sequence[Alarm]) -> bool:
    """One of these is highly managed."""
    return any(class_of(model, each).managed for each in alarms)


def presets(model: Model, most: int, now_us: int) -> tuple[Preset, ...]:
    """15 minutes, 1 hour, 4 hours, and to the end of the shift."""
    zone = model.plant.timezone
    lengths = [(formats.span(each / 1e6), each) for each in PRESETS_US]
    ends_us = shift_end_us(now_us, zone, model.alarm_settings.shifts)
    if ends_us:
        lengths.append((t("End of shift"), ends_us - now_us))
    return tuple(
        Preset(word, formats.moment(now_us + each, now_us, zone)[:-3], each, each <= most)
        for word, each in lengths
    )


def shift_end_us(now_us: int, zone: str, shifts: Sequence[str]) -> int:
    """When the shift ends that runs now; 0 where no shifts are configured.

    By the plant's wall clock, so that a shift over a change of the clocks is an hour longer or shorter.
    """
    now = formats.local(now_us, zone)
    ends: list[datetime] = []
    for days in (0, 1, 2):
        day = now.date() + timedelta(days=days)
        for shift in shifts:
            hour, _, minute = shift.partition(":")
            ends.append(
                datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=now.tzinfo)
            )
    times = sorted(round(each.timestamp() * 1e6) for each in ends)
    return next((each for each in times if each > now_us + MINUTE_US), 0)


def typed_us(text: str) -> int | None:
    """A length that a person typed: ``90``, ``90 min``, ``1.5 h``; None = not understood."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    amount = float(found[1].replace(",", "."))
    unit_us = HOUR_US if (found[2] or "min").lower().startswith("h") else MINUTE_US
    return round(amount * unit_us) or None


def refusal(length_us: int | None, most: int, is_reason_wanted: bool, reason: str) -> str:
    """Why it cannot be shelved so, in words; "" = it can."""
    if most <= 0:
        return t("Alarms of this class are never shelved.")
    if length_us is None:
        return t("Type a length, such as 90 min or 1.5 h.")
    if length_us > most:
        return t("At most {span}: its class allows no more.", span=formats.span(most / 1e6))
    if is_reason_wanted and not reason.strip():
        return t("Say why it is shelved.")
    return ""
