"""A model as one file of plain arrays, made to be memory-mapped; no pickle, nothing in it runs."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.typed import from_json
from hmi.cad.model import CadModel, CadNode, Place

MARK = b"WRCAD\x001\n"
ALIGNED = 64


class _KeptNode(msgspec.Struct, frozen=True):
    # Where in the file: number of values are rows; levels may repeat a place.
    name: str
    path: str
    points: tuple[int, int]
    normals: tuple[int, int]
    levels: tuple[tuple[int, int], ...]
    colour: tuple[int, int, int] | None = None


class _Kept(msgspec.Struct, frozen=True):
    nodes: tuple[_KeptNode, ...]
    origins: dict[str, Place]
    size: int


def packed(model: CadModel) -> Iterator[bytes]:
    """The bytes of ``model`` in pieces, to be written one after the other."""
    pieces: list[NDArray[np.float32] | NDArray[np.int32]] = []
    places: dict[int, tuple[int, int]] = {}
    end = 0

    def place(array: NDArray[np.float32] | NDArray[np.int32]) -> tuple[int, int]:
        nonlocal end
        if id(array) not in places:
            places[id(array)] = (end, len(array))
            pieces.append(array)
            end += -(-array.nbytes // ALIGNED) * ALIGNED
        return places[id(array)]

    nodes = tuple(
        _KeptNode(
            each.name,
            each.path,
            place(each.points),
            place(each.normals),
            tuple(place(level) for level in each.levels),
            each.colour,
        )
        for each in model.nodes
    )
    head = msgspec.json.encode(_Kept(nodes, dict(model.origins), end))
    head += b" " * (-(len(head) + len(MARK) + 8) % ALIGNED)
    yield MARK + struct.pack("<Q", len(head)) + head
    for array in pieces:
        yield np.ascontiguousarray(array).tobytes() + bytes(-array.nbytes % ALIGNED)


def mapped(path: Path, file: str) -> CadModel:
    """The model kept at ``path``, its arrays mapped from disk; ``file`` is what it was read from.

    Raises:
        OSError: it is not there.
        ValueError: it is not a whole file of ours, or its triangles name points that it has not.
    """
    content = np.memmap(path, np.uint8, mode="r")
    try:
        nodes, origins = _read(content)
    except (msgspec.MsgspecError, struct.error) as error:
        raise ValueError(f"{path} is not a model: {error}") from error
    return CadModel(file, nodes, "", origins)


def _read(content: NDArray[np.uint8]) -> tuple[tuple[CadNode, ...], dict[str, Place]]:
    start = len(MARK) + 8
    if content[: len(MARK)].tobytes() != MARK:
        raise ValueError("it does not begin as a model")
    length = struct.unpack("<Q", content[len(MARK) : start].tobytes())[0]
    kept = from_json(content[start : start + length].tobytes(), _Kept)
    body = content[start + length :]
    if kept.size != len(body):
        raise ValueError("its end is missing")
    return tuple(_node(each, body) for each in kept.nodes), kept.origins


def _node(kept: _KeptNode, body: NDArray[np.uint8]) -> CadNode:
    points, normals = (_rows(body, place, np.float32) for place in (kept.points, kept.normals))
    places = {place: _rows(body, place, np.int32) for place in kept.levels}
    if len(points) != len(normals) or not kept.levels:
        raise ValueError(f"{kept.path} has points without normals")
    for triangles in places.values():
        # Checked here too: a bad number would make the graphics driver read beyond the points.
        if len(triangles) and not 0 <= triangles.min() <= triangles.max() < len(points):
            raise ValueError(f"{kept.path} has triangles beyond its points")
    levels = tuple(places[place] for place in kept.levels)
    return CadNode(kept.name, kept.path, points, normals, levels, kept.colour)


def _rows(body: NDArray[np.uint8], place: tuple[int, int], dtype: type) -> NDArray:
    start, count = place
    end = start + 12 * count
    if start < 0 or count < 0 or start % ALIGNED or end > len(body):
        raise ValueError("an array lies outside the file")
    return np.asarray(body[start:end]).view(dtype).reshape(-1, 3)
