"""What hangs together in a plant, as far as its project says: units, their devices, and what feeds what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from engine.types import AssetType, Mimic, MimicSymbol, Part, Project, types_of
from engine.types.drawings import Place

REACH_M = 0.6
"""A pipe of the 3D scene that ends so near a part is connected with it."""
REACH_MIMIC = 0.1
"""The same on a mimic, as part of the symbol's size on every side."""
SMALLEST_M = 0.3
PIPES = "pipe"


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """``unit_of`` = the unit or utility of each tag; ``fed_by`` = the units and utilities that each of them
    gets something from, and which parts of those it comes by (the whole, where that is itself among them);
    ``piped`` = the tags upstream of each tag, by the pipes of a mimic; ``states`` = tags that say what a unit
    does; ``interlocks`` = tags that must hold for it; ``branches`` = parts that feed one unit alone;
    ``sources`` = the source of each tag, ``hosts`` = where each source is reached.
    """

    unit_of: Mapping[str, str]
    fed_by: Mapping[str, Mapping[str, frozenset[str]]]
    piped: Mapping[str, frozenset[str]]
    states: frozenset[str]
    interlocks: frozenset[str]
    branches: frozenset[str]
    sources: Mapping[str, str]
    hosts: Mapping[str, str]

    def branch(self, path: str) -> str:
        """The branch of a supply that a tag lies in, "" = none."""
        return next((each for each in _above(path) if each in self.branches), "")

    def feeds(self, feeder: str, branch: str, unit: str) -> bool:
        """Whether what befell a ``feeder`` reaches a unit; what befell one ``branch`` only those on it."""
        parts = self.fed_by.get(unit, NOTHING).get(feeder)
        return parts is not None and (not branch or branch in parts or feeder in parts)


NOTHING: Mapping[str, frozenset[str]] = {}


def structure(project: Project) -> Structure:
    """What a project says of its plant."""
    paths = [tag.path for tag in project.tags]
    assets = {asset: None for path in paths for asset in _above(path)}
    types = types_of(assets, project.types, project.assets)
    unit_of = {path: _unit(path, types) for path in paths}
    units = dict.fromkeys(unit_of.values())
    feeds = {*_named(assets, units), *_piped(project.parts, units)}
    fed_by: dict[str, dict[str, frozenset[str]]] = {}
    for feeder, part, unit in sorted(feeds):
        by = fed_by.setdefault(unit, {})
        by[feeder] = by.get(feeder, frozenset()) | {part}
    return Structure(
        unit_of,
        fed_by,
        _upstream(project.mimics),
        frozenset(_states(types)),
        frozenset(f"{asset}/{lock.tag}" for asset, kind in types.items() for lock in kind.interlocks),
        frozenset(part for feeder, part, _ in feeds if part != feeder),
        {tag.path: tag.source for tag in project.tags},
        {source.id: urlsplit(source.endpoint).hostname or "" for source in project.sources},
    )


def device(path: str, unit: str) -> str:
    """The device of a tag: the part of its unit that it lies in, "" = the unit itself."""
    below = path.removeprefix(f"{unit}/")
    return below.rpartition("/")[0]


def are_twins(one: str, other: str) -> bool:
    """Whether two devices are of a kind, Robot 1 and Robot 2: what befalls one says nothing of the other."""
    for first, second in zip(_stems(one), _stems(other), strict=False):
        if first[0] != second[0]:
            return first[0] != "" and first[1] == second[1]
    return False


@lru_cache(maxsize=20_000)
def _stems(path: str) -> tuple[tuple[str, str], ...]:
    """Each segment, and what is left of it without numbers: asked for at every two alarms of a unit."""
    return tuple((each, re.sub(r"[\d\W]+|\b\w\b", "", each)) for each in path.split("/"))


def _above(path: str) -> tuple[str, ...]:
    """Every asset above, nearest first."""
    segments = path.split("/")
    return tuple("/".join(segments[:end]) for end in range(len(segments) - 1, 0, -1))


def _unit(path: str, types: Mapping[str, AssetType]) -> str:
    """The unit or utility above; where no type says which it is, the second segment of the path."""
    above = _above(path)
    stated = (each for each in above if each in types and types[each].level in ("unit", "utility"))
    return next(stated, above[-2] if len(above) > 1 else (above[-1] if above else ""))


def _states(types: Mapping[str, AssetType]) -> Iterable[str]:
    for asset, kind in types.items():
        if kind.level == "unit" and kind.state:
            yield f"{asset}/{kind.state}"


def _named(assets: Iterable[str], units: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    """Parts that bear the name of what they feed: "Branch S20" of the air feeds "S20 Geo clamp"."""
    names: dict[str, list[str]] = {}
    for unit in units:
        name = unit.rpartition("/")[2]
        for word in {name, name.partition(" ")[0]}:
            names.setdefault(word, []).append(unit)
    for asset in assets:
        feeder, _, name = asset.rpartition("/")
        fed = names.get(name.partition(" ")[2], [])
        if len(fed) == 1 and feeder in units and fed[0] != feeder:
            yield feeder, asset, fed[0]


def _piped(parts: Iterable[Part], units: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    """Pipes of the 3D scene that end at a part of another unit."""
    units = set(units)
    solid = [(part, unit) for part in parts if part.shape != PIPES and (unit := _in(part.asset, units))]
    for pipe in parts:
        feeder = _in(pipe.asset, units)
        if pipe.shape == PIPES and feeder and pipe.points:
            near = min(solid, key=lambda each: _distance(pipe.points[-1], each[0]), default=None)
            if near is not None and near[1] != feeder and _distance(pipe.points[-1], near[0]) <= REACH_M:
                yield feeder, pipe.asset, near[1]


def _in(asset: str, units: set[str]) -> str:
    return next((each for each in (asset, *_above(asset)) if each in units), "")


def _distance(point: Place, part: Part) -> float:
    """From a point to the box of a part; one without a size is small, and its turn does not matter then."""
    size = part.size or (SMALLEST_M, SMALLEST_M, SMALLEST_M)
    low = (part.at[0] - size[0] / 2, part.at[1] - size[1] / 2, part.at[2])
    high = (part.at[0] + size[0] / 2, part.at[1] + size[1] / 2, part.at[2] + size[2])
    gaps = (max(a - x, x - b, 0.0) for x, a, b in zip(point, low, high, strict=True))
    return sum(gap * gap for gap in gaps) ** 0.5


def _upstream(mimics: Iterable[Mimic]) -> dict[str, frozenset[str]]:
    """For the tags at each symbol of a mimic, those at the symbols that a pipe leads from."""
    found: dict[str, set[str]] = {}
    for mimic in mimics:
        for pipe in mimic.pipes:
            begin, end = (_symbol(mimic, point) for point in (pipe.points[0], pipe.points[-1]))
            if begin is None or end is None or begin is end:
                continue
            for tag in _tags(mimic, end):
                found.setdefault(tag, set()).update(_tags(mimic, begin))
    return {tag: frozenset(each) for tag, each in found.items()}


def _symbol(mimic: Mimic, point: tuple[float, float]) -> MimicSymbol | None:
    for each in mimic.symbols:
        (x, y), (wide, high) = each.at, each.size
        if abs(point[0] - x - wide / 2) <= wide * (0.5 + REACH_MIMIC) and abs(
            point[1] - y - high / 2
        ) <= high * (0.5 + REACH_MIMIC):
            return each
    return None


def _tags(mimic: Mimic, symbol: MimicSymbol) -> set[str]:
    names = {symbol.running, symbol.level, *symbol.lines} - {""}
    return {f"{mimic.asset}/{name}" for name in names}
