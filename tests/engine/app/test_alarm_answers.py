"""What a window asks of the engine about alarms, through the real journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.alarms import seen_in
from engine.app import alarm_answers as module
from engine.app.alarm_answers import alarm_answers
from engine.app.device_alarms import calling
from engine.app.drivers import drivers
from engine.app.ingest import Ingest
from engine.app.plant import Running
from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.drivers.link import Link
from engine.drivers.shared import Shared
from engine.live import LiveTable, plan
from engine.server import RequestRefused
from engine.store import Catalogue, Journal, StoredEvent
from engine.store.alarm_journal import AlarmJournal
from engine.tags import Pipeline
from engine.types import (
    AlarmChange,
    Batch,
    ConditionAnswer,
    ConditionCall,
    ConditionReport,
    Limit,
    Plant,
    Project,
    Source,
    Tag,
)
from engine.wire import AlarmCommandAnswer, AlarmCommandBody, AlarmJournalBody, AlarmsAnswer, AlarmsBody

COUNT = 150
TAGS = tuple(Tag(k, f"A/{k}", "plc", "x") for k in range(COUNT))
LIMITS = tuple(Limit(f"A/{k}", "h", limit=0.5) for k in range(COUNT))
SOURCE = Source("plc", "opcua", "opc.tcp://127.0.0.1:1")
REPORT = ConditionReport(
    "ns=2;s=X", "A/1", "HighAlarm", 2, active=True, acked=False, event_id=b"7", since_us=5, receive_us=6,
    may_acknowledge=True, may_confirm=True,
)  # fmt: skip


class Site:
    """A project in operation without its sources: values and conditions are said by the test."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.asked = SystemClock(), list[ConditionCall]()
        self.answer = ConditionAnswer("asked")
        ids = np.arange(COUNT, dtype=np.int32)
        table = LiveTable(folder / "live.bin", plan(COUNT, 1, 1 << 18), ids, self.clock.mono_us())
        project = Project(str(folder), Plant("p"), (SOURCE,), TAGS, limits=LIMITS)
        catalogue = Catalogue(folder / "catalogue.db")
        self.running = Running(project, self.clock, table, catalogue, Pipeline(TAGS), list(TAGS), 0)
        self.alarms = self.running.alarms
        self.answers = alarm_answers(self.running)
        self.path = folder / "journal.db"

    def value(self, value: float) -> None:
        now = np.array([self.clock.now_us()], np.int64)
        tags, quality = np.arange(COUNT, dtype=np.int32), np.zeros(COUNT, np.uint32)
        self.alarms.judge(Batch(0, tags, now, now, np.full((1, COUNT), value), quality), None, 1)

    async def ask(self, version: int = 0) -> AlarmsAnswer:
        answer = await self.answers["alarms"](msgspec.Raw(msgspec.msgpack.encode(AlarmsBody(version))))
        assert isinstance(answer, AlarmsAnswer)
        return answer

    async def there(self, count: int) -> AlarmsAnswer:
        """The answer once so many alarms are shown."""
        async with asyncio.timeout(10):
            while len((answer := await self.ask()).alarms) != count:
                await asyncio.sleep(0.01)
        return answer

    async def do(self, body: AlarmCommandBody) -> AlarmCommandAnswer:
        answer = await self.answers["alarm_command"](msgspec.Raw(msgspec.msgpack.encode(body)))
        assert isinstance(answer, AlarmCommandAnswer)
        return answer

    def noted(self) -> list[AlarmChange]:
        return AlarmJournal(self.path).changes(AlarmJournalBody(0, 2**62, most=10_000))

    def keeps_conditions(self) -> None:
        """Its source is an OPC UA server with alarms of its own."""

        async def call(_: Context, asked: ConditionCall) -> ConditionAnswer:
            self.asked.append(asked)
            return self.answer

        driver = replace(drivers()["opcua"], call=call)
        sink = Ingest(
            self.running.table,
            self.running.pipeline,
            self.running.counters,
            self.clock,
            self.running.reasons,
            self.running.described,
            self.alarms,
            source="plc",
        )
        context = Context(SOURCE, TAGS, sink, self.clock, self.path, Shared(), self.running.texts.code)
        sink.condition(REPORT)
        self.running.sources.append((context, driver, Link()))


@asynccontextmanager
async def site(folder: Path) -> AsyncGenerator[Site]:
    made, loop = Site(folder), asyncio.get_running_loop()

    def committed(events: Sequence[StoredEvent]) -> None:
        loop.call_soon_threadsafe(made.alarms.committed, seen_in([each.body for each in events]))

    journal = Journal(made.path, committed, lambda text: None)
    made.running.journal = journal
    made.alarms.begin(
        lambda change, alarm: journal.append(change.time_us, "alarm", {"change": change, "alarm": alarm}),
        [],
        soon=loop.call_soon,
    )
    try:
        yield made
    finally:
        await asyncio.to_thread(journal.close)
        made.running.close()


def test_a_command_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    async def body() -> None:
        async with site(tmp_path) as made:
            made.value(1.0)
            shown = (await made.there(COUNT + 1)).alarms  # and the flood
            seen = tuple((each.id, each.changed_us) for each in shown)
            answer = await made.do(AlarmCommandBody("acknowledge", seen, "Ann"))
            assert (len(answer.done), answer.refused) == (COUNT + 1, ())
            acked = [each for each in made.noted() if each.what == "acknowledged"]
            assert {each.alarm for each in acked} == {each.id for each in shown}
            assert {each.by for each in acked} == {"Ann"}
            version = (await made.ask()).version
            made.value(0.0)
            await made.there(1)
            gone = await made.ask(version)
            assert (gone.is_whole, len(gone.gone), gone.counts.acknowledged) == (False, COUNT, (0, 0, 1, 0))

    asyncio.run(body())


def test_a_command_without_a_name_is_refused_in_words(tmp_path: Path) -> None:
    async def body() -> None:
        async with site(tmp_path) as made:
            with pytest.raises(RequestRefused, match="nobody is named"):
                await made.do(AlarmCommandBody("acknowledge", ((1, 0),), ""))

    asyncio.run(body())


def test_a_command_that_the_disk_does_not_take_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECORDED_S", 0.2)

    async def body() -> None:
        async with site(tmp_path) as made:
            made.value(1.0)
            (alarm, *_) = (await made.there(COUNT + 1)).alarms
            made.alarms.begin(lambda change, after: None, [])  # a disk that never answers
            with pytest.raises(RequestRefused, match="it is done, but it is not on record"):
                await made.do(AlarmCommandBody("acknowledge", ((alarm.id, alarm.changed_us),), "Ann"))

    asyncio.run(body())


def test_what_a_server_keeps_is_asked_of_that_server(tmp_path: Path) -> None:
    async def body() -> None:
        async with site(tmp_path) as made:
            made.keeps_conditions()
            (alarm,) = (await made.there(1)).alarms
            asked = AlarmCommandBody("acknowledge", ((alarm.id, alarm.changed_us),), "Ann", "seen")
            assert (await made.do(asked)).done == (alarm.id,)
            assert made.asked == [ConditionCall("acknowledge", "ns=2;s=X", b"7", "Ann", "seen")]
            assert [each.letter for each in (await made.ask()).alarms] == ["B"], (
                "its event says what came of it"
            )
            made.answer = ConditionAnswer("refused", "the server says no")
            assert (await made.do(asked)).refused == ((alarm.id, "the server says no"),)
            unseen = msgspec.structs.replace(asked, alarms=((alarm.id, 1),))
            assert "came again" in (await made.do(unseen)).refused[0][1]
            out = msgspec.structs.replace(asked, what="out_of_service")
            assert "do that at the server" in (await made.do(out)).refused[0][1]

    asyncio.run(body())


def test_one_that_is_acknowledged_and_waits_for_it_is_confirmed() -> None:
    waiting = msgspec.structs.replace(REPORT, acked=True, confirmed=False)
    assert calling(waiting, AlarmCommandBody("acknowledge", (), "Ann"), 0).what == "confirm"
    shelf = AlarmCommandBody("shelve", (), "Ann", "noise", until_us=60_000_000)
    may = msgspec.structs.replace(REPORT, may_shelve=True)
    assert (calling(may, shelf, 0).what, calling(may, shelf, 0).seconds) == ("shelve", 60.0)
