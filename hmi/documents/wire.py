"""What the window asks of the process that draws pages, what it answers, and how both go through a pipe.

A frame is two lengths (u32 header, u32 pixels, little endian), a msgpack header, and raw pixels. Pages count
from 1. Boxes are (left, top, right, bottom) in parts of the page, 0 to 1, from its upper left corner.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

from engine.typed import unpack

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_LENGTHS = struct.Struct("<II")
MOST_HEADER = 4 * 1024 * 1024


class Open(msgspec.Struct, frozen=True, tag=True):
    """How many pages has it, and what is where in it. ``file`` = below ``documents/`` of the project."""

    file: str


class Draw(msgspec.Struct, frozen=True, tag=True):
    """A page, ``scale`` pixels a point (1/72 inch), or only the part ``clip`` of it.

    Pixels of a picture count as its points. Where so many pixels are too many, fewer come.
    """

    file: str
    page: int
    scale: float
    clip: Box = WHOLE


class Find(msgspec.Struct, frozen=True, tag=True):
    """Where a text is, from ``page`` on for as many pages as a moment allows."""

    file: str
    text: str
    page: int


class Heading(msgspec.Struct, frozen=True):
    """One line of the outline; ``depth`` 0 = a chapter."""

    title: str
    page: int
    depth: int


class Opened(msgspec.Struct, frozen=True, tag=True):
    """``size`` = of the first page, in points. ``has_text`` False = a picture, nothing to find in it."""

    pages: int
    size: tuple[float, float]
    outline: tuple[Heading, ...] = ()
    has_text: bool = True


class Drawn(msgspec.Struct, frozen=True, tag=True):
    """Pixels of a page or a part of it, 4 bytes each (blue, green, red, unused), rows from the top.

    ``size`` = of the whole page, in points; ``clip`` = the part that came.
    """

    page: int
    size: tuple[float, float]
    clip: Box
    width: int
    height: int
    pixels: bytes = b""


class Hit(msgspec.Struct, frozen=True):
    """The text found once: a box for each line that it is on."""

    page: int
    boxes: tuple[Box, ...]


class Found(msgspec.Struct, frozen=True, tag=True):
    """What was found; pages up to ``until`` have been searched."""

    until: int
    hits: tuple[Hit, ...] = ()


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Why there is no answer: a sentence with the name of the file."""

    text: str


Request = Open | Draw | Find
Answer = Opened | Drawn | Found | Failed


def send(pipe: BinaryIO, message: Request | Answer) -> None:
    """Write one frame. Raises: OSError."""
    pixels = message.pixels if isinstance(message, Drawn) else b""
    bare = msgspec.structs.replace(message, pixels=b"") if isinstance(message, Drawn) else message
    header = msgspec.msgpack.encode(bare)
    pipe.write(_LENGTHS.pack(len(header), len(pixels)) + header)
    if pixels:
        pipe.write(pixels)
    pipe.flush()


def read_request(pipe: BinaryIO) -> Request | None:
    """The next request; None at the end. Raises: OSError, EOFError, msgspec.MsgspecError."""
    found = _read(pipe)
    return None if found is None else unpack(found[0], Request)


def read_answer(pipe: BinaryIO) -> Answer | None:
    """The next answer; None at the end. Raises: OSError, EOFError, msgspec.MsgspecError."""
    found = _read(pipe)
    if found is None:
        return None
    answer = unpack(found[0], Answer)
    if isinstance(answer, Drawn):
        if len(found[1]) != 4 * answer.width * answer.height:
            raise EOFError("pixels are missing")
        return msgspec.structs.replace(answer, pixels=found[1])
    return answer


def _read(pipe: BinaryIO) -> tuple[bytes, bytes] | None:
    lengths = pipe.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise EOFError("half a frame")
    header, pixels = _LENGTHS.unpack(lengths)
    if header > MOST_HEADER or pixels > 4 * MOST_PIXELS:
        raise EOFError("a frame that is too long")
    return pipe.read(header), pipe.read(pixels) if pixels else b""


MOST_PIXELS = 9_000_000
"""Of one drawn page or part: three full HD screens and a half, 36 MB."""
