"""The events of a PublishResponse as plain values, without an object of asyncua per field. Pure, no asyncua.

asyncua needs about 10 us for each field, so a burst of 1,000 alarms would stop the loop for a quarter of a
second; this takes a tenth of that. Binary encoding after OPC 10000-6, 5.2; what no field of a condition is
(arrays, structures) is left to asyncua.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from engine.drivers.opcua.frame import (
    EPOCH_US,
    LAST_TICK,
    OBJECT,
    Frame,
    Unexpected,
    read_frame,
    read_results,
)

EVENTS_ID = 916
"""EventNotificationList_Encoding_DefaultBinary (OPC 10000-6, annex A)."""


class Node(NamedTuple):
    """A node id as it is on the wire; ``kind`` is i, s, g or b."""

    space: int
    kind: str
    identifier: int | str | bytes | uuid.UUID


class Time(int):
    """UTC microseconds since 1970; 0 = none."""


class Code(int):
    """A StatusCode."""


Field = None | bool | int | float | str | bytes | uuid.UUID | Node | Time | Code
"""What an event says in one of the fields asked for; a LocalizedText or QualifiedName is its text."""
Event = tuple[int, tuple[Field, ...]]
"""The handle of a monitored item, and the fields in the order in which they were asked for."""

_Read = Callable[[bytes, int], tuple[Field, int]]
_INT = struct.Struct("<i")
_LONG = struct.Struct("<q")
_UINT = struct.Struct("<I")
_SHORT = struct.Struct("<H")


@dataclass(frozen=True, slots=True)
class EventResponse:
    """A PublishResponse all of whose notifications are events; ``results`` as in ``arrays.Response``."""

    frame: Frame
    results: tuple[int, ...]
    events: tuple[Event, ...]


def parse_events(data: bytes) -> EventResponse:
    """Decode a whole PublishResponse, type id included, to its last byte.

    Raises:
        Unexpected: something in it is not the common case, or it is damaged.
    """
    try:
        frame = read_frame(data)
        events: list[Event] = []
        at = frame.at
        for _ in range(frame.count):
            at = _events(data, at, events)
        return EventResponse(frame, read_results(data, at), tuple(events))
    except (struct.error, IndexError, ValueError) as error:
        raise Unexpected("the message ends too early") from error


def _events(data: bytes, at: int, events: list[Event]) -> int:
    """One EventNotificationList (OPC 10000-4, 7.25.3) into ``events``; gives the place after it."""
    kind, space, identifier, encoding, length = OBJECT.unpack_from(data, at)
    at += OBJECT.size
    end = at + length
    if (kind, space, identifier, encoding) != (1, 0, EVENTS_ID, 1) or length < 0 or end > len(data):
        raise Unexpected("another kind of notification")
    (count,) = _INT.unpack_from(data, at)
    at += _INT.size
    for _ in range(count):
        (handle,) = _UINT.unpack_from(data, at)
        (fields,) = _INT.unpack_from(data, at + 4)
        at += 8
        values: list[Field] = []
        for _ in range(fields):
            read = _READ.get(data[at])
            if read is None:
                raise Unexpected(f"a field of type {data[at]}")
            value, at = read(data, at + 1)
            values.append(value)
        events.append((handle, tuple(values)))
    if at != end:
        raise Unexpected("bytes left over in a notification")
    return at


def _nothing(data: bytes, at: int) -> tuple[Field, int]:
    del data
    return None, at


def _boolean(data: bytes, at: int) -> tuple[Field, int]:
    return data[at] != 0, at + 1


def _number(code: str) -> _Read:
    packed = struct.Struct(code)

    def read(data: bytes, at: int) -> tuple[Field, int]:
        return packed.unpack_from(data, at)[0], at + packed.size

    return read


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    (length,) = _INT.unpack_from(data, at)
    at += 4
    if length < 0:
        return None, at
    if length > len(data) - at:
        raise Unexpected("a text longer than the message")
    return data[at : at + length], at + length


def _text(data: bytes, at: int) -> tuple[str | None, int]:
    raw, at = _bytes(data, at)
    return None if raw is None else raw.decode("utf-8", "replace"), at


def _time(data: bytes, at: int) -> tuple[Field, int]:
    (ticks,) = _LONG.unpack_from(data, at)
    return Time(min(ticks, LAST_TICK) // 10 - EPOCH_US if ticks > 0 else 0), at + 8


def _guid(data: bytes, at: int) -> tuple[uuid.UUID, int]:
    return uuid.UUID(bytes_le=data[at : at + 16]), at + 16


def _node(data: bytes, at: int) -> tuple[Field, int]:
    encoding = data[at]
    if encoding == 0:
        return Node(0, "i", data[at + 1]), at + 2
    if encoding == 1:
        return Node(data[at + 1], "i", _SHORT.unpack_from(data, at + 2)[0]), at + 4
    (index,) = _SHORT.unpack_from(data, at + 1)
    at += 3
    if encoding == 2:
        return Node(index, "i", _UINT.unpack_from(data, at)[0]), at + 4
    if encoding == 3:
        text, at = _text(data, at)
        return Node(index, "s", text or ""), at
    if encoding == 4:
        guid, at = _guid(data, at)
        return Node(index, "g", guid), at
    if encoding == 5:
        raw, at = _bytes(data, at)
        return Node(index, "b", raw or b""), at
    raise Unexpected(f"a node id encoded as {encoding}")


def _code(data: bytes, at: int) -> tuple[Field, int]:
    return Code(_UINT.unpack_from(data, at)[0]), at + 4


def _qualified(data: bytes, at: int) -> tuple[Field, int]:
    return _text(data, at + 2)


def _localized(data: bytes, at: int) -> tuple[Field, int]:
    mask = data[at]
    at += 1
    text = None
    if mask & 1:
        _, at = _bytes(data, at)
    if mask & 2:
        text, at = _text(data, at)
    return text, at


_READ: dict[int, _Read] = {
    0: _nothing, 1: _boolean, 2: _number("<b"), 3: _number("<B"), 4: _number("<h"), 5: _number("<H"),
    6: _number("<i"), 7: _number("<I"), 8: _number("<q"), 9: _number("<Q"), 10: _number("<f"),
    11: _number("<d"), 12: _text, 13: _time, 14: _guid, 15: _bytes, 17: _node, 19: _code, 20: _qualified,
    21: _localized,
}  # fmt: skip
"""By the encoding byte of a Variant that is a single value (OPC 10000-6, 5.2.2.16)."""
