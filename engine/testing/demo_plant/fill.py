"""Filling a project's history with a demo plant's past, through the engine's own historian.

Cancelled or refused, it leaves the project as it was: without history. It takes the project's lock and
the numbers of its catalogue, so no engine runs meanwhile and tags are those of the engine.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import filelock
import msgspec

from engine import paths
from engine.app.project import BadProject, load
from engine.clock import SystemClock
from engine.historian import Historian
from engine.historian.history import StoredHistory
from engine.historian.rollups import Rollups, oldest_in
from engine.store import Catalogue, StoreError
from engine.testing.demo_plant.past import invented, write_past
from engine.testing.demo_plant.plant import Plant
from engine.testing.demo_plant.progress import Progress
from engine.testing.demo_plant.readings import streams
from engine.types import Batch, Clock, Project

BLOCK_S = 8_192.0
"""Model seconds made of one rate after the other."""
MOST_WAITING, MOST_TAIL = 4_000_000, 12_000_000
"""Samples that may wait for the disk and for being packed: about 300 MB of memory."""
LOOK_S = 0.02
NEAR_S = 1.0
"""The past ends so close to now."""
EXPECTED_RATE = 3e6
"""Samples a second; only for a guess at when somebody will begin to watch."""
LOCK_WAIT_S = 1.0


class Cancelled(Exception):
    """Somebody pressed Ctrl+C."""


class NotFilled(Exception):
    """The history cannot be filled; the text says why and what to do."""


def fill(plant: Plant, folder: Path, hours: float, past_file: Path | None, seed: int) -> int:
    """Fill the history of a project with the last hours of a plant; gives the exit code.

    ``past_file`` then tells the plant where its model is. Its twin with the ending ".part" is there
    while the history is only partly filled.
    """
    logging.basicConfig(level=logging.WARNING)
    folder = folder.resolve()
    file = past_file or folder / "data" / "demo-plant" / "past.json"
    history = paths.data(folder) / "history"
    part = file.with_suffix(".part")
    try:
        with _owned(folder), _cancellable() as stopped:
            if history.exists() and any(history.iterdir()):
                raise NotFilled(f"{history} holds a history already; remove it to fill it anew")
            file.parent.mkdir(parents=True, exist_ok=True)
            part.touch()
            try:
                _fill(plant, folder, hours, file, seed, stopped)
            except BaseException:
                shutil.rmtree(history, ignore_errors=True)
                raise
            finally:
                part.unlink(missing_ok=True)
    except Cancelled:
        print("cancelled; no history was kept", file=sys.stderr)
        return 1
    except (NotFilled, BadProject, StoreError, OSError) as error:
        print(f"the history cannot be filled: {error}", file=sys.stderr)
        return 1
    return 0


def _fill(
    plant: Plant, folder: Path, hours: float, file: Path, seed: int, stopped: Callable[[], bool]
) -> None:
    clock = SystemClock()
    project = _numbered(folder, clock)
    tag_ids = {tag.path: tag.tag_id for tag in project.tags}
    if missing := [point.path for point in plant.points() if point.path not in tag_ids]:
        raise NotFilled(f'tags.csv of {folder} has no tag "{missing[0]}" of the plant "{plant.id}"')
    span_s = hours * 3600.0
    filling_s = span_s * len(tag_ids) / EXPECTED_RATE
    past = invented(plant, seed, clock.now_us() - round(span_s * 1e6), span_s + filling_s)
    running, told = streams(plant, tag_ids, past, span_s), Progress(clock, span_s)
    with _historian(folder, project, clock) as historian:
        reached_s = 0.0
        while (now_s := past.time_s(clock.now_us())) - reached_s > NEAR_S:
            block_s = min(BLOCK_S, now_s - reached_s)
            for number, stream in enumerate(running):
                for batch in stream.until(past, reached_s + block_s):
                    _append(historian, batch, stopped)
                    told.add(batch.value.size, reached_s + block_s * number / len(running), now_s)
            reached_s += block_s
        told.add(0, reached_s, reached_s)
        _settle(historian, stopped)
    write_past(file, past)
    told.end()


def _append(historian: Historian, batch: Batch, stopped: Callable[[], bool]) -> None:
    """Hand a batch over when there is room for it."""
    historian.append(batch)
    status = historian.status
    while status.waiting > MOST_WAITING or status.tail > MOST_TAIL:
        time.sleep(LOOK_S)
        _look(historian, stopped)
        status = historian.status
    _look(historian, stopped)


def _settle(historian: Historian, stopped: Callable[[], bool]) -> None:
    """Wait until all is packed."""
    while not historian.seal(1.0):
        _look(historian, stopped)
    _look(historian, stopped)


def _look(historian: Historian, stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Cancelled
    if historian.trouble:
        raise NotFilled(historian.trouble)
    if historian.lost:
        raise NotFilled(f"{historian.lost} samples found no room; try again when the machine has less to do")


@contextlib.contextmanager
def _historian(folder: Path, project: Project, clock: Clock) -> Generator[Historian]:
    """The project's historian as the engine has it; its roll-ups are marked to be made by the engine."""
    limits: dict[int, list[float]] = {}
    tag_ids = {tag.path: tag.tag_id for tag in project.tags}
    for limit in project.limits:
        if limit.limit is not None:
            limits.setdefault(tag_ids[limit.path], []).append(limit.limit)
    place = paths.data(folder) / "history"
    historian = Historian(
        *(place, project.tags, clock),
        failed=lambda text: None,  # it is in ``trouble``, too
        healed=lambda text: None,
        texts=lambda code: "",
        limits=limits,
        settings=project.plant.history,
    )
    stored = StoredHistory(place, historian.tail)
    rates = {tag.tag_id: tag.rate for tag in project.tags}
    rollups = Rollups(place, stored, rates, oldest_in(historian.tail))
    historian.sealed.append(rollups.sealed)
    try:
        yield historian
    finally:
        historian.close()
        rollups.close()
        stored.close()


def _numbered(folder: Path, clock: Clock) -> Project:
    """The project with the numbers that its tags have, or get now, in the catalogue."""
    project = load(folder)
    catalogue = Catalogue(paths.data(folder) / "catalogue.db")
    try:
        tags = catalogue.number(project.tags, clock.now_us())
    finally:
        catalogue.close()
    return msgspec.structs.replace(project, tags=tags)


@contextlib.contextmanager
def _owned(folder: Path) -> Generator[None]:
    """The project's lock: no engine writes meanwhile."""
    lock = filelock.FileLock(paths.data(folder) / "engine.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_S)
    except filelock.Timeout:
        raise NotFilled(f"an engine runs for {folder}; stop it first") from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _cancellable() -> Generator[Callable[[], bool]]:
    """Ctrl+C and a polite kill, to be asked for instead of coming at any moment."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda number, _: asked.append(number))
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
