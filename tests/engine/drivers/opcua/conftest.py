from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]


@dataclass
class RealServer:
    """A server process; orders are answered once they are carried out."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def endpoint(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}/test"

    def order(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        answer = _answer(self.process)
        assert answer.pop("done") == order["do"]
        return answer

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        self.kill()
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()


def _answer(process: subprocess.Popen[bytes]) -> Any:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready, "the server process says nothing"
    return json.loads(process.stdout.readline())


StartServer = Callable[..., RealServer]


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Start real OPC UA servers; ``nodes`` are (uri, name, value) or orders for ``add``."""
    started: list[RealServer] = []

    def start(
        nodes: list[tuple[str, str, Any]], namespaces: str = "urn:test:a", port: int = 0, **options: object
    ) -> RealServer:
        orders = [{"uri": uri, "name": name, **_typed(value)} for uri, name, value in nodes]
        extra = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        command = [sys.executable, "-m", "tests.engine.drivers.opcua.server", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--namespaces", namespaces, "--nodes", json.dumps(orders), *extra],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        server = RealServer(process, 0)
        started.append(server)
        server.port = _answer(process)["port"]
        return server

    yield start
    for server in started:
        server.close()


def begin_guarded(pki: Path | None) -> RealServer:
    """Start the server of `guarded`, without a certificate where there is no ``pki``; wait with `ready`."""
    own = [] if pki is None else ["--pki", str(pki)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.drivers.opcua.guarded", *own],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return RealServer(process, 0)


def ready(server: RealServer) -> RealServer:
    """The server once it listens."""
    server.port = _answer(server.process)["port"]
    return server


def _typed(value: Any) -> dict[str, Any]:
    kinds = {bool: "Boolean", int: "Int32", float: "Double", str: "String"}
    return {"value": value, "type": kinds[type(value)]}
