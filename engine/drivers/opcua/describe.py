"""What a server says about its variables: existence, type, unit, range. Bulk reads, few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar, get_args

from asyncua import Client, ua

from engine.drivers.opcua.namespaces import node_id
from engine.types import TagInfo, TypeName

MOST_PER_CALL = 250
"""Small enough that a slow PLC answers in time; the server's OperationLimits may lower it."""
_TYPES: dict[int, TypeName] = {
    ua.ObjectIds.Boolean: "bool",
    ua.ObjectIds.SByte: "int16",
    ua.ObjectIds.Byte: "uint16",
    ua.ObjectIds.Int16: "int16",
    ua.ObjectIds.UInt16: "uint16",
    ua.ObjectIds.Int32: "int32",
    ua.ObjectIds.UInt32: "uint32",
    ua.ObjectIds.Int64: "int64",
    ua.ObjectIds.UInt64: "uint64",
    ua.ObjectIds.Float: "float32",
    ua.ObjectIds.Double: "float64",
    ua.ObjectIds.String: "string",
    ua.ObjectIds.Enumeration: "int32",
}
_ABSTRACT = frozenset(
    (ua.ObjectIds.BaseDataType, ua.ObjectIds.Number, ua.ObjectIds.Integer, ua.ObjectIds.UInteger)
)
_PROPERTIES = ("EURange", "EngineeringUnits", "InstrumentRange")
_UNECE = {
    "BAR": "bar", "CEL": "°C", "KEL": "K", "FAH": "°F", "P1": "%", "AMP": "A", "VLT": "V", "KWT": "kW",
    "WTT": "W", "KWH": "kWh", "MMT": "mm", "CMT": "cm", "MTR": "m", "SEC": "s", "HUR": "h", "HTZ": "Hz",
    "RPM": "rpm", "NEW": "N", "PAL": "Pa", "KPA": "kPa", "MPA": "MPa", "LTR": "l",
    "L2": "l/min", "MQH": "m³/h", "KGM": "kg", "TNE": "t", "C16": "mm/s", "MTS": "m/s", "NU": "N·m",
}  # fmt: skip
"""Common codes of UNECE Recommendation 20, for servers that send the code without a text."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many operations one request may hold."""

    read: int
    translate: int
    monitor: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the server says of one node. ``readable`` = a single number or boolean.

    ``problem`` says in words why there is no value to have, "" if there is.
    """

    exists: bool
    readable: bool
    info: TagInfo
    problem: str = ""


async def read_limits(client: Client) -> Limits:
    """The server's OperationLimits, at most ``MOST_PER_CALL`` each (0 or absent = no limit)."""
    nodes = (
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
        ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    )
    values = [content(v) for v in await client.uaclient.read(_read([(node_id(n), _VALUE) for n in nodes]))]
    most = [min(int(v), MOST_PER_CALL) if isinstance(v, int) and v > 0 else MOST_PER_CALL for v in values]
    return Limits(*most)


async def describe(client: Client, limits: Limits, nodes: Sequence[ua.NodeId]) -> list[Found]:
    """Existence, type, unit and range of variables, in the order given."""
    asked = [(node, attribute) for node in nodes for attribute in (_DATA_TYPE, _VALUE_RANK)]
    answers = await read_all(client, limits, asked)
    types = await _type_names(client, limits, [content(a) for a in answers[::2]])
    present = [node for node, answer in zip(nodes, answers[::2], strict=True) if content(answer) is not None]
    properties = iter(await _read_properties(client, limits, present))
    return [
        _found(data_type, rank, types, next(properties))
        if content(data_type) is not None
        else _missing(data_type)
        for data_type, rank in zip(answers[::2], answers[1::2], strict=True)
    ]


async def read_all(
    client: Client, limits: Limits, asked: Sequence[tuple[ua.NodeId, ua.AttributeIds]]
) -> list[ua.DataValue]:
    """Read many attributes with both timestamps, in as many requests as the limits ask."""
    answers: list[ua.DataValue] = []
    for part in in_parts(asked, limits.read):
        answers += await client.uaclient.read(_read(part))
    return answers


def in_parts(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    """Cut into runs of at most ``most``."""
    cuts = [*range(0, len(items), most), len(items)]
    return [items[a:b] for a, b in pairwise(cuts)]


_VALUE = ua.AttributeIds.Value
_DATA_TYPE = ua.AttributeIds.DataType
_VALUE_RANK = ua.AttributeIds.ValueRank


def _read(asked: Sequence[tuple[ua.NodeId, ua.AttributeIds]]) -> ua.ReadParameters:
    parameters = ua.ReadParameters()
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node, attribute in asked]
    return parameters


def content(value: ua.DataValue) -> Any:
    """The bare value of a good answer, else None."""
    good = value.StatusCode is None or value.StatusCode.is_good()
    return value.Value.Value if good and value.Value is not None else None


def _missing(data_type: ua.DataValue) -> Found:
    code = ua.StatusCode() if data_type.StatusCode is None else data_type.StatusCode
    return Found(False, False, TagInfo(), f"the server answers {code.name}")


def _found(
    data_type: ua.DataValue, rank: ua.DataValue, types: dict[ua.NodeId, str], properties: Sequence[Any]
) -> Found:
    name = types.get(content(data_type), "structure")
    info = _info(name, properties)
    if isinstance(content(rank), int) and content(rank) >= 0:
        return Found(True, False, info, "it is an array; only single values are read yet")
    if name in ("string", "structure"):
        return Found(True, False, info, f"its type is a {name}; only numbers and booleans are read yet")
    return Found(True, True, info)


def _info(name: str, properties: Sequence[Any]) -> TagInfo:
    eu_range, unit, instrument = properties
    span = eu_range if isinstance(eu_range, ua.Range) else instrument
    low, high = (span.Low, span.High) if isinstance(span, ua.Range) else (None, None)
    known: TypeName = next((t for t in get_args(TypeName) if t == name), "")
    return TagInfo(type=known, unit=unit_text(unit), low=low, high=high)


def unit_text(unit: object) -> str:
    """The symbol of an EUInformation: its display name, else its UNECE code read from UnitId.

    UnitId holds the code's characters as a big-endian number (OPC 10000-8, 5.6.4.3).
    """
    if not isinstance(unit, ua.EUInformation):
        return ""
    if unit.DisplayName is not None and unit.DisplayName.Text:
        return str(unit.DisplayName.Text)
    if unit.UnitId <= 0:
        return ""
    code = unit.UnitId.to_bytes(4, "big").strip(b"\0").decode("ascii", "replace")
    return str(_UNECE.get(code, code))


async def _type_names(client: Client, limits: Limits, types: Sequence[Any]) -> dict[ua.NodeId, str]:
    """Our name of each data type, following subtypes up to a built-in one; "" = decided per value."""
    names: dict[ua.NodeId, str] = {}
    towards = {t: t for t in types if isinstance(t, ua.NodeId)}
    for _ in range(8):
        for asked, at in towards.items():
            if (name := _built_in(at)) is not None:
                names[asked] = name
        towards = {asked: at for asked, at in towards.items() if asked not in names}
        if not towards:
            break
        parents = await _supertypes(client, limits, list(towards.values()))
        towards = {a: p for a, p in zip(towards, parents, strict=True) if p is not None}
    return names


def _built_in(data_type: ua.NodeId) -> str | None:
    if data_type.NamespaceIndex != 0 or not isinstance(data_type.Identifier, int):
        return None
    if data_type.Identifier in _ABSTRACT:
        return ""
    if data_type.Identifier <= 25:
        return _TYPES.get(data_type.Identifier, "structure")
    return _TYPES.get(data_type.Identifier)


async def _supertypes(client: Client, limits: Limits, types: Sequence[ua.NodeId]) -> list[ua.NodeId | None]:
    parents: list[ua.NodeId | None] = []
    for part in in_parts(types, limits.read):
        parameters = ua.BrowseParameters()
        parameters.NodesToBrowse = [_upwards(node) for node in part]
        for result in await client.uaclient.browse(parameters):
            references = result.References or []
            parents.append(_local(references[0].NodeId) if references else None)
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


def _local(node: ua.NodeId) -> ua.NodeId:
    """An ExpandedNodeId as the NodeId it means."""
    return ua.NodeId(node.Identifier, node.NamespaceIndex)


async def _read_properties(client: Client, limits: Limits, nodes: Sequence[ua.NodeId]) -> list[list[Any]]:
    """Values of ``_PROPERTIES`` per node, None where absent."""
    paths = [_property_path(node, name) for node in nodes for name in _PROPERTIES]
    targets: list[ua.NodeId | None] = []
    for part in in_parts(paths, limits.translate):
        for result in await client.uaclient.translate_browsepaths_to_nodeids(list(part)):
            good = result.StatusCode.is_good() and bool(result.Targets)
            targets.append(_local(result.Targets[0].TargetId) if good else None)
    present = [t for t in targets if t is not None]
    read = iter(await read_all(client, limits, [(t, _VALUE) for t in present]))
    values = [None if t is None else content(next(read)) for t in targets]
    return [values[k : k + len(_PROPERTIES)] for k in range(0, len(values), len(_PROPERTIES))]


def _property_path(node: ua.NodeId, name: str) -> ua.BrowsePath:
    make: Any = ua.RelativePathElement
    element = make(
        ReferenceTypeId=node_id(ua.ObjectIds.HasProperty),
        IsInverse=False,
        IncludeSubtypes=True,
        TargetName=ua.QualifiedName(name, 0),
    )
    return ua.BrowsePath(StartingNode=node, RelativePath=ua.RelativePath(Elements=[element]))
