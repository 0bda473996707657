"""A real OPC UA server in its own process whose variables follow the rule, steered in JSON on stdin.

Variables ``P0``, ``P1`` … are there once in each of two namespaces, and each is another tag:
``first``, ``first + 1`` … in the one, going on in the other. Orders, one a line, each answered:
``{"do": "storm", "share": 0.5}`` (so many samples are NaN, infinite or bad), ``{"do": "remove", "name":
"P1"}`` and ``{"do": "add", "name": "P1"}`` (in both namespaces). It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from asyncua import Server, ua

from engine.clock import SystemClock
from engine.drivers.opcua.trust import EPOCH
from engine.testing.demo_plant.certificate import application_uri, server_certificate
from tests.faults.rule import TICK_US, shown

SPACES = ("urn:fault:a", "urn:fault:b")
WRITE_TICKS = 2
BAD_SENSOR = 0x808C0000


class Plant:
    def __init__(self, server: Server, asked: argparse.Namespace) -> None:
        self.server = server
        self.asked = asked
        self.share = 0.0
        self.tags: dict[ua.NodeId, int] = {}
        self.indexes: dict[str, int] = {}
        self.random = random.Random(asked.first)

    def node(self, space: str, name: str) -> ua.NodeId:
        return ua.NodeId(name, self.indexes[space])

    async def add(self, order: dict[str, Any]) -> None:
        for space in SPACES:
            tag = self.asked.first + self.asked.tags * SPACES.index(space) + int(order["name"][1:])
            node = self.node(space, order["name"])
            value = ua.DataValue(ua.Variant(math.nan, ua.VariantType.Double), ua.StatusCode(0x80320000))
            title = ua.QualifiedName(order["name"], node.NamespaceIndex)
            await self.server.nodes.objects.add_variable(node, title, value.Value)
            await self.server.write_attribute_value(node, value)
            self.tags[node] = tag

    async def remove(self, order: dict[str, Any]) -> None:
        for space in SPACES:
            node = self.node(space, order["name"])
            del self.tags[node]
            await self.server.delete_nodes([self.server.get_node(node)])

    async def storm(self, order: dict[str, Any]) -> None:
        self.share = order["share"]

    async def write(self, tick: int) -> None:
        time = EPOCH + timedelta(microseconds=tick * TICK_US)
        for node, tag in tuple(self.tags.items()):
            if node not in self.tags:
                continue  # removed meanwhile
            value, status = shown(tag, tick * TICK_US), 0
            if self.random.random() < self.share:
                value, status = self.random.choice(
                    [(math.nan, 0), (math.inf, 0), (-math.inf, 0), (value, BAD_SENSOR)]
                )
            sample = ua.DataValue(ua.Variant(value, ua.VariantType.Double), ua.StatusCode(status), time)
            await self.server.write_attribute_value(node, sample)

    async def go_on(self) -> None:
        clock = SystemClock()
        while True:
            tick = clock.now_us() // TICK_US // WRITE_TICKS * WRITE_TICKS
            await self.write(tick)
            await clock.sleep(max(0.0, ((tick + WRITE_TICKS) * TICK_US - clock.now_us()) / 1e6))


async def started(asked: argparse.Namespace) -> Plant:
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{asked.port}/fault")
    policies = [ua.SecurityPolicyType.NoSecurity]
    if asked.pki:
        await server.set_application_uri(application_uri("rule"))
        files = server_certificate(Path(asked.pki), "rule", SystemClock().now_us())
        await server.load_certificate(files.certificate.read_bytes(), "der")
        await server.load_private_key(files.key.read_bytes(), format="pem")
        policies = [ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt]
    server.set_security_policy(policies)
    plant = Plant(server, asked)
    for space in SPACES[::-1] if asked.swapped else SPACES:
        plant.indexes[space] = await server.register_namespace(space)
    for number in range(asked.tags):
        await plant.add({"name": f"P{number}"})
    await plant.write(SystemClock().now_us() // TICK_US)
    await server.start()
    return plant


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--tags", type=int, default=4, help="in each of the two namespaces")
    parser.add_argument("--swapped", type=int, default=0)
    parser.add_argument("--pki", default="")
    plant = await started(parser.parse_args())
    going = asyncio.create_task(plant.go_on())
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    assert plant.server.bserver is not None
    print(json.dumps({"port": plant.server.bserver.port}), flush=True)
    while line := await reader.readline():
        order = json.loads(line)
        await getattr(plant, order["do"])(order)
        print(json.dumps({"done": order["do"]}), flush=True)
    going.cancel()
    await plant.server.stop()


if __name__ == "__main__":
    asyncio.run(main())
