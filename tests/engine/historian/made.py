"""Samples for tests, written briefly."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.historian.rolling import from_raw
from engine.types import Curve, Gap, Instant, Origin, Rollup, Samples


def samples(
    time_us: Sequence[int] | NDArray[np.int64],
    value: Sequence[float] | NDArray[np.float64],
    quality: Sequence[int] | NDArray[np.uint32] | int = 0,
    dropped: Sequence[int] | NDArray[np.uint32] | int = 0,
    delay_us: Sequence[int] | NDArray[np.int64] | int = 0,
    origin: Sequence[int] | NDArray[np.uint8] | int = Origin.LIVE,
) -> Samples:
    time = np.asarray(time_us, np.int64)

    def full(given: object, kind: type[np.generic]) -> NDArray[np.generic]:
        return np.broadcast_to(np.asarray(given, kind), time.shape).copy()

    return Samples(
        time,
        time + full(delay_us, np.int64),  # type: ignore[arg-type]
        np.asarray(value, np.float64),
        full(quality, np.uint32),  # type: ignore[arg-type]
        full(origin, np.uint8),  # type: ignore[arg-type]
        full(dropped, np.uint32),  # type: ignore[arg-type]
    )


def part(all_of: Samples, start_us: int, end_us: int) -> Samples:
    """What ``History.raw`` gives of the span: its samples and the one before."""
    first = max(int(np.searchsorted(all_of.time_us, start_us)) - 1, 0)
    return take(all_of, slice(first, max(int(np.searchsorted(all_of.time_us, end_us)), first)))


def take(all_of: Samples, at: object) -> Samples:
    """Some of the samples."""
    return Samples(
        all_of.time_us[at],  # type: ignore[index]
        all_of.receive_us[at],  # type: ignore[index]
        all_of.value[at],  # type: ignore[index]
        all_of.quality[at],  # type: ignore[index]
        all_of.origin[at],  # type: ignore[index]
        all_of.dropped[at],  # type: ignore[index]
    )


class Memory:
    """A history in memory. ``asked`` = samples it gave."""

    def __init__(self) -> None:
        self.tags: dict[int, Samples] = {}
        self.gap_list: list[Gap] = []
        self.asked = 0

    def add(self, tag_id: int, more: Samples) -> None:
        """Put samples in, wherever their times belong."""
        both = [self.tags[tag_id], more] if tag_id in self.tags else [more]
        names = ("time_us", "receive_us", "value", "quality", "origin", "dropped")
        whole = Samples(*(np.concatenate([getattr(each, name) for each in both]) for name in names))
        self.tags[tag_id] = take(whole, np.argsort(whole.time_us, kind="stable"))

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        found = part(self.tags.get(tag_id, samples([], [])), start_us, end_us)
        self.asked += len(found.time_us)
        return found

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        return [gap for gap in self.gap_list if gap.start_us < end_us and gap.end_us > start_us]

    def minmax(self, tag_id: int, start_us: int, end_us: int, pixels: int) -> Curve:
        raise AssertionError("not for roll-ups")

    def rollup(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        return from_raw(self, tag_id, start_us, step_us, -(-(end_us - start_us) // step_us))

    def window(self, tag_ids: Sequence[int], start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        raise AssertionError("not for roll-ups")

    def instant(self, tag_ids: Sequence[int], time_us: int) -> Instant:
        raise AssertionError("not for roll-ups")
