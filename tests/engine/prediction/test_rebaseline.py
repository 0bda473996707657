"""Following a sensor's level, and not following a failure."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.prediction.rebaseline import STEP, Baseline, follow, switch_on, take_back, without

DAY_US = 86_400_000_000
NORMAL = {"heat": (60.0, 2.0)}
STEPS = 14 * 8


def day(before: Baseline, number: int, level: float, wrong: bool = False, **more: Any) -> Baseline:
    means = np.random.default_rng(number).normal(level, 2.0, (STEPS, 1)).astype(np.float32)
    is_wrong = np.full(STEPS, wrong)
    journal = more.get("journal", lambda *_: None)
    return follow(before, number * DAY_US, NORMAL, ("heat",), means, is_wrong, 10_800.0, journal)


def test_a_changed_sensor_is_followed_in_steps_and_each_is_journalled() -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    state = Baseline()
    for number in range(1, 6):
        state = day(state, number, 63.0, journal=lambda what, body: told.append((what, body)))
        assert state.offset["heat"] <= STEP * 2.0 * number + 1e-9
    assert abs(state.offset["heat"] - 3.0) < 1.0
    assert [body["after"]["heat"] > body["before"].get("heat", 0.0) for _, body in told[:2]] == [True, True]
    assert abs(float(without(state, ("heat",), np.array([[63.0]], np.float32))[0, 0]) - 60.0) < 1.0


def test_nothing_moves_while_something_is_wrong() -> None:
    assert day(Baseline(), 1, 63.0, wrong=True).offset == {}


def test_the_time_when_something_was_wrong_is_left_out() -> None:
    means = np.full((STEPS, 1), 60.0, np.float32)
    means[40:60] = 90.0
    is_wrong = np.zeros(STEPS, bool)
    is_wrong[40:60] = True
    found = follow(Baseline(), DAY_US, NORMAL, ("heat",), means, is_wrong, 10_800.0, lambda *_: None)
    assert found.offset == {"heat": 0.0}


def test_a_level_far_away_is_another_machine_and_followed_only_so_far() -> None:
    state = Baseline()
    for number in range(1, 40):
        state = day(state, number, 600.0)
    assert state.offset["heat"] == 4.0


def test_chance_moves_it_little() -> None:
    state = Baseline()
    for number in range(1, 60):
        state = day(state, number, 60.0)
        assert abs(state.offset["heat"]) < 0.4 * NORMAL["heat"][1]


def test_it_moves_once_a_day_at_most() -> None:
    first = day(Baseline(), 1, 63.0)
    means = np.full((STEPS, 1), 63.0, np.float32)
    calm = np.zeros(STEPS, bool)
    again = follow(first, DAY_US + 1, NORMAL, ("heat",), means, calm, 10_800.0, lambda *_: None)
    assert again == first


def test_what_is_taken_back_stays_so_until_it_is_switched_on() -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    state = take_back(
        day(Baseline(), 1, 63.0), 2 * DAY_US, "Ada", "wrong sensor", lambda *each: told.append(each)
    )
    assert state.offset == {}
    assert day(state, 9, 63.0) == state
    assert told[0][1]["by"] == "Ada" and told[0][1]["before"]["heat"] > 0
    followed = switch_on(state, 10 * DAY_US, "Ada", "right again", lambda *each: told.append(each))
    assert day(followed, 12, 63.0).offset["heat"] > 0


def test_too_few_good_samples_move_nothing() -> None:
    means = np.full((STEPS, 1), np.nan, np.float32)
    means[-20:] = 63.0
    found = follow(
        Baseline(), DAY_US, NORMAL, ("heat",), means, np.zeros(STEPS, bool), 10_800.0, lambda *_: None
    )
    assert found.offset == {}
