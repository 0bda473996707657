"""Batches for the tests of this package, by hand and by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from engine.types import Batch, Status

TAG_IDS = 8
GRID = [-1e308, -50.0, -0.5, 0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 49.5, 1e308]
"""Values close to and far from each other, so that deadbands are met exactly, missed and exceeded."""
values = st.one_of(st.sampled_from([*GRID, np.nan, np.inf, -np.inf]), st.floats(-60, 60))
qualities = st.sampled_from([0, 0x00000480, 0x40000000, Status.STALE, Status.BAD, Status.SENSOR_FAILURE])


def batch(
    value: ArrayLike,
    quality: ArrayLike = 0,
    receive_us: ArrayLike | None = None,
    tags: ArrayLike | None = None,
) -> Batch:
    """A batch of rows×n values; quality is spread over n; a row a second; tags 0..n-1."""
    rows = np.atleast_2d(np.array(value, np.float64))
    times = np.arange(len(rows)) * 1_000_000 if receive_us is None else receive_us
    codes: NDArray[np.uint32] = np.array(quality, np.uint32)
    return Batch(
        group=0,
        tags=np.arange(rows.shape[1], dtype=np.int32) if tags is None else np.array(tags, np.int32),
        source_time_us=np.array(times, np.int64),
        receive_time_us=np.array(times, np.int64),
        value=rows,
        quality=codes if codes.ndim else np.repeat(codes, rows.shape[1]),
    )


@st.composite
def some_batches(draw: st.DrawFn) -> list[Batch]:
    """One to four batches in time order, each over its own choice of tags."""
    now_us = draw(st.integers(0, 10**15))
    made: list[Batch] = []
    for _ in range(draw(st.integers(1, 4))):
        tags = draw(st.lists(st.integers(0, TAG_IDS - 1), unique=True, max_size=TAG_IDS))
        rows = draw(st.integers(0, 6))
        steps = draw(st.lists(st.integers(0, 6_000_000), min_size=rows, max_size=rows))
        times = now_us + np.cumsum(np.array(steps, np.int64))
        now_us = int(times[-1]) if rows else now_us
        cells = rows * len(tags)
        value = np.array(draw(st.lists(values, min_size=cells, max_size=cells)), np.float64)
        one_row = draw(st.booleans())
        size = len(tags) if one_row else cells
        quality = np.array(draw(st.lists(qualities, min_size=size, max_size=size)), np.uint32)
        made.append(
            batch(
                value.reshape(rows, len(tags)),
                quality if one_row else quality.reshape(rows, len(tags)),
                times,
                tags,
            )
        )
    return made
