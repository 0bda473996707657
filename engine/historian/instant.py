"""What every tag said at a past instant, quick enough to be asked several times a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.historian.latest import Last
from engine.historian.line import along
from engine.historian.reading import Reading, groups, joined, take
from engine.historian.runs import part
from engine.store.segment import Chunk
from engine.types import SEVERITY_MASK, Instant, Samples, Status

STRETCH_US = 600_000_000
"""So much of a tag is kept ready. A replay at 60x goes through it in 10 s."""
SPREAD = 0x9E3779B1
"""Lets the stretches of tags begin at different instants, so that a replay never needs all anew at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Samples of one tag around [start_us, start_us + STRETCH_US); ``stamp`` = the files they are from."""

    start_us: int
    stamp: object
    samples: Samples

    def at(self, time_us: int) -> Last | None:
        """The sample that stands at an instant; its value is on the line where samples were left out."""
        samples = self.samples
        k = int(samples.time_us.searchsorted(time_us, "right")) - 1
        if k < 0:
            return None
        value = samples.value[k]
        if samples.dropped[k] and k + 1 < len(samples.value) and not samples.quality[k + 1] & SEVERITY_MASK:
            on_line = along(samples, np.array([k]), np.array([time_us]))[0]
            value = on_line if np.isfinite(on_line) else value
        return int(samples.time_us[k]), float(value), int(samples.quality[k])


def instant(reading: Reading, tags: Sequence[int], time_us: int, fresh: Mapping[int, Last]) -> Instant:
    """All tags at an instant; ``fresh`` = the newest samples by then that are not in day files yet."""
    stamp = reading.shelf.stamp()
    found = Instant(
        np.zeros(len(tags), np.int64),
        np.full(len(tags), np.nan),
        np.full(len(tags), Status.WAITING_FOR_INITIAL_DATA, np.uint32),
    )
    for row, tag in enumerate(tags):
        last, newer = _stretch(reading, tag, time_us, stamp).at(time_us), fresh.get(tag)
        if newer is not None and (last is None or newer[0] >= last[0]):
            last = newer
        if last is not None:
            found.time_us[row], found.value[row], found.quality[row] = last
    return found


def _stretch(reading: Reading, tag: int, time_us: int, stamp: object) -> Stretch:
    begin = time_us - (time_us + tag * SPREAD) % STRETCH_US
    kept: Stretch | None = reading.stretches.get(tag)
    if kept is not None and kept.start_us == begin and kept.stamp == stamp:
        return kept
    pieces = reading.pieces(tag, begin, begin + STRETCH_US, tail=False)
    # Chunks of all tags are more than the cache holds: kept, they would push out one another and the rest.
    parts = [_around(reading.together(group, keep=False), begin) for group in groups(pieces)]
    kept = Stretch(begin, stamp, _around(joined(parts), begin))
    reading.stretches.keep(tag, kept, 33 * len(kept.samples.time_us))
    return kept


def _around(some: Chunk | Samples, begin_us: int) -> Samples:
    """Of some samples those of a stretch, the one before it, and one more: a line may lead out of it."""
    first = max(int(some.time_us.searchsorted(begin_us, "right")) - 1, 0)
    end = min(int(some.time_us.searchsorted(begin_us + STRETCH_US)) + 1, len(some.time_us))
    if isinstance(some, Chunk):
        return joined([part(some, first, end)])
    return take(some, slice(first, end))
