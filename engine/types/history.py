"""History: stored samples, what is made of them, and what is known of the store itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.types.samples import Batch, Curve


class Origin(IntEnum):
    """How a sample came into the history."""

    LIVE = 0
    LATE = 1
    """It came after a newer one."""
    BACKFILL = 2
    """The device kept it while the link was down."""
    ENGINE = 3
    """Written by the engine itself: what ends a stretch (stale, link or engine lost) or lets it go on."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Stored samples of one tag in order of source time, never two alike (time, value and quality).

    time_us, receive_us int64[k] · value float64[k], NaN = none · quality uint32[k] · origin uint8[k]
    (`Origin`) · dropped uint32[k]: how many samples that came between this one and the next were left
    out because the straight line between the two keeps within the tag's deadband of each. Where it is
    0 the value simply held until the next sample.
    """

    time_us: NDArray[np.int64]
    receive_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]
    origin: NDArray[np.uint8]
    dropped: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """Equal steps of time of one tag: step k covers [start_us + k·step_us, +step_us).

    low, high, mean float64[k] of the good values (mean is weighted by time; NaN = no good value) ·
    count uint32[k] samples received in the step, the dropped ones too · good float32[k] = part of the
    step, 0 to 1, with a good value.
    """

    start_us: int
    step_us: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    count: NDArray[np.uint32]
    good: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """All tags at one past instant, in the order they were asked for.

    value float64[n], NaN = none · quality uint32[n] · time_us int64[n] = source time of that sample,
    0 = none that early.
    """

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]


GapCause = Literal["engine", "link", "dropped", "disk", "backlog", "too old", "damaged"]


class Gap(msgspec.Struct, frozen=True):
    """A stretch in which samples are known to be missing.

    ``tag_id`` None = all tags of ``source``, and with ``source`` "" of the whole plant. ``samples`` =
    how many are missing, None = nobody can know.
    """

    start_us: int
    end_us: int
    cause: GapCause
    source: str = ""
    tag_id: int | None = None
    samples: int | None = None
    text: str = ""


class HistorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[history]`` of plant.toml, but for ``ring_mb``.

    A class of data is kept for its days and within its bytes, whichever ends first; ``max_gb`` = all
    of it together. ``fast`` = tags with 100 samples a second and more. Roll-ups outlive the samples
    that they were made of. ``backup_to`` "" = no nightly backup; ``backup_at`` in the plant's own time.
    """

    days: float = 92.0
    fast_days: float = 7.0
    rollup_days: float = 1830.0
    max_gb: float = 50.0
    fast_gb: float = 20.0
    backup_to: str = ""
    backup_at: str = "02:30"


class HistoryStatus(msgspec.Struct, frozen=True):
    """The history store now, for System and ``watchroom status``.

    ``rate`` = samples a second going to disk; ``waiting`` samples are not on disk yet, the oldest for
    ``lag_ms``; ``lost`` will never be. ``tail`` samples are on disk but not packed yet. ``days_left`` =
    until the quota or the disk is full at the present rate, None = cannot be told yet; then the oldest
    are removed. ``damaged`` = names of files set aside. ``trouble`` = what a person
    must see to, "" = nothing. ``facts`` are (name, text) pairs in words: room, backup, availability.
    """

    rate: float = 0.0
    waiting: int = 0
    lag_ms: float = 0.0
    lost: int = 0
    tail: int = 0
    bytes: int = 0
    quota_bytes: int = 0
    disk_free_bytes: int = 0
    bytes_per_sample: float | None = None
    oldest_us: int | None = None
    days_left: float | None = None
    gaps: int = 0
    damaged: tuple[str, ...] = ()
    trouble: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class TagScore(msgspec.Struct, frozen=True):
    """How good the data of a tag, a device or an area is, 0 to 1 each; ``score`` is the lowest of them.

    ``path`` is the tag's, the source's id or the area's path. ``worst`` is the weakest side in words.
    """

    path: str
    score: float
    complete: float
    timely: float
    in_range: float
    moving: float
    consistent: float
    worst: str = ""


class Annotation(msgspec.Struct, frozen=True):
    """A note that a person put on a stretch of time; ``tag`` = path, "" = of all tags."""

    note_id: int
    start_us: int
    end_us: int
    tag: str
    author: str
    text: str
    made_us: int


class History(Protocol):
    """Reading the stored past. Any thread; times are source times in UTC microseconds, end excluded.

    A tag without history gives empty arrays. ``start`` after ``end`` gives nothing.
    """

    def raw(self, tag_id: int, start_us: int, end_us: int) -> Samples:
        """All stored samples of the span, and the one before it where there is one."""
        ...

    def minmax(self, tag_id: int, start_us: int, end_us: int, pixels: int) -> Curve:
        """At most two points a pixel; no spike and no gap is lost. Never draws on what is not stored."""
        ...

    def rollup(self, tag_id: int, start_us: int, end_us: int, step_us: int) -> Rollup:
        """Steps of 1 s, 1 min, 1 h or any other length, from ``start_us`` on."""
        ...

    def window(self, tag_ids: Sequence[int], start_us: int, end_us: int, step_us: int) -> NDArray[np.float32]:
        """float32[n × steps] for models: the value at each start_us + k·step_us; NaN where none is good."""
        ...

    def instant(self, tag_ids: Sequence[int], time_us: int) -> Instant:
        """What every tag said at that instant."""
        ...

    def gaps(self, start_us: int, end_us: int) -> Sequence[Gap]:
        """Stretches of the span in which samples are missing, oldest first."""
        ...


class Record(Protocol):
    """Writing the history. Quick, never blocks; called by the engine's loop thread."""

    def append(
        self, batch: Batch, origin: Origin = Origin.LIVE, taken: NDArray[np.bool_] | None = None
    ) -> None:
        """Take a batch, or of it the samples ``taken`` bool[rows×n]. Overload: refuse, counted, and a gap."""
        ...

    def gap(self, gap: Gap) -> None:
        """Remember that samples are missing."""
        ...


class SiteHistory(Protocol):
    """The seam for a site historian (PI, Timescale …) as a plugin: it gets what is on our disk, in order.

    ``put`` returns when the other side has the samples for good and raises when it has not; the engine
    then sends the same again, so equal (tag, time, value, quality) must have no further effect.
    """

    name: str

    def put(self, paths: Sequence[str], samples: Sequence[Samples]) -> None: ...
    def newest_us(self, path: str) -> int | None:
        """Source time of the newest sample that the other side has of a tag, None = none."""
        ...
