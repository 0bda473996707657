"""The window: what it shows when all is well, when something is old, and when the engine is silent."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView

from engine.types import EngineStatus, Plant, Snapshot, Tag
from hmi import theme
from hmi.displays.overview import state as overview
from hmi.displays.overview.view import OverviewView
from hmi.shell.help import Help
from hmi.shell.search import Search
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.stall_bar import StallBar, StallFrame
from hmi.shell.window import Window
from hmi.widgets.link_chip import LinkChip
from tests.hmi.conftest import collect
from tests.hmi.pixels import is_colour, picture, white_part
from tests.hmi.plant import BAD, NOW_US, PLANT, STALE, TAGS, PlantFeed, snapshot, source, tag

pytestmark = pytest.mark.screen
STALLED = "since 14:13:46: the engine is gone; starting it (attempt 2)"


def view_of(window: Window) -> OverviewView:
    """The overview of a window."""
    return window.findChildren(OverviewView)[0]


def tiles_of(window: Window) -> QListView:
    """The grid of tiles."""
    return next(each for each in window.findChildren(QListView) if each.accessibleName() == "Tags")


def words_of(window: Window) -> list[str]:
    """What a screen reader says of every tile."""
    model = tiles_of(window).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]


def tile_picture(window: Window, row: int) -> Any:
    """The pixels of one tile."""
    tiles = tiles_of(window)
    return picture(tiles.viewport().grab(tiles.visualRect(tiles.model().index(row, 0))))


def test_good_value_is_drawn_in_the_colour_of_live_values(window: Window) -> None:
    window.on_numbers(snapshot())
    assert words_of(window)[0] == "S50 › Press, Pressure: 218.6 bar, good"
    assert is_colour(tile_picture(window, 1), window.theme.colour.live).sum() > 100


def test_stale_value_is_hatched_and_loses_the_colour_of_live_values(window: Window) -> None:
    window.on_numbers(snapshot())
    hatch = window.theme.colour.hatch
    with_range, without_range = 1, 2
    before = [is_colour(tile_picture(window, row), hatch, 12).sum() for row in (with_range, without_range)]
    window.on_numbers(snapshot(status={1: STALE, 3: STALE}))
    assert words_of(window)[with_range].endswith("46.25 °C, stale · 3 min ago")
    assert words_of(window)[without_range].endswith("on, stale · 3 min ago")
    for row, hatched in zip((with_range, without_range), before, strict=True):
        pixels = tile_picture(window, row)
        assert not is_colour(pixels, window.theme.colour.live).any()
        assert is_colour(pixels, hatch, 12).sum() > hatched + 150


def test_bad_value_shows_no_number_anywhere(window: Window) -> None:
    window.on_numbers(snapshot(status={0: BAD}))
    assert "218" not in words_of(window)[0]
    assert "bad: sensor failure" in words_of(window)[0]
    shown = [label.text() for label in view_of(window).findChildren(theme_label()) if label.isVisible()]
    assert not [text for text in shown if "218" in text]
    assert "bad: sensor failure" in shown


def theme_label() -> type[Any]:
    """The label class of the window."""
    from hmi.widgets.labels import Words

    return Words


def test_hidden_window_asks_for_nothing_and_gets_nothing(window: Window, feed: PlantFeed) -> None:
    assert window.wants() == {"numbers", "trends"}
    window.hide()
    assert window.wants() == set()
    window.on_trends(NOW_US)
    assert feed.asked == []
    window.show()
    window.on_trends(NOW_US)
    assert feed.asked == [0]


def test_window_without_tags_wants_nothing_and_teaches(window: Window) -> None:
    window.set_plant(PLANT, (), ())
    assert window.wants() == set()
    from PySide6.QtWidgets import QTextBrowser

    texts = [each.toPlainText() for each in view_of(window).findChildren(QTextBrowser) if each.isVisible()]
    assert len(texts) == 1 and "tags.csv" in texts[0]


def test_silent_engine_is_unmistakable(window: Window, feed: PlantFeed) -> None:
    window.on_numbers(snapshot())
    feed.now += 14_000_000
    window.set_stalled(STALLED)
    bar, frame = window.findChildren(StallBar)[0], window.findChildren(StallFrame)[0]
    assert bar.isVisible() and bar.words == f"DISPLAY STALLED {STALLED}"
    assert frame.isVisible() and frame.size() == view_of(window).size()
    assert all("stale · 14 s ago" in words for words in words_of(window))
    chip = window.findChildren(LinkChip)[0]
    assert not chip.is_well and "not known" in chip.words
    assert not is_colour(tile_picture(window, 1), window.theme.colour.live).any()


def test_values_that_come_while_stalled_do_not_look_current(window: Window) -> None:
    window.on_numbers(snapshot())
    window.set_stalled(STALLED)
    window.on_numbers(snapshot(version=2))
    assert all("stale" in words for words in words_of(window))


def test_everything_is_current_again_once_the_engine_is_back(window: Window) -> None:
    window.on_numbers(snapshot())
    window.set_stalled(STALLED)
    window.set_stalled(None)
    window.on_numbers(snapshot(version=3))
    assert not window.findChildren(StallBar)[0].isVisible()
    assert all(words.endswith("good") for words in words_of(window))
    assert window.findChildren(LinkChip)[0].words == "1 of 1"


def test_link_chip_names_the_source_that_needs_a_look_and_why(window: Window) -> None:
    window.set_sources([source(), source("oven", "stale", age_s=185.0, last_error="no answer within 1 s")])
    chip = window.findChildren(LinkChip)[0]
    assert (chip.is_well, chip.words) == (False, "1 of 2 · oven: no answer, last news 3 min ago")


def test_list_of_sources_stays_open_while_its_figures_change(window: Window, qapp: Any) -> None:
    chip, popup = window.findChildren(LinkChip)[0], window.findChildren(SourcesPopup)[0]
    chip.click()
    assert popup.isVisible() and "press · connected" in popup.texts
    for rate, state in ((41.0, "connected"), (0.0, "refused"), (42.0, "connected")):
        window.set_sources([source(state=state, rate_in=rate, last_error="certificate not trusted")])
        qapp.processEvents()
        assert popup.isVisible()
    assert any("42 values/s" in text for text in popup.texts)
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_list_of_many_sources_scrolls_inside_the_window(window: Window) -> None:
    window.set_sources([source(f"plc {n}") for n in range(60)])
    chip, popup = window.findChildren(LinkChip)[0], window.findChildren(SourcesPopup)[0]
    chip.click()
    assert window.geometry().contains(popup.geometry())
    popup.hide()


def test_search_and_help_give_the_keys_back_to_the_tiles(window: Window, qapp: Any) -> None:
    tiles = tiles_of(window)
    window.activateWindow()
    assert window.focusWidget() is tiles
    search = window.findChildren(Search)[0]
    search.open()
    assert window.focusWidget() is search.field
    QTest.keyClick(search.field, Qt.Key.Key_Escape)
    assert window.focusWidget() is tiles
    helped = window.findChildren(Help)[0]
    helped.toggle()
    assert window.focusWidget() is helped.page
    helped.leave()
    assert window.focusWidget() is tiles


def test_tap_draws_a_tag_and_add_to_trend_draws_more(window: Window, feed: PlantFeed) -> None:
    tiles = tiles_of(window)

    def tap(row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        spot = tiles.visualRect(tiles.model().index(row, 0)).center()
        QTest.mouseClick(tiles.viewport(), Qt.MouseButton.LeftButton, keys, spot)

    tap(1)
    window.on_trends(NOW_US)
    assert feed.asked == [1]
    tap(3, Qt.KeyboardModifier.ControlModifier)
    feed.asked.clear()
    window.on_trends(NOW_US + 1_000_000)
    assert sorted(feed.asked) == [1, 2]


def test_search_goes_to_a_tag_by_a_few_letters(window: Window, feed: PlantFeed) -> None:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    search = window.findChildren(Search)[0]
    assert search.isVisible()
    QTest.keyClicks(search.field, "s50 oil")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert not search.isVisible()
    window.on_trends(NOW_US)
    assert feed.asked == [1]


def test_theme_change_shows_no_white_for_a_single_frame(window: Window, qapp: Any) -> None:
    window.on_numbers(snapshot())
    window.set_theme("dark")
    brightest: list[float] = []
    for _ in range(3):
        brightest.append(white_part(picture(window)))
        qapp.processEvents()
    assert max(brightest) < 0.02
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.theme.name == "sunlight"


def test_first_frame_of_a_window_at_night_is_dark(qapp: Any, feed: PlantFeed) -> None:
    night = theme.load_theme("dark")
    theme.apply_theme(qapp, night)
    window = Window(night, feed, PLANT)
    try:
        assert white_part(picture(window)) < 0.02
    finally:
        window.close()
        window.deleteLater()
        collect()


@pytest.mark.parametrize("size", [(960, 540), (1024, 640), (1366, 768), (1920, 1080), (3840, 2160)])
def test_all_controls_can_be_hit_and_none_is_cut(window: Window, qapp: Any, size: tuple[int, int]) -> None:
    from PySide6.QtWidgets import QAbstractButton, QPushButton

    window.resize(*size)
    qapp.processEvents()
    assert (window.width(), window.height()) == size
    buttons = [
        each for each in window.findChildren(QAbstractButton) if each.isVisibleTo(window) and each.text()
    ]
    buttons += [chip for chip in window.findChildren(LinkChip) if chip.isVisibleTo(window)]
    assert len(buttons) > 8
    assert [b.text() for b in buttons if b.height() < 40 or b.width() < 40] == []
    assert [b.text() for b in buttons if b.accessibleName() == "" and b.text() == ""] == []
    outside = [
        b
        for b in buttons
        if not window.rect().contains(b.rect().translated(b.mapTo(window, b.rect().topLeft())))
    ]
    assert outside == []
    narrow = [b.text() for b in buttons if isinstance(b, QPushButton) and b.width() < b.sizeHint().width()]
    assert narrow == []


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Live positions of the tiles whose words were made, in order."""
    made: list[int] = []
    real = overview.tile

    def counted(tag: Tag, values: Snapshot | None, index: int, plant: Plant) -> overview.Tile:
        made.append(index)
        return real(tag, values, index, plant)

    monkeypatch.setattr(overview, "tile", counted)
    return made


def test_four_thousand_tags_cost_only_those_that_can_be_seen(window: Window, painted: list[int]) -> None:
    count = 4000
    window.set_plant(PLANT, [tag(f"Area/U{n // 10}/Tag {n}") for n in range(count)], [source()])
    window.on_numbers(snapshot(tuple([1.0] * count)))
    painted.clear()
    window.on_numbers(snapshot(tuple([2.0] * count), version=2))
    picture(window)
    assert 0 < len(painted) < 120


def test_tile_that_looks_the_same_is_not_painted_again(window: Window, qapp: Any, painted: list[int]) -> None:
    window.on_numbers(snapshot())
    qapp.processEvents()
    painted.clear()
    newer = snapshot(age_s=0.4)
    newer.version[2] += 1
    window.on_numbers(newer)
    qapp.processEvents()
    compared, large_number = 2, 0
    assert painted == [compared, large_number]
    other = snapshot((218.64, 46.25, 6.5, 1.0), age_s=0.6)
    other.version[2] += 2
    painted.clear()
    window.on_numbers(other)
    qapp.processEvents()
    assert painted == [compared, large_number, 2]


def test_closed_window_leaves_nothing_behind(qapp: Any) -> None:
    look = theme.load_theme("light")

    def objects() -> int:
        collect()
        return sum(isinstance(each, QObject) for each in gc.get_objects())

    def once() -> None:
        feed = PlantFeed()
        window = Window(look, feed, PLANT)
        window.set_plant(PLANT, TAGS, [source()])
        window.show()
        window.on_numbers(snapshot())
        window.on_trends(NOW_US)
        window.grab()
        window.close()
        window.deleteLater()

    once()
    before = objects()
    for _ in range(20):
        once()
    assert objects() - before <= 2


def test_engine_chip_is_there_only_while_something_is_wrong(window: Window) -> None:
    figures = (1, "0.1.0", 8132.0, 4, 4, 0, 0, 1.0, 1.0, 0, 8.2, 143.0, 6.0)
    chip = window._top.engine_chip  # noqa: SLF001
    window.set_engine(EngineStatus(*figures))
    assert not chip.isVisibleTo(window)
    window.set_engine(EngineStatus(*figures, "the journal cannot be written: the disk is full"))
    assert chip.isVisibleTo(window)
    assert not chip.is_well
    assert "disk is full" in chip.toolTip()


def test_text_and_states_are_readable_on_tile_and_number_panel(window: Window, qapp: Any) -> None:
    from hmi.displays.overview.number_panel import NumberPanel

    long = "Roof 4, left. " * 40
    tags = [
        tag("A/Recipe", "", None, None, type="string"),
        tag("A/Mode", "", None, None, type="int32", states={2: "Running at reduced speed, door unlocked"}),
    ]
    window.set_plant(PLANT, tags, [source()])
    window.on_numbers(snapshot((1.0, 2.0), text={0: long}))
    spoken = words_of(window)
    assert spoken[0].startswith("A, Recipe: Roof 4, left. Roof 4") and spoken[0].endswith("…, good")
    assert spoken[1] == "A, Mode: 2 Running at reduced speed, door unlocked, good"
    model = tiles_of(window).model()
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole) == long
    view_of(window).show_tag(0)
    panel = window.findChildren(NumberPanel)[0]
    assert panel.text.isVisible() and panel.text.toPlainText() == long
    assert panel.accessibleDescription() == long
    view_of(window).show_tag(1)
    qapp.processEvents()
    assert panel.text.toPlainText() == "2 Running at reduced speed, door unlocked", "too long for one line"
    window.on_numbers(snapshot((1.0, 9.0), text={0: long}, version=2))
    assert not panel.text.isVisible() and panel.value.text() == "9 ? unknown"
    window.on_numbers(snapshot((1.0, 2.0), status={0: STALE, 1: BAD}, text={0: long}, version=3))
    assert panel.value.text() == "\u2014", "a bad state is no word either"
    view_of(window).show_tag(0)
    assert panel.text.toPlainText() == long
    assert window.theme.colour.muted in panel.text.styleSheet(), "stale text is no longer in the live colour"
