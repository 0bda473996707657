"""A TCP proxy on 127.0.0.1 that breaks the link on request, in one direction or both, and mends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

CHUNK = 65536
WAITING_CHUNKS = 16
"""So many chunks of one direction may wait inside the proxy; beyond that the sender is held back."""
DRIP_S = 0.05

Way = Literal["up", "down", "both"]
"""The direction of bytes: ``up`` = client to device, ``down`` = device to client."""
Change = Callable[[bytes], bytes]


def flip_middle(chunk: bytes) -> bytes:
    """The chunk with all bits of its middle byte turned over."""
    at = len(chunk) // 2
    return chunk[:at] + bytes([chunk[at] ^ 0xFF]) + chunk[at + 1 :]


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True, eq=False)
class Flow:
    """One direction of all connections: what is done to its bytes, and what was done so far.

    ``clear`` is not set while bytes are swallowed, ``going`` while they are held. ``passed`` and
    ``swallowed`` count bytes; ``truncated``, ``duplicated`` and ``garbled`` count chunks, those still to
    be treated wait in ``truncate``, ``duplicate`` and ``garble``.
    """

    clear: asyncio.Event = field(default_factory=_set_event)
    going: asyncio.Event = field(default_factory=_set_event)
    keeps_ends: bool = False
    bytes_per_s: float = 0.0
    delay_s: float = 0.0
    truncate: int = 0
    then_close: bool = True
    duplicate: int = 0
    garble: int = 0
    change: Change = flip_middle
    passed: int = 0
    swallowed: int = 0
    truncated: int = 0
    duplicated: int = 0
    garbled: int = 0

    def mend(self) -> None:
        """Nothing is done to bytes any more; what was held back goes out."""
        self.bytes_per_s = self.delay_s = 0.0
        self.truncate = self.duplicate = self.garble = 0
        self.keeps_ends = False
        self.clear.set()
        self.going.set()


@dataclass(slots=True, eq=False)
class _Pipe:
    """One direction of one connection; ``waiting`` holds (due, chunk), an empty chunk is the end."""

    flow: Flow
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    waiting: asyncio.Queue[tuple[float, bytes]]
    finished: bool = False


class FaultProxy:
    """Stands between a client and ``127.0.0.1:target_port``; use it with ``async with``.

    ``port`` is where the client connects (given by the system; it stays the same while refusing).
    Every fault can be switched on at any time, holds for all connections until ``resume``, and is
    counted in ``up`` and ``down``. Bytes that cannot be passed on hold the sender back, as TCP does.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.accepted = 0
        self.up = Flow()
        self.down = Flow()
        self._server: asyncio.Server | None = None
        self._place: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._pipes: set[_Pipe] = set()

    async def __aenter__(self) -> Self:
        self._place = socket.socket()  # keeps the port ours while nothing listens on it
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port = self._place.getsockname()[1]
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._place is not None:
            self._place.close()

    @property
    def open(self) -> int:
        """Connections of clients open now."""
        return len(self._tasks)

    @property
    def swallowed(self) -> int:
        """Bytes that never arrived, both ways."""
        return self.up.swallowed + self.down.swallowed

    def stall(self, way: Way = "both", *, keep_ends: bool = False) -> None:
        """Swallow every byte from now on: a half-open link. Swallowed bytes never come.

        With ``keep_ends`` one side does not even learn that the other has closed, as behind a pulled
        cable: the device keeps its session.
        """
        for flow in self._flows(way):
            flow.clear.clear()
            flow.keeps_ends = keep_ends

    def hold(self, way: Way = "both") -> None:
        """Keep every byte from now on and deliver it, late and in order, on ``resume``."""
        for flow in self._flows(way):
            flow.going.clear()

    def drip(self, bytes_per_s: float, delay_s: float = 0.0, way: Way = "both") -> None:
        """A slow line: so many bytes a second at most (0 = no limit), each ``delay_s`` under way."""
        for flow in self._flows(way):
            flow.bytes_per_s, flow.delay_s = bytes_per_s, delay_s

    def truncate(self, way: Way = "down", chunks: int = 1, *, then_close: bool = True) -> None:
        """Lose the second half of the next chunks, and close the connection after it or go on."""
        for flow in self._flows(way):
            flow.truncate, flow.then_close = chunks, then_close

    def duplicate(self, way: Way = "down", chunks: int = 1) -> None:
        """Deliver the next chunks twice."""
        for flow in self._flows(way):
            flow.duplicate = chunks

    def garble(self, way: Way = "down", chunks: int = 1, change: Change = flip_middle) -> None:
        """Pass the next chunks through ``change``, which by default turns one byte over."""
        for flow in self._flows(way):
            flow.garble, flow.change = chunks, change

    def resume(self) -> None:
        """Pass bytes again as they are. Connections that are gone stay gone; see also ``listen``."""
        for flow in self._flows("both"):
            flow.mend()

    def cut(self) -> None:
        """Reset (TCP RST) every open connection, as a rebooted device or a firewall does."""
        for pipe in tuple(self._pipes):
            _reset(pipe.writer)

    def finish(self, way: Way = "down") -> None:
        """End (TCP FIN) every open connection in that direction only; later bytes are swallowed."""
        flows = tuple(self._flows(way))
        for pipe in self._pipes:
            if pipe.flow in flows and not pipe.writer.is_closing():
                pipe.finished = True
                pipe.writer.write_eof()

    def refuse(self) -> None:
        """Stop listening: who connects is refused. Open connections stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def listen(self) -> None:
        """Accept connections, again and on the same port after ``refuse``."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, "127.0.0.1", self.port, reuse_address=True
            )

    def _flows(self, way: Way) -> Iterator[Flow]:
        if way != "down":
            yield self.up
        if way != "up":
            yield self.down

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self.accepted += 1
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        except OSError:
            pass  # the target is down: the client sees its connection closed
        except asyncio.CancelledError:
            pass  # we are closing; asyncio logs a connection's task that ends cancelled as a fault
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            with contextlib.closing(far_writer):
                pipes = {
                    _Pipe(self.up, reader, far_writer, asyncio.Queue(WAITING_CHUNKS)),
                    _Pipe(self.down, far_reader, writer, asyncio.Queue(WAITING_CHUNKS)),
                }
                self._pipes |= pipes
                try:
                    await _until_one_ends(pipes)
                finally:
                    self._pipes -= pipes


async def _until_one_ends(pipes: set[_Pipe]) -> None:
    """A link that one side closes is closed whole."""
    ends = {asyncio.create_task(step) for pipe in pipes for step in (_collect(pipe), _deliver(pipe))}
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


async def _collect(pipe: _Pipe) -> None:
    """Take what the sender sends; its end is passed on like its bytes."""
    flow, loop = pipe.flow, asyncio.get_running_loop()
    while True:
        try:
            chunk = await pipe.reader.read(CHUNK)
        except OSError:
            chunk = b""
        if chunk and (pipe.finished or not flow.clear.is_set()):
            flow.swallowed += len(chunk)
            continue
        if not chunk and flow.keeps_ends:
            await flow.clear.wait()
        await pipe.waiting.put((loop.time() + flow.delay_s, chunk))
        if not chunk:
            return


async def _deliver(pipe: _Pipe) -> None:
    """Bring it to the receiver, as the direction's faults have it. Ends with EOFError or OSError."""
    flow, loop = pipe.flow, asyncio.get_running_loop()
    while True:
        due, chunk = await pipe.waiting.get()
        await flow.going.wait()
        await asyncio.sleep(max(0.0, due - loop.time()))
        if not chunk:
            raise EOFError
        pieces, last = _treated(flow, chunk)
        for piece in pieces:
            await _write(pipe, piece)
        if last:
            raise EOFError


def _treated(flow: Flow, chunk: bytes) -> tuple[list[bytes], bool]:
    """What becomes of a chunk, and whether the connection closes after it."""
    closes = False
    if flow.garble:
        flow.garble, flow.garbled = flow.garble - 1, flow.garbled + 1
        chunk = flow.change(chunk)
    if flow.truncate:
        flow.truncate, flow.truncated = flow.truncate - 1, flow.truncated + 1
        chunk, closes = chunk[: len(chunk) // 2], flow.then_close
    if flow.duplicate:
        flow.duplicate, flow.duplicated = flow.duplicate - 1, flow.duplicated + 1
        return [chunk, chunk], closes
    return [chunk], closes


async def _write(pipe: _Pipe, piece: bytes) -> None:
    flow = pipe.flow
    while piece and not pipe.finished:
        size = max(1, int(flow.bytes_per_s * DRIP_S)) if flow.bytes_per_s else len(piece)
        pipe.writer.write(piece[:size])
        flow.passed += min(size, len(piece))
        await pipe.writer.drain()
        piece = piece[size:]
        if flow.bytes_per_s:
            await asyncio.sleep(size / flow.bytes_per_s)


def _reset(writer: asyncio.StreamWriter) -> None:
    held: socket.socket | None = writer.get_extra_info("socket")
    if held is not None and not writer.is_closing():
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
