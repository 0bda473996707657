"""The list of assets: what is open, what a filter leaves, badges at every level."""

from __future__ import annotations

from hmi.alarms import badges
from hmi.displays.twin import tree
from tests.hmi.displays.twin.plants import HYDRAULICS, LINE, ROBOT, S10, S20, VALVE, alarm, model

MODEL = model()
FIRST = tree.first_open(MODEL)


def paths(opened: frozenset[str] = FIRST, wanted: str = "") -> list[str]:
    return [row.path for row in tree.rows(MODEL, opened, {}, wanted)]


def test_at_first_every_unit_can_be_seen_and_no_equipment() -> None:
    assert paths() == [LINE, S10, S20, "Utilities", "Utilities/Air"]
    rows = tree.rows(MODEL, FIRST, {})
    assert [(row.name, row.depth, row.is_head) for row in rows[:2]] == [
        ("Line 1", 0, True),
        ("S10 Weld", 1, False),
    ]


def test_a_row_opens_and_closes() -> None:
    opened = tree.toggled(FIRST, S20)
    assert HYDRAULICS in paths(opened) and VALVE not in paths(opened)
    assert paths(tree.toggled(opened, S20)) == paths()
    closed = tree.toggled(FIRST, LINE)
    assert paths(closed) == [LINE, "Utilities", "Utilities/Air"]


def test_what_is_selected_elsewhere_gets_its_row() -> None:
    assert VALVE in paths(tree.opened_to(MODEL, FIRST, VALVE))
    assert VALVE not in tree.opened_to(MODEL, FIRST, VALVE), "it is not opened itself"


def test_badges_stand_at_every_level_with_the_worst_and_the_count() -> None:
    marks = badges([alarm(f"{HYDRAULICS}/Pressure", 1), alarm(f"{ROBOT}/Weld current", 2)])
    rows = {row.path: row.badge for row in tree.rows(MODEL, tree.opened_to(MODEL, FIRST, HYDRAULICS), marks)}
    line, press, hydraulics = rows[LINE], rows[S20], rows[HYDRAULICS]
    assert line is not None and (line.priority, line.count) == (1, 2)
    assert press is not None and (press.priority, press.count) == (1, 1)
    assert hydraulics is not None and hydraulics.priority == 1
    assert rows["Utilities"] is None


def test_a_filter_leaves_what_it_names_and_what_is_above_it() -> None:
    assert paths(wanted="valve") == [LINE, S20, HYDRAULICS, VALVE]
    assert paths(wanted="ROBOT 1") == [LINE, S10, ROBOT]
    assert paths(wanted="nothing like it") == []
    assert paths(wanted="  ") == paths()
