"""Quality of a batch: its full shape, and what is no number made bad."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.types import Batch, Status

BAD_BIT = np.uint32(0x80000000)
NOT_A_NUMBER = np.uint32(Status.BAD)
"""Plain Bad, no sub-code: a NaN says that there is no value, not why. SensorFailure or
DeviceFailure would be a diagnosis that nobody made and would send a technician to the wrong place."""


def full_quality(batch: Batch) -> NDArray[np.uint32]:
    """Quality as uint32[rows×n], a read-only view where the batch holds one row for all."""
    return np.broadcast_to(batch.quality, batch.value.shape)


def clean(batch: Batch) -> Batch:
    """The batch with infinities as NaN and every NaN of bad quality.

    A quality that is already bad keeps its code, because it tells more. Good and uncertain become
    plain Bad. A batch without such values is returned as it is; the input is never written to.
    """
    finite = np.isfinite(batch.value)
    if finite.all():
        return batch
    quality = full_quality(batch)
    spoilt = ~finite & ((quality & BAD_BIT) == 0)
    return replace(
        batch,
        value=np.where(finite, batch.value, np.nan),
        quality=np.where(spoilt, NOT_A_NUMBER, quality),
    )
