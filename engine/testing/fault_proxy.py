"""A TCP proxy on 127.0.0.1 that breaks the link on request: silence, reset, and back to normal."""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType
from typing import Self

CHUNK = 65536


class FaultProxy:
    """Stands between a client and ``127.0.0.1:target_port``; use it with ``async with``.

    ``port`` is where the client connects (given by the system). While stalled, connections are
    accepted and bytes are swallowed both ways: a half-open link. Swallowed bytes never come.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.accepted = 0
        self.swallowed = 0
        self._stalled = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def open(self) -> int:
        """Connections of clients open now."""
        return len(self._tasks)

    def stall(self) -> None:
        """Swallow every byte from now on, in both directions."""
        self._stalled = True

    def resume(self) -> None:
        """Pass bytes again."""
        self._stalled = False

    def cut(self) -> None:
        """Reset (TCP RST) every open connection, as a rebooted device or a firewall does."""
        for writer in tuple(self._writers):
            held: socket.socket | None = writer.get_extra_info("socket")
            if held is not None and not writer.is_closing():
                held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

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
        finally:
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            self._writers.add(target_writer)
            try:
                await self._pump_both(reader, writer, target_reader, target_writer)
            finally:
                self._writers.discard(target_writer)
                target_writer.close()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pump_both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        target_reader: asyncio.StreamReader,
        target_writer: asyncio.StreamWriter,
    ) -> None:
        """Until one side ends; half-closed links are closed whole."""
        pumps = {
            asyncio.create_task(self._pump(reader, target_writer)),
            asyncio.create_task(self._pump(target_reader, writer)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self._stalled:
                self.swallowed += len(data)
                continue
            writer.write(data)
            await writer.drain()
