"""What becomes of the samples of one publish: times, quality, repeats. Pure numpy, no asyncua."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.types import SEVERITY_MASK, Batch, Status

EXACT = 2**53
"""Integers beyond this are rounded in a float64."""
FUTURE_US = 1_000_000
"""A source time further ahead than this is a wrong clock, not a time."""
_INFO_DATA_VALUE = np.uint32(0x0400)
_INFO_TYPE = np.uint32(0x0C00)
_OVERFLOW = np.uint32(0x0080)
_LIMITS = np.uint32(0x0300)
_SEVERITY = np.uint32(SEVERITY_MASK)
_BAD = np.uint32(Status.BAD)
_UNCERTAIN = np.uint32(Status.UNCERTAIN)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples as they came, oldest first per handle.

    handle int32[k] (our number of the tag in this connection) · value float64[k] (NaN = none) ·
    status uint32[k] · source_us, server_us int64[k] (0 = the server gave none).
    """

    handle: NDArray[np.int32]
    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    source_us: NDArray[np.int64]
    server_us: NDArray[np.int64]

    def pick(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Samples:
        """The samples where ``chosen`` bool[k] is true, or those at these positions."""
        return Samples(
            self.handle[chosen],
            self.value[chosen],
            self.status[chosen],
            self.source_us[chosen],
            self.server_us[chosen],
        )


def settle_times(
    samples: Samples, receive_us: int, offset_us: int = 0, by_receipt: bool = False
) -> tuple[Samples, bool]:
    """Give every sample a usable source time; also whether one does not fit the device's clock.

    Without a source time the server's counts; without either, or more than 1 s in the future even by
    the device's clock (``offset_us`` = its clock minus ours), our own time counts and a good sample
    becomes uncertain: its age is a guess. ``by_receipt`` = the device's clock is too far off: our own
    time counts for all samples, 1 µs apart where a tag has several, and their quality stays.
    """
    time = np.where(samples.source_us > 0, samples.source_us, samples.server_us)
    ahead = time > receive_us + FUTURE_US + max(0, offset_us)
    wrong = (time <= 0) | ahead
    doubt = wrong & ((samples.status & _SEVERITY) == 0)
    settled = np.where(wrong, np.int64(receive_us), time)
    if by_receipt:
        settled = receive_us - occurrence(samples.handle[::-1])[::-1]
    status = np.where(doubt, _UNCERTAIN, samples.status).astype(np.uint32)
    return replace(samples, source_us=settled, status=status), bool(ahead.any())


def settle_values(samples: Samples) -> Samples:
    """NaN and infinities are no values: NaN and bad, unless the device already says worse."""
    unreal = ~np.isfinite(samples.value)
    silent = unreal & ((samples.status & _BAD) == 0)
    return replace(
        samples,
        value=np.where(unreal, np.nan, samples.value),
        status=np.where(silent, _BAD, samples.status).astype(np.uint32),
    )


def take_overflow(samples: Samples) -> tuple[Samples, NDArray[np.int32]]:
    """Clear the Overflow bit (OPC 10000-4, 7.38.1); gives the handles of the samples that carried it.

    Each stands for at least one sample that the server's queue dropped before it.
    """
    status = samples.status
    overflow = ((status & _INFO_TYPE) == _INFO_DATA_VALUE) & ((status & _OVERFLOW) != 0)
    handles = samples.handle[overflow]
    if not len(handles):
        return samples, handles
    cleared = status & ~_OVERFLOW
    cleared = np.where((cleared & _LIMITS) == 0, cleared & ~_INFO_TYPE, cleared)
    return replace(samples, status=np.where(overflow, cleared, status).astype(np.uint32)), handles


def worsen(samples: Samples, status: int) -> Samples:
    """Good samples get ``status``; uncertain and bad ones keep their own."""
    good = (samples.status & _SEVERITY) == 0
    return replace(samples, status=np.where(good, np.uint32(status), samples.status).astype(np.uint32))


def occurrence(handle: NDArray[np.int32]) -> NDArray[np.int64]:
    """For each sample, how many of the same handle came before it: int64[k]."""
    order = np.argsort(handle, kind="stable")
    ordered = handle[order]
    first = np.ones(len(handle), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    start = np.maximum.accumulate(np.where(first, np.arange(len(handle)), 0))
    count = np.empty(len(handle), np.int64)
    count[order] = np.arange(len(handle)) - start
    return count


def batches(group: int, tags: NDArray[np.int32], samples: Samples, receive_us: int) -> Iterator[Batch]:
    """Batches of a row for each sample of its tags; together every sample once, in order per tag.

    ``tags`` int32 maps a handle to its tag id. A publish may hold several samples of one tag: tags
    that have the same number of them share a batch, so that blocks of fast tags stay blocks.
    """
    if not len(samples.handle):
        return
    nth = occurrence(samples.handle)
    if not nth.any():
        yield _batch(group, tags, samples, 1, receive_us)
        return
    many = np.bincount(samples.handle)[samples.handle]
    for rows in np.unique(many).tolist():
        own = np.flatnonzero(many == rows)
        by_row = own[np.lexsort((samples.handle[own], nth[own]))]
        yield _batch(group, tags, samples.pick(by_row), rows, receive_us)


def _batch(group: int, tags: NDArray[np.int32], samples: Samples, rows: int, receive_us: int) -> Batch:
    """Samples row after row, each row with the same tags in the same order, as a batch."""
    shape = rows, len(samples.handle) // rows
    return Batch(
        group=group,
        tags=tags[samples.handle[: shape[1]]],
        source_time_us=samples.source_us.reshape(shape),
        receive_time_us=np.full(rows, receive_us, np.int64),
        value=samples.value.reshape(shape),
        quality=samples.status.reshape(shape),
    )


def history(group: int, tag: int, samples: Samples, receive_us: int) -> Batch:
    """Samples of one tag, in time order, as a batch with a row each."""
    rows = len(samples.value)
    return Batch(
        group=group,
        tags=np.array([tag], np.int32),
        source_time_us=samples.source_us,
        receive_time_us=np.full(rows, receive_us, np.int64),
        value=samples.value[:, np.newaxis],
        quality=samples.status[:, np.newaxis],
    )
