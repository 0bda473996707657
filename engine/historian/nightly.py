"""The nightly backup: when it is due, making it, and what is known of the last one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine import paths
from engine.clock import rfc3339
from engine.store.backup import back_up, whatever
from engine.store.manifest import BackupRefused, Cancelled, Watch
from engine.typed import from_json
from engine.types import HistorySettings

RECORD = "backup.json"
PAUSE_US = (10 * 60_000_000, 4 * 3_600_000_000)
"""First and longest pause before a backup that failed is tried again; it doubles in between."""
LATE_US = 36 * 3_600_000_000
"""A backup older than this is something a person must see to."""


class Backups(msgspec.Struct, frozen=True):
    """``PROJECT/data/backup.json``. ``made_us`` of the last good backup, 0 = there is none yet.

    ``bytes`` = what a restore of it takes, ``to`` = where it went. ``tried_us``, ``failures`` and
    ``trouble`` tell of the tries since then that failed. ``since_us`` = when backups were first wanted.
    """

    made_us: int = 0
    bytes: int = 0
    to: str = ""
    tried_us: int = 0
    failures: int = 0
    trouble: str = ""
    since_us: int = 0


def read_backups(project: Path) -> Backups:
    """What is on record of a project's nightly backups."""
    try:
        return from_json((project / "data" / RECORD).read_bytes(), Backups)
    except (OSError, msgspec.MsgspecError):
        return Backups()


def due(record: Backups, settings: HistorySettings, timezone: str, now_us: int) -> bool:
    """Whether to make a backup now: the last time for one has passed without it.

    So one that was missed because no engine ran is made at once. Ask every minute or so.
    """
    if not settings.backup_to:
        return False
    slot = last_slot_us(settings.backup_at, timezone, now_us)
    made = record.made_us if record.to == settings.backup_to else 0
    if slot <= made <= now_us:
        return False
    if not record.failures or record.tried_us > now_us:
        return True
    pause = min(PAUSE_US[0] * 2 ** min(record.failures - 1, 20), PAUSE_US[1])
    return now_us - record.tried_us >= pause


def last_slot_us(at: str, timezone: str, now_us: int) -> int:
    """The newest instant, not after now, at which a plant's clocks said ``at`` (HH:MM) for the first time.

    A time that a clock change leaves out counts as the instant of the change plus what it is into the
    hour left out (PEP 495); one that comes twice counts the first time. So each day has exactly one.
    """
    zone = ZoneInfo(timezone)
    hour, minute = map(int, at.split(":"))
    today = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now_us)).astimezone(zone).date()
    slots = (_slot_us(today + timedelta(days=k), time(hour, minute), zone) for k in (1, 0, -1, -2))
    return next(slot for slot in slots if slot <= now_us)


def run(project: Path, settings: HistorySettings, now_us: int, watch: Watch = whatever) -> Backups:
    """Make the nightly backup, note how it went, and return that. Takes minutes: not in the loop thread.

    Keys are never part of it. The folder has to be there already: a share that is not mounted must not
    fill the disk below it.
    """
    before = read_backups(project)
    to = Path(settings.backup_to)
    try:
        if not to.is_dir():
            raise BackupRefused(
                f"{to} is not there: connect the disk or share, or correct backup_to in plant.toml"
            )
        made = back_up(project, to, now_us, watch=watch)
    except Cancelled:
        return before
    except BackupRefused as error:
        after = msgspec.structs.replace(
            before, tried_us=now_us, failures=before.failures + 1, trouble=str(error)
        )
    else:
        after = Backups(now_us, made.size, settings.backup_to, since_us=before.since_us or now_us)
    after = msgspec.structs.replace(after, since_us=before.since_us or now_us)
    try:
        paths.replace_file(paths.data(project) / RECORD, msgspec.json.encode(after))
    except OSError as error:
        return msgspec.structs.replace(after, trouble=after.trouble or str(error))
    return after


def words(record: Backups, settings: HistorySettings, now_us: int) -> tuple[str, str]:
    """The backup's line for System, and what a person must see to ("" = nothing)."""
    if not settings.backup_to:
        return "no nightly backup is set up: name a folder as backup_to in plant.toml", ""
    here = record.to == settings.backup_to and record.made_us
    age_us = now_us - (record.made_us if here else record.since_us or now_us)
    line = f"last backup {rfc3339(record.made_us)[:16].replace('T', ' ')} UTC" if here else "no backup yet"
    if record.trouble and record.failures:
        line += f"; {record.failures} tries failed since" if record.failures > 1 else "; the next one failed"
    if record.trouble and (age_us > LATE_US or not here):
        return line, f"the nightly backup fails: {record.trouble}"
    return line, ""


def _slot_us(day: date, at: time, zone: ZoneInfo) -> int:
    local = datetime.combine(day, at, zone)
    return (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
