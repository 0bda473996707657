"""The file of control: what it keeps, and what it does when it is damaged, newer or half gone."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.control.store import ControlStore, KeptStage
from engine.store import StoreError
from engine.store.database import open_database, sqlite3
from engine.types import RecordEntry, SetInfo, StageState, WorkTag, Write

TAG = WorkTag("Line/Press", "ada", "Ada", "12", "W7", "seal", 5, 9)


def write(id: str, step: str = "sent", **more: Any) -> Write:
    return Write(id, "setpoint", "Line/Press/SP", step, 4.5, **more)  # pyright: ignore[reportArgumentType]


def reopened(store: ControlStore, path: Path) -> ControlStore:
    store.close()
    made = ControlStore(path)
    assert made.trouble == ""
    return made


def fill(store: ControlStore) -> None:
    store.set_stage(KeptStage(StageState("advise", 3, ("ada", "ben")), ("line",)))
    store.put_work_tag(TAG)
    store.set_area("Line", "north")
    store.add_set(SetInfo(0, "summer", "Line", "ada", 4, 1), b"values")
    store.save_now(write("w1"))


def test_everything_is_there_after_each_step_and_a_new_start(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    store = ControlStore(path)
    assert (store.trouble, store.stage(), store.work_tags(), store.areas()) == ("", None, [], {})
    kept = KeptStage(StageState("advise", 3, ("ada", "ben")), ("line",))
    store.set_stage(kept)
    store = reopened(store, path)
    assert store.stage() == kept
    store.put_work_tag(TAG)
    store = reopened(store, path)
    assert store.work_tags() == [TAG]
    store.set_area("Line", "north")
    store = reopened(store, path)
    store.set_area("Line", "")
    store = reopened(store, path)
    assert store.areas() == {"Line": ""}
    number = store.add_set(SetInfo(0, "summer", "Line", "ada", 4, 1), b"values")
    store = reopened(store, path)
    assert store.set_body(number) == (SetInfo(number, "summer", "Line", "ada", 4, 1), b"values")
    store.drop_work_tag(TAG)
    store = reopened(store, path)
    assert store.work_tags() == []
    store.close()


async def test_writes_are_kept_until_they_are_closed(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    store = ControlStore(path)
    late, early = (
        write("a", proposed_us=9, seen=math.inf),
        write("b", "unknown", proposed_us=8, is_locked=True),
    )
    for each in (late, early, write("c", proposed_us=7)):
        await store.save(each)
    await store.save(write("c", "closed", proposed_us=7))
    store = reopened(store, path)
    assert store.all() == [early, late]
    await store.save(write("a", "verified", proposed_us=9))
    assert [each.step for each in store.all()] == ["unknown", "verified"]
    store.close()


def test_intent_goes_with_its_change_in_one_commit(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    store = ControlStore(path)
    entry = RecordEntry("work_tag", "ada", {"tag": {"since_us": 5}})
    first, second = store.intend(entry, is_safe=True), store.intend(entry, is_safe=False)
    store = reopened(store, path)
    assert [(each.id, each.is_safe, each.entry) for each in store.unfinished()] == [
        (first, True, entry),
        (second, False, entry),
    ]
    store.put_work_tag(TAG, first)
    store = reopened(store, path)
    assert [each.id for each in store.unfinished()] == [second]
    store.drop_intent(second)
    assert store.unfinished() == []
    store.close()


def test_numbers_of_sets_are_never_given_twice(tmp_path: Path) -> None:
    store = ControlStore(tmp_path / "control.db")
    info = SetInfo(0, "summer", "Line", "ada", 4, 1)
    numbers = [store.add_set(info, b"") for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert [each.id for each in store.sets()] == [3, 2, 1]
    assert store.set_body(4) is None
    store.close()


def test_every_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    store = ControlStore(tmp_path / "control.db")
    with store._change() as connection:  # noqa: SLF001
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_what_a_kill_leaves_on_disk_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    store = ControlStore(path)
    fill(store)
    for name in ("control.db", "control.db-wal"):  # as they lie there, without the close
        shutil.copy(tmp_path / name, tmp_path / f"killed {name}")
    killed = ControlStore(tmp_path / "killed control.db")
    assert (killed.trouble, killed.work_tags(), len(killed.sets())) == ("", [TAG], 1)
    killed.close()
    store.close()


def broken(path: Path, how: str) -> None:
    """A file that was sound, and is not any more."""
    store = ControlStore(path)
    fill(store)
    store.close()
    if how == "cut to nothing":
        path.write_bytes(b"")
    elif how == "another file":
        path.write_bytes(b"[plant]\nname = 'demo'\n" * 500)
    elif how == "half of it":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif how == "gone, its wal is not":
        path.unlink()
        path.with_name(f"{path.name}-wal").write_bytes(b"committed rows")
    else:
        connection = open_database(path)
        connection.execute(how)
        connection.close()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("cut to nothing", "is empty"),
        ("another file", "is damaged"),
        ("half of it", "is damaged"),
        ("gone, its wal is not", "is gone"),
        ("PRAGMA user_version=2", "has format 2; this Watchroom knows 1. Use a newer Watchroom"),
        ("PRAGMA application_id=7", "no file of ours"),
        ("DROP TABLE work_tags", "parts of it are gone"),
        ("UPDATE work_tags SET body = x'c1'", "is no WorkTag"),
        ("UPDATE work_tags SET body = x'9301'", "is no WorkTag"),
        ("UPDATE stage SET body = x'c0'", "is no KeptStage"),
        ("UPDATE writes SET body = x'a161'", "is no Write"),
    ],
)
def test_file_that_is_not_sound_is_told_and_never_begun_anew(tmp_path: Path, how: str, words: str) -> None:
    path = tmp_path / "control.db"
    broken(path, how)
    before = path.read_bytes() if path.exists() else None
    for _ in range(2):
        store = ControlStore(path)
        assert words in store.trouble and str(path) in store.trouble
        assert (store.stage(), store.work_tags(), store.sets(), store.all()) == (None, [], [], [])
        with pytest.raises(StoreError, match="control"):
            store.put_work_tag(TAG)
        with pytest.raises(StoreError):
            store.save_now(write("w2"))
        store.close()
    assert (path.read_bytes() if path.exists() else None) == before


def test_leftover_of_a_first_start_that_was_killed_does_no_harm(tmp_path: Path) -> None:
    for name in ("control.db.new", "control.db.new-wal"):
        (tmp_path / name).write_bytes(b"half")
    store = ControlStore(tmp_path / "control.db")
    assert store.trouble == ""
    store.put_work_tag(TAG)
    store.close()
    assert [each.name for each in tmp_path.iterdir()] == ["control.db"]


def test_file_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    store = ControlStore(tmp_path / "nowhere" / "control.db")
    assert "nowhere" in store.trouble
    store.close()


class Failing:
    """A connection whose next commit fails with a result code of SQLite."""

    def __init__(self, connection: Any, code: int) -> None:
        self.connection, self.code, self.failed = connection, code, False

    def execute(self, query: str, *values: Any) -> Any:
        if query == "COMMIT" and not self.failed:
            self.failed = True
            error = sqlite3.OperationalError("told to fail")
            error.sqlite_errorcode = self.code
            raise error
        return self.connection.execute(query, *values)

    def close(self) -> None:
        self.connection.close()


def test_full_disk_refuses_one_change_and_takes_the_next(tmp_path: Path) -> None:
    store = ControlStore(tmp_path / "control.db")
    store._connection = Failing(store._connection, 13)  # noqa: SLF001
    with pytest.raises(StoreError, match="free some space"):
        store.put_work_tag(TAG)
    assert (store.trouble, store.work_tags()) == ("", [])
    store.put_work_tag(TAG)
    assert store.work_tags() == [TAG]
    store.close()


def test_fault_of_the_disk_ends_the_use_of_the_open_file(tmp_path: Path) -> None:
    path = tmp_path / "control.db"
    store = ControlStore(path)
    store._connection = Failing(store._connection, 10)  # noqa: SLF001
    with pytest.raises(StoreError, match="check the disk"):
        store.put_work_tag(TAG)
    with pytest.raises(StoreError, match="check the disk"):
        store.put_work_tag(TAG)
    assert "check the disk" in store.trouble
    store.close()
    store = ControlStore(path)
    assert (store.trouble, store.work_tags()) == ("", [])
    store.close()
