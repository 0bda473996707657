"""Files of a project that change together: staged first, so that what stopped halfway can be finished.

All new contents are written into a hidden folder and flushed; one rename makes it `READY`, and only then do
they take the place of what stood there. Whatever ends the program in between, the power or a kill, leaves
either nothing but a hidden folder, or a `READY` that `finish` carries out: files never stay of two minds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from engine.config.document_list import leads_out
from engine.paths import replace_file
from engine.typed import from_json

READY = ".import-ready"
STAGING = ".import-"
LIST, FILES = "list.json", "files"
LISTS = ("assets.csv", "relations.csv", "documents.csv", "nameplate.csv", "tags.csv")
DOCUMENTS = "documents/"
HALF = (
    "an import stopped before all of its files were written; the next start of the engine finishes it, "
    "and so does watchroom import with --apply"
)


class Staged(msgspec.Struct, frozen=True):
    """One file: its path below the folder, the number of its new content, SHA-256 of before ("" = none)."""

    file: str
    number: int
    before: str
    after: str


def stage(folder: Path, files: Mapping[str, bytes], before: Mapping[str, bytes | None]) -> None:
    """Make ``files`` ready to be put in place; from here on `finish` does the rest. Raises: OSError."""
    place = Path(tempfile.mkdtemp(prefix=f"{STAGING}{os.getpid()}-", dir=folder))
    try:
        (place / FILES).mkdir()
        listed: list[Staged] = []
        for number, (name, content) in enumerate(files.items()):
            replace_file(place / FILES / str(number), content)
            listed.append(Staged(name, number, mark(before.get(name)), mark(content)))
        replace_file(place / LIST, msgspec.json.encode(listed))
        place.rename(folder / READY)
        _flush(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def is_half_done(folder: Path) -> bool:
    """Whether files were staged and not all of them are known to be in place."""
    return (folder / READY / LIST).is_file()


def finish(folder: Path) -> tuple[str, ...]:
    """Put staged files in place; returns those that somebody else has changed since, which stay as they are.

    It does no harm to do so twice, or at once with another. Raises: OSError, ValueError (no such list).
    """
    clear(folder)
    if not is_half_done(folder):
        return ()
    kept: list[str] = []
    try:
        for each in _listed(folder):
            place = (folder / each.file).resolve()
            there = mark(_content(place))
            if there == each.after:
                continue
            if there != each.before:
                kept.append(each.file)
                continue
            content = (folder / READY / FILES / str(each.number)).read_bytes()
            if mark(content) != each.after:
                raise ValueError(f"{READY} is damaged: look at {each.file}, then delete {READY}")
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_file(place, content)
    except FileNotFoundError:
        if is_half_done(folder):
            raise
        return ()  # another finished it meanwhile
    drop(folder)
    return tuple(kept)


def drop(folder: Path) -> None:
    """What was staged is in place, or is to be forgotten."""
    done = folder / f"{STAGING}{os.getpid()}-done"
    with contextlib.suppress(FileNotFoundError):
        (folder / READY).rename(done)
    shutil.rmtree(done, ignore_errors=True)


def clear(folder: Path) -> None:
    """Take away what imports left that were stopped before anything was to be written."""
    for place in folder.glob(f"{STAGING}[0-9]*-*"):
        pid = place.name.removeprefix(STAGING).partition("-")[0]
        is_ours = place.is_dir() and not place.is_symlink() and pid.isascii() and pid.isdigit()
        if is_ours and len(pid) < 10 and not psutil.pid_exists(int(pid)):
            shutil.rmtree(place, ignore_errors=True)


def mark(content: bytes | None) -> str:
    """Names the content of a file; "" = there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _listed(folder: Path) -> list[Staged]:
    """The list of what is staged, if each of it may be written: a project may come from anybody."""
    wrong = f"{READY} is no import of ours: delete it"
    try:
        listed = from_json((folder / READY / LIST).read_bytes(), list[Staged])
    except msgspec.MsgspecError as problem:
        raise ValueError(wrong) from problem
    for each in listed:
        is_document = each.file.startswith(DOCUMENTS) and not leads_out(each.file)
        inside = (folder / DOCUMENTS).resolve()
        if is_document and (folder / each.file).resolve().is_relative_to(inside):
            continue
        if each.file not in LISTS:
            raise ValueError(wrong)
    return listed


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _flush(folder: Path) -> None:
    """The rename itself on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
