"""How long a write takes from select to verified, beside a bare client that writes and reads back.

The demo plants' own servers, each in a process of its own; the engine in another. Ours goes through the gate:
selected (the device is asked, ten checks), confirmed, asked again, sent once, read back, and every step of it
signed in the ledger before the next is taken. The alternative, in turns with ours and on the same server, is
a stock client that stays connected, writes the value and reads it: no checks, no ledger, nobody asked.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from asyncua import Client as OpcuaClient
from asyncua import ua
from pymodbus.client import AsyncModbusTcpClient

from engine.testing.beside import as_float, as_words
from engine.types import Project
from engine.wire import PlantAnswer
from tests.bench.harness import machine
from tests.people import SHIRIN, Person, at, entries, operated
from tests.running import Plant, demo_plant, engine, eyes, until

OPCUA = "Framing line 3/S10 Underbody load/Lift/Force setpoint"
MODBUS = "Utilities/Compressed air/Pressure setpoint"
VALUES = {OPCUA: (8.0, 9.0), MODBUS: (6.0, 6.5)}
ROUND = 20
Bare = Callable[[float], Awaitable[float]]
"""Write a value and give what is read back."""


def run(seconds: float) -> None:
    """Both protocols, each for half of the time, ours and the bare client in turns of 20."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "framing"
        with demo_plant(folder, name="framing") as plant:
            _without_rates(folder)
            with engine(folder):
                operated(folder)
                with eyes(folder) as seen:
                    until(lambda: seen.status(OPCUA) == seen.status(MODBUS) == 0, 90, "values flow")
                _measure(plant, seconds / 2)


def _without_rates(folder: Path) -> None:
    """The setpoints measured have no limit of their rate and no interlock that waits for a cycle."""
    file = folder / "writes.csv"
    rows = file.read_text().splitlines()
    kept = [f"{tag},normal,{low:g},{high:g},,,,,0.05,3,," for tag, (low, high) in _limits().items()]
    file.write_text("\n".join([rows[0], *kept]) + "\n")


def _limits() -> dict[str, tuple[float, float]]:
    return {tag: (low - 1.0, high + 0.4) for tag, (low, high) in VALUES.items()}


def _measure(plant: Plant, seconds: float) -> None:
    print(machine(("asyncua", "pymodbus", "cryptography", "pysqlite3")))
    print(f"payload: one float setpoint; {seconds:.0f} s each protocol, in turns of {ROUND} writes")
    with at(plant.folder, SHIRIN) as person:
        project = person.ask("plant", None, PlantAnswer).project
        for path, bare in ((OPCUA, _bare_opcua), (MODBUS, _bare_modbus)):
            before = len(_of_writes(plant.folder))
            ours, alone, lost = asyncio.run(_in_turns(plant, project, person, path, bare, seconds))
            told = len(_of_writes(plant.folder)) - before
            source = next(tag.source for tag in project.tags if tag.path == path)
            print(f"\n{path} ({source}), {len(ours)} writes each side, {lost} not verified")
            _line("ours, select to verified, through gate and ledger", ours)
            _line("bare client, write and read back", alone)
            print(f"  ledger entries a write: {told / max(1, len(ours)):.1f}")


async def _in_turns(
    plant: Plant, project: Project, person: Person, path: str, bare: Any, seconds: float
) -> tuple[list[float], list[float], int]:
    """Milliseconds of each write of both sides, and how many of either did not end as they should."""
    ours, alone, lost = list[float](), list[float](), 0
    end = time.perf_counter() + seconds
    async with bare(plant, project, path) as write:
        while time.perf_counter() < end:
            for k in range(ROUND):
                value = VALUES[path][k % 2]
                began = time.perf_counter()
                answer = await asyncio.to_thread(person.write, path, value)
                ours.append((time.perf_counter() - began) * 1e3)
                lost += answer.step != "verified"
            for k in range(ROUND):
                value = VALUES[path][k % 2]
                began = time.perf_counter()
                seen = await write(value)
                alone.append((time.perf_counter() - began) * 1e3)
                lost += abs(seen - value) > 0.05
    return ours, alone, lost


@asynccontextmanager
async def _bare_opcua(plant: Plant, project: Project, path: str) -> Any:
    tag = next(tag for tag in project.tags if tag.path == path)
    async with AsyncExitStack() as stack:
        client = OpcuaClient(plant.endpoints[tag.source].replace("localhost", "127.0.0.1"), timeout=20)
        client.session_timeout = 60_000
        await stack.enter_async_context(client)
        uri, _, name = tag.address.removeprefix("nsu=").partition(";")
        node = client.get_node(f"ns={await client.get_namespace_index(uri)};{name}")
        kind = await node.read_data_type_as_variant_type()

        async def write(value: float) -> float:
            written: Any = ua.DataValue(ua.Variant(value, kind), None)
            await node.write_value(written)
            return float(await node.read_value())

        yield write


@asynccontextmanager
async def _bare_modbus(plant: Plant, project: Project, path: str) -> Any:
    tag = next(tag for tag in project.tags if tag.path == path)
    _, start, *order = tag.address.split(":")
    swapped = "swap" in ":".join(order)
    client = AsyncModbusTcpClient("127.0.0.1", port=plant.ports[tag.source], retries=0)
    await client.connect()

    async def write(value: float) -> float:
        await client.write_registers(int(start), as_words(value, swapped=swapped))
        answer = await client.read_holding_registers(int(start), count=2)
        return as_float(answer.registers, swapped=swapped)

    try:
        yield write
    finally:
        client.close()


def _of_writes(folder: Path) -> list[Any]:
    return [each for each in entries(folder) if each["type"].startswith("write_")]


def _line(what: str, times: list[float]) -> None:
    ordered = sorted(times)
    p50, p99 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.99))
    print(f"  {what:50} p50 {p50:7.2f}  p99 {p99:7.2f}  max {ordered[-1]:7.2f} ms", flush=True)
