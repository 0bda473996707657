"""Stored samples of one tag: found in day files and tail, decoded, put together in order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.historian.cache import Cache
from engine.historian.shelf import DAY_US, DayFile, Shelf
from engine.store.database import StoreError
from engine.store.segment import Chunk, Packed, Times, unpack_chunk
from engine.types import Origin, Samples, Status

LOWEST = -(2**62)
STRETCHES_BYTES = 96_000_000
"""For the minutes of all tags around the instant of a replay: 4,800 samples a second of them."""
NO_SAMPLES = Samples(
    *(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)),
    *(np.empty(0, np.uint32), np.empty(0, np.uint8), np.empty(0, np.uint32)),
)
Watch = Callable[[float], bool]
"""Hears how far long work is, 0 to 1; False = stop."""


class Cancelled(Exception):
    """Long work was stopped by the one who asked for it."""


class Tail(Protocol):
    """Samples that are not in day files yet (`engine.historian.tail`)."""

    def find(self, tag_id: int, start_us: int, end_us: int) -> Sequence[Chunk]:
        """Samples of the span, one origin and UTC day a chunk; ``upto`` as in `Chunk`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Some samples of a tag: ``packed`` in a ``file``, or a ``chunk`` in memory."""

    first_us: int
    last_us: int
    file: DayFile | None = None
    packed: Packed | None = None
    chunk: Chunk | None = None


class Reading:
    """Finds and decodes. Any thread. What cannot be read is a bad sample where it began, told once."""

    def __init__(self, shelf: Shelf, tail: Tail, cache: Cache, fast: Collection[int] = ()) -> None:
        self.shelf, self.tail, self.cache, self._fast = shelf, tail, cache, fast
        self.stretches = Cache(STRETCHES_BYTES)

    def pieces(
        self, tag: int, start_us: int, end_us: int, *, before: bool = True, tail: bool = True
    ) -> list[Piece]:
        """What reaches into [start_us, end_us), by first sample; ``before`` = the sample before it too.

        ``tail`` False = only what is in day files.
        """
        # The tail first: what a seal moves meanwhile is then found twice, never missed.
        fresh = self.tail.find(tag, LOWEST if before else start_us, end_us) if tail else ()
        files = self.shelf.files()
        found: list[Piece] = []
        sealed: dict[int, int] = {}
        for file in files:
            if file.start_us < end_us and file.end_us > start_us and self._may_hold(file, tag):
                upto, some = self._of_file(file, tag, start_us, end_us)
                found += some
                if file.is_fast == (tag in self._fast):
                    sealed[file.start_us] = upto
        low_us = start_us
        if before:
            newest_us, older = self._newest_before(tag, start_us, files, found, fresh)
            low_us = start_us if newest_us == LOWEST else newest_us
            found[:0] = older
        for chunk in fresh:
            first, last = int(chunk.time_us[0]), int(chunk.time_us[-1])
            if last >= low_us and chunk.upto > sealed.get(first // DAY_US * DAY_US, -1):
                found.append(Piece(first, last, chunk=chunk))
        found.sort(key=lambda piece: piece.first_us)
        return found

    def count(self, tag: int, start_us: int, end_us: int) -> int:
        """About how many samples `raw` would give: whole chunks are counted, nothing is decoded."""
        found = sum(len(chunk.time_us) for chunk in self.tail.find(tag, start_us, end_us))
        for file in self.shelf.files():
            if file.start_us < end_us and file.end_us > start_us and self._may_hold(file, tag):
                found += self.shelf.ask(file, lambda segment: segment.count(tag, start_us, end_us)) or 0
        return found

    def _may_hold(self, file: DayFile, tag: int) -> bool:
        return file.is_fast == (tag in self._fast) or self.shelf.holds(file, tag)

    def _of_file(self, file: DayFile, tag: int, start_us: int, end_us: int) -> tuple[int, list[Piece]]:
        """``upto`` of the file, and what it has of the span; a file that cannot be read = a bad sample."""
        answer = self.shelf.ask(file, lambda segment: (segment.find(tag, start_us, end_us), segment.upto))
        if answer is None:
            is_lost = file.path.exists() and file.is_fast == (tag in self._fast)
            return -1, [_lost(tag, max(file.start_us, min(start_us, file.end_us - 1)))] if is_lost else []
        return answer[1], [Piece(each.first_us, each.last_us, file, each) for each in answer[0]]

    def _newest_before(
        self,
        tag: int,
        start_us: int,
        files: Sequence[DayFile],
        found: Sequence[Piece],
        fresh: Sequence[Chunk],
    ) -> tuple[int, list[Piece]]:
        """When the newest sample before ``start_us`` was, at the earliest, and what older files have."""
        best = max((piece.first_us for piece in found if piece.first_us < start_us), default=LOWEST)
        for chunk in fresh:
            at = int(chunk.time_us.searchsorted(start_us))
            best = max(best, int(chunk.time_us[at - 1])) if at else best
        older: list[Piece] = []
        for file in reversed(files):
            if file.end_us <= best:
                break
            if file.start_us < start_us and self.shelf.holds(file, tag):
                time_us, some = self._last_of(file, tag, start_us)
                if some and time_us >= best:  # what is in the tail too may be dropped there
                    older = [*some, *older] if time_us == best else some
                    best = time_us
        return best, older

    def _last_of(self, file: DayFile, tag: int, start_us: int) -> tuple[int, list[Piece]]:
        answer = self.shelf.ask(file, lambda segment: (segment.before(tag, start_us),))
        if answer is not None and answer[0] is None:
            return LOWEST, []
        time_us = min(start_us, file.end_us) - 1 if answer is None else answer[0] or 0
        some = self._of_file(file, tag, time_us, time_us + 1)[1]
        return (time_us, [piece for piece in some if piece.last_us < start_us]) if some else (LOWEST, [])

    def times(self, file: DayFile, packed: Packed) -> Times:
        """The times of a chunk, kept for the others that share them.

        Raises:
            StoreError: they cannot be read.
        """
        key = _times_key(file, packed)
        times = self.cache.get(key)
        if times is None:
            with self.shelf.borrow(file) as segment:
                times = segment.times(packed.times_id)
            self.cache.keep(key, times, times.source.nbytes + times.receive.nbytes)
        return times

    def chunk(self, piece: Piece, *, keep: bool = True) -> Chunk:
        """The samples of a piece; ``keep`` = likely to be asked for again soon."""
        if piece.file is None or piece.packed is None:
            return _lost_chunk(-1, piece.first_us) if piece.chunk is None else piece.chunk
        key = chunk_key(piece.file, piece.packed)
        found = self.cache.get(key) if keep else None
        if found is None:
            try:
                times = self.times(piece.file, piece.packed)
                found = unpack_chunk(piece.file.path, piece.packed, times)
            except StoreError as error:
                self.shelf.tell(key, str(error))
                return _lost_chunk(piece.packed.tag, piece.first_us)
            if keep:
                self.cache.keep(key, found, _size(found))
        return found

    def raw(self, tag: int, start_us: int, end_us: int) -> Samples:
        """All samples of the span and the one before it."""
        if end_us <= start_us:
            return NO_SAMPLES
        parts = [self.together(group) for group in groups(self.pieces(tag, start_us, end_us))]
        return between(joined(parts), start_us, end_us)

    def together(self, group: Sequence[Piece], *, keep: bool = True) -> Chunk | Samples:
        """Pieces whose times overlap as one, each sample once. One piece stays the chunk that it is."""
        if len(group) == 1:
            return self.chunk(group[0], keep=keep)
        return merged([self.chunk(piece, keep=keep) for piece in group])


def chunk_key(file: DayFile, packed: Packed) -> tuple[int, ...]:
    """What the content of a chunk is remembered under."""
    return *_times_key(file, packed), packed.tag, packed.crc


def _times_key(file: DayFile, packed: Packed) -> tuple[int, ...]:
    """With the span of the times: a file that was removed and came anew may bear the same number."""
    return file.number, packed.times_id, packed.first_us, packed.last_us, packed.n


def groups(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces, sorted by their first sample, in groups that do not overlap each other."""
    group: list[Piece] = []
    last = LOWEST
    for piece in pieces:
        if group and piece.first_us > last:
            yield group
            group = []
        group.append(piece)
        last = max(last, piece.last_us) if len(group) > 1 else piece.last_us
    if group:
        yield group


def merged(chunks: Sequence[Chunk]) -> Samples:
    """Samples of several chunks by time, in the order of the chunks where times are equal; none twice."""
    joint = joined(chunks)
    bits = joint.value.view(np.int64)
    alike = np.lexsort((joint.quality, bits, joint.time_us))
    time, value, quality = joint.time_us[alike], bits[alike], joint.quality[alike]
    again = (time[1:] == time[:-1]) & (value[1:] == value[:-1]) & (quality[1:] == quality[:-1])
    first = np.sort(alike[np.append(True, ~again)])  # lexsort is stable: the first of each stays
    return take(joint, first[np.argsort(joint.time_us[first], kind="stable")])


def joined(parts: Sequence[Chunk | Samples]) -> Samples:
    """Parts one after another, as samples."""
    if not parts:
        return NO_SAMPLES
    sizes = [len(part.time_us) for part in parts]
    return Samples(
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.receive_us for part in parts]),
        np.concatenate([part.value for part in parts]),
        _filled([part.quality for part in parts], sizes),
        np.repeat(np.array([_origin(part) for part in parts], np.uint8), sizes)
        if all(isinstance(part, Chunk) for part in parts)
        else np.concatenate([_origins(part) for part in parts]),
        _filled([part.dropped for part in parts], sizes),
    )


def _filled(columns: Sequence[NDArray[np.uint32] | None], sizes: Sequence[int]) -> NDArray[np.uint32]:
    if all(column is None for column in columns):
        return np.zeros(sum(sizes), np.uint32)
    return np.concatenate(
        [
            np.zeros(size, np.uint32) if column is None else column
            for column, size in zip(columns, sizes, strict=True)
        ]
    )


def _origin(part: Chunk | Samples) -> int:
    return int(part.origin) if isinstance(part, Chunk) else 0


def _origins(part: Chunk | Samples) -> NDArray[np.uint8]:
    return np.full(len(part.time_us), part.origin, np.uint8) if isinstance(part, Chunk) else part.origin


def take(samples: Samples, at: slice | NDArray[np.intp]) -> Samples:
    """Some of the samples."""
    return Samples(
        *(samples.time_us[at], samples.receive_us[at], samples.value[at]),
        *(samples.quality[at], samples.origin[at], samples.dropped[at]),
    )


def between(samples: Samples, start_us: int, end_us: int) -> Samples:
    """Those of [start_us, end_us) and the one before."""
    first = max(int(samples.time_us.searchsorted(start_us)) - 1, 0)
    return take(samples, slice(first, int(samples.time_us.searchsorted(end_us))))


def _lost(tag: int, time_us: int) -> Piece:
    """In place of samples that cannot be read: from here on nothing is known."""
    return Piece(time_us, time_us, chunk=_lost_chunk(tag, time_us))


def _lost_chunk(tag: int, time_us: int) -> Chunk:
    time = np.array([time_us], np.int64)
    return Chunk(tag, Origin.ENGINE, time, time, np.array([np.nan]), np.array([Status.BAD], np.uint32))


def _size(chunk: Chunk) -> int:
    return sum(part.nbytes for part in (chunk.value, chunk.quality, chunk.dropped) if part is not None)
