"""What the alarms were at an instant, out of the journal: of each alarm what it was after its last change.

Every event ``alarm`` holds the whole alarm after its change, so nothing is worked out again: for each label
the newest row up to the instant is found through an index, and the events of those rows are read that do not
say "normal". That takes as long as there are labels, however long the journal is; no snapshots are needed.

A clock that was set back tells some times twice. Such a time then means the last of them: all rows up to the
last one that was noted by then count, in the order in which they were written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from engine.store.alarm_tables import BLOCK, CHANGE, EDITED, LABELLED, Rest, whole
from engine.typed import convert, from_json
from engine.types import Alarm, LimitKind

log = logging.getLogger("watchroom.alarms")
AT_ONCE = 500
BREAKS = "event IN ('journal_gap', 'journal_damaged', 'clock_step')"
"""As the partial index in `engine.store.journal_file` has it, word for word, or SQLite does not use it."""
KINDS = frozenset(get_args(LimitKind))
NAMED = ("id", *LABELLED)
KIND = NAMED.index("kind")
KEPT = Rest.__struct_fields__
SHORT = (
    "SELECT seq, body, alarm, "
    + ", ".join(f'"{name}"' for name in LABELLED)
    + " FROM events JOIN alarm_changes USING (seq) JOIN alarm_labels USING (label)"
)
"""What there is to almost every alarm: what is left of its event, and its label."""
_REST: Any = msgspec.defstruct("MaybeRest", [("change", Any, None)], bases=(Rest,))
STARTED = """
SELECT EXISTS (SELECT 1 FROM events WHERE event IN ('engine_started', 'engine_stopped')
    AND event = 'engine_started' AND seq > ? AND time_us <= ?)
"""
"""Whether an engine began after a seq and before an instant: it takes alarms for what is on record."""
NEWEST = """
SELECT c.seq, c.alarm, c.what FROM (
    SELECT alarm, max((SELECT seq FROM alarm_changes INDEXED BY alarm_changes_of_label
        WHERE label = here.label AND seq <= ? ORDER BY seq DESC LIMIT 1)) AS seq
    FROM alarm_labels AS here GROUP BY alarm) AS newest
JOIN (SELECT seq, what, letter, alarm FROM alarm_changes JOIN alarm_labels USING (label)) AS c USING (seq)
WHERE c.letter <> 'A' OR c.what = 'edited'
"""
BEFORE = """
SELECT seq, what, letter FROM alarm_changes WHERE seq = (
    SELECT max((SELECT seq FROM alarm_changes INDEXED BY alarm_changes_of_label
        WHERE label = here.label AND seq < ? ORDER BY seq DESC LIMIT 1))
    FROM alarm_labels AS here WHERE alarm = ?)
"""
FIRST = """
SELECT EXISTS (SELECT 1 FROM (
    SELECT min((SELECT seq FROM alarm_changes INDEXED BY alarm_changes_of_label
        WHERE label = here.label ORDER BY seq LIMIT 1)) AS seq
    FROM alarm_labels AS here GROUP BY alarm) JOIN alarm_changes USING (seq)
    WHERE seq > ? AND what IN ('returned', 'acknowledged', 'realarmed', 'reset', 'removed'))
"""
"""Whether an alarm has its first row that is left after an instant, and that row ends or goes on with
something: what it was at that instant was forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``alarms`` that were not plainly normal at an instant, worst and newest first.

    Before ``since_us`` nothing is known. ``is_whole`` = no change before the instant is missing.
    """

    alarms: tuple[Alarm, ...]
    since_us: int
    is_whole: bool


def standing_at(connection: Any, at_us: int) -> Standing:
    """The alarms at ``at_us``, UTC microseconds."""
    since_us = _since(connection)
    if since_us is None or at_us < since_us:
        return Standing((), at_us if since_us is None else since_us, False)
    last = _last(connection, at_us)
    found = _alarms(connection, _rows_at(connection, last))
    known = {alarm.id for alarm in found}
    found += [alarm for alarm in _old_states(connection, last) if alarm.id not in known]
    shown = [alarm for alarm in found if alarm.letter != "A"]
    shown.sort(key=lambda alarm: (alarm.priority, -alarm.since_us, alarm.id))
    return Standing(tuple(shown), since_us, not _is_broken(connection, at_us, last))


def _since(connection: Any) -> int | None:
    """When the journal began, or from when on it was kept; None = there is nothing in it."""
    row = connection.execute("SELECT time_us FROM events ORDER BY seq LIMIT 1").fetchone()
    if row is None:
        return None
    # A clock that was set back tells times before the first once more, and then they are known.
    query = f"SELECT min(time_us) FROM events WHERE {BREAKS} AND event = 'clock_step'"
    stepped = connection.execute(query).fetchone()[0]
    began_us = int(row[0]) if stepped is None else min(int(row[0]), int(stepped))
    kept = _kept_from(connection)
    return began_us if kept is None else max(began_us, kept)


def _kept_from(connection: Any) -> int | None:
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'alarm_kept'"
    if not connection.execute(query).fetchone()[0]:  # of an earlier version, and only read here
        return None
    return connection.execute("SELECT max(from_us) FROM alarm_kept").fetchone()[0]


def _last(connection: Any, at_us: int) -> int:
    """The last seq of all that had been written when the clock told ``at_us`` for the last time."""
    query = f"SELECT max(seq) FROM events WHERE {BREAKS} AND event = 'clock_step' AND time_us <= ?"
    found = connection.execute(query, (at_us,)).fetchone()[0] or 0
    blocks = connection.execute(
        "SELECT block FROM alarm_blocks WHERE first_us <= ? ORDER BY block DESC", (at_us,)
    )
    for (block,) in blocks:
        query = "SELECT max(seq) FROM alarm_changes NOT INDEXED WHERE seq BETWEEN ? AND ? AND time_us <= ?"
        ends = block << BLOCK, (block + 1 << BLOCK) - 1
        (seq,) = connection.execute(query, (*ends, at_us)).fetchone()
        if seq is not None:
            return max(found, int(seq))
    return int(found)


def _rows_at(connection: Any, last: int) -> list[int]:
    """Seqs of the events that hold the alarms as they were after row ``last``."""
    found: list[int] = []
    for seq, alarm, what in connection.execute(NEWEST, (last,)).fetchall():
        at: int | None = seq
        if what == "edited":
            at = _event_before(connection, seq, alarm)
        if at is not None:
            found.append(at)
    return sorted(found)


def _event_before(connection: Any, seq: int, alarm: int) -> int | None:
    """The newest event up to ``seq`` with what the alarm was: what was changed in the list has none."""
    name = connection.execute("SELECT event FROM events WHERE seq = ?", (seq,)).fetchone()
    while name is not None and name[0] == EDITED:
        row = connection.execute(BEFORE, (seq, alarm)).fetchone()
        if row is None:
            return None
        seq = row[0]
        name = connection.execute("SELECT event FROM events WHERE seq = ?", (seq,)).fetchone()
    return seq


def _alarms(connection: Any, seqs: Sequence[int]) -> list[Alarm]:
    found: list[Alarm] = []
    odd: list[int] = []
    for start in range(0, len(seqs), AT_ONCE):
        some = seqs[start : start + AT_ONCE]
        marks = ", ".join("?" * len(some))
        for seq, body, *label in connection.execute(f"{SHORT} WHERE seq IN ({marks})", some):
            alarm = _of_rest(body, label)
            odd += [seq] if alarm is None else []
            found += [] if alarm is None else [alarm]
    for start in range(0, len(odd), AT_ONCE):
        some = odd[start : start + AT_ONCE]
        marks = ", ".join("?" * len(some))
        events = connection.execute(f"SELECT seq, body FROM events WHERE seq IN ({marks})", some).fetchall()
        rows = connection.execute(f"{CHANGE} WHERE seq IN ({marks})", some).fetchall()
        found += _read(events, rows)
    return found


def _of_rest(body: bytes, label: Sequence[Any]) -> Alarm | None:
    """The alarm of an event and its label, without the way through `whole`; None = it must go that way."""
    try:
        rest = from_json(body, _REST)
    except msgspec.MsgspecError:
        return None
    if rest.change is not None or label[KIND] not in KINDS:
        return None
    named = dict(zip(NAMED, label, strict=True))
    return Alarm(**{name: getattr(rest, name) for name in KEPT}, **named)


def _read(events: Iterable[tuple[int, bytes]], rows: Iterable[Sequence[Any]]) -> list[Alarm]:
    """The alarms in the bodies of events; one of another version is left out, and told in the log."""
    found: list[Alarm] = []
    bodies: dict[int, dict[str, Any]] = {}
    for seq, body in events:
        try:
            bodies[seq] = msgspec.json.decode(body)
        except msgspec.MsgspecError as error:
            log.warning("event %d of the alarm journal cannot be read: %s", seq, error)
    whole(rows, bodies)
    for seq, body in bodies.items():
        try:
            found.append(convert(body["alarm"], Alarm))
        except (KeyError, msgspec.ValidationError) as error:
            log.warning("event %d of the alarm journal is none of this version: %s", seq, error)
    return found


def _old_states(connection: Any, last: int) -> list[Alarm]:
    """Alarms that did not change since ``last``: what they are now they were then, forgotten rows or not.

    Rows between ``last`` and the next one that is left were forgotten, so they are older than the instant.
    """
    found: list[Alarm] = []
    query = (
        "SELECT body FROM alarm_states WHERE seq < "
        "(SELECT coalesce(min(seq), 1 << 62) FROM alarm_changes WHERE seq > ?)"
    )
    for (body,) in connection.execute(query, (last,)):
        try:
            found.append(from_json(body, Alarm))
        except msgspec.MsgspecError as error:
            log.warning("the state of an alarm cannot be read: %s", error)
    return found


def _is_broken(connection: Any, at_us: int, last: int) -> bool:
    """Whether a change before the instant is missing and no engine began anew with what is on record."""
    query = f"SELECT seq, time_us FROM events WHERE {BREAKS} AND event <> 'clock_step' ORDER BY seq"
    for seq, time_us in connection.execute(query).fetchall():
        before = connection.execute(
            "SELECT time_us FROM events WHERE seq < ? ORDER BY seq DESC LIMIT 1", (seq,)
        ).fetchone()
        began_us = before[0] if before is not None else time_us
        if at_us >= began_us and not connection.execute(STARTED, (seq, at_us)).fetchone()[0]:
            return True
    return _kept_from(connection) is not None and bool(connection.execute(FIRST, (last,)).fetchone()[0])
