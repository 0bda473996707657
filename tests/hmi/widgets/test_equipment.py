"""Equipment symbols: flat grey, ours, in the greys of the theme, and true about what they show."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from engine.paths import resources
from hmi import theme
from hmi.theme import Theme, load_theme
from hmi.values import Kind
from hmi.widgets.equipment import EQUIPMENT, FALLBACK, paint_equipment
from tests.hmi.pixels import is_colour, picture

pytestmark = pytest.mark.screen
LIGHT = load_theme("light")
FOLDER = resources() / "symbols" / "equipment"


@pytest.fixture(autouse=True)
def application(qapp: Any) -> None:
    """Pictures need one."""


def drawn(
    symbol: str,
    running: bool | None = None,
    kind: Kind = "normal",
    look: Theme = LIGHT,
    size: tuple[int, int] = (120, 120),
) -> NDArray[np.int16]:
    """A symbol on the ground of a tile."""
    made = QPixmap(*size)
    made.fill(look.colour.tile)
    with QPainter(made) as painter:
        paint_equipment(painter, QRectF(0, 0, *size), symbol, look, running, kind)
    return picture(made)


def inked(pixels: NDArray[np.int16], look: Theme = LIGHT) -> NDArray[np.bool_]:
    """What is not ground."""
    return ~is_colour(pixels, look.colour.tile, 3)


def test_every_drawing_has_a_name_and_every_name_a_drawing() -> None:
    assert sorted(EQUIPMENT) == sorted(path.stem for path in FOLDER.glob("*.svg"))
    assert FALLBACK in EQUIPMENT


def test_drawings_have_no_colour_of_their_own() -> None:
    marks = {"none", "#ccc", "#aaa", "#888", "#000"}
    for path in FOLDER.glob("*.svg"):
        used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', path.read_text(encoding="utf-8")))
        assert used <= marks, path.name


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("symbol", EQUIPMENT)
def test_symbol_is_grey_fills_its_box_and_is_not_cut_off(symbol: str, name: str) -> None:
    look = load_theme(name)
    pixels = drawn(symbol, True, look=look)
    assert int((pixels.max(axis=2) - pixels.min(axis=2)).max()) < 28, "grey"
    ink = inked(pixels, look)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert max(rows.max() - rows.min(), columns.max() - columns.min()) > 95
    edges = np.concatenate((ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    assert not edges.any(), "room is left for the outline"


@pytest.mark.parametrize("symbol", EQUIPMENT)
def test_no_two_symbols_can_be_taken_for_each_other_when_small(symbol: str) -> None:
    mine = drawn(symbol, size=(48, 48))
    others = [drawn(each, size=(48, 48)) for each in EQUIPMENT if each != symbol]
    assert min(float((np.abs(mine - each).max(axis=2) > 24).mean()) for each in others) > 0.1


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("symbol", EQUIPMENT)
def test_running_is_lighter_than_stopped(symbol: str, name: str) -> None:
    look = load_theme(name)
    ink = inked(drawn(symbol, look=look), look)
    running, plain, stopped = (float(drawn(symbol, on, look=look)[ink].mean()) for on in (True, None, False))
    assert running > plain > stopped and running - stopped > 12


@pytest.mark.parametrize("kind", ["stale", "bad"])
def test_old_state_is_hatched_over_the_machine_and_not_beside_it(kind: Kind) -> None:
    before, after = drawn("press", True), drawn("press", True, kind)
    changed = np.abs(before - after).max(axis=2) > 6
    assert changed.mean() > 0.1
    machine = inked(drawn("press", False))
    assert not (changed & ~machine).any()


def test_bad_state_tells_neither_running_nor_stopped() -> None:
    assert (drawn("press", True, "bad") == drawn("press", False, "bad")).all()
    assert (drawn("press", True, "stale") != drawn("press", False, "stale")).any()


def test_unknown_symbol_is_drawn_as_a_plain_unit() -> None:
    assert (drawn("flux capacitor") == drawn(FALLBACK)).all()


def test_symbol_stands_amid_its_box_and_needs_no_square() -> None:
    wide = inked(drawn("tank", size=(200, 100)))
    columns = np.flatnonzero(wide.any(axis=0))
    assert (columns.min() + columns.max()) / 2 == pytest.approx(99.5, abs=1.5)
