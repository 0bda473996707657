"""What a project says about one asset, as submodels of its Asset Administration Shell."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.clock import rfc3339
from engine.twin import aas_terms as terms
from engine.twin.aas_elements import (
    LONGEST_TEXT,
    Json,
    element,
    external,
    id_short,
    languages,
    model,
    notes,
    plain,
    submodel,
    value_of,
)
from engine.types import Document, NameplateEntry, Relation, Tag

XSD = {
    **{"": "xs:double", "float64": "xs:double", "float32": "xs:float", "bool": "xs:boolean"},
    **{"int16": "xs:short", "uint16": "xs:unsignedShort", "int32": "xs:int", "uint32": "xs:unsignedInt"},
    **{"int64": "xs:long", "uint64": "xs:unsignedLong", "string": "xs:string"},
}
CONTENT_TYPES = {
    **{".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"},
    **{".svg": "image/svg+xml", ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp"},
    **{".tif": "image/tiff", ".tiff": "image/tiff"},
}
Sample = tuple[int, float | str | bool]
"""UTC microseconds and the value."""
Samples = Callable[[Tag], Sequence[Sample]]
"""The stored samples of a tag to be written into the file, oldest first."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the parts of the export find each other: the id of each asset's shell, submodel and asset."""

    base: str
    of: Callable[[str, str], str]
    """What it is ("aas", "asset", "Nameplate" …) and the path to the id."""
    global_id: Mapping[str, str]
    """Of each exported asset, by path."""
    series: Mapping[str, tuple[str, str]]
    """Of each exported tag: id of its submodel and its idShort there."""
    language: str = "en"


def nameplate(id: str, rows: Sequence[NameplateEntry], language: str) -> Json:
    """IDTA 02006: Digital Nameplate."""
    return submodel(id, "Nameplate", terms.NAMEPLATE, _entries(rows, language, terms.NAMEPLATE_TERMS))


def technical(
    id: str, rows: Sequence[NameplateEntry], plate: Sequence[NameplateEntry], language: str
) -> Json:
    """IDTA 02003: Technical Data. The manufacturer stands in it once more, as the template wants."""
    known = [each for each in plate if each.name in terms.GENERAL_TERMS]
    general = _entries(known, language, terms.NAMEPLATE_TERMS)
    properties = _entries(rows, language, {})
    made = [
        _collection("GeneralInformation", terms.GENERAL, general),
        _collection("TechnicalProperties", terms.PROPERTIES, properties),
    ]
    return submodel(id, "TechnicalData", terms.TECHNICAL, [each for each in made if each["value"]])


def maintenance(id: str, rows: Sequence[NameplateEntry], language: str) -> Json:
    """Plans and instructions as we have them; no published template has a place for free ones."""
    return submodel(id, "Maintenance", terms.MAINTENANCE, _entries(rows, language, {}))


def _entries(rows: Sequence[NameplateEntry], language: str, known: Mapping[str, str]) -> list[Json]:
    taken: set[str] = set()
    return [_entry(each, id_short(each.name, taken), language, known) for each in rows]


def _entry(row: NameplateEntry, short: str, language: str, known: Mapping[str, str]) -> Json:
    usual = known.get(row.name, "")
    kind, value = value_of(row.value)
    said = notes(
        name=row.name if row.name != short else "",
        semantic="template" if usual and not row.semantic else "",
        value=row.value if not value else "",
    )
    semantic = row.semantic or usual
    unit = plain(row.unit)
    if row.name in terms.TRANSLATED and known and 0 < len(value) <= LONGEST_TEXT:
        texts = languages(value, LONGEST_TEXT, language)
        return element(
            "MultiLanguageProperty", short, semantic=semantic, unit=unit, extensions=said, value=texts
        )
    return element(
        "Property",
        short,
        semantic=semantic,
        name=plain(row.name),
        unit=unit,
        extensions=said,
        valueType=kind,
        value=value,
    )


def _collection(short: str, semantic: str, inside: list[Json]) -> Json:
    return element("SubmodelElementCollection", short, semantic=semantic, value=inside)


def _text(short: str, semantic: str, value: str, kind: str = "xs:string") -> Json:
    return element("Property", short, semantic=semantic, valueType=kind, value=plain(value))


def handover(id: str, rows: Sequence[Document], parts: Mapping[str, str], language: str) -> Json:
    """IDTA 02004: Handover Documentation. ``parts`` = the name in the package by file of the project."""
    made = [_document(number, each, parts, language) for number, each in enumerate(rows, 1)]
    return submodel(id, "HandoverDocumentation", terms.HANDOVER, made)


def _document(number: int, row: Document, parts: Mapping[str, str], language: str) -> Json:
    vdi, name = terms.VDI_CLASSES[row.kind]
    ending = "." + row.file.rpartition(".")[2].lower()
    said = notes(file=row.file, page=str(row.page), kind=row.kind, title=row.title)
    classified = [
        _text("ClassId", terms.CLASS_ID, vdi),
        element(
            "MultiLanguageProperty",
            "ClassName",
            semantic=terms.CLASS_NAME,
            value=languages(name, LONGEST_TEXT),
        ),
        _text("ClassificationSystem", terms.CLASS_SYSTEM, "VDI2770:2018"),
    ]
    title = languages(row.title, LONGEST_TEXT, language)
    version = [element("MultiLanguageProperty", "Title", semantic=terms.TITLE, value=title)]
    if part := parts.get(row.file):
        kind = CONTENT_TYPES.get(ending, "application/octet-stream")
        version.append(
            element("File", "DigitalFile", semantic=terms.DIGITAL_FILE, contentType=kind, value=part)
        )
    identity = [_text("ValueId", "0173-1#02-ABI000#001/0173-1#01-AHF580#001*01", row.file)]
    inside = [
        _collection("DocumentId", terms.DOCUMENT_ID, identity),
        _collection("DocumentClassification", terms.CLASSIFICATION, classified),
        _collection("DocumentVersion", terms.VERSION, version),
    ]
    return element(
        "SubmodelElementCollection",
        f"Document{number:02}",
        semantic=terms.DOCUMENT,
        extensions=said,
        value=inside,
    )


def series(
    id: str, asset: str, tags: Sequence[Tag], shorts: Mapping[str, str], samples: Samples | None
) -> Json:
    """IDTA 02008: Time Series Data of the tags right below an asset, and where their history is read."""
    variables = [_variable(each, shorts[each.path]) for each in tags]
    record = [_text("Time", terms.UTC_TIME, "", "xs:dateTime"), *variables]
    del record[0]["value"]  # what a record looks like, not one
    metadata = [
        _multi("Name", asset),
        _collection("Record", terms.RECORD, record),
    ]
    query = shlex.join(["watchroom", "history", "DIR", *(each.path for each in tags), "--start=-24h"])
    linked = [_text("Endpoint", terms.ENDPOINT, id), _text("Query", terms.QUERY, query)]
    segments = [_collection("LinkedSegment", terms.LINKED, linked)]
    if samples is not None:
        segments += [_segment(each, shorts[each.path], samples(each)) for each in tags]
    made = [
        _collection("Metadata", terms.SERIES_METADATA, metadata),
        _collection("Segments", terms.SEGMENTS, [each for each in segments if each]),
    ]
    return submodel(id, "TimeSeries", terms.SERIES, made)


def _multi(short: str, text: str) -> Json:
    return element("MultiLanguageProperty", short, value=languages(text, LONGEST_TEXT))


def _variable(tag: Tag, short: str) -> Json:
    name = tag.path.rpartition("/")[2]
    stated = msgspec.json.encode(msgspec.structs.replace(tag, tag_id=-1, line=0)).decode()
    said = notes(tag=stated)
    return element(
        "Property", short, name=name, unit=plain(tag.unit), extensions=said, valueType=XSD[tag.type]
    )


def _segment(tag: Tag, short: str, samples: Sequence[Sample]) -> Json:
    """An internal segment: the samples themselves. Empty where there are none."""
    records = [
        element(
            *("SubmodelElementCollection", f"Record{number}"),
            semantic=terms.RECORD,
            value=[
                _text("Time", terms.UTC_TIME, rfc3339(time_us), "xs:dateTime"),
                element("Property", short, valueType=XSD[tag.type], value=_worded(value, tag)),
            ],
        )
        for number, (time_us, value) in enumerate(samples, 1)
    ]
    if not records:
        return {}
    inside = [
        _multi("Name", tag.path),
        _text(
            "RecordCount",
            "https://admin-shell.io/idta/TimeSeries/RecordCount/1/1",
            str(len(records)),
            "xs:long",
        ),
        _collection("Records", terms.RECORDS, records),
    ]
    return _collection(f"InternalSegment_{short}"[:128], terms.INTERNAL, inside)


def _worded(value: float | str | bool, tag: Tag) -> str:
    if tag.type == "bool":
        return "true" if value else "false"
    if isinstance(value, str):
        return plain(value)
    return str(int(value)) if "int" in tag.type else repr(value)


def hierarchy(path: str, children: Sequence[str], names: Names) -> Json:
    """IDTA 02011: the asset and what lies right below it."""
    id, entry = names.of("HierarchicalStructures", path), ("Entity", "EntryNode")
    nodes: list[Json] = []
    parts: list[Json] = []
    taken: set[str] = {"entrynode"}
    for child in children:
        name = child.rpartition("/")[2]
        short = id_short(name, taken, "Node")
        nodes.append(_entity(short, terms.NODE, names.global_id[child], name, []))
        whole, node = (("Submodel", id), entry), ("Entity", short)
        part = id_short(f"HasPart_{short}", taken)
        parts.append(_relation(part, terms.HAS_PART, model(*whole), model(*whole, node)))
    name = path.rpartition("/")[2]
    made = [
        _text("ArcheType", terms.ARCHETYPE, "OneDown"),
        _entity("EntryNode", terms.ENTRY_NODE, names.global_id[path], name, [*nodes, *parts]),
    ]
    return submodel(id, "HierarchicalStructures", terms.HIERARCHY, made)


def _entity(short: str, semantic: str, asset: str, name: str, statements: list[Json]) -> Json:
    made = element("Entity", short, semantic=semantic, name=name, entityType="SelfManagedEntity")
    made["globalAssetId"] = asset
    return {**made, "statements": statements} if statements else made


def _relation(short: str, semantic: str, first: Json, second: Json) -> Json:
    return element("RelationshipElement", short, semantic=semantic, first=first, second=second)


def relations(id: str, rows: Sequence[Relation], names: Names) -> Json:
    """What the asset feeds, drives, cools, is part of and is measured by, one relationship each."""
    taken: set[str] = set()
    made: list[Json] = []
    for row in rows:
        short = id_short(f"{row.kind} {row.object.rpartition('/')[2]}", taken)
        said = notes(kind=row.kind, subject=row.subject, object=row.object, medium=row.medium)
        semantic = terms.RELATION + row.kind.replace(" ", "-")
        relation = _relation(short, semantic, _end(row.subject, names), _end(row.object, names))
        made.append({**relation, "extensions": said})
    return submodel(id, "Relations", terms.RELATIONS, made)


def _end(path: str, names: Names) -> Json:
    """A reference to an asset's shell or a tag's variable; a bare id where it is not in the file."""
    if path in names.global_id:
        return model(("AssetAdministrationShell", names.of("aas", path)))
    if path in names.series:
        id, short = names.series[path]
        inside = [("SubmodelElementCollection", name) for name in ("Metadata", "Record")]
        return model(("Submodel", id), *inside, ("Property", short))
    return external(names.of("asset", path))
