"""Instants and lengths of time as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS_US = {
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 7 * 86_400_000_000,
}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)?", re.ASCII)
_FROM_NOW = re.compile(r"(?:now)?\s*([+-])(.+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def length(text: str) -> int:
    """Microseconds of ``10s``, ``1.5h``, ``250ms``; a bare number is seconds.

    Raises:
        ValueError: it is none of these.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no length of time; write 10s, 5m, 24h or 3d")
    return round(float(match[1]) * _UNITS_US[match[2] or "s"])


def instant(text: str, now_us: int, zone: ZoneInfo) -> int:
    """UTC microseconds of ``now``, ``-24h``, or RFC 3339; ``zone`` is for what names no zone itself.

    Raises:
        ValueError: it is none of these.
    """
    text = text.strip()
    if text == "now":
        return now_us
    relative = _FROM_NOW.fullmatch(text)
    if relative is not None:
        try:
            away = length(relative[2])
        except ValueError:
            away = None
        if away is not None:
            return now_us - away if relative[1] == "-" else now_us + away
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; write 2026-11-22T14:30:00Z, 2026-11-22 14:30 (plant time), -24h or now"
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return (found - _EPOCH) // timedelta(microseconds=1)
