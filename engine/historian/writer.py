"""The journal thread: makes what waits durable, a group every 100 ms, and only then part of the tail.

Overload policy: refuse. While the disk does not keep up or refuses, samples wait in memory up to
`inbox.MOST_BYTES`; beyond that new ones are not taken, counted in ``lost``, and a gap says from when to
when as soon as the disk takes anything again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from engine.clock import rfc3339
from engine.historian.framing import Framing, Misdated
from engine.historian.inbox import Inbox, Refused, Taken
from engine.historian.places import move_aside
from engine.historian.recovery import salvaged
from engine.historian.reserve import Reserve
from engine.historian.tail import Tail
from engine.store.database import ADVICE, FULL, PASSING, Damaged, code
from engine.store.frame_rows import Frame
from engine.store.frames import FrameFile, Group
from engine.types import Clock, Gap, Tag

log = logging.getLogger("watchroom.history")
GROUP_S = 0.1
IDLE_S = 0.5
"""So often the time up to which all is on disk is written where there are no samples."""
RETRY_S = (0.5, 10.0)
SEAL_SAMPLES = 4_000_000
SEAL_BYTES = 128_000_000
SEAL_S = 1800.0
"""A layer of the tail is closed at so many samples or bytes, or when it is so old."""
MOST_TAIL_BYTES = 512_000_000
"""While segments cannot be written the tail grows to this; then new samples wait as if the disk refused."""
REFUSED_S = 1.0
"""Gaps of samples that were not taken are written so often, and when the disk takes samples again."""


class Writer:
    """The thread and its file. ``last_frames`` = what comes last of all when the engine ends, after the time
    up to which all is on disk and the frames that are to be written with it.
    """

    def __init__(
        self,
        file: FrameFile,
        inbox: Inbox,
        tail: Tail,
        framing: Framing,
        reserve: Reserve,
        tags: dict[int, Tag],
        clock: Clock,
        marked: Callable[[], None],
        last_frames: Callable[[int, Sequence[Frame]], Sequence[Frame]],
        failed: Callable[[str], None],
        healed: Callable[[str], None],
    ) -> None:
        self.trouble, self.lost, self.gaps = "", 0, 0
        self.damaged: list[str] = []
        self.durable_us = file.alive_us
        self._file, self._inbox, self._tail, self._framing = file, inbox, tail, framing
        self._reserve, self._tags, self._clock = reserve, tags, clock
        self._marked, self._last_frames, self._failed, self._healed = marked, last_frames, failed, healed
        self._group = Group(file.alive_us)
        self._ticket = 0
        self._refused: dict[tuple[int, str], Gap] = {}
        self._refused_at = 0.0
        self._removing: deque[int] = deque()
        self._suspect, self._wants_mark = False, False
        self._retry_at, self._pause = 0.0, 0.0
        self._marked_at = time.monotonic()
        self._done = threading.Condition()
        self._durable, self._ended = 0, False
        self._counts: deque[tuple[float, int]] = deque([(time.monotonic(), 0)], maxlen=12)
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    @property
    def waiting(self) -> int:
        """Samples that are not on disk yet."""
        return self._inbox.samples + sum(frame.value.size for frame in self._group.frames)

    @property
    def rate(self) -> float:
        """Samples a second that became durable, over the last five seconds or so."""
        (start, first), end = self._counts[0], time.monotonic()
        return (self._count - first) / max(end - start, 1e-3)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, ticket: int, timeout_s: float) -> bool:
        """Until all up to a ticket of the inbox is on disk; False when that takes longer."""
        with self._done:
            self._done.wait_for(lambda: self._durable >= ticket or self._ended, timeout_s)
            return self._durable >= ticket

    def remove(self, mark: int) -> None:
        """The frames up to a mark are packed; they are taken out between two groups."""
        self._removing.append(mark)

    def join(self, timeout_s: float) -> bool:
        """After the inbox was closed: wait for the last group. False = it could not be written in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self.trouble

    def give_up(self) -> None:
        """Count and tell what could not be written any more."""
        left = self.waiting
        self.lost += left
        if left:
            why = self.trouble or "the disk did not answer"
            self._failed(f"{left} samples were not written to {self._file.path} and are lost: {why}")

    def _run(self) -> None:
        closing = False
        while not closing:
            taken = self._inbox.take(0.0 if self._removing else IDLE_S, 0.0 if self._removing else GROUP_S)
            closing = taken.closing
            self._collect(taken)
            if closing or self._may_try():
                self._write(closing)
        self._file.close()
        with self._done:
            self._ended = True
            self._done.notify_all()

    def _collect(self, taken: Taken) -> None:
        """Into the group that is to become durable."""
        now_us, group = self._clock.now_us(), self._group
        frames, misdated = self._framing.frames(taken.batches, now_us)
        group.now_us = now_us
        group.frames += frames
        group.gaps += taken.gaps
        group.texts += taken.texts
        self._ticket = taken.ticket
        self._wants_mark = self._wants_mark or taken.mark
        for each in taken.refused:
            self._refuse(each)
        for each in misdated:
            self._misdate(each)
        self._inbox.held = sum(frame.nbytes for frame in group.frames)

    def _may_try(self) -> bool:
        if self._tail.nbytes > MOST_TAIL_BYTES:
            return False
        return time.monotonic() >= self._retry_at and (not self._reserve.given_up or self._reserve.is_back())

    def _write(self, closing: bool) -> None:
        group = self._group
        now = time.monotonic()
        if self._refused and (closing or self.trouble or now - self._refused_at >= REFUSED_S):
            group.gaps += self._refused.values()
            self._refused.clear()
            self._refused_at = now
        group.mark, group.stopped = self._is_time(now), closing
        try:
            if closing:
                group.frames += self._last_frames(group.now_us, group.frames)
            self._commit(group)
            self._remove_piece()
        except Exception as error:  # whatever refuses: nothing is acknowledged, all is kept
            self._keep(error)

    def _commit(self, group: Group) -> None:
        if self._suspect:
            self._reopen()
        self._file.commit(group)
        samples = sum(frame.value.size for frame in group.frames)
        self._group, self._inbox.held = Group(group.now_us), 0
        self._tail.add(group.frames, self._file.seq, close=group.mark)
        self._wants_mark = False
        if group.mark:
            self._marked_at = time.monotonic()
            self._marked()
        self._count += samples
        if time.monotonic() - self._counts[-1][0] >= 0.5:
            self._counts.append((time.monotonic(), self._count))
        self.gaps += len(group.gaps)
        with self._done:
            self.durable_us, self._durable = group.now_us, self._ticket
            self._done.notify_all()
        if self.trouble:
            self.trouble, self._pause, self._retry_at = "", 0.0, 0.0
            self._healed(f"the history {self._file.path} is written again")

    def _remove_piece(self) -> None:
        if self._removing and self._file.remove(self._removing[0]):
            self._removing.popleft()

    def _is_time(self, now: float) -> bool:
        """Whether to close the layer that the group goes into, for a seal; never an empty one."""
        samples = self._tail.open_samples
        due = (
            samples >= SEAL_SAMPLES or self._tail.open_bytes >= SEAL_BYTES or now - self._marked_at >= SEAL_S
        )
        return (self._wants_mark or due) and (samples > 0 or bool(self._group.frames))

    def _reopen(self) -> None:
        """A failed write may be marked clean in the system's cache; only a new open tells the truth."""
        old = self._file
        old.close()
        try:
            new = FrameFile(old.path)
        except Damaged:
            new = self._begin_anew(old)
        new.forget_after(old)
        self._file, self._suspect = new, False

    def _begin_anew(self, old: FrameFile) -> FrameFile:
        """The file went bad under us. Its samples are all in the tail, which is packed at once."""
        name = move_aside(old.path)
        new = FrameFile(old.path)
        found = salvaged(old.path.with_name(name))
        self._group.gaps[:0] = found.gaps
        self._group.texts[:0] = found.texts
        self._wants_mark = True
        self.damaged.append(name)
        self._failed(f"{old.path} was damaged and is now {name}; its samples go on from memory")
        return new

    def _keep(self, error: Exception) -> None:
        cause = code(error.__cause__ or error)
        self._suspect = self._suspect or cause not in PASSING
        if cause == FULL:
            self._reserve.give_up()
        self._pause = min(max(RETRY_S[0], 2 * self._pause), RETRY_S[1])
        self._retry_at = time.monotonic() + self._pause
        news = not self.trouble
        todo = ADVICE.get(cause, "")
        self.trouble = (
            f"the history cannot be written: {error}{f'; {todo}' if todo and todo not in str(error) else ''}"
        )
        if news:
            log.error("%s", self.trouble, exc_info=error)
            self._failed(self.trouble)

    def _refuse(self, refused: Refused) -> None:
        tag = self._tags.get(int(refused.tags[0]))
        source = tag.source if tag else ""
        alone = int(refused.tags[0]) if len(refused.tags) == 1 else None
        text = "the disk did not keep up, or refused, and memory was full"
        gap = Gap(refused.first_us, refused.last_us + 1, "backlog", source, alone, refused.samples, text)
        self._note(gap)

    def _misdate(self, wrong: Misdated) -> None:
        tag = self._tags.get(wrong.tag)
        text = f"dated {rfc3339(wrong.dated_us)}, which cannot be or is older than the history is kept"
        end_us = wrong.last_us + 1
        self.lost += wrong.samples
        source = tag.source if tag else ""
        self._note(Gap(wrong.first_us, end_us, "too old", source, wrong.tag, wrong.samples, text))

    def _note(self, gap: Gap) -> None:
        """One gap for all that the same tag or source loses in a row."""
        key = -1 if gap.tag_id is None else gap.tag_id, gap.source + gap.cause
        known = self._refused.get(key)
        if known is not None:
            start, end = min(known.start_us, gap.start_us), max(known.end_us, gap.end_us)
            samples = (known.samples or 0) + (gap.samples or 0)
            gap = Gap(start, end, gap.cause, gap.source, gap.tag_id, samples, gap.text)
        self._refused[key] = gap
