"""What prediction must know of the plant each second: which assets failed, which cannot be judged now."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from engine.app.foresight import Foresight, innermost
from engine.app.foresight_crossings import stands_of
from engine.live import LiveTable
from engine.twin.graph import plant_graph
from engine.types import SEVERITY_MASK, Alarm, Batch, Clock, Limit, Origin, Project, types_of

Blocked = Callable[[str], str]
"""Why nobody should trust what an asset shows now: work on it; "" = nothing."""


class Eyes:
    """In the loop's thread. A failure counts when it begins while somebody looks, at its source's time."""

    def __init__(self, project: Project, table: LiveTable, clock: Clock, foresight: Foresight) -> None:
        self._table, self._clock, self._foresight = table, clock, foresight
        ids = {tag.path: (row, tag) for row, tag in enumerate(project.tags)}
        self._live = {path: row for path, (row, _) in ids.items()}
        self._assets: list[str] = []
        self._failed: list[frozenset[int]] = []
        self._words: list[dict[int, str]] = []
        rows: list[int] = []
        for asset, kind in types_of(plant_graph(project).assets, project.types, project.assets).items():
            found = ids.get(f"{asset}/{kind.state}") if kind.failed else None
            if found is not None:
                self._assets.append(asset)
                self._failed.append(frozenset(kind.failed))
                self._words.append(found[1].states)
                rows.append(found[0])
        self._rows = np.array(rows, np.intp)
        self._stands: list[bool | None] = [None] * len(rows)
        self._worked: frozenset[str] = frozenset()

    def second(
        self,
        blocked: Blocked,
        alarms: Callable[[], Iterable[Alarm]] = tuple,
        alarm: Callable[[Limit], Alarm | None] = lambda limit: None,
    ) -> None:
        """Look once; call it each second. ``alarms`` = those that are not normal, ``alarm`` = of a limit."""
        now_us = self._clock.now_us()
        tags, self._foresight.unseeded = self._foresight.unseeded, None
        if tags is not None:
            self._foresight.append(*_seeded(self._table, self._clock, tags))
        values, quality, _ = self._table.look(self._rows, self._clock.mono_us())
        good = ((quality & np.uint32(SEVERITY_MASK)) == 0) & np.isfinite(values)
        situation: dict[str, str] = {}
        for at, asset in enumerate(self._assets):
            if not good[at]:
                continue  # nobody knows: what it was before stands
            value = round(float(values[at]))
            stands = value in self._failed[at]
            if stands and self._stands[at] is False:
                self._foresight.failed(asset, now_us)
            self._stands[at] = stands
            if stands:
                word = self._words[at].get(value, f"state {value}")
                situation[asset] = f"it has failed: {word}"
        watched = self._foresight.assets
        self._foresight.alarmed = frozenset(
            innermost(each.path, watched)
            for each in (alarms() if watched else ())
            if each.letter in ("B", "C")
        )
        worked: dict[str, str] = {}
        for asset in watched:
            why = blocked(asset)
            if why:
                worked[asset] = why
        # One that is not watched just now, while all is bound anew, may still be worked on.
        for asset in (self._worked & watched) - worked.keys():
            self._foresight.repaired(asset, now_us)
        self._worked = frozenset(worked) | (self._worked - watched)
        self._foresight.situation = situation | worked
        ahead = self._foresight.ahead
        if ahead is not None:
            ahead.stands = stands_of(ahead, self._live, self._table, alarm)


def _seeded(table: LiveTable, clock: Clock, tags: NDArray[np.int32]) -> tuple[Batch, Origin]:
    """The live values of these tags as samples of now: what holds and does not change sends nothing."""
    value, quality, age_s = table.look(table.rows(tags), clock.mono_us())
    known = ~np.isnan(age_s)
    now_us = np.full(1, clock.now_us(), np.int64)
    return Batch(0, tags[known], now_us, now_us, value[None, known], quality[None, known]), Origin.ENGINE
