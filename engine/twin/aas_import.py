"""Asset Administration Shells of any origin to rows of a project."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import msgspec

from engine.twin import aas_terms as terms
from engine.twin.aas_documents import Documents
from engine.twin.aas_elements import Json, facts, keys_of, listed, said, text
from engine.twin.aas_hierarchy import Place, places_of
from engine.twin.aas_read import Shells, read_shells
from engine.twin.aas_values import entries
from engine.twin.import_rows import Imported, ImportProblem, segment, tidy
from engine.typed import from_json
from engine.types import AssetRow, EquipmentLevel, NameplateEntry, Relation, RelationKind, Tag

MOST_ASSETS = 50_000
LEVELS: tuple[str, ...] = get_args(EquipmentLevel)
KINDS: tuple[str, ...] = get_args(RelationKind)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("handover", ("handoverdocumentation", "0173-1#01-ahf578#", "vdi/2770/1/0/documentation")),
    ("series", ("timeseries",)),
    ("hierarchy", ("hierarchicalstructures", "billofmaterial")),
    ("technical", ("technicaldata", "0173-1#01-ahx837#")),
    ("maintenance", ("maintenance",)),
    ("relations", (terms.RELATIONS, "relations")),
    ("nameplate", ("nameplate",)),
)
"""What is in a submodel, by what stands in its semantic id or else its idShort, in lower case."""


@dataclass(slots=True, eq=False)
class _Found:
    """What has been gathered so far."""

    assets: list[AssetRow] = field(default_factory=list[AssetRow])
    tags: list[Tag] = field(default_factory=list[Tag])
    relations: list[Relation] = field(default_factory=list[Relation])
    nameplates: list[NameplateEntry] = field(default_factory=list[NameplateEntry])
    left: Counter[str] = field(default_factory=Counter[str])


def import_aas(path: Path, *, under: str = "") -> Imported:
    """The rows that the shells of an AASX, JSON or XML file make. ``under`` = the asset to put them below.

    Raises:
        ImportProblem: the file cannot be read, or holds nothing that makes an asset; the text says why.
        OSError: it cannot be read at all.
    """
    shells = read_shells(path)
    try:
        if len(shells.shells) > MOST_ASSETS:
            raise ImportProblem(f"{path.name} holds more than {MOST_ASSETS} shells: export fewer at once")
        return _imported(path.name, shells, under)
    except RecursionError as problem:
        raise ImportProblem(
            f"{path.name} is nested beyond all measure: nothing was read from it"
        ) from problem
    finally:
        shells.close()


def _imported(file: str, shells: Shells, under: str) -> Imported:
    places = places_of(shells, kind_of, under)
    if not places:
        raise ImportProblem(
            f"{file} holds no asset administration shell of an asset, so there is nothing to import"
        )
    found, documents = _Found(), Documents(shells)
    paths = {id: place.path for place in places for id in place.ids}
    used: set[str] = set()
    for place in places:
        _row(place, found)
        for id in _submodel_ids(place.shell):
            submodel = shells.submodels.get(id)
            if submodel is None:
                found.left["submodels that are named but are not in the file"] += 1
                continue
            used.add(id)
            _submodel(submodel, place, shells, found, documents, paths, under)
    unused = len(shells.submodels) - len(used)
    if unused:
        found.left["submodels that belong to no asset in the file"] += unused
    notes = [f"left out: {count} {what}" for what, count in found.left.items() if count]
    return Imported(
        assets=tuple(found.assets),
        tags=tuple(found.tags),
        relations=tuple(dict.fromkeys(found.relations)),
        documents=tuple(documents.rows),
        nameplates=tuple(found.nameplates),
        files=documents.files,
        notes=(*notes, *documents.notes()),
    )


def _submodel_ids(shell: Json) -> list[str]:
    return list(
        dict.fromkeys(
            keys[-1] for each in listed(shell, "submodels") if (keys := keys_of({"at": each}, "at"))
        )
    )


def kind_of(submodel: Json) -> str:
    """What a submodel is about, "" for what we have no place for."""
    if text(submodel, "kind") == "Template":
        return ""
    semantic = " ".join(keys_of(submodel, "semanticId")).lower()
    for told in (semantic, text(submodel, "idShort").lower()):
        for kind, words in GROUPS:
            if any(word in told for word in words):
                return kind
    return ""


def _row(place: Place, found: _Found) -> None:
    noted = facts(place.shell)
    if "path" in noted:
        if "row" not in noted:
            return  # an asset of ours that is there through its tags alone
        title, number, kind = noted.get("title", ""), noted.get("number", ""), noted.get("type", "")
    else:
        name = place.path.rpartition("/")[2]
        title = said(place.shell, "displayName")
        title, number, kind = "" if segment(title) == name else title, place.number, ""
    level = noted.get("level", "")
    found.assets.append(
        AssetRow(
            path=place.path,
            type=tidy(kind),
            level=level if level in LEVELS else "",  # pyright: ignore[reportArgumentType]
            title=tidy(title),
            number=tidy(number),
        )
    )


def _submodel(
    submodel: Json,
    place: Place,
    shells: Shells,
    found: _Found,
    documents: Documents,
    paths: dict[str, str],
    under: str,
) -> None:
    """The rows of one submodel of one asset."""
    kind = kind_of(submodel)
    elements = listed(submodel, "submodelElements")
    if kind in ("nameplate", "technical", "maintenance"):
        _plates(kind, elements, place.path, shells, found)
    elif kind == "handover":
        documents.add(place.path, elements)
    elif kind == "series":
        _series(elements, place.path, found)
    elif kind == "hierarchy":
        pass  # its say is in the paths
    elif kind == "relations" or any(each.get("modelType") == "RelationshipElement" for each in elements):
        _relations(elements, paths, found, under)
    else:
        name = tidy(text(submodel, "idShort"), 60) or "without a name"
        found.left[f"submodels {name}, which have no place in a project"] += 1


def _plates(kind: str, elements: list[Json], path: str, shells: Shells, found: _Found) -> None:
    there = {(each.asset, each.group, each.name) for each in found.nameplates if each.asset == path}
    for group, entry in entries(kind, elements, shells.concepts, found.left):
        if not entry.value:
            continue
        row = msgspec.structs.replace(entry, asset=path, group=group)
        if (path, group, row.name) not in there:
            there.add((path, group, row.name))
            found.nameplates.append(row)


def _series(elements: list[Json], path: str, found: _Found) -> None:
    """Tags of ours come back as they were; of others there is no address to read them from."""
    metadata: Json = next((each for each in elements if text(each, "idShort") == "Metadata"), Json())
    for record in listed(metadata, "value"):
        if text(record, "idShort") != "Record":
            continue
        for variable in listed(record, "value"):
            stated = facts(variable).get("tag", "")
            if not stated:
                is_time = text(variable, "idShort") == "Time" or text(variable, "valueType") == "xs:dateTime"
                found.left["time series without an address of a device"] += not is_time
                continue
            try:
                tag = from_json(stated.encode(), Tag)
            except (msgspec.MsgspecError, RecursionError):
                found.left["time series that are not written as ours are"] += 1
                continue
            name = segment(tag.path.rpartition("/")[2], "tag")
            tidied = {
                name: tidy(getattr(tag, name))
                for name in ("source", "address", "unit", "type", "criticality")
            }
            states = {number: tidy(word).replace("|", "/") for number, word in tag.states.items()}
            found.tags.append(
                msgspec.structs.replace(
                    tag, path=f"{path}/{name}", tag_id=-1, line=0, writable=False, states=states, **tidied
                )
            )


def _relations(elements: list[Json], paths: dict[str, str], found: _Found, under: str) -> None:
    for each in elements:
        if each.get("modelType") not in ("RelationshipElement", "AnnotatedRelationshipElement"):
            continue
        noted, kind = facts(each), _relation_kind(each)
        if noted.get("subject") and noted.get("object"):
            ends = [_below(under, noted["subject"]), _below(under, noted["object"])]
        else:
            ends = [
                next((paths[key] for key in keys_of(each, end) if key in paths), "")
                for end in ("first", "second")
            ]
        if not kind or not all(ends) or ends[0] == ends[1]:
            found.left["relations that have no kind or end we know"] += 1
            continue
        found.relations.append(Relation(ends[0], kind, ends[1], tidy(noted.get("medium", ""))))


def _below(under: str, path: str) -> str:
    parts = [segment(part) for part in path.split("/") if part.strip()]
    return "/".join([*(under.split("/") if under else ()), *parts])


def _relation_kind(of: Json) -> RelationKind | None:
    noted = facts(of).get("kind", "")
    if noted in KINDS:
        return noted  # pyright: ignore[reportReturnType]
    told = " ".join([*keys_of(of, "semanticId"), text(of, "idShort")]).lower()
    told = "".join(character for character in told if character.isalnum())
    return next(
        (kind for kind, words in terms.RELATION_WORDS.items() if any(word in told for word in words)), None
    )
