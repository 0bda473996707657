"""A Modbus TCP server of a demo plant: registers and bits, written as arrays, unit 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.testing.demo_plant.addresses import WIDTHS, Slot, factor, slots
from engine.testing.demo_plant.controller import Taken, Write
from engine.testing.demo_plant.plant import Point

UNIT = 1
READS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
"""Tables by the function that reads them."""
WRITES = {5: "coil", 6: "holding", 15: "coil", 16: "holding"}
"""Tables by the function that writes them; what it wrote is then read with the same number, as an echo."""
ANSWERS: dict[Taken, ExcCodes | None] = {
    "done": None,
    "out of range": ExcCodes.ILLEGAL_VALUE,
    "not allowed": ExcCodes.ILLEGAL_VALUE,
    "failed": ExcCodes.DEVICE_FAILURE,
}
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


def number(registers: Sequence[int], kind: str, swap: bool, bswap: bool) -> float:
    """The value in the registers of one place: what ``words`` made of it."""
    found = np.array(registers, np.uint16)
    found = found.byteswap() if bswap else found
    found = found[::-1] if swap else found
    return float(found.astype(">u2").view(FORMS[kind])[0])


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


@dataclass(frozen=True, slots=True)
class Places:
    """Where clients may write on a server: by table and first place the point and its slot."""

    at: Mapping[tuple[str, int], tuple[Point, Slot]]

    def told(self, table: str, address: int, written: Sequence[int]) -> list[tuple[Point, float]] | None:
        """The values of a request; None = some of it may not be written, or only part of a value is there."""
        found: list[tuple[Point, float]] = []
        done = 0
        while done < len(written):
            point, slot = self.at.get((table, address + done), (None, None))
            if point is None or slot is None:
                return None
            width = WIDTHS.get(slot.kind, 1)
            own = written[done : done + width]
            if len(own) < width:
                return None
            raw = float(own[0]) if slot.kind == "bit" else number(own, slot.kind, slot.swap, slot.bswap)
            found.append((point, round(raw * factor(point), point.spec.decimals) if raw == raw else raw))
            done += width
        return found


def places_of(points: Sequence[Point], where: Sequence[Slot]) -> Places:
    """Coils and holding registers of the points that are writable; single bits of registers are not."""
    return Places(
        {
            (slot.table, slot.start): (point, slot)
            for point, slot in zip(points, where, strict=True)
            if point.spec.writable and slot.table in ("coil", "holding") and slot.bit < 0
        }
    )


async def start_server(
    points: Sequence[Point], first: NDArray[np.float64], port: int, write: Write
) -> RegisterServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``RuntimeError`` if the port is taken.

    ``points`` are this server's own, ``first`` the values of all points that it begins with;
    ``write`` takes what clients write.
    """
    where = slots(points)
    image, writable = Image(points, where), places_of(points, where)
    columns = np.array([point.column for point in points], np.int64)
    image.write(first[columns], np.ones(len(points), np.bool_))

    async def answer(
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """What a client reads is taken from the image at that moment; what it writes is judged."""
        if function in WRITES:
            told = () if written is None else writable.told(WRITES[function], address, written)
            return ExcCodes.ILLEGAL_ADDRESS if told is None else await _taken(told, write)
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


async def _taken(told: Sequence[tuple[Point, float]], write: Write) -> ExcCodes | None:
    """Write one value after the other; the first that is not taken ends it, with the answer for it."""
    for point, value in told:
        answer = ANSWERS[await write(point, value)]
        if answer is not None:
            return answer
    return None


def _padded(bits: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A table of bits up to a whole number of registers."""
    return np.pad(bits, (0, -len(bits) % 16))


def _block(name: str, length: int) -> list[SimData]:
    if name in ("coil", "discrete"):
        return [SimData(0, values=[False] * (length + -length % 16), datatype=DataType.BITS)]
    return [SimData(0, count=length, values=0, datatype=DataType.REGISTERS)]
