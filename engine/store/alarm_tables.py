"""Alarms in the file of the event journal: every change a narrow row, and what each alarm is now.

What many changes share is kept once: a *label* holds what an alarm is called and what to do about it, a
*remark* who did something and why. A row of ``alarm_changes`` is then some 60 bytes, the event beside it
holds only what is left of the alarm, and a text is looked for among some thousand labels instead of a
million rows. `whole` puts an event together again as it was told.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from operator import attrgetter
from typing import Any

import msgspec

from engine.typed import convert, from_json
from engine.types import Alarm, AlarmChange, What

log = logging.getLogger("watchroom.alarms")
EVENT = "alarm"
"""The event whose body is {"change": AlarmChange, "alarm": Alarm after it}."""
EDITED = "alarm_edited"
"""Its body is {"change": AlarmChange} alone: what a person changed in the list, whatever the alarm is now."""
EVENTS = (EVENT, EDITED)
SCHEMA = """
CREATE TABLE IF NOT EXISTS alarm_labels (
    label INTEGER PRIMARY KEY, alarm INTEGER NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,
    name TEXT NOT NULL, source TEXT NOT NULL, message TEXT NOT NULL, alarm_class TEXT NOT NULL,
    cause TEXT NOT NULL, response TEXT NOT NULL, consequence TEXT NOT NULL, respond_s REAL NOT NULL,
    "group" TEXT NOT NULL, display TEXT NOT NULL, folded TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS alarm_labels_of_alarm ON alarm_labels (alarm);
CREATE TABLE IF NOT EXISTS alarm_remarks (
    remark INTEGER PRIMARY KEY, "by" TEXT NOT NULL, text TEXT NOT NULL, folded TEXT NOT NULL,
    UNIQUE ("by", text));
CREATE TABLE IF NOT EXISTS alarm_changes (
    seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, label INTEGER NOT NULL, priority INTEGER NOT NULL,
    what TEXT NOT NULL, letter TEXT NOT NULL, remark INTEGER NOT NULL, source_us INTEGER NOT NULL,
    value REAL, "limit" REAL, until_us INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS alarm_changes_of_label ON alarm_changes (label);
CREATE INDEX IF NOT EXISTS alarm_changes_of_remark ON alarm_changes (remark) WHERE remark <> 0;
CREATE INDEX IF NOT EXISTS alarm_changes_of_priority ON alarm_changes (priority) WHERE priority < 3;
CREATE INDEX IF NOT EXISTS alarm_changes_of_what ON alarm_changes (what)
    WHERE what NOT IN ('active', 'returned', 'acknowledged');
CREATE TABLE IF NOT EXISTS alarm_blocks (
    block INTEGER PRIMARY KEY, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS alarm_states (
    alarm INTEGER PRIMARY KEY, seq INTEGER NOT NULL, letter TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS alarm_kept (one INTEGER PRIMARY KEY CHECK (one = 1), from_us INTEGER NOT NULL);
"""
LABELLED = (
    *("path", "kind", "name", "source", "message", "alarm_class"),
    *("cause", "response", "consequence", "respond_s", "group", "display"),
)
SAID_TWICE = ("path", "kind", "name", "message", "alarm_class")
"""What the change and the alarm both say; where they differ the event is kept as it is."""
_said_twice = attrgetter(*SAID_TWICE)
CHANGE = (
    "SELECT seq, alarm, what, letter, priority, time_us, source_us, path, kind, name, message, value, "
    "\"limit\", coalesce(\"by\", ''), coalesce(text, ''), until_us, alarm_class, source, cause, response, "
    'consequence, respond_s, "group", display '
    "FROM alarm_changes JOIN alarm_labels USING (label) LEFT JOIN alarm_remarks USING (remark)"
)
"""Rows for `change_of`, and beside it what `whole` needs."""
BLOCK = 12
"""The earliest and latest times of rows are known by blocks of 2**12 seqs, for a clock may be set back."""
MOST_KNOWN = 20_000
"""Labels and remarks whose numbers are kept in memory."""
FEW, AT_ONCE = 100, 10_000
"""From so many unknown labels on they are numbered together; so many values go into one question."""
INT64 = 2**63
_FIELDS = {each.name: each for each in msgspec.structs.fields(Alarm)}
_DEFAULT = {name: each.default for name, each in _FIELDS.items() if not each.required}
Rest: Any = msgspec.defstruct(
    "Rest",
    [
        (name, each.type) if each.required else (name, each.type, each.default)
        for name, each in _FIELDS.items()
        if name not in (*LABELLED, "id")
    ],
    omit_defaults=True,
)
"""What of an `Alarm` is neither in its label nor in its number."""
UNTOLD = Alarm("", "h", 0, False, 0, 0)
_COLUMNS = ("alarm", *LABELLED)
_SAME_LABEL = "SELECT label FROM alarm_labels WHERE " + " AND ".join(f'"{each}" = ?' for each in _COLUMNS)
_NEW_LABEL = "INSERT INTO alarm_labels ({}, folded) VALUES ({}, ?)".format(
    ", ".join(f'"{each}"' for each in _COLUMNS), ", ".join("?" * len(_COLUMNS))
)
_NEW_LABELS = f"INSERT INTO alarm_labels VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"
_Row = tuple[Any, ...]


class Record(msgspec.Struct, frozen=True):
    """The body of an event of `EVENTS`."""

    change: AlarmChange
    alarm: Alarm | None = None


class Given(Record, frozen=True):
    """One whose structs are here already: it need not be read. ``state`` = its alarm as JSON."""

    state: bytes = b""


class AlarmTables:
    """The writer's side, in its thread and on its connection; every call is part of its transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._labels: dict[_Row, int] = {}
        self._remarks: dict[tuple[str, str], int] = {("", ""): 0}

    def project(self, found: Mapping[int, Record]) -> dict[int, bytes]:
        """Put events, by seq, into the tables; returns what their bodies still are to hold."""
        encode, rows = msgspec.json.Encoder().encode, list[_Row]()
        rest: dict[int, bytes] = {}
        newest: dict[int, tuple[int, Record]] = {}
        keys = [_key(record) for record in found.values()]
        self._know(keys)
        for (seq, record), key in zip(found.items(), keys, strict=True):
            rows.append(self._row(seq, record.change, self._label(key)))
            if record.alarm is not None:
                newest[record.alarm.id] = seq, record
                if _said_twice(record.change) == _said_twice(record.alarm):
                    rest[seq] = encode(convert(record.alarm, Rest, from_attributes=True))
                elif isinstance(record, Given):
                    rest[seq] = encode(Record(record.change, record.alarm))
        marks = ", ".join("?" * 11)
        self._connection.executemany(f"INSERT INTO alarm_changes VALUES ({marks})", rows)
        self._keep_blocks(rows)
        self._keep_states(newest)
        return rest

    def rewind(self, seq: int) -> None:
        """Take away what a commit left that was reported as failed."""
        self._connection.execute("DELETE FROM alarm_changes WHERE seq > ?", (seq,))

    def forgotten(self) -> None:
        """The transaction was rolled back, or rows were taken away: look for every number again."""
        self._labels, self._remarks = {}, {("", ""): 0}

    def _row(self, seq: int, change: AlarmChange, label: int) -> _Row:
        remark = self._remarks.get((change.by, change.text))
        if remark is None:
            remark = self._remark(change.by, change.text)
        return (
            *(seq, change.time_us, label, change.priority, change.what, change.letter),
            *(remark, change.source_us, change.value, change.limit, change.until_us),
        )

    def _know(self, keys: Sequence[_Row]) -> None:
        """Number at once those whose alarm has no label yet: the first flood of a project is all new."""
        fresh = dict.fromkeys(key for key in keys if key not in self._labels)
        if len(fresh) < FEW:
            return
        if len(self._labels) > MOST_KNOWN:
            self._labels.clear()
        known = set[int]()
        alarms = [key[0] for key in fresh]
        for start in range(0, len(alarms), AT_ONCE):
            part = alarms[start : start + AT_ONCE]
            query = f"SELECT alarm FROM alarm_labels WHERE alarm IN ({', '.join('?' * len(part))})"
            known.update(row[0] for row in self._connection.execute(query, part))
        (last,) = self._connection.execute("SELECT coalesce(max(label), 0) FROM alarm_labels").fetchone()
        new = {
            key: label for label, key in enumerate((key for key in fresh if key[0] not in known), last + 1)
        }
        rows = [(label, *key, fold(key[1], key[5])) for key, label in new.items()]
        self._connection.executemany(_NEW_LABELS, rows)
        self._labels.update(new)

    def _label(self, key: _Row) -> int:
        label = self._labels.get(key)
        if label is None:
            label = self._find_label(key)
            if len(self._labels) > MOST_KNOWN:
                self._labels.clear()
            self._labels[key] = label
        return label

    def _find_label(self, key: _Row) -> int:
        row = self._connection.execute(_SAME_LABEL, key).fetchone()
        if row is not None:
            return int(row[0])
        return int(self._connection.execute(_NEW_LABEL, (*key, fold(key[1], key[5]))).lastrowid)

    def _remark(self, by: str, text: str) -> int:
        query = 'SELECT remark FROM alarm_remarks WHERE "by" = ? AND text = ?'
        row = self._connection.execute(query, (by, text)).fetchone()
        if row is None:
            insert = 'INSERT INTO alarm_remarks ("by", text, folded) VALUES (?, ?, ?)'
            row = (self._connection.execute(insert, (by, text, fold(by, text))).lastrowid,)
        if len(self._remarks) > MOST_KNOWN:
            self.forgotten()
        self._remarks[by, text] = int(row[0])
        return int(row[0])

    def _keep_blocks(self, rows: Sequence[_Row]) -> None:
        times: dict[int, list[int]] = {}
        for row in rows:
            times.setdefault(row[0] >> BLOCK, []).append(row[1])
        self._connection.executemany(
            "INSERT INTO alarm_blocks VALUES (?, ?, ?) ON CONFLICT (block) DO UPDATE "
            "SET first_us = min(first_us, excluded.first_us), last_us = max(last_us, excluded.last_us)",
            [(block, min(each), max(each)) for block, each in times.items()],
        )

    def _keep_states(self, newest: Mapping[int, tuple[int, Record]]) -> None:
        kept = list[_Row]()
        gone = list[tuple[int]]()
        for alarm_id, (seq, record) in newest.items():
            alarm = record.alarm
            if alarm is not None and _is_worth_keeping(record.change.what, alarm):
                state = record.state if isinstance(record, Given) else msgspec.json.encode(alarm)
                kept.append((alarm_id, seq, alarm.letter, state))
            else:
                gone.append((alarm_id,))
        self._connection.executemany("INSERT OR REPLACE INTO alarm_states VALUES (?, ?, ?, ?)", kept)
        self._connection.executemany("DELETE FROM alarm_states WHERE alarm = ?", gone)


def _key(record: Record) -> _Row:
    """The label of a record, as `_COLUMNS`."""
    change, alarm = record.change, record.alarm or UNTOLD
    return (
        *(change.alarm, change.path, change.kind, change.name, alarm.source, change.message),
        *(change.alarm_class, alarm.cause, alarm.response, alarm.consequence, alarm.respond_s),
        *(alarm.group, alarm.display),
    )


def fold(*texts: str) -> str:
    """Texts as they are searched: in any case of letters, one after another."""
    return "\n".join(texts).casefold()


def change_of(row: Sequence[Any]) -> AlarmChange:
    """The change in a row of `CHANGE`."""
    seq, alarm, what, letter, priority, time_us, source_us, path, kind, name, message, *more = row[:17]
    value, limit, by, text, until_us, alarm_class = more
    return AlarmChange(
        *(alarm, what, letter, priority, time_us, source_us, path, kind, name, message, value, limit),
        *(by, text, until_us, alarm_class, seq),
    )


def number(seq: int, body: dict[str, Any]) -> None:
    """Tell the change in the body of an event ``alarm`` the seq of its event."""
    if isinstance(body.get("change"), dict):
        body["change"]["seq"] = seq


def changes_among(connection: Any, seqs: Sequence[int]) -> list[Sequence[Any]]:
    """Rows of `CHANGE` from the lowest to the highest of these seqs."""
    if not seqs:
        return []
    return connection.execute(f"{CHANGE} WHERE seq BETWEEN ? AND ?", (min(seqs), max(seqs))).fetchall()


def whole(rows: Iterable[Sequence[Any]], bodies: dict[int, dict[str, Any]]) -> None:
    """Make events as they were told from `changes_among` and what is left of their bodies, in place."""
    for seq, body in bodies.items():
        number(seq, body)
    for row in rows:
        rest = bodies.get(row[0])
        if rest is None or "change" in rest:
            continue
        change = msgspec.to_builtins(change_of(row))
        shared = {column: change[column] for column in SAID_TWICE}
        told = dict(zip(("source", *LABELLED[6:]), row[17:], strict=True))
        alarm = {**_DEFAULT, **shared, **told, "id": change["alarm"], **rest}
        bodies[row[0]] = {"change": change, "alarm": alarm}


def given(body: Mapping[str, Any]) -> Given | None:
    """The body of an event `EVENT` that is made of structs, not looked at here; None = it is not made so."""
    change, alarm = body.get("change"), body.get("alarm")
    if type(change) is AlarmChange and type(alarm) is Alarm and len(body) == 2:
        return Given(change, alarm)
    return None


def record_of(seq: int, event: str, body: bytes | Given) -> Record | None:
    """The body of an event of `EVENTS`. One that is not of this version is None, and told in the log."""
    try:
        record = from_json(body, Record) if isinstance(body, bytes) else _checked(body)
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        log.warning("event %d of the journal is no alarm of this version and not listed: %s", seq, error)
        return None
    change, alarm = record.change, record.alarm
    large = max(change.priority, change.time_us, change.source_us, change.until_us)
    small = min(change.priority, change.time_us, change.source_us, change.until_us)
    is_one = alarm is None if event == EDITED else alarm is not None and alarm.id == change.alarm
    if not (is_one and 0 < change.alarm < INT64 and -INT64 <= small <= large < INT64):
        log.warning("event %d of the journal names no alarm and is not listed: %s", seq, change)
        return None
    return record


def _checked(record: Given) -> Record:
    """What has no JSON form is refused here, for it would be refused by the file; NaN has one: null."""
    change, alarm = msgspec.json.encode(record.change), msgspec.json.encode(record.alarm)
    values = (record.change.value, record.change.limit, record.alarm and record.alarm.value)
    if all(each is None or isfinite(each) for each in values):
        return Given(record.change, record.alarm, alarm)
    return from_json(b'{"change":%b,"alarm":%b}' % (change, alarm), Record)


def _is_worth_keeping(what: What, alarm: Alarm) -> bool:
    return what != "removed" and (alarm.letter != "A" or alarm.latched or bool(alarm.note))
