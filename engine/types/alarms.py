"""Alarms: how they are configured, what they are now, and what happened to them.

Designed to ISA-18.2-2016 / IEC 62682. The words: a *limit* is a row of alarms.csv, the condition and its
alarm; an *alarm* is what that condition says now and what people made of it; a *change* is one row of the
alarm journal. An alarm asks for an action of the operator; a forecast or an advice is never one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

LimitKind = Literal[
    "hh", "h", "l", "ll", "on", "off", "trip",
    "dev", "rate", "disc", "bad", "expr", "status", "link", "device", "flood",
]  # fmt: skip
Letter = Literal["A", "B", "C", "D", "E", "F", "G"]
"""Of ISA-18.2: A normal, B unacknowledged, C acknowledged, D returned and unacknowledged, E shelved,
F suppressed by design, G out of service. Derived (`engine.alarms.life.letter`), never kept."""
QualityPolicy = Literal["hold", "raise", "clear"]
"""What a value that is bad or stale does to an alarm: leave it as it is, raise it, or end it."""
What = Literal[
    "active", "returned", "acknowledged", "reset", "realarmed", "note", "edited", "removed",
    "shelved", "unshelved", "expired", "suppressed", "unsuppressed", "out_of_service", "in_service",
]  # fmt: skip
"""What a change says. ``expired`` = a shelf ran out by itself."""
CommandName = Literal["acknowledge", "reset", "shelve", "unshelve", "out_of_service", "in_service", "note"]


class Limit(msgspec.Struct, frozen=True):
    """One row of alarms.csv for the tag ``path``: a condition and the alarm it raises.

    (path, kind, name) names it for ever; ``name`` tells several of a kind apart, "" where there is one.

    Kinds. ``hh h l ll`` compare with ``limit`` in the tag's unit, leaving takes ``deadband`` more; ``on``
    and ``off`` alarm on a bool that is so (``limit`` unused) or, with ``limit`` set, on an enumeration that
    equals it (``on``) or differs (``off``). ``trip`` is where the PLC itself stops the machine: a line on
    trends; it alarms like ``hh`` (or ``ll`` where it lies below all others) only with a priority. ``dev`` =
    further than ``limit`` from the tag ``other``; ``rate`` = changes by more than ``limit`` a second, over
    ``window_s``; ``disc`` = differs from ``other`` (a command and its feedback) by more than ``limit``;
    ``bad`` = its quality is bad or stale; ``expr`` = ``expression`` is true; ``status`` = NE 107 status of
    a device (OPC 10000-100 DeviceHealth: 0 normal, 1 failure, 2 check function, 3 off specification, 4
    maintenance required) is not 0. ``link``, ``device`` and ``flood`` are raised by the engine: a source
    that is not connected, a condition that an OPC UA server reports, a flood of alarms.

    ``priority`` 1 (highest) to 4, 0 = drawn and never annunciated. Delays, ``window_s``, ``realarm_s``
    (acknowledged and still active: annunciated again; 0 = never) and ``respond_s`` (time to respond) in
    seconds. ``count`` > 1 = only when the condition came so often within ``window_s``. ``latching`` = stays
    until a person resets it. ``suppress`` = an expression that suppresses it by design while true;
    ``group`` = alarms of which the first that came is marked; ``display`` = where it is handled, "" = the
    unit of its tag.
    """

    path: str
    kind: LimitKind
    limit: float | None = None
    priority: int = 3
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    message: str = ""
    cause: str = ""
    response: str = ""
    line: int = 0
    name: str = ""
    consequence: str = ""
    respond_s: float = 0.0
    alarm_class: str = ""
    other: str = ""
    expression: str = ""
    window_s: float = 0.0
    count: int = 0
    latching: bool = False
    realarm_s: float = 0.0
    quality: QualityPolicy = "hold"
    suppress: str = ""
    group: str = ""
    display: str = ""


class AlarmClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[class]]`` of alarms.toml: rules that alarms share.

    ``shelve_max_s`` = the longest shelf (0 = never shelved); ``reason`` = shelving needs one;
    ``acknowledge`` False = returns to normal without a person; ``managed`` = highly managed: shelving and
    out of service only with authorisation.
    """

    id: str
    title: str = ""
    shelve_max_s: float = 8 * 3600.0
    reason: bool = True
    acknowledge: bool = True
    managed: bool = False


class AlarmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alarms.toml but for its classes. Flood figures: ISA-18.2, alarms in 10 minutes for one operator.

    ``shifts`` = local times at which shifts end, "06:00"; ``sound`` = whether the horn sounds;
    ``kept_days`` = how long changes are kept in the journal.
    """

    flood_starts: int = 10
    flood_ends: int = 5
    stale_s: float = 24 * 3600.0
    chatter_per_min: int = 3
    shifts: tuple[str, ...] = ("06:00", "14:00", "22:00")
    sound: bool = True
    kept_days: float = 730.0
    link_priority: int = 2


class Shelf(msgspec.Struct, frozen=True):
    """Out of sight by a person, until ``until_us`` or, ``one_shot``, until the alarm is inactive as well."""

    since_us: int
    until_us: int
    by: str
    reason: str = ""
    one_shot: bool = False


class Service(msgspec.Struct, frozen=True):
    """Out of service for maintenance: ``permit`` = number or words of the permit or work order."""

    since_us: int
    by: str
    permit: str


class Alarm(msgspec.Struct, frozen=True):
    """One alarm as it is now. ``id`` is given once for (path, kind, name, source) and never reused.

    Three independent flags say why it is not annunciated: ``shelf``, ``suppressed`` (why, in words, "" = it
    is not) and ``service``. ``since_us`` = source time at which it became active, ``changed_us`` = of the
    last change of the condition; ``acked_us`` = our time, 0 = not since it came; all UTC. ``value`` = at
    that time (None for a value that is no number). ``times`` = how often it came since it was last
    acknowledged; ``is_first`` = the first of its ``group``; ``cause_id`` = the alarm that it probably
    follows from, 0 = none known, and ``cause_why`` the reason in a sentence. ``source`` = the OPC UA server
    that reports it, "" = it is our own. ``is_recorded`` False = the disk refused, it is shown all the same.
    """

    path: str
    kind: LimitKind
    priority: int
    active: bool
    since_us: int
    changed_us: int
    value: float | None = None
    limit: float | None = None
    message: str = ""
    cause: str = ""
    response: str = ""
    id: int = 0
    name: str = ""
    letter: Letter = "B"
    acked: bool = False
    latched: bool = False
    acked_us: int = 0
    acked_by: str = ""
    shelf: Shelf | None = None
    suppressed: str = ""
    service: Service | None = None
    consequence: str = ""
    respond_s: float = 0.0
    alarm_class: str = ""
    group: str = ""
    display: str = ""
    times: int = 1
    is_first: bool = False
    cause_id: int = 0
    note: str = ""
    source: str = ""
    is_recorded: bool = True
    cause_why: str = ""

    @property
    def is_annunciated(self) -> bool:
        """Whether it is in the list that the operator works on: B, C or D."""
        return self.letter in ("B", "C", "D")


class AlarmChange(msgspec.Struct, frozen=True):
    """One row of the alarm journal: what happened to the alarm ``alarm`` and what it was afterwards.

    ``time_us`` = when it was noted here; ``source_us`` = when the device says that it happened. ``by`` =
    the person, "" = nobody; ``text`` = a reason, note or permit; ``until_us`` = end of a shelf.
    """

    alarm: int
    what: What
    letter: Letter
    priority: int
    time_us: int
    source_us: int
    path: str
    kind: LimitKind
    name: str = ""
    message: str = ""
    value: float | None = None
    limit: float | None = None
    by: str = ""
    text: str = ""
    until_us: int = 0
    alarm_class: str = ""
    seq: int = 0


class Flood(msgspec.Struct, frozen=True):
    """A flood since ``since_us``: ``count`` = alarms of the last 10 minutes; ``first`` = id of the first."""

    since_us: int
    count: int
    first: int = 0


class AlarmCounts(msgspec.Struct, frozen=True):
    """How many there are: unacknowledged and acknowledged ones by priority 1 to 4, and those set aside."""

    unacknowledged: tuple[int, int, int, int] = (0, 0, 0, 0)
    acknowledged: tuple[int, int, int, int] = (0, 0, 0, 0)
    returned: int = 0
    shelved: int = 0
    suppressed: int = 0
    out_of_service: int = 0
    unrecorded: int = 0


class Backtest(msgspec.Struct, frozen=True):
    """What a changed limit would have done from ``start_us`` to ``end_us``, judged on the stored samples.

    ``came`` and ``would_come`` = alarms as configured and as proposed; ``removed`` = those that the proposal
    leaves out, ``added`` = new ones; ``delayed`` = (since_us, later by seconds) of those that both raise
    and the proposal raises later; ``kept`` = since_us of all that both raise; ``known_s`` = seconds for which
    the value was known.
    """

    start_us: int
    end_us: int
    known_s: float
    came: int
    would_come: int
    removed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    delayed: tuple[tuple[int, float], ...] = ()
    kept: tuple[int, ...] = ()


class Rate(msgspec.Struct, frozen=True):
    """A figure of alarm performance beside its target (`AlarmMetrics`). None = not enough is known."""

    name: str
    value: float | None
    target: float
    most: float
    unit: str = ""


class Actor(msgspec.Struct, frozen=True):
    """An alarm among the most frequent: how often it came, and its share of all."""

    alarm: int
    path: str
    kind: LimitKind
    name: str
    message: str
    count: int
    share: float
    chattering: int = 0


class Stood(msgspec.Struct, frozen=True):
    """An alarm that stood too long, from ``begin_us`` to ``end_us``; ``is_open`` = it went on standing."""

    alarm: int
    path: str
    kind: LimitKind
    name: str
    message: str
    begin_us: int
    end_us: int
    is_open: bool = False


class AlarmMetrics(msgspec.Struct, frozen=True):
    """Performance of the alarm system over a span (ISA-18.2-2016 Table 7, EEMUA 191).

    ``days`` = of data that there really are; below 30 nothing is called good or bad (``is_judged``).
    ``hourly`` = alarms of each hour from ``start_us`` on, ``known_s`` = seconds of each in which the engine
    ran; ``peaks`` = (start_us, count) of the worst 10 minutes. ``split`` = share of priorities 1 to 4 among
    annunciated alarms. ``floods`` = (begin_us, end_us, alarms) of each, the largest if there are very many,
    ``flood_peaks`` = of each the worst 10 minutes. ``stale`` = alarms that stood too long, the longest first,
    ``stood`` = of each the longest time. ``eemua`` = what EEMUA 191 calls this average, ``upset`` = and the
    worst 10 minutes, where there was a flood; "" = not known.
    """

    start_us: int
    end_us: int
    days: float
    is_judged: bool
    count: int
    rates: tuple[Rate, ...] = ()
    split: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    actors: tuple[Actor, ...] = ()
    chattering: tuple[Actor, ...] = ()
    stale: tuple[int, ...] = ()
    floods: tuple[tuple[int, int, int], ...] = ()
    hourly: tuple[int, ...] = ()
    peaks: tuple[tuple[int, int], ...] = ()
    eemua: str = ""
    upset: str = ""
    known_s: tuple[int, ...] = ()
    flood_peaks: tuple[int, ...] = ()
    stood: tuple[Stood, ...] = ()
