"""The alarms of a real server, mirrored: Part 9 event sequences, refresh, reconnect, bursts, nonsense."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.drivers.driver import Context
from engine.drivers.opcua import DRIVER
from engine.types import ConditionAnswer, ConditionCall, ConditionReport
from tests.engine.drivers.opcua.conftest import RealServer, StartServer
from tests.engine.drivers.opcua.recording import RecordingSink, context, running, tag, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
A = "urn:test:a"
HIGH = f"nsu={A};s=High"


def press(pki: Path, server: RealServer, **options: object) -> Context:
    one = context(pki, server.endpoint, tag(1, f"nsu={A};s=Pump"))
    return replace(one, source=msgspec.structs.replace(one.source, **({"unsecured_writes": True} | options)))


def started(start_server: StartServer, *names: str, own: bool = True, **options: object) -> RealServer:
    server = start_server([(A, "Pump", 1.0)], namespaces=A)
    server.order(do="add_alarm", names=names, own=own, options=options)
    return server


def at(sink: RecordingSink, name: str = HIGH) -> ConditionReport | None:
    return sink.held.get((name, ""))


def is_current(sink: RecordingSink) -> bool:
    return bool(sink.lists) and sink.lists[-1] is not None


async def ask(
    one: Context, sink: RecordingSink, what: str, name: str = HIGH, **more: object
) -> ConditionAnswer:
    seen = at(sink, name)
    event = seen.event_id if seen is not None else b""
    assert DRIVER.call is not None
    asked: dict[str, Any] = {"what": what, "id": name, "event_id": event, "by": "Ada", **more}
    return await DRIVER.call(one, ConditionCall(**asked))


@pytest.mark.parametrize("own", [True, False])
async def test_alarm_goes_through_active_acknowledged_inactive_and_confirmed(
    tmp_path: Path, start_server: StartServer, own: bool
) -> None:
    server = started(start_server, "High", own=own)
    one = press(tmp_path, server)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        assert sink.reports == [] and sink.lists == [frozenset()]

        server.order(do="set_alarm", names=["High"], active=True, message="Pressure is high")
        await until(lambda: at(sink), 5, task)
        came = at(sink)
        assert came is not None
        assert (came.active, came.acked, came.confirmed, came.may_acknowledge) == (True, False, True, True)
        assert (came.path, came.name, came.message) == ("Line/Press/T1", "High", "Pressure is high")
        assert (came.severity, came.priority) == (700, 2)
        assert 0 <= came.receive_us - came.since_us < 5_000_000

        assert await ask(one, sink, "acknowledge", comment="seen") == ConditionAnswer("asked")
        await until(lambda: (now := at(sink)) and now.acked, 5, task)
        acked = at(sink)
        assert acked is not None
        assert (acked.active, acked.confirmed, acked.may_confirm) == (True, False, True)
        assert acked.comment == "seen (Ada)" and acked.event_id != came.event_id
        assert acked.since_us == came.since_us

        server.order(do="set_alarm", names=["High"], active=False)
        await until(lambda: (now := at(sink)) and not now.active, 5, task)
        assert (await ask(one, sink, "confirm")).outcome == "asked"
        await until(lambda: at(sink) is None, 5, task)
        last = sink.reports[-1]
        assert (last.retain, last.active, last.acked, last.confirmed) == (False, False, True, True)
        assert len(sink.reports) == 4
        assert server.order(do="alarm", name="High")["calls"] == {
            "ConditionRefresh": 1,
            "Acknowledge": 1,
            "Confirm": 1,
        }


async def test_alarm_that_comes_again_unacknowledged_leaves_a_branch_of_its_own(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High", confirms=False)
    one = press(tmp_path, server)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        for active in (True, False, True):
            server.order(do="set_alarm", names=["High"], active=active)
        await until(lambda: len(sink.held) == 2, 5, task)
        (branch,) = [report for report in sink.held.values() if report.branch]
        assert (branch.active, branch.acked) == (False, False)
        assert DRIVER.call is not None
        await DRIVER.call(one, ConditionCall("acknowledge", HIGH, branch.event_id, by="Ada"))
        await until(lambda: branch.key not in sink.held, 5, task)
        now = at(sink)
        assert now is not None and now.active and not now.acked


async def test_timed_shelf_ends_by_itself_and_a_one_shot_shelf_with_the_alarm(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High", longest_shelf_s=60.0)
    one = press(tmp_path, server)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        server.order(do="set_alarm", names=["High"], active=True)
        await until(lambda: at(sink), 5, task)
        first = at(sink)
        assert first is not None and first.may_shelve and first.longest_shelf_s == 60

        refused = await ask(one, sink, "shelve", seconds=61.0)
        assert refused.outcome == "refused" and "choose a shorter time" in refused.why
        assert (await ask(one, sink, "shelve", seconds=2.0)).outcome == "asked"
        await until(lambda: (now := at(sink)) and now.shelved == "timed", 5, task)
        shelved = at(sink)
        assert shelved is not None
        assert 0 < shelved.shelved_until_us - shelved.receive_us <= 2_000_000
        refused = await ask(one, sink, "shelve", one_shot=True)
        assert refused.why == "it is shelved already (BadConditionAlreadyShelved)"
        await until(lambda: (now := at(sink)) and not now.shelved, 6, task)

        assert (await ask(one, sink, "shelve", one_shot=True)).outcome == "asked"
        await until(lambda: (now := at(sink)) and now.shelved == "one_shot", 5, task)
        assert (await ask(one, sink, "unshelve")).outcome == "asked"
        await until(lambda: (now := at(sink)) and not now.shelved, 5, task)
        assert (await ask(one, sink, "unshelve")).why == "it is not shelved (BadConditionNotShelved)"


async def test_refresh_while_alarms_change_neither_doubles_nor_loses_one(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High", "Low", "Hot")
    async with running(press(tmp_path, server)) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        server.order(do="set_alarm", names=["High", "Low"], active=True)
        await until(lambda: len(sink.held) == 2, 5, task)
        told, lists = len(sink.reports), len(sink.lists)
        server.order(do="endless", on=True)
        server.order(do="signal", type=2789)
        await until(lambda: server.order(do="alarm", name="High")["calls"]["ConditionRefresh"] == 2, 5, task)
        server.order(do="set_alarm", names=["Hot"], active=True)
        await until(lambda: len(sink.held) == 3, 5, task)
        assert len(sink.reports) == told + 1 and len(sink.lists) == lists
        server.order(do="endless", on=False)
        await until(lambda: len(sink.lists) == lists + 1, 5, task)
        assert sink.lists[-1] == frozenset(sink.held) and len(sink.held) == 3
        assert len(sink.reports) == told + 1
        server.order(do="signal", type=3035)
        await until(lambda: len(sink.lists) == lists + 2, 5, task)
        assert len(sink.held) == 3 and len(sink.reports) == told + 1


async def test_alarms_that_changed_while_the_link_was_down_are_right_after_it(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High", "Low", "Hot", confirms=False)
    one = press(tmp_path, server)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        server.order(do="set_alarm", names=["High", "Low"], active=True)
        await until(lambda: len(sink.held) == 2, 5, task)
        before = dict(sink.held)
        assert (await ask(one, sink, "acknowledge", f"nsu={A};s=Low")).outcome == "asked"
        await until(lambda: (now := at(sink, f"nsu={A};s=Low")) and now.acked, 5, task)
    assert sink.lists[-1] is None and len(sink.held) == 2
    refused = await ask(one, sink, "acknowledge")
    assert refused.outcome == "refused" and "not connected" in refused.why
    server.order(do="set_alarm", names=["Low"], active=False)
    server.order(do="set_alarm", names=["Hot"], active=True)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        assert sorted(key[0] for key in sink.held) == [HIGH, f"nsu={A};s=Hot"]
        now = at(sink)
        assert now is not None and now.says_the_same(before[HIGH, ""])


async def test_thousand_alarms_at_once_are_all_told(tmp_path: Path, start_server: StartServer) -> None:
    server = started(start_server, "High")
    names = [f"Many{k}" for k in range(1000)]
    server.order(do="add_alarm", names=names)
    async with running(press(tmp_path, server)) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        await asyncio.to_thread(server.order, do="set_alarm", names=names, active=True)
        await until(lambda: len(sink.held) == 1000, 20, task)
        assert len(sink.reports) == 1000
        server.order(do="signal", type=2789)
        await until(lambda: len(sink.lists) == 2, 20, task)
        assert len(sink.reports) == 1000 and sink.lists[-1] == frozenset(sink.held)
        await until(lambda: sink.facts["alarms"] == "1000 mirrored", 2, task)


async def test_malformed_events_are_read_as_far_as_they_go(tmp_path: Path, start_server: StartServer) -> None:
    server = started(start_server, "High")
    node, kind = ["s=Odd", "NodeId"], ["i=2915", "NodeId"]
    async with running(press(tmp_path, server)) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        for fields in (
            {"EventType": kind},
            {"NodeId": ["", "Null"], "EventType": kind},
            {"NodeId": ["text", "String"], "EventType": ["no node", "String"]},
            {
                "NodeId": node,
                "Retain": ["yes", "String"],
                "Severity": [-5, "Int32"],
                "Time": ["now", "String"],
            },
            {
                "NodeId": node,
                "EventId": [3, "Int32"],
                "Message": [[1, 2], "Int32"],
                "Severity": [70000, "UInt32"],
            },
            {"NodeId": node, "ActiveState/Id": ["i=3", "NodeId"], "SourceName": ["\u0000a\n/b", "String"]},
        ):
            server.order(do="raw_event", fields=fields)
        server.order(do="set_alarm", names=["High"], active=True)
        await until(lambda: at(sink), 5, task)
        odd = at(sink, f"nsu={A};s=Odd")
        assert odd is not None and odd.active and odd.path == "press/a/b" and odd.severity == 1
        assert [report.severity for report in sink.reports if report.id.endswith("Odd")] == [1, 1000, 1]


async def test_calls_that_fail_are_told_in_words_and_never_made_twice(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High")
    one = press(tmp_path, server, timeout_s=0.5)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        server.order(do="set_alarm", names=["High"], active=True)
        await until(lambda: at(sink), 5, task)
        seen = at(sink)
        assert seen is not None and DRIVER.call is not None
        stale = await DRIVER.call(one, ConditionCall("acknowledge", HIGH, b"another", by="Ada"))
        assert stale.outcome == "refused" and stale.why.startswith("the alarm has changed meanwhile")
        unknown = await DRIVER.call(one, ConditionCall("acknowledge", f"nsu={A};s=Nothing", b"x"))
        assert unknown.outcome == "refused"
        server.order(do="silent", seconds=1.5)
        before = server.order(do="alarm", name="High")["calls"]["Acknowledge"]
        lost = await DRIVER.call(one, ConditionCall("acknowledge", HIGH, seen.event_id, by="Ada"))
        assert lost.outcome == "unknown" and "may or may not have been done" in lost.why
        await until(lambda: (now := at(sink)) and now.acked, 6, task)
        assert server.order(do="alarm", name="High")["calls"]["Acknowledge"] == before + 1


async def test_nothing_is_sent_over_an_open_link_unless_that_is_allowed(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High")
    one = press(tmp_path, server, unsecured_writes=False)
    async with running(one) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        answer = await ask(one, sink, "acknowledge")
        assert answer.outcome == "refused" and "unsecured_writes = true" in answer.why
        assert "Acknowledge" not in server.order(do="alarm", name="High")["calls"]


async def test_conditions_false_asks_the_server_for_no_event(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High")
    server.order(do="set_alarm", names=["High"], active=True)
    async with running(press(tmp_path, server, conditions=False)) as (sink, task):
        await until(lambda: 1 in sink.samples and sink.lists, 8, task)
        assert sink.lists == [frozenset()]
        assert server.order(do="sessions")["subscriptions"] == 1
        assert server.order(do="alarm", name="High")["calls"] == {}


async def test_server_that_is_killed_leaves_its_alarms_held_and_not_current(
    tmp_path: Path, start_server: StartServer
) -> None:
    server = started(start_server, "High")
    async with running(press(tmp_path, server)) as (sink, task):
        await until(lambda: is_current(sink), 8, task)
        server.order(do="set_alarm", names=["High"], active=True)
        await until(lambda: at(sink), 5, task)
        server.kill()
        await asyncio.wait([task], timeout=10)
        assert task.done() and sink.lists[-1] is None and at(sink) is not None
