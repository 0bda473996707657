"""The seal thread: keeps the tail quick to read, and packs its closed layers into segments."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.historian.compact import Compaction
from engine.historian.places import DAY_US, move_aside, segment_path
from engine.historian.seal import Sealing, Target
from engine.historian.tail import Layer, Tail
from engine.store.database import ADVICE, PASSING, Damaged, StoreError, code
from engine.store.segment import Chunk, Segment
from engine.types import Clock, Gap

log = logging.getLogger("watchroom.history")
RETRY_S = (1.0, 30.0)
GATHER_S = 1.0
Span = tuple[int, int, int]
"""tag id, source time of its first and of its last sample, both included."""


class Sealer:
    """Its thread. ``trouble`` = why samples are not packed, "" while all is well; they are safe meanwhile.

    When a layer is in the segments for good each of ``sealed`` is called, then ``packed(mark)``; ``gap``
    hears what a damaged segment takes with it. ``damaged`` = names of files set aside.
    """

    def __init__(
        self,
        folder: Path,
        tail: Tail,
        sealing: Sealing,
        texts: Callable[[float], str],
        clock: Clock,
        packed: Callable[[int], None],
        gap: Callable[[Gap], None],
        failed: Callable[[str], None],
        healed: Callable[[str], None],
    ) -> None:
        self.trouble = ""
        self.damaged: list[str] = []
        self.sealed: list[Callable[[Sequence[Span]], None]] = []
        self._folder, self._tail, self._sealing, self._texts, self._clock = (
            folder,
            tail,
            sealing,
            texts,
            clock,
        )
        self._packed, self._gap, self._failed, self._healed = packed, gap, failed, healed
        self._unsure: set[Path] = set()
        self._compaction = Compaction(folder, clock)
        self._news = threading.Condition()
        self._work, self._stopping = False, False
        self._thread = threading.Thread(target=self._run, name="seal", daemon=True)

    def start(self) -> None:
        """Begin; what recovery left to be packed comes first."""
        self._thread.start()

    def wake(self) -> None:
        """There is a layer to pack."""
        with self._news:
            self._work = True
            self._news.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Until no closed layer is left; False when that takes longer, or the disk refuses."""
        with self._news:
            done = self._news.wait_for(lambda: self.trouble or not self._tail.has_closed(), timeout_s)
        return bool(done) and not self.trouble

    def stop(self, timeout_s: float) -> bool:
        """End after the file that is being written; what is not packed yet stays in the journal."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work_on()
        finally:
            self._compaction.close()

    def _work_on(self) -> None:
        pause = GATHER_S
        while not self._wait(pause):
            try:
                self._tail.gather()
                while not self._stopping and (layer := self._tail.closed()) is not None:
                    self._seal(layer)
            except Exception as error:  # whatever refuses: the frames stay where they are
                self._keep(error)
                pause = min(max(RETRY_S[0], 2 * pause), RETRY_S[1])
            else:
                pause = GATHER_S
                if self.trouble:
                    self.trouble = ""
                    self._healed("the history is packed again")
                self._compaction.step(self._is_idle, self._unsure)

    def _wait(self, pause_s: float) -> bool:
        """True when it is time to end. While the disk refuses, only time helps."""
        with self._news:
            self._news.wait_for(lambda: self._stopping or (self._work and not self.trouble), pause_s)
            self._work = False
            return self._stopping

    def _is_idle(self) -> bool:
        return not self._stopping and not self._work

    def _seal(self, layer: Layer) -> None:
        spans: list[Span] = []
        for target, chunks in sorted(self._sealing.chunks(layer.runs).items()):
            if self._stopping:
                return
            self._put(target, chunks, layer)
            spans += [(c.tag, int(c.time_us[0]), int(c.time_us[-1])) for c in chunks]
        # Who listens knows of the packed samples before they leave the tail and the frames.
        self._tell(spans)
        self._tail.take_away(layer)
        self._packed(layer.mark)
        with self._news:
            self._news.notify_all()

    def _tell(self, spans: Sequence[Span]) -> None:
        for each in self.sealed:
            try:
                each(spans)
            except Exception:  # a listener's fault must not stop the history
                log.exception("what follows a seal failed")

    def _put(self, target: Target, chunks: Sequence[Chunk], layer: Layer) -> None:
        path = segment_path(self._folder, *target)
        try:
            segment = Segment(path)
        except Damaged:
            self._set_aside(path, target[0])
            segment = Segment(path)
        try:
            if layer.is_recovered and segment.upto < layer.mark:
                chunks = self._without_moved(target, chunks, layer.mark)
            segment.put(chunks, layer.mark, self._codes(chunks), again=path in self._unsure)
        except Damaged:
            segment.close()
            self._set_aside(path, target[0])
            raise
        except StoreError as error:
            # What the disk refused may be marked clean in the system's cache: it is written anew.
            if code(error.__cause__ or error) not in PASSING:
                self._unsure.add(path)
            raise
        finally:
            segment.close()
        self._unsure.discard(path)
        self._compaction.written(path)

    def _without_moved(self, target: Target, chunks: Sequence[Chunk], mark: int) -> Sequence[Chunk]:
        """Without tags that this seal had put into the day's other file before the engine died.

        Their rate in tags.csv was changed in between.
        """
        other = segment_path(self._folder, target[0], not target[1])
        if not other.exists():
            return chunks
        segment = Segment(other, read_only=True)
        try:
            if segment.upto < mark:
                return chunks
            return [chunk for chunk in chunks if not segment.holds(chunk.tag, mark)]
        finally:
            segment.close()

    def _codes(self, chunks: Sequence[Chunk]) -> list[tuple[int, str]]:
        found: set[float] = set()
        for chunk in chunks:
            tag = self._sealing.tags.get(chunk.tag)
            if tag is not None and tag.type == "string":
                found.update(np.unique(chunk.value[np.isfinite(chunk.value)]).tolist())
        return [(int(value), text) for value in sorted(found) if (text := self._texts(value))]

    def _set_aside(self, path: Path, day: int) -> None:
        name = move_aside(path)
        self.damaged.append(name)
        text = f"{path.name} was damaged and is now {name}; restore it from a backup"
        end_us = min((day + 1) * DAY_US, max(day * DAY_US + 1, self._clock.now_us()))
        self._gap(Gap(day * DAY_US, end_us, "damaged", text=text))
        self._failed(text)

    def _keep(self, error: Exception) -> None:
        news = not self.trouble
        todo = ADVICE.get(code(error.__cause__ or error), "")
        self.trouble = (
            f"the history cannot be packed: {error}{f'; {todo}' if todo and todo not in str(error) else ''}"
        )
        if news:
            log.error("%s", self.trouble, exc_info=error)
            self._failed(self.trouble)
        with self._news:
            self._news.notify_all()


def stored(folder: Path) -> Callable[[int, int, int], Sequence[Chunk]]:
    """How a seal asks which samples of a tag the segments have already; of damaged ones it learns nothing."""

    def known(tag: int, first_us: int, end_us: int) -> Sequence[Chunk]:
        found: list[Chunk] = []
        for day in range(first_us // DAY_US, (end_us - 1) // DAY_US + 1):
            for fast in (False, True):
                path = segment_path(folder, day, fast)
                if path.exists():
                    found += _read(path, tag, first_us, end_us)
        return found

    return known


def _read(path: Path, tag: int, first_us: int, end_us: int) -> list[Chunk]:
    try:
        segment = Segment(path, read_only=True)
    except StoreError:
        return []
    try:
        return [
            segment.unpack(each, segment.times(each.times_id)) for each in segment.find(tag, first_us, end_us)
        ]
    except StoreError:
        return []
    finally:
        segment.close()
