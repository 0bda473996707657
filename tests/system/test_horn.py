"""A horn that cannot sound, end to end: device, window, wire, engine, journal, and back onto the screen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from engine.client import Client
from engine.types import Plant
from engine.wire import AlarmJournalAnswer, AlarmJournalBody
from hmi import theme
from hmi.bridge import Bridge
from hmi.horn.player import NoSound, Output, Sounder
from hmi.shell.horn_sheet import HornSheet
from hmi.shell.station import Station
from hmi.shell.top_bar import TopBar
from hmi.who import station_name
from tests.faults.plants import write_project
from tests.hmi.conftest import collect
from tests.hmi.looking import see
from tests.running import engine, eyes, until

pytestmark = [pytest.mark.screen, pytest.mark.system]
GONE = "there is no sound device: it was pulled out"
PLACE = f"Station {station_name()}"


class Speaker:
    """A loudspeaker that a test plugs in and out."""

    def __init__(self) -> None:
        self.is_there = False
        self.heard: list[int] = []

    def play(self, samples: Any, is_over: Any) -> None:
        self.look()
        self.heard.append(len(samples))

    def look(self) -> None:
        if not self.is_there:
            raise NoSound(GONE)


@contextlib.contextmanager
def station(application: QApplication, folder: Path, speaker: Speaker) -> Iterator[Station]:
    """A station as `hmi.app` makes it, but for the loudspeaker."""
    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    bridge = Bridge(folder)
    output = Output(speaker.play, speaker.look)
    made = Station(look, bridge, Plant(name=folder.name), None, lambda: Sounder(output, look_s=0.1))
    made.open()
    try:
        bridge.start(made)
        yield made
    finally:
        made.close()
        bridge.close()
        made.deleteLater()
        collect()


def bar(shown: Station) -> TopBar:
    return shown.windows[0].findChildren(TopBar)[0]


def told(client: Client) -> list[str]:
    """What the alarm journal says of this station's horn, oldest first."""
    wanted = AlarmJournalBody(0, 2**62, under=PLACE)
    answer = client.call("alarm_journal", wanted, AlarmJournalAnswer)
    return [each.what for each in reversed(answer.changes)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # A device that nobody runs: this project needs none.
    source = {"id": "plc", "driver": "modbus", "endpoint": "tcp://127.0.0.1:9", "security": "none"}
    return write_project(tmp_path / "line", [source], ["Line/Press/Pressure,plc,holding:0:uint16,10"])


def test_a_station_without_a_sound_device_raises_an_alarm_and_shows_the_horn(
    qapp: QApplication, folder: Path
) -> None:
    speaker = Speaker()
    with engine(folder), station(qapp, folder, speaker) as shown:
        chip = see(lambda: bar(shown).horn if bar(shown).horn.is_flashing else None, 30, "the chip flashes")
        with eyes(folder) as client:
            status: Any = client.client.call("status", None, dict)
            (alarm,) = [each for each in status["alarms"] if each["path"] == PLACE]
        assert alarm["message"] == "The horn does not sound" and GONE in alarm["cause"]
        assert f"{chip.name}: {chip.words}" == f"HORN: {PLACE}: The horn does not sound"
        shown.windows[0].command("silence")
        assert not chip.is_flashing and chip.words == "does not sound"
        speaker.is_there = True
        see(lambda: chip.is_well, 15, "plugged in again")
        with eyes(folder) as client:
            see(lambda: told(client.client) == ["active", "returned"], 15, "on record")


def test_a_test_of_the_horn_outlives_the_engine_and_the_station(qapp: QApplication, folder: Path) -> None:
    speaker = Speaker()
    speaker.is_there = True
    with engine(folder):
        with station(qapp, folder, speaker) as shown:
            see(lambda: bar(shown).horn.words == "test due", 30, "never tested")
            shown.windows[0].command("horn")
            sheet = shown.windows[0].findChildren(HornSheet)[0]
            sheet.begin.click()
            for line in sheet.lines.values():
                see(lambda: speaker.heard, 5, "it plays")
                speaker.heard.clear()
                line.yes.click()
            see(lambda: bar(shown).horn.words == "ready", 10, "on record")
    with engine(folder), station(qapp, folder, speaker) as shown:
        said = "all sounds were heard"
        see(lambda: said in bar(shown).horn.toolTip(), 30, "known from the journal")
        assert bar(shown).horn.words == "ready"


def test_a_station_that_closes_takes_its_alarm_with_it(qapp: QApplication, folder: Path) -> None:
    with engine(folder), eyes(folder) as client:

        def is_active() -> bool:
            status: Any = client.client.call("status", None, dict)
            return any(each["path"] == PLACE and each["active"] for each in status["alarms"])

        with station(qapp, folder, Speaker()):
            see(is_active, 30, "the alarm is there")
        until(lambda: not is_active(), 10, "it ended")
