"""What the window says of the person at it."""

from __future__ import annotations

import pytest

from engine.types import RoleAt
from engine.wire import SessionAnswer
from hmi import who
from hmi.author import author, set_author
from hmi.who import NOBODY, chip
from tests.hmi.people import FACES, HOUR_US, SELMA, session
from tests.hmi.people import who as known
from tests.hmi.plant import NOW_US

ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("Maria Operator", "M. Operator"),
        ("M. Operator", "M. Operator"),
        ("Jan Willem de Vries", "J. Vries"),
        ("Operator", "Operator"),
        ("  Ina  Kern ", "I. Kern"),
        ("", ""),
    ],
)
def test_name_is_shortened_to_fit_the_top_bar(full: str, shown: str) -> None:
    assert who.short(full) == shown


def test_chip_says_who_and_until_when_at_the_plant() -> None:
    shown = chip(known(session()), NOW_US, ZONE)
    assert (shown.first, shown.second, shown.is_calm) == ("M. Operator", "until 18:13", True)
    assert "Maria Operator: operator" in shown.tip


def test_session_that_ends_another_day_says_which() -> None:
    shown = chip(known(session(until_us=NOW_US + 30 * HOUR_US)), NOW_US, ZONE)
    assert shown.second == "until Mon 23 Nov 20:13"


def test_demo_person_and_broken_glass_are_marked() -> None:
    assert chip(known(session(SELMA, is_demo=True)), NOW_US, ZONE).mark == "DEMO"
    assert chip(known(session(kind="break glass")), NOW_US, ZONE).mark == "BREAK GLASS"
    assert chip(known(session()), NOW_US, ZONE).mark == ""


def test_end_is_announced_ten_minutes_before_and_counts_down() -> None:
    ends = known(session(until_us=NOW_US + 601_000_000))
    assert chip(ends, NOW_US, ZONE).is_calm
    soon = chip(ends, NOW_US + 2_000_000, ZONE)
    assert (soon.second, soon.is_calm) == ("ends in 9 min", False)
    assert chip(ends, NOW_US + 560_000_000, ZONE).second == "ends in a minute"
    assert "Nothing closes" in soon.tip


def test_lock_says_that_commands_are_off_and_how_to_go_on() -> None:
    shown = chip(known(session(is_locked=True)), NOW_US, ZONE)
    assert (shown.first, shown.second) == ("Locked: commands are off", "M. Operator · Unlock")
    assert not shown.is_calm and "The view and the horn stay." in shown.tip


def test_nobody_is_told_what_to_do() -> None:
    assert chip(NOBODY, NOW_US, ZONE).second == "", "an engine without people offers no login"
    assert chip(known(), NOW_US, ZONE).second == "Log in"
    assert chip(known(is_new=True), NOW_US, ZONE).second == "Nobody has an account"
    ended = chip(known(ended="the shift ended at 14:00"), NOW_US, ZONE)
    assert (ended.second, ended.is_calm, ended.tip) == ("Log in again", False, "The shift ended at 14:00.")


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (session(), ""),
        (session(is_locked=True), "Locked: unlock first."),
        (session(must_change=True), "Change your password first."),
        (session(trying="Jan de Vries"), "You look at this as Jan de Vries: nothing is done."),
        (None, "Log in first."),
    ],
)
def test_right_counts_only_while_nothing_stands_in_its_way(held: object, why: str) -> None:
    asked = known(held, actions=frozenset({"write"}))  # pyright: ignore[reportArgumentType]
    assert asked.why_not("write") == why
    assert asked.may("write") is (why == "")


def test_right_that_a_role_lacks_is_said() -> None:
    assert known(session()).why_not("people") == "Your role has not the right “people”."
    assert not known(session()).may("people")


def test_answer_of_the_engine_is_taken_whole() -> None:
    made = who.of(SessionAnswer(False, session(), "", FACES, ("write",)))
    assert made.is_known and made.session == session() and made.faces == FACES
    assert made.may("write") and not made.may("stage")


def test_seconds_to_wait_are_found_in_the_sentence_and_counted_down() -> None:
    refusal = "Not logged in: after a wrong try one waits, try again in 8 s. Seeing needs no login."
    assert who.wait_s(refusal) == 8
    assert "try again in 7\u202fs. Seeing" in who.counted(refusal, 7)
    assert who.counted(refusal, 0) == "You can try again now."
    assert who.wait_s("the password is wrong") == 0
    assert who.wait_s("wrong; wait 30 seconds") == 30


def test_new_secret_is_judged_before_it_is_sent() -> None:
    assert who.password_trouble("short", "short") == "5 of 12 so far"
    assert who.password_trouble("twelve chars", "twelve char") == "the two are not alike yet"
    assert who.password_trouble("twelve chars", "twelve chars") == ""
    assert who.pin_trouble("12", "12") == "2 of 6 so far"
    assert who.pin_trouble("128437", "128473") == "the two are not alike yet"
    assert who.pin_trouble("128437", "128437") == ""


def test_things_are_done_under_the_name_of_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "os user")
    try:
        for state, name in (
            (NOBODY, "os user"),
            (known(is_new=True), "os user"),
            (known(session()), "Maria Operator"),
            (known(), "nobody"),
        ):
            set_author(state.author)
            assert author() == name
    finally:
        set_author(None)


def test_roles_are_told_once_each() -> None:
    twice = session(roles=(RoleAt("operator", "A"), RoleAt("operator", "B"), RoleAt("engineer")))
    assert "operator, engineer" in chip(known(twice), NOW_US, ZONE).tip
