"""What a tap on a scene meets."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Part
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.model import Scene, scene_of
from hmi.widgets.scene.picking import met, picked
from tests.hmi.widgets.scenes import HYDRAULICS, demo_parts

FRAME = Frame(1180, 560)
FRONT = Camera((0.0, 0.0, 1.0), 0.0, 10.0, 30.0)


def all_of(scene: Scene) -> np.ndarray:
    return np.ones(len(scene.parts), np.bool_)


def tap(scene: Scene, camera: Camera, point: tuple[float, float, float]) -> str:
    x, y, _ = cameras.projected(camera, np.array([point]), FRAME)[0]
    return picked(scene, camera, float(x), float(y), FRAME, all_of(scene))


def test_the_nearer_of_two_machines_is_met() -> None:
    scene = scene_of([Part(shape="box", asset="Far", at=(0.0, 4.0, 0.0)), Part(shape="box", asset="Near")])
    assert tap(scene, FRONT, (0.0, 0.0, 0.7)) == "Near"


def test_a_tap_goes_through_what_is_no_asset() -> None:
    scene = scene_of([Part(shape="body", at=(0.0, -2.0, 0.4)), Part(shape="press", asset="Press")])
    assert tap(scene, FRONT, (0.0, -2.0, 0.7)) == "Press"


def test_ground_is_met_only_where_no_machine_is() -> None:
    scene = scene_of([Part(shape="zone", asset="Unit"), Part(shape="box", asset="Unit/Machine")])
    assert tap(scene, FRONT, (0.0, 0.0, 0.7)) == "Unit/Machine"
    assert tap(scene, FRONT, (2.0, -3.0, 0.02)) == "Unit"
    assert tap(scene, FRONT, (12.0, 8.0, 0.0)) == ""


def test_a_turned_part_is_met_where_it_stands() -> None:
    part = Part(shape="box", asset="Long", at=(3.0, 0.0, 0.0), turn=90.0, size=(8.0, 0.4, 1.0))
    scene = scene_of([part])
    assert tap(scene, Camera((0, 0, 0), 0.0, 80.0, 40.0), (3.0, 3.5, 1.0)) == "Long"
    assert tap(scene, Camera((0, 0, 0), 0.0, 80.0, 40.0), (6.5, 0.0, 1.0)) == ""


def test_a_finger_may_miss_a_thin_pipe_by_a_little() -> None:
    pipe = Part(
        shape="pipe", asset="Pipe", points=((-3.0, 0.0, 1.0), (3.0, 0.0, 1.0)), size=(0.03, 0.03, 0.03)
    )
    scene = scene_of([pipe])
    x, y, _ = cameras.projected(FRONT, np.array([[0.0, 0.0, 1.0]]), FRAME)[0]
    assert picked(scene, FRONT, x, y + 8, FRAME, all_of(scene)) == "Pipe"
    assert picked(scene, FRONT, x, y + 30, FRAME, all_of(scene)) == ""


def test_what_is_hidden_is_not_met() -> None:
    scene = scene_of(
        [Part(shape="box", asset="Hidden"), Part(shape="box", asset="Behind", at=(0.0, 5.0, 0.0))]
    )
    origin, way = cameras.ray(FRONT, 590, 280, FRAME)
    found = met(scene, origin, way, np.array([False, True]))
    assert found is not None and found[0] == 1
    assert found[1] == pytest.approx(34.4, abs=1.5)


def test_the_failing_unit_of_the_demo_line_is_met_where_it_is_drawn() -> None:
    scene = scene_of(demo_parts())
    spots = np.concatenate([cameras.corners(box) for box in scene.boxes])
    camera = cameras.fitted(cameras.HOME, spots, FRAME)
    part = next(each for each in scene.parts if each.asset == HYDRAULICS and each.shape != "pipe")
    assert tap(scene, camera, (part.at[0], part.at[1] - 0.5, 0.5)) == HYDRAULICS


def test_an_empty_scene_has_nothing_to_meet() -> None:
    scene = scene_of([])
    assert picked(scene, FRONT, 100, 100, FRAME, all_of(scene)) == ""
