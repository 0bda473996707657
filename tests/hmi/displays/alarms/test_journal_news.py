"""What comes anew while the journal is read, in a replay, and while the engine is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hmi.displays.alarms.journal import state as journal
from hmi.displays.display import Place
from tests.hmi.displays.alarms.journal_feed import HOUR_US, JournalFeed, change
from tests.hmi.displays.alarms.journal_opened import come, opened, seqs
from tests.hmi.line import PRESS
from tests.hmi.plant import NOW_US

if TYPE_CHECKING:
    from hmi.displays.alarms.journal.page import JournalPage

pytestmark = pytest.mark.screen


@pytest.fixture
def feed() -> JournalFeed:
    return JournalFeed()


@pytest.fixture
def went() -> list[Place]:
    return []


@pytest.fixture
def page(qapp: Any, feed: JournalFeed, went: list[Place]) -> Iterator[JournalPage]:
    with opened(qapp, feed, went) as made:
        yield made


@pytest.fixture
def shown(page: JournalPage, qapp: Any) -> JournalPage:
    page.window().show()
    qapp.processEvents()
    return page


def test_nothing_is_asked_while_it_cannot_be_seen(page: JournalPage, feed: JournalFeed, qapp: Any) -> None:
    page.show_path(PRESS)
    page._timer.timeout.emit()  # noqa: SLF001
    assert feed.sent == []
    page.window().show()
    qapp.processEvents()
    assert feed.pages[0].under == PRESS


def test_news_comes_on_top_while_the_newest_is_on_show(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    come(shown, feed, 3)
    qapp.processEvents()
    assert seqs(shown)[:4] == [63, 62, 61, 60]
    assert shown.count.text().startswith("63 changes")
    assert not shown.bar.news.isVisible()


def test_news_waits_behind_a_button_while_one_reads_further_down(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    shown.table.verticalScrollBar().setValue(500)
    come(shown, feed, 3)
    come(shown, feed, 2)
    qapp.processEvents()
    assert seqs(shown)[0] == 60
    assert shown.table.verticalScrollBar().value() == 500
    assert shown.bar.news.isVisible()
    assert shown.bar.news.text() == "5 new"
    QTest.mouseClick(shown.bar.news, Qt.MouseButton.LeftButton)
    assert seqs(shown)[:6] == [65, 64, 63, 62, 61, 60]
    assert shown.table.verticalScrollBar().value() == 0
    assert not shown.bar.news.isVisible()


def test_scrolling_back_to_the_top_brings_the_news(shown: JournalPage, feed: JournalFeed) -> None:
    shown.table.verticalScrollBar().setValue(500)
    come(shown, feed, 2)
    shown.table.verticalScrollBar().setValue(0)
    assert seqs(shown)[:3] == [62, 61, 60]


def test_no_row_moves_under_a_hand(shown: JournalPage, feed: JournalFeed, qapp: Any) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    QTest.mousePress(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 20))
    come(shown, feed, 2)
    qapp.processEvents()
    assert seqs(shown)[0] == 60
    assert shown.bar.news.text() == "2 new"


def test_selected_row_stays_selected_when_news_comes(shown: JournalPage, feed: JournalFeed) -> None:
    shown.table.selectRow(4)
    come(shown, feed, 3)
    rows = [index.row() for index in shown.table.selectionModel().selectedRows()]
    assert [seqs(shown)[row] for row in rows] == [56]


def test_flood_of_news_begins_the_page_anew_without_a_hole(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    come(shown, feed, 4000)
    qapp.processEvents()
    assert seqs(shown) == list(range(4060, 4060 - len(seqs(shown)), -1))
    assert len(seqs(shown)) >= journal.PAGE


def test_news_is_looked_for_in_a_short_time_alone(shown: JournalPage, feed: JournalFeed) -> None:
    come(shown, feed, 1)
    assert feed.pages[-1].start_us >= NOW_US - journal.SLACK_US - 20_000_000


def test_clock_that_was_set_back_hides_no_news(shown: JournalPage, feed: JournalFeed) -> None:
    feed.now -= HOUR_US
    feed.changes.append(change(61, ago_s=3600))
    shown._timer.timeout.emit()  # noqa: SLF001
    assert seqs(shown)[0] == 61


def test_first_change_ever_comes_into_an_empty_journal(
    page: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    feed.changes = []
    page.window().show()
    qapp.processEvents()
    assert page.stack.currentWidget() is page.empty
    assert page.empty.said.text() == "Nothing happened to an alarm: the last 24 hours."
    feed.changes = [change(1)]
    page._timer.timeout.emit()  # noqa: SLF001
    assert seqs(page) == [1]
    assert page.stack.currentWidget() is page.table


def test_late_answer_to_an_old_filter_is_dropped(shown: JournalPage, feed: JournalFeed) -> None:
    feed.holds = True
    shown.bar.narrow(priorities=(1,))
    shown.bar.narrow(priorities=(3,))
    feed.release()
    assert {each.change.priority for each in shown.table.rows.noted} == {3}


def test_journal_that_cannot_be_read_says_why_and_is_asked_again(
    page: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    feed.refusal = "the event journal is damaged; restart the engine"
    page.window().show()
    qapp.processEvents()
    assert "The event journal is damaged; restart the engine." in page.empty.said.text()
    feed.refusal = ""
    QTest.mouseClick(page.empty.buttons[0], Qt.MouseButton.LeftButton)
    assert len(seqs(page)) == 60


def test_page_says_that_it_reads(page: JournalPage, feed: JournalFeed, qapp: Any) -> None:
    feed.holds = True
    page.window().show()
    qapp.processEvents()
    assert page.empty.said.text() == "Reading the journal…"


def test_silent_engine_leaves_the_rows_and_says_until_when_they_hold(
    shown: JournalPage, feed: JournalFeed
) -> None:
    asked = len(feed.pages)
    shown.set_stalled(True)
    shown._timer.timeout.emit()  # noqa: SLF001
    shown.bar.narrow(priorities=(1,))
    assert len(feed.pages) == asked
    assert len(seqs(shown)) == 60
    assert shown.note.text().startswith("NOT CURRENT: the engine is silent. What happened after 14:13:46")
    assert shown.table.is_old
    assert not shown.bar.export_button.isEnabled()
    shown.set_stalled(False)
    assert {each.change.priority for each in shown.table.rows.noted} == {1}
    assert not shown.note.isVisible()


def test_answer_lost_with_the_engine_is_asked_for_again(shown: JournalPage, feed: JournalFeed) -> None:
    feed.holds = True
    shown.bar.narrow(priorities=(2,))
    shown.set_stalled(True)
    feed.holds = False
    shown.set_stalled(False)
    assert {each.change.priority for each in shown.table.rows.noted} == {2}


def test_replay_shows_the_journal_up_to_its_instant(shown: JournalPage, feed: JournalFeed) -> None:
    at_us = NOW_US - 300 * 1_000_000
    shown.set_past(at_us)
    assert seqs(shown)[0] == 30
    assert shown.note.text() == "REPLAY 14:08:46: the journal up to then."
    come(shown, feed, 2)
    assert seqs(shown)[0] == 30
    shown.set_past(None)
    assert seqs(shown)[0] == 62


def test_replay_that_plays_asks_now_and_then(shown: JournalPage, feed: JournalFeed) -> None:
    from tests.hmi.looking import see

    shown.set_past(NOW_US - 500 * 1_000_000)
    asked = len(feed.pages)
    for second in range(50):
        shown.set_past(NOW_US - (499 - second) * 1_000_000)
    assert len(feed.pages) == asked
    see(lambda: len(feed.pages) == asked + 1)
    assert feed.pages[-1].end_us == NOW_US - 450 * 1_000_000 + 1


def test_hidden_page_asks_nothing_and_goes_on_when_seen(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    shown.hide()
    assert not shown._timer.isActive()  # noqa: SLF001
    asked = len(feed.pages)
    come(shown, feed, 2)
    assert len(feed.pages) == asked
    shown.show()
    qapp.processEvents()
    assert seqs(shown)[:2] == [62, 61]
