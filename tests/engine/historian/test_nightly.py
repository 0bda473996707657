"""The nightly backup: once a day at the plant's own time, whatever clocks and disks do."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from engine.historian import nightly
from engine.historian.nightly import Backups, due, last_slot_us, read_backups, run, words
from engine.store.restore import read_backup
from engine.types import HistorySettings

BERLIN = "Europe/Berlin"
HOUR = 3_600_000_000
MINUTE = 60_000_000
ZONES = [
    "UTC",
    BERLIN,
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
]


def at(text: str, zone: str = BERLIN) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def settings(to: object = "/backup", when: str = "02:30") -> HistorySettings:
    return HistorySettings(backup_to=str(to), backup_at=when)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    folder.mkdir()
    (folder / "plant.toml").write_text("")
    return folder


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def test_backup_is_due_at_its_time_of_day_and_not_before() -> None:
    record = Backups(made_us=at("2026-11-21 02:31"), to="/backup")
    assert not due(record, settings(), BERLIN, at("2026-11-22 02:29"))
    assert due(record, settings(), BERLIN, at("2026-11-22 02:30"))


def test_backup_that_was_missed_is_made_when_the_engine_is_back() -> None:
    record = Backups(made_us=at("2026-11-19 02:31"), to="/backup")
    assert due(record, settings(), BERLIN, at("2026-11-22 17:00"))
    assert due(Backups(), settings(), BERLIN, at("2026-11-22 17:00"))


def test_no_folder_no_backup() -> None:
    assert not due(Backups(), settings(to=""), BERLIN, at("2026-11-22 17:00"))


def test_new_folder_gets_its_first_backup_at_once() -> None:
    record = Backups(made_us=at("2026-11-22 02:31"), to="/old")
    assert due(record, settings(), BERLIN, at("2026-11-22 03:00"))


def test_backup_from_the_future_does_not_count() -> None:
    """The clock was set back."""
    assert due(
        Backups(made_us=at("2031-01-01 00:00"), to="/backup"), settings(), BERLIN, at("2026-11-22 03:00")
    )


def test_failed_backup_is_tried_again_ever_more_rarely() -> None:
    slot = at("2026-11-22 02:30")
    pauses = list[float]()
    for failures in range(1, 8):
        record = Backups(to="/backup", tried_us=slot, failures=failures)
        minutes = next(m for m in range(1, 1000) if due(record, settings(), BERLIN, slot + m * MINUTE))
        pauses.append(minutes)
    assert pauses == [10, 20, 40, 80, 160, 240, 240]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("when", ["00:00", "02:30", "23:59"])
def test_two_years_have_one_backup_a_day_whatever_the_clocks_do(zone: str, when: str) -> None:
    local = ZoneInfo(zone)
    slots: list[int] = []
    now_us, end_us = at("2010-12-25 00:00", zone), at("2012-12-31 00:00", zone)
    while now_us < end_us:
        slot = last_slot_us(when, zone, now_us)
        assert slot <= now_us
        if not slots or slot != slots[-1]:
            slots.append(slot)
        now_us += 4 * HOUR
    assert slots == sorted(set(slots))
    days = [datetime.fromtimestamp(slot / 1e6, local).date() for slot in slots]
    assert (
        all(12 * HOUR < b - a < 36 * HOUR for a, b in zip(slots, slots[1:], strict=False))
        or zone == "Pacific/Apia"
    )
    usual = sum(datetime.fromtimestamp(slot / 1e6, local).strftime("%H:%M") == when for slot in slots)
    assert usual >= len(slots) - 4
    skipped = {datetime(2011, 12, 30).date()} if zone == "Pacific/Apia" else set()
    assert set(days) | skipped >= {days[0] + timedelta(days=k) for k in range((days[-1] - days[0]).days + 1)}


def test_hour_that_comes_twice_has_one_backup_and_the_one_left_out_has_one_too() -> None:
    first = at("2026-10-25 02:30")  # summer time
    assert last_slot_us("02:30", BERLIN, first + HOUR + MINUTE) == first
    spring = at("2026-03-29 00:00") + 2 * HOUR + 30 * MINUTE  # 02:30 does not exist, 03:30 does
    assert last_slot_us("02:30", BERLIN, spring) == spring
    assert last_slot_us("02:30", BERLIN, spring - MINUTE) == at("2026-03-28 02:30")


def test_backup_is_made_noted_and_not_due_again(project: Path, share: Path) -> None:
    now = at("2026-11-22 02:30")
    record = run(project, settings(share), now)
    assert record == read_backups(project)
    assert (record.made_us, record.to, record.failures, record.trouble) == (now, str(share), 0, "")
    assert read_backup(share).made_us == now
    assert not read_backup(share).keys
    assert not due(record, settings(share), BERLIN, now + 20 * HOUR)
    assert words(record, settings(share), now + HOUR) == ("last backup 2026-11-22 01:30 UTC", "")


def test_share_that_is_not_connected_is_no_folder_to_make(project: Path, tmp_path: Path) -> None:
    now = at("2026-11-22 02:30")
    record = run(project, settings(tmp_path / "share"), now)
    assert not (tmp_path / "share").exists()
    assert (record.made_us, record.failures, record.tried_us) == (0, 1, now)
    line, trouble = words(record, settings(tmp_path / "share"), now)
    assert line == "no backup yet; the next one failed"
    assert "share is not there: connect the disk or share" in trouble


def test_last_good_backup_stays_on_record_while_later_ones_fail(project: Path, share: Path) -> None:
    now = at("2026-11-20 02:30")
    run(project, settings(share), now)
    share.rename(share.with_name("unplugged"))
    record = Backups()
    for k in range(1, 4):
        record = run(project, settings(share), now + k * 24 * HOUR)
    assert (record.made_us, record.failures) == (now, 3)
    line, trouble = words(record, settings(share), now + 72 * HOUR)
    assert line == "last backup 2026-11-20 01:30 UTC; 3 tries failed since"
    assert trouble.startswith("the nightly backup fails: ")
    assert words(record, settings(share), now + 25 * HOUR)[1] == "", "one bad night is not yet trouble"
    share.with_name("unplugged").rename(share)
    record = run(project, settings(share), now + 96 * HOUR)
    assert (record.failures, record.trouble) == (0, "")


def test_cancelled_backup_is_no_failure(project: Path, share: Path) -> None:
    now = at("2026-11-20 02:30")
    before = run(project, settings(share), now)
    (project / "tags.csv").write_text("path\n")
    assert run(project, settings(share), now + 24 * HOUR, lambda progress: False) == before
    assert read_backups(project) == before
    assert due(before, settings(share), BERLIN, now + 24 * HOUR)


def test_spoilt_record_counts_as_none(project: Path, share: Path) -> None:
    run(project, settings(share), at("2026-11-20 02:30"))
    (project / "data" / nightly.RECORD).write_bytes(msgspec.json.encode({"made_us": "x"}))
    assert read_backups(project) == Backups()


def test_without_a_folder_the_line_says_how_to_set_one_up() -> None:
    assert words(Backups(), settings(to=""), 0)[0].endswith("name a folder as backup_to in plant.toml")
