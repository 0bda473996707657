"""The bytes of a PublishResponse as arrays, without an object per value. Pure numpy, no asyncua.

Binary encoding after OPC 10000-6, 5.2. Notifications of equal layout (same encoding mask and same scalar
type) stand in the bytes like records of a table, so numpy reads a whole run of them at once.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.drivers.opcua.frame import (
    EPOCH_US,
    LAST_TICK,
    OBJECT,
    Frame,
    Unexpected,
    nothing,
    read_frame,
    read_results,
)
from engine.drivers.opcua.samples import EXACT, Samples
from engine.types import SEVERITY_MASK, Status

CHANGE_ID = 811
"""DataChangeNotification_Encoding_DefaultBinary."""

_NULL = 0
_SCALARS: dict[int, str] = {
    1: "u1", 2: "i1", 3: "u1", 4: "<i2", 5: "<u2", 6: "<i4", 7: "<u4", 8: "<i8", 9: "<u8",
    10: "<f4", 11: "<f8",
}  # fmt: skip
"""Boolean to Double by built-in type number (OPC 10000-6, 5.1.2)."""
_LONG = (8, 9)
"""Int64 and UInt64."""
_VALUE, _STATUS, _SOURCE, _SERVER, _SOURCE_PICO, _SERVER_PICO = 1, 2, 4, 8, 16, 32
_SHORTEST_ITEM = 5
_BY_HAND = 16
_FIRST_LOOK = 64
_INT = struct.Struct("<i")


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A PublishResponse with at least one notification, all of them data changes of single numbers.

    ``results`` are the StatusCodes of the acknowledgements sent with the request.
    """

    frame: Frame
    results: tuple[int, ...]
    samples: Samples


def parse_response(data: bytes) -> Response:
    """Decode a whole PublishResponse, type id included, to its last byte.

    Raises:
        Unexpected: something in it is not the common case, or it is damaged.
    """
    try:
        return _response(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Unexpected("the message ends too early") from error


def _response(data: bytes) -> Response:
    frame = read_frame(data)
    parts: list[Samples] = []
    at = frame.at
    for _ in range(frame.count):
        at = _change(data, at, parts)
    return Response(frame, read_results(data, at), _joined(parts))


def _change(data: bytes, at: int, parts: list[Samples]) -> int:
    """One DataChangeNotification (OPC 10000-4, 7.25.2) into ``parts``; gives the place after it."""
    kind, space, identifier, encoding, length = OBJECT.unpack_from(data, at)
    at += OBJECT.size
    end = at + length
    if (kind, space, identifier, encoding) != (1, 0, CHANGE_ID, 1) or length < 0 or end > len(data):
        raise Unexpected("another kind of notification")
    (count,) = _INT.unpack_from(data, at)
    at += _INT.size
    if not 0 <= count <= (end - at) // _SHORTEST_ITEM:
        raise Unexpected("more items than bytes")
    runs: dict[tuple[int, int], list[_Run]] = {}
    first = 0
    while first < count:
        run, at = _run(data, at, end, first, count - first)
        runs.setdefault((run.mask, run.kind), []).append(run)
        first += run.count
    if nothing(data, at) != end:
        raise Unexpected("bytes left over in a notification")
    if len(runs) == 1:
        parts.extend(_samples(_table(data, same), *layout) for layout, same in runs.items())
    elif runs:
        parts.append(
            _in_order([(same, _samples(_table(data, same), *layout)) for layout, same in runs.items()])
        )
    return end


@dataclass(frozen=True, slots=True)
class _Run:
    """Items of equal layout, one behind the other: ``first`` = number of the first, ``at`` = its place."""

    mask: int
    kind: int
    first: int
    at: int
    count: int


def _run(data: bytes, at: int, end: int, first: int, most: int) -> tuple[_Run, int]:
    """The longest run from here on and the place after it."""
    mask = data[at + 4]
    kind = data[at + 5] if mask & _VALUE else _NULL
    size = _size(mask, kind)
    fit = min(most, (end - at) // size)
    if not fit:
        raise Unexpected("an item runs past its notification")
    same = data[at + 4 : at + 6] if mask & _VALUE else data[at + 4 : at + 5]
    count = 1
    # A few by hand: where types take turns every run is short, and a look with numpy costs more.
    while count < min(fit, _BY_HAND) and data.startswith(same, at + count * size + 4):
        count += 1
    if count == _BY_HAND:
        count += _further(data, at + count * size, fit - count, mask, kind)
    return _Run(mask, kind, first, at, count), at + count * size


def _further(data: bytes, at: int, most: int, mask: int, kind: int) -> int:
    """How many more items of this layout follow, looking ever further ahead."""
    layout = _layout(mask, kind)
    taken, look = 0, _FIRST_LOOK
    while taken < most:
        ahead = min(most, taken + look)
        table = np.ndarray((ahead - taken,), layout, data, at + taken * layout.itemsize)
        other = table["mask"] != mask
        if mask & _VALUE:
            other |= table["kind"] != kind
        first = int(other.argmax())
        if other[first]:
            return taken + first
        taken, look = ahead, look * 4
    return taken


def _numbered(runs: list[_Run], start: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """``start`` of each run and then ``step`` further for each item of it."""
    counts = np.array([run.count for run in runs])
    before = np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(start, counts) + step * (np.arange(len(before)) - before)


def _table(data: bytes, runs: list[_Run]) -> NDArray[np.void]:
    """All items of one layout as records."""
    layout = _layout(runs[0].mask, runs[0].kind)
    if len(runs) == 1:
        return np.ndarray((runs[0].count,), layout, data, runs[0].at)
    places = _numbered(runs, np.array([run.at for run in runs]), layout.itemsize)
    every = np.frombuffer(data, np.uint8)[places[:, np.newaxis] + np.arange(layout.itemsize)]
    return every.view(layout)[:, 0]


def _in_order(layouts: list[tuple[list[_Run], Samples]]) -> Samples:
    """Samples of several layouts in the order in which they stand in the message."""
    at = [_numbered(runs, np.array([run.first for run in runs]), 1) for runs, _ in layouts]
    order = np.argsort(np.concatenate(at), kind="stable")
    joined = _joined([samples for _, samples in layouts])
    return Samples(
        joined.handle[order],
        joined.value[order],
        joined.status[order],
        joined.source_us[order],
        joined.server_us[order],
    )


@functools.cache
def _size(mask: int, kind: int) -> int:
    return _layout(mask, kind).itemsize


@functools.cache
def _layout(mask: int, kind: int) -> np.dtype[np.void]:
    """One MonitoredItemNotification as a record. The order is the standard's (OPC 10000-6, 5.2.2.17)."""
    if mask > 63 or (kind != _NULL and kind not in _SCALARS):
        raise Unexpected("no single number")
    fields = [("handle", "<u4"), ("mask", "u1")]
    if mask & _VALUE:
        fields.append(("kind", "u1"))
        if kind != _NULL:
            fields.append(("value", _SCALARS[kind]))
    wanted = (
        (_STATUS, "status", "<u4"),
        (_SOURCE, "source", "<i8"),
        (_SOURCE_PICO, "source_pico", "<u2"),
        (_SERVER, "server", "<i8"),
        (_SERVER_PICO, "server_pico", "<u2"),
    )
    return np.dtype(fields + [(name, form) for bit, name, form in wanted if mask & bit])


def _samples(table: NDArray[np.void], mask: int, kind: int) -> Samples:
    count = len(table)
    if (table["handle"] > 0x7FFFFFFF).any():
        raise Unexpected("a handle that is none of ours")
    status = table["status"].astype(np.uint32) if mask & _STATUS else np.zeros(count, np.uint32)
    if kind == _NULL:
        value = np.full(count, np.nan)
        waiting = (status & np.uint32(Status.BAD)) == 0
        status = np.where(waiting, np.uint32(Status.WAITING_FOR_INITIAL_DATA), status)
    else:
        value = (table["value"] != 0 if kind == 1 else table["value"]).astype(np.float64)
        if kind in _LONG and (large := _rounded(table["value"])).any():
            doubt = large & ((status & np.uint32(SEVERITY_MASK)) == 0)
            status = np.where(doubt, status | np.uint32(Status.UNCERTAIN), status)
    return Samples(
        handle=table["handle"].astype(np.int32),
        value=value,
        status=status,
        source_us=_microseconds(table["source"]) if mask & _SOURCE else np.zeros(count, np.int64),
        server_us=_microseconds(table["server"]) if mask & _SERVER else np.zeros(count, np.int64),
    )


def _rounded(value: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which 64-bit numbers a float64 does not hold exactly, as a rule."""
    large = value > EXACT
    return large if value.dtype.kind == "u" else large | (value < -EXACT)


def _microseconds(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ticks of 100 ns since 1601 as UTC microseconds, kept between 1601 and 9999."""
    return np.clip(ticks, 0, LAST_TICK).astype(np.int64) // 10 - EPOCH_US


def _joined(parts: list[Samples]) -> Samples:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, np.int64)
        return Samples(
            empty.astype(np.int32), empty.astype(np.float64), empty.astype(np.uint32), empty, empty
        )
    return Samples(
        np.concatenate([part.handle for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.source_us for part in parts]),
        np.concatenate([part.server_us for part in parts]),
    )
