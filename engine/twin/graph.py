"""The assets of a project as a graph: ISA-95 parents by path and by "part of", and where trouble spreads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.types import (
    AssetRow,
    AssetType,
    EquipmentLevel,
    Graph,
    Level,
    Project,
    Relation,
    equipment_level,
    graph_of,
    types_of,
)
from engine.types.kinds import DISPLAYED


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """One asset. ``parents`` = the one above in its path first, then what "part of" says; so ``children``.

    ``type`` = id of its type, "" = none. ``tags`` = paths of its own tags, and those it is measured by.
    """

    path: str
    level: EquipmentLevel
    type: str = ""
    title: str = ""
    number: str = ""
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, eq=False)
class PlantGraph:
    """All assets by path, parents (by path) before children, and all relations between them."""

    assets: Mapping[str, Asset] = field(default_factory=dict[str, Asset])
    graph: Graph = field(default_factory=Graph)
    measures: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """For a tag (or asset) that measures others: those assets."""

    def of(self, path: str) -> tuple[str, ...]:
        """Whose an alarm or a value is: the assets that this tag measures, else the one it lies in."""
        if path in self.assets:
            return (path,)
        stated = self.measures.get(path)
        above = path.rpartition("/")[0]
        return stated or ((above,) if above in self.assets else ())


def plant_graph(project: Project) -> PlantGraph:
    """The graph of a project: every asset that a tag lies in, that assets.csv names, and all above those."""
    rows = {row.path: row for row in project.assets}
    own: dict[str, dict[str, None]] = {}
    for tag in project.tags:
        for path in reversed(_line(tag.path.rpartition("/")[0])):
            own.setdefault(path, {})
        if "/" in tag.path:
            own[tag.path.rpartition("/")[0]][tag.path] = None
    for path in rows:
        for each in reversed(_line(path)):
            own.setdefault(each, {})
    measures: dict[str, tuple[str, ...]] = {}
    parents = {path: {path.rpartition("/")[0]: None} if "/" in path else {} for path in own}
    for relation in project.relations:
        if relation.kind == "part of" and relation.subject in parents and relation.object in parents:
            parents[relation.subject][relation.object] = None
        elif relation.kind == "measured by":
            measures[relation.object] = (*measures.get(relation.object, ()), relation.subject)
            if relation.subject in own and relation.object not in own:
                own[relation.subject][relation.object] = None
    return PlantGraph(_assets(own, parents, rows, project), graph_of(project.relations), measures)


def _assets(
    own: Mapping[str, Mapping[str, None]],
    parents: Mapping[str, Mapping[str, None]],
    rows: Mapping[str, AssetRow],
    project: Project,
) -> dict[str, Asset]:
    children: dict[str, dict[str, None]] = {}
    for path, above in parents.items():
        for each in above:
            children.setdefault(each, {})[path] = None
    types = types_of(own, project.types, rows.values())
    found: dict[str, Asset] = {}
    for path, tags in own.items():
        row = rows.get(path)
        found[path] = Asset(
            path,
            equipment_level(row, types.get(path), _displayed(path, types, rows, children)),
            types[path].id if path in types else "",
            row.title if row else "",
            row.number if row else "",
            tuple(parents[path]),
            tuple(children.get(path, ())),
            tuple(tags),
        )
    return found


def _line(path: str) -> list[str]:
    """An asset and all above it, nearest first."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _displayed(
    path: str,
    types: Mapping[str, AssetType],
    rows: Mapping[str, AssetRow],
    children: Mapping[str, Mapping[str, None]],
) -> Level:
    """As the window displays it (``hmi.model``): by type, by level, else what lies in a unit is equipment."""

    def stated(asset: str) -> Level | None:
        row = rows.get(asset)
        by_row = DISPLAYED[row.level] if row is not None and row.level else None
        return types[asset].level if asset in types else by_row

    own = stated(path)
    if own is not None:
        return own
    if any(stated(each) in ("unit", "utility") for each in _line(path)[1:]):
        return "equipment"
    waiting = [path]
    while waiting:
        at = waiting.pop()
        if stated(at) in ("unit", "utility"):
            return "area"
        waiting += [each for each in children.get(at, ()) if each.rpartition("/")[0] == at]
    depth = path.count("/")
    return (
        "unit" if depth == 1 or (not depth and not children.get(path)) else "equipment" if depth else "area"
    )


def ancestors(plant: PlantGraph, path: str, most: int = 0) -> tuple[str, ...]:
    """Every asset that this one is a part of, by path or by "part of"; nearest first, each once.

    ``most`` = so many of them at the most, 0 = all.
    """
    return _walked(path, lambda at: plant.assets[at].parents if at in plant.assets else (), most)


def descendants(plant: PlantGraph, path: str) -> tuple[str, ...]:
    """Every asset that is a part of this one, by path or by "part of"; nearest first, each once."""
    return _walked(path, lambda at: plant.assets[at].children if at in plant.assets else ())


def _walked(path: str, near: Callable[[str], Iterable[str]], most: int = 0) -> tuple[str, ...]:
    seen = {path: None}
    waiting = deque([path])
    while waiting and not 0 < most < len(seen):
        for each in near(waiting.popleft()):
            if each not in seen:
                seen[each] = None
                waiting.append(each)
    return tuple(seen)[1 : most + 1 if most else None]


@lru_cache(maxsize=20_000)
def short(path: str) -> str:
    """An asset in few words: with the number of its station before it, as in "S50 Ram"."""
    above, _, name = path.rpartition("/")
    for part in reversed(above.split("/")):
        word = part.partition(" ")[0]
        if any(each.isdigit() for each in word):
            return f"{word} {name}"
    return name


def sentence(relation: Relation) -> str:
    """A relation for a person: "S50 Hydraulics feeds S50 Ram"."""
    return f"{short(relation.subject)} {relation.kind} {short(relation.object)}"
