"""glTF 2.0 and GLB: the nodes of the scene with their triangles (Khronos glTF 2.0 specification).

Looks aside from one base colour are not read, so no picture is ever opened.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from hmi.cad.gltf_arrays import Buffers, accessor
from hmi.cad.raw import DEEPEST, MOST_NODES, Paths, RawFile, RawSolid, Unreadable, joined, require_few

COMPRESSED = {
    "KHR_draco_mesh_compression": "its triangles are compressed with Draco; export it without compression",
    "EXT_meshopt_compression": "its triangles are compressed with meshopt; export it without compression",
    "KHR_meshopt_compression": "its triangles are compressed with meshopt; export it without compression",
    "EXT_mesh_gpu_instancing": "it has GPU instances; export each of them as a node",
}
SHAPING = "KHR_mesh_quantization"
TRIANGLES, STRIP, FAN = 4, 5, 6


def read_gltf(content: bytes, beside: Callable[[str], bytes]) -> RawFile:
    """All nodes of the file's scene; ``beside`` gives the files that it names.

    Raises:
        Unreadable: the file is broken, or has something in it that is not read here.
    """
    document, chunk = _split(content)
    _require_readable(document)
    buffers = Buffers(document, chunk, beside)
    return _Walk(document, buffers).run()


def files_named(content: bytes) -> list[str]:
    """The files that hold the points of a glTF, as it names them.

    Raises:
        Unreadable: the file is broken.
    """
    document, _ = _split(content)
    uris = [each.get("uri") for each in document.get("buffers", [])]
    return [unquote(each) for each in uris if isinstance(each, str) and not each.startswith("data:")]


def _split(content: bytes) -> tuple[dict[str, Any], bytes | None]:
    text, chunk = content, None
    if content[:4] == b"glTF":
        if len(content) < 20 or struct.unpack_from("<I", content, 4)[0] != 2:
            raise Unreadable("it is not glTF 2.0; export it as glTF 2.0 or GLB")
        if struct.unpack_from("<I", content, 8)[0] > len(content):
            raise Unreadable("its end is missing; copy or export it again")
        length, kind = struct.unpack_from("<I4s", content, 12)
        if kind != b"JSON" or 20 + length > len(content):
            raise Unreadable("it is broken: no description of its nodes; export it again")
        text = content[20 : 20 + length]
        chunk = _binary(content, 20 + length)
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is broken: its description is not JSON; export it again") from error
    if not isinstance(document, dict):
        raise Unreadable("it is broken: its description is not an object; export it again")
    return document, chunk


def _binary(content: bytes, at: int) -> bytes | None:
    while at + 8 <= len(content):
        length, kind = struct.unpack_from("<I4s", content, at)
        if kind == b"BIN\0":
            if at + 8 + length > len(content):
                raise Unreadable("its end is missing; copy or export it again")
            return content[at + 8 : at + 8 + length]
        at += 8 + length
    return None


def _require_readable(document: dict[str, Any]) -> None:
    if not str(document.get("asset", {}).get("version", "")).startswith("2."):
        raise Unreadable("it is not glTF 2.0; export it as glTF 2.0 or GLB")
    for name in document.get("extensionsRequired", []):
        if name in COMPRESSED:
            raise Unreadable(COMPRESSED[name])
        # Materials, lights and pictures only change looks, which are not read here.
        if name != SHAPING and not any(word in name for word in ("_materials_", "_texture_", "_lights_")):
            raise Unreadable(f"it needs the glTF extension {name!r}, not read here; export it without")


class _Walk:
    """From the roots of the scene down, each node once."""

    def __init__(self, document: dict[str, Any], buffers: Buffers) -> None:
        self._document, self._buffers = document, buffers
        self._nodes: list[dict[str, Any]] = document.get("nodes", [])
        self._meshes: list[dict[str, Any]] = document.get("meshes", [])
        self._found, self._paths, self._seen = RawFile(), Paths(), set[int]()
        self._count = 0

    def run(self) -> RawFile:
        if len(self._nodes) > MOST_NODES:
            raise Unreadable(
                f"it has more than {MOST_NODES:,} nodes; export it with fewer parts, or in several files"
            )
        for root in self._roots():
            self._visit(root, "", np.eye(4), 0)
        return self._found

    def _roots(self) -> list[int]:
        scenes = self._document.get("scenes", [])
        if scenes:
            return list(scenes[self._document.get("scene", 0)].get("nodes", []))
        below = {child for node in self._nodes for child in node.get("children", [])}
        return [number for number in range(len(self._nodes)) if number not in below]

    def _visit(self, number: int, above: str, outer: NDArray[np.float64], depth: int) -> None:
        if number in self._seen or depth > DEEPEST or not 0 <= number < len(self._nodes):
            raise Unreadable("its nodes do not form a tree; export it again")
        self._seen.add(number)
        node = self._nodes[number]
        mesh = self._meshes[node["mesh"]] if "mesh" in node else {}
        name = str(node.get("name") or mesh.get("name") or f"node {number}")
        place = outer @ _transform(node)
        path = self._paths.under(above, name)
        if not np.isfinite(place).all():
            raise Unreadable(f"the place of its node {name!r} is not a number; export it again")
        x, y, z = (float(each) for each in place[:3, 3])
        self._found.origins[path] = (x, y, z)
        if "EXT_mesh_gpu_instancing" in node.get("extensions", {}):
            raise Unreadable(COMPRESSED["EXT_mesh_gpu_instancing"])
        parts = [self._part(name, path, each, place) for each in mesh.get("primitives", [])]
        solid = [each for each in parts if each is not None]
        if solid:
            self._found.solids.append(joined(solid))
        for child in node.get("children", []):
            self._visit(child, path, place, depth + 1)

    def _part(
        self, name: str, path: str, primitive: dict[str, Any], place: NDArray[np.float64]
    ) -> RawSolid | None:
        mode, at = primitive.get("mode", TRIANGLES), primitive.get("attributes", {})
        if mode not in (TRIANGLES, STRIP, FAN) or "POSITION" not in at:
            return None
        if "bufferView" not in self._document["accessors"][at["POSITION"]]:
            for word in set(primitive.get("extensions", {})) & set(COMPRESSED):
                raise Unreadable(COMPRESSED[word])
        points = accessor(self._document, self._buffers, at["POSITION"], "VEC3").astype(np.float64)
        corners = np.arange(len(points))
        if "indices" in primitive:
            corners = accessor(self._document, self._buffers, primitive["indices"], "SCALAR").reshape(-1)
            corners = corners.astype(np.int64)
        triangles = _triangles(corners, mode)
        self._count += len(triangles)
        require_few(self._count)
        if len(triangles) == 0:
            return None
        if triangles.max() >= len(points):
            raise Unreadable(
                f"triangles of its node {name!r} name points that are not there; export it again"
            )
        normals = None
        if "NORMAL" in at:
            normals = accessor(self._document, self._buffers, at["NORMAL"], "VEC3").astype(np.float64)
        if normals is not None and normals.shape != points.shape:
            raise Unreadable(f"normals and points of its node {name!r} differ in number; export it again")
        return _placed(RawSolid(name, path, points, triangles, normals, self._colour(primitive)), place)

    def _colour(self, primitive: dict[str, Any]) -> tuple[int, int, int] | None:
        if "material" not in primitive:
            return None
        looks = self._document["materials"][primitive["material"]].get("pbrMetallicRoughness", {})
        red, green, blue = (
            min(1.0, max(0.0, float(each))) for each in looks.get("baseColorFactor", (1, 1, 1))[:3]
        )
        # A picture carries the colour then, and pictures are not read; glTF's own default says nothing.
        if (red, green, blue) == (1.0, 1.0, 1.0) and (
            "baseColorTexture" in looks or "baseColorFactor" not in looks
        ):
            return None
        return _shown(red), _shown(green), _shown(blue)


def _shown(linear: float) -> int:
    # Base colours are linear light; screens want sRGB (IEC 61966-2-1).
    value = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * value)


def _triangles(corners: NDArray[np.int64], mode: int) -> NDArray[np.int64]:
    if mode == TRIANGLES:
        return corners[: len(corners) // 3 * 3].reshape(-1, 3)
    if len(corners) < 3:
        return np.empty((0, 3), np.int64)
    if mode == FAN:
        return np.stack([np.full(len(corners) - 2, corners[0]), corners[1:-1], corners[2:]], axis=1)
    strip = np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1)
    strip[1::2] = strip[1::2, [1, 0, 2]]
    return strip


def _placed(solid: RawSolid, place: NDArray[np.float64]) -> RawSolid:
    turn = place[:3, :3]
    size = np.linalg.det(turn)
    solid.points = solid.points @ turn.T + place[:3, 3]
    if size < 0:  # a mirrored node: its triangles would face inwards
        solid.triangles = solid.triangles[:, ::-1]
    if solid.normals is not None:
        solid.normals = solid.normals @ np.linalg.inv(turn) if abs(size) > 1e-30 else None
    return solid


def _transform(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    place = np.eye(4)
    x, y, z, w = np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)
    place[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    place[:3, :3] *= np.array(node.get("scale", (1, 1, 1)), np.float64)
    place[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64)
    return place
