"""The historian: takes samples, makes them durable, packs them. The writing side of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.historian.framing import Framing
from engine.historian.inbox import Inbox
from engine.historian.places import RESERVE
from engine.historian.recovery import breaks, recover
from engine.historian.reserve import Reserve
from engine.historian.seal import Sealing
from engine.historian.sealer import Sealer, Span, stored
from engine.historian.tail import Tail
from engine.historian.writer import Writer
from engine.store.frame_rows import Frame
from engine.types import Batch, Clock, Gap, HistorySettings, HistoryStatus, Origin, Tag

CLOSE_S = 4.0


class Historian:
    """The history of one project (`engine.types.Record`), with a thread that writes and one that packs.

    ``folder`` = PROJECT/data/history, of which this is the only writer. ``limits`` = by tag id the values
    that alarms compare with: no thinning moves their crossings. ``texts`` gives the text of a text tag's
    code. ``failed`` and ``healed`` hear, in a thread of ours, once each what a person must see to and
    that it is over.

    Overload: refuse. Samples that memory has no room for while the disk does not keep up are not taken;
    they count as ``lost`` and become gaps.

    Raises:
        StoreError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        tags: Sequence[Tag],
        clock: Clock,
        *,
        failed: Callable[[str], None],
        healed: Callable[[str], None],
        texts: Callable[[float], str],
        limits: Mapping[int, Sequence[float]] | None = None,
        settings: HistorySettings | None = None,
    ) -> None:
        settings = settings or HistorySettings()
        self._tags = {tag.tag_id: tag for tag in tags}
        found = recover(folder, self._tags, clock.now_us())
        self.tail: Tail = found.tail
        self.known_texts: Sequence[tuple[int, str]] = found.texts
        self.was_killed = found.was_killed
        self._old_texts, self._texts = dict(found.texts), texts
        self._recovered, self._inbox, self._clock = found.damaged, Inbox(), clock
        sealing = Sealing(self._tags, limits or {}, stored(folder))
        kept_us = round(max(settings.days, settings.fast_days) * 86_400e6)
        self._writer = Writer(
            *(found.file, self._inbox, self.tail, Framing(kept_us), Reserve(folder / RESERVE)),
            *(self._tags, clock, self._wake, self._last_frames, failed, healed),
        )
        self._sealer = Sealer(
            *(folder, self.tail, sealing, self._text_of, clock),
            *(self._writer.remove, self.gap, failed, healed),
        )
        self._writer.start()
        self._sealer.start()
        self._wake()

    @property
    def sealed(self) -> list[Callable[[Sequence[Span]], None]]:
        """Called in the seal thread with (tag id, first_us, last_us) of every chunk that is packed now."""
        return self._sealer.sealed

    @property
    def durable_us(self) -> int:
        """Everything appended up to this time is on disk."""
        return self._writer.durable_us

    @property
    def trouble(self) -> str:
        """What a person must see to, "" while all is well."""
        return self._writer.trouble or self._sealer.trouble

    @property
    def lost(self) -> int:
        """Samples since the start that will never be in the history; each is part of a gap."""
        return self._inbox.lost + self._writer.lost

    @property
    def status(self) -> HistoryStatus:
        """What is known here; sizes, quotas and free space are filled in by others."""
        waiting = self._writer.waiting
        lag_ms = max(0.0, (self._clock.now_us() - self.durable_us) / 1000) if waiting else 0.0
        damaged = (*self._recovered, *self._writer.damaged, *self._sealer.damaged)
        return HistoryStatus(
            rate=self._writer.rate,
            waiting=waiting,
            lag_ms=lag_ms,
            lost=self.lost,
            tail=self.tail.samples,
            gaps=self._writer.gaps,
            damaged=damaged,
            trouble=self.trouble,
        )

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Take a batch, or of it the samples ``taken`` bool[rows×n]; its arrays must not change any more."""
        self._inbox.put(batch, origin, taken)

    def gap(self, gap: Gap) -> None:
        """Remember that samples are missing."""
        self._inbox.gap(gap)

    def text(self, code: float, text: str) -> None:
        """Keep what a code stands for; call it before the first sample that uses it is appended."""
        self._inbox.text(int(code), text)

    def describe(self, tags: Iterable[Tag]) -> None:
        """What is known of these tags by now: text or number, measured or words."""
        self._tags.update({tag.tag_id: tag for tag in tags})

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until everything appended so far is on disk and in the tail; False = it is not yet."""
        return self._writer.wait(self._inbox.hurry(), timeout_s)

    def seal(self, timeout_s: float = 60.0) -> bool:
        """Pack everything appended so far into segments; False = it takes longer, or the disk refuses."""
        return self._writer.wait(self._inbox.hurry(mark=True), timeout_s) and self._sealer.wait(timeout_s)

    def close(self) -> None:
        """Make the rest durable and end; gives up after 4 s and then says what is lost."""
        self._inbox.close()
        written = self._writer.join(CLOSE_S)
        self._sealer.stop(CLOSE_S)
        if not written:
            self._writer.give_up()

    def _text_of(self, code: float) -> str:
        """Recovered samples may be packed before the texts of earlier runs are known elsewhere."""
        return self._old_texts.get(int(code)) or self._texts(code)

    def _wake(self) -> None:
        self._sealer.wake()

    def _last_frames(self, now_us: int, frames: Sequence[Frame]) -> Sequence[Frame]:
        return breaks(self._tags, now_us, self.tail.newest(frames))
