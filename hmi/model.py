"""A project made ready for displays: the tree of assets, their types, limits by tag. No Qt.

An asset is any prefix of a tag's path. Its level comes from its type (types/*.toml); where no type
says it, the second segment of a path is the unit, what is above it an area, what is below equipment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.types import AssetType, KpiRule, Level, Limit, Mimic, Part, Plant, Project, Tag, fits

_SHORT = re.compile(r"(?=\S*\d)\S+")
UNTYPED = AssetType()
NO_PLANT = Plant(name="")


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """One node of the tree. ``tags`` are its own, ``below`` all at or under it, as live positions.

    ``parent`` is None at the top; the path "" is the plant itself, an asset only where tags have no other.
    """

    path: str
    name: str
    parent: str | None
    level: Level
    type: AssetType
    children: tuple[str, ...]
    tags: tuple[int, ...]
    below: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What the window knows of a plant. Positions are live positions: indices into ``tags``.

    ``assets`` is in tree order, parents first; ``units`` and ``utilities`` in the order of tags.csv;
    ``limits`` by live position, lowest first.
    """

    plant: Plant = NO_PLANT
    tags: tuple[Tag, ...] = ()
    index: Mapping[str, int] = field(default_factory=dict[str, int])
    assets: Mapping[str, Asset] = field(default_factory=dict[str, Asset])
    roots: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    utilities: tuple[str, ...] = ()
    limits: Mapping[int, tuple[Limit, ...]] = field(default_factory=dict[int, tuple[Limit, ...]])
    parts: tuple[Part, ...] = ()
    mimics: Mapping[str, Mimic] = field(default_factory=dict[str, Mimic])
    kpis: tuple[KpiRule, ...] = ()


def build(project: Project) -> Model:
    """The model of a project as the engine tells it."""
    index = {tag.path: at for at, tag in enumerate(project.tags)}
    assets = _assets(project.tags, project.types)
    limits: dict[int, list[Limit]] = {}
    for limit in project.limits:
        if limit.path in index:
            limits.setdefault(index[limit.path], []).append(limit)
    return Model(
        plant=project.plant,
        tags=project.tags,
        index=index,
        assets=assets,
        roots=tuple(path for path, asset in assets.items() if asset.parent is None),
        units=tuple(path for path, asset in assets.items() if asset.level == "unit"),
        utilities=tuple(path for path, asset in assets.items() if asset.level == "utility"),
        limits={at: tuple(sorted(each, key=_height)) for at, each in limits.items()},
        parts=project.parts,
        mimics={mimic.asset: mimic for mimic in project.mimics},
        kpis=project.kpis,
    )


def parent_of(path: str) -> str:
    """The path without its last segment; "" at the top."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> tuple[str, ...]:
    """Every asset above a tag or asset, nearest first; a tag without any belongs to ""."""
    segments = path.split("/")
    return tuple("/".join(segments[:end]) for end in range(len(segments) - 1, 0, -1)) or ("",)


def asset_of(model: Model, path: str) -> Asset | None:
    """The asset itself, or the one that a tag belongs to; None for a path nobody knows."""
    found = model.assets.get(path)
    return found if found is not None or path not in model.index else model.assets.get(parent_of(path))


def unit_of(model: Model, path: str) -> Asset | None:
    """The unit or utility that a tag or asset lies in or is; None above units."""
    for each in (path, *ancestors(path)):
        asset = model.assets.get(each)
        if asset is not None and asset.level in ("unit", "utility"):
            return asset
    return None


def tag_at(model: Model, asset: Asset, name: str) -> int | None:
    """Live position of a tag by its path below an asset; None for "" and for what the asset lacks."""
    return model.index.get(f"{asset.path}/{name}" if asset.path else name) if name else None


def tags_at(model: Model, asset: Asset, names: Iterable[str]) -> tuple[int, ...]:
    """Live positions of those of these tags that the asset has, in this order."""
    return tuple(at for at in (tag_at(model, asset, name) for name in names) if at is not None)


def main_of(model: Model, asset: Asset) -> int | None:
    """The tag that stands for an asset: what its type says, else the most critical with a range."""
    stated = tag_at(model, asset, asset.type.main)
    if stated is not None:
        return stated
    for wanted in (
        [
            at
            for at in asset.below
            if model.tags[at].criticality == "critical" and _is_measured(model.tags[at])
        ],
        [at for at in asset.below if _is_measured(model.tags[at])],
        [at for at in asset.below if model.tags[at].type not in ("bool", "string")],
        list(asset.below),
    ):
        if wanted:
            return wanted[0]
    return None


def trend_of(model: Model, asset: Asset, most: int = 4) -> tuple[int, ...]:
    """The tags worth drawing for an asset: what its type says, else its main one and its critical ones."""
    stated = tags_at(model, asset, asset.type.trend)
    if stated:
        return stated[:most]
    main = main_of(model, asset)
    critical = [at for at in asset.below if model.tags[at].criticality == "critical" and at != main]
    drawn = [at for at in critical if _is_measured(model.tags[at])]
    return ((main, *drawn) if main is not None else tuple(drawn))[:most]


def short_name(name: str) -> tuple[str, str]:
    """``S50 Roof press`` as ("S50", "Roof press"); a name without a number first is whole: (name, "")."""
    found = _SHORT.match(name)
    return (found[0], name[found.end() :].strip()) if found and found.end() < len(name) else (name, "")


def trail(model: Model, path: str) -> tuple[str, ...]:
    """Where a tag or asset is, in words: the plant and every asset down to it."""
    return (model.plant.name, *(path.split("/") if path else ()))


def _is_measured(tag: Tag) -> bool:
    return tag.type not in ("bool", "string") and not tag.states and tag.low is not None


def _height(limit: Limit) -> float:
    return float("-inf") if limit.limit is None else limit.limit


def _assets(tags: tuple[Tag, ...], types: tuple[AssetType, ...]) -> dict[str, Asset]:
    own: dict[str, list[int]] = {}
    below: dict[str, list[int]] = {}
    children: dict[str, dict[str, None]] = {}
    for at, tag in enumerate(tags):
        above = ancestors(tag.path)
        own.setdefault(above[0], []).append(at)
        for path, parent in zip(above, (*above[1:], None), strict=True):
            below.setdefault(path, []).append(at)
            if parent is not None:
                children.setdefault(parent, {})[path] = None
    typed = {path: type_of(path, types) for path in below}
    levels = _levels(below, typed)
    order: list[str] = []

    def walk(path: str) -> None:
        order.append(path)
        for child in children.get(path, ()):
            walk(child)

    for path in below:
        if "/" not in path:
            walk(path)
    return {
        path: Asset(
            path=path,
            name=path.rpartition("/")[2],
            parent=parent_of(path) if "/" in path else None,
            level=levels[path],
            type=typed[path] or UNTYPED,
            children=tuple(children.get(path, ())),
            tags=tuple(own.get(path, ())),
            below=tuple(below[path]),
        )
        for path in order
    }


def type_of(path: str, types: Iterable[AssetType]) -> AssetType | None:
    """The first type one of whose patterns fits an asset's path."""
    return next((each for each in types if any(fits(path, pattern) for pattern in each.paths)), None)


def _levels(below: Mapping[str, list[int]], typed: Mapping[str, AssetType | None]) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    units = {path for path, kind in typed.items() if kind and kind.level in ("unit", "utility")}
    for path in below:
        kind = typed[path]
        inside = any(each in units for each in ancestors(path) if each != path)
        holds = any(each.startswith(f"{path}/") for each in units) if path else bool(units)
        if kind is not None:
            levels[path] = kind.level
        elif inside:
            levels[path] = "equipment"
        elif holds:
            levels[path] = "area"
        else:
            levels[path] = _by_depth(path, below)
    return levels


def _by_depth(path: str, below: Mapping[str, list[int]]) -> Level:
    """Second segment = unit; a first segment that has tags of its own and nothing under it is one too."""
    depth = path.count("/") if path else 0
    if depth == 1:
        return "unit"
    if depth > 1:
        return "equipment"
    return "area" if any(each.startswith(f"{path}/") for each in below) and path else "unit"
