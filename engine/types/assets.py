"""What a project folder says about assets: types, alarm limits and figures of the plant."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["area", "unit", "utility", "equipment"]
LimitKind = Literal["hh", "h", "l", "ll", "on", "off", "trip"]
AlarmState = Literal["active", "returned"]
KpiKind = Literal["oee", "throughput", "energy"]


class Interlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that must hold: a bool ``tag`` that is ``ok`` when it lets the machine run."""

    tag: str
    text: str = ""
    ok: bool = True


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command and what came of it, two tags to be shown side by side."""

    command: str
    actual: str
    text: str = ""


class AssetType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``types/ID.toml``: what assets of one kind have in common.

    ``paths`` are patterns of asset paths, ``*`` and ``?`` within one segment (``*/S?0 *``). All tags are
    paths below the asset (``Pressure``, ``Hydraulics/Pressure``); one that an asset does not have is
    left out there. ``main`` is drawn as the indicator, beside its ``setpoint``; ``shown`` follow in order of
    importance; ``running`` are the numbers of ``state`` that mean it works; ``nominal`` = the band of
    ``main`` that is normal, in its unit. ``symbol`` is a drawing of resources/symbols/equipment,
    ``shape`` a part of the 3D scene (default: the symbol's).
    """

    id: str = ""
    title: str = ""
    paths: tuple[str, ...] = ()
    level: Level = "equipment"
    symbol: str = ""
    shape: str = ""
    main: str = ""
    setpoint: str = ""
    nominal: tuple[float, float] | None = None
    state: str = ""
    running: tuple[int, ...] = (1,)
    mode: str = ""
    step: str = ""
    cycle: str = ""
    part: str = ""
    shown: tuple[str, ...] = ()
    trend: tuple[str, ...] = ()
    interlocks: tuple[Interlock, ...] = ()
    feedback: tuple[Feedback, ...] = ()


class Limit(msgspec.Struct, frozen=True):
    """One row of alarms.csv: a limit of the tag ``path`` and the alarm it raises.

    ``hh h l ll`` compare with ``limit`` in the tag's unit, leaving takes ``deadband`` more; ``on``/``off``
    alarm on a bool that is so (``limit`` unused) or, with ``limit`` set, on an enumeration that equals it
    (``on``) or differs (``off``). ``trip`` is where the PLC itself stops the machine: a line on trends;
    it alarms like ``hh`` (or ``ll`` where it lies below all others) only with a priority. ``priority``
    1 (highest) to 4, 0 = drawn and never annunciated. Delays in seconds.
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


class Alarm(msgspec.Struct, frozen=True):
    """The latest change of one limit's alarm. ``path`` and ``kind`` name it.

    ``since_us`` = source time at which it became active, ``changed_us`` = of this change, both UTC;
    ``value`` = at that time (None for a value that is no number).
    """

    path: str
    kind: LimitKind
    priority: int
    state: AlarmState
    since_us: int
    changed_us: int
    value: float | None = None
    limit: float | None = None
    message: str = ""
    cause: str = ""
    response: str = ""


class KpiRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[kpi]]`` of kpi.toml. Tags are whole paths.

    ``oee`` (ISO 22400-2: availability x effectiveness x quality ratio, in %) needs ``states``, ``good``,
    ``bad`` and ``ideal_cycle_s``; ``throughput`` (pieces per hour) needs ``good`` and takes ``cycles``;
    ``energy`` (per piece) needs ``good`` and ``meters``. ``states`` are patterns of state tags, ``running``
    the numbers that mean it works; ``good``/``bad`` count pieces; ``meters`` = energy counters by name.
    ``target`` is what the plan asks for; ``window_s`` = how far back it looks.
    """

    id: str
    kind: KpiKind
    title: str = ""
    unit: str = ""
    decimals: int = 1
    target: float | None = None
    window_s: float = 3600.0
    ideal_cycle_s: float = 0.0
    states: tuple[str, ...] = ()
    running: tuple[int, ...] = (1,)
    cycles: tuple[str, ...] = ()
    good: str = ""
    bad: str = ""
    meters: dict[str, str] = {}
    shares: dict[str, float] = {}


class Kpi(msgspec.Struct, frozen=True):
    """A figure of the plant now, with what stands behind it.

    ``status`` = worst quality of its inputs; ``value`` None = not known, and ``reason`` says why.
    ``reason`` names the biggest cause of the deviation from ``target``. ``since_us`` = from when on it
    counts; ``age_s`` = age of the oldest input.
    """

    id: str
    title: str
    unit: str
    decimals: int
    value: float | None
    status: int
    target: float | None
    reason: str
    since_us: int
    age_s: float | None
