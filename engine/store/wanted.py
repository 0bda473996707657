"""Which files of a project a backup holds, in the order in which they have to be copied."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.store.manifest import unsafe

NOT_IN_DATA = {"engine.json", "engine.lock", "backup.json", "backup.lock", "log", "pki", "reserve"}
"""Below data/: facts of the running engine, logs (long and of no use elsewhere), keys, empty room."""
FRAMES = "data/history/frames.db"
LEDGER = "data/ledger.db"
COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to back up: ``path`` in the backup, ``source`` on disk, ``size`` for the progress."""

    path: str
    source: Path
    size: int
    is_database: bool


def wanted(project: Path, *, keys: bool) -> tuple[list[Wanted], list[str]]:
    """The files to copy, in order, and those left out with the reason.

    The journal of samples comes first and the segments after it: what is packed while the backup runs
    is then in both, which does no harm, and never in neither. The catalogue comes after both, so that it
    knows the number of every tag in them. The ledger comes before the event journal: what the journal then
    has beyond it is entered when the engine of the restored project starts.
    """
    found: list[Wanted] = []
    left_out: list[str] = []
    for top, folders, names in os.walk(project):
        here = Path(top).relative_to(project)
        folders[:] = sorted(name for name in folders if _enter(project, here / name, keys, left_out))
        for name in sorted(names):
            if not _take(here / name):
                continue
            path, source = (here / name).as_posix(), project / here / name
            try:
                facts = source.stat()
            except OSError as error:
                left_out.append(f"{ascii(path)}: {error.strerror}")
                continue
            wrong = unsafe(path) or ("" if stat.S_ISREG(facts.st_mode) else "is no file")
            if wrong:
                left_out.append(f"{ascii(path)}: it {wrong}")
                continue
            is_database = here.parts[:1] == ("data",) and name.endswith(".db")
            found.append(Wanted(path, source, facts.st_size, is_database))
    return sorted(found, key=_turn), left_out


def _enter(project: Path, folder: Path, keys: bool, left_out: list[str]) -> bool:
    if folder.parts[:1] == ("data",) and len(folder.parts) == 2 and folder.name in NOT_IN_DATA:
        return keys and folder.name == "pki"
    if folder.name.startswith("."):  # .git and the like
        return False
    if (project / folder).is_symlink():
        left_out.append(f"{ascii(folder.as_posix())}: it is a link to another folder")
        return False
    return True


def _take(path: Path) -> bool:
    if path.parts[0] != "data":
        return not _is_half_written(path.name)
    own = path.name in NOT_IN_DATA and len(path.parts) in (2, 3)
    aside = path.parent.name.startswith("salvaging-") or ".damaged-" in path.name or ".db.new" in path.name
    return not (own or aside or path.name.endswith(COMPANIONS) or _is_half_written(path.name))


def _is_half_written(name: str) -> bool:
    """As `paths.replace_file` names a file until it is whole."""
    return name.startswith(".") and name.rpartition(".")[2].isdigit()


def _turn(file: Wanted) -> tuple[int, str]:
    if file.path == FRAMES:
        return 0, ""
    if file.path.startswith("data/history/"):
        return 1, file.path
    return 2 if file.path == LEDGER else 3, file.path
