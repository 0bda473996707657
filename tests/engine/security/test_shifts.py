from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.security.shifts import EARLY_US, session_end_us
from tests.engine.security.made import HOUR_US, SHIFTS

BERLIN = ZoneInfo("Europe/Berlin")
NO_HOURS_US = 1_600_000_000_000_000


def us(text: str, zone: ZoneInfo = BERLIN) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-10-21 10:00", "2026-10-21 14:00"),
        ("2026-10-21 13:00", "2026-10-21 14:00"),
        ("2026-10-21 13:30", "2026-10-21 22:00"),
        ("2026-10-21 21:40", "2026-10-22 06:00"),
        ("2026-10-21 23:59", "2026-10-22 06:00"),
        ("2026-10-22 05:10", "2026-10-22 14:00"),
    ],
)
def test_a_session_ends_with_the_first_shift_that_ends_in_an_hour_or_more(now: str, end: str) -> None:
    assert session_end_us(us(now), SHIFTS, "Europe/Berlin", 12) == us(end)


def test_the_night_shift_of_a_change_of_clocks_ends_at_its_local_time() -> None:
    # 2026-10-25 03:00 becomes 02:00: the night has nine hours; on 2026-03-29 it has seven.
    autumn = session_end_us(us("2026-10-24 22:00"), SHIFTS, "Europe/Berlin", 12) - us("2026-10-24 22:00")
    spring = session_end_us(us("2026-03-28 22:00"), SHIFTS, "Europe/Berlin", 12) - us("2026-03-28 22:00")
    assert (autumn, spring) == (9 * HOUR_US, 7 * HOUR_US)


def test_a_shift_end_that_the_clocks_leave_out_or_have_twice_is_still_one_end() -> None:
    left_out = session_end_us(us("2026-03-28 23:00"), ("02:30",), "Europe/Berlin", 12)
    assert left_out == us("2026-03-29 01:30", ZoneInfo("UTC"))
    twice = session_end_us(us("2026-10-24 23:00"), ("02:30",), "Europe/Berlin", 12)
    assert twice == us("2026-10-25 00:30", ZoneInfo("UTC"))


def test_without_shifts_a_session_lasts_the_hours_that_are_set() -> None:
    assert session_end_us(NO_HOURS_US, (), "", 12) == NO_HOURS_US + 12 * HOUR_US


@given(
    st.integers(min_value=us("2020-01-01 00:00"), max_value=us("2045-01-01 00:00")),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.lists(st.times().map(lambda t: t.strftime("%H:%M")), min_size=1, max_size=4, unique=True),
)
def test_a_session_is_never_shorter_than_an_hour_nor_longer_than_a_day_and_two(
    now_us: int, zone: str, shifts: list[str]
) -> None:
    length_us = session_end_us(now_us, shifts, zone, 12) - now_us
    assert EARLY_US <= length_us <= 26 * HOUR_US
    local = datetime.fromtimestamp((now_us + length_us) / 1e6, UTC).astimezone(ZoneInfo(zone))
    clock_changes = local.utcoffset() != (local.replace(fold=1 - local.fold)).utcoffset()
    assert clock_changes or local.strftime("%H:%M") in shifts
