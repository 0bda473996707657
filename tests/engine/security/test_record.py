from __future__ import annotations

import asyncio
from pathlib import Path

from engine.ledger.entry import Draft, cut
from engine.security.record import MOST_OWED, Record
from engine.security.rights import PRESETS
from engine.types.control import RecordEntry
from engine.types.people import Right
from engine.wire.people import BreakGlassBody, FirstBody, PeopleChangeBody, SealBody, SecretBody
from tests.engine.security.made import (
    ADA_PASSWORD,
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    PaperLedger,
    desk,
    person,
    set_pin,
    staffed,
    why_denied,
)

FULL = "the disk is full; free some space"


async def test_while_the_ledger_takes_nothing_one_logs_in_to_see_and_does_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        place.ledger.refusing = FULL
        answer = await place.login("bob")
        assert FULL in answer.warning and place.security.answer(answer.token, DESK).session
        for action in ("write", "command", "shelve", "work tag"):
            assert FULL in place.security.may(answer.token, action, "A")
        assert place.security.may(answer.token, "acknowledge", "A") == ""


async def test_when_the_ledger_takes_entries_again_it_gets_what_is_owed_in_order(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        place.ledger.refusing = FULL
        await why_denied(place.login("bob", "wrong"))
        place.clock.go(2)
        token = (await place.login("bob")).token
        place.ledger.refusing, before = "", len(place.ledger.entries)
        place.security.tick()
        async with asyncio.timeout(5):
            while place.security.may(token, "write", "A"):
                await asyncio.sleep(0)
        assert place.ledger.types()[before:] == ["login_refused", "login"]


async def test_what_cannot_be_put_on_record_is_not_changed(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        place.ledger.refusing = FULL
        first = place.security.first_administrator(FirstBody(DESK, "ada", "Ada Lovelace", ADA_PASSWORD))
        assert FULL in await why_denied(first) and place.security.is_new
        place.ledger.refusing = ""
        admin = await staffed(place, person("bob", "operator"))
        place.ledger.refusing = FULL
        cem = PeopleChangeBody((person("cem", "viewer"),))
        assert FULL in await why_denied(place.security.change(admin.token, cem))
        assert FULL in await why_denied(place.security.seal(admin.token, SealBody("A")))
        body = SecretBody("ada", "password", OTHER_PASSWORD, ADA_PASSWORD)
        assert FULL in await why_denied(place.security.secret_change(admin.token, body))
        place.ledger.refusing = ""
        assert [each.name for each in place.security.people(admin.token).people] == ["ada", "bob"]
        await place.login("ada", ADA_PASSWORD)
        await place.login("bob", PASSWORD)


async def test_the_ledger_takes_every_entry_that_is_made(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator at Line 1"))
        await set_pin(place, "bob", "493027")
        await why_denied(place.login("bob", "wrong"))
        table = (*PRESETS, Right("operator", "Line 1", ("acknowledge",)))
        await place.security.change(admin.token, PeopleChangeBody(rights=table))
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        await place.security.break_glass(BreakGlassBody(DESK, code, "Zoe", "Nobody else is here"))
        assert set(place.ledger.types()) == {"person", "login", "login_refused", "logout", "break_glass"}
        for entry in place.ledger.entries:
            line = cut(Draft(entry.type, entry.actor, entry.body, entry.topic), 1, 1).line(0)  # type: ignore[arg-type]
            assert entry.actor.encode() in line


async def test_a_change_that_the_disk_refused_is_taken_back_on_record(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        register = vars(place.security)["_register"]
        register.close()
        register.trouble = "security.db cannot be written"
        body = PeopleChangeBody((person("bob", "viewer"),))
        assert "cannot be written" in await why_denied(place.security.change(admin.token, body))
        await place.security.settle()
        assert place.ledger.entries[-1].body == {"not_done": "Not done: security.db cannot be written"}
        register.trouble = ""


async def test_more_than_can_be_owed_is_counted_as_a_gap() -> None:
    ledger = PaperLedger(refusing=FULL)
    record = Record(ledger.put)
    for k in range(MOST_OWED + 7):
        record.owe(RecordEntry("logout", f"p{k}"))
    await record.pay()
    assert record.trouble == FULL
    ledger.refusing = ""
    await record.settle()
    assert record.trouble == "" and len(ledger.entries) == MOST_OWED + 1
    assert ledger.entries[0].type == "gap" and ledger.entries[0].body["entries"] == 7
    assert ledger.entries[1].actor == "p7"


async def test_what_is_owed_comes_before_what_happened_later() -> None:
    ledger = PaperLedger()
    record = Record(ledger.put)
    record.owe(RecordEntry("logout", "bob"))
    await record.must([RecordEntry("person", "ada")])
    assert ledger.types() == ["logout", "person"]
