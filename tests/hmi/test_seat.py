"""The token of a session: where it is, when it goes, and what the window is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.client import SessionAnswer, SessionBody
from hmi.author import author, set_author
from hmi.bridge.seat import REFUSED_S, Seat
from hmi.who import Who
from tests.hmi.people import FACES, JAN, MAY, login_answer, session

pytestmark = pytest.mark.screen


class Engine:
    """Holds the questions of a seat until a test answers them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object, Callable[[bytes], None], Callable[[str], None]]] = []
        self.shown: list[Who] = []
        self.seat = Seat(lambda *asked: self.asked.append(asked), self.shown.append)

    def ask(self, now_us: int = 0) -> None:
        """A second is over."""
        self.seat.ask(now_us)

    def answer(self, told: SessionAnswer) -> None:
        """The oldest question is answered."""
        self.asked.pop(0)[2](msgspec.msgpack.encode(told))

    def refuse(self, why: str = "this engine does not know the request 'session'") -> None:
        """The oldest question is refused."""
        self.asked.pop(0)[3](why)


@pytest.fixture
def engine() -> Any:
    yield Engine()
    set_author(None)


NONE = SessionAnswer(False, None, "", FACES)


def test_login_keeps_the_token_here_and_hands_on_all_else(engine: Engine) -> None:
    handed = engine.seat.answered("login", login_answer(warning="the directory is away"))
    assert engine.seat.token == "secret token"
    assert "token" not in handed and handed["warning"] == "the directory is away"
    assert engine.shown[-1].session == session() and engine.shown[-1].actions == frozenset(MAY)
    assert author() == "Maria Operator"


def test_login_alone_says_which_computer_it_comes_from_and_always_the_same(engine: Engine) -> None:
    first, again = (engine.seat.outgoing("login", {"name": "jan"}) for _ in range(2))
    assert first == again and first["name"] == "jan" and len(first["device"]) >= 32
    assert engine.seat.outgoing("unlock", {"secret": "x"}) == {"secret": "x"}


def test_token_is_in_nothing_that_is_shown_or_logged(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine.seat.answered("login", login_answer())
    engine.ask()
    engine.refuse("what was asked cannot be read")
    assert "secret token" not in repr(engine.shown) + caplog.text + repr(engine.asked)


def test_engine_that_does_not_know_people_is_asked_seldom_and_logged_once(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for second in range(int(REFUSED_S) * 3):
        engine.ask(second * 1_000_000)
        if engine.asked:
            engine.refuse()
    assert caplog.text.count("does not know the request") == 1
    assert not engine.shown, "the window stays as it was"
    engine.seat.attach()
    engine.ask(0)
    assert len(engine.asked) == 1, "another engine is asked at once"


def test_one_question_at_a_time(engine: Engine) -> None:
    engine.ask()
    engine.ask(1_000_000)
    assert [op for op, *_ in engine.asked] == ["session"]
    assert isinstance(engine.asked[0][1], SessionBody)


def test_answer_about_the_session_before_does_not_end_the_new_one(engine: Engine) -> None:
    engine.ask()
    engine.seat.answered("login", login_answer())
    engine.answer(NONE)
    assert engine.seat.token == "secret token" and engine.seat.who.session == session()


def test_restarted_engine_ends_the_session_in_words(engine: Engine) -> None:
    engine.seat.answered("login", login_answer())
    engine.seat.attach()
    assert engine.seat.token == "secret token", "after a lost link the same token is tried"
    engine.ask()
    engine.answer(NONE)
    assert engine.seat.token == "" and engine.seat.who.session is None
    assert "started again" in engine.seat.who.ended
    assert author() == "nobody"


def test_engine_that_knows_the_token_after_a_lost_link_goes_on_with_the_session(engine: Engine) -> None:
    engine.seat.answered("login", login_answer())
    engine.seat.attach()
    engine.ask()
    engine.answer(SessionAnswer(False, session(), "", FACES, MAY))
    assert engine.seat.token == "secret token" and engine.seat.who.ended == ""


def test_why_a_session_ended_is_said_until_somebody_logs_in(engine: Engine) -> None:
    engine.seat.answered("login", login_answer())
    engine.ask()
    engine.answer(SessionAnswer(False, None, "the shift ended", FACES))
    engine.ask()
    engine.answer(NONE)
    assert engine.seat.who.ended == "the shift ended"
    engine.seat.answered("login", login_answer(JAN))
    assert engine.seat.who.ended == ""


def test_log_out_forgets_the_token_even_if_the_engine_never_answers(engine: Engine) -> None:
    engine.seat.answered("login", login_answer())
    engine.seat.sent("logout")
    assert engine.seat.token == "" and engine.seat.who.session is None and engine.seat.who.ended == ""


def test_lock_is_shown_with_its_answer(engine: Engine) -> None:
    engine.seat.answered("login", login_answer())
    engine.seat.answered("lock", msgspec.to_builtins(session(is_locked=True)))
    assert engine.shown[-1].is_locked and engine.seat.token == "secret token"


def test_window_is_told_only_of_what_changed(engine: Engine) -> None:
    for _ in range(3):
        engine.ask()
        engine.answer(NONE)
    assert len(engine.shown) == 1
