"""The page of clocks: what it says of each device, worst first, and that it asks only while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.types import DeviceClock, HostClock, ScaleClass
from hmi.displays.system import clock_state as clocks
from hmi.displays.system import state as system
from hmi.displays.system.clock_state import Clocks, Told
from hmi.model import Model
from hmi.shell.window import Window
from tests.hmi.displays.system.page import view_of
from tests.hmi.plant import NOW_US
from tests.hmi.sources import SourceFeed, secured
from tests.hmi.structure import problems

S = 1_000_000
RIGHT = DeviceClock("weld", "server", -400, 1_100, None, NOW_US - 5 * S, 40_000, 90_000, 17)
OFF = DeviceClock("press", "server", 2_340_000, 900, 3.21, NOW_US - 12 * S, 85_000, 240_000, 0, "it is off")
SILENT = DeviceClock("robots", "server", text="not measured: there is no link")
NONE = DeviceClock("air", "none", text="tells no time: its values carry our time")
SCALES = (ScaleClass("ms", 42, 420.0, 620.0), ScaleClass("shift", 3, 0.0, 0.0))
TOLD = Told(HostClock(True, 1_200), (NONE, RIGHT, SILENT, OFF), SCALES)
CLOCKS = system.PAGES.index("clocks")


def test_what_is_off_stands_first_and_what_has_no_clock_last() -> None:
    assert [each.source for each in clocks.ordered(TOLD.devices)] == ["press", "robots", "weld", "air"]
    assert [clocks.is_off(each) for each in (OFF, RIGHT, SILENT, NONE)] == [True, False, False, False]
    vague = msgspec.structs.replace(OFF, error_us=1_500_000)
    assert not clocks.is_off(vague), "a clock that may be right is no person's affair"


def test_row_says_offset_with_its_error_drift_lag_and_what_to_know() -> None:
    press, robots, weld, air = clocks.rows(TOLD, NOW_US, "UTC", "en")
    assert press[1:6] == ("2.3 s ahead, ± 0.9 ms", "3.2 ppm", "85 ms; 1 % over 240 ms", "0", "12 s ago")
    assert robots == ("robots", "not known", "", "", "", "", "Not measured: there is no link.")
    assert weld[1] == "right, ± 1.1 ms" and weld[4] == "17" and weld[6] == "In order."
    assert air[1] == "no clock" and air[6] == "Tells no time: its values carry our time."


@pytest.mark.parametrize(
    ("time_us", "words"),
    [(400, "0.4 ms"), (85_000, "85 ms"), (999_499, "999 ms"), (999_600, "1.0 s"), (62_000_000, "62.0 s")]
    + [(3_720_000_000, "1 h"), (-85_000, "\u221285 ms")],
)
def test_lengths_are_said_in_the_unit_a_person_would_use(time_us: int, words: str) -> None:
    assert clocks.length(time_us) == words


@pytest.mark.parametrize(
    ("host", "words", "is_poor"),
    [
        (HostClock(True, 1_200), "Follows a time server, within ± 1.2 ms.", False),
        (HostClock(False, None, "it follows none"), "It follows none.", True),
        (HostClock(None, None, "this system does not tell"), "This system does not tell.", False),
    ],
)
def test_this_computers_clock_is_said_in_words(host: HostClock, words: str, is_poor: bool) -> None:
    (fact,) = clocks.host_facts(host, "en")
    assert (fact.text, fact.is_poor) == (words, is_poor)


def test_line_beside_the_sources_names_the_clock_that_is_off() -> None:
    well = clocks.row([secured("a", clock_offset_s=0.2)], False)
    look = clocks.row([secured("a", clock_offset_s=0.2), secured("b", clock_offset_s=-62.0)], False)
    assert well.mark == "well" and look.mark == "look" and look.state == "b is 62 s behind"
    assert clocks.row([], True).mark == "unknown"


def test_summary_counts_and_news_say_why_nothing_comes() -> None:
    assert clocks.summary(Clocks(TOLD)) == "1 off by more than 1 s · 2 of 3 measured · 1 without a clock"
    assert "engine is silent" in clocks.news_words(Clocks(TOLD), True)
    assert clocks.news_words(Clocks(TOLD), False) == ""
    assert clocks.news_words(Clocks(TOLD, "no answer"), False) == "The clocks are not known: No answer."


@pytest.fixture
def asked(feed: SourceFeed, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was asked; ``clocks`` is answered."""
    found: list[str] = []
    submit: Callable[..., None] = feed.submit

    def answering(name: str, body: dict[str, Any], on_done: Any, on_error: Any) -> None:
        found.append(name)
        if name == "clocks":
            on_done(msgspec.to_builtins(TOLD))
        else:
            submit(name, body, on_done, on_error)

    monkeypatch.setattr(feed, "submit", answering)
    return found


@pytest.mark.screen
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_whole_and_shows_what_the_engine_says(
    window: Window, asked: list[str], qapp: Any, size: tuple[int, int], theme: str
) -> None:
    window.set_theme(theme)
    window.resize(*size)
    view = view_of(window)
    view.show_page(CLOCKS)
    qapp.processEvents()
    assert asked.count("clocks") == 1
    assert [row[0] for row in view.clocks.table.texts.rows] == ["press", "robots", "weld", "air"]
    assert len(view.clocks.scales.texts.rows) == 2
    assert problems(view.clocks) == []


@pytest.mark.screen
def test_hidden_it_asks_for_nothing(window: Window, asked: list[str], feed: SourceFeed, qapp: Any) -> None:
    view = view_of(window)
    view.show_page(CLOCKS)
    view.show_page(0)
    feed.now += 60 * S
    view.clocks.set_plant(Model())
    view.clocks.set_sources([secured()])
    qapp.processEvents()
    assert asked.count("clocks") == 1
    view.show_page(CLOCKS)
    assert asked.count("clocks") == 2
