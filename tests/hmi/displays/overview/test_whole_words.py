"""Names and messages on tiles stay whole, whatever marks stand beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from hmi import theme
from hmi.alarms import Badge
from hmi.displays.overview.side_paint import LOOKS
from hmi.displays.overview.state import Tile
from hmi.widgets.lines import paint_words
from tests.hmi.structure import cut_text

pytestmark = pytest.mark.screen
MARKED = Badge(1, 9, is_foreseen=True, is_work=True)
AIR = Tile(
    "Air",
    "",
    "Compressed air",
    "compressor",
    condition="Header pressure low-low",
    kind="normal",
    badge=MARKED,
)
PRESS = Tile(
    "Press", "S50", "Roof press", "press", condition="Header pressure low-low", kind="normal", badge=MARKED
)


@pytest.mark.parametrize(
    ("style", "tile", "wide", "tall"),
    [
        ("full", PRESS, 218, 360),
        ("middle", PRESS, 306, 198),
        ("row", AIR, 445, 76),
        ("cell", replace(AIR, badge=replace(MARKED, is_work=False)), 172, 124),
    ],
)
def test_a_tile_with_several_marks_shows_its_name_and_what_is_wrong(
    qapp: QApplication, style: str, tile: Tile, wide: int, tall: int
) -> None:
    theme.load_fonts()
    image = QImage(wide, tall, QImage.Format.Format_RGB32)
    with cut_text() as cut, QPainter(image) as painter:
        LOOKS[style].still(painter, QRectF(0, 0, wide, tall), tile, theme.load_theme("light"))
    assert cut == []


def test_what_does_not_fit_two_lines_is_told_as_cut(qapp: QApplication) -> None:
    theme.load_fonts()
    image = QImage(80, 40, QImage.Format.Format_RGB32)
    look = theme.load_theme("light")
    with cut_text() as cut, QPainter(image) as painter:
        paint_words(painter, QRectF(image.rect()), "large leak: start the third compressor", look, 15, "#000")
    assert len(cut) == 1
