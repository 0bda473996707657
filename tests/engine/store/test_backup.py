"""Backups made under load, and brought back: all of it or nothing, and never anything else."""

import os
import stat
import threading
from pathlib import Path

import filelock
import pytest

from engine.store import Catalogue, Journal
from engine.store.backup import back_up, manifests, pooled, shelf_of
from engine.store.database import open_database
from engine.store.manifest import BackupRefused, Cancelled
from engine.store.restore import read_backup, restore
from engine.types import Tag
from tests.engine.store.segments import DAY_US, NAME, content, make, spoil
from tests.engine.store.told import Told

NOW = 1_700_000_000_000_000
FILES = {
    "plant.toml": '[plant]\nname = "Mill"\n',
    "tags.csv": "path,source,address\n",
    "types/pump.toml": "# none\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    (folder / "data" / "history").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    for name in ("engine.json", "engine.lock", "log/engine.log", "pki/own/key.pem", "history/reserve"):
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    make(folder / "data" / "history" / NAME)
    make(folder / "data" / "history" / "samples-2024-10-05.db", seed=2)
    catalogue = Catalogue(folder / "data" / "catalogue.db")
    catalogue.number([Tag(-1, "A/x", "plc", "holding:1")], 1)
    catalogue.close()
    told = Told()
    journal = Journal(folder / "data" / "journal.db", told.committed, told.failed)
    for k in range(50):
        journal.append(k, "event", {"k": k})
    journal.close()
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


KEPT = {
    *FILES,
    *("data/catalogue.db", "data/journal.db", f"data/history/{NAME}", "data/history/samples-2024-10-05.db"),
}


@pytest.fixture(params=["archive", "folder"])
def target(request: pytest.FixtureRequest, tmp_path: Path, shelf: Path) -> Path:
    return tmp_path / "mill.zip" if request.param == "archive" else shelf


def test_restored_project_is_the_one_that_was_saved(project: Path, target: Path, tmp_path: Path) -> None:
    made = back_up(project, target, NOW)
    assert read_backup(target) == made
    assert restore(target, tmp_path / "new") == made
    assert names(tmp_path / "new") == KEPT
    for name in FILES:
        assert (tmp_path / "new" / name).read_text() == FILES[name]
    for name in (NAME, "samples-2024-10-05.db"):
        assert content(tmp_path / "new" / "data" / "history" / name) == content(
            project / "data" / "history" / name
        )
    told = Told()
    journal = Journal(tmp_path / "new" / "data" / "journal.db", told.committed, told.failed)
    assert [event.body["k"] for event in journal.after(0)] == list(range(50))
    journal.close()
    assert (made.made_us, made.name, made.keys, made.left_out) == (NOW, "mill", False, ())


def test_restored_data_is_closed_to_other_users(project: Path, target: Path, tmp_path: Path) -> None:
    back_up(project, target, NOW)
    restore(target, tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "data" / "journal.db").stat().st_mode) == 0o600


def test_keys_are_saved_only_when_asked_for(project: Path, target: Path, tmp_path: Path) -> None:
    assert back_up(project, target, NOW, keys=True).keys
    restore(target, tmp_path / "new")
    assert names(tmp_path / "new") == KEPT | {"data/pki/own/key.pem"}
    if target.is_file():
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_commits_go_on_during_a_backup_and_it_holds_what_was_there_when_it_began(
    project: Path, target: Path, tmp_path: Path
) -> None:
    database = open_database(project / "data" / "busy.db")
    database.execute("CREATE TABLE rows (k INTEGER PRIMARY KEY, filling BLOB)")
    database.executemany("INSERT INTO rows VALUES (?, zeroblob(3000))", [(k,) for k in range(3000)])
    committed = 3000

    def write(_: float) -> bool:
        nonlocal committed
        for _ in range(3):
            database.execute("INSERT INTO rows VALUES (?, zeroblob(3000))", (committed,))
            committed += 1
        return True

    back_up(project, target, NOW, watch=write)
    assert committed >= 3030, "too little was written meanwhile"
    database.close()
    restore(target, tmp_path / "new")
    copy = open_database(tmp_path / "new" / "data" / "busy.db")
    rows = [row[0] for row in copy.execute("SELECT k FROM rows ORDER BY k")]
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    assert rows == list(range(len(rows)))
    assert 3000 <= len(rows) <= committed


def test_days_that_are_over_are_copied_once(project: Path, shelf: Path) -> None:
    back_up(project, shelf, NOW)
    files = shelf_of(project, shelf) / "files"
    first = {path.name: path.stat().st_ino for path in files.iterdir()}
    (project / "tags.csv").write_text("path,source,address,unit\n")
    back_up(project, shelf, NOW + DAY_US)
    second = {path.name: path.stat().st_ino for path in files.iterdir()}
    assert first.items() <= second.items()
    assert [name.partition("-")[2] for name in second.keys() - first.keys()] == ["tags.csv"]


def test_day_that_changed_late_is_copied_again(project: Path, shelf: Path, tmp_path: Path) -> None:
    back_up(project, shelf, NOW)
    changed = project / "data" / "history" / NAME
    changed.unlink()
    late = make(changed, seals=6, seed=3)
    back_up(project, shelf, NOW + DAY_US)
    restore(shelf, tmp_path / "new")
    assert content(tmp_path / "new" / "data" / "history" / NAME) == late


def test_what_waits_in_a_wal_is_in_the_backup(project: Path, shelf: Path, tmp_path: Path) -> None:
    database = open_database(project / "data" / "open.db")
    database.execute("CREATE TABLE rows (k INTEGER)")
    for k in range(3):  # the file itself does not change
        database.execute("INSERT INTO rows VALUES (?)", (k,))
        back_up(project, shelf, NOW + k * DAY_US)
    database.close()
    restore(shelf, tmp_path / "new")
    copy = open_database(tmp_path / "new" / "data" / "open.db")
    assert copy.execute("SELECT k FROM rows").fetchall() == [(0,), (1,), (2,)]
    copy.close()


def test_seven_days_are_kept_and_nothing_that_no_backup_needs(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    for night in range(10):
        (project / "tags.csv").write_text(f"path,source,address\n# {night}\n")
        back_up(project, shelf, NOW + night * DAY_US)
        back_up(project, shelf, NOW + night * DAY_US + 60_000_000)
    here = shelf_of(project, shelf)
    assert [file.name[7:17] for file in manifests(here)] == [f"2023-11-{17 + k}" for k in range(7)]
    needed = {pooled(here, entry) for file in manifests(here) for entry in read_backup(file).entries}
    assert set((here / "files").iterdir()) == needed
    restore(manifests(here)[0], tmp_path / "new")
    assert (tmp_path / "new" / "tags.csv").read_text().endswith("# 3\n")


def test_projects_of_the_same_name_do_not_share_their_backups(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "mill"
    other.mkdir(parents=True)
    (other / "plant.toml").write_text("")
    back_up(project, shelf, NOW)
    back_up(other, shelf, NOW)
    with pytest.raises(BackupRefused, match="several projects, name one of them: mill-"):
        restore(shelf, tmp_path / "new")
    assert read_backup(shelf_of(other, shelf)).size == 0


def test_cancelled_backup_leaves_the_earlier_one_and_nothing_half(
    project: Path, target: Path, tmp_path: Path
) -> None:
    back_up(project, target, NOW)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if "mill/" not in str(path)}
    make(project / "data" / "history" / "samples-2024-10-06.db", seed=4)
    for most in (0.0, 0.3, 0.9):
        with pytest.raises(Cancelled, match="the earlier one is as it was"):
            back_up(project, target, NOW + DAY_US, watch=lambda share, most=most: share < most)
    restore(target, tmp_path / "new")
    assert names(tmp_path / "new") == KEPT
    assert target.is_dir() or {path.name for path in tmp_path.iterdir()} == {
        "mill",
        "share",
        "mill.zip",
        "new",
    }
    assert all(path.exists() for path in before)


def test_file_lost_from_a_folder_of_backups_is_put_there_again(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    first = back_up(project, shelf, NOW)
    for entry in first.entries:
        pooled(shelf_of(project, shelf), entry).unlink()
    back_up(project, shelf, NOW + DAY_US)
    restore(shelf, tmp_path / "new")
    assert names(tmp_path / "new") == KEPT


def test_rot_in_a_folder_of_backups_is_mended_within_some_nights(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    first = back_up(project, shelf, NOW)
    entry = next(each for each in first.entries if each.path.endswith(NAME))
    spoil(pooled(shelf_of(project, shelf), entry), 9000)
    with pytest.raises(BackupRefused, match=f"{NAME} in the backup is damaged"):
        restore(shelf, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    for night in range(1, len(first.entries) + 1):
        back_up(project, shelf, NOW + night * DAY_US)
    restore(shelf, tmp_path / "new")
    assert names(tmp_path / "new") == KEPT


def test_damaged_file_does_not_replace_the_good_copy_of_it(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    good = content(project / "data" / "history" / NAME)
    back_up(project, shelf, NOW)
    spoil(project / "data" / "history" / NAME, 8192, 4096)
    made = back_up(project, shelf, NOW + DAY_US)
    assert made.earlier == (f"data/history/{NAME}",)
    restore(shelf, tmp_path / "new")
    assert content(tmp_path / "new" / "data" / "history" / NAME) == good


def test_damaged_file_without_an_earlier_copy_is_left_out_and_named(project: Path, target: Path) -> None:
    spoil(project / "data" / "history" / NAME, 0, 100)
    made = back_up(project, target, NOW)
    assert [each.partition(":")[0] for each in made.left_out] == [f"data/history/{NAME}"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_are_not_followed_and_linked_files_are_saved(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    (tmp_path / "alarms.csv").write_text("path,kind,limit\n")
    (project / "alarms.csv").symlink_to(tmp_path / "alarms.csv")
    (project / "loop").symlink_to(project, target_is_directory=True)
    (project / "gone.toml").symlink_to(tmp_path / "nowhere")
    made = back_up(project, shelf, NOW)
    assert [each.partition(":")[0] for each in made.left_out] == ["'loop'", "'gone.toml'"]
    restore(shelf, tmp_path / "new")
    assert (tmp_path / "new" / "alarms.csv").read_text() == "path,kind,limit\n"
    assert not (tmp_path / "new" / "alarms.csv").is_symlink()


def test_backup_into_the_project_itself_is_refused(project: Path) -> None:
    with pytest.raises(BackupRefused, match="name a place outside"):
        back_up(project, project / "data" / "mill.zip", NOW)


def test_backup_of_no_project_and_to_no_folder_is_refused_in_words(project: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"holds no plant\.toml"):
        back_up(tmp_path, tmp_path / "x.zip", NOW)
    with pytest.raises(BackupRefused, match="there is no folder"):
        back_up(project, tmp_path / "nowhere" / "x.zip", NOW)


def test_only_one_backup_of_a_project_is_made_at_a_time(project: Path, shelf: Path) -> None:
    with filelock.FileLock(project / "data" / "backup.lock"):
        with pytest.raises(BackupRefused, match="being made right now"):
            back_up(project, shelf, NOW)
    back_up(project, shelf, NOW)


@pytest.mark.parametrize("there", ["file", "folder with something in it"])
def test_restore_replaces_nothing(project: Path, shelf: Path, tmp_path: Path, there: str) -> None:
    back_up(project, shelf, NOW)
    folder = tmp_path / "taken"
    (folder if there == "file" else folder / "x").parent.mkdir(exist_ok=True)
    (folder if there == "file" else folder / "x").write_text("mine")
    with pytest.raises(BackupRefused, match="name a folder that is empty|is not empty"):
        restore(shelf, folder)
    assert (folder if there == "file" else folder / "x").read_text() == "mine"


def test_restore_into_an_empty_folder_and_after_an_interrupted_one(
    project: Path, shelf: Path, tmp_path: Path
) -> None:
    back_up(project, shelf, NOW)
    (tmp_path / "new" / ".restoring" / "data").mkdir(parents=True)
    (tmp_path / "new" / ".restoring" / "plant.toml").write_text("half")
    restore(shelf, tmp_path / "new")
    assert names(tmp_path / "new") == KEPT


def test_cancelled_restore_leaves_nothing(project: Path, target: Path, tmp_path: Path) -> None:
    back_up(project, target, NOW)
    with pytest.raises(Cancelled):
        restore(target, tmp_path / "new", lambda share: share < 0.5)
    assert not (tmp_path / "new").exists()


def test_every_byte_of_an_archive_is_checked_before_anything_is_put_in_place(
    project: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mill.zip"
    back_up(project, file, NOW)
    whole = file.read_bytes()
    for at in range(100, len(whole), len(whole) // 25):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            restore(file, tmp_path / "new")
        except BackupRefused:
            assert not (tmp_path / "new").exists()
        else:  # a byte that means nothing, such as a time stamp of the zip format
            assert content(tmp_path / "new" / "data" / "history" / NAME)
            pytest.fail(f"byte {at} was changed and nobody saw it")


def test_cut_archive_is_refused(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "mill.zip"
    back_up(project, file, NOW)
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(BackupRefused, match="not a whole backup"):
        restore(file, tmp_path / "new")


def test_disk_without_room_is_told_before_anything_is_written(
    project: Path, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(project, shelf, NOW)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("engine.store.restore.shutil.disk_usage", lambda path: usage)
    with pytest.raises(BackupRefused, match="GB free and the backup needs"):
        restore(shelf, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_two_threads_cannot_make_the_same_backup_at_once(project: Path, shelf: Path) -> None:
    inside, go_on, refused = threading.Event(), threading.Event(), list[str]()

    def slow(_: float) -> bool:
        inside.set()
        return go_on.wait(10)

    first = threading.Thread(target=back_up, args=(project, shelf, NOW), kwargs={"watch": slow})
    first.start()
    assert inside.wait(10)
    try:
        back_up(project, shelf, NOW)
    except BackupRefused as error:
        refused.append(str(error))
    go_on.set()
    first.join(10)
    assert refused and "being made right now" in refused[0]
    assert len(manifests(shelf_of(project, shelf))) == 1
