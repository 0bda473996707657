"""The scene as a widget: what it draws, when it draws, what a tap does, and that it ends."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from engine.types import Motion, Part
from hmi.widgets.scene.asset_look import AssetLook, SceneLabel, Sight
from tests.hmi.pixels import is_colour, picture
from tests.hmi.widgets.scenes import (
    HYDRAULICS,
    LINE,
    ROBOT,
    S30,
    around,
    demo_parts,
    grey,
    let_run,
    put,
    settle,
    shown_scene,
    spot_of,
)

pytestmark = pytest.mark.screen
LABELS = (
    SceneLabel(S30, "S30", "9.6", "kA", "11.9"),
    SceneLabel(f"{LINE}/S50 Roof press", "S50", "241.6", "bar", "250.0", "normal", 1),
)


def test_the_failing_part_is_seen_in_its_colour_and_others_stay_grey(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show_looks({HYDRAULICS: AssetLook(priority=1, around=1)})
        view.show()
        settle(view)
        pixels = picture(view)
        failing, calm = around(pixels, spot_of(view, HYDRAULICS), 6), around(pixels, spot_of(view, ROBOT), 6)
        assert (failing[:, :, 0] - failing[:, :, 1]).max() > 80, "red where it fails"
        assert np.ptp(calm, axis=2).max() < 30, "grey where it does not"
        assert view.picture is not None and view.picture.is_final


def test_what_is_not_current_differs_from_normal_in_greyscale(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        view.frame_asset(ROBOT)
        settle(view)
        spot = spot_of(view, ROBOT)
        shots = {}
        for kind in ("normal", "stale", "bad"):
            view.show_looks({ROBOT: AssetLook(kind=kind)})  # type: ignore[arg-type]
            let_run(lambda: view.is_settled, "the new look")
            shots[kind] = grey(around(picture(view), spot, 24))
        for one, other in (("normal", "stale"), ("normal", "bad"), ("stale", "bad")):
            assert np.abs(shots[one] - shots[other]).mean() > 4, f"{one} looks like {other}"


def test_a_scene_that_rests_draws_nothing(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        settle(view)
        first = view.picture
        view.show_looks({})
        view.show_sight(Sight())
        put(view, demo_parts())
        assert view.is_settled
        assert view.picture is first


def test_while_hidden_nothing_is_drawn_and_it_is_made_up_for_later(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        settle(view)
        view.hide()
        first = view.picture
        view.show_looks({HYDRAULICS: AssetLook(priority=1)})
        qapp.processEvents()
        assert view.picture is first and view.is_settled
        view.show()
        settle(view)
        assert view.picture is not first
        failing = around(picture(view), spot_of(view, HYDRAULICS), 6)
        assert (failing[:, :, 0] - failing[:, :, 1]).max() > 80


def test_a_moving_camera_gets_quick_pictures_and_the_fine_one_at_rest(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        settle(view)
        first = view.picture
        for _ in range(3):
            view.zoom(1.1)
        settle(view)
        assert view.picture is not None and view.picture is not first
        assert view.picture.is_final and view.picture.camera == view.camera


def test_keys_and_wheel_move_the_camera_and_home_brings_it_back(qapp: Any) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        home = view.camera
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_Up)
        assert view.camera.azimuth > home.azimuth and view.camera.elevation > home.elevation
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(view, Qt.Key.Key_Plus)
        assert view.camera.target != home.target and view.camera.distance < home.distance
        QTest.keyClick(view, Qt.Key.Key_Home)
        assert view.camera == home
        spot = spot_of(view, HYDRAULICS)
        QTest.wheelEvent(view.window().windowHandle(), QPoint(*spot), QPoint(0, 360))
        assert view.camera.distance < home.distance
        assert spot_of(view, HYDRAULICS) == pytest.approx(spot, abs=25), "towards what the wheel is over"


def test_a_tap_names_the_asset_and_a_drag_does_not(qapp: Any) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    with shown_scene(qapp) as view:
        found: list[str] = []
        view.picked.connect(found.append)
        put(view, demo_parts())
        view.show()
        settle(view)
        spot = QPoint(*spot_of(view, HYDRAULICS))
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot)
        assert found == [HYDRAULICS]
        before = view.camera
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseMove(view, spot + QPoint(60, 20))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=spot + QPoint(60, 20))
        assert found == [HYDRAULICS] and view.camera != before


def test_labels_stand_over_their_units_in_the_look_of_their_alarm(qapp: Any) -> None:
    from hmi.theme import load_theme

    with shown_scene(qapp) as view:
        found: list[str] = []
        view.picked.connect(found.append)
        put(view, demo_parts())
        view.show_labels(LABELS)
        view.show()
        settle(view)
        boxes = view.label_boxes
        assert len(boxes) == 2 and not boxes[0].meets(boxes[1])
        edge = picture(view)[round(boxes[1].y + 12), round(boxes[1].x + 1)]
        assert is_colour(edge[None, None], load_theme("light").alarms[0], 40).all()
        view.tapped.emit(boxes[0].x + 5, boxes[0].y + 5)
        assert found == [S30]
        view.show_labels((LABELS[0], SceneLabel(LABELS[1].path, "S50", "242.0", "bar", "250.0", "normal", 1)))
        assert view.label_boxes == boxes, "a new number moves no label"
        view.set_labels_shown(False)
        assert view.label_boxes == []


def test_labels_keep_clear_of_the_buttons(qapp: Any) -> None:
    from PySide6.QtCore import QRect

    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show_labels(LABELS)
        view.show()
        settle(view)
        box = view.label_boxes[0]
        view.set_taken([QRect(round(box.x), round(box.y), 90, 30)])
        moved = view.label_boxes[0]
        assert (moved.x, moved.y) != (box.x, box.y)


def test_a_dark_theme_is_dark_from_the_next_picture_on(qapp: Any) -> None:
    from hmi.theme import load_theme

    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        settle(view)
        bright = float(grey(picture(view)).mean())
        view.set_theme(load_theme("dark"))
        settle(view)
        assert float(grey(picture(view)).mean()) < 0.5 * bright


def test_the_render_thread_ends_with_its_widget(qapp: Any) -> None:
    def drawing() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name == "scene"]

    with shown_scene(qapp) as view:
        assert not drawing(), "nothing is started for what nobody has seen"
        put(view, demo_parts()[:12])
        view.show()
        assert drawing() == ["scene"]
    assert not drawing()


def test_a_computer_that_cannot_draw_says_so_in_words(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hmi.widgets.scene import stage

    def nothing() -> None:
        raise stage.NoPicture("no OpenGL")

    monkeypatch.setattr(stage, "Stage", nothing)
    with shown_scene(qapp) as view:
        said: list[str] = []
        view.failed.connect(said.append)
        put(view, demo_parts()[:4])
        view.show()
        let_run(lambda: said, "the words")
        assert "OpenGL" in said[0] and "list" in said[0]
        assert view.picture is None and view.is_settled
        view.grab()


def test_vtk_without_any_way_to_draw_is_refused_before_it_can_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    from hmi.widgets.scene import stage

    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", "vtkOSOpenGLRenderWindow")
    monkeypatch.setattr(stage, "OSMESA", ("libNoSuchMesa.so",))
    with pytest.raises(stage.NoPicture):
        stage.Stage()


def test_many_scenes_do_not_make_it_grow(qapp: Any) -> None:
    from tests.bench.twin import resident_mb

    with shown_scene(qapp, size=(320, 200)) as view:
        parts = demo_parts()[:20]
        put(view, parts)
        view.show()
        settle(view)
        for k in range(6):
            put(view, parts[: 12 + k % 3])
            settle(view)
        before = resident_mb()
        for k in range(12):
            put(view, parts[: 12 + k % 3])
            settle(view)
        assert resident_mb() - before < 60


def test_parts_are_put_together_while_the_window_goes_on_and_the_old_picture_stays(qapp: Any) -> None:
    from hmi.widgets.scene import building

    with shown_scene(qapp) as view:
        put(view, demo_parts()[:9])
        view.show()
        settle(view)
        first = view.picture
        goes_on, builds = threading.Event(), building.scene_of

        def slowly(*wanted: Any) -> Any:
            assert goes_on.wait(30)
            return builds(*wanted)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(building, "scene_of", slowly)
            view.show_parts([Part(shape="press", asset="Press", motions=(Motion(tag="R", kind="slide"),))])
            qapp.processEvents()
            assert not view.is_built and not view.is_settled and view.picture is first
            assert view.scene.assets == ("Press",), "where it stands is known at once"
            view.fly_to((0.0, 0.0, 1.0), 12.0, -60.0, 20.0)
            view.show_positions(np.array([0.5]))
            camera = view.camera
            goes_on.set()
            settle(view)
        assert view.picture is not first and view.camera == camera, "nobody moves a camera that was set"
        assert view.picture is not None and view.picture.pose is not None
        assert view.picture.pose.at[:, 2].max() == pytest.approx(0.5)


def test_of_many_changes_in_a_row_only_the_last_is_shown(qapp: Any) -> None:
    with shown_scene(qapp, size=(320, 200)) as view:
        told: list[tuple[str, ...]] = []
        view.built.connect(lambda: told.append(view.scene.assets))
        for name in "ABCDEFGH":
            view.show_parts([Part(shape="box", asset=name)])
        let_run(lambda: view.is_built, "the last of them")
        assert told == [("H",)]


def test_new_values_are_seen_in_the_next_picture_and_nothing_is_drawn_for_them(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hmi.widgets.scene.stage import Stage

    with shown_scene(qapp) as view:
        put(view, demo_parts())
        view.show()
        settle(view)
        drawn: list[bool] = []
        draws = Stage.drawn
        monkeypatch.setattr(Stage, "drawn", lambda *a: (drawn.append(True), draws(*a))[1])
        spot = spot_of(view, HYDRAULICS)
        for look in (AssetLook(priority=1), AssetLook(kind="stale"), AssetLook(predicted="act"), AssetLook()):
            first, before = view.picture, picture(view)
            view.show_looks({HYDRAULICS: look})
            let_run(lambda first=first: view.picture is not first, "the next picture")
            assert view.picture is not None and view.picture.is_final, "the fine one at once"
            assert np.abs(around(picture(view), spot).astype(int) - around(before, spot)).max() > 25
            settle(view)
        assert drawn == []


@pytest.mark.slow
def test_three_hundred_scenes_do_not_make_it_grow(qapp: Any) -> None:
    from tests.bench.twin import resident_mb

    with shown_scene(qapp, size=(200, 120)) as view:
        parts = demo_parts()[:8]
        view.show()
        before = 0.0
        for k in range(300):
            put(view, parts[: 3 + k % 5])
            if k == 40:
                settle(view)
                before = resident_mb()
        settle(view)
        assert resident_mb() - before < 60
