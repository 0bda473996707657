"""What a tap on a scene meets."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Cut, Motion, Part
from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.model import Scene, scene_of
from hmi.widgets.scene.picking import Seen, met, part_at, picked
from hmi.widgets.scene.poses import Pose, posed
from hmi.widgets.scene.shapes import built
from tests.hmi.widgets.scenes import HYDRAULICS, cad_press, demo_parts

FRAME = Frame(1180, 560)
FRONT = Camera((0.0, 0.0, 1.0), 0.0, 10.0, 30.0)


def seen(scene: Scene, camera: Camera = FRONT, pose: Pose | None = None, cut: Cut | None = None) -> Seen:
    return Seen(scene, pose or scene.rest, camera, FRAME, np.ones(len(scene.assets), np.bool_), cut)


def tap(scene: Scene, camera: Camera, point: tuple[float, float, float]) -> str:
    x, y, _ = cameras.projected(camera, np.array([point]), FRAME)[0]
    return picked(seen(scene, camera), float(x), float(y))


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
    assert picked(seen(scene), x, y + 8) == "Pipe"
    assert picked(seen(scene), x, y + 30) == ""


def test_what_is_hidden_is_not_met() -> None:
    scene = scene_of(
        [Part(shape="box", asset="Hidden"), Part(shape="box", asset="Behind", at=(0.0, 5.0, 0.0))]
    )
    origin, way = cameras.ray(FRONT, 590, 280, FRAME)
    found = met(seen(scene), origin, way, np.array([False, True]))
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
    assert picked(seen(scene), 100, 100) == ""


def test_a_joint_is_met_where_it_has_moved_to() -> None:
    ram = Motion(tag="R", kind="slide", joint="ram")
    scene = scene_of([Part(shape="press ram", asset="Ram", motions=(ram,))])
    up = posed(scene.links, np.array([2.0]))
    low, high = scene.boxes[0]
    x, y, _ = cameras.projected(FRONT, ((low + high) / 2)[None], FRAME)[0]
    assert picked(seen(scene), x, y) == "Ram"
    assert picked(seen(scene, pose=up), x, y) == ""
    x, y, _ = cameras.projected(FRONT, ((low + high) / 2 + (0, 0, 2.0))[None], FRAME)[0]
    assert picked(seen(scene, pose=up), x, y) == "Ram"


def test_what_is_cut_away_lets_the_tap_through() -> None:
    scene = scene_of([Part(shape="box", asset="Near"), Part(shape="box", asset="Far", at=(0.0, 5.0, 0.0))])
    x, y, _ = cameras.projected(FRONT, np.array([[0.0, 0.0, 1.0]]), FRAME)[0]
    assert picked(seen(scene), x, y) == "Near"
    assert picked(seen(scene, cut=Cut("y", 2.0, flipped=True)), x, y) == "Far"
    assert picked(seen(scene, cut=Cut("y", 2.0)), x, y) == "Near"


def test_a_bound_node_of_a_model_names_its_own_asset_and_its_part() -> None:
    part = Part(shape="model", file="press.glb", asset="Press", scale=0.001, binds={"Ram": "Press/Ram"})
    scene = scene_of([Part(shape="box", at=(9.0, 0.0, 0.0)), part], {"press.glb": cad_press()})
    for height, asset in ((1.25, "Press/Ram"), (0.2, "Press")):
        x, y, _ = cameras.projected(FRONT, np.array([[0.0, -0.4, height]]), FRAME)[0]
        assert picked(seen(scene), x, y) == asset
        assert part_at(seen(scene), x, y) == 1
    x, y, _ = cameras.projected(FRONT, np.array([[9.0, 0.0, 0.7]]), FRAME)[0]
    assert picked(seen(scene), x, y) == "" and part_at(seen(scene), x, y) == 0


def test_triangles_in_blocks_are_met_as_all_of_them_would_be() -> None:
    mesh = built(Part(shape="body"))["light"]
    scene = scene_of([Part(shape="body", asset="B")])
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(60):
        origin, goal = rng.uniform(-6, 6, 3) + (0, 0, 7), rng.uniform((-2, -0.8, 0.3), (2, 0.8, 1.2))
        way = (goal - origin) / np.linalg.norm(goal - origin)
        found = met(seen(scene), origin, way, np.array([True]))
        first = nearest_of_all(mesh, origin, way)
        if first is not None:
            hits += 1
            assert found is not None and found[1] <= first + 1e-6
    assert hits > 20


def nearest_of_all(mesh: Mesh, origin: np.ndarray, way: np.ndarray) -> float | None:
    """Metres to the nearest triangle, each asked alone by solving for its corner, its sides and the way."""
    best: float | None = None
    for a, b, c in mesh.points[mesh.triangles].astype(float):
        sides = np.stack([b - a, c - a, -way], axis=1)
        if abs(np.linalg.det(sides)) < 1e-12:
            continue
        u, v, away = np.linalg.solve(sides, origin - a)
        if u >= 0 and v >= 0 and u + v <= 1 and away > 1e-6 and (best is None or away < best):
            best = float(away)
    return best
