"""What an import would change in a project folder, and doing it: all of it or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.config import half_import
from engine.paths import replace_file
from engine.twin.import_rows import Imported, ImportProblem
from engine.twin.import_tables import Change, merge, tables_of
from engine.types import Problem

Check = Callable[[Path], Sequence[Problem]]
"""All findings of ``watchroom check`` on a folder."""
LARGEST_CSV = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of rows, and the files to be written: content by path below the folder.

    ``before`` = what stood in these files when they were read, None where there was none.
    """

    changes: tuple[Change, ...]
    files: dict[str, bytes]
    before: dict[str, bytes | None]
    notes: tuple[str, ...] = ()
    new_files: tuple[str, ...] = field(default=())
    """Of ``files``, the documents."""


def plan(folder: Path, imported: Imported, *, replace: bool) -> Plan:
    """What an import would do to a project folder. Nothing is written.

    Raises:
        ImportProblem: a file of the project cannot be read as the table it should be.
    """
    changes: list[Change] = []
    files: dict[str, bytes] = {}
    before: dict[str, bytes | None] = {}
    notes = list(imported.notes)
    for table, rows in tables_of(imported):
        raw = _content(folder / table.file)
        text, done = merge(table, _text(raw, table.file), rows, replace=replace)
        changes += done
        if text is not None:
            files[table.file], before[table.file] = text.encode(), raw
    documents = _documents(folder, imported, replace, before, notes)
    return Plan(tuple(changes), {**documents, **files}, before, tuple(notes), tuple(documents))


def _documents(
    folder: Path, imported: Imported, replace: bool, before: dict[str, bytes | None], notes: list[str]
) -> dict[str, bytes]:
    """The documents to be written: new ones, and with ``replace`` those that differ."""
    written: dict[str, bytes] = {}
    for name, content in imported.files.items():
        place = f"documents/{name}"
        if not (folder / place).resolve().is_relative_to((folder / "documents").resolve()):
            raise ImportProblem(
                f"{place} would lie outside the project, through a link: take the link out, then import again"
            )
        raw = _content(folder / place)
        if raw == content:
            continue
        if raw is not None and not replace:
            notes.append(f"{place} is there with another content and is kept; --replace takes the new one")
            continue
        written[place], before[place] = content, raw
    return written


def apply(folder: Path, planned: Plan, check: Check) -> None:
    """Write a plan's files, after a copy of the project with them was found sound; all of them or none.

    What ends the program in between is told by ``check`` and finished at the next start: `half_import`.

    Raises:
        ImportProblem: the result would have errors, or a file changed meanwhile; nothing was written.
        OSError: a file cannot be written; those already written were put back.
    """
    if not planned.files:
        return
    if half_import.is_half_done(folder):
        raise ImportProblem(f"{half_import.HALF}; look at what it brought, then import again")
    half_import.clear(folder)
    _check_copy(folder, planned, check)
    for name in planned.files:
        _require_unchanged(folder, name, planned)
    half_import.stage(folder, planned.files, planned.before)
    done: list[str] = []
    try:
        for name, content in planned.files.items():
            place = _require_unchanged(folder, name, planned)
            place.parent.mkdir(parents=True, exist_ok=True)
            done.append(name)
            replace_file(place, content)
    except BaseException:
        _put_back(folder, planned, done)
        half_import.drop(folder)
        raise
    half_import.drop(folder)


def _require_unchanged(folder: Path, name: str, planned: Plan) -> Path:
    """Where a file lies, if it is still as it was read; a link stays one, what it leads to is written."""
    place = (folder / name).resolve()
    if _content(place) != planned.before.get(name):
        raise ImportProblem(
            f"{name} was changed by somebody else meanwhile; nothing was written: import again"
        )
    return place


def _put_back(folder: Path, planned: Plan, done: Iterable[str]) -> None:
    for name in done:
        raw, place = planned.before.get(name), (folder / name).resolve()
        if _content(place) != planned.files[name]:
            continue  # ours never got there; what stands there is theirs
        with contextlib.suppress(OSError):
            place.unlink() if raw is None else replace_file(place, raw)


def _check_copy(folder: Path, planned: Plan, check: Check) -> None:
    prefix = f"{half_import.STAGING}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as made:
        copy = Path(made) / (folder.resolve().name or "project")
        shutil.copytree(folder, copy, ignore=_left_out(folder), copy_function=_linked, symlinks=False)
        for name, content in planned.files.items():
            place = copy / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)  # a hard link: writing into it would write the project's own
            place.write_bytes(content)
        errors = [each for each in check(copy) if each.severity == "error"]
    if errors:
        more = f"\nand {len(errors) - 10} more" if len(errors) > 10 else ""
        told = "\n".join(str(each) for each in errors[:10])
        raise ImportProblem(
            f"the project would have errors then, so nothing was written; right these first:\n{told}{more}"
        )


def _left_out(folder: Path) -> Callable[[str, list[str]], set[str]]:
    top = os.fspath(folder)

    def ignored(place: str, names: list[str]) -> set[str]:
        return {name for name in names if name[0] == "." or (place == top and name == "data")}

    return ignored


def _linked(source: str, target: str) -> str:
    """The same file under a second name; a copy where the disk cannot do that, or behind a link."""
    try:
        if not os.path.islink(source):
            os.link(source, target)
            return target
    except OSError:
        pass
    return shutil.copy2(source, target)


def _content(path: Path) -> bytes | None:
    try:
        if path.stat().st_size > LARGEST_CSV and path.suffix == ".csv":
            raise ImportProblem(
                f"{path.name} is larger than {LARGEST_CSV // 2**20} MB: it is no list of a project"
            )
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _text(raw: bytes | None, file: str) -> str | None:
    try:
        return None if raw is None else raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ImportProblem(f'{file} is not UTF-8: save it as UTF-8 (in Excel: "CSV UTF-8")') from problem
