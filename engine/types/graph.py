"""The plant as a graph: where an asset stands (ISA-95), what it is, and what it has to do with others."""

from __future__ import annotations

from typing import Literal

import msgspec

EquipmentLevel = Literal[
    "Enterprise",
    "Site",
    "Area",
    "ProcessCell",
    "Unit",
    "ProductionLine",
    "WorkCell",
    "ProductionUnit",
    "StorageZone",
    "StorageUnit",
    "WorkCenter",
    "WorkUnit",
    "EquipmentModule",
    "ControlModule",
]
"""EquipmentLevel of B2MML Common.xsd, and the two levels below it of ISA-88 (IEC 61512-1)."""
RelationKind = Literal["feeds", "drives", "cools", "part of", "measured by"]
"""Read as a sentence: ``a`` feeds ``b``. All but the last two carry trouble from ``a`` to ``b``."""
DocumentKind = Literal["manual", "drawing", "procedure", "datasheet", "certificate", "picture", "other"]


class AssetRow(msgspec.Struct, frozen=True):
    """One row of assets.csv. An asset needs none: tags alone make one; a row alone makes one as well.

    ``type`` = id of its file in types/, "" = the first whose ``paths`` fit. ``level`` "" = what its type
    says. ``number`` = what other systems call it (equipment number, AAS global asset id); unique if given.
    """

    path: str
    type: str = ""
    level: EquipmentLevel | Literal[""] = ""
    title: str = ""
    number: str = ""
    line: int = 0


class Relation(msgspec.Struct, frozen=True):
    """``subject`` ``kind`` ``object``, whole paths: ``…/P-501`` feeds ``…/Hydraulics``.

    ``object`` of "measured by" is a tag or an asset. ``medium`` = what flows (oil, air, parts); shown only.
    ``of_type`` = the type that says it, "" = a row of relations.csv.
    """

    subject: str
    kind: RelationKind
    object: str
    medium: str = ""
    of_type: str = ""


class TypeRelation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[relations]]`` of a type: paths below each asset of it; "" = the asset itself."""

    subject: str
    kind: RelationKind
    object: str
    medium: str = ""


class Document(msgspec.Struct, frozen=True):
    """One row of documents.csv, or ``[[documents]]`` of a type (then for each asset of it).

    ``file`` = PDF or picture below ``documents/`` of the project; ``page`` = where it opens, from 1.
    """

    asset: str
    title: str
    file: str
    page: int = 1
    kind: DocumentKind = "manual"


class TypeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[documents]]`` of a type."""

    title: str
    file: str
    page: int = 1
    kind: DocumentKind = "manual"


class NameplateEntry(msgspec.Struct, frozen=True):
    """One row of nameplate.csv, or a key of ``[nameplate]`` of a type, where a row of the asset wins.

    ``semantic`` = IRDI or IRI of what it means (IEC CDD, ECLASS), kept for the Asset Administration Shell.
    ``group`` = the AAS submodel it belongs to: nameplate, technical data, maintenance.
    """

    asset: str
    name: str
    value: str
    unit: str = ""
    semantic: str = ""
    group: Literal["nameplate", "technical", "maintenance"] = "nameplate"
