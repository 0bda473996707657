"""What the page of clocks says: this computer's clock, those of the devices, how fast tags live. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.typed import convert
from engine.types import DeviceClock, HostClock, ScaleClass, SourceStatus, TimeScale
from hmi import formats
from hmi.displays.system.state import Cells, Fact, Mark, Row
from hmi.formats import t

OFF_US = 1_000_000
"""Further off than this, beyond its error, a clock is a person's affair."""
ASK_US = 3_000_000
REFUSED_US = 10_000_000
SCALES: dict[TimeScale, str] = {
    "ms": "milliseconds",
    "s": "seconds",
    "min": "minutes",
    "shift": "hours and shifts",
}
RATES: dict[TimeScale, str] = {
    "ms": "more than 5 a second",
    "s": "down to one in 20 s",
    "min": "down to one an hour",
    "shift": "fewer",
}


class Told(msgspec.Struct, frozen=True):
    """The engine's answer to ``clocks``."""

    host: HostClock
    devices: tuple[DeviceClock, ...]
    scales: tuple[ScaleClass, ...]


@dataclass(frozen=True, slots=True)
class Clocks:
    """What is known; ``told`` None = nothing yet, ``trouble`` = why no news come."""

    told: Told | None = None
    trouble: str = ""


def as_told(answer: Any) -> Told | None:
    """The answer as a struct; None = it is of another version."""
    try:
        return convert(answer, Told)
    except (msgspec.ValidationError, TypeError):
        return None


def is_off(device: DeviceClock) -> bool:
    """Whether a person should look at this clock."""
    return device.offset_us is not None and abs(device.offset_us) - (device.error_us or 0) > OFF_US


def ordered(devices: Sequence[DeviceClock]) -> tuple[DeviceClock, ...]:
    """What is off most first, then what cannot be measured, then the others, and those without a clock."""

    def rank(device: DeviceClock) -> tuple[int, int, str]:
        size = abs(device.offset_us or 0)
        if device.kind == "none":
            return 3, 0, device.source
        if device.offset_us is None:
            return 1, 0, device.source
        return (0 if is_off(device) else 2), -size, device.source

    return tuple(sorted(devices, key=rank))


def rows(told: Told, now_us: int, zone: str, locale: str) -> tuple[Cells, ...]:
    """A row for each device: name, offset, drift, lag, reordered, last measured, and what to know of it."""
    return tuple(_row(each, now_us, zone, locale) for each in ordered(told.devices))


def _row(device: DeviceClock, now_us: int, zone: str, locale: str) -> Cells:
    drift = "" if device.drift_ppm is None else t("{n} ppm", n=formats.number(device.drift_ppm, 1, locale))
    lag = "" if device.lag_us is None else length(device.lag_us, locale)
    if device.late_us is not None:
        lag = t("{lag}; 1 % over {late}", lag=lag, late=length(device.late_us, locale))
    measured = "" if device.measured_us is None else formats.ago(max(now_us - device.measured_us, 0) / 1e6)
    is_dated = device.lag_us is not None or device.reordered
    reordered = formats.number(device.reordered, 0, locale) if is_dated else ""
    return device.source, offset_words(device, locale), drift, lag, reordered, measured, _says(device)


def _says(device: DeviceClock) -> str:
    return formats.sentence(t(device.text), device.source) if device.text else t("In order.")


def offset_words(device: DeviceClock, locale: str = "en") -> str:
    """``12 ms ahead, ± 1 ms``; how far off a clock is and how well that is known."""
    if device.offset_us is None:
        return t("no clock") if device.kind == "none" else t("not known")
    error = length(device.error_us or 0, locale)
    size = length(abs(device.offset_us), locale)
    if abs(device.offset_us) <= (device.error_us or 0):
        return t("right, \u00b1 {error}", error=error)
    if device.offset_us > 0:
        return t("{size} ahead, \u00b1 {error}", size=size, error=error)
    return t("{size} behind, \u00b1 {error}", size=size, error=error)


def length(time_us: int, locale: str = "en") -> str:
    """A short length of time: ``0.4 ms``, ``85 ms``, ``2.3 s``, ``62 min``; negative ones with a minus."""
    size, sign = abs(time_us), formats.MINUS if time_us < 0 else ""
    if size < 9_950:
        return sign + t("{n} ms", n=formats.number(size / 1e3, 1, locale))
    if size < 999_500:
        return sign + t("{n} ms", n=formats.number(size / 1e3, 0, locale))
    if size < 120_000_000:
        return sign + t("{n} s", n=formats.number(size / 1e6, 1, locale))
    return sign + formats.span(size / 1e6)


def scale_rows(told: Told, locale: str) -> tuple[Cells, ...]:
    """A row for each time scale: its name, which rates are in it, tags, samples a second, memory."""
    return tuple(
        (
            t(SCALES[each.scale]),
            t(RATES[each.scale]),
            formats.number(each.tags, 0, locale),
            formats.number(each.samples_per_s, 1 if each.samples_per_s < 100 else 0, locale),
            formats.span(each.buffer_s) if each.buffer_s else t("nothing yet"),
        )
        for each in told.scales
    )


def host_facts(host: HostClock, locale: str) -> tuple[Fact, ...]:
    """This computer's clock, in words."""
    if host.is_synchronised is None:
        return (Fact(t("This computer"), formats.sentence(t(host.text or "nothing is known of its clock"))),)
    if not host.is_synchronised:
        return (Fact(t("This computer"), formats.sentence(t(host.text)), True),)
    if host.error_us is None:
        return (Fact(t("This computer"), formats.sentence(t(host.text or "follows a time server"))),)
    error = length(host.error_us, locale)
    return (Fact(t("This computer"), t("Follows a time server, within \u00b1 {error}.", error=error)),)


def order_words() -> str:
    """What order by source time means."""
    return t(
        "Samples are ordered by the time that their device gave them, not by when they came: one that comes "
        "late is put in its place and counted, and no clock is corrected behind your back. Only a clock more "
        "than 5 s off is not believed: then the time of receipt counts, and the source says so."
    )


def summary(clocks: Clocks) -> str:
    """The page in one line."""
    if clocks.told is None:
        return ""
    devices = clocks.told.devices
    off = sum(is_off(each) for each in devices)
    known = sum(each.offset_us is not None for each in devices)
    none = sum(each.kind == "none" for each in devices)
    parts = [t("{n} off by more than 1 s", n=off)] if off else []
    parts.append(t("{n} of {all} measured", n=known, all=len(devices) - none))
    if none:
        parts.append(t("{n} without a clock", n=none))
    return " \u00b7 ".join(parts)


def news_words(clocks: Clocks, is_stalled: bool) -> str:
    """Why there is nothing on show, or why it is old; "" = all is well."""
    if is_stalled:
        return t("The engine is silent; this is what it said last.")
    if clocks.trouble:
        return t("The clocks are not known: {why}", why=formats.sentence(clocks.trouble))
    return "" if clocks.told is not None else t("Asking the engine\u2026")


def row(sources: Sequence[SourceStatus], is_stalled: bool) -> Row:
    """Clocks as one line beside the sources, from what the links tell all the time."""
    name = t("Clocks")
    if is_stalled:
        return Row(name, "unknown", t("not known"), "", "")
    known = [each for each in sources if each.clock_offset_s is not None]
    worst = max(known, key=lambda each: abs(each.clock_offset_s or 0.0), default=None)
    if worst is None or worst.clock_offset_s is None:
        return Row(name, "well", t("no device tells its time"), "", "")
    if abs(worst.clock_offset_s) > OFF_US / 1e6:
        mark: Mark = "look"
        words = t("{source} is {off}", source=worst.id, off=formats.offset(worst.clock_offset_s))
        return Row(name, mark, words, "", "")
    return Row(name, "well", t("{n} within 1 s of ours", n=len(known)), "", "")
