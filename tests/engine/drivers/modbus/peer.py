"""Devices that answer just as a test says: over TCP, and over a pair of pseudo-terminals."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pymodbus.framer import FramerRTU

from engine.drivers.modbus.endpoint import Endpoint, SerialPlace, TcpPlace

UNIT = 7
BAUD = 115_200


@dataclass
class Peer:
    """What a device saw: requests as they came, and how many connections are open."""

    place: TcpPlace = field(default=TcpPlace("", 0))
    requests: list[bytes] = field(default_factory=list)
    open: int = 0
    accepted: int = 0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.place, UNIT)

    def asked_of(self, unit: int) -> int:
        return sum(unit_of(request) == unit for request in self.requests)


Answer = Callable[[Peer, bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def device(answer: Answer) -> AsyncIterator[Peer]:
    """A TCP server on a free port that hands every request to ``answer``."""
    peer = Peer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        peer.open += 1
        peer.accepted += 1
        try:
            while True:
                request = await reader.readexactly(12)
                peer.requests.append(request)
                await answer(peer, request, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            peer.open -= 1
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.place = TcpPlace("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def frame(tid: int, unit: int, pdu: bytes, protocol: int = 0) -> bytes:
    head = tid.to_bytes(2, "big") + protocol.to_bytes(2, "big") + (len(pdu) + 1).to_bytes(2, "big")
    return head + bytes([unit]) + pdu


def tid_of(request: bytes) -> int:
    return int.from_bytes(request[:2], "big")


def unit_of(request: bytes) -> int:
    return request[6]


def registers(*words: int, function: int = 3) -> bytes:
    return bytes([function, len(words) * 2]) + b"".join(word.to_bytes(2, "big") for word in words)


def own_numbers(pdu: bytes) -> bytes:
    """The answer to a read request where each register holds its own number, and each bit is 1."""
    start, count = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
    if pdu[0] in {1, 2}:
        return bytes([pdu[0], (count + 7) // 8]) + b"\xff" * ((count + 7) // 8)
    return registers(*range(start, start + count), function=pdu[0])


def always(make: Callable[[bytes], bytes]) -> Answer:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(make(request))

    return answer


def numbered(request: bytes) -> bytes:
    """The right TCP answer to any read request."""
    return frame(tid_of(request), unit_of(request), own_numbers(request[7:]))


def with_crc(body: bytes) -> bytes:
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


@dataclass
class Bus:
    """The far end of a serial line. ``requests`` are whole frames, checksum and all."""

    place: SerialPlace
    write: Callable[[bytes], int]
    requests: list[bytes] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    free_s: float = 0.0

    def later(self, seconds: float, data: bytes) -> None:
        """Send after a while, and not before what was to be sent earlier: a device answers in order."""
        loop = asyncio.get_running_loop()
        self.free_s = max(self.free_s, loop.time() + seconds)

        async def send(at_s: float) -> None:
            await asyncio.sleep(at_s - loop.time())
            self.write(data)

        self.tasks.add(asyncio.create_task(send(self.free_s)))


OnRequest = Callable[[Bus, bytes], None]


@asynccontextmanager
async def serial_bus(on_request: OnRequest, baud: int = BAUD) -> AsyncIterator[Bus]:
    """A pseudo-terminal whose far end hands each whole request (8 bytes with a right CRC) to the test.

    Without parity: Linux refuses it on pseudo-terminals.
    """
    far, near = os.openpty()
    tty.setraw(far)
    tty.setraw(near)
    os.set_blocking(far, False)
    bus = Bus(SerialPlace(os.ttyname(near), baud, "N", 1), lambda data: os.write(far, data))
    heard = bytearray()

    def read() -> None:
        heard.extend(os.read(far, 1024))
        while len(heard) >= 8:
            request = bytes(heard[:8])
            del heard[:8]
            assert request == with_crc(request[:6]), "a request with a wrong checksum"
            bus.requests.append(request)
            on_request(bus, request)

    loop = asyncio.get_running_loop()
    loop.add_reader(far, read)
    try:
        yield bus
    finally:
        loop.remove_reader(far)
        for task in bus.tasks:
            task.cancel()
        await asyncio.gather(*bus.tasks, return_exceptions=True)
        os.close(near)
        os.close(far)


def rtu_numbered(request: bytes) -> bytes:
    """The right RTU answer to a read request, or the echo of a function 8."""
    return request if request[1] == 8 else with_crc(request[:1] + own_numbers(request[1:6]))
