"""Servers by rule in their own processes, projects that read them, and an observer of the live file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine import paths
from engine.types import SEVERITY_MASK, Snapshot
from tests.faults.rule import age_s
from tests.running import CLOCK, Eyes, eyes, start_engine, stop

ROOT = Path(__file__).resolve().parents[2]
PRESS, OVEN, PUMP, FAN = 1, 101, 201, 301
"""First tag of each source of ``PLANT``."""
SPACES = ("urn:fault:a", "urn:fault:b")
LATE_MODBUS_S = 1.5
"""A device answers with the value of that moment; an answer may be so long under way at most."""
OLD_S = 3.0
SLACK_S = 1.5
"""How much later than on a quiet machine things may happen on a busy one."""


@dataclass
class Server:
    """A server process that takes orders; each is answered once it is carried out."""

    words: list[str]
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    def start(self, *more: str) -> int:
        """Run it, with ``more`` options than before; its port."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.words, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.port = self._answer()["port"]
        return self.port

    def order(self, do: str, **what: Any) -> None:
        """Have something done."""
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        self.process.stdin.flush()
        assert self._answer() == {"done": do}

    def freeze(self) -> None:
        """SIGSTOP: its sockets stay open, nothing is answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, collected."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait(30)
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def _answer(self) -> Any:
        assert self.process is not None and self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        assert ready, "the server process says nothing"
        line = self.process.stdout.readline()
        assert line, f"the server process ended: {self.words}"
        return json.loads(line)


def opcua_server(first: int, tags: int, pki: Path | None = None) -> Server:
    """``2 * tags`` variables by rule, in two namespaces; secured if ``pki`` is given."""
    words = ["tests.faults.rule_opcua", "--first", str(first), "--tags", str(tags)]
    return Server(words + (["--pki", str(pki)] if pki else []))


def modbus_server(units: dict[int, int], tags: int) -> Server:
    """``tags`` values by rule in each unit, whose first tag ``units`` gives."""
    return Server(["tests.faults.rule_modbus", "--units", json.dumps(units), "--tags", str(tags)])


def opcua_rows(source: str, first: int, tags: int, rate: float = 5.0) -> list[str]:
    """Rows of tags.csv for all variables of an ``opcua_server``."""
    return [
        f"Site/{source}/T{first + tags * part + k},{source},nsu={space};s=P{k},{rate:g}"
        for part, space in enumerate(SPACES)
        for k in range(tags)
    ]


def modbus_rows(source: str, first: int, tags: int, rate: float = 4.0) -> list[str]:
    """Rows of tags.csv for one unit of a ``modbus_server``."""
    kinds = ("float64", "uint32")
    return [
        f"Site/{source}/T{first + k},{source},holding:{10 * k}:{kinds[k % 2]},{rate:g}" for k in range(tags)
    ]


def write_project(folder: Path, sources: list[dict[str, str]], rows: list[str]) -> Path:
    """A project folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["[plant]", 'name = "Faults"']
    for source in sources:
        lines += ["", "[[sources]]", *(f'{key} = "{value}"' for key, value in source.items())]
    (folder / "plant.toml").write_text("\n".join(lines) + "\n")
    (folder / "tags.csv").write_text("\n".join(["path,source,address,rate", *rows]) + "\n")
    paths.data(folder)
    return folder


@dataclass
class Observer:
    """Looks at the live file every 100 ms, in a thread of its own, and holds every Good to the rule.

    ``by_time`` are the sources whose samples carry the device's own time. ``patience_s`` are the tags
    whose loss the device itself does not tell, and the time within which it is found.
    """

    seen: Eyes
    by_time: frozenset[str]
    looks: int = 0
    wrongs: list[str] = field(default_factory=list)
    goods: int = 0
    oldest_s: float = 0.0
    last: Snapshot | None = None
    right: frozenset[str] = frozenset()
    patience_s: dict[str, float] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Until ``end``."""
        while not self._ended.wait(0.1):
            self.look()

    def end(self) -> None:
        """No more looks."""
        self._ended.set()

    def look(self) -> None:
        """One snapshot against the rule."""
        now_us = CLOCK.now_us()
        snapshot = self.seen.snapshot()
        right: set[str] = set()
        for path, row in self.seen.rows.items():
            if snapshot.status[row] & np.uint32(SEVERITY_MASK) or snapshot.stale[row]:
                continue
            problem = self._problem(path, snapshot, row, now_us)
            self.goods += 1
            if problem:
                self.wrongs.append(f"at {now_us}: {path} {problem}")
            else:
                right.add(path)
        self.last, self.right, self.looks = snapshot, frozenset(right), self.looks + 1

    def _problem(self, path: str, snapshot: Snapshot, row: int, now_us: int) -> str:
        """What is the matter with a value shown as good, "" if nothing."""
        _, source, name = path.split("/")
        value, time_us = float(snapshot.value[row]), int(snapshot.source_time_us[row])
        late_s = age_s(int(name[1:]), value, time_us)
        if late_s is None:
            return f"shows {value!r}, which was never its own"
        most_s = 0.0 if source in self.by_time else LATE_MODBUS_S
        if not -0.1 <= late_s <= most_s:
            return f"shows {value!r} of {late_s:.1f} s before its time"
        old_s = (now_us - time_us) / 1e6
        self.oldest_s = max(self.oldest_s, old_s)
        most_s = self.patience_s.get(path, OLD_S) + SLACK_S
        return f"is good though {old_s:.1f} s old" if old_s > most_s else ""

    def all_right(self, *sources: str, since_us: int = 0) -> bool:
        """Whether every tag (of these sources) was good and right at the last look, and sampled since."""
        wanted = {path for path in self.seen.rows if not sources or path.split("/")[1] in sources}
        if self.last is None or not wanted <= self.right:
            return False
        return all(self.last.source_time_us[self.seen.rows[path]] >= since_us for path in wanted)

    def none_good(self, *sources: str) -> bool:
        """Whether no tag of these sources was good at the last look."""
        return not any(path.split("/")[1] in sources for path in self.right)


@contextlib.contextmanager
def observing(folder: Path, by_time: frozenset[str]) -> Iterator[Observer]:
    """An observer at work on a running engine."""
    with eyes(folder) as seen:
        observer = Observer(seen, by_time)
        observer.look()
        thread = threading.Thread(target=observer.watch, name="observer")
        thread.start()
        try:
            yield observer
        finally:
            observer.end()
            thread.join()


@contextlib.asynccontextmanager
async def engine_beside(folder: Path) -> AsyncGenerator[subprocess.Popen[str]]:
    """The engine of a project, started and stopped without holding up this loop's proxies."""
    process = await asyncio.to_thread(start_engine, folder)
    try:
        yield process
    finally:
        await asyncio.to_thread(stop, process)


async def until(fact: Callable[[], object], seconds: float, what: str = "") -> float:
    """Wait until ``fact`` holds; how many seconds it took. Fails after ``seconds``."""
    began_us = CLOCK.mono_us()
    while not fact():
        if CLOCK.mono_us() - began_us > seconds * 1e6:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(0.02)
    return (CLOCK.mono_us() - began_us) / 1e6


def told(name: str, seconds: list[float]) -> None:
    """Print how long something took: p50, p95 and the longest."""
    p50, p95 = np.percentile(seconds, [50, 95])
    print(f"{name:34s} p50 {p50:5.2f}  p95 {p95:5.2f}  max {max(seconds):5.2f} s  (N = {len(seconds)})")
