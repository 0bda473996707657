"""glTF and GLB: what a scene means, and what is said of one that is not read."""

from __future__ import annotations

import numpy as np
import pytest

from hmi.cad.gltf import read_gltf
from hmi.cad.raw import MOST_TRIANGLES, RawFile, RawSolid, Unreadable
from tests.hmi.cad.files import CUBE, cube_gltf, glb, press_scene, text_of


def nothing(name: str) -> bytes:
    raise AssertionError(f"{name} was asked for")


def read(**changes: object) -> RawFile:
    return read_gltf(text_of(cube_gltf(**changes)), nothing)


def box_of(solid: RawSolid) -> tuple[list[float], list[float]]:
    corners = solid.points[np.unique(solid.triangles)]
    return corners.min(axis=0).round(6).tolist(), corners.max(axis=0).round(6).tolist()


def volume(solid: RawSolid) -> float:
    """Positive where the triangles face outwards."""
    a, b, c = (solid.points[solid.triangles[:, k]] for k in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def test_nodes_of_another_exporter_lie_where_it_put_them() -> None:
    found = read_gltf(press_scene().export(file_type="glb"), nothing)
    by_path = {each.path: each for each in found.solids}
    assert list(by_path) == ["Frame", "Frame/Ram", "Öl 球"]
    assert box_of(by_path["Frame"]) == ([-0.5, -1, -1.5], [0.5, 1, 1.5])
    assert box_of(by_path["Frame/Ram"]) == ([9.5, -0.5, -0.5], [10.5, 0.5, 0.5])
    assert found.origins["Frame/Ram"] == (10.0, 0.0, 0.0)
    assert volume(by_path["Öl 球"]) == pytest.approx(4 / 3 * np.pi, rel=0.02)


def test_a_groups_place_carries_over_to_what_hangs_on_it() -> None:
    nodes = [
        {"name": "Cell", "translation": [0, 0, 7], "children": [1]},
        {
            "name": "Cube",
            "mesh": 0,
            "scale": [2, 2, 2],
            "rotation": [0, 0, 0.7071067811865476, 0.7071067811865476],
        },
    ]
    found = read(nodes=nodes)
    assert box_of(found.solids[0]) == ([-2, 0, 7], [0, 2, 9])
    assert found.origins == {"Cell": (0.0, 0.0, 7.0), "Cell/Cube": (0.0, 0.0, 7.0)}


def test_a_mirrored_node_still_faces_outwards() -> None:
    plain, mirrored = read(), read(nodes=[{"mesh": 0, "scale": [-1, 1, 1]}])
    assert volume(plain.solids[0]) == pytest.approx(1.0)
    assert volume(mirrored.solids[0]) == pytest.approx(1.0)


def test_a_matrix_is_read_column_by_column() -> None:
    found = read(nodes=[{"mesh": 0, "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1]}])
    assert box_of(found.solids[0]) == ([5, 6, 7], [6, 7, 8])


def test_sisters_of_one_name_get_paths_of_their_own() -> None:
    names = ["Valve", "Valve", "Valve#2", "a/b", ""]
    nodes = [{"name": name, "mesh": 0} for name in names]
    found = read(nodes=nodes, scenes=[{"nodes": list(range(5))}])
    assert [each.path for each in found.solids] == ["Valve", "Valve#2", "Valve#2#2", "a∕b", "node 4"]
    assert [each.name for each in found.solids] == ["Valve", "Valve", "Valve#2", "a/b", "node 4"]


def test_the_primitives_of_a_node_are_one_solid_in_the_colour_of_the_larger() -> None:
    primitive = {"attributes": {"POSITION": 0}, "indices": 1}
    small = cube_gltf()["accessors"][1] | {"count": 6}
    found = read(
        meshes=[{"primitives": [primitive | {"material": 1, "indices": 2}, primitive | {"material": 0}]}],
        materials=[
            {"pbrMetallicRoughness": {"baseColorFactor": [1, 0.214041, 0, 1]}},
            {"pbrMetallicRoughness": {"baseColorFactor": [0, 0, 1, 1]}},
        ],
        accessors=[*cube_gltf()["accessors"], small],
    )
    assert len(found.solids) == 1
    assert len(found.solids[0].triangles) == 14
    assert found.solids[0].colour == (255, 127, 0)  # 0.214 of linear light is half grey on a screen


def test_white_under_a_picture_is_no_colour() -> None:
    looks = {"pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 1], "baseColorTexture": {"index": 0}}}
    meshes = [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}]
    assert read(materials=[looks], meshes=meshes).solids[0].colour is None


@pytest.mark.parametrize(("mode", "count"), [(4, 12), (5, 34), (6, 34), (1, 0), (0, 0)])
def test_strips_and_fans_are_triangles_and_lines_are_left_out(mode: int, count: int) -> None:
    meshes = [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "mode": mode}]}]
    assert sum(len(each.triangles) for each in read(meshes=meshes).solids) == count


def test_whole_numbers_marked_so_are_scaled() -> None:
    points = (CUBE * 127).astype(np.int8)
    content = np.hstack([points, np.zeros((8, 1), np.int8)]).tobytes()  # rows of four bytes, as glTF asks
    document = cube_gltf(extensionsRequired=["KHR_mesh_quantization"])
    document["buffers"].append({"byteLength": len(content)})
    document["bufferViews"].append({"buffer": 1, "byteLength": len(content), "byteStride": 4})
    document["accessors"][0] = {
        "bufferView": 2, "componentType": 5120, "normalized": True, "count": 8, "type": "VEC3",
    }  # fmt: skip
    found = read_gltf(glb(document, content), nothing)
    assert box_of(found.solids[0]) == ([0, 0, 0], [1, 1, 1])


def test_sparse_points_stand_in_for_those_they_name() -> None:
    document = cube_gltf()
    moved = np.array([[9, 9, 9]], np.float32).tobytes() + np.array([7], np.uint16).tobytes()
    document["buffers"].append({"byteLength": len(moved)})
    document["bufferViews"] += [
        {"buffer": 1, "byteLength": 12},
        {"buffer": 1, "byteOffset": 12, "byteLength": 2},
    ]
    document["accessors"][0]["sparse"] = {
        "count": 1, "values": {"bufferView": 2}, "indices": {"bufferView": 3, "componentType": 5123},
    }  # fmt: skip
    assert box_of(read_gltf(glb(document, moved), nothing).solids[0]) == ([0, 0, 0], [9, 9, 9])


def test_bytes_beside_the_file_are_asked_for_by_name() -> None:
    asked: list[str] = []
    document = cube_gltf()
    content = CUBE.tobytes() + bytes(72)
    document["buffers"] = [{"uri": "points%20of%20it.bin", "byteLength": len(content)}]

    def give(name: str) -> bytes:
        asked.append(name)
        return content

    read_gltf(text_of(document), give)
    assert asked == ["points of it.bin"]


SHORT = cube_gltf()["accessors"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b"{" * 100_000, "not JSON"),
        (text_of(cube_gltf(asset={"version": "1.0"})), "not glTF 2.0"),
        (text_of(cube_gltf(extensionsRequired=["KHR_draco_mesh_compression"])), "Draco"),
        (text_of(cube_gltf(extensionsRequired=["EXT_meshopt_compression"])), "meshopt"),
        (text_of(cube_gltf(extensionsRequired=["ACME_shapes"])), "ACME_shapes"),
        (text_of(cube_gltf(nodes=[{"mesh": 0, "children": [0]}])), "do not form a tree"),
        (text_of(cube_gltf(nodes=[{"children": [1, 1]}, {"mesh": 0}])), "do not form a tree"),
        (text_of(cube_gltf(nodes=[{"mesh": 0, "children": [99]}])), "do not form a tree"),
        (text_of(cube_gltf(nodes=[{"mesh": 0, "translation": [0, 0, float("nan")]}])), "not a number"),
        (text_of(cube_gltf(accessors=[SHORT[0] | {"count": 9}, SHORT[1]])), "beyond its bytes"),
        (text_of(cube_gltf(accessors=[SHORT[0] | {"count": 2}, SHORT[1]])), "points that are not there"),
        (text_of(cube_gltf(accessors=[SHORT[0] | {"count": 1 << 40}, SHORT[1]])), "triangles"),
        (text_of(cube_gltf(accessors=[SHORT[0] | {"byteOffset": -12}, SHORT[1]])), "beyond its bytes"),
        (text_of(cube_gltf(buffers=[{"byteLength": 168}])), "not all there"),
        (glb(cube_gltf())[:-40], "its end is missing"),
        (b"glTF\1\0\0\0" + bytes(40), "not glTF 2.0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_gltf(content, nothing)


def test_a_mesh_shown_many_times_is_refused_before_it_takes_the_memory() -> None:
    million = {"componentType": 5125, "count": 3_000_000, "type": "SCALAR"}
    with pytest.raises(Unreadable, match=f"{MOST_TRIANGLES:,} are read at most"):
        read(
            accessors=[cube_gltf()["accessors"][0], million],
            nodes=[{"mesh": 0} for _ in range(1000)],
            scenes=[{"nodes": list(range(1000))}],
        )


def test_too_many_nodes_are_refused() -> None:
    with pytest.raises(Unreadable, match="more than 20,000 nodes"):
        read(nodes=[{}] * 20_001)
