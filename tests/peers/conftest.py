"""Servers by other makers, for reading from; each skips visibly where it cannot be had."""

from __future__ import annotations

import hashlib
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """node-opcua installed once per version into the user's cache; a visible skip if that cannot be."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    wanted = (HERE / "node_opcua" / "package.json").read_bytes()
    folder = (
        platformdirs.user_cache_path("watchroom-tests")
        / f"node-opcua-{hashlib.sha256(wanted).hexdigest()[:12]}"
    )
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_bytes(wanted)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install node-opcua: {done.stderr.strip()[-200:]}")
        (folder / "complete").touch()
    return folder / "node_modules"


class NodeServer:
    """A node-opcua server process. ``start`` again after ``kill``: same port, same certificate."""

    def __init__(self, modules: Path, home: Path) -> None:
        self.port = 0
        self._modules, self._home = modules, home
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def start(self, spaces: str = "") -> None:
        """``spaces`` = "URI=NUMBER,…", the namespaces in order with the value of their "Value"."""
        self._process = subprocess.Popen(
            ["node", str(HERE / "node_opcua" / "server.js"), str(self._home), str(self.port), spaces],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a line that is buffered here would be one that `select` does not see
            cwd=self._home,
            env={**os.environ, "NODE_PATH": str(self._modules), "HOME": str(self._home)},
        )
        self.port = self._answer(60)["port"]

    def order(self, **order: Any) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        assert self._answer(20) == {"done": order["do"]}

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.kill()
        self._process.wait(10)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None

    def _answer(self, patience_s: float) -> dict[str, Any]:
        """The next line of JSON the server prints; its other lines are notes."""
        assert self._process is not None and self._process.stdout is not None
        while select.select([self._process.stdout], [], [], patience_s)[0]:
            line = self._process.stdout.readline()
            assert line, "the node-opcua server ended"
            if line.startswith(b"{"):
                return json.loads(line)
        raise AssertionError(f"the node-opcua server says nothing for {patience_s:.0f} s")


@pytest.fixture
def node_server(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeServer]:
    """Not started yet; a test does that and may kill it."""
    server = NodeServer(node_modules, tmp_path_factory.mktemp("node-opcua"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def node_opcua(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = NodeServer(node_modules, tmp_path_factory.mktemp("node-opcua"))
    server.start()
    yield server.endpoint
    server.kill()


@pytest.fixture(scope="module")
def libmodbus_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) here, so no libmodbus server to read from")
    folder = tmp_path_factory.mktemp("libmodbus")
    probe = folder / "probe.c"
    probe.write_text("#include <modbus.h>\nint main(void) { return modbus_new_tcp(0, 0) == 0; }\n")
    if compiled(compiler, probe, folder / "probe").returncode != 0:
        pytest.skip("libmodbus is not installed here (Debian: libmodbus-dev)")
    built = compiled(compiler, HERE / "libmodbus" / "server.c", folder / "server")
    assert built.returncode == 0, built.stderr
    return folder / "server"


def compiled(compiler: str, source: Path, program: Path) -> subprocess.CompletedProcess[str]:
    # The library's own macros cut integers to 16 bits; the compiler need not say so.
    flags = ["-Wall", "-Werror", "-Wno-overflow", "-I/usr/include/modbus", "-I/usr/local/include/modbus"]
    command = [compiler, *flags, "-o", str(program), str(source), "-lmodbus"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def libmodbus(libmodbus_server: Path) -> Iterator[int]:
    with subprocess.Popen(
        [str(libmodbus_server)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.stdin.close()
            server.wait(timeout=5)
