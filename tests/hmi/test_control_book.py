"""What the engine told of writes, kept for all windows of a station."""

from __future__ import annotations

from engine.wire.control import ControlAnswer
from hmi.control_book import ControlBook
from tests.hmi.gate import HYDRAULICS, SETPOINT, START, answer, book, work_tag, write


def test_answer_without_news_changes_nothing_but_the_version() -> None:
    made = book(write("verified"))
    assert not made.take(ControlAnswer(2, False))
    assert made.version == 2 and made.writes["w1"].step == "verified"


def test_write_that_is_told_again_unchanged_is_no_news_and_stays_the_same_object() -> None:
    made = book(write())
    before = made.writes["w1"]
    assert not made.take(answer(write(), version=2))
    assert made.writes["w1"] is before
    assert made.take(answer(write("sent"), version=3))


def test_write_that_locks_a_tag_is_told_before_a_newer_one() -> None:
    lock, newer = write("unknown", id="old"), write("rejected", id="new")
    made = book(newer, lock)
    found = made.write_of(SETPOINT)
    assert found is not None and found.id == "old"
    assert book(newer).locked(SETPOINT) is None


def test_work_is_found_on_what_lies_below_it_and_not_above_it() -> None:
    made = book(work=(work_tag(), work_tag(by="jan", name="Jan Lead")))
    assert [each.by for each in made.work_at(SETPOINT)] == ["ina", "jan"]
    assert made.work_at(HYDRAULICS) and not made.work_at(HYDRAULICS.rpartition("/")[0])


def test_commands_are_found_at_their_asset() -> None:
    given = write("sent", path=START, asset=HYDRAULICS, verb="start")
    found = book(given).command_of(HYDRAULICS)
    assert found is not None and found.verb == "start"


def test_book_that_was_told_nothing_is_not_known() -> None:
    made = ControlBook()
    assert not made.is_known
    assert made.take(ControlAnswer(1, False)) and made.is_known
