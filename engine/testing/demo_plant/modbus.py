"""The demo plant's Modbus TCP server: the utilities as registers and a coil, unit 1."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.testing.demo_plant.points import REGISTER_POINTS, RegisterPoint

UNIT = 1
_WRITE_HOLDING = 16
_WRITE_COILS = 15


class UtilityServer:
    """The server and its registers; ``write`` puts new values on the wire."""

    def __init__(self, server: ModbusTcpServer) -> None:
        self._server = server

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.transport.sockets[0].getsockname()[1])  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]

    async def write(self, readings: Mapping[str, float]) -> None:
        """Set all registers from the plant's readings by name."""
        for address, words in registers(readings).items():
            await self._server.async_setValues(UNIT, _WRITE_HOLDING, address, words)
        for point in REGISTER_POINTS:
            if point.table == "coil":
                await self._server.async_setValues(
                    UNIT, _WRITE_COILS, point.address, [bool(readings[point.name])]
                )

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        await self._server.shutdown()


def registers(readings: Mapping[str, float]) -> dict[int, list[int]]:
    """16-bit words by their first address; several bits of one register fall together."""
    words: dict[int, list[int]] = {}
    for point in REGISTER_POINTS:
        if point.table != "holding":
            continue
        value = readings[point.name]
        if point.type == "bit":
            before = words.get(point.address, [0])[0]
            words[point.address] = [before | int(value) << point.bit]
        else:
            words[point.address] = _words(point, value)
    return words


def _words(point: RegisterPoint, value: float) -> list[int]:
    if point.type == "uint16":
        return [int(value) & 0xFFFF]
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return [low, high] if point.swap else [high, low]


async def start_server(port: int) -> UtilityServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``RuntimeError`` if the port is taken."""
    coils = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    discrete = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    holding = [SimData(0, count=200, values=0, datatype=DataType.REGISTERS)]
    inputs = [SimData(0, count=16, values=0, datatype=DataType.REGISTERS)]
    device = SimDevice(UNIT, simdata=(coils, discrete, holding, inputs))
    server = ModbusTcpServer(device, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    return UtilityServer(server)
