"""Two people are two people: whoever set a secret of another is not the second person beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.security.apart import DAY_US, hands, why_one
from engine.security.people import Kept
from engine.types.people import Person, RoleAt, SecretKind, SecuritySettings
from engine.wire.people import PeopleChangeBody, PersonEdit, SecretBody
from tests.engine.security.made import (
    ADA,
    ADA_PASSWORD,
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    WEEK_S,
    Place,
    desk,
    person,
    staffed,
)

NOW_US = 100 * DAY_US
ADMIN = "administrator"


def people(*gifts: tuple[str, str, int]) -> dict[str, Kept]:
    """Everybody of "abcde"; gifts = (who, to whom, days ago)."""
    found = {name: Kept(Person(name, f"{name.upper()} Example")) for name in "abcde"}
    for by, to, days in gifts:
        old = found[to]
        at_us = max(old.given.get(by, 0), NOW_US - days * DAY_US)
        found[to] = Kept(old.person, given={**old.given, by: at_us})
    return found


GIFT = st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(0, 14))


@given(st.lists(GIFT, max_size=12), st.sampled_from("abcde"), st.sampled_from("abcde"))
def test_two_accounts_are_two_people_unless_one_person_may_hold_both(
    gifts: list[tuple[str, str, int]], first: str, second: str
) -> None:
    known = people(*gifts)
    fresh = {(by, to) for by, to, days in gifts if days < 7}

    def holders(name: str) -> set[str]:
        found = {name}
        while more := {by for by, to in fresh if to in found} - found:
            found |= more
        return found

    is_one = first in holders(second) or second in holders(first)
    assert bool(why_one(known, first, second, NOW_US, 7)) == is_one
    assert bool(why_one(known, second, first, NOW_US, 7)) == is_one
    assert hands(known, first, NOW_US - 7 * DAY_US) == holders(first)


def test_behind_a_code_the_second_is_in_nobody_elses_hands() -> None:
    known = people(("a", "b", 1))
    assert "A Example set" in why_one(known, "break glass: Somebody", "b", NOW_US, 7)
    assert why_one(known, "break glass: Somebody", "c", NOW_US, 7) == ""
    assert why_one(known, "break glass: C Example", "b", NOW_US, 7), "any name may have been typed"


def test_a_clock_that_was_set_back_frees_nobody() -> None:
    known = people(("a", "b", 0))
    assert why_one(known, "a", "b", NOW_US - 30 * DAY_US, 7)
    assert not why_one(known, "a", "b", NOW_US, 0)


async def second(place: Place, name: str, password: str, first: str) -> str:
    """Why somebody is not the second person beside another, "" = they are."""
    try:
        found = await place.security.verify_second(name, password, DESK, first)
    except Exception as denied:
        return str(denied)
    return "" if found.name == name else found.name


async def test_who_makes_an_account_is_not_the_second_person_with_it(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        admin = await staffed(place, person("bob", "shift lead", must_change=True))
        assert "password of their own first" in await second(place, "bob", PASSWORD, ADA)
        token = (await place.login("bob")).token  # by whoever knows what was given
        await place.security.secret_change(token, SecretBody("bob", "password", OTHER_PASSWORD, PASSWORD))
        why = await second(place, "bob", OTHER_PASSWORD, ADA)
        assert why == (
            "Not done: Ada Lovelace set the password, PIN or badge of Bob Example within the last 7 days and "
            "may know it, so they count as one person: another one has to agree."
        )
        assert "Ada Lovelace set" in await second(place, ADA, ADA_PASSWORD, "bob"), "nor the other way round"
        place.clock.go(WEEK_S / 2)
        place.again()
        assert "Ada Lovelace set" in await second(place, "bob", OTHER_PASSWORD, ADA), "also after a restart"
        place.clock.go(WEEK_S / 2)
        assert await second(place, "bob", OTHER_PASSWORD, ADA) == ""
        assert admin.session.person == ADA


@pytest.mark.parametrize("kind", ["password", "pin", "badge"])
async def test_one_secret_is_enough(tmp_path: Path, kind: SecretKind) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "shift lead"), person("eva", ADMIN, password=OTHER_PASSWORD))
        place.clock.go(WEEK_S)
        assert await second(place, "bob", PASSWORD, "eva") == ""
        eva = (await place.login("eva", OTHER_PASSWORD, "office")).token
        new = {"password": "copper kettle by the window", "pin": "493027", "badge": "04A2B7C1"}[kind]
        await place.security.secret_change(eva, SecretBody("bob", kind, new, "", DESK))
        if kind == "password":
            token = (await place.login("bob", new)).token
            await place.security.secret_change(token, SecretBody("bob", "password", PASSWORD, new))
        assert "Eva Example set" in await second(place, "bob", PASSWORD, "eva")
        assert await second(place, "bob", PASSWORD, ADA) == "", "for others it is another person"


async def test_two_who_were_given_theirs_by_a_third_are_two_and_a_chain_is_one(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        eva = person("eva", ADMIN, password=OTHER_PASSWORD)
        await staffed(place, person("bob", "shift lead"), person("cem", "shift lead"), eva)
        place.clock.go(WEEK_S)
        token = (await place.login("eva", OTHER_PASSWORD, "office")).token
        for name in ("bob", "cem"):
            await place.security.secret_change(token, SecretBody(name, "pin", "493027", "", DESK))
        assert await second(place, "bob", PASSWORD, "cem") == "", "each knows a password that eva does not"
        assert "Eva Example set" in await second(place, "bob", PASSWORD, "eva")
        # A chain: eva holds bob, bob (made administrator) holds ada's account.
        admin = (await place.login(ADA, ADA_PASSWORD, "office")).token
        edit = PersonEdit("bob", "Bob Example", (RoleAt(ADMIN),))
        await place.security.change(admin, PeopleChangeBody((edit,)))
        bob = (await place.login("bob", PASSWORD, "desk 3")).token
        await place.security.secret_change(bob, SecretBody(ADA, "badge", "04A2B7C1"))
        assert "Bob Example set" in await second(place, ADA, ADA_PASSWORD, "eva")


async def test_the_days_are_the_plants_and_none_is_told_to_everybody(tmp_path: Path) -> None:
    settings = SecuritySettings(second_after_days=0.0)
    async with desk(tmp_path, shifts=(), settings=settings) as place:
        admin = await staffed(place, person("bob", "shift lead"))
        assert await second(place, "bob", PASSWORD, ADA) == ""
        assert "second_after_days = 0" in " ".join(place.security.people(admin.token).problems)


async def test_giving_nothing_binds_nobody(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        admin = await staffed(place, person("bob", "shift lead"))
        place.clock.go(WEEK_S)
        admin = await place.login(ADA, ADA_PASSWORD, "office")
        edit = PersonEdit("bob", "Robert Example", (RoleAt("operator"),))
        await place.security.change(admin.token, PeopleChangeBody((edit,)))
        await place.security.secret_change(admin.token, SecretBody("bob", "pin", "", "", DESK))
        await place.security.secret_change(admin.token, SecretBody("bob", "badge", ""))
        assert await second(place, "bob", PASSWORD, ADA) == ""
