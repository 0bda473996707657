"""Notes of people on the history, in words and in groups that a finger can tell apart. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.types import Annotation
from hmi import formats
from hmi.displays.trends import stretch_state
from hmi.formats import t
from hmi.widgets.trend_selection import Stretch

LONGEST = 400


def shown(notes: Sequence[Annotation], paths: Sequence[str], stretch: Stretch) -> tuple[Annotation, ...]:
    """The notes of a window that are of all tags or of a drawn one, and begin or end in it."""
    drawn = {"", *paths}
    return tuple(
        each
        for each in notes
        if each.tag in drawn and each.start_us <= stretch[1] and each.end_us >= stretch[0]
    )


def grouped(
    notes: Sequence[Annotation], x: Callable[[int], float], least_px: float
) -> list[tuple[float, tuple[Annotation, ...]]]:
    """(place, notes) of every flag, left to right: notes nearer than that share the flag of the first."""
    found: list[tuple[float, tuple[Annotation, ...]]] = []
    for note in sorted(notes, key=lambda each: each.start_us):
        at = x(note.start_us)
        if found and at - found[-1][0] < least_px:
            found[-1] = found[-1][0], (*found[-1][1], note)
        else:
            found.append((at, (note,)))
    return found


def told(note: Annotation, now_us: int, zone: str) -> str:
    """When it is of, who wrote it, and when."""
    made = formats.moment(note.made_us, now_us, zone)
    when = (
        stretch_state.when((note.start_us, note.end_us), now_us, zone)
        if note.end_us > note.start_us
        else formats.moment(note.start_us, now_us, zone)
    )
    tag = note.tag.rpartition("/")[2] or t("all tags")
    return t("{when} · {tag} · {author}, {made}", when=when, tag=tag, author=note.author, made=made)


def body(stretch: Stretch, tag: str, author: str, text: str) -> dict[str, Any]:
    """What ``annotate`` is asked."""
    return {"start_us": stretch[0], "end_us": stretch[1], "tag": tag, "author": author, "text": text.strip()}
