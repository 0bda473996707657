"""Data types as a server describes them: what they are built of, words of enumerations, structures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from asyncua import Client, ua

from engine.drivers.opcua.namespaces import node_id
from engine.drivers.opcua.reading import Limits, content, in_parts, local, read_all, read_properties
from engine.drivers.opcua.structure import STRUCTURE, VARIANT, DataType, Field, Layout, Types

MOST_TYPES = 500
"""A server with more types than that behind our tags describes the rest in vain."""
MOST_STATES = 1000
_ENUMERATION = int(ua.ObjectIds.Enumeration)
_INT32 = int(ua.ObjectIds.Int32)
_LAST_BUILT_IN = 25
_LONGEST_LINE = 8
"""Supertypes followed up to a built-in type."""
_OPTIONAL = (ua.StructureType.StructureWithOptionalFields,)
_UNIONS = (ua.StructureType.Union, ua.StructureType.UnionWithSubtypedValues)
_SUBTYPED = (ua.StructureType.StructureWithSubtypedValues, ua.StructureType.UnionWithSubtypedValues)


async def read_types(client: Client, limits: Limits, wanted: Iterable[ua.NodeId]) -> Types:
    """Everything the server says of these data types and of those their structures are made of.

    A type that leads to no built-in one is left out.
    """
    by_id: dict[ua.NodeId, DataType] = {}
    encoded: dict[ua.NodeId, ua.NodeId] = {}
    seen: set[ua.NodeId] = set()
    new = set(wanted)
    while new and len(seen) < MOST_TYPES:
        part = list(new)[: MOST_TYPES - len(seen)]
        seen.update(part)
        roots = await _roots(client, limits, part)
        described = [t for t, root in roots.items() if root in (STRUCTURE, _ENUMERATION) and not _is_root(t)]
        definitions = await _definitions(client, limits, described)
        enumerations = [t for t, root in roots.items() if root == _ENUMERATION and t in definitions]
        words = await _words(client, limits, [t for t in enumerations if not definitions[t]])
        for one, root in roots.items():
            definition = definitions.get(one)
            by_id[one] = _data_type(root, definition, words.get(one, {}))
            if isinstance(definition, ua.StructureDefinition):
                encoded[definition.DefaultEncodingId] = one
        new = {one.type for t in part if (layout := _layout_in(by_id, t)) for one in layout.fields} - seen
    return Types(by_id, encoded)


def _layout_in(by_id: dict[ua.NodeId, DataType], data_type: ua.NodeId) -> Layout | None:
    known = by_id.get(data_type)
    return None if known is None else known.layout


def _is_root(data_type: ua.NodeId) -> bool:
    return data_type.NamespaceIndex == 0 and data_type.Identifier in (STRUCTURE, _ENUMERATION)


def _data_type(root: int, definition: Any, words: dict[int, str]) -> DataType:
    if root == _ENUMERATION:
        return DataType(_INT32, words or _defined_words(definition))
    if isinstance(definition, ua.StructureDefinition):
        return DataType(root, layout=layout_of(definition))
    return DataType(root)


def layout_of(definition: ua.StructureDefinition) -> Layout:
    """How values of a StructureDefinition (OPC 10000-3, 8.48) stand in bytes."""
    kind = definition.StructureType
    fields = [
        Field(
            name=str(one.Name),
            type=one.DataType,
            rank=one.ValueRank,
            optional=kind in _OPTIONAL and bool(one.IsOptional),
            # In these kinds "optional" means: may hold subtypes (OPC 10000-3, 8.51).
            subtypes=kind in _SUBTYPED and bool(one.IsOptional),
        )
        for one in definition.Fields or []
    ]
    return Layout(tuple(fields), masked=kind in _OPTIONAL, union=kind in _UNIONS)


async def _roots(client: Client, limits: Limits, types: Sequence[ua.NodeId]) -> dict[ua.NodeId, int]:
    """The built-in type (or Enumeration) that each type derives from; 24 for the abstract number types."""
    roots: dict[ua.NodeId, int] = {}
    towards = {data_type: data_type for data_type in types}
    for _ in range(_LONGEST_LINE):
        for asked, at in towards.items():
            if (root := _root(at)) is not None:
                roots[asked] = root
        towards = {asked: at for asked, at in towards.items() if asked not in roots}
        if not towards:
            break
        parents = await _supertypes(client, limits, list(towards.values()))
        towards = {a: p for a, p in zip(towards, parents, strict=True) if p is not None}
    return roots


def _root(data_type: ua.NodeId) -> int | None:
    identifier = data_type.Identifier
    if data_type.NamespaceIndex != 0 or not isinstance(identifier, int):
        return None
    if identifier in (ua.ObjectIds.Number, ua.ObjectIds.Integer, ua.ObjectIds.UInteger):
        return VARIANT
    return identifier if 0 < identifier <= _LAST_BUILT_IN or identifier == _ENUMERATION else None


async def _supertypes(client: Client, limits: Limits, types: Sequence[ua.NodeId]) -> list[ua.NodeId | None]:
    parents: list[ua.NodeId | None] = []
    for part in in_parts(types, limits.read):
        parameters = ua.BrowseParameters()
        parameters.NodesToBrowse = [_upwards(node) for node in part]
        for result in await client.uaclient.browse(parameters):
            references = result.References or []
            parents.append(local(references[0].NodeId) if references else None)
    return parents


def _upwards(node: ua.NodeId) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=ua.BrowseDirection.Inverse,
        ReferenceTypeId=node_id(ua.ObjectIds.HasSubtype),
        IncludeSubtypes=True,
        NodeClassMask=0,
        ResultMask=0,
    )


async def _definitions(
    client: Client, limits: Limits, types: Sequence[ua.NodeId]
) -> dict[ua.NodeId, ua.StructureDefinition | ua.EnumDefinition | None]:
    """The DataTypeDefinition of each type; None where the server has none (before OPC UA 1.04)."""
    asked = [(data_type, ua.AttributeIds.DataTypeDefinition) for data_type in types]
    answers = [content(answer) for answer in await read_all(client, limits, asked)]
    kinds = (ua.StructureDefinition, ua.EnumDefinition)
    return {t: a if isinstance(a, kinds) else None for t, a in zip(types, answers, strict=True)}


async def _words(
    client: Client, limits: Limits, types: Sequence[ua.NodeId]
) -> dict[ua.NodeId, dict[int, str]]:
    """The words of enumerations without a definition, from EnumValues or EnumStrings (OPC 10000-3, 5.8.3)."""
    found = await read_properties(client, limits, types, ("EnumValues", "EnumStrings"))
    return {t: _stated_words(*values) for t, values in zip(types, found, strict=True)}


def _stated_words(values: Any, strings: Any) -> dict[int, str]:
    if isinstance(values, list):
        pairs = [(v.Value, v.DisplayName) for v in values if isinstance(v, ua.EnumValueType)]
    else:
        pairs = list(enumerate(strings)) if isinstance(strings, list) else []
    named = [
        (number, word.Text) for number, word in pairs[:MOST_STATES] if isinstance(word, ua.LocalizedText)
    ]
    return {int(number): str(word) for number, word in named if word}


def _defined_words(definition: Any) -> dict[int, str]:
    if not isinstance(definition, ua.EnumDefinition):
        return {}
    fields = (definition.Fields or [])[:MOST_STATES]
    named = [(one.Value, one.DisplayName.Text if one.DisplayName else None, one.Name) for one in fields]
    return {int(value): str(shown or name) for value, shown, name in named if shown or name}
