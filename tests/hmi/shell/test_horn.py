"""The horn in a real window: what it is told to play, what silences it, and how it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.types import Alarm, Project
from engine.wire import AlarmsAnswer
from hmi import theme
from hmi.alarm_book import AlarmBook
from hmi.displays.display import Place
from hmi.displays.system.engine_block import EngineBlock
from hmi.horn.player import Samples
from hmi.horn.sounds import sound
from hmi.horn.state import AGAIN_US
from hmi.shell import layout
from hmi.shell.horn_sheet import HornSheet
from hmi.shell.station import Station
from hmi.shell.top_bar import TopBar
from hmi.widgets.blink import is_on
from tests.hmi.conftest import collect
from tests.hmi.line import HIGH, LINE, LOW_AIR, TIPS
from tests.hmi.looking import see
from tests.hmi.pixels import picture
from tests.hmi.plant import NOW_US, PLANT, PlantFeed
from tests.hmi.shell.parts import STALLED, part

pytestmark = pytest.mark.screen
GONE = "there is no sound device"
AN_HOUR_AGO, AT_1413 = NOW_US - 3_600_000_000, NOW_US - 60_000_000
WORST, SECOND, BACK = (
    msgspec.structs.replace(HIGH, id=1),
    msgspec.structs.replace(TIPS, id=2),
    msgspec.structs.replace(LOW_AIR, id=3, letter="D"),
)


class Player:
    """Remembers what it was told; its device is what the test says."""

    def __init__(self) -> None:
        self.trouble = ""
        self.told: list[Samples | None] = []
        self.is_closed = False

    def play(self, samples: Samples) -> None:
        self.told.append(samples)

    def stop(self) -> None:
        self.told.append(None)

    def close(self) -> None:
        self.is_closed = True

    @property
    def priorities(self) -> list[int]:
        """The priorities played so far, 0 = it was stopped."""
        known = {id(sound(p, v)): p for p in (1, 2, 3, 4) for v in (100, 50)}
        return [0 if each is None else known[id(each)] for each in self.told]


class HornFeed(PlantFeed):
    """Answers for an engine that knows of horns."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.tested_us = AT_1413
        self.refuses = ""

    def submit(
        self, name: str, body: dict[str, Any], on_done: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        self.sent.append((name, body))
        if self.refuses:
            on_error(self.refuses)
        elif name == "horn_test":
            on_done({"tested_us": self.now, "unheard": [n for n, heard in body["heard"] if not heard]})
        else:
            on_done({"tested_us": self.tested_us, "unheard": []})

    def named(self, name: str) -> list[dict[str, Any]]:
        return [body for each, body in self.sent if each == name]


def book(*alarms: Alarm) -> AlarmBook:
    made = AlarmBook()
    made.take(AlarmsAnswer(1, True, alarms), NOW_US)
    return made


class Room:
    """A station with one window on the line, its horn and its feed."""

    def __init__(self, qapp: Any, file: Path, project: Project = LINE, trouble: str = "") -> None:
        self.qapp, self.feed, self.player = qapp, HornFeed(), Player()
        self.player.trouble = trouble
        look = theme.load_theme("light")
        theme.apply_theme(qapp, look)
        self.station = Station(look, self.feed, PLANT, file, lambda: self.player)
        self.station.open()
        self.station.set_plant(project)
        self.window = self.station.windows[0]
        self.window.showNormal()
        self.window.resize(1366, 768)
        self.look()

    @property
    def bar(self) -> TopBar:
        return part(self.window, TopBar)

    def alarms(self, *alarms: Alarm) -> None:
        self.station.set_alarm_book(book(*alarms))
        self.qapp.processEvents()

    def look(self) -> None:
        """What the horn does once a second."""
        assert self.station.horn is not None
        self.station.horn._look()  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
        self.qapp.processEvents()

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key)
        self.qapp.processEvents()

    def sheet(self) -> HornSheet:
        return next(each for each in self.window.findChildren(HornSheet) if each.isVisible())


Enter = Callable[..., Room]


@pytest.fixture
def enter(qapp: Any, tmp_path: Path) -> Iterator[Enter]:
    made: list[Room] = []
    theme.load_fonts()

    def begin(project: Project = LINE, trouble: str = "") -> Room:
        made.append(Room(qapp, tmp_path / "layout.json", project, trouble))
        return made[-1]

    yield begin
    for each in made:
        each.station.close()
        each.station.deleteLater()
    collect()


def test_an_alarm_sounds_with_the_sound_of_the_worst_priority(enter: Enter) -> None:
    room = enter()
    room.alarms(SECOND, WORST, BACK)
    assert room.player.priorities == [1]
    assert room.bar.horn.words == "sounds"
    assert room.bar.silence.text() == "Silence 2"
    assert room.bar.silence.accessibleName() == "Silence the horn: 2 alarms not silenced"


def test_it_sounds_again_by_itself_until_the_alarm_is_acknowledged(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AGAIN_US, 1, 50_000)
    room = enter()
    room.alarms(WORST)
    see(lambda: room.player.priorities.count(1) >= 3, 5, "it repeats")
    room.alarms(msgspec.structs.replace(WORST, letter="C", acked=True))
    assert room.player.priorities[-1] == 0
    count = len(room.player.told)
    QTest.qWait(150)
    assert len(room.player.told) == count


def test_f2_silences_and_acknowledges_nothing_and_the_next_alarm_sounds(enter: Enter) -> None:
    room = enter()
    room.alarms(SECOND)
    room.key(Qt.Key.Key_F2)
    assert room.player.priorities == [2, 0]
    assert (room.bar.horn.words, room.bar.silence.isEnabled()) == ("1 silenced", False)
    assert not room.feed.named("alarm_command")
    room.alarms(SECOND, WORST)
    see(lambda: room.player.priorities == [2, 0, 1], 5, "the new one sounds")
    assert room.bar.silence.text() == "Silence 1"


def test_the_button_silences_too_and_by_the_keyboard(enter: Enter) -> None:
    room = enter()
    room.alarms(WORST)
    room.bar.silence.setFocus()
    QTest.keyClick(room.bar.silence, Qt.Key.Key_Space)
    assert room.player.priorities == [1, 0]


def test_every_window_shows_it_and_any_window_silences_it(enter: Enter) -> None:
    room = enter()
    room.alarms(WORST)
    other = room.station.add()
    other.show()
    assert part(other, TopBar).silence.text() == "Silence 1"
    other.command("silence")
    assert room.player.priorities == [1, 0]
    assert room.bar.silence.text() == "Silence" == part(other, TopBar).silence.text()


def test_an_engine_that_falls_silent_does_not_still_the_horn(enter: Enter) -> None:
    room = enter()
    room.alarms(WORST)
    room.station.set_stalled(STALLED)
    assert room.bar.silence.text() == "Silence 1" and room.player.priorities == [1]


def test_a_missing_device_is_told_to_the_engine_once_and_again_when_it_is_back(enter: Enter) -> None:
    room = enter(trouble=GONE)
    room.look()
    room.player.trouble = ""
    room.look()
    assert [(each["is_well"], each["why"]) for each in room.feed.named("horn")] == [(False, GONE), (True, "")]


def test_what_the_engine_did_not_hear_is_told_again(enter: Enter) -> None:
    room = enter()
    room.feed.refuses, room.player.trouble = "the engine does not answer", GONE
    room.look()
    room.feed.refuses = ""
    room.look()
    assert [each["why"] for each in room.feed.named("horn")] == ["", GONE, GONE]


def test_without_a_device_the_chip_flashes_with_the_worst_alarm_until_silenced(enter: Enter) -> None:
    room = enter(trouble=GONE)
    assert room.bar.horn.words == "does not sound" and not room.bar.horn.is_well
    room.alarms(SECOND, WORST)
    chip = room.bar.horn
    assert chip.is_flashing and f"{chip.name}: {chip.words}" == "HORN: S50 Hydraulics: Pressure high-high"
    assert chip.accessibleName() == "HORN: S50 Hydraulics: Pressure high-high"
    seen: dict[bool, Any] = {}

    def both_halves_are_seen() -> bool:
        half, drawn = is_on(), picture(chip)
        if is_on() == half:  # else it turned while it was drawn
            seen[half] = drawn
        return len(seen) == 2

    see(both_halves_are_seen, 5)
    changed = np.any(seen[True] != seen[False], axis=-1).mean()
    assert changed > 0.5, "all of it turns, not a dot in it"
    room.key(Qt.Key.Key_F2)
    assert not chip.is_flashing and chip.words == "does not sound"


def test_volume_0_is_said_and_flashes_too(enter: Enter) -> None:
    room = enter()
    room.window.command("horn 0")
    assert room.bar.horn.words == "volume 0" and not room.bar.horn.is_well
    room.alarms(WORST)
    assert room.bar.horn.is_flashing and room.player.priorities == []


def test_the_volume_is_remembered_for_the_station(enter: Enter, tmp_path: Path) -> None:
    room = enter()
    room.window.command("horn 50")
    room.station.close()
    found = layout.load(tmp_path / "layout.json")
    assert found is not None and found.volume == 50
    again = enter()
    again.alarms(SECOND)
    assert again.player.told[0] is sound(2, 50)


def test_a_plant_without_a_horn_opens_no_device_and_says_so(enter: Enter) -> None:
    silent = msgspec.structs.replace(LINE.alarm_settings, sound=False)
    room = enter(msgspec.structs.replace(LINE, alarm_settings=silent))
    room.alarms(WORST)
    assert (room.bar.horn.words, room.bar.silence.isVisible()) == ("none", False)
    assert not room.player.told and not room.feed.named("horn")


def test_closing_the_station_tells_the_engine_and_lets_the_device_go(enter: Enter) -> None:
    room = enter()
    room.station.close()
    assert room.feed.named("horn")[-1]["is_closing"] is True
    assert room.player.is_closed


def test_a_horn_not_tested_this_shift_is_said(enter: Enter) -> None:
    room = enter()
    assert room.bar.horn.words == "ready"
    room.feed.tested_us = AN_HOUR_AGO  # the shift ended at 14:00, it is 14:13
    room.player.trouble = GONE
    room.look()
    room.player.trouble = ""
    room.look()
    assert room.bar.horn.words == "test due"
    due = "Horn not tested this shift (last 13:13)."
    assert room.bar.horn.toolTip() == due
    room.window.go(Place("system"))
    assert part(room.window, EngineBlock).horn.text() == f"Horn of this station: {due}"


def test_the_test_plays_every_sound_in_turn_and_what_was_heard_goes_on_record(enter: Enter) -> None:
    room = enter()
    room.bar.horn.click()
    sheet = room.sheet()
    QTest.keyClick(sheet.begin, Qt.Key.Key_Space)
    for priority in (1, 2, 3, 4):
        assert room.player.priorities[-1] == priority
        assert sheet.asked.text() == f"Did you hear the sound of priority {priority}?"
        line = sheet.lines[priority]
        assert line.yes.hasFocus()
        (line.no if priority == 3 else line.yes).click()
    assert room.feed.named("horn_test")[0]["heard"] == [(1, True), (2, True), (3, False), (4, True)]
    assert sheet.asked.text() == "On record. Priority 3 was not heard: that is an alarm now."
    assert room.bar.horn.words == "not heard at its test"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_test_that_the_engine_does_not_take_is_not_called_done(enter: Enter) -> None:
    room = enter()
    room.window.command("horn")
    sheet = room.sheet()
    sheet.begin.click()
    room.feed.refuses = "the engine does not answer; nothing was sent"
    for line in sheet.lines.values():
        line.yes.click()
    assert sheet.asked.text().startswith("Not on record: The engine does not answer")


def test_while_an_alarm_sounds_there_is_no_test_and_one_that_comes_sounds_over_it(enter: Enter) -> None:
    room = enter()
    room.window.command("horn")
    sheet = room.sheet()
    sheet.begin.click()
    room.alarms(SECOND)
    assert room.player.priorities == [1, 2]
    sheet.lines[1].again.click()
    assert room.player.priorities == [1, 2]
    sheet.leave()
    room.window.command("horn")
    assert not room.sheet().begin.isEnabled()
    assert "Silence the alarms first" in room.sheet().asked.text()


def test_the_sheet_leaves_the_silence_button_free(enter: Enter) -> None:
    room = enter()
    room.window.command("horn")
    button = room.bar.silence
    middle = button.mapTo(room.window, button.rect().center())
    assert room.window.childAt(middle) is button


def test_the_silence_button_keeps_its_width(enter: Enter) -> None:
    room = enter(trouble=GONE)
    wide = room.bar.silence.width()
    room.alarms(SECOND, WORST)
    QTest.qWait(20)
    assert room.bar.silence.width() == wide >= room.bar.silence.sizeHint().width()
