"""Namespace URIs and indexes: a tag must never read another node because a server renumbered."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncua import ua

from engine.drivers.opcua.address import NodeAddress, address_text

KINDS = {
    ua.NodeIdType.TwoByte: "i",
    ua.NodeIdType.FourByte: "i",
    ua.NodeIdType.Numeric: "i",
    ua.NodeIdType.String: "s",
    ua.NodeIdType.Guid: "g",
    ua.NodeIdType.ByteString: "b",
}
"""The letter of each kind of node id in an address."""


def node_id(identifier: object, index: int = 0) -> ua.NodeId:
    """A node id from plain Python values; asyncua's own signature asks for its number classes."""
    make: Any = ua.NodeId
    return make(identifier, index)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The server's namespace table of this connection, and what indexes meant before."""

    uris: tuple[str, ...]
    meant: dict[int, str]

    def node_id(self, address: NodeAddress) -> ua.NodeId | None:
        """The node id on this server now; None if its namespace is unknown or has changed places.

        An address by index holds only while the index means what it meant at first.
        """
        index = address.index
        if address.uri:
            if address.uri not in self.uris:
                return None
            index = self.uris.index(address.uri)
        elif index >= len(self.uris) or self.meant.get(index, self.uris[index]) != self.uris[index]:
            return None
        return node_id(address.identifier, index)

    def text(self, node: ua.NodeId) -> str:
        """A node id with its namespace URI, to paste into tags.csv."""
        index = node.NamespaceIndex
        uri = self.uris[index] if 0 < index < len(self.uris) else ""
        identifier: object = node.Identifier
        kind = KINDS[node.NodeIdType]
        if kind == "b" and isinstance(identifier, str):
            identifier = base64.b64decode(identifier)
        if index and not uri:
            return f"ns={index};{address_text('', kind, identifier)}"
        return address_text(uri, kind, identifier)


def remember(meant: dict[int, str], uris: Sequence[str]) -> Namespaces:
    """The namespace table with a memory in which an index keeps its first meaning; adds what is new."""
    for index, uri in enumerate(uris):
        meant.setdefault(index, uri)
    return Namespaces(tuple(uris), dict(meant))
