"""Alarms on disk: in the commit of their events, whole again when read, kept as long as they matter."""

# size: one file on disk, and every way in which it may fail
from __future__ import annotations

import logging
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.store import Journal, database, journal_file
from engine.store.alarm_journal import AlarmJournal
from engine.store.alarm_tables import FEW
from engine.types import Alarm, AlarmChange, Service, Shelf
from engine.wire import AlarmJournalBody
from tests.engine.store.alarm_changes import HOUR_US, START_US, after, body, change
from tests.engine.store.told import Told
from tests.running import until

ALL = AlarmJournalBody(0, 2**62)
TEXTS = some.text(some.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def opened(file: Path, told: Told) -> Iterator[Journal]:
    made = Journal(file, told.committed, told.failed, told.healed)
    yield made
    made.close()


def written(opened: Journal, told: Told, *bodies: dict[str, object]) -> None:
    """Append alarms and wait until they are on disk."""
    count = len(told.events) + len(bodies)
    for each in bodies:
        opened.append(START_US, "alarm", each)
    told.until(lambda: len(told.events) >= count)


def table(file: Path, name: str) -> list[tuple[object, ...]]:
    connection = database.open_read_only(file)
    try:
        return connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
    finally:
        connection.close()


def test_change_is_listed_and_the_alarm_known_once_its_event_is_told(
    opened: Journal, told: Told, file: Path
) -> None:
    noted = change(7, by="Ann", text="drill", name="second", until_us=START_US + 5)
    written(opened, told, body(noted, times=3, note="look at the valve"))
    read = AlarmJournal(file)
    assert read.changes(ALL) == [msgspec.structs.replace(noted, seq=1)]
    (alarm,) = read.states()
    assert (alarm.id, alarm.name, alarm.times, alarm.note) == (7, "second", 3, "look at the valve")
    assert told.events[0].body["change"]["seq"] == 1


def test_state_is_the_newest_and_gone_once_the_alarm_is_plainly_normal(
    opened: Journal, told: Told, file: Path
) -> None:
    written(opened, told, body(change(1)), body(change(2)), body(change(3)), body(change(4)))
    written(
        opened,
        told,
        body(change(1, "acknowledged", "C")),
        body(change(2, "returned", "A")),
        body(change(3, "returned", "A"), note="watch it"),
        body(change(4, "returned", "A"), latched=True),
        body(change(1, "returned", "D")),
    )
    assert {alarm.id: alarm.letter for alarm in AlarmJournal(file).states()} == {1: "D", 3: "A", 4: "A"}
    written(opened, told, body(change(3, "removed", "A"), note="watch it"))
    assert [alarm.id for alarm in AlarmJournal(file).states()] == [1, 4]


NUMBERS = some.integers(0, 2**62)
NOTED = some.builds(
    AlarmChange,
    *(some.integers(1, 2**40), some.sampled_from(["active", "shelved"]), some.sampled_from("ABCDEFG")),
    *(some.integers(0, 4), NUMBERS, NUMBERS, TEXTS, some.sampled_from(["h", "flood"])),
    *(TEXTS, TEXTS, some.none() | some.floats(allow_nan=False, allow_infinity=False), some.none()),
    *(TEXTS, TEXTS, NUMBERS, TEXTS),
)
MORE = some.fixed_dictionaries(
    {},
    optional={
        "message": TEXTS,
        "cause": TEXTS,
        "source": TEXTS,
        "display": TEXTS,
        "note": TEXTS,
        "active": some.booleans(),
        "acked_us": NUMBERS,
        "times": NUMBERS,
        "shelf": some.none() | some.builds(Shelf, NUMBERS, NUMBERS, TEXTS, TEXTS, some.booleans()),
        "service": some.none() | some.builds(Service, NUMBERS, TEXTS, TEXTS),
        "is_recorded": some.booleans(),
        "respond_s": some.floats(0, 1e6),
    },
)


@settings(max_examples=20, deadline=None)
@given(alarms=some.lists(some.tuples(NOTED, MORE), min_size=5, max_size=20))
def test_event_read_again_is_the_event_that_was_told(
    tmp_path_factory: pytest.TempPathFactory, alarms: list[tuple[AlarmChange, dict[str, Any]]]
) -> None:
    file, told = tmp_path_factory.mktemp("journal") / "journal.db", Told()
    opened = Journal(file, told.committed, told.failed)
    opened.append(3, "before", {"alarm": 1})
    for noted, more in alarms:
        opened.append(4, "alarm", body(noted, **more))
    opened.append(5, "alarm", {"change": "of weather"})
    opened.close()
    again = Journal(file, told.committed, told.failed)
    try:
        assert again.after(0) == told.events
    finally:
        again.close()
    made = [(each.body["change"], each.body["alarm"]) for each in told.events[1:-1]]
    for seq, ((noted, more), (change_told, alarm_told)) in enumerate(zip(alarms, made, strict=True), 2):
        assert change_told == msgspec.to_builtins(noted) | {"seq": seq}
        assert alarm_told == body(noted, **more)["alarm"]


def test_structs_of_an_alarm_are_stored_as_their_mappings_are(
    opened: Journal, told: Told, file: Path, tmp_path: Path
) -> None:
    made: list[tuple[AlarmChange, dict[str, Any]]] = [
        (change(1, by="Ann", text="drill"), {}),
        (change(2), {"message": "Other words"}),
    ]
    made += [(change(3, value=math.nan, limit=math.inf), more) for more in ({}, {"message": "Other words"})]
    made += [(change(4, text="\ud800"), {}), (change(5), {"note": "\ud800"}), (change(6, until_us=2**63), {})]
    made += [(change(7 + k), {}) for k in range(FEW)] + [(change(1, message="New words"), {})]
    other, heard = tmp_path / "other.db", Told()
    plain = Journal(other, heard.committed, heard.failed)
    for noted, more in made:
        alarm = after(noted, **more)
        opened.append(START_US, "alarm", {"change": noted, "alarm": alarm})
        plain.append(
            START_US, "alarm", {"change": msgspec.to_builtins(noted), "alarm": msgspec.to_builtins(alarm)}
        )
    told.until(lambda: len(told.events) == len(made))
    plain.close()
    again = Journal(other, heard.committed, heard.failed)
    try:
        assert [each for each in opened.after(0) if "text" not in each.body] == [
            each for each in again.after(0) if "text" not in each.body
        ]
    finally:
        again.close()
    assert AlarmJournal(file).changes(ALL) == AlarmJournal(other).changes(ALL)
    assert AlarmJournal(file).states() == AlarmJournal(other).states()
    labels, others = ({row[1:] for row in table(each, "alarm_labels")} for each in (file, other))
    assert labels == others
    assert [each.body["change"] for each in told.events if "change" in each.body] == [
        each.body["change"] for each in opened.after(0) if "change" in each.body
    ]


def test_body_of_another_version_is_stored_but_not_listed_and_the_log_says_so(
    opened: Journal, told: Told, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    strange = body(change(2))
    strange["change"]["what"] = "evaporated"
    unknown, vast = body(change(0)), body(change(4))
    vast["change"]["until_us"] = vast["alarm"]["acked_us"] = 2**63
    before = {"path": "Line 1/S1/Pressure", "kind": "h", "state": "active"}
    with caplog.at_level(logging.WARNING):
        written(opened, told, body(change(1)), strange, before, unknown, vast, body(change(3)))
    read = AlarmJournal(file)
    assert [each.alarm for each in read.changes(ALL)] == [3, 1]
    assert [alarm.id for alarm in read.states()] == [1, 3]
    assert opened.after(0) == told.events
    told_of = [record.getMessage() for record in caplog.records]
    assert [text.split(" of the journal")[0] for text in told_of] == [f"event {seq}" for seq in (2, 3, 4, 5)]


def test_edit_is_listed_and_leaves_the_alarm_as_it_is(opened: Journal, told: Told, file: Path) -> None:
    written(opened, told, body(change(1)))
    noted = change(1, "edited", "A", by="Ann", text="too many alarms (limit 180 -> 185)")
    opened.append(START_US, "alarm_edited", {"change": noted})
    opened.append(START_US, "alarm", {"change": noted})
    opened.append(START_US, "alarm_edited", body(noted))
    told.until(lambda: len(told.events) == 4)
    read = AlarmJournal(file)
    assert [(each.what, each.by) for each in read.changes(ALL)] == [("edited", "Ann"), ("active", "")]
    assert [(alarm.id, alarm.letter) for alarm in read.states()] == [(1, "B")]
    assert opened.after(0) == told.events


def test_journal_of_an_older_version_is_given_the_tables(file: Path, told: Told) -> None:
    connection = database.open_database(file)
    connection.execute(
        "CREATE TABLE events "
        "(seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, event TEXT NOT NULL, body BLOB NOT NULL)"
    )
    connection.execute("INSERT INTO events VALUES (5, 1, 'alarm', '{\"path\": \"a\"}')")
    connection.close()
    assert AlarmJournal(file).states() == []
    assert AlarmJournal(file).page(ALL) == ([], 0)
    opened = Journal(file, told.committed, told.failed)
    written(opened, told, body(change(1)))
    assert [event.body.get("path") for event in opened.after(0)] == ["a", None]
    opened.close()
    assert [each.seq for each in AlarmJournal(file).changes(ALL)] == [6]


def test_damaged_journal_gives_no_states_and_says_what_that_means(
    file: Path, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(b"\x93random" * 3000)
    with caplog.at_level(logging.ERROR):
        opened = Journal(file, told.committed, told.failed)
    assert "active alarms come anew, unacknowledged" in caplog.text
    assert AlarmJournal(file).states() == []
    written(opened, told, body(change(1)))
    opened.close()
    assert told.names == ["journal_damaged", "alarm"]
    assert [alarm.id for alarm in AlarmJournal(file).states()] == [1]


def test_commit_that_failed_in_its_last_step_lists_no_change_twice(
    file: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(monkeypatch)
    opened = Journal(file, told.committed, told.failed, told.healed)
    written(opened, told, body(change(1)))
    disk.fails = True
    opened.append(START_US, "alarm", body(change(2, message="Never seen before", by="Ann")))
    told.until(lambda: bool(told.failures))
    opened.append(START_US, "alarm", body(change(2, "acknowledged", "C", message="Never seen before")))
    disk.fails = False
    told.until(lambda: len(told.events) == 3)
    read = AlarmJournal(file)
    assert [(each.seq, each.what) for each in read.changes(ALL)] == [
        (3, "acknowledged"),
        (2, "active"),
        (1, "active"),
    ]
    assert [(alarm.id, alarm.letter) for alarm in read.states()] == [(1, "B"), (2, "C")]
    assert opened.after(0) == told.events
    opened.close()


def test_full_disk_keeps_alarms_in_order_for_when_there_is_room(
    file: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(monkeypatch)
    opened = Journal(file, told.committed, told.failed, told.healed)
    pages = disk.connections[0].execute("PRAGMA page_count").fetchone()[0]
    disk.connections[0].connection.execute(f"PRAGMA max_page_count={pages}")
    for k in range(1, 301):
        opened.append(START_US, "alarm", body(change(k, message="x" * 300)))
    told.until(lambda: bool(told.failures))
    assert AlarmJournal(file).states() == []
    disk.connections[0].connection.execute("PRAGMA max_page_count=100000")
    told.until(lambda: len(told.events) == 300)
    assert [each.alarm for each in reversed(AlarmJournal(file).changes(ALL))] == list(range(1, 301))
    assert [alarm.id for alarm in AlarmJournal(file).states()] == list(range(1, 301))
    opened.close()


class _Disk:
    """Connections whose COMMIT does its work and then says that it failed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails = False
        self.connections: list[_Wired] = []
        real = journal_file.open_database
        monkeypatch.setattr(journal_file, "open_database", lambda path: _Wired(self, real(path)))


class _Wired:
    def __init__(self, disk: _Disk, connection: Any) -> None:
        self.disk, self.connection = disk, connection
        disk.connections.append(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: object) -> Any:
        done = self.connection.execute(sql, *values)
        if sql == "COMMIT" and self.disk.fails:
            error = database.sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = 10 | 4 << 8  # SQLITE_IOERR_FSYNC
            raise error
        return done


def test_old_changes_go_but_for_those_that_wait_for_a_person(opened: Journal, told: Told, file: Path) -> None:
    old, young = START_US, START_US + 24 * HOUR_US
    written(
        opened,
        told,
        *(body(change(k, time_us=old, message=f"message {k}", by=f"person {k}")) for k in range(1, 401)),
        *(body(change(k, "returned", "A", old, message=f"message {k}")) for k in range(1, 401) if k % 4),
        body(change(4, "acknowledged", "C", old, message="message 4")),
        body(change(8, "shelved", "E", old, message="message 8")),
        body(change(1, "note", "C", young, message="message 1")),
    )
    opened.append(old, "thing", {})
    opened.forget(START_US + HOUR_US)
    kept = {1} | {k for k in range(1, 401) if k % 4 == 0 and k != 4}
    until(lambda: {each.alarm for each in AlarmJournal(file).changes(_most(2000))} == kept, 60)
    until(lambda: len(table(file, "alarm_remarks")) == len(kept) - 1, 60)
    labels = {row[1] for row in table(file, "alarm_labels")}
    assert labels == kept
    assert [each.time_us for each in AlarmJournal(file).changes(_most(2000, alarms=(1,)))] == [young]
    events = opened.after(0)
    assert "thing" in [each.event for each in events]
    assert {each.body["change"]["alarm"] for each in events if each.event == "alarm"} == kept
    written(opened, told, body(change(3, message="message 3", by="person 3")))
    assert AlarmJournal(file).changes(_most(1))[0].by == "person 3"


def test_taking_away_leaves_commits_their_turn(opened: Journal, told: Told, file: Path) -> None:
    written(opened, told, *(body(change(1 + k % 9, "returned", "A")) for k in range(1000)))
    opened.forget(2**62)
    for k in range(5):
        written(opened, told, body(change(50 + k)))
    until(lambda: {each.alarm for each in AlarmJournal(file).changes(_most(5000))} == set(range(50, 55)), 60)


def test_disk_that_refuses_while_old_changes_go_loses_no_event(
    file: Path, told: Told, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disk = _Disk(monkeypatch)
    opened = Journal(file, told.committed, told.failed, told.healed)
    written(opened, told, *(body(change(k, "returned", "A")) for k in range(1, 100)))
    disk.fails = True
    with caplog.at_level(logging.WARNING):
        opened.forget(2**62)
        until(lambda: "old changes of alarms stay" in caplog.text)
    disk.fails = False
    written(opened, told, body(change(500)))
    assert told.seqs == list(range(1, 101))
    assert told.failures == []
    opened.forget(2**62)
    until(lambda: [each.alarm for each in AlarmJournal(file).changes(_most(200))] == [500])
    opened.close()


WRITER = """
import sys, threading
from pathlib import Path
from engine.store import Journal
from tests.engine.store.alarm_changes import body, change
told = lambda events: print(events[-1].seq, flush=True)
journal = Journal(Path(sys.argv[1]), told, print)
tick = threading.Event()
k = journal.last()
while True:
    k += 1
    letter, what = (("B", "active"), ("C", "acknowledged"))[k % 2]
    journal.append(0, "alarm", body(change(1 + k % 50, what, letter), times=k))
    tick.wait(0.0002)
"""


@pytest.mark.fault
def test_states_and_changes_of_a_killed_engine_are_those_of_its_last_commit(file: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(3)]
        writer.kill()
        told += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait()
        writer.stdout.close()
        read = AlarmJournal(file)
        changes = read.changes(_most(1_000_000))
        assert [each.seq for each in changes] == list(range(changes[0].seq, 0, -1))
        assert changes[0].seq >= max(told)
        newest = {each.alarm: each for each in reversed(changes)}
        assert {a.id: (a.letter, a.times) for a in read.states()} == {
            k: (each.letter, each.seq) for k, each in newest.items()
        }
    assert isinstance(read.states()[0], Alarm)


def _most(most: int, alarms: tuple[int, ...] = ()) -> AlarmJournalBody:
    return AlarmJournalBody(0, 2**62, most=most, alarms=alarms)
