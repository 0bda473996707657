"""Numbers, times and qualities as text. Pure: no Qt, no engine, no clock of its own."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

THIN = "\u202f"
"""A thin space at which no line breaks; between thousands, and between a value and its unit."""
MINUS = "\u2212"
NO_VALUE = "\u2014"
MAX_DECIMALS = 6
SIGNIFICANT = 4
"""Digits of the span that are worth showing: the resolution of a usual 0.1 % transmitter."""

_catalogue: dict[str, str] = {}
_DECIMAL_COMMA = ("de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "nb", "fi", "cs", "ru", "tr")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def t(text: str, **values: object) -> str:
    """The text for a person, translated where the catalogue knows it, with ``{names}`` filled in."""
    found = _catalogue.get(text, text)
    return found.format(**values) if values else found


def set_catalogue(texts: Mapping[str, str]) -> None:
    """Use these translations, English text to translated text, from now on."""
    _catalogue.clear()
    _catalogue.update(texts)


def decimals_of(stated: int | None, low: float | None, high: float | None, type_name: str = "") -> int | None:
    """Digits after the separator: as stated, else from the type, else from the span of the range.

    None = nothing is known; then `number` keeps four significant digits of each value.
    """
    if stated is not None:
        return max(0, min(stated, MAX_DECIMALS))
    if type_name == "bool" or "int" in type_name:
        return 0
    if low is None or high is None or not high > low:
        return None
    return max(0, min(MAX_DECIMALS, SIGNIFICANT - 1 - math.floor(math.log10(high - low))))


def number(value: float, decimals: int | None, locale: str = "en") -> str:
    """A number in the plant's locale, thousands apart by a thin space; a dash for NaN."""
    if not math.isfinite(value):
        return NO_VALUE
    if abs(value) >= 1e15:
        return f"{value:.{SIGNIFICANT - 1}e}".replace("-", MINUS)
    if decimals is None:
        size = math.floor(math.log10(abs(value))) if value else 0
        decimals = max(0, min(MAX_DECIMALS, SIGNIFICANT - 1 - size))
    text = f"{abs(value):,.{decimals}f}"
    is_zero = not any(digit in text for digit in "123456789")
    comma = locale.lower().replace("_", "-").split("-")[0] in _DECIMAL_COMMA
    text = text.replace(",", THIN).replace(".", "," if comma else ".")
    return text if value >= 0 or is_zero else MINUS + text


def quantity(value: float, decimals: int | None, unit: str, locale: str = "en") -> str:
    """A number with its unit behind a thin space."""
    text = number(value, decimals, locale)
    return f"{text}{THIN}{unit}" if unit and text != NO_VALUE else text


def truth(value: float) -> str:
    """A bool tag in a word."""
    return NO_VALUE if math.isnan(value) else t("on") if value else t("off")


def state(value: float, states: Mapping[int, str]) -> str:
    """An enumeration as its number and word, ``2 Running``; a number without a word as ``7 ? unknown``."""
    if not math.isfinite(value):
        return NO_VALUE
    word = states.get(int(value)) if value == int(value) else None
    figure = number(value, 0 if value == int(value) else None)
    return f"{figure} {word}" if word else t("{n} ? unknown", n=figure)


def one_line(text: str) -> str:
    """A text on one line: line ends, tabs and signs that cannot be printed become single spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def tip(text: str) -> str:
    """A tool tip that shows the words as they are: Qt would take ``<b>`` or ``<img src=…>`` for markup."""
    if "<" not in text and "&" not in text:
        return text
    return f'<span style="white-space: pre-wrap">{escape(text)}</span>'


def sentence(text: str, name: str = "") -> str:
    """A message as a whole sentence: with a capital, unless it begins with a ``name``, and a full stop."""
    text = text.strip()
    if not text:
        return ""
    first = text.split()[0].rstrip(",:;")
    if first.isalpha() and first.islower() and first != name:
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…" else f"{text}."


def offset(seconds: float) -> str:
    """How far a clock is from ours: ``62 s ahead``, ``3 min behind``, ``right to the second``."""
    size = abs(seconds)
    if size < 1:
        return t("right to the second")
    amount = t("{n} s", n=int(size)) if size < 120 else span(size)
    return t("{span} ahead", span=amount) if seconds > 0 else t("{span} behind", span=amount)


def span(seconds: float) -> str:
    """A length of time in its largest fitting unit: ``0.2 s``, ``3 min``, ``4 h``, ``2 days``."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return t("{n} s", n=f"{seconds:.1f}")
    if seconds < 60:
        return t("{n} s", n=int(seconds))
    if seconds < 3600:
        return t("{n} min", n=int(seconds // 60))
    if seconds < 48 * 3600:
        return t("{n} h", n=int(seconds // 3600))
    return t("{n} days", n=int(seconds // 86400))


def ago(seconds: float) -> str:
    """The age of something no longer fresh: ``3 s ago``, ``3 min ago``; ``never`` for NaN."""
    if math.isnan(seconds):
        return t("never")
    return t("{span} ago", span=span(math.floor(seconds)) if seconds >= 10 else f"{int(seconds)} s")


def age(seconds: float) -> str:
    """The age of a value in words: ``0.2 s`` while fresh, ``3 min ago`` later, ``never`` for NaN."""
    return span(seconds) if seconds < 3 else ago(seconds)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The plant's time zone; UTC when this machine does not know the name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local(time_us: int, zone_name: str) -> datetime:
    """UTC microseconds as local time of the plant."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)).astimezone(zone(zone_name))


def clock(time_us: int, zone_name: str, seconds: bool = True) -> str:
    """Time of day at the plant, ``14:27:06``."""
    return local(time_us, zone_name).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(when: date) -> str:
    """A day as ``Sun 22 Nov``."""
    return f"{t(_DAYS[when.weekday()])} {when.day} {t(_MONTHS[when.month - 1])}"


def zone_short(time_us: int, zone_name: str) -> str:
    """The zone as people say it at that time of the year, ``CET``; the offset where it has no letters."""
    name = local(time_us, zone_name).strftime("%Z")
    return f"UTC{name}" if name[:1] in "+-" else name


def moment(time_us: int, now_us: int, zone_name: str, seconds: bool = True) -> str:
    """A time at the plant, with the day if it is not today."""
    if time_us <= 0:
        return t("never")
    then, now = local(time_us, zone_name), local(now_us, zone_name)
    text = then.strftime("%H:%M:%S" if seconds else "%H:%M")
    return text if then.date() == now.date() else f"{day(then)} {text}"


def date_of(time_us: int, zone_name: str) -> str:
    """A day with its year at the plant, ``22 Nov 2026``."""
    when = local(time_us, zone_name)
    return f"{when.day} {t(_MONTHS[when.month - 1])} {when.year}"


def grouped(hex_digits: str, size: int = 4) -> tuple[str, ...]:
    """Digits in groups that can be read aloud and compared: ``("3f2a", "91bc", …)``."""
    return tuple(hex_digits[at : at + size] for at in range(0, len(hex_digits), size))


def shortened(text: str) -> str:
    """A message with its thumbprints cut in their middle: nobody reads 64 digits within a sentence."""
    return re.sub(r"\b([0-9a-fA-F]{8})[0-9a-fA-F]{24,}([0-9a-fA-F]{8})\b", r"\1…\2", text)


def sort_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts texts as people do: case does not matter, and ``Pump 2`` comes before ``Pump 10``."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
