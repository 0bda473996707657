"""The verb ``assets``: the plant as a tree with ISA-95 levels, types and relations. Needs no engine."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from engine.cli.out import Exit, fail, say, say_json
from engine.cli.project import loaded
from engine.config.findings import meant
from engine.twin.graph import Asset, PlantGraph, plant_graph
from engine.types import RelationKind, relations_of

BACKWARDS: Mapping[RelationKind, str] = {
    "feeds": "fed by",
    "drives": "driven by",
    "cools": "cooled by",
    "part of": "has part",
    "measured by": "measures",
}
"""How a relation reads from its object."""


class RelationLine(msgspec.Struct, frozen=True):
    """A relation as ``assets --json`` prints it: "fed by" and the like where the asset is its object."""

    relation: str
    to: str
    medium: str


class AssetLine(msgspec.Struct, frozen=True):
    """An asset as ``assets --json`` prints it."""

    asset: str
    level: str
    type: str
    title: str
    number: str
    parents: tuple[str, ...]
    tags: tuple[str, ...]
    relations: tuple[RelationLine, ...]


def assets(arguments: argparse.Namespace) -> Exit:
    """Print the tree of assets, all of it or what lies below one."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    plant, top = plant_graph(project), str(arguments.path).strip("/")
    if top and top not in plant.assets:
        return fail(f'there is no asset "{top}" in {arguments.dir}{meant(top, plant.assets)}')
    for asset in _in_order(plant, top):
        if arguments.json:
            say_json(_line(asset, plant))
        else:
            _show(asset, plant, asset.path.count("/") - (top.count("/") if top else 0))
    return Exit.DONE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``assets`` takes besides the folder."""
    parser.add_argument("path", nargs="?", default="", help="only this asset and all below it")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _in_order(plant: PlantGraph, top: str) -> Iterator[Asset]:
    """The assets of a branch, parents first, each below the one above in its path."""
    tops = [top] if top else [path for path in plant.assets if "/" not in path]
    waiting = tops[::-1]
    while waiting:
        asset = plant.assets[waiting.pop()]
        yield asset
        waiting += [each for each in reversed(asset.children) if each.rpartition("/")[0] == asset.path]


def _line(asset: Asset, plant: PlantGraph) -> AssetLine:
    return AssetLine(
        asset.path,
        asset.level,
        asset.type,
        asset.title,
        asset.number,
        asset.parents,
        asset.tags,
        tuple(_relations(asset, plant)),
    )


def _relations(asset: Asset, plant: PlantGraph) -> Iterator[RelationLine]:
    """Those that the asset is the subject of, then those that it is the object of."""
    out, into = relations_of(plant.graph, asset.path)
    yield from (RelationLine(each.kind, each.object, each.medium) for each in out)
    yield from (RelationLine(BACKWARDS[each.kind], each.subject, each.medium) for each in into)


def _show(asset: Asset, plant: PlantGraph, depth: int) -> None:
    indent = "  " * depth
    said = [asset.level, f"[{asset.type}]" if asset.type else "", asset.number, asset.title]
    if asset.tags:
        said.append(f"{len(asset.tags)} tag{'' if len(asset.tags) == 1 else 's'}")
    say(f"{indent}{asset.name}  {_joined(said)}")
    for each in _relations(asset, plant):
        medium = f" ({each.medium})" if each.medium else ""
        say(f"{indent}    {each.relation} {each.to}{medium}")


def _joined(words: Sequence[str]) -> str:
    return "  ".join(word for word in words if word)
