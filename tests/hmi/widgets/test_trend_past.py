"""Trends that reach back, as they are drawn and handled: loading, gaps, zoom, the beginning."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.types import Curve, Gap
from hmi.pens import Pen
from hmi.theme import apply_theme, load_fonts, load_theme
from hmi.widgets import trend_holes, trend_paint
from hmi.widgets.trend_loading import TrendLoading
from hmi.widgets.trend_panel import TrendPanel
from hmi.widgets.trend_scene import Scene
from tests.hmi.conftest import collect
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import NOW_US, tag
from tests.hmi.stored import Engine, Line

pytestmark = pytest.mark.screen
LOOK = load_theme("light")
HOUR_US = 3_600_000_000
PRESSURE = Pen(0, "Pressure", "bar", LOOK.pens[0], decimals=1, path="S50/Pressure")


def steady(hours: float = 72.0, value: float = 100.0) -> Line:
    """One sample every 30 s."""
    time = np.arange(NOW_US - round(hours * HOUR_US), NOW_US, 30_000_000)
    return Line(time, value + np.sin(np.arange(time.size) / 50))


class Trend:
    """A panel on an engine that answers when told to."""

    def __init__(self, line: Line) -> None:
        self.engine = Engine({1: line})
        self.engine.stored_us, self.engine.memory_us = NOW_US - 1_000_000, NOW_US - 60_000_000
        self.engine.recall.set_tags([tag("S50/Pressure")])
        self.host = QWidget()
        self.host.resize(1000, 400)
        ask = self._curve
        self.panel = TrendPanel(
            LOOK, ask, self.host, spans_s=(60, 259_200), with_mark=True, past=self.engine.recall
        )
        self.panel.resize(1000, 400)
        self.panel.set_place("UTC", "en")
        self.panel.show_pens("Pressure", [PRESSURE])
        self.panel.keep_span()
        self.panel.plot.set_span(72 * 3600)
        self.host.show()

    @property
    def loading(self) -> TrendLoading:
        """The words over the plot."""
        return self.panel.findChildren(TrendLoading)[0]

    def _curve(self, index: int, start_us: int, end_us: int, pixels: int) -> Curve:
        recall = self.engine.recall
        recall.now_us = self.engine.now_us
        return recall.curve(index, start_us, end_us, pixels, partial(self.engine.memory, 1))

    def frames(self, count: int, *, answer: bool = True) -> None:
        """So many frames of 40 ms."""
        for _ in range(count):
            self.engine.now_us += 40_000
            self.panel.on_trends(self.engine.now_us)
            self.engine.tick()
            if answer:
                self.engine.answer()

    def ink(self, colour: str, tolerance: int = 12) -> Any:
        """Where the plot has that colour: bool[rows, columns] of the area of the curves."""
        area = self.panel.plot.plot_rect().toRect()
        found = is_colour(picture(self.panel.plot), colour, tolerance)
        return found[area.top() : area.bottom(), area.left() : area.right()]


@pytest.fixture
def trend(qapp: Any) -> Iterator[Trend]:
    """Three days of one steady tag."""
    with shown(qapp, steady()) as made:
        yield made


@contextlib.contextmanager
def shown(qapp: Any, line: Line) -> Generator[Trend]:
    """A trend of that line, taken down afterwards."""
    load_fonts()
    apply_theme(qapp, LOOK)
    made = Trend(line)
    qapp.processEvents()
    try:
        yield made
    finally:
        made.host.close()
        made.host.deleteLater()
        collect()


def told(trend: Trend) -> str:
    """What is written over the plot."""
    return " ".join(each.text() for each in trend.loading.findChildren(QLabel))


def test_72_hours_come_into_the_plot_without_a_touch(trend: Trend) -> None:
    trend.frames(1, answer=False)
    assert trend.ink(PRESSURE.colour)[:, :-60].sum() == 0
    trend.frames(10)
    columns = trend.ink(PRESSURE.colour).any(axis=0)
    assert columns[: round(columns.size * 0.95)].mean() > 0.95


def test_quick_answer_shows_no_progress_and_a_slow_one_shows_it_and_then_words(trend: Trend) -> None:
    trend.frames(3, answer=False)
    assert not trend.ink(LOOK.colour.muted)[:3].any() and trend.loading.isHidden()
    trend.frames(8, answer=False)
    assert trend.ink(LOOK.colour.muted)[:3].any(), "a thin line says that more is coming"
    trend.frames(25, answer=False)
    assert trend.loading.isVisible() and "Reading history" in told(trend)
    trend.frames(20)
    assert trend.loading.isHidden() and not trend.ink(LOOK.colour.muted)[:3].any()


def test_cancel_ends_the_waiting_and_load_again_takes_it_up(trend: Trend) -> None:
    trend.frames(40, answer=False)
    asked = len(trend.engine.asked)
    assert trend.loading.button.text() == "Cancel"
    QTest.mouseClick(trend.loading.button, Qt.MouseButton.LeftButton)
    trend.frames(60, answer=False)
    assert len(trend.engine.asked) == asked and trend.loading.button.text() == "Load again"
    assert trend.engine.recall.detail([0], trend.panel.plot.shown.pixels).is_stopped  # pyright: ignore[reportOptionalMemberAccess]
    QTest.mouseClick(trend.loading.button, Qt.MouseButton.LeftButton)
    trend.frames(10)
    assert trend.loading.isHidden() and trend.ink(PRESSURE.colour).any(axis=0).mean() > 0.9


def test_refusal_is_told_in_words_over_the_plot(trend: Trend) -> None:
    trend.frames(2, answer=False)
    trend.engine.refuse("the disk is gone")
    trend.frames(2, answer=False)
    assert "The disk is gone." in told(trend)
    assert trend.loading.button.text() == "Load again"


def test_gap_is_hatched_and_the_cursor_tells_its_reason(qapp: Any) -> None:
    line = steady()
    hole = (NOW_US - 40 * HOUR_US, NOW_US - 30 * HOUR_US)
    kept = (line.time_us < hole[0]) | (line.time_us >= hole[1])
    value = line.value.copy()
    value[int(np.searchsorted(line.time_us, hole[0])) - 1] = np.nan
    with shown(qapp, Line(line.time_us[kept], value[kept])) as trend:
        trend.engine.gaps = (Gap(*hole, "engine"),)
        trend.frames(10)
        plot = trend.panel.plot
        span = plot.shown
        assert span is not None
        width = trend.ink(LOOK.colour.hatch, 25).shape[1]
        left, right = (round((each - span.start_us) / plot.span_us * width) for each in hole)
        hatched = trend.ink(LOOK.colour.hatch, 25)
        assert hatched[:, left + 5 : right - 5].mean() > 5 * hatched[:, : left - 20].mean()
        assert not trend.ink(PRESSURE.colour)[:, left + 4 : right - 4].any()
        bare = picture(plot)
        plot.set_cursor((hole[0] + hole[1]) // 2)
        expected = "engine was not running Fri 20 Nov 21:13\u2013Sat 21 Nov 07:13, 10 h"
        assert plot.reason() == expected
        assert (picture(plot) != bare).any()


def test_words_of_a_gap_give_way_to_the_names_of_limits(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    painted, moved = list[Scene](), set[bool]()
    beside_names = trend_holes._beside_names  # noqa: SLF001

    def kept(label: QRectF, box: QRectF, scene: Scene) -> QRectF:
        painted.append(scene)
        return beside_names(label, box, scene)

    monkeypatch.setattr(trend_holes, "_beside_names", kept)
    line, gone = steady(), (NOW_US - 71 * HOUR_US, NOW_US - 40 * HOUR_US)
    left = (line.time_us < gone[0]) | (line.time_us >= gone[1])
    value = line.value.copy()
    value[int(np.searchsorted(line.time_us, gone[0])) - 1] = np.nan
    with shown(qapp, Line(line.time_us[left], value[left])) as trend:
        limits = tuple((100.0 + n / 4, kind) for n, kind in enumerate(("h", "hh", "trip")))
        trend.panel.plot.set_pens([replace(PRESSURE, limits=limits)])
        trend.engine.gaps = (Gap(*gone, "engine"),)
        trend.frames(10)
        picture(trend.panel.plot)
        plot, names = painted[-1].plot, [name for _, name in trend_paint.label_places(painted[-1])]
        for wide in range(160, int(plot.width())):
            box = QRectF(plot.left(), plot.top(), wide, plot.height())
            found = beside_names(QRectF(0, 0, 150, 68), box, painted[-1])
            moved.add(found.center().x() > box.center().x() + 1)
            has_room = max(name.right() for name in names) + 8 + 150 + 4 <= box.right()
            assert box.contains(found) and not (has_room and any(name.intersects(found) for name in names))
    assert moved == {True, False}, "in the middle of some they would have lain over a name"


def test_window_before_the_first_sample_says_when_history_begins(qapp: Any) -> None:
    with shown(qapp, steady(24.0)) as trend:
        trend.engine.recall.oldest = NOW_US - 24 * HOUR_US
        trend.frames(10)
        plot = trend.panel.plot
        plot.set_cursor(NOW_US - 50 * HOUR_US)
        assert plot.reason() == "History begins Sat 21 Nov 13:13"
        plot.set_cursor(NOW_US - 10 * HOUR_US)
        assert plot.reason() == ""


def wheel(trend: Trend, x: float, up: int = 240) -> None:
    """A turn of the wheel at a pixel of the plot."""
    spot = QPointF(x, 150)
    event = QWheelEvent(
        spot,
        QPointF(trend.panel.plot.mapToGlobal(spot.toPoint())),
        QPoint(),
        QPoint(0, up),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    trend.panel.plot.wheelEvent(event)


def test_wheel_goes_from_72_hours_to_100_ms_about_the_cursor_and_live_comes_back(trend: Trend) -> None:
    trend.frames(8)
    plot = trend.panel.plot
    assert plot.shown is not None
    area = plot.plot_rect()
    x = area.left() + area.width() * 0.4
    still_us = plot.shown.time_us((x - area.left()) * plot.shown.pixels / area.width())
    for _ in range(60):
        wheel(trend, x)
        trend.frames(1)
    assert plot.span_us == 100_000 and not plot.is_live
    trend.frames(10)
    here_us = plot.shown.time_us((x - area.left()) * plot.shown.pixels / area.width())
    assert abs(here_us - still_us) < 72 * HOUR_US // 500
    assert trend.ink(PRESSURE.colour).any(axis=0).mean() > 0.95, "the line runs on between two samples"
    plot.go_live()
    trend.frames(2)
    assert plot.is_live and plot.shown.end_us > trend.engine.now_us


def test_wheel_at_the_live_end_stays_live(trend: Trend) -> None:
    trend.frames(8)
    area = trend.panel.plot.plot_rect()
    wheel(trend, area.right() - 4)
    assert trend.panel.plot.is_live
    wheel(trend, area.left() + 40, up=-240)
    assert trend.panel.plot.is_live, "and so does zooming out"


def test_coarse_curve_stays_in_the_plot_until_the_finer_one_comes(trend: Trend) -> None:
    trend.frames(10)
    plot = trend.panel.plot
    plot.show_until(NOW_US - 20 * HOUR_US)
    plot.set_span(2 * 3600)
    for _ in range(20):
        trend.frames(1, answer=False)
        assert trend.ink(PRESSURE.colour, 60).any(axis=0).mean() > 0.9
    trend.frames(10)
    assert trend.ink(PRESSURE.colour, 60).any(axis=0).mean() > 0.9


def test_stalled_pens_are_told_apart_by_what_is_left_of_their_colours(trend: Trend) -> None:
    plot = trend.panel.plot
    pens = [Pen(0, "a", "bar", LOOK.pens[0]), Pen(1, "b", "bar", LOOK.pens[1])]
    plot.set_pens(pens)
    span = plot.due(NOW_US)
    assert span is not None
    times = np.linspace(span.start_us, NOW_US, 50).astype(np.int64)
    flat = np.zeros(50, np.bool_)
    plot.show_curves(
        span, {k: Curve(times, np.full(50, 1.0 + k), np.full(50, 1.0 + k), flat) for k in (0, 1)}
    )
    plot.set_stalled(True)
    pixels = picture(plot)
    area = plot.plot_rect().toRect()
    inks: set[tuple[int, ...]] = set()
    for pen in pens:
        axis = plot.axis_of(pen)
        y = round(axis.y(1.0 + pen.index, plot.plot_rect()))
        inks.add(tuple(pixels[y, area.center().x()].tolist()))
        assert not is_colour(pixels[y - 2 : y + 3, area.left() : area.right()], pen.colour).any()
    assert len(inks) == 2


def test_wide_band_is_seen_through_and_no_spike_of_it_is_lost(trend: Trend) -> None:
    plot = trend.panel.plot
    plot.set_pens([PRESSURE])
    span = plot.due(NOW_US)
    assert span is not None
    times = np.linspace(span.start_us, NOW_US, span.pixels).astype(np.int64)
    low, high = np.full(times.size, 80.0), np.full(times.size, 120.0)
    high[300] = 190.0
    plot.show_curves(span, {0: Curve(times, low, high, np.zeros(times.size, np.bool_))})
    full = trend.ink(PRESSURE.colour, 40)
    axis, area = plot.axis_of(PRESSURE), plot.plot_rect()
    inside = slice(round(axis.y(118, area) - area.top()), round(axis.y(82, area) - area.top()))
    assert full[inside, 400:600].mean() < 0.1, "the band is a tint"
    assert full[: round(axis.y(150, area) - area.top())].any(), "the spike reaches its height"
    top = int(np.flatnonzero(full.any(axis=1))[0])
    assert abs(top - (axis.y(190, area) - area.top())) <= 2
