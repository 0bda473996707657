"""The stored past of a plant, for reading: `engine.types.History` over day files and tail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.historian.cache import Cache
from engine.historian.envelope import Roll, minmax
from engine.historian.instant import instant
from engine.historian.latest import latest
from engine.historian.reading import Reading, Watch
from engine.historian.recovery import gaps, texts
from engine.historian.rolling import from_raw
from engine.historian.shelf import Shelf, stamp_of
from engine.historian.tail import Tail
from engine.historian.window import window
from engine.store.database import StoreError
from engine.store.segment import Segment
from engine.types import Curve, Gap, Instant, Rollup, Samples


class StoredHistory:
    """Reading one history folder. Any thread, several at once; ``close`` when done.

    ``tail`` = what is not in day files yet. ``fast`` = ids of the tags of 100 samples a second and more.
    ``text`` = what is known of the codes of texts without looking at the disk. ``told`` hears once of
    everything that cannot be read; it is a gap in what is returned, and no error. ``cache_mb`` bounds
    what is kept decoded, ``most_open`` the files held open. A missing folder is an empty history.
    """

    def __init__(
        self,
        folder: Path,
        tail: Tail,
        *,
        fast: Collection[int] = (),
        text: Callable[[float], str] = lambda code: "",
        told: Callable[[str], None] = lambda text: None,
        cache_mb: int = 192,
        most_open: int = 48,
    ) -> None:
        self._folder, self._tail = folder, tail
        self._shelf = Shelf(folder, told, most_open)
        self._cache = Cache(cache_mb * 1_000_000)
        self._reading = Reading(self._shelf, tail, self._cache, frozenset(fast))
        self._roll: Roll | None = None
        self._text, self._text_lock = text, threading.Lock()
        self._texts: dict[float, str] = {}
        self._learnt: dict[int, tuple[int, ...]] = {}

    def use(self, roll: Roll) -> None:
        """Take roll-ups from here; before that they are made from samples, which takes long."""
        self._roll = roll

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        """All stored samples of the span, and the one before it where there is one."""
        return self._reading.raw(tag_id, start_us, end_us)

    def count(self, tag_id: int, start_us: int, end_us: int) -> int:
        """About how many samples of the span are stored, found out without decoding any."""
        return self._reading.count(tag_id, start_us, end_us)

    def minmax(self, tag_id: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """At most two points a pixel; no spike and no gap is lost."""
        return minmax(self._reading, tag_id, start_us, end_us, pixels, self._roll)

    def rollup(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        """Steps of any length, from ``start_us`` on; the last one may reach beyond ``end_us``."""
        if self._roll is not None:
            return self._roll(tag_id, start_us, end_us, step_us)
        return from_raw(self, tag_id, start_us, step_us, max(-((start_us - end_us) // step_us), 0))

    def window(
        self,
        tag_ids: Sequence[int],
        start_us: int,
        end_us: int,
        step_us: int,
        watch: Watch | None = None,
    ) -> NDArray[np.float32]:
        """float32[n × steps]: the value at each start_us + k·step_us; NaN where none is plainly good.

        Raises:
            Cancelled: ``watch`` said that it is not needed any more.
        """
        return window(self._reading, tag_ids, start_us, end_us, step_us, watch)

    def instant(self, tag_ids: Sequence[int], time_us: int) -> Instant:
        """What every tag said at that instant."""
        # The tail before the files: what a seal moves meanwhile is then seen twice, never missed.
        fresh = latest(self._tail.runs(), time_us)
        return instant(self._reading, tag_ids, time_us, fresh)

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        """Stretches of the span in which samples are missing, oldest first."""
        return gaps(self._folder, start_us, end_us) if start_us < end_us else []

    def text(self, code: float) -> str:
        """What the value of a text tag stands for, "" where nobody knows any more."""
        known = self._texts.get(code)
        if known is None:
            known = self._text(code)
            if not known:
                self._learn()
                known = self._texts.get(code, "")
            self._texts[code] = known
        return known

    def _learn(self) -> None:
        """Read the texts of the journal, and of those day files that have changed since the last time."""
        with self._text_lock:
            for file in self._shelf.files():
                stamp = stamp_of(file)
                if self._learnt.get(file.number) != stamp:
                    self._know(self._shelf.ask(file, Segment.texts) or {})
                    self._learnt[file.number] = stamp
            try:
                self._know(texts(self._folder))
            except StoreError as error:
                self._shelf.tell("texts", str(error))

    def _know(self, found: Mapping[int, str]) -> None:
        self._texts.update((float(code), text) for code, text in found.items())

    def close(self) -> None:
        """Close all files."""
        self._shelf.close()
        self._cache.clear()
        self._reading.stretches.clear()
