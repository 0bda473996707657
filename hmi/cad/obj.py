"""Wavefront OBJ with its MTL: objects and groups as nodes, polygons as fans of triangles."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from hmi.cad.raw import Paths, RawFile, RawSolid, Unreadable, joined, require_few

Corner = tuple[int, int]
"""Number of the point, number of the normal or -1; both from 0."""


class _Group:
    """Triangles of one object, group and material."""

    def __init__(self, name: str, path: str, material: str) -> None:
        self.name, self.path, self.material = name, path, material
        self.corners = array("q")


class _Reading:
    """What a file has said so far."""

    def __init__(self, stem: str) -> None:
        self.points, self.normals = array("d"), array("d")
        self.groups: dict[tuple[str, str], _Group] = {}
        self.colours: dict[str, tuple[int, int, int]] = {}
        self.libraries: list[str] = []
        self._paths, self._by_name = Paths(), dict[tuple[str, str], str]()
        self._stem, self._object, self._group, self._material = stem, "", "", ""
        self.triangles = 0

    def line(self, word: str, rest: str) -> None:
        if word == "v":
            self.points.extend(_three(rest))
        elif word == "vn":
            self.normals.extend(_three(rest))
        elif word == "f":
            self._face(rest.split())
        elif word == "o":
            self._object, self._group = rest, ""
        elif word == "g":
            self._group = "" if rest == "default" else rest
        elif word == "usemtl":
            self._material = rest
        elif word == "mtllib":
            self.libraries.append(rest)

    def _face(self, words: list[str]) -> None:
        corners = [_corner(each, len(self.points) // 3, len(self.normals) // 3) for each in words]
        if len(corners) < 3:
            return
        self.triangles += len(corners) - 2
        require_few(self.triangles)
        kept = self._open().corners
        for second, third in pairwise(corners[1:]):
            kept.extend((*corners[0], *second, *third))

    def _open(self) -> _Group:
        above = (self._object, "")
        if self._object and above not in self._by_name:
            self._by_name[above] = self._paths.under("", self._object)
        key = (self._object, self._group)
        if key not in self._by_name:
            outer = self._by_name.get(above, "")
            self._by_name[key] = self._paths.under(outer, self._group or self._stem)
        path = self._by_name[key]
        name = self._group or self._object or self._stem
        return self.groups.setdefault((path, self._material), _Group(name, path, self._material))


def read_obj(content: bytes, stem: str, beside: Callable[[str], bytes]) -> RawFile:
    """The objects and groups of the file; ``stem`` names what is in none, ``beside`` gives its MTL files.

    Raises:
        Unreadable: the file is broken.
    """
    reading = _Reading(stem)
    for number, text in _lines(content):
        word, _, rest = text.partition(" ")
        try:
            reading.line(word, rest.strip())
        except (ValueError, OverflowError) as error:
            raise Unreadable(f"its line {number} cannot be understood ({error}); export it again") from error
    for name in reading.libraries:
        reading.colours |= _materials(beside, name)
    return _solids(reading)


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    before = ""
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        text = (before + line.strip()).replace("\t", " ")
        if text.endswith("\\"):
            before = text[:-1] + " "
            continue
        before = ""
        if text and text[0] != "#":
            yield number, text


def _three(rest: str) -> tuple[float, float, float]:
    x, y, z = rest.split()[:3]
    return float(x), float(y), float(z)


def _corner(text: str, points: int, normals: int) -> Corner:
    words = text.split("/")
    normal = _counted(words[2], normals) if len(words) > 2 and words[2] else -1
    return _counted(words[0], points), normal


def _counted(text: str, known: int) -> int:
    number = int(text)
    at = number - 1 if number > 0 else known + number
    if not 0 <= at < known:
        raise ValueError(f"{number} of {known}")
    return at


def _materials(beside: Callable[[str], bytes], name: str) -> dict[str, tuple[int, int, int]]:
    try:
        text = beside(name).decode("utf-8", "replace")
    except Unreadable:
        return {}  # colours are a comfort: a model without its MTL is grey, and drawn
    found: dict[str, tuple[int, int, int]] = {}
    material = ""
    for line in text.splitlines():
        word, _, rest = line.strip().replace("\t", " ").partition(" ")
        if word == "newmtl":
            material = rest.strip()
        elif word == "Kd":
            try:
                red, green, blue = (round(255 * min(1.0, max(0.0, each))) for each in _three(rest))
            except (ValueError, OverflowError):
                continue
            found[material] = (red, green, blue)
    return found


def _solids(reading: _Reading) -> RawFile:
    points = np.array(reading.points, np.float64).reshape(-1, 3)
    normals = np.array(reading.normals, np.float64).reshape(-1, 3)
    found, by_path = RawFile(), dict[str, list[RawSolid]]()
    for group in reading.groups.values():
        corners = np.array(group.corners, np.int64).reshape(-1, 2)
        directions = normals[corners[:, 1]] if len(normals) and (corners[:, 1] >= 0).all() else None
        by_path.setdefault(group.path, []).append(
            RawSolid(
                group.name,
                group.path,
                points[corners[:, 0]],
                np.arange(len(corners)).reshape(-1, 3),
                directions,
                reading.colours.get(group.material),
            )
        )
    for path, parts in by_path.items():
        found.origins[path] = (0.0, 0.0, 0.0)
        found.solids.append(joined(parts))
    return found
