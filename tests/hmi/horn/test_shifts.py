"""When the shift that runs now began."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hmi.horn.shifts import shift_began_us

SHIFTS = ("06:00", "14:00", "22:00")


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-23T07:30", "2026-11-23T05:00"),
        ("2026-11-23T13:00", "2026-11-23T13:00"),
        ("2026-11-23T02:00", "2026-11-22T21:00"),
        ("2026-10-25T04:00", "2026-10-24T20:00"),  # over the night in which the clocks go back
    ],
)
def test_a_shift_begins_where_the_one_before_it_ends(now: str, began: str) -> None:
    assert shift_began_us(us(now), "Europe/Berlin", SHIFTS) == us(began)


def test_without_shifts_none_began() -> None:
    assert shift_began_us(us("2026-11-23T07:30"), "UTC", ()) == 0
