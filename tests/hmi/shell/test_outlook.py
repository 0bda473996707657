"""What is foreseen on the faceplate, in the top bar and on the displays; never as current when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.types import Episode
from hmi import theme
from hmi.displays.display import Place
from hmi.displays.overview.tile import TileWidget
from hmi.displays.twin.view import TwinView
from hmi.displays.unit.head import Head
from hmi.shell.faceplate import EDGE_PX, Faceplate
from hmi.shell.foreseen_chip import ForeseenChip
from hmi.shell.window import Window
from hmi.widgets.alarm_badge import AlarmBadge
from tests.hmi.booked import tell
from tests.hmi.foreseen import ABNORMAL, DEGRADED, HYDRAULICS, LIFE, NONE, OLD, WATCH, book, outlook
from tests.hmi.gate import KNOWN, MAY, VALUES, GateFeed
from tests.hmi.gate import book as writes
from tests.hmi.line import HIGH, PRESS, WELD
from tests.hmi.plant import NOW_US, snapshot
from tests.hmi.shell.gated import gated, past_feed
from tests.hmi.shell.parts import part
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
ROBOT = WELD.rpartition("/")[0]
MAINTAINER = replace(KNOWN, actions=frozenset({*MAY, "annotate"}))


@pytest.fixture
def feed() -> GateFeed:
    return past_feed()


@pytest.fixture
def shown(qapp: QApplication, feed: GateFeed) -> Iterator[Window]:
    """A window with its faceplate on the hydraulics and a person who may judge warnings."""
    with gated(qapp, feed, 1366, 768) as made:
        tell(made)
        made.set_who(MAINTAINER)
        made.set_control(writes())
        made.on_numbers(snapshot(VALUES))
        made.go(Place("unit", PRESS))
        made.go(Place("", HYDRAULICS))
        qapp.processEvents()
        yield made


def title(window: Window) -> str:
    return window.faceplate.outlook.title.text()


def count(window: Window) -> str:
    chip = part(window, ForeseenChip)
    return chip.words if chip.isVisible() else ""


def is_bare(window: Window) -> bool:
    """Nothing of a prediction can be seen on the faceplate but its one sentence."""
    face = window.faceplate.outlook
    marks = (face.mark, face.bars, face.tags, face.story, face.more, face.abnormal, face.right, face.wrong)
    return not any(each.isVisible() for each in marks)


def test_before_the_engine_told_nothing_is_claimed(shown: Window) -> None:
    assert title(shown) == "No prediction: the engine has not told of any yet." and is_bare(shown)
    shown.set_outlooks(book())
    assert title(shown) == "Only limits watch this asset." and is_bare(shown)


def test_act_is_marked_on_the_faceplate_the_bar_and_the_unit(shown: Window) -> None:
    shown.set_outlooks(book(outlook(abnormal=ABNORMAL)))
    face = shown.faceplate.outlook
    assert title(shown) == "Act: the press seal fails within 48\u00a0h"
    assert face.mark.isVisible() and face.mark.tier == "act"
    assert face.bars.accessibleName().startswith("Pressure: 241.6")
    assert face.tags.isVisible() and "no claim" in face.abnormal.text()
    assert count(shown) == "1 foreseen"
    badge = part(shown, Head).findChildren(AlarmBadge)[0].badge
    assert badge is not None and badge.is_foreseen and badge.priority == 0


def test_watch_is_for_maintenance_it_reaches_no_badge_of_the_operator(shown: Window) -> None:
    shown.set_outlooks(book(WATCH))
    assert title(shown).startswith("Watch: ") and shown.faceplate.outlook.mark.tier == "watch"
    assert count(shown) == ""
    assert part(shown, Head).findChildren(AlarmBadge)[0].badge is None
    shown.show_display("overview")
    assert not any("predicted" in each.accessibleName() for each in shown.findChildren(TileWidget))


def test_overview_marks_the_tile_beside_its_alarm_and_the_alarm_stays_what_it_is(shown: Window) -> None:
    shown.show_display("overview")
    shown.set_alarms([HIGH])
    shown.set_outlooks(book(outlook()))
    said = {each.tile.path: each.accessibleName() for each in shown.findChildren(TileWidget)}
    assert "trouble predicted, 1 alarm, priority 1" in said[PRESS]
    assert not any("predicted" in text for path, text in said.items() if path != PRESS)


def test_twin_gets_both_tiers_also_when_it_is_opened_later(shown: Window) -> None:
    shown.set_outlooks(book(outlook(), outlook(asset=ROBOT, tier="watch", episode=9)))
    shown.show_display("twin")
    twin = shown.deck.view_widget
    assert isinstance(twin, TwinView)
    tiers = {row.path: row.predicted for row in twin.assets.rows}
    assert tiers[PRESS] == "act" and "watch" in tiers.values()


def test_what_is_no_prediction_shows_words_and_no_mark_and_what_is_degraded_says_why(shown: Window) -> None:
    for given, words in ((NONE, "No prediction: "), (OLD, "Withdrawn: ")):
        shown.set_outlooks(book(given))
        assert title(shown).startswith(words) and is_bare(shown) and count(shown) == ""
    shown.set_outlooks(book(DEGRADED))
    assert "Worth less than usual: variant was good" in shown.faceplate.outlook.cautions.text()


def test_it_is_withdrawn_by_itself_when_its_time_is_over(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(book(outlook()))
    feed.now = NOW_US + 7_141_000_000
    shown.second.emit()
    assert count(shown) == "" and title(shown).startswith("Withdrawn: ") and is_bare(shown)


def test_silent_engine_withdraws_everything_at_once_and_back_it_is_there_again(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    shown.set_stalled("since 14:13:46: the engine is gone")
    assert title(shown) == "Withdrawn: the engine does not answer." and is_bare(shown)
    assert count(shown) == ""
    assert part(shown, Head).findChildren(AlarmBadge)[0].badge is None
    shown.set_stalled(None)
    assert title(shown).startswith("Act: ") and count(shown) == "1 foreseen"


def test_replay_shows_nothing_of_now_as_of_then(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    shown.command("replay")
    assert shown.deck.is_past
    assert title(shown).startswith("Not replayed: ") and is_bare(shown) and count(shown) == ""
    shown.set_outlooks(book(outlook(p48=0.95)))
    assert title(shown).startswith("Not replayed: ") and count(shown) == ""
    shown.command("live")
    assert title(shown).startswith("Act: ") and count(shown) == "1 foreseen"


def test_unit_names_what_is_foreseen_within_it(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    shown.go(Place("", PRESS))
    face = shown.faceplate.outlook
    assert title(shown) == "Only limits watch this asset."
    assert face.within.isVisible() and face.within.text() == "Within it: Hydraulics (Act)."


def test_chip_leads_to_the_asset_and_asks_which_of_several(shown: Window, qapp: QApplication) -> None:
    shown.show_display("overview")
    shown.set_outlooks(book(outlook()))
    QTest.mouseClick(part(shown, ForeseenChip), Qt.MouseButton.LeftButton)
    assert shown.place.display == "unit" and shown.faceplate.path == HYDRAULICS
    shown.set_outlooks(book(outlook(), outlook(asset=ROBOT, since_us=1, episode=9)))
    QTest.mouseClick(part(shown, ForeseenChip), Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and count(shown) == "2 foreseen"
    first = menu.actions()[0]
    assert first.text().startswith(f"{ROBOT.replace('/', ' › ')}: Act: "), "the longest known first"
    menu.close()
    first.trigger()
    assert shown.faceplate.path == ROBOT


def test_hidden_faceplate_asks_for_nothing_and_its_clock_stands(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    face = shown.faceplate.outlook
    shown.faceplate.leave()
    shown.set_outlooks(book(WATCH))
    assert face.block is not None and face.block.tier == "act", "not worked out while nobody sees it"
    shown.go(Place("", HYDRAULICS))
    assert face.block.tier == "watch"


def judge(window: Window, is_right: bool, reason: str) -> None:
    face = window.faceplate.outlook
    (face.right if is_right else face.wrong).click()
    assert face.sheet is not None
    face.sheet.reason.setText(reason)
    face.sheet.button.click()


def test_warning_is_judged_with_a_reason_and_that_is_said(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(book(outlook()))
    face = shown.faceplate.outlook
    face.right.click()
    assert face.sheet is not None and not face.sheet.button.isEnabled(), "a reason makes it a label"
    assert HYDRAULICS.replace("/", " › ") in face.sheet.about.text()
    face.sheet.leave()
    judge(shown, False, " nothing found ")
    body = feed.sent[-1].body
    assert feed.ops == ["verdict"]
    assert (body["episode"], body["is_right"], body["reason"]) == (7, False, "nothing found")
    feed.answer(Episode(7, HYDRAULICS, "act", "press-48h", "1.2.0", NOW_US, outcome="dismissed"))
    assert face.sheet is None and face.said.text() == "Noted: it was wrong."
    assert not face.right.isVisible() and not face.wrong.isVisible()


def test_what_was_noted_of_a_warning_leaves_with_it(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(book(outlook()))
    judge(shown, True, "worn")
    feed.answer(Episode(7, HYDRAULICS, "act", "press-48h", "1.2.0", NOW_US, outcome="right"))
    said = shown.faceplate.outlook.said
    shown.set_outlooks(book(outlook(episode=0)))
    assert said.text() == "Noted: the warning was right.", "the warning still stands above it"
    shown.set_outlooks(book(outlook(tier="", episode=0)))
    assert said.text() == "" and not said.isVisible()


def test_refusal_stands_in_the_sheet_and_the_reason_is_kept(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(book(outlook()))
    judge(shown, True, "worn")
    feed.refuse("the hydraulics failed after warning 7: it was right, whatever is said")
    sheet = shown.faceplate.outlook.sheet
    assert sheet is not None and sheet.said.text().startswith("The hydraulics failed after warning 7")
    assert sheet.reason.text() == "worn" and sheet.button.isEnabled()


def test_who_may_not_judge_reads_why(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    shown.set_who(KNOWN)
    face = shown.faceplate.outlook
    assert not face.right.isEnabled() and not face.wrong.isEnabled()
    assert face.why.text() == "Your role has not the right “annotate”."


def test_open_question_closes_when_nothing_can_be_said_any_more(shown: Window) -> None:
    shown.set_outlooks(book(outlook()))
    face = shown.faceplate.outlook
    for begin, end in (
        (lambda: shown.set_who(KNOWN), lambda: shown.set_who(MAINTAINER)),
        (lambda: shown.set_stalled("since 14:13:46: the engine is gone"), lambda: shown.set_stalled(None)),
        (lambda: shown.command("replay"), lambda: shown.command("live")),
    ):
        face.wrong.click()
        assert face.sheet is not None
        begin()
        assert face.sheet is None
        end()


def test_answer_after_the_question_was_left_is_still_noted(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(book(outlook()))
    judge(shown, True, "worn")
    face = shown.faceplate.outlook
    assert face.sheet is not None
    face.sheet.leave()
    feed.answer(Episode(7, HYDRAULICS, "act", "press-48h", "1.2.0", NOW_US, outcome="right"))
    assert face.said.text() == "Noted: the warning was right."


def test_every_theme_fits_a_laptop_and_a_large_screen(shown: Window, qapp: QApplication) -> None:
    shown.set_outlooks(book(outlook(abnormal=ABNORMAL, degraded=("variant is missing",), rul=LIFE.rul)))
    face = shown.faceplate
    for size in ((1366, 768), (1920, 1400)):
        shown.resize(*size)
        for name in theme.NAMES:
            shown.set_theme(name)
            qapp.processEvents()
            assert face.outlook.width() <= face.width() - 2 * EDGE_PX
            assert problems(shown, over=(Faceplate,)) == []
