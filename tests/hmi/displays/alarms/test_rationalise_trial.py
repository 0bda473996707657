"""Numbers that are tried on the past: steps, what can be tried, and what came of it in words."""

from __future__ import annotations

import pytest

from engine.types import Backtest, Limit
from hmi.displays.alarms.rationalise import trial
from tests.hmi.plant import NOW_US, tag

HOUR_US, S = 3_600_000_000, 1_000_000
HIGH = Limit("A/b", "h", 232.0, 2, 3.0, 5.0, 90.0, respond_s=600.0)


def result(**more: object) -> Backtest:
    facts: dict[str, object] = {"known_s": 3600.0, "came": 4, "would_come": 4, "kept": (1, 2, 3, 4)}
    return Backtest(NOW_US - HOUR_US, NOW_US, **(facts | more))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("column", "at", "up", "down"),
    [
        ("limit", 232.0, 234.0, 230.0),
        ("limit", 231.0, 232.0, 230.0),
        ("deadband", 0.0, 2.0, 0.0),
        ("on_delay", 5.0, 6.0, 4.0),
        ("on_delay", 10.0, 15.0, 9.0),
        ("off_delay", 90.0, 105.0, 75.0),
        ("off_delay", 600.0, 660.0, 540.0),
        ("on_delay", 0.0, 1.0, 0.0),
    ],
)
def test_a_step_goes_onto_the_next_round_number(column: str, at: float, up: float, down: float) -> None:
    of = tag("A/b", "bar", 0, 250)
    assert trial.stepped(column, of, at, 1) == up
    assert trial.stepped(column, of, at, -1) == down


def test_without_a_range_a_limit_steps_by_about_a_percent_of_itself() -> None:
    assert trial.stepped("limit", None, 0.5, 1) == pytest.approx(0.505)
    assert trial.stepped("limit", None, 0.0, -1) == pytest.approx(-0.1)
    assert trial.written(trial.stepped("limit", None, 0.3, 1)) == "0.305"


def test_what_is_no_number_cannot_be_tried() -> None:
    assert trial.proposed(HIGH, {"limit": "", "on_delay": "5"}) == "Limit: write a number, such as 12.5."
    assert trial.proposed(HIGH, {"on_delay": "-1"}) == "On delay: 0 or more."
    made = trial.proposed(HIGH, {"limit": "235", "deadband": "", "on_delay": "15", "off_delay": "90"})
    assert isinstance(made, Limit)
    assert (made.limit, made.deadband, made.on_delay_s) == (235.0, 0.0, 15.0)
    assert trial.taken(HIGH, made) == {"limit": "235", "deadband": "0", "on_delay": "15"}
    assert trial.is_other(HIGH, made)
    assert not trial.is_other(HIGH, HIGH)


def test_what_is_no_comparison_with_a_number_has_only_delays_to_try() -> None:
    assert trial.turnable(Limit("A/b", "off")) == ("on_delay", "off_delay")
    assert trial.turnable(HIGH) == ("limit", "deadband", "on_delay", "off_delay")


def test_result_is_told_with_what_it_leaves_out_adds_and_delays() -> None:
    found = result(
        would_come=3,
        removed=(1, 2),
        added=(9,),
        kept=(3, 4),
        delayed=((3, 30.0), (4, 90.0)),
        known_s=1800.0,
    )
    assert trial.told(found, HIGH) == (
        "As it is 4 alarms, as proposed 3.",
        "It leaves out 2 of them (50 %).",
        "It adds 1 that did not come before.",
        "Of the 2 that stay, 2 come later: by 1 min on average, 1 min at most. "
        "That is more than a tenth of the 10 min there are to respond.",
        "The value was known for 30 min of 1 h; of the rest nothing can be said.",
    )


def test_result_without_a_difference_says_so() -> None:
    assert trial.told(result(), HIGH) == (
        "As it is 4 alarms, as proposed 4.",
        "It leaves out none.",
        "It adds none.",
        "The 4 that stay come as early as before.",
        "The value was known for all of 1 h.",
    )


def test_of_what_was_never_known_nothing_is_said() -> None:
    (said,) = trial.told(result(known_s=0.0, came=0, would_come=0, kept=()), HIGH)
    assert said.startswith("Nothing is stored of this value")
