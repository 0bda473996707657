"""Patterns of paths."""

from __future__ import annotations

import pytest

from engine.types import fits


@pytest.mark.parametrize(
    ("path", "pattern", "does"),
    [
        ("Line/S50 Press", "*/S50 *", True),
        ("Line/S50 Press/Pump", "*/S50 *", False),
        ("Line/S50 Press", "Line/S?0 Press", True),
        ("Line/S50+ [x].y", "Line/S?0+ [x].y", True),
        ("Line/S50", "Line", False),
        ("Line/S50", "Line?S50", False),
    ],
)
def test_a_star_stays_within_its_segment(path: str, pattern: str, does: bool) -> None:
    assert fits(path, pattern) is does
