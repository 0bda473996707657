"""A Modbus TCP server of a demo plant: registers and bits, written as arrays, unit 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.testing.demo_plant.addresses import WIDTHS, Slot, factor, slots
from engine.testing.demo_plant.plant import Point

UNIT = 1
READS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
"""Tables by the function that reads them."""
FORMS = {"uint16": ">u2", "int16": ">i2", "uint32": ">u4", "int32": ">i4", "float32": ">f4", "float64": ">f8"}
_SPARE = 64
"""Registers behind the last one in use, which read as 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Values of one type and word order: places among the server's points, registers [n, words]."""

    kind: str
    swap: bool
    bswap: bool
    places: NDArray[np.int64]
    registers: NDArray[np.int64]
    factor: NDArray[np.float64]


class Image:
    """All tables of one server as arrays: uint16 registers, and bits."""

    def __init__(self, points: Sequence[Point], where: Sequence[Slot]) -> None:
        ends = {"coil": 0, "discrete": 0, "holding": 0, "input": 0}
        for slot in where:
            width = WIDTHS.get(slot.kind, 1)
            ends[slot.table] = max(ends[slot.table], slot.start + width)
        self.tables = {name: np.zeros(end + _SPARE, np.uint16) for name, end in ends.items()}
        self._forms = {name: _forms(points, where, name) for name in ("holding", "input")}
        self._bits = {name: _bits(where, name) for name in ends}

    def write(self, values: NDArray[np.float64], due: NDArray[np.bool_]) -> None:
        """Put the values of the points that are due (both [points of this server]) into the tables."""
        for name, forms in self._forms.items():
            for form in forms:
                own = due[form.places]
                raw = values[form.places][own] / form.factor[own]
                self.tables[name][form.registers[own]] = words(raw, form.kind, form.swap, form.bswap)
        for name, (places, starts, bits) in self._bits.items():
            self._write_bits(name, places, starts, bits, values, due)

    def _write_bits(
        self,
        name: str,
        places: NDArray[np.int64],
        starts: NDArray[np.int64],
        bits: NDArray[np.int64],
        values: NDArray[np.float64],
        due: NDArray[np.bool_],
    ) -> None:
        table, own = self.tables[name], due[places]
        mask = np.left_shift(1, bits[own]).astype(np.uint16)
        on = values[places][own] > 0.5
        np.bitwise_and.at(table, starts[own], ~mask)
        np.bitwise_or.at(table, starts[own], np.where(on, mask, 0).astype(np.uint16))


def words(values: NDArray[np.float64], kind: str, swap: bool, bswap: bool) -> NDArray[np.uint16]:
    """uint16[n, words] of values in a register type and word order."""
    numbers = values if kind.startswith("float") else np.rint(values)
    found = numbers.astype(FORMS[kind]).view(">u2").reshape(len(values), WIDTHS[kind]).astype(np.uint16)
    found = found[:, ::-1] if swap else found
    return found.byteswap() if bswap else found


def _forms(points: Sequence[Point], where: Sequence[Slot], table: str) -> list[Form]:
    kinds = sorted({(s.kind, s.swap, s.bswap) for s in where if s.table == table and s.kind != "bit"})
    found: list[Form] = []
    for kind, swap, bswap in kinds:
        wanted = (table, kind, swap, bswap)
        places = [k for k, s in enumerate(where) if (s.table, s.kind, s.swap, s.bswap) == wanted]
        starts = np.array([where[place].start for place in places], np.int64)
        registers = starts[:, np.newaxis] + np.arange(WIDTHS[kind])
        scale = np.array([factor(points[place]) for place in places])
        found.append(Form(kind, swap, bswap, np.array(places, np.int64), registers, scale))
    return found


def _bits(
    where: Sequence[Slot], table: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    places = [k for k, slot in enumerate(where) if slot.table == table and slot.kind == "bit"]
    starts = np.array([where[place].start for place in places], np.int64)
    bits = np.array([max(0, where[place].bit) for place in places], np.int64)
    return np.array(places, np.int64), starts, bits


@dataclass(slots=True, eq=False)
class RegisterServer:
    """A running server. ``columns`` = its points' places among the model's values."""

    server: ModbusTcpServer
    columns: NDArray[np.int64]
    image: Image

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        transport = self.server.transport
        port = transport.sockets[0].getsockname()[1]  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]
        return f"tcp://127.0.0.1:{port}"

    async def show(self, values: NDArray[np.float64], due: NDArray[np.bool_], now_us: int) -> None:
        """Take the model's values of the points that are due, bool[points of the plant]."""
        self.image.write(values[self.columns], due[self.columns])

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        await self.server.shutdown()


async def start_server(points: Sequence[Point], first: NDArray[np.float64], port: int) -> RegisterServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``RuntimeError`` if the port is taken.

    ``points`` are this server's own, ``first`` the values of all points that it begins with.
    """
    image = Image(points, slots(points))
    columns = np.array([point.column for point in points], np.int64)
    image.write(first[columns], np.ones(len(points), np.bool_))

    async def answer(
        function: int, start: int, address: int, count: int, registers: list[int], written: object
    ) -> ExcCodes | None:
        """What a client reads is taken from the image at that moment; nothing may be written."""
        if written is not None or function not in READS:
            return ExcCodes.ILLEGAL_FUNCTION
        table = image.tables[READS[function]]
        if function in (1, 2):
            registers[:] = np.packbits(_padded(table), bitorder="little").view("<u2").tolist()
        else:
            registers[address : address + count] = table[address : address + count].tolist()
        return None

    coils, discrete, holding, inputs = (_block(name, len(image.tables[name])) for name in READS.values())
    tables = (coils, discrete, holding, inputs)
    server = ModbusTcpServer(SimDevice(UNIT, simdata=tables, action=answer), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    return RegisterServer(server, columns, image)


def _padded(bits: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A table of bits up to a whole number of registers."""
    return np.pad(bits, (0, -len(bits) % 16))


def _block(name: str, length: int) -> list[SimData]:
    if name in ("coil", "discrete"):
        return [SimData(0, values=[False] * (length + -length % 16), datatype=DataType.BITS)]
    return [SimData(0, count=length, values=0, datatype=DataType.REGISTERS)]
