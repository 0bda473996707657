from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from engine.security.errors import Denied
from engine.security.people import key_of, name_problem
from engine.security.rights import PRESETS
from engine.types.people import Right, RoleAt
from engine.wire.people import LoginBody, MayBody, PeopleChangeBody, PersonEdit, SecretBody
from tests.engine.security.made import (
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    Place,
    desk,
    person,
    set_pin,
    staffed,
    why_denied,
)


async def change(place: Place, token: str, *people: PersonEdit, **more: object):
    return await place.security.change(token, PeopleChangeBody(people, **more))  # type: ignore[arg-type]


def as_is(name: str, *roles: str, is_disabled: bool = False) -> PersonEdit:
    return msgspec.structs.replace(person(name, *roles, password=""), is_disabled=is_disabled)


ADA_GONE = PersonEdit("ada", "Ada Lovelace", (RoleAt("administrator"),), is_disabled=True)
ADA_VIEWS = PersonEdit("ada", "Ada Lovelace", (RoleAt("viewer"),))
ADA_PART = PersonEdit("ada", "Ada Lovelace", (RoleAt("administrator", "Line 1"),))


@pytest.mark.parametrize("edit", [ADA_GONE, ADA_VIEWS, ADA_PART])
async def test_the_last_administrator_stays_one(tmp_path: Path, edit: PersonEdit) -> None:
    async with desk(tmp_path) as place:
        others = person("dis", "administrator"), as_is("nopass", "administrator"), person("eve", "engineer")
        admin = await staffed(place, *others)
        await change(place, admin.token, as_is("dis", "administrator", is_disabled=True))
        assert "nobody would be left" in await why_denied(change(place, admin.token, edit))
        assert "alone can give rights" in "\n".join(place.security.people(admin.token).problems)
        await change(place, admin.token, person("two", "administrator"), edit)


async def test_no_table_of_rights_takes_the_last_way_to_people(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        rights = tuple(right for right in PRESETS if right.role != "administrator")
        assert "nobody would be left" in await why_denied(change(place, admin.token, rights=rights))


async def test_a_change_is_all_or_nothing_and_names_every_mistake(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        good, bad = person("bob", "operator"), person("cem", "operator", password="short")
        why = await why_denied(change(place, admin.token, good, bad, PersonEdit(" x", "")))
        assert "cem: a password has at least" in why and "full name is empty" in why and " x: a name" in why
        assert [each.name for each in place.security.people(admin.token).people] == ["ada"]


async def test_a_trial_says_what_would_be_and_does_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        before = len(place.ledger.entries)
        shown = await change(place, admin.token, person("bob", "operator"), is_trial=True)
        assert [each.name for each in shown.people] == ["ada", "bob"]
        assert [each.name for each in place.security.people(admin.token).people] == ["ada"]
        assert len(place.ledger.entries) == before


async def test_what_changed_is_on_record_old_and_new_without_secrets(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator at Line 1"))
        edit = msgspec.structs.replace(person("bob", "operator at Line 2", password=""), full_name="Bob B.")
        await change(place, admin.token, edit)
        entry = place.ledger.entries[-1]
        assert (entry.type, entry.actor) == ("person", "ada")
        assert entry.body["name"] == "bob" and entry.body["changed"] == {
            "full_name": ["Bob Example", "Bob B."],
            "roles": [["operator at Line 1"], ["operator at Line 2"]],
        }


async def test_nothing_that_did_not_change_is_put_on_record(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        before = len(place.ledger.entries)
        await change(place, admin.token, as_is("bob", "operator"), rights=PRESETS)
        assert len(place.ledger.entries) == before


async def test_people_rights_and_pins_are_there_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator at Line 1"))
        await set_pin(place, "bob", "493027")
        table = (*PRESETS, Right("operator", "Line 1", ("acknowledge",)))
        before = await change(place, admin.token, rights=table)
        place.again()
        token = (await place.pin("bob", "493027")).token
        assert "needs" in place.security.may(token, "write", "Line 1/A")
        admin = await place.login("ada", "purple bridge tractor song", "office")
        after = place.security.people(admin.token)
        assert after.rights == before.rights and len(after.people) == 2


async def test_a_name_is_never_given_to_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        await change(place, admin.token, as_is("bob", "operator", is_disabled=True))
        shown = await change(place, admin.token, as_is("BOB", "viewer"))
        assert [each.name for each in shown.people] == ["ada", "bob"], "the same person is changed"


async def test_only_who_may_changes_people_and_who_audits_sees_them(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("aud", "auditor"), person("bob", "operator", password=OTHER_PASSWORD))
        auditor = (await place.login("aud")).token
        assert len(place.security.people(auditor).people) == 3
        assert "needs administrator" in await why_denied(change(place, auditor, person("x", "viewer")))
        bob = (await place.login("bob", OTHER_PASSWORD)).token
        with pytest.raises(Denied, match='"people" at the whole plant needs administrator'):
            place.security.people(bob)


async def test_what_a_person_may_do_here_is_told_with_the_role_or_the_reason(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator at Line 1"))
        rows = {row[0]: row for row in place.security.allowed(admin.token, MayBody("bob", "Line 1/A")).rows}
        assert rows["write"] == ("write", True, "operator at Line 1")
        assert rows["approve"][1] is False and "needs shift lead" in rows["approve"][2]
        bob = (await place.login("bob")).token
        assert place.security.allowed(bob, MayBody("bob", "")).rows[0][1] is False
        with pytest.raises(Denied):
            place.security.allowed(bob, MayBody("ada", ""))


async def test_an_administrator_takes_a_pin_away(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        await set_pin(place, "bob", "493027")
        await place.security.secret_change(admin.token, SecretBody("bob", "pin", "", "", DESK))
        await why_denied(place.pin("bob", "493027"))
        assert place.ledger.of("person")[-1].body["changed"] == {"pin": [f"{DESK}: none"]}


async def test_a_pin_that_an_administrator_gave_is_changed_before_anything_is_done(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        give = place.security.secret_change
        await give(admin.token, SecretBody("bob", "pin", "815263", "", DESK))
        await give(admin.token, SecretBody("bob", "badge", "04A2B7C1"))
        (bob,) = [each for each in place.security.people(admin.token).people if each.name == "bob"]
        assert bob.first_pins == bob.pin_stations == (DESK,) and bob.has_badge
        for kind in ("pin", "badge"):
            body = LoginBody(DESK, "bob", "815263", "pin")
            if kind == "badge":
                body = LoginBody(DESK, "", "04A2B7C1", "badge", "815263")
            answer = await place.security.login(body)
            assert (answer.session.must_change, answer.session.to_change) == (True, "pin")
            assert answer.actions == ()
            assert "Choose a PIN of your own" in place.security.may(answer.token, "write", "A")
        place.again()
        token = (await place.pin("bob", "815263")).token
        own = SecretBody("bob", "pin", "493027", "815263", DESK)
        for wrong, why in (
            (SecretBody("bob", "pin", "815263", "815263", DESK), "the new PIN is the old one"),
            (SecretBody("bob", "pin", "493027", "815264", DESK), "do not fit"),
            (SecretBody("bob", "pin", "493027", "815263", "desk 2"), "this station first"),
            (SecretBody("bob", "password", OTHER_PASSWORD, "815263"), "do not fit"),
        ):
            assert why in await why_denied(place.security.secret_change(token, wrong))
            place.clock.go(2)
        await place.security.secret_change(token, own)
        assert place.security.may(token, "write", "A") == ""
        again = await place.pin("bob", "493027")
        assert not again.session.must_change and again.actions
        password = SecretBody("bob", "pin", "700413", "493027", DESK)
        changed = place.security.secret_change(again.token, password)
        assert "do not fit" in await why_denied(changed), "one's own: by the password alone"


async def test_with_the_password_nobody_is_asked_for_the_pin_that_was_given(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        await place.security.secret_change(admin.token, SecretBody("bob", "pin", "815263", "", DESK))
        assert not (await place.login("bob")).session.must_change
        token = (await place.login("bob")).token
        await place.security.secret_change(token, SecretBody("bob", "pin", "493027", PASSWORD, DESK))
        assert not (await place.pin("bob", "493027")).session.must_change
        with_password = PersonEdit("bob", "Bob Example", (RoleAt("operator"),), password=OTHER_PASSWORD)
        await place.security.change(admin.token, PeopleChangeBody((with_password,)))
        answer = await place.pin("bob", "493027")
        assert (answer.session.must_change, answer.session.to_change) == (True, "password")


async def test_an_administrator_gives_themselves_no_password_without_the_present_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        own = PersonEdit("ada", "Ada Lovelace", (RoleAt("administrator"),), password=PASSWORD)
        assert "with the present one" in await why_denied(change(place, admin.token, own))


async def test_csv_gives_people_their_roles_a_row_each(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "viewer"))
        text = (
            "\ufeffname,full_name,role,area\r\nBOB,,operator,Line 1\r\nbob,,Shift lead,Line 2\r\n"
            'dan,"Dan, the man",maintenance,\r\neve,Eve,,\r\n'
        )
        shown = await change(place, admin.token, csv=text)
        roles = {each.name: each.roles for each in shown.people}
        assert roles["bob"] == (RoleAt("operator", "Line 1"), RoleAt("shift lead", "Line 2"))
        assert roles["dan"] == (RoleAt("maintenance"),) and roles["eve"] == ()
        assert any("Dan, the man has no password" in problem for problem in shown.problems)
        await place.login("bob")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,full_name,role,area\nbob,Bob,boss,\n", 'line 2: "boss" is no role'),
        ("name,full_name,role,area\nbob,Bob,viewer,\nbob,Rob,operator,\n", "line 3: full_name"),
        ("name,full_name,role,area\nbob,,viewer,\n", "line 2: bob is new and has no full_name"),
        ("name,full_name,role,area\n,Bob,viewer,\n", "line 2: name is empty"),
        ("name,full_name,role,area\nbob,Bob,viewer,A//B\n", 'line 2: area "A//B" is no path'),
        ("name,full_name,role,area\nbob,Bob,viewer,\nbob,Bob,viewer,\n", "line 3: bob has this role"),
        ("name,full_name,role,area\nbob,Bob,,Line 1\n", "line 2: role is empty"),
        ("who;what\nbob;Bob\n", "line 1: the columns are separated by semicolons"),
        ("name,full_name,role,area\nbreak glass: x,Bob,viewer,\n", "no name begins with"),
        ("name,full_name,role,area\nada,,viewer,\n", "nobody would be left"),
    ],
)
async def test_csv_with_a_mistake_is_refused_by_line_and_changes_nobody(
    tmp_path: Path, text: str, problem: str
) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        for is_trial in (True, False):
            assert problem in await why_denied(change(place, admin.token, csv=text, is_trial=is_trial))
        assert [each.name for each in place.security.people(admin.token).people] == ["ada"]


async def test_mistakes_of_a_list_are_told_in_the_order_of_its_lines(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        rows = "bob,Bob,boss,\n,Eve,viewer,\nann,,viewer,\nbob,Rob,viewer,\n"
        said = await why_denied(change(place, admin.token, csv="name,full_name,role,area\n" + rows))
        lines = [line.partition(":")[0] for line in said.splitlines() if line.startswith("line")]
        assert lines == ["line 2", "line 3", "line 4", "line 5"], said


@pytest.mark.parametrize(
    "name", ["", " bob", "bob ", "a  b", "a\u202eb", "a\nb", "a,b", "x" * 65, "Break Glass: me"]
)
def test_a_name_that_others_could_misread_is_refused(name: str) -> None:
    assert name_problem(name)


def test_all_ways_of_writing_a_name_are_one() -> None:
    assert key_of("Stra\u00dfe") == key_of("STRASSE") and key_of("\uff22ob") == key_of(" bob")


async def test_a_change_is_not_made_by_a_session_that_ended_meanwhile(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        changing = asyncio.create_task(change(place, admin.token, person("bob", "operator")))
        await asyncio.sleep(0)  # it is at the hash of the password now
        place.security.logout(admin.token)
        assert "Logged out" in await why_denied(changing)
        assert "bob" not in repr(place.ledger.of("person"))
