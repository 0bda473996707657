"""PROJECT/data/prediction.db: warnings and their outcomes, failures, time watched, and closed buckets."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from engine.prediction.buckets import Buckets
from engine.prediction.crossings import Approach
from engine.prediction.fleet import OpenBucket
from engine.prediction.track import Missed
from engine.store import StoreError
from engine.store.database import DAMAGE, Damaged, close_quietly, named, open_database
from engine.typed import from_json
from engine.types import Episode

SCHEMA = """
CREATE TABLE IF NOT EXISTS episodes (id INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS missed (row BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched (model TEXT, version TEXT, asset TEXT, seconds REAL NOT NULL,
    PRIMARY KEY (model, version, asset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (fleet TEXT, start_us INTEGER, means BLOB NOT NULL, coverage BLOB NOT NULL,
    events BLOB NOT NULL, PRIMARY KEY (fleet, start_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS open_buckets (fleet TEXT PRIMARY KEY, until_us INTEGER NOT NULL,
    area BLOB NOT NULL, good BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (asset TEXT, time_us INTEGER, PRIMARY KEY (asset, time_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS approaches (id INTEGER PRIMARY KEY, row BLOB NOT NULL);
"""
Kept = TypeVar("Kept")
PUT = "INSERT OR REPLACE INTO"
Failed = tuple[str, int]
"""Asset, and UTC microseconds."""
Watched = Mapping[tuple[str, str, str], float]
"""Seconds by model, version and asset."""


class PredictionFile:
    """The file; any thread, one at a time. What a call has written is on disk when it returns.

    Raises:
        StoreError: the file cannot be used; the text says what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._connection: Any = open_database(path)
        try:
            with named(path):
                self._connection.executescript(SCHEMA)
            self._opened = path.stat()
        except (StoreError, OSError):
            self.close()
            raise

    @property
    def gone(self) -> str:
        """Why what is written now will not be found again, "" = it will. Systems let a program write on into
        a file that was taken away, and tell it nothing; and this one never becomes shorter by itself.
        """
        try:
            now = self._path.stat()
            if os.path.samestat(now, self._opened) and now.st_size >= self._opened.st_size:
                self._opened = now
                return ""
        except OSError:
            pass
        return (
            f"{self._path} was taken away, cut short or replaced while the engine runs: warnings since then, "
            "and what came of them, are lost when it stops; put it back if you have it, and start anew"
        )

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with named(self._path), self._lock:
            return self._connection.execute(query, values).fetchall()

    def _many(self, writes: Iterable[tuple[str, list[tuple[object, ...]]]]) -> None:
        """All of them or none."""
        with named(self._path), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for query, rows in writes:
                    self._connection.executemany(query, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def episodes(self) -> list[Episode]:
        """All of them in the order of their numbers."""
        return self._told("SELECT row FROM episodes ORDER BY id", Episode)

    def approaches(self) -> list[Approach]:
        """Alerts that a tag was on its way to a limit, in the order of their numbers."""
        return self._told("SELECT row FROM approaches ORDER BY id", Approach)

    def keep_approaches(self, approaches: Iterable[Approach]) -> None:
        """Write those that began or ended."""
        rows: list[tuple[object, ...]] = [(each.id, msgspec.json.encode(each)) for each in approaches]
        self._many([(f"{PUT} approaches VALUES (?, ?)", rows)])

    def failures(self) -> list[Failed]:
        """Every failure that was told, by asset and UTC microseconds, also where no model watched."""
        return [(asset, time_us) for asset, time_us in self._all("SELECT asset, time_us FROM failures")]

    def missed(self) -> list[Missed]:
        """Failures that a model watched, and what it had said of them."""
        return self._told("SELECT row FROM missed", Missed)

    def _told(self, query: str, kind: type[Kept]) -> list[Kept]:
        try:
            return [from_json(row, kind) for (row,) in self._all(query)]
        except msgspec.MsgspecError as error:
            raise Damaged(f"{self._path} holds warnings that cannot be read ({error}); {DAMAGE}") from error

    def watched(self) -> dict[tuple[str, str, str], float]:
        """How long each model has watched each asset."""
        rows = self._all("SELECT model, version, asset, seconds FROM watched")
        return {(model, version, asset): seconds for model, version, asset, seconds in rows}

    def keep(
        self,
        episodes: Iterable[Episode],
        missed: Iterable[Missed] = (),
        watched: Watched | None = None,
        failures: Iterable[Failed] = (),
    ) -> None:
        """Write what changed, in one commit; ``watched`` = the whole time of those given."""
        self._many([
            (f"{PUT} episodes VALUES (?, ?)", [(each.id, msgspec.json.encode(each)) for each in episodes]),
            (f"{PUT} missed VALUES (?)", [(msgspec.json.encode(each),) for each in missed]),
            (f"{PUT} watched VALUES (?, ?, ?, ?)", [(*key, s) for key, s in (watched or {}).items()]),
            (f"{PUT} failures VALUES (?, ?)", [tuple(each) for each in failures]),
        ])  # fmt: skip

    def keep_buckets(self, fleet: str, buckets: Buckets, bucket: OpenBucket) -> None:
        """Add closed buckets of a fleet, and how far the open one has come.

        A closed bucket that is there already stays as it is.
        """
        rows: list[tuple[object, ...]] = []
        for at in range(len(buckets.means)):
            arrays = buckets.means[at], buckets.coverage[at], buckets.events[at]
            start_us = buckets.start_us + at * buckets.bucket_us
            rows.append((fleet, start_us, *(each.tobytes() for each in arrays)))
        opened = fleet, bucket.until_us, bucket.area, bucket.good_us
        self._many([
            ("INSERT OR IGNORE INTO buckets VALUES (?, ?, ?, ?, ?)", rows),
            (f"{PUT} open_buckets VALUES (?, ?, ?, ?)", [opened]),
        ])  # fmt: skip

    def buckets(self, fleet: str, assets: int, like: Buckets, start_us: int, end_us: int) -> Buckets:
        """What was kept of [start_us, end_us), whole buckets; those that were not are empty.

        ``like`` says roles, classes and width; rows of another number of assets or roles are left out.
        """
        roles, classes = len(like.roles), len(like.classes)
        count = max(0, (end_us - start_us) // like.bucket_us)
        means = np.full((count, assets, roles), np.nan, np.float32)
        coverage = np.zeros((count, assets, roles), np.float32)
        events = np.zeros((count, assets, classes), np.int32)
        query = "SELECT start_us, means, coverage, events FROM buckets WHERE fleet = ? AND start_us >= ?"
        query += " AND start_us < ?"
        for begin_us, *parts in self._all(query, fleet, start_us, end_us):
            at = (begin_us - start_us) // like.bucket_us
            if [*map(len, parts)] == [4 * assets * roles] * 2 + [4 * assets * classes]:
                means[at] = np.frombuffer(parts[0], np.float32).reshape(assets, roles)
                coverage[at] = np.frombuffer(parts[1], np.float32).reshape(assets, roles)
                events[at] = np.frombuffer(parts[2], np.int32).reshape(assets, classes)
        return Buckets(start_us, like.bucket_us, means, coverage, events, like.roles, like.classes)

    def kept_at(self, fleet: str, start_us: int, end_us: int) -> list[int]:
        """Where the buckets begin that were kept of [start_us, end_us), also those without a good value."""
        query = "SELECT start_us FROM buckets WHERE fleet = ? AND start_us >= ? AND start_us < ?"
        return [at_us for (at_us,) in self._all(query, fleet, start_us, end_us)]

    def open_bucket(self, fleet: str) -> OpenBucket | None:
        """How far the open bucket had come, None = none was kept."""
        rows = self._all("SELECT until_us, area, good FROM open_buckets WHERE fleet = ?", fleet)
        return OpenBucket(*rows[0]) if rows else None

    def forget(self, before_us: int) -> None:
        """Take away buckets that began before; warnings and outcomes stay for ever."""
        self._many([("DELETE FROM buckets WHERE start_us < ?", [(before_us,)])])

    def close(self) -> None:
        """All is on disk already; give the connection back."""
        with self._lock:
            close_quietly(self._connection)
