"""How long the room lasts, from the first minutes to a full quota."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.historian.forecast import Forecast, forecast
from engine.historian.retention import Disk
from engine.historian.stored import DAY_US
from engine.types import HistorySettings
from tests.engine.store.segments import content, make

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()) * 1_000_000
MIDNIGHT = NOW - NOW % DAY_US
MB = 1_000_000
ROOMY = Disk(10_000_000 * MB, 9_000_000 * MB)


def day_file(folder: Path, days_ago: int, size: int, kind: str = "samples") -> None:
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOW)).date() - timedelta(days=days_ago)
    with (folder / f"{kind}-{day.isoformat()}.db").open("wb") as made:
        made.truncate(size)


def foreseen(
    folder: Path, disk: Disk = ROOMY, rate: float = 1000, fast_rate: float = 0, **more: float
) -> Forecast:
    given = HistorySettings(**{"max_gb": 50.0, "fast_gb": 20.0, **more})  # type: ignore[arg-type]
    return forecast(folder, given, rate, NOW, disk, fast_rate)


def test_nothing_is_claimed_before_there_are_samples(tmp_path: Path) -> None:
    found = foreseen(tmp_path)
    assert (found.days_left, found.is_steady, found.bytes_per_sample, found.trouble) == (
        None,
        False,
        None,
        "",
    )
    assert "is known after some hours" in found.words


def test_plant_that_has_just_begun_is_not_said_to_take_nothing(tmp_path: Path) -> None:
    found = foreseen(tmp_path, rate=0)
    assert (found.days_left, found.is_steady, found.bytes_per_day) == (None, False, None)
    assert "is known after some hours" in found.words


def test_plant_that_stores_very_little_is_not_said_to_take_nothing(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 100_000)
    assert foreseen(tmp_path).words == "less than 1 MB a day; there is room for all 92 days"


def test_first_day_is_told_from_bytes_per_sample_and_the_present_rate(tmp_path: Path) -> None:
    today = "samples-2026-11-22.db"
    make(tmp_path / today, tags=50, seals=3, n=1000, start_us=MIDNIGHT)
    found = foreseen(tmp_path, rate=100_000, max_gb=100)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    received = 150_000 + found_dropped(tmp_path / today)
    assert found.bytes_per_sample == pytest.approx(size / received)
    assert found.bytes_per_day == pytest.approx(100_000 * 86_400 * size / received)
    assert found.days_left == pytest.approx((100e9 - size) / found.bytes_per_day, rel=0.01)
    assert found.limit == "max_gb"


def found_dropped(path: Path) -> int:
    return sum(row[4] for rows in content(path).values() for row in rows)


def test_few_samples_tell_nothing_of_their_size(tmp_path: Path) -> None:
    make(tmp_path / "samples-2026-11-22.db", tags=2, seals=1, n=100, start_us=MIDNIGHT)
    assert foreseen(tmp_path).days_left is None


def test_full_days_count_and_one_stop_among_them_does_not(tmp_path: Path) -> None:
    for days, size in enumerate([300, 1000, 1000, 40, 1000, 1000, 1000, 1000, 123]):
        day_file(tmp_path, days, size * MB)
    found = foreseen(tmp_path, max_gb=20)
    assert found.bytes_per_day == 1000 * MB
    assert found.days_left == pytest.approx((20_000 - 6463) / 1000, abs=0.01)
    assert found.words == (
        "1.0 GB a day; max_gb (20 GB) is full in 14 days, then the oldest samples are removed"
    )
    assert found.held_days == pytest.approx(20)


@pytest.mark.parametrize("per_day", [10, 200, 900])
def test_forecast_made_early_agrees_with_what_then_happens(tmp_path: Path, per_day: int) -> None:
    """Synthetic growth: the day on which the quota is really reached."""
    for days in range(1, 6):
        day_file(tmp_path, days, per_day * MB)
    day_file(tmp_path, 0, 0)
    found = foreseen(tmp_path, max_gb=30, days=5000)
    total, day = 5 * per_day, 0.0
    while total < 30_000:
        total += per_day / 10
        day += 0.1
    assert found.days_left == pytest.approx(day, abs=0.2)


def test_history_that_ends_by_age_first_is_never_full(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 100 * MB)
    found = foreseen(tmp_path, max_gb=20, days=92)
    assert (found.days_left, found.is_steady, found.limit) == (None, True, "")
    assert found.words == "0.1 GB a day; there is room for all 92 days"


def test_disk_that_fills_first_is_named(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 1000 * MB)
    found = foreseen(tmp_path, Disk(100_000 * MB, 15_000 * MB))
    assert found.limit == "disk"
    assert found.days_left == pytest.approx(10, abs=0.01)
    assert "the disk is full in 10 days" in found.words


def test_fast_tags_have_a_limit_of_their_own(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 100 * MB)
        day_file(tmp_path, days, 1000 * MB, "fast")
    found = foreseen(tmp_path, fast_gb=6, fast_days=30)
    assert (found.limit, found.days_left) == ("fast_gb", pytest.approx(2, abs=0.01))


def test_quota_too_small_for_72_hours_says_how_large_it_must_be(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 2000 * MB)
    found = foreseen(tmp_path, max_gb=4)
    assert found.trouble == (
        "max_gb 4 holds 48 hours of samples at the present rate, and models need 72: set it to 8 or more in "
        "plant.toml"
    )
    assert found.days_left == 0


def test_rollups_of_the_month_grow_too(tmp_path: Path) -> None:
    for days in range(1, 5):
        day_file(tmp_path, days, 100 * MB)
    with (tmp_path / "rollups-2026-11.db").open("wb") as made:
        made.truncate(215 * MB)
    assert foreseen(tmp_path).bytes_per_day == pytest.approx(110 * MB)
