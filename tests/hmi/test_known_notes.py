"""Notes as far as the engine told them."""

from __future__ import annotations

from engine.types import Annotation
from hmi.known_notes import RETRY_US, KnownNotes

NOTE = Annotation(1, 150, 160, "", "m.keller", "filter changed", 170)


def test_span_is_asked_for_once_and_again_only_when_a_note_was_made() -> None:
    known = KnownNotes()
    assert known.within(100, 200) == ()
    asked = known.next_ask(1000)
    assert asked == (0, 300)
    known.take(asked, [NOTE])
    assert known.within(100, 200) == (NOTE,)
    assert known.next_ask(2000) is None
    known.within(100, 200)
    known.renew()
    assert known.next_ask(2001) == (0, 300)


def test_note_made_while_an_answer_is_out_is_asked_for_after_it() -> None:
    known = KnownNotes()
    known.within(100, 200)
    asked = known.next_ask(0)
    known.renew()
    assert asked is not None and known.next_ask(0) is None
    known.take(asked, [])
    known.within(100, 200)
    assert known.next_ask(1) == (0, 300)


def test_refused_question_is_asked_again_after_a_while_and_nothing_is_forgotten() -> None:
    known = KnownNotes()
    known.within(100, 200)
    asked = known.next_ask(0)
    assert asked is not None
    known.take(asked, [NOTE])
    known.within(5000, 6000)
    assert known.next_ask(10) is not None
    known.refuse(10, "the disk is away")
    assert known.within(100, 200) == (NOTE,)
    assert known.next_ask(20) is None
    known.within(100, 200)
    assert known.next_ask(10 + RETRY_US) == (0, 300)
