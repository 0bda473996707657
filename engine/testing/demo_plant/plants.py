"""The demo plants by name, loaded when asked for."""

from __future__ import annotations

import importlib

from engine.testing.demo_plant.plant import Plant

PLANTS = ("framing", "aerospace", "press")


def plant_named(name: str) -> Plant:
    """The plant called ``name``. Raises ``KeyError`` with a sentence for one that does not exist."""
    if name not in PLANTS:
        raise KeyError(f'there is no plant "{name}"; there are {", ".join(PLANTS)}')
    found = importlib.import_module(f"engine.testing.demo_plant.{name}.plant").PLANT
    assert isinstance(found, Plant)
    return found
