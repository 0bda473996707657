"""Restoring a set: what is written, how often, and what is told of each tag."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.refused import Refused
from engine.control.sets import RestoreOrder
from engine.types import (
    NotRecorded,
    SetInfo,
    Status,
    WriteRule,
)
from tests.engine.control.persons import NOW_US
from tests.engine.control.sets_rig import SPS, Rig, tags


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


async def test_restore_writes_what_differs_once_and_saves_what_there_was(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values |= {SPS[1]: 90.0, SPS[4]: 91.0}
    rows, before = await rig.restore(info.id)
    assert rows == (
        (SPS[0], "equal", ""),
        (SPS[1], "verified", "so it is verified"),
        (SPS[2], "equal", ""),
        (SPS[3], "equal", ""),
        (SPS[4], "verified", "so it is verified"),
        (SPS[5], "equal", ""),
    )
    assert sorted(rig.machine.written) == [
        (SPS[1], 10.0, "restore", "start-up", ""),
        (SPS[4], 40.0, "restore", "start-up", ""),
    ]
    assert before == 2
    assert [(row.path, row.saved) for row in rig.sets.compare(before)] == [(SPS[1], 90.0), (SPS[4], 91.0)]
    assert rig.sets.all()[0].name == "before summer"
    assert rig.ledger.told("restore") == ["begun", "ended"]
    assert rig.ledger.entries[-1].body["verified"] == 2


async def test_rollback_brings_back_what_there_was(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values |= {SPS[1]: 90.0, SPS[4]: 91.0}
    _, before = await rig.restore(info.id)
    rows, _ = await rig.restore(before, (SPS[1], SPS[4]), is_rollback=True)
    assert rig.steps(rows) == ["verified", "verified"]
    assert (rig.machine.values[SPS[1]], rig.machine.values[SPS[4]]) == (90.0, 91.0)
    assert {kind for _, _, kind, _, _ in rig.machine.written[2:]} == {"rollback"}


async def test_restore_that_finds_nothing_to_write_saves_nothing(rig: Rig) -> None:
    info = await rig.save()
    rows, before = await rig.restore(info.id)
    assert (set(rig.steps(rows)), before, rig.machine.written) == ({"equal"}, 0, [])


async def test_only_the_tags_asked_for_are_written_in_the_order_asked(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rows, _ = await rig.restore(info.id, (SPS[4], SPS[2], SPS[4]))
    assert [row[0] for row in rows] == [SPS[4], SPS[2]]
    assert [path for path, *_ in rig.machine.written] == [SPS[4], SPS[2]]
    for paths, words in (((), "choose"), (("Hall/SP",), "not in the set")):
        with pytest.raises(Refused, match=words):
            await rig.restore(info.id, paths)


async def test_each_tag_has_its_own_result(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.machine.status[SPS[5]] = Status.STALE
    outcome = dict(zip(SPS, ("verified", "rejected", "unknown", "refused", "verified"), strict=False))
    rig.machine.does = outcome.__getitem__
    rows, before = await rig.restore(info.id)
    assert rig.steps(rows) == ["verified", "rejected", "unknown", "rejected", "verified", "rejected"]
    assert rows[1][2] == "so it is rejected" and rows[3][2] == "refused"
    assert "not written: its value is not good" in rows[5][2]
    assert [row.path for row in rig.sets.compare(before)] == list(SPS[:1] + SPS[4:5] + SPS[1:4])


async def test_three_unknown_outcomes_in_a_row_at_one_source_end_it(rig: Rig) -> None:
    info = await rig.save()
    rig.tags = tags(sources=1)
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    outcome = iter(("unknown", "unknown", "verified", "unknown", "unknown"))
    rig.machine.does = lambda path: next(outcome)
    rows, _ = await rig.restore(info.id, SPS[:5])
    assert rig.steps(rows) == ["unknown", "unknown", "verified", "unknown", "unknown"]
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.machine.does = lambda path: "unknown"
    rows, _ = await rig.restore(info.id)
    assert rig.steps(rows) == ["unknown"] * 3 + ["rejected"] * 3
    assert "3 writes in a row at plc0" in rows[3][2]
    assert len(rig.machine.written) == 5 + 3


async def test_unknown_outcomes_at_one_source_end_it_at_the_others_too(rig: Rig) -> None:
    paths = [f"Line/X{k}/SP" for k in range(40)]
    rig.tags = tags(paths)
    rig.rules = {path: WriteRule(path) for path in paths}
    rig.machine.values = dict.fromkeys(paths, 1.0)
    info = await rig.save()
    rig.machine.values = dict.fromkeys(paths, 2.0)
    rig.machine.does = lambda path: "unknown" if rig.tags[path].source == "plc0" else "verified"
    rows, _ = await rig.restore(info.id, paths)
    steps = rig.steps(rows)
    assert steps.count("unknown") == 3
    assert steps.count("verified") <= 4 and steps.count("rejected") >= 33
    assert rig.machine.side_by_side == 2


async def test_cancel_stops_before_the_next_tag_and_tells_what_was_done(rig: Rig) -> None:
    info = await rig.save()
    rig.tags = tags(sources=1)
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.stop_at = 0.5
    rows, before = await rig.restore(info.id)
    assert rig.steps(rows) == ["verified"] * 3 + ["rejected"] * 3
    assert {why for _, step, why in rows if step == "rejected"} == {"not written: it was cancelled before"}
    assert len(rig.machine.written) == 3 and before == 2
    assert rig.progress == sorted(rig.progress)


@pytest.mark.parametrize(("fault", "step"), [("not recorded", "rejected"), ("broken", "unknown")])
async def test_nothing_more_is_written_once_the_ledger_or_the_engine_fails(
    rig: Rig, fault: str, step: str
) -> None:
    info = await rig.save()
    rig.tags = tags(sources=1)
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.machine.does = lambda path: fault if path == SPS[2] else "verified"
    rows, _ = await rig.restore(info.id)
    assert rig.steps(rows) == ["verified", "verified", step, "rejected", "rejected", "rejected"]
    assert all("not written" in why for _, _, why in rows[3:])


async def test_ledger_that_refuses_the_start_lets_nothing_be_written(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.restore(info.id)
    assert rig.machine.written == []


async def test_critical_tags_need_a_second_person_once_for_all(rig: Rig) -> None:
    for path in SPS[:2]:
        rig.rule(path, write_class="critical")
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    assert rig.steps((await rig.restore(info.id, SPS[2:]))[0]) == ["verified"] * 4
    for more, words in (
        ({}, "2 of these tags are critical"),
        ({"second": "ben", "secret": "wrong"}, "wrong"),
        ({"second": "cy", "secret": "secret of cy"}, "cy may not approve"),
        ({"reason": " "}, "say why"),
    ):
        with pytest.raises(Refused, match=words):
            await rig.restore(info.id, **more)
    rig.rights.allow("ada", "", "write", "restore", "approve")
    with pytest.raises(Refused, match="another person"):
        await rig.restore(info.id, second="ADA", secret="secret of ada")
    rig.rights.allow("ben", "Line/M1")
    with pytest.raises(Refused, match="at Line/M1/SP"):
        await rig.restore(info.id, second="ben", secret="secret of ben")
    rig.rights.allow("ben", "Line/M1", "approve")
    assert len(rig.machine.written) == 4
    rig.rights.asked.clear()
    rows, _ = await rig.restore(info.id, second="ben", secret="secret of ben")
    assert rig.steps(rows) == ["verified"] * 2 + ["equal"] * 4
    assert rig.rights.asked == [("ben", "approve", SPS[:2])]
    assert {second for *_, second in rig.machine.written[4:]} == {"ben"}
    assert "secret of" not in repr(rig.ledger.entries)


async def test_restore_needs_the_right_at_every_tag(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    rig.rights.allow("ada", "Line/M3", "write")
    with pytest.raises(Refused, match="ada may not restore at Line/M3/SP"):
        await rig.restore(info.id)
    assert rig.machine.written == []
    rows, _ = await rig.restore(info.id, SPS[:3])
    assert rig.steps(rows) == ["verified"] * 3


async def test_one_restore_at_a_time(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values = dict.fromkeys(SPS, 99.0)
    first = asyncio.create_task(rig.restore(info.id))
    while not rig.machine.written:
        await asyncio.sleep(0)
    with pytest.raises(Refused, match="being restored already"):
        await rig.restore(info.id)
    assert rig.steps((await first)[0]) == ["verified"] * 6
    rows, _ = await rig.restore(info.id)
    assert rig.steps(rows) == ["equal"] * 6


async def test_second_persons_secret_is_not_shown() -> None:
    assert "hush" not in repr(RestoreOrder(1, ("a",), second="ben", secret="hush"))


async def test_four_thousand_tags_are_restored_with_a_result_each(rig: Rig) -> None:
    paths = [f"Line/M{k}/SP" for k in range(4_000)]
    rig.tags = tags(paths, sources=8)
    rig.rules = {path: WriteRule(path, tolerance=0.01) for path in paths}
    rig.machine.values = {path: float(k % 100) for k, path in enumerate(paths)}
    info = await rig.save()
    rig.machine.values = {path: value + 1.0 for path, value in rig.machine.values.items()}
    rows, before = await rig.restore(info.id, paths)
    assert [row[0] for row in rows] == paths
    assert rig.steps(rows) == ["verified"] * 4_000
    assert len(rig.machine.written) == 4_000 == len({path for path, *_ in rig.machine.written})
    assert rig.machine.side_by_side == 8
    assert all(row.is_equal for row in rig.sets.compare(info.id))
    assert rig.sets.all()[0] == SetInfo(before, "before summer", "Line", "ada", NOW_US, 4_000)
