"""Looking for rot at night: one file at a time, set aside and salvaged, and never without a word."""

from pathlib import Path

import pytest

from engine.historian import check
from engine.historian.check import RECORD, due, read_checks, salvage_all, set_aside, waiting
from engine.historian.stored import DAY_US
from engine.store.damage import Stopped
from engine.store.database import open_database
from engine.types import Gap
from tests.engine.store.segments import DAY, NAME, content, make, spoil

NOW = DAY + 3 * DAY_US + 5 * 3_600_000_000
NAMES = [f"samples-2024-10-{4 + k:02}.db" for k in range(4)]


def on(_: float) -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k, name in enumerate(NAMES):
        make(tmp_path / name, tags=2, seals=2, n=50, start_us=DAY + k * DAY_US)
    return tmp_path


def test_every_file_has_its_night_and_today_waits_for_tomorrow(folder: Path) -> None:
    looked_at = list[str]()
    for night in range(5):
        now_us = NOW + night * DAY_US // 100 * 99
        (path,) = due(folder, now_us)
        assert check.check(path, now_us, on) == ""
        looked_at.append(path.name)
        assert due(folder, now_us + 3_600_000_000) == [], "one a night"
    assert looked_at == [NAMES[2], NAMES[3], NAMES[1], NAMES[0], NAMES[2]]


def test_clock_that_was_set_back_does_not_end_the_checks(folder: Path) -> None:
    check.check(folder / NAMES[0], NOW + 100 * DAY_US, on)
    assert due(folder, NOW)


def test_after_a_crash_the_two_newest_are_looked_at_at_once(folder: Path) -> None:
    check.check(folder / NAMES[0], NOW, on)
    assert [path.name for path in due(folder, NOW, after_crash=True)] == [NAMES[3], NAMES[2]]


def test_check_can_be_stopped_and_is_then_not_noted(folder: Path) -> None:
    with pytest.raises(Stopped):
        check.check(folder / NAMES[0], NOW, lambda share: False)
    assert read_checks(folder).sound == {}


def test_rotten_file_is_set_aside_salvaged_and_every_loss_becomes_a_gap(folder: Path) -> None:
    path = folder / NAMES[1]
    before = content(path)
    connection = open_database(path)
    connection.execute("UPDATE chunks SET crc = crc + 1 WHERE tag = 1 AND first_us > ?", (DAY + DAY_US,))
    connection.close()
    assert "changed on the disk" in check.check(path, NOW, on)
    assert read_checks(folder).sound == {}
    name = set_aside(path)
    assert waiting(folder) == [name] == list(check.damaged(folder))
    assert not path.exists()
    (rescue,) = salvage_all(folder, NOW, on)
    first = DAY + DAY_US + 50 * 1_000_000
    assert rescue.gaps == (
        Gap(first, first + 49_000_001, "damaged", tag_id=1, samples=50, text=f"the disk spoilt {NAMES[1]}"),
    )
    came = sum(1 + row[4] for row in (*before[0], *before[1][:50]))
    assert rescue.samples == came, "those left out by the deadband too"
    assert f"{NAMES[1]} was damaged and is kept as {name}; {came} samples in 3 pieces" in rescue.text
    assert "samples of one tag are missing between 2024-10-05T00:00:50" in rescue.text
    assert content(path) == {0: before[0], 1: before[1][:50]}
    assert (folder / name).exists()
    assert check.check(path, NOW, on) == ""
    assert list(salvage_all(folder, NOW, on)) == [], "once is enough"


def test_file_without_any_loss_is_said_to_be_whole(folder: Path) -> None:
    before = content(folder / NAMES[0])
    spoil(folder / NAMES[0], 0, 4096)
    assert check.check(folder / NAMES[0], NOW, on)
    set_aside(folder / NAMES[0])
    (rescue,) = salvage_all(folder, NOW, on)
    assert rescue.gaps == ()
    assert rescue.text.endswith("none is missing")
    assert content(folder / NAMES[0]) == before


def test_crash_in_the_middle_leaves_the_salvage_to_the_next_start(folder: Path) -> None:
    before = content(folder / NAME)
    name = set_aside(folder / NAME)
    with pytest.raises(Stopped):
        list(salvage_all(folder, NOW, lambda share: False))
    assert waiting(folder) == [name]
    rescues = salvage_all(folder, NOW, on)
    next(rescues)
    rescues.close()  # the gap was not stored yet
    assert waiting(folder) == [name]
    (rescue,) = salvage_all(folder, NOW, on)
    assert rescue.gaps == ()
    assert content(folder / NAME) == before
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set()


def test_lost_record_of_checks_costs_only_another_look(folder: Path) -> None:
    check.check(folder / NAMES[0], NOW, on)
    (folder / RECORD).write_text("{half")
    assert read_checks(folder).sound == {}
    assert due(folder, NOW)


def test_rollups_are_checked_as_pages(folder: Path) -> None:
    path = folder / "rollups-2024-09.db"
    connection = open_database(path)
    connection.execute("CREATE TABLE blocks (k INTEGER PRIMARY KEY, b BLOB)")
    connection.executemany("INSERT INTO blocks VALUES (?, zeroblob(2000))", [(k,) for k in range(100)])
    connection.close()
    assert check.check(path, NOW, on) == ""
    assert read_checks(folder).sound == {path.name: NOW}
    spoil(path, 3 * 4096, 4096)
    assert "cannot be used" in check.check(path, NOW, on)
    assert read_checks(folder).sound == {}
    name = set_aside(path)
    assert waiting(folder) == []
    assert check.damaged(folder) == (name,)


def test_resting_watch_waits_in_proportion_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waited = 100.0, list[float]()
    monkeypatch.setattr("engine.historian.check.time.monotonic", lambda: now)

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) > 2

    watch = check.resting(wait, share=0.75)
    now += 0.1
    assert watch(0.1)
    now += 10
    assert watch(0.2)
    assert not watch(0.3)
    assert waited == [pytest.approx(0.3), 1.0, 0.0]
