"""The book of alarms: right after every answer, whatever was lost before."""

from __future__ import annotations

import msgspec

from engine.types import Alarm, Flood
from engine.wire import AlarmsAnswer
from hmi.alarm_book import AlarmBook
from tests.hmi.booked import counts_of, whole

T0 = 1_795_353_226_000_000


def alarm(alarm_id: int, letter: str = "B", active: bool = True, at_us: int = T0) -> Alarm:
    """An alarm of priority 2."""
    return Alarm(f"A/{alarm_id}", "h", 2, active, at_us, at_us, id=alarm_id, letter=letter)  # pyright: ignore[reportArgumentType]


def test_changes_are_laid_over_what_is_known() -> None:
    book = AlarmBook()
    assert not book.is_known
    assert book.take(whole([alarm(1), alarm(2)]), T0)
    acked = alarm(1, "C")
    assert book.take(AlarmsAnswer(2, False, (acked, alarm(3)), (2,), counts_of([acked, alarm(3)])), T0)
    assert dict(book.alarms) == {1: acked, 3: alarm(3)}
    assert book.version == 2 and book.is_known


def test_answer_without_news_changes_nothing_that_can_be_seen() -> None:
    book = AlarmBook()
    book.take(whole([alarm(1)]), T0)
    assert not book.take(AlarmsAnswer(5, False, (), (), counts_of([alarm(1)])), T0)
    assert book.version == 5
    assert not book.take(whole([alarm(1)], version=6), T0), "the same told whole again is no news"


def test_whole_answer_forgets_what_it_does_not_name() -> None:
    book = AlarmBook()
    book.take(whole([alarm(1), alarm(2)]), T0)
    assert book.take(whole([alarm(2)], version=1), T0)
    assert list(book.alarms) == [2]


def test_whole_answer_in_parts_shows_the_old_list_until_its_last_part() -> None:
    book = AlarmBook()
    book.take(whole([alarm(1)]), T0)
    first = msgspec.structs.replace(whole([alarm(2)], version=7), is_more=True)
    assert not book.take(first, T0)
    assert list(book.alarms) == [1] and book.version == 7
    second = AlarmsAnswer(8, False, (alarm(3),), (), counts_of([alarm(2), alarm(3)]))
    assert book.take(second, T0)
    assert list(book.alarms) == [2, 3]


def test_flood_and_counts_alone_are_news() -> None:
    book = AlarmBook()
    book.take(whole([alarm(1)]), T0)
    told = whole([alarm(1)], Flood(T0, 11, 1))
    assert book.take(AlarmsAnswer(2, False, (), (), told.counts, told.flood), T0)
    assert book.flood == Flood(T0, 11, 1)


def test_last_return_is_that_of_the_alarm_not_of_its_acknowledgement() -> None:
    book = AlarmBook()
    returned = alarm(1, "D", active=False, at_us=T0 - 9)
    book.take(whole([returned]), T0)
    assert book.last_returned_us == T0 - 9
    book.take(AlarmsAnswer(2, False, (), (1,)), T0 + 50)
    assert book.last_returned_us == T0 - 9
    book.take(whole([alarm(2, "C")], version=3), T0)
    book.take(AlarmsAnswer(4, False, (), (2,)), T0 + 90)
    assert book.last_returned_us == T0 + 90, "acknowledged first: it left the list with its return"


def test_shelved_alarm_that_ends_is_no_return_to_the_list() -> None:
    book = AlarmBook()
    book.take(whole([alarm(1, "E")]), T0)
    book.take(AlarmsAnswer(2, False, (), (1,)), T0 + 50)
    assert book.last_returned_us == 0
