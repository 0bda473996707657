"""An OPC UA server of a demo plant: an object tree of typed variables, encrypted and open endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from asyncua import Server, ua
from numpy.typing import NDArray

from engine.testing.demo_plant.certificate import ServerCertificate, application_uri
from engine.testing.demo_plant.controller import Write
from engine.testing.demo_plant.opcua_items import Offer, PlantSubscription, offer
from engine.testing.demo_plant.opcua_tree import KINDS, Tree, variant
from engine.testing.demo_plant.opcua_writes import take_writes
from engine.testing.demo_plant.plant import Plant, Point
from engine.testing.demo_plant.play import Block

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


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
        for subscription in self._subscriptions():
            subscription.sample(changed, now_us)

    async def show_block(self, block: Block) -> None:
        """Take those samples of fast points that are this server's."""
        offered = self.offered
        for place, column in enumerate(block.columns.tolist()):
            for variable in np.flatnonzero(self.columns == column).tolist():
                value = block.value[:, place]
                offered.value[variable], offered.time_us[variable] = value[-1], block.time_us[-1]
                for subscription in self._subscriptions():
                    subscription.block(variable, value, block.time_us)

    def _subscriptions(self) -> list[PlantSubscription]:
        every = self.server.iserver.subscription_service.subscriptions.values()
        return [each for each in every if isinstance(each, PlantSubscription)]

    async def stop(self) -> None:
        """Close all connections and stop listening."""
        await self.server.stop()


async def start_server(
    plant: Plant,
    points: Sequence[Point],
    first: NDArray[np.float64],
    port: int,
    files: ServerCertificate,
    write: Write,
    now_us: int,
) -> PlcServer:
    """Listen on 127.0.0.1:``port`` (0 = any free port). Raises ``OSError`` if the port is taken.

    ``points`` are this server's own, ``first`` the values of all points
    that it begins with, as of ``now_us``; ``write`` takes what clients write.
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
    nodes = await Tree(server, plant, index).grow(points, first)
    columns = np.array([point.column for point in points], np.int64)
    offered = Offer(
        column={node: place for place, node in enumerate(nodes)},
        kind=np.array([KINDS[point.spec.wire].value for point in points], np.uint8),
        value=first[columns].copy(),
        time_us=np.full(len(points), now_us),
    )
    _serve_values(server, points, nodes, offered)
    writable = {node: point for node, point in zip(nodes, points, strict=True) if point.spec.writable}
    take_writes(server, writable, write)
    offer(server.iserver.aspace, offered)
    await server.start()
    return PlcServer(server, columns, offered)


def _serve_values(
    server: Server, points: Sequence[Point], nodes: Sequence[ua.NodeId], offered: Offer
) -> None:
    """Let reads see the arrays."""
    space, value = server.iserver.aspace, ua.AttributeIds.Value

    def read(node: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:
        place = offered.column[node]
        time = EPOCH + timedelta(microseconds=int(offered.time_us[place]))
        make: Any = ua.DataValue
        content = variant(points[place], float(offered.value[place]))
        return make(content, SourceTimestamp=time, ServerTimestamp=time)

    for own in nodes:
        space.set_attribute_value_callback(own, value, read)
