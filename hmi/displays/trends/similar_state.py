"""Places in the history that look like the marked stretch: what is asked, and the answer in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hmi import formats
from hmi.displays.trends import stretch_state
from hmi.formats import t
from hmi.widgets.trend_selection import Stretch

MOST = 12
MOST_LENGTHS = 160_000
"""So many times its own length a stretch can be searched for; further back it would be too coarse to tell."""
WORDS = ((0.9, "almost the same"), (0.75, "very like it"), (0.5, "like it"), (0.0, "a little like it"))


@dataclass(frozen=True, slots=True)
class Match:
    """One place found. ``likeness`` 0 to 1."""

    stretch: Stretch
    likeness: float


def search(stretch: Stretch, oldest_us: int | None, now_us: int) -> Stretch:
    """Where it is looked for: the whole local history, or as much of it as makes sense for its length."""
    most_us = MOST_LENGTHS * (stretch[1] - stretch[0])
    first_us = now_us - most_us
    return max(first_us, oldest_us) if oldest_us is not None else first_us, now_us


def body(tag_id: int, stretch: Stretch, where: Stretch) -> dict[str, Any]:
    """What the job ``similar`` is asked."""
    return {
        "tag": tag_id,
        "start_us": stretch[0],
        "end_us": stretch[1],
        "search_start_us": where[0],
        "search_end_us": where[1],
        "most": MOST,
    }


def matches(result: Mapping[str, Any]) -> tuple[Match, ...]:
    """The places found, best first."""
    return tuple(
        Match((each["start_us"], each["end_us"]), float(each["likeness"])) for each in result["matches"]
    )


def likeness(match: Match) -> str:
    """How like it is, as a word and a number."""
    word = next(word for least, word in WORDS if match.likeness >= least)
    return t("{word} · {percent} %", word=t(word), percent=round(match.likeness * 100))


def when(match: Match, now_us: int, zone: str) -> str:
    """When it was: the day, if it was not today, and the time it began."""
    fine = match.stretch[1] - match.stretch[0] < stretch_state.SECONDS_US
    part = f".{match.stretch[0] // 1000 % 1000:03d}" if fine else ""
    return formats.moment(match.stretch[0], now_us, zone) + part


def nothing(name: str, where: Stretch, now_us: int, zone: str) -> str:
    """What to do when nothing was found."""
    return t(
        "{name} did not look like this anywhere since {time}.\n"
        "Select a stretch with a clear shape, with a little of what comes before and after it, "
        "or choose another pen in the list at the left.",
        name=name,
        time=formats.moment(where[0], now_us, zone),
    )
