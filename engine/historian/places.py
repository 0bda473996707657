"""The files of a history folder, by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.store import journal_file
from engine.types import Tag

FRAMES = "frames.db"
RESERVE = "reserve"
DAY_US = 86_400_000_000
FAST_RATE = 100.0
"""Tags of so many samples a second and more have files of their own, which are kept for fewer days."""
EPOCH_DAY = date(1970, 1, 1).toordinal()


def is_fast(tag: Tag | None) -> bool:
    """Whether the samples of a tag go to the files of the fast tags."""
    return tag is not None and tag.rate >= FAST_RATE


def segment_path(folder: Path, day: int, fast: bool) -> Path:
    """``samples-YYYY-MM-DD.db`` or ``fast-YYYY-MM-DD.db``; ``day`` = days since 1970-01-01 UTC."""
    name = date.fromordinal(EPOCH_DAY + day).isoformat()
    return folder / f"{'fast' if fast else 'samples'}-{name}.db"


def day_of(path: Path) -> int:
    """Days since 1970-01-01 UTC of a segment, 0 where the name has none."""
    try:
        return date.fromisoformat(path.stem.split("-", 1)[1]).toordinal() - EPOCH_DAY
    except (IndexError, ValueError):
        return 0


def move_aside(path: Path) -> str:
    """Give a damaged file another name, which is returned; nothing of it is lost.

    Raises:
        StoreError: the file system refuses.
    """
    journal_file.move_aside(path)
    return sorted(each.name for each in path.parent.glob(f"{path.name}.damaged-*[0-9]"))[-1]
