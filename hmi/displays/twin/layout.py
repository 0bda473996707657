"""A scene for a project that has none: the units in a row as the work goes, the utilities behind. No Qt."""

from __future__ import annotations

from engine.types import Part
from hmi.model import Asset, Model

PITCH_M, DEPTH_M, BEHIND_M = 5.3, 6.6, 8.2
ZONE_M = (4.7, 6.6, 0.02)
_SPOTS = ((-1.15, -2.3, 90.0), (1.15, -2.3, 90.0), (-1.15, 2.3, 270.0), (1.15, 2.3, 270.0))
"""Where devices stand around the middle of a unit: x, y and where they face."""
SMALL = ("unit", "sensor", "valve", "meter", "cabinet")
"""Symbols that say nothing about how a thing looks, or of things that stand aside."""
PLAIN, PLAIN_M = "box", (2.4, 2.0, 1.7)


def laid_out(model: Model) -> tuple[Part, ...]:
    """Parts for every unit and utility, in the shapes of their types, each on ground of its own."""
    parts: list[Part] = []
    rows = ((model.units, 0.0), (model.utilities, BEHIND_M if model.units else 0.0))
    for paths, y in rows:
        start = -(len(paths) - 1) * PITCH_M / 2
        for place, path in enumerate(paths):
            parts += _unit(model, model.assets[path], start + place * PITCH_M, y)
    return tuple(parts)


def shape_of(asset: Asset) -> str:
    """The shape of an asset's type: stated, else its symbol; "" where neither says how it looks."""
    shape = asset.type.shape or asset.type.symbol
    return "" if shape in SMALL and not asset.type.shape else shape


def _unit(model: Model, unit: Asset, x: float, y: float) -> list[Part]:
    found = [Part(shape="zone", asset=unit.path, at=(x, y, 0.0), size=ZONE_M, label=True)]
    devices = [model.assets[path] for path in unit.children if shape_of(model.assets[path])]
    for device, (aside, ahead, turn) in zip(devices, _SPOTS, strict=False):
        found.append(
            Part(shape=shape_of(device), asset=device.path, at=(x + aside, y + ahead, 0.0), turn=turn)
        )
    shape = shape_of(unit)
    # Devices around an empty middle look right; a unit without any needs something to stand there.
    if shape and not (devices and shape == shape_of(devices[0])):
        found.append(Part(shape=shape, asset=unit.path, at=(x, y, 0.0)))
    elif not devices:
        found.append(Part(shape=PLAIN, asset=unit.path, at=(x, y, 0.0), size=PLAIN_M))
    return found
