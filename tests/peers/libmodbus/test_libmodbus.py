"""Our Modbus driver against libmodbus, compiled on the spot: another author, another language."""

import asyncio
import os
import struct
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.drivers.driver import NotReady
from engine.drivers.link import Link
from engine.drivers.modbus import DRIVER
from engine.drivers.shared import Shared
from engine.drivers.supervisor import supervise
from engine.live import Texts
from engine.types import Status, Tag
from tests.engine.drivers.recording import RecordingSink, context, until

pytestmark = pytest.mark.peer


def float32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


EXPECTED = {
    "holding:0": 40000.0,
    "holding:1:int16": -12.0,
    "holding:2:int32": -2e9,
    "holding:4:int64": -1099511627777.0,
    "holding:10:float32": 81.5,
    "holding:12:float32:swap": float32(-0.3),
    "holding:14:float32:bswap": float32(3.14159),
    "holding:16:float32:bswap+swap": float32(1.1e6),
    "holding:18:bit3": 1.0,
    "holding:18:bit4": 0.0,
    "input:0": 1000.0,
    "input:9": 1009.0,
    "coil:3": 1.0,
    "coil:4": 0.0,
    "discrete:17": 1.0,
    "discrete:18": 0.0,
}
EXPECTED_TEXT = {"holding:20:string:8": "PUMP 7", "holding:24:string:7:bswap": "Zürich"}


@contextmanager
def served(program: Path, *words: object) -> Iterator[int]:
    """The server with these words; gives its port, and ends it without a word to its clients."""
    with subprocess.Popen(
        [str(program), *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()
            server.stdin.close()


@asynccontextmanager
async def running(
    endpoint: str, tags: list[Tag], shared: Shared, texts: Texts | None = None
) -> AsyncIterator[tuple[RecordingSink, asyncio.Task[None]]]:
    sink = RecordingSink()
    source = replace(context(endpoint, tags, sink), shared=shared, intern=(texts or Texts()).code)
    task = asyncio.ensure_future(DRIVER.run(source))
    try:
        yield sink, task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done(), "a cancel must be done within 2 s"


def tags_at(*addresses: str, rate: float = 10) -> list[Tag]:
    return [Tag(number, f"A/{number}", "plc", address, rate=rate) for number, address in enumerate(addresses)]


async def all_values_are_right(endpoint: str) -> None:
    texts = Texts()
    tags = tags_at(*EXPECTED, *EXPECTED_TEXT)
    async with running(endpoint, tags, Shared(), texts) as (sink, task):
        await until(lambda: len(sink.value) == len(tags) or task.done(), 30)
        numbers = [sink.value[number] for number in range(len(EXPECTED))]
        assert numbers == list(EXPECTED.values())
        shown = [texts.text(sink.value[number]) for number in range(len(EXPECTED), len(tags))]
        assert shown == list(EXPECTED_TEXT.values())
        assert set(sink.status.values()) == {Status.GOOD}
        assert sink.links == ["none"]


async def test_values_and_texts_from_libmodbus_are_right(libmodbus: int) -> None:
    await all_values_are_right(f"tcp://127.0.0.1:{libmodbus}?unit=7")


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX systems")
async def test_values_and_texts_from_libmodbus_over_a_serial_line_are_right(libmodbus_server: Path) -> None:
    async with serial_pair() as (theirs, ours):
        with served(libmodbus_server, "rtu", theirs):
            await all_values_are_right(f"rtu://{ours}?parity=N&unit=7")


@pytest.mark.fault
@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX systems")
async def test_a_serial_device_of_libmodbus_comes_back_after_it_was_away(libmodbus_server: Path) -> None:
    """It ignores function 8, so the way into step leads over another table."""
    async with serial_pair() as (theirs, ours):
        sink, link = RecordingSink(), Link()
        source = context(f"rtu://{ours}?parity=N&unit=7", tags_at("holding:0", "holding:18", rate=20), sink)
        task = asyncio.create_task(supervise(source, DRIVER, link))
        with served(libmodbus_server, "rtu", theirs):
            await until(lambda: link.state == "connected" and sink.status.get(1) == Status.GOOD)
        await until(lambda: link.state == "connecting")
        with served(libmodbus_server, "rtu", theirs):
            await until(lambda: link.state == "connected" and sink.status[1] == Status.GOOD, 30)
            assert sink.value == {0: 40000.0, 1: 8.0}
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()


async def test_places_that_do_not_exist_are_marked_and_not_asked_for_again(libmodbus: int) -> None:
    shared = Shared()
    tags = tags_at(
        "holding:28", "holding:30", "holding:33", "holding:39", "holding:40", "input:9", "input:10"
    )
    why = "the device answers exception 2 (illegal address) for"
    for _ in range(2):
        async with running(f"tcp://127.0.0.1:{libmodbus}?unit=7", tags, shared) as (sink, _):
            await until(
                lambda sink=sink: len(sink.value) == 4 and len(sink.whys) == 3 and "holes" in sink.facts
            )
            assert sink.value == {0: 0.0, 2: 0.0, 3: 0.0, 5: 1009.0}
            assert sink.whys == {
                1: f"{why} holding:30",
                4: f"{why} holding:40",
                6: f"{why} input:10",
            }
            assert "3 of its tags: " in sink.notes["holes"][0]
            assert sink.facts["blocks"] == "3 requests a scan, 9 registers"


async def test_two_units_behind_one_port_have_their_own_values_and_a_third_is_silent(libmodbus: int) -> None:
    shared = Shared()
    endpoint = f"tcp://127.0.0.1:{libmodbus}?unit="
    tags = tags_at("holding:0", rate=20)
    async with (
        running(f"{endpoint}7", tags, shared) as (seven, _),
        running(f"{endpoint}8", tags, shared) as (eight, _),
        running(f"{endpoint}9", tags, shared) as (nine, silent),
    ):
        await until(lambda: seven.value and eight.value)
        with pytest.raises(NotReady, match="unit 9 did not answer in .* while others on its line do"):
            await asyncio.wait_for(silent, 10)
        count = len(seven.batches)
        await until(lambda: len(seven.batches) > count + 3)
        assert (seven.value, eight.value, nine.value) == ({0: 40000.0}, {0: 507.0}, {})


@pytest.mark.fault
async def test_a_server_that_is_killed_and_started_again_with_another_map_is_read_right(
    libmodbus_server: Path,
) -> None:
    sink, link = RecordingSink(), Link()
    with served(libmodbus_server, "tcp", 0, 40, 111) as port:
        tags = tags_at("holding:0", "holding:29", "holding:42", rate=20)
        task = asyncio.create_task(
            supervise(context(f"tcp://127.0.0.1:{port}?unit=7", tags, sink), DRIVER, link)
        )
        await until(lambda: len(sink.value) == 2 and sink.status.get(2) == Status.CONFIGURATION_ERROR)
        assert sink.value == {0: 111.0, 1: 0.0}
    await until(lambda: sink.status[0] == Status.STALE)
    assert link.state == "connecting"
    with served(libmodbus_server, "tcp", port, 50, 222):
        await until(lambda: sink.value[0] == 222.0 and sink.status[0] == Status.GOOD)
        await until(lambda: sink.status[2] == Status.GOOD, 15)
        assert sink.value == {0: 222.0, 1: 0.0, 2: 42.0}
    await until(lambda: sink.status[0] == Status.STALE)
    with served(libmodbus_server, "tcp", port, 20, 333):
        await until(lambda: sink.value[0] == 333.0)
        await until(lambda: sink.status[1] == sink.status[2] == Status.CONFIGURATION_ERROR)
    task.cancel()
    await asyncio.wait({task}, timeout=2)
    assert link.reconnects == 2


@asynccontextmanager
async def serial_pair() -> AsyncIterator[tuple[str, str]]:
    """Two serial ports joined by a cable: pairs of pseudo-terminals, and we carry the bytes."""
    pairs = [os.openpty(), os.openpty()]
    (one, near_one), (two, near_two) = pairs
    loop = asyncio.get_running_loop()
    loop.add_reader(one, lambda: os.write(two, os.read(one, 1024)))
    loop.add_reader(two, lambda: os.write(one, os.read(two, 1024)))
    try:
        yield os.ttyname(near_one), os.ttyname(near_two)
    finally:
        loop.remove_reader(one)
        loop.remove_reader(two)
        for pair in pairs:
            os.close(pair[0])
            os.close(pair[1])
