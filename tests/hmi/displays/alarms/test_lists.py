"""The alarm lists as a person works with them: real widgets, real taps and keys."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.displays.alarms.filters import Filter
from hmi.displays.alarms.page import Subject
from hmi.widgets.labels import Words
from tests.hmi.booked import book
from tests.hmi.displays.alarms.lists_parts import SERVICED, SHELVED, SUPPRESSED, Desk, many, shown
from tests.hmi.line import HIGH, LOW_AIR, PRESSURE, TIPS, VALUES, WELD, alarm
from tests.hmi.plant import NOW_US, snapshot

pytestmark = pytest.mark.screen
__all__ = ["shown"]
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
STALLED_LINE = "NOT CURRENT: the engine is silent"


def test_list_stands_in_the_order_of_work(shown: Desk) -> None:
    acked = msgspec.structs.replace(HIGH, letter="C", acked=True)
    shown.tell(acked, TIPS, LOW_AIR)
    assert shown.ids == [TIPS.id, LOW_AIR.id, acked.id]


def test_each_list_has_its_alarms_and_every_tab_its_count(shown: Desk) -> None:
    shown.tell(HIGH, SHELVED, SERVICED)
    tabs = shown.view.tabs
    assert [each.text() for each in tabs.buttons.values()] == [
        "Active 1", "Shelved 1", "Suppressed 0", "Out of service 1",
    ]  # fmt: skip
    assert shown.ids == [HIGH.id]
    tabs.buttons["shelved"].click()
    assert shown.ids == [SHELVED.id]
    row = [shown.table.text(SHELVED, column) for column in shown.table.rows.columns]
    assert row[1] == "1 h 30 min, to 15:43" and "tips on order" in row and "Vera Lind" in row
    tabs.buttons["service"].click()
    assert shown.ids == [SERVICED.id] and shown.table.text(SERVICED, "why") == "permit 4411"
    shown.tell(SUPPRESSED)
    tabs.buttons["suppressed"].click()
    assert shown.table.text(SUPPRESSED, "why") == "the dryer stands"


def test_empty_list_says_what_is_true(shown: Desk) -> None:
    shown.tell()
    empty = shown.view.lists._empty  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    assert empty.text() == "No alarms."
    shown.view.tabs.buttons["shelved"].click()
    assert empty.text().startswith("No alarm is shelved. Shelve one by ⋯")
    shown.tell(HIGH, SHELVED)
    shown.view.lists.take_filter(Filter(priorities=(4,)))
    assert empty.text() == "None of 1 alarms is let through by the filter: priority 4."


def test_limits_that_nobody_can_judge_are_never_called_no_alarms(shown: Desk) -> None:
    shown.tell()
    empty = shown.view.lists._empty  # noqa: SLF001  pyright: ignore[reportPrivateUsage]
    from tests.hmi.plant import STALE

    shown.view.on_numbers(snapshot(VALUES, dict.fromkeys(range(len(VALUES)), STALE)))
    assert empty.text() == "6 of 6 alarm limits cannot be judged: no current value."


def test_page_is_loaded_when_it_is_first_opened_and_narrowed_as_the_lists_are(shown: Desk) -> None:
    assert shown.view.pages.opened() == {}
    shown.view.tabs.pages["journal"].click()
    assert list(shown.view.pages.opened()) == ["journal"] and shown.view.pages.name == "journal"
    assert not shown.table.isVisible() and shown.view.wants() == set()
    shown.view.tabs.buttons["active"].click()
    assert shown.table.isVisible() and shown.view.tabs.buttons["active"].isChecked()


def test_alarm_and_stretch_of_a_figure_are_shown_in_the_journal(shown: Desk) -> None:
    shown.view.tabs.pages["performance"].click()
    performance: Any = shown.view.pages.opened()["performance"]
    performance.asked.emit("journal", Subject(12, PRESSURE, "hh", start_us=5, end_us=9, message="Too high"))
    journal: Any = shown.view.pages.opened()["journal"]
    wanted = journal.bar.wanted
    assert shown.view.pages.name == "journal" and shown.view.tabs.pages["journal"].isChecked()
    assert (wanted.alarm, wanted.alarm_name) == (12, "Too high")
    assert (wanted.span, wanted.start_us, wanted.end_us) == ("own", 5, 9)
    performance.asked.emit("journal", Subject(start_us=20, end_us=30))
    assert (journal.bar.wanted.alarm, journal.bar.wanted.start_us) == (0, 20)


# Acknowledging


def test_tap_acknowledges_exactly_what_was_painted(shown: Desk) -> None:
    shown.tap(TIPS.id, "act")
    assert [(each["what"], each["alarms"]) for each in shown.feed.sent] == [
        ("acknowledge", [(TIPS.id, TIPS.changed_us)])
    ]
    shown.paint()
    shown.tap(TIPS.id, "act")
    assert len(shown.feed.sent) == 1, "while the answer is awaited the button does nothing"


def test_alarm_that_came_anew_between_paint_and_tap_is_refused_and_says_so(shown: Desk) -> None:
    anew = msgspec.structs.replace(TIPS, changed_us=TIPS.changed_us + 9, times=2)
    shown.desk.take(book(HIGH, anew, LOW_AIR))
    shown.desk.acknowledge([TIPS.id])
    assert shown.feed.sent[0]["alarms"] == [(TIPS.id, TIPS.changed_us)]
    shown.feed.answer(((TIPS.id, "it came again since it was shown"),))
    assert shown.desk.refusal(anew).startswith("Not done: It came again")


def test_finger_that_slips_off_the_button_acknowledges_nothing(shown: Desk) -> None:
    viewport = shown.table.viewport()
    shown.table.settle()
    QTest.mousePress(viewport, LEFT, pos=shown.place(HIGH.id, "act"))
    QTest.mouseRelease(viewport, LEFT, pos=shown.place(HIGH.id, "menu"))
    assert shown.feed.sent == [] and shown.view.lists.acts.menu.shown is None


def test_page_acknowledges_what_can_be_seen_and_never_the_rest(shown: Desk) -> None:
    shown.tell(*many(200))
    page = shown.table.page()
    assert 3 < len(page) < 20
    line = shown.view.lists.line
    assert line.all.text() == f"Acknowledge page ({len(page)})"
    line.all.click()
    assert [each for each, _ in shown.feed.sent[0]["alarms"]] == page
    shown.table.selectAll()
    line.chosen.click()
    assert len(shown.feed.sent) == 1, "of all that is selected nothing else was painted"


def test_selection_is_acknowledged_by_its_button_and_by_key(shown: Desk) -> None:
    shown.tap(HIGH.id, "message")
    QTest.mouseClick(shown.table.viewport(), LEFT, SHIFT, shown.place(TIPS.id, "message"))
    assert shown.view.lists.line.chosen.text() == "Acknowledge selected (2)"
    assert shown.view.acknowledge_selected()
    assert [each for each, _ in shown.feed.sent[0]["alarms"]] == [HIGH.id, TIPS.id]


def test_key_does_not_act_on_the_selection_once_another_alarm_is_marked(shown: Desk) -> None:
    shown.table.mark(TIPS.id)
    assert shown.desk.selected == TIPS.id
    shown.desk.select_next()
    assert shown.table.selected() == [shown.desk.selected], "the mark moves with F3"
    shown.view.tabs.buttons["shelved"].click()
    assert not shown.view.acknowledge_selected(), "it is not on show here: the banner has it"
    assert shown.feed.sent == []


def test_reset_of_a_latched_alarm_has_a_button_of_its_own(shown: Desk) -> None:
    latched = msgspec.structs.replace(HIGH, active=False, acked=True, letter="C", latched=True)
    shown.tell(latched)
    shown.tap(latched.id, "act")
    assert shown.feed.sent[0]["what"] == "reset"


# Rows that stand still


def test_no_row_moves_under_a_hand(shown: Desk) -> None:
    shown.hover(TIPS.id)
    worse = alarm(WELD, 1, id=77, since_us=NOW_US, changed_us=NOW_US)
    before = shown.ids
    shown.tell(HIGH, TIPS, LOW_AIR, worse)
    assert shown.ids == before
    assert shown.view.lists.line.waiting.text() == "1 changes wait for your hand"
    shown.leave()
    assert shown.ids[0] == worse.id and shown.view.lists.line.waiting.text() == ""


def test_row_that_went_under_a_hand_stays_and_its_button_does_nothing(shown: Desk) -> None:
    shown.hover(TIPS.id)
    shown.tell(HIGH, LOW_AIR)
    assert TIPS.id in shown.ids
    shown.tap(TIPS.id, "act")
    assert shown.feed.sent == []
    shown.leave()
    assert TIPS.id not in shown.ids


def test_tap_on_a_row_that_just_came_under_the_finger_is_nobodys_wish(shown: Desk) -> None:
    place = shown.place(HIGH.id, "act")
    worse = alarm(WELD, 1, id=77, since_us=NOW_US, changed_us=NOW_US)
    shown.tell(worse, HIGH, TIPS, LOW_AIR)
    QTest.mouseClick(shown.table.viewport(), LEFT, pos=place)
    assert shown.feed.sent == []


def test_selection_stays_with_its_alarm_when_rows_come_above_it(shown: Desk) -> None:
    shown.table.mark(LOW_AIR.id)
    shown.tell(alarm(WELD, 1, id=77, since_us=NOW_US, changed_us=NOW_US), HIGH, TIPS, LOW_AIR)
    assert shown.table.selected() == [LOW_AIR.id] and shown.ids.index(LOW_AIR.id) == 3


# Menu


def test_shelve_never_stands_beside_acknowledge_and_the_menu_never_acknowledges(shown: Desk) -> None:
    assert shown.table.rows.columns[-2:] == ("act", "menu")
    assert set(shown.entries(HIGH)) == {
        "shelve", "out_of_service", "note", "go", "twin", "trend", "journal", "limit",
    }  # fmt: skip
    shown.tap(HIGH.id, "menu")
    assert "Shelve…" in shown.words_of_menu() and shown.feed.sent == []


def test_shelf_of_a_preset_needs_a_reason_and_is_sent_with_both(shown: Desk) -> None:
    shown.choose("shelve", HIGH)
    sheet = shown.view.lists.acts.shelve
    assert [each.text() for each in sheet.presets] == ["15 min", "1 h", "4 h", "End of shift"]
    sheet.presets[1].click()
    assert not sheet.button.isEnabled() and sheet.said.text() == "Say why it is shelved."
    QTest.keyClicks(sheet.reason, "sensor wet")
    sheet.one_shot.click()
    sheet.button.click()
    sent = shown.feed.sent[0]
    assert (sent["what"], sent["text"], sent["one_shot"]) == ("shelve", "sensor wet", True)
    assert sent["until_us"] == NOW_US + 3_600_000_000 and not sheet.isVisible()


def test_class_says_how_long_a_shelf_may_be(shown: Desk) -> None:
    short = msgspec.structs.replace(HIGH, alarm_class="short")
    shown.tell(short, TIPS)
    shown.choose("shelve", short)
    sheet = shown.view.lists.acts.shelve
    assert [each.isEnabled() for each in sheet.presets] == [True, False, False, False]
    QTest.keyClicks(sheet.reason, "sensor wet")
    QTest.keyClicks(sheet.other, "45 min")
    assert sheet.said.text() == "At most 30 min: its class allows no more." and not sheet.button.isEnabled()
    sheet.other.clear()
    QTest.keyClicks(sheet.other, "20 min")
    sheet.button.click()
    assert shown.feed.sent[0]["until_us"] == NOW_US + 20 * 60_000_000


def test_alarm_of_a_class_that_is_never_shelved_cannot_be(shown: Desk) -> None:
    safe = msgspec.structs.replace(HIGH, alarm_class="safety")
    shown.tell(safe)
    assert shown.entries(safe)["shelve"] is False


def test_note_and_permit_are_asked_for_and_sent(shown: Desk) -> None:
    sheet = shown.view.lists.acts.text
    shown.choose("note", HIGH)
    assert not sheet.button.isEnabled()
    QTest.keyClicks(sheet.field, "called the fitter")
    QTest.keyClick(sheet.field, Qt.Key.Key_Return)
    if sheet.isVisible():
        sheet.button.click()
    shown.choose("out_of_service", TIPS)
    QTest.keyClicks(sheet.field, "permit 4412")
    sheet.button.click()
    assert [(each["what"], each["text"], each["alarms"][0][0]) for each in shown.feed.sent] == [
        ("note", "called the fitter", HIGH.id),
        ("out_of_service", "permit 4412", TIPS.id),
    ]


def test_what_was_set_aside_comes_back_by_its_button_and_by_the_menu(shown: Desk) -> None:
    shown.tell(SHELVED, SERVICED)
    shown.view.tabs.buttons["shelved"].click()
    shown.paint()
    shown.tap(SHELVED.id, "act")
    assert "shelve" not in shown.entries(SHELVED)
    shown.choose("in_service", SERVICED)
    assert [each["what"] for each in shown.feed.sent] == ["unshelve", "in_service"]


def test_suppressed_alarm_says_why_in_its_menu(shown: Desk) -> None:
    shown.tell(SUPPRESSED)
    shown.view.tabs.buttons["suppressed"].click()
    shown.paint()
    shown.tap(SUPPRESSED.id, "menu")
    assert "Suppressed by design: the dryer stands" in shown.words_of_menu()


def test_menu_of_a_selected_row_is_about_the_whole_selection(shown: Desk) -> None:
    shown.table.selectAll()
    shown.tap(HIGH.id, "menu")
    texts = shown.words_of_menu()
    assert texts[0] == "3 selected alarms" and "Go to where it is handled" not in texts


# One alarm, and where it leads


# What became normal while a person wrote


def test_alarm_that_became_normal_while_its_permit_was_written_goes_out_of_service(shown: Desk) -> None:
    acts = shown.view.lists.acts
    shown.choose("out_of_service", TIPS)
    acts.text.field.setText("PTW 77")
    shown.tell(HIGH, LOW_AIR)
    acts.text.button.click()
    assert [(each["what"], each["alarms"][0][0], each["text"]) for each in shown.feed.sent] == [
        ("out_of_service", TIPS.id, "PTW 77")
    ]


def test_what_was_not_asked_for_is_said(shown: Desk) -> None:
    acts, line = shown.view.lists.acts, shown.view.lists.line
    shown.choose("note", TIPS)
    acts.text.field.setText("door switch ordered")
    shown.tell(HIGH, LOW_AIR)
    acts.text.button.click()
    assert shown.feed.sent == []
    assert "Not done: the alarm is over" in "".join(each.text() for each in line.findChildren(Words))


def test_selection_that_was_not_all_on_the_screen_is_not_called_acknowledged(shown: Desk) -> None:
    shown.tell(*many(200))
    shown.table.selectAll()
    seen = len([each for each in shown.ids if each in shown.desk.seen])
    assert 0 < seen < 200
    assert shown.view.lists.acknowledge_selected()
    assert len(shown.feed.sent[0]["alarms"]) == seen
    words = "".join(each.text() for each in shown.view.lists.line.findChildren(Words))
    assert f"Acknowledged {seen} of 200: only what was on the screen" in words
