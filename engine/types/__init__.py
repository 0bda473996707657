"""Structs and protocols that every part of the engine, and every client of it, shares.

Times are UTC microseconds since 1970 in ``int64`` unless a name says ``mono`` (the machine's
monotonic clock, comparable between processes of one machine and one boot). Quality is the
32-bit OPC UA StatusCode everywhere (OPC 10000-4, 7.38). msgspec structs hold no arrays.
"""

from engine.types.assets import (
    Alarm,
    AlarmState,
    AssetType,
    Feedback,
    Interlock,
    Kpi,
    KpiKind,
    KpiRule,
    Level,
    Limit,
    LimitKind,
)
from engine.types.drawings import Mimic, MimicPipe, MimicSymbol, MimicValue, Part
from engine.types.patterns import fits
from engine.types.project import Criticality, Plant, Problem, Project, Severity, Source, Tag, TypeName
from engine.types.protocols import AddressRules, Append, Browse, Clock, Intern, Sink
from engine.types.quality import REASONS, SEVERITY_MASK, QualityWord, Status, quality_word, reason
from engine.types.samples import Batch, Column, Curve, Layout, Snapshot
from engine.types.status import (
    BrowseItem,
    Certificate,
    EngineStatus,
    SourceDetail,
    SourceEvent,
    SourceNote,
    SourceStateName,
    SourceStatus,
    TagInfo,
    TagTrouble,
)

__all__ = [
    "AddressRules",
    "Alarm",
    "AlarmState",
    "Append",
    "AssetType",
    "Batch",
    "Browse",
    "BrowseItem",
    "Certificate",
    "Clock",
    "Column",
    "Criticality",
    "Curve",
    "EngineStatus",
    "Feedback",
    "Interlock",
    "Intern",
    "Kpi",
    "KpiKind",
    "KpiRule",
    "Layout",
    "Level",
    "Limit",
    "LimitKind",
    "Mimic",
    "MimicPipe",
    "MimicSymbol",
    "MimicValue",
    "Part",
    "Plant",
    "Problem",
    "Project",
    "QualityWord",
    "REASONS",
    "SEVERITY_MASK",
    "Severity",
    "Sink",
    "Snapshot",
    "Source",
    "SourceDetail",
    "SourceEvent",
    "SourceNote",
    "SourceStateName",
    "SourceStatus",
    "Status",
    "Tag",
    "TagInfo",
    "TagTrouble",
    "TypeName",
    "fits",
    "quality_word",
    "reason",
]
