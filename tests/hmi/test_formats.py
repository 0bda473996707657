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
