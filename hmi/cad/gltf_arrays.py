"""Buffers and accessors of glTF: bytes to arrays, never beyond what the file holds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from hmi.cad.raw import MOST_TRIANGLES, Unreadable

NUMBERS = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
BROKEN = "it is broken: its arrays reach beyond its bytes; export it again"


class Buffers:
    """The byte buffers of a file, each read when first needed."""

    def __init__(self, document: dict[str, Any], chunk: bytes | None, beside: Callable[[str], bytes]) -> None:
        self._given: list[dict[str, Any]] = document.get("buffers", [])
        self._chunk, self._beside = chunk, beside
        self._read: dict[int, bytes] = {}

    def bytes_of(self, number: int) -> bytes:
        """The whole buffer ``number``.

        Raises:
            Unreadable: it is not there, or shorter than it says.
        """
        if number not in self._read:
            self._read[number] = self._load(number)
        return self._read[number]

    def _load(self, number: int) -> bytes:
        if not 0 <= number < len(self._given):
            raise Unreadable(BROKEN)
        uri, length = self._given[number].get("uri"), int(self._given[number]["byteLength"])
        if uri is None:
            content = self._chunk or b""
        elif uri.startswith("data:"):
            content = _inline(uri)
        else:
            content = self._beside(unquote(uri))
        if len(content) < length:
            raise Unreadable("the bytes of its points are not all there; copy or export it again")
        return content


def _inline(uri: str) -> bytes:
    head, _, body = uri.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else b""
    except (binascii.Error, ValueError) as error:
        raise Unreadable(BROKEN) from error


def accessor(document: dict[str, Any], buffers: Buffers, number: int, kind: str) -> NDArray[Any]:
    """The array ``number``, [count, width of ``kind``], whole numbers marked so scaled to -1…1.

    Raises:
        Unreadable: it is of another kind, or reaches beyond its bytes.
    """
    told = document["accessors"][number]
    if told["type"] != kind or told["componentType"] not in NUMBERS:
        raise Unreadable("it is broken: an array is not of its kind; export it again")
    count, width = int(told["count"]), WIDTHS[kind]
    dtype = np.dtype(NUMBERS[told["componentType"]]).newbyteorder("<")
    if not 0 <= count <= 3 * MOST_TRIANGLES:
        raise Unreadable(f"it has more than {MOST_TRIANGLES:,} triangles; export it coarser")
    if "bufferView" in told:
        view, start = told["bufferView"], int(told.get("byteOffset", 0))
        values = _view(document, buffers, view, start, (count, width), dtype)
    else:
        values = np.zeros((count, width), dtype)
    if "sparse" in told:
        values = _sparse(document, buffers, told["sparse"], values)
    return _scaled(values) if told.get("normalized") else values


def _view(
    document: dict[str, Any],
    buffers: Buffers,
    number: int,
    start: int,
    shape: tuple[int, int],
    dtype: np.dtype[Any],
) -> NDArray[Any]:
    view = document["bufferViews"][number]
    content = buffers.bytes_of(view["buffer"])
    first, length = int(view.get("byteOffset", 0)), int(view["byteLength"])
    item = dtype.itemsize * shape[1]
    stride = int(view.get("byteStride") or item)
    needed = start + (stride * (shape[0] - 1) + item if shape[0] else 0)
    if min(first, start, length) < 0 or stride < item or needed > length or first + length > len(content):
        raise Unreadable(BROKEN)
    # A copy: the view of bytes must not outlive them, and may lie at odd addresses.
    return np.ndarray(shape, dtype, content, first + start, (stride, dtype.itemsize)).copy()


def _sparse(
    document: dict[str, Any], buffers: Buffers, told: dict[str, Any], values: NDArray[Any]
) -> NDArray[Any]:
    count, at, given = int(told["count"]), told["indices"], told["values"]
    if not 0 <= count <= len(values):
        raise Unreadable(BROKEN)
    kind = np.dtype(NUMBERS[at["componentType"]]).newbyteorder("<")
    rows = _view(document, buffers, at["bufferView"], int(at.get("byteOffset", 0)), (count, 1), kind)
    shape = (count, values.shape[1])
    changed = _view(
        document, buffers, given["bufferView"], int(given.get("byteOffset", 0)), shape, values.dtype
    )
    if count and not 0 <= rows.min() <= rows.max() < len(values):
        raise Unreadable(BROKEN)
    values[rows[:, 0]] = changed
    return values


def _scaled(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return values
    return np.maximum(values / np.iinfo(values.dtype).max, -1.0)
