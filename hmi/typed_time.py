"""Instants and spans as a person types them, in the time of the plant. No Qt."""

from __future__ import annotations

from datetime import datetime

from hmi import formats
from hmi.formats import t


def written(text: str, zone: str) -> int | None:
    """An instant as a person types it, ``2026-11-21 13:02``, at the plant; None = it is none."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            found = datetime.strptime(" ".join(text.split()), form)
            return round(found.replace(tzinfo=formats.zone(zone)).timestamp() * 1e6)
        except (ValueError, OverflowError, OSError):
            continue
    return None


def typed(time_us: int, zone: str) -> str:
    """An instant in the form that `written` reads."""
    return f"{formats.local(time_us, zone):%Y-%m-%d %H:%M:%S}"


def own(start: str, end: str, zone: str) -> tuple[int, int] | str:
    """The span that a person typed, or what is wrong with it."""
    first, last = written(start, zone), written(end, zone)
    if first is None or last is None:
        return t("Type both times like this: 2026-11-21 13:02")
    return (first, last) if first < last else t("The end is not after the start.")
