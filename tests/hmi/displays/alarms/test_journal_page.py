"""The journal as a page: pages as one scrolls, filters, and ways on from a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hmi import typed_time
from hmi.displays.alarms.journal import state as journal
from hmi.displays.display import REPLAY, Place
from tests.hmi.displays.alarms.journal_feed import HOUR_US, JournalFeed, change, many
from tests.hmi.displays.alarms.journal_opened import opened, seqs
from tests.hmi.line import AIR, PRESSURE
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


def menu_words(page: JournalPage, row: int) -> dict[str, Any]:
    return {line.text: line for line in page.menu_of(page.table.rows.noted[row])}


def test_newest_stands_on_top_and_all_are_counted(shown: JournalPage, feed: JournalFeed) -> None:
    assert seqs(shown) == [each.seq for each in reversed(feed.changes)]
    assert shown.count.text().startswith("60 changes · the last 24 hours")
    assert shown.table.rows.noted[0].before == feed.changes[-5].letter


def test_older_rows_come_before_the_end_is_reached(shown: JournalPage, feed: JournalFeed, qapp: Any) -> None:
    feed.changes = many(2300)
    shown.bar.narrow(text="")
    shown._begin()  # noqa: SLF001
    assert len(seqs(shown)) == journal.PAGE
    qapp.processEvents()
    bar = shown.table.verticalScrollBar()
    while len(seqs(shown)) < 2300:
        before = len(seqs(shown))
        bar.setValue(bar.maximum() - 100 * 42)
        qapp.processEvents()
        assert len(seqs(shown)) > before
    assert seqs(shown) == list(range(2300, 0, -1))
    asked = len(feed.pages)
    bar.setValue(bar.maximum())
    assert len(feed.pages) == asked


def test_only_one_page_is_on_its_way_however_fast_one_scrolls(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    feed.changes = many(3000)
    shown._begin()  # noqa: SLF001
    qapp.processEvents()
    feed.holds = True
    asked = len(feed.pages)
    for _ in range(20):
        bar = shown.table.verticalScrollBar()
        bar.setValue(bar.maximum())
        bar.setValue(bar.maximum() - 50)
    assert len(feed.pages) == asked + 1
    feed.release()
    assert len(seqs(shown)) >= 2 * journal.PAGE


@pytest.mark.parametrize(
    ("narrowed", "kept"),
    [
        ({"priorities": (1,)}, lambda each: each.priority == 1),
        ({"kinds": ("l", "off")}, lambda each: each.kind in ("l", "off")),
        ({"whats": ("acknowledged",)}, lambda each: each.what == "acknowledged"),
        ({"under": "Utilities"}, lambda each: each.path == AIR),
        ({"text": "maria"}, lambda each: each.by == "Maria"),
        ({"span": "1h"}, lambda each: each.time_us >= NOW_US - HOUR_US),
    ],
)
def test_filter_lets_through_what_it_says(
    shown: JournalPage, feed: JournalFeed, narrowed: dict[str, Any], kept: Any
) -> None:
    feed.changes = many(400, every_s=30)
    shown.bar.narrow(**narrowed)
    expected = [each.seq for each in reversed(feed.changes) if kept(each)]
    assert 0 < len(expected) < 400
    assert seqs(shown) == expected


def test_hands_on_the_bar_make_the_filter(shown: JournalPage, feed: JournalFeed, qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.mouseClick(shown.bar.priorities[1], Qt.MouseButton.LeftButton)
    QTest.mouseClick(shown.bar.span.buttons["8h"], Qt.MouseButton.LeftButton)
    shown.bar.whats.actions_of["active"].trigger()
    shown.bar.whats.actions_of["note"].trigger()
    shown.bar.kinds.actions_of["h"].trigger()
    QTest.keyClicks(shown.bar.field, "weld")
    QTest.keyClick(shown.bar.field, Qt.Key.Key_Return)
    asked = feed.pages[-1]
    assert (asked.priorities, asked.whats, asked.kinds, asked.text) == (
        (2,),
        ("active", "note"),
        ("h",),
        "weld",
    )
    assert asked.start_us == NOW_US - 8 * HOUR_US
    assert shown.bar.whats.text() == "Came +1"
    QTest.mouseClick(shown.bar.clear, Qt.MouseButton.LeftButton)
    assert journal.parts(shown.bar.wanted) == []
    assert shown.bar.wanted.span == "8h"
    assert shown.bar.whats.text() == "Anything"
    assert shown.bar.field.text() == ""


def test_letters_are_asked_for_when_the_typing_rests(shown: JournalPage, feed: JournalFeed) -> None:
    from PySide6.QtTest import QTest

    from tests.hmi.looking import see

    QTest.keyClicks(shown.bar.field, "pump")
    assert not any(each.text for each in feed.pages)
    see(lambda: feed.pages[-1].text == "pump")
    assert {each.text for each in feed.pages} == {"", "pump"}


def test_own_time_is_agreed_on_a_sheet(shown: JournalPage, feed: JournalFeed) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.mouseClick(shown.bar.span.buttons["own"], Qt.MouseButton.LeftButton)
    assert shown.times.isVisible()
    assert shown.bar.span.picked == "24h"
    shown.times.start.setText("2026-11-22 14:05")
    shown.times.end.setText("nonsense")
    assert not shown.times.button.isEnabled()
    shown.times.end.setText("2026-11-22 14:10")
    QTest.mouseClick(shown.times.button, Qt.MouseButton.LeftButton)
    assert not shown.times.isVisible()
    assert shown.bar.span.picked == "own"
    start_us = typed_time.written("2026-11-22 14:05", "Europe/Berlin")
    assert (feed.pages[-1].start_us, feed.pages[-1].end_us) == (start_us, (start_us or 0) + 300_000_000)
    assert 0 < len(seqs(shown)) < 60


def test_empty_list_says_which_part_of_the_filter_hides(
    shown: JournalPage, feed: JournalFeed, qapp: Any
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    shown.bar.narrow(priorities=(3,), text="weld")
    text = shown.empty.said.text()
    assert "Nothing fits: the last 24 hours · priority 3 · “weld”." in text
    assert "Without priority 3: 15 changes." in text
    assert "Without “weld”: 15 changes." in text
    words = [button.text() for button in shown.empty.buttons]
    assert words == ["Leave out priority 3", "Leave out “weld”"]
    qapp.processEvents()
    QTest.mouseClick(shown.empty.buttons[0], Qt.MouseButton.LeftButton)
    assert {each.change.path.rpartition("/")[2] for each in shown.table.rows.noted} == {"Weld current"}
    assert not any(button.isChecked() for button in shown.bar.priorities)


def test_double_tap_and_return_draw_the_trend_at_that_time(shown: JournalPage, went: list[Place]) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    row = next(at for at, each in enumerate(shown.table.rows.noted) if each.change.path == PRESSURE)
    noted = shown.table.rows.noted[row].change
    shown.table.selectRow(row)
    QTest.keyClick(shown.table, Qt.Key.Key_Return)
    place = shown.table.visualRect(shown.table.rows.index(row, 4)).center()
    QTest.mouseDClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert went == [Place("trends", PRESSURE, noted.source_us)] * 2


def test_row_menu_leads_on(shown: JournalPage, feed: JournalFeed, went: list[Place]) -> None:
    noted = shown.table.rows.noted[0].change
    assert noted.path == PRESSURE
    found = menu_words(shown, 0)
    found["Go to its display"].act()
    found["Replay 14:13:46"].act()
    found["Trend at 14:13:46"].act()
    assert went == [
        Place("unit", PRESSURE),
        Place(REPLAY, str(noted.time_us)),
        Place("trends", PRESSURE, noted.source_us),
    ]
    found["Only this alarm"].act()
    assert feed.pages[-1].alarms == (1,)
    assert shown.bar.alarm.isVisible()
    assert shown.bar.alarm.text().startswith("Pressure high-high")
    assert {each.change.alarm for each in shown.table.rows.noted} == {1}
    assert not menu_words(shown, 0)["Only this alarm"].is_enabled
    shown.bar.alarm.click()
    assert len(seqs(shown)) == 60


def test_menu_button_of_a_row_opens_under_it(
    shown: JournalPage, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from hmi.displays.alarms.journal.words import COLUMNS

    opened: list[int] = []
    shown.table.menu.disconnect()
    shown.table.menu.connect(lambda row, at: opened.append(row))
    index = shown.table.rows.index(3, COLUMNS.index("menu"))
    place = shown.table.visualRect(index).center()
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == [3]


def test_alarm_of_a_link_goes_to_its_source(shown: JournalPage, feed: JournalFeed, went: list[Place]) -> None:
    feed.changes.append(change(61, path="press", kind="link", message="No connection to press"))
    shown._timer.timeout.emit()  # noqa: SLF001
    assert not menu_words(shown, 0)["Trend at 14:13:46"].is_enabled
    shown.table.opened.emit(0)
    assert went == [Place("system", "press")]


def test_rows_are_copied_as_a_sheet_takes_them(shown: JournalPage) -> None:
    from PySide6.QtGui import QGuiApplication

    shown.table.selectRow(0)
    shown.table.copy()
    head, line = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[2] == "What happened"
    assert line.split("\t")[0] == "2026-11-22 14:13:46"
    assert len(line.split("\t")) == len(head.split("\t"))


def test_list_that_is_full_goes_on_from_its_end(
    shown: JournalPage, feed: JournalFeed, qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hmi.displays.alarms.journal import reader as journal_reader

    monkeypatch.setattr(journal_reader, "MOST_ROWS", 1000)
    monkeypatch.setattr(journal, "MOST_ROWS", 1000)
    feed.changes = many(2500)
    shown._begin()  # noqa: SLF001
    bar = shown.table.verticalScrollBar()
    for _ in range(5):
        bar.setValue(bar.maximum())
        qapp.processEvents()
    assert seqs(shown) == list(range(2500, 1500, -1))
    assert shown.older.isVisible()
    assert "there are older ones" in shown.note.text()
    shown.older.click()
    assert seqs(shown)[0] == 1501
    assert shown.bar.span.picked == "own"


def test_rows_have_names_for_those_who_hear_them(shown: JournalPage) -> None:
    from PySide6.QtCore import Qt

    said = shown.table.rows.data(shown.table.rows.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "Pressure high-high" in said
    assert "priority 1" in said
    for button in (*shown.bar.span.buttons.values(), shown.bar.whats, shown.bar.kinds, shown.bar.clear):
        assert button.accessibleName()


def test_narrow_page_drops_what_is_least_needed(shown: JournalPage, qapp: Any) -> None:
    from hmi.displays.alarms.journal.table import widths
    from hmi.theme import load_theme

    look = load_theme("light")
    assert "limit" in widths(1800, look)
    narrow = widths(900, look)
    assert "limit" not in narrow
    assert {"time", "badge", "what", "message", "menu"} <= narrow.keys()
    for room in (1000, 1266, 1820):
        assert sum(widths(room, look).values()) <= room
