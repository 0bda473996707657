"""What a real server loses, keeps and gets wrong, and what becomes of the data then."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.drivers.driver import NotReady
from engine.types import Status
from tests.engine.drivers.opcua.conftest import StartServer
from tests.engine.drivers.opcua.recording import RecordingSink, context, running, tag, until

A = "urn:test:a"
pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


def late_values(sink: RecordingSink) -> list[float]:
    return [float(v) for batch in sink.lates for v in batch.value.ravel()]


async def test_lost_notification_is_asked_for_again_and_nothing_is_lost(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 0.0)])
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        server.order(do="lose", count=1)
        server.order(do="write", uri=A, name="T", values=[1.0, 2.0])
        await until(lambda: server.order(do="losing")["left"] == 0, 3, task)
        server.order(do="write", uri=A, name="T", values=[3.0])
        await until(lambda: late_values(sink) == [1.0, 2.0], 5, task)
        assert [seen.value for seen in sink.samples[1]] == [0.0, 3.0]
        assert sink.losses == []
        proofs = sink.proofs[1]
        await until(lambda: sink.proofs[1] > proofs, 3, task)


async def test_notification_the_server_no_longer_has_is_counted_and_all_is_read_again(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 0.0), (A, "U", 0.0)])
    tags = [tag(1, f"nsu={A};s=T"), tag(2, f"nsu={A};s=U")]
    async with running(context(tmp_path, server.endpoint, *tags)) as (sink, task):
        await until(lambda: sink.samples.keys() == {1, 2}, 8, task)
        server.order(do="lose", count=1, forget=True)
        server.order(do="write", uri=A, name="U", values=[5.0])
        await until(lambda: server.order(do="losing")["left"] == 0, 3, task)
        assert sink.samples[2][-1].value == 0.0
        server.order(do="write", uri=A, name="T", values=[3.0])
        await until(lambda: sink.samples[2][-1].value == 5.0, 5, task)
        assert [count for count, _ in sink.losses] == [1]
        assert sink.samples[2][-1].status == Status.GOOD


async def test_history_of_the_time_without_a_link_is_read_back_in_order(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Kept", 0.0), (A, "Not", 0.0)])
    server.order(do="keep", uri=A, name="Kept")
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Kept"), tag(2, f"nsu={A};s=Not"))
    async with running(one) as (sink, task):
        await until(lambda: sink.samples.keys() == {1, 2}, 8, task)
        server.order(do="write", uri=A, name="Kept", values=[1.0])
        await until(lambda: sink.samples[1][-1].value == 1.0, 5, task)
        assert sink.lates == []
    for name in ("Kept", "Not"):
        server.order(do="write", uri=A, name=name, values=[2.0, 3.0, 4.0])
    async with running(one) as (sink, task):
        await until(lambda: sink.samples[1][-1].value == 4.0 and sink.samples[2][-1].value == 4.0, 8, task)
        await until(lambda: late_values(sink) == [2.0, 3.0], 8, task)
        (batch,) = sink.lates
        assert batch.tags.tolist() == [1]
        times = batch.source_time_us.tolist()
        assert times == sorted(set(times)) and times[-1] < sink.samples[1][-1].source_us
        await until(lambda: sink.facts.get("history") == "2 samples of 1 tags read back", 2, task)


async def test_history_after_an_unmendable_gap_is_read_back(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "Kept", 0.0)])
    server.order(do="keep", uri=A, name="Kept")
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=Kept"))) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        server.order(do="lose", count=1, forget=True)
        server.order(do="write", uri=A, name="Kept", values=[1.0, 2.0])
        await until(lambda: server.order(do="losing")["left"] == 0, 3, task)
        server.order(do="write", uri=A, name="Kept", values=[3.0])
        await until(lambda: late_values(sink) == [1.0, 2.0], 8, task)
        assert [count for count, _ in sink.losses] == [1]


async def test_clock_that_is_off_is_measured_said_and_overruled_by_the_time_of_receipt(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 0.0)], shift=3600)
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: 1 in sink.samples and "clock" in sink.notes, 8, task)
        assert sink.samples[1][0].status == Status.GOOD
        assert 3590 < sink.offsets[-1] <= 3600.5
        assert "60 min ahead of ours" in sink.notes["clock"][0]
        before_us = SystemClock().now_us()
        server.order(do="write", uri=A, name="T", values=[1.0, 2.0])
        await until(lambda: sink.samples[1][-1].value == 2.0, 5, task)
        last = sink.samples[1][-1]
        assert before_us <= last.source_us <= last.receive_us and last.status == Status.GOOD


async def test_clock_a_few_seconds_ahead_keeps_the_devices_own_times(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 0.0)], shift=4)
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: sink.offsets, 8, task)
        server.order(do="write", uri=A, name="T", values=[1.0])
        await until(lambda: sink.samples.get(1) and sink.samples[1][-1].value == 1.0, 8, task)
        last = sink.samples[1][-1]
        assert last.source_us > last.receive_us + 2_000_000 and last.status == Status.GOOD
        assert "keep the times that it gives them" in str(sink.notes["clock"])


async def test_frozen_server_is_found_out_soon_though_its_keep_alives_are_slow(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 0.0)])
    server.order(do="slow", ms=3000)
    async with running(context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))) as (sink, task):
        await until(lambda: "queue" in sink.facts, 8, task)
        assert sink.facts["publishing interval"] == "3 s (asked 0.1 s)"
        assert sink.facts["keep-alive"] == "21 s (asked 0.7 s)"
        assert sink.periods[1] == 3.0
        assert "keep-alive of 21 s" in sink.notes["keep-alive"][0]
        await until(lambda: 1 in sink.samples, 8, task)
        server.freeze()
        await until(task.done, 6)
        with pytest.raises(NotReady, match=f"127.0.0.1:{server.port} (has been silent|in time)"):
            task.result()


async def test_subscription_the_server_ends_leads_to_a_new_connection(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "T", 1.0)])
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=T"))
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        server.order(do="end")
        await until(task.done, 5)
        with pytest.raises(NotReady, match=r"ended our subscription \(BadTimeout\)"):
            task.result()
    async with running(one) as (sink, task):
        await until(lambda: len(sink.samples[1]) == 2, 8, task)
    counted = server.order(do="sessions")
    assert counted["created"] == counted["closed"] == 2


async def test_unit_that_changes_between_two_connections_is_said(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = start_server([(A, "P", 1.0)])
    server.order(do="property", uri=A, name="P", unit="bar")
    one = context(tmp_path, server.endpoint, tag(1, f"nsu={A};s=P"))
    async with running(one) as (sink, task):
        await until(lambda: 1 in sink.samples, 8, task)
        assert sink.infos[1].unit == "bar"
    server.order(do="property", uri=A, name="P", unit="kPa")
    async with running(one) as (sink, task):
        await until(lambda: "changed tags" in sink.notes, 8, task)
        assert "was in bar and is in kPa" in sink.notes["changed tags"][0]
        assert sink.infos[1].unit == "kPa"
