"""Finding a tag by a few letters."""

from __future__ import annotations

import pytest

from hmi.shell import fuzzy

PATHS = (
    "Body shop/S50/Roof press/Strokes",
    "Body shop/S50/Roof press/Pressure",
    "Body shop/S60/Respot/Axis 4 temperature",
    "Utilities/Compressed air/Header pressure",
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("s50 pre", PATHS[1]),
        ("hp", PATHS[3]),
        ("axis4", PATHS[2]),
        ("STROKES", PATHS[0]),
        ("air press", PATHS[3]),
    ],
)
def test_tag_meant_comes_first(typed: str, first: str) -> None:
    assert PATHS[fuzzy.best(typed, PATHS)[0]] == first


def test_letters_in_another_order_find_nothing() -> None:
    assert fuzzy.best("zzz", PATHS) == []
    assert fuzzy.best("erusserp", PATHS) == []


def test_nothing_typed_lists_the_first() -> None:
    assert fuzzy.best(" ", PATHS, most=2) == [0, 1]
