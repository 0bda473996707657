"""The alarms of a server by another maker, mirrored, and what a person does with them sent back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.drivers.opcua import DRIVER
from engine.types import ConditionAnswer, ConditionCall, ConditionReport
from tests.engine.drivers.opcua.recording import RecordingSink, context, running, tag, until
from tests.peers.conftest import NodeServer

pytestmark = [pytest.mark.peer, pytest.mark.system, pytest.mark.timeout(240)]
LEVEL = "nsu=urn:peer:plant;s=Level"
ALARM = "nsu=urn:peer:plant;s=LevelAlarm"


def alarm(sink: RecordingSink) -> ConditionReport | None:
    return sink.held.get((ALARM, ""))


async def test_alarm_of_another_maker_is_acknowledged_shelved_and_confirmed(
    tmp_path: Path, node_server: NodeServer
) -> None:
    node_server.start()
    node_server.order(do="alarms")
    one = context(tmp_path, node_server.endpoint, tag(1, LEVEL))
    one = replace(one, source=msgspec.structs.replace(one.source, unsecured_writes=True))

    async def ask(what: str, **more: Any) -> ConditionAnswer:
        seen = alarm(sink)
        assert seen is not None and DRIVER.call is not None
        asked: dict[str, Any] = {"what": what, "id": ALARM, "event_id": seen.event_id, "by": "Ada", **more}
        return await DRIVER.call(one, ConditionCall(**asked))

    async with running(one) as (sink, task):
        await until(lambda: sink.lists, 15, task)
        node_server.order(do="level", value=90)
        await until(lambda: (now := alarm(sink)) and now.active, 8, task)
        came = alarm(sink)
        assert came is not None and came.path == "Line/Press/T1" and came.may_acknowledge and came.may_shelve
        assert came.name == "Level" and 0 < came.since_us <= came.receive_us

        assert await ask("acknowledge", comment="seen") == ConditionAnswer("asked")
        await until(lambda: (now := alarm(sink)) and now.acked and now.may_confirm, 8, task)
        assert (now := alarm(sink)) is not None and "seen (Ada)" in now.comment
        stale = await ask("acknowledge", event_id=b"of another event")
        assert stale.outcome == "refused" and stale.why.startswith("the alarm has changed meanwhile")

        # node-opcua tells no event when an alarm is shelved, so its answers must do.
        assert await ask("shelve", seconds=30.0) == ConditionAnswer("asked")
        assert (await ask("shelve", one_shot=True, seconds=5.0)).outcome == "asked"
        assert "shelved already" in (await ask("shelve", one_shot=True)).why
        assert await ask("unshelve") == ConditionAnswer("asked")
        assert "not shelved" in (await ask("unshelve")).why

        node_server.order(do="level", value=10)
        await until(lambda: (now := alarm(sink)) and not now.active, 8, task)
        assert await ask("confirm") == ConditionAnswer("asked")
        await until(lambda: alarm(sink) is None, 8, task)


async def test_alarm_that_stood_before_we_came_is_listed_by_the_refresh(
    tmp_path: Path, node_server: NodeServer
) -> None:
    node_server.start()
    node_server.order(do="alarms")
    node_server.order(do="level", value=120)
    async with running(context(tmp_path, node_server.endpoint, tag(1, LEVEL))) as (sink, task):
        await until(lambda: sink.lists, 15, task)
        standing = alarm(sink)
        assert standing is not None and standing.active and not standing.acked
        assert sink.lists[-1] == frozenset(sink.held)


async def test_server_without_alarms_costs_nothing(tmp_path: Path, node_server: NodeServer) -> None:
    node_server.start()
    one = context(tmp_path, node_server.endpoint, tag(1, "nsu=urn:peer:plant;s=Constant"))
    async with running(one) as (sink, task):
        await until(lambda: sink.lists and 1 in sink.samples, 15, task)
        assert sink.lists[-1] == frozenset() and sink.reports == []
        assert "alarms" not in sink.notes
