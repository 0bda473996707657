"""Modbus RTU: a serial line, where only silence, an echo and the checksum tell answers apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from errno import EACCES, EAGAIN, EBUSY, ENOENT

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.diag_message import ReturnQueryDataRequest
from pymodbus.transport.serialtransport import SerialTransport

from engine.drivers.driver import NotReady
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.endpoint import SerialPlace
from engine.drivers.modbus.memory import Steps
from engine.drivers.modbus.wire import (
    Asked,
    Asking,
    ExceptionReply,
    Fits,
    Hush,
    Question,
    Silent,
    Wire,
    no_hush,
)

ECHO = ReturnQueryDataRequest.function_code
LONGEST_FRAME = 256
OTHER_TABLE: dict[Table, Table] = {
    "holding": "input",
    "input": "holding",
    "coil": "discrete",
    "discrete": "coil",
}
LATEST_ANSWER_S = 5.0
LATEST_ANSWER_TIMES = 5
"""No answer comes later than this after its question, nor than so many of the unit's own timeouts."""
FRAMES_OVERHEAD = 13
"""Bytes of a question and of all but the data of its answer."""


class SerialWire(Wire):
    """Modbus RTU: no transaction ids, so silence and a second question keep it in step.

    A late answer must not be taken for that of the next question. So after a unit stayed silent the line
    is kept silent, and before the unit is read again it is to send back a number (function 8, "Return
    Query Data"), or, where it keeps silent to that too, a bit or register of another table. Answers come
    in order, and a refusal is as good as an answer: whatever was late has come by then. Nothing comes
    after ``LATEST_ANSWER_S``. What is out of step outlives the port, in ``steps``.
    """

    def __init__(self, place: SerialPlace, steps: Steps) -> None:
        super().__init__()
        self.last_byte_s = 0.0
        self._place = place
        self._steps = steps
        self._number = 0
        self._quiet_until_s = 0.0
        self._framer = FramerRTU(DecodePDU(is_server=False))

    async def answer(self, asking: Asking, timeout_s: float, hush: Hush = no_hush) -> bytes:
        """As ``Wire.answer``; the time the bytes themselves take is added to ``timeout_s``."""
        loop = asyncio.get_running_loop()
        unit, size = asking.unit, FRAMES_OVERHEAD + asking.answer_bytes
        try:
            await self._get_in_step(asking, timeout_s)
            await self._silence(timeout_s)
            self._steps.unsure[unit] = (loop.time(), asking.table)
            body = await super().answer(asking, timeout_s + size * self._place.character_s)
        except ExceptionReply:
            del self._steps.unsure[unit]
            raise
        except BaseException:  # also a cancel leaves the question open
            self._quiet_until_s = loop.time() + hush()
            raise
        del self._steps.unsure[unit]
        return body

    async def _get_in_step(self, asking: Asking, timeout_s: float) -> None:
        """Let a late answer of a unit pass. Raises Silent when it cannot be known whether it has."""
        unit = asking.unit
        if unit not in self._steps.unsure:
            return
        asked_s, table = self._steps.unsure[unit]
        await self._silence(timeout_s)
        loop, steps = asyncio.get_running_loop(), self._steps
        latest_s = max(LATEST_ANSWER_S, LATEST_ANSWER_TIMES * timeout_s)
        owed = [at for at in steps.owed.get(unit, []) if loop.time() - at < latest_s]
        steps.owed[unit] = owed
        try:
            if unit in steps.deaf:
                other = Question(unit, OTHER_TABLE[table], 0, 1)
                await self._ask_till_in_step(unit, other.request, other.fits, timeout_s)
            else:
                await self._ask_till_in_step(unit, *self._echo(unit), timeout_s)
                steps.echoes.add(unit)
        except Silent:
            if unit not in steps.echoes | steps.deaf:
                steps.deaf.add(unit)
                owed.clear()
            if loop.time() - asked_s < latest_s or (owed and asking.table == OTHER_TABLE[table]):
                raise

    def _echo(self, unit: int) -> tuple[ModbusPDU, Fits]:
        self._number = (self._number + 1) & 0xFFFF
        request = ReturnQueryDataRequest(self._number, dev_id=unit)
        return request, ((bytes([ECHO]) + request.encode(), 5), (bytes([ECHO | 0x80]), 2))

    async def _ask_till_in_step(self, unit: int, request: ModbusPDU, fits: Fits, timeout_s: float) -> None:
        """Only a number sent back is surely the answer to this very question; others must all have come."""
        owed = self._steps.owed[unit]
        owed.append(asyncio.get_running_loop().time())
        sent: ModbusPDU | None = request
        while owed:
            body = await self.exchange(sent, unit, fits, timeout_s)
            sent = None
            if body[0] == ECHO:
                owed.clear()
            else:
                owed.pop(0)

    async def _silence(self, timeout_s: float) -> None:
        """Wait until nothing has come for 3.5 characters and the hush after a silence is over."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + timeout_s
        while True:
            now_s = loop.time()
            wait_s = max(self._quiet_until_s, self.last_byte_s + self._place.silence_s) - now_s
            if wait_s <= 0:
                self.heard.clear()
                return
            if now_s > end_s and self.last_byte_s + self._place.silence_s > now_s:
                raise Silent("bytes without end")
            await asyncio.sleep(wait_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of asyncio.Protocol: an adapter was pulled out, or the port failed."""
        self.end(f"stopped working ({exc})" if exc else "was closed")

    def frame(self, request: ModbusPDU) -> bytes:
        """The request between unit and checksum."""
        return self._framer.buildFrame(request)

    def what_came(self, unit: int) -> str:
        """A whole frame of another unit, or how many bytes of what came are left over."""
        heard = bytes(self.heard)
        whole = len(heard) > 4 and FramerRTU.compute_CRC(heard[:-2]) == int.from_bytes(heard[-2:], "big")
        if whole and heard[0] != unit:
            self.strange = f"as unit {heard[0]}"
            return self.strange
        return f"{len(self.heard)} bytes that are no answer to it" if self.heard else ""

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol: what comes without a question is let pass."""
        self.last_byte_s = asyncio.get_running_loop().time()
        if self.asked is not None:
            super().data_received(data)

    def look(self) -> None:
        """Look for the one frame that fits, between whatever noise."""
        asked = self.asked
        if asked is None or asked.answer.done():
            return
        body, end = _framed(bytes(self.heard), asked)
        if body:
            asked.answer.set_result(body)
        elif len(self.heard) > 2 * LONGEST_FRAME:
            end = len(self.heard) - LONGEST_FRAME
        self.heard = self.heard[end:]


def _framed(heard: bytes, asked: Asked) -> tuple[bytes, int]:
    """The first answer with the right unit, function, length and checksum, and where it ends."""
    found: list[tuple[int, bytes]] = []
    for first, size in asked.fits:
        head = bytes([asked.unit]) + first
        place = heard.find(head)
        while 0 <= place <= len(heard) - size - 3:
            end = place + size + 1
            if FramerRTU.compute_CRC(heard[place:end]) == int.from_bytes(heard[end : end + 2], "big"):
                found.append((end + 2, heard[place + 1 : end]))
                break
            place = heard.find(head, place + 1)
    end, body = min(found, default=(0, b""))
    return body, end


@asynccontextmanager
async def open_rtu(place: SerialPlace, steps: Steps) -> AsyncGenerator[Wire]:
    """Open the port, and close it on every way out. Raises NotReady."""
    wire = SerialWire(place, steps)
    try:
        _open_port(wire, place)
        yield wire
    finally:
        wire.close()


def _open_port(wire: Wire, place: SerialPlace) -> None:
    loop = asyncio.get_running_loop()
    try:
        transport = SerialTransport(
            loop, wire, place.device, place.baud, 8, place.parity, place.stop, timeout=0
        )
    except Exception as error:  # pyserial lets the system's own kinds through, termios.error among them
        why, do = _in_words(error, place)
        raise NotReady(f"{place} cannot be opened: {why}", do) from None
    transport.setup()
    wire.connection_made(transport)


def _in_words(error: Exception, place: SerialPlace) -> tuple[str, str]:
    """Why a port did not open, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    if number == ENOENT:
        return "there is no such port", "check that the adapter is plugged in, and the name of the port"
    if number == EACCES:
        return (
            "permission denied",
            "let the user who runs the engine use serial ports (on Linux the group dialout)",
        )
    if number in {EBUSY, EAGAIN} or "exclusively lock" in str(error):
        return "it is in use", "end the other program that uses the port"
    if "Inappropriate ioctl" in str(error):
        return "it is no serial port", "check the name of the port"
    if type(error).__module__ == "termios" or isinstance(error, ValueError) or "onfigure port" in str(error):
        asked = f"baud={place.baud}, parity={place.parity}, stop={place.stop}"
        return f"it refuses one of the settings {asked}", "choose baud, parity and stop that the port can do"
    return str(error) or type(error).__name__, "check the name of the port, its settings and its adapter"
