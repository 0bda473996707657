"""The Rationalisation page beside other persons, other files and the past: merge, import, export, try."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.types import Backtest
from hmi.displays.alarms.rationalise.page import RationalisePage
from hmi.displays.display import Place
from hmi.theme import apply_theme, load_theme
from tests.hmi.displays.alarms.rationalise_feed import (
    HEADER,
    OIL,
    PRESSURE,
    TEXT,
    PlantEngine,
    model,
)
from tests.hmi.displays.alarms.rationalise_hands import (
    agree,
    page,
    plant,
    press,
    shown,
    tap,
    went,
)
from tests.hmi.plant import NOW_US

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
__all__ = ["page", "plant", "went"]


def test_hidden_page_asks_nothing(page: RationalisePage, plant: PlantEngine) -> None:
    page.hide()
    plant.sent.clear()
    page.set_plant(model())
    page.work.check()
    assert plant.sent == []
    page.show()
    assert [name for name, _ in plant.sent] == ["limits"]


# Others


def test_change_of_another_person_is_told_and_merged(page: RationalisePage, plant: PlantEngine) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    plant.write(TEXT.replace(",h,58,", ",h,59,"), "Ben", "new cooler")
    page.set_plant(model())
    assert page.news.text() == (
        "Somebody else changed the list while it was edited here. "
        "Last: Ben, 14:12:46: new cooler (limit 58 -> 59)"
    )
    assert not page.bar.buttons["apply"].isEnabled()
    QTest.mouseClick(page.merge, LEFT)
    assert page.changes.said.text().startswith("No row was changed by both")
    QTest.mouseClick(page.changes.button, LEFT)
    assert (shown(page, 1, "limit"), shown(page, 3, "limit")) == ("230\u202fbar", "59\u202f°C")
    assert page.bar.count.text() == "6 rows, 1 changed"
    press(page, "apply")
    agree(page, "Ann", "quieter")
    assert plant.text == TEXT.replace(",h,58,", ",h,59,").replace(",h,232,", ",h,230,")


def test_row_that_both_changed_is_listed_and_a_person_says_whose_stays(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[3], "limit", "61")
    plant.write(TEXT.replace(",h,58,", ",h,59,"), "Ben", "new cooler")
    page.set_plant(model())
    QTest.mouseClick(page.merge, LEFT)
    assert page.changes.list.item(0).text() == f"{OIL} h: Limit 58 → 61"
    QTest.mouseClick(page.changes.choice.buttons["mine"], LEFT)
    QTest.mouseClick(page.changes.button, LEFT)
    assert shown(page, 3, "limit") == "61\u202f°C"
    assert page.work.base.rows[3].cells["limit"] == "59"


def test_change_that_comes_while_the_sheet_is_open_is_refused_and_told(
    page: RationalisePage, plant: PlantEngine
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    press(page, "apply")
    theirs = TEXT.replace(",h,58,", ",h,59,")
    plant.write(theirs, "Ben", "new cooler")
    agree(page, "Ann", "quieter")
    assert plant.text == theirs, "theirs is not overwritten"
    assert "somebody changed" in page.changes.trouble.text().lower()
    page.changes.leave()
    assert page.merge.isVisible()
    QTest.mouseClick(page.give_way, LEFT)
    assert shown(page, 3, "limit") == "59\u202f°C"
    assert not page.work.is_changed


def test_without_edits_the_list_of_another_person_is_just_shown(
    page: RationalisePage, plant: PlantEngine
) -> None:
    plant.write(TEXT.replace(",h,58,", ",h,59,"), "Ben", "new cooler")
    page.set_plant(model())
    assert shown(page, 3, "limit") == "59\u202f°C"
    assert not page.merge.isVisible()


# Files


def test_imported_list_is_shown_before_it_is_taken_over_as_one_edit(
    page: RationalisePage, plant: PlantEngine, tmp_path: Path
) -> None:
    path = tmp_path / "from spreadsheet.csv"
    path.write_text(TEXT.replace(",h,58,", ",h,59,") + f"{HEADER},ll,4.5\n", encoding="utf-8-sig")
    page.applying.import_file(path)
    told = [page.changes.list.item(each).text() for each in range(page.changes.list.count())]
    assert told[:2] == [f"{OIL} h: Limit 58 → 59", f"Added: {HEADER} ll: Limit 4.5"]
    assert not page.work.is_changed
    QTest.mouseClick(page.changes.button, LEFT)
    assert page.bar.count.text() == "7 rows, 1 added, 1 changed"
    assert plant.text == TEXT
    press(page, "undo")
    assert not page.work.is_changed


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TEXT.replace(",h,58,", ",h,warm,").encode(), 'Line 6: Limit "warm" is not a number: '),
        (TEXT.replace(",", ";").encode(), "Line 1: The columns are separated by semicolons: "),
        (b"kind,limit\nh,3\n", "Line 1: Column path is missing"),
    ],
)
def test_file_with_mistakes_is_told_by_line_and_nothing_is_taken_over(
    page: RationalisePage, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    page.applying.import_file(path)
    assert page.changes.said.text() == "bad.csv cannot be used; nothing is taken over:"
    assert page.changes.list.item(0).text().startswith(told)
    assert not page.changes.button.isVisible()
    assert not page.work.is_changed


def test_file_that_cannot_be_read_says_why(page: RationalisePage, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("path,kind\nÖl,h\n".encode("latin-1"))
    page.applying.import_file(path)
    assert page.changes.said.text().startswith("latin.csv is not UTF-8.")
    page.changes.leave()
    page.applying.import_file(tmp_path / "none.csv")
    assert page.changes.said.text() == "none.csv cannot be read: No such file or directory."


def test_list_with_its_edits_is_written_to_a_file(page: RationalisePage, tmp_path: Path) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    page.applying.export_file(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == TEXT.replace(",h,232,", ",h,230,")
    assert page.news.text() == f"Written to {tmp_path / 'out.csv'}"
    page.applying.export_file(tmp_path / "no" / "out.csv")
    assert page.news.text().startswith("Not written: ")


# Trying on the past


DAY_US = 86_400_000_000
BACKTEST = Backtest(
    NOW_US - DAY_US,
    NOW_US,
    80_000.0,
    3,
    2,
    (NOW_US - DAY_US // 2,),
    (),
    ((NOW_US - DAY_US // 3, 12.0),),
    (NOW_US - DAY_US // 3, NOW_US - DAY_US // 4),
)


def state(done: bool, progress: float = 1.0, error: str = "") -> dict[str, Any]:
    result = msgspec.to_builtins(BACKTEST) if done and not error else None
    return {"job": 5, "progress": progress, "done": done, "error": error, "result": result}


def test_limit_is_tried_on_the_past_and_taken_over_as_an_edit(
    page: RationalisePage, plant: PlantEngine, went: list[Place]
) -> None:
    QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
    assert page.tuner.hint.text().startswith("Choose one row")
    tap(page, 1, "limit")
    assert page.tuner.name.text() == "Pressure h"
    assert not page.tuner.try_it.isEnabled(), "nothing is changed yet"
    QTest.mouseClick(page.tuner.steps["limit", 1], LEFT)
    QTest.mouseClick(page.tuner.steps["on_delay", 1], LEFT)
    assert (page.tuner.fields["limit"].text(), page.tuner.fields["on_delay"].text()) == ("234", "6")
    QTest.mouseClick(page.tuner.span.buttons["604800"], LEFT)
    plant.job = [state(True)]
    QTest.mouseClick(page.tuner.try_it, LEFT)
    (sent,) = plant.named("job")
    assert sent["kind"] == "backtest"
    assert (sent["body"]["proposed"]["limit"], sent["body"]["proposed"]["on_delay_s"]) == (234.0, 6.0)
    assert sent["body"]["end_us"] - sent["body"]["start_us"] == 7 * DAY_US
    assert "It leaves out 1 of them (33 %)." in page.tuner.said.text()
    assert page.tuner.picture.isVisible()
    assert page.tuner.picture.accessibleName() == page.tuner.said.text()
    QTest.mouseClick(page.tuner.take, LEFT)
    assert [shown(page, 1, each) for each in ("limit", "on_delay")] == ["234\u202fbar", "6\u202fs"]
    assert plant.text == TEXT, "nothing is applied by trying"
    press(page, "undo")
    assert shown(page, 1, "limit") == "232\u202fbar"
    QTest.mouseClick(page.tuner.trend, LEFT)
    assert went == [Place("trends", PRESSURE)]


def test_trial_shows_how_far_it_is_and_can_be_cancelled(page: RationalisePage, plant: PlantEngine) -> None:
    QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
    tap(page, 1, "limit")
    page.tuner.fields["limit"].setText("240")
    plant.job = [state(False, 0.4)]
    QTest.mouseClick(page.tuner.try_it, LEFT)
    assert page.tuner.progress.isVisible()
    assert page.tuner.progress.accessibleName() == "40 % done"
    QTest.mouseClick(page.tuner.stop, LEFT)
    assert plant.named("job_cancel") == [{"job": 5}]
    assert page.tuner.said.text() == "Cancelled."
    assert not page.tuner.progress.isVisible()
    assert not page.tuner.take.isVisible()


def test_what_was_found_is_gone_as_soon_as_the_numbers_change(
    page: RationalisePage, plant: PlantEngine
) -> None:
    QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
    tap(page, 1, "limit")
    page.tuner.fields["limit"].setText("240")
    plant.job = [state(True)]
    QTest.mouseClick(page.tuner.try_it, LEFT)
    assert page.tuner.take.isVisible()
    page.tuner.fields["deadband"].setText("4")
    assert not page.tuner.take.isVisible()
    assert page.tuner.said.text() == ""
    tap(page, 3, "limit")
    assert page.tuner.name.text() == "Oil temperature h"
    assert page.tuner.fields["limit"].text() == "58"


def test_row_that_is_not_in_force_yet_cannot_be_tried(page: RationalisePage) -> None:
    QTest.mouseClick(page.sides.buttons["tuner"], LEFT)
    tap(page, 1, "limit")
    press(page, "add")
    assert page.tuner.hint.text().startswith("Choose one row of the table that is in force")
    assert not page.tuner.try_it.isVisible()


def test_record_of_one_tag_alone_can_be_read(page: RationalisePage, plant: PlantEngine) -> None:
    plant.write(TEXT.replace(",h,58,", ",h,59,"), "Ben", "new cooler")
    plant.write(plant.text.replace(",h,232,", ",h,231,"), "Ann", "quieter")
    page.set_plant(model())
    QTest.mouseClick(page.sides.buttons["record"], LEFT)
    assert page.record.list.count() == 2
    tap(page, 3, "limit")
    QTest.mouseClick(page.record.which.buttons["one"], LEFT)
    assert [each.by for each in page.record.changes] == ["Ben"]
    tap(page, 1, "limit")
    assert [each.by for each in page.record.changes] == ["Ann"]
    tap(page, 5, "limit")
    assert page.record.said.text() == "No change is on record."


@pytest.mark.parametrize("name", ["light", "dark", "sunlight"])
def test_page_takes_another_look_without_losing_what_was_typed(
    page: RationalisePage, qapp: Any, name: str
) -> None:
    page.hands.edit(page.table.rows.shown[1], "limit", "230")
    look = load_theme(name)
    apply_theme(qapp, look)
    page.set_theme(look)
    assert shown(page, 1, "limit") == "230\u202fbar"
    assert page.table.verticalHeader().defaultSectionSize() >= look.size.target
    ink = page.grab().toImage()
    assert not ink.isNull()
    header = page.table.verticalHeader().grab().toImage()
    assert header.width() > 0
