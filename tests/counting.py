"""A plant that counts: every tag says how many ticks have passed, so each alarm comes at a known instant."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.testing.opcua_load import NAMESPACE
from engine.types import AlarmChange
from tests.faults.plants import write_project

TICK_MS = 100


@dataclass(frozen=True, slots=True)
class Rise:
    """A limit that its tag passes at a tick; ``part`` = of what it is a part."""

    tag: int
    name: str
    tick: int
    priority: int
    part: str = ""

    @property
    def path(self) -> str:
        """Twenty units, with a hundredth of two thousand tags each."""
        return f"Site/Unit {self.tag % 20}/Device {self.tag // 20}/Level"


def flood(count: int, tags: int, ticks: range, part: str = "flood") -> list[Rise]:
    """So many alarms evenly over ``ticks``; of twenty one is critical, three are high (5/15/80)."""
    found: list[Rise] = []
    for k in range(count):
        priority = 1 if k % 20 == 7 else 2 if k % 20 in (3, 11, 17) else 3
        found.append(Rise(k % tags, f"{part} {k // tags}", ticks[k * len(ticks) // count], priority, part))
    return found


def project(folder: Path, port: int, tags: int, rises: Sequence[Rise]) -> Path:
    """A project on a counting plant."""
    endpoint = f"opc.tcp://127.0.0.1:{port}/load"
    source = {"id": "load", "driver": "opcua", "endpoint": endpoint, "security": "none"}
    rows = [f"{Rise(k, '', 0, 0).path},load,nsu={NAMESPACE};i={k + 1},10" for k in range(tags)]
    write_project(folder, [source], rows)
    lines = ["path,kind,limit,priority,name,message,cause,response"]
    for each in rises:
        lines.append(
            f"{each.path},h,{each.tick - 0.5},{each.priority},{each.name},Level high,inflow,close it"
        )
    (folder / "alarms.csv").write_text("\n".join(lines) + "\n")
    return folder


class Counting:
    """The plant's process and port; it counts once it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port: int = json.loads(self._line())["port"]

    def order(self, what: str) -> dict[str, Any]:
        """``start``, ``stop`` or ``report``; its figures."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what}) + "\n")
        self.process.stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def counting_plant(tags: int) -> Generator[Counting]:
    """A plant of so many tags, ten ticks a second."""
    words = ["engine.testing.opcua_load", "--items", str(tags), "--publish-ms", str(TICK_MS)]
    with subprocess.Popen(
        [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Counting(process)
        finally:
            process.kill()


def came(changes: Sequence[AlarmChange]) -> list[AlarmChange]:
    """The alarms of limits that came, in the order of the journal."""
    return [each for each in changes if each.what == "active" and each.kind == "h"]


def lost(rises: Sequence[Rise], changes: Sequence[AlarmChange]) -> int:
    """Alarms that are not in the journal exactly once."""
    found = [(each.path, each.name) for each in came(changes)]
    missing = {(each.path, each.name) for each in rises} - set(found)
    return len(missing) + len(found) - len(set(found))


def unordered(changes: Sequence[AlarmChange]) -> int:
    """Alarms that stand in the journal after one that came later."""
    times = [each.source_us for each in came(changes)]
    return sum(later < earlier for earlier, later in zip(times, times[1:], strict=False))
