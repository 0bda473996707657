"""The alarm badge: shape, number and colour say the priority, each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from hmi import theme
from hmi.alarms import Badge
from hmi.theme import Theme, load_fonts, load_theme
from hmi.widgets.alarm_badge import AlarmBadge, badge_width, paint_alarm_badge
from tests.hmi.pixels import is_colour, picture
from tests.hmi.test_theme import contrast

pytestmark = pytest.mark.screen
LIGHT = load_theme("light")
SIDE = 60


@pytest.fixture(autouse=True)
def fonts(qapp: Any) -> None:
    """The bundled type."""
    load_fonts()


def drawn(priority: int, look: Theme = LIGHT, count: int = 0) -> NDArray[np.int16]:
    """A badge, twice as wide as tall, on a grey that no number has."""
    made = QPixmap(SIDE * 2, SIDE)
    made.fill(look.colour.outline)
    with QPainter(made) as painter:
        paint_alarm_badge(painter, QRectF(0, 0, SIDE * 2, SIDE), priority, look, count)
    return picture(made)


def filled(priority: int, row: int) -> int:
    """Pixels of the shape in a row, number included."""
    ground = is_colour(drawn(priority), LIGHT.colour.outline, 6)[:, :SIDE]
    return int(np.count_nonzero(~ground[row]))


def test_each_priority_has_a_shape_of_its_own() -> None:
    top, middle, bottom = 8, SIDE // 2, SIDE - 9
    assert filled(1, top) == filled(1, middle) == filled(1, bottom), "square"
    assert filled(2, top) < filled(2, middle) < filled(2, bottom), "triangle up"
    assert filled(3, top) > filled(3, middle) > filled(3, bottom), "triangle down"
    assert filled(4, middle) > filled(4, top) == pytest.approx(filled(4, bottom), abs=2), "circle"


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_number_can_be_read_on_its_shape_in_every_theme(name: str, priority: int) -> None:
    look = load_theme(name)
    ground = look.alarms[priority - 1]
    pixels = drawn(priority, look)
    assert is_colour(pixels, ground, 12).sum() > 600
    inks = [ink for ink in ("#FFFFFF", "#000000") if is_colour(pixels[15:45, 15:45], ink, 30).sum() > 20]
    assert len(inks) == 1 and contrast(inks[0], ground) >= 4.5


def test_count_is_written_beside_the_shape() -> None:
    assert not is_colour(drawn(1), LIGHT.colour.text)[:, SIDE:].any()
    assert is_colour(drawn(1, count=7), LIGHT.colour.text)[:, SIDE:].sum() > 50
    assert badge_width(24, LIGHT) == 24 < badge_width(24, LIGHT, 7) < badge_width(24, LIGHT, 77)


def test_badge_takes_no_room_without_an_alarm(qapp: Any) -> None:
    made = AlarmBadge(LIGHT)
    assert made.width() == 0 and made.accessibleName() == "no alarm"
    made.show_badge(Badge(2, 1))
    alone = made.width()
    assert alone == made.height() and made.accessibleName() == "1 alarm, priority 2"
    made.show_badge(Badge(1, 3))
    assert made.width() > alone and "3 alarms" in made.accessibleName()
    assert is_colour(picture(made), LIGHT.alarms[0]).any()
    made.show_badge(None)
    assert made.width() == 0
