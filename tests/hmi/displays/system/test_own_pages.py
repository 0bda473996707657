"""Engine, history and data quality on System as widgets: what is shown, what a tap does, what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi.displays.display import Place
from hmi.displays.system import quality_state
from hmi.displays.system.quality_state import PAGE_US, TILE_US
from hmi.displays.system.view import SystemView
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.top_bar import TopBar
from hmi.shell.window import Window
from tests.hmi.displays.system.kept import HEADER, OIL, PRESSURE, SCORES, history, score, troubled_history
from tests.hmi.displays.system.page import button, seen, view_of
from tests.hmi.plant import PROJECT, source
from tests.hmi.sources import LINE, SourceFeed, engine, secured
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
ENGINE, QUALITY = 1, 2


@pytest.fixture
def view(window: Window, feed: SourceFeed) -> SystemView:
    """System with a history and scores, the page of a source on show."""
    feed.scores = SCORES
    feed.sent.clear()
    window.set_plant(PROJECT)
    window.set_engine(engine())
    window.set_history(history())
    return view_of(window)


def tap(view: SystemView, row: int) -> None:
    """Tap a row of the table of scores."""
    table = view.quality.table
    spot = table.visualRect(table.texts.index(row, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def scores_asked(feed: SourceFeed) -> int:
    """How often the engine was asked for scores."""
    return sum(name == "scores" for name, _ in feed.sent)


def test_tap_on_the_lines_below_the_sources_opens_their_pages_and_a_source_comes_back(
    window: Window, view: SystemView
) -> None:
    own = view.own
    for place, page in ((0, view.engine_page), (1, view.quality)):
        spot = own.visualRect(own.sources.index(place)).center()
        QTest.mouseClick(own.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        assert page.isVisible() and not view.page.isVisible()
        assert not view.list.currentIndex().isValid(), "one thing is chosen, not two"
    chosen = next(n for n, row in enumerate(view.list.sources.rows) if row.id == "press")
    spot = view.list.visualRect(view.list.sources.index(chosen)).center()
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert view.page.isVisible() and not own.currentIndex().isValid()
    assert view.page.head.headline.text().startswith("Connected and encrypted")


def test_source_that_was_open_before_comes_back_by_a_tap(window: Window, view: SystemView) -> None:
    window.show_source("press")
    view.show_page(QUALITY)
    window.show_source("press")
    assert view.page.isVisible() and view.list.currentIndex().isValid()


def test_keys_turn_the_pages(window: Window, view: SystemView) -> None:
    window.activateWindow()
    view.setFocus()
    order: list[bool] = []
    for _ in range(7):
        QTest.keyClick(view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        order.append(view.quality.isVisible())
    assert order == [False, True, False, False, False, False, False]
    assert view.page.isVisible()
    QTest.keyClick(view, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert view.models.isVisible() and view.own.hasFocus()


def test_history_shows_room_figures_and_what_keeps_it_safe(window: Window, view: SystemView) -> None:
    view.show_page(ENGINE)
    block = view.history
    assert not block.trouble.isVisible()
    assert block.bar.part == pytest.approx(0.248) and not block.bar.is_dark
    assert block.room.text() == "12.4\u202fGB of 50\u202fGB used, lasts 41 days at this rate."
    assert block.grid.texts["Availability"] == "99.98 % over 30 days, down 7 min in 3 stretches"
    assert view.engine.grid.texts["Memory"] == "143 MB"


def test_trouble_of_the_history_stands_first_and_in_the_top_bar(window: Window, view: SystemView) -> None:
    chip = window.findChildren(TopBar)[0].engine_chip
    assert not chip.isVisible()
    window.set_history(troubled_history())
    assert chip.isVisible() and chip.words == "needs a look" and not chip.is_well
    assert "12 400 samples were lost" in chip.toolTip()
    assert view.own.sources.rows[0].mark == "look"
    view.show_page(ENGINE)
    assert view.history.trouble.isVisible() and view.history.bar.is_dark
    assert view.history.trouble.y() < view.history.bar.y()
    chip.click()
    popup = window.findChildren(SourcesPopup)[0]
    assert any("the disk with the history is full" in text for text in popup.texts)
    popup.close()
    window.set_engine(engine(trouble="the clock jumped"))
    assert chip.toolTip().startswith("the clock jumped; the disk with the history is full")
    window.set_history(history())
    assert chip.isVisible() and chip.toolTip() == "the clock jumped"
    window.set_engine(engine())
    assert not chip.isVisible()


def test_display_that_is_opened_late_is_told_of_the_history(qapp: Any, window: Window) -> None:
    window.set_history(history())
    other = Window(window.theme, SourceFeed(), PROJECT.plant)
    try:
        other.set_history(history())
        other.set_plant(PROJECT)
        other.show()
        other.show_display("system")
        late = view_of(other)
        late.show_page(ENGINE)
        assert late.history.grid.texts["Lost"] == "0 samples"
    finally:
        other.close()
        other.deleteLater()


def test_history_nobody_has_told_of_yet_says_so(window: Window) -> None:
    view = view_of(window)
    view.show_page(ENGINE)
    assert "Waiting for the engine to tell." in seen(view)
    assert not view.history.bar.isVisible()


def test_nothing_of_it_looks_current_while_the_engine_is_silent(
    window: Window, view: SystemView, feed: SourceFeed
) -> None:
    view.show_page(ENGINE)
    window.set_history(troubled_history())
    window.set_stalled("since 14:13:46: the engine is gone")
    for block in (view.history, view.engine):
        assert "These are its last figures" in block.trouble.text()
    assert not view.history.bar.is_dark
    assert {row.mark for row in view.own.sources.rows} == {"unknown"}
    view.show_page(QUALITY)
    assert view.quality.news.text() == "The engine does not answer. These are its last scores."
    assert view.quality.table.property("look") == "old"
    feed.sent.clear()
    feed.now += TILE_US
    window.set_engine(engine())
    assert feed.sent == []
    window.set_stalled(None)
    window.set_engine(engine())
    assert scores_asked(feed) == 1
    assert not view.quality.news.isVisible()


def test_scores_are_asked_once_a_minute_on_their_page_rarely_beside_it_and_never_unseen(
    window: Window, view: SystemView, feed: SourceFeed
) -> None:
    assert scores_asked(feed) == 1
    feed.now += PAGE_US
    window.set_engine(engine())
    assert scores_asked(feed) == 1, "only its line can be seen"
    view.show_page(QUALITY)
    assert scores_asked(feed) == 2
    feed.now += PAGE_US - 1
    window.set_engine(engine())
    assert scores_asked(feed) == 2
    feed.now += 1
    window.set_engine(engine())
    assert scores_asked(feed) == 3
    view.show_page(0)
    feed.now += TILE_US - 1
    window.set_engine(engine())
    assert scores_asked(feed) == 3
    feed.now += 1
    window.show_display("overview")
    window.set_engine(engine())
    assert scores_asked(feed) == 3
    window.show_display("system")
    assert scores_asked(feed) == 4


def test_slow_engine_is_asked_for_scores_one_question_at_a_time(
    window: Window, view: SystemView, feed: SourceFeed
) -> None:
    feed.is_slow = True
    view.show_page(QUALITY)
    for _ in range(4):
        feed.now += PAGE_US
        window.set_engine(engine())
    assert scores_asked(feed) == 2
    late = feed.waiting.pop()
    window.set_plant(PROJECT)
    window.set_engine(engine())
    assert scores_asked(feed) == 3, "an answer of the old engine is not waited for"
    late()
    assert view.quality.table.texts.rowCount() == 0, "and not shown"
    feed.waiting.pop()()
    assert view.quality.table.texts.rowCount() == 4


def test_loading_error_and_rubbish_are_said_in_words(
    window: Window, view: SystemView, feed: SourceFeed
) -> None:
    feed.is_slow = True
    window.set_plant(PROJECT)
    view.show_page(QUALITY)
    assert view.quality.calm.text().startswith("The engine looks at the samples of the last hour")
    assert not view.quality.table.isVisible()
    feed.errors["scores"] = "the history cannot be read"
    feed.waiting.pop()()
    assert view.quality.calm.text() == ("The history cannot be read. It is asked again within a minute.")
    del feed.errors["scores"]
    feed.scores, feed.is_slow = {"tags": 5}, False
    feed.now += PAGE_US
    window.set_engine(engine())
    assert "is it of another version?" in view.quality.calm.text()
    feed.scores = SCORES
    feed.now += PAGE_US
    window.set_engine(engine())
    assert view.quality.table.isVisible() and not view.quality.calm.isVisible()
    feed.errors["scores"] = "the history cannot be read"
    feed.now += PAGE_US
    window.set_engine(engine())
    assert view.quality.news.text() == "The history cannot be read. These scores are older."
    assert view.quality.table.isVisible()


def test_levels_filter_and_sorting_keep_to_the_table(window: Window, view: SystemView) -> None:
    view.show_page(QUALITY)
    assert [cells[0] for cells in view.quality.table.texts.rows][0] == "Body shop/S50"
    button(view, "Devices 2").click()
    assert [cells[0] for cells in view.quality.table.texts.rows] == ["press", "line"]
    button(view, "Tags 4").click()
    QTest.keyClicks(view.quality.filter, "pressure")
    assert [cells[0] for cells in view.quality.table.texts.rows] == [PRESSURE, HEADER]
    view.quality.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [cells[1] for cells in view.quality.table.texts.rows] == ["98 %", "71 %"]
    view.quality.filter.setText("nothing like it")
    assert not view.quality.table.isVisible()
    assert view.quality.calm.text().startswith("Nothing here contains")


def test_tap_on_a_tag_opens_its_faceplate(window: Window, view: SystemView) -> None:
    view.show_page(QUALITY)
    button(view, "Tags 4").click()
    tap(view, 1)
    assert window.place.display == "unit"
    assert window.faceplate.isVisible() and window.faceplate.path == OIL


def test_tap_on_a_device_opens_its_page_and_on_an_area_its_display(window: Window, view: SystemView) -> None:
    view.show_page(QUALITY)
    button(view, "Devices 2").click()
    tap(view, 0)
    assert view.page.isVisible() and view.list.sources.rows[view.list.currentIndex().row()].id == "press"
    view.show_page(QUALITY)
    button(view, "Areas 4").click()
    tap(view, 0)
    assert window.place == Place("unit", "Body shop/S50")
    window.show_display("system")
    tap(view, 1)
    assert window.place.display == "overview"


def test_key_opens_a_line_and_ctrl_with_a_tap_only_selects_it(window: Window, view: SystemView) -> None:
    view.show_page(QUALITY)
    button(view, "Tags 4").click()
    table = view.quality.table
    spot = table.visualRect(table.texts.index(1, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, spot)
    assert window.place.display == "system"
    drawn: list[str] = []
    view.quality.drawn.connect(drawn.append)
    button(view, "Show in Trends").click()
    assert drawn == [OIL]
    assert window.place.display == "trends"
    window.show_display("system")
    table.setCurrentIndex(table.texts.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert window.place.display == "unit" and window.faceplate.path == PRESSURE


def test_selection_and_scroll_survive_new_scores(window: Window, view: SystemView, feed: SourceFeed) -> None:
    view.show_page(QUALITY)
    button(view, "Tags 4").click()
    view.quality.table.selectRow(2)
    feed.scores = type(SCORES)(SCORES.tags[1:], SCORES.devices, SCORES.areas)
    feed.now += PAGE_US
    window.set_engine(engine())
    rows = view.quality.table.selectionModel().selectedRows()
    assert [view.quality.table.texts.rows[each.row()][0] for each in rows] == [HEADER]


def test_thousands_of_scores_cost_nothing_while_nothing_changes(
    window: Window, view: SystemView, feed: SourceFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(
        score(f"Line/S{n % 9}0/Device {n}/Value", "late by 3 s", timely=n / 5000) for n in range(5000)
    )
    feed.scores = type(SCORES)(many, SCORES.devices, SCORES.areas)
    view.show_page(QUALITY)
    feed.now += PAGE_US
    window.set_engine(engine())
    button(view, "Tags 5\u202f000").click()
    assert view.quality.table.texts.rowCount() == 5000
    worked_out: list[str] = []
    monkeypatch.setattr(quality_state, "why", worked_out.append)
    monkeypatch.setattr(quality_state, "percent", worked_out.append)
    for _ in range(3):
        window.set_sources([LINE, secured()])
        window.set_engine(engine())
        window.set_history(history())
    assert worked_out == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", [(1024, 640), (1366, 768), (1920, 1080), (3840, 2160)])
def test_every_page_stands_in_every_window(
    window: Window, view: SystemView, qapp: Any, size: tuple[int, int], look: str
) -> None:
    window.set_theme(look)
    window.resize(*size)
    window.set_sources([*(source(f"plc {n}") for n in range(12)), LINE, secured()])
    window.set_history(troubled_history())
    for page in range(3):
        view.show_page(page)
        for _ in range(4):
            qapp.processEvents()
        assert problems(window) == []
    button(view, "Tags 4").click()
    for _ in range(3):
        qapp.processEvents()
    assert problems(window) == []
    assert view.own.verticalScrollBar().maximum() == 0, "both lines can be seen whole"
    assert view.list.height() >= 60, "a source can be seen as well"
