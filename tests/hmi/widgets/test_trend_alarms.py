"""Alarms on a trend as a person sees and reaches them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from engine.types import Alarm, AlarmChange, Gap
from hmi.alarm_spells import history_of
from hmi.known_alarms import AlarmPast
from hmi.pens import Pen
from hmi.recall import Recall
from hmi.theme import apply_theme, load_fonts, load_theme
from hmi.widgets import trend_alarms as strip
from hmi.widgets.trend_panel import TrendPanel
from tests.hmi.conftest import collect
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import NOW_US, curve, tag

pytestmark = pytest.mark.screen
LOOK = load_theme("light")
TAG, S = "S50/Pressure", 1_000_000
PEN = Pen(0, "Pressure", "bar", LOOK.pens[0], low=0, high=250, decimals=1, path=TAG)


def row(
    what: str, ago: float, alarm: int = 1, letter: str = "B", priority: int = 1, **more: Any
) -> AlarmChange:
    """What happened so many seconds ago."""
    at = NOW_US - round(ago * S)
    return AlarmChange(alarm, what, letter, priority, at, at, TAG, "hh", message="Too much", **more)  # pyright: ignore[reportArgumentType]


class Trend:
    """Ten minutes of one pen, and a journal that answers at once."""

    def __init__(self, *, lean: bool = False) -> None:
        self.recall = Recall()
        self.recall.is_reached = True
        self.recall.set_tags([tag(TAG)])
        self.journal: list[AlarmChange] = []
        flat = curve([-600.0 + 5 * k for k in range(120)], [100.0] * 120)
        self.panel = TrendPanel(LOOK, lambda *_: flat, None, lean=lean, past=self.recall)  # pyright: ignore[reportArgumentType]
        self.panel.resize(1000, 420)
        self.panel.set_place("UTC", "en")
        self.panel.show_pens("Pressure", [PEN])
        self.panel.keep_span()
        self.plot = self.panel.plot
        self.plot.set_span(600)
        self.panel.show()

    def frame(self, *changes: AlarmChange, live: tuple[Alarm, ...] = (), now_us: int = NOW_US) -> None:
        """Frames until all that was asked for has come."""
        self.journal += changes
        self.panel.set_alarms(live)
        for _ in range(3):
            self.panel.on_trends(now_us)
            while (ask := self.recall.known_alarms.next_ask(NOW_US)) is not None:
                found = sorted((each for each in self.journal), key=lambda each: -each.time_us)
                inside = [each for each in found if each.time_us >= ask.start_us]
                before = [each for each in found if each.time_us < ask.start_us][::-1]
                self.recall.known_alarms.take(ask, inside, before, NOW_US)

    def ink(self, priority: int, place: int = 0) -> Any:
        """Columns of the plot in which a bar of that priority is, in a row."""
        box = strip.row_box(self.plot.scene(), place)
        y = round(box.bottom()) - 2
        seen = is_colour(picture(self.plot)[y - 1 : y + 1], LOOK.alarms[priority - 1], 40).any(axis=0)
        return np.flatnonzero(seen)

    def x(self, ago: float) -> float:
        return self.plot.scene().x(NOW_US - round(ago * S))

    def tap(self, ago: float, place: int = 0) -> None:
        box = strip.row_box(self.plot.scene(), place)
        spot = QPoint(round(self.x(ago)), round(box.center().y()))
        QTest.mouseClick(self.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


@pytest.fixture
def trend(qapp: Any) -> Iterator[Trend]:
    load_fonts()
    apply_theme(qapp, LOOK)
    made = Trend()
    yield made
    made.panel.close()
    made.panel.deleteLater()
    collect()


def test_band_reaches_from_where_an_alarm_came_to_where_it_returned(trend: Trend) -> None:
    trend.frame(row("active", 400), row("returned", 100))
    ink = trend.ink(1)
    assert abs(ink.min() - trend.x(400)) < 4 and abs(ink.max() - trend.x(100)) < 4
    assert trend.ink(2).size == 0


def test_alarm_that_came_long_before_the_window_has_its_band_from_the_left_edge(trend: Trend) -> None:
    trend.frame(row("active", 90_000), row("returned", 300))
    ink = trend.ink(1)
    assert ink.min() <= trend.plot.plot_rect().left() + 2 and abs(ink.max() - trend.x(300)) < 4


def test_alarm_that_is_active_now_reaches_to_now_before_the_journal_tells_it(trend: Trend) -> None:
    came = NOW_US - 60 * S
    trend.frame(live=(Alarm(TAG, "hh", 1, True, came, came, id=1),))
    ink = trend.ink(1)
    assert abs(ink.min() - trend.x(60)) < 4 and abs(ink.max() - trend.x(0)) < 4


def test_ground_is_shaded_while_an_alarm_is_active_and_nowhere_else(trend: Trend) -> None:
    trend.frame()
    plain = picture(trend.plot)
    trend.frame(row("active", 400), row("returned", 200))
    trend.recall.known_alarms.renew()
    trend.frame()
    shaded, y = picture(trend.plot), round(trend.plot.plot_rect().bottom()) - 20
    for ago, is_darker in ((500, False), (300, True), (100, False)):
        before, after = plain[y, round(trend.x(ago))], shaded[y, round(trend.x(ago))]
        assert (np.asarray(before, int).sum() > np.asarray(after, int).sum()) == is_darker


def test_alarm_that_was_set_aside_is_an_outline_without_shade(trend: Trend) -> None:
    trend.frame()
    y = round(trend.plot.plot_rect().bottom()) - 20
    before = picture(trend.plot)[y, round(trend.x(300))].tolist()
    trend.frame(row("active", 400, letter="F"), row("returned", 200, letter="F"))
    trend.recall.known_alarms.renew()
    trend.frame()
    (band,) = trend.plot.bands()
    assert band.is_aside
    assert picture(trend.plot)[y, round(trend.x(300))].tolist() == before


def test_bar_is_an_outline_while_no_engine_looked(trend: Trend) -> None:
    trend.recall.known_gaps.take((0, NOW_US * 2), [Gap(NOW_US - 300 * S, NOW_US - 200 * S, "engine")])
    trend.frame(row("active", 400), row("returned", 100))
    box = strip.row_box(trend.plot.scene(), 0)
    middle = round(box.bottom()) - 2
    seen = is_colour(picture(trend.plot)[middle : middle + 1], LOOK.alarms[0], 40)[0]
    assert seen[round(trend.x(350))] and not seen[round(trend.x(250))]


def test_tap_on_a_band_tells_alarm_times_and_by_whom(trend: Trend) -> None:
    shelf = row("shelved", 350, letter="E", by="a.lang", text="part ordered", until_us=NOW_US)
    trend.frame(
        row("active", 400), row("acknowledged", 380, letter="C", by="m.keller"), shelf, row("returned", 100)
    )
    trend.tap(250)
    card = trend.panel.card
    assert card is not None and card.isVisible()
    for words in (
        "Too much",
        "came 13:07:06",
        "returned 13:12:06",
        "by m.keller",
        "by a.lang",
        "part ordered",
    ):
        assert words in card.text
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible() and trend.plot.cursor_us is None


def test_tap_beside_every_band_sets_the_cursor_as_ever(trend: Trend) -> None:
    trend.frame(row("active", 400), row("returned", 350))
    spot = QPoint(round(trend.x(100)), round(trend.plot.plot_rect().center().y()))
    QTest.mouseClick(trend.plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    card = trend.panel.card
    assert card is not None and not card.isVisible() and trend.plot.cursor_us is not None


def test_keys_go_from_band_to_band_and_back(trend: Trend) -> None:
    trend.frame(row("active", 500), row("returned", 450), row("active", 200), row("returned", 150))
    card = trend.panel.card
    assert card is not None
    told: list[int] = []
    for shift in (False, False, False, True):
        keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(trend.plot, Qt.Key.Key_A, keys)
        assert card.isVisible() and card.band is not None
        told.append((NOW_US - card.band.spells[0].begin_us) // S)
    assert told == [500, 200, 500, 200]


def test_button_on_the_card_leads_to_the_alarm_in_the_list(trend: Trend) -> None:
    wanted: list[int] = []
    trend.panel.alarm_wanted.connect(wanted.append)
    trend.frame(row("active", 400, alarm=7))
    trend.tap(200)
    card = trend.panel.card
    assert card is not None
    QTest.mouseClick(card.list, Qt.MouseButton.LeftButton)
    assert wanted == [7] and not card.isVisible()


def test_a_thousand_alarms_become_few_bands_that_count_all_of_them(trend: Trend) -> None:
    pairs = [
        each
        for k in range(1000)
        for each in (row("active", 580 - k * 0.55), row("returned", 580 - k * 0.55 - 0.3))
    ]
    trend.frame(*pairs)
    bands = trend.plot.bands()
    assert len(bands) < 25
    assert sum(len(band.spells) for band in bands) == 1000
    assert min(b.x - a.x for a, b in zip(bands, bands[1:], strict=False)) >= 20
    trend.tap(300)
    card = trend.panel.card
    assert card is not None and "alarms from" in card.text and "zoom in for more" in card.text


def test_more_alarms_than_rows_share_the_last_row_and_none_is_lost(trend: Trend) -> None:
    trend.frame(*(row("active", 500 - 20 * k, alarm=k, priority=1 + k % 4) for k in range(9)))
    bands = trend.plot.bands()
    assert {band.lane for band in bands} == {0, 1, 2}
    assert sum(len(band.spells) for band in bands) == 9


def test_where_older_alarms_were_too_many_to_be_told_the_trend_says_so(trend: Trend) -> None:
    past = AlarmPast(TAG, NOW_US - 200 * S, NOW_US, (row("active", 150),), is_cut=True)
    trend.frame()
    plain = picture(trend.plot)
    trend.plot.show_history(history_of([past], (), NOW_US))
    box = strip.row_box(trend.plot.scene(), 0).toRect()
    left = (slice(box.top(), box.bottom()), slice(box.left() + 2, box.left() + 160))
    assert (picture(trend.plot)[left] != plain[left]).any()


def test_replay_shows_a_band_only_as_far_as_it_was_then(trend: Trend) -> None:
    trend.frame(row("active", 400), row("returned", 100), now_us=NOW_US - 300 * S)
    (spell,) = trend.plot.history.spells
    assert spell.end_us > NOW_US
    trend.frame(now_us=NOW_US)
    (spell,) = trend.plot.history.spells
    assert spell.end_us == NOW_US - 100 * S


def test_table_lists_alarms_with_their_times_and_persons(trend: Trend) -> None:
    trend.frame(row("active", 400), row("acknowledged", 380, letter="C", by="m.keller"), row("returned", 100))
    head = trend.panel.head
    assert head is not None
    QTest.mouseClick(head.table, Qt.MouseButton.LeftButton)
    rows = trend.panel.table.rows
    words = [str(rows.data(rows.index(at, 2))) for at in range(rows.rowCount())]
    (told,) = [each for each in words if each]
    assert told.startswith("Alarm, priority 1: Too much; came 13:07:06, returned 13:12:06 after 5")
    assert told.endswith("acknowledged 13:07:26 by m.keller")


def test_lean_trend_shows_all_alarms_in_one_row(qapp: Any) -> None:
    load_fonts()
    apply_theme(qapp, LOOK)
    made = Trend(lean=True)
    made.frame(row("active", 500, alarm=1), row("active", 300, alarm=2, priority=3))
    assert {band.lane for band in made.plot.bands()} == {0}
    assert made.ink(1).size > 100
    made.panel.close()
    made.panel.deleteLater()
    collect()


def test_moment_is_marked_with_the_alarm_that_came_then_until_it_is_taken_away(trend: Trend) -> None:
    trend.frame(row("active", 400))
    trend.plot.set_moment(NOW_US - 400 * S)
    assert trend.plot.scene().moment == (NOW_US - 400 * S, "Too much")
    column = picture(trend.plot)[:, round(trend.x(400))]
    assert is_colour(column[None], LOOK.colour.text, 60).sum() > 150
    QTest.keyClick(trend.plot, Qt.Key.Key_Escape)
    assert trend.plot.moment_us is None


def test_nearest_band_in_reach_is_meant(trend: Trend) -> None:
    trend.frame(row("active", 500), row("returned", 480), row("active", 400), row("returned", 390))
    scene = trend.plot.scene()
    y = strip.row_box(scene, 0).center().y()
    near = strip.band_at(scene, QPointF(trend.x(410), y))
    assert near is not None and near.spells[0].begin_us == NOW_US - 400 * S
    assert strip.band_at(scene, QPointF(trend.x(200), y)) is None
