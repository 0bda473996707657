"""What a person asks of a running plant: faults, on the command line or later through a file of orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.plant import Plant
from engine.testing.demo_plant.write_faults import WRITE_FAULTS, NoSuchFault, WriteFaults


def parse_fault(plant: Plant, text: str, time_s: float) -> Fault:
    """``NAME`` or ``NAME:SIZE`` as a fault that begins at a model time.

    Raises:
        NoSuchFault: no such fault, or no such size.
    """
    name, _, size = text.partition(":")
    if name not in plant.faults:
        known = ", ".join(plant.faults)
        raise NoSuchFault(f'the plant "{plant.id}" has no fault "{name}"; it can have {known}')
    try:
        grown = float(size) if size else 0.0
    except ValueError:
        grown = -1.0
    if not 0.0 <= grown <= 1.0:
        raise NoSuchFault(f'the size of a fault is a number from 0 to 1, as in {name}:0.6; got "{text}"')
    return Fault(name, time_s, plant.faults[name], grown)


class Orders:
    """Reads what is added to a file of orders. A line that cannot be read is skipped.

    ``writing`` = the faults of writes that were ordered, which are none of the model's.
    """

    def __init__(self, plant: Plant, file: Path | None) -> None:
        self._plant, self._file = plant, file
        self.writing = WriteFaults(point.path for point in plant.points() if point.spec.writable)
        self._read = 0

    def apply(self, conditions: Conditions, time_s: float) -> Conditions:
        """The conditions with what was ordered since the last call, as of a model time."""
        if self._file is None or not self._file.exists() or self._file.stat().st_size <= self._read:
            return conditions
        with self._file.open("rb") as file:
            file.seek(self._read)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            conditions = self._follow(conditions, line, time_s)
        return conditions

    def _follow(self, conditions: Conditions, line: bytes, time_s: float) -> Conditions:
        try:
            asked: Any = json.loads(line)
            verb, fault = str(asked["do"]), str(asked["fault"])
            if verb == "clear":
                self.writing.clear(fault)
                return conditions.cleared(fault, time_s)
            if fault.partition(":")[0] in WRITE_FAULTS:
                self.writing.set(fault)
                return conditions
            return conditions.with_fault(parse_fault(self._plant, fault, time_s))
        except (ValueError, KeyError, TypeError):
            return conditions
