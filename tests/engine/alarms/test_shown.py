"""What clients see of alarms: whoever asks with any version is right afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import get_args

import msgspec
import pytest

from engine.alarms import shown
from engine.alarms.shown import Shown
from engine.types import Alarm, Letter, Shelf
from engine.wire import AlarmsAnswer

FIRST = 1_000
LETTERS: tuple[Letter, ...] = get_args(Letter)


def alarm(number: int, letter: Letter = "B", priority: int = 2, **more: object) -> Alarm:
    bare = Alarm(f"A/{number}", "h", priority, letter in "BC", 1, 1, id=number, letter=letter)
    return msgspec.structs.replace(bare, **more)


@dataclass
class Client:
    """A window: it keeps what it was told."""

    version: int = 0
    alarms: dict[int, Alarm] = field(default_factory=dict[int, Alarm])
    answers: list[AlarmsAnswer] = field(default_factory=list[AlarmsAnswer])

    def ask(self, shown: Shown) -> None:
        while True:
            answer = shown.answer(self.version)
            if answer.is_whole:
                self.alarms.clear()
            self.alarms.update({each.id: each for each in answer.alarms})
            for each in answer.gone:
                self.alarms.pop(each, None)
            assert answer.is_more or answer.version == shown.version
            assert not answer.is_more or answer.version != self.version, "it would never end"
            self.version = answer.version
            self.answers.append(answer)
            if not answer.is_more:
                return


def test_the_first_answer_is_whole_and_the_next_has_what_changed() -> None:
    made, client = Shown(FIRST), Client()
    made.put(alarm(1))
    made.put(alarm(2))
    client.ask(made)
    made.put(alarm(2, "C"))
    made.put(alarm(1, "A"))
    client.ask(made)
    first, second = client.answers
    assert (first.is_whole, [each.id for each in first.alarms], first.gone) == (True, [1, 2], ())
    assert (second.is_whole, [each.letter for each in second.alarms], second.gone) == (False, ["C"], (1,))
    client.ask(made)
    assert (client.answers[-1].alarms, client.answers[-1].gone) == ((), ())


@pytest.mark.parametrize("version", [0, FIRST - 1, FIRST + 50])
def test_a_version_of_another_run_gets_the_whole(version: int) -> None:
    made = Shown(FIRST)
    made.put(alarm(1))
    assert made.answer(version).is_whole


def test_an_answer_holds_so_many_and_says_that_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_ANSWERED", 100)
    made, client = Shown(FIRST), Client()
    for number in range(1, 251):
        made.put(alarm(number))
    client.ask(made)
    assert [len(each.alarms) for each in client.answers] == [100, 100, 50]
    assert [each.is_whole for each in client.answers] == [True, False, False]
    assert len(client.alarms) == 250


def test_whoever_missed_more_than_is_remembered_gets_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_GONE", 3)
    made, client = Shown(FIRST), Client()
    for number in range(1, 7):
        made.put(alarm(number))
    client.ask(made)
    for number in range(1, 5):
        made.put(alarm(number, "A"))
    client.ask(made)
    assert client.answers[-1].is_whole
    assert sorted(client.alarms) == [5, 6]


@pytest.mark.parametrize("seed", range(20))
def test_clients_that_ask_now_and_then_always_see_what_is(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_GONE", 4)
    monkeypatch.setattr(shown, "MOST_ANSWERED", 3)
    chance, made, clients = random.Random(seed), Shown(FIRST), [Client(), Client()]
    truth: dict[int, Alarm] = {}
    for _ in range(500):
        now = alarm(chance.randint(1, 20), chance.choice(LETTERS), chance.randint(1, 4))
        made.put(now)
        truth.pop(now.id, None)
        if now.letter != "A":
            truth[now.id] = now
        client = chance.choice(clients)
        if chance.random() < 0.2:
            client.ask(made)
            assert client.alarms == truth
        elif chance.random() < 0.1:
            client.version = 0
    assert len(made) == len(truth)
    for client in clients:
        client.ask(made)
        assert client.alarms == truth


def test_counts_say_how_many_there_are_by_what_is_asked_of_the_operator() -> None:
    made = Shown(FIRST)
    there: list[tuple[Letter, int]] = [
        ("B", 1), ("B", 2), ("B", 2), ("C", 4), ("D", 1), ("E", 1), ("F", 2), ("F", 3), ("G", 4),
    ]  # fmt: skip
    for number, (letter, priority) in enumerate(there):
        made.put(alarm(number, letter, priority))
    made.put(alarm(20, "B", 3, is_recorded=False))
    counts = made.answer(0).counts
    assert (counts.unacknowledged, counts.acknowledged) == ((1, 2, 1, 0), (0, 0, 0, 1))
    assert (counts.returned, counts.shelved, counts.suppressed, counts.out_of_service) == (1, 1, 2, 1)
    assert counts.unrecorded == 1
    for number in (*range(9), 20):
        made.put(alarm(number, "A"))
    assert made.answer(0).counts == Shown(0).counts


def test_the_worst_are_the_active_ones_by_priority_and_the_newest_first() -> None:
    made = Shown(FIRST)
    made.put(alarm(1, "C", 2))
    made.put(alarm(2, "B", 1))
    made.put(alarm(3, "B", 2))
    made.put(alarm(4, "D", 1))
    made.put(alarm(5, "E", 1, active=True, shelf=Shelf(1, 2, "Ann")))
    made.put(alarm(6, "B", 1, active=False, latched=True))
    assert [each.id for each in made.worst(10)] == [2, 3, 1]
    assert [each.id for each in made.worst(2)] == [2, 3]
    made.put(alarm(2, "A", 1))
    assert [each.id for each in made.worst(10)] == [3, 1]
