"""Labels of a scene: never over each other, never out of the picture, the worst alarm first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.types import Part
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.placing import Box, Wanted, placed
from tests.hmi.widgets.scenes import LINE, cad_press, demo_parts

AREA = Box(8, 8, 1164, 544)
LABELS = st.lists(
    st.builds(
        Wanted,
        x=st.floats(-200, 1400),
        y=st.floats(-200, 800),
        width=st.floats(40, 260),
        height=st.floats(24, 40),
        rank=st.integers(1, 9),
    ),
    max_size=24,
)
BOXES = st.lists(
    st.builds(
        Box, x=st.floats(0, 900), y=st.floats(0, 400), width=st.floats(20, 300), height=st.floats(20, 120)
    ),
    max_size=3,
)


def assert_apart(boxes: list[Box], area: Box) -> None:
    for at, box in enumerate(boxes):
        assert area.x <= box.x and box.x + box.width <= area.x + area.width + 1e-6
        assert area.y <= box.y and box.y + box.height <= area.y + area.height + 1e-6
        assert not any(box.meets(other) for other in boxes[at + 1 :])


@given(labels=LABELS, taken=BOXES)
@settings(max_examples=120, deadline=None)
def test_labels_never_meet_each_other_nor_buttons_nor_the_edge(
    labels: list[Wanted], taken: list[Box]
) -> None:
    found = [box for box in placed(labels, AREA, taken) if box is not None]
    assert_apart(found, AREA)
    assert not any(box.meets(other) for box in found for other in taken)


@given(azimuth=st.floats(-180, 180), elevation=st.floats(3, 88), zoom=st.floats(0.4, 6.0))
@settings(max_examples=60, deadline=None)
def test_labels_of_the_demo_line_stay_apart_from_every_side(
    azimuth: float, elevation: float, zoom: float
) -> None:
    from hmi.widgets.scene import camera as cameras
    from hmi.widgets.scene.model import scene_of

    scene = _demo_scene(scene_of)
    frame = cameras.Frame(1180, 560)
    spots = cameras.corners(scene.bounds())
    camera = cameras.zoomed(
        cameras.fitted(cameras.Camera(azimuth=azimuth, elevation=elevation), spots, frame), zoom
    )
    tops = (scene.boxes[:, 0] + scene.boxes[:, 1]) / 2
    seen = cameras.projected(camera, tops[[part.label for part in scene.parts]], frame)
    labels = [Wanted(float(x), float(y), 120, 34, 9) for x, y, ahead in seen if ahead > 0]
    found = placed(labels, AREA)
    inside = [AREA.holds(each.x, each.y) for each in labels]
    assert_apart([box for box in found if box is not None], AREA)
    assert all(box is None for box, is_inside in zip(found, inside, strict=True) if not is_inside)


_SCENES: list = []


def _demo_scene(make):  # type: ignore[no-untyped-def]
    if not _SCENES:
        _SCENES.append(make(demo_parts()))
    return _SCENES[0]


def test_an_asset_that_a_node_of_a_model_stands_for_has_a_label_over_it() -> None:
    from hmi.widgets.scene.overlay import anchors

    press = Part("model", asset="Press", file="press.glb", scale=0.001, up="y", binds={"Press/Ram": "Ram"})
    pipe = Part("pipe", asset="Press", points=((0.0, 0.0, 9.0), (0.0, 0.0, 12.0)))
    scene = scene_of([pipe, press], {"press.glb": cad_press()})
    over_press, over_ram, nothing = anchors(scene, ["Press", "Ram", "Pump"])
    ram = scene.bounds(scene.of(["Ram"]))
    assert over_ram == pytest.approx([*(ram[0] + ram[1])[:2] / 2, ram[1][2]], abs=1e-4)
    assert 0 < over_press[2] < 9, "a pipe is not what it names"
    assert np.isnan(nothing).all()


def test_at_home_every_unit_and_utility_of_the_demo_has_its_label() -> None:
    from hmi.widgets.scene import camera as cameras
    from hmi.widgets.scene.model import scene_of

    scene = _demo_scene(scene_of)
    for size in ((1180, 560), (1020, 420)):
        frame = cameras.Frame(*size, (34, 84, 34, 34))
        spots = np.concatenate([cameras.corners(box) for box in scene.boxes])
        camera = cameras.fitted(cameras.home(frame), spots, frame)
        tops = (scene.boxes[:, 0] + scene.boxes[:, 1]) / 2
        seen = cameras.projected(camera, tops[[part.label for part in scene.parts]], frame)
        labels = [Wanted(float(x), float(y), 150, 34, 9) for x, y, _ in seen]
        assert len(labels) >= 10
        assert None not in placed(labels, Box(8, 8, size[0] - 16, size[1] - 16)), f"{LINE} at {size}"


def test_a_lone_label_stands_right_above_what_it_names() -> None:
    (box,) = placed([Wanted(600, 300, 120, 34)], AREA)
    assert box is not None
    assert box.x + box.width / 2 == pytest.approx(600, abs=4)
    assert 0 < 300 - (box.y + box.height) < 40


def test_where_there_is_room_for_one_the_alarm_gets_it() -> None:
    calm, alarm = Wanted(60, 25, 110, 30, 9), Wanted(60, 25, 110, 30, 1)
    found = placed([calm, alarm], Box(0, 0, 120, 50))
    assert found[0] is None and found[1] is not None


def test_what_is_out_of_the_picture_has_no_label() -> None:
    assert placed([Wanted(-5, 100, 80, 30), Wanted(2000, 100, 80, 30)], AREA) == [None, None]
