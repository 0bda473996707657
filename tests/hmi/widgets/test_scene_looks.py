"""Colours and finishes of parts, the shadow on the ground, and what is done to a frame."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Motion, Part
from hmi.theme import NAMES, Theme, load_theme
from hmi.widgets.scene import finish, looks
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.camera import Camera, Frame, projected
from hmi.widgets.scene.looks import ACT, CROSSED, GHOST, HATCHED, HIDDEN, SOLID, WATCH, Dress, dressed
from hmi.widgets.scene.model import scene_of, with_moved
from hmi.widgets.scene.shadow import LIGHT, Shadow, shadow_of

PARTS = (
    Part(shape="zone", asset="Line/S1"),
    Part(shape="robot", asset="Line/S1/Robot 1"),
    Part(shape="robot", asset="Line/S1/Robot 2", at=(3.0, 0.0, 0.0)),
    Part(shape="body", at=(0.0, 2.0, 0.0)),
)
SCENE = scene_of(PARTS)


def tone(dress: Dress, name: str, part: int) -> tuple[int, ...]:
    return tuple(int(each) for each in dress.colours[looks.TONES.index(name)][part])


def rgb(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in looks.rgb(text))


def grey(colour: tuple[int, ...]) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


@pytest.fixture(params=NAMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


def test_only_the_failing_part_takes_the_colour_of_its_alarm(theme: Theme) -> None:
    plain = dressed(SCENE, {}, Sight(), theme)
    failing = dressed(
        SCENE, {"Line/S1/Robot 1": AssetLook(priority=1), "Line/S1": AssetLook(around=1)}, Sight(), theme
    )
    assert tone(failing, "body", 1) == rgb(theme.alarms[0])
    for part in (2, 3):
        assert tone(failing, "body", part) == tone(plain, "body", part)
    assert tone(failing, "zone", 0) == tone(plain, "zone", 0)
    assert tone(failing, "border", 0) == rgb(theme.alarms[0]), "its unit is outlined"


def test_no_part_without_alarm_comes_near_an_alarm_colour(theme: Theme) -> None:
    for name in looks.TONES:
        plain = tone(dressed(SCENE, {}, Sight(), theme), name, 1)
        assert max(plain) - min(plain) < 24, f"{name} is grey"


def test_running_and_stopped_differ_by_brightness_alone(theme: Theme) -> None:
    path = "Line/S1/Robot 1"
    running, plain, stopped = (
        tone(dressed(SCENE, {path: AssetLook(running=state)}, Sight(), theme), "body", 1)
        for state in (True, None, False)
    )
    assert grey(running) > grey(plain) + 5 > grey(stopped) + 10
    assert max(max(each) - min(each) for each in (running, stopped)) < 24


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("normal", SOLID), ("uncertain", SOLID), ("stale", HATCHED), ("bad", CROSSED), ("never", CROSSED)],
)
def test_what_is_not_current_is_hatched(kind: str, wanted: int) -> None:
    look = AssetLook(kind=kind)  # type: ignore[arg-type]
    dress = dressed(SCENE, {"Line/S1/Robot 2": look}, Sight(), load_theme("light"))
    assert list(dress.finish) == [SOLID, SOLID, wanted, SOLID]


def test_a_stale_value_keeps_the_colour_of_its_alarm() -> None:
    light = load_theme("light")
    dress = dressed(SCENE, {"Line/S1/Robot 1": AssetLook(kind="stale", priority=2)}, Sight(), light)
    assert tone(dress, "body", 1) == rgb(light.alarms[1]) and dress.finish[1] == HATCHED


def test_x_ray_leaves_the_selected_and_the_alarmed_solid() -> None:
    sight = Sight(selected="Line/S1/Robot 2", through=True)
    dress = dressed(SCENE, {"Line/S1/Robot 1": AssetLook(priority=3)}, sight, load_theme("light"))
    assert list(dress.finish) == [SOLID, SOLID, SOLID, GHOST]
    assert list(dress.ringed) == [False, False, True, False]


def test_only_the_selected_hides_all_else() -> None:
    dress = dressed(SCENE, {}, Sight(selected="Line/S1", apart="Line/S1"), load_theme("light"))
    assert list(dress.finish) == [SOLID, SOLID, SOLID, HIDDEN]


def depth_at(shadow: Shadow, x: float, y: float) -> float:
    """How much darker than the empty floor it is at a spot."""
    rows, columns = shadow.depth.shape
    row = (y - shadow.low[1]) / (shadow.high[1] - shadow.low[1]) * rows
    column = (x - shadow.low[0]) / (shadow.high[0] - shadow.low[0]) * columns
    on_floor = shadow.floor[
        int(row) * len(shadow.floor) // rows, int(column) * len(shadow.floor[0]) // columns
    ]
    return float(shadow.depth[int(row), int(column)]) - float(on_floor)


def test_a_shadow_goes_with_what_a_hand_moves_and_none_lies_under_what_moves_by_itself() -> None:
    size = (1.0, 1.0, 2.0)
    runs = Motion(tag="Speed", kind="flow", joint="flow")
    still = Part(shape="box", asset="A", size=size), Part(shape="conveyor", at=(0, 6, 0), motions=(runs,))
    slides = Part(shape="box", asset="B", at=(8.0, 0, 0), size=size, motions=(Motion(tag="T", kind="slide"),))
    scene = scene_of([*still, slides])
    shown = np.ones(3, np.bool_)
    at_rest = shadow_of(scene, shown)
    assert depth_at(at_rest, 0, 0) > 0.3 and depth_at(at_rest, 0, 6) > 0.3, "what stands, and what only flows"
    assert depth_at(at_rest, 8, 0) == pytest.approx(0, abs=0.02), "where it is not a moment later"
    pose = with_moved(scene, 0, (4.0, 0.0, 0.0), 0.0).rest
    moved = shadow_of(scene, shown, pose)
    assert depth_at(moved, 0, 0) == pytest.approx(0, abs=0.02)
    assert depth_at(moved, 4, 0) == pytest.approx(depth_at(at_rest, 0, 0), abs=0.05)


def test_a_shadow_falls_beside_what_throws_it_and_nowhere_else() -> None:
    scene = scene_of([Part(shape="box", asset="A", size=(1.0, 1.0, 4.0))])
    shadow = shadow_of(scene, np.ones(1, np.bool_))
    beside = depth_at(shadow, 2.5 * LIGHT[0], 2.5 * LIGHT[1])
    assert beside > 0.3
    assert depth_at(shadow, -2.5 * LIGHT[0], -2.5 * LIGHT[1]) < 0.1 * beside
    assert float(shadow.depth[0].max()) < 0.02 and float(shadow.depth.max()) <= 1.0
    hidden = shadow_of(scene, np.zeros(1, np.bool_))
    assert float(hidden.depth.max()) == pytest.approx(float(hidden.floor.max()), abs=1e-3), "an empty floor"
    assert 0.05 < float(hidden.floor.max()) < 0.2 and float(hidden.floor[0].max()) == 0.0, "with a soft edge"


def test_a_flat_wall_gets_no_contour_and_no_dark_corner() -> None:
    near = np.linspace(0.02, 0.03, 200, dtype=np.float32)[None, :] * np.ones((120, 1), np.float32)
    assert float(finish.contours(near, 1.0).max()) < 1e-3
    assert float(finish.corners_dark(near, 40.0, 1.0)[20:-20, 70:-70].max()) < 0.02


def test_an_edge_before_something_far_gets_a_contour_and_its_ground_a_dark_seam() -> None:
    near = np.full((80, 80), 1 / 40, np.float32)
    near[20:60, 20:60] = 1 / 38
    lines = finish.contours(near, 1.0)
    assert lines[40, 20] > 0.5 and lines[40, 40] == 0 and lines[40, 17] == 0
    dark = finish.corners_dark(near, 20.0, 1.0)
    assert dark[40, 18] > 5 * dark[40, 40] and dark[40, 18] > 0.1


def test_the_ground_is_as_near_as_the_camera_says() -> None:
    frame, camera = Frame(300, 200), Camera((0.0, 0.0, 0.0), 25.0, 35.0, 30.0)
    rows = finish.ground_nearness(camera, frame)
    for point in ((0.0, 0.0, 0.0), (4.0, -3.0, 0.0), (-5.0, 6.0, 0.0)):
        _, y, ahead = projected(camera, np.array([point]), frame)[0]
        assert 1 / float(rows[int(y), 0]) == pytest.approx(ahead, rel=0.02)


def test_a_ring_lies_around_a_mask_and_not_on_it() -> None:
    mask = np.zeros((40, 40), np.float32)
    mask[15:25, 15:25] = 1
    around = finish.ring(mask, 2)
    assert around[20, 14] == 1 and around[20, 13] == 1 and around[20, 11] == 0
    assert float(around[15:25, 15:25].max()) == 0


def test_a_prediction_is_a_pattern_and_an_alarm_keeps_its_colour_under_it() -> None:
    light = load_theme("light")
    both = {
        "Line/S1/Robot 1": AssetLook(predicted="act", priority=2),
        "Line/S1/Robot 2": AssetLook(predicted="watch"),
    }
    dress = dressed(SCENE, both, Sight(), light)
    assert list(dress.finish) == [SOLID, ACT, WATCH, SOLID]
    assert tone(dress, "body", 1) == rgb(light.alarms[1])
    assert tone(dress, "body", 2) == tone(dressed(SCENE, {}, Sight(), light), "body", 2)
    stale = dressed(SCENE, {"Line/S1/Robot 2": AssetLook(kind="stale", predicted="act")}, Sight(), light)
    assert stale.finish[2] == HATCHED, "what is not current says so first"


def test_what_the_editor_holds_is_drawn_around() -> None:
    assert list(dressed(SCENE, {}, Sight(chosen=(1, 3)), load_theme("light")).ringed) == [
        False,
        True,
        False,
        True,
    ]
