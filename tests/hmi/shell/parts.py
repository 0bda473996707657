"""Finding the parts of a window."""

from __future__ import annotations

from typing import Any

from hmi.shell.banner import Banner
from hmi.shell.counters import Counter
from hmi.shell.window import Window

STALLED = "since 14:13:46: the engine is gone; starting it (attempt 2)"


def part(window: Window, kind: type[Any]) -> Any:
    """The one part of a kind."""
    return window.findChildren(kind)[0]


def rows_of(window: Window) -> list[Any]:
    """The rows of the banner on show."""
    return [row for row in part(window, Banner).rows if row.isVisible()]


def counts_of(window: Window) -> dict[int, int]:
    """What the counters of the top bar say, by priority."""
    return {each.priority: each.count for each in window.findChildren(Counter) if each.isVisible()}
