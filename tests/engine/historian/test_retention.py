"""What leaves the history, in which order, and what is said of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.historian import retention
from engine.historian.retention import Disk, Kept, keep, room
from engine.historian.stored import DAY_US, oldest_us, segment_day, stored
from engine.store.segment import Segment
from engine.types import HistorySettings
from tests.engine.store.segments import DAY, make

TODAY = date(2026, 11, 22)
NOW = int(datetime(2026, 11, 22, 14, tzinfo=UTC).timestamp()) * 1_000_000
MB = 1_000_000
ROOMY = Disk(1_000_000 * MB, 900_000 * MB)


def file(folder: Path, kind: str, days_ago: int, size: int = 10 * MB) -> str:
    """A file of that size (no blocks behind it); its name."""
    day = TODAY - timedelta(days=days_ago)
    name = f"{kind}-{day:%Y-%m}.db" if kind == "rollups" else f"{kind}-{day.isoformat()}.db"
    with (folder / name).open("wb") as made:
        made.truncate(size)
    return name


def settings(**changes: float) -> HistorySettings:
    return HistorySettings(**{"max_gb": 1.0, "fast_gb": 1.0, **changes})  # type: ignore[arg-type]


def gone(kept: Kept) -> list[str]:
    return [each.name for each in kept.removed]


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_nothing_goes_while_there_is_room_and_nothing_is_old(tmp_path: Path) -> None:
    for days in range(5):
        file(tmp_path, "samples", days)
        file(tmp_path, "fast", days)
    kept = keep(tmp_path, settings(), NOW, ROOMY)
    assert kept == Kept((), 100 * MB, True, "")


def test_each_class_is_kept_for_its_own_days_to_the_end_of_the_day(tmp_path: Path) -> None:
    names = {(kind, days): file(tmp_path, kind, days) for kind in ("samples", "fast") for days in range(12)}
    names["rollups", 40], names["rollups", 120] = (
        file(tmp_path, "rollups", 40),
        file(tmp_path, "rollups", 120),
    )
    kept = keep(tmp_path, settings(days=10, fast_days=3, rollup_days=60), NOW, ROOMY)
    assert set(gone(kept)) == {
        names["samples", 11],
        *(names["fast", days] for days in range(4, 12)),
        names["rollups", 120],
    }
    assert {each.why for each in kept.removed} == {"age"}
    assert not (tmp_path / names["samples", 11]).exists()
    assert (tmp_path / names["samples", 10]).exists(), "its last sample is younger than ten days"


def test_fast_goes_before_samples_before_rollups_and_the_last_72_hours_after_all(tmp_path: Path) -> None:
    for days in (0, 1, 2, 5, 6):
        file(tmp_path, "samples", days, 100 * MB)
        file(tmp_path, "fast", days, 100 * MB)
    file(tmp_path, "rollups", 0, 10 * MB)
    file(tmp_path, "rollups", 60, 10 * MB)
    order: list[str] = []
    for most in range(1000, 0, -50):
        order += gone(keep(tmp_path, settings(max_gb=most / 1000), NOW, ROOMY))
        assert size_of(tmp_path) <= most * MB
    assert order == [
        *("fast-2026-11-16.db", "fast-2026-11-17.db", "samples-2026-11-16.db", "samples-2026-11-17.db"),
        "rollups-2026-09.db",
        *("fast-2026-11-20.db", "fast-2026-11-21.db", "samples-2026-11-20.db", "samples-2026-11-21.db"),
        *("fast-2026-11-22.db", "samples-2026-11-22.db"),
    ]
    assert (tmp_path / "rollups-2026-11.db").exists()


def test_fast_tags_have_a_limit_of_their_own(tmp_path: Path) -> None:
    for days in range(10):
        file(tmp_path, "fast", days, 50 * MB)
        file(tmp_path, "samples", days, 50 * MB)
    kept = keep(tmp_path, settings(fast_gb=0.3, fast_days=30), NOW, ROOMY)
    assert gone(kept) == [f"fast-2026-11-{13 + k}.db" for k in range(4)]
    assert kept.bytes == 800 * MB


def test_journal_of_samples_and_foreign_files_are_never_touched(tmp_path: Path) -> None:
    for name in ("frames.db", "checks.json", "samples-2026-02-30.db", "samples-2026-11.db", "notes.txt"):
        (tmp_path / name).write_bytes(bytes(MB))
    file(tmp_path, "samples", 0, 400 * MB)
    kept = keep(tmp_path, settings(max_gb=0.004), NOW, ROOMY)
    assert gone(kept) == []
    assert not kept.fits
    assert "does not fit into max_gb 0.004" in kept.trouble
    assert keep(tmp_path, settings(max_gb=0.1), NOW, ROOMY).bytes == 5 * MB
    assert len(list(tmp_path.iterdir())) == 5


def test_room_is_made_before_a_seal_would_be_too_much(tmp_path: Path) -> None:
    for days in range(10):
        file(tmp_path, "samples", days, 100 * MB)
    assert keep(tmp_path, settings(), NOW, ROOMY).removed == ()
    kept = room(tmp_path, settings(), NOW, ROOMY, 150 * MB)
    assert gone(kept) == ["samples-2026-11-13.db", "samples-2026-11-14.db"]
    assert kept.fits and kept.bytes + 150 * MB <= 1000 * MB
    kept = room(tmp_path, settings(fast_gb=0.2), NOW, ROOMY, 100 * MB, fast_bytes=100 * MB)
    assert kept.removed == () and kept.fits


def test_more_than_the_quota_at_once_is_refused_and_costs_no_history_that_models_need(tmp_path: Path) -> None:
    for days in range(10):
        file(tmp_path, "samples", days)
    kept = room(tmp_path, settings(), NOW, ROOMY, 2000 * MB)
    assert not kept.fits
    assert {path.name for path in tmp_path.iterdir()} == {f"samples-2026-11-{19 + k}.db" for k in range(4)}


def test_quota_is_never_exceeded_over_months_of_growth(tmp_path: Path) -> None:
    """What `room` allows is written, as the seal does: at every step all of it is within the quota."""
    quota = settings(max_gb=0.2, fast_gb=0.05)
    sizes = {"samples": 7 * MB, "fast": 5 * MB}
    for step in range(90 * 2):
        now_us = NOW + step * DAY_US // 2
        for kind, size in sizes.items():
            kept = room(tmp_path, quota, now_us, ROOMY, size, fast_bytes=size if kind == "fast" else 0)
            assert kept.fits
            assert all(each.end_us <= now_us - 3 * DAY_US for each in kept.removed)
            day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now_us)).date()
            with (tmp_path / f"{kind}-{day.isoformat()}.db").open("ab") as grown:
                grown.truncate(grown.tell() + size)
            assert size_of(tmp_path) <= 200 * MB
    files = stored(tmp_path)
    assert sum(each.bytes for each in files if each.kind == "fast") <= 50 * MB
    assert {each.kind for each in files} == {"samples", "fast"}


def test_set_aside_files_count_and_are_the_first_to_go(tmp_path: Path) -> None:
    aside = file(tmp_path, "samples", 1, 300 * MB)
    (tmp_path / aside).rename(tmp_path / f"{aside}.damaged-1700000000000000")
    (tmp_path / f"{aside}.damaged-1700000000000000-wal").write_bytes(bytes(MB))
    file(tmp_path, "fast", 2, 800 * MB)
    kept = keep(tmp_path, settings(), NOW, ROOMY)
    assert [(each.name, each.kind, each.bytes) for each in kept.removed] == [
        (f"{aside}.damaged-1700000000000000", "damaged", 301 * MB)
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["fast-2026-11-20.db"]


def test_companions_count_and_go_with_their_file(tmp_path: Path) -> None:
    name = file(tmp_path, "samples", 5, 100 * MB)
    for companion in ("-wal", "-shm"):
        (tmp_path / (name + companion)).write_bytes(bytes(MB))
    (tmp_path / "samples-2026-01-01.db-shm").write_bytes(bytes(10))
    kept = keep(tmp_path, settings(max_gb=0.1, fast_gb=0.1), NOW, ROOMY)
    assert [each.bytes for each in kept.removed] == [102 * MB]
    assert list(tmp_path.iterdir()) == []


def test_quota_that_cannot_hold_72_hours_is_told(tmp_path: Path) -> None:
    for days in range(5):
        file(tmp_path, "samples", days, 500 * MB)
    kept = keep(tmp_path, settings(), NOW, ROOMY)
    assert kept.fits
    assert kept.trouble == (
        "the history cannot hold the 72 hours that models need within max_gb 1: raise it in plant.toml"
    )


@pytest.mark.parametrize(
    ("free", "words", "removed"),
    [
        (21, "", 0),
        (19, "81 % full, 19.0 GB are free: see that it does not fill up", 0),
        (9, "91 % full, 9.0 GB are free: free some space, or the oldest history is removed soon", 0),
        (4, "the oldest history is being removed; free some space now", 2),
    ],
)
def test_full_disk_is_told_in_time_and_from_95_percent_on_the_oldest_go(
    tmp_path: Path, free: int, words: str, removed: int
) -> None:
    for days in range(10):
        file(tmp_path, "samples", days, 600 * MB)
    kept = keep(tmp_path, settings(max_gb=50), NOW, Disk(100_000 * MB, free * 1000 * MB))
    assert len(kept.removed) == removed
    assert {each.why for each in kept.removed} <= {"disk"}
    if removed:
        assert "94 % full, 5.2 GB are free" in kept.trouble or "95 % full" in kept.trouble
    else:
        assert words in kept.trouble
        assert bool(words) == bool(kept.trouble)


def test_72_hours_are_not_given_up_for_a_disk_that_others_fill(tmp_path: Path) -> None:
    for days in range(10):
        file(tmp_path, "samples", days)
    kept = keep(tmp_path, settings(), NOW, Disk(100_000 * MB, 100 * MB))
    assert len(kept.removed) == 6
    assert "the oldest history is being removed; free some space now" in kept.trouble


def test_five_percent_of_a_very_large_disk_are_room_enough(tmp_path: Path) -> None:
    file(tmp_path, "samples", 9)
    kept = keep(tmp_path, settings(), NOW, Disk(20_000_000 * MB, 900_000 * MB))
    assert (kept.removed, kept.trouble) == ((), "")


def test_file_that_cannot_be_removed_now_stays_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = file(tmp_path, "samples", 200)
    refuse = True

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if refuse:
            raise PermissionError(13, "a reader has it open")
        path.rename(tmp_path.with_name("bin"))

    with monkeypatch.context() as patch:
        patch.setattr(retention.Path, "unlink", unlink)
        kept = keep(tmp_path, settings(), NOW, ROOMY)
        assert kept.removed == ()
        assert f"{name} cannot be removed (a reader has it open)" in kept.trouble
    assert gone(keep(tmp_path, settings(), NOW, ROOMY)) == [name]


def test_reader_goes_on_with_a_file_that_is_removed(tmp_path: Path) -> None:
    name = "samples-2024-10-04.db"
    make(tmp_path / name)
    reader = Segment(tmp_path / name, read_only=True)
    assert gone(keep(tmp_path, settings(), NOW, ROOMY)) == [name]
    assert len(reader.find(0, DAY, DAY + DAY_US)) == 5
    reader.close()


def test_oldest_sample_is_known_from_the_oldest_file(tmp_path: Path) -> None:
    assert oldest_us(tmp_path) is None
    assert oldest_us(tmp_path / "nowhere") is None
    make(tmp_path / "samples-2024-10-05.db", start_us=DAY + DAY_US + 7)
    make(tmp_path / "fast-2024-10-06.db", start_us=DAY + 2 * DAY_US)
    assert oldest_us(tmp_path) == DAY + DAY_US + 7


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("samples-2024-10-04.db", (DAY, DAY + DAY_US)),
        ("fast-2024-10-04.db.damaged-1", (DAY, DAY + DAY_US)),
        ("rollups-2024-10.db", None),
        ("frames.db.damaged-1", None),
        ("samples-2024-13-01.db", None),
    ],
)
def test_day_of_a_segment_is_in_its_name(name: str, day: tuple[int, int] | None) -> None:
    assert segment_day(name) == day
