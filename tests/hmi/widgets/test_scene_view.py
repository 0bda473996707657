"""The scene as a widget: what it draws, when it draws, what a tap does, and that it ends."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from hmi.widgets.scene.asset_look import AssetLook, SceneLabel, Sight
from tests.hmi.pixels import is_colour, picture
from tests.hmi.widgets.scenes import HYDRAULICS, LINE, ROBOT, S30, demo_parts, let_run, settle, shown_scene

pytestmark = pytest.mark.screen
LABELS = (
    SceneLabel(S30, "S30", "9.6", "kA", "11.9"),
    SceneLabel(f"{LINE}/S50 Roof press", "S50", "241.6", "bar", "250.0", "normal", 1),
)


def spot_of(view: Any, path: str) -> tuple[int, int]:
    """Where the middle of an asset is drawn, in pixels."""
    from hmi.widgets.scene.camera import Frame, projected

    low, high = view.scene.bounds(
        np.array([part.asset == path and part.shape != "pipe" for part in view.scene.parts])
    )
    at = projected(view.camera, ((low + high) / 2)[None], Frame(view.width(), view.height()))[0]
    return round(at[0]), round(at[1])


def around(pixels: Any, spot: tuple[int, int], reach: int = 14) -> Any:
    return pixels[spot[1] - reach : spot[1] + reach, spot[0] - reach : spot[0] + reach]


def grey(pixels: Any) -> Any:
    return pixels @ np.array([0.2126, 0.7152, 0.0722])


def test_the_failing_part_is_seen_in_its_colour_and_others_stay_grey(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
        view.show()
        settle(view)
        first = view.picture
        view.show_looks({})
        view.show_sight(Sight())
        view.show_parts(demo_parts())
        assert view.is_settled
        assert view.picture is first


def test_while_hidden_nothing_is_drawn_and_it_is_made_up_for_later(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
        view.show()
        settle(view)
        first = view.picture
        for _ in range(3):
            view.zoom(1.1)
        settle(view)
        assert view.picture is not None and view.picture is not first
        assert view.picture.is_final and view.picture.camera == view.camera


def test_keys_and_wheel_move_the_camera_and_home_brings_it_back(qapp: Any) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with shown_scene(qapp) as view:
        view.show_parts(demo_parts())
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


def test_a_tap_names_the_asset_and_a_drag_does_not(qapp: Any) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    with shown_scene(qapp) as view:
        found: list[str] = []
        view.picked.connect(found.append)
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts())
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
        view.show_parts(demo_parts()[:12])
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
        view.show_parts(demo_parts()[:4])
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
