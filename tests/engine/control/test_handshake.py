"""The handshake with the PLC: numbers that are never used again, and what the PLC's answers prove."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.handshake import (
    ALL,
    SURELY_MS,
    Ready,
    answered,
    came_of,
    compared,
    handshake_at,
    is_newer,
    next_number,
    ready,
    ticket_for,
)
from engine.control.life import Illegal, advanced
from engine.control.outside import Outside
from engine.control.store import ControlStore
from engine.control.target import Targets
from engine.store.database import sqlite3
from engine.types import HANDSHAKE, Command, Reading, Status, Tag, Ticket, Write, WriteRule
from tests.engine.control.gate_rig import Time

TAGS = {f"L/H/{name}": Tag(k, f"L/H/{name}", "plc", "holding:0") for k, name in enumerate(HANDSHAKE)}
NUMBERS = st.integers(0, ALL - 1)
FOUND = handshake_at("L/H", TAGS)
assert FOUND is not None
BLOCK = FOUND
TICKET = Ticket(8, 5_000, before=7)


class Plc:
    """What the PLC shows, by name; ``goes`` = its clock goes on at every look."""

    def __init__(self, *, goes: bool = True, **shown: float) -> None:
        self.shown: dict[str, Any] = {"Clock": 1_000.0, "Ack": 7.0, "Answer": 1.0, **shown}
        self.goes, self.looks, time = goes, 0, Time()
        self.time = time
        self.outside = cast(Outside, type("Seen", (), {"read": self.read, "clock": time})())

    async def read(self, tag_id: int) -> Reading:
        name, self.looks = list(HANDSHAKE)[tag_id], self.looks + 1
        found = self.shown[name]
        if name == "Clock" and self.goes and not isinstance(found, Reading):
            self.shown[name] = (found + 1) % ALL
        return found if isinstance(found, Reading) else Reading(found)


@given(st.lists(NUMBERS, max_size=4), NUMBERS)
def test_next_number_is_newer_than_those_used_within_a_half_of_all(used: list[int], first: int) -> None:
    """Also where they wrap, and never 0."""
    near = [(first + each % 2**30) % ALL for each in used]
    number = next_number(near)
    assert 0 < number < ALL
    assert all(is_newer(number, each) for each in near if each)


def test_numbers_wrap_past_nothing() -> None:
    assert next_number([]) == 1 and next_number([ALL - 1]) == 1 and next_number([0, 5, 3]) == 6
    assert is_newer(1, ALL - 1) and not is_newer(ALL - 1, 1) and not is_newer(5, 5)


def test_a_number_is_on_disk_before_it_is_given_and_every_handshake_has_its_own(tmp_path: Path) -> None:
    given_numbers = list[int]()
    for _ in range(3):  # none of them is closed: each is killed
        store = ControlStore(tmp_path / "control.db")
        given_numbers += [store.number_now("L/H", (100,)), store.number_now("L/H", ())]
    assert given_numbers == [101, 102, 103, 104, 105, 106]
    assert store.number_now("L/other", ()) == 1
    assert store.number_now("L/H", (500, 0)) == 501, "the PLC, or the time, is further"


def test_file_of_an_earlier_version_gets_its_numbers_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    before = ControlStore(path)
    before.set_area("Line", "desk")
    before.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE numbers")
    store = ControlStore(path)
    assert (store.trouble, store.areas(), store.number_now("L/H", ())) == ("", {"Line": "desk"}, 1)


async def test_ready_tells_clock_and_last_answer() -> None:
    seen = await ready(Plc(Clock=ALL - 1.0).outside, BLOCK)
    assert (seen.why, seen.clock_ms, seen.ack) == ("", 0, 7)
    assert ticket_for(seen, 8, 0.6) == Ticket(8, 600, 7)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"goes": False}, "L/H/Clock, the PLC's clock, stands still at 1000"),
        ({"Clock": Reading(5.0, int(Status.BAD))}, "L/H/Clock, the PLC's clock, cannot be read"),
        ({"Ack": Reading(None, why="the link is down")}, "last answer, cannot be read: the link is down"),
    ],
)
async def test_plc_that_is_not_ready_says_what_is_wrong(shown: dict[str, Any], words: str) -> None:
    assert words in (await ready(Plc(**shown).outside, BLOCK)).why


@pytest.mark.parametrize(
    ("went_ms", "after_s", "is_right"),
    [(2000, 2.0, True), (1100, 2.0, True), (2, 2.0, False), (2_000_000, 2.0, False), (0, 0.1, True)],
)
def test_clock_that_does_not_count_milliseconds_is_found_out(
    went_ms: int, after_s: float, is_right: bool
) -> None:
    before = Ready(ALL - 500, 7, mono_us=1_000)
    now = Ready((before.clock_ms + went_ms) % ALL, 7, mono_us=1_000 + round(after_s * 1e6))
    seen = compared(before, now, "L/H")
    assert (seen.why == "") == is_right
    assert is_right or "L/H/Clock, the PLC's clock, went by" in seen.why


def test_command_has_the_handshake_of_the_row_for_its_tag() -> None:
    tags = [Tag(99, "L/Start", "plc", "holding:0"), *TAGS.values()]
    command = Command("L", "start", "L/Start", 1.0)
    targets = Targets([WriteRule("L/Start", handshake="L/H")], [command], tags)
    found = targets.of("L", "start")
    assert found is not None and found.handshake == BLOCK and not found.faults
    short = Targets([WriteRule("L/Start", handshake="L/H")], [command], tags[:-1]).of("L", "start")
    assert short is not None and short.faults == ("not all tags of its handshake L/H are there",)


@pytest.mark.parametrize(
    ("shown", "verdict", "words"),
    [
        ({"Ack": 8.0}, "taken", ""),
        ({"Ack": 8.0, "Answer": 2.0}, "refused", "refused number 8: it came too late (stale)"),
        ({"Ack": 8.0, "Answer": 9.0}, "silent", "answer to number 8 is 9, which means nothing here"),
        ({"Ack": 7.0}, "silent", "did not answer number 8"),
        ({"Ack": 9.0, "Answer": 2.0}, "silent", "did not answer number 8"),
        ({"Ack": Reading(8.0, int(Status.BAD))}, "silent", "did not answer number 8"),
    ],
)
async def test_only_an_answer_to_its_number_counts(shown: dict[str, Any], verdict: str, words: str) -> None:
    plc = Plc(**shown)
    answer = await answered(plc.outside, BLOCK, TICKET, 0.6)
    assert answer.verdict == verdict and words in answer.why


@pytest.mark.parametrize(
    ("clock", "ack", "verdict"),
    [
        (5_000 + SURELY_MS, 7, "refused"),
        (5_000 + SURELY_MS - 1, 7, "silent"),
        (4_000, 7, "silent"),
        (5_000 + 2**31, 7, "silent"),
        (5_000 + SURELY_MS, 0, "silent"),  # it was started anew: it may have taken it before
        (5_000 + SURELY_MS, 6, "silent"),
        (5_000 + SURELY_MS, 8, "taken"),
    ],
)
async def test_what_was_not_answered_is_over_only_by_the_clock_of_the_same_plc(
    clock: int, ack: int, verdict: str
) -> None:
    answer = await came_of(Plc(goes=False, Clock=float(clock), Ack=float(ack)).outside, BLOCK, TICKET)
    assert answer.verdict == verdict
    assert verdict != "refused" or "cannot any more: its time was over 1 s ago" in answer.why


def test_unknown_write_is_rejected_only_by_a_plc_that_says_so() -> None:
    unknown = Write("w", "setpoint", "a", "unknown", 1.0, sent_us=1)
    with pytest.raises(Illegal, match="over a handshake"):
        advanced(unknown, "rejected")
    over = Write("w", "setpoint", "a", "unknown", 1.0, sent_us=1, ticket=TICKET)
    assert advanced(over, "rejected").step == "rejected"


def test_part_that_is_missing_makes_no_handshake() -> None:
    without: Iterable[str] = (path for path in TAGS if not path.endswith("Ack"))
    assert handshake_at("L/H", {path: TAGS[path] for path in without}) is None
