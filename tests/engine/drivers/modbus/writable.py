"""A Modbus TCP device on bare sockets that can be written, and counts what it was asked to write."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from engine.drivers.driver import Context, Writes
from engine.drivers.modbus import DRIVER
from engine.types import Tag
from tests.engine.drivers.modbus.peer import UNIT, frame
from tests.engine.drivers.recording import RecordingSink, context, until

WRITES = frozenset({5, 6, 15, 16, 22})
ILLEGAL_FUNCTION = 1
Later = Callable[[bytes, bytes], Awaitable[list[bytes]]]
"""What goes out for a write request, given it and the proper answer (both from the transaction id on)."""


@dataclass
class WritableDevice:
    """Holding registers and coils of unit 7; ``writes`` = every write request, from its function code on.

    ``on_write`` may change what goes out; ``without`` = functions it does not know.
    """

    words: dict[int, int] = field(default_factory=dict)
    coils: dict[int, bool] = field(default_factory=dict)
    writes: list[bytes] = field(default_factory=list)
    reads: int = 0
    without: set[int] = field(default_factory=set)
    on_write: Later | None = None
    silent: bool = False
    port: int = 0
    open: int = 0

    def number(self, form: str, start: int) -> Any:
        """What the registers from ``start`` hold, as struct calls it."""
        size = struct.calcsize(f">{form}") // 2
        words = [self.words.get(start + n, 0) for n in range(size)]
        return struct.unpack(f">{form}", struct.pack(f">{size}H", *words))[0]

    def answer(self, pdu: bytes) -> bytes:
        """Carry out a request; its proper answer."""
        function, (start, count) = pdu[0], struct.unpack(">HH", pdu[1:5])
        if function in self.without:
            return bytes([function | 0x80, ILLEGAL_FUNCTION])
        if function in (3, 4):
            self.reads += 1
            words = [self.words.get(start + n, 0) for n in range(count)]
            return struct.pack(f">BB{count}H", function, 2 * count, *words)
        if function in (1, 2):
            self.reads += 1
            number = sum(self.coils.get(start + n, False) << n for n in range(count))
            size = (count + 7) // 8
            return bytes([function, size]) + number.to_bytes(size, "little")
        return self.written(function, start, count, pdu)

    def written(self, function: int, start: int, second: int, pdu: bytes) -> bytes:
        if function == 5:
            self.coils[start] = second == 0xFF00
        elif function == 6:
            self.words[start] = second
        elif function == 16:
            values = struct.unpack(f">{second}H", pdu[6 : 6 + 2 * second])
            self.words.update(zip(range(start, start + second), values, strict=True))
        elif function == 22:
            or_mask = int.from_bytes(pdu[5:7], "big")
            self.words[start] = self.words.get(start, 0) & second | or_mask & ~second & 0xFFFF
            return pdu[:7]
        return pdu[:5]

    async def answers(self, request: bytes) -> list[bytes]:
        pdu, tid = request[7:], int.from_bytes(request[:2], "big")
        if pdu[0] in WRITES:
            self.writes.append(pdu)
        if self.silent:
            return []
        proper = frame(tid, request[6], self.answer(pdu))
        if pdu[0] in WRITES and self.on_write is not None:
            return await self.on_write(request, proper)
        return [proper]


@contextlib.asynccontextmanager
async def serving(device: WritableDevice) -> AsyncGenerator[WritableDevice]:
    """The device on a free port of 127.0.0.1; one request after the other, as small devices do."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        device.open += 1
        try:
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
                for piece in await device.answers(head + pdu):
                    writer.write(piece)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            device.open -= 1
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    device.port = server.sockets[0].getsockname()[1]
    try:
        yield device
    finally:
        server.close()
        for one in tuple(talks):
            one.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def source_of(port: int, *tags: Tag, unsecured_writes: bool = True, unit: int = UNIT) -> Context:
    """Tags of the device, read through ``port``."""
    one = context(f"tcp://127.0.0.1:{port}?unit={unit}", list(tags), RecordingSink())
    return replace(one, source=msgspec.structs.replace(one.source, unsecured_writes=unsecured_writes))


@contextlib.asynccontextmanager
async def polled(one: Context) -> AsyncGenerator[tuple[Writes, asyncio.Task[None]]]:
    """The source at work, every tag read once; what writes to it, and its run."""
    assert DRIVER.load_writes is not None and isinstance(one.sink, RecordingSink)
    sink, task = one.sink, asyncio.ensure_future(DRIVER.run(one))
    try:
        await until(lambda: len(sink.value) == len(one.tags) or task.done())
        assert not task.done(), task.exception()
        yield DRIVER.load_writes(), task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done(), "a cancel must be done within 2 s"
        if not task.cancelled():
            task.exception()
