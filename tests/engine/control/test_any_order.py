"""Everything that can happen to writes, in any order: invariant I3, and leases (T37)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.engine.control.gate_walk import Walk

N = st.integers(0, 20)
SMALL = ("renew", "cancel", "resolve", "void", "log out", *["log in"] * 5)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()

    @rule(who=N, aim=N, value=N)
    def select(self, who: int, aim: int, value: int) -> None:
        self.walk.select(who, aim, value)

    @rule(who=N, nth=N)
    def roll_back(self, who: int, nth: int) -> None:
        self.walk.roll_back(who, nth)

    @rule(nth=N)
    def go_on(self, nth: int) -> None:
        self.walk.go_on(nth)

    @rule(who=N, nth=N)
    def confirm(self, who: int, nth: int) -> None:
        self.walk.confirm(who, nth)

    @rule(who=N, nth=N, is_right=st.booleans())
    def approve(self, who: int, nth: int, is_right: bool) -> None:
        self.walk.approve(who, nth, is_right)

    @rule(what=st.sampled_from(SMALL), who=N, nth=N)
    def small(self, what: str, who: int, nth: int) -> None:
        self.walk.small(what, who, nth)

    @rule(which=N, value=N)
    def drift(self, which: int, value: int) -> None:
        self.walk.drift(which, value)

    @rule(which=N)
    def plan(self, which: int) -> None:
        self.walk.plan(which)

    @rule(which=N)
    def trouble(self, which: int) -> None:
        self.walk.trouble(which)

    @rule(which=N)
    def wait(self, which: int) -> None:
        self.walk.wait(which)

    @rule(turns=N)
    def spin(self, turns: int) -> None:
        self.walk.spin(turns)

    @rule()
    def tick(self) -> None:
        self.walk.tick()

    @rule()
    def kill(self) -> None:
        self.walk.kill()

    @invariant()
    def holds(self) -> None:
        self.walk.check()

    def teardown(self) -> None:
        self.walk.end()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def one_thing(walk: Walk, chance: random.Random) -> None:
    """Something that happens: mostly what leads to writes, now and then what spoils them."""
    a, b, c = (chance.randrange(1000) for _ in range(3))
    newest = 0 if b % 3 else b
    wait = chance.choices(range(8), (30, 30, 20, 2, 2, 3, 3, 1))[0]
    small = chance.choice(SMALL)
    events: tuple[tuple[float, Callable[[], None]], ...] = (
        (20, lambda: walk.select(a, b, c)),
        (25, lambda: walk.go_on(a)),
        (4, lambda: walk.confirm(a, newest)),
        (4, lambda: walk.approve(a, newest, bool(c % 5))),
        (30, lambda: walk.spin(a % 12)),
        (12, lambda: walk.wait(wait)),
        (10, walk.tick),
        (4, lambda: walk.plan(a)),
        (1, lambda: walk.drift(a, b)),
        (3, lambda: walk.small(small, a, b)),
        (1.5, lambda: walk.trouble(a)),
        (4, lambda: walk.roll_back(a, b)),
        (0.7, walk.kill),
    )
    chance.choices([event for _, event in events], [weight for weight, _ in events])[0]()


def walked(seed: int, steps: int) -> Walk:
    chance, walk = random.Random(seed), Walk()
    try:
        for step in range(steps):
            one_thing(walk, chance)
            try:
                walk.check()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, step {step}: {error}") from error
    finally:
        walk.end()
    return walk


def test_a_thousand_things_in_any_order_keep_every_rule_and_writes_get_through() -> None:
    outcomes, frames = Counter[str](), 0
    for seed in range(2):
        walk = walked(seed, 1000)
        outcomes.update(entry.type for entry in walk.book.entries)
        frames += len(walk.frames)
    # A walk that never got anything through would prove nothing.
    assert frames >= 20 and all(
        outcomes[f"write_{step}"] >= 5 for step in ("verified", "rejected", "unknown", "closed", "confirmed")
    ), (frames, outcomes)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(200))
def test_ten_thousand_things_in_any_order_keep_every_rule(seed: int) -> None:
    walked(seed, 10_000)
