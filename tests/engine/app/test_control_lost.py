"""A file of control that was deleted: work tags come back from the ledger, and it is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.ledger import Reading
from engine.types import Alarm, RecordEntry, WorkTag
from engine.wire import WorkTagBody, WorkTagOffBody
from tests.engine.app.handled import Site, site
from tests.engine.app.recorded import Ring
from tests.engine.app.test_control_wiring import operated, soon
from tests.people import OLAF

PRESS, LINE = "Line/Press", "Line"


async def worked(made: Site) -> None:
    """Two tags put on, one of them taken off again."""
    token = await operated(made)
    for asset in (PRESS, LINE):
        await made.ask("work_tag", WorkTagBody(asset, "Olaf, seal", "17", "WO-1", "seal", 0), WorkTag, token)
    await made.ask("work_tag_off", WorkTagOffBody(LINE), bool, token)


def told(made: Site) -> list[Alarm]:
    made.running.alarms.tick()
    return [each for each in made.running.alarms.shown().alarms if each.name == "control lost"]


def entries(made: Site) -> list[dict[str, Any]]:
    reading = Reading(made.scribe.file)
    try:
        return [each.content for each in reading.entries(types=("gap",), limit=-1)]
    finally:
        reading.close()


async def test_work_tags_of_a_deleted_file_come_back_and_everybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()  # the key of the ledger outlives the engine
    monkeypatch.setattr("tests.engine.app.handled.Ring", lambda: ring)
    async with site(tmp_path) as made:
        await worked(made)
    (tmp_path / "data" / "control.db").unlink()
    async with site(tmp_path) as made:
        await soon(lambda: made.hands.control.work.all(), "the tag is back")
        (tag,) = made.hands.control.work.all()
        assert (tag.asset, tag.by, tag.order) == (PRESS, OLAF, "WO-1")
        assert "work in progress" in made.hands.control.work.blocked(f"{PRESS}/Setpoint")
        assert made.hands.control.stage.now == "look"
        await soon(lambda: told(made), "the alarm is shown")
        (alarm,) = told(made)
        assert (alarm.active, alarm.acked) == (False, False)
        assert f"1 work tag put back from the ledger: {PRESS} ({OLAF})" in alarm.cause
        assert 'the stage was "control" and is "look"' in alarm.consequence
        lost = [each for each in entries(made) if each["body"]["event"] == "control_lost"]
        assert [each["body"]["work_tags"] for each in lost] == [[f"{PRESS} ({OLAF})"]]
    async with site(tmp_path) as made:
        await soon(lambda: not made.hands.control._shut, "control is open")  # noqa: SLF001
        assert len(made.hands.control.work.all()) == 1
        assert len(entries(made)) == len(lost)


async def test_a_damaged_file_keeps_nothing_but_the_work_tags_are_seen_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    monkeypatch.setattr("tests.engine.app.handled.Ring", lambda: ring)
    async with site(tmp_path) as made:
        await worked(made)
    file = tmp_path / "data" / "control.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(len(whole) - 100))
    async with site(tmp_path) as made:
        await soon(lambda: told(made), "the alarm is shown")
        (alarm,) = told(made)
        assert "is damaged" in alarm.cause and f"{PRESS} ({OLAF})" in alarm.cause
        assert [tag.asset for tag in made.hands.control.work.all()] == [PRESS]
        assert "control.db" in made.hands.control.refusing
    file.unlink()
    async with site(tmp_path) as made:
        await soon(lambda: made.hands.control.work.all(), "the tag is back")
        assert not made.hands.control.store.trouble


async def test_tags_put_on_since_a_backup_come_back_with_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    monkeypatch.setattr("tests.engine.app.handled.Ring", lambda: ring)
    async with site(tmp_path) as made:
        await operated(made)
    file = tmp_path / "data" / "control.db"
    old = file.read_bytes()
    async with site(tmp_path) as made:
        token = await made.login(OLAF)
        await made.ask("work_tag", WorkTagBody(PRESS, "Olaf, seal"), WorkTag, token)
    file.write_bytes(old)
    for _ in range(2):
        async with site(tmp_path) as made:
            await soon(lambda: made.hands.control.work.all(), "the tag is back")
            await soon(lambda: not made.hands.control._shut, "control is open")  # noqa: SLF001
            assert made.hands.control.stage.now == "control", "what the file knows stays"
    lost = [each for each in entries(made) if each["body"]["event"] == "control_lost"]
    assert [each["body"]["work_tags"] for each in lost] == [[f"{PRESS} ({OLAF})"]], "once, and never again"


async def test_a_removal_that_a_stop_cut_short_leaves_the_tag_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    monkeypatch.setattr("tests.engine.app.handled.Ring", lambda: ring)
    async with site(tmp_path) as made:
        await worked(made)
        (tag,) = made.hands.control.work.all()
        body = {"what": "taken off", "tag": msgspec.to_builtins(tag), "by": [OLAF]}
        entry = RecordEntry("work_tag", OLAF, body)
        made.hands.control.store.intend(entry, is_safe=False)
        await made.scribe.record([entry])
    for _ in range(2):
        async with site(tmp_path) as made:
            await soon(lambda: not made.hands.control._shut, "control is open")  # noqa: SLF001
            await asyncio.sleep(0.05)
            assert len(made.hands.control.work.all()) == 1
            assert not told(made), "what counts in the file and what the ledger says are the same"
    (tmp_path / "data" / "control.db").unlink()
    async with site(tmp_path) as made:
        await soon(lambda: made.hands.control.work.all(), "the tag is back")


async def test_a_project_that_never_had_the_file_is_told_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await operated(made)
        assert not told(made)
