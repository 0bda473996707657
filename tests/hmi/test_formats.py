"""Numbers, ages, times and words as a person reads them."""

from __future__ import annotations

import math

import pytest

from hmi import formats
from hmi.formats import MINUS, THIN


@pytest.mark.parametrize(
    ("value", "decimals", "locale", "text"),
    [
        (241.64, 1, "en", "241.6"),
        (241.64, 1, "de", "241,6"),
        (241.64, 1, "de_AT", "241,6"),
        (1234567.8, 0, "en", f"1{THIN}234{THIN}568"),
        (-3.6, 1, "en", f"{MINUS}3.6"),
        (-0.04, 1, "en", "0.0"),
        (0.00012345, None, "en", "0.000123"),
        (12.3456, None, "en", "12.35"),
        (math.nan, 1, "en", "\u2014"),
        (math.inf, 1, "en", "\u2014"),
    ],
)
def test_number_is_written_as_the_plant_writes_it(
    value: float, decimals: int | None, locale: str, text: str
) -> None:
    assert formats.number(value, decimals, locale) == text


@pytest.mark.parametrize(
    ("stated", "low", "high", "type_name", "decimals"),
    [
        (None, 0, 250, "float32", 1),
        (None, 0, 90, "float32", 2),
        (None, 0, 4000, "float32", 0),
        (None, -1, 1, "", 3),
        (None, 0, 100, "uint16", 0),
        (0, 0, 1, "float64", 0),
        (9, 0, 1, "float64", formats.MAX_DECIMALS),
        (None, None, 5, "float64", None),
        (None, 5, 5, "float64", None),
    ],
)
def test_decimals_are_as_stated_else_four_digits_of_the_span(
    stated: int | None, low: float | None, high: float | None, type_name: str, decimals: int | None
) -> None:
    assert formats.decimals_of(stated, low, high, type_name) == decimals


def test_unit_stands_behind_a_thin_space_and_never_behind_a_dash() -> None:
    assert formats.quantity(6.1, 1, "bar") == f"6.1{THIN}bar"
    assert formats.quantity(math.nan, 1, "bar") == "\u2014"
    assert formats.quantity(6.1, 1, "") == "6.1"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.24, "0.2 s"),
        (3.2, "3 s ago"),
        (59.9, "59 s ago"),
        (185, "3 min ago"),
        (7300, "2 h ago"),
        (400_000, "4 days ago"),
        (math.nan, "never"),
    ],
)
def test_age_is_said_in_words(seconds: float, text: str) -> None:
    assert formats.age(seconds) == text


def test_time_carries_its_day_only_when_it_is_not_today_at_the_plant() -> None:
    just_after_midnight = 1_795_389_300_000_000  # 23:15 UTC, in Berlin already the next day
    assert formats.moment(just_after_midnight, just_after_midnight, "Europe/Berlin") == "00:15:00"
    hour_before = just_after_midnight - 3_600_000_000
    assert formats.moment(hour_before, just_after_midnight, "Europe/Berlin") == "Sun 22 Nov 23:15:00"
    assert formats.moment(hour_before, just_after_midnight, "UTC") == "22:15:00"
    assert formats.moment(0, just_after_midnight, "UTC") == "never"


def test_zone_is_named_as_people_say_it() -> None:
    winter, summer = 1_795_353_226_000_000, 1_782_000_000_000_000
    assert formats.zone_short(winter, "Europe/Berlin") == "CET"
    assert formats.zone_short(summer, "Europe/Berlin") == "CEST"
    assert formats.zone_short(winter, "No/Such_Place") == "UTC"


def test_catalogue_replaces_a_text_and_keeps_its_values() -> None:
    formats.set_catalogue({"{n} tags": "{n} Messstellen"})
    try:
        assert formats.t("{n} tags", n=3) == "3 Messstellen"
        assert formats.t("Table") == "Table"
    finally:
        formats.set_catalogue({})


@pytest.mark.parametrize(
    ("value", "text"),
    [(2, "2 Running"), (0, "0 Stopped"), (7, "7 ? unknown"), (2.5, "2.500 ? unknown"), (math.nan, "\u2014")],
)
def test_state_is_its_number_and_its_word(value: float, text: str) -> None:
    assert formats.state(value, {0: "Stopped", 2: "Running"}) == text


def test_negative_state_has_a_real_minus() -> None:
    assert formats.state(-1, {-1: "Fault"}) == f"{MINUS}1 Fault"


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\n\tb  c", "a b c"), ("\x00\x1b[2J", "[2J"), ("  ", ""), ("größer › 5", "größer › 5")],
)
def test_text_of_a_device_fits_on_one_line(text: str, line: str) -> None:
    assert formats.one_line(text) == line


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("check the cable", "Check the cable."),
        ("check it!", "Check it!"),
        ("oven does not answer", "oven does not answer."),
        ("opc.tcp://10.0.0.1 is silent", "opc.tcp://10.0.0.1 is silent."),
        ("", ""),
    ],
)
def test_message_becomes_a_sentence_and_no_name_is_changed(text: str, whole: str) -> None:
    assert formats.sentence(text, "oven") == whole


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (62.3, "62 s ahead"),
        (-6, "6 s behind"),
        (400, "6 min ahead"),
        (-90_000, "25 h behind"),
        (0.4, "right to the second"),
    ],
)
def test_clock_that_is_off_says_how_far_and_which_way(seconds: float, text: str) -> None:
    assert formats.offset(seconds) == text


def test_day_with_its_year_is_that_of_the_plant() -> None:
    before_midnight = 1_795_389_300_000_000  # 23:15 UTC, in Berlin already the next day
    assert formats.date_of(before_midnight, "UTC") == "22 Nov 2026"
    assert formats.date_of(before_midnight, "Europe/Berlin") == "23 Nov 2026"


def test_digits_are_grouped_by_four_and_none_is_lost() -> None:
    assert formats.grouped("3f2a91bc04") == ("3f2a", "91bc", "04")


def test_names_are_sorted_as_people_sort_them() -> None:
    names = ["Pump 10", "pump 2", "Axis", "Pump 1", "10", "9"]
    assert sorted(names, key=formats.sort_key) == ["9", "10", "Axis", "Pump 1", "pump 2", "Pump 10"]


def test_thumbprint_in_a_sentence_is_cut_in_its_middle_and_no_other_number_is() -> None:
    text = f"certificate {'3f2a91bc' + 'a' * 48 + 'cc75d81e'} of 192.168.100.200, code 0x80340000"
    assert formats.shortened(text) == "certificate 3f2a91bc…cc75d81e of 192.168.100.200, code 0x80340000"


def test_tool_tip_shows_words_and_never_markup() -> None:
    assert formats.tip("seal leak: inspect") == "seal leak: inspect"
    shown = formats.tip('valve <b>stuck</b> & <img src="http://x/y.png">')
    assert "&lt;b&gt;stuck&lt;/b&gt; &amp; &lt;img" in shown and "<b>" not in shown and "<img" not in shown
