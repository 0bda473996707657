"""Our OPC UA driver against node-opcua, a server by another maker."""

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

from engine.drivers.driver import Refused
from engine.drivers.opcua import DRIVER, rejected, trust
from engine.types import Status
from tests.engine.drivers.opcua.recording import context, running, tag, until

pytestmark = [pytest.mark.peer, pytest.mark.system, pytest.mark.timeout(300)]
HERE = Path(__file__).parent
TAGS = (
    tag(1, "nsu=urn:peer:plant;s=Counter"),
    tag(2, "nsu=urn:peer:plant;s=Constant", rate=1.0),
    tag(3, "nsu=urn:peer:plant;s=Running", rate=1.0),
    tag(4, "nsu=urn:peer:plant;s=Nothing", rate=1.0),
)


@pytest.fixture(scope="module")
def modules() -> Path:
    """node-opcua installed once per version into the user's cache; a visible skip if that cannot be."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    wanted = (HERE / "package.json").read_bytes()
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
def endpoint(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("node-opcua")
    process = subprocess.Popen(
        ["node", str(HERE / "server.js"), str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={**os.environ, "NODE_PATH": str(modules), "HOME": str(home)},
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


async def test_values_of_another_makers_server_are_read_openly(tmp_path: Path, endpoint: str) -> None:
    async with running(context(tmp_path, endpoint, *TAGS)) as (sink, task):
        await until(lambda: len(sink.samples.get(1, [])) >= 10 and {2, 3} <= sink.samples.keys(), 15, task)
        counted = [seen.value for seen in sink.samples[1]]
        assert counted == sorted(counted)
        assert all(seen.status == Status.GOOD for seen in sink.samples[1])
        assert (sink.samples[2][-1].value, sink.samples[3][-1].value) == (12.5, 1.0)
        assert sink.marks == {4: Status.CONFIGURATION_ERROR}
        assert [sink.infos[k].type for k in (1, 2, 3)] == ["uint32", "float64", "bool"]
        proofs = sink.proofs[2]
        await until(lambda: sink.proofs[2] >= proofs + 3, 4, task)
        assert sink.losses == []


async def test_another_makers_server_is_read_with_the_best_encryption(tmp_path: Path, endpoint: str) -> None:
    one = context(tmp_path, endpoint, *TAGS, security="")
    with pytest.raises(Refused, match="server certificate not trusted"):
        await DRIVER.run(one)
    trust(tmp_path, rejected(tmp_path)[0].thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: len(sink.samples.get(1, [])) >= 5, 15, task)
        assert sink.security == ["Aes256_Sha256_RsaPss"]
    names = [item.name for item in await DRIVER.browse(one, "")]
    assert {"Counter", "Constant", "Running"} <= set(names)
