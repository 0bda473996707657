"""The list of assets beside the scene: which rows can be seen, in which order. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hmi.alarms import Badge
from hmi.model import Model, ancestors


@dataclass(frozen=True, slots=True)
class Row:
    """One asset: how deep it lies, whether it has any below it and whether they are shown."""

    path: str
    name: str
    depth: int
    has_children: bool
    is_open: bool
    is_head: bool
    badge: Badge | None


def first_open(model: Model) -> frozenset[str]:
    """What is open at first: areas, so that every unit can be seen."""
    return frozenset(path for path, asset in model.assets.items() if asset.level == "area")


def rows(
    model: Model, opened: AbstractSet[str], badges: Mapping[str, Badge], wanted: str = ""
) -> tuple[Row, ...]:
    """The rows from top to bottom. With ``wanted``, those whose name holds it, and what is above them."""
    kept = _found(model, wanted)
    found: list[Row] = []

    def walk(path: str, depth: int) -> None:
        if kept is not None and path not in kept:
            return
        asset = model.assets[path]
        is_open = bool(asset.children) and (path in opened if kept is None else True)
        found.append(
            Row(
                path,
                asset.name or model.plant.name,
                depth,
                bool(asset.children),
                is_open,
                asset.level == "area",
                badges.get(path),
            )
        )
        for child in asset.children if is_open else ():
            walk(child, depth + 1)

    for root in model.roots:
        walk(root, 0)
    return tuple(found)


def _found(model: Model, wanted: str) -> frozenset[str] | None:
    words = wanted.casefold().split()
    if not words:
        return None
    hits = {
        path for path, asset in model.assets.items() if all(word in asset.name.casefold() for word in words)
    }
    return frozenset(hits | {above for path in hits for above in ancestors(path)})


def opened_to(model: Model, opened: AbstractSet[str], path: str) -> frozenset[str]:
    """Open, so that an asset has a row."""
    above = {each for each in ancestors(path) if each != path and each in model.assets}
    return frozenset(opened | above)


def toggled(opened: AbstractSet[str], path: str) -> frozenset[str]:
    """Open what was closed and close what was open."""
    return frozenset(opened - {path} if path in opened else opened | {path})
