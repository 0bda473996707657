"""The driver against real servers in their own process."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.clock import SystemClock
from engine.drivers.driver import NotReady, Refused
from engine.drivers.opcua import DRIVER, rejected, trust
from engine.types import Status
from tests.engine.drivers.opcua.conftest import StartServer
from tests.engine.drivers.opcua.recording import context, running, sink_of, stopped, tag, until

pytestmark = pytest.mark.system
A = "urn:test:a"
B = "urn:test:b"


async def test_value_arrives_with_quality_and_time(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "Pressure", 12.5), (A, "Running", True), (A, "Count", 7)])
    one = context(
        tmp_path,
        server.endpoint,
        tag(1, f"nsu={A};s=Pressure"),
        tag(2, "ns=2;s=Running", rate=1.0),
        tag(3, f"nsu={A};s=Count"),
    )
    async with running(one) as (sink, task):
        await until(lambda: len(sink.samples) == 3, 5, task)
        before_us = SystemClock().now_us()
        server.order(do="write", uri=A, name="Pressure", values=[13.5])
        await until(lambda: sink.samples[1][-1].value == 13.5, 3, task)
        last = sink.samples[1][-1]
        assert last.status == Status.GOOD
        assert before_us - 1000 <= last.source_us <= last.receive_us <= SystemClock().now_us()
        assert (sink.samples[2][-1].value, sink.samples[3][-1].value) == (1.0, 7.0)
        assert [sink.infos[k].type for k in (1, 2, 3)] == ["float64", "bool", "int32"]
        assert sink.security == ["none"]
        assert sink.losses == [] and sink.marks == {}


async def test_unchanged_value_is_proven_current_at_least_every_second(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Still", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Still"))) as (sink, task):
        await until(lambda: sink.proofs.get(1, 0) >= 1, 5, task)
        seen = sink.proofs[1]
        await until(lambda: sink.proofs[1] >= seen + 3, 3.5, task)
        assert sink.periods[1] <= 1.0
        assert len(sink.samples[1]) == 1


async def test_quick_changes_between_two_publishes_all_arrive_in_order(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Fast", 0.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Fast", rate=1.0))) as (
        sink,
        task,
    ):
        await until(lambda: 1 in sink.samples, 5, task)
        server.order(do="write", uri=A, name="Fast", values=[1.0, 2.0, 3.0, 4.0])
        await until(lambda: sink.samples[1][-1].value == 4.0, 3, task)
        assert [seen.value for seen in sink.samples[1]] == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_quality_of_the_device_is_passed_on(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
        server.order(do="write", uri=A, name="T", values=[2.0], status=Status.SENSOR_FAILURE)
        await until(lambda: sink.samples[1][-1].status == Status.SENSOR_FAILURE, 3, task)


async def test_text_is_read_as_the_number_that_stands_for_it(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Name", "S50"), (A, "Good", 1.0)])
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Name"), tag(2, f"nsu={A};s=Good"))
    async with running(one) as (sink, task):
        await until(lambda: sink.samples.keys() == {1, 2}, 5, task)
        assert sink.infos[1].type == "string"
        assert sink.samples[1][-1].value == one.intern("S50")
        server.order(do="write", uri=A, name="Name", type="String", values=["S60"])
        await until(lambda: sink.samples[1][-1].value == one.intern("S60"), 3, task)


async def test_missing_node_appears_without_a_reconnect_once_it_exists(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Here", 1.0)])
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Here"), tag(2, f"nsu={A};s=Later"))
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples and 2 in sink.marks, 5, task)
        assert sink.marks == {2: Status.CONFIGURATION_ERROR}
        server.order(do="add", uri=A, name="Later", value=9.0)
        await until(lambda: 2 in sink.samples, 7, task)
        assert sink.samples[2][-1].value == 9.0
        assert sink.security == ["none"]


async def test_node_that_disappears_is_marked_and_comes_back(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Goes", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Goes"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
        server.order(do="delete", uri=A, name="Goes")
        await until(lambda: sink.marks == {1: Status.CONFIGURATION_ERROR}, 7, task)
        proofs = sink.proofs[1]
        server.order(do="add", uri=A, name="Goes", value=2.0)
        await until(lambda: sink.samples[1][-1].value == 2.0, 7, task)
        await until(lambda: sink.proofs[1] > proofs, 3, task)


async def test_server_that_stops_running_makes_values_uncertain(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.proofs, 5, task)
        server.order(do="state", state=3)
        await until(lambda: sink.marks == {1: Status.LAST_USABLE}, 3, task)
        server.order(do="state", state=0)
        await until(lambda: sink.marks == {} and sink.samples[1][-1].status == Status.GOOD, 3, task)


async def test_swapped_namespaces_never_show_the_other_tag(tmp_path: Path, start_server: StartServer) -> None:
    nodes = [(A, "P", 1000.0), (B, "P", 5.0)]
    tags = (tag(1, f"nsu={A};s=P"), tag(2, f"nsu={B};s=P"), tag(3, "ns=2;s=P"))
    first = start_server(nodes, namespaces=f"{A},{B}")
    one = context(tmp_path, first.endpoint, *tags)
    async with running(one) as (sink, task):
        await until(lambda: len(sink.samples) == 3, 5, task)
        assert [sink.samples[k][-1].value for k in (1, 2, 3)] == [1000.0, 5.0, 1000.0]
    first.close()
    second = start_server(nodes, namespaces=f"{B},{A}", port=first.port)
    assert second.port == first.port
    async with running(one) as (sink, task):
        await until(
            lambda: len(sink.security) == 2 and 3 in sink.marks and len(sink.samples[1]) == 2, 5, task
        )
        assert {seen.value for seen in sink.samples[1]} == {1000.0}
        assert {seen.value for seen in sink.samples[2]} == {5.0}
        assert [seen.value for seen in sink.samples[3]] == [1000.0]
        assert sink.marks == {3: Status.CONFIGURATION_ERROR}


async def test_killed_server_ends_the_run_at_once(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
        server.kill()
        await until(task.done, 2)
        with pytest.raises(NotReady, match=f"127.0.0.1:{server.port}"):
            task.result()


async def test_frozen_server_is_found_out_and_does_not_hold_up_the_end(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
        server.freeze()
        await until(task.done, 6)
        with pytest.raises(NotReady, match="silent"):
            task.result()
    server.thaw()
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)


async def test_cancel_at_a_frozen_server_takes_at_most_two_seconds(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
        server.freeze()
        await stopped(task)
        assert task.cancelled()


async def test_cancel_at_any_moment_leaves_nothing_behind(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 1.0)], pki=tmp_path / "server")
    trusting = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused):
        await DRIVER.run(trusting)
    trust(tmp_path, "press", rejected(tmp_path, "press")[0].thumbprint)
    moments = [0.0, *(0.002 * 1.25**k for k in range(24))]
    for one in (context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T")), trusting):
        for moment in moments:
            async with running(one) as (_, task):
                await asyncio.wait([task], timeout=moment)
            assert task.cancelled(), moment
    assert open_sockets(server.port) == []


def open_sockets(port: int) -> list[str]:
    """Connections this process still holds to a port."""
    connections = psutil.Process().net_connections("tcp4")
    return [c.status for c in connections if c.raddr and c.raddr.port == port and c.fd >= 0]


async def test_nobody_listening_is_said_with_host_and_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(NotReady, match=f"127.0.0.1:{port} refused the connection"):
            await DRIVER.run(context(tmp_path, f"opc.tcp://127.0.0.1:{port}", tag(1, "i=2258")))


async def test_port_that_accepts_but_never_answers_ends_in_not_ready(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(NotReady, match=f"no answer from 127.0.0.1:{port}"):
            await asyncio.wait_for(
                DRIVER.run(context(tmp_path, f"opc.tcp://127.0.0.1:{port}", tag(1, "i=2258"))), 11
            )


async def test_unknown_host_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="host name of plc.invalid:4840 is not known"):
        await DRIVER.run(context(tmp_path, "opc.tcp://plc.invalid", tag(1, "i=2258")))


async def test_unknown_server_is_refused_then_trusted_then_read_encrypted(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server")
    pki = tmp_path / "pki"
    one = context(pki, server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused, match="server certificate not trusted"):
        await DRIVER.run(one)
    assert sink_of(one).security == []
    (shown,) = rejected(pki, "press")
    trust(pki, "press", shown.thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        assert sink.security == ["Aes128_Sha256_RsaOaep"]


async def test_policy_named_in_plant_toml_is_the_one_used(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server")
    pki = tmp_path / "pki"
    one = context(pki, server.endpoint, tag(1, f"nsu={A};s=T"), security="Basic256Sha256")
    with pytest.raises(Refused):
        await DRIVER.run(one)
    trust(pki, "press", rejected(pki, "press")[0].thumbprint)
    async with running(one) as (sink, task):
        await until(lambda: sink.security == ["Basic256Sha256"] and 1 in sink.samples, 8, task)


async def test_server_that_offers_only_open_connections_is_refused_unless_asked_for(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 4.0)])
    with pytest.raises(Refused, match='write security = "none" in plant.toml'):
        await DRIVER.run(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"), security=""))


async def test_server_that_does_not_trust_us_names_our_certificate_file(
    tmp_path: Path, start_server: StartServer
) -> None:
    clients = tmp_path / "clients"
    clients.mkdir()
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server", trust=clients)
    pki = tmp_path / "pki"
    one = context(pki, server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused, match="not trusted"):
        await DRIVER.run(one)
    trust(pki, "press", rejected(pki, "press")[0].thumbprint)
    own = next((pki / "own").glob("*.der"))
    with pytest.raises(Refused, match=f"does not accept our certificate.*{own}"):
        await DRIVER.run(one)
    (clients / "watchroom.der").write_bytes(own.read_bytes())
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)


async def test_expired_server_is_refused_even_if_pinned(tmp_path: Path, start_server: StartServer) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "shift").write_text(str(-500 * 86_400))
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server")
    one = context(tmp_path / "pki", server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused, match="not trusted"):
        await DRIVER.run(one)
    trust(tmp_path / "pki", "press", rejected(tmp_path / "pki", "press")[0].thumbprint)
    with pytest.raises(Refused, match="has expired"):
        await DRIVER.run(one)


async def test_server_whose_certificate_is_for_another_application_is_refused_even_if_pinned(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server", uri="urn:test:impostor")
    pki = tmp_path / "pki"
    one = context(pki, server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused, match="not trusted"):
        await DRIVER.run(one)
    trust(pki, "press", rejected(pki, "press")[0].thumbprint)
    with pytest.raises(Refused, match="'urn:test:server'; the server calls itself 'urn:test:impostor'"):
        await DRIVER.run(one)
    assert sink_of(one).security == []


async def test_server_with_the_certificate_of_another_source_is_refused(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 4.0)], pki=tmp_path / "server")
    pki = tmp_path / "pki"
    press = context(pki, server.endpoint, tag(1, f"nsu={A};s=T"), security="")
    with pytest.raises(Refused, match="not trusted"):
        await DRIVER.run(press)
    trust(pki, "press", rejected(pki, "press")[0].thumbprint)
    oven = replace(press, source=msgspec.structs.replace(press.source, id="oven"))
    with pytest.raises(Refused, match="trust DIR oven"):
        await DRIVER.run(oven)
    assert sink_of(oven).security == []


async def test_browsing_prints_addresses_that_can_be_read(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server([(A, "Pressure", 12.5)])
    one = context(tmp_path, server.endpoint)
    items = {item.name: item for item in await DRIVER.browse(one, "")}
    assert items["Server"].kind == "folder"
    found = items["Pressure"]
    assert (found.address, found.kind, found.type, found.value) == (
        f"nsu={A};s=Pressure",
        "variable",
        "float64",
        "12.5",
    )
    with pytest.raises(Refused, match="has no node"):
        await DRIVER.browse(one, f"nsu={A};s=Nothing")
    async with running(context(tmp_path, server.endpoint, tag(1, found.address))) as (sink, task):
        await until(lambda: 1 in sink.samples, 5, task)
