"""What the bridge asks by version: one question at a time, and nothing kept of an engine that is gone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.wire import ControlAnswer, ControlBody, OutlooksAnswer, OutlooksBody
from hmi.bridge.news import REFUSED_S, News
from hmi.control_book import ControlBook
from hmi.outlook_book import OutlookBook
from tests.hmi import gate
from tests.hmi.foreseen import HYDRAULICS, answer, outlook

Asked = tuple[str, object, Callable[[bytes], None], Callable[[str], None]]


class Engine:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.told: list[int] = []
        self.news = News(
            self.ask, "outlooks", OutlooksBody, OutlooksAnswer, OutlookBook(),
            lambda book: self.told.append(len(book.outlooks)),
        )  # fmt: skip

    def ask(self, op: str, body: object, done: Callable[[bytes], None], fail: Callable[[str], None]) -> None:
        self.asked.append((op, body, done, fail))

    def say(self, what: msgspec.Struct) -> None:
        self.asked[-1][2](msgspec.msgpack.encode(what))


def test_next_question_has_the_version_of_the_last_answer_and_waits_for_it() -> None:
    engine = Engine()
    engine.news.ask(0)
    engine.news.ask(1)
    assert [(op, body) for op, body, *_ in engine.asked] == [("outlooks", OutlooksBody(0))]
    engine.say(answer(outlook(), version=4))
    engine.news.ask(2)
    assert engine.asked[-1][1] == OutlooksBody(4) and engine.told == [1]
    engine.say(OutlooksAnswer(4, (), is_whole=False))
    assert engine.told == [1], "without news nobody is told"


def test_refused_it_keeps_nothing_says_why_and_asks_again_later() -> None:
    engine = Engine()
    engine.news.ask(0)
    engine.say(answer(outlook()))
    engine.news.ask(1)
    engine.asked[-1][3]("it does not know outlooks")
    assert engine.told == [1, 0] and engine.news.book.trouble == "it does not know outlooks"
    engine.news.ask(2)
    assert len(engine.asked) == 2
    engine.news.ask(2 + round(REFUSED_S * 1e6))
    assert len(engine.asked) == 3


def test_outlooks_of_the_engine_before_are_not_those_of_the_next() -> None:
    engine = Engine()
    engine.news.ask(0)
    engine.say(answer(outlook(), version=9))
    engine.news.ask(1)
    engine.news.attach()
    assert engine.told == [1, 0] and HYDRAULICS not in engine.news.book.outlooks
    engine.news.ask(2)
    assert engine.asked[-1][1] == OutlooksBody(0)


def test_writes_told_by_the_engine_before_stay_until_the_next_tells() -> None:
    told: list[int] = []
    engine = Engine()
    news = News(
        engine.ask, "control", ControlBody, ControlAnswer, ControlBook(),
        lambda book: told.append(book.version),
    )  # fmt: skip
    news.ask(0)
    engine.say(gate.answer(gate.write(), version=3))
    news.attach()
    assert news.book.writes and news.book.version == 0 and told == [3]
