"""The parts of a soak: servers behind proxies, the project that reads them, and its engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from engine import config, paths
from engine.clock import SystemClock
from engine.drivers.opcua.trust import pin
from engine.paths import SAFE_PATH
from engine.testing.demo_plant.certificate import server_certificate
from engine.testing.demo_plant.plant import Plant
from engine.testing.fault_proxy import FaultProxy

START_S = 120.0
STOP_S = 12.0


class SoakFailed(Exception):
    """The soak cannot go on; the text says why and where to look."""


@dataclass(frozen=True)
class Place:
    """The folder of a soak: the project, and beside it what the soak itself writes."""

    folder: Path

    @property
    def project(self) -> Path:
        """The engine's project folder."""
        return self.folder / "project"

    @property
    def pki(self) -> Path:
        """Certificates of the servers."""
        return self.folder / "server-pki"

    @property
    def log(self) -> Path:
        """What all processes of the soak said."""
        return self.folder / "soak.log"

    @property
    def plan(self) -> Path:
        """What the judge has to know (`judge.Plan`)."""
        return self.folder / "plan.json"

    @property
    def seen(self) -> Path:
        """Live values that were shown as good."""
        return self.folder / "seen.bin"

    @property
    def kills(self) -> Path:
        """When the engine was killed: UTC microseconds, int64 each."""
        return self.folder / "kills.bin"

    def ticks(self, source: str) -> Path:
        """The ticks that a server showed."""
        return self.folder / f"ticks-{source}.bin"


@dataclass
class Line:
    """One server in a process of its own, and the proxy before it. ``driver`` = opcua or modbus."""

    source: str
    driver: str
    words: list[str]
    log: Path
    proxy: FaultProxy = field(default_factory=lambda: FaultProxy(0))
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Run the server; who connects to the proxy reaches it from now on.

        Raises:
            SoakFailed: it does not say that it is ready.
        """
        self.proxy.target_port = await asyncio.to_thread(self._start)

    def _start(self) -> int:
        with self.log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, *SAFE_PATH, "-m", "engine.testing.soak.plant", *self.words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self.process = process
        timer = threading.Timer(START_S, process.kill)
        timer.start()
        try:
            line = process.stdout.readline() if process.stdout else b""
        finally:
            timer.cancel()
            timer.join()
        if not line:
            raise SoakFailed(f"the server of {self.source} did not start; see {self.log}")
        return int(json.loads(line)["port"])

    def freeze(self) -> None:
        """SIGSTOP: its sockets stay open, nothing is answered."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it by kill -9 and collect it. Nothing where it is gone already."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def lines_of(plant: Plant, place: Place, origin_us: int, seed: int) -> list[Line]:
    """A line for each server of a plant, not started yet."""
    common = ["--plant", plant.id, "--pki", str(place.pki), "--origin", str(origin_us), "--seed", str(seed)]
    return [
        Line(
            server.id,
            server.kind,
            [*common, "--server", server.id, "--ticks", str(place.ticks(server.id))],
            place.log,
        )
        for server in plant.servers
    ]


def write_project(plant: Plant, place: Place, lines: list[Line]) -> None:
    """The plant's project with the proxies as its endpoints; certificates are pinned."""
    shutil.copytree(paths.resources() / "demo" / plant.id, place.project)
    file = place.project / "plant.toml"
    text = file.read_text("utf-8")
    for line in lines:
        scheme = "opc.tcp" if line.driver == "opcua" else "tcp"
        text = config.write_endpoint(text, line.source, f"{scheme}://127.0.0.1:{line.proxy.port}")
    paths.replace_file(file, text.encode())
    for line in lines:
        if line.driver == "opcua":
            files = server_certificate(place.pki, line.source, SystemClock().now_us())
            pin(paths.pki(place.project), line.source, files.certificate.read_bytes())


class Engine:
    """The engine of the soak's project: whoever started it, it is the one that its facts name."""

    def __init__(self, project: Path, log: Path) -> None:
        self._project, self._log = project, log
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Run one; if a window was faster, ours ends by itself."""
        self._collect()
        with self._log.open("ab") as out:
            self._started.append(
                subprocess.Popen(
                    [sys.executable, *SAFE_PATH, "-m", "engine", "engine", str(self._project)],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                )
            )

    @property
    def pid(self) -> int | None:
        """The process that owns the project, None = there is none."""
        self._collect()
        facts = paths.read_facts(self._project)
        return facts.pid if facts is not None and is_alive(facts.pid) else None

    def kill(self) -> bool:
        """End it by kill -9; False = there was none."""
        pid = self.pid
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        for process in self._started:
            if process.pid == pid:
                process.wait()
        return True

    def stop(self) -> str:
        """End it politely; what was the matter if it did not, else ""."""
        trouble = ""
        for pid in {pid for pid in (self.pid, *(each.pid for each in self._started)) if pid}:
            trouble = end(pid) or trouble
        self._collect()
        shutil.rmtree(paths.runtime(self._project), ignore_errors=True)
        return trouble

    def _collect(self) -> None:
        self._started = [process for process in self._started if process.poll() is None]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(pid: int) -> str:
    """SIGTERM, and kill -9 where that does not help; the sentence about it, "" = it went."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        if _ends(pid):
            late = f"process {pid} did not end within {STOP_S:.0f} s of SIGTERM"
            return late if sign == signal.SIGKILL else ""
    return f"process {pid} did not end at all"


def _ends(pid: int) -> bool:
    """Whether a process ends in time; who started it may collect it later."""
    clock, pause = SystemClock(), threading.Event()
    until_us = clock.mono_us() + STOP_S * 1e6
    while is_alive(pid):
        if clock.mono_us() > until_us:
            return False
        pause.wait(0.05)
    return True
