"""Structures of a server from the definitions it states: read as data, never turned into code.

Binary encoding after OPC 10000-6, 5.2.5 to 5.2.8. asyncua can make Python classes of a server's
definitions, but keeps them by namespace index for the whole process and evaluates type hints made of the
server's own names; here each connection has its own types, and a name is only ever a key.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import unpack_uatype, unpack_uatype_array

STRUCTURE = int(ua.ObjectIds.Structure)
VARIANT = int(ua.ObjectIds.BaseDataType)
DEEPEST = 16
"""Structures within structures; a definition may hold itself."""


class Misfit(Exception):
    """A value that is not what its tag asks for; the text says in words what is wrong."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a structure. ``rank`` = number of array dimensions, below 1 = a single value.

    ``subtypes`` = it stands as an ExtensionObject or Variant, so that it can hold subtypes.
    """

    name: str
    type: ua.NodeId
    rank: int
    optional: bool = False
    subtypes: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a structure stands in bytes. ``masked`` = a mask says which optional fields are there."""

    fields: tuple[Field, ...]
    masked: bool = False
    union: bool = False


@dataclass(frozen=True, slots=True)
class DataType:
    """A data type: the built-in type its values are encoded as (OPC 10000-6, 5.1.2) and what it adds.

    ``built_in`` is 22 for structures and 24 where the value itself says what it is. ``states`` are the
    words of an enumeration.
    """

    built_in: int
    states: dict[int, str] = field(default_factory=dict[int, str])
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Types:
    """The data types a connection has read. ``encoded`` = data type by the id its values carry."""

    by_id: Mapping[ua.NodeId, DataType] = field(default_factory=dict[ua.NodeId, DataType])
    encoded: Mapping[ua.NodeId, ua.NodeId] = field(default_factory=dict[ua.NodeId, ua.NodeId])

    def opened(self, value: ua.ExtensionObject) -> dict[str, Any]:
        """Fields of a structure value by name, nested structures as dicts, in the server's order.

        Absent optional fields are left out, of a union only the chosen field is there. Raises ``Misfit``.
        """
        data_type = self.encoded.get(value.TypeId, value.TypeId)
        known = self.by_id.get(data_type)
        if known is None or known.layout is None:
            raise Misfit(f"the server does not say how its structure {value.TypeId.to_string()} is made")
        body = Buffer(value.Body or b"")
        try:
            fields = self._structure(body, known.layout, DEEPEST)
        except Misfit:
            raise
        except Exception as error:
            raise Misfit(f"its bytes do not fit the structure the server describes ({error})") from error
        if len(body):
            raise Misfit(f"its value has {len(body)} bytes more than the structure the server describes")
        return fields

    def _structure(self, body: Buffer, layout: Layout, depth: int) -> dict[str, Any]:
        if not depth:
            raise Misfit(f"it holds structures more than {DEEPEST} deep")
        if layout.union:
            chosen = unpack_uatype(ua.VariantType.UInt32, body)
            if chosen > len(layout.fields):
                raise Misfit(f"it chooses field {chosen} of {len(layout.fields)}")
            fields = layout.fields[chosen - 1 : chosen] if chosen else ()
            return {one.name: self._field(body, one, depth) for one in fields}
        mask = unpack_uatype(ua.VariantType.UInt32, body) if layout.masked else 0
        found: dict[str, Any] = {}
        for one in layout.fields:
            if one.optional:
                present, mask = mask & 1, mask >> 1
                if not present:
                    continue
            found[one.name] = self._field(body, one, depth)
        return found

    def _field(self, body: Buffer, one: Field, depth: int) -> Any:
        known = self.by_id.get(one.type)
        if known is None:
            raise Misfit(f"the server does not say what type its field '{one.name}' has")
        kind = known.built_in
        layout = None if one.subtypes else known.layout
        if one.subtypes and kind != STRUCTURE:
            kind = VARIANT
        if one.rank < 1:
            return self._element(body, kind, layout, depth)
        if one.rank > 1:
            return self._matrix(body, kind, layout, depth)
        if kind != STRUCTURE:
            return unpack_uatype_array(ua.VariantType(kind), body)
        return self._elements(body, unpack_uatype(ua.VariantType.Int32, body), kind, layout, depth)

    def _matrix(self, body: Buffer, kind: int, layout: Layout | None, depth: int) -> Any:
        """A field of several dimensions: their lengths, then all elements (OPC 10000-6, 5.2.5)."""
        lengths = unpack_uatype_array(ua.VariantType.Int32, body) or []
        if any(length < 0 for length in lengths):
            raise Misfit("an array of negative length")
        elements = self._elements(body, math.prod(lengths) if lengths else 0, kind, layout, depth)
        for length in reversed(lengths[1:]):
            if length:
                elements = [elements[k : k + length] for k in range(0, len(elements), length)]
        return elements

    def _elements(self, body: Buffer, count: int, kind: int, layout: Layout | None, depth: int) -> list[Any]:
        # An element may be empty, so a count beyond the bytes left would let a server keep us busy.
        if count > len(body):
            raise Misfit(f"an array of {count} elements in {len(body)} bytes")
        return [self._element(body, kind, layout, depth) for _ in range(count)]

    def _element(self, body: Buffer, kind: int, layout: Layout | None, depth: int) -> Any:
        if layout is not None:
            return self._structure(body, layout, depth - 1)
        return unpack_uatype(ua.VariantType(kind), body)
