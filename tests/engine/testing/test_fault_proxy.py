import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.testing.fault_proxy import FaultProxy

pytestmark = pytest.mark.fault
PATIENCE_S = 5.0


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def proxied() -> AsyncIterator[tuple[FaultProxy, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to an echo, through a proxy; everything is closed at the end."""
    async with echo() as port, FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        try:
            assert await said(reader, writer, b"hello") == b"hello"
            yield proxy, reader, writer
        finally:
            writer.close()
            proxy.resume()
            await until(lambda: not proxy.open)


async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes) -> bytes:
    writer.write(words)
    return await asyncio.wait_for(reader.readexactly(len(words)), PATIENCE_S)


async def until(fact: object) -> None:
    assert callable(fact)
    async with asyncio.timeout(PATIENCE_S):
        while not fact():
            await asyncio.sleep(0.005)


async def test_bytes_pass_both_ways() -> None:
    async with proxied() as (proxy, reader, writer):
        assert await said(reader, writer, b"again") == b"again"
        assert (proxy.up.passed, proxy.down.passed, proxy.swallowed) == (10, 10, 0)


async def test_swallowed_bytes_never_come_and_later_ones_do() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.stall()
        writer.write(b"lost")
        await until(lambda: proxy.swallowed == 4)
        proxy.resume()
        assert await said(reader, writer, b"next") == b"next"


async def test_half_open_link_passes_one_direction_only() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.stall("down")
        writer.write(b"lost")
        await until(lambda: proxy.down.swallowed == 4)
        assert (proxy.up.swallowed, proxy.up.passed) == (0, 9)
        proxy.resume()
        assert await said(reader, writer, b"next") == b"next"


async def test_an_end_passes_a_stalled_link_unless_ends_are_kept_too() -> None:
    async with proxied() as (proxy, _, writer):
        proxy.stall(keep_ends=True)
        writer.close()
        await writer.wait_closed()
        other_reader, other = await asyncio.open_connection("127.0.0.1", proxy.port)
        await until(lambda: proxy.open == 2)
        other.write(b"lost")
        await until(lambda: proxy.swallowed == 4)
        assert proxy.open == 2, "the device still believes in the first connection"
        proxy.stall()
        other.close()
        await until(lambda: proxy.open == 1)
        proxy.resume()
        await until(lambda: proxy.open == 0)
        assert await other_reader.read() == b""


async def test_held_bytes_come_late_whole_and_in_order() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.hold("down")
        writer.write(b"first")
        await until(lambda: proxy.up.passed == 10)
        writer.write(b"second")
        await until(lambda: proxy.up.passed == 16)
        assert proxy.down.passed == 5
        proxy.resume()
        assert await asyncio.wait_for(reader.readexactly(11), PATIENCE_S) == b"firstsecond"


async def test_held_link_holds_the_sender_back() -> None:
    async with proxied() as (proxy, _, writer):
        proxy.hold("up")
        writer.transport.set_write_buffer_limits(high=0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                for _ in range(1000):
                    writer.write(bytes(100_000))
                    await writer.drain()
        assert writer.transport.get_write_buffer_size() > 0


async def test_dripping_line_is_slow_and_late_but_loses_nothing() -> None:
    async with proxied() as (proxy, reader, writer):
        loop = asyncio.get_running_loop()
        proxy.drip(2000, delay_s=0.2, way="down")
        began = loop.time()
        assert await said(reader, writer, bytes(range(200))) == bytes(range(200))
        assert loop.time() - began >= 0.2 + 0.05
        proxy.drip(0, delay_s=0.2)
        began = loop.time()
        for word in (b"one", b"two", b"three"):
            writer.write(word)
        assert await asyncio.wait_for(reader.readexactly(11), PATIENCE_S) == b"onetwothree"
        assert loop.time() - began >= 0.4, "the delay is that of a line, there and back"


async def test_truncated_chunk_ends_the_connection_in_its_middle() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.truncate()
        writer.write(b"12345678")
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b"1234"
        assert proxy.down.truncated == 1


async def test_truncated_chunk_may_leave_the_stream_out_of_step() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.truncate(then_close=False)
        writer.write(b"12345678")
        await until(lambda: proxy.down.truncated)
        writer.write(b"next")
        assert await asyncio.wait_for(reader.readexactly(8), PATIENCE_S) == b"1234next"


async def test_duplicated_chunk_comes_twice_and_only_once_asked_for() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.duplicate("down", chunks=1)
        writer.write(b"twice")
        assert await asyncio.wait_for(reader.readexactly(10), PATIENCE_S) == b"twicetwice"
        assert await said(reader, writer, b"once") == b"once"
        assert proxy.down.duplicated == 1


async def test_garbled_chunk_differs_in_one_byte_or_as_asked() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.garble("down")
        assert await said(reader, writer, b"abc") == bytes([ord("a"), ord("b") ^ 0xFF, ord("c")])
        proxy.garble("up", chunks=2, change=bytes.upper)
        assert await said(reader, writer, b"abc") == b"ABC"
        assert await said(reader, writer, b"def") == b"DEF"
        assert await said(reader, writer, b"ghi") == b"ghi"
        assert (proxy.up.garbled, proxy.down.garbled) == (2, 1)


async def test_a_cut_is_a_reset_not_an_orderly_end() -> None:
    async with proxied() as (proxy, reader, _):
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(1), PATIENCE_S)


async def test_finished_direction_ends_in_order_while_the_other_goes_on() -> None:
    async with proxied() as (proxy, reader, writer):
        proxy.finish("down")
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.write(b"still heard")
        await until(lambda: proxy.up.passed == 16 and proxy.down.swallowed == 11)
        assert proxy.open == 1


async def test_refusing_proxy_comes_back_on_the_same_port() -> None:
    async with proxied() as (proxy, reader, writer):
        port = proxy.port
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        assert await said(reader, writer, b"open ones stay") == b"open ones stay"
        await proxy.listen()
        assert proxy.port == port
        again_reader, again = await asyncio.open_connection("127.0.0.1", port)
        assert await said(again_reader, again, b"back") == b"back"
        again.close()
        await again.wait_closed()


async def test_a_target_that_is_down_closes_the_connection() -> None:
    async with echo() as port:
        pass
    async with FaultProxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()
        await until(lambda: not proxy.open)


async def test_leaving_ends_connections_however_broken_they_are() -> None:
    async with echo() as port:
        async with FaultProxy(port) as proxy:
            writers = []
            for spoil in (proxy.stall, proxy.hold, lambda: proxy.drip(1, 60)):
                _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                spoil()
                writer.write(bytes(10_000))
                writers.append(writer)
            await until(lambda: proxy.open == 3)
        assert proxy.open == 0
        for writer in writers:
            writer.close()
