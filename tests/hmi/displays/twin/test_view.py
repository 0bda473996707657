"""The twin on the screen: one selection for list, scene, trend and faceplate."""

from __future__ import annotations

from typing import Any

import pytest

from engine.types import Part, Plant, SavedView, Session
from hmi.displays.display import Place
from hmi.model import Model
from hmi.who import Who
from tests.hmi.displays.twin.plants import (
    HYDRAULICS,
    LINE,
    PARTS,
    ROBOT,
    S10,
    S20,
    alarm,
    model,
    snapshot,
)
from tests.hmi.displays.twin.views import marked, twin
from tests.hmi.widgets.scenes import let_run, settle

pytestmark = pytest.mark.screen


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
    from PySide6.QtWidgets import QAbstractButton

    from hmi.displays.twin.view_sheet import ViewSheet
    from hmi.theme import load_theme
    from tests.hmi.structure import problems

    with twin(qapp) as (view, _):
        sheet = view.stage.sheet
        view.stage.views.take_project((SavedView("Press & ram", (0, 0, 1), 20, -90, 30),) * 1)
        view.tools.view.setChecked(True)
        sheet.section.axes["x"].click()
        sheet.list.save_as.click()
        for size in ((1290, 632), (1000, 540)):
            view.resize(*size)
            let_run(lambda: view.scene.is_settled, "the picture")
            assert problems(view, (ViewSheet,)) == []
            assert view.rect().contains(sheet.geometry())
        least = load_theme("light").size.target
        buttons = [each for each in view.stage.sheet.findChildren(QAbstractButton) if each.isVisible()]
        assert len(buttons) >= 15
        for button in buttons:
            assert button.accessibleName() or button.text(), button
            assert button.height() >= least, button.text()


def test_the_numbers_on_the_labels_follow_the_values(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        values = (60.4, 1.0, 9.6, 58.8, 241.6, float("nan"), 1.0, 6.1)
        view.on_numbers(snapshot(values))
        assert view.scene.labels[0].value == "60.4"


def test_editing_is_offered_only_to_who_may_and_never_in_a_replay(qapp: Any) -> None:
    from tests.hmi.plant import NOW_US

    may = Who(True, session=session(), actions=frozenset({"configure"}))
    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        button = view.stage.sheet.edit_button
        assert not button.isVisible()
        view.set_who(may)
        assert button.isVisible()
        view.set_past(NOW_US)
        assert not button.isVisible() and "replay" in view.stage.views.why_not
        view.edit()
        assert not view.is_alone()
        view.set_past(None)
        view.set_stalled(True)
        assert not button.isVisible()


def session() -> Session:
    """Somebody at this station."""
    return Session("s", "eng", "Eva Engineer", "here", "password", (), 0, 2**62)


def test_hidden_it_asks_for_nothing_and_no_timer_runs(qapp: Any) -> None:
    from PySide6.QtCore import QTimer

    with twin(qapp, model(parts=(*PARTS, Part(shape="model", file="none.glb", asset=S20)))) as (view, _):
        settle(view.scene)
        view.hide()
        qapp.processEvents()
        running = [each for each in view.findChildren(QTimer) if each.isActive() and not each.isSingleShot()]
        assert running == []


def test_while_editing_trouble_trend_and_faceplate_are_out_of_the_way(qapp: Any, monkeypatch: Any) -> None:
    may = Who(True, session=session(), actions=frozenset({"configure"}))
    with twin(qapp) as (view, gone):
        monkeypatch.setattr(view._feed, "submit", lambda *_: None)  # noqa: SLF001
        view.set_who(may)
        view.set_alarms([alarm(f"{HYDRAULICS}/Pressure", 1)])
        view.edit()
        assert view.is_alone() and gone == [Place("twin", "")], (
            "the shell is told, so that it hides the faceplate"
        )
        assert view.tools.plate.isVisible() and view.tools.frame.isVisible()
        assert (
            not view.tools.show_trouble.isVisible()
            and not view.trend.isVisible()
            and not view.time.isVisible()
        )
        assert view.wants() == {"numbers"}
        view.assets.opened.emit(ROBOT)
        assert view.path == ROBOT and len(gone) == 1, "no faceplate opens"
        view._editor.end()  # noqa: SLF001
        assert not view.is_alone() and view.trend.isVisible() and view.tools.show_trouble.isVisible()
        assert not view.tools.plate.isVisible() and gone[-1] == Place("twin", ROBOT)
