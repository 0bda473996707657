"""Taking away what the alarm journal need not keep any more, in pieces that hold up no commit."""

from __future__ import annotations

from typing import Any

from engine.clock import SystemClock
from engine.store.alarm_tables import BLOCK, EVENTS

FIRST_ROWS, LEAST_ROWS, MOST_ROWS = 64, 32, 1024
LONGEST_US = 4_000
"""A piece whose rows took longer is followed by one of half as many; the disk's own time is the same."""
_OLD = """
SELECT seq, time_us < ?, label IN (
    SELECT label FROM alarm_labels JOIN alarm_states USING (alarm) WHERE letter NOT IN ('A', 'C'))
FROM alarm_changes WHERE seq > ? ORDER BY seq LIMIT ?
"""
_UNUSED = """
SELECT label, EXISTS (SELECT 1 FROM alarm_changes WHERE alarm_changes.label = alarm_labels.label)
FROM alarm_labels WHERE label > ? ORDER BY label LIMIT ?
"""
_UNUSED_REMARKS = """
SELECT remark, EXISTS (SELECT 1 FROM alarm_changes
    WHERE alarm_changes.remark = alarm_remarks.remark AND alarm_changes.remark <> 0)
FROM alarm_remarks WHERE remark > ? ORDER BY remark LIMIT ?
"""
_KEPT = """
INSERT INTO alarm_kept VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET from_us = max(from_us, excluded.from_us)
"""
"""From when on nothing was forgotten."""


class Keeping:
    """What is left to do. ``begin`` in any thread, the rest in the writer's."""

    def __init__(self) -> None:
        self._wanted_us: int | None = None
        self._before_us = 0
        self._at = 0
        self._left: list[str] = []
        self._rows = FIRST_ROWS
        self._clock = SystemClock()

    @property
    def is_busy(self) -> bool:
        """Whether there is something to take away, or to look for."""
        return bool(self._left) or self._wanted_us is not None

    def begin(self, before_us: int) -> None:
        """Changes noted before are too old; those of alarms that are unacknowledged or set aside stay."""
        self._wanted_us = before_us

    def end(self) -> None:
        """Leave the rest."""
        self._left, self._wanted_us = [], None

    def take_away(self, connection: Any) -> bool:
        """One piece, in a transaction of its own; whether labels or remarks may have gone."""
        if not self._left and self._wanted_us is not None:
            self._before_us, self._wanted_us = self._wanted_us, None
            self._left, self._at = ["changes", "labels", "remarks"], 0
        what = self._left[0]
        connection.execute("BEGIN IMMEDIATE")
        began_us = self._clock.mono_us()
        at = self._changes(connection) if what == "changes" else self._words(connection, what)
        took_us = self._clock.mono_us() - began_us
        connection.execute("COMMIT")
        if at is None:
            self._left.pop(0)
        self._at = at or 0
        self._rows = _next_rows(self._rows, took_us)
        return what != "changes"

    def _changes(self, connection: Any) -> int | None:
        """Old changes and their events; returns where to go on, None = the rest is young."""
        rows = connection.execute(_OLD, (self._before_us, self._at, self._rows)).fetchall()
        old = [(seq,) for seq, is_old, is_kept in rows if is_old and not is_kept]
        connection.executemany("DELETE FROM alarm_changes WHERE seq = ?", old)
        connection.executemany(f"DELETE FROM events WHERE seq = ? AND event IN {EVENTS}", old)
        if old:
            connection.execute(_KEPT, (self._before_us,))
        if any(is_old for _, is_old, _ in rows):
            return rows[-1][0]
        oldest = f"SELECT min(seq) >> {BLOCK} FROM alarm_changes"
        connection.execute(f"DELETE FROM alarm_blocks WHERE block < ({oldest})")
        return None

    def _words(self, connection: Any, what: str) -> int | None:
        """Labels or remarks that no change has any more."""
        query, table, column = (
            (_UNUSED, "alarm_labels", "label")
            if what == "labels"
            else (_UNUSED_REMARKS, "alarm_remarks", "remark")
        )
        rows = connection.execute(query, (self._at, self._rows)).fetchall()
        unused = [(number,) for number, is_used in rows if not is_used]
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", unused)
        return rows[-1][0] if len(rows) == self._rows else None


def _next_rows(rows: int, took_us: int) -> int:
    if took_us > LONGEST_US:
        return max(rows // 2, LEAST_ROWS)
    return min(rows * 2, MOST_ROWS) if took_us < LONGEST_US // 4 else rows
