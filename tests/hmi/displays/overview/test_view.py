"""The overview as it is drawn and handled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest

from engine.types import Project
from hmi.displays.display import Place
from hmi.displays.overview.tile import TileWidget
from hmi.displays.overview.view import OverviewView
from hmi.model import Model, build
from hmi.theme import apply_theme, load_fonts, load_theme
from tests.hmi.conftest import collect
from tests.hmi.displays.overview import framing
from tests.hmi.displays.overview.framing import S30, S50
from tests.hmi.pixels import is_colour, picture, white_part
from tests.hmi.plant import BAD, NOW_US, PLANT, STALE, PlantFeed

pytestmark = pytest.mark.screen
LIGHT = load_theme("light")
DESK, LAPTOP = (1844, 840), (1290, 576)


@pytest.fixture
def went() -> list[Place]:
    """Where taps led."""
    return []


@pytest.fixture
def model() -> Model:
    """The framing line."""
    return framing.model()


@pytest.fixture
def view(qapp: Any, model: Model, went: list[Place]) -> Iterator[OverviewView]:
    """The overview of the framing line on a desk screen, all well."""
    load_fonts()
    apply_theme(qapp, LIGHT)
    made = OverviewView(LIGHT, PlantFeed(), went.append)
    made.resize(*DESK)
    made.set_plant(model)
    made.set_kpis(framing.KPIS)
    made.show()
    qapp.processEvents()
    made.on_numbers(framing.values_of(model))
    qapp.processEvents()
    yield made
    made.close()
    made.deleteLater()
    collect()


def tile(view: OverviewView, path: str) -> TileWidget:
    """The tile of an asset."""
    return next(each for each in view.board.tiles if each.tile.path == path)


class Painted(QObject):
    """Notes the path of every tile that is painted."""

    def __init__(self, view: OverviewView) -> None:
        super().__init__()
        self.paths: list[str] = []
        for each in view.board.tiles:
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, TileWidget):
            self.paths.append(watched.tile.path)
        return False


def test_every_unit_and_utility_has_a_tile_in_the_order_of_the_line(view: OverviewView, model: Model) -> None:
    assert [each.tile.path for each in view.board.tiles] == [*model.units, *model.utilities]
    assert [each.figure.value for each in view.board.kpis if each.figure] == ["78.4", "51.2", "4.82"]
    assert view.board.belt.isVisible() and view.board.trend.isVisible()


def test_tile_in_alarm_is_outlined_in_its_colour_and_no_other_is(view: OverviewView, model: Model) -> None:
    view.set_alarms(framing.ALARMS)
    view.on_numbers(framing.values_of(model, alarm={f"{S50}/Pressure": 1}))
    red, orange = LIGHT.alarms[0], LIGHT.alarms[1]
    pixels = picture(tile(view, S50))
    edge = is_colour(pixels, red)[:, 1]
    assert edge.mean() > 0.9, "along the whole side"
    assert is_colour(picture(tile(view, S30)), orange)[:, 1].mean() > 0.9
    calm = picture(tile(view, model.units[0]))
    assert not [each for each in LIGHT.alarms if is_colour(calm, each, 16).any()]


def test_alarm_that_ends_leaves_no_colour_behind(view: OverviewView, model: Model) -> None:
    view.set_alarms(framing.ALARMS)
    picture(view)
    view.set_alarms(())
    pixels = picture(view)
    assert not [each for each in LIGHT.alarms if is_colour(pixels, each, 10).any()]


def test_stale_machine_loses_the_colour_of_live_values_and_tells_its_age(
    view: OverviewView, model: Model
) -> None:
    before = picture(tile(view, S50))
    view.on_numbers(framing.values_of(model, status=framing.all_below(model, S50, STALE)))
    after = picture(tile(view, S50))
    assert is_colour(before, LIGHT.colour.live).sum() > 100
    assert not is_colour(after, LIGHT.colour.live).any()
    hatched = [is_colour(each, LIGHT.colour.hatch, 12).sum() for each in (before, after)]
    assert hatched[1] > hatched[0] + 800
    assert "stale · 3 min ago" in tile(view, S50).accessibleName()


def test_bad_value_shows_no_number_anywhere(view: OverviewView, model: Model) -> None:
    view.on_numbers(framing.values_of(model, status={f"{S50}/Pressure": BAD}))
    found = tile(view, S50)
    assert "241" not in found.accessibleName() and "bad: sensor failure" in found.accessibleName()
    live = is_colour(picture(found), LIGHT.colour.live)
    assert live[:-70].sum() == 0, "only the cycle time below still lives"


def test_silent_engine_makes_the_figures_old(view: OverviewView) -> None:
    view.set_stalled(True)
    assert {each.figure.kind for each in view.board.kpis if each.figure} == {"stale"}
    view.set_stalled(False)
    assert {each.figure.kind for each in view.board.kpis if each.figure} == {"normal"}


def test_only_tiles_that_differ_are_painted(view: OverviewView, model: Model, qapp: Any) -> None:
    painted = Painted(view)
    same = framing.values_of(model)
    view.on_numbers(same)
    qapp.processEvents()
    assert painted.paths == []
    other = framing.values_of(model, {f"{S50}/Pressure": 230.0})
    other = replace(other, version=other.version + (other.value != same.value))
    view.on_numbers(other)
    qapp.processEvents()
    assert painted.paths == [S50]


def test_picture_with_kept_parts_is_the_picture_painted_anew(
    view: OverviewView, model: Model, qapp: Any, went: list[Place]
) -> None:
    stages = [
        framing.values_of(model, {f"{S50}/Pressure": 200.0, f"{S50}/State": 2}),
        framing.values_of(model, status=framing.all_below(model, S30, STALE)),
        framing.values_of(model, {f"{S50}/Cycle time": 71.5, f"{S50}/Body": 12}),
    ]
    for number, stage in enumerate(stages):
        view.on_numbers(replace(stage, version=np.full(stage.value.size, number + 5, np.uint64)))
        qapp.processEvents()
    fresh = OverviewView(LIGHT, PlantFeed(), went.append)
    fresh.resize(*DESK)
    fresh.set_plant(model)
    fresh.set_kpis(framing.KPIS)
    fresh.show()
    fresh.on_numbers(stages[-1])
    qapp.processEvents()
    for old, new in zip(view.board.tiles, fresh.board.tiles, strict=True):
        assert (picture(old) == picture(new)).all(), old.tile.path
    assert (picture(view.board.belt) == picture(fresh.board.belt)).all()
    fresh.close()
    fresh.deleteLater()


def test_tap_opens_the_unit(view: OverviewView, went: list[Place]) -> None:
    QTest.mouseClick(tile(view, S50), Qt.MouseButton.LeftButton)
    assert went == [Place("unit", S50)]


def test_tap_on_the_trend_opens_trends(view: OverviewView, went: list[Place], model: Model) -> None:
    view.set_alarms(framing.ALARMS)
    QTest.mouseClick(view.board.trend.plot, Qt.MouseButton.LeftButton)
    assert [place.display for place in went] == ["trends"]
    assert went[0].path.split("\n") == [model.tags[pen.index].path for pen in view.board.trend.plot.pens]


def test_arrow_keys_move_between_tiles_and_enter_opens(
    view: OverviewView, model: Model, went: list[Place]
) -> None:
    view.activateWindow()
    view.setFocus()
    assert view.board.tiles[0].hasFocus()
    QTest.keyClick(view.board.tiles[0], Qt.Key.Key_Right)
    assert view.board.tiles[1].hasFocus()
    QTest.keyClick(view.board.tiles[1], Qt.Key.Key_Down)
    focused = next(at for at, each in enumerate(view.board.tiles) if each.hasFocus())
    assert focused >= len(model.units), "the utilities are below"
    QTest.keyClick(view.board.tiles[focused], Qt.Key.Key_Return)
    assert went == [Place("unit", view.board.tiles[focused].tile.path)]


def test_focus_of_the_keys_can_be_seen_and_that_of_a_hand_is_not(view: OverviewView) -> None:
    calm = picture(view.board.tiles[1])
    QTest.mouseClick(view.board.tiles[1], Qt.MouseButton.LeftButton)
    assert (picture(view.board.tiles[1]) == calm).all()
    view.board.go_to(2)
    view.board.go_to(1)
    assert (picture(view.board.tiles[1]) != calm).any()


def test_laptop_shows_all_tiles_without_a_scroll_bar(view: OverviewView, qapp: Any) -> None:
    view.resize(*LAPTOP)
    qapp.processEvents()
    seen = [each for each in view.board.tiles if view.board.rect().contains(each.geometry())]
    assert len(seen) == 12 and view.board.height() <= LAPTOP[1]
    assert view.wants() == {"numbers"}, "there is no room for the trend"


def test_long_line_scrolls_and_updates_what_comes_into_view(view: OverviewView, qapp: Any) -> None:
    long = framing.model(100)
    view.set_plant(long)
    view.resize(*LAPTOP)
    view.on_numbers(framing.values_of(long))
    qapp.processEvents()
    last = view.board.tiles[99]
    assert view.board.height() > LAPTOP[1]
    shown = framing.values_of(long, {f"{last.tile.path}/State": 5})
    view.on_numbers(replace(shown, version=shown.version + 1))
    assert last.tile.condition != "fault", "out of sight costs nothing"
    view.board.go_to(99)
    qapp.processEvents()
    assert last.tile.condition == "fault"


def test_trend_draws_the_unit_in_alarm_with_its_limits(view: OverviewView) -> None:
    view.set_alarms(framing.ALARMS)
    pens = view.board.trend.plot.pens
    assert [pen.name for pen in pens] == ["Pressure", "Oil temperature"]
    assert [kind for _, kind in pens[0].limits] == ["l", "h", "hh"]


def test_plant_without_tags_is_taught_what_to_write(view: OverviewView) -> None:
    view.set_plant(build(Project("", PLANT, (), ())))
    assert view.wants() == set()
    shown = [each for each in view.findChildren(type(view.focusProxy())) if each.isVisible()]
    assert any("tags.csv" in each.toPlainText() for each in shown)


def test_new_plant_leaves_nothing_of_the_old_one(view: OverviewView, model: Model, qapp: Any) -> None:
    view.set_alarms(framing.ALARMS)
    small = framing.model(3, 1)
    view.set_plant(small)
    view.on_numbers(framing.values_of(model))
    view.on_numbers(framing.values_of(small))
    qapp.processEvents()
    assert [each.tile.path for each in view.board.tiles] == [*small.units, *small.utilities]


def test_night_has_nothing_white(view: OverviewView, qapp: Any, model: Model) -> None:
    night = load_theme("dark")
    apply_theme(qapp, night)
    view.set_theme(night)
    view.on_trends(NOW_US)
    qapp.processEvents()
    assert white_part(picture(view)) < 0.03


def test_theme_changes_every_tile_at_once(view: OverviewView, qapp: Any) -> None:
    night = load_theme("dark")
    apply_theme(qapp, night)
    view.set_theme(night)
    qapp.processEvents()
    for each in view.board.tiles:
        pixels = picture(each)
        assert is_colour(pixels, night.colour.tile, 4).mean() > 0.3
        assert is_colour(pixels, LIGHT.colour.tile, 4).mean() < 0.01


def test_place_of_a_tag_brings_its_unit_to_the_front(view: OverviewView) -> None:
    assert view.show_place(f"{S50}/Pressure") == ""
    assert view.board.focusProxy() is tile(view, S50)
