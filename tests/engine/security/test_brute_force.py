"""T43: 10,000 guesses of a password and of a PIN, and what stays as it was meanwhile."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import argon2
import pytest

from engine.security.credentials import MOST_AT_WORK
from engine.security.delays import MOST_STATIONS, NONE, failed
from engine.security.passwords import Hasher
from engine.types.people import RoleAt
from engine.wire.people import LoginBody, PeopleChangeBody, PersonEdit
from tests.engine.security.made import (
    CHEAP,
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

GUESSES = 10_000


def looked_at(place: Place) -> int:
    return vars(place.security)["_desk"].hasher.checks


async def guess(place: Place, kind: str, *stations: str) -> int:
    """How many of all guesses were looked at; the view is asked with each."""
    before = looked_at(place)
    for k in range(GUESSES):
        station = stations[k % len(stations)]
        body = LoginBody(station, "bob", f"{k:06}" if kind == "pin" else f"guess number {k}", kind)  # type: ignore[arg-type]
        assert "Not logged in" in await why_denied(place.security.login(body))
        assert place.security.answer("", station).ended == ""
        place.clock.go(301 if k % 2 else 0)
    return looked_at(place) - before


@pytest.mark.timeout(120)
async def test_of_ten_thousand_passwords_a_hundred_are_looked_at(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        assert await guess(place, "password", DESK, "desk 2", "desk 3") == 100
        assert [area for area, _ in place.alarms] == [""] and "bob" in place.alarms[0][1]
        assert "opens no more" in await why_denied(place.login("bob", PASSWORD))
        assert (await place.login("cem", OTHER_PASSWORD)).session.person == "cem"
        assert len(place.ledger.of("login_refused")) == 100


@pytest.mark.timeout(120)
async def test_of_ten_thousand_pins_five_are_looked_at_and_the_password_still_opens(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        await set_pin(place, "bob", "493027")
        assert await guess(place, "pin", DESK) == 5
        assert (await place.login("cem", OTHER_PASSWORD)).session.person == "cem"
        assert (await place.login("bob")).session.person == "bob"


async def closed(place: Place) -> str:
    """An administrator's token, after bob's password was guessed until it closed."""
    admin = await staffed(place, person("bob", "operator"))
    await set_pin(place, "bob", "493027")
    for k in range(100):
        await why_denied(place.login("bob", f"guess number {k}", "desk 2"))
        place.clock.go(301)
    assert "opens no more" in await why_denied(place.login("bob"))
    return admin.token


async def test_a_restart_gives_nobody_more_guesses(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await closed(place)
        place.again()
        assert "opens no more" in await why_denied(place.login("bob"))
        assert looked_at(place) == 0


async def test_a_restart_does_not_end_a_wait(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        for _ in range(6):
            await why_denied(place.login("bob", "wrong"))
            place.clock.go(40)
        await why_denied(place.login("bob", "wrong"))
        assert "try again in 64 s" in await why_denied(place.again().login("bob"))
        place.clock.go(64)
        await place.login("bob")


async def test_a_closed_password_opens_again_when_another_way_does(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await closed(place)
        await place.pin("bob", "493027")
        await place.login("bob")


async def test_a_closed_password_opens_again_when_an_administrator_sets_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await closed(place)
        admin = await place.login("ada", "purple bridge tractor song", "office")
        told = "\n".join(place.security.people(admin.token).problems)
        assert "The password of Bob Example is closed" in told
        edit = PersonEdit("bob", "Bob Example", (RoleAt("operator"),), password=OTHER_PASSWORD)
        await place.security.change(admin.token, PeopleChangeBody((edit,)))
        await place.login("bob", OTHER_PASSWORD)


async def test_a_guess_during_the_wait_is_not_looked_at_and_does_not_count(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await why_denied(place.login("bob", "wrong"))
        before = looked_at(place)
        for _ in range(50):
            assert "waits" in await why_denied(place.login("bob", PASSWORD))
        assert looked_at(place) == before
        place.clock.go(1)
        await place.login("bob")


async def test_guesses_at_one_station_do_not_keep_a_person_waiting_at_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        for station in ("desk", "desk 2"):
            await place.login("bob", station=station)
        for _ in range(9):
            await why_denied(place.login("bob", "wrong", "desk 2"))
            place.clock.go(257)
        await why_denied(place.login("bob", "wrong", "desk 2"))
        await place.login("bob")
        assert "waits" in await why_denied(place.login("bob", PASSWORD, "desk 2"))


async def test_names_of_stations_that_are_made_up_give_nobody_another_guess(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await place.login("bob")
        looked_at = 0
        for k in range(300):
            looked_at += "wait" not in await why_denied(place.login("bob", "wrong", f"made up {k}"))
        assert looked_at == 1
        assert await place.login("bob"), "the station that is known has its own wait"


async def test_known_stations_are_known_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await staffed(place, person("bob", "operator"))
        await place.login("bob", station="desk 7")
    async with desk(tmp_path) as place:
        await why_denied(place.login("bob", "wrong", "made up"))
        assert "waits" in await why_denied(place.login("bob", PASSWORD, "made up too"))
        assert await place.login("bob", station="desk 7")


async def test_guesses_at_a_name_before_there_was_such_a_person_keep_nobody_waiting(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        await why_denied(place.login("eva", PASSWORD))
        await place.security.change(admin.token, PeopleChangeBody((person("eva", "engineer"),)))
        place.clock.go(2)
        await place.login("eva", PASSWORD)
        await place.login("eva", PASSWORD)


async def test_names_that_nobody_has_fill_neither_memory_nor_disk(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await place.admin()
        for k in range(1200):
            await why_denied(place.login(f"typed {k}", "wrong"))
        guesses = vars(place.security)["_desk"].guesses
        assert len(vars(guesses)["_unknown"]) == 1000
        assert b"typed" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


async def test_a_flood_of_logins_is_refused_and_keeps_nobody_waiting_for_all_of_it(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"))
        flood = [why_denied(place.login(f"nobody{k}", PASSWORD)) for k in range(200)]
        told = await asyncio.gather(*flood, why_denied(place.login("bob", PASSWORD)))
        assert sum("too many log in" in each for each in told) == 201 - MOST_AT_WORK
        assert "too many log in" in told[-1]
        assert (await place.login("bob")).session.person == "bob", "what was not looked at was not counted"


async def test_a_hash_whose_asker_went_away_is_awaited_before_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hasher, at_work, most = Hasher(CHEAP), 0, 0
    release = threading.Event()

    def verify(self: argon2.PasswordHasher, kept: str, secret: str) -> bool:
        nonlocal at_work, most
        at_work, most = at_work + 1, max(most, at_work + 1)
        release.wait(10)
        at_work -= 1
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    tasks = [asyncio.create_task(hasher.fits("x", "y")) for _ in range(4)]
    while not at_work:
        await asyncio.sleep(0)
    for task in tasks[:3]:
        task.cancel()
    for _ in range(100):
        await asyncio.sleep(0)
    release.set()
    assert await tasks[3]
    assert most == 1 and hasher.checks == 2


async def test_made_up_stations_give_no_guesses_of_a_pin_and_are_not_kept(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"))
        await set_pin(place, "bob", "493027")
        for k in range(50):
            await why_denied(place.security.login(LoginBody(f"made up {k}", "bob", "493027", "pin")))
            place.clock.go(400)
        guesses = vars(place.security)["_desk"].guesses
        assert guesses.of("pin:bob").stations == {}
        assert len(guesses.of("pin:?bob").stations) == 1
        body = LoginBody(DESK, "bob", "493027", "pin")
        assert (await place.security.login(body)).session.person == "bob"


def test_made_up_stations_of_a_break_glass_code_do_not_fill_the_memory() -> None:
    tries = NONE
    for k in range(MOST_STATIONS + 50):
        tries = failed(tries, "code", f"made up {k}", k)
    assert len(tries.stations) == len(tries.until_us) == MOST_STATIONS
    assert f"made up {MOST_STATIONS + 49}" in tries.stations
