"""Notes on a trend: written, read at their flags and in the table, removed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.types import Annotation
from hmi.displays.trends.view import TrendsView
from tests.hmi.displays.trends.acting import DAY_US, LEFT, MINUTE_US, ToldFeed, frame, press, select
from tests.hmi.displays.trends.plant import FORCE, PRESSURE
from tests.hmi.plant import NOW_US
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen


def test_note_is_written_with_its_author_and_read_and_removed_at_its_flag(
    view: TrendsView, feed: ToldFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hmi.displays.trends.tools.author", lambda: "m.keller")
    feed.answers["annotate"] = {}
    start_us, end_us = select(view)
    press(view, "note")
    sheet = view.tools.note_sheet
    assert sheet.isVisible() and "m.keller" in sheet.about.text() and not sheet.save.isEnabled()
    QTest.keyClicks(sheet.field, "Pump ran dry")
    assert problems(sheet) == []
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    body = {"start_us": start_us, "end_us": end_us, "tag": "", "author": "m.keller", "text": "Pump ran dry"}
    assert feed.sent == [("annotate", body)] and not sheet.isVisible()
    note = Annotation(3, start_us, end_us, "", "m.keller", "Pump ran dry", NOW_US)
    feed.past.known_notes.take((0, NOW_US + DAY_US), [note])
    frame(view)
    flag = view.tools.notes.flags[0]
    assert flag.isVisible() and "Pump ran dry" in flag.accessibleName()
    QTest.mouseClick(flag, LEFT)
    card = view.tools.notes.card
    assert card.isVisible() and problems(card) == []
    feed.answers["annotation_removed"] = True
    QTest.mouseClick(card.buttons[0], LEFT)
    assert feed.sent[-1] == ("annotation_removed", {"note_id": 3, "author": "m.keller"})
    assert not card.isVisible()


def test_refused_note_keeps_its_words(view: TrendsView, feed: ToldFeed) -> None:
    feed.answers["annotate"] = "the disk is full"
    select(view)
    press(view, "note")
    sheet = view.tools.note_sheet
    QTest.keyClicks(sheet.field, "Dry")
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    assert sheet.isVisible() and sheet.said.text() == "The disk is full." and sheet.field.text() == "Dry"


def test_notes_stand_in_the_table_with_time_author_and_words(view: TrendsView, feed: ToldFeed) -> None:
    start_us = NOW_US - 6 * MINUTE_US
    ours = Annotation(3, start_us, start_us + MINUTE_US, "", "m.keller", "Pump ran dry", NOW_US)
    moment = Annotation(4, start_us + 1, start_us + 1, PRESSURE, "a.novak", "Valve\nclosed", NOW_US)
    other = Annotation(5, start_us, start_us, FORCE, "a.novak", "Of a tag that is not drawn", NOW_US)
    head = view.trend.head
    assert head is not None
    QTest.mouseClick(head.table, LEFT)
    rows = view.trend.table.rows
    before = rows.rowCount()
    assert rows.columnCount() == 3, "without notes there is no column for them"
    feed.past.known_notes.take((0, NOW_US + DAY_US), [ours, moment, other])
    frame(view)
    assert rows.columnCount() == 4 and rows.rowCount() == before + 2
    assert rows.headerData(3, Qt.Orientation.Horizontal) == "Notes and alarms"
    words = [rows.data(rows.index(row, 3)) for row in range(rows.rowCount())]
    assert [each for each in words if each] == [
        "a.novak: Valve closed",
        "m.keller: Pump ran dry (for 1\u202fmin)",
    ]
    place = words.index("m.keller: Pump ran dry (for 1\u202fmin)")
    assert rows.data(rows.index(place, 0)) == "14:07:46"
    assert rows.data(rows.index(place, 1)) != "no data", "the values at that time stand beside it"
    view.trend.table.selectRow(place)
    QTest.keyClick(view.trend.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().endswith("m.keller: Pump ran dry (for 1\u202fmin)")
    feed.past.known_notes.take((0, NOW_US + DAY_US), [])
    frame(view)
    assert rows.columnCount() == 3
