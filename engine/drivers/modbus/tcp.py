"""Modbus TCP: a connection whose transaction ids tell late answers apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU

from engine.drivers.driver import NotReady
from engine.drivers.modbus.endpoint import TcpPlace
from engine.drivers.modbus.wire import Wire

CONNECT_DEADLINE_S = 3.0
HEAD = 7
LONGEST_BODY = 254
PROTOCOL = b"\0\0"
NO_MODBUS = "sent bytes that are no Modbus TCP, so the connection was closed"


class TcpWire(Wire):
    """Modbus TCP: a transaction id tells late answers apart; a stream out of step is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._framer = FramerSocket(DecodePDU(is_server=False))
        self._transaction = 0

    def frame(self, request: ModbusPDU) -> bytes:
        """The request under the next transaction id."""
        self._transaction = self._transaction % 0xFFFF + 1
        request.transaction_id = self._transaction
        return self._framer.buildFrame(request)

    def what_came(self, unit: int) -> str:
        """The last answer that did not fit, or that a frame is not complete."""
        return self.strange or ("a part of an answer" if self.heard else "")

    def look(self) -> None:
        """Take whole frames out of the stream, or leave it when in doubt."""
        while len(self.heard) > HEAD:
            length = int.from_bytes(self.heard[4:6], "big")
            if bytes(self.heard[2:4]) != PROTOCOL or not 3 <= length <= LONGEST_BODY:
                self.heard.clear()
                self.end(NO_MODBUS)
                if self.transport is not None:
                    self.transport.abort()
                return
            used, unit, transaction, body = self._framer.decode(bytes(self.heard[: 6 + length]))
            if not used:
                return
            del self.heard[: 6 + length]
            self._take(unit, transaction, body)

    def _take(self, unit: int, transaction: int, body: bytes) -> None:
        asked = self.asked
        if asked is None or asked.answer.done():
            return  # a late answer, or a second one
        if transaction != asked.transaction:
            self.strange = "to another question (wrong transaction id)"
        elif unit != asked.unit:
            self.strange = f"as unit {unit}"
        elif not any(body.startswith(first) and len(body) == size for first, size in asked.fits):
            self.strange = "with an answer of another kind or length"
        else:
            asked.answer.set_result(body)


@asynccontextmanager
async def open_tcp(place: TcpPlace, deadline_s: float = CONNECT_DEADLINE_S) -> AsyncGenerator[Wire]:
    """Connect within ``deadline_s`` and close the socket on every way out. Raises NotReady."""
    wire = TcpWire()
    try:
        await _connect(wire, place, deadline_s)
        yield wire
    finally:
        wire.close()
        await asyncio.sleep(0)  # the socket is closed in the loop's next round


async def _connect(wire: Wire, place: TcpPlace, deadline_s: float) -> None:
    try:
        async with asyncio.timeout(deadline_s):
            await asyncio.get_running_loop().create_connection(lambda: wire, place.host, place.port)
    except TimeoutError:
        raise NotReady(
            f"{place} does not answer within {deadline_s:g} s", "check power, cable and address"
        ) from None
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError)
        why = (
            "nothing listens on that port (connection refused)"
            if refused
            else error.strerror or str(error) or type(error).__name__
        )
        do = "check the port, and whether Modbus is switched on in the device" if refused else ""
        raise NotReady(
            f"{place} cannot be reached: {why}", do or "check the address and the network"
        ) from None
