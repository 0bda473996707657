"""Replay in a window: the displays go back in time, the alarms of now stay on show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from engine.types import Instant
from hmi import formats
from hmi.displays.display import Place
from hmi.replay import Past
from hmi.shell import replayer as replayer_module
from hmi.shell.banner import Banner
from hmi.shell.clock import Clock
from hmi.shell.replay_bar import ReplayBar, ReplayFrame
from hmi.shell.replayer import Replayer
from hmi.shell.scrubber import Scrubber
from hmi.shell.window import Window
from hmi.theme import load_theme
from hmi.widgets.labels import Words
from tests.hmi.booked import tell
from tests.hmi.line import LINE, PRESS, PRESSURE, VALUES, alarm
from tests.hmi.looking import see
from tests.hmi.plant import NOW_US, PlantFeed, snapshot
from tests.hmi.shell.parts import counts_of, part, rows_of
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
HOUR_US = 3_600_000_000
AT = [tag.path for tag in LINE.tags].index(PRESSURE)


def then(value: float, alarms: tuple[Any, ...] = ()) -> Any:
    """A plant whose pressure was ``value`` all the time."""

    def at(time_us: int) -> Past:
        values = np.array(VALUES)
        values[AT] = value
        count = len(VALUES)
        times = np.full(count, time_us - 500_000, np.int64)
        return Past(time_us, Instant(times, values, np.zeros(count, np.uint32)), {}, alarms)

    return at


@pytest.fixture
def rewound(line: Window, feed: PlantFeed, qapp: Any) -> Window:
    """A window at the press whose pressure was 199.5 ten minutes ago."""
    line.resize(1366, 768)
    feed.instants = then(199.5)
    feed.past.oldest = NOW_US - 72 * 3_600_000_000
    line.go(Place("unit", PRESS))
    tell(line, alarm())
    line.on_numbers(snapshot(list(VALUES)))
    line.command("replay")
    qapp.processEvents()
    return line


def test_displays_show_the_past_and_the_bar_says_so(rewound: Window) -> None:
    bar = part(rewound, ReplayBar)
    assert bar.isVisible() and bar.words.startswith("REPLAY ")
    assert rewound.replayer.frame.isVisible()
    assert rewound.deck.is_past


def test_clock_goes_back_in_time_and_to_live_again(rewound: Window) -> None:
    clock = part(rewound, Clock)
    clock.click()
    assert not rewound.deck.is_past and rewound.replayer.at_us is None
    clock.click()
    assert rewound.deck.is_past


def test_live_numbers_do_not_reach_the_displays_until_live_again(rewound: Window, feed: PlantFeed) -> None:
    told: list[float] = []
    view = rewound.deck.view
    before = view.on_numbers
    view.on_numbers = lambda shown: (told.append(float(shown.value[AT])), before(shown))  # type: ignore[method-assign]
    rewound.on_numbers(snapshot(list(VALUES)))
    assert told == []
    rewound.replayer.begin(NOW_US - 3_600_000_000)
    assert told == [199.5]
    rewound.command("live")
    assert told[-1] == pytest.approx(VALUES[AT])
    assert not part(rewound, ReplayBar).isVisible() and not rewound.replayer.frame.isVisible()


def test_alarm_banner_and_counters_stay_live(rewound: Window) -> None:
    assert len(rows_of(rewound)) == 1 and counts_of(rewound)[1] == 1
    tell(rewound, alarm(), alarm(LINE.tags[0].path, 2))
    assert len(rows_of(rewound)) == 2
    assert rewound.deck.alarms == ()


def test_trends_end_at_the_instant_on_show(rewound: Window, feed: PlantFeed) -> None:
    at_us = rewound.replayer.at_us
    assert at_us is not None and rewound.deck.feed.now_us() == at_us
    feed.made = lambda index: changed(_ramp(at_us))
    curve = rewound.deck.feed.curve(0, at_us - 10_000_000, at_us + 10_000_000, 100)
    assert curve.time_us.size and curve.time_us[-1] <= at_us


def _ramp(at_us: int) -> Any:
    from engine.types import Curve

    times = np.arange(at_us - 5_000_000, at_us + 5_000_000, 1_000_000)
    return Curve(times, np.arange(10.0), np.arange(10.0), np.zeros(10, np.bool_))


def test_what_cannot_be_read_is_said_and_no_old_value_stands_for_it(rewound: Window, feed: PlantFeed) -> None:
    told: list[float] = []
    view = rewound.deck.view
    view.on_numbers = lambda shown: told.append(float(shown.value[AT]))  # type: ignore[method-assign]
    feed.instants = lambda time_us: "the engine does not answer; nothing was sent"
    rewound.replayer.begin(NOW_US - 7_200_000_000)
    assert "does not answer" in part(rewound, ReplayBar).note
    assert told and all(np.isnan(each) for each in told)


def test_line_of_time_is_tapped_dragged_and_typed(rewound: Window, qapp: Any) -> None:
    scrubber = part(rewound, Scrubber)
    at = scrubber.rect().center()
    QTest.mouseClick(scrubber, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    middle = rewound.replayer.at_us
    assert middle is not None
    assert abs(middle - scrubber.time_at(at.x())) < 60_000_000
    QTest.keyClick(scrubber, Qt.Key.Key_Left)
    assert rewound.replayer.at_us == middle - 60_000_000
    bar = part(rewound, ReplayBar)
    bar.when.setText("gibberish")
    QTest.keyClick(bar.when, Qt.Key.Key_Return)
    assert rewound.replayer.at_us == middle - 60_000_000


def test_another_display_opened_in_replay_is_in_the_past_too(rewound: Window, qapp: Any) -> None:
    rewound.show_display("overview")
    qapp.processEvents()
    assert rewound.deck.is_past
    rewound.on_numbers(snapshot(list(VALUES)))
    assert part(rewound, ReplayBar).isVisible()


class Watch:
    """In place of the stop watches of the replay: ``ms`` have gone by since it was last set back."""

    ms = 0

    def start(self) -> None: ...

    def restart(self) -> int:
        return Watch.ms

    def elapsed(self) -> int:
        return Watch.ms


def never_answered(time_us: int, on_done: Any, on_error: Any) -> None: ...


@pytest.fixture
def replayer(monkeypatch: pytest.MonkeyPatch, qapp: Any, feed: PlantFeed) -> Iterator[Replayer]:
    """A replay that stands an hour ago, with stop watches of the test."""
    monkeypatch.setattr(replayer_module, "QElapsedTimer", Watch)
    monkeypatch.setattr(Watch, "ms", 0)
    feed.past.oldest, feed.instants = NOW_US - 72 * HOUR_US, then(199.5)
    theme, parent = load_theme("light"), QWidget()
    bar, frame = ReplayBar(theme, parent), ReplayFrame(theme, parent)
    made = Replayer(theme, feed, bar, frame, lambda past: None, parent)
    made.begin(NOW_US - HOUR_US)
    yield made
    made.leave()
    parent.deleteLater()


def test_time_that_went_by_before_a_new_speed_is_played_at_the_old_one(replayer: Replayer) -> None:
    replayer.bar.played.emit()
    Watch.ms = 900
    replayer.bar.speed.emit(60)
    assert replayer.at_us == NOW_US - HOUR_US + 900_000


def test_computer_that_slept_does_not_make_a_replay_leap(replayer: Replayer) -> None:
    replayer.bar.played.emit()
    Watch.ms = 3_600_000
    replayer.bar.speed.emit(60)
    assert replayer.at_us == NOW_US - HOUR_US + 1_000_000


def test_past_that_plays_waits_for_an_answer_and_the_time_above_stays_that_of_the_values(
    replayer: Replayer, feed: PlantFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayer.bar.played.emit()
    Watch.ms = 200
    monkeypatch.setattr(feed, "instant", never_answered)
    shown = NOW_US - HOUR_US
    see(lambda: replayer.at_us != shown, what="the first step")
    asked = replayer.at_us
    Watch.ms = 5000
    told: list[str] = []
    replayer.moved.connect(lambda: told.append(replayer.bar.words))
    see(lambda: len(told) >= 3, what="three more looks")
    assert replayer.at_us == asked
    assert set(told) == {f"REPLAY {formats.clock(shown, 'UTC')}"}
    assert "Reading the history" in replayer.bar.note


def test_nothing_moves_under_a_finger_when_play_becomes_pause(rewound: Window, qapp: Any) -> None:
    bar = part(rewound, ReplayBar)
    before = [each.geometry() for each in (bar.scrubber, bar.play, bar.live)]
    bar.played.emit()
    qapp.processEvents()
    assert bar.play.text() == "Pause"
    assert [each.geometry() for each in (bar.scrubber, bar.play, bar.live)] == before


def test_banner_and_system_are_said_to_be_of_now(rewound: Window) -> None:
    assert "banner and System are of now" in part(rewound, ReplayBar).note
    said = [
        each.text() for each in part(rewound, Banner).findChildren(Words) if "NOW, not replay" in each.text()
    ]
    assert said
    rewound.command("live")
    assert not [each for each in part(rewound, Banner).findChildren(Words) if "NOW" in each.text()]


def test_alarms_of_then_reach_the_displays_and_the_tags_while_the_banner_keeps_those_of_now(
    rewound: Window, feed: PlantFeed
) -> None:
    aside = alarm(LINE.tags[2].path, 3, letter="E", id=77)
    feed.instants = then(199.5, (alarm(LINE.tags[0].path, 2), aside))
    told: list[Any] = []
    view = rewound.deck.view
    view.on_numbers = told.append  # type: ignore[method-assign]
    rewound.replayer.begin(NOW_US - HOUR_US)
    assert [each.path for each in rewound.deck.alarms] == [LINE.tags[0].path, LINE.tags[2].path]
    assert told[-1].alarm[0] == 2 and told[-1].alarm[2] == 0, "one that was shelved tints nothing"
    assert len(rows_of(rewound)) == 1 and rows_of(rewound) != []
    tell(rewound)
    assert [each.path for each in rewound.deck.alarms] == [LINE.tags[0].path, LINE.tags[2].path]
    assert rows_of(rewound) == []


def test_alarms_that_are_not_on_record_are_told(rewound: Window, feed: PlantFeed) -> None:
    good = then(199.5)
    feed.instants = lambda time_us: changed(good(time_us), alarms_since_us=NOW_US, is_alarms_whole=False)
    rewound.replayer.begin(NOW_US - HOUR_US)
    assert "only those since" in part(rewound, ReplayBar).note
    feed.instants = lambda time_us: changed(good(time_us), is_alarms_whole=False)
    rewound.replayer.begin(NOW_US - 2 * HOUR_US)
    assert "not all on record" in part(rewound, ReplayBar).note


@pytest.mark.parametrize("size", [(1024, 640), (1366, 768), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("theme", ["light", "dark", "sunlight"])
def test_bar_is_whole_at_any_size(rewound: Window, qapp: Any, size: tuple[int, int], theme: str) -> None:
    rewound.set_theme(theme)
    rewound.resize(*size)
    qapp.processEvents()
    assert problems(part(rewound, ReplayBar)) == []
    buttons = [each for each in part(rewound, ReplayBar).findChildren(QPushButton) if each.isVisible()]
    assert len(buttons) == (4 if size[0] < 1200 else 6)
