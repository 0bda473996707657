"""Tag numbers and events: given once, on disk before they are told."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.store import Catalogue, Journal, StoreError, database
from engine.store.catalogue import AlarmKey
from engine.types import Tag
from tests.engine.store.told import Told


def tag(path: str) -> Tag:
    return Tag(-1, path, "plc", "holding:1")


def numbers(folder: Path, *paths: str) -> list[int]:
    catalogue = Catalogue(folder / "catalogue.db")
    try:
        return [each.tag_id for each in catalogue.number([tag(path) for path in paths], 1)]
    finally:
        catalogue.close()


def test_tag_keeps_its_number_and_no_number_is_given_twice(tmp_path: Path) -> None:
    assert numbers(tmp_path, "A/x", "A/y") == [0, 1]
    assert numbers(tmp_path, "A/y", "A/z") == [1, 2]
    assert numbers(tmp_path, "A/z", "A/x", "A/w") == [2, 0, 3]


def test_thousands_of_tags_are_numbered_in_one_go(tmp_path: Path) -> None:
    assert numbers(tmp_path, *(f"Line/Tag {k}" for k in range(4000))) == list(range(4000))


def test_alarm_keeps_its_number_and_no_number_is_given_twice(tmp_path: Path) -> None:
    high: AlarmKey = ("Line/S1/Pressure", "h", "", "")
    second: AlarmKey = ("Line/S1/Pressure", "h", "second", "")
    low: AlarmKey = ("Line/S1/Pressure", "l", "", "")
    server: AlarmKey = ("Line/S1/Pressure", "h", "", "opc")
    catalogue = Catalogue(tmp_path / "catalogue.db")
    assert catalogue.number_alarms([high, second, high], 1) == [1, 2, 1]
    assert catalogue.number([tag("Line/S1/Pressure")], 1)[0].tag_id == 0
    catalogue.close()
    catalogue = Catalogue(tmp_path / "catalogue.db")
    assert catalogue.number_alarms([low, server, second], 1) == [3, 4, 2]
    assert catalogue.number_alarms([], 1) == []
    catalogue.close()


def test_catalogue_of_an_older_version_numbers_alarms(tmp_path: Path) -> None:
    numbers(tmp_path, "A/x")
    old = database.open_database(tmp_path / "catalogue.db")
    old.execute("DROP TABLE alarms")
    old.close()
    catalogue = Catalogue(tmp_path / "catalogue.db")
    assert catalogue.number_alarms([("A/x", "h", "", "")], 1) == [1]
    catalogue.close()
    assert numbers(tmp_path, "A/x") == [0]


def test_alarm_gets_no_number_that_the_disk_did_not_take(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.db")
    other = database.open_database(tmp_path / "catalogue.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="close the other program"):
        catalogue.number_alarms([("A/x", "h", "", "")], 1)
    other.execute("ROLLBACK")
    other.close()
    assert catalogue.number_alarms([("A/y", "h", "", ""), ("A/x", "h", "", "")], 1) == [1, 2]
    catalogue.close()


def test_damaged_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(StoreError, match=r"catalogue\.db cannot be used"):
        Catalogue(tmp_path / "catalogue.db")


def test_catalogue_with_a_damaged_page_is_refused(tmp_path: Path) -> None:
    numbers(tmp_path, *(f"Line/Tag {k}" for k in range(2000)))
    file = tmp_path / "catalogue.db"
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xa5" * 4096 + content[12288:])
    with pytest.raises(StoreError, match=r"catalogue\.db cannot be used .*; restore it from a backup"):
        Catalogue(file)
    assert file.exists()


def test_catalogue_in_a_missing_folder_says_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"catalogue\.db cannot be used .*; check that the folder exists"):
        Catalogue(tmp_path / "nowhere" / "catalogue.db")


def test_catalogue_another_program_holds_is_a_refusal_in_words(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.db")
    other = database.open_database(tmp_path / "catalogue.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"catalogue\.db cannot be used .*; close the other program"):
        catalogue.number([tag("A/x")], 1)
    other.close()
    catalogue.close()


def test_database_is_durable_and_of_a_safe_version(tmp_path: Path) -> None:
    connection = database.open_database(tmp_path / "x.db")
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    connection.close()
    assert database.sqlite3.sqlite_version_info >= database.SAFE_VERSION


def test_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SAFE_VERSION", (99, 0, 0))
    with pytest.raises(StoreError, match="can damage files"):
        database.open_database(tmp_path / "x.db")


def test_network_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "disk_kind", lambda path: "nfs4")
    with pytest.raises(StoreError, match="network disk"):
        database.open_database(tmp_path / "x.db")


def test_events_are_told_in_order_once_they_are_on_disk(tmp_path: Path) -> None:
    told = Told()
    journal = Journal(tmp_path / "journal.db", told.committed, told.failed)
    for k in range(100):
        journal.append(k, "thing", {"k": k})
    journal.close()
    assert [event.seq for event in told.events] == list(range(1, 101))
    assert [event.body["k"] for event in told.events] == list(range(100))
    again = Journal(tmp_path / "journal.db", told.committed, told.failed)
    assert again.last() == 100
    assert again.after(97) == told.events[97:]
    again.append(1, "more", {})
    again.close()
    assert told.events[-1].seq == 101


WRITER = """
import sys, threading
from pathlib import Path
from engine.store import Journal
told = lambda events: print(events[-1].seq, flush=True)
journal = Journal(Path(sys.argv[1]), told, print)
tick = threading.Event()
while True:
    journal.append(0, "thing", {})
    tick.wait(0.0001)
"""


@pytest.mark.fault
def test_no_told_event_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "journal.db")], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(3)]
        writer.kill()
        told += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait()
        writer.stdout.close()
        journal = Journal(tmp_path / "journal.db", lambda events: None, lambda text: None)
        seqs = [event.seq for event in journal.after(0, 1_000_000)]
        journal.close()
        assert seqs == list(range(1, len(seqs) + 1))
        assert seqs[-1] >= max(told)
