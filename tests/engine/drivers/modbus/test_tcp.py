"""A connection against a raw TCP peer that answers wrongly, late or not at all (T12, T17 in short)."""

import asyncio
from collections.abc import Callable

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.modbus.tcp import open_tcp
from engine.drivers.modbus.wire import ExceptionReply, Gone, Question, Silent
from tests.engine.drivers.modbus.peer import (
    UNIT,
    Peer,
    always,
    device,
    frame,
    numbered,
    registers,
    tid_of,
    unit_of,
)
from tests.engine.drivers.recording import until

SHORT_S = 0.2
TWO = Question(UNIT, "holding", 0, 2)
ONE = Question(UNIT, "holding", 0, 1)

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
        async with open_tcp(peer.place) as wire:
            with pytest.raises((Silent, Gone)):
                await wire.ask(TWO, SHORT_S)
        assert len(peer.requests) == 1, "asked exactly once"
        await until(lambda: peer.open == 0)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("wrong", "came"),
    [
        ("another transaction", "another question"),
        ("another unit", "as unit 8"),
        ("too few registers", "another kind or length"),
        ("half a frame", "a part of an answer"),
        ("nothing", "^$"),
    ],
)
async def test_what_came_instead_is_said(wrong: str, came: str) -> None:
    async with device(always(WRONG[wrong])) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Silent, match=came):
            await wire.ask(TWO, SHORT_S)


@pytest.mark.fault
@pytest.mark.parametrize("wrong", ["another protocol", "noise"])
async def test_a_stream_that_is_no_modbus_is_closed_at_once(wrong: str) -> None:
    async with device(always(WRONG[wrong])) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Gone, match="no Modbus TCP"):
            await wire.ask(TWO, 30)
        await until(lambda: peer.open == 0)
        with pytest.raises(Gone):
            await wire.ask(TWO, 30)


@pytest.mark.fault
@pytest.mark.parametrize("unit", [0, 255])
async def test_units_0_and_255_are_checked_too(unit: int) -> None:
    async with device(always(lambda q: frame(tid_of(q), 1, GOOD))) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Silent):
            await wire.ask(Question(unit, "holding", 0, 2), SHORT_S)


@pytest.mark.fault
async def test_a_late_answer_is_not_taken_for_the_next_question_nor_for_any_after_it() -> None:
    """Every answer comes one question late, as in goburrow/modbus #64, then the right one follows."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        if len(peer.requests) > 1:
            writer.write(numbered(peer.requests[-2]))
            await writer.drain()
            writer.write(numbered(request))

    async with device(answer) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Silent):
            await wire.ask(Question(UNIT, "holding", 100, 1), SHORT_S)
        for start in range(5):
            assert (await wire.ask(Question(UNIT, "holding", start, 1), 5)).tolist() == [start]


@pytest.mark.fault
async def test_an_answer_that_comes_twice_is_taken_once() -> None:
    async with device(always(lambda q: numbered(q) * 2)) as peer, open_tcp(peer.place) as wire:
        for start in range(10):
            assert (await wire.ask(Question(UNIT, "holding", start, 1), 5)).tolist() == [start]


@pytest.mark.fault
async def test_a_torn_late_answer_does_not_put_the_stream_out_of_step() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        late = numbered(peer.requests[0])
        if len(peer.requests) == 1:
            writer.write(late[:9])
        else:
            writer.write(late[9:] + numbered(request))

    async with device(answer) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Silent):
            await wire.ask(Question(UNIT, "holding", 50, 4), SHORT_S)
        assert (await wire.ask(Question(UNIT, "holding", 0, 4), 5)).tolist() == [0, 1, 2, 3]


@pytest.mark.fault
async def test_a_frame_that_lost_bytes_ends_the_connection_and_gives_no_value() -> None:
    """The rest of the broken frame is taken from the next one, which nobody could put together again."""

    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(numbered(request)[: -3 if len(peer.requests) == 1 else None])

    async with device(answer) as peer, open_tcp(peer.place) as wire:
        with pytest.raises(Silent):
            await wire.ask(Question(UNIT, "holding", 0, 4), SHORT_S)
        with pytest.raises(Gone, match="no Modbus TCP"):
            await wire.ask(Question(UNIT, "holding", 0, 4), 5)


async def test_an_answer_in_single_bytes_is_put_together() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        for byte in frame(tid_of(request), UNIT, registers(1, 65535)):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with device(answer) as peer, open_tcp(peer.place) as wire:
        assert (await wire.ask(Question(UNIT, "holding", 100, 2), 5)).tolist() == [1, 65535]
        assert peer.requests[0][2:] == bytes([0, 0, 0, 6, UNIT, 3, 0, 100, 0, 2])


@pytest.mark.parametrize(("table", "function"), [("coil", 1), ("discrete", 2), ("holding", 3), ("input", 4)])
async def test_each_table_has_its_function_code_on_the_wire(table: str, function: int) -> None:
    def reply(request: bytes) -> bytes:
        data = bytes([function, 2, 0b101, 1]) if function <= 2 else registers(*range(9), function=function)
        return frame(tid_of(request), unit_of(request), data)

    async with device(always(reply)) as peer, open_tcp(peer.place) as wire:
        found = (await wire.ask(Question(9, table, 65527, 9), 5)).tolist()
        assert peer.requests[0][6:] == bytes([9, function, 0xFF, 0xF7, 0, 9])
        assert found == ([1, 0, 1, 0, 0, 0, 0, 0, 1] if function <= 2 else list(range(9)))


async def test_transaction_ids_begin_anew_after_65535_and_are_never_0() -> None:
    async with device(always(numbered)) as peer, open_tcp(peer.place) as wire:
        wire._transaction = 65534  # noqa: SLF001
        for _ in range(3):
            assert (await wire.ask(ONE, 5)).tolist() == [0]
        assert [tid_of(request) for request in peer.requests] == [65535, 1, 2]


async def test_an_exception_reply_carries_its_code() -> None:
    async with device(always(lambda q: frame(tid_of(q), UNIT, bytes([0x83, 11])))) as peer:
        async with open_tcp(peer.place) as wire:
            with pytest.raises(ExceptionReply) as caught:
                await wire.ask(ONE, 5)
        assert caught.value.code == 11
        assert len(peer.requests) == 1


@pytest.mark.fault
async def test_a_link_that_goes_down_during_a_question_is_noticed_at_once() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    ends: list[str] = []
    loop = asyncio.get_running_loop()
    async with device(answer) as peer, open_tcp(peer.place, deadline_s=30) as wire:
        wire.on_end = ends.append
        began = loop.time()
        with pytest.raises(Gone, match="closed the connection"):
            await wire.ask(ONE, 30)
        assert loop.time() - began < 5
        assert ends == ["closed the connection"]


@pytest.mark.fault
async def test_a_link_that_went_down_between_questions_is_noticed() -> None:
    async def answer(peer: Peer, request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(numbered(request))
        await writer.drain()
        writer.close()

    async with device(answer) as peer, open_tcp(peer.place) as wire:
        assert (await wire.ask(ONE, 5)).tolist() == [0]
        await until(lambda: wire.ended)
        with pytest.raises(Gone, match="closed the connection"):
            await wire.ask(ONE, 5)
        assert len(peer.requests) == 1


async def test_a_closed_port_is_named_with_its_reason() -> None:
    async with device(always(numbered)) as peer:
        gone = peer.place
    with pytest.raises(NotReady, match=f"127.0.0.1:{gone.port} cannot be reached: nothing listens") as caught:
        async with open_tcp(gone):
            pass
    assert "whether Modbus is switched on" in caught.value.do


@pytest.mark.fault
@pytest.mark.parametrize("rounds", range(12))
async def test_a_cancel_is_kept_wherever_it_falls(rounds: int) -> None:
    async with device(always(numbered)) as peer:

        async def read_for_ever() -> None:
            async with open_tcp(peer.place) as wire:
                while True:
                    await wire.ask(ONE, 5)

        task = asyncio.create_task(read_for_ever())
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled()
        await until(lambda: peer.open == 0)


@pytest.mark.fault
async def test_a_cancel_that_meets_the_answer_is_kept() -> None:
    """asyncio.wait_for of Python 3.11 would swallow it (python/cpython#86296)."""
    tasks: list[asyncio.Task[None]] = []

    async with device(always(numbered)) as peer:

        async def read_for_ever() -> None:
            async with open_tcp(peer.place) as wire:
                heard = wire.data_received

                def hear_and_cancel(data: bytes) -> None:
                    heard(data)
                    tasks[0].cancel()

                wire.data_received = hear_and_cancel
                wire.transport.set_protocol(wire)  # takes the new method up
                while True:
                    await wire.ask(ONE, 5)

        tasks.append(asyncio.create_task(read_for_ever()))
        await asyncio.wait({tasks[0]}, timeout=2)
        assert tasks[0].cancelled()
        assert len(peer.requests) == 1
