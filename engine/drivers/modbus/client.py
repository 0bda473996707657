"""The only module that knows pymodbus: one TCP link to one unit, one question at a time.

What pymodbus 3.16 leaves open is closed here: it accepts transaction id 0 and any unit when unit
0 was asked, any function code and any length; it hides why a connect failed; and a request in
flight does not notice that the link went down. Its own retries and reconnects are off.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU

from engine.drivers.driver import NotReady
from engine.drivers.modbus.address import Table
from engine.drivers.modbus.endpoint import Endpoint

CONNECT_DEADLINE_S = 3.0
READ_TIMEOUT_S = 1.0
ATTEMPTS = 2

# One line per broken and per healed link is the supervisor's; the library would add one a retry.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ExceptionReply(Exception):
    """The device answered with a Modbus exception; ``code`` as in V1.1b3, chapter 7."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


@dataclass(slots=True, eq=False)
class Link:
    """An open connection to one unit. Not to be shared: one ``read`` at a time."""

    endpoint: Endpoint
    timeout_s: float
    client: AsyncModbusTcpClient
    asked: ModbusPDU | None = field(default=None)

    async def read(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        """Registers uint16[count], or bits as 0 and 1.

        A silent or unfit answer is asked for once more. Raises ExceptionReply, or NotReady when the
        link is lost or the device stays silent for two timeouts.
        """
        why = ""
        for _ in range(ATTEMPTS):
            try:
                return await self._ask(table, start, count)
            except TimeoutError:
                why = f"did not answer {ATTEMPTS} times in {self.timeout_s:g} s each"
            except ConnectionException:
                raise NotReady(f"{self.endpoint} closed the connection; it is tried again.") from None
            except _Unfit as unfit:
                why = f"answered something else than was asked ({unfit})"
        raise NotReady(f"{self.endpoint} {why}; check the device, its unit number and the network.")

    async def _ask(self, table: Table, start: int, count: int) -> NDArray[np.uint16]:
        ask = _question(self.client, table)
        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await ask(start, count=count, device_id=self.endpoint.unit)
        except ConnectionException:
            raise
        except ModbusException as error:
            raise _Unfit(str(error)) from None
        finally:
            asked, self.asked = self.asked, None
        leave_if_cancelled()
        if asked is None:
            raise _Unfit("an answer without a question")
        return _checked(answer, asked, self.endpoint.unit, count)

    def trace(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        """Remember what was asked, as it goes out."""
        if sending:
            self.asked = pdu
        return pdu

    def trace_connect(self, connected: bool) -> None:
        """Let a question in flight fail at once when the link goes down."""
        waiting = self.client.ctx.response_future
        if not connected and self.asked is not None and not waiting.done():
            waiting.set_exception(ConnectionException("the link went down"))


class _Unfit(Exception):
    """An answer that is not to the question; it must never become a value."""


def leave_if_cancelled() -> None:
    """Raise CancelledError if this task was asked to stop.

    ``asyncio.wait_for`` of Python 3.11, used inside the library, swallows a cancel that meets the
    answer (python/cpython#86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _question(client: AsyncModbusTcpClient, table: Table) -> Callable[..., Awaitable[ModbusPDU]]:
    return {
        "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
        "holding": client.read_holding_registers,
        "input": client.read_input_registers,
    }[table]


def _checked(answer: ModbusPDU, asked: ModbusPDU, unit: int, count: int) -> NDArray[np.uint16]:
    if answer.transaction_id != asked.transaction_id:
        raise _Unfit(f"transaction {answer.transaction_id} for {asked.transaction_id}")
    if answer.dev_id != unit:
        raise _Unfit(f"unit {answer.dev_id} for {unit}")
    if answer.function_code == asked.function_code | 0x80:
        raise ExceptionReply(answer.exception_code)
    if answer.function_code != asked.function_code:
        raise _Unfit(f"function {answer.function_code} for {asked.function_code}")
    if asked.function_code <= 2:
        if len(answer.bits) != math.ceil(count / 8) * 8:
            raise _Unfit(f"{len(answer.bits)} bits for {count}")
        return np.array(answer.bits[:count], dtype=np.uint16)
    if len(answer.registers) != count:
        raise _Unfit(f"{len(answer.registers)} registers for {count}")
    return np.array(answer.registers, dtype=np.uint16)


@asynccontextmanager
async def open_link(
    endpoint: Endpoint, timeout_s: float = READ_TIMEOUT_S, deadline_s: float = CONNECT_DEADLINE_S
) -> AsyncGenerator[Link]:
    """Connect within ``deadline_s`` and close the socket on every way out. Raises NotReady."""
    client = AsyncModbusTcpClient(
        endpoint.host,
        port=endpoint.port,
        timeout=deadline_s,
        retries=0,
        reconnect_delay=0,
        trace_pdu=lambda sending, pdu: link.trace(sending, pdu),
        trace_connect=lambda connected: link.trace_connect(connected),
    )
    link = Link(endpoint, timeout_s, client)
    try:
        await _connect(client, endpoint, deadline_s)
        yield link
    finally:
        transport = client.ctx.transport
        client.close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # a stalled link must not keep the socket for unsent bytes
        await asyncio.sleep(0)  # the socket is closed in the loop's next round


async def _connect(client: AsyncModbusTcpClient, endpoint: Endpoint, deadline_s: float) -> None:
    """``client.connect()`` without hiding the reason of a failure."""
    try:
        async with asyncio.timeout(deadline_s):
            await client.ctx.call_create()
    except TimeoutError:
        raise NotReady(
            f"{endpoint} does not answer within {deadline_s:g} s; check power, cable and address."
        ) from None
    except OSError as error:
        raise NotReady(f"{endpoint} cannot be reached: {_reason(error)}.") from None
    leave_if_cancelled()


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens on that port (connection refused)"
    return error.strerror or str(error) or type(error).__name__
