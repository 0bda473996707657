"""A million changes of alarms: how fast they are stored, how large they are, how soon a filter answers.

Named alternatives, same run, same library: for storing, the plain event journal (the body as JSON and no
tables); for finding a text, LIKE over a table with all texts in every row, and an FTS5 trigram index on it.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from engine.store import alarm_query
from engine.store.alarm_journal import AlarmJournal
from engine.store.alarm_keeping import Keeping
from engine.store.alarm_tables import AlarmTables, record_of
from engine.store.database import open_read_only
from engine.store.journal_file import open_journal
from engine.typed import convert
from engine.types import Alarm, AlarmChange
from engine.wire import AlarmJournalBody

ROWS, GROUP, ALARMS = 1_000_000, 10_000, 2000
START_US, STEP_US, DAY_US = 1_750_000_000_000_000, 63_000_000, 86_400_000_000
REPEATS = 20


def run(seconds: float) -> None:
    """Everything, one after another; under 20 s a tenth of the rows."""
    rows = ROWS if seconds >= 20 else ROWS // 10
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _stored(place / "journal.db", rows)
        _filters(AlarmJournal(place / "journal.db"), rows)
        _instants(AlarmJournal(place / "journal.db"), rows)
        _plans(place / "journal.db")
        _texts(place / "journal.db", place / "wide.db")
        _kept(place / "journal.db", rows)


def _bodies(start: int, count: int) -> list[bytes]:
    """Bodies of events as they wait for the writer: 60 % over all alarms, the rest of 20 bad actors."""
    dice, found = random.Random(start), list[bytes]()
    for k in range(start, start + count):
        time_us = START_US + k * STEP_US
        i = dice.randrange(1, ALARMS) if dice.random() < 0.6 else dice.randrange(1, 20)
        what, letter = (("active", "B"), ("acknowledged", "C"), ("returned", "A"))[k % 3]
        path, message = (
            f"Line {i % 4}/S{i % 50}/Equipment {i % 97}/Tag {i}",
            f"Pressure of the press {i} is high",
        )
        priority = dice.choices((1, 2, 3, 4), (1, 5, 15, 80))[0]
        by = f"operator {i % 7}" if what == "acknowledged" else ""
        times = {"time_us": time_us, "source_us": time_us - 1000}
        shared = {"path": path, "kind": "h", "message": message, "priority": priority, "letter": letter}
        change = {
            "alarm": i,
            "what": what,
            "value": 187.3 + k % 10,
            "limit": 180.0,
            "by": by,
            **shared,
            **times,
        }
        alarm = {
            "id": i, "active": what != "returned", "since_us": time_us, "changed_us": time_us, **shared,
            "value": 187.3 + k % 10, "limit": 180.0, "acked": what == "acknowledged", "acked_by": by,
            "cause": "The relief valve is stuck", "response": "Reduce the load and call maintenance",
            "consequence": "The pump trips within minutes", "respond_s": 300.0, "display": "S50",
        }  # fmt: skip
        body = convert(change, AlarmChange), convert(alarm, Alarm)
        found.append(msgspec.json.encode(dict(zip(("change", "alarm"), body, strict=True))))
    return found


def _stored(path: Path, rows: int) -> None:
    took = {"events alone": 0.0, "events and tables": 0.0}
    plain, _, _ = open_journal(path.with_name("plain.db"))
    connection, _, _ = open_journal(path)
    tables = AlarmTables(connection)
    alone = size = 0
    for start in range(0, rows, GROUP):
        bodies = _bodies(start, GROUP)
        alone += sum(map(len, bodies))
        if start < 10 * GROUP:
            took["events alone"] += _timed(lambda b=bodies, s=start: _commit(plain, s, b, None))
        took["events and tables"] += _timed(lambda b=bodies, s=start: _commit(connection, s, b, tables))
    plain.close()
    connection.close()
    size = path.stat().st_size
    print(f"stored, events alone       {min(rows, 10 * GROUP) / took['events alone']:12,.0f} changes/s")
    print(f"stored, events and tables  {rows / took['events and tables']:12,.0f} changes/s")
    print(f"JSON of the events {alone / rows:.0f} B a change; the file with all tables {size / rows:.0f} B")
    path.with_name("plain.db").unlink()


def _commit(connection: Any, start: int, bodies: Sequence[bytes], tables: AlarmTables | None) -> None:
    """What the journal's writer does with a group."""
    events = [(start + k + 1, body) for k, body in enumerate(bodies)]
    rest: dict[int, bytes] = {}
    connection.execute("BEGIN IMMEDIATE")
    if tables is not None:
        found = {seq: record_of(seq, "alarm", body) for seq, body in events}
        rest = tables.project({seq: record for seq, record in found.items() if record is not None})
    rows = [(seq, START_US, "alarm", rest.get(seq, body)) for seq, body in events]
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def _wanted(rows: int) -> Iterator[tuple[str, AlarmJournalBody]]:
    """What people ask for; the last ones are those that are hard to find."""
    all_us, day = (0, 2**62), START_US + rows * STEP_US // 2
    yield "the newest", AlarmJournalBody(*all_us)
    yield "a day long ago", AlarmJournalBody(day, day + DAY_US)
    yield "the last page", AlarmJournalBody(*all_us, before=5000)
    yield "priority 1", AlarmJournalBody(*all_us, priorities=(1,))
    yield "priorities 1, 2 of 30 days", AlarmJournalBody(day, day + 30 * DAY_US, priorities=(1, 2))
    yield "an area", AlarmJournalBody(*all_us, under="Line 1")
    yield "a unit", AlarmJournalBody(*all_us, under="Line 1/S33")
    yield "an alarm", AlarmJournalBody(*all_us, alarms=(1733,))
    yield "a bad actor", AlarmJournalBody(*all_us, alarms=(7,))
    yield "acknowledged", AlarmJournalBody(*all_us, whats=("acknowledged",))
    yield "shelved (none)", AlarmJournalBody(*all_us, whats=("shelved",))
    yield "text of all", AlarmJournalBody(*all_us, text="pressure")
    yield "text of one", AlarmJournalBody(*all_us, text="PRESS 1733 ")
    yield "text of a person", AlarmJournalBody(*all_us, text="operator 3")
    yield "text of none", AlarmJournalBody(*all_us, text="compressor")
    yield (
        "area, priority 1, person",
        AlarmJournalBody(*all_us, under="Line 1", priorities=(1,), text="operator 3"),
    )
    yield (
        "half the time, unit, priority 1, acknowledged, text",
        AlarmJournalBody(START_US, day, 0, 500, "Line 1/S33", (1,), (), ("acknowledged",), (), "press"),
    )
    yield (
        "area, priority 3, text of some",
        AlarmJournalBody(*all_us, under="Line 2", priorities=(3,), text="tag 17"),
    )


def _filters(journal: AlarmJournal, rows: int) -> None:
    every = list[float]()
    for name, wanted in _wanted(rows):
        took = [_timed(lambda w=wanted: journal.page(w)) * 1e3 for _ in range(REPEATS)]
        found, count = journal.page(wanted)
        every += took
        of = "many" if count is None else count
        print(f"{name:52} p50 {median(took):6.1f}  max {max(took):6.1f} ms  {len(found):4} of {of}")
    every.sort()
    p99 = every[int(0.99 * len(every))]
    print(f"{'all filters':52} p50 {median(every):6.1f}  p99 {p99:6.1f}  max {every[-1]:6.1f} ms")
    end_us = START_US + rows * STEP_US
    took = _timed(lambda: journal.arrays(end_us - 30 * DAY_US, end_us))
    print(
        f"arrays for the figures of 30 days {took * 1e3:.0f} ms; states {_timed(journal.states) * 1e3:.0f} ms"
    )


def _instants(journal: AlarmJournal, rows: int) -> None:
    """The alarms as they stood at instants all over the span, as somebody asks who drags the line of time."""
    dice = random.Random(5)
    instants = [START_US + dice.randrange(rows) * STEP_US for _ in range(5 * REPEATS)]
    took = sorted(_timed(lambda at=at: journal.at(at)) * 1e3 for at in instants)
    many = max(len(journal.at(at).alarms) for at in instants[:REPEATS])
    print(
        f"{'the alarms at an instant':52} p50 {median(took):6.1f}  max {took[-1]:6.1f} ms  up to {many} stood"
    )


def _plans(path: Path) -> None:
    """How SQLite goes about the hardest of them."""
    connection = open_read_only(path)

    class Told:
        def execute(self, query: str, values: Sequence[Any]) -> Any:
            if "ORDER BY seq DESC" in query:
                for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values):
                    print(f"    {row[3]}")
            return connection.execute(query, values)

    for name, wanted in list(_wanted(ROWS))[-3:]:
        print(name)
        alarm_query.seqs(Told(), wanted, 0, 500)
    connection.close()


def _texts(path: Path, beside: Path) -> None:
    connection, _, _ = open_journal(beside)
    connection.execute("ATTACH ? AS narrow", (str(path),))
    wide = (
        'CREATE TABLE wide AS SELECT seq, path, message, "by", text FROM narrow.alarm_changes '
        "JOIN narrow.alarm_labels USING (label) LEFT JOIN narrow.alarm_remarks USING (remark)"
    )
    fts = (
        "CREATE VIRTUAL TABLE fts USING fts5(path, message, \"by\", text, content='wide', tokenize='trigram')"
    )
    connection.execute(wide)
    size = beside.stat().st_size + beside.with_name(f"{beside.name}-wal").stat().st_size
    connection.execute(fts)
    built = _timed(lambda: connection.execute("INSERT INTO fts(fts) VALUES ('rebuild')"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"FTS5 trigram: built in {built:.1f} s, file {(beside.stat().st_size - size) / 1e6:.0f} MB more")
    like = (
        'SELECT seq FROM wide WHERE path LIKE ? OR message LIKE ? OR "by" LIKE ? OR text LIKE ? LIMIT 10001'
    )
    match = "SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY rowid DESC LIMIT 10001"
    journal = AlarmJournal(path)
    for text in ("press 1733 ", "operator 3", "tag 17", "compressor"):
        wanted = AlarmJournalBody(0, 2**62, text=text)
        ways: dict[str, Callable[[], Any]] = {
            "labels and remarks": lambda w=wanted: journal.page(w),
            "LIKE on all rows": lambda t=text: connection.execute(like, [f"%{t}%"] * 4).fetchall(),
            "FTS5 trigram": lambda t=text: connection.execute(match, (f'"{t}"',)).fetchall(),
        }
        took = {name: median(_timed(way) for _ in range(3)) * 1e3 for name, way in ways.items()}
        print(f"{text!r:14} " + "  ".join(f"{name} {ms:.1f} ms" for name, ms in took.items()))
    connection.close()


def _kept(path: Path, rows: int) -> None:
    """How long a piece of taking away holds the file."""
    connection, _, _ = open_journal(path)
    keeping, took = Keeping(), list[float]()
    keeping.begin(START_US + rows // 20 * STEP_US)
    while keeping.is_busy:
        took.append(_timed(lambda: keeping.take_away(connection)) * 1e3)
    took.sort()
    p99 = took[int(0.99 * len(took))]
    print(
        f"{rows // 20:,} changes taken away in {len(took)} pieces: "
        f"p50 {median(took):.1f}  p99 {p99:.1f}  max {took[-1]:.1f} ms"
    )
    connection.close()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
