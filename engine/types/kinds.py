"""Which type an asset has, and which ISA-95 level: by assets.csv first, then by the patterns of types/."""

from __future__ import annotations

from collections.abc import Iterable

from engine.types.assets import AssetType, Level
from engine.types.graph import AssetRow, EquipmentLevel
from engine.types.patterns import fits

BY_LEVEL: dict[Level, EquipmentLevel] = {
    "area": "Area",
    "unit": "WorkUnit",
    "utility": "WorkUnit",
    "equipment": "EquipmentModule",
}
"""The ISA-95 level of an asset for which none is stated, by how it is displayed."""
DISPLAYED: dict[EquipmentLevel, Level] = {
    "Enterprise": "area",
    "Site": "area",
    "Area": "area",
    "ProcessCell": "area",
    "ProductionLine": "area",
    "StorageZone": "area",
    "WorkCenter": "area",
    "Unit": "unit",
    "WorkCell": "unit",
    "ProductionUnit": "unit",
    "StorageUnit": "unit",
    "WorkUnit": "unit",
    "EquipmentModule": "equipment",
    "ControlModule": "equipment",
}
"""How an asset is displayed of which nothing but its ISA-95 level is stated."""


def types_of(
    assets: Iterable[str], types: Iterable[AssetType], rows: Iterable[AssetRow] = ()
) -> dict[str, AssetType]:
    """The type of each of these assets that has one: what its row names, else the first whose pattern fits.

    Types are to be complete (``extends`` resolved), as a read project holds them.
    """
    listed = tuple(types)
    by_id = {each.id: each for each in listed}
    stated = {row.path: by_id[row.type] for row in rows if row.type in by_id}
    found: dict[str, AssetType] = {}
    for asset in assets:
        kind = stated.get(asset) or first_fitting(asset, listed)
        if kind is not None:
            found[asset] = kind
    return found


def first_fitting(asset: str, types: Iterable[AssetType]) -> AssetType | None:
    """The first type one of whose patterns fits an asset's path."""
    return next((each for each in types if any(fits(asset, pattern) for pattern in each.paths)), None)


def equipment_level(row: AssetRow | None, kind: AssetType | None, level: Level) -> EquipmentLevel:
    """The ISA-95 level of an asset: of its row, else of its type, else as it is displayed."""
    return (row.level if row else "") or (kind.equipment if kind else "") or BY_LEVEL[level]
