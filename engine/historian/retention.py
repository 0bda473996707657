"""What leaves the history when it is too old, or when there is no room: always told, never silent.

Order: what was set aside as damaged, the oldest fast samples, the oldest samples, the oldest roll-ups;
then, because models need them, the same of the last 72 hours; today's at the very end. The event
journal and the journal of samples that are not packed yet are never touched.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.historian.stored import DAY_US, Kind, Stored, stored
from engine.types import HistorySettings

NEEDED_US = 3 * DAY_US
"""Models look at 72 hours of samples."""
WARN, URGENT, FULL = 0.80, 0.90, 0.95
"""Parts of the disk in use: a word, a stronger word, and from the third on the oldest are removed."""
LARGE = 1_000_000_000_000
"""A disk counts as at most so large: 5 % of a very large one is room enough for years."""
GB = 1e9
TURN: dict[Kind, int] = {"damaged": 0, "fast": 1, "samples": 2, "rollups": 3}


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk: bytes in all, and free ones."""

    total: int
    free: int

    @property
    def used(self) -> float:
        """Part in use, 0 to 1, of a disk that counts as at most 1 TB."""
        return 1 - self.free / min(self.total, max(LARGE, self.free)) if self.total else 0.0


class Removed(msgspec.Struct, frozen=True):
    """A file that retention took away. ``why`` = "age", "quota" or "disk"."""

    name: str
    kind: Kind
    start_us: int
    end_us: int
    bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What retention did and how the history stands. ``fits`` = quota and disk have room again.

    ``bytes`` = all of the history on disk. ``trouble`` = what a person must see to, "" = nothing.
    """

    removed: tuple[Removed, ...]
    bytes: int
    fits: bool
    trouble: str


def disk_of(folder: Path) -> Disk:
    """The disk that holds a folder.

    Raises:
        OSError: it cannot be asked.
    """
    usage = shutil.disk_usage(folder)
    return Disk(usage.total, usage.free)


def keep(folder: Path, settings: HistorySettings, now_us: int, disk: Disk) -> Kept:
    """Remove what is too old or has no room. To be called where nothing is packed meanwhile."""
    return room(folder, settings, now_us, disk, 0)


def room(
    folder: Path,
    settings: HistorySettings,
    now_us: int,
    disk: Disk,
    coming_bytes: int,
    *,
    fast_bytes: int = 0,
    most_old: int | None = None,
) -> Kept:
    """The same, so that ``coming_bytes`` more fit, of which ``fast_bytes`` are of fast tags.

    ``most_old`` = so many files go at most because of their age, the oldest; None = all.

    A file that cannot be removed now (on Windows a reader has it open) stays until the next call.
    """
    _remove_orphans(folder)
    files = stored(folder)
    removed, errors = list[Removed](), list[str]()

    def drop(each: Stored, why: str) -> None:
        try:
            _remove(each.path)
        except OSError as error:
            errors.append(f"{each.path} cannot be removed ({error.strerror or error})")
        else:
            span = each.path.name, each.kind, each.start_us, each.end_us, each.bytes
            removed.append(Removed(*span, why))

    for each in _too_old(files, settings, now_us)[:most_old]:
        drop(each, "age")
    rest = sum(each.bytes for each in files if each.kind == "other")
    in_vain = rest + coming_bytes > settings.max_gb * GB
    for why in ("quota", "disk"):
        for each in _order(_left(files, removed), now_us):
            left = _left(files, removed)
            freed = sum(one.bytes for one in removed)
            if not _excess(left, settings, disk, freed, coming_bytes, fast_bytes, each.kind, why):
                continue
            if _is_needed(each, now_us) and (why == "disk" or in_vain):
                break  # what models need is not given up where that would not help
            drop(each, why)
    left = _left(files, removed)
    total, freed = sum(each.bytes for each in left), sum(each.bytes for each in removed)
    fits = total + coming_bytes <= settings.max_gb * GB and coming_bytes <= disk.free + freed
    words = [*errors[:1], _quota_words(removed, settings, fits, now_us), _disk_words(disk, freed)]
    return Kept(tuple(removed), total, fits, "; ".join(each for each in words if each))


def _left(files: list[Stored], removed: list[Removed]) -> list[Stored]:
    gone = {each.name for each in removed}
    return [each for each in files if each.path.name not in gone]


def _too_old(files: list[Stored], settings: HistorySettings, now_us: int) -> list[Stored]:
    days: dict[Kind, float] = {
        "fast": settings.fast_days,
        "samples": settings.days,
        "rollups": settings.rollup_days,
        "damaged": settings.days,
    }
    return [each for each in files if each.kind in days and each.end_us + days[each.kind] * DAY_US <= now_us]


def _order(files: list[Stored], now_us: int) -> list[Stored]:
    """What may be removed for want of room, first the first to go."""
    some = [each for each in files if each.kind in TURN]
    return sorted(
        some,
        key=lambda each: (_is_open(each, now_us), _is_needed(each, now_us), TURN[each.kind], each.start_us),
    )


def _is_needed(each: Stored, now_us: int) -> bool:
    """Samples of the last 72 hours, and whatever is being written to."""
    return each.kind in ("fast", "samples") and each.end_us > now_us - NEEDED_US or _is_open(each, now_us)


def _is_open(each: Stored, now_us: int) -> bool:
    return each.kind != "damaged" and each.start_us <= now_us < each.end_us


def _excess(
    left: list[Stored],
    settings: HistorySettings,
    disk: Disk,
    freed: int,
    coming: int,
    fast_coming: int,
    kind: Kind,
    why: str,
) -> bool:
    """Whether a file of this kind has to go."""
    if why == "disk":
        now = Disk(disk.total, disk.free + freed - coming)
        return now.used >= FULL
    fast = sum(each.bytes for each in left if each.kind == "fast") + fast_coming
    if kind == "fast" and fast > settings.fast_gb * GB:
        return True
    return sum(each.bytes for each in left) + coming > settings.max_gb * GB


def _quota_words(removed: Iterable[Removed], settings: HistorySettings, fits: bool, now_us: int) -> str:
    if not fits:
        return (
            f"the history does not fit into max_gb {settings.max_gb:g} and its disk any more: raise max_gb "
            "in plant.toml, or free some space"
        )
    needed = [
        each
        for each in removed
        if each.why == "quota" and each.kind in ("fast", "samples") and each.end_us > now_us - NEEDED_US
    ]
    if not needed:
        return ""
    which = "fast_gb" if all(each.kind == "fast" for each in needed) else "max_gb"
    return (
        f"the history cannot hold the 72 hours that models need within {which} "
        f"{getattr(settings, which):g}: raise it in plant.toml"
    )


def _disk_words(disk: Disk, freed: int) -> str:
    now = Disk(disk.total, disk.free + freed)
    if now.used < WARN:
        return ""
    full, left = 100 * (1 - now.free / now.total), now.free / GB
    free = f"the disk of the history is {full:.0f} % full, {left:.1f} GB are free"
    if now.used >= FULL:
        return f"{free}: the oldest history is being removed; free some space now"
    if now.used >= URGENT:
        return f"{free}: free some space, or the oldest history is removed soon"
    return f"{free}: see that it does not fill up"


def _remove(path: Path) -> None:
    """The file first: its companions are nothing without it, and SQLite clears them away if it comes anew."""
    path.unlink(missing_ok=True)
    for companion in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + companion).unlink(missing_ok=True)


def _remove_orphans(folder: Path) -> None:
    """Companions whose file was removed while a reader on Windows had them open."""
    if not folder.is_dir():
        return
    for path in (*folder.glob("*-wal"), *folder.glob("*-shm")):
        if not path.with_name(path.name[:-4]).exists():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
