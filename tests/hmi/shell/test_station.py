"""The station: several windows, one look, and a layout that comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hmi import theme
from hmi.displays.display import Place
from hmi.shell import layout
from hmi.shell.dimmer import Dimmer
from hmi.shell.layout import Kept, Layout, WindowLayout
from hmi.shell.palette import Palette
from hmi.shell.station import Station
from hmi.shell.window import Window
from tests.hmi.booked import tell
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, PRESS, PRESSURE, PUMP, VALUES
from tests.hmi.pixels import picture
from tests.hmi.plant import NOW_US, PLANT, PlantFeed, snapshot, source

pytestmark = pytest.mark.screen
Start = Callable[[], Station]
HOUR_US = 3_600_000_000


@pytest.fixture
def start(qapp: Any, feed: PlantFeed, tmp_path: Path) -> Iterator[Start]:
    """Starts the station of one project; each start is a new process as far as the layout knows."""
    made: list[Station] = []
    theme.load_fonts()

    def begin() -> Station:
        look = theme.load_theme("light")
        theme.apply_theme(qapp, look)
        station = Station(look, feed, PLANT, tmp_path / "layout.json")
        made.append(station)
        station.open()
        station.set_plant(LINE)
        station.set_sources([source()])
        tell(station, HIGH)
        station.on_numbers(snapshot(VALUES))
        qapp.processEvents()
        return station

    yield begin
    for station in made:
        station.close()
        station.deleteLater()
    collect()


def kept(tmp_path: Path) -> Kept:
    """What stands in the file."""
    found = layout.load(tmp_path / "layout.json")
    assert found is not None
    return found


def until_kept(tmp_path: Path, condition: Callable[[Kept], bool]) -> None:
    """Let the station live until its file says so."""
    for _ in range(200):
        QTest.qWait(20)
        found = layout.load(tmp_path / "layout.json")
        if found is not None and condition(found):
            return
    raise AssertionError(f"not kept within 4 s: {found}")


def test_second_window_shows_another_display_with_the_same_values(start: Start, qapp: Any) -> None:
    station = start()
    first = station.windows[0]
    first.go(Place("unit", PRESSURE))
    QTest.keyClick(first, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    second = station.windows[1]
    assert second.isVisible() and second.place == Place("unit", PRESS), "torn off where the first one is"
    second.show_display("trends")
    assert (first.place.display, second.place.display) == ("unit", "trends")
    newer = snapshot((11.9, 243.7, *VALUES[2:]), version=2)
    station.on_numbers(newer)
    assert first.snapshot is newer and second.snapshot is newer
    assert first.faceplate.front.value.text() == "243.7"


def test_torn_off_window_closes_by_key_and_the_last_one_stays(start: Start, qapp: Any) -> None:
    station = start()
    station.windows[0].command("new window")
    second = station.windows[1]
    second.command("close window")
    assert len(station.windows) == 1
    station.windows[0].command("close window")
    assert station.windows[0].isVisible()


def test_hidden_window_of_several_costs_nothing(start: Start) -> None:
    station = start()
    station.windows[0].command("new window")
    station.windows[1].hide()
    assert "numbers" in station.windows[0].wants() and station.windows[1].wants() == set()
    station.windows[0].hide()
    assert station.wants() == set()


def test_theme_and_brightness_are_shared_by_all_windows(start: Start) -> None:
    station = start()
    station.windows[0].command("new window")
    station.windows[1].command("theme dark")
    assert [window.theme.name for window in station.windows] == ["dark", "dark"]
    station.windows[0].command("dimmer 40")
    assert all(window.findChildren(Dimmer)[0].isVisible() for window in station.windows)
    station.windows[0].command("dimmer 100")
    assert not any(window.findChildren(Dimmer)[0].isVisible() for window in station.windows)


def test_dimmer_darkens_everything_and_lets_every_tap_through(start: Start, qapp: Any) -> None:
    window = start().windows[0]
    before = float(picture(window).mean())
    window.command("dimmer 40")
    qapp.processEvents()
    assert float(picture(window).mean()) == pytest.approx(before * 0.4, rel=0.05)
    window.resize(1400, 800)
    qapp.processEvents()
    assert window.findChildren(Dimmer)[0].size() == window.size()
    row = next(
        each for each in window.findChildren(object) if type(each).__name__ == "AlarmRow" and each.isVisible()
    )
    QTest.mouseClick(
        window.windowHandle(), Qt.MouseButton.LeftButton, pos=row.mapTo(window, row.rect().center())
    )
    assert window.place == Place("unit", PRESS)


def test_auto_theme_is_day_by_day_and_night_by_night_at_the_plant(start: Start, feed: PlantFeed) -> None:
    station = start()
    station.windows[0].command("theme auto")
    assert station.windows[0].theme.name == "light", "14 o'clock in Berlin"
    feed.now = NOW_US + 7 * HOUR_US
    QTest.qWait(10)
    station._look_around()  # noqa: SLF001
    assert station.windows[0].theme.name == "dark", "21 o'clock"
    assert theme.by_hour(5) == "dark" and theme.by_hour(6) == "light" and theme.by_hour(20) == "dark"
    station.windows[0].command("theme next")
    station._look_around()  # noqa: SLF001
    assert station.windows[0].theme.name == "sunlight", "a theme chosen by hand stays"


def test_layout_comes_back_with_windows_displays_faceplates_theme_and_brightness(
    start: Start, tmp_path: Path, qapp: Any
) -> None:
    station = start()
    first = station.windows[0]
    first.showNormal()
    first.setGeometry(40, 50, 1200, 700)
    first.go(Place("unit", PUMP))
    first.command("new window")
    second = station.windows[1]
    second.setGeometry(90, 60, 1000, 600)
    second.show_display("trends")
    second.command("theme dark")
    second.command("dimmer 80")
    until_kept(tmp_path, lambda found: len(found.last.windows) == 2 and found.last.brightness == 80)
    # As after kill -9: the first station never gets to say goodbye.
    again = start()
    shown = [(window.place, window.faceplate.path) for window in again.windows]
    assert shown[0] == (Place("unit", PRESS), PUMP)
    assert shown[1][0].display == "trends"
    assert again.windows[0].geometry().getRect() == (40, 50, 1200, 700)
    assert again.windows[1].geometry().getRect() == (90, 60, 1000, 600)
    assert again.windows[0].theme.name == "dark"
    assert again.windows[0].faceplate.isVisible()


def test_pens_of_a_trend_come_back(start: Start, tmp_path: Path) -> None:
    station = start()
    station.windows[0].go(Place("trends", PRESSURE))
    pens = station.windows[0].deck.layouts()["trends"]
    station.close()
    again = start()
    again.windows[0].show_display("trends")
    assert again.windows[0].deck.layouts()["trends"] == pens


def test_display_that_was_never_opened_keeps_what_it_remembered(start: Start, tmp_path: Path) -> None:
    start().close()
    found = kept(tmp_path)
    window = msgspec.structs.replace(
        found.last.windows[0], views={"trends": {"nonsense": [1, {"a": None}]}, "gone": {}}
    )
    content = msgspec.structs.replace(found, last=msgspec.structs.replace(found.last, windows=(window,)))
    layout.save(tmp_path / "layout.json", msgspec.json.encode(content))
    again = start()
    assert again.windows[0].deck.layouts()["trends"] == {"nonsense": [1, {"a": None}]}
    again.windows[0].show_display("trends")
    assert again.windows[0].place.display == "trends"


def test_window_of_a_monitor_that_is_gone_is_still_reached(start: Start, tmp_path: Path, qapp: Any) -> None:
    lost = WindowLayout(
        (9000, 9000, 1200, 700), "wall", display="no such display", path="Nowhere", faceplate="Gone"
    )
    layout.save(tmp_path / "layout.json", msgspec.json.encode(Kept(Layout((lost,)))))
    window = start().windows[0]
    screen = qapp.primaryScreen().availableGeometry()
    assert screen.intersects(window.geometry())
    assert window.place.display == "overview" and not window.faceplate.isVisible()


def test_layout_is_kept_by_name_and_switched_to_by_typing_it(start: Start, tmp_path: Path) -> None:
    station = start()
    window = station.windows[0]
    window.go(Place("unit", PRESSURE))
    window.command("save layout")
    palette = window.findChildren(Palette)[0]
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "Night shift")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    window.show_display("overview")
    window.command("new window")
    assert len(station.windows) == 2
    palette.open()
    QTest.keyClicks(palette.field, "layout: night")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert [each.place for each in station.windows] == [Place("unit", PRESS)]
    until_kept(tmp_path, lambda found: "Night shift" in found.named)
    station.windows[0].command("forget layout Night shift")
    until_kept(tmp_path, lambda found: not found.named)


def test_station_without_a_file_keeps_nothing(qapp: Any, feed: PlantFeed) -> None:
    look = theme.load_theme("light")
    station = Station(look, feed, PLANT)
    station.open()
    try:
        assert len(station.windows) == 1 and isinstance(station.windows[0], Window)
    finally:
        station.close()
        station.deleteLater()
        collect()
