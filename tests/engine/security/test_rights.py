from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.security.rights import (
    ACTIONS,
    GLASS,
    PRESETS,
    ROLES,
    WRITES,
    allowing,
    anywhere,
    refusal,
    table_problems,
)
from engine.types.people import Right, RoleAt

AREAS = st.sampled_from(["", "Line 1", "Line 1/Press", "Line 10", "Line 2"])
TABLES = st.lists(
    st.builds(Right, st.sampled_from(ROLES), AREAS, st.lists(st.sampled_from(ACTIONS)).map(tuple)), max_size=6
)


def may(role: str, action: str, path: str, rights=PRESETS) -> bool:
    name, _, area = role.partition(" at ")
    return allowing([RoleAt(name, area)], rights, action, path) is not None  # type: ignore[arg-type]


def test_a_role_counts_in_its_area_and_below_and_nowhere_else() -> None:
    assert may("operator at Line 1", "write", "Line 1/Press/Force")
    assert may("operator at Line 1", "write", "Line 1")
    for elsewhere in ("Line 10/Press", "Line 2", "", "line 1/Press"):
        assert not may("operator at Line 1", "write", elsewhere)


def test_the_row_with_the_longest_path_counts_alone() -> None:
    rights = (Right("operator", "", ("write", "shelve")), Right("operator", "Line 1", ("shelve",)))
    assert may("operator", "write", "Line 2/A", rights) and not may("operator", "write", "Line 1/A", rights)
    assert may("operator", "shelve", "Line 1/A", rights)


def test_an_administrator_does_not_write_to_the_plant() -> None:
    assert not any(may("administrator", action, "Line 1") for action in WRITES)
    assert may("administrator", "people", "")


def test_viewer_and_auditor_only_read() -> None:
    assert anywhere([RoleAt("viewer")], PRESETS) == ()
    assert anywhere([RoleAt("auditor")], PRESETS) == ("ledger",)


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_no_table_lets_viewer_or_auditor_act(role: str) -> None:
    (problem,) = table_problems([Right(role, "Line 1", ("write",))])  # type: ignore[arg-type]
    assert "only reads" in problem


def test_a_critical_write_and_its_approval_need_more_than_an_operator() -> None:
    assert may("operator", "write critical", "") and not may("operator", "approve", "")
    assert may("shift lead", "write critical", "") and may("shift lead", "approve", "")


def test_a_code_gives_an_operators_rights_and_critical_writes() -> None:
    assert may("operator at Line 1", "write critical", "Line 1/A", GLASS)
    for action in ("people", "approve", "configure", "stage", "trust"):
        assert not may("operator at Line 1", action, "Line 1/A", GLASS)


def test_what_no_row_names_is_denied() -> None:
    assert not any(allowing([RoleAt(role) for role in ROLES], (), action, "") for action in ACTIONS)
    assert not any(allowing([], PRESETS, action, "") for action in ACTIONS)


def test_a_refusal_says_who_may_and_what_one_is() -> None:
    why = refusal([RoleAt("operator", "Line 2")], PRESETS, "approve", "Line 1")
    assert why == '"approve" at Line 1 needs shift lead or engineer; held: operator at Line 2'


def test_a_table_with_mistakes_names_each() -> None:
    table = [
        Right("operator", "A"),
        Right("operator", "A"),
        Right("boss"),
        Right("engineer", "A//B", ("fly",)),
    ]  # type: ignore[arg-type]
    problems = "\n".join(table_problems(table))
    for words in ("two rows", '"boss" is no role', '"fly" is no action', '"A//B" is no path'):
        assert words in problems


def test_the_presets_are_a_sound_table_with_a_row_for_each_role() -> None:
    assert table_problems(PRESETS) == [] and {right.role for right in PRESETS} == set(ROLES)


@given(TABLES, st.sampled_from(ROLES), AREAS, AREAS)
def test_anywhere_is_all_that_some_place_allows(rights: list[Right], role: str, area: str, path: str) -> None:
    roles = [RoleAt(role, area)]  # type: ignore[arg-type]
    found = anywhere(roles, rights)
    places = ["", "Line 1", "Line 1/Press", "Line 10", "Line 2", path]
    assert set(found) == {a for a in ACTIONS if any(allowing(roles, rights, a, place) for place in places)}
