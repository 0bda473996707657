"""Joints, whole parts and nodes of models that move, and what of it is drawn and met."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.testing.demo_plant.framing.axes import poses
from engine.testing.demo_plant.framing.names import ROBOTS
from engine.types import Motion, Part
from hmi.widgets.scene.camera import Camera, Frame
from hmi.widgets.scene.mesh import Mesh
from hmi.widgets.scene.model import Scene, scene_of, with_moved
from hmi.widgets.scene.poses import Pose, about, carried_points, multiplied, posed, rotated
from hmi.widgets.scene.shapes import SHAPES, built, joints_of
from hmi.widgets.scene.stance import Stance
from tests.hmi.widgets.scenes import AXES, cad_press, demo_parts

ROBOT = Part(shape="robot", asset="R", at=(3.0, -2.0, 0.0), turn=30.0, motions=AXES)


def spots(scene: Scene, pose: Pose, part: int = 0) -> np.ndarray:
    """All points of a part as it stands, float[n, 3]."""
    found = []
    for piece in scene.pieces:
        for owner, row in zip(piece.owners, piece.links, strict=True):
            if scene.part_of[owner] == part:
                found.append(carried_points(pose, int(row), piece.mesh.points))
    return np.concatenate(found)


def sizes(scene: Scene, pose: Pose) -> np.ndarray:
    points = spots(scene, pose)
    return np.ptp(points, axis=0)


@pytest.mark.parametrize("shape", [name for name in SHAPES if joints_of(name)])
def test_joints_at_zero_leave_a_shape_as_it_is_drawn(shape: str) -> None:
    motions = tuple(
        Motion(tag=joint, kind="turn" if joint.startswith("axis") else "slide", joint=joint)
        for joint in joints_of(shape)
        if joint != "flow"
    )
    plain, moving = Part(shape=shape), Part(shape=shape, motions=motions)
    whole = np.concatenate([mesh.points for mesh in built(plain).values()])
    scene = scene_of([moving])
    low, high = spots(scene, scene.rest).min(axis=0), spots(scene, scene.rest).max(axis=0)
    assert low == pytest.approx(whole.min(axis=0), abs=1e-4)
    assert high == pytest.approx(whole.max(axis=0), abs=1e-4)


def test_the_first_axis_of_a_robot_turns_all_above_its_foot() -> None:
    scene = scene_of([ROBOT])
    turned = posed(scene.links, np.array([90.0, 0, 0, 0, 0, 0]))
    rest = spots(scene, scene.rest) - np.array(ROBOT.at)
    # A quarter turn takes (x, y) to (−y, x); what stands still lies within the foot.
    quarter = np.stack([-rest[:, 1], rest[:, 0], rest[:, 2]], axis=1) + np.array(ROBOT.at)
    now = spots(scene, turned)
    moves = np.linalg.norm(now - spots(scene, scene.rest), axis=1) > 1e-6
    assert now[moves] == pytest.approx(quarter[moves], abs=1e-4)
    beside = np.linalg.norm(rest[:, :2], axis=1) > 1e-4
    assert rest[~moves & beside][:, 2].max() < 0.35


def test_every_axis_carries_those_after_it() -> None:
    scene = scene_of([ROBOT])
    still = spots(scene, scene.rest)
    moved = []
    for axis in range(6):
        positions = np.zeros(6)
        positions[axis] = 25.0
        now = spots(scene, posed(scene.links, positions))
        moved.append(set(np.flatnonzero(np.linalg.norm(now - still, axis=1) > 1e-5)))
    for before, after in zip(moved[:-1], moved[1:], strict=True):
        assert after and len(after - before) <= 0.02 * len(after), "only points on its own axis stay"


@given(angles=st.lists(st.floats(-170, 170), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_a_robot_never_stretches(angles: list[float]) -> None:
    scene = scene_of([ROBOT])
    pose = posed(scene.links, np.array(angles))
    for piece in scene.pieces:
        points = piece.mesh.points[:: max(1, len(piece.mesh.points) // 9)].astype(float)
        now = carried_points(pose, int(piece.links[0]), points)
        wide = np.linalg.norm(points[:, None] - points, axis=2)
        assert np.linalg.norm(now[:, None] - now, axis=2) == pytest.approx(wide, abs=1e-6)


def test_a_ram_slides_up_and_down_and_its_frame_stays() -> None:
    press = Part(shape="press", motions=(Motion(tag="P", kind="slide", joint="Ram"),))
    scene = scene_of([press])
    down = posed(scene.links, np.array([-0.4]))
    by = spots(scene, down) - spots(scene, scene.rest)
    assert set(np.round(by[:, 2], 4)) == {0.0, -0.4} and np.abs(by[:, :2]).max() < 1e-9


def test_motions_of_a_whole_part_follow_one_another() -> None:
    part = Part(
        shape="box",
        at=(10.0, 0.0, 0.0),
        motions=(
            Motion(tag="S", kind="slide", axis="x"),
            Motion(tag="T", kind="turn", axis="z", pivot=(1.0, 0.0, 0.0)),
        ),
    )
    scene = scene_of([part])
    pose = posed(scene.links, np.array([2.0, 180.0]))
    middle = spots(scene, pose)[:, :2].mean(axis=0)
    assert middle == pytest.approx([10 + 2 + 2, 0.0], abs=1e-3), "half a turn about a metre beside it"


def test_equal_robots_share_their_meshes_and_move_alone() -> None:
    scene = scene_of([ROBOT, msgspec.structs.replace(ROBOT, at=(9.0, 0.0, 0.0))])
    assert all(len(piece.owners) == 2 for piece in scene.pieces), "one draw for both"
    positions = np.zeros(12)
    positions[6] = 40.0
    pose = posed(scene.links, positions)
    assert spots(scene, pose, 0) == pytest.approx(spots(scene, scene.rest, 0), abs=1e-9)
    assert np.abs(spots(scene, pose, 1) - spots(scene, scene.rest, 1)).max() > 0.3


def test_quaternions_turn_as_two_turns_in_a_row() -> None:
    rng = np.random.default_rng(2)
    axes = rng.normal(size=(20, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    a, b = about(axes, rng.uniform(-180, 180, 20)), about(axes[::-1], rng.uniform(-180, 180, 20))
    points = rng.normal(size=(20, 3))
    assert rotated(multiplied(a, b), points) == pytest.approx(rotated(a, rotated(b, points)))


def test_what_is_not_known_stays_where_it_was_last() -> None:
    scene = scene_of([ROBOT])
    stance = Stance(scene)
    stance.take(np.array([10.0, 20, 30, 0, 0, 0]), 1.0)
    stance.take(np.array([np.nan, 25, np.nan, 0, 0, 0]), 2.0)
    wanted = posed(scene.links, np.array([10.0, 25, 30, 0, 0, 0]))
    assert stance.pose is not None and stance.pose.spin == pytest.approx(wanted.spin)
    with pytest.raises(ValueError, match="6 motions"):
        stance.take(np.zeros(5), 3.0)


def test_a_conveyor_runs_by_its_speed_and_stops_where_nobody_knows_it() -> None:
    belt = Part(shape="conveyor", motions=(Motion(tag="v", kind="flow"),))
    scene = scene_of([belt])
    stance = Stance(scene)
    row = int(np.flatnonzero(scene.links.parent >= 0)[0])

    def place() -> float:
        assert stance.pose is not None
        return float(stance.pose.at[row, 0])

    stance.take(np.array([0.4]), 10.0)
    stance.take(np.array([0.4]), 10.5)
    assert place() == pytest.approx(0.2)
    stance.take(np.array([np.nan]), 11.0)
    assert place() == pytest.approx(0.2)
    stance.take(np.array([0.4]), 11.9)
    assert place() == pytest.approx((0.2 + 0.36) % 0.5), "marks come again after half a metre"
    assert not any(piece.tone == "light" for piece in scene_of([Part(shape="conveyor")]).pieces)


def test_only_what_can_be_seen_is_drawn_anew() -> None:
    stance = Stance(scene_of([ROBOT]))
    near, far = Camera(distance=12.0), Camera(distance=590.0)
    stance.take(np.array([0.2, 0, 0, 0, 0, 0]), 0.0)
    assert not stance.is_worth_drawing(far, 500)
    assert stance.is_worth_drawing(near, 500)
    stance.take(np.array([0.2, 0, 0, 0, 0, 0]), 0.1)
    assert not stance.is_worth_drawing(near, 500), "it is there already"


def test_a_part_moved_by_hand_takes_its_joints_along_and_nothing_is_built_anew() -> None:
    scene = scene_of([ROBOT, Part(shape="box", asset="B")])
    moved = with_moved(scene, 0, (-4.0, 1.0, 0.0), 120.0)
    assert moved.pieces is scene.pieces
    there = scene_of([msgspec.structs.replace(ROBOT, at=(-4.0, 1.0, 0.0), turn=120.0), scene.parts[1]])
    positions = np.array([10.0, 5, 5, 20, 30, 40])
    assert spots(moved, posed(moved.links, positions)) == pytest.approx(
        spots(there, posed(there.links, positions)), abs=1e-6
    )
    assert moved.boxes == pytest.approx(there.boxes, abs=1e-5) and moved.parts == there.parts


def test_a_model_stands_upright_in_metres_and_its_bound_node_has_its_own_look() -> None:
    part = Part(shape="model", file="press.glb", asset="Press", scale=0.001, binds={"Ram": "Press/Ram"})
    scene = scene_of([part], {"press.glb": cad_press()})
    assert scene.assets == ("Press", "Press/Ram") and list(scene.part_of) == [0, 0]
    assert scene.boxes[1] == pytest.approx(np.array([[-0.8, -0.4, 1.0], [0.8, 0.4, 1.5]]), abs=1e-5)
    assert list(scene.of(["Press/Ram"])) == [False, True] and scene.solid().all()
    only = scene_of([msgspec.structs.replace(part, node="Press/Frame")], {"press.glb": cad_press()})
    assert only.boxes[0, 1, 2] == pytest.approx(0.4)


def test_a_node_turns_about_its_own_origin() -> None:
    part = Part(
        shape="model",
        file="press.glb",
        scale=0.001,
        motions=(Motion(tag="T", kind="turn", joint="Ram", axis="y"),),
    )
    scene = scene_of([part], {"press.glb": cad_press()})
    pose = posed(scene.links, np.array([-90.0]))
    high = spots(scene, pose)
    # The ram reached 1.6 m to +x of its origin at z = 1; a quarter turn stands it upright there.
    assert high[:, 2].max() == pytest.approx(1.0 + 1.6, abs=1e-4)


def test_five_hundred_equal_models_are_one_draw() -> None:
    model = cad_press()
    parts = [Part(shape="model", file="press.glb", asset=f"P{k}", at=(3.0 * k, 0, 0)) for k in range(500)]
    scene = scene_of(parts, {"press.glb": model})
    assert len(scene.pieces) == 1 and len(scene.pieces[0].owners) == 500
    assert [len(level.triangles) for level in scene.pieces[0].levels] == [24, 12]
    assert len(scene.pieces[0].levels[1].points) <= len(scene.pieces[0].mesh.points)


def test_a_model_that_is_not_there_yet_is_an_outline() -> None:
    part = Part(shape="model", file="big.step", asset="P", size=(4.0, 2.0, 3.0))
    scene = scene_of([part], {})
    assert scene.ghosts[0] and scene.boxes[0, 1] == pytest.approx([2.0, 1.0, 3.0], abs=0.2)
    assert not scene_of([msgspec.structs.replace(part, file="press.glb")], {"press.glb": cad_press()}).ghosts[
        0
    ]


def test_what_is_small_or_outside_of_the_picture_is_drawn_coarsely_or_not_at_all() -> None:
    from hmi.widgets.scene.detail import coarser, level_of, span_px

    middles = np.array([[0.0, 0, 0], [0.0, 30, 0], [500.0, 0, 0]])
    pixels = span_px(middles, np.ones(3), Camera((0, 0, 0), 0.0, 20.0, 20.0), Frame(800, 600))
    assert pixels[0] > 2 * pixels[1] > 0 and pixels[2] == 0
    assert list(level_of(np.array([200.0, 50.0, 10.0, 0.0]), 3, False, False)) == [0, 1, 2, -1]
    assert list(level_of(np.array([200.0, 10.0]), 1, True, True)) == [0, 0]
    whole = built(Part(shape="body"))["light"]
    fewer = coarser(whole)
    assert fewer and len(fewer[0].triangles) < 0.7 * len(whole.triangles)
    assert fewer[0].points.min(axis=0) == pytest.approx(whole.points.min(axis=0), abs=0.2)
    assert coarser(Mesh(whole.points[:9], whole.triangles[:3])) == ()


def test_arms_of_the_demo_robots_stay_out_of_the_car_bodies() -> None:
    """At every spot that they weld; only the tongs of the gun reach in, and not far."""
    bodies = [part.at for part in demo_parts() if part.shape.startswith("body")]
    robots = [part for part in demo_parts() if part.shape == "robot" and part.motions]
    assert len(robots) == len(ROBOTS)
    for robot in robots:
        body = min(bodies, key=lambda at: abs(at[0] - robot.at[0]))
        scene, gun = scene_of([robot]), len(robot.motions) - 1
        for spot in poses(1)[next(at for at, name in enumerate(ROBOTS) if robot.asset.endswith(name))]:
            pose = posed(scene.links, stands(robot, spot))
            for piece in scene.pieces:
                for row in piece.links[scene.links.parent[piece.links] >= 0]:
                    deepest = within_body(carried_points(pose, int(row), piece.mesh.points) - body)
                    assert deepest < (0.15 if scene.links.motion[row] == gun else 0.0), (robot.asset, spot)


def stands(part: Part, values: np.ndarray) -> np.ndarray:
    """Positions of the motions of a part for the values of their tags."""
    low, high = np.array([each.values for each in part.motions]).T
    start, end = np.array([each.moves for each in part.motions]).T
    return start + (values - low) / (high - low) * (end - start)


def within_body(spots: np.ndarray) -> float:
    """Metres that the deepest of float[n, 3] lies within a car body: its sides, and the cabin above them."""
    across, along, up = np.abs(spots[:, 1]), np.abs(spots[:, 0]), spots[:, 2]
    sides = np.minimum.reduce([0.85 - across, 2.1 - along, 1.0 - up])
    cabin = np.minimum.reduce([0.62 - across, 1.2 - along, 1.46 - up])
    return float(np.maximum(sides, cabin).max())
