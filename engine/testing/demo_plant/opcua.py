"""An OPC UA server of a demo plant: an object tree of typed variables, encrypted and open endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from asyncua import Server, ua
from numpy.typing import NDArray

from engine.drivers.opcua.namespaces import node_id
from engine.testing.demo_plant.addresses import node
from engine.testing.demo_plant.certificate import ServerCertificate, application_uri
from engine.testing.demo_plant.opcua_items import Offer, PlantSubscription, offer
from engine.testing.demo_plant.plant import Plant, Point, Wire
from engine.testing.demo_plant.unece import unit_code

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
_POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]
Changed = Callable[[str, float], None]
"""Told (path, value) when a client wrote a setpoint."""


@dataclass(slots=True, eq=False)
class PlcServer:
    """A running server. ``columns`` = its points' places among the model's values."""

    server: Server
    columns: NDArray[np.int64]
    offered: Offer

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        if self.server.bserver is None:
            raise RuntimeError("the OPC UA server does not run")
        return f"opc.tcp://127.0.0.1:{self.server.bserver.port}"

    async def show(self, values: NDArray[np.float64], due: NDArray[np.bool_], now_us: int) -> None:
        """Take the model's values of the points that are due, bool[points of the plant], as of now."""
        offered = self.offered
        new, mine = values[self.columns], due[self.columns]
        changed = mine & (new != offered.value)
        offered.value[changed] = new[changed]
        offered.time_us[changed] = now_us
        for subscription in self.server.iserver.subscription_service.subscriptions.values():
            if isinstance(subscription, PlantSubscription):
                subscription.sample(changed, now_us)

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        await self.server.stop()


async def start_server(
    plant: Plant,
    points: Sequence[Point],
    first: NDArray[np.float64],
    port: int,
    files: ServerCertificate,
    changed: Changed,
    now_us: int,
) -> PlcServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``OSError`` if the port is taken.

    ``points`` are this server's own, ``first`` the values of all points
    that it begins with, as of ``now_us``.
    """
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/watchroom/{files.name}")
    server.set_server_name(f"Watchroom demo plant, {files.name}")
    await server.set_application_uri(application_uri(files.name))
    await server.load_certificate(files.certificate.read_bytes(), "der")
    await server.load_private_key(files.key.read_bytes(), format="pem")
    server.set_security_policy(_POLICIES)
    server.set_identity_tokens([ua.AnonymousIdentityToken])
    index = await server.register_namespace(plant.namespace)
    nodes = await _Tree(server, plant, index).grow(points, first)
    columns = np.array([point.column for point in points], np.int64)
    offered = Offer(
        column={node: place for place, node in enumerate(nodes)},
        kind=np.array([KINDS[point.spec.wire].value for point in points], np.uint8),
        value=first[columns].copy(),
        time_us=np.full(len(points), now_us),
    )
    _serve_values(server, points, nodes, offered, changed)
    offer(server.iserver.aspace, offered)
    await server.start()
    return PlcServer(server, columns, offered)


def _serve_values(
    server: Server, points: Sequence[Point], nodes: Sequence[ua.NodeId], offered: Offer, changed: Changed
) -> None:
    """Let reads see the arrays, and writes of setpoints reach the model."""
    space, value = server.iserver.aspace, ua.AttributeIds.Value

    def read(node: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:
        place = offered.column[node]
        time = EPOCH + timedelta(microseconds=int(offered.time_us[place]))
        make: Any = ua.DataValue
        content = variant(points[place], float(offered.value[place]))
        return make(content, SourceTimestamp=time, ServerTimestamp=time)

    def write(node: Any, attribute: ua.AttributeIds, written: ua.DataValue) -> None:
        point = points[offered.column[node.nodeid]]
        content = written.Value.Value if written.Value is not None else None
        if isinstance(content, int | float) and np.isfinite(content):
            changed(point.path, float(np.clip(content, point.spec.low, point.spec.high)))

    setter: Any = write
    for point, own in zip(points, nodes, strict=True):
        space.set_attribute_value_callback(own, value, read)
        if point.spec.writable:
            space.set_attribute_value_setter(own, value, setter)


def variant(point: Point, value: float) -> ua.Variant:
    """A value in the variable's own type."""
    kind = KINDS[point.spec.wire]
    if kind is ua.VariantType.Boolean:
        return ua.Variant(bool(value), kind)
    real = kind in (ua.VariantType.Float, ua.VariantType.Double)
    return ua.Variant(value if real else round(value), kind)


class _Tree:
    """The object tree of a server while it grows."""

    def __init__(self, server: Server, plant: Plant, index: int) -> None:
        self._server, self._plant, self._index = server, plant, index
        self._objects: dict[str, Any] = {"": server.nodes.objects}
        self._types: dict[tuple[str, ...], ua.NodeId] = {}

    async def grow(self, points: Sequence[Point], first: NDArray[np.float64]) -> list[ua.NodeId]:
        """Add every point under the objects of its path; gives their node ids."""
        found: list[ua.NodeId] = []
        for number, point in enumerate(points):
            found.append(await self._variable(point, float(first[point.column])))
            if number % 50 == 0:
                await asyncio.sleep(0)  # the other servers of this process start meanwhile
        return found

    async def _object(self, path: str) -> Any:
        if path not in self._objects:
            above, _, name = path.rpartition("/")
            line = self._plant.line
            parent = await self._object("" if above == line else above)
            own = node_id(node(self._plant, path), self._index)
            self._objects[path] = await parent.add_object(own, ua.QualifiedName(name, self._number))
        return self._objects[path]

    @property
    def _number(self) -> Any:
        return self._index

    async def _variable(self, point: Point, first: float) -> ua.NodeId:
        path, spec = point.path, point.spec
        above, _, name = path.rpartition("/")
        parent, text = await self._object(above), node(self._plant, path)
        data_type = await self._data_type(spec.states) if spec.states else None
        made = await parent.add_variable(
            node_id(text, self._index),
            ua.QualifiedName(name, self._number),
            variant(point, first),
            datatype=data_type or node_id(KINDS[spec.wire].value),
        )
        if spec.writable:
            await made.set_writable()
        if not spec.states and spec.wire != "bool":
            bounds = ua.Range(spec.low, spec.high)
            await self._property(made, text, "EURange", bounds)
        if spec.unit:
            await self._property(made, text, "EngineeringUnits", unit(spec.unit))
        return made.nodeid

    async def _property(self, made: Any, text: str, name: str, content: Any) -> None:
        await made.add_property(node_id(f"{text}.{name}", self._index), ua.QualifiedName(name), content)

    async def _data_type(self, states: tuple[str, ...]) -> ua.NodeId:
        """An enumeration with these words; one for all variables that have them."""
        if states not in self._types:
            name = f"Enumeration{len(self._types) + 1}"
            above = self._server.get_node(node_id(ua.ObjectIds.Enumeration))
            made = await above.add_data_type(
                node_id(name, self._index), ua.QualifiedName(name, self._number), description=None
            )
            words = [ua.LocalizedText(word) for word in states]
            await self._property(made, name, "EnumStrings", words)
            self._types[states] = made.nodeid
        return self._types[states]


def unit(text: str) -> ua.EUInformation:
    """Unit with its UNECE code: the characters as a big-endian number (OPC 10000-8, 5.6.4.3)."""
    code = int.from_bytes(unit_code(text).encode("ascii"), "big") if unit_code(text) else -1
    return ua.EUInformation(UNITS, code, ua.LocalizedText(text), ua.LocalizedText(text))
