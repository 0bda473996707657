"""Sets of setpoints: what is saved, and how it differs from the plant."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.control.refused import Refused
from engine.control.set_values import is_near, writable
from engine.store.database import open_database
from engine.types import (
    Command,
    NotRecorded,
    Plant,
    Project,
    SetInfo,
    Status,
    WriteRule,
)
from tests.engine.control.persons import NOW_US, session, token
from tests.engine.control.sets_rig import SPS, Rig, tags


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path / "control.db")
    yield made
    made.store.close()


async def test_set_holds_every_setpoint_below_its_scope_as_it_is(rig: Rig) -> None:
    rig.rules["Hall/SP"] = WriteRule("Hall/SP")
    rig.rules["Liner/SP"] = WriteRule("Liner/SP")
    rig.tags |= tags(("Hall/SP", "Liner/SP"))
    info = await rig.save()
    assert info == SetInfo(1, "summer", "Line", "ada", NOW_US, 6)
    rig.restart()
    assert rig.sets.all() == (info,)
    rows = rig.sets.compare(1)
    assert [(row.path, row.saved, row.now, row.unit, row.is_equal, row.why) for row in rows] == [
        (path, 10.0 * k, 10.0 * k, "bar", True, "") for k, path in enumerate(SPS)
    ]


async def test_value_that_is_not_good_is_left_out_and_never_a_number(rig: Rig) -> None:
    rig.machine.status[SPS[0]] = Status.STALE
    rig.machine.status[SPS[1]] = Status.BAD
    rig.machine.values[SPS[2]] = math.nan
    del rig.machine.values[SPS[3]]
    info = await rig.save()
    assert (info.size, [path for path, _ in info.left_out]) == (2, list(SPS[:4]))
    assert [why for _, why in info.left_out][2:] == ["its value is no number", "there is no value"]
    assert [row.path for row in rig.sets.compare(info.id)] == list(SPS[4:])
    rig.restart()
    assert rig.sets.left_out(info.id) == info.left_out


async def test_set_without_one_good_value_is_refused(rig: Rig) -> None:
    rig.machine.values.clear()
    with pytest.raises(Refused, match="no tag has a good value"):
        await rig.save()
    with pytest.raises(Refused, match="nothing to save"):
        await rig.save(scope="Hall")
    assert (rig.ledger.entries, rig.sets.all()) == ([], ())


async def test_commands_are_never_part_of_a_set(rig: Rig) -> None:
    rig.commands = frozenset({SPS[0]})
    info = await rig.save()
    assert SPS[0] not in [row.path for row in rig.sets.compare(info.id)]
    rig.commands = frozenset({SPS[1]})
    row = next(row for row in rig.sets.compare(info.id) if row.path == SPS[1])
    assert "may not be written any more" in row.why


async def test_project_says_what_is_writable() -> None:
    command = Command("Line/M0", "start", "Line/M0/Start", 1.0)
    rules = (WriteRule(SPS[1]), WriteRule(SPS[0]), WriteRule("Line/M0/Start"), WriteRule("Line/Gone"))
    paths = (*SPS, "Line/M0/Start")
    project = Project("", Plant("p"), (), tuple(tags(paths).values()), writes=rules, commands=(command,))
    assert writable(project).below("") == [SPS[1], SPS[0]]
    assert writable(project).below("Line/M0") == [SPS[0]]
    assert writable(project).below("Line/M") == []


async def test_saving_needs_a_right_a_name_and_the_ledger(rig: Rig) -> None:
    with pytest.raises(Refused, match="dee may not"):
        await rig.save("dee")
    with pytest.raises(Refused, match="needs a name"):
        await rig.save(name="\n ")
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.save()
    assert rig.sets.all() == ()
    rig.ledger.trouble = ""
    await rig.save("cy")
    body = rig.ledger.entries[0].body
    assert (body["what"], body["tags"], len(body["sha256"])) == ("set of setpoints saved", 6, 64)


async def test_what_differs_comes_first_and_is_judged_by_the_tolerance_of_its_rule(rig: Rig) -> None:
    info = await rig.save()
    rig.machine.values |= {SPS[1]: 10.5, SPS[3]: 30.51, SPS[5]: 7.0}
    rig.machine.status[SPS[4]] = Status.BAD
    rows = rig.sets.compare(info.id)
    assert [row.path for row in rows] == [SPS[3], SPS[5], SPS[4], SPS[0], SPS[1], SPS[2]]
    assert [row.is_equal for row in rows] == [False] * 3 + [True] * 3
    assert (rows[2].now, rows[2].why) == (
        None,
        "its value is not good: the device marks it bad, or sends what is no number",
    )


@pytest.mark.parametrize(
    ("saved", "now", "tolerance", "near"),
    [
        (0.3, 0.1 + 0.2, 0.0, True),
        (1.0, 1.1, 0.1, True),
        (1.0, 1.1001, 0.1, False),
        (0.0, 1e-9, 0.0, False),
        (1e15, 1e15 + 8, 0.0, False),
    ],
)
def test_rounding_is_no_difference(saved: float, now: float, tolerance: float, near: bool) -> None:
    assert is_near(saved, now, tolerance) is is_near(now, saved, tolerance) is near


async def test_tag_that_cannot_be_written_now_says_why(rig: Rig) -> None:
    info = await rig.save()
    del rig.rules[SPS[0]]
    del rig.tags[SPS[1]]
    rig.tags[SPS[2]] = msgspec.structs.replace(rig.tags[SPS[2]], unit="kPa")
    rig.rule(SPS[3], high=29.0)
    rig.rule(SPS[4], low=41.0)
    rig.tags[SPS[5]] = msgspec.structs.replace(rig.tags[SPS[5]], high=49.0)
    why = {row.path: row.why for row in rig.sets.compare(info.id)}
    assert "writes.csv has no row" in why[SPS[0]]
    assert "no such tag" in why[SPS[1]]
    assert why[SPS[2]] == "it was saved in bar and is in kPa now"
    assert why[SPS[3]] == "it is above what may be written now, 29 bar"
    assert why[SPS[4]] == "it is below what may be written now, 41 bar"
    assert "49 bar" in why[SPS[5]]
    equal = {row.path for row in rig.sets.compare(info.id) if row.is_equal}
    assert SPS[2] not in equal and SPS[1] not in equal


async def test_set_that_somebody_changed_in_the_file_is_refused(rig: Rig) -> None:
    info = await rig.save()
    rig.store.close()
    connection = open_database(rig.path)
    (body,) = connection.execute("SELECT body FROM sets").fetchone()
    at = random.Random(7).randrange(32, len(body))
    changed = bytes([*body[:at], body[at] ^ 1, *body[at + 1 :]])
    connection.execute("UPDATE sets SET body = ?", (changed,))
    connection.close()
    rig.start()
    for reading in (rig.sets.compare, rig.sets.left_out):
        with pytest.raises(Refused, match="is damaged"):
            reading(info.id)
    with pytest.raises(Refused, match="is damaged"):
        await rig.restore(info.id)
    assert rig.machine.written == []


@pytest.mark.parametrize("number", [0, -1, 7, 2**70])
async def test_set_that_is_not_there_is_refused(rig: Rig, number: int) -> None:
    await rig.save()
    with pytest.raises(Refused, match="no set number"):
        rig.sets.compare(number)


async def test_damaged_file_is_told_and_no_set_is_lost_in_silence(rig: Rig) -> None:
    await rig.save()
    rig.store.close()
    rig.path.write_bytes(b"")
    rig.start()
    for reading in (rig.sets.all, lambda: rig.sets.compare(1)):
        with pytest.raises(Refused, match="is empty"):
            reading()
    with pytest.raises(Refused, match="is empty"):
        await rig.save()


async def test_set_is_removed_by_who_may_restore_and_what_it_was_stays_on_record(rig: Rig) -> None:
    for name in ("summer", "winter"):
        await rig.save(name=name)
    for person in ("cy", "dee"):
        with pytest.raises(Refused):
            await rig.sets.remove(token(person), session(person), 1)
    rig.ledger.trouble = "the disk is full"
    with pytest.raises(NotRecorded):
        await rig.sets.remove(token("ada"), session("ada"), 1)
    rig.ledger.trouble = ""
    assert len(rig.sets.all()) == 2
    await rig.sets.remove(token("ada"), session("ada"), 1)
    last = rig.ledger.entries[-1]
    assert (last.type, last.actor) == ("configuration", "ada")
    said = last.body
    assert (said["what"], said["set"], said["name"]) == ("set of setpoints removed", 1, "summer")
    assert said["sha256"] == rig.ledger.entries[0].body["sha256"], "as it was saved"
    rig.restart()
    assert [each.name for each in rig.sets.all()] == ["winter"]
    with pytest.raises(Refused, match="no set number 1"):
        await rig.sets.remove(token("ada"), session("ada"), 1)
    assert (await rig.save(name="autumn")).id == 3, "a number is never given again"


async def test_sets_are_bounded_and_people_choose_which_of_them_go(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.control.sets.MOST_SETS", 3)
    monkeypatch.setattr("engine.control.sets.MOST_BEFORE", 1)
    for k in range(3):
        await rig.save(name=f"set {k}")
    with pytest.raises(Refused, match="remove some"):
        await rig.save(name="one too many")
    for is_room in (True, False):
        rig.machine.values |= dict.fromkeys(SPS, 55.0)
        written = len(rig.machine.written)
        if is_room:
            assert (await rig.restore(1))[1] == 4, "a restore has room of its own for what was before"
        else:
            with pytest.raises(Refused, match="remove some"):
                await rig.restore(1)
            assert len(rig.machine.written) == written, "nothing is written without a way back"
    await rig.sets.remove(token("ada"), session("ada"), 4)
    assert (await rig.restore(1))[1] == 5
