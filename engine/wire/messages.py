"""Frames and messages between the engine and its clients.

A frame is a little-endian u32 length and that many bytes of msgpack, at most 16 MiB; longer
answers come in chunks (``more``). The first message each way is ``Hello``. On a TCP loopback
socket (Windows) a ``Challenge`` comes before it, answered with an HMAC of the shared token.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.typed import unpack
from engine.types import Layout

LONGEST_FRAME = 16 * 1024 * 1024
LENGTH = struct.Struct("<I")
TOKEN_BYTES = 32


class WireError(Exception):
    """The other side does not speak our protocol; the connection must be closed."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Who speaks. The engine also says where its live file is and how it is laid out."""

    protocol: int
    version: str
    boot: int = 0
    role: str = ""
    pid: int = 0
    live: str = ""
    layout: Layout | None = None


class Challenge(msgspec.Struct, frozen=True, tag="challenge"):
    """Random bytes to be signed with the token that only this user can read."""

    nonce: bytes


class Proof(msgspec.Struct, frozen=True, tag="proof"):
    """The answer to a challenge: HMAC-SHA-256 of the nonce under the token."""

    digest: bytes


class Request(msgspec.Struct, frozen=True, tag="request"):
    """A question or an order to the engine. ``session`` = the token of who asks, "" = nobody is logged in."""

    id: int
    op: str
    body: msgspec.Raw = msgspec.Raw(b"\x80")
    session: str = ""


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """The answer to request ``id``; ``error`` is one sentence for a person. ``more`` = goes on."""

    id: int
    body: msgspec.Raw = msgspec.Raw(b"\xc0")
    error: str = ""
    more: bool = False


class Event(msgspec.Struct, frozen=True, tag="event"):
    """Something that happened; ``seq`` never repeats or goes back within a project."""

    seq: int
    event: str
    time_us: int
    body: dict[str, Any]


Message = Hello | Challenge | Proof | Request | Reply | Event


_encoder = msgspec.msgpack.Encoder()


def encode(body: object) -> msgspec.Raw:
    """A body as msgpack."""
    return msgspec.Raw(_encoder.encode(body))


def frame(message: Message) -> bytes:
    """A whole message, ready for the socket.

    Raises:
        WireError: it is longer than a frame may be.
    """
    content = _encoder.encode(message)
    if len(content) > LONGEST_FRAME:
        raise WireError(f"a message of {len(content)} bytes is longer than the {LONGEST_FRAME} allowed")
    return LENGTH.pack(len(content)) + content


def parse(content: bytes | bytearray | memoryview) -> Message:
    """The message in one frame's content.

    Raises:
        WireError: it is not a message of this protocol.
    """
    try:
        return unpack(content, Message)
    except msgspec.MsgspecError as error:
        raise WireError(f"not a message of this protocol: {error}") from error


def length(head: bytes) -> int:
    """Content length from a frame's first four bytes.

    Raises:
        WireError: longer than a frame may be.
    """
    size: int = LENGTH.unpack(head)[0]
    if size > LONGEST_FRAME:
        raise WireError(f"a frame of {size} bytes is longer than the {LONGEST_FRAME} allowed")
    return size


class Frames:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Messages completed by ``data``. Raises WireError as ``parse`` and ``length`` do."""
        self._buffer += data
        while len(self._buffer) >= LENGTH.size:
            end = LENGTH.size + length(bytes(self._buffer[: LENGTH.size]))
            if len(self._buffer) < end:
                return
            content = bytes(self._buffer[LENGTH.size : end])
            del self._buffer[:end]
            yield parse(content)


def replies(request_id: int, body: object) -> Iterator[Reply]:
    """The answer to a request, cut into chunks where it is longer than a frame.

    Chunks carry slices of the encoded body as msgpack binary; ``join`` puts them together.
    """
    content = _encoder.encode(body)
    room = LONGEST_FRAME - 1024
    if len(content) <= room:
        yield Reply(request_id, msgspec.Raw(content))
        return
    for at in range(0, len(content), room):
        piece = _encoder.encode(content[at : at + room])
        yield Reply(request_id, msgspec.Raw(piece), more=at + room < len(content))


def join(chunks: list[Reply]) -> bytes:
    """The encoded body of a complete answer."""
    if len(chunks) == 1:
        return bytes(chunks[0].body)
    return b"".join(unpack(chunk.body, bytes) for chunk in chunks)


def sign(token: bytes, nonce: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104), the proof that both sides read the same token file."""
    return hmac.digest(token, nonce, hashlib.sha256)


def signed(token: bytes, nonce: bytes, digest: bytes) -> bool:
    """Whether the proof is right, in constant time."""
    return hmac.compare_digest(sign(token, nonce), digest)
