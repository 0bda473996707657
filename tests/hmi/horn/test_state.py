"""What the horn does now: what sounds, for how long it is still, and when it sounds again."""

from __future__ import annotations

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.types import Alarm, Letter
from hmi.horn.state import AGAIN_US, GAP_US, Horn

SECOND_US = 1_000_000


def alarm(number: int, priority: int = 1, letter: Letter = "B", since_us: int = 1, times: int = 1) -> Alarm:
    return Alarm(
        f"A/{number}", "h", priority, True, since_us, since_us, id=number, letter=letter, times=times
    )


def book(*alarms: Alarm) -> dict[int, Alarm]:
    return {each.id: each for each in alarms}


def test_it_sounds_for_the_worst_that_is_not_acknowledged() -> None:
    horn = Horn()
    horn.take(book(alarm(1, 3), alarm(2, 2), alarm(3, 1, "C")))
    assert horn.start(0) == 2
    assert horn.loud == 2


def test_only_letter_b_sounds() -> None:
    horn = Horn()
    letters: tuple[Letter, ...] = ("A", "C", "D", "E", "F", "G")
    horn.take(book(*(alarm(n, 1, letter) for n, letter in enumerate(letters, 1)), alarm(9, 0)))
    assert (horn.start(0), horn.loud, horn.wait_us(0)) == (0, 0, None)


def test_it_repeats_until_it_is_acknowledged() -> None:
    horn = Horn()
    horn.take(book(alarm(1, 2)))
    assert horn.start(0) == 2
    assert horn.start(AGAIN_US[2] - 1) == 0
    assert horn.start(AGAIN_US[2]) == 2
    horn.take(book(alarm(1, 2, "C")))
    assert horn.start(10 * AGAIN_US[2]) == 0


def test_silence_holds_for_what_came_and_the_next_one_sounds() -> None:
    horn = Horn()
    horn.take(book(alarm(1, 1)))
    horn.start(0)
    assert horn.silence() == 1
    assert (horn.loud, horn.silenced, horn.wait_us(0)) == (0, 1, None)
    horn.take(book(alarm(1, 1), alarm(2, 3)))
    assert horn.start(GAP_US) == 3


def test_one_that_came_again_while_silenced_sounds_again() -> None:
    horn = Horn()
    horn.take(book(alarm(1)))
    horn.silence()
    horn.take(book(alarm(1, since_us=9, times=2)))
    assert horn.start(0) == 1


def test_one_that_is_annunciated_again_after_it_was_acknowledged_sounds_again() -> None:
    horn = Horn()
    horn.take(book(alarm(1)))
    horn.silence()
    horn.take(book(alarm(1, letter="C")))
    horn.take(book(alarm(1)))
    assert horn.start(0) == 1


def test_one_that_comes_off_a_shelf_unacknowledged_sounds() -> None:
    horn = Horn()
    horn.take(book(alarm(1)))
    horn.silence()
    horn.take(book(alarm(1, letter="E")))
    assert horn.start(0) == 0
    horn.take(book(alarm(1)))
    assert horn.start(0) == 1


def test_a_note_on_a_silenced_alarm_does_not_make_it_sound() -> None:
    horn = Horn()
    horn.take(book(alarm(1)))
    horn.silence()
    horn.take(book(msgspec.structs.replace(alarm(1), note="seen to")))
    assert horn.start(0) == 0


def test_in_a_flood_a_sound_starts_every_three_seconds_and_the_worst_first() -> None:
    horn, starts, found = Horn(), list[tuple[int, int]](), dict[int, Alarm]()
    for step in range(100):
        found[step] = alarm(step, 4 if step < 50 else 1, since_us=step)
        horn.take(found)
        now_us = step * SECOND_US // 5
        if priority := horn.start(now_us):
            starts.append((now_us, priority))
    gaps = [after[0] - before[0] for before, after in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= GAP_US and max(gaps) < GAP_US + SECOND_US
    assert [priority for _, priority in starts] == [4, 4, 4, 4, 1, 1, 1]


class HornLife(RuleBasedStateMachine):
    """Against a model that keeps, in plain words, for which (alarm, spell) the person asked for silence."""

    def __init__(self) -> None:
        super().__init__()
        self.horn, self.now_us, self.spell = Horn(), 0, 0
        self.found: dict[int, Alarm] = {}
        self.still: set[tuple[int, int]] = set()
        self.spells: dict[int, int] = {}
        self.last_start_us: int | None = None

    def take(self, number: int, made: Alarm) -> None:
        before = self.found.get(number)
        if made.letter == "B" and (before is None or before.letter != "B" or before.times != made.times):
            self.spell += 1
            self.spells[number] = self.spell
        self.found[number] = made
        self.horn.take(self.found)

    @rule(number=st.integers(1, 4), priority=st.integers(1, 4))
    def comes(self, number: int, priority: int) -> None:
        times = self.found[number].times + 1 if number in self.found else 1
        self.take(number, alarm(number, priority, since_us=self.now_us + 1, times=times))

    @rule(number=st.integers(1, 4), letter=st.sampled_from(("B", "C", "D", "E", "F", "G")))
    def changes(self, number: int, letter: Letter) -> None:
        if number in self.found:
            self.take(number, msgspec.structs.replace(self.found[number], letter=letter))

    @rule(number=st.integers(1, 4))
    def ends(self, number: int) -> None:
        self.found.pop(number, None)
        self.horn.take(self.found)

    @rule()
    def silences(self) -> None:
        expected = len(self.loud)
        assert self.horn.silence() == expected
        self.still |= {(n, self.spells[n]) for n, each in self.found.items() if each.letter == "B"}

    @rule(seconds=st.integers(0, 30))
    def passes(self, seconds: int) -> None:
        self.now_us += seconds * SECOND_US
        wait_us = self.horn.wait_us(self.now_us)
        started = self.horn.start(self.now_us)
        assert bool(started) == (wait_us == 0)
        if started:
            assert started == min(each.priority for each in self.loud.values())
            assert self.last_start_us is None or self.now_us - self.last_start_us >= GAP_US
            self.last_start_us = self.now_us
            assert self.horn.start(self.now_us) == 0

    @property
    def loud(self) -> dict[int, Alarm]:
        return {
            n: each
            for n, each in self.found.items()
            if each.letter == "B" and (n, self.spells[n]) not in self.still
        }

    @invariant()
    def sounds_for_exactly_those_nobody_silenced(self) -> None:
        loud = self.loud
        assert self.horn.loud == len(loud)
        assert self.horn.silenced == sum(each.letter == "B" for each in self.found.values()) - len(loud)
        assert (self.horn.wait_us(self.now_us) is None) == (not loud)
        worst = self.horn.worst
        assert (worst.id if worst else 0) in (loud or {0: None})

    @invariant()
    def never_waits_longer_than_the_turn_of_the_worst(self) -> None:
        wait_us = self.horn.wait_us(self.now_us)
        if wait_us is not None and self.horn.worst is not None:
            assert 0 <= wait_us <= AGAIN_US[self.horn.worst.priority]


HornLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestHornLife = HornLife.TestCase
