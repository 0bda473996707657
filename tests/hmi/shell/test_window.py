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
from hmi.model import build
from hmi.shell.banner import Banner
from hmi.shell.breadcrumb import Breadcrumb, CrumbButton
from hmi.shell.counters import Counter
from hmi.shell.faceplate import WIDTH_PX
from hmi.shell.help import Help
from hmi.shell.palette import Palette
from hmi.shell.rail import RailItem
from hmi.shell.sources_popup import SourcesPopup
from hmi.shell.stall_bar import StallBar, StallFrame
from hmi.shell.window import Window
from hmi.widgets.link_chip import LinkChip
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, LOW_AIR, PRESS, PRESSURE, PUMP, TIPS, VALUES
from tests.hmi.pixels import is_colour, picture, white_part
from tests.hmi.plant import BAD, NOW_US, PLANT, STALE, PlantFeed, snapshot, source
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
STALLED = "since 14:13:46: the engine is gone; starting it (attempt 2)"
SIZES = [(960, 540), (1024, 640), (1366, 768), (1920, 1080), (3840, 2160)]


@pytest.fixture
def line(window: Window, qapp: Any) -> Window:
    """A window on the line with types and limits, its values and no alarm."""
    window.set_plant(LINE)
    window.set_alarms(())
    window.on_numbers(snapshot(VALUES))
    qapp.processEvents()
    return window


def part(window: Window, kind: type[Any]) -> Any:
    """The one part of a kind."""
    return window.findChildren(kind)[0]


def rows_of(window: Window) -> list[Any]:
    """The rows of the banner on show."""
    return [row for row in part(window, Banner).rows if row.isVisible()]


def counts_of(window: Window) -> dict[int, int]:
    """What the counters of the top bar say, by priority."""
    return {each.priority: each.count for each in window.findChildren(Counter) if each.isVisible()}


# Alarms


def test_alarm_appears_in_the_banner_and_go_to_opens_its_unit_with_the_faceplate(line: Window) -> None:
    assert part(line, Banner).words == "No alarms."
    line.set_alarms([HIGH, TIPS])
    first, second = rows_of(line)
    assert (first.row.message, first.row.now) == ("Pressure high-high", "now 241.6 bar")
    assert second.row.message == "Weld current high"
    QTest.mouseClick(first.button, Qt.MouseButton.LeftButton)
    assert line.place == Place("unit", PRESS)
    assert line.faceplate.isVisible()
    assert (line.faceplate.title.text(), line.faceplate.front.name.text()) == ("S50 Hydraulics", "Pressure")
    assert line.faceplate.badge.badge is not None


def test_tap_anywhere_on_a_row_and_its_key_do_the_same(line: Window) -> None:
    line.set_alarms([HIGH, TIPS])
    QTest.mouseClick(rows_of(line)[1], Qt.MouseButton.LeftButton)
    assert line.place.path == "Framing/S30 Spot weld A"
    QTest.keyClick(rows_of(line)[0], Qt.Key.Key_Return)
    assert line.place.path == PRESS


def test_counters_count_active_alarms_and_lead_to_the_worst(line: Window) -> None:
    assert counts_of(line) == {1: 0, 2: 0, 3: 0}, "those that alarms.csv uses, each in its place"
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert counts_of(line) == {1: 1, 2: 1, 3: 0}
    counter = next(each for each in line.findChildren(Counter) if each.priority == 1)
    assert counter.accessibleName() == "priority 1: 1 active"
    counter.click()
    assert line.place.path == PRESS


def test_banner_is_one_low_line_while_calm_and_never_jumps_with_the_number_of_alarms(line: Window) -> None:
    banner = part(line, Banner)
    assert banner.height() == line.theme.size.alarm_line
    line.set_alarms([HIGH])
    tall = banner.height()
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert banner.height() == tall
    assert all(row.height() >= 44 for row in rows_of(line))
    line.set_alarms([LOW_AIR])
    assert [row.row.state for row in rows_of(line)] == ["returned 14:10"]
    line.set_alarms(())
    assert banner.words == "No alarms. Last one returned 14:10."
    assert banner.height() == line.theme.size.alarm_line


def test_low_window_has_two_rows_and_a_tall_one_three(line: Window, qapp: Any) -> None:
    line.set_alarms([HIGH, TIPS, LOW_AIR])
    assert len(rows_of(line)) == 2
    line.resize(1920, 1080)
    qapp.processEvents()
    assert len(rows_of(line)) == 3


def test_only_the_row_of_an_active_alarm_of_priority_1_is_tinted(line: Window) -> None:
    line.set_alarms([HIGH, TIPS])
    tinted = [is_colour(picture(row), line.theme.colour.urgent, 5).mean() for row in rows_of(line)]
    assert tinted[0] > 0.5 and tinted[1] < 0.01


def test_value_in_the_banner_follows_and_old_ones_lose_the_live_colour(line: Window, qapp: Any) -> None:
    line.show_display("trends")
    assert line.wants() == set(), "no pen is drawn"
    line.set_alarms([HIGH])
    assert line.wants() == {"numbers"}
    line.on_numbers(snapshot((11.9, 243.7, *VALUES[2:]), version=2))
    row = rows_of(line)[0]
    assert row.row.now == "now 243.7 bar"
    assert is_colour(picture(row), line.theme.colour.live).sum() > 50
    line.on_numbers(snapshot(VALUES, {1: STALE}, version=3))
    assert row.row.now == "was 241.6 bar, 3 min ago"
    assert not is_colour(picture(row), line.theme.colour.live).any()
    line.on_numbers(snapshot(VALUES, {1: BAD}, version=4))
    assert "241" not in row.row.now and "sensor failure" in row.row.now


def test_silent_engine_is_said_by_banner_and_counters(line: Window) -> None:
    line.set_alarms([HIGH])
    line.set_stalled(STALLED)
    assert part(line, Banner).words.startswith("NOT CURRENT")
    assert counts_of(line) == {}, "nobody knows how many there are"
    assert rows_of(line)[0].row.kind == "stale"
    line.set_stalled(None)
    assert part(line, Banner).words == "Active, highest first"
    assert counts_of(line)[1] == 1


# Faceplate


def test_faceplate_is_beside_the_display_on_a_wide_window_and_over_it_on_a_narrow_one(
    line: Window, qapp: Any
) -> None:
    line.go(Place("unit", PRESSURE))
    face, display = line.faceplate, line.deck
    assert face.isVisible() and face.geometry().intersects(display.geometry())
    line.resize(1920, 1080)
    qapp.processEvents()
    assert not face.geometry().intersects(display.geometry())
    assert face.width() == WIDTH_PX
    face.leave()
    qapp.processEvents()
    assert display.width() == line.deck.parentWidget().width()


def test_unit_opens_with_its_faceplate_beside_it_until_a_person_closes_it(line: Window, qapp: Any) -> None:
    line.resize(1920, 1080)
    qapp.processEvents()
    line.go(Place("unit", PRESS))
    assert line.faceplate.isVisible() and line.faceplate.title.text() == "S50 Roof press"
    QTest.keyClick(line.faceplate, Qt.Key.Key_Escape)
    assert not line.faceplate.isVisible()
    line.show_display("overview")
    line.go(Place("unit", PRESS))
    assert not line.faceplate.isVisible()
    line.go(Place("", PUMP))
    assert line.faceplate.isVisible(), "a value was tapped: it is wanted again"


def test_value_tapped_on_a_display_without_room_leads_to_its_unit(line: Window) -> None:
    line.show_display("overview")
    line.go(Place("", PRESSURE))
    assert line.place == Place("unit", PRESS)
    assert line.faceplate.path == PRESSURE


def test_faceplate_shows_value_setpoint_limits_quality_and_other_tags(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    front = line.faceplate.front
    assert (front.value.text(), front.unit.text()) == ("241.6", "bar")
    assert (front.setpoint.text(), front.setpoint_unit.text()) == ("220.0", "bar")
    assert (front.limits.text(), front.quality.text()) == ("Trip 248 · HH 240 · H 232 · L 180", "good")
    row = next(row for row in line.faceplate.rows if row.path == PUMP)
    assert row.accessibleName() == "Pump running: on, good"
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert line.faceplate.front.name.text() == "Pump running"


def test_faceplate_says_stale_and_bad_in_words_and_shows_no_bad_number(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    front = line.faceplate.front
    line.on_numbers(snapshot(VALUES, {1: STALE, 2: BAD}, version=2))
    assert (front.value.text(), front.quality.text()) == ("241.6", "stale · 3 min ago")
    assert front.mark.isVisible() and front.value.property("look") == "muted"
    assert "220" not in front.setpoint.text() and "bad: sensor failure" in front.setpoint_unit.text()
    line.on_numbers(snapshot(VALUES, {1: BAD}, version=3))
    assert "241" not in front.value.text() and front.quality.text() == "bad: sensor failure"


def test_faceplate_lists_the_alarms_of_its_asset_with_cause_and_response(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.set_alarms([HIGH, TIPS])
    spoken = [
        each.accessibleName()
        for each in line.faceplate.findChildren(QObject)
        if type(each).__name__ == "AlarmNote"
    ]
    assert len(spoken) == 1 and "seal leak: lower setpoint, inspect" in spoken[0]


def test_faceplate_leads_to_trends_unit_and_all_tags(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.faceplate.buttons["trend"].click()
    assert line.place.display == "trends"
    line.go(Place("", PRESSURE))
    assert line.place.display == "trends" and line.faceplate.isVisible()
    line.faceplate.buttons["tags"].click()
    assert line.place.display == "unit"


def test_new_engine_keeps_the_faceplate_open_where_the_tag_still_exists(line: Window) -> None:
    line.go(Place("unit", PRESSURE))
    line.set_plant(LINE)
    assert line.faceplate.isVisible() and line.faceplate.path == PRESSURE
    line.set_model(build(type(LINE)("", PLANT, (), LINE.tags[:1])))
    assert not line.faceplate.isVisible()


# Where we are


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


# The command palette


@pytest.mark.parametrize(
    ("typed", "place", "face"),
    [
        ("s50 pressure", Place("unit", PRESS), PRESSURE),
        ("s30 spot weld a", Place("unit", "Framing/S30 Spot weld A"), ""),
        ("trends", Place("trends"), ""),
        ("weld current high", Place("unit", "Framing/S30 Spot weld A"), TIPS.path),
    ],
)
def test_palette_goes_to_tag_asset_display_and_alarm(
    line: Window, typed: str, place: Place, face: str
) -> None:
    line.set_alarms([TIPS])
    QTest.keyClick(line, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = part(line, Palette)
    assert palette.isVisible()
    QTest.keyClicks(palette.field, typed)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert line.place.display == place.display
    assert line.place.path == place.path or place.display == "trends"
    assert line.faceplate.path == face


def test_palette_runs_commands_and_arrows_choose_among_them(line: Window) -> None:
    palette = part(line, Palette)
    palette.open()
    QTest.keyClicks(palette.field, "theme: night")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert line.theme.name == "dark"
    palette.open()
    before = palette.list.currentIndex().row()
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.rows.entry(palette.list.currentIndex().row()) is not None
    assert palette.list.currentIndex().row() > before
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_palette_and_help_give_the_keys_back_to_the_display(line: Window) -> None:
    line.activateWindow()
    before = line.focusWidget()
    palette = part(line, Palette)
    palette.open()
    assert line.focusWidget() is palette.field
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert line.focusWidget() is before
    helped = part(line, Help)
    helped.toggle()
    assert line.focusWidget() is helped.page
    helped.leave()
    assert line.focusWidget() is before


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
    line.set_alarms([HIGH])
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
        line.set_alarms([HIGH, TIPS, LOW_AIR])
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
        window.set_alarms([HIGH, TIPS])
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
