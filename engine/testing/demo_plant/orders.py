"""What a person asks of a running plant: faults, on the command line or later through a file of orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.testing.demo_plant.conditions import Conditions, Fault
from engine.testing.demo_plant.plant import Plant


class NoSuchFault(ValueError):
    """The plant has no fault of that name; the text says which there are."""


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
    """Reads what is added to a file of orders. A line that cannot be read is skipped."""

    def __init__(self, plant: Plant, file: Path | None) -> None:
        self._plant, self._file = plant, file
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
                return conditions.cleared(fault, time_s)
            return conditions.with_fault(parse_fault(self._plant, fault, time_s))
        except (ValueError, KeyError, TypeError):
            return conditions
