"""The tail: samples that are on disk as frames and not packed into segments yet.

It is a row of layers. New frames go into the last one; a seal closes it at a frame number, its mark,
opens the next, and takes the closed one away once all its samples are in segments.

How to read segments and tail so that no sample is missing and none comes twice, at any moment of a
seal and without a lock: **take from the tail first, then look into the segments.** A chunk of the
tail is of one UTC day, and its ``upto`` is not above the mark of its layer and not below the first
frame of it. The segment that its tag goes to on that day holds all of the layer or nothing of it, and
says so: ``segment.upto`` as of `Segment.find`. So drop the chunk if ``chunk.upto <= segment.upto``,
else keep it. A layer that was taken away before the tail was asked is in the segments by then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.historian.distinct import distinct, rises
from engine.historian.runs import Piece, Run, by_day, frame_piece, gather, joined, merge, part
from engine.store.frame_rows import Frame
from engine.store.segment import Chunk

FRESH_FRAMES, FRESH_SAMPLES = 64, 262_144
"""So many frames or samples are gathered into runs."""
FEW_RUNS = 16
"""So many small runs are merged into one."""
NEVER_US = -(2**63)


@dataclass(slots=True, eq=False)
class Layer:
    """Frames between two marks. ``mark`` 0 = still open; ``last`` = number of its newest frame.

    ``is_recovered``: a seal of it may have begun before the engine was started.
    """

    mark: int = 0
    is_recovered: bool = False
    last: int = 0
    samples: int = 0
    nbytes: int = 0
    fresh: list[Frame] = field(default_factory=list[Frame])
    runs: list[Run] = field(default_factory=list[Run])


class Tail:
    """Any thread reads; one thread adds and closes layers, one gathers and takes layers away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._layers = [Layer()]

    @property
    def samples(self) -> int:
        """Samples in it."""
        with self._lock:
            return sum(layer.samples for layer in self._layers)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that its samples use."""
        with self._lock:
            return sum(layer.nbytes for layer in self._layers)

    @property
    def open_samples(self) -> int:
        """Samples in the layer that new frames go into."""
        with self._lock:
            return self._layers[-1].samples

    @property
    def open_bytes(self) -> int:
        """Bytes of that layer."""
        with self._lock:
            return self._layers[-1].nbytes

    def add(
        self, frames: Sequence[Frame], last: int, *, close: bool = False, is_recovered: bool = False
    ) -> None:
        """Frames that are on disk now, the newest with the number ``last``. ``close`` = a seal cuts here."""
        with self._lock:
            layer = self._layers[-1]
            layer.fresh.extend(frames)
            layer.samples += sum(frame.value.size for frame in frames)
            layer.nbytes += sum(frame.nbytes for frame in frames)
            layer.last, layer.is_recovered = last, is_recovered
            if close and layer.samples:
                layer.mark = last
                self._layers.append(Layer(last=last))

    def find(self, tag_id: int, start_us: int, end_us: int) -> list[Chunk]:
        """Samples with start_us <= source time < end_us, sorted by time, one origin and UTC day a chunk.

        See the module for how to put them together with those of the segments.
        """
        found: list[Chunk] = []
        for last, runs, fresh in self._look():
            for pieces in _pieces(tag_id, runs, fresh).values():
                chunk = _once(replace(joined(tag_id, pieces), upto=last))
                low, high = np.searchsorted(chunk.time_us, (start_us, end_us)).tolist()
                found += by_day(part(chunk, low, max(low, high)))
        return found

    def before(self, tag_id: int, time_us: int) -> int | None:
        """Source time of the newest sample before ``time_us``, None = there is none."""
        newest = NEVER_US
        for _, runs, fresh in self._look():
            for pieces in _pieces(tag_id, runs, fresh).values():
                for piece in pieces:
                    newest = max(
                        newest, int(piece.time_us.max(initial=NEVER_US, where=piece.time_us < time_us))
                    )
        return None if newest == NEVER_US else newest

    def newest(self, coming: Sequence[Frame] = ()) -> dict[int, int]:
        """Source time of the newest sample of each tag, those of ``coming`` included."""
        found: dict[int, int] = {}
        for _, runs, fresh in (*self._look(), (0, (), tuple(coming))):
            for run in (*runs, *gather(fresh)):
                for tag in run.tags.tolist():
                    piece = run.piece(tag)
                    if piece is not None and len(piece.time_us):
                        found[tag] = max(int(piece.time_us.max()), found.get(tag, NEVER_US))
        return found

    def tags(self) -> set[int]:
        """The tags that have samples in it."""
        return {
            tag for _, runs, fresh in self._look() for part in (*runs, *fresh) for tag in part.tags.tolist()
        }

    def runs(self) -> list[Run]:
        """All samples of this moment, for looking at many tags at once."""
        return [run for _, runs, fresh in self._look() for run in (*runs, *gather(fresh))]

    def gather(self) -> None:
        """Put fresh frames into runs where there are many; called by the seal thread now and then."""
        with self._lock:
            layers = list(self._layers)
        for layer in layers:
            fresh = layer.fresh
            if len(fresh) >= FRESH_FRAMES or sum(frame.value.size for frame in fresh) >= FRESH_SAMPLES:
                self._gather(layer)

    def closed(self) -> Layer | None:
        """The oldest layer that a seal has to pack, all its frames in runs; None = there is none."""
        with self._lock:
            layer = self._layers[0]
        if not layer.mark:
            return None
        self._gather(layer)
        return layer

    def has_closed(self) -> bool:
        """Whether there is a layer to pack."""
        with self._lock:
            return bool(self._layers[0].mark)

    def take_away(self, layer: Layer) -> None:
        """The oldest layer is in the segments."""
        with self._lock:
            self._layers.remove(layer)

    def _look(self) -> list[tuple[int, tuple[Run, ...], tuple[Frame, ...]]]:
        with self._lock:
            return [(each.last, tuple(each.runs), tuple(each.fresh)) for each in self._layers]

    def _gather(self, layer: Layer) -> None:
        fresh = list(layer.fresh)
        runs = gather(fresh)
        merged: list[Run] | None = None
        small = [run for run in layer.runs if run.size < FRESH_SAMPLES]
        if len(small) >= FEW_RUNS:
            merged = [*(run for run in layer.runs if run.size >= FRESH_SAMPLES), *merge(small)]
        with self._lock:
            layer.runs = [*(layer.runs if merged is None else merged), *runs]
            del layer.fresh[: len(fresh)]


def _once(chunk: Chunk) -> Chunk:
    """As a seal will store it."""
    return chunk if rises(chunk.time_us) else distinct([chunk])[0]


def _pieces(tag_id: int, runs: Iterable[Run], fresh: Iterable[Frame]) -> dict[int, list[Piece]]:
    """The samples of a tag by origin, in the order they came."""
    found: dict[int, list[Piece]] = {}
    for piece in (*(run.piece(tag_id) for run in runs), *(frame_piece(frame, tag_id) for frame in fresh)):
        if piece is not None and len(piece.time_us):
            found.setdefault(piece.origin, []).append(piece)
    return found
