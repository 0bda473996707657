"""Where the alarm lists lead to, what they keep, and what they say when nothing can be done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QElapsedTimer, QPoint, Qt
from PySide6.QtTest import QTest

from engine.types import Alarm, Flood
from hmi.displays.alarms import filters
from hmi.displays.alarms.filters import Filter
from hmi.displays.display import Place
from tests.hmi.booked import book
from tests.hmi.displays.alarms.lists_parts import SHELVED, Desk, many, shown
from tests.hmi.line import HIGH, LOW_AIR, PRESS, PRESSURE, TIPS, WELD
from tests.hmi.plant import NOW_US
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
__all__ = ["shown"]
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
STALLED_LINE = "NOT CURRENT: the engine is silent"


def test_detail_has_cause_consequence_response_and_time_left(shown: Desk) -> None:
    full = msgspec.structs.replace(HIGH, consequence="the press stops", respond_s=180.0)
    shown.tell(full)
    assert shown.view.lists.detail.hint.isVisible()
    shown.tap(full.id, "message")
    detail = shown.view.lists.detail
    assert detail.title.text() == "Pressure high-high" and not detail.hint.isVisible()
    assert detail.left.text() == "Time to respond: 2 min left of 3 min"
    page = detail.page.toPlainText()
    for words in ("seal leak", "the press stops", "lower setpoint, inspect"):
        assert words in page


def test_detail_leads_to_the_display_and_to_the_trend_at_the_time_of_the_alarm(shown: Desk) -> None:
    shown.tap(HIGH.id, "message")
    go, trend, _ = shown.view.lists.detail.buttons
    go.click()
    trend.click()
    assert shown.went == [Place("unit", PRESSURE), Place("trends", PRESSURE, HIGH.since_us)]


def test_lost_link_has_no_trend_and_leads_to_its_source(shown: Desk) -> None:
    link = Alarm("press", "link", 2, True, NOW_US, NOW_US, id=9)
    shown.tell(link)
    shown.tap(9, "message")
    go, trend, _ = shown.view.lists.detail.buttons
    go.click()
    assert not trend.isEnabled() and shown.went == [Place("system", "press")]
    assert "trend" not in shown.entries(link) and "limit" not in shown.entries(link)


def test_return_key_and_double_tap_go_where_it_is_handled(shown: Desk) -> None:
    shown.table.mark(TIPS.id)
    QTest.keyClick(shown.table, Qt.Key.Key_Return)
    assert shown.went == [Place("unit", WELD)]


# Places, tree and filters


def test_place_of_an_alarm_turns_to_its_list_and_marks_it(shown: Desk) -> None:
    shown.tell(HIGH, SHELVED)
    shown.view.lists.take_filter(Filter(priorities=(1,)))
    assert shown.view.show_place(f"#{SHELVED.id}") == ""
    assert shown.view.lists.shown.name == "shelved" and shown.table.selected() == [SHELVED.id]
    assert shown.view.lists.shown.filter == filters.EVERYTHING, "no filter hides what was asked for"
    shown.view.show_place("#999")
    assert shown.view.lists.line.words.text() == "That alarm is over; the journal has what became of it."


def test_place_of_an_asset_narrows_the_list_and_marks_it_in_the_tree(shown: Desk) -> None:
    shown.view.show_place(PRESS)
    assert shown.ids == [HIGH.id]
    tree = shown.view.lists.tree
    assert tree.rows[tree.currentIndex().row()].path == PRESS
    assert shown.view.lists.line.words.text() == "1 of 3: in Framing › S50 Roof press"


def test_tree_rolls_up_badges_and_a_tap_narrows(shown: Desk) -> None:
    tree = shown.view.lists.tree
    by_path = {row.path: row for row in tree.rows}
    badge = by_path["Framing"].badge
    assert badge is not None and (badge.priority, badge.count) == (1, 2)
    assert by_path[""].waiting == 3
    row = [each.path for each in tree.rows].index("Utilities")
    place = tree.visualRect(tree.model().index(row, 0)).center()
    QTest.mouseClick(tree.viewport(), LEFT, pos=place)
    assert shown.ids == [LOW_AIR.id]


def test_filter_lets_through_what_it_says_and_clear_shows_all(shown: Desk) -> None:
    bar = shown.view.lists.bar
    bar.priorities[0].click()
    assert shown.ids == [HIGH.id]
    assert bar.priorities[0].accessibleName() == "Only priority 1"
    bar.clear.click()
    assert len(shown.ids) == 3
    bar.field.setText("weld")
    bar.field.textEdited.emit("weld")
    for _ in range(100):
        QTest.qWait(20)
        if len(shown.ids) == 1:
            break
    assert shown.ids == [TIPS.id]


def test_filter_is_kept_under_a_name_for_the_next_start(shown: Desk, qapp: Any) -> None:
    lists = shown.view.lists
    lists.bar.priorities[0].click()
    lists.bar.keep_action.trigger()
    QTest.keyClicks(lists.acts.text.field, "worst")
    lists.acts.text.button.click()
    assert filters.load()[0][0].name == "worst" and lists.line.words.text() == "Kept as worst."
    other = Desk(qapp)
    try:
        other.tell(HIGH, TIPS)
        entry = next(a for a in other.view.lists.bar.saved.menu().actions() if a.text() == "worst")
        entry.trigger()
        assert other.ids == [HIGH.id]
    finally:
        other.view.close()
        other.view.deleteLater()


def test_layout_comes_back_with_list_filter_and_page(shown: Desk, qapp: Any) -> None:
    shown.view.tabs.buttons["shelved"].click()
    shown.view.lists.take_filter(Filter((2,), under="Framing"))
    shown.view.tabs.pages["journal"].click()
    kept = shown.view.layout()
    other = Desk(qapp)
    try:
        other.view.restore(msgspec.json.decode(msgspec.json.encode(kept)))
        assert other.view.layout() == kept and other.view.pages.name == "journal"
    finally:
        other.view.close()
        other.view.deleteLater()
    with pytest.raises(ValueError, match="priorities"):
        shown.view.restore({"filter": {"priorities": "all"}})


# Flood


def test_consequences_stand_under_their_cause_and_are_still_counted(shown: Desk) -> None:
    followed = msgspec.structs.replace(TIPS, cause_id=HIGH.id)
    shown.tell(HIGH, followed, LOW_AIR, flood=Flood(NOW_US - 240_000_000, 14, LOW_AIR.id))
    assert shown.ids == [HIGH.id, LOW_AIR.id]
    assert shown.view.tabs.buttons["active"].text() == "Active 3"
    line = shown.view.lists.line
    assert line.words.text() == "FLOOD since 14:09: 14 alarms in 10 minutes"
    assert line.more.text() == "First: Compressed air Header pressure low"
    line.to_first.click()
    assert shown.table.selected() == [LOW_AIR.id]
    line.all.click()
    assert TIPS.id not in [each for each, _ in shown.feed.sent[0]["alarms"]], "it was not seen"
    shown.table.mark(HIGH.id)
    QTest.keyClick(shown.table, Qt.Key.Key_Right)
    assert shown.ids == [HIGH.id, TIPS.id, LOW_AIR.id]


def test_place_of_a_folded_consequence_unfolds_it(shown: Desk) -> None:
    shown.tell(HIGH, msgspec.structs.replace(TIPS, cause_id=HIGH.id), LOW_AIR)
    shown.view.show_place(f"#{TIPS.id}")
    assert shown.ids == [HIGH.id, TIPS.id, LOW_AIR.id] and shown.table.selected() == [TIPS.id]


def test_line_above_the_list_keeps_its_height_whatever_it_says(shown: Desk) -> None:
    place = shown.table.mapTo(shown.view, QPoint(0, 0))
    shown.tell(HIGH, TIPS, flood=Flood(NOW_US - 240_000_000, 14, HIGH.id))
    assert shown.table.mapTo(shown.view, QPoint(0, 0)) == place
    shown.view.set_stalled(True)
    shown.paint()
    assert shown.table.mapTo(shown.view, QPoint(0, 0)) == place


# Not current


def nothing_can_be_done(shown: Desk, one: Alarm) -> None:
    """By tap, button, key and menu."""
    shown.paint()
    shown.tap(one.id, "act")
    shown.table.selectAll()
    shown.view.acknowledge_selected()
    line = shown.view.lists.line
    assert not line.all.isEnabled() and not line.chosen.isEnabled()
    offered = shown.entries(one)
    assert not any(offered[each] for each in ("shelve", "note", "out_of_service") if each in offered)
    assert offered["go"], "one may still go and look"
    assert shown.feed.sent == []


def test_silent_engine_leaves_everything_dead(shown: Desk) -> None:
    shown.choose("shelve", HIGH)
    shown.desk.set_stalled(True)
    shown.view.set_stalled(True)
    assert not shown.view.lists.acts.shelve.isVisible(), "what was asked is taken back"
    assert shown.view.lists.line.words.text() == STALLED_LINE
    nothing_can_be_done(shown, HIGH)
    shown.desk.set_stalled(False)
    shown.view.set_stalled(False)
    shown.paint()
    shown.tap(HIGH.id, "act")
    assert len(shown.feed.sent) == 1


def test_replay_shows_alarms_as_they_were_and_nothing_can_be_done(shown: Desk) -> None:
    seen = dict(shown.desk.seen)
    past = msgspec.structs.replace(TIPS, id=0, message="Weld current low")
    shown.view.set_past(NOW_US - 3_600_000_000)
    shown.view.set_alarms([past, msgspec.structs.replace(LOW_AIR, id=0, letter="B", active=True)])
    assert [shown.table.rows.alarm(row).message for row in range(2)] == [
        "Weld current low",
        "Header pressure low",
    ]
    assert shown.view.lists.line.words.text() == "REPLAY 13:13:46: alarms as they were"
    assert shown.view.tabs.buttons["active"].text() == "Active 2"
    nothing_can_be_done(shown, shown.table.rows.alarm(0))
    assert shown.desk.seen == seen, "what is painted in a replay was not seen as it is"
    shown.tell(HIGH)
    assert len(shown.ids) == 2, "the present does not come into a replay"
    shown.view.set_past(None)
    shown.paint()
    assert shown.ids == [HIGH.id]


def test_blink_rests_while_nothing_waits_and_while_hidden(shown: Desk) -> None:
    assert shown.table.blink.is_needed
    shown.tell(msgspec.structs.replace(HIGH, letter="C", acked=True))
    assert not shown.table.blink.is_needed


# Those who hear, and figures


def test_row_is_read_whole(shown: Desk) -> None:
    index = shown.table.rows.index(0, 0)
    words = shown.table.rows.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("priority 1, 14:13:21, S50 Hydraulics, Pressure high-high")
    assert "active, not acknowledged" in words and "241.6 bar" in words
    lists = shown.view.lists
    named = (shown.table, lists.tree, lists.detail.page, lists.bar.field, *lists.bar.priorities)
    assert all(each.accessibleName() for each in named)
    assert lists.line.all.accessibleName().startswith("Acknowledge page (3): ")


@pytest.mark.parametrize("size", [(884, 400), (1290, 576), (1844, 880), (3764, 1900)])
def test_nothing_is_cut_covered_or_too_small(shown: Desk, size: tuple[int, int], qapp: Any) -> None:
    shown.view.resize(*size)
    shown.tell(HIGH, TIPS, LOW_AIR, flood=Flood(NOW_US - 240_000_000, 14, HIGH.id))
    shown.table.mark(HIGH.id)
    shown.paint()
    assert (shown.view.width(), shown.view.height()) == size
    assert problems(shown.view) == []
    menu = shown.table.visualRect(shown.table.rows.index(0, len(shown.table.rows.columns) - 1))
    assert menu.right() <= shown.table.viewport().width()


def test_ten_thousand_alarms_come_and_only_the_rows_in_sight_are_painted(
    shown: Desk, record_property: Any
) -> None:
    found, slowest = many(10_000), 0.0
    clock = QElapsedTimer()
    for end in range(250, 10_001, 250):
        told = book(*found[:end], flood=Flood(NOW_US, end, found[0].id))
        clock.start()
        shown.desk.take(told)
        slowest = max(slowest, clock.nsecsElapsed() / 1e6)
        clock.start()
        shown.application.processEvents()
        slowest = max(slowest, clock.nsecsElapsed() / 1e6)
    record_property("slowest_callback_ms", round(slowest, 1))
    print(f"slowest of 80 callbacks: {slowest:.1f} ms")
    assert len(shown.ids) == 10_000
    ranks = [(found[each - 1000].priority, -found[each - 1000].since_us) for each in shown.ids]
    assert ranks == sorted(ranks), "in the order of work, all of them"
    shown.desk.seen.clear()
    shown.paint()
    assert 0 < len(shown.desk.seen) <= len(shown.table.page()) + 1
