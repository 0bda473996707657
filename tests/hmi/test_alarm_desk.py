"""What a person does to alarms: only to what was seen, only once, and never into the void."""

from __future__ import annotations

import msgspec
import pytest

from hmi.alarm_book import AlarmBook
from hmi.alarm_desk import MOST_AT_ONCE, AlarmDesk
from tests.hmi.booked import Commands, book
from tests.hmi.line import HIGH, LOW_AIR, TIPS


@pytest.fixture
def feed() -> Commands:
    return Commands()


@pytest.fixture
def desk(feed: Commands) -> AlarmDesk:
    """Three alarms that wait; the first two were painted."""
    made = AlarmDesk(feed)
    made.take(book(HIGH, TIPS, LOW_AIR))
    made.seen |= {HIGH.id: HIGH.changed_us, TIPS.id: TIPS.changed_us}
    return made


def test_only_what_was_painted_is_acknowledged(desk: AlarmDesk, feed: Commands) -> None:
    assert desk.acknowledge([HIGH.id, LOW_AIR.id]) == 1
    assert feed.sent[0]["alarms"] == [(HIGH.id, HIGH.changed_us)]


def test_acknowledged_alarm_is_not_acknowledged_again(desk: AlarmDesk, feed: Commands) -> None:
    desk.take(book(msgspec.structs.replace(HIGH, letter="C", acked=True), TIPS))
    assert desk.acknowledge([HIGH.id]) == 0 and feed.sent == []


def test_nothing_is_sent_twice_while_the_answer_is_awaited(desk: AlarmDesk, feed: Commands) -> None:
    desk.acknowledge([HIGH.id])
    assert desk.is_sent(HIGH.id)
    assert desk.acknowledge([HIGH.id, TIPS.id]) == 1
    assert [each["alarms"][0][0] for each in feed.sent] == [HIGH.id, TIPS.id]
    feed.answer()
    assert not desk.is_sent(HIGH.id)


def test_refusal_stands_at_the_alarm_until_it_changes(desk: AlarmDesk, feed: Commands) -> None:
    desk.acknowledge([HIGH.id])
    feed.answer(((HIGH.id, "it came again"),))
    assert desk.refusal(HIGH) == "Not done: It came again."
    anew = msgspec.structs.replace(HIGH, changed_us=HIGH.changed_us + 1)
    assert desk.refusal(anew) == ""


def test_request_that_does_not_come_through_is_said(desk: AlarmDesk, feed: Commands) -> None:
    desk.do("shelve", [HIGH.id], "sensor wet", 5)
    feed.fail("the engine went away before it answered")
    assert desk.refusal(HIGH) == "The engine went away before it answered.", "nobody knows whether it is done"
    assert desk.do("shelve", [HIGH.id], "sensor wet", 5) == 1, "it can be asked again"


def test_what_was_done_is_never_called_not_done(desk: AlarmDesk, feed: Commands) -> None:
    desk.acknowledge([HIGH.id])
    feed.fail("it is done, but it is not on record: the disk is full")
    assert desk.refusal(HIGH) == "It is done, but it is not on record: the disk is full."
    desk.acknowledge([TIPS.id])
    feed.fail("the engine went away before it answered")
    # The engine that starts then tells that it was on disk: the row says what it is, not what was feared.
    assert desk.refusal(msgspec.structs.replace(TIPS, letter="C", acked=True)) == ""


def test_silent_or_unknown_engine_is_asked_nothing(desk: AlarmDesk, feed: Commands) -> None:
    desk.set_stalled(True)
    assert desk.is_dead and desk.acknowledge([HIGH.id]) == 0
    desk.set_stalled(False)
    desk.take(AlarmBook())
    assert desk.is_dead and desk.do("note", [HIGH.id], "x") == 0
    assert feed.sent == []


def test_what_was_sent_before_the_silence_can_be_sent_again_after_it(desk: AlarmDesk, feed: Commands) -> None:
    desk.acknowledge([HIGH.id])
    desk.set_stalled(True)
    desk.set_stalled(False)
    assert desk.acknowledge([HIGH.id]) == 1


def test_next_goes_round_those_that_wait_the_worst_first(desk: AlarmDesk) -> None:
    assert [desk.select_next() for _ in range(4)] == [HIGH.id, TIPS.id, LOW_AIR.id, HIGH.id]
    desk.take(book())
    assert desk.selected == 0 and desk.select_next() == 0


def test_one_request_is_never_larger_than_a_page(feed: Commands) -> None:
    many = [msgspec.structs.replace(HIGH, id=each) for each in range(1, MOST_AT_ONCE + 50)]
    desk = AlarmDesk(feed)
    desk.take(book(*many))
    desk.seen |= {each.id: each.changed_us for each in many}
    assert desk.acknowledge([each.id for each in many]) == MOST_AT_ONCE


def test_what_was_seen_is_forgotten_with_its_alarm(desk: AlarmDesk) -> None:
    desk.seen |= dict.fromkeys(range(100, 100 + 2 * MOST_AT_ONCE), 1)
    desk.take(book(HIGH))
    assert set(desk.seen) == {HIGH.id}


def test_listeners_hear_of_every_change(desk: AlarmDesk, feed: Commands) -> None:
    heard: list[int] = []
    desk.listeners.append(lambda: heard.append(1))
    desk.select(HIGH.id)
    desk.select(HIGH.id)
    desk.acknowledge([HIGH.id])
    feed.answer()
    assert len(heard) == 3, "marked, sent, answered; what is as it was is not told"
