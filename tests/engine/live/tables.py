"""A live table with a few tags, and batches for it."""

from pathlib import Path

import numpy as np

from engine.live import LiveReader, LiveTable, plan
from engine.types import Batch

MONO_US = 50_000_000
KEEP = np.ones((1, 1), np.bool_)


def ids(*tags: int) -> np.ndarray:
    return np.array(tags, np.int32)


def batch(tags: np.ndarray, time_us: int, *values: float, quality: int = 0) -> Batch:
    return Batch(
        0,
        tags,
        np.array([time_us], np.int64),
        np.array([time_us], np.int64),
        np.array([values], np.float64),
        np.full(len(tags), quality, np.uint32),
    )


def put(
    table: LiveTable, tag: int, time_us: int, value: float, quality: int = 0, mono: int = MONO_US
) -> None:
    table.write(batch(ids(tag), time_us, value, quality=quality), KEEP, mono)


def open_pair(folder: Path, tags: int = 3, ring_bytes: int = 1 << 20) -> tuple[LiveTable, LiveReader]:
    layout = plan(tags, boot=7, ring_bytes=ring_bytes)
    table = LiveTable(folder / "live.bin", layout, np.arange(tags, dtype=np.int32), MONO_US)
    return table, LiveReader(folder / "live.bin", layout)
