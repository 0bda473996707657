"""T43: 10,000 guesses of a password and of a PIN, and what stays as it was meanwhile."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.security.credentials import KEPT_FREE, MOST_AT_WORK
from engine.security.delays import KEPT_BACK, MOST, wait_s
from engine.security.guesses import MOST_DEVICES
from engine.security.passwords import Hasher
from engine.security.refusals import EACH
from engine.types.people import RoleAt
from engine.wire.people import BreakGlassBody, LoginBody, PeopleChangeBody, PersonEdit, SealBody
from tests.engine.security.made import (
    CHEAP,
    DESK,
    OTHER_PASSWORD,
    PASSWORD,
    Place,
    desk,
    device_at,
    person,
    set_pin,
    staffed,
    why_denied,
)

GUESSES = 10_000


def looked_at(place: Place) -> int:
    return vars(place.security)["_desk"].hasher.checks


def refused(place: Place) -> int:
    """How many logins the ledger says were refused, those summed up too."""
    return sum(entry.body.get("times", 1) for entry in place.ledger.of("login_refused"))


async def guess(place: Place, kind: str, *stations: str, device: str = "") -> int:
    """How many of all guesses were looked at; the view is asked with each."""
    before = looked_at(place)
    for k in range(GUESSES):
        station = stations[k % len(stations)]
        secret = f"{k:06}" if kind == "pin" else f"guess number {k}"
        body = LoginBody(station, "bob", secret, kind, device=device)  # type: ignore[arg-type]
        assert "Not logged in" in await why_denied(place.security.login(body))
        assert place.security.answer("", station).ended == ""
        place.clock.go(301 if k % 2 else 0)
    return looked_at(place) - before


@pytest.mark.timeout(120)
async def test_of_ten_thousand_passwords_a_hundred_are_looked_at(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"), person("cem", "operator", password=OTHER_PASSWORD))
        await place.login("bob")
        most = MOST["password"]
        assert await guess(place, "password", DESK, "desk 2", "desk 3") == most - KEPT_BACK
        assert [area for area, _ in place.alarms] == [""] and "bob" in place.alarms[0][1]
        assert await guess(place, "password", DESK, device=device_at(DESK)) == KEPT_BACK
        assert "opens no more" in await why_denied(place.login("bob", PASSWORD))
        assert (await place.login("cem", OTHER_PASSWORD)).session.person == "cem"
        place.security.tick()
        await place.security.settle()
        assert refused(place) == most


@pytest.mark.parametrize("station", [DESK, "made up {}"])
async def test_who_guesses_from_anywhere_keeps_nobody_out_where_they_logged_in_before(
    tmp_path: Path, station: str
) -> None:
    """Whatever the guesser calls the station, also by the name of the real one."""
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"))
        await place.login("bob")
        for k in range(300):
            await why_denied(place.security.login(LoginBody(station.format(k), "bob", f"guess {k}")))
            place.clock.go(301)
        assert "opens no more" in await why_denied(place.login("bob", station="desk 2"))
        assert (await place.login("bob")).session.person == "bob"
        place.again()
        await why_denied(place.security.login(LoginBody(station.format(0), "bob", "a guess")))
        assert (await place.login("bob")).session.person == "bob", "also after a restart, and at once"


async def test_a_device_is_of_who_logged_in_there_alone(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"), person("mal", "operator", password=OTHER_PASSWORD))
        await place.login("mal", OTHER_PASSWORD, "desk 9")
        looked_at_first = looked_at(place)
        for k in range(50):
            await why_denied(place.login("bob", f"guess {k}", "desk 9" if k % 2 else f"made up {k}"))
        assert looked_at(place) - looked_at_first == 1, "one wait for all of them"


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from([0, 1, 40, 301])), min_size=1, max_size=60
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_strangers_do_the_owner_waits_for_their_own_mistakes_only(
    steps: list[tuple[bool, bool, int]],
) -> None:
    """Steps = (by a stranger, right password, seconds that pass before). A stranger is never right here."""

    async def walk(folder: Path) -> None:
        async with desk(folder, shifts=()) as place:
            await staffed(place, person("bob", "operator"))
            await place.login("bob")
            own, until = 0, 0
            for k, (is_stranger, is_right, seconds) in enumerate(steps):
                place.clock.go(seconds)
                assert place.security.answer("", DESK).ended == ""
                if is_stranger:
                    await why_denied(place.security.login(LoginBody(f"made up {k}", "bob", f"guess {k}")))
                elif place.clock.mono < until or own >= KEPT_BACK:
                    continue
                elif is_right:
                    assert (await place.login("bob")).session.person == "bob"
                    own = 0
                else:
                    assert "do not fit" in await why_denied(place.login("bob", "wrong"))
                    own += 1
                    until = place.clock.mono + round(wait_s(own, "password") * 1e6)

    with TemporaryDirectory() as name:
        asyncio.run(walk(Path(name)))


async def test_a_flood_of_wrong_codes_and_names_is_summed_up_in_the_ledger(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        admin = await staffed(place, person("bob", "operator"))
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        for k in range(5000):
            body = BreakGlassBody(f"made up {k}", f"0000-{k}", "Nobody At All", "no reason that counts")
            await why_denied(place.security.break_glass(body))
        entries = place.ledger.of("login_refused")
        assert len(entries) == EACH
        assert [text for _, text in place.alarms] == [
            "100 logins were refused within an hour: somebody may be guessing"
        ]
        right = BreakGlassBody(DESK, code, "Real Person", "the press is on fire")
        assert (await place.security.break_glass(right)).session.kind == "break glass", "nobody waits for it"
        place.clock.go(3600)
        place.security.tick()
        await place.security.settle()
        last = place.ledger.of("login_refused")[-1].body
        assert (refused(place), last["times"]) == (5000, 5000 - EACH)
        assert last["why"] == "wrong break-glass code: 4,980 more of these"


async def test_what_was_not_summed_up_yet_is_when_the_engine_stops(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await place.admin()
        for k in range(EACH + 3):
            await why_denied(place.login(f"nobody {k}", "wrong"))
        await place.security.settle()
        assert refused(place) == EACH + 3
        assert place.ledger.of("login_refused")[-1].body["times"] == 3


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
    assert "opens no more" in await why_denied(place.login("bob", station="desk 2"))
    return admin.token


async def test_a_restart_gives_nobody_more_guesses(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        await closed(place)
        place.again()
        assert "opens no more" in await why_denied(place.login("bob", station="desk 2"))
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
        await place.login("bob", station="desk 2")


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


async def test_strangers_do_not_crowd_out_who_was_here_before(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"))
        await place.login("bob")
        flood = [why_denied(place.security.login(LoginBody("x", f"nobody{k}", PASSWORD))) for k in range(200)]
        *told, answer = await asyncio.gather(*flood, place.login("bob"))
        assert answer.session.person == "bob"  # type: ignore[union-attr]
        assert sum("too many log in" in str(each) for each in told) == 200 - (MOST_AT_WORK - KEPT_FREE)


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
        assert sum("too many log in" in each for each in told) == 201 - (MOST_AT_WORK - KEPT_FREE)
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


async def test_devices_that_are_made_up_fill_neither_memory_nor_disk(tmp_path: Path) -> None:
    async with desk(tmp_path, shifts=()) as place:
        await staffed(place, person("bob", "operator"))
        for k in range(MOST_DEVICES + 40):
            await place.login("bob", station=f"desk {k}")
        guesses = vars(place.security)["_desk"].guesses
        assert len(vars(guesses)["_devices"]["password:bob"]) == MOST_DEVICES
        place.again()
        await why_denied(place.security.login(LoginBody("x", "bob", "a guess")))
        assert "waits" in await why_denied(place.login("bob", station="desk 0")), "the oldest is forgotten"
        assert await place.login("bob", station=f"desk {MOST_DEVICES + 39}")
