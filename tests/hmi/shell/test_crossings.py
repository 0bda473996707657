"""Tags on their way to a limit: on the faceplate, in the top bar and at the value; one tap from the trend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.typed import unpack
from engine.types import Crossing
from hmi import crossing_words, theme
from hmi.displays.display import Place
from hmi.displays.overview.tile import TileWidget
from hmi.displays.trends.view import TrendsView
from hmi.displays.twin.view import TwinView
from hmi.displays.unit.main_block import MainBlock
from hmi.model import build
from hmi.outlook_book import OutlookBook
from hmi.outlook_words import title
from hmi.shell.banner import Banner
from hmi.shell.faceplate import EDGE_PX, Faceplate
from hmi.shell.foreseen_chip import ForeseenChip
from hmi.shell.window import Window
from tests.hmi.booked import tell
from tests.hmi.foreseen import HOUR_US, HYDRAULICS, answer, outlook
from tests.hmi.gate import VALUES, WRITABLE, GateFeed
from tests.hmi.gate import book as writes
from tests.hmi.line import AIR, FORCE, PRESS, PRESSURE, WELD
from tests.hmi.plant import BAD, NOW_US, STALE, UNCERTAIN, snapshot
from tests.hmi.shell.gated import gated, past_feed
from tests.hmi.shell.parts import counts_of, part, rows_of
from tests.hmi.structure import problems

pytestmark = pytest.mark.screen
MINUTE_US = 60_000_000
MODEL = build(WRITABLE)
GOOD = tuple(200.0 if value == 241.6 else value for value in VALUES)


def crossing(path: str = PRESSURE, **more: Any) -> Crossing:
    """Pressure gets to its high limit in about three hours."""
    facts: dict[str, Any] = {
        "asset": path.rpartition("/")[0],
        "name": "H",
        "limit": 232.0,
        "unit": "bar",
        "value": 200.0,
        "data_until_us": NOW_US - MINUTE_US,
        "issued_us": NOW_US - MINUTE_US,
        "valid_s": 900.0,
        "since_us": NOW_US - HOUR_US,
        "crosses_us": NOW_US + 3 * HOUR_US + 11 * MINUTE_US,
        "earliest_us": NOW_US + 2 * HOUR_US,
        "latest_us": NOW_US + 5 * HOUR_US,
    }
    return Crossing(path, **{**facts, **more})


HEADER = crossing(AIR, name="L", limit=6.0, crosses_us=NOW_US + HOUR_US, earliest_us=NOW_US, latest_us=None)


def told(*crossings: Crossing, outlooks: Any = ()) -> OutlookBook:
    """A book, by way of the bytes that the engine sends."""
    sent = msgspec.msgpack.encode(answer(*outlooks, crossings=crossings))
    made = OutlookBook()
    made.take(unpack(sent, type(answer())))
    return made


@pytest.fixture
def feed() -> GateFeed:
    return past_feed()


@pytest.fixture
def shown(qapp: QApplication, feed: GateFeed) -> Iterator[Window]:
    """A window on the press with its faceplate on the hydraulics."""
    with gated(qapp, feed, 1920, 1080) as made:
        tell(made)
        made.set_control(writes())
        made.on_numbers(snapshot(GOOD))
        made.go(Place("unit", PRESS))
        made.go(Place("", HYDRAULICS))
        qapp.processEvents()
        yield made


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def rows(window: Window) -> list[tuple[str, str]]:
    """What the faceplate says of tags on their way to a limit."""
    block = window.faceplate.outlook.crossings
    return [(row.name, plain(row.told)) for row in block.rows] if block.isVisible() else []


def marked(window: Window) -> bool:
    """The large value of the unit has the mark."""
    looks = [each.look for each in window.findChildren(MainBlock) if each.isVisible()]
    return any(each is not None and each.main.is_foreseen for each in looks)


def count(window: Window) -> str:
    chip = part(window, ForeseenChip)
    return chip.words if chip.isVisible() else ""


def is_silent(window: Window) -> bool:
    return rows(window) == [] and count(window) == "" and not marked(window)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "H 232.0 bar in about 3 h 10 min (2 h to 5 h)"),
        ({"latest_us": None}, "H 232.0 bar in about 3 h 10 min (2 h at the earliest)"),
        ({"crosses_us": NOW_US + 44 * MINUTE_US, "earliest_us": NOW_US - 1}, "in about 45 min (now to 5 h)"),
        ({"crosses_us": NOW_US + 9 * MINUTE_US, "earliest_us": None}, "in about 9 min (now to 5 h)"),
        ({"crosses_us": NOW_US - 1, "latest_us": NOW_US - 1}, "H 232.0 bar about now (any minute)"),
        ({"crosses_us": NOW_US + 15 * HOUR_US + 1}, "in about 15 h (2 h to 5 h)"),
    ],
)
def test_words_are_no_finer_than_a_forecast(more: dict[str, Any], words: str) -> None:
    assert plain(crossing_words.words(crossing(**more), MODEL, NOW_US)).endswith(words)


def test_every_span_of_time_reads_forward_and_never_as_60_minutes() -> None:
    for minutes in range(1, 2000):
        words = crossing_words.words(crossing(crosses_us=NOW_US + minutes * MINUTE_US), MODEL, NOW_US)
        span = words.partition(" in about ")[2].partition(" (")[0]
        hours, _, rest = span.rpartition(" h") if " h" in span else ("", "", span)
        said = 60 * int(hours or 0) + int(rest.removesuffix("min") or 0)
        assert "60 min" not in span and abs(said - minutes) <= (30 if minutes >= 720 else 5), (minutes, span)


def test_it_stands_on_the_faceplate_at_the_value_on_the_bar_and_on_the_overview(shown: Window) -> None:
    shown.set_outlooks(told(crossing(), HEADER))
    assert rows(shown) == [("Pressure", "H 232.0 bar in about 3 h 10 min (2 h to 5 h)")]
    assert marked(shown) and count(shown) == "2 foreseen"
    shown.go(Place("", PRESS))
    assert [name for name, _ in rows(shown)] == ["Hydraulics › Pressure"]
    shown.go(Place("", PRESSURE))
    assert [name for name, _ in rows(shown)] == ["Pressure"]
    shown.show_display("overview")
    said = {each.tile.path: each.accessibleName() for each in shown.findChildren(TileWidget)}
    assert "trouble predicted" in said[PRESS]


def test_it_is_never_an_alarm(shown: Window) -> None:
    shown.set_outlooks(told(crossing(), HEADER))
    assert rows_of(shown) == [] and sum(counts_of(shown).values()) == 0
    assert "Pressure" not in part(shown, Banner).accessibleName()
    badge = shown.faceplate.badge.badge
    assert badge is None or badge.priority == 0


def test_one_tap_leads_to_the_trend_with_its_forecast(shown: Window, feed: GateFeed) -> None:
    shown.set_outlooks(told(crossing()))
    QTest.mouseClick(shown.faceplate.outlook.crossings.rows[0], Qt.MouseButton.LeftButton)
    view = shown.deck.view_widget
    assert shown.place.display == "trends" and isinstance(view, TrendsView)
    assert view.tools.forecasting.button.isChecked() and view.trend.plot.is_live
    shown.on_numbers(snapshot(GOOD))
    shown.on_trends(NOW_US)
    assert ("forecast", (PRESSURE,)) in [(each.op, each.body.get("paths")) for each in feed.sent]


def test_chip_leads_there_and_asks_which_of_several_what_fails_first_then_the_soonest(shown: Window) -> None:
    chip = part(shown, ForeseenChip)
    shown.set_outlooks(told(crossing(), HEADER, outlooks=(outlook(),)))
    assert count(shown) == "3 foreseen"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    lines = [plain(each.text()) for each in menu.actions() if not each.isSeparator()]
    menu.close()
    assert lines[0] == f"{HYDRAULICS.replace('/', ' › ')}: {plain(title(outlook()))}"
    assert lines[1] == f"{AIR.replace('/', ' › ')}: L 6.0 bar in about 1 h (now at the earliest)"
    assert lines[2].startswith(PRESSURE.replace("/", " › "))
    shown.set_outlooks(told(crossing()))
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert (shown.place.display, shown.place.path) == ("trends", PRESSURE)


@pytest.mark.parametrize("status", [BAD, STALE, UNCERTAIN])
def test_value_that_is_not_good_takes_it_away_at_once_and_everywhere_within_a_second(
    shown: Window, status: int
) -> None:
    shown.set_outlooks(told(crossing()))
    at = MODEL.index[PRESSURE]
    shown.on_numbers(snapshot(GOOD, {at: status}, version=2))
    assert not marked(shown), "at the value it goes with the number"
    shown.second.emit()
    assert is_silent(shown)
    shown.on_numbers(snapshot(GOOD, version=3))
    shown.second.emit()
    assert marked(shown) and count(shown) == "1 foreseen"


def test_old_one_is_gone_by_itself_and_one_that_the_engine_ends_at_once(
    shown: Window, feed: GateFeed
) -> None:
    shown.set_outlooks(told(crossing()))
    shown.set_outlooks(told())
    shown.on_numbers(snapshot(GOOD, version=2))
    assert is_silent(shown)
    shown.set_outlooks(told(crossing()))
    feed.now = NOW_US + 841_000_000
    shown.second.emit()
    shown.on_numbers(snapshot(GOOD, version=3))
    assert is_silent(shown)


def test_one_of_a_tag_that_is_not_in_the_plant_is_not_shown(shown: Window) -> None:
    shown.set_outlooks(told(crossing(f"{HYDRAULICS}/Gone")))
    assert is_silent(shown)


def test_silent_engine_and_replay_withdraw_it_and_it_comes_back(shown: Window) -> None:
    shown.set_outlooks(told(crossing()))
    for begin, end in (
        (lambda: shown.set_stalled("since 14:13:46: the engine is gone"), lambda: shown.set_stalled(None)),
        (lambda: shown.command("replay"), lambda: shown.command("live")),
    ):
        begin()
        assert is_silent(shown)
        end()
        shown.on_numbers(snapshot(GOOD, version=5))
        assert len(rows(shown)) == 1 and count(shown) == "1 foreseen"


def test_more_than_fit_are_counted_and_every_theme_has_room(shown: Window, qapp: QApplication) -> None:
    names = ("Pressure", "Pressure setpoint", "Oil temperature", "Pump running", "Pump start")
    shown.set_outlooks(told(*(crossing(f"{HYDRAULICS}/{name}") for name in names)))
    assert len(rows(shown)) == crossing_words.MOST
    assert shown.faceplate.outlook.crossings.more.text() == "1 more on their way to a limit"
    for size in ((1366, 768), (1920, 1080)):
        shown.resize(*size)
        for name in theme.NAMES:
            shown.set_theme(name)
            qapp.processEvents()
            assert shown.faceplate.outlook.width() <= shown.faceplate.width() - 2 * EDGE_PX
            assert problems(shown, over=(Faceplate,)) == []


def test_long_words_take_two_lines_and_the_row_has_room_for_them(shown: Window, qapp: QApplication) -> None:
    shown.set_outlooks(told(crossing(name="high-high", latest_us=None)))
    for name in theme.NAMES:
        shown.set_theme(name)
        qapp.processEvents()
        (row,) = shown.faceplate.outlook.crossings.rows
        step = QFontMetricsF(theme.font(row.theme, row.theme.size.small))
        room = QRectF(0, 0, row.width() - 30, 1000)
        lines = step.boundingRect(room, int(Qt.TextFlag.TextWordWrap), row.told).height()
        assert lines > step.lineSpacing() * 1.5, "the words are long enough to prove something"
        assert row.theme.size.body + lines <= row.height(), name


def test_chart_of_the_twin_is_of_what_the_faceplate_shows(shown: Window) -> None:
    shown.show_display("twin")
    twin = shown.deck.view_widget
    assert isinstance(twin, TwinView)
    for path, drawn in ((PRESSURE, PRESSURE), (FORCE, FORCE), (HYDRAULICS, PRESSURE), (WELD, WELD)):
        shown.go(Place("", path))
        assert shown.faceplate.path == path
        assert [pen.path for pen in twin.trend.plot.pens] == [drawn]
        assert twin.path == (path if path == HYDRAULICS else path.rpartition("/")[0])
    shown.go(Place("unit", PRESS))
    shown.go(Place("", FORCE))
    shown.show_display("twin")
    assert [pen.path for pen in twin.trend.plot.pens] == [FORCE], "also what was opened elsewhere"
