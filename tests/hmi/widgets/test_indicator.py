"""The analog indicator as it is drawn: upright and lying, in alarm, old, and without a value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from hmi.gauge import Gauge
from hmi.theme import Theme, load_fonts, load_theme
from hmi.widgets.indicator import Indicator, paint_gauge
from tests.hmi.pixels import is_colour, picture

pytestmark = pytest.mark.screen
LIGHT = load_theme("light")
UPRIGHT, LYING = (60, 220), (220, 60)
BODY = slice(10, 46)
GAUGE = Gauge(0.5, "normal", (0.3, 0.7), 0.5, ((0.1, "l"), (0.85, "h"), (0.92, "hh")), ends=("0", "260"))


@pytest.fixture(autouse=True)
def fonts(qapp: Any) -> None:
    """The bundled type."""
    load_fonts()


def drawn(gauge: Gauge, size: tuple[int, int] = UPRIGHT, theme: Theme = LIGHT) -> NDArray[np.int16]:
    """The pixels of a gauge on the ground of a tile."""
    made = QPixmap(*size)
    made.fill(theme.colour.tile)
    with QPainter(made) as painter:
        paint_gauge(painter, QRectF(0, 0, *size), gauge, theme)
    return picture(made)


def middle_of(pixels: NDArray[np.bool_], axis: int) -> float:
    """Middle row (axis 0) or column (axis 1) of what is set."""
    found = np.flatnonzero(pixels.any(axis=1 - axis))
    return float(found.min() + found.max()) / 2


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_pointer_stands_at_its_level(level: float) -> None:
    gauge = replace(GAUGE, level=level, setpoint=None)
    ink = is_colour(drawn(gauge), LIGHT.colour.text)
    assert middle_of(ink, 0) == pytest.approx(7 + (1 - level) * 206, abs=1.5)
    assert np.flatnonzero(ink.any(axis=0)).max() > 50, "its head is at the right"
    lying = is_colour(drawn(gauge, LYING), LIGHT.colour.text)
    assert middle_of(lying, 1) == pytest.approx(7 + level * 206, abs=1.5)
    assert np.flatnonzero(lying.any(axis=1)).min() < 10, "its head is above"


@pytest.mark.parametrize("level", [0.0, 1.0])
@pytest.mark.parametrize("size", [UPRIGHT, LYING])
def test_pointer_at_an_end_is_drawn_whole(level: float, size: tuple[int, int]) -> None:
    ends = is_colour(drawn(replace(GAUGE, level=level, setpoint=level), size), LIGHT.colour.text).sum()
    middle = is_colour(drawn(replace(GAUGE, level=0.5, setpoint=0.2), size), LIGHT.colour.text).sum()
    assert ends == pytest.approx(middle, abs=8)


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_pointer_in_alarm_has_the_colour_of_its_priority(priority: int) -> None:
    pixels = drawn(replace(GAUGE, alarm=priority))
    assert is_colour(pixels, LIGHT.alarms[priority - 1]).sum() > 60
    assert not is_colour(pixels, LIGHT.colour.text, 10).any()


def test_no_alarm_colour_without_an_alarm() -> None:
    pixels = drawn(replace(GAUGE, level=0.99))
    assert not [each for each in LIGHT.alarms if is_colour(pixels, each, 16).any()]


def test_every_limit_is_a_line_across_the_body() -> None:
    bare = is_colour(drawn(replace(GAUGE, limits=(), level=None, setpoint=None)), LIGHT.colour.outline, 40)
    lined = is_colour(drawn(replace(GAUGE, level=None, setpoint=None)), LIGHT.colour.outline, 40)
    rows = np.flatnonzero((lined & ~bare)[:, 14:44].mean(axis=1) > 0.8)
    assert len(np.flatnonzero(np.diff(rows) > 1)) + 1 == 3


def test_setpoint_is_a_hollow_arrow_at_the_left() -> None:
    pixels = drawn(replace(GAUGE, level=None, setpoint=0.25))
    ink = is_colour(pixels, LIGHT.colour.setpoint, 60)
    assert middle_of(ink, 0) == pytest.approx(7 + 0.75 * 206, abs=1.5)
    assert np.flatnonzero(ink.any(axis=0)).max() <= 10
    assert not ink[round(7 + 0.75 * 206), 4]


@pytest.mark.parametrize("look", ["stale", "bad", "never"])
def test_value_that_is_not_current_hides_the_band_behind_a_hatch(look: Any) -> None:
    pixels = drawn(replace(GAUGE, look=look, level=None, setpoint=None))
    assert not is_colour(pixels, LIGHT.colour.band, 8).any()
    assert is_colour(pixels, LIGHT.colour.hatch, 24).sum() > 400


def test_old_pointer_is_hollow_and_has_no_alarm_colour() -> None:
    fresh = drawn(GAUGE)
    old = drawn(replace(GAUGE, look="stale", alarm=1))
    assert not is_colour(old, LIGHT.alarms[0]).any()
    head = (slice(108, 113), slice(52, 58))
    assert (
        is_colour(fresh, LIGHT.colour.text)[head].any() and not is_colour(old, LIGHT.colour.text)[head].any()
    )


def test_indicator_repaints_only_for_what_differs(qapp: Any) -> None:
    made = Indicator(LIGHT)
    made.resize(80, 200)
    made.show()
    qapp.processEvents()
    before = picture(made)
    made.show_gauge(GAUGE)
    changed = picture(made)
    made.show_gauge(replace(GAUGE))
    assert (changed != before).any() and (picture(made) == changed).all()
    made.close()


def test_ends_of_the_range_stand_beside_the_body_not_over_it(qapp: Any) -> None:
    made = Indicator(LIGHT)
    made.show_gauge(replace(GAUGE, ends=("0", "1 000")))
    made.resize(made.sizeHint())
    ink = is_colour(picture(made), LIGHT.colour.muted, 40)
    words = made.sizeHint().width() - 41
    assert ink[:20, :words].any() and ink[-20:, :words].any()
    made.show_gauge(Gauge(0.5, "normal", (0.3, 0.7)))
    assert made.sizeHint().width() == 41, "without ends there is no room for them"
