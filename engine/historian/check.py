"""Looking for rot in what is stored, a file at a time; a bad one is set aside, what is good in it saved.

Three steps, because only the seal thread may take a file away: `check` looks (any thread), `set_aside`
renames (seal thread), `salvage_all` brings back what is still good (any thread, also after a restart).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine import paths
from engine.clock import rfc3339
from engine.historian.places import move_aside
from engine.historian.stored import Stored, segment_day, set_aside_from, stored
from engine.store import damage, salvage
from engine.store.damage import Watch
from engine.store.salvage import Lost
from engine.typed import from_json
from engine.types import Gap

RECORD = "checks.json"
EVERY_US = 20 * 3_600_000_000
"""One file a night; a night may begin somewhat earlier than the one before."""
NEWEST = 2
LONGEST_REST_S = 1.0


class Checks(msgspec.Struct, frozen=True):
    """``checks.json``: when each file was last found sound, when one was last looked at, what was saved."""

    sound: dict[str, int] = {}
    last_us: int = 0
    salvaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rescue:
    """What came of a damaged file: ``name`` where it is kept, ``text`` what a person should know."""

    name: str
    text: str
    samples: int
    gaps: tuple[Gap, ...]


def read_checks(folder: Path) -> Checks:
    """What is on record; nothing where that cannot be read."""
    try:
        return from_json((folder / RECORD).read_bytes(), Checks)
    except (OSError, msgspec.MsgspecError):
        return Checks()


def due(folder: Path, now_us: int, *, after_crash: bool = False) -> list[Path]:
    """The files to look at now: one a night, the one not looked at for longest; the newest after a crash.

    Today's file is left for tomorrow, but after a crash.
    """
    files = [each for each in stored(folder) if each.kind in ("samples", "fast", "rollups")]
    if after_crash:
        newest = [each.path for each in files if each.start_us <= now_us][-NEWEST:]
        return newest[::-1]
    record = read_checks(folder)
    over = [each for each in files if each.end_us <= now_us]
    if not over or 0 <= now_us - record.last_us < EVERY_US:
        return []
    return [min(over, key=lambda each: _turn(each, record)).path]


def check(path: Path, now_us: int, watch: Watch) -> str:
    """What is wrong with a file, in words; "" = sound, and noted so. Reads all of it.

    ``watch`` is called about every 10 ms of work and may wait there, so that others get the disk.

    Raises:
        StoreError: it cannot be read for another reason than damage.
        engine.store.damage.Stopped: ``watch`` returned False.
    """
    is_segment = segment_day(path.name) is not None
    found = (damage.look if is_segment else damage.look_at_pages)(path, watch)
    record = read_checks(path.parent)
    sound = {name: when for name, when in record.sound.items() if (path.parent / name).exists()}
    sound.pop(path.name, None)
    if not found:
        sound[path.name] = now_us
    _note(path.parent, msgspec.structs.replace(record, sound=sound, last_us=now_us))
    return found


def set_aside(path: Path) -> str:
    """Give a damaged file another name, which is returned. Only where nothing is packed meanwhile.

    The history of its time is not there until `salvage_all` is through.

    Raises:
        StoreError: the file system refuses.
    """
    return move_aside(path)


def salvage_all(folder: Path, now_us: int, watch: Watch) -> Iterator[Rescue]:
    """Bring back what is still good of all segments set aside, each once; also of those a crash left.

    Give the gaps of each `Rescue` to the history and its text to the event journal before asking for the
    next: only then is it noted as done.

    Raises:
        StoreError: the new file cannot be written. engine.store.damage.Stopped.
    """
    for name in waiting(folder):
        into = folder / set_aside_from(name)
        found = salvage.salvage(folder / name, into, watch, segment_day(name) or (0, now_us))
        gaps = tuple(_gap(lost, name, now_us) for lost in found.lost)
        yield Rescue(name, _words(name, into.name, found), found.samples, gaps)
        record = read_checks(folder)
        done = (*(each for each in record.salvaged if (folder / each).exists()), name)
        _note(folder, msgspec.structs.replace(record, salvaged=done))


def waiting(folder: Path) -> list[str]:
    """Segments that were set aside and not salvaged yet, oldest first."""
    done = read_checks(folder).salvaged
    aside = (each.path.name for each in stored(folder) if each.kind == "damaged")
    return [name for name in aside if segment_day(name) and name not in done]


def damaged(folder: Path) -> tuple[str, ...]:
    """Names of all files that are set aside, oldest first, for `HistoryStatus`."""
    return tuple(each.path.name for each in stored(folder) if each.kind == "damaged")


def resting(wait: Callable[[float], bool], share: float = 0.7) -> Watch:
    """A watch that waits for this share of the time, so that others get the disk and the processor.

    ``wait(seconds)`` is as `threading.Event.wait` of the event that ends the engine: True = stop.
    """
    last_s = time.monotonic()

    def watch(_: float) -> bool:
        nonlocal last_s
        worked_s = time.monotonic() - last_s
        stop = wait(min(worked_s * share / (1 - share), LONGEST_REST_S))
        last_s = time.monotonic()
        return not stop

    return watch


def _turn(each: Stored, record: Checks) -> tuple[int, int]:
    return record.sound.get(each.path.name, 0), -each.start_us


def _gap(lost: Lost, name: str, now_us: int) -> Gap:
    end_us = max(lost.first_us + 1, min(lost.last_us + 1, now_us))
    text = f"the disk spoilt {set_aside_from(name)}"
    return Gap(lost.first_us, end_us, "damaged", tag_id=lost.tag, samples=lost.samples, text=text)


def _words(name: str, into: str, found: salvage.Salvaged) -> str:
    saved = f"{found.samples} samples in {found.chunks} pieces were saved from it"
    if not found.lost:
        return f"{into} was damaged and is kept as {name}; {saved}, none is missing"
    first, last = min(each.first_us for each in found.lost), max(each.last_us for each in found.lost)
    tags = {each.tag for each in found.lost}
    whose = "some tags" if None in tags else "one tag" if len(tags) == 1 else f"{len(tags)} tags"
    return (
        f"{into} was damaged and is kept as {name}; {saved}, samples of {whose} are missing between "
        f"{rfc3339(first)} and {rfc3339(last)}: a backup from before may still have them"
    )


def _note(folder: Path, record: Checks) -> None:
    """A record that cannot be written only means that a file is looked at once more."""
    with contextlib.suppress(OSError):
        paths.replace_file(folder / RECORD, msgspec.json.encode(record))
