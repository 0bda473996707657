"""One question at a time over an open connection, and what fits it as an answer.

pymodbus makes the frames, the requests, the checksums and the serial transport; its client is not
used: 3.16 accepts transaction id 0, any function and any length, takes a late answer on a serial line
for the next one, hides why a connect failed, waits for ever for the end of a broken frame, and its
waiting swallows a cancel that meets the answer (python/cpython#86296). What fits a question is decided
here, byte by byte; everything else is thrown away and never becomes a value.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from engine.drivers.modbus.address import BIT_TABLES, Table

QUESTIONS: dict[Table, type[ModbusPDU]] = {
    "coil": ReadCoilsRequest,
    "discrete": ReadDiscreteInputsRequest,
    "holding": ReadHoldingRegistersRequest,
    "input": ReadInputRegistersRequest,
}


class ExceptionReply(Exception):
    """The device answered with a Modbus exception; ``code`` as in V1.1b3, chapter 7."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class Silent(Exception):
    """No fitting answer in time; ``strange`` = what came instead, "" for nothing at all.

    ``whole`` = it was a whole answer, only not to this question.
    """

    def __init__(self, strange: str, *, whole: bool = False) -> None:
        super().__init__(strange)
        self.strange, self.whole = strange, whole


class Gone(Exception):
    """The connection is at its end, for the reason given."""


Hush = Callable[[], float]
"""For how many seconds a serial line stays silent after no answer came."""


def no_hush() -> float:
    """On a line with transaction ids."""
    return 0.0


Fits = tuple[tuple[bytes, int], ...]
"""Answers that a question may get: their first bytes after the unit, and their size."""


class Asking(Protocol):
    """What is sent to a unit, and what fits it as an answer of ``answer_bytes`` data bytes."""

    @property
    def unit(self) -> int: ...
    @property
    def table(self) -> Table: ...
    @property
    def request(self) -> ModbusPDU: ...
    @property
    def fits(self) -> Fits: ...
    @property
    def answer_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Question:
    """``count`` registers (or bits) from ``start`` of one unit. Made once and asked again and again.

    ``request`` and ``fits`` follow from the others.
    """

    unit: int
    table: Table
    start: int
    count: int
    request: ModbusPDU = field(init=False, repr=False, compare=False)
    fits: Fits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        request = QUESTIONS[self.table](dev_id=self.unit, address=self.start, count=self.count)
        function, size = request.function_code, self.answer_bytes
        object.__setattr__(self, "request", request)
        object.__setattr__(self, "fits", ((bytes([function, size]), size + 2), (bytes([function | 0x80]), 2)))

    @property
    def answer_bytes(self) -> int:
        """Data bytes of the answer."""
        return (self.count + 7) // 8 if self.table in BIT_TABLES else 2 * self.count


@dataclass(slots=True, eq=False)
class Asked:
    """A question in flight."""

    unit: int
    transaction: int
    fits: Fits
    answer: asyncio.Future[bytes | None]


NOTHING = b""


def _settle(answer: asyncio.Future[bytes | None], found: bytes | None) -> None:
    if not answer.done():
        answer.set_result(found)


class Wire(asyncio.Protocol):
    """An open connection. Not to be shared: one ``ask`` at a time. ``on_end`` hears that it is at its end.

    ``sent`` = the last request that was given to the transport.
    """

    def __init__(self) -> None:
        self.ended = ""
        self.on_end: Callable[[str], None] = lambda why: None
        self.transport: asyncio.WriteTransport | None = None
        self.asked: Asked | None = None
        self.heard = bytearray()
        self.strange = ""
        self.sent: ModbusPDU | None = None

    async def ask(self, question: Question, timeout_s: float, hush: Hush = no_hush) -> NDArray[np.uint16]:
        """Ask once: registers uint16[count], or bits as 0 and 1. Raises ExceptionReply, Silent or Gone."""
        return _numbers(await self.answer(question, timeout_s, hush), question)

    async def answer(self, asking: Asking, timeout_s: float, hush: Hush = no_hush) -> bytes:
        """Send once: what came, from its function code on. Raises ExceptionReply, Silent or Gone."""
        return checked(await self.exchange(asking.request, asking.unit, asking.fits, timeout_s))

    async def exchange(self, request: ModbusPDU | None, unit: int, fits: Fits, timeout_s: float) -> bytes:
        """Send a request, once, and wait for what fits it: the answer from its function code on.

        Without a request only wait.
        """
        if self.ended or self.transport is None:
            raise Gone(self.ended)
        frame = self.frame(request) if request else b""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes | None] = loop.create_future()
        self.asked = Asked(unit, request.transaction_id if request else 0, fits, answer)
        self.strange = ""
        if frame:
            self.sent = request
            self.transport.write(frame)
        else:
            self.look()
        # A timer and a future: less than half of what asyncio.timeout costs, and this is the hot path.
        timer = loop.call_later(timeout_s, _settle, answer, NOTHING)
        try:
            found = await answer
        finally:
            timer.cancel()
            self.asked = None
        if found is None:
            raise Gone(self.ended)
        if found is NOTHING:
            came = self.what_came(unit)
            raise Silent(came, whole=bool(self.strange))
        return found

    @abstractmethod
    def frame(self, request: ModbusPDU) -> bytes:
        """The bytes of a request."""

    @abstractmethod
    def what_came(self, unit: int) -> str:
        """What came instead of an answer of ``unit``, for a person; sets ``strange`` to a whole answer."""

    @abstractmethod
    def look(self) -> None:
        """Look for an answer in what was heard, and take it out."""

    def end(self, why: str) -> None:
        """Nothing more will come; whoever waits hears it at once."""
        if self.ended:
            return
        self.ended = why
        if self.asked is not None:
            _settle(self.asked.answer, None)
        self.on_end(why)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol."""
        self.heard += data
        self.look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of asyncio.Protocol."""
        self.end("closed the connection")

    @property
    def is_clear(self) -> bool:
        """Whether what is sent now leaves at once: the link is open and nothing waits before it."""
        transport = self.transport
        if self.ended or transport is None or transport.is_closing():
            return False
        return not transport.get_write_buffer_size()

    def close(self) -> None:
        """Close at once: a stalled link must not keep the socket for unsent bytes."""
        self.end("was closed by us")
        if self.transport is not None:
            self.transport.abort()


def checked(body: bytes) -> bytes:
    """The answer. Raises ExceptionReply for one that is a refusal."""
    if body[0] & 0x80:
        raise ExceptionReply(body[1])
    return body


def _numbers(body: bytes, question: Question) -> NDArray[np.uint16]:
    if question.table in BIT_TABLES:
        bits = np.unpackbits(np.frombuffer(body, np.uint8, offset=2), bitorder="little")
        return bits[: question.count].astype(np.uint16)
    return np.frombuffer(body, ">u2", offset=2).astype(np.uint16)
