"""Welding, normals and levels of detail, and the file that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from hmi.cad.model import CadModel, CadNode
from hmi.cad.raw import RawSolid
from hmi.cad.store import mapped, packed
from hmi.cad.tidy import tidied
from tests.hmi.cad.files import CUBE, CUBE_SIDES, torus


def raw(mesh: trimesh.Trimesh) -> RawSolid:
    """As STL has it: three points of its own for each triangle."""
    points = mesh.vertices[mesh.faces].reshape(-1, 3)
    return RawSolid("node", "node", points, np.arange(len(points)).reshape(-1, 3))


def node_of(solid: RawSolid) -> CadNode:
    node = tidied(solid)
    assert node is not None
    return node


def solid_of(node: CadNode, level: int) -> trimesh.Trimesh:
    made = trimesh.Trimesh(node.points, node.levels[level])
    made.merge_vertices(merge_norm=True)
    return made


def test_a_cube_keeps_its_edges_hard() -> None:
    corners = np.array(CUBE_SIDES)
    triangles = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])
    node = node_of(RawSolid("c", "c", CUBE.astype(np.float64), triangles))
    assert len(node.points) == 24
    assert sorted(set(map(tuple, np.abs(node.normals).round(3).tolist()))) == [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]
    out = ((node.points - 0.5) * node.normals).sum(axis=1)
    assert (out > 0).all()


def test_a_round_thing_is_smooth_and_welded() -> None:
    ball = trimesh.creation.icosphere(subdivisions=4)
    node = node_of(raw(ball))
    assert len(node.levels[0]) == len(ball.faces)
    fine = node.points[: node.levels[0].max() + 1]
    assert len(fine) == len(ball.vertices)
    np.testing.assert_allclose((fine * node.normals[: len(fine)]).sum(axis=1), 1.0, atol=0.01)


def test_levels_have_about_a_quarter_and_a_sixteenth_and_keep_the_volume() -> None:
    ring = torus(20_000)
    node = node_of(raw(ring))
    counts = np.array([len(each) for each in node.levels]) / len(ring.faces)
    np.testing.assert_allclose(counts, (1, 0.25, 0.0625), rtol=0.1)
    for level in range(3):
        assert solid_of(node, level).volume == pytest.approx(ring.volume, rel=0.02)
        assert solid_of(node, level).is_watertight
    np.testing.assert_allclose(np.linalg.norm(node.normals, axis=1), 1.0, atol=1e-4)


def test_far_from_the_origin_levels_keep_the_shape_too() -> None:
    ring = torus(4_000)
    there = ring.copy()
    there.apply_translation((20_000, 0, 0))
    node = node_of(raw(there))
    made = trimesh.Trimesh(node.points.astype(np.float64) - (20_000, 0, 0), node.levels[2])
    made.merge_vertices(merge_norm=True)
    assert made.volume == pytest.approx(ring.volume, rel=0.05)


def test_few_triangles_are_the_same_from_any_distance() -> None:
    node = node_of(raw(trimesh.creation.box()))
    assert node.levels[0] is node.levels[1] is node.levels[2]


def test_triangles_without_a_surface_or_a_place_are_dropped() -> None:
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (2, 0, 0), (np.nan, 0, 0), (1e30, 0, 0)], np.float64)
    triangles = np.array([(0, 1, 2), (0, 1, 3), (0, 0, 1), (0, 1, 4), (0, 2, 5)])
    assert node_of(RawSolid("n", "n", points, triangles)).levels[0].shape == (1, 3)
    assert tidied(RawSolid("n", "n", points, triangles[1:])) is None


def test_normals_of_the_file_are_kept_and_those_of_no_length_made_anew() -> None:
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)], np.float64)
    triangles = np.array([(0, 1, 2)])
    tilted = np.array([(0, 3, 4)] * 3, np.float64)
    np.testing.assert_allclose(
        node_of(RawSolid("n", "n", points, triangles, tilted)).normals, [(0, 0.6, 0.8)] * 3, atol=1e-6
    )
    lost = node_of(RawSolid("n", "n", points, triangles, np.zeros((3, 3))))
    np.testing.assert_allclose(lost.normals, [(0, 0, 1)] * 3, atol=1e-6)


def kept(tmp_path: Path, *nodes: CadNode) -> Path:
    path = tmp_path / "x.cad"
    path.write_bytes(b"".join(packed(CadModel("a.glb", nodes, "", {"node": (1.0, 2.0, 3.0)}))))
    return path


def test_a_kept_model_comes_back_as_it_was(tmp_path: Path) -> None:
    node = node_of(raw(torus(2_000)))
    model = mapped(kept(tmp_path, node, node_of(raw(trimesh.creation.box()))), "b.glb")
    again = model.nodes[0]
    assert (model.file, model.problem, model.origins) == ("b.glb", "", {"node": (1.0, 2.0, 3.0)})
    for new, old in zip(
        (again.points, again.normals, *again.levels), (node.points, node.normals, *node.levels), strict=True
    ):
        np.testing.assert_array_equal(new, old)
        assert new.dtype == old.dtype
        assert not new.flags.writeable
    assert model.nodes[1].levels[0] is model.nodes[1].levels[2]


def test_a_torn_or_changed_file_is_found_out(tmp_path: Path) -> None:
    path = kept(tmp_path, node_of(raw(trimesh.creation.box())))
    whole = path.read_bytes()
    bad = bytearray(whole)
    bad[-64:] = b"\x7f" * 64  # the last triangles name points far beyond
    for content in (b"", b"WRCAD", whole[:100], whole[:-64], whole + bytes(64), bytes(bad), b"x" + whole[1:]):
        path.write_bytes(content)
        with pytest.raises(ValueError):
            mapped(path, "a.glb")
