from __future__ import annotations

from pathlib import Path

import pytest

from engine.security.break_glass import code_hash, new_code
from engine.security.errors import Denied
from engine.wire.people import BreakGlassBody, ReviewBody, SealBody, UnlockBody
from tests.engine.security.made import (
    ADA_PASSWORD,
    DESK,
    OTHER_PASSWORD,
    WEEK_S,
    desk,
    person,
    staffed,
    why_denied,
)

REASON = "Nobody of the shift is here and the press runs hot"


def opening(code: str, who: str = "Zoe Visitor", reason: str = REASON) -> BreakGlassBody:
    return BreakGlassBody(DESK, code, who, reason)


async def test_a_code_opens_its_area_for_half_an_hour_and_alarms_the_shift_lead(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        answer = await place.security.break_glass(opening(code.lower().replace("-", " ")))
        may = place.security.may
        assert answer.session.kind == "break glass" and answer.session.person == "break glass: Zoe Visitor"
        for action in ("write", "write critical", "command", "acknowledge"):
            assert may(answer.token, action, "Line 1/Press") == ""
            assert may(answer.token, action, "Line 2/Press") != ""
        for action in ("people", "approve", "stage", "configure"):
            assert may(answer.token, action, "Line 1") != ""
        ((area, text),) = place.alarms
        assert area == "Line 1" and "Zoe Visitor" in text and REASON in text
        place.clock.go(30 * 60)
        assert "time of the break-glass code is over" in may(answer.token, "write", "Line 1/Press")


async def test_a_code_opens_once_also_after_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        await place.security.break_glass(opening(code))
        place.clock.go(10)
        assert "was used by Zoe Visitor" in await why_denied(place.security.break_glass(opening(code)))
        place.again().clock.go(10)
        assert "was used by Zoe Visitor" in await why_denied(place.security.break_glass(opening(code)))


async def test_a_newer_code_voids_the_one_before_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        old = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        new = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        assert "newer code" in await why_denied(place.security.break_glass(opening(old)))
        place.clock.go(10)
        await place.security.break_glass(opening(new))


async def test_a_use_must_be_reviewed_by_somebody_else_before_the_next_code(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        people = person("zoe", "shift lead"), person("leo", "shift lead at Line 1", password=OTHER_PASSWORD)
        admin = await staffed(place, *people)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        await place.security.break_glass(opening(code, "Zoe Example"))
        assert "nobody reviewed it" in " ".join(place.security.people(admin.token).problems)
        assert "not reviewed yet" in await why_denied(place.security.seal(admin.token, SealBody("Line 1")))
        review = ReviewBody("Line 1", "All three writes were needed and right")
        zoe = await place.login("zoe")
        assert "Another person" in await why_denied(place.security.review(zoe.token, review))
        leo = await place.login("leo", OTHER_PASSWORD)
        assert "Ada Lovelace set" in await why_denied(place.security.review(leo.token, review))
        place.clock.go(WEEK_S)
        leo = await place.login("leo", OTHER_PASSWORD)
        admin = await place.login("ada", ADA_PASSWORD, "office")
        await place.security.review(leo.token, review)
        (glass,) = place.security.people(admin.token).break_glass
        assert (glass.reviewed_by, glass.used_by, glass.reason) == ("leo", "Zoe Example", REASON)
        await place.security.seal(admin.token, SealBody("Line 1"))
        steps = [entry.body["step"] for entry in place.ledger.of("break_glass")]
        assert steps == ["sealed", "used", "reviewed", "sealed"]


async def test_a_code_needs_a_name_and_a_reason(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody(""))).code
        assert "your name" in await why_denied(place.security.break_glass(opening(code, " x ")))
        assert "why you break" in await why_denied(place.security.break_glass(opening(code, reason="hot")))
        await place.security.break_glass(opening(code))


async def test_a_ledger_that_takes_nothing_leaves_the_code_unused(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        place.ledger.refusing = "the disk is full"
        assert "the disk is full" in await why_denied(place.security.break_glass(opening(code)))
        assert place.alarms == []
        place.ledger.refusing = ""
        place.clock.go(10)
        await place.security.break_glass(opening(code))


async def test_the_code_is_kept_as_a_hash_and_is_in_no_entry(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert code.encode() not in kept and code_hash(code).encode() in kept
        assert code not in repr(place.ledger.entries)


async def test_wrong_codes_make_one_wait_seconds_and_never_close(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        for _ in range(150):
            assert "no code" in await why_denied(place.security.break_glass(opening(new_code())))
            place.clock.go(8)
        await place.security.break_glass(opening(code))


async def test_an_opened_session_is_not_locked_since_nothing_would_unlock_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as place:
        admin = await staffed(place)
        code = (await place.security.seal(admin.token, SealBody("Line 1"))).code
        token = (await place.security.break_glass(opening(code))).token
        with pytest.raises(Denied, match="log out instead"):
            place.security.lock(token)
        await why_denied(place.security.unlock(token, UnlockBody(code)))


def test_a_code_is_found_however_it_was_typed_and_no_two_are_alike() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500 and all(len(code) == 24 for code in codes)
    assert code_hash("o1il-0000") == code_hash("O11 1-oooo") != code_hash("0111-0001")
