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


def test_few_of_five_thousand_texts_are_scored_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"Line/S{n % 90} Station/Robot {n % 7}/Pressure {n}" for n in range(5000)]
    index = fuzzy.Index(texts)
    scored: list[str] = []
    real = fuzzy.score

    def counted(wanted: str, text: str) -> int:
        scored.append(text)
        return real(wanted, text)

    monkeypatch.setattr(fuzzy, "score", counted)
    for typed in ("p", "pr", "pres", "pres 4999"):
        scored.clear()
        found = index.best(typed)
        assert 0 < len(scored) <= 60
    assert texts[found[0]] == "Line/S49 Station/Robot 1/Pressure 4999"


def test_what_is_found_is_the_same_typed_letter_by_letter_or_at_once() -> None:
    texts = [
        f"Line/S{n % 9} Station/Robot {n % 7}/{name} {n}" for n in range(300) for name in ("Pressure", "Axis")
    ]
    for typed in ("s5 ro ax", "rbt4 prs", "axis 29", "s 1 2"):
        slowly = fuzzy.Index(texts)
        for end in range(1, len(typed)):
            slowly.best(typed[:end])
        assert slowly.best(typed) == fuzzy.best(typed, texts)
        assert slowly.best("pressure 7") == fuzzy.best("pressure 7", texts), "other letters begin anew"


def test_a_station_comes_before_what_is_only_named_after_it() -> None:
    paths = ["Utilities/Power/Feeder S30", "Line/S30 Spot weld A", "Line/S30 Spot weld A/Robot 1"]
    assert fuzzy.best("S30", paths)[0] == 1
