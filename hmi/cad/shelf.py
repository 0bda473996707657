"""The shelf of CAD models: asks for files, hands out what became ready. Never blocks, no Qt."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from engine import paths
from hmi.cad.keep import used
from hmi.cad.model import CadModel
from hmi.cad.places import FOLDER, Facts, Seen, facts_now, note_of, place_of, read_note
from hmi.cad.raw import Unreadable
from hmi.cad.reading import Reading
from hmi.cad.store import mapped
from hmi.formats import t

TAKEN_BYTES = 64_000_000
"""Arrays mapped in one `CadShelf.take`; mapping them checks them, about 1 ms for 5 MB."""

MOST_TRIES = 5
"""Readings in a row of a file that changes while it is read, or whose arrays vanish from the cache."""
GONE = "its arrays are gone from the cache; see that the disk has room and nobody clears the cache"


class CadShelf:
    """CAD files of one project (``folder``), read in a guarded process of their own, one at a time.

    What was read is kept in ``cache`` (the user's cache folder if None) by the content of the files, so the
    next start only maps it. Nothing here waits: call `take` every now and then while `is_busy`.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self._models = folder / FOLDER
        self._cache = cache or paths.user_cache() / "cad"
        self._waiting: deque[str] = deque()
        self._found: deque[tuple[str, Seen]] = deque()
        self._ready: dict[str, CadModel] = {}
        self._told: dict[str, dict[str, Facts]] = {}
        self._tries: dict[str, int] = {}
        self._reading: Reading | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something asked for has not been handed out yet."""
        return bool(self._waiting or self._found or self._ready or self._reading)

    @property
    def worker(self) -> int:
        """Process id of what reads now, 0 if nothing does."""
        return self._reading.pid if self._reading else 0

    def want(self, files: Iterable[str]) -> None:
        """Have ``files`` (paths below scene/models/) read; those that changed since are read again."""
        for file in files:
            told = self._told.get(file)
            if self._is_under_way(file) or (told is not None and facts_now(self._models, told) == told):
                continue
            self._ask(file)

    def take(self) -> dict[str, CadModel]:
        """What became ready since the last call, by file; a `CadModel.problem` too."""
        self._look()
        size = 0
        while self._found and size < TAKEN_BYTES:
            file, seen = self._found.popleft()
            size += self._map(file, seen)
        ready, self._ready = self._ready, {}
        return ready

    def close(self) -> None:
        """End what runs; what was asked for is forgotten."""
        self._waiting.clear()
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    def _is_under_way(self, file: str) -> bool:
        reads = self._reading is not None and self._reading.file == file
        return reads or file in self._waiting or any(file == each for each, _ in self._found)

    def _ask(self, file: str) -> None:
        try:
            place_of(self._models, file)
        except Unreadable as error:
            self._refuse(file, str(error))
            return
        seen = read_note(note_of(self._cache, self._models, file))
        if seen and seen.entry and facts_now(self._models, seen.files) == seen.files:
            self._found.append((file, seen))
        else:
            self._waiting.append(file)

    def _look(self) -> None:
        if self._reading is not None and self._reading.look():
            done, self._reading = self._reading, None
            self._finish(done)
        if self._reading is None and self._waiting:
            self._start(self._waiting.popleft())

    def _finish(self, done: Reading) -> None:
        seen = read_note(note_of(self._cache, self._models, done.file))
        has_changed = seen is not None and facts_now(self._models, seen.files) != seen.files
        if has_changed and self._may_try(done.file):
            self._waiting.append(done.file)  # it was written to meanwhile, as when it is copied there
        elif done.problem or seen is None or not seen.entry:
            self._refuse(done.file, done.problem or GONE, seen)
        else:
            self._found.append((done.file, seen))

    def _may_try(self, file: str) -> bool:
        self._tries[file] = self._tries.get(file, 0) + 1
        return self._tries[file] < MOST_TRIES

    def _start(self, file: str) -> None:
        try:
            self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            note_of(self._cache, self._models, file).unlink(missing_ok=True)
            self._reading = Reading(self._models, file, self._cache)
        except OSError as error:
            self._refuse(
                file, f"{error.strerror}: {error.filename}; make room there, or see who may write there"
            )

    def _map(self, file: str, seen: Seen) -> int:
        path = self._cache / seen.entry
        try:
            size = path.stat().st_size
            self._ready[file] = mapped(path, file)
        except (OSError, ValueError):  # thrown away, or torn by a power cut: read it again
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            if self._may_try(file):
                self._waiting.append(file)
            else:
                self._refuse(file, GONE, seen)
            return 0
        self._tries.pop(file, None)
        self._told[file] = dict(seen.files)
        used(path)
        return size

    def _refuse(self, file: str, problem: str, seen: Seen | None = None) -> None:
        self._tries.pop(file, None)
        self._told[file] = facts_now(self._models, seen.files if seen else (file,))
        text = t("{file} cannot be drawn: {problem}.", file=f"{FOLDER}/{file}", problem=problem)
        self._ready[file] = CadModel(file, problem=text)
