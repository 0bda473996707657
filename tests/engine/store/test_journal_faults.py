"""A disk that refuses for a while, and files that are damaged: the journal goes on and says so."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from engine.store import Journal, StoreError, database, journal_file
from tests.engine.store.told import Told

REFUSALS = {"SQLITE_FULL": 13, "SQLITE_IOERR_WRITE": 10 | 3 << 8, "SQLITE_IOERR_FSYNC": 10 | 4 << 8}
"""https://sqlite.org/rescode.html; the library does not name them all."""
NOW_US = 1_750_000_000_000_000


def opened(folder: Path, told: Told) -> Journal:
    return Journal(folder / "journal.db", told.committed, told.failed, told.healed)


class Disk:
    """Connections that a test can make refuse; every call goes to real SQLite otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refusal = ""
        self.stores_all_the_same = False
        self.opened: list[Any] = []
        self.tried_on: list[int] = []
        self.answers = threading.Event()
        self.answers.set()
        real = journal_file.open_database
        monkeypatch.setattr(journal_file, "open_database", lambda path: Wired(self, real(path)))


class Wired:
    def __init__(self, disk: Disk, connection: Any) -> None:
        self.disk, self.connection = disk, connection
        disk.opened.append(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql != "COMMIT":
            return self.connection.execute(sql, *values)
        self.disk.tried_on.append(len(self.disk.opened))
        self.disk.answers.wait(30)
        if not self.disk.refusal:
            return self.connection.execute(sql)
        if self.disk.stores_all_the_same:
            self.connection.execute(sql)
        error = database.sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = REFUSALS[self.disk.refusal]
        raise error


def test_events_of_a_full_disk_are_stored_in_order_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, told = Disk(monkeypatch), Told()
    journal = opened(tmp_path, told)
    pages = disk.opened[0].connection.execute("PRAGMA page_count").fetchone()[0]
    disk.opened[0].connection.execute(f"PRAGMA max_page_count={pages}")
    for k in range(50):
        journal.append(k, "thing", {"k": k, "long": "x" * 1000})
    told.until(lambda: bool(told.failures))
    assert told.events == []
    assert "journal.db cannot be written: database or disk is full; free some space" in journal.trouble
    journal.append(50, "thing", {"k": 50})
    disk.opened[0].connection.execute("PRAGMA max_page_count=100000")
    told.until(lambda: len(told.events) == 51)
    assert [event.body["k"] for event in told.events] == list(range(51))
    assert told.seqs == list(range(1, 52))
    assert (journal.trouble, journal.lost) == ("", 0)
    assert (len(told.failures), len(told.healings), len(disk.opened)) == (1, 1, 1)
    journal.close()


def test_after_an_io_error_the_file_is_opened_afresh_and_nothing_is_stored_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, told = Disk(monkeypatch), Told()
    journal = opened(tmp_path, told)
    journal.append(1, "before", {})
    told.until(lambda: told.names == ["before"])
    disk.refusal, disk.stores_all_the_same = "SQLITE_IOERR_FSYNC", True
    journal.append(2, "thing", {})
    told.until(lambda: bool(told.failures))
    assert [event.event for event in journal.after(0)] == ["before"]
    journal.append(3, "later", {})
    disk.refusal = ""
    told.until(lambda: len(told.events) == 3)
    assert told.names == ["before", "thing", "later"]
    assert told.seqs == [1, 2, 3]
    assert journal.after(0) == told.events
    assert len(set(disk.tried_on[1:])) == len(disk.tried_on[1:]), "a file was tried again after its I/O error"
    journal.close()


def test_backlog_beyond_its_bound_drops_the_oldest_and_tells_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, told = Disk(monkeypatch), Told()
    journal = opened(tmp_path, told)
    disk.refusal = "SQLITE_FULL"
    journal.append(0, "thing", {"k": 0})
    told.until(lambda: bool(told.failures))
    for k in range(1, 10_007):
        journal.append(k, "thing", {"k": k})
    disk.refusal = ""
    told.until(lambda: len(told.events) == 10_001)
    assert told.events[0].event == "journal_gap"
    assert told.events[0].body == {"lost": 7}
    assert [event.body["k"] for event in told.events[1:]] == list(range(7, 10_007))
    assert told.seqs == list(range(1, 10_002))
    assert journal.lost == 7
    journal.append(1, "more", {})
    told.until(lambda: len(told.events) == 10_002)
    assert told.names[-1] == "more"
    journal.close()


def test_journal_heals_when_another_program_lets_go_of_the_file(tmp_path: Path) -> None:
    told = Told()
    journal = opened(tmp_path, told)
    other = database.open_database(tmp_path / "journal.db")
    other.execute("BEGIN IMMEDIATE")
    journal.append(1, "thing", {})
    told.until(lambda: bool(told.failures))
    assert "close the other program" in told.failures[0]
    other.close()
    told.until(lambda: told.names == ["thing"])
    journal.close()


@pytest.mark.parametrize("how", ["refuses", "does not answer"])
def test_close_ends_soon_and_counts_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    disk, told = Disk(monkeypatch), Told()
    journal = opened(tmp_path, told)
    disk.refusal = "SQLITE_IOERR_WRITE" if how == "refuses" else ""
    if how != "refuses":
        disk.answers.clear()
    for k in range(5):
        journal.append(k, "thing", {})
    began = time.monotonic()
    journal.close()
    assert time.monotonic() - began < 3
    assert journal.lost == 5
    assert "5 events were not written" in told.failures[-1]
    disk.answers.set()
    journal.append(9, "late", {})
    assert journal.lost == 6
    assert told.events == []


def test_listener_that_fails_and_body_without_json_form_do_not_stop_the_journal(tmp_path: Path) -> None:
    told = Told()

    def deaf(events: object) -> None:
        raise RuntimeError("nobody listens")

    journal = Journal(tmp_path / "journal.db", deaf, told.failed)
    journal.append(1, "thing", {"what": object(), "name": "\udcff"})
    told.until(lambda: len(told.failures) == 1)
    journal.append(2, "more", {})
    told.until(lambda: len(told.failures) == 2)
    assert "stored but were not told: nobody listens" in told.failures[1]
    stored = journal.after(0)
    assert [event.event for event in stored] == ["thing", "more"]
    assert "object object" in stored[0].body["text"]
    journal.close()


def filled(folder: Path) -> Path:
    """A closed journal of 2000 events that fills many pages."""
    told = Told()
    journal = opened(folder, told)
    for k in range(2000):
        journal.append(NOW_US, "thing", {"k": k})
    journal.close()
    assert told.seqs[-1] == 2000
    return folder / "journal.db"


DAMAGE = {
    "random bytes": lambda content: b"\x93random" * 3000,
    "cut to nothing": lambda content: b"",
    "cut in the header": lambda content: content[:50],
    "cut to one page": lambda content: content[:4096],
    "cut in the middle": lambda content: content[: len(content) // 2],
    "damaged page": lambda content: content[:20480] + b"\xa5" * 4096 + content[24576:],
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_journal_is_moved_aside_and_a_new_one_begins_above_it(tmp_path: Path, kind: str) -> None:
    file = filled(tmp_path)
    damaged = DAMAGE[kind](file.read_bytes())
    file.write_bytes(damaged)
    file.with_name("journal.db-wal").write_bytes(b"left over")
    opened(tmp_path, Told()).close()  # ends before its first event: the next one still knows
    told = Told()
    journal = opened(tmp_path, told)
    journal.append(NOW_US, "thing", {})
    journal.append(NOW_US + 1, "thing", {})
    journal.close()
    assert told.names == ["journal_damaged", "thing", "thing"]
    assert told.seqs == [NOW_US // 1000 + k for k in range(3)]
    moved = tmp_path / told.events[0].body["moved_to"]
    assert moved.name.startswith("journal.db.damaged-")
    assert moved.read_bytes() == damaged
    again = Told()
    journal = opened(tmp_path, again)
    journal.append(1, "thing", {})
    journal.close()
    assert (again.names, again.seqs) == (["thing"], [NOW_US // 1000 + 3])
    assert len(list(tmp_path.glob("journal.db.damaged-*[0-9]"))) == 1


def test_damage_met_while_running_is_told_to_readers_and_ends_in_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled(tmp_path)
    disk, told = Disk(monkeypatch), Told()
    journal = opened(tmp_path, told)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    disk.opened[0].connection.execute("PRAGMA shrink_memory")  # or the pages come from memory
    with pytest.raises(StoreError, match=r"journal\.db cannot be used .*malformed"):
        journal.after(0)
    journal.append(NOW_US, "thing", {})
    told.until(lambda: bool(told.healings and told.events))
    assert told.names == ["journal_damaged", "thing"]
    assert told.seqs == [NOW_US // 1000, NOW_US // 1000 + 1]
    assert journal.after(2000) == told.events
    journal.close()
    with pytest.raises(StoreError, match=r"journal\.db cannot be used"):
        journal.after(0)


def test_body_that_is_no_json_is_told_in_words(tmp_path: Path) -> None:
    file = filled(tmp_path)
    other = database.open_database(file)
    other.execute("UPDATE events SET body = x'ff00' WHERE seq = 7")
    other.close()
    journal = opened(tmp_path, Told())
    with pytest.raises(StoreError, match=r"journal\.db is damaged"):
        journal.after(0)
    assert len(journal.after(7)) == 1993
    journal.close()


@pytest.mark.parametrize(("seq", "count"), [(2**63, 0), (2**200, 0), (-(2**200), 2000), (1999, 1)])
def test_any_seq_may_be_asked_for(tmp_path: Path, seq: int, count: int) -> None:
    filled(tmp_path)
    journal = opened(tmp_path, Told())
    assert len(journal.after(seq, 2**80)) == count
    journal.close()


def test_journal_that_cannot_be_opened_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    with pytest.raises(StoreError, match=r"journal\.db cannot be used .*; check that the folder exists"):
        opened(tmp_path, Told())
    assert [each.name for each in tmp_path.iterdir()] == ["journal.db"]


LIMITED = """
import resource, sys, threading
from pathlib import Path
from engine.store import Journal
broke, healed = threading.Event(), threading.Event()
seqs = []
journal = Journal(
    Path(sys.argv[1]),
    lambda events: seqs.extend(event.seq for event in events),
    lambda text: (print(text), broke.set()),
    lambda text: healed.set(),
)
resource.setrlimit(resource.RLIMIT_FSIZE, (32768, resource.RLIM_INFINITY))
for k in range(200):
    journal.append(k, "thing", {"k": k, "long": "x" * 1000})
assert broke.wait(10)
assert seqs == []
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert healed.wait(10)
journal.close()
assert seqs == list(range(1, 201)), seqs
"""


@pytest.mark.fault
@pytest.mark.skipif(sys.platform == "win32", reason="the system limits no file sizes")
def test_journal_heals_after_the_system_refused_its_writes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "journal.db")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "disk I/O error" in done.stdout
    assert done.stdout.count("cannot be written") == 1


READERS = """
import sys, tempfile, threading
from pathlib import Path
from engine.store import Journal, StoreError

sys.setswitchinterval(1e-5)
for turn in range(8):
    journal = Journal(Path(sys.argv[1]) / f"{turn}.db", lambda events: None, print)
    for number in range(2000):
        journal.append(number, "x", {"n": number, "text": "y" * 100})
    while journal.last() < 2000:
        pass
    ended = []

    def read():
        try:
            while True:
                assert len(journal.after(0)) == 2000
        except StoreError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for each in threads:
        each.start()
    journal.close()
    for each in threads:
        each.join()
    assert len(ended) == 3 and all("closed" in each for each in ended), ended
"""


@pytest.mark.system
def test_journal_that_closes_while_others_read_it_tells_them_and_ends_no_process(tmp_path: Path) -> None:
    words = [sys.executable, "-c", READERS, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
