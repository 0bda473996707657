"""The trend as it is drawn and handled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.types import Alarm, Curve
from hmi.alarm_spells import history_of
from hmi.known_alarms import AlarmPast
from hmi.pens import Pen
from hmi.theme import apply_theme, load_fonts, load_theme
from hmi.widgets.trend_lines import Span
from hmi.widgets.trend_panel import TrendPanel
from hmi.widgets.trend_plot import TrendPlot
from hmi.widgets.trend_scene import axes_to_show
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


LIMITED = replace(PRESSURE, path="S50/Pressure", limits=((232.0, "h"), (240.0, "hh"), (248.0, "trip")))
RISING = curve([-59, -30, -10, -1], [214, 225, 241, 244])


def line_rows(plot: TrendPlot, colour: str) -> set[int]:
    """Rows of the picture that are this colour over much of the part of the plot at the right."""
    part = is_colour(picture(plot)[:, 400:700], colour, 40)
    return set(np.flatnonzero(part.mean(axis=1) > 0.3).tolist())


def test_limit_lines_stand_at_the_pixel_of_their_value(plot: TrendPlot) -> None:
    plot.set_pens([LIMITED])
    draw(plot, curve([-59, -1], [214, 215], [230, 231]))
    assert [line.text for line in plot.limits] == ["H 232", "HH 240", "Trip 248"]
    axis, area = plot.axis_of(LIMITED), plot.plot_rect()
    low, high = axis.range or (0.0, 0.0)
    rows = line_rows(plot, LOOK.colour.outline)
    for line in plot.limits:
        expected = area.bottom() - (line.value - low) / (high - low) * area.height()
        assert any(abs(row - expected) <= 1.5 for row in rows), line.text


def test_trip_line_is_solid_and_others_are_dashed(plot: TrendPlot) -> None:
    plot.set_pens([LIMITED])
    draw(plot, curve([-59, -1], [214, 215], [230, 231]))
    pixels = is_colour(picture(plot)[:, 400:700], LOOK.colour.outline, 50)
    part = {}
    for line in plot.limits:
        y = round(line.axis.y(line.value, plot.plot_rect()))
        part[line.kind] = pixels[y - 1 : y + 2].any(axis=0).mean()
    assert part["trip"] > 0.95
    assert 0.3 < part["h"] < 0.9 and 0.3 < part["hh"] < 0.9


def test_limit_far_from_the_data_does_not_flatten_the_curve(plot: TrendPlot) -> None:
    plot.set_pens([replace(LIMITED, limits=((232.0, "h"), (2000.0, "hh")))])
    draw(plot, RISING)
    low, high = plot.axis_of(PRESSURE).range or (0.0, 0.0)
    assert low <= 214 and 244 <= high < 300
    assert [line.kind for line in plot.limits] == ["h"]


def test_crossed_limit_takes_the_colour_of_its_alarm_only_while_it_is_active(plot: TrendPlot) -> None:
    plot.set_pens([LIMITED])
    alarm = Alarm("S50/Pressure", "hh", 1, True, NOW_US - 30_000_000, NOW_US - 30_000_000)
    draw(plot, RISING)
    assert not is_colour(picture(plot), LOOK.alarms[0]).any()
    plot.set_alarms([alarm])
    area = plot.plot_rect()
    y = round(plot.limits[1].axis.y(240.0, area))
    red = is_colour(picture(plot)[y - 2 : y + 3], LOOK.alarms[0], 40).any(axis=0)
    half = round(area.left() + area.width() / 2)
    assert red[half + 20 : half + 150].mean() > 0.9
    assert not red[half - 150 : half - 20].any()
    plot.set_alarms([replace_state(alarm)])
    assert not is_colour(picture(plot)[y - 2 : y + 3], LOOK.alarms[0], 40).any()


def replace_state(alarm: Alarm) -> Alarm:
    """The same alarm once it has returned."""
    return Alarm(alarm.path, alarm.kind, 1, False, alarm.since_us, NOW_US - 5_000_000)


def test_alarm_is_marked_over_the_curves_where_it_came(plot: TrendPlot) -> None:
    plot.set_pens([LIMITED])
    draw(plot, RISING)
    area = plot.plot_rect()
    low = Alarm("S50/Pressure", "l", 4, False, NOW_US - 40_000_000, NOW_US - 20_000_000, id=1)
    plot.show_history(history_of([AlarmPast("S50/Pressure")], [low], NOW_US))
    top = round(area.top())
    found = np.flatnonzero(is_colour(picture(plot)[top - 18 : top - 4], LOOK.alarms[3], 40).any(axis=0))
    assert plot.shown is not None
    came = area.left() + (NOW_US - 40_000_000 - plot.shown.start_us) / plot.span_us * area.width()
    assert abs(found.min() - came) < 14
    plot.show_history(
        history_of([AlarmPast("S50/Pressure")], [structs.replace(low, path="S50/Other")], NOW_US)
    )
    assert not is_colour(picture(plot), LOOK.alarms[3]).any()


def test_difference_is_told_from_the_mark(plot: TrendPlot) -> None:
    draw(plot, curve([-50, -40, -20, -10], [100, 110, 125, 125]))
    area = plot.plot_rect()

    def spot(seconds: float) -> QPoint:
        assert plot.shown is not None
        part = (NOW_US + seconds * 1e6 - plot.shown.start_us) / plot.span_us
        return QPoint(round(area.left() + part * area.width()), round(area.center().y()))

    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, spot(-35))
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=spot(-15))
    assert plot.mark_us is not None and plot.cursor_us is not None
    assert abs(plot.cursor_us - plot.mark_us - 20_000_000) < 300_000
    assert plot.difference(PRESSURE) == "+15.0\u202fbar"
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.mark_us is None and plot.cursor_us is None


def test_cursor_set_by_a_tap_stays_when_the_mouse_leaves(plot: TrendPlot) -> None:
    draw(plot, curve([-50, -10], [100, 110]))
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    tapped_us = plot.cursor_us
    QTest.mouseMove(plot, QPoint(500, 150))
    assert tapped_us is not None and plot.cursor_us == tapped_us


def test_space_pauses_and_goes_on(plot: TrendPlot) -> None:
    draw(plot, curve([-50, -10], [100, 110]))
    QTest.keyClick(plot, Qt.Key.Key_Space)
    assert not plot.is_live
    QTest.keyClick(plot, Qt.Key.Key_Space)
    assert plot.is_live


def test_setpoint_is_asked_for_and_drawn_in_its_colour(plot: TrendPlot) -> None:
    plot.set_pens([replace(PRESSURE, setpoint=7)])
    assert plot.wanted == (0, 7)
    span = plot.due(NOW_US)
    assert span is not None
    plot.show_curves(span, {0: curve([-50, -10], [100, 101]), 7: curve([-50, -30, -10], [105, 110, 110])})
    assert is_colour(picture(plot), LOOK.colour.setpoint, 30).sum() > 100


def test_pen_with_a_scale_of_its_own_does_not_share_its_axis(plot: TrendPlot) -> None:
    other, own = replace(PRESSURE, index=1), replace(PRESSURE, index=2, has_own_axis=True)
    fixed = replace(PRESSURE, index=3, scale=(0.0, 300.0))
    plot.set_pens([PRESSURE, other, own, fixed])
    draw(plot, *(curve([-50, -10], [each, each + 1]) for each in (100, 120, 5, 100)))
    assert plot.axis_of(PRESSURE) is plot.axis_of(other)
    assert len({id(plot.axis_of(pen)) for pen in plot.pens}) == 3
    assert plot.axis_of(fixed).range == (0.0, 300.0)
    assert (plot.axis_of(own).range or (0, 99))[1] < 50


def test_stretch_without_any_value_is_shaded(plot: TrendPlot) -> None:
    draw(plot, curve([-50, -40, -30, -2], [5, np.nan, 5, 5]))
    gap = is_colour(picture(plot)[60:250, 250:300], LOOK.colour.panel, 3).mean()
    known = is_colour(picture(plot)[60:150, 500:560], LOOK.colour.panel, 3).mean()
    assert known > gap + 0.1


@pytest.fixture
def lean(qapp: Any) -> Iterator[TrendPanel]:
    """A trend that is only looked at."""
    load_fonts()
    apply_theme(qapp, LOOK)
    made = TrendPanel(LOOK, lambda *_: RISING, None, lean=True)  # pyright: ignore[reportArgumentType]
    made.resize(900, 300)
    made.show_pens("Pressure and oil", [LIMITED, OIL], "what matters most now")
    made.show()
    made.on_trends(NOW_US)
    yield made
    made.close()
    made.deleteLater()
    collect()


def test_lean_trend_has_no_buttons_and_opens_its_pens_by_tap_and_by_key(lean: TrendPanel) -> None:
    assert lean.findChildren(QPushButton) == []
    opened: list[list[str]] = []
    lean.opened.connect(opened.append)
    QTest.mouseClick(lean.plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    QTest.keyClick(lean.plot, Qt.Key.Key_Return)
    assert opened == [["S50/Pressure"], ["S50/Pressure"]]


def test_lean_trend_is_neither_zoomed_nor_moved(lean: TrendPanel) -> None:
    span_us = lean.plot.span_us
    QTest.keyClick(lean.plot, Qt.Key.Key_Plus)
    QTest.mousePress(lean.plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    QTest.mouseMove(lean.plot, QPoint(400, 100))
    QTest.mouseRelease(lean.plot, Qt.MouseButton.LeftButton, pos=QPoint(400, 100))
    assert lean.plot.span_us == span_us and lean.plot.is_live


def test_axis_of_the_chosen_pen_is_shown_and_others_do_not_change_sides(plot: TrendPlot) -> None:
    pens = [
        replace(PRESSURE, index=n, unit=unit) for n, unit in enumerate(("bar", "A", "mm", "s", "kN", "%"))
    ]
    plot.resize(1400, 300)
    plot.set_pens(pens)
    draw(plot, *(curve([-50, -10], [100, 101]) for _ in pens))
    plot.set_strong(1)
    kept = axes_to_show(QRectF(plot.rect()), [plot.axis_of(pen) for pen in pens], 1)
    assert [axis.unit for axis in kept] == ["bar", "A", "mm", "s"]
    moved = axes_to_show(QRectF(plot.rect()), [plot.axis_of(pen) for pen in pens], 5)
    assert [axis.unit for axis in moved] == ["%", "bar", "A", "mm"]
