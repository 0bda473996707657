"""What the page of all tags shows: tiles by equipment, filter, pens. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.types import Snapshot, Status, Tag
from hmi.formats import t
from hmi.values import group_of, has_curve

MAX_PENS = 8


@dataclass(frozen=True, slots=True)
class TagTiles:
    """Positions are live positions. ``order`` holds those of the asset ``scope`` ("" = all), equipment
    together; ``shown`` passes the filter.
    """

    tags: tuple[Tag, ...] = ()
    order: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    filter: str = ""
    pens: tuple[int, ...] = ()
    focus: int | None = None
    scope: str = ""


def opened(
    tags: Sequence[Tag], before: TagTiles | None = None, scope: str = "", main: int | None = None
) -> TagTiles:
    """The page of a new tag list or another asset; filter, pens, focus are kept where they still exist.

    ``main`` = the tag to begin with, None = the first critical measurement.
    """
    listed = tuple(tags)
    inside = [i for i, tag in enumerate(listed) if not scope or tag.path.startswith(f"{scope}/")]
    first_seen: dict[str, int] = {}
    for i in inside:
        first_seen.setdefault(group_of(listed[i]), len(first_seen))
    order = tuple(sorted(inside, key=lambda i: (first_seen[group_of(listed[i])], i)))
    pens: tuple[int, ...] = ()
    focus: int | None = None
    if before is not None:
        where = {listed[i].path: i for i in inside}
        pens = tuple(where[before.tags[i].path] for i in before.pens if before.tags[i].path in where)
        focus = None if before.focus is None else where.get(before.tags[before.focus].path)
    if not pens:
        first = main if main in order and has_curve(listed[main or 0]) else default_pen(listed, order)
        pens = () if first is None else (first,)
    if focus is None:
        focus = pens[0] if pens else order[0] if order else None
    state = TagTiles(listed, order, order, "", pens, focus, scope)
    return filtered(state, before.filter) if before else state


def default_pen(tags: Sequence[Tag], order: Sequence[int]) -> int | None:
    """The tag to draw first: the first critical measurement, else the first measurement, else any curve."""
    drawn = [i for i in order if has_curve(tags[i])]
    for wanted in (
        [i for i in drawn if tags[i].criticality == "critical" and tags[i].type != "bool"],
        [i for i in drawn if tags[i].type != "bool"],
        drawn,
    ):
        if wanted:
            return wanted[0]
    return None


def filtered(state: TagTiles, text: str) -> TagTiles:
    """Only tags whose path, unit, source or address contains every word of ``text``, in any case."""
    words = text.casefold().split()
    if not words:
        return replace(state, shown=state.order, filter=text)
    shown = tuple(i for i in state.order if all(word in _haystack(state.tags[i]) for word in words))
    return replace(state, shown=shown, filter=text)


def _haystack(tag: Tag) -> str:
    return f"{tag.path} {tag.unit} {tag.source} {tag.address}".casefold()


def chosen(state: TagTiles, index: int) -> TagTiles:
    """One tag alone: its large number and its pen."""
    pens = (index,) if has_curve(state.tags[index]) else ()
    return replace(state, pens=pens, focus=index)


def toggled(state: TagTiles, index: int) -> TagTiles:
    """Add the tag to the trend or take it out. A ninth pen changes nothing; the view says so."""
    if index in state.pens:
        left = tuple(i for i in state.pens if i != index)
        focus = left[-1] if left and state.focus == index else state.focus
        return replace(state, pens=left, focus=focus)
    if len(state.pens) >= MAX_PENS or not has_curve(state.tags[index]):
        return state
    return replace(state, pens=(*state.pens, index), focus=index)


def summary(state: TagTiles, snapshot: Snapshot | None) -> str:
    """How many tags there are and how many need a look, in a short line."""
    count = len(state.order)
    all_of = t("{n} tags", n=count) if count != 1 else t("1 tag")
    if state.filter.strip():
        all_of = t("{n} of {all}", n=len(state.shown), all=all_of)
    if snapshot is None or snapshot.value.size != len(state.tags) or not count:
        return all_of
    inside = np.array(state.order)
    status, stale = snapshot.status[inside], snapshot.stale[inside]
    never = status & np.uint32(0xFFFF0000) == Status.WAITING_FOR_INITIAL_DATA
    poor = [
        (int(np.count_nonzero(mask)), word)
        for mask, word in (
            (stale & (status < 0x80000000), t("stale")),
            ((status >= 0x80000000) & ~never, t("bad")),
            (never, t("without a value yet")),
            ((status >> 30 == 1) & ~stale, t("uncertain")),
        )
    ]
    told = [f"{n} {word}" for n, word in poor if n]
    return " · ".join([all_of, *told]) if told else t("{tags} · all good", tags=all_of)
