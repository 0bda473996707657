"""Bulk reads: many attributes or properties in few round trips, as the server's limits allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from asyncua import Client, ua

from engine.drivers.opcua.namespaces import node_id

MOST_PER_CALL = 250
"""Small enough that a slow PLC answers in time; the server's OperationLimits may lower it."""
VALUE = ua.AttributeIds.Value

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many operations one request may hold."""

    read: int
    translate: int
    monitor: int


async def read_all(
    client: Client, limits: Limits, asked: Sequence[tuple[ua.NodeId, ua.AttributeIds]]
) -> list[ua.DataValue]:
    """Read many attributes with both timestamps, in as many requests as the limits ask."""
    answers: list[ua.DataValue] = []
    for part in in_parts(asked, limits.read):
        answers += await client.uaclient.read(_read(part))
    return answers


def _read(asked: Sequence[tuple[ua.NodeId, ua.AttributeIds]]) -> ua.ReadParameters:
    parameters = ua.ReadParameters()
    parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
    parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node, attribute in asked]
    return parameters


def in_parts(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    """Cut into runs of at most ``most``."""
    cuts = [*range(0, len(items), most), len(items)]
    return [items[a:b] for a, b in pairwise(cuts)]


def content(value: ua.DataValue) -> Any:
    """The bare value of a good answer, else None."""
    good = value.StatusCode is None or value.StatusCode.is_good()
    return value.Value.Value if good and value.Value is not None else None


def local(node: ua.NodeId) -> ua.NodeId:
    """An ExpandedNodeId as the NodeId it means."""
    return ua.NodeId(node.Identifier, node.NamespaceIndex)


async def read_properties(
    client: Client, limits: Limits, nodes: Sequence[ua.NodeId], names: Sequence[str]
) -> list[list[Any]]:
    """Values of the properties ``names`` (of namespace 0) per node, None where absent."""
    paths = [_property_path(node, name) for node in nodes for name in names]
    targets: list[ua.NodeId | None] = []
    for part in in_parts(paths, limits.translate):
        for result in await client.uaclient.translate_browsepaths_to_nodeids(list(part)):
            good = result.StatusCode.is_good() and bool(result.Targets)
            targets.append(local(result.Targets[0].TargetId) if good else None)
    present = [t for t in targets if t is not None]
    read = iter(await read_all(client, limits, [(t, VALUE) for t in present]))
    values = [None if t is None else content(next(read)) for t in targets]
    return [values[k : k + len(names)] for k in range(0, len(values), len(names))]


def _property_path(node: ua.NodeId, name: str) -> ua.BrowsePath:
    make: Any = ua.RelativePathElement
    element = make(
        ReferenceTypeId=node_id(ua.ObjectIds.HasProperty),
        IsInverse=False,
        IncludeSubtypes=True,
        TargetName=ua.QualifiedName(name, 0),
    )
    return ua.BrowsePath(StartingNode=node, RelativePath=ua.RelativePath(Elements=[element]))
