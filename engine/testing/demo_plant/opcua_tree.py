"""The object tree of a demo plant's OPC UA server: an object for each path, a typed variable for each tag.

Nodes are added to the address space directly: asyncua's own calls look the parent's type up for each one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
from asyncua import Server, ua
from numpy.typing import NDArray

from engine.drivers.opcua.namespaces import node_id
from engine.testing.demo_plant.addresses import node
from engine.testing.demo_plant.plant import Plant, Point, Wire
from engine.testing.demo_plant.unece import unit_code

UNITS = "http://www.opcfoundation.org/UA/units/un/cefact"
KINDS: dict[Wire, ua.VariantType] = {
    "bool": ua.VariantType.Boolean,
    "small": ua.VariantType.Int32,
    "int16": ua.VariantType.Int16,
    "uint16": ua.VariantType.UInt16,
    "int32": ua.VariantType.Int32,
    "uint32": ua.VariantType.UInt32,
    "float32": ua.VariantType.Float,
    "float64": ua.VariantType.Double,
}
_AT_ONCE = 40
"""So many variables are added before the other servers of this process get their turn."""


def variant(point: Point, value: float) -> ua.Variant:
    """A value in the variable's own type."""
    kind = KINDS[point.spec.wire]
    if kind is ua.VariantType.Boolean:
        return ua.Variant(bool(value), kind)
    real = kind in (ua.VariantType.Float, ua.VariantType.Double)
    return ua.Variant(value if real else round(value), kind)


def unit(text: str) -> ua.EUInformation:
    """Unit with its UNECE code: the characters as a big-endian number (OPC 10000-8, 5.6.4.3)."""
    code = int.from_bytes(unit_code(text).encode("ascii"), "big") if unit_code(text) else -1
    return ua.EUInformation(UNITS, code, ua.LocalizedText(text), ua.LocalizedText(text))


class Tree:
    """The tree while it grows."""

    def __init__(self, server: Server, plant: Plant, index: int) -> None:
        self._server, self._plant, self._index = server, plant, index
        self._objects: dict[str, ua.NodeId] = {"": node_id(ua.ObjectIds.ObjectsFolder)}
        self._types: dict[tuple[str, ...], ua.NodeId] = {}
        self._items: list[ua.AddNodesItem] = []

    async def grow(self, points: Sequence[Point], first: NDArray[np.float64]) -> list[ua.NodeId]:
        """Add every point under the objects of its path; gives their node ids."""
        found: list[ua.NodeId] = []
        for number, point in enumerate(points, 1):
            found.append(self._variable(point, float(first[point.column])))
            if number % _AT_ONCE == 0 or number == len(points):
                await self._add()
        return found

    async def _add(self) -> None:
        for result in await self._server.iserver.isession.add_nodes(self._items):
            result.StatusCode.check()
        self._items.clear()
        await asyncio.sleep(0)

    def _object(self, path: str) -> ua.NodeId:
        if path not in self._objects:
            above, _, name = path.rpartition("/")
            parent = self._object("" if above == self._plant.line else above)
            top = parent == self._objects[""]
            attributes: Any = ua.ObjectAttributes()
            attributes.EventNotifier = 0
            self._objects[path] = self._node(
                node(self._plant, path),
                name,
                parent,
                ua.ObjectIds.Organizes if top else ua.ObjectIds.HasComponent,
                ua.ObjectIds.BaseObjectType,
                ua.NodeClass.Object,
                attributes,
            )
        return self._objects[path]

    def _variable(self, point: Point, first: float) -> ua.NodeId:
        path, spec = point.path, point.spec
        above, _, name = path.rpartition("/")
        text = node(self._plant, path)
        data_type = self._data_type(spec.states) if spec.states else node_id(KINDS[spec.wire].value)
        attributes = _readable(variant(point, first), data_type)
        if spec.writable:
            level = ua.AccessLevel.CurrentRead.mask | ua.AccessLevel.CurrentWrite.mask
            attributes.AccessLevel = attributes.UserAccessLevel = level
        has, kind = ua.ObjectIds.HasComponent, ua.ObjectIds.BaseDataVariableType
        made = self._node(text, name, self._object(above), has, kind, ua.NodeClass.Variable, attributes)
        if not spec.states and spec.wire != "bool":
            bounds = ua.Variant(ua.Range(spec.low, spec.high), ua.VariantType.ExtensionObject)
            self._property(made, text, "EURange", bounds, ua.ObjectIds.Range)
        if spec.unit:
            told = ua.Variant(unit(spec.unit), ua.VariantType.ExtensionObject)
            self._property(made, text, "EngineeringUnits", told, ua.ObjectIds.EUInformation)
        return made

    def _data_type(self, states: tuple[str, ...]) -> ua.NodeId:
        """An enumeration with these words; one for all variables that have them."""
        if states not in self._types:
            name, attributes = f"Enumeration{len(self._types) + 1}", ua.DataTypeAttributes()
            attributes.IsAbstract = False
            parent, has = node_id(ua.ObjectIds.Enumeration), ua.ObjectIds.HasSubtype
            made = self._node(name, name, parent, has, None, ua.NodeClass.DataType, attributes)
            words = ua.Variant([ua.LocalizedText(word) for word in states], ua.VariantType.LocalizedText)
            self._property(made, name, "EnumStrings", words, ua.ObjectIds.LocalizedText)
            self._types[states] = made
        return self._types[states]

    def _property(self, of: ua.NodeId, text: str, name: str, content: ua.Variant, data_type: int) -> None:
        attributes, has = _readable(content, node_id(data_type)), ua.ObjectIds.HasProperty
        kind, variable = ua.ObjectIds.PropertyType, ua.NodeClass.Variable
        self._node(f"{text}.{name}", name, of, has, kind, variable, attributes, index=0)

    def _node(
        self,
        text: str,
        name: str,
        parent: ua.NodeId,
        reference: int,
        kind: int | None,
        node_class: ua.NodeClass,
        attributes: Any,
        index: int | None = None,
    ) -> ua.NodeId:
        """Note a node to be added; ``index`` = namespace of its browse name, if not the plant's."""
        item: Any = ua.AddNodesItem()
        item.RequestedNewNodeId = node_id(text, self._index)
        space: Any = self._index if index is None else index
        item.BrowseName = ua.QualifiedName(name, space)
        item.ParentNodeId, item.ReferenceTypeId = parent, node_id(reference)
        item.TypeDefinition = ua.NodeId() if kind is None else node_id(kind)
        item.NodeClass = node_class
        attributes.DisplayName = attributes.Description = ua.LocalizedText(name)
        attributes.WriteMask = attributes.UserWriteMask = 0
        item.NodeAttributes = attributes
        self._items.append(item)
        return item.RequestedNewNodeId


def _readable(content: ua.Variant, data_type: ua.NodeId) -> Any:
    """Attributes of a variable that clients may read."""
    attributes: Any = ua.VariableAttributes()
    attributes.Value, attributes.DataType = content, data_type
    attributes.ValueRank = ua.ValueRank.Scalar
    if isinstance(content.Value, list):
        attributes.ValueRank = ua.ValueRank.OneDimension
    attributes.ArrayDimensions = None
    attributes.Historizing = False
    attributes.AccessLevel = attributes.UserAccessLevel = ua.AccessLevel.CurrentRead.mask
    return attributes
