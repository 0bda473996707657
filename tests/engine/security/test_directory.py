from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.security.directory import DirectoryPerson
from engine.types.people import RoleAt
from engine.wire.people import PeopleChangeBody, PersonEdit, SecretBody
from tests.engine.security.made import (
    ADA_PASSWORD,
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    PaperDirectory,
    desk,
    person,
    staffed,
    why_denied,
)

DAY_S = 86_400


@pytest.fixture
def directory() -> PaperDirectory:
    roles = RoleAt("operator", "Line 1"), RoleAt("administrator")
    return PaperDirectory({"lea": (PASSWORD, DirectoryPerson("lea", "Lea Ldap", roles))})


async def test_somebody_of_the_directory_logs_in_with_its_roles(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        answer = await place.login("Lea")
        assert answer.session.kind == "ldap" and answer.warning == ""
        assert place.security.may(answer.token, "write", "Line 1/A") == ""
        assert place.security.may(answer.token, "people", "") == ""
        assert "do not fit" in await why_denied(place.login("lea", "wrong", "desk 2"))
        assert place.ledger.of("person")[-1].body["by"] == "the directory"


async def test_without_the_directory_the_last_good_password_opens_without_administration(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await place.login("lea")
        directory.is_absent = True
        place.clock.go(3 * DAY_S)
        answer = await place.again().login("lea")
        assert "does not answer" in answer.warning and "4.0 days more" in answer.warning
        assert place.security.may(answer.token, "write", "Line 1/A") == ""
        assert "needs administrator" in place.security.may(answer.token, "people", "")
        assert "do not fit" in await why_denied(place.login("lea", "wrong"))
        second = await place.security.verify_second("lea", PASSWORD, "desk 2", "bob")
        assert place.security.may_person(second, "people", "") != ""


async def test_after_seven_days_without_the_directory_only_local_people_get_in(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await place.login("lea")
        directory.is_absent = True
        place.clock.go(7 * DAY_S + 1)
        assert "more than 7 days" in await why_denied(place.login("lea"))
        await place.login("ada", ADA_PASSWORD)


async def test_a_clock_that_is_set_back_does_not_prolong_the_days(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await place.login("lea")
        directory.is_absent = True
        place.clock.step(-30 * DAY_S)
        assert "clock was set back" in await why_denied(place.login("lea"))


async def test_who_was_never_there_while_it_answered_does_not_get_in(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        directory.is_absent = True
        assert "do not fit" in await why_denied(place.login("lea"))


async def test_what_the_directory_refuses_does_not_open_without_it_either(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await place.login("lea")
        known = directory.known.pop("lea")
        await why_denied(place.login("lea"))
        directory.is_absent = True
        place.clock.go(5)
        await why_denied(place.login("lea"))
        directory.is_absent = False
        directory.known["lea"] = (known[0], msgspec.structs.replace(known[1], is_disabled=True))
        place.clock.go(300)
        assert "is disabled" in await why_denied(place.login("lea"))


async def test_somebody_elses_wrong_guess_does_not_take_the_cached_password_away(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await place.login("lea")
        await why_denied(place.login("lea", "a guess of somebody"))
        directory.is_absent = True
        place.clock.go(5)
        await place.login("lea")


async def test_roles_follow_the_directory_and_are_on_record(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        admin = await staffed(place)
        await place.login("lea")
        directory.known["lea"] = (PASSWORD, DirectoryPerson("lea", "Lea Ldap", (RoleAt("viewer"),)))
        answer = await place.login("lea")
        assert answer.session.roles == (RoleAt("viewer"),)
        changed = place.ledger.of("person")[-1].body["changed"]
        assert changed == {"roles": [["administrator", "operator at Line 1"], ["viewer"]]}
        lea = next(each for each in place.security.people(admin.token).people if each.name == "lea")
        assert lea.source == "ldap" and not lea.has_password


async def test_a_directory_takes_no_local_account_over(tmp_path: Path, directory: PaperDirectory) -> None:
    async with desk(tmp_path, directory) as place:
        await staffed(place, person("lea", "viewer", password=OTHER_PASSWORD))
        assert "do not fit" in await why_denied(place.login("lea", PASSWORD))
        assert directory.asked == 0
        place.clock.go(5)
        assert (await place.login("lea", OTHER_PASSWORD)).session.roles == (RoleAt("viewer"),)


async def test_an_empty_password_never_reaches_the_directory(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        await why_denied(place.login("lea", ""))
        assert directory.asked == 0


async def test_what_is_the_directorys_is_not_changed_here_but_a_person_can_be_disabled(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        admin = await staffed(place)
        lea = (await place.login("lea")).token
        own = SecretBody("lea", "password", OTHER_PASSWORD, PASSWORD)
        assert "directory's" in await why_denied(place.security.secret_change(lea, own))
        edit = person("lea", "operator at Line 1", password="")
        change = place.security.change(admin.token, PeopleChangeBody((edit,)))
        assert "directory's groups" in await why_denied(change)
        roles = (RoleAt("administrator"), RoleAt("operator", "Line 1"))
        gone = msgspec.structs.replace(edit, roles=roles, is_disabled=True)
        await place.security.change(admin.token, PeopleChangeBody((gone,)))
        assert place.security.session_of(lea) is None
        assert "is disabled" in await why_denied(place.login("lea"))


async def test_a_pin_of_the_directorys_people_opens_as_long_as_their_password_would(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        await place.admin()
        token = (await place.login("lea")).token
        await place.security.secret_change(token, SecretBody("lea", "pin", "493027", PASSWORD, DESK))
        assert "administrator" not in repr((await place.pin("lea", "493027")).session.roles)
        place.clock.go(8 * DAY_S)
        assert "more than 7 days" in await why_denied(place.pin("lea", "493027"))


async def test_an_administrator_of_the_directory_is_not_the_one_who_must_be_left(
    tmp_path: Path, directory: PaperDirectory
) -> None:
    async with desk(tmp_path, directory) as place:
        admin = await staffed(place)
        await place.login("lea")
        gone = PersonEdit("ada", "Ada Lovelace", (RoleAt("administrator"),), is_disabled=True)
        change = place.security.change(admin.token, PeopleChangeBody((gone,)))
        assert "nobody would be left" in await why_denied(change)
