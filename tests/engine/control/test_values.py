"""What a tag can take, and what rounding may do to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.lease import LONGEST_US, SELECTED_US, Lease, confirmed, renewed, selected
from engine.control.values import is_on_step, slack, why_not
from engine.types import Tag


def tag(type: str, **more: object) -> Tag:
    return Tag(1, "a", "plc", "holding:0", type, **more)  # pyright: ignore


@pytest.mark.parametrize(
    ("of", "value", "ok"),
    [
        (tag("bool"), 1.0, True),
        (tag("bool"), 0.0, True),
        (tag("bool"), 2.0, False),
        (tag("bool"), 0.5, False),
        (tag("int16"), -32768.0, True),
        (tag("int16"), 32768.0, False),
        (tag("uint16"), -1.0, False),
        (tag("uint16"), 1.5, False),
        (tag("uint16", factor=0.1), 12.3, True),
        (tag("uint16", factor=0.1), 12.34, False),
        (tag("uint16", factor=0.1, offset=-40.0), 21.7, True),
        (tag("uint16", factor=0.1), 6553.6, False),
        (tag("int32"), 2.0**31, False),
        (tag("int64"), 2.0**53, True),
        (tag("uint64"), 2.0**53 + 2, False),
        (tag("float32"), 1e39, False),
        (tag("float64"), 1e39, True),
        (tag(""), 0.1, True),
        (tag("string"), 1.0, False),
        (tag("int16", states={0: "off", 2: "auto"}), 2.0, True),
        (tag("int16", states={0: "off", 2: "auto"}), 1.0, False),
        (tag("bool", factor=10.0), 1.0, True),
    ],
)
def test_a_tag_takes_what_its_type_can_hold(of: Tag, value: float, ok: bool) -> None:
    assert (why_not(of, value) == "") is ok


@pytest.mark.parametrize("type", ["", "bool", "int16", "float32", "float64", "uint64", "string"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_no_tag_takes_what_is_no_number(type: str, value: float | None) -> None:
    assert why_not(tag(type), value)


@given(st.floats(-1e30, 1e30))
def test_a_float32_read_back_is_the_value_that_was_written(value: float) -> None:
    assert abs(float(np.float32(value)) - value) <= slack(tag("float32"), value) + 1e-45


@given(st.integers(-1000, 1000), st.sampled_from((0.1, 0.01, 0.5, 2.5, 10.0)))
def test_a_multiple_of_a_step_is_on_it_and_half_a_step_more_is_not(times: int, step: float) -> None:
    assert is_on_step(times * step, step) and not is_on_step((times + 0.5) * step, step)


def test_whole_numbers_have_no_slack_that_would_take_one_for_its_neighbour() -> None:
    assert slack(tag("int32"), 2e9) < 1 and slack(tag("bool"), 1.0) == 0
    assert slack(tag("uint16", factor=0.1), 6000.0) < 0.1


@given(st.lists(st.integers(0, 20_000_000), max_size=30))
def test_a_lease_never_outlives_ninety_seconds_nor_comes_back(waits: list[int]) -> None:
    lease, mono = selected(1000), 1000
    for wait in waits:
        mono += wait
        was_over = lease.is_over(mono)
        lease = renewed(lease, mono)
        assert lease.is_over(mono) is was_over
        assert lease.until_us <= 1000 + max(LONGEST_US, SELECTED_US)


def test_a_confirmation_counts_anew_for_the_frame_and_for_the_second_person() -> None:
    lease = Lease(0, 15_000_000)
    assert confirmed(lease, 14_000_000, False).until_us == 29_000_000
    assert confirmed(lease, 14_000_000, True).until_us == 74_000_000


@pytest.mark.parametrize("value", [1e308, -1e308])
def test_a_value_too_large_to_count_its_steps_is_on_none(value: float) -> None:
    assert not is_on_step(value, 0.1)
    assert "whole numbers" in why_not(Tag(1, "a", "s", "", "int16", factor=0.1), value)
