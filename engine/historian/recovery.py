"""Starting and reading a history: what a crash, a cut or a damaged disk left is put right, and told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.historian.places import DAY_US, FRAMES, day_of, move_aside
from engine.historian.tail import Tail
from engine.store.database import Damaged, StoreError, close_quietly, open_read_only
from engine.store.frame_rows import Content, Frame, read_content, read_gaps, read_texts, salvage
from engine.store.frames import FrameFile, Group
from engine.store.segment import Segment
from engine.types import Gap, GapCause, Origin, Status

CHECKED_BYTES = 200_000_000
"""Larger files are not looked through before they are used; each frame has its checksum anyway."""
KNOWN_TEXTS = 50_000


@dataclass(slots=True)
class Found:
    """A history as it was found: ready to go on. ``texts`` = the newest codes and what they stand for,
    ``damaged`` = names of files set aside; ``was_killed`` = the last engine did not end by itself.
    """

    file: FrameFile
    tail: Tail
    texts: list[tuple[int, str]]
    damaged: list[str]
    was_killed: bool


@dataclass(slots=True)
class _State:
    damaged: list[str] = field(default_factory=list[str])
    gaps: list[Gap] = field(default_factory=list[Gap])


def recover(folder: Path, tags: Iterable[int], now_us: int) -> Found:
    """Open the journal, take back what it holds, and write down for how long nobody was here.

    Raises:
        StoreError: the folder cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made ({error.strerror})") from error
    state = _State()
    marks = _marks(folder, now_us, state)
    if marks and not (folder / FRAMES).exists():
        text = f"{FRAMES} is missing; restore it from a backup"
        state.gaps.append(_gap(_newest_us(folder) or now_us, now_us, "damaged", text))
    file, content = _open(folder, bool(marks), state)
    try:
        return _go_on(file, content, marks, tags, now_us, state)
    except BaseException:
        file.close()
        raise


def load_tail(folder: Path) -> Tail:
    """The tail as it is on disk at this moment, for readers without an engine; it may be writing.

    Raises:
        StoreError: the journal is there and cannot be read.
    """
    tail = Tail()
    path = folder / FRAMES
    if path.exists():
        connection = open_read_only(path)
        try:
            content = read_content(connection, path)
        finally:
            close_quietly(connection)
        _fill(tail, content.frames, content.marks)
        tail.gather()
    return tail


def gaps(folder: Path, start_us: int, end_us: int) -> list[Gap]:
    """Known gaps that reach into [start_us, end_us), oldest first, as far as they are on disk.

    Raises:
        StoreError: the journal is there and cannot be read.
    """
    path = folder / FRAMES
    if not path.exists():
        return []
    connection = open_read_only(path)
    try:
        return read_gaps(connection, path, start_us, end_us)
    finally:
        close_quietly(connection)


def texts(folder: Path) -> dict[int, str]:
    """What the codes of text tags stand for, the newest million of them.

    Raises:
        StoreError: the journal is there and cannot be read.
    """
    path = folder / FRAMES
    if not path.exists():
        return {}
    connection = open_read_only(path)
    try:
        return read_texts(connection, path)
    finally:
        close_quietly(connection)


def breaks(tags: Iterable[int], alive_us: int, newest: Mapping[int, int]) -> list[Frame]:
    """Samples that end every tag's stretch, just after the time up to which all of it is on disk.

    ``newest`` = time of each tag's newest sample; a device's clock may be ahead of ours.
    """
    ids = np.array(sorted({*tags, *newest}), np.int32)
    if not len(ids):
        return []
    time_us = np.array([max(alive_us, newest.get(tag, alive_us)) + 1 for tag in ids.tolist()], np.int64)
    quality = np.full(len(ids), Status.NO_COMMUNICATION, np.uint32)
    return [Frame(Origin.ENGINE, ids, time_us, time_us, np.full(len(ids), np.nan), quality)]


def _open(folder: Path, is_used: bool, state: _State) -> tuple[FrameFile, Content]:
    path = folder / FRAMES
    try:
        if is_used and path.is_file() and path.stat().st_size == 0:
            raise Damaged(f"{path} is empty")
        file = FrameFile(path, check=not path.exists() or path.stat().st_size <= CHECKED_BYTES)
        try:
            return file, file.content()
        except Damaged:
            file.close()
            raise
    except Damaged:
        return _begin_anew(path, state)


def _begin_anew(path: Path, state: _State) -> tuple[FrameFile, Content]:
    """A new journal with all that can still be read of the damaged one."""
    changed_us = path.stat().st_mtime_ns // 1000
    content = salvaged(path)
    content.alive_us = content.alive_us or changed_us
    name = move_aside(path)
    state.damaged.append(name)
    file = FrameFile(path)
    try:
        file.restore(content)
    except BaseException:
        file.close()
        raise
    start_us = _newest_us(path.parent) or content.alive_us
    text = f"{FRAMES} was damaged and is now {name}; restore it from a backup"
    state.gaps.append(_gap(start_us, max(changed_us, content.alive_us), "damaged", text))
    return file, content


def salvaged(path: Path) -> Content:
    """What can still be read of a damaged journal, maybe nothing."""
    try:
        connection = open_read_only(path)
    except StoreError:
        return Content()
    try:
        return salvage(connection)
    finally:
        close_quietly(connection)


def _go_on(
    file: FrameFile, content: Content, marks: set[int], tags: Iterable[int], now_us: int, state: _State
) -> Found:
    file.number_from(max(marks, default=0))
    tail = Tail()
    _fill(tail, content.frames, {*marks, *content.marks})
    gaps = [*state.gaps, *_spoilt(content)]
    ends: Sequence[Frame] = ()
    was_killed = bool(file.alive_us) and not file.stopped
    if file.alive_us:
        text = "the engine was stopped" if file.stopped else "the engine ended without being stopped"
        gaps.append(_gap(file.alive_us, now_us, "engine", text))
        ends = () if file.stopped else breaks(tags, file.alive_us, tail.newest())
    file.commit(Group(now_us, list(ends), gaps))
    file.drop([seq for seq, _ in content.spoilt])
    tail.add(ends, file.seq)
    return Found(file, tail, file.texts(KNOWN_TEXTS), state.damaged, was_killed)


def _fill(tail: Tail, frames: Sequence[tuple[int, Frame]], marks: Iterable[int]) -> None:
    """Frames in layers that end where a seal cut, or may have cut, the journal."""
    at = 0
    for mark in sorted(marks):
        layer: list[Frame] = []
        while at < len(frames) and frames[at][0] <= mark:
            layer.append(frames[at][1])
            at += 1
        if layer:
            tail.add(layer, mark, close=True, is_recovered=True)
    rest = frames[at:]
    tail.add([frame for _, frame in rest], rest[-1][0] if rest else max(marks, default=0))


def _marks(folder: Path, now_us: int, state: _State) -> set[int]:
    """Up to which frames the segments go. Damaged ones are set aside."""
    marks: set[int] = set()
    for path in _segments(folder):
        try:
            segment = Segment(path, read_only=True)
        except Damaged:
            _set_aside(path, now_us, state)
        except StoreError:
            continue
        else:
            marks.add(segment.upto)
            segment.close()
    return marks - {0}


def _segments(folder: Path) -> list[Path]:
    return sorted([*folder.glob("samples-*.db"), *folder.glob("fast-*.db")], key=day_of)


def _set_aside(path: Path, now_us: int, state: _State) -> None:
    name = move_aside(path)
    state.damaged.append(name)
    start_us = day_of(path) * DAY_US
    text = f"{path.name} was damaged and is now {name}; restore it from a backup"
    state.gaps.append(_gap(start_us, min(start_us + DAY_US, now_us), "damaged", text))


def _newest_us(folder: Path) -> int:
    """Source time of the newest sample that is packed, 0 = there is none."""
    for path in reversed(_segments(folder)):
        with contextlib.suppress(StoreError):
            segment = Segment(path, read_only=True)
            try:
                newest = segment.newest_us()
            finally:
                segment.close()
            if newest:
                return newest
    return 0


def _spoilt(content: Content) -> list[Gap]:
    """What is lost with frames that were changed on the disk: between the times of their neighbours."""
    found: list[Gap] = []
    for seq, samples in content.spoilt:
        before = [
            int(frame.receive_us[-1]) for at, frame in content.frames if at < seq and len(frame.receive_us)
        ]
        after = [
            int(frame.receive_us[0]) for at, frame in content.frames if at > seq and len(frame.receive_us)
        ]
        start = before[-1] if before else (after[0] - 1 if after else content.alive_us)
        text = f"a part of {FRAMES} was changed on the disk"
        found.append(_gap(start, after[0] if after else content.alive_us, "damaged", text, samples))
    return found


def _gap(start_us: int, end_us: int, cause: GapCause, text: str, samples: int | None = None) -> Gap:
    return Gap(start_us, max(end_us, start_us + 1), cause, samples=samples, text=text)
