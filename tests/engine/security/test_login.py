from __future__ import annotations

from pathlib import Path

import argon2
import pytest

from engine.security.errors import Denied
from engine.types.people import Session
from engine.wire.people import (
    FirstBody,
    LoginBody,
    PeopleChangeBody,
    PersonEdit,
    SecretBody,
    TryBody,
    UnlockBody,
)
from tests.engine.security.made import (
    ADA_PASSWORD,
    CHEAP,
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    WEEK_S,
    desk,
    person,
    set_pin,
    staffed,
    why_denied,
)


async def test_the_first_start_makes_the_administrator_and_only_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        assert place.security.is_new and place.security.answer("", DESK).is_new
        admin = await place.admin()
        assert not place.security.is_new and "people" in admin.actions
        assert place.security.may(admin.token, "people", "") == ""
        again = place.security.first_administrator(FirstBody(DESK, "eve", "Eve Evil", PASSWORD))
        assert "people here already" in await why_denied(again)
        assert [entry.type for entry in place.ledger.entries] == ["person", "login"]


async def test_there_is_no_default_password_and_a_weak_first_one_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        for password in ("", "admin", "administrator"):
            body = FirstBody(DESK, "ada", "Ada Lovelace", password)
            await why_denied(place.security.first_administrator(body))
        assert place.security.is_new and place.ledger.entries == []


async def test_a_name_logs_in_in_any_case_and_never_means_two_people(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("Bob", "operator"))
        assert (await place.login("bOB ")).session.person == "Bob"
        body = PeopleChangeBody((person("bob", "engineer"), person("BOB", "viewer")))
        assert "there twice" in await why_denied(place.security.change(admin.token, body))


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        wrong, unknown = (
            await why_denied(place.login("bob", "not the password")),
            await why_denied(place.login("nobody here", "not the password")),
        )
        assert wrong == unknown
        waits = (
            await why_denied(place.login("bob", "not the password")),
            await why_denied(place.login("nobody here", "not the password")),
        )
        assert waits[0] == waits[1] and "try again in 1 s" in waits[0]


async def test_a_refused_login_is_on_record_without_what_was_typed(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await why_denied(place.login("bob", "secret one two three"))
        await why_denied(place.login("secret typed as a name", "x y z"))
        entries = place.ledger.of("login_refused")
        assert [entry.actor for entry in entries] == ["bob", "unknown"]
        assert "secret" not in repr(place.ledger.entries) and PASSWORD not in repr(place.ledger.entries)


async def test_whoever_logs_in_takes_over_and_what_was_begun_is_void(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        void: list[tuple[str, str]] = []
        place.security.on_end.append(lambda session, why: void.append((session.person, why)))
        bob = await place.login("bob")
        cem = await place.login("cem", OTHER_PASSWORD)
        assert void == [("bob", "Cem Example logged in at this station")]
        assert place.security.session_of(bob.token) is None
        assert place.security.answer(bob.token, DESK).ended == void[0][1]
        assert place.security.answer(cem.token, DESK).session == cem.session
        assert "Cem Example logged in" in place.security.may(bob.token, "write", "A")
        assert place.ledger.of("logout")[-1].actor == "bob"


async def test_one_that_fails_after_a_session_does_not_keep_the_next_from_being_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        told: list[Session] = []

        def broken(session: Session, why: str) -> None:
            raise ValueError("a fault")

        place.security.on_end.extend([broken, lambda session, why: told.append(session)])
        admin = await place.admin()
        place.security.logout(admin.token)
        assert [session.person for session in told] == ["ada"]
        place.security.logout(admin.token)
        assert len(told) == 1


async def test_a_locked_session_sees_and_does_nothing_until_its_person_unlocks_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        token = await set_pin(place, "bob", "493027")
        assert place.security.may(token, "write", "A") == ""
        assert place.security.lock(token).is_locked
        assert "locked" in place.security.may(token, "write", "A")
        shown = place.security.answer(token, DESK)
        assert shown.session and shown.session.is_locked and shown.faces
        await why_denied(place.security.unlock(token, UnlockBody(OTHER_PASSWORD)))
        assert "locked" in place.security.may(token, "write", "A")
        place.clock.go(2)
        assert not (await place.security.unlock(token, UnlockBody("493027", "pin"))).is_locked
        assert place.security.may(token, "write", "A") == ""


async def test_an_engineers_idle_desk_is_locked_by_the_tick(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        place.security.logout((await staffed(place, person("eve", "engineer"))).token)
        why: list[str] = []
        place.security.on_end.append(lambda session, reason: why.append(reason))
        token = (await place.login("eve")).token
        place.clock.go(300)
        place.security.touch(token)
        place.clock.go(599)
        place.security.tick()
        assert why == []
        place.clock.go(1)
        place.security.tick()
        assert "No hand moved for 10 min" in why[-1] and "locked" in place.security.may(token, "write", "A")


async def test_the_end_of_the_shift_ends_the_session_and_is_on_record(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        token = (await place.login("bob")).token
        place.clock.go(4 * 3600)
        assert "shift is over" in place.security.may(token, "write", "A")
        place.security.tick()
        await place.security.settle()
        assert {entry.actor for entry in place.ledger.of("logout")} == {"ada", "bob"}
        assert "shift is over" in place.security.answer(token, DESK).ended


async def test_a_restart_ends_all_sessions_and_says_why(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        token = (await place.admin()).token
        security = place.again().security
        shown = security.answer(token, "office")
        assert shown.session is None and "engine was started anew" in shown.ended and not shown.is_new
        assert "started anew" in security.may(token, "people", "")


async def test_a_pin_opens_only_at_its_station(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await set_pin(place, "bob", "493027")
        assert (await place.pin("bob", "493027")).session.kind == "pin"
        assert "do not fit" in await why_denied(place.pin("bob", "493027", "desk 2"))
        assert [face.name for face in place.security.answer("", DESK).faces] == ["bob"]
        assert place.security.answer("", "desk 2").faces == ()


async def test_five_wrong_pins_leave_only_the_password_which_opens_the_pin_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await set_pin(place, "bob", "493027")
        for _ in range(5):
            await why_denied(place.pin("bob", "999990"))
            place.clock.go(400)
        assert "log in with the password" in await why_denied(place.pin("bob", "493027"))
        await place.login("bob")
        assert (await place.pin("bob", "493027")).session.person == "bob"


async def test_a_badge_opens_with_the_pin_of_the_station(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        token = await set_pin(place, "bob", "493027")
        await place.security.secret_change(token, SecretBody("bob", "badge", "04A2B7C1", PASSWORD))
        answer = await place.security.login(LoginBody(DESK, "", "04A2B7C1", "badge", "493027"))
        assert (answer.session.person, answer.session.kind) == ("bob", "badge")
        for badge, pin in (("04A2B7C1", "111222"), ("FFFFFFFF", "493027")):
            body = LoginBody(DESK, "", badge, "badge", pin)
            assert "badge and PIN do not fit" in await why_denied(place.security.login(body))
        cem = (await place.login("cem", OTHER_PASSWORD)).token
        body = SecretBody("cem", "badge", "04A2B7C1", OTHER_PASSWORD)
        assert "Bob Example has this badge" in await why_denied(place.security.secret_change(cem, body))


async def test_a_given_password_must_be_replaced_before_anything_is_done(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator", must_change=True))
        answer = await place.login("bob")
        assert answer.session.must_change and answer.actions == ()
        assert "password of your own" in place.security.may(answer.token, "write", "A")
        body = SecretBody("bob", "password", OTHER_PASSWORD, PASSWORD)
        await place.security.secret_change(answer.token, body)
        assert place.security.may(answer.token, "write", "A") == ""
        assert "write" in place.security.answer(answer.token, DESK).actions
        await why_denied(place.login("bob"))
        place.clock.go(2)
        await place.login("bob", OTHER_PASSWORD)


async def test_ones_own_password_needs_the_present_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        token = (await place.login("bob")).token
        for kind in ("password", "pin", "badge"):
            new = "493027" if kind == "pin" else OTHER_PASSWORD
            body = SecretBody("bob", kind, new, "a wrong old one", DESK)
            assert "do not fit" in await why_denied(place.security.secret_change(token, body))
            place.clock.go(300)
        assert place.security.answer("", DESK).faces == ()


async def test_a_hash_of_lower_cost_is_made_anew_at_login(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        harder = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
        place.options["hardness"] = harder
        await place.again().login("bob")
        place.options["hardness"] = harder
        place.again()
        rows = (tmp_path / "security.db").read_bytes() + (tmp_path / "security.db-wal").read_bytes()
        assert b"m=16,t=2,p=1" in rows
        await place.login("bob")


async def test_who_is_disabled_is_thrown_out_and_does_not_get_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        token = (await place.login("bob")).token
        gone = PersonEdit("bob", "Bob Example", is_disabled=True)
        await place.security.change(admin.token, PeopleChangeBody((gone,)))
        assert "disabled by Ada Lovelace" in place.security.answer(token, DESK).ended
        assert "is disabled" in await why_denied(place.login("bob"))
        assert place.security.answer("", DESK).session is None


async def test_roles_that_change_count_in_the_running_session(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator at Line 1"))
        token = (await place.login("bob")).token
        assert place.security.may(token, "write", "Line 1/A") == ""
        moved = PersonEdit("bob", "Bob Example", person("bob", "operator at Line 2").roles)
        await place.security.change(admin.token, PeopleChangeBody((moved,)))
        assert "needs" in place.security.may(token, "write", "Line 1/A")
        assert place.security.may(token, "write", "Line 2/A") == ""


async def test_another_password_given_by_an_administrator_ends_the_session(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        token = (await place.login("bob")).token
        await place.security.secret_change(admin.token, SecretBody("bob", "password", OTHER_PASSWORD))
        assert "changed by Ada Lovelace" in place.security.answer(token, DESK).ended
        assert (await place.login("bob", OTHER_PASSWORD)).session.must_change


async def test_a_second_person_shows_a_password_and_is_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        people = person("bob", "shift lead"), person("cem", "shift lead", password=OTHER_PASSWORD)
        await staffed(place, *people, person("new", "shift lead", must_change=True))
        await set_pin(place, "cem", "493027", DESK, OTHER_PASSWORD)
        verify = place.security.verify_second
        place.clock.go(WEEK_S)
        second = await verify("CEM", OTHER_PASSWORD, DESK, "bob")
        assert second.name == "cem" and place.security.may_person(second, "approve", "A") == ""
        assert "second person" in await why_denied(verify("BOB", PASSWORD, DESK, "bob"))
        why = await why_denied(verify("cem", "493027", DESK, "bob"))
        assert why.startswith("Not confirmed: ") and "do not fit" in why, "a PIN never approves"
        assert "password of their own" in await why_denied(verify("new", PASSWORD, DESK, "bob"))
        assert "second person" in await why_denied(
            verify("bob", PASSWORD, DESK, "break glass: Bob Example")
        ), "nobody is their own second behind a code"


async def test_who_tries_another_sees_as_they_do_and_does_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        void: list[str] = []
        place.security.on_end.append(lambda session, why: void.append(why))
        assert place.security.try_as(admin.token, TryBody("BOB")).trying == "bob"
        assert len(void) == 1
        assert "write" in place.security.answer(admin.token, "office").actions
        for action in ("write", "people", "acknowledge"):
            assert "You look at this as bob" in place.security.may(admin.token, action, "A")
        await why_denied(place.security.change(admin.token, PeopleChangeBody((person("dan", "viewer"),))))
        assert place.security.try_as(admin.token, TryBody("")).trying == ""
        assert place.security.may(admin.token, "people", "") == ""
        bob = (await place.login("bob")).token
        with pytest.raises(Denied, match="needs administrator"):
            place.security.try_as(bob, TryBody("ada"))


async def test_without_a_session_nothing_is_allowed_and_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await place.admin()
        assert "Log in first" in place.security.may("", "write", "A")
        assert place.security.may("x" * 43, "write", "A") != ""


async def test_a_session_is_not_shown_at_another_station(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await place.admin()
        shown = place.security.answer(admin.token, "desk 9")
        assert shown.session is None and "another station" in shown.ended


async def test_demo_people_have_pins_everywhere_and_are_marked(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        people = [
            (person("olga", "operator", password=""), "493027"),
            (person("sam", "shift lead"), "700413"),
        ]
        await place.security.add_demo(people)
        assert not place.security.is_new
        answer = await place.pin("olga", "493027", "any station")
        assert answer.session.is_demo and all(face.is_demo for face in place.security.answer("", "x").faces)
        await place.security.add_demo([(people[0][0], "815263")])
        assert (await place.pin("olga", "815263")).session.person == "olga", "each start has its own PINs"
        assert (await place.security.verify_second("sam", PASSWORD, DESK, "olga")).is_demo


async def test_demo_people_are_not_made_among_real_ones(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await place.admin()
        demo = place.security.add_demo([(person("olga", "operator"), "493027")])
        assert "real ones" in await why_denied(demo)


async def test_no_secret_is_in_the_repr_of_what_is_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place, person("bob", "operator"))
        await set_pin(place, "bob", "493027")
        answer = place.security.people(admin.token)
        told = repr(answer) + repr(place.ledger.entries) + repr(vars(place.security)["_register"].people)
        for secret in (PASSWORD, ADA_PASSWORD, "493027", "$argon2", admin.token):
            assert secret not in told
        assert CHEAP.hash("x").startswith("$argon2")
