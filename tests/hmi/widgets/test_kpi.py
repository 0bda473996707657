"""A figure as it is drawn: wide and narrow, good and poor, and nothing over anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from hmi.figure import Figure, as_silent
from hmi.theme import load_fonts, load_theme
from hmi.widgets.kpi import KpiPanel, paint_kpi
from tests.hmi.pixels import is_colour, picture

pytestmark = pytest.mark.screen
LIGHT = load_theme("light")
OEE = Figure("oee", "OEE", "78.4", "%", "target 82", "−3.6", "S50 stops 14 min")
WIDE, FLAT, NARROW = (400, 106), (400, 78), (170, 118)


@pytest.fixture(autouse=True)
def fonts(qapp: Any) -> None:
    """The bundled type."""
    load_fonts()


def drawn(figure: Figure, size: tuple[int, int]) -> NDArray[np.int16]:
    """The pixels of a figure."""
    made = QPixmap(*size)
    made.fill(LIGHT.colour.background)
    with QPainter(made) as painter:
        paint_kpi(painter, QRectF(0, 0, *size), figure, LIGHT)
    return picture(made)


@pytest.mark.parametrize("size", [WIDE, FLAT, NARROW])
def test_good_value_has_the_colour_of_live_values(size: tuple[int, int]) -> None:
    assert is_colour(drawn(OEE, size), LIGHT.colour.live).sum() > 150


@pytest.mark.parametrize("size", [WIDE, FLAT, NARROW])
def test_unknown_value_has_none_of_it_and_says_why(size: tuple[int, int]) -> None:
    unknown = replace(OEE, value="—", deviation="", reason="counter of S80 is bad", kind="bad")
    pixels = drawn(unknown, size)
    assert not is_colour(pixels, LIGHT.colour.live, 30).any()
    silent = drawn(replace(unknown, reason=""), size)
    assert is_colour(pixels, LIGHT.colour.text).sum() > is_colour(silent, LIGHT.colour.text).sum() + 100


@pytest.mark.parametrize("size", [WIDE, FLAT, NARROW])
def test_old_figure_is_hatched_and_loses_the_colour_of_live_values(size: tuple[int, int]) -> None:
    pixels = drawn(as_silent(OEE), size)
    assert not is_colour(pixels, LIGHT.colour.live, 30).any()
    hatched, plain = (is_colour(each, LIGHT.colour.hatch, 20).sum() for each in (pixels, drawn(OEE, size)))
    assert hatched > plain + 60


@pytest.mark.parametrize("size", [WIDE, FLAT])
def test_value_and_deviation_share_no_pixel(size: tuple[int, int]) -> None:
    long = replace(
        OEE, value="12 345.6", unit="kWh/body", reason="compressed air leaks at three units of the line"
    )
    parts = {
        "value": replace(long, target="", deviation="", reason="", title=""),
        "side": replace(long, value="", unit="", title=""),
    }
    empty = drawn(replace(long, value="", unit="", target="", deviation="", reason="", title=""), size)
    value, _ = ((drawn(each, size) != empty).any(axis=2) for each in parts.values())
    both = (drawn(replace(long, title=""), size) != empty).any(axis=2)
    columns = np.flatnonzero(value.any(axis=0))
    rest = both & ~value
    low = slice(size[1] // 2, size[1])
    beside = np.flatnonzero(rest[low].any(axis=0))
    assert beside.min() > columns.max(), "what stands beside the value begins after it"


def test_no_alarm_colour_is_used_for_a_figure() -> None:
    pixels = drawn(replace(OEE, deviation="−40.0"), WIDE)
    assert not [each for each in LIGHT.alarms if is_colour(pixels, each, 16).any()]


def test_panel_tells_all_of_it_to_a_screen_reader(qapp: Any) -> None:
    made = KpiPanel(LIGHT)
    made.resize(*WIDE)
    made.show_figure(OEE)
    assert made.accessibleName() == "OEE 78.4 %, target 82, −3.6, S50 stops 14 min"
    assert made.toolTip() == made.accessibleName()
    before = picture(made)
    made.show_figure(replace(OEE, value="79.0"))
    assert (picture(made) != before).any()
