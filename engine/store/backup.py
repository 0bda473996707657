"""Backups of a project and its history, made while the engine writes.

In a folder they are increments: ``files/`` holds every content once, and each ``backup-TIME.json``
is a `Manifest` of one whole backup, so days that are over are copied once. In an archive (zip, nothing
compressed) everything stands below ``project/``, with the manifest beside it.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import platform
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import filelock
import msgspec

from engine import paths
from engine.store.database import Damaged, StoreError
from engine.store.manifest import FORMAT, BackupRefused, Cancelled, Entry, Manifest, Watch, read_manifest
from engine.store.snapshot import copy_database, copy_file, sha256, stamp
from engine.store.wanted import Wanted, wanted

KEPT = 7
"""Days whose newest backup a folder keeps."""
MANIFEST = "manifest.json"
INSIDE = "project"
PART = ".part-"
PRIVATE = 0o600


def whatever(_: float) -> bool:
    """A watch that never ends the work."""
    return True


def back_up(project: Path, to: Path, now_us: int, *, keys: bool = False, watch: Watch = whatever) -> Manifest:
    """Back a project up: into a folder where ``to`` is one, else into an archive of this name.

    ``keys`` = with data/pki, which holds private keys. All that was on disk when it began is in it.
    An archive or backup that was there stays as it was until the new one is complete.

    Raises:
        BackupRefused: there is no project, no room, or nothing may be written there. Cancelled.
    """
    project = project.resolve()
    if not (project / "plant.toml").is_file():
        raise BackupRefused(f"{project} is not a project folder, it holds no plant.toml")
    if to.resolve().is_relative_to(project):
        raise BackupRefused(f"{to} lies in the project itself: name a place outside, best on another disk")
    lock = filelock.FileLock(paths.data(project) / "backup.lock")
    try:
        with lock.acquire(timeout=0), _in_words(to):
            work = _to_folder if to.is_dir() else _to_archive
            return work(project, to, now_us, keys, watch)
    except filelock.Timeout:
        raise BackupRefused(f"a backup of {project} is being made right now; wait for it") from None


def shelf_of(project: Path, folder: Path) -> Path:
    """Where the backups of this project on this computer are below ``folder``, which others may share."""
    mark = hashlib.sha256(f"{platform.node()}\n{project.resolve()}".encode("utf-8", "replace")).hexdigest()[
        :8
    ]
    return folder / f"{project.resolve().name or 'project'}-{mark}"


def manifests(shelf: Path) -> list[Path]:
    """The manifests in a folder of backups, oldest first."""
    return sorted(shelf.glob("backup-????-??-??T??-??-??Z.json"))


class _Steps:
    """Progress over all files; raises Cancelled where the watch says so."""

    def __init__(self, files: list[Wanted], watch: Watch) -> None:
        self._watch, self._done, self._all = watch, 0, max(1, sum(file.size for file in files))

    def __call__(self, nbytes: int) -> None:
        self._done += nbytes
        if not self._watch(min(1.0, self._done / self._all)):
            raise Cancelled("the backup was cancelled; the earlier one is as it was")


def _to_folder(project: Path, folder: Path, now_us: int, keys: bool, watch: Watch) -> Manifest:
    shelf = shelf_of(project, folder)
    pool = shelf / "files"
    pool.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_parts(pool)
    earlier = _newest(shelf)
    known = {entry.path: entry for entry in (earlier.entries if earlier else ())}
    again = _looked_at_again(shelf, earlier, now_us)

    def store(file: Wanted, steps: _Steps) -> Entry:
        mark = stamp(file.source)
        old = known.get(file.path)
        if old and mark and old.stamp == mark and old.path != again and _is_there(shelf, old):
            steps(file.size)
            return old
        part = pool / f"{PART}{os.getpid()}"
        try:
            entry = _copied(file, part, mark, steps)
            place = pooled(shelf, entry)
            if entry.path == again or not _is_there(shelf, entry):
                part.replace(place)
            return entry
        finally:
            part.unlink(missing_ok=True)

    def before(path: str) -> Entry | None:
        old = known.get(path)
        return old if old and path != again and _is_there(shelf, old) else None

    made = _gathered(project, now_us, keys, watch, store, before)
    paths.replace_file(shelf / f"backup-{_named(now_us)}.json", msgspec.json.encode(made))
    _thin(shelf)
    return made


def _to_archive(project: Path, file: Path, now_us: int, keys: bool, watch: Watch) -> Manifest:
    if not file.parent.is_dir():
        raise BackupRefused(f"there is no folder {file.parent}: make it, or name another")
    with tempfile.TemporaryDirectory(prefix=f".{file.name}{PART}", dir=file.parent) as work:
        beside = Path(work) / "archive"
        with beside.open("xb") as whole:
            os.chmod(beside, PRIVATE)
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:

                def store(wish: Wanted, steps: _Steps) -> Entry:
                    copy = Path(work) / "copy"
                    try:
                        entry = _copied(wish, copy, "", steps)
                        archive.write(copy, f"{INSIDE}/{wish.path}")
                        return entry
                    finally:
                        copy.unlink(missing_ok=True)

                made = _gathered(project, now_us, keys, watch, store, lambda path: None)
                archive.writestr(MANIFEST, msgspec.json.encode(made))
            whole.flush()
            os.fsync(whole.fileno())
        beside.replace(file)
    return made


def _gathered(
    project: Path,
    now_us: int,
    keys: bool,
    watch: Watch,
    store: Callable[[Wanted, _Steps], Entry],
    earlier: Callable[[str], Entry | None],
) -> Manifest:
    files, _ = wanted(project, keys=keys)
    left_out: list[str] = []
    steps, entries, old = _Steps(files, watch), list[Entry](), list[str]()
    steps(0)

    def in_order() -> Iterator[Wanted]:
        yield from files[:1]
        # What was packed before the journal of samples was copied may be in a file that is new since.
        again, unfit = wanted(project, keys=keys)
        left_out.extend(unfit)
        yield from (file for file in again if file.path != files[0].path)

    for file in in_order():
        try:
            entries.append(store(file, steps))
        except FileNotFoundError:
            left_out.append(f"{file.path}: it was removed meanwhile")
        except Damaged as error:
            good = earlier(file.path)
            if good is None:
                left_out.append(f"{file.path}: {error}")
            else:
                old.append(file.path)
                entries.append(good)
        except StoreError:
            if file.source.exists():
                raise
            left_out.append(f"{file.path}: it was removed meanwhile")
    version, name = paths.version(), project.name
    return Manifest(FORMAT, now_us, version, name, tuple(entries), keys, tuple(old), tuple(left_out))


def _copied(file: Wanted, to: Path, mark: str, steps: _Steps) -> Entry:
    to.unlink(missing_ok=True)
    (copy_database if file.is_database else copy_file)(file.source, to, steps)
    os.chmod(to, PRIVATE)
    return Entry(file.path, to.stat().st_size, sha256(to), mark)


def pooled(shelf: Path, entry: Entry) -> Path:
    """Where the content of an entry lies in a folder of backups."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", entry.path.rpartition("/")[2])[-100:]
    return shelf / "files" / f"{entry.sha256[:32]}-{name}"


def _is_there(shelf: Path, entry: Entry) -> bool:
    with contextlib.suppress(OSError):
        return pooled(shelf, entry).stat().st_size == entry.size
    return False


def _looked_at_again(shelf: Path, earlier: Manifest | None, now_us: int) -> str:
    """One file a day is read back from the backup; its path where it is not what was written, else ""."""
    if earlier is None or not earlier.entries:
        return ""
    entry = earlier.entries[now_us // 86_400_000_000 % len(earlier.entries)]
    if _is_there(shelf, entry) and sha256(pooled(shelf, entry)) == entry.sha256:
        return ""
    return entry.path


def _newest(shelf: Path) -> Manifest | None:
    for file in reversed(manifests(shelf)):
        with contextlib.suppress(BackupRefused, OSError):
            return read_manifest(file.read_bytes(), file)
    return None


def _thin(shelf: Path) -> None:
    """Keep the newest backup of each of the last days, and the files that those need."""
    days: dict[str, Path] = {}
    for file in manifests(shelf):
        days[file.name[: len("backup-2026-11-22")]] = file
    keep = set(sorted(days.values())[-KEPT:])
    try:
        needed = {
            pooled(shelf, entry).name
            for file in keep
            for entry in read_manifest(file.read_bytes(), file).entries
        }
    except BackupRefused:
        return  # what an unreadable one needs cannot be known, so nothing goes
    for file in manifests(shelf):
        if file not in keep:
            file.unlink(missing_ok=True)
    for file in (shelf / "files").iterdir():
        if file.name not in needed:
            file.unlink(missing_ok=True)


def _clear_parts(pool: Path) -> None:
    for left in pool.glob(f"{PART}*"):
        left.unlink(missing_ok=True)


def _named(time_us: int) -> str:
    made = datetime.datetime.fromtimestamp(time_us // 1_000_000, datetime.UTC)
    return made.strftime("%Y-%m-%dT%H-%M-%SZ")


@contextlib.contextmanager
def _in_words(to: Path) -> Generator[None]:
    try:
        yield
    except StoreError as error:
        raise BackupRefused(str(error)) from error
    except OSError as error:
        free = ""
        with contextlib.suppress(OSError):
            free = f" ({shutil.disk_usage(to if to.is_dir() else to.parent).free / 1e9:.1f} GB free there)"
        why = error.strerror or str(error)
        where = error.filename or to
        raise BackupRefused(f"no backup was made: {where}: {why}{free}; see to it and try again") from error
