"""A Modbus TCP device for fault tests: several units behind one connection, and every misbehaviour.

Written on bare sockets, so that it can answer what no proper server would. Tag ``k`` of a unit is a
float64 at holding register ``10 * (k - first)``, or a uint32 where that number is odd; values follow
the rule at the moment of the answer. As a program it prints ``{"port": N}`` and takes orders in JSON
on stdin: ``{"do": "storm", "share": 0.5}`` (NaN and infinities) or ``{"do": "deaf", "units": [2]}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import struct
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from engine.clock import SystemClock
from tests.faults.rule import shown

STEP = 10
READ_HOLDING = 3
NO_FUNCTION = 1


@dataclass(frozen=True)
class Question:
    tid: int
    unit: int
    function: int
    start: int
    count: int


Answer = Callable[[Question, bytes], Awaitable[list[bytes]]]
"""What goes out for a question, given the proper answer (MBAP and PDU)."""


@dataclass
class Device:
    """``units`` gives the first tag of each unit. ``asked`` counts questions by unit."""

    units: dict[int, int]
    tags: int
    share: float = 0.0
    deaf: set[int] = field(default_factory=set)
    asked: Counter[int] = field(default_factory=Counter)
    change: Answer | None = None
    gateway_s: float | None = None
    port: int = 0
    luck: random.Random = field(default_factory=lambda: random.Random(1))
    line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def words(self, first: int, time_us: int) -> list[int]:
        """All holding registers of a unit at one instant."""
        data = bytearray(2 * STEP * self.tags)
        for number in range(self.tags):
            value = shown(first + number, time_us)
            form = ">I" if number % 2 else ">d"
            if self.luck.random() < self.share and form == ">d":
                value = self.luck.choice([math.nan, math.inf, -math.inf])
            struct.pack_into(form, data, 2 * STEP * number, int(value) if form == ">I" else value)
        return list(struct.unpack(f">{len(data) // 2}H", data))

    def proper(self, question: Question) -> bytes:
        """The right answer to a question."""
        words = self.words(self.units[question.unit], SystemClock().now_us())
        words += [0] * max(0, question.start + question.count - len(words))
        part = words[question.start : question.start + question.count]
        if question.function != READ_HOLDING:
            return frame(question, bytes([question.function | 0x80, NO_FUNCTION]))
        return frame(question, struct.pack(f">BB{len(part)}H", READ_HOLDING, 2 * len(part), *part))

    async def answers(self, question: Question) -> list[bytes]:
        """What goes out for a question; a unit that is deaf or not there says nothing."""
        self.asked[question.unit] += 1
        if self.gateway_s is not None:  # one serial line behind the gateway: one question at a time
            async with self.line:
                return await self.over_the_line(question)
        if question.unit in self.deaf or question.unit not in self.units:
            return []
        proper = self.proper(question)
        return [proper] if self.change is None else await self.change(question, proper)

    async def over_the_line(self, question: Question) -> list[bytes]:
        """As a gateway does it: a unit that says nothing holds the line up, then exception 11 comes."""
        if question.unit in self.deaf:
            await asyncio.sleep(self.gateway_s or 0)
            return [frame(question, bytes([question.function | 0x80, 11]))]
        return [self.proper(question)]


def frame(question: Question, pdu: bytes, tid: int | None = None, unit: int | None = None) -> bytes:
    """MBAP header and PDU, with another transaction or unit than asked if given."""
    tid = question.tid if tid is None else tid
    unit = question.unit if unit is None else unit
    return struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu


@asynccontextmanager
async def serving(device: Device, port: int = 0) -> AsyncGenerator[Device]:
    """The device listens on 127.0.0.1; ``device.port`` says where."""
    talks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await _talk(device, reader, writer)
        except (OSError, asyncio.IncompleteReadError, struct.error):
            pass
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    device.port = server.sockets[0].getsockname()[1]
    try:
        yield device
    finally:
        server.close()
        for talk in tuple(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _talk(device: Device, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    late: set[asyncio.Task[None]] = set()

    async def answer(question: Question) -> None:
        for piece in await device.answers(question):
            writer.write(piece)

    try:
        while True:
            tid, _, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
            pdu = await reader.readexactly(length - 1)
            question = Question(tid, unit, *struct.unpack(">BHH", pdu[:5]))
            task = asyncio.create_task(answer(question))
            late.add(task)
            task.add_done_callback(late.discard)
    finally:
        for task in tuple(late):
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", default='{"1": 1}', help="first tag by unit")
    parser.add_argument("--tags", type=int, default=4)
    asked = parser.parse_args()
    units = {int(unit): first for unit, first in json.loads(asked.units).items()}
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    async with serving(Device(units, asked.tags)) as device:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        print(json.dumps({"port": device.port}), flush=True)
        while line := await reader.readline():
            order = json.loads(line)
            if order["do"] == "storm":
                device.share = order["share"]
            else:
                device.deaf = set(order["units"])
            print(json.dumps({"done": order["do"]}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
