"""CAD files for the tests, by trimesh (an exporter that is not ours) and by hand."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.transformations import rotation_matrix, translation_matrix

CUBE = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
CUBE_SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def models_of(project: Path) -> Path:
    """The folder of CAD files of ``project``, made."""
    made = project / "scene" / "models"
    made.mkdir(parents=True, exist_ok=True)
    return made


def press_scene() -> trimesh.Scene:
    """A frame, a ram that hangs on it and a ball of 1,280 triangles, turned and moved."""
    scene = trimesh.Scene()
    scene.add_geometry(trimesh.creation.box((1, 2, 3)), node_name="Frame")
    scene.add_geometry(
        trimesh.creation.box((1, 1, 1)),
        node_name="Ram",
        parent_node_name="Frame",
        transform=translation_matrix((10, 0, 0)),
    )
    turned = translation_matrix((0, 0, 5)) @ rotation_matrix(np.pi / 2, (0, 0, 1))
    scene.add_geometry(trimesh.creation.icosphere(subdivisions=3), node_name="Öl 球", transform=turned)
    return scene


def torus(triangles: int) -> trimesh.Trimesh:
    """A ring of about so many triangles."""
    return trimesh.creation.torus(3, 1, round((triangles / 2) ** 0.5), round((triangles / 2) ** 0.5))


def cube_gltf(**changes: Any) -> dict[str, Any]:
    """A glTF document of one unit cube "Cube", its bytes inside; ``changes`` replace what stands there."""
    corners = np.array(CUBE_SIDES, np.uint16)
    indices = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]).tobytes()
    content = CUBE.tobytes() + indices
    uri = "data:application/octet-stream;base64," + base64.b64encode(content).decode()
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "Cube", "mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"uri": uri, "byteLength": len(content)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": CUBE.nbytes},
            {"buffer": 0, "byteOffset": CUBE.nbytes, "byteLength": len(indices)},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
    }
    return document | changes


def text_of(document: dict[str, Any]) -> bytes:
    """A glTF document as a file."""
    return json.dumps(document).encode()


def glb(document: dict[str, Any], chunk: bytes = b"") -> bytes:
    """A glTF document and its bytes as a GLB."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    if chunk:
        body += struct.pack("<I4s", len(chunk), b"BIN\0") + chunk
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def step_box(name: str, size: Sequence[float] = (10.0, 20.0, 30.0)) -> str:
    """An AP214 file of one box in millimetres, its corner at 0, 0, 0."""
    return _Step().box(name, np.array(size, np.float64))


class _Step:
    def __init__(self) -> None:
        self._lines: list[str] = []

    def _add(self, text: str) -> str:
        self._lines.append(f"#{len(self._lines) + 1}={text};")
        return f"#{len(self._lines)}"

    def _point(self, at: NDArray[np.float64]) -> str:
        return self._add(f"CARTESIAN_POINT('',({at[0]:.6f},{at[1]:.6f},{at[2]:.6f}))")

    def _way(self, along: NDArray[np.float64]) -> str:
        return self._add(f"DIRECTION('',({along[0]:.6f},{along[1]:.6f},{along[2]:.6f}))")

    def box(self, name: str, size: NDArray[np.float64]) -> str:
        corners = CUBE.astype(np.float64) * size
        vertices = [self._add(f"VERTEX_POINT('',{self._point(each)})") for each in corners]
        edges: dict[tuple[int, int], str] = {}
        faces = [self._face(side, corners, vertices, edges) for side in CUBE_SIDES]
        shell = self._add(f"CLOSED_SHELL('',({','.join(faces)}))")
        solid = self._add(f"MANIFOLD_SOLID_BREP('{name}',{shell})")
        return self._file(name, solid)

    def _face(
        self,
        side: tuple[int, ...],
        corners: NDArray[np.float64],
        vertices: list[str],
        edges: dict[tuple[int, int], str],
    ) -> str:
        around = [
            self._edge(first, second, corners, vertices, edges)
            for first, second in zip(side, (*side[1:], side[0]), strict=True)
        ]
        loop = self._add(f"EDGE_LOOP('',({','.join(around)}))")
        bound = self._add(f"FACE_OUTER_BOUND('',{loop},.T.)")
        a, b, c = (corners[side[k]] for k in range(3))
        out = np.cross(b - a, c - b)
        axes = self._axes(a, out / np.linalg.norm(out), (b - a) / np.linalg.norm(b - a))
        plane = self._add(f"PLANE('',{axes})")
        return self._add(f"ADVANCED_FACE('',({bound}),{plane},.T.)")

    def _axes(self, at: NDArray[np.float64], z: NDArray[np.float64], x: NDArray[np.float64]) -> str:
        return self._add(f"AXIS2_PLACEMENT_3D('',{self._point(at)},{self._way(z)},{self._way(x)})")

    def _edge(
        self,
        first: int,
        second: int,
        corners: NDArray[np.float64],
        vertices: list[str],
        edges: dict[tuple[int, int], str],
    ) -> str:
        low, high = sorted((first, second))
        if (low, high) not in edges:
            along = corners[high] - corners[low]
            length = float(np.linalg.norm(along))
            vector = self._add(f"VECTOR('',{self._way(along / length)},{length:.6f})")
            line = self._add(f"LINE('',{self._point(corners[low])},{vector})")
            edges[low, high] = self._add(f"EDGE_CURVE('',{vertices[low]},{vertices[high]},{line},.T.)")
        return self._add(f"ORIENTED_EDGE('',*,*,{edges[low, high]},{'.T.' if first == low else '.F.'})")

    def _file(self, name: str, solid: str) -> str:
        context = self._add("APPLICATION_CONTEXT('automotive design')")
        self._add(f"APPLICATION_PROTOCOL_DEFINITION('is','automotive_design',2000,{context})")
        around = self._add(f"PRODUCT_CONTEXT('',{context},'mechanical')")
        product = self._add(f"PRODUCT('{name}','{name}','',({around}))")
        formed = self._add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
        stage = self._add(f"PRODUCT_DEFINITION_CONTEXT('part definition',{context},'design')")
        defined = self._add(f"PRODUCT_DEFINITION('','',{formed},{stage})")
        shape = self._add(f"PRODUCT_DEFINITION_SHAPE('','',{defined})")
        length = self._add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
        angle = self._add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
        solid_angle = self._add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
        sure = self._add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-5),{length},'d','')")
        units = self._add(
            f"(GEOMETRIC_REPRESENTATION_CONTEXT(3)GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({sure}))"
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({length},{angle},{solid_angle}))REPRESENTATION_CONTEXT('',''))"
        )
        axes = self._axes(np.zeros(3), np.array((0.0, 0.0, 1.0)), np.array((1.0, 0.0, 0.0)))
        drawn = self._add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',({axes},{solid}),{units})")
        self._add(f"SHAPE_DEFINITION_REPRESENTATION({shape},{drawn})")
        head = (
            "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
            "FILE_NAME('box','2026-01-01T00:00:00',(''),(''),'','','');\n"
            "FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));\nENDSEC;\nDATA;\n"
        )
        return head + "\n".join(self._lines) + "\nENDSEC;\nEND-ISO-10303-21;\n"
