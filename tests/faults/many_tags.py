"""Servers with many setpoints in a process of their own, OPC UA and Modbus, and a project that writes them.

``python -m tests.faults.many_tags COUNT`` prints its ports and then takes orders, one a line, each answered
by a line of JSON: ``held`` = the values now, and how often each was written; ``set X`` = all of them are X.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import json
import logging
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asyncua import ua

from engine.typed import unpack
from engine.types import SetInfo
from engine.wire import SetRestoreAnswer, SetRestoreBody, SetSaveBody
from tests.engine.drivers.modbus import writable as registers
from tests.engine.drivers.modbus.peer import UNIT
from tests.engine.drivers.opcua import writable as variables
from tests.people import Person, operated
from tests.running import CLOCK, eyes, start_engine, stop, until

TOLERANCE = 0.01


def paths(count: int) -> list[str]:
    """Half of them on each server."""
    return [f"Line/{'Press' if k < count // 2 else 'Oven'}/Station {k}/Setpoint" for k in range(count)]


@dataclass
class Servers:
    """The process, by its orders."""

    process: subprocess.Popen[str]
    opcua: int
    modbus: int

    def order(self, text: str) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def held(self) -> list[float]:
        """What the devices have, in the order of `paths`."""
        return self.order("held")["values"]

    def writes(self) -> list[int]:
        """How often each was written by a client."""
        return self.order("held")["writes"]


@dataclass
class ManyTags:
    """The project, its servers and its engine."""

    folder: Path
    servers: Servers
    paths: list[str]
    process: Any = None

    def start(self) -> None:
        self.process = start_engine(self.folder)
        with eyes(self.folder) as seen:
            until(seen.all_good, 120, "good values")

    def kill(self) -> None:
        """kill -9, collected."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def set_all(self, value: float) -> None:
        """Somebody sets every tag at the machines, and the engine sees it."""
        self.servers.order(f"set {value}")
        with eyes(self.folder) as seen:
            until(lambda: bool((abs(seen.snapshot().value - value) < TOLERANCE).all()), 60, "they are seen")

    def save(self, person: Person, name: str) -> SetInfo:
        return person.ask("set_save", SetSaveBody(name), SetInfo)

    def begin(self, person: Person, set_id: int, *, is_rollback: bool = False) -> int:
        """Begin to restore all of a set; the number of the job."""
        body = SetRestoreBody(set_id, tuple(self.paths), "test", is_rollback=is_rollback)
        return person.job("set_restore", body)

    def restore(self, person: Person, set_id: int, *, is_rollback: bool = False) -> SetRestoreAnswer:
        """Restore all of a set, to its end."""
        done = person.job_done(self.begin(person, set_id, is_rollback=is_rollback), 3600)
        assert not done.error, done.error
        return unpack(done.result, SetRestoreAnswer)

    def told_of_cut(self) -> dict[str, str]:
        """What the engine says became of each tag of a restore that was cut short: path -> result."""
        (file,) = (self.folder / "data" / "log").glob("restore-*.csv")
        with file.open(newline="", encoding="utf-8") as lines:
            return {row["tag"]: row["result"] for row in csv.DictReader(lines)}


@contextlib.contextmanager
def many_tags(folder: Path, count: int) -> Iterator[ManyTags]:
    """So many setpoints, all 0, their people in stage control, and an engine that sees them all."""
    with _servers(count) as servers:
        made = ManyTags(folder, servers, paths(count))
        _project(made)
        made.start()
        try:
            operated(folder)
            yield made
        finally:
            stop(made.process)


@contextlib.contextmanager
def _servers(count: int) -> Iterator[Servers]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.many_tags", str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    try:
        yield Servers(process, **json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _project(made: ManyTags) -> None:
    half = len(made.paths) // 2
    made.folder.mkdir(parents=True)
    (made.folder / "plant.toml").write_text(
        f"""[plant]
name = "Many"
[security]
second_after_days = 0
[[sources]]
id = "press"
driver = "opcua"
endpoint = "opc.tcp://127.0.0.1:{made.servers.opcua}"
security = "none"
unsecured_writes = true
[[sources]]
id = "oven"
driver = "modbus"
endpoint = "tcp://127.0.0.1:{made.servers.modbus}?unit={UNIT}"
security = "none"
unsecured_writes = true
"""
    )
    (made.folder / "tags.csv").write_text(
        "path,source,address,low,high,rate\n"
        + "".join(
            f"{path},press,nsu={variables.SPACE};s=T{k},0,1000,5\n" if k < half
            else f"{path},oven,holding:{2 * (k - half)}:float32,0,1000,5\n"
            for k, path in enumerate(made.paths)
        )
    )  # fmt: skip
    (made.folder / "writes.csv").write_text(
        "tag,tolerance\n" + "".join(f"{path},{TOLERANCE}\n" for path in made.paths)
    )


async def _serve(count: int) -> None:
    half, rest = count // 2, count - count // 2
    names: dict[str, Any] = {f"T{k}": (ua.VariantType.Double, 0.0) for k in range(half)}
    device = registers.WritableDevice()
    loop = asyncio.get_running_loop()
    async with variables.writable_plc(**names) as plc, registers.serving(device):
        print(json.dumps({"opcua": plc.port, "modbus": device.port}), flush=True)
        while order := await loop.run_in_executor(None, sys.stdin.readline):
            if order.startswith("set "):
                value = float(order.split()[1])
                now = datetime.fromtimestamp(CLOCK.now_us() / 1e6, UTC)
                content = ua.DataValue(ua.Variant(value, ua.VariantType.Double), SourceTimestamp=now)
                for k in range(half):
                    await plc.server.write_attribute_value(variables.node(f"T{k}"), content)
                high, low = struct.unpack(">HH", struct.pack(">f", value))
                device.words.update(
                    {2 * k + at: word for k in range(rest) for at, word in enumerate((high, low))}
                )
            written = Counter(str(each.NodeId.Identifier) for each in plc.writes)
            starts = Counter(int.from_bytes(each[1:3], "big") for each in device.writes)
            space = plc.server.iserver.aspace
            held = [
                space.read_attribute_value(variables.node(f"T{k}"), ua.AttributeIds.Value).Value.Value
                for k in range(half)
            ]
            answer = {
                "values": held + [device.number("f", 2 * k) for k in range(rest)],
                "writes": [written[f"T{k}"] for k in range(half)] + [starts[2 * k] for k in range(rest)],
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    asyncio.run(_serve(int(sys.argv[1])))
