"""The objects and variables of an OPC UA NodeSet2 file as assets and tags."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engine.twin.import_rows import Imported, ImportProblem, joined, segment, tidy, unused
from engine.twin.import_xml import Element
from engine.twin.nodeset import PROPERTY_TYPE, Node, read_nodeset
from engine.types import AssetRow, NameplateEntry, Tag, TypeName

TYPES: dict[str, TypeName] = {
    **{"i=1": "bool", "i=2": "int16", "i=3": "uint16", "i=4": "int16", "i=5": "uint16", "i=6": "int32"},
    **{"i=7": "uint32", "i=8": "int64", "i=9": "uint64", "i=10": "float32", "i=11": "float64"},
    **{"i=12": "string", "i=13": "", "i=21": "string", "i=24": "", "i=26": "", "i=27": "", "i=28": ""},
}
"""OPC UA types of IEC 62541-5 by number; "" = the server says it when it is read."""
UNREADABLE = {"i=13", "i=14", "i=15", "i=16", "i=17", "i=22", "i=23", "i=25"}
"""Times, GUIDs, byte strings, XML, structures: no value of a tag."""
NAMEPLATE = {
    **{"Manufacturer": "ManufacturerName", "Model": "ManufacturerProductDesignation"},
    **{"SerialNumber": "SerialNumber", "HardwareRevision": "HardwareVersion"},
    **{"SoftwareRevision": "SoftwareVersion", "ProductCode": "OrderCodeOfManufacturer"},
    **{"YearOfConstruction": "YearOfConstruction", "ManufacturerUri": "ManufacturerUri"},
    **{"ProductInstanceUri": "URIOfTheProduct", "DeviceManual": "DeviceManual"},
    **{"DeviceRevision": "DeviceRevision", "DeviceClass": "DeviceClass", "AssetId": "AssetId"},
}
"""Properties of IDeviceHealth and IVendorNameplate (OPC 10000-100) and what the nameplate calls them."""
MOST_TAGS = 200_000


@dataclass(slots=True, eq=False)
class _Found:
    nodes: dict[str, Node]
    source: str
    assets: list[AssetRow] = field(default_factory=list[AssetRow])
    tags: list[Tag] = field(default_factory=list[Tag])
    plates: list[NameplateEntry] = field(default_factory=list[NameplateEntry])
    left: Counter[str] = field(default_factory=Counter[str])
    taken: set[str] = field(default_factory=set[str])


def import_nodeset(path: Path, source: str, *, under: str = "") -> Imported:
    """The rows that the instances of a NodeSet make; ``source`` = the id of the server in plant.toml.

    Objects are assets, their variables tags with address, type, unit, range and words of states; a
    nameplate's properties are entries of it. What only describes a type is no instance and is left out.

    Raises:
        ImportProblem: it is no NodeSet2 file, or has no instances.
        OSError: it cannot be read.
    """
    nodes = read_nodeset(path)
    found = _Found(nodes, source)
    for node in nodes.values():
        if node.kind in ("object", "variable") and node.parent not in nodes:
            _take(node, under, found)
    if not found.assets and not found.tags:
        types = sum(node.kind == "object type" for node in nodes.values())
        raise ImportProblem(
            f"{path.name} describes {types} types of objects but holds no object of them: import the NodeSet "
            "of the machine itself, or browse it with --source"
        )
    notes = tuple(f"left out: {count} {what}" for what, count in found.left.items() if count)
    return Imported(
        assets=tuple(found.assets), tags=tuple(found.tags), nameplates=tuple(found.plates), notes=notes
    )


def _take(top: Node, under: str, found: _Found) -> None:
    """An instance and all below it, without recursion: a file may nest as deep as it likes."""
    waiting = [(top, under)]
    seen: set[str] = set()
    while waiting:
        node, above = waiting.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.kind == "object":
            path = unused(joined(above, segment(node.name)), found.taken)
            found.taken.add(path)
            found.assets.append(_asset(node, path))
            _plate(node, path, found)
            waiting += [(found.nodes[child], path) for child in reversed(node.children)]
        elif node.kind == "variable" and not _is_property(node, found):
            _tag(node, above, found)
            parts = [found.nodes[child] for child in node.children]
            found.left["variables inside of others"] += sum(
                each.kind == "variable" and not _is_property(each, found) for each in parts
            )


def _is_property(node: Node, found: _Found) -> bool:
    above = found.nodes.get(node.parent)
    return node.type == PROPERTY_TYPE or (above is not None and node.id in above.properties.values())


def _asset(node: Node, path: str) -> AssetRow:
    title = tidy(node.name)
    return AssetRow(path, title="" if title == path.rpartition("/")[2] else title)


def _plate(node: Node, path: str, found: _Found) -> None:
    for name, id in node.properties.items():
        value = _text(found.nodes[id].value)
        if name in NAMEPLATE and value:
            found.plates.append(NameplateEntry(path, NAMEPLATE[name], tidy(value)))


def _tag(node: Node, above: str, found: _Found) -> None:
    data_type = node.data_type
    if node.is_array or data_type in UNREADABLE:
        found.left["variables that are arrays, times or structures"] += 1
        return
    if len(found.tags) >= MOST_TAGS:
        raise ImportProblem(f"the NodeSet has more than {MOST_TAGS} variables: import a part of it")
    path = unused(f"{above}/{segment(node.name)}" if above else segment(node.name), found.taken)
    found.taken.add(path)
    low, high = _range(node, found.nodes)
    states = _states(node, found.nodes)
    kind: TypeName = TYPES.get(data_type, "int32" if states else "")
    is_number = kind not in ("string", "bool")
    found.tags.append(
        Tag(
            tag_id=-1,
            path=path,
            source=found.source,
            address=node.id,
            type=kind,
            unit=_unit(node, found.nodes)[:20],
            low=low if is_number else None,
            high=high if is_number else None,
            states=states if kind != "string" else {},
        )
    )


def _property(node: Node, name: str, nodes: dict[str, Node]) -> Element | None:
    id = node.properties.get(name)
    return nodes[id].value if id else None


def _deep(of: Element | None, name: str) -> Element | None:
    """The first element of this name anywhere inside."""
    waiting = [of] if of else []
    while waiting:
        at = waiting.pop()
        if at.name == name:
            return at
        waiting += reversed(at.inside)
    return None


def _text(of: Element | None) -> str:
    """The text of a value: a string, a number, or a localized text's."""
    localized = _deep(of, "Text")
    if localized is not None:
        return localized.text.strip()
    return of.inside[0].text.strip() if of and of.inside else ""


def _unit(node: Node, nodes: dict[str, Node]) -> str:
    shown = _deep(_property(node, "EngineeringUnits", nodes), "DisplayName")
    return tidy(_text(shown) or (shown.text if shown else ""))


def _range(node: Node, nodes: dict[str, Node]) -> tuple[float | None, float | None]:
    stated = _property(node, "EURange", nodes) or _property(node, "InstrumentRange", nodes)
    try:
        ends = [float(end.text) for name in ("Low", "High") if (end := _deep(stated, name))]
    except ValueError:
        return None, None
    is_range = len(ends) == 2 and ends[0] < ends[1] and all(abs(end) < 1e300 for end in ends)
    return (ends[0], ends[1]) if is_range else (None, None)


def _states(node: Node, nodes: dict[str, Node]) -> dict[int, str]:
    """The words of an enumeration, or of the two states of a bool."""
    words = [_property(node, name, nodes) for name in ("FalseState", "TrueState")]
    if all(words):
        return {number: _word(_text(word)) for number, word in enumerate(words) if _text(word)}
    listed = _property(node, "EnumStrings", nodes)
    texts = listed.inside[0].inside if listed and listed.inside else []
    return {number: word for number, each in enumerate(texts) if (word := _word(each.said("Text")))}


def _word(text: str) -> str:
    return tidy(text.replace("|", "/"), 60)
