"""What a person does to rows, what it comes to, and what somebody else did meanwhile."""

from __future__ import annotations

import pytest

from hmi.displays.alarms.rationalise import draft, file, state
from hmi.displays.alarms.rationalise.draft import Rows
from hmi.displays.alarms.rationalise.file import Base
from hmi.displays.alarms.rationalise.state import Found, Wanted
from tests.hmi.displays.alarms.rationalise_feed import GUARD, HEADER, OIL, PRESS, PRESSURE, TEXT

BASE = file.read(TEXT)
HH, H, L, OIL_H, OFF, AIR_L = (row.id for row in BASE.rows)


def edited(row: int, **cells: str) -> Rows:
    return draft.set_cells(BASE.rows, {row: cells})


def words(rows: Rows, base: Base = BASE) -> list[str]:
    return [each.words for each in draft.changes(base, rows)]


def test_changes_are_told_as_a_plain_list() -> None:
    rows = edited(H, limit="230", response="")
    rows = draft.turned(rows, [L], BASE)
    rows = draft.added(rows, AIR_L, [file.new_row({"path": HEADER, "kind": "ll", "limit": "5"})])
    assert words(rows) == [
        f"{PRESSURE} h: Limit 232 → 230, Response plan the seal → none",
        f"Removed: {PRESSURE} l",
        f"Added: {HEADER} ll: Limit 5",
    ]
    assert [each.status for each in draft.changes(BASE, rows)] == ["changed", "removed", "added"]


def test_edit_that_is_taken_back_by_hand_is_no_change() -> None:
    rows = draft.set_cells(edited(H, limit="230"), {H: {"limit": "232"}})
    assert not draft.is_changed(BASE, rows)


def test_removing_removed_rows_again_brings_them_back_and_new_ones_just_go() -> None:
    new = file.new_row({"path": HEADER})
    rows = draft.turned(draft.added(BASE.rows, L, [new]), [L, new.id], BASE)
    assert [draft.status(BASE, row) for row in rows] == ["same", "same", "removed", "same", "same", "same"]
    assert words(draft.turned(rows, [L], BASE)) == []


def test_fill_down_copies_the_first_row_of_the_block_in_these_columns_alone() -> None:
    rows = draft.filled(BASE.rows, [HH, H, L], ["priority", "response"])
    assert [(row.cells["priority"], row.cells["response"]) for row in rows[:3]] == [
        ("1", "lower setpoint, inspect")
    ] * 3
    assert [row.cells["limit"] for row in rows[:3]] == ["240", "232", "180"]


def test_cells_of_a_spreadsheet_go_where_the_cursor_is_and_beyond_the_end() -> None:
    shown, columns = [OFF, AIR_L], ["path", "kind", "limit", "message"]
    text = '5.2\t"low, again"\n\t\n4.9\tnew one\n'
    rows = draft.pasted(BASE.rows, shown, columns, (1, 2), text)
    assert (rows[5].cells["limit"], rows[5].cells["message"]) == ("5.2", "low, again")
    assert [dict(row.cells) for row in rows[6:]] == [{"limit": "4.9", "message": "new one"}]


def test_first_line_of_names_says_where_the_cells_belong() -> None:
    text = "Message\tPriority\nGuard is open\t2\n"
    rows = draft.pasted(BASE.rows, [OFF], ["path", "kind"], (0, 0), text)
    assert (rows[4].cells["message"], rows[4].cells["priority"]) == ("Guard is open", "2")
    assert rows[4].cells["path"] == GUARD


def test_one_copied_cell_fills_all_selected_ones() -> None:
    rows = draft.pasted(BASE.rows, [HH, H], ["priority"], (0, 0), "4", [(HH, "priority"), (OFF, "priority")])
    assert [row.cells["priority"] for row in rows] == ["4", "2", "2", "3", "4", "3"]


def test_copied_cells_are_read_back_as_they_were() -> None:
    cells = [["a, b", 'say "go"', ""], ["1", "ü\tx", "z"]]
    assert draft.grid(draft.as_tsv(cells)) == [["a, b", 'say "go"', ""], ["1", "ü x", "z"]]


def test_imported_list_edits_adds_and_removes_and_keeps_columns_it_does_not_have() -> None:
    other = file.read(
        f"path,kind,limit\n{HEADER},ll,5\n{PRESSURE},hh,241\n{PRESSURE},rate,2\n{PRESSURE},h,232\n"
    )
    rows = draft.imported(BASE, BASE.rows, other)
    assert draft.differences(BASE.rows, rows) == (
        f"Added: {HEADER} ll: Limit 5",
        f"{PRESSURE} hh: Limit 240 → 241",
        f"Added: {PRESSURE} rate: Limit 2",
        f"Removed: {PRESSURE} l",
        f"Removed: {OIL} h",
        f"Removed: {GUARD} off",
        f"Removed: {HEADER} l",
    )
    kept = next(row for row in rows if row.id == HH)
    assert kept.cells["response"] == "lower setpoint, inspect"


# Merging


def changed(old: str, new: str) -> Base:
    assert old in TEXT
    return file.read(TEXT.replace(old, new), file.keys(BASE.rows))


def test_edits_of_different_rows_are_both_there_after_a_merge() -> None:
    found = draft.merged(BASE, edited(H, limit="230"), changed(f"{OIL},h,58", f"{OIL},h,59"))
    assert found.collisions == ()
    assert [(row.cells["limit"]) for row in found.rows if "limit" in row.cells] == [
        *("240", "230", "180", "59", "5.5")
    ]
    assert words(found.rows, changed(f"{OIL},h,58", f"{OIL},h,59")) == [f"{PRESSURE} h: Limit 232 → 230"]


def test_row_that_both_changed_is_a_collision_and_stays_as_preferred() -> None:
    now = changed(f"{OIL},h,58", f"{OIL},h,59")
    mine = edited(OIL_H, limit="61", response="")
    choices: tuple[tuple[draft.Prefer, str], ...] = (("theirs", "59"), ("mine", "61"))
    for prefer, limit in choices:
        found = draft.merged(BASE, mine, now, prefer)
        assert found.rows[3].cells["limit"] == limit
        assert found.collisions == (f"{OIL} h: Limit 58 → 61, Response check the water → none",)


def test_same_edit_by_both_is_no_collision() -> None:
    found = draft.merged(BASE, edited(OIL_H, limit="59"), changed(f"{OIL},h,58", f"{OIL},h,59"))
    assert found.collisions == ()
    assert found.rows[3].cells["limit"] == "59"


@pytest.mark.parametrize("prefer", ["theirs", "mine"])
def test_row_that_others_removed_and_i_edited_comes_back_only_if_mine_is_preferred(
    prefer: draft.Prefer,
) -> None:
    now = changed(f"{HEADER},l,5.5,3,,,Air low,,,300,Ben\n", "")
    found = draft.merged(BASE, edited(AIR_L, limit="5"), now, prefer)
    assert found.collisions == (f"{HEADER} l: Limit 5.5 → 5",)
    assert [row.cells["limit"] for row in found.rows if row.cells["path"] == HEADER] == (
        ["5"] if prefer == "mine" else []
    )


def test_rows_that_both_added_and_removed_are_there_and_gone() -> None:
    new = file.new_row({"path": GUARD, "kind": "bad"})
    mine = draft.turned(draft.added(BASE.rows, OFF, [new]), [L], BASE)
    now = file.read(TEXT + f"{OIL},hh,63\n", file.keys(BASE.rows))
    found = draft.merged(BASE, mine, now)
    assert [row.key[1] for row in found.rows if not row.is_removed] == [
        *("hh", "h", "h", "off", "bad", "l", "hh")
    ]
    assert words(found.rows, now) == [f"Removed: {PRESSURE} l", f"Added: {GUARD} bad"]


def test_older_rows_on_the_applied_list_take_its_edits_back_and_lose_nothing() -> None:
    rows = draft.turned(edited(H, limit="230"), [L], BASE)
    rows = draft.added(rows, OFF, [file.new_row({"path": GUARD, "kind": "bad"})])
    alive = [row for row in rows if not row.is_removed]
    now = file.read(file.written(BASE, rows)[0], file.keys(alive))
    assert words(draft.fitted(now, BASE.rows), now) == [
        f"{PRESSURE} h: Limit 230 → 232",
        f"Added: {PRESSURE} l: Limit 180, Priority 2, Deadband 4, On delay 5, Message Pressure low, "
        "Cause pump weak, Response check the pump, Time to respond 600",
        f"Removed: {GUARD} bad",
    ]
    assert draft.fitted(now, now.rows) == now.rows


# What the table shows


def test_table_is_filtered_by_words_area_priority_findings_and_edits() -> None:
    found = Found(advice={OFF: ("no cause",)})
    rows = edited(AIR_L, limit="5")

    def shown(**wanted: object) -> list[int]:
        return state.shown(BASE, rows, Wanted(**wanted), found, None)  # pyright: ignore[reportArgumentType]

    assert shown() == [HH, H, L, OIL_H, OFF, AIR_L]
    assert shown(text="SEAL inspect") == [HH]
    assert shown(under=PRESS) == [HH, H, L, OIL_H, OFF]
    assert shown(under="Body shop/S5") == []
    assert shown(priorities=frozenset({"3"})) == [OIL_H, AIR_L]
    assert shown(with_findings=True) == [OFF]
    assert shown(changed=True) == [AIR_L]
    assert shown(changed=True, under=PRESS) == []


def test_numbers_are_sorted_by_value_and_empty_cells_come_last() -> None:
    found = Found()
    limits = state.shown(BASE, BASE.rows, Wanted(), found, ("limit", False))
    assert limits == [AIR_L, OIL_H, L, H, HH, OFF]
    assert state.shown(BASE, BASE.rows, Wanted(), found, ("limit", True)) == [HH, H, L, OIL_H, AIR_L, OFF]
    assert state.shown(BASE, BASE.rows, Wanted(), found, ("priority", False))[:2] == [HH, OFF]


def test_rows_do_not_move_under_a_hand_and_new_ones_stand_where_they_were_put() -> None:
    before = [OFF, L, HH]
    known = [row.id for row in BASE.rows]
    new = file.new_row({"path": GUARD})
    rows = draft.turned(draft.added(BASE.rows, L, [new]), [], BASE)
    assert state.kept(before, known, rows) == [OFF, L, new.id, HH]
    assert state.kept([OFF, L, new.id, HH], [*known, new.id], BASE.rows) == [OFF, L, HH]


def test_sheet_of_a_hundred_thousand_rows_finds_its_places_without_a_search_for_each() -> None:
    known = [row.id for row in BASE.rows]
    new = [file.new_row({"path": f"Line/T{each}"}) for each in range(100_000)]
    rows = (*BASE.rows[:1], *new, *BASE.rows[1:])
    # With a search for each of them this takes minutes, beyond the time that a test may take.
    assert state.kept(known, known, rows) == [row.id for row in rows]
    assert state.kept([], known, rows) == [row.id for row in new]
