"""The CAD model of the press demo, made here: ``python -m tests.hmi.cad.press_model`` writes it anew.

A hydraulic press with its unit, metres. As CAD systems do it, the nodes hang on each other and the file is
y-up; the scene of the demo binds two of them to assets and moves one.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from hmi.widgets.scene.mesh import Mesh, box, cylinder, domed, lying, merged, pipe

FILE = Path(__file__).parents[3] / "resources/demo/press/scene/models/roof-press.glb"
GREYS = {"body": (0.42, 0.43, 0.45), "dark": (0.045, 0.047, 0.05), "light": (0.72, 0.73, 0.74)}
"""Base colours in linear light."""
OTHERS = {"body": "Housing", "dark": "Trim", "light": "Bright parts"}
X, Y = 1.55, 1.15
"""Where the columns stand."""

Nodes = dict[str, dict[str, Mesh]]
"""Meshes by tone, by the path of their node."""


def frame() -> Nodes:
    """What stands still: bed, columns and crown, tie-rod nuts, the bolster with the lower tool."""
    corners = [(s * X, k * Y) for s in (-1, 1) for k in (-1, 1)]
    columns = [cylinder(0.17, 3.1, (x, y, 0.7), 28) for x, y in corners]
    nuts = [cylinder(0.27, 0.16, (x, y, z), 6) for x, y in corners for z in (0.7, 4.72)]
    ribs = [
        box(0.08, 0.05, 0.62, (x, s * 1.585, 3.86), 0.01) for x in (-1.2, -0.4, 0.4, 1.2) for s in (-1, 1)
    ]
    return {
        "Frame/Bed": {
            "body": box(3.9, 3.1, 0.7, (0, 0, 0), 0.05),
            "dark": merged(
                [box(3.95, 3.15, 0.1, (0, 0, 0), 0.01), box(0.5, 0.04, 0.34, (-1.1, -1.56, 0.22))]
            ),
        },
        "Frame/Columns": {"body": merged(columns), "dark": merged(nuts)},
        "Frame/Crown": {
            "body": merged([box(3.9, 3.1, 0.92, (0, 0, 3.8), 0.06), *ribs]),
            "dark": merged([*_railing(4.72)]),
        },
        "Frame/Bolster": {
            "dark": box(2.7, 1.7, 0.16, (0, 0, 0.7), 0.02),
            "light": merged(
                [box(2.1, 1.3, 0.2, (0, 0, 0.86), 0.05), box(1.7, 0.95, 0.12, (0, 0, 1.06), 0.05)]
            ),
        },
    }


def _railing(z: float) -> list[Mesh]:
    x, y = 1.85, 1.45
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    posts = [cylinder(0.022, 1.0, (*each, z), 10) for each in corners]
    rails = [
        pipe([(*corners[k], z + up), (*corners[(k + 1) % 4], z + up)], 0.02, 8)
        for k in range(4)
        for up in (0.5, 1.0)
    ]
    return [*posts, *rails]


def ram() -> Nodes:
    """What the stroke moves: slide and upper tool, guides, rods that reach into the crown."""
    guides = [cylinder(0.25, 0.5, (s * X, k * Y, 2.17), 28) for s in (-1, 1) for k in (-1, 1)]
    rods = [cylinder(0.16, 1.75, (s * 0.7, 0, 2.6), 28) for s in (-1, 1)]
    slide = [box(3.5, 0.5, 0.42, (0, s * Y, 2.21), 0.04) for s in (-1, 1)]
    return {
        "Ram/Slide": {
            "body": merged([box(2.9, 2.5, 0.46, (0, 0, 2.19), 0.05), *slide]),
            "dark": merged(guides),
        },
        "Ram/Upper tool": {
            "dark": box(2.5, 1.6, 0.12, (0, 0, 2.07), 0.02),
            "light": box(1.9, 1.15, 0.22, (0, 0, 1.85), 0.06),
        },
        "Ram/Rods": {"light": merged(rods)},
    }


def hydraulics() -> Nodes:
    """The unit beside the press: tank, motor and pump, accumulators, filter, block of valves, lines."""
    x, y, top = 3.35, 0.0, 0.86
    fins = [lying(0.235, 0.025, (x - 0.1, y - 0.42 + k * 0.06, top + 0.3), "y", 24) for k in range(8)]
    valves = [box(0.13, 0.2, 0.16, (x + 0.12 + 0.16 * k, y + 0.52, top + 0.26), 0.015) for k in range(3)]
    return {
        "Hydraulics/Tank": {
            "body": box(1.35, 1.9, 0.72, (x, y, 0.12), 0.06),
            "dark": merged(
                [box(1.2, 1.75, 0.12, (x, y, 0), 0.01), cylinder(0.09, 0.14, (x - 0.5, y + 0.75, 0.84), 16)]
            ),
            "light": box(0.02, 0.09, 0.44, (x + 0.68, y - 0.6, 0.26), 0.004),
        },
        "Hydraulics/Motor": {
            "body": merged([lying(0.2, 0.66, (x - 0.1, y - 0.2, top + 0.3), "y", 28), *fins]),
            "dark": merged(
                [
                    lying(0.215, 0.1, (x - 0.1, y - 0.58, top + 0.3), "y", 28),
                    box(0.26, 0.7, 0.14, (x - 0.1, y - 0.2, 0.84), 0.01),
                    box(0.2, 0.24, 0.14, (x + 0.1, y - 0.2, top + 0.42), 0.015),
                ]
            ),
        },
        "Hydraulics/Pump": {
            "dark": merged(
                [
                    lying(0.14, 0.16, (x - 0.1, y + 0.2, top + 0.3), "y", 24),
                    lying(0.17, 0.24, (x - 0.1, y + 0.4, top + 0.3), "y", 24),
                ]
            ),
        },
        "Hydraulics/Valves": {
            "body": box(0.56, 0.3, 0.26, (x + 0.28, y + 0.52, 0.84), 0.02),
            "dark": merged(valves),
        },
        "Hydraulics/Accumulators": {
            "body": merged([domed(0.14, 0.95, (x + 0.42, y + k, 1.0), 24) for k in (-0.78, -0.42)]),
            "dark": merged([cylinder(0.07, 0.18, (x + 0.42, y + k, 0.84), 16) for k in (-0.78, -0.42)]),
        },
        "Hydraulics/Filter": {"light": domed(0.09, 0.42, (x - 0.48, y + 0.45, 0.84), 20)},
        "Hydraulics/Lines": {"dark": merged(_lines(x, y, top))},
    }


def _lines(x: float, y: float, top: float) -> list[Mesh]:
    press = [(x + 0.28, y + 0.3 + 0.16 * k, 1.08) for k in (0, 1)]
    rise = [
        pipe(
            [start, (2.45, start[1], 1.08), (2.45, start[1], 5.05), (s, start[1], 5.05), (s, start[1], 4.7)],
            0.045,
            12,
        )
        for start, s in zip(press, (0.7, -0.7), strict=True)
    ]
    suction = pipe(
        [(x - 0.1, y + 0.52, top + 0.3), (x - 0.1, y + 0.7, top + 0.3), (x - 0.1, y + 0.7, 0.84)], 0.05, 12
    )
    return [*rise, suction, pipe([(x + 0.42, y - 0.78, 0.94), (x + 0.42, y + 0.4, 0.94)], 0.03, 10)]


def cylinders() -> Nodes:
    """The two cylinders on the crown that push the ram."""
    return {
        "Frame/Cylinders": {
            "body": merged([domed(0.31, 0.62, (s * 0.7, 0, 4.6), 32) for s in (-1, 1)]),
            "dark": merged([cylinder(0.42, 0.12, (s * 0.7, 0, 4.68), 32) for s in (-1, 1)]),
        }
    }


def press_glb() -> bytes:
    """The whole model as GLB; the same bytes every time."""
    nodes: Nodes = {**frame(), **cylinders(), **ram(), **hydraulics()}
    content, document = _Content(), _document()
    numbers: dict[str, int] = {"": 0}
    for path, tones in nodes.items():
        for tone, mesh in tones.items():  # a node has one colour: what is of another hangs on it
            own = path if tone == next(iter(tones)) else f"{path}/{OTHERS[tone]}"
            _node(own, document, numbers)["mesh"] = len(document["meshes"])
            document["meshes"].append({"primitives": [content.primitive(mesh, list(GREYS).index(tone))]})
    document |= content.tables()
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunk = content.chunk + bytes(-len(content.chunk) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(chunk), b"BIN\0") + chunk
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def _document() -> dict[str, Any]:
    half = 0.5**0.5
    return {
        "asset": {"version": "2.0", "generator": "Watchroom"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        # The meshes are z-up: turned once, at the root.
        "nodes": [{"name": "Roof press", "rotation": [-half, 0, 0, half], "children": []}],
        "meshes": [],
        "materials": [
            {"name": tone, "pbrMetallicRoughness": {"baseColorFactor": [*grey, 1.0]}}
            for tone, grey in GREYS.items()
        ],
    }


def _node(path: str, document: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    if path not in numbers:
        above, _, name = path.rpartition("/")
        outer = _node(above, document, numbers)
        numbers[path] = len(document["nodes"])
        outer.setdefault("children", []).append(numbers[path])
        document["nodes"].append({"name": name})
    return document["nodes"][numbers[path]]


class _Content:
    """The bytes of all arrays, and the tables that say where each lies."""

    def __init__(self) -> None:
        self.chunk = b""
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []

    def primitive(self, mesh: Mesh, material: int) -> dict[str, Any]:
        points, flat = np.unique(mesh.points.round(5), axis=0, return_inverse=True)
        places = self._add(points.astype("<f4"), 5126, "VEC3")
        self._accessors[places] |= {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
        corners = flat.reshape(-1)[mesh.triangles].astype("<u2").reshape(-1, 1)
        return {
            "attributes": {"POSITION": places},
            "indices": self._add(corners, 5123, "SCALAR"),
            "material": material,
        }

    def _add(self, array: np.ndarray, kind: int, shape: str) -> int:
        self.chunk += bytes(-len(self.chunk) % 4)
        view = {"buffer": 0, "byteOffset": len(self.chunk), "byteLength": array.nbytes}
        self.chunk += array.tobytes()
        self._views.append(view)
        self._accessors.append(
            {"bufferView": len(self._views) - 1, "componentType": kind, "count": len(array), "type": shape}
        )
        return len(self._accessors) - 1

    def tables(self) -> dict[str, Any]:
        length = len(self.chunk) + -len(self.chunk) % 4
        return {"buffers": [{"byteLength": length}], "bufferViews": self._views, "accessors": self._accessors}


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(press_glb())
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")
