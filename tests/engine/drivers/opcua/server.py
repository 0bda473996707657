"""A small real OPC UA server in its own process, steered through its standard input.

Each line is an order in JSON, ``{"do": "add" | "write" | …, …}``, a method of ``Nodes``, ``Faults`` or
``Alarms``; each gets a line back.
``--nodes`` says which nodes it has. Namespaces are registered in the order of ``--namespaces``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from asyncua import Server, ua
from asyncua.common.utils import ServiceError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import SystemClock
from engine.drivers.opcua.identity import self_signed
from engine.drivers.opcua.trust import EPOCH
from tests.engine.drivers.opcua.alarms import Alarms
from tests.engine.drivers.opcua.faults import Faults, shift_clock

URI = "urn:test:server"


async def make(asked: argparse.Namespace) -> tuple[Server, dict[str, int]]:
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{asked.port}/test")
    await server.set_application_uri(asked.uri)
    policies = [ua.SecurityPolicyType.NoSecurity]
    if asked.pki:
        await secure(server, Path(asked.pki), asked.trust)
        policies.append(ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt)
        policies.append(ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
    server.set_security_policy(policies)
    spaces = {uri: await server.register_namespace(uri) for uri in asked.namespaces.split(",")}
    return server, spaces


async def secure(server: Server, pki: Path, trusted: str) -> None:
    pki.mkdir(parents=True, exist_ok=True)
    if not (pki / "server.der").exists():
        now_us = SystemClock().now_us() + int(asked_shift(pki) * 1e6)
        der, pem = self_signed("Test server", URI, ["localhost"], now_us, 1)
        (pki / "server.der").write_bytes(der)
        (pki / "server.pem").write_bytes(pem)
    await server.load_certificate((pki / "server.der").read_bytes(), "der")
    await server.load_private_key((pki / "server.pem").read_bytes(), format="pem")
    if trusted:
        server.set_certificate_validator(only_from(Path(trusted)))


def only_from(folder: Path) -> Callable[[x509.Certificate, Any], Awaitable[None]]:
    """Let in only clients whose certificate lies in the folder."""

    async def validate(certificate: x509.Certificate, _: Any) -> None:
        der = certificate.public_bytes(Encoding.DER)
        if not any(file.read_bytes() == der for file in folder.glob("*.der")):
            raise ServiceError(ua.StatusCodes.BadCertificateUntrusted)

    return validate


def asked_shift(pki: Path) -> float:
    """Seconds by which the certificate's life is moved; a file, so that it outlives a restart."""
    file = pki / "shift"
    return float(file.read_text()) if file.exists() else 0.0


class Nodes:
    def __init__(self, server: Server, spaces: dict[str, int]) -> None:
        self._server = server
        self._spaces = spaces
        self.shift = timedelta()

    def _id(self, order: dict[str, Any]) -> ua.NodeId:
        return ua.NodeId(order["name"], self._spaces[order["uri"]])

    async def add(self, order: dict[str, Any]) -> None:
        kind = ua.VariantType[order.get("type", "Double")]
        node = self._id(order)
        made = await self._server.nodes.objects.add_variable(
            node, ua.QualifiedName(order["name"], node.NamespaceIndex), ua.Variant(order["value"], kind)
        )
        await made.set_writable()

    async def write(self, order: dict[str, Any]) -> None:
        kind = ua.VariantType[order.get("type", "Double")]
        for value in order["values"]:
            time = EPOCH + timedelta(microseconds=SystemClock().now_us()) + self.shift
            sample = ua.DataValue(ua.Variant(value, kind), ua.StatusCode(order.get("status", 0)), time)
            await self._server.write_attribute_value(self._id(order), sample)

    async def read(self, order: dict[str, Any]) -> dict[str, Any]:
        """What a node holds."""
        return {"value": await self._server.get_node(self._id(order)).read_value()}

    async def delete(self, order: dict[str, Any]) -> None:
        await self._server.delete_nodes([self._server.get_node(self._id(order))])

    async def keep(self, order: dict[str, Any]) -> None:
        """Keep the history of a node."""
        await self._server.historize_node_data_change(self._server.get_node(self._id(order)), count=1000)

    async def property(self, order: dict[str, Any]) -> None:
        """Give a node a unit, or another one."""
        node = self._server.get_node(self._id(order))
        unit = ua.EUInformation(
            "urn:test", 0, ua.LocalizedText(order["unit"]), ua.LocalizedText(order["unit"])
        )
        for child in await node.get_properties():
            await self._server.delete_nodes([child])
        await node.add_property(
            ua.NodeId(f"{order['name']}.{order['unit']}", self._spaces[order["uri"]]),
            ua.QualifiedName("EngineeringUnits", 0),
            unit,
        )

    async def capability(self, order: dict[str, Any]) -> None:
        """State a limit, without keeping to it."""
        node = self._server.get_node(
            ua.NodeId(getattr(ua.ObjectIds, f"Server_ServerCapabilities_{order['name']}"))
        )
        await node.write_value(ua.Variant(order["value"], ua.VariantType.UInt32))

    async def state(self, order: dict[str, Any]) -> None:
        node = self._server.get_node(ua.NodeId(ua.ObjectIds.Server_ServerStatus_State))
        await node.write_value(ua.Variant(order["state"], ua.VariantType.Int32))


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--namespaces", default="urn:test:a")
    parser.add_argument("--pki", default="")
    parser.add_argument("--uri", default=URI, help="what the server calls itself; its certificate keeps URI")
    parser.add_argument("--trust", default="")
    parser.add_argument("--nodes", default="[]")
    parser.add_argument("--shift", type=float, default=0.0, help="seconds its clock is ahead")
    asked = parser.parse_args()
    server, spaces = await make(asked)
    nodes, faults = Nodes(server, spaces), Faults(server)
    alarms = Alarms(server, min(spaces.values()))
    nodes.shift = shift_clock(asked.shift)
    for order in json.loads(asked.nodes):
        await nodes.add(order)
    await server.start()
    assert server.bserver is not None
    print(json.dumps({"port": server.bserver.port}), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        one = next(each for each in (nodes, faults, alarms) if hasattr(each, order["do"]))
        answer = await getattr(one, order["do"])(order)
        print(json.dumps({"done": order["do"], **(answer or {})}), flush=True)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
