"""Sessions with a real server: shared, limited, and closed on every way out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine.drivers.driver import Context, NotReady, Refused
from engine.drivers.opcua import DRIVER, rejected, session, trust
from engine.types import Status
from tests.engine.drivers.opcua.conftest import RealServer, StartServer
from tests.engine.drivers.opcua.recording import RecordingSink, context, running, sink_of, stopped, tag, until

A = "urn:test:a"
pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


def neighbour(one: Context, source: str, *tags: int) -> Context:
    """Another source of the same engine at the same server."""
    wanted = tuple(tag(k, one.tags[0].address) for k in tags)
    return replace(
        one, source=msgspec.structs.replace(one.source, id=source), tags=wanted, sink=RecordingSink()
    )


@contextlib.asynccontextmanager
async def side_by_side(*contexts: Context) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.ensure_future(DRIVER.run(one)) for one in contexts]
    try:
        yield tasks
    finally:
        for task in tasks:
            await stopped(task)


def left_open(server: RealServer) -> int:
    counted = server.order(do="sessions")
    return counted["created"] - counted["closed"]


async def test_sources_of_one_server_share_a_session_with_subscriptions_of_their_own(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    press = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    oven = neighbour(press, "oven", 2)
    async with side_by_side(press, oven) as (first, second):
        await until(lambda: 1 in sink_of(press).samples, 8, first)
        await until(lambda: 2 in sink_of(oven).samples, 8, second)
        names = [item.name for item in await DRIVER.browse(press, "")]
        assert "T" in names
        assert server.order(do="sessions") == {"created": 1, "closed": 0, "subscriptions": 2}
        await stopped(first)
        assert server.order(do="sessions") == {"created": 1, "closed": 0, "subscriptions": 1}
        server.order(do="write", uri=A, name="T", values=[2.0])
        await until(lambda: sink_of(oven).samples[2][-1].value == 2.0, 3, second)
    assert left_open(server) == 0


async def test_shared_session_that_breaks_is_left_by_all_and_made_anew(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    press = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    oven = neighbour(press, "oven", 2)
    async with side_by_side(press, oven) as tasks:
        await until(lambda: 1 in sink_of(press).samples and 2 in sink_of(oven).samples, 8)
        server.freeze()
        await until(lambda: all(task.done() for task in tasks), 8)
        for task in tasks:
            with pytest.raises(NotReady, match="silent"):
                task.result()
        server.thaw()
    async with side_by_side(press, oven):
        await until(lambda: len(sink_of(press).samples[1]) == 2 and len(sink_of(oven).samples[2]) == 2, 8)


async def test_browsing_alone_opens_a_session_and_closes_it(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    await DRIVER.browse(context(tmp_path, server.endpoint), "")
    with pytest.raises(Refused):
        await DRIVER.browse(context(tmp_path, server.endpoint), f"nsu={A};s=Nothing")
    assert server.order(do="sessions") == {"created": 2, "closed": 2, "subscriptions": 0}


@pytest.mark.parametrize("secured", [False, True])
async def test_cancel_at_any_moment_leaves_no_session_at_the_server(
    tmp_path: Path, start_server: StartServer, secured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy computer even a healthy server may take longer than one that counts as frozen.
    for deadline in ("GRACE_S", "CLOSE_S"):
        monkeypatch.setattr(session, deadline, 15.0)
    server = start_server([(A, "T", 1.0)], **({"pki": tmp_path / "server"} if secured else {}))
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"), security="" if secured else "none")
    if secured:
        with pytest.raises(Refused):
            await DRIVER.run(one)
        trust(tmp_path, "press", rejected(tmp_path, "press")[0].thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
    made = server.order(do="sessions")["created"]
    turns = 1
    while server.order(do="sessions")["created"] < made + 12 and turns < 100_000:
        task = asyncio.ensure_future(DRIVER.run(one))
        for _ in range(turns):
            await asyncio.sleep(0)
        await stopped(task, 40)
        assert task.cancelled(), turns
        turns = turns + 1 + turns // 12
    assert server.order(do="sessions")["created"] >= made + 12

    def is_clean() -> bool:
        counted = server.order(do="sessions")
        return counted["created"] == counted["closed"] and counted["subscriptions"] == 0

    # The server may still be at the last; it forgets none by itself within that time.
    await until(is_clean, 5)


async def test_refused_and_failed_starts_leave_no_session(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 1.0)], pki=tmp_path / "server")
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"), security="Aes256_Sha256_RsaPss")
    with pytest.raises(Refused, match="does not offer"):
        await DRIVER.run(one)
    plain = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    server.order(do="most", what="subscriptions", most=0)
    with pytest.raises(NotReady, match="has no subscription left for us") as failure:
        await DRIVER.run(plain)
    assert failure.value.busy
    assert left_open(server) == 0


async def test_server_without_a_free_session_is_busy_and_says_what_to_do(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    server.order(do="most", what="sessions", most=0)
    with pytest.raises(NotReady, match="has no session left for us") as failure:
        await DRIVER.run(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T")))
    assert failure.value.busy and "close another client" in failure.value.do


async def test_device_that_accepts_but_does_not_greet_is_given_up_soon(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        one = context(tmp_path, f"opc.tcp://127.0.0.1:{mute.getsockname()[1]}", tag(1, "i=2258"))
        with pytest.raises(NotReady, match="accepts the connection and stays silent"):
            await asyncio.wait_for(DRIVER.run(one), 4)


async def test_stated_and_unstated_limits_on_reading_are_kept(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, f"T{k}", float(k)) for k in range(30)])
    server.order(do="capability", name="OperationLimits_MaxNodesPerRead", value=7)
    tags = [tag(k + 1, f"nsu={A};s=T{k}") for k in range(30)]
    async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
        await until(lambda: len(sink.samples) == 30, 10, task)
        assert server.order(do="largest")["read"] <= 7
    server.order(do="capability", name="OperationLimits_MaxNodesPerRead", value=0)
    server.order(do="most", what="read", most=9)
    async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
        await until(lambda: len(sink.samples) == 30, 10, task)
        assert sink.marks == {}


async def test_tags_beyond_the_servers_items_are_bad_with_a_reason_and_come_once_there_is_room(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, f"T{k}", float(k)) for k in range(6)])
    server.order(do="most", what="items", most=5)  # one is the server's own state
    tags = [tag(k + 1, f"nsu={A};s=T{k}") for k in range(6)]
    async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
        await until(lambda: len(sink.samples) == 4 and len(sink.marks) == 2, 8, task)
        assert set(sink.marks.values()) == {Status.CONFIGURATION_ERROR}
        assert "monitors no more items" in sink.whys[next(iter(sink.marks))]
        await until(lambda: "monitors 4 of 6 tags" in sink.notes.get("items", ("",))[0], 2, task)
        server.order(do="most", what="items", most=100)
        await until(lambda: len(sink.samples) == 6 and sink.marks == {}, 8, task)
        await until(lambda: "items" not in sink.notes, 2, task)


async def test_data_types_have_subscriptions_of_their_own_until_the_server_has_no_more(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "F", 1.0), (A, "B", True), (A, "I", 3)])
    tags = [tag(1, f"nsu={A};s=F"), tag(2, f"nsu={A};s=B"), tag(3, f"nsu={A};s=I", rate=1.0)]
    async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
        await until(lambda: len(sink.samples) == 3, 8, task)
        assert server.order(do="sessions")["subscriptions"] == 3
    for said in (0, 1):
        server.order(do="capability", name="MaxSubscriptionsPerSession", value=said)
        server.order(do="most", what="subscriptions", most=1)
        async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
            await until(lambda: len(sink.samples) == 3, 8, task)
            assert server.order(do="sessions")["subscriptions"] == 1
            await until(lambda: sink.facts.get("subscriptions") == "1", 2, task)
            assert sink.marks == {}


async def test_what_the_server_granted_is_reported(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T", rate=20.0))) as (sink, task):
        await until(lambda: "tags" in sink.facts, 8, task)
        assert sink.facts["tags"] == "1 of 1 monitored"
        assert sink.facts["publishing interval"] == "0.05 s"
        assert sink.facts["session timeout"] == "30 s"
        assert sink.facts["security"] == "none"
        assert sink.facts["queue"] == "10"
        assert sink.notes == {}


async def test_source_that_gets_no_subscription_beside_ours_says_so_and_never_counts_as_connected(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    press = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    oven = neighbour(press, "oven", 2)
    server.order(do="most", what="subscriptions", most=1)
    async with running(press) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        assert sink.security == ["none"]
        with pytest.raises(NotReady, match="our other sources in the same session hold them") as failure:
            await DRIVER.run(oven)
        assert failure.value.busy and "allows 1 subscriptions" in failure.value.what
        assert sink_of(oven).security == []
        assert not task.done()
