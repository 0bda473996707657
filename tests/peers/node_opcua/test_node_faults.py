"""What goes wrong at another maker's server: restarted, renumbered, frozen, a node gone and back."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from engine.drivers.link import Link
from engine.drivers.opcua import DRIVER, rejected, trust
from engine.drivers.supervisor import supervise
from engine.types import Status
from tests.engine.drivers.opcua.recording import RecordingSink, context, tag, until
from tests.peers.conftest import NodeServer

pytestmark = [pytest.mark.peer, pytest.mark.system, pytest.mark.fault, pytest.mark.timeout(240)]
A, B = "urn:peer:a", "urn:peer:b"
VALUES = {1: 5.0, 2: 1000.0}
COUNTER = 3
TAGS = (
    tag(1, f"nsu={A};s=Value"),
    tag(2, f"nsu={B};s=Value"),
    tag(COUNTER, "nsu=urn:peer:plant;s=Counter"),
)


class Supervised:
    """The real driver under its real supervisor, seen through a recording sink."""

    def __init__(self, pki: Path, endpoint: str, security: str = "none") -> None:
        self.link = Link()
        self._context = context(pki, endpoint, *TAGS, security=security)
        assert isinstance(self._context.sink, RecordingSink)
        self.sink = self._context.sink

    async def __aenter__(self) -> Supervised:
        self.task = asyncio.create_task(supervise(self._context, DRIVER, self.link))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        assert self.task.cancelled()

    def fresh(self, tag_id: int) -> bool:
        """Whether the tag's last report is a good sample, not a mark."""
        last = self.sink.last(tag_id)
        return last is not None and last.status == Status.GOOD and tag_id not in self.sink.marks

    def forget(self) -> None:
        self.sink.samples.clear()

    def assert_no_wrong_value(self) -> None:
        for tag_id, right in VALUES.items():
            good = {seen.value for seen in self.sink.samples.get(tag_id, []) if seen.status == Status.GOOD}
            assert good <= {right}, f"tag {tag_id} showed {good - {right}}"


async def test_a_server_restarted_with_its_namespaces_swapped_never_gives_another_tags_value(
    tmp_path: Path, node_server: NodeServer
) -> None:
    node_server.start(f"{A}=5,{B}=1000")
    async with Supervised(tmp_path, node_server.endpoint) as source:
        await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 20, source.task)
        for spaces in (f"{B}=1000,{A}=5", f"urn:peer:new=7,{B}=1000,{A}=5", f"{A}=5,{B}=1000"):
            node_server.kill()
            await until(lambda: source.link.state != "connected", 10, source.task)
            source.forget()
            node_server.start(spaces)
            await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 20, source.task)
            source.assert_no_wrong_value()


async def test_a_node_that_is_missing_when_the_server_starts_is_read_once_it_is_there(
    tmp_path: Path, node_server: NodeServer
) -> None:
    node_server.start(f"{A}=5")
    async with Supervised(tmp_path, node_server.endpoint) as source:
        await until(lambda: source.fresh(1) and source.sink.marks.get(2), 20, source.task)
        assert source.sink.marks[2] == Status.CONFIGURATION_ERROR
        assert source.sink.whys[2]
        node_server.order(do="add", uri=B, value=1000)
        await until(lambda: source.fresh(2), 15, source.task)
        assert source.link.reconnects == 0
        source.assert_no_wrong_value()


async def test_a_node_that_leaves_a_running_server_and_returns_is_bad_in_between(
    tmp_path: Path, node_server: NodeServer
) -> None:
    node_server.start(f"{A}=5,{B}=1000")
    async with Supervised(tmp_path, node_server.endpoint) as source:
        await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 20, source.task)
        node_server.order(do="delete", uri=B)
        await until(lambda: not source.fresh(2), 15, source.task)
        assert source.fresh(1)
        node_server.order(do="add", uri=B, value=1000)
        await until(lambda: source.fresh(2), 15, source.task)
        source.assert_no_wrong_value()


@pytest.mark.parametrize("security", ["none", "Aes256_Sha256_RsaPss"])
async def test_a_frozen_server_is_given_up_and_taken_back_after_its_thaw(
    tmp_path: Path, node_server: NodeServer, security: str
) -> None:
    node_server.start(f"{A}=5,{B}=1000")
    async with Supervised(tmp_path, node_server.endpoint, security) as source:
        if security != "none":
            await until(lambda: source.link.state == "refused", 20, source.task)
            trust(tmp_path, "press", rejected(tmp_path, "press")[0].thumbprint)
            source.link.retry_now()
        await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 20, source.task)
        node_server.signal(signal.SIGSTOP)
        await until(lambda: source.link.state != "connected", 10, source.task)
        assert source.link.what and source.link.do
        assert source.sink.marks == dict.fromkeys((1, 2, 3), Status.STALE)
        source.forget()
        node_server.signal(signal.SIGCONT)
        await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 40, source.task)
        source.assert_no_wrong_value()


@pytest.mark.parametrize(
    "times", [pytest.param(2, id="short"), pytest.param(5, id="full", marks=pytest.mark.slow)]
)
async def test_a_server_killed_again_and_again_is_always_found_again(
    tmp_path: Path, node_server: NodeServer, times: int
) -> None:
    node_server.start(f"{A}=5,{B}=1000")
    async with Supervised(tmp_path, node_server.endpoint) as source:
        for _ in range(times):
            await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 30, source.task)
            node_server.kill()
            await until(lambda: source.link.state != "connected", 10, source.task)
            source.forget()
            node_server.start(f"{A}=5,{B}=1000")
        await until(lambda: all(source.fresh(k) for k in (1, 2, 3)), 30, source.task)
        assert source.link.reconnects == times
        source.assert_no_wrong_value()
