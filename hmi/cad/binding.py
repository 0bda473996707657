"""Which node of a model stands for which asset: by name, by path, with ``*``; and what a person may mean."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from hmi.cad.model import CadModel, CadNode, Place
from hmi.formats import t

ALIKE = 0.75
"""From this likeness on a proposal is made at all, 1.0 = the same words."""
CLEARLY = 0.04
"""So much less alike the next best asset must be: of two that fit equally none is proposed."""


def node_paths(model: CadModel) -> tuple[str, ...]:
    """The paths of all nodes, groups too, in the order of the file."""
    return tuple(model.origins) or tuple(node.path for node in model.nodes)


def is_named(pattern: str, path: str) -> bool:
    """Whether ``pattern`` means the node ``path``: its whole path or its name, ``*`` = any characters.

    A name with "#2" behind it is also meant by the name alone: the file has it more than once.
    """
    name = path.rpartition("/")[2]
    plain = re.sub(r"#\d+$", "", name)
    shown = pattern.replace("[", "[[]").replace("?", "[?]")  # of fnmatch's signs only * is one here
    return any(fnmatchcase(each, shown) for each in (path, name, plain))


def meant_by(path: str, patterns: Iterable[str]) -> str:
    """The pattern that means the node ``path`` most nearly, "" if none: its own, else of what it hangs on.

    Where several mean one node, a whole path goes before a name, and fewer ``*`` before more.
    """
    known = tuple(patterns)
    for each in _line(path):
        meant = [pattern for pattern in known if is_named(pattern, each)]
        if meant:
            return min(meant, key=lambda pattern: (pattern.count("*"), pattern != each, -len(pattern)))
    return ""


def asset_of(binds: Mapping[str, str], path: str) -> str:
    """The asset of the node ``path`` by ``Part.binds``, "" if none."""
    return binds.get(meant_by(path, binds), "")


def bound_nodes(model: CadModel, binds: Mapping[str, str]) -> dict[str, str]:
    """Assets by the path of each node with triangles that one stands for."""
    found = {node.path: asset_of(binds, node.path) for node in model.nodes}
    return {path: asset for path, asset in found.items() if asset}


def unused_binds(model: CadModel, binds: Mapping[str, str]) -> tuple[str, ...]:
    """The patterns that mean no node of the model: misspelt, or the file has changed."""
    paths = node_paths(model)
    return tuple(each for each in binds if not any(is_named(each, path) for path in paths))


def below(model: CadModel, node: str) -> tuple[CadNode, ...]:
    """The nodes that ``Part.node`` means: those of that name or path and what hangs on them; "" = all."""
    if not node:
        return model.nodes
    tops = {path for path in node_paths(model) if is_named(node, path)}
    return tuple(each for each in model.nodes if any(above in tops for above in _line(each.path)))


def origin_of(model: CadModel, node: str) -> Place | None:
    """Where the first node that ``node`` means has its own origin, in the file's units and axes."""
    return next((place for path, place in model.origins.items() if is_named(node, path)), None)


def _line(path: str) -> Iterable[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def proposed_binds(model: CadModel, assets: Iterable[str]) -> dict[str, str]:
    """Assets by node path where names are alike: nobody's guess goes into a project unseen.

    A node is compared with the last names of each asset path. Each asset is proposed once, for the node
    that is most like it, and none below one that has it already.
    """
    words = {asset: _words(asset.replace("/", " ")) for asset in assets}
    found: list[tuple[float, int, str, str]] = []
    for path in node_paths(model):
        ranked = sorted(((_likeness(path, asset, words[asset]), asset) for asset in words), reverse=True)
        best = ranked[0] if ranked else (0.0, "")
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        if best[0] >= ALIKE and best[0] - second >= CLEARLY:
            found.append((-best[0], path.count("/"), path, best[1]))
    proposed: dict[str, str] = {}
    for _, _, path, asset in sorted(found):
        if asset not in proposed.values():
            proposed[path] = asset
    return dict(sorted(proposed.items()))


def _likeness(path: str, asset: str, words: tuple[str, ...]) -> float:
    name = _words(re.sub(r"#\d+$", "", path.rpartition("/")[2]))
    last = _words(asset.rpartition("/")[2])
    if not name or not last:
        return 0.0
    if set(_numbers(name)) - set(_numbers(words)) or set(_numbers(last)) - set(_numbers(_words(path))):
        return 0.0  # "Robot 2" is never "Robot 3", however alike
    around = set(_words(path.replace("/", " ")))
    shared = len(around & set(words)) / len(set(words))
    return 0.85 * difflib.SequenceMatcher(None, " ".join(name), " ".join(last)).ratio() + 0.15 * shared


def _words(name: str) -> tuple[str, ...]:
    # "S50_HydraulicUnit.001" and "s50 hydraulic unit": CAD writes names without spaces.
    plain = unicodedata.normalize("NFKD", re.sub(r"\.\d{3}$", "", name))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z]{2})(?=\d)", " ", plain)
    return tuple(each.lower().lstrip("0") or "0" for each in re.findall(r"[^\W_]+", spaced))


def _numbers(words: tuple[str, ...]) -> list[str]:
    return [each for each in words if any(sign.isdigit() for sign in each)]


def tree_text(model: CadModel, binds: Mapping[str, str] | None = None) -> str:
    """The nodes of a model as lines for a person: names by depth, triangles, and the asset of each."""
    if model.problem:
        return model.problem
    by_path = {node.path: node for node in model.nodes}
    lines: list[str] = []
    for path in node_paths(model):
        node, asset = by_path.get(path), asset_of(binds or {}, path)
        count = f"  {_triangles(len(node.levels[0]))}" if node else ""
        lines.append(
            f"{'  ' * path.count('/')}{path.rpartition('/')[2]}{count}{f'  = {asset}' if asset else ''}"
        )
    return "\n".join(lines)


def _triangles(count: int) -> str:
    return t("1 triangle") if count == 1 else t("{n} triangles", n=f"{count:,}")
