"""Where the assets of a file stand: the path of each shell, from hierarchies, names, or our own note."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.twin.aas_elements import Json, facts, keys_of, listed, said, text
from engine.twin.aas_read import Shells
from engine.twin.import_rows import joined, segment, unused

DEEPEST = 60
UPWARDS = "oneup"


@dataclass(frozen=True, slots=True)
class Place:
    """An asset: its path, its shell (empty for one that only a bill of material names), and its ids."""

    path: str
    shell: Json
    number: str
    ids: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Node:
    name: str
    shell: Json
    number: str
    ids: list[str]
    parent: str = ""


def places_of(shells: Shells, kind_of: Callable[[Json], str], under: str) -> list[Place]:
    """All assets of a file, in its order; those that only a bill of material names come last."""
    nodes: dict[str, _Node] = {}
    by_asset: dict[str, str] = {}
    for number, shell in enumerate(shells.shells):
        node = _node(shell)
        key = text(shell, "id") or f"\n{number}"
        nodes[key] = node
        for id in node.ids:
            by_asset.setdefault(id, key)
    for key, shell in [(key, node.shell) for key, node in nodes.items()]:
        for reference in listed(shell, "submodels"):
            named = keys_of({"at": reference}, "at")
            submodel = shells.submodels.get(named[-1]) if named else None
            if submodel is not None and kind_of(submodel) == "hierarchy":
                _entry(submodel, key, nodes, by_asset)
    return _placed(nodes, under)


def _node(shell: Json) -> _Node:
    given = shell.get("assetInformation")
    asset: Json = given if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownVariableType]
    number = text(asset, "globalAssetId")
    if not number:
        number = next((text(each, "value") for each in listed(asset, "specificAssetIds")), "")
    name = said(shell, "displayName") or text(shell, "idShort") or _end(number or text(shell, "id"))
    ids = [id for id in (text(shell, "id"), text(asset, "globalAssetId")) if id]
    return _Node(name, shell, number, ids)


def _end(id: str) -> str:
    """The last part of an id that says something."""
    return next((part for part in reversed(re.split(r"[/:#?=]", id)) if part.strip()), "")


def _entry(submodel: Json, key: str, nodes: dict[str, _Node], by_asset: dict[str, str]) -> None:
    elements = listed(submodel, "submodelElements")
    archetype = next((text(each, "value") for each in elements if text(each, "idShort") == "ArcheType"), "")
    for each in elements:
        if each.get("modelType") == "Entity":
            _children(each, key, nodes, by_asset, archetype.lower() == UPWARDS, 0)


def _children(
    entity: Json, key: str, nodes: dict[str, _Node], by_asset: dict[str, str], upwards: bool, depth: int
) -> None:
    """Take in what lies below an entity; a node that no shell is about becomes an asset of its own."""
    if depth > DEEPEST:
        return
    for each in listed(entity, "statements"):
        if each.get("modelType") != "Entity":
            continue
        asset = text(each, "globalAssetId")
        name = said(each, "displayName") or text(each, "idShort") or _end(asset)
        below = by_asset.get(asset, "") if asset else ""
        if not below:
            below = asset or f"{key}\n{name}"
            while not asset and below in nodes and nodes[below].parent not in ("", key):
                below += "'"
            nodes.setdefault(below, _Node(name, {}, asset, [asset] if asset else []))
            if asset:
                by_asset[asset] = below
        upper, lower = (below, key) if upwards else (key, below)
        if not nodes[lower].parent and upper != lower and not _is_above(lower, upper, nodes):
            nodes[lower].parent = upper
        _children(each, below, nodes, by_asset, upwards, depth + 1)


def _is_above(upper: str, key: str, nodes: dict[str, _Node]) -> bool:
    """Whether one stands above another already: a circle would have no top."""
    while key:
        if key == upper:
            return True
        key = nodes[key].parent
    return False


def _placed(nodes: dict[str, _Node], under: str) -> list[Place]:
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for key, node in nodes.items():
        own = [segment(part) for part in facts(node.shell).get("path", "").split("/") if part.strip()]
        if own:
            prefix = under.split("/") if under else []
            paths[key] = unused("/".join([*prefix, *own]), taken)
            taken.add(paths[key])
    for key in nodes:
        for each in _down_to(key, nodes, paths):
            node = nodes[each]
            if each not in paths:
                above = paths.get(node.parent, under)
                paths[each] = unused(joined(above, segment(node.name)), taken)
                taken.add(paths[each])
    return [Place(paths[key], node.shell, node.number, tuple(node.ids)) for key, node in nodes.items()]


def _down_to(key: str, nodes: dict[str, _Node], paths: dict[str, str]) -> Iterator[str]:
    """The nodes above one that have no path yet, the topmost first, and itself."""
    chain: list[str] = []
    while key and key not in paths:
        chain.append(key)
        key = nodes[key].parent
    return reversed(chain)
