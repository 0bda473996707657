"""The scene as a widget: moving joints, cuts, predictions, and the hands of the editor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.types import Cut, Motion, Part
from hmi.theme import load_theme
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.camera import Camera, Frame, projected
from hmi.widgets.scene.looks import dressed
from hmi.widgets.scene.model import scene_of
from tests.hmi.pixels import picture
from tests.hmi.widgets.scenes import around, demo_parts, grey, put, settle, shown_scene, spot_of

pytestmark = pytest.mark.screen


def test_a_moved_joint_is_seen_and_met_where_it_is(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        ram = Motion(tag="R", kind="slide", joint="ram")
        put(view, [Part(shape="press", asset="Press", motions=(ram,))])
        view.show()
        settle(view)
        before = picture(view)
        view.show_positions(np.array([-0.8]))
        settle(view)
        changed = np.abs(picture(view).astype(int) - before).sum(axis=2) > 20
        assert 50 < changed.sum() < 0.4 * changed.size, "the ram and no more"
        first = view.picture
        view.show_positions(np.array([np.nan]))
        assert view.is_settled and view.picture is first, "not known is no move"


def test_a_cut_shows_what_is_inside_and_ends_again(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, [Part(shape="box", size=(2.0, 2.0, 2.0)), Part(shape="tank", at=(4.0, 0.0, 0.0))])
        view.show()
        settle(view)
        whole = picture(view)
        view.show_sight(Sight(cut=Cut("z", 1.0)))
        settle(view)
        assert np.abs(picture(view).astype(int) - whole).max() > 60
        view.show_sight(Sight())
        settle(view)
        assert np.abs(picture(view).astype(int) - whole).mean() < 1


def test_a_prediction_is_seen_without_any_colour(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, [Part(shape="box", asset="B", size=(2.0, 2.0, 2.0))])
        view.show()
        settle(view)
        spot = spot_of(view, "B")
        plain = float(grey(around(picture(view), spot)).std())
        view.show_looks({"B": AssetLook(predicted="act")})
        settle(view)
        assert float(grey(around(picture(view), spot)).std()) > plain + 8


def test_while_editing_a_hand_takes_hold_of_parts_and_drags_them_over_the_floor(qapp: Any) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    with shown_scene(qapp) as view:
        pressed: list[int] = []
        dragged: list[tuple[float, float, bool]] = []
        view.part_pressed.connect(pressed.append)
        view.ground_dragged.connect(lambda x, y, done: dragged.append((x, y, done)))
        put(view, [Part(shape="box", at=(-3.0, 0.0, 0.0)), Part(shape="box", asset="B")])
        view.show()
        settle(view)
        view.set_editing(True)
        camera = view.camera
        spot = QPoint(*spot_of(view, "B"))
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseMove(view, spot + QPoint(70, 0))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=spot + QPoint(70, 0))
        assert pressed == [1] and view.camera == camera
        assert dragged[-1][2] and dragged[-1][0] > 0
        assert view.ground_at(spot.x() + 70, spot.y()) == pytest.approx(dragged[-1][:2])
        view.move_part(1, (dragged[-1][0], dragged[-1][1], 0.0), 45.0)
        settle(view)
        assert view.part_at(*spot_of(view, "B")) == 1
        assert view.scene.parts[1].turn == 45.0 and view.camera == camera


def test_the_shadow_of_a_part_goes_where_a_hand_puts_it(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        ends = [Part(shape="box", at=(x, 0.0, 0.0)) for x in (-5.0, 5.0)]
        put(view, [*ends, Part(shape="box", asset="B", size=(1.2, 1.2, 1.2))])
        view.show()
        settle(view)
        frame = Frame(view.width(), view.height())
        (x, y, _), *_ = projected(view.camera, np.array([[1.0, -0.3, 0.0]]), frame)
        ground = round(float(x)), round(float(y))
        before = float(grey(around(picture(view), ground)).mean())
        view.move_part(2, (0.0, 3.0, 0.0), 0.0)
        settle(view)
        assert float(grey(around(picture(view), ground)).mean()) > before + 8


def test_what_is_set_apart_never_stands_among_the_shadows_of_the_rest() -> None:
    from hmi.widgets.scene.stage import NoPicture, Stage

    scene = scene_of([Part(shape="box", at=(-3.0, 0.0, 0.0)), Part(shape="box", asset="B")])
    theme, camera, frame = load_theme("light"), Camera(distance=18.0), Frame(400, 240)
    (x, y, _), *_ = projected(camera, np.array([[-2.1, -0.3, 0.0]]), frame)
    try:
        stage = Stage()
    except NoPicture:
        pytest.skip("no OpenGL here, not even in software")
    shades: list[float] = []
    for sight, is_final in ((Sight(), True), (Sight("B", "B"), False), (Sight("B", "B"), True)):
        stage.show_scene(scene, theme)
        stage.dress(dressed(scene, {}, sight, theme))
        pixels = stage.picture(camera, frame, is_final)[:, :, :3].astype(float)
        shades.append(float(grey(around(pixels, (round(float(x)), round(float(y))), 4)).mean()))
    stage.close()
    with_rest, quick, fine = shades
    assert min(quick, fine) > with_rest + 8, "also in the quick picture, which comes first"


def test_the_first_picture_is_as_coarse_as_those_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from hmi.widgets.scene.crowd import Crowd
    from hmi.widgets.scene.stage import NoPicture, Stage

    told: list[bool] = []
    monkeypatch.setattr(Crowd, "arrange", lambda *each: told.append(each[-1]))
    monkeypatch.setattr("hmi.widgets.scene.stage.SOFTWARE", ("",))  # whoever draws is one
    try:
        stage = Stage()
    except NoPicture:
        pytest.skip("no OpenGL here, not even in software")
    stage.show_scene(scene_of([Part(shape="box")]), load_theme("light"))
    for _ in range(2):
        stage.drawn(Camera(), Frame(60, 40), is_final=False)
    stage.close()
    assert told == [True, True], "else all of it is made in two forms before there is a picture"


def test_a_saved_view_comes_back_as_it_was(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, demo_parts()[:9])
        view.fly_to((1.0, 2.0, 1.5), 18.0, -60.0, 35.0)
        target, *rest = view.saved_camera()
        assert target == (1.0, 2.0, 1.5) and rest == pytest.approx([18.0, -60.0, 35.0])
        assert view.camera.azimuth == pytest.approx(30.0), "30° to the right of the front"


def test_a_cut_keeps_its_faces_whatever_colours_change(qapp: Any) -> None:
    with shown_scene(qapp) as view:
        put(view, [Part(shape="box", asset="B", size=(2.0, 2.0, 2.0))])
        view.show_sight(Sight(cut=Cut("z", 1.0)))
        view.show()
        settle(view)
        cut = picture(view)
        view.show_looks({"B": AssetLook(priority=1)})
        settle(view)
        red = picture(view)
        both = (red[:, :, 0].astype(int) - red[:, :, 1] < 10) & (
            np.abs(red.astype(int) - cut).max(axis=2) < 3
        )
        assert 0.5 < both.mean() < 1.0, "the face of the cut and the floor stay grey"
        view.show_sight(Sight())
        view.show_looks({})
        settle(view)
        view.show_sight(Sight(cut=Cut("z", 1.0)))
        settle(view)
        assert np.abs(picture(view).astype(int) - cut).mean() < 0.5
