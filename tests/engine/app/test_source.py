"""The page of one source: its status in words, its troubled tags, worst first."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine import paths
from engine.app.plant import open_plant
from engine.app.status import answers
from engine.drivers.opcua.identity import self_signed
from engine.drivers.opcua.trust import is_trusted, reject, thumbprint
from engine.server import RequestRefused
from engine.store import Journal, StoredEvent
from engine.types import (
    Batch,
    Certificate,
    Plant,
    Project,
    Source,
    SourceDetail,
    SourceEvent,
    SourceNote,
    Status,
    Tag,
)
from engine.wire import SourceBody, StatusAnswer, TrustBody
from tests.engine.app.test_ingest import StillClock

NOW_US = 1_790_000_000_000_000
SERVER, _KEY = self_signed("PLC", "urn:plc", ["plc"], NOW_US, 2)
MARK = thumbprint(SERVER)


class Rig:
    """A project with an OPC UA source of 300 tags and a Modbus source of one, both without a driver."""

    def __init__(self, folder: Path) -> None:
        (folder / "runtime").mkdir()
        sources = (
            Source("press", "opcua", "opc.tcp://10.0.0.5:4840"),
            Source("meters", "modbus", "tcp://10.0.0.6:502?unit=3"),
        )
        tags = tuple(Tag(-1, f"P/{k:03}", "press", f"ns=2;i={k}", line=k + 2) for k in range(300))
        tags += (Tag(-1, "M", "meters", "holding:1"),)
        self.clock = StillClock()
        self.written: list[StoredEvent] = []
        self.pki = paths.pki(folder)
        project = Project(str(folder), Plant("p", ring_mb=1), sources, tags)
        self.running = open_plant(folder, project, 7, folder / "runtime", self.clock)
        self.context, _, self.link = self.running.sources[0]
        self.meters = self.running.sources[1][2]
        self.journal = Journal(folder / "journal.db", self.written.extend, print, print)
        self.running.journal = self.journal
        self.answers = answers(self.running, asyncio.Event())

    async def ask(self, op: str, body: object) -> object:
        return await self.answers[op](msgspec.Raw(msgspec.msgpack.encode(body)))

    async def detail(self, source: str = "press") -> SourceDetail:
        answer = await self.ask("source", SourceBody(source))
        assert isinstance(answer, SourceDetail)
        return answer

    def close(self) -> None:
        self.journal.close()
        self.running.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


def some(*tags: int) -> np.ndarray:
    return np.array(tags, np.int32)


async def test_troubled_tags_come_worst_first_with_the_reason_they_were_given(rig: Rig) -> None:
    sink, every = rig.context.sink, np.arange(300, dtype=np.int32)
    now = np.array([NOW_US])
    sink.batch(Batch(0, every, now, now, np.ones((1, 300)), np.zeros(300, np.uint32)))
    sink.mark(some(5), 0x40930000)
    sink.mark(some(9), Status.CONFIGURATION_ERROR, "the server has no node ns=2;i=9")
    detail = await rig.detail()
    assert [(each.path, each.address, each.status, each.why) for each in detail.troubled] == [
        ("P/009", "ns=2;i=9", Status.CONFIGURATION_ERROR, "the server has no node ns=2;i=9"),
        ("P/005", "ns=2;i=5", 0x40930000, "sensor not accurate"),
    ]
    assert (detail.troubled_count, detail.status.good) == (2, 298)


async def test_reason_holds_only_while_the_tag_has_that_status(rig: Rig) -> None:
    rig.context.sink.mark(some(9), Status.CONFIGURATION_ERROR, "no such node")
    rig.context.sink.mark(some(9), Status.DEVICE_FAILURE)
    worst = (await rig.detail()).troubled
    assert {each.why for each in worst if each.path == "P/009"} == {"device failure"}


async def test_only_the_first_two_hundred_troubled_tags_are_listed_but_all_are_counted(rig: Rig) -> None:
    detail = await rig.detail()
    assert (len(detail.troubled), detail.troubled_count) == (200, 300)
    assert detail.troubled[0].why == "no value received yet"
    other = await rig.detail("meters")
    assert [each.path for each in other.troubled] == ["M"]


async def test_what_the_link_knows_is_on_the_page(rig: Rig) -> None:
    rig.link.what, rig.link.do = "10.0.0.5 refuses connections", "check that its OPC UA server runs"
    rig.link.clock_offset_s = -7.25
    rig.link.notes["clock"] = SourceNote("clock", "its clock is 7.2 s behind", "set it", NOW_US)
    rig.link.facts["publishing interval"] = "1 s (asked 0.5 s)"
    rig.link.events.append(SourceEvent(NOW_US, "connecting", "it went away"))
    detail = await rig.detail()
    status = detail.status
    assert (status.what, status.do, status.clock_offset_s, status.notes) == (
        "10.0.0.5 refuses connections",
        "check that its OPC UA server runs",
        -7.25,
        1,
    )
    assert detail.notes == (rig.link.notes["clock"],)
    assert detail.facts == (("publishing interval", "1 s (asked 0.5 s)"),)
    assert detail.events == (SourceEvent(NOW_US, "connecting", "it went away"),)


async def test_link_that_is_up_and_silent_says_since_when_and_what_to_check(rig: Rig) -> None:
    rig.meters.state, rig.meters.proven_mono_us = "connected", rig.clock.us
    rig.clock.us += 8_000_000
    silent = (await rig.detail("meters")).status
    assert (silent.state, silent.what, silent.do) == (
        "stale",
        "no news from 10.0.0.6:502 for 8 s",
        "check the network and that the PLC runs",
    )
    answer = await rig.ask("status", None)
    assert isinstance(answer, StatusAnswer)
    assert [each.what for each in answer.sources] == ["", "no news from 10.0.0.6:502 for 8 s"]


async def test_silence_behind_a_gateway_tells_what_the_gateway_said(rig: Rig) -> None:
    rig.meters.state, rig.meters.proven_mono_us = "connected", rig.clock.us
    rig.clock.us += 8_000_000
    what, do = "the gateway says that unit 3 does not answer", "check the power and the wiring of unit 3"
    rig.meters.notes["gateway"] = SourceNote("gateway", what, do, NOW_US)
    silent = (await rig.detail("meters")).status
    assert silent.what == f"no news from 10.0.0.6:502 for 8 s; {what}"
    assert silent.do == do


async def test_unknown_source_is_refused(rig: Rig) -> None:
    with pytest.raises(RequestRefused, match="there is no source 'oven' in this project"):
        await rig.detail("oven")


async def test_certificate_is_trusted_then_distrusted_and_both_are_written_down(rig: Rig) -> None:
    reject(rig.pki, "press", SERVER)
    (shown,) = (await rig.detail()).certificates
    assert (shown.place, shown.thumbprint, shown.subject, shown.uri) == (
        "rejected",
        MARK,
        "CN=PLC",
        "urn:plc",
    )
    assert shown.not_before_us < NOW_US < shown.not_after_us
    retried = asyncio.create_task(rig.link.wait_retry())
    with_colons = ":".join(MARK[at : at + 2] for at in range(0, 64, 2)).upper()
    trusted = await rig.ask("trust", TrustBody("press", with_colons))
    assert isinstance(trusted, Certificate)
    assert (trusted.place, trusted.thumbprint) == ("trusted", MARK)
    assert is_trusted(rig.pki, "press", SERVER)
    await asyncio.wait_for(retried, 5)
    assert [each.place for each in (await rig.detail()).certificates] == ["trusted"]

    assert not rig.running.restart["press"].is_set()
    again = await rig.ask("distrust", TrustBody("press", MARK))
    assert isinstance(again, Certificate)
    assert again.place == "rejected"
    assert not is_trusted(rig.pki, "press", SERVER)
    assert rig.running.restart["press"].is_set(), "the open connection must end"
    rig.journal.close()
    written = [(each.event, each.body["source"], each.body["thumbprint"]) for each in rig.written]
    assert written == [("certificate_trusted", "press", MARK), ("certificate_distrusted", "press", MARK)]


async def test_what_was_never_shown_or_never_trusted_is_refused_in_words(rig: Rig) -> None:
    with pytest.raises(RequestRefused, match="has shown no certificate"):
        await rig.ask("trust", TrustBody("press", MARK))
    with pytest.raises(RequestRefused, match="trusts no certificate with SHA-256 thumbprint"):
        await rig.ask("distrust", TrustBody("press", MARK))
    for op in ("trust", "distrust"):
        with pytest.raises(RequestRefused, match="only OPC UA servers show certificates"):
            await rig.ask(op, TrustBody("meters", MARK))
    rig.journal.close()
    assert rig.written == []


async def test_file_that_is_no_certificate_is_shown_as_such(rig: Rig) -> None:
    reject(rig.pki, "press", b"not DER at all")
    (shown,) = (await rig.detail()).certificates
    assert (shown.subject, shown.uri, shown.not_after_us) == ("not a certificate", "", 0)
