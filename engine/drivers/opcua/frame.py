"""The frame of a PublishResponse: what stands before and behind its notifications. Pure, no asyncua."""

from __future__ import annotations

import struct
from dataclasses import dataclass

RESPONSE_ID = 829
"""PublishResponse_Encoding_DefaultBinary (OPC 10000-6, annex A)."""
EPOCH_US = 11_644_473_600_000_000
"""From the epoch of OPC UA, 1601-01-01, to 1970-01-01."""
LAST_TICK = 2_650_467_743_990_000_000
"""9999-12-31 23:59:59 in ticks of 100 ns since 1601: from there on a time counts as that (5.2.2.5)."""
OBJECT = struct.Struct("<BBHBi")
"""Head of an ExtensionObject with a FourByte type id: its encoding, namespace, number, encoding and length
of the body (OPC 10000-6, 5.2.2.15)."""

_TYPE_ID = struct.Struct("<BBH")
_HEADER = struct.Struct("<qIIBiBBB")
_MESSAGE = struct.Struct("<BIqi")
_INT = struct.Struct("<i")
_UINT = struct.Struct("<I")


class Unexpected(Exception):
    """These bytes are no common PublishResponse: another decoder must look at them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A PublishResponse up to its notifications, of which there are ``count``, the first at ``at``.

    ``available`` are the sequence numbers kept for Republish.
    """

    subscription: int
    available: tuple[int, ...]
    more: bool
    sequence: int
    publish_ticks: int
    count: int
    at: int


def read_frame(data: bytes) -> Frame:
    """Raises ``Unexpected`` or what damaged bytes lead to: struct.error, IndexError, ValueError."""
    at = _response_header(data)
    (subscription,) = _UINT.unpack_from(data, at)
    available, at = _numbers(data, at + _UINT.size)
    more, sequence, publish_ticks, count = _MESSAGE.unpack_from(data, at)
    if not 0 < count <= len(data):
        raise Unexpected("no notifications")
    return Frame(subscription, available, bool(more), sequence, publish_ticks, count, at + _MESSAGE.size)


def read_results(data: bytes, at: int) -> tuple[int, ...]:
    """The StatusCodes of the acknowledgements behind the notifications, to the last byte."""
    results, at = _numbers(data, at)
    if nothing(data, at) != len(data):
        raise Unexpected("bytes left over")
    return results


def _response_header(data: bytes) -> int:
    """Skip type id and response header (OPC 10000-4, 7.33) if they carry nothing; gives the place after."""
    if _TYPE_ID.unpack_from(data, 0) != (1, 0, RESPONSE_ID):
        raise Unexpected("no PublishResponse")
    _, _, result, diagnostics, texts, *additional = _HEADER.unpack_from(data, _TYPE_ID.size)
    if result or diagnostics or texts > 0 or texts < -1 or any(additional):
        raise Unexpected("the response header says more than usual")
    return _TYPE_ID.size + _HEADER.size


def _numbers(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    """An array of UInt32 or StatusCodes and the place after it."""
    (count,) = _INT.unpack_from(data, at)
    at += _INT.size
    if count <= 0:
        if count < -1:
            raise Unexpected("an array of negative length")
        return (), at
    if count > (len(data) - at) // 4:
        raise Unexpected("an array longer than the message")
    return struct.unpack_from(f"<{count}I", data, at), at + 4 * count


def nothing(data: bytes, at: int) -> int:
    """Skip an array that must be empty: diagnostic infos."""
    (count,) = _INT.unpack_from(data, at)
    if count not in (0, -1):
        raise Unexpected("diagnostic infos")
    return at + _INT.size
