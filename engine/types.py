"""Structs and protocols that every part of the engine, and every client of it, shares.

Times are UTC microseconds since 1970 in ``int64`` unless a name says ``mono`` (the machine's
monotonic clock, comparable between processes of one machine and one boot). Quality is the
32-bit OPC UA StatusCode everywhere (OPC 10000-4, 7.38). msgspec structs hold no arrays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

TypeName = Literal[
    "", "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "string"
]
QualityWord = Literal["good", "uncertain", "bad"]
Criticality = Literal["low", "normal", "critical"]
SourceStateName = Literal["connecting", "connected", "stale", "refused", "stopped"]
Severity = Literal["error", "warning"]


class Status(IntEnum):
    """The OPC UA status codes the engine itself sets; a device may send any other."""

    GOOD = 0x00000000
    UNCERTAIN = 0x40000000
    STALE = 0x408F0000
    """UncertainNoCommunicationLastUsableValue: the last value is kept, nobody has confirmed it."""
    LAST_USABLE = 0x40900000
    BAD = 0x80000000
    COMMUNICATION_ERROR = 0x80050000
    NO_COMMUNICATION = 0x80310000
    WAITING_FOR_INITIAL_DATA = 0x80320000
    CONFIGURATION_ERROR = 0x80890000
    NOT_CONNECTED = 0x808A0000
    DEVICE_FAILURE = 0x808B0000
    SENSOR_FAILURE = 0x808C0000


SEVERITY_MASK = 0xC0000000
REASONS: dict[int, str] = {
    Status.STALE: "no news from the source; this is the last value",
    Status.LAST_USABLE: "last usable value",
    Status.UNCERTAIN: "the device marks it uncertain",
    0x40910000: "substitute value",
    0x40920000: "initial value, not measured yet",
    0x40930000: "sensor not accurate",
    0x40940000: "outside the sensor's range",
    0x40950000: "fewer sources than needed",
    0x42090000: "simulated value",
    Status.BAD: "the device marks it bad",
    Status.COMMUNICATION_ERROR: "communication error",
    Status.NO_COMMUNICATION: "no communication with the device",
    Status.WAITING_FOR_INITIAL_DATA: "no value received yet",
    Status.CONFIGURATION_ERROR: "address or type does not fit the device",
    Status.NOT_CONNECTED: "sensor not connected",
    Status.DEVICE_FAILURE: "device failure",
    Status.SENSOR_FAILURE: "sensor failure",
    0x808D0000: "out of service",
    0x800A0000: "timeout",
    0x803A0000: "not readable",
    0x80340000: "node does not exist on the server",
}


def quality_word(status: int) -> QualityWord:
    """The severity of a StatusCode (bits 31-30) in one word."""
    if status & 0x80000000:
        return "bad"
    return "uncertain" if status & 0x40000000 else "good"


def reason(status: int) -> str:
    """What a StatusCode means, for a person; empty when plainly good."""
    if status & 0xFFFF0000 == 0:
        return ""
    text = REASONS.get(status & 0xFFFF0000)
    return text or f"{quality_word(status)}, code 0x{status:08X}"


class Plant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[plant]`` and ``[history]`` of plant.toml."""

    name: str
    timezone: str = "UTC"
    locale: str = "en"
    keep_running: bool = False
    ring_mb: int = 256


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[sources]]`` entry: a device or server the engine talks to.

    ``timeout_s`` = longest wait for one answer, 0 = the driver's own choice. ``block`` and ``gap``
    (Modbus) = most registers in one request and the widest hole worth reading over, None = the
    protocol's limit and 8.
    """

    id: str
    driver: str
    endpoint: str
    security: str = ""
    unsecured_writes: bool = False
    timeout_s: float = 0.0
    block: int | None = None
    gap: int | None = None


class Tag(msgspec.Struct, frozen=True):
    """One row of tags.csv. ``tag_id`` is given once by the catalogue and never reused.

    ``rate`` is in samples per second; ``low``/``high`` are the range in ``unit``. What the device
    sends is multiplied by ``factor``, then ``offset`` is added; both are 1 and 0 for text. ``states``
    are the words of an enumeration by number.
    """

    tag_id: int
    path: str
    source: str
    address: str
    type: TypeName = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    deadband: float = 0.0
    rate: float = 1.0
    criticality: Criticality = "normal"
    decimals: int | None = None
    writable: bool = False
    line: int = 0
    factor: float = 1.0
    offset: float = 0.0
    states: dict[int, str] = {}


class Project(msgspec.Struct, frozen=True):
    """A project folder, read and found sound."""

    folder: str
    plant: Plant
    sources: tuple[Source, ...]
    tags: tuple[Tag, ...]


class Problem(msgspec.Struct, frozen=True):
    """One finding of ``watchroom check``: where it is and what to do about it."""

    file: str
    line: int
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples of one scan group: ``rows`` instants of the same ``n`` distinct tags.

    tags int32[n] (tag ids) · source_time_us int64[rows | rows×n] · receive_time_us int64[rows]
    · value float64[rows×n] · quality uint32[n | rows×n]. Rows are in time order.
    """

    group: int
    tags: NDArray[np.int32]
    source_time_us: NDArray[np.int64]
    receive_time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All live tags at one instant, in live order (the order of the ``tags`` answer).

    value float64[n] (NaN = none) · status uint32[n], with staleness already applied ·
    source_time_us, receive_time_us int64[n] (0 = never) · age_s float64[n] (NaN = never) ·
    stale bool[n] · version uint64[n], changes with every new sample or quality ·
    torn = tags whose row could not be read whole, so the reader kept its last copy · text = what the
    text tags say, by live position; their ``value`` is only a number that changes with the text.
    """

    value: NDArray[np.float64]
    status: NDArray[np.uint32]
    source_time_us: NDArray[np.int64]
    receive_time_us: NDArray[np.int64]
    age_s: NDArray[np.float64]
    stale: NDArray[np.bool_]
    version: NDArray[np.uint64]
    torn: int
    text: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One tag over a span, never more than two points a pixel, oldest first.

    time_us int64[k] · low, high float64[k]: smallest and largest value of that bucket (equal for
    raw samples); NaN = a gap, draw no line across it · uncertain bool[k] = not plainly good.
    """

    time_us: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    uncertain: NDArray[np.bool_]


class Column(msgspec.Struct, frozen=True):
    """One array of the live file: ``items`` elements for each tag, tags one after another."""

    offset: int
    dtype: str
    items: int = 1


class Layout(msgspec.Struct, frozen=True):
    """The whole live file: sizes in bytes and the place of every column by name."""

    version: int
    boot: int
    generation: int
    capacity: int
    count: int
    size: int
    columns: dict[str, Column]

    @property
    def samples(self) -> int:
        """Raw samples kept for each tag."""
        return self.columns["ring_time_us"].items


class TagInfo(msgspec.Struct, frozen=True):
    """What the device itself says about a tag; fills what tags.csv leaves empty.

    ``low``/``high`` and ``unit`` are those of the raw value. ``states`` are the words of an enumeration.
    """

    type: TypeName = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    states: dict[int, str] = {}


class SourceStatus(msgspec.Struct, frozen=True, tag_field="kind", tag="source"):
    """A source as ``watchroom status`` prints it.

    ``what`` is the matter with the link now and what to ``do``, both "" while all is well;
    ``last_error`` stays after recovery. ``clock_offset_s`` = the device's clock minus ours, None where
    it has none. ``notes`` = how many other things a person should know (``SourceNote``).
    """

    id: str
    driver: str
    endpoint: str
    state: SourceStateName
    security: str
    tags: int
    good: int
    rate_in: float
    dropped: int
    reconnects: int
    last_error: str
    age_s: float | None
    what: str = ""
    do: str = ""
    clock_offset_s: float | None = None
    notes: int = 0


class SourceNote(msgspec.Struct, frozen=True):
    """Something about a working or broken link that a person should know: what it is, what to do.

    ``about`` is a short key within the source; a note with the same key replaces the one before.
    """

    about: str
    what: str
    do: str
    since_us: int


class SourceEvent(msgspec.Struct, frozen=True):
    """One change of a source's state, newest last in a list."""

    time_us: int
    state: SourceStateName
    why: str


class TagTrouble(msgspec.Struct, frozen=True):
    """A tag without a good value, and why."""

    path: str
    address: str
    status: int
    why: str


class Certificate(msgspec.Struct, frozen=True):
    """A certificate of a secured source. ``thumbprint`` = SHA-256 of the DER form, lower-case hex.

    ``place``: "own" = ours, which the device must trust; "trusted" = pinned for this source;
    "rejected" = shown by the device and accepted by nobody yet. Times are the limits of its life.
    """

    place: Literal["own", "trusted", "rejected"]
    thumbprint: str
    subject: str
    uri: str
    not_before_us: int
    not_after_us: int
    file: str


class SourceDetail(msgspec.Struct, frozen=True):
    """All that is known of one source, for its page on the System display.

    ``facts`` are (name, text) pairs of the present link, such as revised intervals. ``troubled`` holds
    the first tags without a good value, ``troubled_count`` counts them all.
    """

    status: SourceStatus
    notes: tuple[SourceNote, ...]
    facts: tuple[tuple[str, str], ...]
    events: tuple[SourceEvent, ...]
    troubled: tuple[TagTrouble, ...]
    troubled_count: int
    certificates: tuple[Certificate, ...]


class EngineStatus(msgspec.Struct, frozen=True, tag_field="kind", tag="engine"):
    """The engine as ``watchroom status`` prints it; ``trouble`` = what a person must see to, "" = nothing."""

    pid: int
    version: str
    uptime_s: float
    tags: int
    good: int
    uncertain: int
    bad: int
    rate_in: float
    rate_filtered: float
    dropped: int
    lag_ms_p99: float | None
    rss_mb: float
    cpu_pct: float
    trouble: str = ""


class BrowseItem(msgspec.Struct, frozen=True):
    """One node found by browsing; ``address`` can be pasted into tags.csv."""

    name: str
    address: str
    kind: Literal["folder", "variable"]
    type: str = ""
    unit: str = ""
    value: str = ""


class AddressRules(Protocol):
    """How a driver judges plant.toml and tags.csv, without touching the network.

    The two checks give a sentence per mistake; ``tag_type`` the type an address states, or "".
    """

    @property
    def check_source(self) -> Callable[[Source], Sequence[str]]: ...
    @property
    def check_address(self) -> Callable[[str], Sequence[str]]: ...
    @property
    def tag_type(self) -> Callable[[str], str]: ...


class Clock(Protocol):
    """The one source of time; see ``engine.clock``."""

    def now_us(self) -> int: ...
    def mono_us(self) -> int: ...
    async def sleep(self, seconds: float) -> None: ...


class Sink(Protocol):
    """What the engine gives a driver to report to. Every call is quick and never blocks.

    Overload: live values are overwritten, never queued.
    """

    def batch(self, batch: Batch) -> None:
        """New samples. The tags in it count as proven current at the batch's receive time."""
        ...

    def alive(self, tags: NDArray[np.int32]) -> None:
        """The source proves the last values of these tags current (keep-alive, unchanged poll)."""
        ...

    def period(self, tags: NDArray[np.int32], seconds: float) -> None:
        """Revised keep-alive or scan period of these tags: sets when they count as stale."""
        ...

    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None:
        """Set a quality without a new value (missing node, refused address); ``why`` in words."""
        ...

    def late(self, batch: Batch) -> None:
        """Older samples the device kept while the link was down: history, never the live value."""
        ...

    def describe(self, tag_id: int, info: TagInfo) -> None:
        """Type, unit and range as the device states them."""
        ...

    def connected(self, security: str) -> None:
        """The link works. ``security`` is the policy in words, "none" for an open link."""
        ...

    def lost(self, samples: int, why: str) -> None:
        """Samples the device or the link dropped."""
        ...

    def note(self, about: str, what: str, do: str = "") -> None:
        """Tell a person something about this source (``SourceNote``); an empty ``what`` takes it back.

        Notes outlive the link: the next run takes back what no longer holds.
        """
        ...

    def fact(self, name: str, text: str) -> None:
        """A figure of the present link in words, such as "publishing interval": "1 s (asked 0.5 s)"."""
        ...

    def clock_offset(self, seconds: float) -> None:
        """The device's clock minus ours, measured."""
        ...


Intern = Callable[[str], float]
"""The number that stands for a text in batches: equal texts give equal numbers."""

Append = Callable[[str, dict[str, Any]], None]
"""Write an event (name, body) to the journal; it is published once it is on disk."""

Browse = Callable[[str, str], Awaitable[Sequence[BrowseItem]]]
"""Browse (source id, node address or "") of a device."""
