"""A backup back into a project folder: all of it checked first, then put in place."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

from engine.store.backup import INSIDE, MANIFEST, manifests, pooled, whatever
from engine.store.manifest import BackupRefused, Cancelled, Manifest, Watch, read_manifest

WORK = ".restoring"
MOST_FILES = 200_000
MANIFEST_BYTES = 100_000_000
PIECE = 1 << 20
PRIVATE = 0o700


def restore(backup: Path, folder: Path, watch: Watch = whatever) -> Manifest:
    """Put a backup into an absent or empty folder; on any error or cancel nothing of it is left there.

    ``backup`` is an archive, a ``backup-TIME.json``, or a folder of backups (the newest).
    Every file is written beside its place and compared with its checksum before the first is moved.

    Raises:
        BackupRefused: the folder holds something, the backup is none or is damaged, or there is no room.
        Cancelled.
    """
    try:
        made_here = _require_empty(folder)
        work = folder / WORK
        try:
            work.mkdir(mode=PRIVATE, parents=True)
            (work / "data").mkdir(mode=PRIVATE)
            manifest = _from(backup, work, watch)
            _move(work, folder)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            if made_here:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            raise
        return manifest
    except OSError as error:
        where = error.filename or folder
        raise BackupRefused(f"nothing was restored: {where}: {error.strerror or error}") from error


def read_backup(backup: Path) -> Manifest:
    """What an archive, a ``backup-TIME.json`` or a folder of backups (the newest) holds.

    Raises:
        BackupRefused: it is no backup.
    """
    try:
        if backup.is_dir() or backup.suffix == ".json":
            file = _manifest_file(backup)
            return read_manifest(_some(file), file)
        with _opened(backup) as archive:
            return _archive_manifest(archive, backup)
    except OSError as error:
        raise BackupRefused(f"{error.filename or backup}: {error.strerror or error}") from error


def _require_empty(folder: Path) -> bool:
    """True where the folder is not there yet. An interrupted restore counts as nothing."""
    if not folder.exists() and not folder.is_symlink():
        return True
    if not folder.is_dir():
        raise BackupRefused(f"{folder} is a file: name a folder that is empty or not there yet")
    shutil.rmtree(folder / WORK, ignore_errors=True)
    if any(folder.iterdir()):
        raise BackupRefused(
            f"{folder} is not empty, and nothing in it is replaced: name an empty folder or one that is not "
            "there yet"
        )
    return False


def _from(backup: Path, work: Path, watch: Watch) -> Manifest:
    if backup.is_dir() or backup.suffix == ".json":
        file = _manifest_file(backup)
        manifest, shelf = read_manifest(_some(file), file), file.parent
        places = {entry.path: pooled(shelf, entry) for entry in manifest.entries}
        _write(manifest, work, lambda path: places[path].open("rb"), watch)
        return manifest
    with _opened(backup) as archive:
        manifest = _archive_manifest(archive, backup)
        _write(manifest, work, lambda path: archive.open(f"{INSIDE}/{path}"), watch)
        return manifest


def _manifest_file(backup: Path) -> Path:
    if backup.is_file():
        return backup
    found = manifests(backup)
    if found:
        return found[-1]
    shelves = [each for each in sorted(backup.glob("*/")) if manifests(each)]
    if len(shelves) == 1:
        return manifests(shelves[0])[-1]
    if shelves:
        names = ", ".join(each.name for each in shelves)
        raise BackupRefused(f"{backup} holds backups of several projects, name one of them: {names}")
    raise BackupRefused(f"{backup} holds no backup of Watchroom")


def _some(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MANIFEST_BYTES)


@contextlib.contextmanager
def _opened(backup: Path) -> Generator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(backup) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise BackupRefused(f"{backup} is not a whole backup of Watchroom ({error})") from error


def _archive_manifest(archive: zipfile.ZipFile, backup: Path) -> Manifest:
    """Our archives hold plain files, not compressed, each once: whatever else comes is not ours."""
    found = archive.infolist()
    if len(found) > MOST_FILES:
        raise BackupRefused(f"{backup} cannot be trusted: it holds {len(found)} files")
    sizes = {info.filename: info.file_size for info in found}
    if MANIFEST not in sizes or sizes[MANIFEST] > MANIFEST_BYTES or len(sizes) < len(found):
        raise BackupRefused(f"{backup} is not a backup of Watchroom")
    if sum(sizes.values()) > backup.stat().st_size:
        raise BackupRefused(f"{backup} cannot be trusted: it claims to hold more than its own size")
    for info in found:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.compress_type != zipfile.ZIP_STORED or kind not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise BackupRefused(f"{backup} cannot be trusted: {info.filename[:200]!r} is no plain file")
    manifest = read_manifest(archive.read(MANIFEST), backup)
    wrong = set(sizes) ^ {MANIFEST, *(f"{INSIDE}/{entry.path}" for entry in manifest.entries)}
    if wrong:
        raise BackupRefused(f"{backup} cannot be trusted: its list and its content differ in {min(wrong)!r}")
    return manifest


def _write(manifest: Manifest, work: Path, opened: Callable[[str], IO[bytes]], watch: Watch) -> None:
    free = shutil.disk_usage(work).free
    if manifest.size > free:
        raise BackupRefused(
            f"{work.parent} has {free / 1e9:.1f} GB free and the backup needs {manifest.size / 1e9:.1f} GB"
        )
    done = 0
    for entry in manifest.entries:
        place = work / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        digest, left = hashlib.sha256(), entry.size
        with opened(entry.path) as source, place.open("xb") as target:
            # One byte more than there should be tells a file that is longer.
            while piece := source.read(min(PIECE, left + 1)):
                digest.update(piece)
                target.write(piece)
                left -= len(piece)
                if left < 0:
                    break
                done += len(piece)
                if not watch(min(1.0, done / max(1, manifest.size))):
                    raise Cancelled("the restore was cancelled; nothing was restored")
            target.flush()
            os.fsync(target.fileno())
        if entry.path.startswith("data/"):
            os.chmod(place, PRIVATE & 0o666)
        if left or digest.hexdigest() != entry.sha256:
            raise BackupRefused(
                f"nothing was restored: {entry.path} in the backup is damaged; use an earlier backup"
            )


def _move(work: Path, folder: Path) -> None:
    """All is checked. plant.toml goes last: a folder without it is no project, should power fail here."""
    for each in sorted(work.iterdir(), key=lambda path: path.name == "plant.toml"):
        each.replace(folder / each.name)
    work.rmdir()
