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


@pytest.fixture(scope="module")
def node_opcua(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("node-opcua")
    process = subprocess.Popen(
        ["node", str(HERE / "node_opcua" / "server.js"), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={**os.environ, "NODE_PATH": str(node_modules), "HOME": str(home)},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield f"opc.tcp://127.0.0.1:{_port(process)}"
    finally:
        process.stdin.close()
        process.kill()
        process.wait(10)
        process.stdout.close()


def _port(process: subprocess.Popen[bytes]) -> Any:
    """The port from the line of JSON the server prints; its other lines are notes."""
    assert process.stdout is not None
    while select.select([process.stdout], [], [], 60)[0]:
        line = process.stdout.readline()
        assert line, "the node-opcua server ended"
        if line.startswith(b"{"):
            return json.loads(line)["port"]
    raise AssertionError("the node-opcua server says nothing for 60 s")


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
