"""Where a scene is seen from: framing, projection, and the ray of a tap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.widgets.scene import camera as cameras
from hmi.widgets.scene.camera import Camera, Frame

ANGLES = st.tuples(st.floats(-180, 180), st.floats(3, 88))
FRAMES = st.tuples(st.integers(200, 2400), st.integers(160, 1400))
CLOUD = np.random.default_rng(3).uniform((-22, -4, 0), (22, 10, 5), (60, 3))


@given(angles=ANGLES, size=FRAMES)
@settings(max_examples=80, deadline=None)
def test_framing_shows_every_point_and_leaves_no_room_to_spare(
    angles: tuple[float, float], size: tuple[int, int]
) -> None:
    free = (20.0, 30.0, 20.0, 10.0)
    frame = Frame(*size, free)
    seen = cameras.projected(
        cameras.fitted(Camera(azimuth=angles[0], elevation=angles[1]), CLOUD, frame), CLOUD, frame
    )
    left, top = seen[:, 0].min(), seen[:, 1].min()
    right, bottom = size[0] - seen[:, 0].max(), size[1] - seen[:, 1].max()
    assert (seen[:, 2] > 0).all()
    gaps = np.array([left, top, right, bottom]) - np.array(free)
    assert gaps.min() > -1.0
    assert min(gaps[0] + gaps[2], gaps[1] + gaps[3]) < 2.0, "one pair of edges is touched"


@given(angles=ANGLES, spot=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=60, deadline=None)
def test_the_ray_of_a_pixel_passes_through_what_is_drawn_there(
    angles: tuple[float, float], spot: tuple[float, float]
) -> None:
    frame = Frame(1180, 560)
    camera = Camera((1.0, 2.0, 1.0), angles[0], angles[1], 50.0)
    x, y = spot[0] * frame.width, spot[1] * frame.height
    origin, way = cameras.ray(camera, x, y, frame)
    back = cameras.projected(camera, (origin + way * 37.0)[None], frame)[0]
    assert back[:2] == pytest.approx([x, y], abs=1e-6)


def test_a_scene_turned_to_the_right_shows_its_right_side() -> None:
    frame = Frame(800, 600)
    points = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    seen = cameras.projected(Camera((0, 0, 0), 0.0, 20.0, 20.0), points, frame)
    assert seen[0, :2] == pytest.approx([400, 300])
    assert seen[1, 0] > seen[0, 0] and seen[2, 1] < seen[0, 1]
    assert cameras.eye(Camera((0, 0, 0), 90.0, 0.0, 20.0)) == pytest.approx([20, 0, 0], abs=1e-9)


def test_the_camera_never_goes_under_ground_nor_over_the_top() -> None:
    camera = Camera()
    for rise in (-500.0, 500.0):
        assert 0 < cameras.orbited(camera, 0.0, rise).elevation < 90
    assert -180 <= cameras.orbited(camera, 1000.0, 0.0).azimuth < 180


def test_what_is_dragged_stays_under_the_finger() -> None:
    frame = Frame(1000, 500)
    camera = Camera((0.0, 0.0, 0.0), 30.0, 40.0, 25.0)
    moved = cameras.panned(camera, 120.0, -35.0, frame)
    seen = cameras.projected(moved, np.array([[0.0, 0.0, 0.0]]), frame)[0]
    assert seen[:2] == pytest.approx([500 + 120, 250 - 35], abs=1e-6)


@pytest.mark.parametrize("factor", [1.25, 1e-9, 1e9])
def test_what_lies_under_the_hand_stays_there_while_zooming(factor: float) -> None:
    frame = Frame(1000, 500)
    camera = Camera((3.0, -2.0, 1.0), 30.0, 40.0, 25.0)
    right, up, _ = cameras.axes(camera)
    thing = np.array(camera.target) + 4.0 * right - 1.5 * up
    x, y, _ = cameras.projected(camera, thing[None], frame)[0]
    nearer = cameras.zoomed_at(camera, factor, x, y, frame)
    assert nearer.distance == cameras.zoomed(camera, factor).distance
    assert cameras.projected(nearer, thing[None], frame)[0][:2] == pytest.approx([x, y], abs=1e-6)


def test_zoom_has_an_end_on_both_sides() -> None:
    camera = Camera()
    assert cameras.zoomed(camera, 1e9).distance > 0.5
    assert cameras.zoomed(camera, 1e-9).distance < 1e4


def test_a_line_goes_more_steeply_into_a_picture_that_is_not_wide() -> None:
    wide, square = cameras.home(Frame(1600, 600)), cameras.home(Frame(800, 700))
    assert abs(square.azimuth) > abs(wide.azimuth)
