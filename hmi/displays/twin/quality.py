"""What many tags are worth at once, and how far the picture is behind the plant. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.types import Snapshot, Status
from hmi import formats
from hmi.formats import t
from hmi.model import Model, short_name, unit_of
from hmi.values import Kind

WORST: tuple[Kind, ...] = ("normal", "uncertain", "stale", "never", "bad")
"""From what can be trusted to what cannot; a rank is a place in it."""
UNSURE, STALE, NEVER, BAD = 1, 2, 3, 4
MOST_NAMED = 2
_MAJOR = np.uint32(0xFFFF0000)


def ranks(snapshot: Snapshot, at: NDArray[np.int32]) -> NDArray[np.int8]:
    """int8[k]: how these tags have to look, as places in `WORST`; `hmi.values.kind_of` for many at once."""
    status, age_s, stale = snapshot.status[at], snapshot.age_s[at], snapshot.stale[at]
    major, severity = status & _MAJOR, status >> np.uint32(30)
    found = (severity == 1).astype(np.int8)
    found[stale | (major == np.uint32(Status.STALE))] = STALE
    found[severity >= 2] = BAD
    never = (major == np.uint32(Status.WAITING_FOR_INITIAL_DATA)) | (np.isnan(age_s) & (status == 0))
    found[never] = NEVER
    return found


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far what is shown is behind the plant, in words; ``is_calm`` = nothing of it is too old."""

    text: str
    is_calm: bool = True


def freshness(model: Model, tags: NDArray[np.int32], snapshot: Snapshot | None) -> Freshness:
    """``in time: 0.3 s`` = the worst age of these tags; or which units are silent, and since when."""
    if snapshot is None or not len(tags):
        return Freshness("")
    worth, age_s = ranks(snapshot, tags), snapshot.age_s[tags]
    silent = worth == STALE
    if silent.any():
        whole = bool((silent | (worth >= NEVER)).all())
        longest = float(np.nan_to_num(age_s[silent]).max())
        return Freshness(_silent(model, tags[silent], longest, whole), False)
    heard = age_s[(worth <= UNSURE) & ~np.isnan(age_s)]
    if not heard.size:
        is_bad = bool((worth == BAD).any())
        return Freshness(t("no value can be trusted") if is_bad else t("nothing heard yet"), False)
    return Freshness(t("in time: {span}", span=formats.span(float(heard.max()))))


def _silent(model: Model, tags: NDArray[np.int32], age_s: float, is_whole: bool) -> str:
    span = formats.span(age_s)
    names = unit_names(model, tags.tolist())
    if is_whole and len(names) != 1:
        return t("nothing heard for {span}", span=span)
    if len(names) <= MOST_NAMED:
        return t("{units} not heard for {span}", units=", ".join(names), span=span)
    return t("{n} units not heard for {span}", n=len(names), span=span)


def unit_names(model: Model, tags: Sequence[int]) -> list[str]:
    """The short names of the units that these tags belong to, each once."""
    found: dict[str, None] = {}
    for at in tags:
        path = model.tags[at].path
        unit = unit_of(model, path)
        found[short_name(unit.name)[0] if unit is not None else path.rpartition("/")[0] or path] = None
    return list(found)
