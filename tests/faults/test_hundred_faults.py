"""Many random faults in a row: never a wrong or old value shown as good, every tag right again after each.

One real engine reads two OPC UA servers (one signed and encrypted, one open) and two Modbus units
behind one connection, all in processes of their own behind fault proxies. Every value tells whose it
is and of when (``rule``), and an observer holds the live file to that every 100 ms.

Plain Modbus TCP carries no checksum, nor does an OPC UA link without security: no client can see that
a byte of a value was changed on such a wire. So bytes are garbled there in the headers only (MBAP and
function code; chunk and sequence header), and anywhere on the signed link.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import defaultdict
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from engine import paths
from engine.cli.demo import pin
from engine.testing.fault_proxy import FaultProxy
from tests.faults.links import AUDIT_S, Line, faults_of
from tests.faults.plants import (
    FAN,
    OVEN,
    PRESS,
    PUMP,
    Observer,
    engine_beside,
    modbus_rows,
    modbus_server,
    observing,
    opcua_rows,
    opcua_server,
    told,
    until,
    write_project,
)
from tests.running import CLOCK, facts

pytestmark = [pytest.mark.fault, pytest.mark.system]
TAGS = 4
BACK_S = 45.0
"""Generous: a busy machine, and a device that is asked only every few seconds."""


@contextlib.asynccontextmanager
async def three_lines(folder: Path) -> AsyncGenerator[list[Line]]:
    """The servers behind their proxies, and a project that reads them."""
    pki = folder / "server-pki"
    servers = [
        opcua_server(PRESS, TAGS, pki),
        opcua_server(OVEN, TAGS),
        modbus_server({1: PUMP, 2: FAN}, TAGS),
    ]
    async with contextlib.AsyncExitStack() as stack:
        for server in servers:
            stack.callback(server.kill)
        ports = await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
        proxies = [await stack.enter_async_context(FaultProxy(port)) for port in ports]
        press, oven, pumps = (proxy.port for proxy in proxies)
        sources = [
            {"id": "press", "driver": "opcua", "endpoint": f"opc.tcp://127.0.0.1:{press}"},
            {"id": "oven", "driver": "opcua", "endpoint": f"opc.tcp://127.0.0.1:{oven}", "security": "none"},
            {"id": "pump", "driver": "modbus", "endpoint": f"tcp://127.0.0.1:{pumps}?unit=1"},
            {"id": "fan", "driver": "modbus", "endpoint": f"tcp://127.0.0.1:{pumps}?unit=2"},
        ]
        rows = [*opcua_rows("press", PRESS, TAGS), *opcua_rows("oven", OVEN, TAGS)]
        rows += [*modbus_rows("pump", PUMP, TAGS), *modbus_rows("fan", FAN, TAGS)]
        write_project(folder, sources, rows)
        pin(paths.pki(folder), "press", (pki / "rule.der").read_bytes())
        yield [
            Line("press", servers[0], proxies[0], ("press",), signed=True),
            Line("oven", servers[1], proxies[1], ("oven",)),
            Line("pumps", servers[2], proxies[2], ("pump", "fan")),
        ]


def removed(line: Line) -> list[str]:
    """The tags whose node the fault "remove" takes away: one in each namespace."""
    first = {"press": PRESS, "oven": OVEN}[line.name]
    return [f"Site/{line.name}/T{first + 1 + TAGS * part}" for part in (0, 1)]


async def strike(line: Line, name: str, luck: random.Random, observer: Observer) -> float:
    """One fault on one line, and how many seconds after its end every tag of the line was right again."""
    seconds = luck.uniform(0.3, 5.0)
    print(f"  {line.name}: {name} for {seconds:.1f} s")
    if name == "remove":
        observer.patience_s.update(dict.fromkeys(removed(line), AUDIT_S + 2))
    await faults_of(line)[name](line, luck, seconds)
    mended_us = CLOCK.now_us()
    back_s = await until(
        lambda: observer.all_right(*line.sources, since_us=mended_us),
        BACK_S,
        f"{line.name} right again after {name}",
    )
    if name == "remove":
        for path in removed(line):
            del observer.patience_s[path]
    return back_s


def drawn(lines: list[Line], faults: int, luck: random.Random) -> list[list[tuple[Line, str]]]:
    """The faults in rounds of one for each line at once; every kind comes up before one comes again."""
    left: dict[str, list[str]] = {line.name: [] for line in lines}
    rounds: list[list[tuple[Line, str]]] = []
    while sum(map(len, rounds)) < faults:
        now: list[tuple[Line, str]] = []
        for line in lines[: faults - sum(map(len, rounds))]:
            if not left[line.name]:
                left[line.name] = sorted(faults_of(line))
                luck.shuffle(left[line.name])
            now.append((line, left[line.name].pop()))
        rounds.append(now)
    return rounds


async def prove(folder: Path, faults: int, seed: int) -> None:
    print(f"seed {seed}; again with WATCHROOM_FAULT_SEED={seed}")
    back: dict[str, list[float]] = defaultdict(list)
    async with three_lines(folder) as lines, engine_beside(folder) as process:
        with observing(folder, frozenset({"press", "oven"})) as observer:
            await until(observer.all_right, BACK_S, "every tag is right at first")
            boot = facts(folder).boot
            began_us = CLOCK.mono_us()
            for number, now in enumerate(drawn(lines, faults, random.Random(seed))):
                print(f"round {number}, {(CLOCK.mono_us() - began_us) / 1e6:.0f} s")
                async with asyncio.TaskGroup() as group:
                    tasks = [
                        group.create_task(
                            strike(line, name, random.Random(f"{seed} {number} {line.name}"), observer)
                        )
                        for line, name in now
                    ]
                for (_, name), task in zip(now, tasks, strict=True):
                    back[name].append(task.result())
                assert observer.wrongs == []
            await until(observer.all_right, BACK_S, "every tag is right at last")
            assert process.poll() is None and facts(folder).boot == boot, "the same engine all the time"
        assert observer.wrongs == []
        assert observer.goods > 100 * faults, "there was something to see"
    for name, seconds in sorted(back.items()):
        told(f"right again after {name}", seconds)
    print(
        f"{observer.looks} looks, {observer.goods} good values held to the rule, "
        f"the oldest {observer.oldest_s:.1f} s old"
    )


def seed_of(default: int) -> int:
    return int(os.environ.get("WATCHROOM_FAULT_SEED", default))


@pytest.mark.timeout(300)
async def test_half_a_dozen_random_faults_end_with_every_tag_right(tmp_path: Path) -> None:
    await prove(tmp_path / "plant", 6, seed_of(20_261_122))


@pytest.mark.slow
@pytest.mark.timeout(3000)
async def test_a_hundred_random_faults_end_with_every_tag_right(tmp_path: Path) -> None:
    await prove(tmp_path / "plant", 100, seed_of(CLOCK.now_us() % 1_000_000_000))
