"""Solids, the shapes made of them, and the demo line made of those."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Part
from hmi.widgets.scene import mesh
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.shapes import SHAPES, built, known, size_of
from tests.hmi.widgets.scenes import LINE, demo_parts

ROUND = 0.985
"""A cylinder of 28 sides holds so much of a true one, at least."""


def test_solids_hold_the_volume_of_what_they_stand_for() -> None:
    assert mesh.volume(mesh.box(1, 2, 3, bevel=0)) == pytest.approx(6.0)
    assert mesh.volume(mesh.box(1, 2, 3)) == pytest.approx(6.0, rel=0.005)
    assert ROUND * 0.95 < mesh.volume(mesh.cylinder(0.5, 1)) / (np.pi / 4) < 1.0
    assert 0.9 < mesh.volume(mesh.ball(1, (0, 0, 0))) / (4 / 3 * np.pi) < 1.0
    assert mesh.volume(mesh.beam((0, 0, 0), (3, 0, 0), 0.2, 0.3)) == pytest.approx(0.18)
    assert 0.9 < mesh.volume(mesh.bar((0, 0, 0), (0, 0, 2), 0.1, sides=16)) / (np.pi * 0.01 * 2) < 1.0


def test_a_pipe_runs_through_its_points_and_rounds_its_bends() -> None:
    made = mesh.pipe([(0, 0, 0), (2, 0, 0), (2, 0, 2)], 0.1)
    assert made.points[:, 0].max() == pytest.approx(2.1, abs=0.02)
    assert made.points[:, 2].max() == pytest.approx(2.0, abs=1e-5)
    # The outer corner of a sharp bend would lie at (2.1, 0, -0.1).
    corner = np.linalg.norm(made.points - np.array([2.1, 0, -0.1]), axis=1).min()
    assert corner > 0.05


def test_turning_and_moving_go_the_way_they_are_named() -> None:
    spot = mesh.Mesh(np.array([[1.0, 0.0, 0.0]], np.float32), np.zeros((0, 3), np.int32))
    assert mesh.moved(spot, (0, 0, 5), turn=90).points[0] == pytest.approx([0, 1, 5], abs=1e-6)
    up = mesh.Mesh(np.array([[0.0, 0.0, 1.0]], np.float32), np.zeros((0, 3), np.int32))
    assert mesh.moved(up, tilt=90).points[0] == pytest.approx([1, 0, 0], abs=1e-6)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_shape_is_closed_outside_out_and_about_as_large_as_it_says(shape: str) -> None:
    part = Part(shape=shape)
    tones = built(part)
    points = np.concatenate([each.points for each in tones.values()])
    size = points.max(axis=0) - points.min(axis=0)
    assert all(mesh.volume(each) > 0 for each in tones.values())
    assert all(len(each.triangles) for each in tones.values())
    assert points[:, 2].min() >= -0.01, "nothing reaches into the ground"
    wanted = np.array(size_of(part))
    # Robots reach beyond their foot; else what a person wrote is what stands there.
    if shape != "robot":
        assert (size < wanted * 1.7 + 0.5).all()
        assert (size > wanted * 0.5 - 0.05)[:2].all()
    assert size[2] < wanted[2] * 1.4 + 0.5


def test_a_shape_takes_the_size_that_it_is_given() -> None:
    part = Part(shape="tank", size=(2.0, 2.0, 5.0))
    points = np.concatenate([each.points for each in built(part).values()])
    assert points[:, 2].max() == pytest.approx(5.1, abs=0.15)
    assert np.ptp(points[:, 0]) == pytest.approx(2.0, abs=0.05)


def test_symbols_are_shapes_too_and_what_nobody_knows_is_a_box() -> None:
    assert known("hydraulic-unit") == "hydraulic unit"
    assert known("heat-exchanger") == "cooler"
    assert known("inspection") == "portal"
    assert known("spaceship") == "box"


def test_equal_parts_share_one_mesh_however_many_there_are() -> None:
    few = scene_of([Part(shape="tank", at=(0.0, 0.0, 0.0))])
    many = scene_of([Part(shape="tank", at=(float(k), 0.0, 0.0), turn=float(k)) for k in range(300)])
    assert len(many.pieces) == len(few.pieces)
    assert all(len(piece.owners) == 300 for piece in many.pieces)


def test_the_demo_line_is_what_the_picture_shows() -> None:
    parts = demo_parts()
    scene = scene_of(parts)
    shapes = [part.shape for part in parts]
    assert shapes.count("zone") == 8
    assert sum(part.shape == "robot" and "Spot weld" in part.asset for part in parts) == 8
    assert {f"{LINE}/S50 Roof press/Hydraulics", "Utilities/Power", "Utilities/Hydraulic oil"} <= {
        part.asset for part in parts
    }
    assert {part.shape for part in parts if known(part.shape) == "box"} <= {"box"}, "every shape is known"
    low, high = scene.bounds()
    assert 35 < high[0] - low[0] < 50
    assert sum(len(piece.mesh.triangles) * len(piece.owners) for piece in scene.pieces) < 120_000


def test_assets_of_the_demo_scene_are_those_of_its_tags() -> None:
    from engine.paths import resources

    lines = (resources() / "demo" / "framing" / "tags.csv").read_text(encoding="utf-8-sig").splitlines()
    paths = [line.split(",")[0] for line in lines[1:]]
    unknown = {
        part.asset
        for part in demo_parts()
        if part.asset and not any(p.startswith(f"{part.asset}/") for p in paths)
    }
    assert not unknown
