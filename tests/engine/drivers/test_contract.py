"""The whole driver contract on the drivers we ship, each with a real server (``engine.testing``)."""

from __future__ import annotations

import asyncio
import json
import os
import select
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from engine.drivers import modbus, opcua
from engine.testing.driver_checks import CHECKS, Check
from engine.testing.write_checks import WRITE_CHECKS, WriteCheck
from engine.types import Source, Tag

pytestmark = [pytest.mark.system, pytest.mark.fault, pytest.mark.timeout(180)]
ROOT = Path(__file__).resolve().parents[3]
SPACE = "urn:test:a"
NAMES = ("Pressure", "Level", "Speed")
WRITE_HOLDING, READ_HOLDING = 16, 3


def each_check(check: Check | WriteCheck) -> str:
    return check.__name__


class OpcuaRig:
    """The stock asyncua server in a process of its own."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.tags = tuple(
            Tag(k, f"A/{name}", "plc", f"nsu={SPACE};s={name}", rate=5.0) for k, name in enumerate(NAMES, 1)
        )
        self.unknown = Tag(9, "A/Nothing", "plc", f"nsu={SPACE};s=Nothing", rate=5.0)
        self.real = self.tags[1]
        self.values: dict[str, float] = dict.fromkeys(NAMES, 0.5)

    def source(self, port: int) -> Source:
        return Source("plc", "opcua", f"opc.tcp://127.0.0.1:{port}", "none", unsecured_writes=True)

    async def start(self) -> int:
        nodes = [{"uri": SPACE, "name": name, "value": value} for name, value in self.values.items()]
        return await asyncio.to_thread(self._spawn, nodes)

    def _spawn(self, nodes: list[dict[str, Any]]) -> int:
        command = [sys.executable, "-m", "tests.engine.drivers.opcua.server", "--nodes", json.dumps(nodes)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        return int(self._answer()["port"])

    def _answer(self) -> Any:
        assert self.process is not None and self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 30)[0], "the server process says nothing"
        return json.loads(self.process.stdout.readline())

    async def stop(self) -> None:
        if self.process is not None:
            assert self.process.stdin is not None and self.process.stdout is not None
            self.process.kill()
            await asyncio.to_thread(self.process.wait, 10)
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None

    async def set(self, tag: Tag, value: float) -> None:
        assert self.process is not None and self.process.stdin is not None
        name = tag.path.removeprefix("A/")
        self.values[name] = value
        order = {"do": "write", "uri": SPACE, "name": name, "values": [value]}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        assert (await asyncio.to_thread(self._answer)) == {"done": "write"}

    async def get(self, tag: Tag) -> float:
        assert self.process is not None and self.process.stdin is not None
        order = {"do": "read", "uri": SPACE, "name": tag.path.removeprefix("A/")}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return float((await asyncio.to_thread(self._answer))["value"])


class ModbusRig:
    """pymodbus's server; float32 registers."""

    def __init__(self) -> None:
        self.server: ModbusTcpServer | None = None
        self.tags = tuple(
            Tag(k, f"A/{name}", "plc", f"holding:{10 * k}:float32", rate=5.0)
            for k, name in enumerate(NAMES, 1)
        )
        self.unknown = Tag(9, "A/Nothing", "plc", "holding:500:float32", rate=5.0)
        self.real = self.tags[1]
        self.values = {tag.tag_id: 0.5 for tag in self.tags}

    def source(self, port: int) -> Source:
        return Source("plc", "modbus", f"tcp://127.0.0.1:{port}?unit=7", unsecured_writes=True)

    async def start(self) -> int:
        inputs = [SimData(0, count=100, values=0, datatype=DataType.REGISTERS)]
        bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        self.server = ModbusTcpServer(SimDevice(7, (bits, bits, inputs, inputs)), address=("127.0.0.1", 0))
        await self.server.serve_forever(background=True)
        for tag in self.tags:
            await self.set(tag, self.values[tag.tag_id])
        return int(self.server.transport.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.shutdown()
            self.server = None
            await asyncio.sleep(0)

    async def set(self, tag: Tag, value: float) -> None:
        assert self.server is not None
        self.values[tag.tag_id] = value
        words = list(struct.unpack(">HH", struct.pack(">f", value)))
        await self.server.async_setValues(7, WRITE_HOLDING, int(tag.address.split(":")[1]), words)

    async def get(self, tag: Tag) -> float:
        assert self.server is not None
        words = await self.server.async_getValues(7, READ_HOLDING, int(tag.address.split(":")[1]), 2)
        assert isinstance(words, list)
        return struct.unpack(">f", struct.pack(">HH", *words))[0]


@pytest.mark.parametrize("check", CHECKS, ids=each_check)
async def test_opcua_keeps_the_contract(check: Check) -> None:
    await check(opcua.DRIVER, OpcuaRig())


@pytest.mark.parametrize("check", CHECKS, ids=each_check)
async def test_modbus_keeps_the_contract(check: Check) -> None:
    await check(modbus.DRIVER, ModbusRig())


@pytest.mark.parametrize("check", WRITE_CHECKS, ids=each_check)
async def test_opcua_writes_keep_the_contract(check: WriteCheck) -> None:
    await check(opcua.DRIVER, OpcuaRig())


@pytest.mark.parametrize("check", WRITE_CHECKS, ids=each_check)
async def test_modbus_writes_keep_the_contract(check: WriteCheck) -> None:
    await check(modbus.DRIVER, ModbusRig())
