"""Looks at a server, and sets it, beside the engine: stock clients, one connection a call."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Any

from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient

TIMEOUT_S = 20.0
SESSION_MS = 60_000
_FLOAT32 = struct.Struct(">f")


async def opcua_value(port: int, node: str) -> float:
    """What an OPC UA server on 127.0.0.1 says that a variable holds; ``node`` as in tags.csv.

    Raises:
        OSError, TimeoutError, asyncua.ua.UaError: it does not say.
    """
    async with _opcua(port) as client:
        return float(await (await _node(client, node)).read_value())


async def set_opcua(port: int, node: str, value: float) -> None:
    """Write a Double or Float to a variable, as somebody at another screen does.

    Raises:
        OSError, TimeoutError, asyncua.ua.UaError: it is not taken.
    """
    async with _opcua(port) as client:
        variable = await _node(client, node)
        kind = await variable.read_data_type_as_variant_type()
        written: Any = ua.DataValue(ua.Variant(value, kind), None)
        await variable.write_value(written)


async def modbus_float(port: int, start: int, *, swapped: bool = False, unit: int = 1) -> float:
    """What two holding registers of a Modbus TCP device on 127.0.0.1 hold as a float32.

    ``swapped`` = the low word comes first.

    Raises:
        ConnectionError: it does not answer.
    """
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=TIMEOUT_S, retries=0)
    try:
        if not await client.connect():
            raise ConnectionError(f"nothing listens on port {port}")
        answer = await client.read_holding_registers(start, count=2, device_id=unit)
        if answer.isError():
            raise ConnectionError(f"the device on port {port} answers {answer}")
        return as_float(answer.registers, swapped=swapped)
    finally:
        client.close()
        await asyncio.sleep(0)


def as_float(words: Sequence[int], *, swapped: bool = False) -> float:
    """Two registers as a float32."""
    high, low = reversed(words) if swapped else words
    return float(_FLOAT32.unpack(struct.pack(">HH", high, low))[0])


def as_words(value: float, *, swapped: bool = False) -> list[int]:
    """A float32 as two registers."""
    high, low = struct.unpack(">HH", _FLOAT32.pack(value))
    return [low, high] if swapped else [high, low]


def _opcua(port: int) -> Client:
    client = Client(f"opc.tcp://127.0.0.1:{port}", timeout=TIMEOUT_S)
    client.session_timeout = SESSION_MS
    return client


async def _node(client: Client, node: str) -> Any:
    """The node of an address as tags.csv has it, ``nsu=URI;s=NAME`` or with an index."""
    if not node.startswith("nsu="):
        return client.get_node(node)
    uri, _, name = node.removeprefix("nsu=").partition(";")
    return client.get_node(f"ns={await client.get_namespace_index(uri)};{name}")
