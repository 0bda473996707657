"""The demo plant's OPC UA server: typed nodes with range and unit, encrypted and open endpoints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import Server, ua

from engine.drivers.opcua.namespaces import node_id
from engine.testing.demo_plant.certificate import APPLICATION_URI, ServerCertificate
from engine.testing.demo_plant.points import NAMESPACE, SERVER_POINTS, ServerPoint

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = "http://www.opcfoundation.org/UA/units/un/cefact"
_POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


class PressServer:
    """The server and its variables; ``write`` puts new values on the wire."""

    def __init__(self, server: Server, nodes: dict[str, ua.NodeId]) -> None:
        self._server = server
        self._nodes = nodes

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server.bserver is None:
            raise RuntimeError("the OPC UA server does not run")
        return self._server.bserver.port

    async def write(self, point: ServerPoint, value: float, time_us: int) -> None:
        """Set a variable's value with its source time."""
        time = EPOCH + timedelta(microseconds=time_us)
        make: Any = ua.DataValue
        sample = make(variant(point, value), SourceTimestamp=time, ServerTimestamp=time)
        await self._server.write_attribute_value(self._nodes[point.name], sample)

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        await self._server.stop()


def variant(point: ServerPoint, value: float) -> ua.Variant:
    """A value in the variable's own type."""
    kind = ua.VariantType[point.type]
    if point.type == "Boolean":
        return ua.Variant(bool(value), kind)
    return ua.Variant(int(value) if point.type in ("Int32", "UInt32") else float(value), kind)


async def start_server(port: int, files: ServerCertificate) -> PressServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``OSError`` if the port is taken."""
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/watchroom/demo")
    server.set_server_name("Watchroom demo plant")
    await server.set_application_uri(APPLICATION_URI)
    await server.load_certificate(files.certificate.read_bytes(), "der")
    await server.load_private_key(files.key.read_bytes(), format="pem")
    server.set_security_policy(_POLICIES)
    server.set_identity_tokens([ua.AnonymousIdentityToken])
    index = await server.register_namespace(NAMESPACE)
    press = await server.nodes.objects.add_object(
        node_id("S50", index), ua.QualifiedName("S50 Roof press", index)
    )
    nodes = {point.name: await _add(press, index, point) for point in SERVER_POINTS}
    await server.start()
    return PressServer(server, nodes)


async def _add(parent: Any, index: int, point: ServerPoint) -> ua.NodeId:
    name = ua.QualifiedName(point.name.partition(".")[2], index)
    data_type = node_id(getattr(ua.ObjectIds, point.type))
    node = await parent.add_variable(
        node_id(point.name, index), name, variant(point, 0.0), datatype=data_type
    )
    if point.type != "Boolean":
        await node.add_property(
            node_id(f"{point.name}.EURange", index),
            ua.QualifiedName("EURange", 0),
            ua.Range(point.low, point.high),
        )
    if point.unit:
        await node.add_property(
            node_id(f"{point.name}.EngineeringUnits", index),
            ua.QualifiedName("EngineeringUnits", 0),
            unit(point),
        )
    return node.nodeid


def unit(point: ServerPoint) -> ua.EUInformation:
    """Unit with its UNECE code: the characters as a big-endian number (OPC 10000-8, 5.6.4.3)."""
    code = int.from_bytes(point.code.encode("ascii"), "big")
    return ua.EUInformation(UNITS, code, ua.LocalizedText(point.unit), ua.LocalizedText(point.unit))
