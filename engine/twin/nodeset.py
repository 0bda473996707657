"""An OPC UA NodeSet2 file (IEC 62541-6, annex F): its nodes, and which stands below which."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from engine.twin.import_rows import ImportProblem
from engine.twin.import_xml import Element, read_xml

LARGEST = 256 * 2**20
NODE = re.compile(r"(?:ns=(\d+);)?([isgb])=(.+)", re.DOTALL)
KINDS = {
    **{"UAObject": "object", "UAVariable": "variable", "UAObjectType": "object type"},
    **{"UAVariableType": "variable type", "UADataType": "data type", "UAReferenceType": "reference type"},
}
UA = "http://opcfoundation.org/UA/"
# References of namespace 0 that make a hierarchy, by the number of their node.
BELOW = {"i=33", "i=34", "i=35", "i=36", "i=44", "i=46", "i=47", "i=49", "i=56", "i=14476", "i=17604"}
NAMED = {
    **{"HierarchicalReferences": "i=33", "HasChild": "i=34", "Organizes": "i=35", "Aggregates": "i=44"},
    **{"HasProperty": "i=46", "HasComponent": "i=47", "HasOrderedComponent": "i=49", "HasAddIn": "i=17604"},
    **{"HasTypeDefinition": "i=40", "HasSubtype": "i=45", "HasEventSource": "i=36", "HasNotifier": "i=48"},
}
HAS_PROPERTY, HAS_TYPE, HAS_SUBTYPE = "i=46", "i=40", "i=45"
PROPERTY_TYPE = "i=68"


@dataclass(slots=True, eq=False)
class Node:
    """A node. Ids are addresses for tags.csv: the namespace by its URI."""

    id: str
    kind: str
    name: str
    """As people see it: the display name, or the browse name."""
    browse_name: str
    data_type: str = ""
    is_array: bool = False
    type: str = ""
    """Its type definition."""
    value: Element | None = None
    parent: str = ""
    properties: dict[str, str] = field(default_factory=dict[str, str])
    """Ids by browse name."""
    children: list[str] = field(default_factory=list[str])


def read_nodeset(path: Path) -> dict[str, Node]:
    """The nodes of a file by id, in its order.

    Raises:
        ImportProblem: it is no NodeSet2 file; the text says why.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise ImportProblem(f"{path.name} is larger than {LARGEST // 2**20} MB: it is not read")
    root = read_xml(path.read_bytes(), path.name)
    if root.name != "UANodeSet":
        raise ImportProblem(
            f"{path.name} is no NodeSet2 file: it begins with {root.name[:40]!r}, not UANodeSet"
        )
    names = _Names(root, path.name)
    nodes: dict[str, Node] = {}
    references: list[tuple[str, str, str]] = []
    for each in root.inside:
        kind = KINDS.get(each.name)
        if kind is not None:
            node = _node(each, kind, names)
            nodes.setdefault(node.id, node)
            references += _references(each, node.id, names)
    _link(nodes, references)
    return nodes


class _Names:
    """The namespaces and aliases that a file names its nodes by."""

    def __init__(self, root: Element, file: str) -> None:
        uris = root.first("NamespaceUris")
        self._uris = [UA, *(each.text.strip() for each in uris.all("Uri"))] if uris else [UA]
        self._file = file
        self._aliases = dict(NAMED)
        aliases = root.first("Aliases")
        for each in aliases.all("Alias") if aliases else ():
            self._aliases[each.attributes.get("Alias", "")] = each.text.strip()

    def id(self, written: str) -> str:
        """A node id with the namespace's URI; "" for none."""
        written = written.strip()
        match = NODE.fullmatch(self._aliases.get(written, written))
        if match is None:
            return ""
        number = int(match[1] or 0)
        if number >= len(self._uris):
            raise ImportProblem(
                f"{self._file}: node {written[:60]!r} is of namespace {number}, but the file names "
                f"{len(self._uris) - 1}: it is damaged"
            )
        own = f"{match[2]}={match[3]}"
        return own if number == 0 else f"nsu={self._uris[number]};{own}"


def _node(of: Element, kind: str, names: _Names) -> Node:
    browse_name = of.attributes.get("BrowseName", "").rpartition(":")[2]
    rank = of.attributes.get("ValueRank", "-1").strip()
    parent = of.attributes.get("ParentNodeId", "")
    return Node(
        id=names.id(of.attributes.get("NodeId", "")),
        kind=kind,
        name=of.said("DisplayName") or browse_name,
        browse_name=browse_name,
        data_type=names.id(of.attributes.get("DataType", "i=24")),
        is_array=rank not in ("-1", "-2", "-3"),
        value=of.first("Value"),
        parent=names.id(parent) if parent else "",
    )


def _references(of: Element, id: str, names: _Names) -> list[tuple[str, str, str]]:
    """(from, kind, to) of each reference, forward."""
    listed = of.first("References")
    found: list[tuple[str, str, str]] = []
    for each in listed.all("Reference") if listed else ():
        kind, to = names.id(each.attributes.get("ReferenceType", "")), names.id(each.text)
        backward = each.attributes.get("IsForward", "true").strip().lower() in ("false", "0")
        found.append((to, kind, id) if backward else (id, kind, to))
    return found


def _link(nodes: dict[str, Node], references: list[tuple[str, str, str]]) -> None:
    below = BELOW | _subtypes(references)
    for start, kind, end in references:
        if kind == HAS_TYPE and start in nodes:
            nodes[start].type = end
        elif kind == HAS_PROPERTY and start in nodes and end in nodes:
            nodes[start].properties.setdefault(nodes[end].browse_name, end)
            nodes[end].parent = start
        elif kind in below and end in nodes and not nodes[end].parent:
            nodes[end].parent = start
    for node in nodes.values():
        if node.parent in nodes and node.parent != node.id:
            nodes[node.parent].children.append(node.id)


def _subtypes(references: list[tuple[str, str, str]]) -> set[str]:
    """Kinds of references that the file declares below those that make a hierarchy."""
    of: defaultdict[str, list[str]] = defaultdict(list)
    for start, kind, end in references:
        if kind == HAS_SUBTYPE:
            of[start].append(end)
    found: set[str] = set()
    waiting = list(BELOW)
    while waiting:
        for each in of.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found
