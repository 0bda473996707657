"""What is known of outlooks, and what of it still holds."""

from __future__ import annotations

from engine.wire import OutlooksAnswer
from hmi.outlook_book import OutlookBook, is_current
from tests.hmi.foreseen import HYDRAULICS, OLD, WATCH, answer, book, outlook
from tests.hmi.line import PRESS
from tests.hmi.plant import NOW_US


def test_answer_with_changes_keeps_what_it_does_not_name_and_a_whole_one_does_not() -> None:
    made = book(outlook(), outlook(asset=PRESS))
    assert made.take(OutlooksAnswer(2, (WATCH,), is_whole=False))
    assert made.outlooks[HYDRAULICS] == WATCH and PRESS in made.outlooks and made.version == 2
    assert made.take(answer(WATCH, version=3))
    assert list(made.outlooks) == [HYDRAULICS]


def test_same_again_is_no_news_but_trouble_is() -> None:
    made = book(outlook())
    assert not made.take(answer(outlook(), version=5))
    assert not made.take(OutlooksAnswer(6, (), is_whole=False))
    assert made.version == 6
    assert made.take(OutlooksAnswer(6, (), is_whole=False, trouble="samples were dropped"))


def test_first_answer_is_news_even_if_nothing_is_foreseen() -> None:
    made = OutlookBook()
    assert not made.is_known and made.take(answer()) and made.is_known


def test_forgotten_it_asks_for_all_again() -> None:
    made = book(outlook(), version=9)
    assert made.forget("it is refused")
    assert (made.version, made.is_known, made.outlooks, made.trouble) == (0, False, {}, "it is refused")
    assert not made.forget("it is refused")


def test_tiers_are_only_of_what_still_holds() -> None:
    made = book(outlook(), outlook(asset="B", tier=""), outlook(asset="C", issued_us=OLD.issued_us))
    assert made.tiers(NOW_US) == {HYDRAULICS: "act"}
    assert made.tiers(NOW_US + 7140 * 1_000_000) == {HYDRAULICS: "act"}
    assert made.tiers(NOW_US + 7141 * 1_000_000) == {}


def test_what_claims_to_be_from_the_future_does_not_hold() -> None:
    assert not is_current(outlook(issued_us=NOW_US + 7201 * 1_000_000), NOW_US)
