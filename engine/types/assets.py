"""What a project folder says about assets: types, and figures of the plant."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types.control import AssetCommand
from engine.types.drawings import Part
from engine.types.graph import EquipmentLevel, TypeDocument, TypeRelation

Level = Literal["area", "unit", "utility", "equipment"]
KpiKind = Literal["oee", "throughput", "energy"]


ABOVE = "../"
"""Before the name of a tag: it lies at the asset above."""


def tag_path(asset: str, tag: str) -> str:
    """Path of a tag that a type names: below the asset, or with ``../`` below the one above it."""
    while tag.startswith(ABOVE) and asset:
        asset, tag = asset.rpartition("/")[0], tag.removeprefix(ABOVE)
    return f"{asset}/{tag}" if asset else tag


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
    paths below the asset (``Pressure``, ``Hydraulics/Pressure``), or of the asset above, with ``../``; one
    that an asset does not have is left out there. Interlocks, feedback and commands are
    always its own. ``main`` is drawn as the indicator, beside its ``setpoint``; ``shown`` follow in order of
    importance; ``running`` are the numbers of ``state`` that mean it works; ``nominal`` = the band of
    ``main`` that is normal, in its unit. ``failed`` are the numbers of ``state`` that mean it has failed: so
    predictions learn whether they were right. ``symbol`` is a drawing of resources/symbols/equipment,
    ``shape`` a part of the 3D scene (default: the symbol's).

    ``extends`` = id of a type that says all that this one leaves out; tables and lists are taken whole, only
    ``nameplate`` is joined key by key. ``equipment`` = the ISA-95 level of its assets. ``relations`` are
    paths below the asset, ``documents`` and ``nameplate`` hold for every asset; ``parts`` = how it looks in
    the scene, around the place of the asset, where scene/ draws none for it.
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
    failed: tuple[int, ...] = ()
    mode: str = ""
    step: str = ""
    cycle: str = ""
    part: str = ""
    shown: tuple[str, ...] = ()
    trend: tuple[str, ...] = ()
    interlocks: tuple[Interlock, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    commands: tuple[AssetCommand, ...] = ()
    extends: str = ""
    equipment: EquipmentLevel | Literal[""] = ""
    relations: tuple[TypeRelation, ...] = ()
    documents: tuple[TypeDocument, ...] = ()
    nameplate: dict[str, str] = {}
    parts: tuple[Part, ...] = ()


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
