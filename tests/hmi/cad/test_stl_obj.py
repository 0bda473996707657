"""STL and OBJ against what trimesh writes and what people's tools write."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from hmi.cad.obj import read_obj
from hmi.cad.raw import RawFile, Unreadable
from hmi.cad.stl import read_stl

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def nothing(name: str) -> bytes:
    raise Unreadable(f"{name} is missing")


def obj(text: str, library: str = "") -> RawFile:
    return read_obj(text.encode(), "stem", (lambda _: library.encode()) if library else nothing)


@pytest.mark.parametrize("kind", ["stl", "stl_ascii"])
def test_both_kinds_of_stl_keep_the_volume(kind: str) -> None:
    ring = trimesh.creation.annulus(1, 2, 1)
    content = ring.export(file_type=kind)
    found = read_stl(content if isinstance(content, bytes) else content.encode(), "ring")
    solid = found.solids[0]
    again = trimesh.Trimesh(solid.points, solid.triangles)
    assert again.volume == pytest.approx(ring.volume, rel=1e-5)


def test_each_solid_of_an_ascii_file_is_a_node_by_its_name() -> None:
    facet = "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"
    text = f"solid Säule links\n{facet}endsolid\nsolid Säule links\n{facet}endsolid\nsolid\n{facet}endsolid\n"
    found = read_stl(text.encode(), "stem")
    assert [each.path for each in found.solids] == ["Säule links", "Säule links#2", "stem"]


def test_a_binary_file_that_begins_with_solid_is_read_as_binary() -> None:
    content = trimesh.creation.box().export(file_type="stl")
    assert len(read_stl(b"solid " + content[6:], "box").solids[0].triangles) == 12


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "length"),
        (bytes(80) + b"\xff\xff\xff\xff", "length"),
        (b"solid x\nfacet\n", "no whole solid"),
        (b"solid x\nvertex 1 2 z\nvertex 1 2 3\nvertex 1 2 3\nendsolid", "not a number"),
        (b"solid x\nvertex 1 2 3\nendsolid", "lacks a corner"),
    ],
)
def test_broken_stl_is_said_to_be_so(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_stl(content, "x")


def test_objects_and_groups_are_nodes_below_each_other() -> None:
    face = "f 1 2 3 4\n"
    found = obj(f"{SQUARE}{face}o Press\n{face}g Ram\n{face}o Robot 1\n{face}g Ram\n{face}")
    assert [each.path for each in found.solids] == ["stem", "Press", "Press/Ram", "Robot 1", "Robot 1/Ram"]
    assert [len(each.triangles) for each in found.solids] == [2] * 5


def test_points_are_counted_from_the_end_too() -> None:
    found = obj(f"{SQUARE}f -4 -3 -2\n")
    assert found.solids[0].points.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]


def test_normals_and_continued_lines_are_read() -> None:
    found = obj(f"{SQUARE}vn 0 0 1\nf 1//1 2//1 \\\n 3//1\n")
    assert found.solids[0].normals is not None
    assert found.solids[0].normals.tolist() == [[0, 0, 1]] * 3


def test_the_colour_comes_from_the_library_of_materials() -> None:
    text = f"mtllib a.mtl\n{SQUARE}usemtl red\nf 1 2 3\n"
    assert obj(text, "newmtl red\nKd 1.0 0.5 2\nnewmtl bad\nKd x\n").solids[0].colour == (255, 128, 255)
    assert obj(text).solids[0].colour is None  # a model without its library is grey, and drawn


@pytest.mark.parametrize(
    "line", ["v 1 2", "v a b c", "f 1 2 9", "f 0 1 2", "f -9 1 2", "f x y z", "v 1 2 1e999x"]
)
def test_the_line_that_is_wrong_is_named(line: str) -> None:
    with pytest.raises(Unreadable, match="line 5"):
        obj(f"{SQUARE}{line}\n")


def test_what_trimesh_writes_keeps_its_volume() -> None:
    ring = trimesh.creation.annulus(1, 2, 1)
    solid = obj(str(ring.export(file_type="obj"))).solids[0]
    again = trimesh.Trimesh(solid.points, solid.triangles)
    again.merge_vertices()
    assert again.volume == pytest.approx(ring.volume, rel=1e-5)
    assert np.isfinite(solid.points).all()
