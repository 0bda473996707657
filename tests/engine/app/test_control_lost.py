"""A file of control that was deleted: work tags come back from the ledger, and it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.ledger import Reading
from engine.types import Alarm, WorkTag
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
        assert (alarm.active, alarm.acked, "1 work tag was put back" in alarm.cause) == (False, False, True)
        lost = [each for each in entries(made) if each["body"]["event"] == "control_lost"]
        assert [each["body"]["work_tags"] for each in lost] == [[f"{PRESS} ({OLAF})"]]
    async with site(tmp_path) as made:
        await soon(lambda: not made.hands.control._shut, "control is open")  # noqa: SLF001
        assert len(made.hands.control.work.all()) == 1
        assert len(entries(made)) == len(lost)


async def test_a_project_that_never_had_the_file_is_told_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        await operated(made)
        assert not told(made)
