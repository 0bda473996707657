"""Where things are: the project's data folder, the runtime folder, the user's folders, resources."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import secrets
import stat
import sys
from pathlib import Path

import msgspec
import platformdirs

from engine.typed import from_json

SAFE_PATH = ("-P",)
"""Python option for every program we start: files of the current folder must never run as our code."""
LONGEST_ROOT = 60
"""Bytes of a runtime root: the path of a Unix socket below it holds 107 at most (unix(7))."""
PROTOCOL = 9
"""Major version of the messages between the engine and its clients."""


class EngineFacts(msgspec.Struct, frozen=True):
    """``PROJECT/data/engine.json``: how to find the running engine of a project."""

    pid: int
    boot: int
    protocol: int
    socket: str
    live: str
    started_by: str = ""


def version() -> str:
    """The installed version of Watchroom."""
    return importlib.metadata.version("watchroom")


def resources() -> Path:
    """The folder of shipped files: beside the packages in a checkout, inside them in a wheel."""
    checkout = Path(__file__).resolve().parents[1] / "resources"
    return checkout if checkout.is_dir() else Path(__file__).resolve().parents[1] / "watchroom_resources"


def data(folder: Path) -> Path:
    """The engine's own part of a project folder; made on first use, closed to other users."""
    made = folder / "data"
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made


def pki(folder: Path) -> Path:
    """Where a project's certificates are: own, trusted and rejected. Not made here."""
    return folder / "data" / "pki"


def history(folder: Path) -> Path:
    """Where the samples of a project are kept. Not made here."""
    return folder / "data" / "history"


def log(folder: Path) -> Path:
    """Where the logs and the crash traces of a project go; made on first use."""
    made = data(folder) / "log"
    made.mkdir(parents=True, exist_ok=True)
    return made


def user_data() -> Path:
    """The user's own data folder for Watchroom; made on first use."""
    return platformdirs.user_data_path("watchroom", appauthor=False, ensure_exists=True)


def user_config() -> Path:
    """The user's own settings folder for Watchroom; made on first use."""
    return platformdirs.user_config_path("watchroom", appauthor=False, ensure_exists=True)


def station_secret() -> str:
    """What proves to an engine that a login comes from this user of this computer, whatever the name of the
    station: random, made on first use, "" = it cannot be kept.
    """
    try:
        file = user_config() / "station.secret"
        with (
            contextlib.suppress(FileExistsError),
            os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made,
        ):
            made.write(secrets.token_urlsafe(32))
        return file.read_text("ascii")
    except (OSError, ValueError):
        return ""


def user_cache() -> Path:
    """The user's own folder of things that can be made again; made on first use."""
    return platformdirs.user_cache_path("watchroom", appauthor=False, ensure_exists=True)


def runtime(folder: Path) -> Path:
    """The short-lived folder of a project's socket and live file, private to this user.

    Raises:
        PermissionError: the folder exists and belongs to someone else, or others may enter it.
    """
    mark = hashlib.sha256(os.fsencode(str(folder.resolve()))).hexdigest()[:16]
    if sys.platform == "win32":
        made = platformdirs.user_data_path("Watchroom", appauthor=False) / "run" / mark
        made.mkdir(parents=True, exist_ok=True)
        return made
    given = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    usable = given.is_absolute() and given.is_dir() and len(os.fsencode(given)) <= LONGEST_ROOT
    root = given / "watchroom" if usable else _shared_memory_root()
    for each in (root, root / mark):
        each.mkdir(mode=0o700, exist_ok=True)
        _require_private(each)
    return root / mark


def _shared_memory_root() -> Path:
    memory = Path("/dev/shm")
    return (memory if memory.is_dir() else Path("/tmp")) / f"watchroom-{os.getuid()}"


def _require_private(folder: Path) -> None:
    # Anyone may make a folder in /dev/shm first; one we do not own could be read or swapped.
    facts = folder.lstat()
    closed = stat.S_ISDIR(facts.st_mode) and not stat.S_IMODE(facts.st_mode) & 0o077
    if facts.st_uid != os.getuid() or not closed:
        raise PermissionError(
            f"{folder} must be a folder of user {os.getuid()}, closed to others (0700); remove it, try again"
        )


def write_facts(folder: Path, facts: EngineFacts) -> None:
    """Replace engine.json in one step, so that no reader sees half of it.

    On a full disk it goes to the runtime folder instead: windows must find the engine all the same.
    """
    file = data(folder) / "engine.json"
    try:
        replace_file(file, msgspec.json.encode(facts))
    except OSError:
        file.unlink(missing_ok=True)  # an old one would lead astray
        replace_file(runtime(folder) / "engine.json", msgspec.json.encode(facts))


def read_facts(folder: Path) -> EngineFacts | None:
    """The facts of the engine that last started, or None; it may be gone since."""
    for place in (lambda: folder / "data", lambda: runtime(folder)):
        try:
            return from_json((place() / "engine.json").read_bytes(), EngineFacts)
        except (OSError, msgspec.MsgspecError):
            continue
    return None


def replace_file(path: Path, content: bytes) -> None:
    """Write a whole file beside ``path``, flush it to disk and put it in its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, f"{path} cannot be written ({error.strerror})") from error
