"""What answers at the port: an OPC UA server, another service, or nobody."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.opcua import DRIVER
from engine.drivers.opcua.hello import answers_hello
from tests.engine.drivers.opcua.recording import context, tag

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize(
    ("begin", "fits"),
    [
        (b"A", True),
        (b"ACKF" + struct.pack("<I", 28), True),
        (b"ERRF" + struct.pack("<I", 300) + b"x", True),
        (b"ACKF" + struct.pack("<I", 1 << 30), False),
        (b"ACKF" + struct.pack("<I", 3), False),
        (b"HELF" + struct.pack("<I", 60), False),
        (b"HTTP/1.1 400 Bad Request", False),
        (b"\xff", False),
    ],
)
def test_only_an_acknowledge_or_an_error_answers_a_hello(begin: bytes, fits: bool) -> None:
    assert answers_hello(begin) == fits


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await reader.read()


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"\xff" * 65_536)
        await writer.drain()


async def closer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (http, "something answers at {where}, but it does not speak OPC UA"),
        (ssh, "something answers at {where}, but it does not speak OPC UA"),
        (flood, "something answers at {where}, but it does not speak OPC UA"),
        (closer, "{where} closed the connection at once"),
    ],
)
async def test_another_service_on_the_port_is_called_that(tmp_path: Path, talk: Talk, says: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(NotReady) as failure:
            await DRIVER.run(context(tmp_path, f"opc.tcp://127.0.0.1:{port}", tag(1, "i=85")))
    assert failure.value.what == says.format(where=f"127.0.0.1:{port}")
    assert "4840" in failure.value.do
