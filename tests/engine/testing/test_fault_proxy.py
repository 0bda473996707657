import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.testing.fault_proxy import FaultProxy

pytestmark = pytest.mark.fault


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def all_closed(proxy: FaultProxy) -> None:
    async with asyncio.timeout(5):
        while proxy.open:
            await asyncio.sleep(0.005)


async def test_bytes_pass_both_ways() -> None:
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
        writer.close()
        await all_closed(proxy)


async def test_swallowed_bytes_never_come_and_later_ones_do() -> None:
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        proxy.stall()
        writer.write(b"lost")
        async with asyncio.timeout(5):
            while proxy.swallowed < 4:
                await asyncio.sleep(0.005)
        proxy.resume()
        writer.write(b"next")
        assert await asyncio.wait_for(reader.readexactly(4), 5) == b"next"
        writer.close()
        await all_closed(proxy)


async def test_a_cut_is_a_reset_not_an_orderly_end() -> None:
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        await asyncio.wait_for(reader.readexactly(5), 5)
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(1), 5)
        writer.close()
        await all_closed(proxy)


async def test_a_target_that_is_down_closes_the_connection() -> None:
    async with echo() as port:
        pass
    async with FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await all_closed(proxy)
