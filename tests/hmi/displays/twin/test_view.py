"""The twin on the screen: one selection for list, scene, trend and faceplate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from engine.types import Plant
from hmi.displays.display import Place
from hmi.model import Model
from tests.hmi.displays.twin.plants import (
    AIR,
    HYDRAULICS,
    LINE,
    ROBOT,
    S10,
    S20,
    VALVE,
    alarm,
    model,
    snapshot,
)
from tests.hmi.plant import PlantFeed
from tests.hmi.widgets.scenes import let_run, settle

if TYPE_CHECKING:
    from hmi.displays.twin.view import TwinView

pytestmark = pytest.mark.screen


@contextmanager
def twin(application: Any, plant: Model | None = None) -> Iterator[tuple[TwinView, list[Place]]]:
    from hmi import theme
    from hmi.displays.twin.view import TwinView
    from tests.hmi.conftest import collect

    theme.load_fonts()
    look = theme.load_theme("light")
    theme.apply_theme(application, look)
    gone: list[Place] = []
    view = TwinView(look, PlantFeed(), gone.append)
    view.resize(1290, 632)
    try:
        view.set_plant(plant or model())
        view.show()
        view.on_numbers(snapshot())
        application.processEvents()
        yield view, gone
    finally:
        view.close()
        view.deleteLater()
        del view
        collect()


def marked(view: TwinView) -> str:
    at = view.assets.currentIndex().row()
    return view.assets.rows[at].path if at >= 0 else ""


def test_nothing_is_selected_at_first_not_even_by_the_keys(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        view.setFocus()
        qapp.processEvents()
        assert view.path == "" and view.scene.sight.selected == "" and gone == []
        assert view.wants() == {"numbers", "trends"}


def test_a_tap_in_the_list_selects_everywhere_and_asks_for_the_faceplate(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with twin(qapp) as (view, gone):
        row = [each.path for each in view.assets.rows].index(S20)
        box = view.assets.visualRect(view.assets.model().index(row, 0))
        QTest.mouseClick(view.assets.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        assert view.path == S20 and view.scene.sight.selected == S20
        assert gone == [Place("", S20)]
        assert view.trend.plot.pens[0].path == f"{HYDRAULICS}/Pressure"


def test_keys_walk_open_and_close_the_list(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with twin(qapp) as (view, gone):
        keys = Qt.Key
        view.assets.setFocus()
        for _ in range(2):
            QTest.keyClick(view.assets, keys.Key_Down)
        assert view.path == S20 and gone == [], "walking by opens no faceplate"
        QTest.keyClick(view.assets, keys.Key_Right)
        assert HYDRAULICS in [row.path for row in view.assets.rows]
        QTest.keyClick(view.assets, keys.Key_Down)
        assert view.path == HYDRAULICS and marked(view) == HYDRAULICS
        QTest.keyClick(view.assets, keys.Key_Return)
        assert gone == [Place("", HYDRAULICS)]
        QTest.keyClick(view.assets, keys.Key_Left)
        assert view.path == S20
        QTest.keyClick(view.assets, keys.Key_Left)
        assert HYDRAULICS not in [row.path for row in view.assets.rows]


def test_a_tap_in_the_scene_moves_the_mark_in_the_list(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        view.scene.picked.emit(HYDRAULICS)
        assert marked(view) == HYDRAULICS and gone == [Place("", HYDRAULICS)]


def test_show_trouble_selects_and_frames_the_worst_alarm(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        assert not view.tools.show_trouble.isEnabled()
        view.set_alarms([alarm(f"{AIR}/Pressure", 3), alarm(f"{VALVE}/Open", 1)])
        assert view.tools.show_trouble.isEnabled()
        before = view.scene.camera
        view.tools.show_trouble.click()
        assert view.path == VALVE and marked(view) == VALVE and gone == [Place("", VALVE)]
        assert view.scene.sight.selected == HYDRAULICS, "what the valve is in"
        assert view.scene.camera.distance < before.distance
        view.tools.go_home.click()
        assert view.scene.camera == before


def test_alarms_reach_the_list_the_labels_and_the_parts(qapp: Any) -> None:
    from hmi.theme import load_theme
    from tests.hmi.pixels import is_colour, picture

    with twin(qapp) as (view, _):
        settle(view.scene)
        red = load_theme("light").alarms[0]
        calm = int(is_colour(picture(view), red).sum())
        view.set_alarms([alarm(f"{HYDRAULICS}/Pressure", 1)])
        let_run(lambda: view.scene.is_settled, "the tinted part")
        badge = {row.path: row.badge for row in view.assets.rows}
        assert badge[LINE] is not None and badge[S20] is not None and badge[S10] is None
        assert int(is_colour(picture(view), red).sum()) > calm + 300


def test_the_view_sheet_sees_through_sets_apart_and_takes_labels_away(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        assert not view.tools.apart.isEnabled(), "there is nothing selected to be set apart"
        view.show_place(ROBOT)
        view.tools.apart.setChecked(True)
        view.tools.through.setChecked(True)
        assert view.scene.sight.apart == ROBOT and view.scene.sight.through
        view.tools.labels.setChecked(False)
        assert view.scene.label_boxes == []


def test_the_filter_leaves_the_selection_where_it_is(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        view.show_place(ROBOT)
        view.filter.setText("hydr")
        assert [row.path for row in view.assets.rows] == [LINE, S20, HYDRAULICS]
        assert view.path == ROBOT and marked(view) == ""
        view.filter.clear()
        assert marked(view) == ROBOT and gone == []


def test_a_place_is_an_asset_or_the_one_a_tag_belongs_to(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        assert view.show_place(f"{HYDRAULICS}/Pressure") == HYDRAULICS
        assert view.show_place("") == HYDRAULICS
        assert view.show_place("No such asset") == HYDRAULICS
        assert gone == [], "showing a place asks for no other"


def test_a_new_list_of_tags_keeps_selection_and_open_rows(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        view.show_place(HYDRAULICS)
        view.set_plant(model())
        assert view.path == HYDRAULICS and marked(view) == HYDRAULICS
        view.set_plant(model(parts=()))
        assert view.path == HYDRAULICS


def test_a_plant_without_tags_says_how_to_get_a_twin(qapp: Any) -> None:
    with twin(qapp, Model(Plant(name="Empty"))) as (view, _):
        words = view._empty.toPlainText()  # noqa: SLF001
        assert view._empty.isVisible() and "scene/line.toml" in words and "tags.csv" in words  # noqa: SLF001
        assert view.wants() == set()


def test_without_opengl_the_list_still_works(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hmi.widgets.scene import stage

    def nothing() -> None:
        raise stage.NoPicture("no OpenGL")

    monkeypatch.setattr(stage, "Stage", nothing)
    with twin(qapp) as (view, gone):
        let_run(lambda: view.scene.is_settled, "the words")
        assert view.scene.picture is None
        view.assets.opened.emit(S20)
        assert view.path == S20 and gone == [Place("", S20)]


def test_every_button_is_large_enough_for_a_finger_and_has_a_name(qapp: Any) -> None:
    from PySide6.QtWidgets import QPushButton

    from hmi.theme import load_theme

    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        qapp.processEvents()
        least = load_theme("light").size.target
        buttons = [each for each in view.scene.findChildren(QPushButton) if each.isVisible()]
        assert len(buttons) == 8
        for button in buttons:
            assert button.height() >= least and button.width() >= least, button.text()
            assert button.accessibleName()


def test_the_numbers_on_the_labels_follow_the_values(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        values = (60.4, 1.0, 9.6, 58.8, 241.6, float("nan"), 1.0, 6.1)
        view.on_numbers(snapshot(values))
        assert view.scene.labels[0].value == "60.4"
