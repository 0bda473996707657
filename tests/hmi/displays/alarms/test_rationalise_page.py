"""The Rationalisation page in the hands of a person: edit, undo, apply."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from hmi.displays.alarms.page import Subject
from hmi.displays.alarms.rationalise.columns import COLUMNS
from hmi.displays.alarms.rationalise.editors import NumberField, WordField
from hmi.displays.alarms.rationalise.page import RationalisePage
from tests.hmi.displays.alarms.rationalise_feed import (
    GUARD,
    HEADER,
    OIL,
    PRESS,
    PRESSURE,
    TEXT,
    PlantEngine,
)
from tests.hmi.displays.alarms.rationalise_hands import (
    agree,
    done,
    editor,
    mark_of,
    page,
    paths,
    plant,
    press,
    settle,
    shown,
    tap,
    type_in,
    went,
)
from tests.hmi.plant import NOW_US

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
__all__ = ["page", "plant", "went"]


def test_every_row_of_the_file_stands_in_the_table_with_units_and_findings(page: RationalisePage) -> None:
    assert paths(page) == [PRESSURE, PRESSURE, PRESSURE, OIL, GUARD, HEADER]
    assert [shown(page, 1, each) for each in ("kind", "limit", "deadband", "on_delay")] == [
        *("h", "232\u202fbar", "3\u202fbar", "5\u202fs")
    ]
    assert shown(page, 4, "findings") == "1 to do"
    assert shown(page, 3, "limit") == "58\u202f°C"
    assert mark_of(page, 3) == "6", "its line in the file"
    assert page.bar.count.text() == "6 rows"
    assert not page.bar.buttons["apply"].isEnabled()


def test_number_is_edited_in_its_cell_with_its_unit_and_marked_by_shape(page: RationalisePage) -> None:
    made = editor(page, 1, "limit")
    assert isinstance(made, NumberField)
    made.selectAll()
    QTest.keyClicks(made, "230,5x")
    assert made.text() == "230,5", "letters are not taken"
    done(made)
    assert shown(page, 1, "limit") == "230.5\u202fbar", "a comma is a point"
    assert mark_of(page, 1) == "● 3"
    assert page.bar.count.text() == "6 rows, 1 changed"
    assert page.bar.buttons["apply"].isEnabled()
    tip = page.table.rows.index(1, COLUMNS.index("limit")).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "230.5\u202fbar (was 232)"


def test_enumeration_is_edited_by_a_choice(page: RationalisePage) -> None:
    made = editor(page, 1, "kind")
    assert isinstance(made, WordField)
    assert made.word() == "h"
    made.pick("rate")
    made.activated.emit(made.currentIndex())
    assert shown(page, 1, "kind") == "rate"
    assert shown(page, 1, "limit") == "232\u202fbar/s"


def test_editor_that_is_left_by_escape_changes_nothing(page: RationalisePage) -> None:
    made = editor(page, 1, "message")
    made.selectAll()
    QTest.keyClicks(made, "nonsense")
    QTest.keyClick(made, KEY.Key_Escape)
    assert shown(page, 1, "message") == "Pressure high"
    assert not page.work.is_changed


def test_every_edit_is_undone_and_done_again_step_by_step(page: RationalisePage) -> None:
    for limit in range(200, 260):
        page.hands.edit(page.table.rows.shown[1], "limit", str(limit))
    tap(page, 5, "path")
    press(page, "add")
    page.table.setFocus()
    for _ in range(61):
        QTest.keyClick(page.table, KEY.Key_Z, CTRL)
    assert shown(page, 1, "limit") == "232\u202fbar"
    assert paths(page) == [PRESSURE, PRESSURE, PRESSURE, OIL, GUARD, HEADER]
    assert not page.work.is_changed
    assert not page.bar.buttons["undo"].isEnabled()
    for _ in range(61):
        press(page, "redo")
    assert shown(page, 1, "limit") == "259\u202fbar"
    assert len(paths(page)) == 7


def test_one_text_is_set_in_all_selected_rows_at_once_and_undone_at_once(page: RationalisePage) -> None:
    tap(page, 0, "priority")
    tap(page, 2, "priority", SHIFT)
    press(page, "set")
    assert page.setting.isVisible()
    assert page.setting.what.text() == "In all 3 selected rows:"
    assert page.setting.column.word() == "priority"
    assert isinstance(page.setting.editor, WordField)
    page.setting.editor.pick("4")
    QTest.mouseClick(page.setting.button, LEFT)
    assert [shown(page, each, "priority") for each in range(6)] == ["4", "4", "4", "3", "1", "3"]
    press(page, "undo")
    assert [shown(page, each, "priority") for each in range(6)] == ["1", "2", "2", "3", "1", "3"]


def test_fill_down_takes_the_first_selected_row(page: RationalisePage) -> None:
    tap(page, 0, "response")
    tap(page, 2, "response", SHIFT)
    QTest.keyClick(page.table, KEY.Key_D, CTRL)
    assert [shown(page, each, "response") for each in range(4)] == [
        *["lower setpoint, inspect"] * 3,
        "check the water",
    ]


def test_cells_go_to_a_spreadsheet_and_back(page: RationalisePage) -> None:
    tap(page, 0, "limit")
    tap(page, 1, "priority", SHIFT)
    QTest.keyClick(page.table, KEY.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "240\t1\n232\t2\n"
    QGuiApplication.clipboard().setText("5\t4\n4.5\t2\n")
    tap(page, 5, "limit")
    QTest.keyClick(page.table, KEY.Key_V, CTRL)
    assert [shown(page, 5, each) for each in ("limit", "priority")] == ["5\u202fbar", "4"]
    assert dict(page.work.rows[-1].cells) == {"limit": "4.5", "priority": "2"}, "beyond the end: a new row"
    assert page.table.rows.rowCount() == 7
    QTest.keyClick(page.table, KEY.Key_Delete)
    assert shown(page, 5, "limit") == ""


def test_rows_are_added_below_and_removed_with_a_line_through(page: RationalisePage) -> None:
    tap(page, 1, "path")
    press(page, "add")
    assert paths(page)[:3] == [PRESSURE, PRESSURE, PRESSURE]
    assert mark_of(page, 2).startswith("+")
    assert page.table.current[1] == "kind", "the path is there, the kind is next"
    tap(page, 4, "path")
    press(page, "remove")
    assert mark_of(page, 4) == "\u2212"
    font = page.table.rows.index(4, 1).data(Qt.ItemDataRole.FontRole)
    assert font.strikeOut()
    assert page.bar.count.text() == "6 rows, 1 added, 1 removed"
    press(page, "remove")
    assert mark_of(page, 4) == "7"


def test_table_is_narrowed_and_sorted_and_edits_do_not_move_rows(page: RationalisePage) -> None:
    QTest.keyClicks(page.bar.filter, "pressure")
    page.show_path(PRESS)
    assert paths(page) == [PRESSURE, PRESSURE, PRESSURE]
    page.table.sortByColumn(COLUMNS.index("limit"), Qt.SortOrder.AscendingOrder)
    assert [shown(page, each, "kind") for each in range(3)] == ["l", "h", "hh"]
    type_in(page, 0, "limit", "245")
    assert [shown(page, each, "kind") for each in range(3)] == ["l", "h", "hh"], "not under a hand"
    page.bar.widen()
    QTest.mouseClick(page.bar.priorities["1"], LEFT)
    assert sorted(paths(page)) == [GUARD, PRESSURE]
    QTest.mouseClick(page.bar.priorities["1"], LEFT)
    QTest.mouseClick(page.bar.changed, LEFT)
    assert [shown(page, each, "kind") for each in range(page.table.rows.rowCount())] == ["l"]
    QTest.mouseClick(page.bar.changed, LEFT)
    QTest.mouseClick(page.bar.findings, LEFT)
    assert GUARD in paths(page)
    assert 0 < len(paths(page)) < 6


def test_columns_are_chosen(page: RationalisePage) -> None:
    press(page, "columns")
    assert not page.columns.buttons["quality"].isChecked()
    QTest.mouseClick(page.columns.buttons["quality"], LEFT)
    QTest.mouseClick(page.columns.buttons["cause"], LEFT)
    assert "quality" in page.table.shown_columns()
    assert "cause" not in page.table.shown_columns()
    QTest.mouseClick(page.columns.all, LEFT)
    assert page.table.shown_columns() == list(COLUMNS)


# What to look at


def test_tap_on_a_finding_leads_to_its_row_though_a_filter_hides_it(page: RationalisePage) -> None:
    QTest.keyClicks(page.bar.filter, "oil")
    found = page.findings.list
    texts = [found.item(each).text() for each in range(found.count())]
    place = next(each for each, text in enumerate(texts) if "Guard closed" in text)
    assert texts[place].startswith("Line 7  S50 Roof press › Guard closed off\nNo cause")
    QTest.mouseClick(found.viewport(), LEFT, NONE, found.visualItemRect(found.item(place)).center())
    assert page.bar.filter.text() == ""
    assert page.table.rows.cells(page.table.currentIndex().row())["path"] == GUARD


def test_findings_follow_the_edits_before_anything_is_applied(
    page: RationalisePage, plant: PlantEngine
) -> None:
    assert shown(page, 4, "findings") == "1 to do"
    page.hands.edit(page.table.rows.shown[4], "cause", "door is worn")
    settle(page)
    assert shown(page, 4, "findings") == ""
    page.hands.edit(page.table.rows.shown[1], "response", "")
    settle(page)
    assert shown(page, 1, "findings") == "1 to do"
    page.hands.edit(page.table.rows.shown[0], "limit", "much")
    settle(page)
    assert shown(page, 0, "findings") == "✕ 1"
    assert shown(page, 1, "findings") == "1 to do", "what was said before stands until it can be judged"
    assert [body["is_trial"] for body in plant.named("limits_change")] == [True, True, True]


# Applying


def test_mistake_keeps_the_list_from_being_applied_and_leads_to_its_row(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[3], "limit", "warm")
    press(page, "apply")
    assert page.news.text() == "The list cannot be used because of one mistake; nothing is changed."
    assert not page.changes.isVisible()
    assert page.table.rows.cells(page.table.currentIndex().row())["path"] == OIL
    assert page.findings.list.item(0).text().startswith("✕ Line 6")
    assert plant.text == TEXT


def test_list_is_applied_with_who_and_why_after_it_was_shown(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    tap(page, 5, "path")
    press(page, "remove")
    press(page, "apply")
    assert page.changes.isVisible()
    told = [page.changes.list.item(each).text() for each in range(page.changes.list.count())]
    assert told == [f"{PRESSURE} h: Limit 232 → 230", f"Removed: {HEADER} l"]
    page.changes.why.setText("  ")
    assert not page.changes.button.isEnabled(), "a reason is wanted"
    agree(page, "Ann", "too many at night")
    expected = TEXT.replace(",h,232,", ",h,230,").replace(f"{HEADER},l,5.5,3,,,Air low,,,300,Ben\n", "")
    assert plant.text == expected
    (sent,) = [body for body in plant.named("limits_change") if not body["is_trial"]]
    assert (sent["by"], sent["why"]) == ("Ann", "too many at night")
    assert not page.changes.isVisible()
    assert page.news.text() == "The list is in force."
    assert not page.work.is_changed
    assert paths(page) == [PRESSURE, PRESSURE, PRESSURE, OIL, GUARD]
    QTest.mouseClick(page.sides.buttons["record"], LEFT)
    record = [page.record.list.item(each).text() for each in range(page.record.list.count())]
    assert record[0] == f"14:12:46  Ann\n{HEADER} l\nRemoved: too many at night"
    assert record[1] == f"14:12:46  Ann\n{PRESSURE} h\ntoo many at night (limit 232 -> 230)"


def test_edits_of_before_can_be_undone_after_they_were_applied(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    press(page, "apply")
    agree(page, "Ann", "quieter")
    press(page, "undo")
    assert shown(page, 1, "limit") == "232\u202fbar"
    assert mark_of(page, 1) == "● 3"
    press(page, "apply")
    assert page.changes.list.item(0).text() == f"{PRESSURE} h: Limit 230 → 232"
    agree(page, "Ben", "it was right")
    assert plant.text == TEXT


def test_refused_change_stays_in_the_sheet_and_in_the_table(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    press(page, "apply")
    plant.refuses["limits_change"] = "the disk is full"
    agree(page, "Ann", "quieter")
    assert page.changes.isVisible()
    assert page.changes.trouble.text() == "The disk is full."
    assert plant.text == TEXT
    assert shown(page, 1, "limit") == "230\u202fbar"
    del plant.refuses["limits_change"]
    QTest.mouseClick(page.changes.button, LEFT)
    assert ",h,230," in plant.text


@pytest.mark.parametrize("kind", ["stalled", "replay"])
def test_nothing_is_tried_or_applied_while_the_engine_is_silent_or_in_a_replay(
    page: RationalisePage, plant: PlantEngine, kind: str
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    press(page, "apply")
    assert page.changes.isVisible()
    if kind == "stalled":
        page.set_stalled(True)
    else:
        page.set_past(NOW_US - 1)
    page.changes.why.setText("because")
    QTest.mouseClick(page.changes.button, LEFT)
    assert plant.text == TEXT
    assert page.changes.trouble.text() == page.why_not != ""
    page.changes.leave()
    assert not page.bar.buttons["apply"].isEnabled()
    assert page.news.text() == page.why_not
    QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
    tap(page, 1, "limit")
    page.tuner.fields["limit"].setText("235")
    assert not page.tuner.try_it.isEnabled()
    page.set_stalled(False)
    page.set_past(None)
    assert page.bar.buttons["apply"].isEnabled()
    assert page.tuner.try_it.isEnabled()
    assert page.news.text() == ""


def test_limit_that_another_page_asks_for_is_under_the_cursor(page: RationalisePage) -> None:
    settle(page)
    page.bar.show_under(OIL.rpartition("/")[0])
    page.show_subject(Subject(7, PRESSURE, "h"))
    row = next(each for each in page.work.rows if each.id == page.table.current[0])
    assert row.key == (PRESSURE, "h", "")
    page.show_subject(Subject(8, PRESSURE, "dev", "nothing"))
    assert "no row of kind dev" in page.news.text()
