"""From what people see to what a device holds, and what is refused on the way."""

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.raw import BOUNDS, Holds, Unfit, raw_number, seen_number
from engine.types import Tag, TagInfo


def tag(**more: Any) -> Tag:
    return Tag(1, "Line/Press/Speed", "plc", "holding:0", **more)


def test_plain_number_is_itself() -> None:
    assert raw_number(tag(), 12.5, "float64") == 12.5
    whole = raw_number(tag(), 12.0, "int16")
    assert whole == 12 and isinstance(whole, int)


@pytest.mark.parametrize(
    ("factor", "offset", "value", "raw"),
    [(0.1, 0.0, 12.3, 123), (0.1, -40.0, 81.7, 1217), (-2.0, 1.0, -5.0, 3)],
)
def test_factor_and_offset_are_taken_back(factor: float, offset: float, value: float, raw: int) -> None:
    assert raw_number(tag(factor=factor, offset=offset), value, "int16") == raw


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(odd: float) -> None:
    with pytest.raises(Unfit, match="no number"):
        raw_number(tag(), odd, "float64")


def test_fraction_is_refused_where_only_whole_numbers_go() -> None:
    with pytest.raises(Unfit, match="takes whole numbers only, not 12.5"):
        raw_number(tag(), 12.5, "int16")


def test_value_between_two_steps_is_refused_and_both_are_named() -> None:
    with pytest.raises(Unfit, match=r"steps of 0\.1: 12\.34 lies between 12\.3 and 12\.4"):
        raw_number(tag(factor=0.1), 12.34, "uint16")


@pytest.mark.parametrize(
    ("holds", "value"),
    [("int16", 32768.0), ("uint16", -1.0), ("uint8", 256.0), ("int8", -129.0), ("uint32", 2.0**32)],
)
def test_number_outside_the_type_is_refused_and_the_range_is_named(holds: Holds, value: float) -> None:
    low, high = BOUNDS[holds]
    with pytest.raises(Unfit, match=f"holds {low} to {high}"):
        raw_number(tag(), value, holds)


def test_range_is_named_as_people_see_it() -> None:
    with pytest.raises(Unfit, match=r"holds 0 to 6553\.5 \(uint16\)"):
        raw_number(tag(factor=0.1), 7000.0, "uint16")


@pytest.mark.parametrize("value", [0.5, 2.0, -1.0])
def test_switch_takes_nothing_but_0_and_1(value: float) -> None:
    with pytest.raises(Unfit, match="whole numbers only|takes 0 or 1"):
        raw_number(tag(type="bool"), value, "bool")


@pytest.mark.parametrize(
    ("value", "why"), [(3.5e38, "too large"), (-1e39, "too large"), (1e-46, "too small")]
)
def test_number_that_float32_would_make_another_one_is_refused(value: float, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        raw_number(tag(), value, "float32")


def test_whole_number_beyond_what_a_float_tells_apart_is_refused() -> None:
    assert raw_number(tag(), 2.0**53, "int64") == 2**53
    with pytest.raises(Unfit, match="more digits"):
        raw_number(tag(), 2.0**60, "uint64")


def test_tiny_factor_does_not_make_an_infinite_raw_value() -> None:
    with pytest.raises(Unfit, match="too large"):
        raw_number(tag(factor=1e-300), 1e300, "float64")


def test_words_of_states_and_switches_are_not_scaled_as_they_are_not_when_shown() -> None:
    named = tag(factor=10.0, states={0: "off", 3: "run"})
    assert raw_number(named, 3.0, "int16") == 3
    told = TagInfo("int32", "", None, None, {3: "run"})
    assert raw_number(tag(factor=10.0), 3.0, "int16", told) == 3
    assert seen_number(named, 3.0) == 3.0 and seen_number(tag(factor=10.0), 3.0) == 30.0


whole_kinds = st.sampled_from([kind for kind in BOUNDS if kind != "bool"])
factors = st.sampled_from([1.0, 0.1, 0.01, 0.001, 0.25, 10.0, -0.5, 1 / 3, 1 / 27648 * 100])
offsets = st.sampled_from([0.0, -40.0, 273.15, 1e-3])


@given(whole_kinds, factors, offsets, st.data())
def test_every_raw_number_that_is_shown_can_be_written_back(
    holds: Holds, factor: float, offset: float, data: st.DataObject
) -> None:
    """What a device can hold, and a float64 tell apart after scaling, comes back as the same number."""
    low, high = BOUNDS[holds]
    raw = data.draw(st.integers(max(low, -(2**40)), min(high, 2**40)))
    scaled = tag(factor=factor, offset=offset)
    assert raw_number(scaled, seen_number(scaled, raw), holds) == raw


@given(whole_kinds, factors, offsets, st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_shown_as_what_was_asked_or_refused(
    holds: Holds, factor: float, offset: float, value: float
) -> None:
    scaled = tag(factor=factor, offset=offset)
    try:
        raw = raw_number(scaled, value, holds)
    except Unfit:
        return
    low, high = BOUNDS[holds]
    assert isinstance(raw, int) and low <= raw <= high
    assert abs(seen_number(scaled, raw) - value) <= abs(factor) * 0.25 + 1e-12 * abs(value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_float32_can_be_written(value: float) -> None:
    raw = raw_number(tag(), value, "float32")
    assert struct.unpack("<f", struct.pack("<f", raw))[0] == value
