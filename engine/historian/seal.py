"""What a seal makes of a layer of the tail: chunks, by the file that they go to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.historian import door
from engine.historian.distinct import distinct, masked, rises
from engine.historian.places import DAY_US, is_fast
from engine.historian.runs import Piece, Run, joined, merge
from engine.store.segment import Chunk
from engine.tags import is_measured
from engine.types import Origin, Tag

MOST_IN_CHUNK = 8_192
DOOR_SAMPLES = 500_000
"""So many samples go through the swinging door at a time."""
_DOUBT = np.uint32(0xC0000000)

Target = tuple[int, bool]
"""Days since 1970-01-01, and whether it is the file of the fast tags."""
Known = Callable[[int, int, int], Sequence[Chunk]]
"""Samples of a tag from first_us to last_us that are in segments already."""


@dataclass(slots=True, eq=False)
class Sealing:
    """How tags are packed: ``tags`` by id, ``limits`` = values that alarms compare each with."""

    tags: dict[int, Tag]
    limits: Mapping[int, Sequence[float]]
    known: Known
    _bounds: dict[tuple[int, int], list[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]] = field(
        default_factory=dict[tuple[int, int], list[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]]
    )
    _rising: dict[int, bool] = field(default_factory=dict[int, bool])

    def chunks(self, runs: Sequence[Run]) -> dict[Target, list[Chunk]]:
        """All samples of the runs, each once, in chunks of one tag, origin and UTC day."""
        merged = merge(runs)
        self._bounds.clear()
        self._rising.clear()
        holding: dict[int, list[Run]] = {}
        for run in merged:
            for tag in run.tags.tolist():
                holding.setdefault(tag, []).append(run)
        chunks: list[Chunk] = []
        for tag, some in sorted(holding.items()):
            pieces = [piece for run in some if (piece := run.piece(tag)) is not None and len(piece.time_us)]
            chunks += self._of_tag(tag, pieces)
        # Cut before they are thinned: so no line of left-out samples leads from one chunk into the next.
        cut = [part for chunk in chunks for part in self._cut(chunk)]
        found: dict[Target, list[Chunk]] = {}
        for chunk in self._thinned(cut):
            target = int(chunk.time_us[0]) // DAY_US, is_fast(self.tags.get(chunk.tag))
            found.setdefault(target, []).append(chunk)
        return found

    def _of_tag(self, tag: int, pieces: Sequence[Piece]) -> list[Chunk]:
        """One chunk for each origin, in order of time, no two samples alike."""
        if len(pieces) == 1 and pieces[0].origin is Origin.LIVE and self._is_rising(pieces[0].time_us):
            only = pieces[0]
            return [Chunk(tag, only.origin, only.time_us, only.receive_us, only.value, only.quality)]
        by_origin: dict[Origin, list[Piece]] = {}
        for piece in pieces:
            by_origin.setdefault(piece.origin, []).append(piece)
        chunks = [joined(tag, by_origin[origin]) for origin in sorted(by_origin)]
        if len(chunks) == 1 and chunks[0].origin is Origin.LIVE and rises(chunks[0].time_us):
            return chunks
        before: Sequence[Chunk] = ()
        if Origin.LATE in by_origin or Origin.BACKFILL in by_origin:
            came = [chunk for chunk in chunks if chunk.origin in (Origin.LATE, Origin.BACKFILL)]
            first = min(int(chunk.time_us[0]) for chunk in came)
            before = self.known(tag, first, max(int(chunk.time_us[-1]) for chunk in came) + 1)
        return distinct(chunks, before)

    def _is_rising(self, time_us: NDArray[np.int64]) -> bool:
        """Whether no time comes twice or late; asked once for times that tags share."""
        found = self._rising.get(id(time_us))
        if found is None:
            found = self._rising[id(time_us)] = rises(time_us)
        return found

    def _thinned(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Without the live samples that the line between their neighbours stands for."""
        found, others = list(chunks), _others(chunks)
        places: list[int] = []
        samples = 0
        for k, chunk in enumerate(chunks):
            if self._has_door(chunk):
                places.append(k)
                samples += len(chunk.time_us)
            if places and (samples >= DOOR_SAMPLES or k == len(chunks) - 1):
                beside = {
                    k: _beside(chunks[place].time_us, others[chunks[place].tag])
                    for k, place in enumerate(places)
                    if chunks[place].tag in others
                }
                masks = door.kept_many([self._door_run(chunks[place]) for place in places], beside)
                for place, mask in zip(places, masks, strict=True):
                    if not mask.all():
                        found[place] = replace(masked(chunks[place], mask), dropped=door.dropped(mask))
                places, samples = [], 0
        return found

    def _has_door(self, chunk: Chunk) -> bool:
        tag = self.tags.get(chunk.tag)
        if tag is None or chunk.origin is not Origin.LIVE or tag.deadband <= 0:
            return False
        return len(chunk.time_us) > 2 and is_measured(tag.type, tag.states)

    def _door_run(self, chunk: Chunk) -> door.Run:
        good = (
            np.ones(len(chunk.time_us), np.bool_) if chunk.quality is None else (chunk.quality & _DOUBT) == 0
        )
        limits = tuple(self.limits.get(chunk.tag, ()))
        return chunk.time_us, chunk.value, good, self.tags[chunk.tag].deadband, limits

    def _cut(self, chunk: Chunk) -> list[Chunk]:
        """At UTC midnights and into pieces that are quick to read; shared times are cut once for all."""
        key = id(chunk.time_us), id(chunk.receive_us)
        cuts = self._bounds.get(key)
        if cuts is None:
            bounds = bounds_of(chunk.time_us)
            cuts = [(a, b, chunk.time_us[a:b], chunk.receive_us[a:b]) for a, b in bounds]
            self._bounds[key] = cuts
        if len(cuts) == 1:
            return [chunk]
        return [
            replace(
                chunk,
                time_us=time_us,
                receive_us=receive_us,
                value=chunk.value[a:b],
                quality=None if chunk.quality is None else chunk.quality[a:b],
            )
            for a, b, time_us, receive_us in cuts
        ]


def _others(chunks: Sequence[Chunk]) -> dict[int, NDArray[np.int64]]:
    """Times of the samples of each tag that did not come live."""
    found: dict[int, list[NDArray[np.int64]]] = {}
    for chunk in chunks:
        if chunk.origin is not Origin.LIVE:
            found.setdefault(chunk.tag, []).append(chunk.time_us)
    return {tag: np.concatenate(some) for tag, some in found.items()}


def _beside(time_us: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.intp]:
    """The samples beside others that came otherwise: where these stand, a reader's line ends."""
    left, right = time_us.searchsorted(others, "left"), time_us.searchsorted(others, "right")
    return np.unique(np.clip(np.concatenate((left - 1, left, right)), 0, len(time_us) - 1))


def bounds_of(time_us: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Where a chunk in order of time is cut; samples of one time stay together."""
    n = len(time_us)
    cuts = {0, n}
    if int(time_us[0]) // DAY_US != int(time_us[-1]) // DAY_US:
        cuts.update((np.flatnonzero(np.diff(time_us // DAY_US)) + 1).tolist())
    if n > MOST_IN_CHUNK:
        steps = time_us[MOST_IN_CHUNK::MOST_IN_CHUNK]
        cuts.update(np.searchsorted(time_us, steps, side="left").tolist())
    places = sorted(cuts)
    return list(zip(places, places[1:], strict=False))
