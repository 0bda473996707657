"""A window process that is killed, and the next one that shows the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.types import Plant as PlantFacts
from hmi import theme
from hmi.bridge import Bridge
from hmi.shell import layout
from hmi.shell.station import Station
from tests.hmi.looking import see
from tests.running import AIR, PRESSURE, Plant, demo_plant, engine, until

pytestmark = [pytest.mark.screen, pytest.mark.system]
DRIVE = """
import sys
from PySide6.QtCore import QTimer
from hmi import app
from hmi.displays.display import Place
from hmi.shell.station import Station

class Driven(Station):
    def set_plant(self, project):
        super().set_plant(project)
        first = self.windows[0]
        first.showNormal()
        first.setGeometry(30, 40, 1500, 800)
        first.go(Place("unit", sys.argv[2]))
        first.command("new window")
        self.windows[1].show_display("system")
        first.command("theme dark")
        first.command("dimmer 60")

app.Station = Driven
app.main(["hmi", sys.argv[1], "-platform", "offscreen"])
"""


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with demo_plant(tmp_path / "demo") as running, engine(running.folder):
        yield running


def test_layout_is_restored_exactly_after_the_window_was_killed(qapp: QApplication, plant: Plant) -> None:
    file = layout.file_of(plant.folder)
    driven = subprocess.Popen(
        [sys.executable, "-c", DRIVE, str(plant.folder), PRESSURE], env=os.environ.copy()
    )
    try:
        until(lambda: _windows(file) == ["unit", "system"], 40, "the layout is on the disk")
    finally:
        driven.kill()
        driven.wait()
    look = theme.load_theme("light")
    bridge = Bridge(plant.folder)
    station = Station(look, bridge, PlantFacts(name="demo"), file)
    try:
        station.open()
        bridge.start(station)
        first, second = station.windows
        see(lambda: first.snapshot is not None, 30, "live values")
        assert (first.place.display, second.place.display) == ("unit", "system")
        assert PRESSURE.startswith(f"{first.place.path}/")
        assert first.faceplate.isVisible() and first.faceplate.path == PRESSURE
        assert first.geometry().getRect() == (30, 40, 1500, 800)
        assert first.theme.name == second.theme.name == "dark"
        assert station.layout().brightness == 60
        assert AIR in [tag.path for tag in first.tags]
    finally:
        station.close()
        bridge.close()
        station.deleteLater()


def _windows(file: Path) -> list[str]:
    found = layout.load(file)
    if found is None or found.last.brightness != 60:
        return []
    return [each.display for each in found.last.windows]
