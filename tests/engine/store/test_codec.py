"""Columns as bytes: what comes out is what went in, bit for bit, or it is said that it is damaged."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.store.codec import CODECS, PCODEC, checksum, pack, unpack
from engine.store.database import Damaged

INT64 = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=60)
BITS = st.lists(st.integers(0, 2**64 - 1), max_size=60)


@pytest.mark.parametrize("codec", CODECS)
@given(numbers=INT64)
def test_whole_numbers_come_back(codec: int, numbers: list[int]) -> None:
    column = np.array(numbers, np.int64)
    assert unpack(pack(column, codec), np.int64, len(column), codec).tolist() == numbers


@pytest.mark.parametrize("codec", CODECS)
@given(bits=BITS)
def test_every_bit_of_a_double_comes_back_whatever_kind_of_nan_it_is(codec: int, bits: list[int]) -> None:
    column = np.array(bits, np.uint64).view(np.float64)
    found = unpack(pack(column, codec), np.float64, len(column), codec)
    assert found.tobytes() == column.tobytes()
    assert found.flags.writeable


@pytest.mark.parametrize("codec", CODECS)
def test_columns_of_part_of_an_array_come_back(codec: int) -> None:
    table = np.arange(60, dtype=np.uint32).reshape(6, 10)
    assert unpack(pack(table[:, 3], codec), np.uint32, 6, codec).tolist() == table[:, 3].tolist()


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("change", ["length", "kind", "bytes", "cut"])
def test_content_that_is_not_the_column_is_damaged(codec: int, change: str) -> None:
    content = pack(np.arange(100.0), codec)
    kind, count = (np.int64, 100) if change == "kind" and codec == PCODEC else (np.float64, 100)
    if change == "length" or (change == "kind" and codec != PCODEC):
        count = 99
    if change == "bytes":
        content = b"\xff" * len(content)
    if change == "cut":
        content = content[: len(content) // 2]
    with pytest.raises(Damaged):
        unpack(content, kind, count, codec)  # type: ignore[type-var]


def test_codec_of_a_newer_version_is_named() -> None:
    with pytest.raises(Damaged, match="unknown codec 9"):
        unpack(b"x", np.float64, 1, 9)


def test_checksum_is_over_the_parts_that_are_there() -> None:
    assert checksum(b"ab", None, b"c") == checksum(b"abc")
    array = np.arange(3.0)
    assert checksum(array.data) == checksum(struct.pack("<3d", 0, 1, 2)) != checksum(array.data, b"x")
