"""The journal's file: opened, and moved aside when it is damaged."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from engine.store.alarm_tables import SCHEMA
from engine.store.database import Damaged, StoreError, close_quietly, named, open_database

log = logging.getLogger("watchroom.journal")
RUNS = """
CREATE INDEX IF NOT EXISTS events_of_runs ON events (event)
    WHERE event IN ('engine_started', 'engine_stopped');
CREATE INDEX IF NOT EXISTS events_of_breaks ON events (event)
    WHERE event IN ('journal_gap', 'journal_damaged', 'clock_step');
"""
COMPANIONS = ("", "-wal", "-shm")


def open_journal(path: Path) -> tuple[Any, int, str]:
    """A connection with ``events`` and the tables of alarms, which an older file is given; its highest seq,
    and the damaged file it follows or "".

    A damaged file (also one cut to nothing) is moved aside and a new one is begun. An empty journal
    beside a damaged one follows it, so a crash before its first event changes nothing.

    Raises:
        StoreError: the file cannot be opened, or not be moved aside.
    """
    try:
        if path.is_file() and path.stat().st_size == 0:
            raise Damaged(f"{path} is empty")
        connection, seq = _open(path)
    except Damaged as error:
        move_aside(path)
        log.error("%s; it was moved aside: active alarms come anew, unacknowledged and not shelved", error)
        connection, seq = _open(path)
    damaged = [] if seq else sorted(each.name for each in path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    return connection, seq, damaged[-1] if damaged else ""


def move_aside(path: Path) -> None:
    """Rename the journal and its -wal and -shm to ``.damaged-<UTC microseconds of its last change>``.

    Raises:
        StoreError: the file system refuses.
    """
    try:
        stamp = path.stat().st_mtime_ns // 1000
        while path.with_name(f"{path.name}.damaged-{stamp}").exists():
            stamp += 1
        # The journal goes last: a crash in between finds it damaged once more and finishes the work.
        for companion in reversed(COMPANIONS):
            part = path.with_name(path.name + companion)
            if part.exists():
                part.replace(path.with_name(f"{path.name}.damaged-{stamp}{companion}"))
    except OSError as error:
        raise StoreError(f"{path} is damaged and cannot be moved aside ({error}); move it away") from error


def _open(path: Path) -> tuple[Any, int]:
    connection = open_database(path)
    try:
        with named(path):
            connection.execute(
                "CREATE TABLE IF NOT EXISTS events "
                "(seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, event TEXT NOT NULL, body BLOB NOT NULL)"
            )
            connection.executescript(SCHEMA + RUNS)
            return connection, connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    except StoreError:
        close_quietly(connection)
        raise
