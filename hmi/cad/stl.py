"""STL, binary and ASCII: triangles without names in the one, solids with names in the other."""

from __future__ import annotations

import re
import struct

import numpy as np

from hmi.cad.raw import Paths, RawFile, RawSolid, Unreadable, require_few

FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
HEAD = 84
SOLID = re.compile(
    rb"^[ \t]*solid\b([^\r\n]*)(.*?)^[ \t]*endsolid\b", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
VERTEX = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


def read_stl(content: bytes, stem: str) -> RawFile:
    """The solids of the file, without normals (those of STL are often wrong); ``stem`` names a nameless one.

    Raises:
        Unreadable: the file is broken.
    """
    # Binary files may begin with "solid" too: only the length tells them apart for sure.
    if len(content) >= HEAD and HEAD + 50 * struct.unpack_from("<I", content, 80)[0] == len(content):
        return _binary(content, stem)
    if content.lstrip()[:5].lower() == b"solid" and b"\0" not in content[:HEAD]:
        return _ascii(content, stem)
    raise Unreadable("its length does not fit the number of triangles it tells; copy or export it again")


def _binary(content: bytes, stem: str) -> RawFile:
    count = struct.unpack_from("<I", content, 80)[0]
    require_few(count)
    facets = np.frombuffer(content, FACET, count, HEAD)
    points = facets["corners"].reshape(-1, 3).astype(np.float64)
    found = RawFile()
    _keep(found, stem, Paths().under("", stem), points)
    return found


def _ascii(content: bytes, stem: str) -> RawFile:
    found, paths, total = RawFile(), Paths(), 0
    for each in SOLID.finditer(content):
        name = each.group(1).decode("utf-8", "replace").strip() or stem
        corners = VERTEX.findall(each.group(2))
        total += len(corners) // 3
        require_few(total)
        if len(corners) % 3:
            raise Unreadable(f"a triangle of its solid {name!r} lacks a corner; export it again")
        try:
            points = np.array(corners, dtype=np.bytes_).astype(np.float64).reshape(-1, 3)
        except ValueError as error:
            raise Unreadable(f"a corner of its solid {name!r} is not a number; export it again") from error
        _keep(found, name, paths.under("", name), points)
    if not found.origins:
        raise Unreadable("it has no whole solid; its end may be missing; copy or export it again")
    return found


def _keep(found: RawFile, name: str, path: str, points: np.ndarray) -> None:
    found.origins[path] = (0.0, 0.0, 0.0)
    if len(points):
        found.solids.append(RawSolid(name, path, points, np.arange(len(points)).reshape(-1, 3)))
