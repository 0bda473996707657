"""Where each tag of a plant lies on its server: node ids for OPC UA, registers for Modbus."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.testing.demo_plant.plant import Plant, Point, Wire

WIDTHS: dict[str, int] = {"uint16": 1, "int16": 1, "uint32": 2, "int32": 2, "float32": 2, "float64": 4}
_ALIGN = 10
"""Every group of equipment begins at a round number, as register lists do."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value's place on a Modbus server. ``kind`` = "bit" or a register type; ``bit`` -1 = a whole place."""

    table: str
    start: int
    kind: str
    bit: int = -1
    swap: bool = False
    bswap: bool = False

    @property
    def text(self) -> str:
        """The address as tags.csv has it."""
        if self.kind == "bit":
            return f"{self.table}:{self.start}" + (f":bit{self.bit}" if self.bit >= 0 else "")
        orders = [name for name, on in (("bswap", self.bswap), ("swap", self.swap)) if on]
        order = f":{'+'.join(orders)}" if orders else ""
        return f"{self.table}:{self.start}:{self.kind}{order}"


def register_kind(wire: Wire) -> str:
    """The register type of a wire type."""
    return {"small": "uint16", "bool": "bit"}.get(wire, wire)


def slots(points: Sequence[Point]) -> list[Slot]:
    """A place for each tag of one Modbus server. The fastest tags lie together: few requests read them."""
    free = {"coil": 0, "discrete": 0, "holding": 0, "input": 0}
    found: dict[int, Slot] = {}
    order = sorted(range(len(points)), key=lambda place: -points[place].spec.rate)
    before: Point | None = None
    word: tuple[str, int, int] | None = None
    for place in order:
        point = points[place]
        new = before is None or before.group is not point.group or before.spec.rate != point.spec.rate
        if new:
            free = {name: -(-top // _ALIGN) * _ALIGN for name, top in free.items()}
        if new or point.spec.wire != "bool" or _owner(point) != _owner(before):
            word = None
        found[place], word = _slot(point, free, word)
        before = point
    return [found[place] for place in range(len(points))]


def _owner(point: Point | None) -> str:
    return "" if point is None else point.path.rpartition("/")[0]


def _slot(
    point: Point, free: dict[str, int], word: tuple[str, int, int] | None
) -> tuple[Slot, tuple[str, int, int] | None]:
    """The next free place, and the register whose bits are in use (table, address, next bit)."""
    group, table = point.group, point.group.table
    if point.spec.wire == "bool":
        if group.flags != "bits":
            free[group.flags] += 1
            return Slot(group.flags, free[group.flags] - 1, "bit"), None
        if word is None or word[2] > 15:
            word = (table, free[table], 0)
            free[table] += 1
        return Slot(table, word[1], "bit", word[2]), (table, word[1], word[2] + 1)
    kind = register_kind(point.spec.wire)
    start, width = free[table], WIDTHS[kind]
    free[table] += width
    swap = width > 1 and group.order.endswith("swap") and group.order != "bswap"
    return Slot(table, start, kind, swap=swap, bswap=group.order.startswith("bswap")), None


def factor(point: Point) -> float:
    """What one raw unit of an integer on a Modbus server is worth."""
    whole = point.spec.wire in ("int16", "uint16", "int32", "uint32", "small")
    return 10.0**-point.spec.decimals if whole else 1.0


def node(plant: Plant, path: str) -> str:
    """The text of a tag's or an object's node id: ``S50.Hydraulics.PressureSetpoint``."""
    if path in plant.fixed:
        return plant.fixed[path]
    parts = path.removeprefix(f"{plant.line}/").split("/")
    return ".".join([parts[0].split(" ")[0], *map(_joined, parts[1:])])


def _joined(name: str) -> str:
    """The words of a name as one."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name))
