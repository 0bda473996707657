"""Real engines, demo plants and projects for system and fault tests."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from engine import paths
from engine.cli.demo import PlantReady, place
from engine.client import Client, EngineAbsent
from engine.clock import SystemClock
from engine.typed import from_json
from engine.types import Snapshot
from engine.wire import PlantAnswer

CLOCK = SystemClock()
PRESSURE = "Framing line 3/S50 Roof press/Hydraulics/Pressure"
AIR = "Utilities/Compressed air/Pressure"
Found = TypeVar("Found")


def until(condition: Callable[[], Found], seconds: float = 15.0, what: str = "") -> Found:
    """The first true answer of ``condition``, asked every 20 ms. Fails after ``seconds``."""
    deadline = CLOCK.mono_us() + seconds * 1e6
    tick = threading.Event()
    while True:
        found = condition()
        if found:
            return found
        if CLOCK.mono_us() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what or condition}")
        tick.wait(0.02)


def watchroom(*words: str | Path, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run one command line verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass
class Plant:
    """A running demo plant and the project folder that points at it."""

    folder: Path
    process: subprocess.Popen[str]
    endpoints: dict[str, str]

    @property
    def ports(self) -> dict[str, int]:
        """Port of each server by source id."""
        return {source: int(endpoint.rpartition(":")[2]) for source, endpoint in self.endpoints.items()}

    def freeze(self) -> None:
        """Both servers stop answering, their sockets stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """They go on."""
        self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def demo_plant(
    folder: Path, ports: Mapping[str, int] | None = None, name: str = "press", options: Sequence[str] = ()
) -> Iterator[Plant]:
    """The project of a demo plant in ``folder`` with its plant running; the small plant unless named."""
    shutil.copytree(paths.resources() / "demo" / name, folder, dirs_exist_ok=True)
    with (folder / "plant.toml").open("a") as file:
        # One administrator makes everybody of a test, and they work together at once.
        file.write("\n[security]\nsecond_after_days = 0\n")
    words = ["--plant", name, "--pki", str(folder / "plant-pki"), *options]
    for source, port in (ports or {}).items():
        words += ["--port", f"{source}={port}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.testing.demo_plant", *words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        ready = from_json(process.stdout.readline(), PlantReady)
        place(folder, ready)
        yield Plant(folder, process, ready.endpoints)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)
        process.stdout.close()


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The engine of a project in the foreground, ready; stopped by SIGTERM at the end."""
    process = start_engine(folder)
    try:
        yield process
    finally:
        stop(process)


def start_engine(folder: Path) -> subprocess.Popen[str]:
    """The engine's process once it said that it is ready."""
    with (paths.log(folder) / "test-engine.out").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", "engine", str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (paths.log(folder) / "test-engine.out").read_text()
    assert json.loads(line) == {"ready": True, "pid": process.pid}
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """End a process politely, and collect it."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        assert process.stdout is not None
        process.stdout.close()


@dataclass
class Eyes:
    """What a client sees of a project's tags, by path."""

    client: Client
    rows: dict[str, int]

    def snapshot(self) -> Snapshot:
        return self.client.live.snapshot(CLOCK.mono_us())

    def status(self, path: str) -> int:
        return int(self.snapshot().status[self.rows[path]])

    def value(self, path: str) -> float:
        return float(self.snapshot().value[self.rows[path]])

    def all_good(self) -> bool:
        return bool((self.snapshot().status == 0).all())


@contextlib.contextmanager
def eyes(folder: Path, role: str = "test") -> Iterator[Eyes]:
    """A client on a running engine."""
    client = Client(folder, role)
    try:
        plant = client.call("plant", None, PlantAnswer)
        yield Eyes(client, {tag.path: row for row, tag in enumerate(plant.project.tags)})
    finally:
        client.close()


def stop_detached(folder: Path) -> None:
    """Stop an engine that somebody else started for this project, and wait until it is gone."""
    try:
        client = Client(folder, "test")
    except EngineAbsent:
        return
    pid = client.hello.pid
    try:
        with contextlib.suppress(EngineAbsent):  # its window closed just now, and it is ending by itself
            client.call("stop", None, bool)
    finally:
        client.close()
    until(lambda: not alive(pid), 10, "the engine ends")


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def facts(folder: Path) -> Any:
    """engine.json of a project."""
    return paths.read_facts(folder)


def kill(pid: int) -> None:
    """kill -9."""
    os.kill(pid, signal.SIGKILL)
