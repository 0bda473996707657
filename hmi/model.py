"""A project made ready for displays: the tree of assets, their types, limits by tag. No Qt.

An asset is any prefix of a tag's path, and any path of assets.csv with all above it. Its level comes from its
type (types/*.toml), then from its ISA-95 level; where neither says it, the second segment of a path is the
unit, what is above it an area, what is below equipment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.types import (
    DISPLAYED,
    AlarmClass,
    AlarmSettings,
    AssetRow,
    AssetType,
    Command,
    ControlSettings,
    Document,
    EquipmentLevel,
    Graph,
    KpiRule,
    Level,
    Limit,
    LimitKind,
    Mimic,
    NameplateEntry,
    Part,
    Plan,
    Plant,
    Project,
    SavedView,
    Tag,
    WriteRule,
    equipment_level,
    graph_of,
    tag_path,
    types_of,
)

_SHORT = re.compile(r"(?=\S*\d)\S+")
LEVELS = ("ll", "l", "h", "hh", "trip")
UNTYPED = AssetType()
NO_PLANT = Plant(name="")


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """One node of the tree. ``tags`` are its own, ``below`` all at or under it, as live positions.

    ``parent`` is None at the top; the path "" is the plant itself, an asset only where tags have no other.
    ``equipment`` = its ISA-95 level; ``title`` and ``number`` = what assets.csv calls it, mostly "".
    """

    path: str
    name: str
    parent: str | None
    level: Level
    type: AssetType
    children: tuple[str, ...]
    tags: tuple[int, ...]
    below: tuple[int, ...]
    equipment: EquipmentLevel = "EquipmentModule"
    title: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What the window knows of a plant. Positions are live positions: indices into ``tags``.

    ``assets`` is in tree order, parents first; ``units`` and ``utilities`` in the order of tags.csv;
    ``limits`` by live position, lowest first; ``writes`` by the tag's path, ``commands`` by the asset's, as
    are ``documents`` and ``nameplates``, with what the asset's type says. ``graph`` = what feeds what.
    ``folder`` = the project's, "" = none known.
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
    alarm_classes: Mapping[str, AlarmClass] = field(default_factory=dict[str, AlarmClass])
    alarm_settings: AlarmSettings = AlarmSettings()
    writes: Mapping[str, WriteRule] = field(default_factory=dict[str, WriteRule])
    commands: Mapping[str, tuple[Command, ...]] = field(default_factory=dict[str, tuple[Command, ...]])
    control: ControlSettings = ControlSettings()
    graph: Graph = field(default_factory=Graph)
    documents: Mapping[str, tuple[Document, ...]] = field(default_factory=dict[str, tuple[Document, ...]])
    nameplates: Mapping[str, tuple[NameplateEntry, ...]] = field(
        default_factory=dict[str, tuple[NameplateEntry, ...]]
    )
    views: tuple[SavedView, ...] = ()
    plan: Plan | None = None
    folder: str = ""


def build(project: Project) -> Model:
    """The model of a project as the engine tells it."""
    index = {tag.path: at for at, tag in enumerate(project.tags)}
    assets = _assets(project.tags, project.types, project.assets)
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
        alarm_classes={each.id: each for each in project.alarm_classes},
        alarm_settings=project.alarm_settings,
        writes={each.tag: each for each in project.writes if each.tag in index},
        commands=_by_asset(project.commands),
        control=project.plant.control,
        graph=graph_of(project.relations),
        documents=_by_asset(project.documents),
        nameplates=_by_asset(project.nameplates),
        views=project.views,
        plan=project.plan,
        folder=project.folder,
    )


OfAsset = TypeVar("OfAsset", Command, Document, NameplateEntry)


def _by_asset(entries: Iterable[OfAsset]) -> dict[str, tuple[OfAsset, ...]]:
    found: dict[str, list[OfAsset]] = {}
    for each in entries:
        found.setdefault(each.asset, []).append(each)
    return {asset: tuple(each) for asset, each in found.items()}


def levels(model: Model, at: int) -> tuple[tuple[float, LimitKind], ...]:
    """The limits of a tag that are values of the tag itself, lowest first: what can be drawn on its scale."""
    limits = model.limits.get(at, ())
    return tuple((each.limit, each.kind) for each in limits if each.kind in LEVELS and each.limit is not None)


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
    """Live position of a tag that a type names; None for "" and for what the asset lacks."""
    return model.index.get(tag_path(asset.path, name)) if name else None


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


def _assets(
    tags: tuple[Tag, ...], types: tuple[AssetType, ...], rows: tuple[AssetRow, ...]
) -> dict[str, Asset]:
    own: dict[str, list[int]] = {}
    below: dict[str, list[int]] = {}
    children: dict[str, dict[str, None]] = {}
    for at, tag in enumerate(tags):
        above = ancestors(tag.path)
        own.setdefault(above[0], []).append(at)
        for path in above:
            below.setdefault(path, []).append(at)
        _link(above, children)
    for row in rows:
        line = (row.path, *(each for each in ancestors(row.path) if each))
        for path in line:
            below.setdefault(path, [])
        _link(line, children)
    by_path = {row.path: row for row in rows}
    typed = types_of(below, types, rows)
    levels = _levels(below, typed, by_path)
    return {
        path: Asset(
            path=path,
            name=path.rpartition("/")[2],
            parent=parent_of(path) if "/" in path else None,
            level=levels[path],
            type=typed.get(path, UNTYPED),
            children=tuple(children.get(path, ())),
            tags=tuple(own.get(path, ())),
            below=tuple(below[path]),
            equipment=equipment_level(by_path.get(path), typed.get(path), levels[path]),
            title=by_path[path].title if path in by_path else "",
            number=by_path[path].number if path in by_path else "",
        )
        for path in _in_tree_order(below, children)
    }


def _link(line: tuple[str, ...], children: dict[str, dict[str, None]]) -> None:
    """Each asset of a line, nearest first, as a child of the next."""
    for path, parent in zip(line, line[1:], strict=False):
        children.setdefault(parent, {})[path] = None


def _in_tree_order(below: Mapping[str, list[int]], children: Mapping[str, dict[str, None]]) -> list[str]:
    order: list[str] = []

    def walk(path: str) -> None:
        order.append(path)
        for child in children.get(path, ()):
            walk(child)

    for path in below:
        if "/" not in path:
            walk(path)
    return order


def _levels(
    below: Mapping[str, list[int]], typed: Mapping[str, AssetType], rows: Mapping[str, AssetRow]
) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    units = {path for path, kind in typed.items() if kind.level in ("unit", "utility")}
    units |= {path for path, row in rows.items() if path not in typed and _stated(row) == "unit"}
    above_units = {each for path in units for each in ancestors(path)}
    for path in below:
        kind, stated = typed.get(path), _stated(rows.get(path))
        if kind is not None:
            levels[path] = kind.level
        elif stated is not None:
            levels[path] = stated
        elif any(each in units for each in ancestors(path) if each != path):
            levels[path] = "equipment"
        elif path in above_units if path else bool(units):
            levels[path] = "area"
        else:
            levels[path] = _by_depth(path, below)
    return levels


def _stated(row: AssetRow | None) -> Level | None:
    """How its ISA-95 level in assets.csv lets it be displayed."""
    return DISPLAYED[row.level] if row is not None and row.level else None


def _by_depth(path: str, below: Mapping[str, list[int]]) -> Level:
    """Second segment = unit; a first segment that has tags of its own and nothing under it is one too."""
    depth = path.count("/") if path else 0
    if depth == 1:
        return "unit"
    if depth > 1:
        return "equipment"
    return "area" if any(each.startswith(f"{path}/") for each in below) and path else "unit"
