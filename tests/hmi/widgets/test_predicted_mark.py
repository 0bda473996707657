"""The mark of predicted trouble: no alarm by shape, and its tiers apart without any colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from engine.types import Tier
from hmi import theme
from hmi.alarms import FORESEEN, Badge, spoken, with_foreseen
from hmi.theme import load_theme
from hmi.widgets.alarm_badge import paint_badge_of, room_of_badge
from hmi.widgets.predicted_mark import paint_predicted
from tests.hmi.pixels import is_colour, picture

pytestmark = pytest.mark.screen
SIDE = 40


def drawn(tier: Tier, name: str) -> NDArray[np.int16]:
    look = load_theme(name)
    made = QPixmap(SIDE, SIDE)
    made.fill(look.colour.panel)
    with QPainter(made) as painter:
        paint_predicted(painter, QRectF(0, 0, SIDE, SIDE), tier, look)
    return picture(made)


@pytest.mark.parametrize("name", theme.NAMES)
def test_act_is_hatched_and_watch_hollow_also_in_greyscale(qapp: Any, name: str) -> None:
    grey = {tier: drawn(tier, name).mean(axis=2)[10:30, 10:30] for tier in ("act", "watch")}
    assert grey["act"].std() > 3 * max(1.0, grey["watch"].std()), "stripes against one plain ground"
    assert (drawn("", name) == drawn("", name)[0, 0]).all(), "nothing predicted draws nothing"


@pytest.mark.parametrize("name", theme.NAMES)
def test_no_colour_of_an_alarm_is_in_it(qapp: Any, name: str) -> None:
    assert not any(is_colour(drawn("act", name), each, 20).any() for each in load_theme(name).alarms)


def test_mark_stands_before_the_alarm_and_takes_room_of_its_own(qapp: Any) -> None:
    look = load_theme("light")
    both = Badge(1, 1, is_foreseen=True)
    assert room_of_badge(FORESEEN, 20, look) == 20 < room_of_badge(both, 20, look) <= 50
    made = QPixmap(60, 20)
    made.fill(look.colour.panel)
    with QPainter(made) as painter:
        paint_badge_of(painter, QRectF(0, 0, 60, 20), both, look)
    pixels = picture(made)
    assert is_colour(pixels, look.colour.prediction)[:, :20].any()
    assert is_colour(pixels, look.alarms[0])[:, 24:].sum() > 100
    assert not is_colour(pixels, look.alarms[0])[:, :20].any()


def test_prediction_goes_up_the_tree_and_changes_no_alarm() -> None:
    alarm = Badge(2, 3, waiting=1)
    found = with_foreseen({"Line/S50": alarm}, ["Line/S50/Pump"])
    assert found["Line"] == found["Line/S50/Pump"] == FORESEEN
    assert (found["Line/S50"].priority, found["Line/S50"].count, found["Line/S50"].waiting) == (2, 3, 1)
    assert spoken(FORESEEN) == "trouble predicted, no alarm"
    assert with_foreseen({"Line": alarm}, []) == {"Line": alarm}
