"""Who may ask the engine for what: every op stands in one table, and the guard holds to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.app import guard
from engine.app.guard import ALARM_ACTIONS, JOBS, NEEDED, OWN, SEEN, SIGNED, guarded
from engine.security.rights import ACTIONS
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import CommandName
from engine.wire import (
    AlarmCommandAnswer,
    AlarmCommandBody,
    AnnotateBody,
    HornTestBody,
    JobBody,
    LedgerRotateBody,
    TryBody,
    encode,
)
from tests.engine.app.handled import site
from tests.engine.security.made import PASSWORD, Place, desk, person, staffed

ITS_OWN_WAY = frozenset({"job", "alarm_command", "horn_test"})
HERE, THERE = 1, 2
PLACES = {HERE: "Line 1/Press/Pressure", THERE: "Line 2/Oven/Temperature"}


def raw(body: object) -> msgspec.Raw:
    return msgspec.Raw(encode(body))


class Behind:
    """Answers that keep what got through to them."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def taking(self, kind: type[msgspec.Struct] | None, answer: Callable[[Any], object]) -> Answer:
        async def answered(body: msgspec.Raw) -> object:
            asked = body if kind is None else unpack(body, kind)
            self.bodies.append(asked)
            return answer(asked)

        return answered


def behind_guard(place: Place, behind: Behind, **kinds: type[msgspec.Struct] | None) -> dict[str, Answer]:
    """Those ops, with what gets through kept in ``behind``."""

    def done(asked: Any) -> object:
        if isinstance(asked, AlarmCommandBody):
            return AlarmCommandAnswer(tuple(each for each, _ in asked.alarms), ())
        return True

    answers = {op: behind.taking(kind, done) for op, kind in kinds.items()}
    return dict(guarded(answers, place.security, lambda id: PLACES.get(id, "")))


async def asked(answers: dict[str, Answer], op: str, body: object, token: str = "") -> Any:
    mark = SESSION.set(token)
    try:
        return await answers[op](raw(body))
    finally:
        SESSION.reset(mark)


async def refused(answers: dict[str, Answer], op: str, body: object, token: str = "") -> str:
    """The sentence it was refused with."""
    with pytest.raises(RequestRefused) as told:
        await asked(answers, op, body, token)
    return str(told.value)


async def test_every_op_of_the_engine_stands_in_exactly_one_table(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        answered = frozenset(made.answers)
    tables = (SEEN, OWN, frozenset(NEEDED), ITS_OWN_WAY)
    counts = {op: sum(op in table for table in tables) for op in answered}
    assert {op: count for op, count in counts.items() if count != 1} == {}
    assert frozenset().union(*tables) == answered, "a table names what nobody answers"


async def test_every_kind_of_job_has_its_right_and_every_right_is_one(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        assert made.jobs() == frozenset(JOBS)
    actions = {*NEEDED.values(), *ALARM_ACTIONS.values(), *(each for each in JOBS.values() if each)}
    assert actions <= set(ACTIONS)
    assert set(ALARM_ACTIONS) == set(get_args(CommandName)), "each command on an alarm asks for a right"
    assert set(SIGNED) <= {*NEEDED, *ITS_OWN_WAY}


async def test_unknown_op_and_unknown_job_are_refused_whoever_asks(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, launch=None, job=JobBody)
        assert "no table" in await refused(answers, "launch", {}), "also while there is nobody yet"
        assert "no work called" in await refused(answers, "job", JobBody("launch", raw({})))
        admin = await staffed(place)
        assert "no table" in await refused(answers, "launch", {}, admin.token)
        assert "no work called" in await refused(answers, "job", JobBody("launch", raw({})), admin.token)
        assert behind.bodies == []


async def test_until_there_are_people_everything_is_done_under_the_name_that_was_typed(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, alarm_command=AlarmCommandBody, annotate=AnnotateBody)
        command = AlarmCommandBody("acknowledge", ((HERE, 5),), "Somebody")
        assert await asked(answers, "alarm_command", command) == AlarmCommandAnswer((HERE,), ())
        note = AnnotateBody(1, 2, "", "Somebody", "cleaning")
        await asked(answers, "annotate", note)
        assert behind.bodies == [command, note]


async def test_seeing_never_needs_a_login(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, **dict.fromkeys(sorted(SEEN), None))
        await staffed(place)
        for op in answers:
            await asked(answers, op, {})
        assert len(behind.bodies) == len(SEEN)


@pytest.mark.parametrize("op", sorted(NEEDED))
async def test_whoever_is_not_logged_in_or_has_not_the_right_is_refused(tmp_path: Path, op: str) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, **{op: SIGNED[op][0] if op in SIGNED else None})
        await staffed(place, person("vera", "viewer"))
        token = (await place.login("vera")).token
        for who in ("", "a token of nobody", token):
            assert await refused(answers, op, {}, who)
        assert behind.bodies == []


async def test_alarms_are_acknowledged_where_the_right_holds_and_nowhere_else(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, alarm_command=AlarmCommandBody)
        await staffed(place, person("olaf", "operator at Line 1"), person("vera", "viewer"))
        olaf, vera = (await place.login("olaf")).token, (await place.login("vera", station="desk 2")).token
        both = AlarmCommandBody("acknowledge", ((HERE, 5), (THERE, 6)), "Somebody else")
        answer = await asked(answers, "alarm_command", both, olaf)
        assert answer.done == (HERE,)
        ((id, why),) = answer.refused
        assert id == THERE and "Line 2" in why
        (passed,) = behind.bodies
        assert (passed.by, passed.alarms) == ("Olaf Example", ((HERE, 5),)), "signed by who is logged in"
        answer = await asked(answers, "alarm_command", both, vera)
        assert answer.done == () and [each for each, _ in answer.refused] == [HERE, THERE]
        service = AlarmCommandBody("out_of_service", ((HERE, 5),), "Olaf", "permit 7")
        assert (await asked(answers, "alarm_command", service, olaf)).done == (), "another right"
        assert await refused(answers, "alarm_command", both) == guard.NOBODY
        assert len(behind.bodies) == 1


async def test_what_is_signed_bears_the_name_of_who_is_logged_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(
            place, behind, annotate=AnnotateBody, horn_test=HornTestBody, ledger_rotate=LedgerRotateBody
        )
        admin = await staffed(place, person("olaf", "operator"))
        olaf = (await place.login("olaf")).token
        await asked(answers, "annotate", AnnotateBody(1, 2, "", "Somebody else", "cleaning"), olaf)
        await asked(answers, "ledger_rotate", LedgerRotateBody("each year", "Somebody else"), admin.token)
        assert [behind.bodies[0].author, behind.bodies[1].by] == ["Olaf Example", "Ada Lovelace"]
        horn = HornTestBody("desk", "Me", ((1, True),))
        await asked(answers, "horn_test", horn)
        await asked(answers, "horn_test", horn, olaf)
        assert [each.by for each in behind.bodies[2:]] == ["not logged in: Me", "Olaf Example"]


async def test_locked_session_and_one_that_tries_the_window_do_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        behind = Behind()
        answers = behind_guard(place, behind, ledger_rotate=LedgerRotateBody, alarm_command=AlarmCommandBody)
        admin = await staffed(place, person("olaf", "operator"))
        body, command = LedgerRotateBody("each year"), AlarmCommandBody("acknowledge", ((HERE, 5),), "x")
        place.security.try_as(admin.token, TryBody("olaf"))
        assert await refused(answers, "ledger_rotate", body, admin.token)
        place.security.try_as(admin.token, TryBody(""))
        await asked(answers, "ledger_rotate", body, admin.token)
        olaf = (await place.login("olaf")).token
        place.security.lock(olaf)
        answer = await asked(answers, "alarm_command", command, olaf)
        assert answer.done == () and "locked" in answer.refused[0][1].lower()
        assert len(behind.bodies) == 1


async def test_damaged_file_of_people_opens_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("olaf", "operator", password=PASSWORD))
        place.security.close()
        place.path.write_bytes(b"this is no database" * 500)
        place.again()
        behind = Behind()
        answers = behind_guard(place, behind, annotate=AnnotateBody, alarms=None)
        assert not place.security.is_new
        assert await refused(answers, "annotate", AnnotateBody(1, 2, "", "Somebody", "x"))
        await asked(answers, "alarms", {})
        assert len(behind.bodies) == 1, "seeing goes on"
