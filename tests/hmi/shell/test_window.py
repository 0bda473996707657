"""The window: where it leads, what it says of alarms, and what it shows when the engine is silent."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QTextBrowser

from engine.types import EngineStatus
from hmi import theme
from hmi.displays.display import Place
from hmi.shell import deck
from hmi.shell.banner import Banner
from hmi.shell.breadcrumb import Breadcrumb, CrumbButton
from hmi.shell.rail import RailItem
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.stall_bar import StallBar, StallFrame
from hmi.shell.window import Window
from hmi.widgets.link_chip import LinkChip
from tests.hmi.booked import tell
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESS, PRESSURE, TIPS, VALUES
from tests.hmi.pixels import picture, white_part
from tests.hmi.plant import NOW_US, PLANT, PlantFeed, snapshot, source
from tests.hmi.shell.parts import STALLED, part
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
SIZES = [(960, 540), (1024, 640), (1366, 768), (1920, 1080), (3840, 2160)]


def test_breadcrumb_names_the_way_and_every_step_leads_back(line: Window, qapp: Any) -> None:
    line.resize(1920, 1080)
    qapp.processEvents()
    line.go(Place("unit", PRESSURE))
    crumbs = part(line, Breadcrumb)
    assert crumbs.words == ("Framing line 3", "Framing", "S50 Roof press")
    qapp.processEvents()
    steps = [each for each in crumbs.findChildren(CrumbButton) if each.isVisible()]
    assert [step.text() for step in steps] == ["Framing line 3", "Framing"]
    steps[0].click()
    assert line.place.display == "overview"
    assert crumbs.words == ("Framing line 3",)


def test_rail_has_the_displays_with_an_entry_and_marks_the_parent_of_a_unit(line: Window) -> None:
    items = {each.text(): each for each in line.findChildren(RailItem)}
    assert "Unit" not in items and {"Overview", "Twin", "Trends", "System"} <= set(items)
    line.go(Place("unit", PRESS))
    assert items["Overview"].isChecked()
    line.show_display("trends")
    assert items["Trends"].isChecked() and not items["Overview"].isChecked()


def test_display_that_cannot_be_made_leaves_the_one_in_front_alive(
    line: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ImportError("no such file")

    monkeypatch.setattr(deck, "open_view", broken)
    before = line.place
    with pytest.raises(ImportError):
        line.go(Place("unit", PRESS))
    assert line.place == before and line.deck.current.id == "overview"
    line.on_numbers(snapshot(VALUES))
    assert line.wants()


# The engine and the links


def test_hidden_window_asks_for_nothing(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    assert "numbers" in line.wants()
    line.hide()
    assert line.wants() == set()


def test_window_without_tags_teaches(window: Window, qapp: Any) -> None:
    window.set_plant(type(LINE)("", PLANT, (), ()))
    assert window.wants() == set()
    qapp.processEvents()
    texts = [each.toPlainText() for each in window.deck.findChildren(QTextBrowser) if each.isVisible()]
    assert any("tags.csv" in text for text in texts)


def test_silent_engine_is_unmistakable(line: Window, feed: PlantFeed) -> None:
    line.go(Place("unit", PRESSURE))
    feed.now += 14_000_000
    line.set_stalled(STALLED)
    bar, frame = part(line, StallBar), part(line, StallFrame)
    assert bar.isVisible() and bar.words == f"DISPLAY STALLED {STALLED}"
    assert frame.isVisible() and frame.size() == line.deck.parentWidget().size()
    assert line.faceplate.front.quality.text() == "stale · 14 s ago"
    chip = next(each for each in line.findChildren(LinkChip) if each.name == "PLCs")
    assert not chip.is_well and "not known" in chip.words
    line.on_numbers(snapshot(VALUES, version=2))
    assert line.faceplate.front.quality.text() == "stale · 14 s ago", "values that come now prove nothing"


def test_everything_is_current_again_once_the_engine_is_back(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.set_stalled(STALLED)
    line.set_stalled(None)
    line.on_numbers(snapshot(VALUES, version=3))
    assert not part(line, StallBar).isVisible()
    assert line.faceplate.front.quality.text() == "good"
    assert next(each for each in line.findChildren(LinkChip) if each.name == "PLCs").words == "1 of 1"


def test_link_chip_names_the_source_that_needs_a_look_and_why(window: Window) -> None:
    window.set_sources([source(), source("oven", "stale", age_s=185.0, last_error="no answer within 1 s")])
    chip = next(each for each in window.findChildren(LinkChip) if each.name == "PLCs")
    assert (chip.is_well, chip.words) == (False, "1 of 2 · oven: no answer, last news 3 min ago")


def test_list_of_sources_stays_open_while_its_figures_change(window: Window, qapp: Any) -> None:
    chip = next(each for each in window.findChildren(LinkChip) if each.name == "PLCs")
    popup = part(window, SourcesPopup)
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
    popup = part(window, SourcesPopup)
    next(each for each in window.findChildren(LinkChip) if each.name == "PLCs").click()
    assert window.geometry().contains(popup.geometry())
    popup.hide()


def test_engine_chip_is_there_only_while_something_is_wrong(window: Window) -> None:
    figures = (1, "0.1.0", 8132.0, 4, 4, 0, 0, 1.0, 1.0, 0, 8.2, 143.0, 6.0)
    chip = next(each for each in window.findChildren(LinkChip) if each.name == "Engine")
    window.set_engine(EngineStatus(*figures))
    assert not chip.isVisibleTo(window)
    window.set_engine(EngineStatus(*figures, "the journal cannot be written: the disk is full"))
    assert chip.isVisibleTo(window)
    assert not chip.is_well
    assert "disk is full" in chip.toolTip()


# Looks


def test_theme_change_shows_no_white_for_a_single_frame(line: Window, qapp: Any) -> None:
    tell(line, HIGH)
    line.go(Place("unit", PRESSURE))
    line.set_theme("dark")
    brightest: list[float] = []
    for _ in range(3):
        brightest.append(white_part(picture(line)))
        qapp.processEvents()
    assert max(brightest) < 0.02
    QTest.keyClick(line, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert line.theme.name == "sunlight"


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


def shell_parts(window: Window) -> list[Any]:
    """What the shell itself draws around a display."""
    return [each for each in window.centralWidget().children() if hasattr(each, "isVisible")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("look", ["calm", "alarms", "stalled"])
def test_nothing_is_cut_covered_or_too_small(
    line: Window, qapp: Any, size: tuple[int, int], name: str, look: str
) -> None:
    line.set_theme(name)
    line.resize(*size)
    line.show_display("overview")
    if look != "calm":
        tell(line, HIGH, TIPS, LOW_AIR)
        line.set_sources([source(), source("oven", "stale", age_s=185.0)])
        line.go(Place("unit", PRESSURE))
    if look == "stalled":
        line.set_stalled(STALLED)
    qapp.processEvents()
    assert (line.width(), line.height()) == size
    parts = [part(line, Banner), line.faceplate, *(each for each in shell_parts(line) if each is not None)]
    mine = [each for each in parts if each.isVisible() and each is not line.deck.parentWidget()]
    assert len(mine) >= 3
    assert [wrong for each in mine for wrong in problems(each)] == []
    cut = [
        each.text()
        for each in line.findChildren(QAbstractButton)
        if each.isVisible()
        and not line.deck.isAncestorOf(each)
        and not line.faceplate.isAncestorOf(each)
        and not line.rect().contains(each.rect().translated(each.mapTo(line, each.rect().topLeft())))
    ]
    assert cut == []


def test_closed_window_leaves_nothing_behind(qapp: Any) -> None:
    look = theme.load_theme("light")

    def objects() -> int:
        collect()
        return sum(isinstance(each, QObject) for each in gc.get_objects())

    def once() -> None:
        feed = PlantFeed()
        window = Window(look, feed, PLANT)
        window.set_plant(LINE)
        window.show()
        tell(window, HIGH, TIPS)
        window.go(Place("unit", PRESSURE))
        window.on_numbers(snapshot(VALUES))
        window.on_trends(NOW_US)
        window.grab()
        window.close()
        window.deleteLater()

    once()
    before = objects()
    for _ in range(8):
        once()
    assert objects() - before <= 2
