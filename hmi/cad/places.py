"""Where a CAD file of a project may lie: below its folder ``scene/models/``, and nowhere else."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from engine.typed import from_json
from hmi.cad.raw import MOST_BYTES, Unreadable

FOLDER = "scene/models"
GLTF, STEP = (".glb", ".gltf"), (".stp", ".step")
READ = (*GLTF, ".stl", ".obj", *STEP)
VERSION = 1
"""Of reading: one more whenever the same file is to be read anew."""

Facts = tuple[int, int]
"""Time of the last change in nanoseconds, size in bytes; zeros if it is not there."""


class Seen(msgspec.Struct, frozen=True):
    """What reading a file came to: its entry in the cache, or why there is none; ``files`` it looked at."""

    version: int
    entry: str
    problem: str
    files: dict[str, Facts]


def place_of(models: Path, file: str) -> Path:
    """The file ``file`` below the folder ``models``, links followed.

    Raises:
        Unreadable: it lies elsewhere, is not there, is too large or of a kind that is not read.
    """
    found = inside(models, file)
    if found is None:
        raise Unreadable(f"it is not below {FOLDER} of the project; models are read from there only")
    if found.suffix.lower() not in READ:
        raise Unreadable("it is none of GLB, glTF, STL, OBJ, STEP; export it as one of these")
    try:
        facts = found.stat()
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise Unreadable(
                f"it is not there; put it into {models}, or correct its name in scene/"
            ) from error
        raise Unreadable(f"{error.strerror}; see who may read it") from error
    if not stat.S_ISREG(facts.st_mode):
        raise Unreadable("it is not a file; put a model of this name there")
    if facts.st_size > MOST_BYTES:
        size, most = facts.st_size / 1e6, MOST_BYTES / 1e6
        raise Unreadable(f"it has {size:,.0f} MB, {most:,.0f} MB are read at most; export it coarser")
    return found


def inside(models: Path, file: str) -> Path | None:
    """Where ``file`` leads below ``models``; None if it leads elsewhere."""
    windows = PureWindowsPath(file)
    parts = (*PurePosixPath(file).parts, *windows.parts)
    if not file or "\0" in file or PurePosixPath(file).is_absolute() or windows.anchor or ".." in parts:
        return None
    try:
        found = (models / file).resolve()
        return found if found.is_relative_to(models.resolve()) else None
    except (OSError, RuntimeError):
        return None


def facts_of(path: Path) -> Facts:
    """When ``path`` was changed and its size; zeros if it cannot be seen."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def facts_now(models: Path, files: Iterable[str]) -> dict[str, Facts]:
    """The facts of all ``files`` below ``models``."""
    return {file: facts_of(models / file) for file in files}


def note_of(cache: Path, models: Path, file: str) -> Path:
    """Where the cache keeps the `Seen` of a file."""
    mark = hashlib.sha256(os.fsencode(f"{models.resolve()}\0{file}")).hexdigest()[:32]
    return cache / f"{mark}.seen"


def read_note(path: Path) -> Seen | None:
    """The note at ``path``, if it is there and of this version."""
    try:
        seen = from_json(path.read_bytes(), Seen)
    except (OSError, msgspec.MsgspecError):
        return None
    return seen if seen.version == VERSION and "/" not in seen.entry and "\\" not in seen.entry else None
