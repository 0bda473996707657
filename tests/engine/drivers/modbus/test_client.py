"""The link against a raw TCP peer that answers wrongly, late or not at all (T12, T17 in short)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.modbus.client import ExceptionReply, open_link
from engine.drivers.modbus.endpoint import Endpoint
from tests.engine.drivers.recording import until

UNIT = 7
SHORT_S = 0.2
Answer = Callable[["Peer", bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """What a device saw: requests as they came, and how many connections are open."""

    endpoint: Endpoint = field(default=Endpoint("", 0, 0))
    requests: list[bytes] = field(default_factory=list)
    open: int = 0


@asynccontextmanager
async def device(answer: Answer, unit: int = UNIT) -> AsyncIterator[Peer]:
    peer = Peer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        peer.open += 1
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
    peer.endpoint = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1], unit)
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


def registers(*words: int, function: int = 3) -> bytes:
    return bytes([function, len(words) * 2]) + b"".join(word.to_bytes(2, "big") for word in words)


def always(make: Callable[[bytes], bytes]) -> Answer:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(make(request))

    return answer


GOOD = registers(11, 22)

WRONG: dict[str, Callable[[bytes], bytes]] = {
    "another transaction": lambda q: frame(tid_of(q) + 1, UNIT, GOOD),
    "transaction 0": lambda q: frame(0, UNIT, GOOD),
    "another unit": lambda q: frame(tid_of(q), UNIT + 1, GOOD),
    "unit 0": lambda q: frame(tid_of(q), 0, GOOD),
    "another function": lambda q: frame(tid_of(q), UNIT, registers(11, 22, function=4)),
    "an exception to another function": lambda q: frame(tid_of(q), UNIT, bytes([0x84, 2])),
    "too few registers": lambda q: frame(tid_of(q), UNIT, registers(11)),
    "too many registers": lambda q: frame(tid_of(q), UNIT, registers(11, 22, 33)),
    "bits for registers": lambda q: frame(tid_of(q), UNIT, bytes([1, 1, 0xFF])),
    "an odd byte count": lambda q: frame(tid_of(q), UNIT, bytes([3, 3, 0, 11, 0])),
    "another protocol": lambda q: frame(tid_of(q), UNIT, GOOD, protocol=1),
    "half a frame": lambda q: frame(tid_of(q), UNIT, GOOD)[:-2],
    "nothing": lambda q: b"",
    "noise": lambda q: bytes(range(200)),
}


@pytest.mark.fault
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_answer_never_becomes_a_value(wrong: str) -> None:
    async with device(always(WRONG[wrong])) as peer:
        with pytest.raises(NotReady, match="unit 7 (did not answer|answered something else)"):
            async with open_link(peer.endpoint, SHORT_S) as link:
                await link.read("holding", 0, 2)
        assert len(peer.requests) == 2, "asked once, and once more"
        await until(lambda: peer.open == 0)


@pytest.mark.fault
@pytest.mark.parametrize("unit", [0, 255])
async def test_units_0_and_255_are_checked_too(unit: int) -> None:
    async with device(always(lambda q: frame(tid_of(q), 1, GOOD)), unit) as peer:
        with pytest.raises(NotReady):
            async with open_link(peer.endpoint, SHORT_S) as link:
                await link.read("holding", 0, 2)


@pytest.mark.fault
async def test_a_frame_that_cannot_be_read_ends_the_link_and_no_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with device(always(lambda q: frame(tid_of(q), UNIT, bytes([3, 200, 0, 1])))) as peer:
        with pytest.raises(NotReady):
            async with open_link(peer.endpoint, SHORT_S) as link:
                await link.read("holding", 0, 2)
        await until(lambda: peer.open == 0)


@pytest.mark.fault
async def test_a_late_answer_is_not_taken_for_the_next_question() -> None:
    """The first answer comes after its timeout, just before the answer to the second question."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) == 2:
            late, now = peer.requests
            writer.write(frame(tid_of(late), UNIT, registers(99)))
            await writer.drain()
            writer.write(frame(tid_of(now), UNIT, registers(5)))

    async with device(answer) as peer, open_link(peer.endpoint, SHORT_S) as link:
        assert (await link.read("holding", 0, 1)).tolist() == [5]
        assert tid_of(peer.requests[0]) != tid_of(peer.requests[1])


@pytest.mark.fault
async def test_a_torn_late_answer_does_not_put_the_stream_out_of_step() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        late = frame(tid_of(peer.requests[0]), UNIT, registers(0, 0, 0, 0))
        if len(peer.requests) == 1:
            writer.write(late[:9])
        elif len(peer.requests) == 2:
            writer.write(late[9:])
            await writer.drain()
            writer.write(frame(tid_of(request), UNIT, registers(1, 2, 3, 4)))

    async with device(answer) as peer, open_link(peer.endpoint, SHORT_S) as link:
        try:
            found = (await link.read("holding", 0, 4)).tolist()
        except NotReady:
            return
        assert found == [1, 2, 3, 4]


async def test_an_answer_in_single_bytes_is_put_together() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        for byte in frame(tid_of(request), UNIT, registers(1, 65535)):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with device(answer) as peer, open_link(peer.endpoint) as link:
        assert (await link.read("holding", 100, 2)).tolist() == [1, 65535]
        assert peer.requests[0][2:] == bytes([0, 0, 0, 6, UNIT, 3, 0, 100, 0, 2])


@pytest.mark.parametrize(("table", "function"), [("coil", 1), ("discrete", 2), ("holding", 3), ("input", 4)])
async def test_each_table_has_its_function_code_on_the_wire(table: str, function: int) -> None:
    def reply(request: bytes) -> bytes:
        data = bytes([function, 2, 0b101, 1]) if function <= 2 else registers(*range(9), function=function)
        return frame(tid_of(request), UNIT, data)

    async with device(always(reply)) as peer, open_link(peer.endpoint) as link:
        found = (await link.read(table, 65527, 9)).tolist()
        assert peer.requests[0][6:] == bytes([UNIT, function, 0xFF, 0xF7, 0, 9])
        assert found == ([1, 0, 1, 0, 0, 0, 0, 0, 1] if function <= 2 else list(range(9)))


async def test_an_exception_reply_carries_its_code() -> None:
    async with device(always(lambda q: frame(tid_of(q), UNIT, bytes([0x83, 11])))) as peer:
        async with open_link(peer.endpoint) as link:
            with pytest.raises(ExceptionReply) as caught:
                await link.read("holding", 0, 1)
        assert caught.value.code == 11
        assert len(peer.requests) == 1


@pytest.mark.fault
async def test_a_link_that_goes_down_during_a_question_is_noticed_at_once() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    loop = asyncio.get_running_loop()
    async with device(answer) as peer:
        began = loop.time()
        with pytest.raises(NotReady, match="closed the connection"):
            async with open_link(peer.endpoint, timeout_s=30, deadline_s=30) as link:
                await link.read("holding", 0, 1)
        assert loop.time() - began < 5


@pytest.mark.fault
async def test_a_link_that_went_down_between_questions_is_noticed() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(tid_of(request), UNIT, registers(1)))
        await writer.drain()
        writer.close()

    async with device(answer) as peer:
        async with open_link(peer.endpoint, SHORT_S) as link:
            assert (await link.read("holding", 0, 1)).tolist() == [1]
            await until(lambda: not link.client.connected)
            with pytest.raises(NotReady, match="closed the connection"):
                await link.read("holding", 0, 1)
        assert len(peer.requests) == 1


async def test_a_closed_port_is_named_with_its_reason() -> None:
    async with device(always(lambda q: b"")) as peer:
        gone = peer.endpoint
    with pytest.raises(NotReady, match=f"127.0.0.1:{gone.port} unit 7 cannot be reached: nothing listens"):
        async with open_link(gone):
            pass


@pytest.mark.fault
@pytest.mark.parametrize("rounds", range(12))
async def test_a_cancel_is_kept_wherever_it_falls(rounds: int) -> None:
    """Also where it meets the answer, which asyncio.wait_for of Python 3.11 would swallow."""
    async with device(always(lambda q: frame(tid_of(q), UNIT, registers(1)))) as peer:

        async def read_for_ever() -> None:
            async with open_link(peer.endpoint) as link:
                while True:
                    await link.read("holding", 0, 1)

        task = asyncio.create_task(read_for_ever())
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled()
        await until(lambda: peer.open == 0)


@pytest.mark.fault
async def test_a_cancel_that_meets_the_answer_is_kept() -> None:
    tasks: list[asyncio.Task[None]] = []

    async with device(always(lambda q: frame(tid_of(q), UNIT, registers(1)))) as peer:

        async def read_for_ever() -> None:
            async with open_link(peer.endpoint) as link:
                heard = link.client.ctx.data_received

                def hear_and_cancel(data: bytes) -> None:
                    heard(data)
                    tasks[0].cancel()

                link.client.ctx.data_received = hear_and_cancel
                transport = link.client.ctx.transport
                transport.set_protocol(link.client.ctx)  # takes the new method up
                while True:
                    await link.read("holding", 0, 1)

        tasks.append(asyncio.create_task(read_for_ever()))
        await asyncio.wait({tasks[0]}, timeout=2)
        assert tasks[0].cancelled()
        assert len(peer.requests) == 1
