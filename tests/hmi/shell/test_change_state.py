"""What may be entered on the change sheet, and the words for it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from engine.types import WriteRule
from hmi.model import build
from hmi.shell import change_state as state
from tests.hmi.gate import COMMANDS, MODE, SETPOINT, WRITABLE, write
from tests.hmi.line import FORCE
from tests.hmi.plant import PLANT

MODEL = build(WRITABLE)
GERMAN = msgspec.structs.replace(PLANT, locale="de")


def intent() -> state.Intent:
    made = state.setpoint(MODEL, SETPOINT)
    assert made is not None
    return made


def test_tag_without_a_rule_is_never_written() -> None:
    assert state.setpoint(MODEL, FORCE) is None


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("212.5", "en", 212.5),
        ("-3", "en", -3.0),
        (".5", "en", 0.5),
        ("212,5", "de", 212.5),
        ("1,234", "en", None),
        ("1.234", "de", None),
        ("1e3", "en", None),
        ("nan", "en", None),
        ("inf", "en", None),
        ("2 000", "en", 2000.0),
        ("", "en", None),
        ("--1", "en", None),
    ],
)
def test_entry_is_read_with_the_decimal_sign_of_the_plant_alone(
    text: str, locale: str, value: float | None
) -> None:
    assert state.typed(text, locale) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("212", ""),
        ("21x", "This is not a number."),
        ("212,5", "Decimals come after . here."),
        ("100", "Too low: 160 to 230\u202fbar."),
        ("231", "Too high: 160 to 230\u202fbar."),
        ("212.3", "Steps of 0.5\u202fbar: 212.0\u202fbar or 212.5\u202fbar."),
        ("220", "It is 220.0\u202fbar already."),
    ],
)
def test_invalid_entry_is_said_in_words(text: str, said: str) -> None:
    assert state.trouble(intent(), text, 220.0, PLANT) == said


def test_step_that_binary_numbers_cannot_hold_is_still_a_step() -> None:
    assert state.is_on_step(0.3, 0.1) and state.is_on_step(1.1, 0.1) and not state.is_on_step(0.35, 0.1)


def test_steps_lead_to_whole_steps_and_stop_at_the_limits() -> None:
    made = intent()
    assert state.stepped(made, 220.0, 1) == 220.5
    assert state.stepped(made, 220.2, 1) == 220.5
    assert state.stepped(made, 220.2, -1) == 220.0
    assert state.stepped(made, 230.0, 1) == 230.0
    assert state.stepped(made, 160.0, -1) == 160.0


def test_step_without_one_stated_is_the_last_digit_on_show() -> None:
    made = replace(intent(), rule=WriteRule(SETPOINT))
    assert state.step_of(made) == pytest.approx(0.1)


def test_second_button_says_what_is_written_and_where() -> None:
    assert state.act(intent(), 212.0, PLANT) == (
        "Write 212.0\u202fbar to",
        "S50 Hydraulics / Pressure setpoint",
    )
    assert state.act(state.commanded(MODEL, COMMANDS[0]), 1.0, PLANT) == ("Start", "S50 Hydraulics")


def test_tag_with_states_is_chosen_and_not_typed() -> None:
    made = state.setpoint(MODEL, MODE)
    assert made is not None
    assert state.choices(made.tag) == ((1.0, "1 manual"), (2.0, "2 auto"))


def test_way_back_writes_what_was_there_before() -> None:
    made = state.rollback(MODEL, write("verified"))
    assert made is not None and (made.value, made.of, made.kind) == (220.0, "w1", "rollback")
    assert state.rollback(MODEL, write("verified", old=None)) is None


def test_limits_are_told_in_the_locale_of_the_plant() -> None:
    made = intent()
    assert (
        state.bounds_text(made, GERMAN)
        == "160 to 230\u202fbar · step 0,5\u202fbar · at most 20\u202fbar a minute"
    )
