"""The state machine of alarms against the table of the standard, and its rules one by one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from engine.alarms import life
from engine.alarms.life import At, Entry, Refused, Rules, Step
from engine.types import Alarm, AlarmClass
from tests.engine.alarms.life_model import GROUPS, S, Twin, normal

SECONDS = (0, 1, 59, 60, 61, 600, 601, 3600, 28_800, 28_801)
STEPS = (-100_000, -3600, -2, 2, 3600, 100_000)
RULES = tuple(
    Rules(latching, every, each) for latching in (False, True) for every in (0.0, 60.0) for each in GROUPS
)
AT = At(1_000 * S, 5 * S)


class Machine(RuleBasedStateMachine):
    """Every event in any order, beside the table."""

    def __init__(self) -> None:
        super().__init__()
        self.twin = Twin()

    @rule(is_true=st.booleans())
    def turn(self, is_true: bool) -> None:
        self.twin.turn(is_true)

    @rule(word=st.sampled_from(("ack", "reset")))
    def ask(self, word: str) -> None:
        self.twin.ask(word)

    @rule(seconds=st.sampled_from(SECONDS), one_shot=st.booleans(), reason=st.sampled_from(("", "noise")))
    def shelve(self, seconds: int, one_shot: bool, reason: str) -> None:
        self.twin.shelve(seconds, one_shot, reason)

    @rule()
    def unshelve(self) -> None:
        self.twin.unshelve()

    @rule(why=st.sampled_from(("", "the press is off")))
    def design(self, why: str) -> None:
        self.twin.design(why)

    @rule(permit=st.sampled_from(("", "PTW 7")))
    def take_out(self, permit: str) -> None:
        self.twin.take_out(permit)

    @rule()
    def serve(self) -> None:
        self.twin.serve()

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        self.twin.wait(seconds)

    @rule(seconds=st.sampled_from(STEPS))
    def step_clock(self, seconds: int) -> None:
        self.twin.step_clock(seconds)

    @rule(rules=st.sampled_from(RULES))
    def configure(self, rules: Rules) -> None:
        self.twin.configure(rules)

    @rule(seconds=st.sampled_from(SECONDS), stepped=st.sampled_from((0, 0, *STEPS)))
    def restart(self, seconds: int, stepped: int) -> None:
        self.twin.restart(seconds, stepped)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=20, stateful_step_count=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def walk(seed: int, steps: int) -> None:
    """So many events chosen by a seed; each is checked by the twin."""
    chance, twin = random.Random(seed), Twin()
    events = (
        lambda: twin.turn(chance.random() < 0.5),
        lambda: twin.turn(chance.random() < 0.5),
        lambda: twin.ask(chance.choice(("ack", "ack", "reset"))),
        lambda: twin.shelve(chance.choice(SECONDS), chance.random() < 0.5, chance.choice(("", "noise"))),
        lambda: twin.unshelve(),
        lambda: twin.design(chance.choice(("", "the press is off"))),
        lambda: twin.take_out(chance.choice(("", "PTW 7"))),
        lambda: twin.serve(),
        lambda: twin.wait(chance.choice(SECONDS)),
        lambda: twin.step_clock(chance.choice(STEPS)),
        lambda: twin.configure(chance.choice(RULES)),
        lambda: twin.restart(chance.choice(SECONDS), chance.choice((0, 0, *STEPS))),
    )
    for _ in range(steps):
        chance.choice(events)()


@pytest.mark.parametrize("seed", range(20))
def test_a_walk_through_thousands_of_events_agrees_with_the_table(seed: int) -> None:
    walk(seed, 5000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_ten_thousand_events_agree_with_the_table(seed: int) -> None:
    walk(seed, 10_000)


def after(*steps: list[Step]) -> Alarm:
    return steps[-1][-1].entry.alarm


def came(rules: Rules = RULES[0], entry: Entry | None = None, time_us: int = 10 * S) -> Entry:
    (step,) = life.came(entry or Entry(normal()), rules, time_us, 115.0)
    return step.entry


def test_an_alarm_counts_how_often_it_came_until_it_is_acknowledged() -> None:
    entry = came()
    for time in (20, 30):
        (gone,) = life.went(entry, RULES[0], time * S, 90.0)
        entry = came(entry=gone.entry, time_us=(time + 5) * S)
    assert (entry.alarm.times, entry.alarm.since_us, entry.alarm.changed_us) == (3, 35 * S, 35 * S)
    (seen,) = life.acknowledge(entry, "Ann", AT)
    assert (seen.entry.alarm.times, seen.entry.alarm.acked_by, seen.entry.alarm.acked_us) == (
        3,
        "Ann",
        AT.now_us,
    )
    (gone,) = life.went(seen.entry, RULES[0], 50 * S, 90.0)
    assert (gone.entry.alarm.letter, came(entry=gone.entry).alarm.times) == ("A", 1)


def test_an_alarm_that_returned_keeps_the_time_at_which_it_came() -> None:
    (gone,) = life.went(came(), RULES[0], 20 * S, 90.0)
    alarm = gone.entry.alarm
    assert (alarm.letter, alarm.since_us, alarm.changed_us, alarm.value) == ("D", 10 * S, 20 * S, 90.0)


LATCHING = Rules(latching=True)


def went(entry: Entry, rules: Rules = RULES[0]) -> Entry:
    return life.went(entry, rules, 20 * S, 90.0)[0].entry


def acked(entry: Entry) -> Entry:
    return life.acknowledge(entry, "Ann", AT)[0].entry


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: acked(Entry(normal())), "it is normal again"),
    (lambda: acked(acked(came())), "it was acknowledged by Ann already"),
    (lambda: acked(life.suppress(came(), "the line is off")[0].entry), "it is suppressed by design"),
    (lambda: life.reset(came(), "Ann"), "it does not latch"),
    (lambda: life.reset(came(LATCHING), "Ann"), "its condition is still true"),
    (lambda: life.reset(went(came(LATCHING), LATCHING), "Ann"), "acknowledge it first"),
    (lambda: life.reset(shelved(), "Ann"), "it is shelved; bring it back first"),
    (lambda: life.unshelve(came(), "Ann"), "it is not shelved"),
    (lambda: life.in_service(came(), "Ann"), "it is in service"),
    (lambda: life.out_of_service(came(), "Ann", " ", AT), "number of a permit"),
    (lambda: life.note(came(), "Ann", " "), "the note is empty"),
    (lambda: life.note(Entry(normal()), "Ann", "x"), "it is normal"),
]


@pytest.mark.parametrize(("do", "sentence"), REFUSED)
def test_what_cannot_be_done_is_refused_in_words(do: Callable[[], object], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        do()


@pytest.mark.parametrize(
    ("group", "until_s", "reason", "sentence"),
    [
        (AlarmClass("x"), 0, "why", "not in the future"),
        (AlarmClass("x"), 8 * 3600 + 1, "why", "for 8 h at most"),
        (AlarmClass("x", shelve_max_s=900), 901, "why", "for 15 min at most"),
        (AlarmClass("x"), 60, "  ", "needs a reason"),
        (AlarmClass("x", reason=False, managed=True), 60, "", "who authorised"),
        (AlarmClass("safety", shelve_max_s=0), 60, "why", "class safety are never shelved"),
    ],
)
def test_a_shelf_that_its_class_does_not_allow_is_refused_in_words(
    group: AlarmClass, until_s: int, reason: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        life.shelve(came(), Rules(group=group), "Ann", reason, AT.now_us + until_s * S, False, AT)


def shelved(seconds: int = 3600) -> Entry:
    return life.shelve(came(), RULES[0], "Ann", "noise", AT.now_us + seconds * S, False, AT)[0].entry


@pytest.mark.parametrize("by_s", [-7200, 7200])
def test_a_clock_that_is_set_moves_the_end_of_a_shelf_and_not_its_length(by_s: int) -> None:
    (step,) = life.stepped(shelved(), by_s * S)
    late = At(AT.now_us + (by_s + 3599) * S, AT.mono_us + 3599 * S)
    assert step.what == "edited"
    assert step.entry.alarm.shelf is not None
    assert step.entry.alarm.shelf.until_us - late.now_us == S
    assert life.passed(step.entry, RULES[0], late) == []
    (end,) = life.passed(step.entry, RULES[0], At(late.now_us + S, late.mono_us + S))
    assert (end.what, end.entry.alarm.letter) == ("expired", "B")


@pytest.mark.parametrize(("down_s", "left_s"), [(600, 3000), (3600, 0), (-7200, 3600), (100_000, 0)])
def test_a_shelf_goes_on_after_a_restart_and_is_never_longer_than_it_was(down_s: int, left_s: int) -> None:
    at = At(AT.now_us + down_s * S, 77 * S)
    entry = life.resumed(shelved().alarm, at, AT.now_us)
    due_us = life.due_us(entry, RULES[0])
    assert due_us is not None
    assert max(due_us - at.mono_us, 0) == left_s * S


def test_a_note_and_an_acknowledgement_are_recorded_with_who_and_what() -> None:
    (noted,) = life.note(came(), "Ann", " seal weeps ")
    assert (noted.by, noted.text, noted.entry.alarm.note) == ("Ann", "seal weeps", "seal weeps")
    (seen,) = life.acknowledge(noted.entry, "Bob", AT)
    assert (seen.what, seen.by, seen.entry.alarm.note) == ("acknowledged", "Bob", "seal weeps")
