"""Where a document of a project may lie: below its folder ``documents/``, and nowhere else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from hmi.formats import t

FOLDER = "documents"
PDF, VECTOR, PICTURES = ".pdf", ".svg", (".png", ".jpg", ".jpeg")


class Unreadable(Exception):
    """Why a document cannot be shown: a sentence with its name, and what to do."""


def place_of(folder: Path, file: str) -> Path:
    """The file of a document, links followed. ``folder`` = of the project. Raises: Unreadable."""
    parts = (*PurePosixPath(file).parts, *PureWindowsPath(file).parts)
    is_outside = PurePosixPath(file).is_absolute() or bool(PureWindowsPath(file).anchor) or ".." in parts
    if not file or is_outside or "\0" in file:
        raise Unreadable(_outside(file))
    root = folder / FOLDER
    try:
        found, top = (root / file).resolve(), root.resolve()
        is_there = found.is_file()
    except (OSError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or t("its links lead in a circle")
        raise Unreadable(t("{file} cannot be read: {why}.", file=file, why=why)) from error
    if not found.is_relative_to(top):
        raise Unreadable(_outside(file))
    if not is_there:
        raise Unreadable(
            t(
                "{file} is not there. It is expected at {place}: put the file there.",
                file=file,
                place=root / file,
            )
        )
    if found.suffix.lower() not in (PDF, VECTOR, *PICTURES):
        raise Unreadable(t("{file} is neither a PDF nor a picture (PNG, JPEG, SVG).", file=file))
    return found


def _outside(file: str) -> str:
    return t(
        "{file} is not below the folder documents of the project. Documents are read from there only.",
        file=file or "\u201c\u201d",
    )
