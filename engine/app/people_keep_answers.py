"""The answer to ``people_backup``: people, rights and keys sealed in a file, and the words that open it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine import paths
from engine.app.people_answers import in_words
from engine.app.people_keep import RESTORED, KeepRefused, gathered, new_phrase, restored_note, sealed
from engine.app.plant import Running
from engine.historian.export import written
from engine.security.security import Security
from engine.server import SESSION, Answer, RequestRefused
from engine.typed import unpack
from engine.types import PutOnRecord, RecordEntry
from engine.wire import KeepAnswer, KeepBody


def keep_answers(running: Running, security: Security, record: PutOnRecord) -> Mapping[str, Answer]:
    """The coroutine that answers ``people_backup``."""
    project = Path(running.project.folder)

    async def keep(body: msgspec.Raw) -> KeepAnswer:
        asked = unpack(body, KeepBody)
        token = SESSION.get()
        session = security.session_of(token)
        why = security.may(token, "people", "") and security.may(token, "backup", "")
        if why or session is None:
            raise RequestRefused(why or "log in first")
        path = place_for(asked.file, project)
        try:
            phrase, content = await asyncio.to_thread(_sealed, running, project)
        except KeepRefused as error:
            raise RequestRefused(str(error)) from error
        mark = hashlib.sha256(content).hexdigest()
        body_told = {"what": "people, rights and keys", "file": str(path), "sha256": mark}
        await record([RecordEntry("backup", session.person, body_told)])
        try:
            await asyncio.to_thread(_put, path, content)
        except OSError as error:
            raise RequestRefused(error.strerror or str(error)) from error
        return KeepAnswer(str(path), phrase)

    return {"people_backup": in_words(keep)}


def place_for(file: str, project: Path) -> Path:
    """Where to write, as other files that people ask for.

    Raises:
        RequestRefused: it is no whole path, there is something, or it lies in the project itself.
    """
    path = Path(file)
    if not path.is_absolute() or "\0" in file:
        raise RequestRefused(f"{file!r} is not the full path of a file")
    if path.exists() or path.is_symlink():
        raise RequestRefused(f"{path} is there already: choose another name")
    if path.resolve().is_relative_to(project.resolve()):
        raise RequestRefused(f"{path} lies in the project itself: name a place outside, best on a stick")
    if not path.parent.is_dir():
        raise RequestRefused(f"there is no folder {path.parent}: make it, or choose another")
    return path


def _sealed(running: Running, project: Path) -> tuple[str, bytes]:
    now_us = running.clock.now_us()
    phrase = new_phrase()
    return phrase, sealed(gathered(project, now_us), phrase, running.project.plant.name, now_us)


def _put(path: Path, content: bytes) -> None:
    with written(path) as file:
        file.write(content)
    path.chmod(0o600)


async def tell_restored(project: Path, record: PutOnRecord) -> None:
    """Put on record that people were brought back while no engine ran.

    Raises:
        NotRecorded: it stays to be told.
    """
    data = paths.data(project)
    note = await asyncio.to_thread(restored_note, data)
    if note is not None:
        await record([RecordEntry("restore", "command line", note)])
        await asyncio.to_thread((data / RESTORED).unlink)
