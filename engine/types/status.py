"""What is known of devices and of the engine, for people."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types.project import TypeName

SourceStateName = Literal["connecting", "connected", "stale", "refused", "stopped"]


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


class SourceLogin(msgspec.Struct, frozen=True):
    """How a source is entered as a user. ``set_us`` = when its password was set, 0 = none is kept.

    ``state``: "new" = not tried yet; "accepted" = it works; "sent" (no answer came) and "refused" wait for a
    person. ``place`` in words.
    """

    user: str
    set_us: int = 0
    by: str = ""
    state: Literal["none", "new", "sent", "accepted", "refused"] = "none"
    place: str = ""


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
    unsecured: str = ""
    """Writes over its open link, which plant.toml asks for: "open" = an administrator has not confirmed them,
    "confirmed", "" = it does not arise."""
    login: SourceLogin | None = None
    """None = plant.toml names no user for it."""


class EngineStatus(msgspec.Struct, frozen=True, tag_field="kind", tag="engine"):
    """The engine as ``watchroom status`` prints it; ``trouble`` = what a person must see to, "" = nothing.

    ``late`` samples were older than the live value, ``duplicates`` came a second time.
    """

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
    late: int = 0
    duplicates: int = 0


class BrowseItem(msgspec.Struct, frozen=True):
    """One node found by browsing; ``address`` can be pasted into tags.csv."""

    name: str
    address: str
    kind: Literal["folder", "variable"]
    type: str = ""
    unit: str = ""
    value: str = ""
