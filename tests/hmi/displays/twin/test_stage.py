"""The scene of the twin with what lies over it: trouble, flights, the View menu, words."""

from __future__ import annotations

from typing import Any

import pytest

from engine.types import Motion, Part
from hmi.displays.display import Place
from tests.hmi.displays.twin.plants import (
    AIR,
    HYDRAULICS,
    PARTS,
    ROBOT,
    S10,
    S20,
    VALVE,
    alarm,
    model,
    snapshot,
)
from tests.hmi.displays.twin.views import built, marked, twin
from tests.hmi.widgets.scenes import let_run, settle

pytestmark = pytest.mark.screen


def test_show_trouble_selects_and_frames_the_worst_alarm(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        assert not view.tools.show_trouble.isEnabled() and view.tools.show_trouble.text() == "No trouble"
        view.set_alarms([alarm(f"{AIR}/Pressure", 3), alarm(f"{VALVE}/Open", 1)])
        assert view.tools.show_trouble.isEnabled() and view.tools.show_trouble.text() == "Show trouble"
        before = view.scene.camera
        view.tools.show_trouble.click()
        assert view.path == VALVE and marked(view) == VALVE and gone == [Place("", VALVE)]
        assert view.scene.sight.selected == HYDRAULICS, "what the valve is in"
        let_run(lambda: not view.stage.flight.is_flying, "the end of the flight")
        assert view.scene.camera.distance < before.distance
        view.tools.go_home.click()
        let_run(lambda: not view.stage.flight.is_flying, "the way home")
        assert view.scene.camera == before


def test_the_view_sheet_sees_through_sets_apart_and_takes_labels_away(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        assert not view.stage.sheet.isolate.isEnabled(), "there is nothing selected to be set apart"
        view.show_place(ROBOT)
        view.stage.sheet.isolate.setChecked(True)
        view.stage.sheet.through.setChecked(True)
        assert view.scene.sight.apart == ROBOT and view.scene.sight.through
        view.stage.sheet.labels.setChecked(False)
        assert view.scene.label_boxes == []


def test_pressing_show_trouble_again_goes_to_the_next_and_round(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        view.set_alarms([alarm(f"{AIR}/Pressure", 3), alarm(f"{ROBOT}/Weld current", 1)])
        walked: list[str] = []
        for _ in range(3):
            view.tools.show_trouble.click()
            walked.append(view.path)
        assert walked == [ROBOT, AIR, ROBOT] and [each.path for each in gone] == walked
        assert view.tools.show_trouble.text() == "Next trouble"
        assert "Shown: 1 of 2" in view.tools.show_trouble.toolTip()
        assert view.scene.sight.apart == "", "nothing is hidden by it"
        view.set_alarms([])
        assert not view.tools.show_trouble.isEnabled()


def test_worse_trouble_that_comes_meanwhile_is_next(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        view.set_alarms([alarm(f"{ROBOT}/Weld current", 2), alarm(f"{AIR}/Pressure", 3)])
        view.tools.show_trouble.click()
        view.set_alarms(
            [
                alarm(f"{HYDRAULICS}/Pressure", 1),
                alarm(f"{ROBOT}/Weld current", 2),
                alarm(f"{AIR}/Pressure", 3),
            ]
        )
        view.tools.show_trouble.click()
        assert view.path == HYDRAULICS


def test_a_flight_is_short_and_a_hand_on_the_scene_ends_it(qapp: Any) -> None:
    from hmi.displays.twin.flight import FLIGHT_MS

    assert FLIGHT_MS <= 400
    with twin(qapp) as (view, _):
        settle(view.scene)
        start = view.scene.camera
        view.show_place(ROBOT)
        assert view.stage.flight.is_flying and view.scene.camera == start
        end = view.stage.flight.end
        let_run(lambda: view.scene.camera != start, "a step")
        view.scene.zoom(1.25)
        assert not view.stage.flight.is_flying and view.scene.camera != end


def test_without_motion_the_eye_is_there_at_once_and_parts_stand_still(qapp: Any, monkeypatch: Any) -> None:
    part = Part(shape="press ram", asset=HYDRAULICS, motions=(Motion("Pressure", "slide", values=(0, 300)),))
    with twin(qapp, model(parts=(*PARTS, part))) as (view, _):
        told: list[float] = []
        monkeypatch.setattr(view.scene, "show_positions", lambda found: told.append(float(found[0])))
        view.on_numbers(snapshot())
        assert told == [pytest.approx(241.6 / 300)]
        view.stage.sheet.motion.setChecked(False)
        view.on_numbers(snapshot())
        assert len(told) == 1
        before = view.scene.camera
        view.show_place(ROBOT)
        assert not view.stage.flight.is_flying and view.scene.camera != before


def test_a_section_cuts_where_the_slider_stands_and_from_the_other_side(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        section = view.stage.sheet.section
        assert view.scene.sight.cut is None and not section.slider.isVisible()
        section.axes["z"].click()
        first = view.scene.sight.cut
        assert first is not None and first.axis == "z" and section.slider.isVisible()
        QTest.keyClick(section.slider, Qt.Key.Key_Right)
        second = view.scene.sight.cut
        assert second is not None and second.at > first.at
        section.less.click()
        section.flip.click()
        third = view.scene.sight.cut
        assert third is not None and third.at < second.at and third.flipped
        section.off.click()
        assert view.scene.sight.cut is None


def test_a_section_stays_where_it_is_when_the_scene_grows(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        section = view.stage.sheet.section
        section.axes["x"].click()
        before = view.scene.sight.cut
        assert before is not None
        view.stage.show_parts([*PARTS, Part(shape="box", at=(90.0, 0.0, 0.0), size=(2.0, 2.0, 2.0))])
        built(view)
        after = view.scene.sight.cut
        assert after is not None and after.at == pytest.approx(before.at, abs=0.5), "to a step of the slider"
        assert section.cut == after, "what the menu says is what is drawn"
        section.slider.setValue(section.slider.maximum())
        end = view.scene.sight.cut
        assert end is not None and end.at > 90, "and all of the scene can be cut"


def test_what_is_saved_comes_back_as_it_was_seen(qapp: Any) -> None:
    with twin(qapp) as (view, gone):
        sheet = view.stage.sheet
        view.tools.view.setChecked(True)
        view.show_place(ROBOT)
        let_run(lambda: not view.stage.flight.is_flying, "the end of the flight")
        sheet.isolate.setChecked(True)
        let_run(lambda: not view.stage.flight.is_flying, "the end of the flight")
        sheet.through.setChecked(True)
        sheet.section.axes["y"].click()
        kept = view.stage.seen_now("Robot"), view.scene.camera
        sheet.isolate.setChecked(False)
        sheet.through.setChecked(False)
        sheet.section.off.click()
        view.assets.opened.emit(AIR)
        view.tools.go_home.click()
        view.stage.show_view(kept[0])
        let_run(lambda: not view.stage.flight.is_flying, "the end of the flight")
        sight = view.scene.sight
        assert (sight.apart, sight.through, sight.selected) == (ROBOT, True, ROBOT)
        assert sight.cut is not None and sight.cut.axis == "y" and sight.cut == kept[0].cut
        assert view.scene.camera.distance == pytest.approx(kept[1].distance, abs=0.01)
        assert view.scene.camera.azimuth == pytest.approx(kept[1].azimuth, abs=0.01)
        assert Place("", ROBOT) in gone


def test_a_view_is_named_saved_renamed_and_removed_by_keys_alone(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with twin(qapp) as (view, _):
        view.tools.view.setChecked(True)
        shown = view.stage.sheet.list
        shown.save_as.setFocus()
        QTest.keyClick(shown.save_as, Qt.Key.Key_Space)
        assert shown.name.isVisible() and shown.name.text() == "View 1"
        QTest.keyClicks(shown.name, "From the gate")
        QTest.keyClick(shown.name, Qt.Key.Key_Return)
        assert [each.text() for each in shown.rows] == ["From the gate (this station)"]
        assert "this station only" in shown.told.text(), "nobody is logged in"
        kept = view.layout()
        assert kept["views"][0]["name"] == "From the gate"
        view.stage.views.remove(view.stage.views.listed[0])
        assert shown.rows == [] and shown.undo.isVisible()
        view.restore(kept)
        assert len(shown.rows) == 1
        QTest.keyClick(view.stage.sheet, Qt.Key.Key_Escape)
        assert not view.stage.sheet.isVisible()


def test_what_is_predicted_stands_in_the_list_and_has_a_legend(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        assert not view.tools.legend.isVisible()
        view.set_predictions({HYDRAULICS: "act", AIR: "watch"})
        tiers = {row.path: row.predicted for row in view.assets.rows}
        assert (tiers[S20], tiers[AIR], tiers[S10]) == ("act", "watch", "")
        assert view.tools.legend.isVisible()
        view.set_predictions({})
        assert not view.tools.legend.isVisible()


def test_words_over_the_scene_say_how_far_behind_the_plant_it_is(qapp: Any) -> None:
    from tests.hmi.plant import NOW_US, STALE

    with twin(qapp) as (view, _):
        assert view.tools.words.text() == "in time: 0.2 s"
        late = snapshot(status={4: STALE})
        late.age_s[4] = 185.0
        view.on_numbers(late)
        assert view.tools.words.text() == "S20 not heard for 3 min"
        view.set_past(NOW_US)
        view.on_numbers(snapshot())
        assert view.tools.words.text() == "as it was at 13:13:46"


def test_labels_of_what_a_section_took_away_are_gone_and_come_back(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        section = view.stage.sheet.section
        section.axes["x"].click()
        assert [label.path for label in view.scene.labels] == [S10, AIR]
        section.flip.click()
        assert S10 not in [label.path for label in view.scene.labels]
        section.off.click()
        assert len(view.scene.labels) == 3


def test_while_editing_parts_are_plain_and_labels_are_names(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        view.set_alarms([alarm(f"{HYDRAULICS}/Pressure", 1)])
        told: list[Any] = []
        view.scene.show_looks = told.append  # type: ignore[method-assign]
        view.stage.set_editing(True)
        view.on_numbers(snapshot())
        assert told[-1] == {}
        assert all(label.value == "" and label.badge is None for label in view.scene.labels)
        view.stage.set_editing(False)
        assert told[-1][HYDRAULICS].priority == 1


def test_what_lies_over_the_scene_stays_put_when_a_faceplate_takes_room(qapp: Any) -> None:
    from PySide6.QtWidgets import QWidget

    with twin(qapp) as (view, _):
        window = QWidget()
        window.resize(1850, 900)
        view.setParent(window)
        view.setGeometry(0, 0, 1850, 900)
        window.show()
        qapp.processEvents()
        before = view.tools.show_trouble.mapTo(window, view.tools.show_trouble.rect().topLeft())
        view.setGeometry(0, 0, 1420, 900)
        qapp.processEvents()
        assert view.tools.show_trouble.mapTo(window, view.tools.show_trouble.rect().topLeft()) == before
        view.setParent(None)
        window.close()


def test_while_its_size_changes_the_picture_keeps_its_shape(qapp: Any) -> None:
    with twin(qapp) as (view, _):
        settle(view.scene)
        scene = view.scene
        wide, high = scene.width(), scene.height()
        scene.resizeEvent = lambda _: None  # type: ignore[method-assign]
        scene.resize(wide // 2, high)
        place = scene.picture_place()
        assert place.width() / place.height() == pytest.approx(wide / high, rel=0.02)
        assert place.center().x() == pytest.approx(wide / 4, abs=2)
