"""Browsing a server's address space, for people who look for a tag's address."""

from __future__ import annotations

from collections.abc import Sequence

from asyncua import Client, ua

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua.address import AddressMistake, parse
from engine.drivers.opcua.describe import describe
from engine.drivers.opcua.ending import stoppable
from engine.drivers.opcua.link import fitted
from engine.drivers.opcua.namespaces import Namespaces, node_id
from engine.drivers.opcua.reading import content, read_all
from engine.drivers.opcua.server import NAMESPACES_NODE, read_values
from engine.drivers.opcua.session import held
from engine.types import BrowseItem

MOST_ITEMS = 5000
"""A folder larger than this is cut: nobody reads further down a list."""


async def browse(context: Context, node: str) -> Sequence[BrowseItem]:
    """The children of a node (an address; "" = the Objects folder), folders and objects first.

    Raises ``NotReady`` and ``Refused``; ``Refused`` also when there is no such node.
    """
    return await stoppable(lambda closing: _browse(context, node))


async def _browse(context: Context, node: str) -> Sequence[BrowseItem]:
    async with held(context) as link:
        (table,) = await read_values(link.client, [NAMESPACES_NODE])
        namespaces = Namespaces(tuple(str(uri) for uri in content(table) or ()), {})
        start = node_id(ua.ObjectIds.ObjectsFolder) if not node else _start(namespaces, node)
        references = await _children(link.client, start, node)
        folders = [r for r in references if r.NodeClass == ua.NodeClass.Object]
        variables = [r for r in references if r.NodeClass == ua.NodeClass.Variable]
        nodes = [ua.NodeId(r.NodeId.Identifier, r.NodeId.NamespaceIndex) for r in variables]
        found = await fitted(link, lambda limits: describe(link.client, limits, nodes))
        asked = [(n, ua.AttributeIds.Value) for n in nodes]
        values = await fitted(link, lambda limits: read_all(link.client, limits, asked))
    items = [BrowseItem(_name(r), namespaces.text(r.NodeId), "folder") for r in folders]
    for reference, about, value in zip(variables, found, values, strict=True):
        address = namespaces.text(reference.NodeId)
        info = about.info
        items.append(
            BrowseItem(_name(reference), address, "variable", info.type, info.unit, _shown(content(value)))
        )
    return items


def _start(namespaces: Namespaces, node: str) -> ua.NodeId:
    try:
        found = namespaces.node_id(parse(node))
    except AddressMistake as mistake:
        raise Refused(str(mistake)) from mistake
    if found is None:
        raise Refused(
            f"the namespace of '{node}' is not on the server",
            f"take one it has: {', '.join(namespaces.uris)}",
        )
    return found


async def _children(client: Client, start: ua.NodeId, node: str) -> list[ua.ReferenceDescription]:
    parameters = ua.BrowseParameters()
    parameters.RequestedMaxReferencesPerNode = MOST_ITEMS
    parameters.NodesToBrowse = [
        ua.BrowseDescription(
            NodeId=start,
            BrowseDirection=ua.BrowseDirection.Forward,
            ReferenceTypeId=node_id(ua.ObjectIds.HierarchicalReferences),
            IncludeSubtypes=True,
            NodeClassMask=int(ua.NodeClass.Object) | int(ua.NodeClass.Variable),
            ResultMask=ua.BrowseResultMask.All,
        )
    ]
    result = (await client.uaclient.browse(parameters))[0]
    if result.StatusCode.value in (ua.StatusCodes.BadNodeIdUnknown, ua.StatusCodes.BadNodeIdInvalid):
        raise Refused(f"the server has no node '{node}'", "browse from the top to find the right address")
    if not result.StatusCode.is_good():
        raise NotReady(
            f"the server does not show what is under '{node}' ({result.StatusCode.name})",
            "look at the access rights of that node at the server",
        )
    references = list(result.References or [])
    while result.ContinuationPoint:
        further = ua.BrowseNextParameters()
        further.ReleaseContinuationPoints = len(references) >= MOST_ITEMS
        further.ContinuationPoints = [result.ContinuationPoint]
        result = (await client.uaclient.browse_next(further))[0]
        if further.ReleaseContinuationPoints:
            break
        references += result.References or []
    return references


def _name(reference: ua.ReferenceDescription) -> str:
    shown = reference.DisplayName.Text if reference.DisplayName is not None else None
    return shown or str(reference.BrowseName.Name)


def _shown(value: object) -> str:
    """A value in a few characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
