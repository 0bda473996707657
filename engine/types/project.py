"""What a project folder says: plant, sources, tags; and what is wrong with it."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types.alarms import AlarmClass, AlarmSettings, Limit
from engine.types.assets import AssetType, KpiRule
from engine.types.control import Command, ControlSettings, WriteRule
from engine.types.drawings import Mimic, Part, Plan, SavedView
from engine.types.graph import AssetRow, Document, NameplateEntry, Relation
from engine.types.history import HistorySettings
from engine.types.ledger import LedgerSettings
from engine.types.people import SecuritySettings
from engine.types.prediction import InputMap

TypeName = Literal[
    "", "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "string"
]
Criticality = Literal["low", "normal", "critical"]
Severity = Literal["error", "warning"]


class Plant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[plant]``, ``[history]``, ``[security]``, ``[control]`` and ``[ledger]`` of plant.toml."""

    name: str
    timezone: str = "UTC"
    locale: str = "en"
    keep_running: bool = False
    ring_mb: int = 256
    history: HistorySettings = HistorySettings()
    security: SecuritySettings = SecuritySettings()
    control: ControlSettings = ControlSettings()
    ledger: LedgerSettings = LedgerSettings()


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[sources]]`` entry: a device or server the engine talks to.

    ``timeout_s`` = longest wait for one answer, 0 = the driver's own choice. ``block`` and ``gap``
    (Modbus) = most registers in one request and the widest hole worth reading over, None = the
    protocol's limit and 8. ``conditions`` (OPC UA) = its alarms are shown beside our own; ``severities`` =
    the least severity of priorities 3, 2 and 1. ``user`` (OPC UA) = whom we log in as, "" = nobody; the
    password is never in a project.
    """

    id: str
    driver: str
    endpoint: str
    security: str = ""
    unsecured_writes: bool = False
    timeout_s: float = 0.0
    block: int | None = None
    gap: int | None = None
    conditions: bool = True
    severities: tuple[int, int, int] = (251, 501, 751)
    user: str = ""


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
    """A project folder, read and found sound. ``tags`` is the live order.

    ``relations``, ``documents`` and ``nameplates`` hold those of types too, each with whole paths.
    """

    folder: str
    plant: Plant
    sources: tuple[Source, ...]
    tags: tuple[Tag, ...]
    types: tuple[AssetType, ...] = ()
    limits: tuple[Limit, ...] = ()
    alarm_classes: tuple[AlarmClass, ...] = ()
    alarm_settings: AlarmSettings = AlarmSettings()
    kpis: tuple[KpiRule, ...] = ()
    parts: tuple[Part, ...] = ()
    mimics: tuple[Mimic, ...] = ()
    writes: tuple[WriteRule, ...] = ()
    commands: tuple[Command, ...] = ()
    assets: tuple[AssetRow, ...] = ()
    relations: tuple[Relation, ...] = ()
    documents: tuple[Document, ...] = ()
    nameplates: tuple[NameplateEntry, ...] = ()
    views: tuple[SavedView, ...] = ()
    plan: Plan | None = None
    inputs: tuple[InputMap, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """One finding of ``watchroom check``: where it is and what to do about it."""

    file: str
    line: int
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"
