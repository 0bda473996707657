"""The trend as it is drawn and handled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from engine.types import Curve
from hmi.theme import apply_theme, load_fonts, load_theme
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_pen import Pen
from hmi.widgets.trend_plot import TrendPlot
from tests.hmi.conftest import collect
from tests.hmi.pixels import is_colour, picture
from tests.hmi.plant import NOW_US, curve

pytestmark = pytest.mark.screen
LOOK = load_theme("light")
PRESSURE = Pen(0, "Pressure", "bar", LOOK.pens[0], low=0, high=250, decimals=1)
OIL = Pen(1, "Oil temperature", "°C", LOOK.pens[1], low=0, high=90, decimals=1)


@pytest.fixture
def plot(qapp: Any) -> Iterator[TrendPlot]:
    """A trend of one minute with one pen."""
    load_fonts()
    apply_theme(qapp, LOOK)
    made = TrendPlot(LOOK)
    made.resize(800, 300)
    made.set_span(60)
    made.set_pens([PRESSURE])
    made.show()
    yield made
    made.close()
    made.deleteLater()
    collect()


def draw(plot: TrendPlot, *curves: Curve) -> Any:
    """Show curves for the window it asks for; the columns of the picture with ink of the first pen."""
    plot.set_pens(plot.pens)
    span = plot.due(NOW_US)
    assert span is not None
    plot.show_curves(span, dict(enumerate(curves)))
    return is_colour(picture(plot), PRESSURE.colour)[40:270, 62:780]


def test_gap_is_drawn_as_a_gap(plot: TrendPlot) -> None:
    ink = draw(plot, curve([-50, -40, -30, -20, -10], [5, 5, np.nan, 5, 5])).any(axis=0)
    inked = np.flatnonzero(ink)
    longest_break = np.diff(inked).max()
    assert longest_break > 200  # 20 of 60 s on some 720 px


def test_spike_of_one_bucket_reaches_its_height(plot: TrendPlot) -> None:
    times = np.linspace(-59, -1, 700).tolist()
    high = [5.0] * 700
    flat = draw(plot, curve(times, [5.0] * 700, high)).any(axis=1)
    high[350] = 200.0
    spiked = draw(plot, curve(times, [5.0] * 700, high)).any(axis=1)
    assert flat.sum() < 12
    assert spiked.sum() > 170


def test_single_sample_between_gaps_is_seen(plot: TrendPlot) -> None:
    assert draw(plot, curve([-40, -30, -20], [np.nan, 5, np.nan])).any()


def test_uncertain_stretch_is_hatched(plot: TrendPlot) -> None:
    times, flat = [-50.0, -40.0, -30.0, -20.0, -10.0], [5.0] * 5
    sure = draw(plot, curve(times, flat)).any(axis=1).sum()
    unsure = draw(plot, curve(times, flat, uncertain=(1, 2))).any(axis=1).sum()
    assert unsure > sure + 8


def test_two_units_have_two_axes_in_the_colours_of_their_pens(plot: TrendPlot) -> None:
    plot.set_pens([PRESSURE, OIL])
    span = plot.due(NOW_US)
    assert span is not None
    plot.show_curves(span, {0: curve([-30, -10], [100, 110]), 1: curve([-30, -10], [40, 41])})
    pixels = picture(plot)
    assert is_colour(pixels[:, :60], PRESSURE.colour, 60).any()
    assert is_colour(pixels[:, 745:], OIL.colour, 60).any()


def test_cursor_tells_the_values_of_all_pens(plot: TrendPlot) -> None:
    plot.set_pens([PRESSURE, OIL])
    span = plot.due(NOW_US)
    assert span is not None
    plot.show_curves(span, {0: curve([-30, -10], [100, 110]), 1: curve([-30, -10], [np.nan, 41])})
    plot.set_cursor(NOW_US - 20_000_000)
    assert [text for _, text in plot.readout()] == ["100.0\u202fbar", "no data"]


def test_drag_pauses_and_live_comes_back(plot: TrendPlot) -> None:
    draw(plot, curve([-30, -10], [1, 2]))
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    QTest.mouseMove(plot, QPoint(400, 150))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(400, 150))
    assert not plot.is_live
    span = plot.due(NOW_US + 1_000_000)
    assert span is not None and span.end_us < NOW_US - 5_000_000
    plot.go_live()
    span = plot.due(NOW_US + 2_000_000)
    assert plot.is_live and span is not None and span.end_us > NOW_US


def test_wheel_zooms_about_the_cursor_when_paused(plot: TrendPlot) -> None:
    draw(plot, curve([-30, -10], [1, 2]))
    plot.pan(-30_000_000)
    before = plot.due(NOW_US)
    assert before is not None
    middle = QPointF(400, 150)
    still_us = before.time_us(middle.x() - 60)
    event = QWheelEvent(
        middle,
        QPointF(plot.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    plot.wheelEvent(event)
    after = plot.due(NOW_US)
    assert after is not None
    assert after.end_us - after.start_us < before.end_us - before.start_us
    assert abs(after.time_us(middle.x() - 60) - still_us) < 200_000


def test_keys_zoom_pan_and_move_the_cursor(plot: TrendPlot) -> None:
    draw(plot, curve([-30, -10], [1, 2]))
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert plot.cursor_us is not None and plot.cursor_us < NOW_US
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.span_us < 60_000_000
    QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert not plot.is_live
    QTest.keyClick(plot, Qt.Key.Key_Home)
    assert plot.is_live


def test_same_picture_is_not_fetched_twice(plot: TrendPlot) -> None:
    draw(plot, curve([-30, -10], [1, 2]))
    assert plot.due(NOW_US + 5_000) is None
    assert plot.due(NOW_US + 300_000) is not None


def test_live_window_starts_on_whole_pixels_of_time(plot: TrendPlot) -> None:
    spans: list[Span] = []
    for step in range(5):
        span = plot.due(NOW_US + step * 250_000)
        assert span is not None
        spans.append(span)
    pixel_us = plot.span_us // spans[0].pixels
    assert {span.start_us % pixel_us for span in spans} == {0}
