"""What the alarm journal holds of tags, as far as the engine told it."""

from __future__ import annotations

from engine.types import AlarmChange
from hmi import known_alarms
from hmi.known_alarms import AGAIN_US, RETRY_US, KnownAlarms

A, B = "S50/Pressure", "S50/Oil"


def change(time_us: int, what: str = "active", path: str = A) -> AlarmChange:
    """One row of the journal."""
    return AlarmChange(1, what, "B", 2, time_us, time_us, path, "h")  # pyright: ignore[reportArgumentType]


def test_each_tag_is_asked_for_once_and_again_only_when_its_alarms_changed() -> None:
    known = KnownAlarms()
    assert [each.changes for each in known.within([A, B], 1000, 2000)] == [(), ()]
    first, second = known.next_ask(5000), known.next_ask(5000)
    assert first is not None and second is not None and known.next_ask(5000) is None
    assert (first.path, first.start_us, first.end_us) == (A, 0, 3000)
    known.take(first, [change(1500, "returned"), change(1200)], [change(-50)], 5001)
    known.take(second, [], [], 5001)
    told = known.within([A], 1000, 2000)[0]
    assert [each.time_us for each in told.changes] == [-50, 1200, 1500]
    assert known.within([A], 1000, 2000)[0] is told
    assert known.next_ask(5002) is None
    known.renew([A])
    known.within([A, B], 4000, 6000)
    known.next_ask(5002 + AGAIN_US)
    known.within([A, B], 1000, 2000)
    assert known.next_ask(5002 + AGAIN_US) is None, "the past of a tag does not change with what comes now"


def test_tag_that_chatters_is_asked_for_no_more_often_than_it_can_be_told() -> None:
    known = KnownAlarms()
    known.within([A], 0, 9000)
    ask = known.next_ask(8000)
    assert ask is not None
    known.take(ask, [change(7000)], [], 8100)
    known.renew([A])
    known.within([A], 0, 9000)
    assert known.next_ask(8200) is None
    known.within([A], 0, 9000)
    assert known.next_ask(8100 + AGAIN_US + 1000) is not None


def test_too_many_are_told_from_the_newest_and_asked_for_again_by_who_zooms_in() -> None:
    known = KnownAlarms()
    many = known_alarms.MOST_CHANGES
    known.within([A], 0, 100_000_000)
    ask = known.next_ask(400_000_000)
    assert ask is not None
    newest_first = [change(90_000_000 - k) for k in range(many)]
    known.take(ask, newest_first, [change(-1)], 400_000_001)
    told = known.within([A], 0, 100_000_000)[0]
    assert told.is_cut and told.from_us == 90_000_000 - many + 1
    assert told.changes[0].time_us == told.from_us, "what stood before it is not what stood at its beginning"
    later_us = 900_000_000
    again = known.next_ask(later_us)
    assert again is not None and (again.start_us, again.end_us) == (0, 100_000_000)
    known.take(again, newest_first, [], later_us)
    known.within([A], 0, 100_000_000)
    assert known.next_ask(2 * later_us) is None, "the same question has the same answer"
    known.within([A], 10_000_000, 20_000_000)
    closer = known.next_ask(2 * later_us)
    assert closer is not None and (closer.start_us, closer.end_us) == (10_000_000, 20_000_000)


def test_refused_question_says_why_and_is_asked_again_after_a_while() -> None:
    known = KnownAlarms()
    known.within([A], 100, 200)
    ask = known.next_ask(1000)
    assert ask is not None
    known.refuse(ask, 1000, "the disk is away")
    assert known.within([A], 100, 200)[0].trouble == "the disk is away"
    assert known.next_ask(1001) is None
    known.within([A], 100, 200)
    again = known.next_ask(1000 + RETRY_US)
    assert again is not None
    known.take(again, [], [], 1001 + RETRY_US)
    assert known.within([A], 100, 200)[0].trouble == ""


def test_another_engine_is_asked_for_everything_at_once() -> None:
    known = KnownAlarms()
    known.within([A], 100, 9000)
    ask = known.next_ask(5000)
    assert ask is not None
    known.take(ask, [], [], 5001)
    known.renew()
    known.within([A], 100, 9000)
    assert known.next_ask(5002) is not None
