"""Where each column lies in the live file. Only the writer plans; readers are told in hello."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.types import Column, Layout

MAGIC = 0x31455649_4C4D5257  # "WRMLIVE1" in the byte order of the file
VERSION = 3
LEVELS = (4, 8, 12)
"""Pyramid levels as powers of two: one bucket holds 16, 256 or 4,096 samples."""
FAN = 16
"""Samples, or finer buckets, in one bucket."""
MOST_SAMPLES = 65_536
FEWEST_SAMPLES = 256
TEXT_BYTES = 256
"""Room for the text of a text tag, in UTF-8."""
NO_TEXT = 0xFFFF
"""The text length of a tag that is a number."""

HEADER = np.dtype(
    [
        ("magic", "<u8"),
        ("version", "<u4"),
        ("generation", "<u4"),
        ("boot", "<u8"),
        ("capacity", "<u4"),
        ("count", "<u4"),
        ("texts", "<u4"),
        ("unused", "<u4"),
        ("heartbeat_mono_us", "<i8"),
        ("heartbeat_us", "<i8"),
    ]
)
ROW_COLUMNS = (
    ("sequence", "<u8"),
    ("value", "<f8"),
    ("source_time_us", "<i8"),
    ("receive_time_us", "<i8"),
    ("proved_mono_us", "<i8"),
    ("limit_us", "<i8"),
    ("quality", "<u4"),
    ("alarm", "<u4"),
    ("cursor", "<u8"),
    ("text_length", "<u2"),
)


def plan(count: int, boot: int, ring_bytes: int, generation: int = 1, spare: int = 0) -> Layout:
    """Lay out a live file for ``count`` tags with about ``ring_bytes`` of recent samples.

    Coarser levels keep fewer buckets of more samples, so that they reach further back than the
    raw ring: with n raw samples, n/2 buckets of 16, n/4 of 256 and n/8 of 4,096.
    """
    capacity = max(count + spare, 1)
    per_sample = 20 + 25 * sum(1 / 2 ** (k + 1) for k in range(len(LEVELS)))
    fits = int(ring_bytes / per_sample / capacity)
    samples = min(max(fits // FAN * FAN, FEWEST_SAMPLES), MOST_SAMPLES)
    wanted = [(name, dtype, 1) for name, dtype in ROW_COLUMNS]
    wanted.append(("text", "<u1", TEXT_BYTES))
    wanted += [("ring_time_us", "<i8", samples), ("ring_value", "<f8", samples)]
    wanted.append(("ring_quality", "<u4", samples))
    for k, level in enumerate(LEVELS):
        buckets = samples >> (k + 1)
        for name, dtype in (("start_us", "<i8"), ("low", "<f8"), ("high", "<f8"), ("flags", "<u1")):
            wanted.append((f"l{level}_{name}", dtype, buckets))
    columns: dict[str, Column] = {}
    at = mmap.PAGESIZE
    for name, dtype, items in wanted:
        columns[name] = Column(at, dtype, items)
        at += -(-capacity * items * np.dtype(dtype).itemsize // 64) * 64
    return Layout(VERSION, boot, generation, capacity, count, at, columns)


def column(memory: mmap.mmap, layout: Layout, name: str) -> NDArray[Any]:
    """The flat array of one column, a view into the file."""
    place = layout.columns[name]
    return np.frombuffer(memory, place.dtype, layout.capacity * place.items, place.offset)
