"""What a backup holds: a list of files with their sizes and checksums, and which paths are safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PureWindowsPath

import msgspec

from engine.typed import from_json

FORMAT = 1
LONGEST = 1000
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, whatever the folder."""
Watch = Callable[[float], bool]
"""Called with the share that is done, 0 to 1; False ends the work."""


class BackupRefused(Exception):
    """A backup cannot be made, or not be restored; the text says why and what to do. Nothing was changed."""


class Cancelled(BackupRefused):
    """The caller wanted no more of it."""


class Entry(msgspec.Struct, frozen=True):
    """One file. ``path`` is relative to the project with ``/``; ``stamp`` as in `snapshot.stamp`."""

    path: str
    size: int
    sha256: str
    stamp: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """One backup. ``made_us`` = all that was on disk by then is in it; ``version`` of Watchroom.

    ``name`` = the project folder's. ``keys`` = certificates and private keys are part of it.
    ``earlier`` = files that were found damaged and stand here as an earlier backup had them.
    ``left_out`` = files that are not part of it, each with the reason.
    """

    format: int
    made_us: int
    version: str
    name: str
    entries: tuple[Entry, ...]
    keys: bool = False
    earlier: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(entry.size for entry in self.entries)


def read_manifest(content: bytes, where: object) -> Manifest:
    """A manifest whose paths all stay inside the folder that it is restored to.

    Raises:
        BackupRefused: it is none, is of a newer version, or names a path that is not safe.
    """
    try:
        found = from_json(content, Manifest)
    except msgspec.MsgspecError as error:
        raise BackupRefused(f"{where} is not a backup of Watchroom ({error})") from error
    if found.format != FORMAT:
        raise BackupRefused(f"{where} was made by Watchroom {found.version}: restore it with that version")
    seen: set[str] = set()
    for entry in found.entries:
        wrong = unsafe(entry.path) or ("stands there twice" if entry.path.casefold() in seen else "")
        wrong = wrong or ("has no valid size" if entry.size < 0 else "")
        if wrong or not re.fullmatch(r"[0-9a-f]{64}", entry.sha256):
            raise BackupRefused(
                f"{where} cannot be trusted: {entry.path[:LONGEST]!r} {wrong or 'has no checksum'}"
            )
        seen.add(entry.path.casefold())
    # A file cannot be a folder of others as well.
    for entry in found.entries:
        above = entry.path.casefold().split("/")[:-1]
        if any("/".join(above[:k]) in seen for k in range(1, len(above) + 1)):
            raise BackupRefused(f"{where} cannot be trusted: {entry.path!r} lies inside another file")
    return found


def unsafe(path: str) -> str:
    """Why a path must not be written below a project folder on any system, "" = it may be."""
    parts = path.split("/")
    if not path.isprintable() or len(path) > LONGEST or "\\" in path or ":" in path:
        return "is not a plain path"
    if PureWindowsPath(path).anchor or any(part in ("", ".", "..") for part in parts):
        return "leads out of the project"
    if any(RESERVED.fullmatch(part) or part[-1] in " ." for part in parts):
        return "has a name that some systems cannot store"
    return ""
