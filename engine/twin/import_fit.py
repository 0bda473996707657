"""Rows of an import made to fit the project they go into: nothing in them breaks a rule of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from engine.config import asset_list, document_list, nameplate_list, relation_list
from engine.twin.import_rows import Imported
from engine.types import AssetRow, Document, NameplateEntry, Project, Relation, Tag

T = TypeVar("T", bound=msgspec.Struct)


def fit(imported: Imported, project: Project) -> Imported:
    """The rows without what the project says already, through its types, and without what it cannot take.

    What is clipped or left out is told in ``notes``.
    """
    left: Counter[str] = Counter()
    tags = _tags(imported.tags, project, left)
    paths = {each.path for each in (*project.tags, *tags)}
    known = {replace(each, of_type="") for each in project.relations}
    relations = [each for each in _relations(imported.relations, left) if each not in known]
    said = {*project.documents, *project.nameplates}
    documents = [_document(each, left) for each in imported.documents if each not in said]
    plates = [_plate(each, left) for each in imported.nameplates if each not in said]
    assets = _assets(imported.assets, project, paths, left)
    ends = [end for each in relations for end in (each.subject, each.object)]
    mentioned = [*ends, *(each.asset for each in documents), *(each.asset for each in plates)]
    rows = {each.path for each in project.assets} | {each.path for each in assets}
    assets += _missing(mentioned, paths, rows)
    notes = [f"{count} {what}" for what, count in left.items()]
    return replace(
        imported,
        assets=tuple(assets),
        tags=tuple(tags),
        relations=tuple(relations),
        documents=tuple(documents),
        nameplates=tuple({(each.asset, each.name): each for each in reversed(plates)}.values())[::-1],
        notes=(*imported.notes, *notes),
    )


def _tags(tags: Iterable[Tag], project: Project, left: Counter[str]) -> list[Tag]:
    sources = {each.id for each in project.sources}
    assets = {each.path for each in project.assets}
    taken: list[Tag] = []
    for each in tags:
        if each.source not in sources:
            left[f'tags left out: their source "{each.source}" is not in plant.toml, add it there first'] += 1
        elif each.path in assets:
            left["tags left out: an asset has their path"] += 1
        else:
            taken.append(each)
    return taken


def _assets(rows: Iterable[AssetRow], project: Project, tags: set[str], left: Counter[str]) -> list[AssetRow]:
    types = {each.id for each in project.types}
    numbers = {each.number: each.path for each in project.assets if each.number}
    taken: dict[str, AssetRow] = {}
    for row in rows:
        if row.path in tags or row.path in taken:
            left["assets left out: a tag, or another asset, has their path"] += 1
            continue
        if row.type and row.type not in types:
            left[f"assets without their type: there is no types/{row.type}.toml"] += 1
            row = replace(row, type="")
        if row.number and numbers.setdefault(row.number, row.path) != row.path:
            left["assets without their number: another asset has it"] += 1
            row = replace(row, number="")
        row = _clipped(row, "title", asset_list.LONGEST_TITLE, left)
        taken[row.path] = _whole(row, "number", asset_list.LONGEST_NUMBER, left)
    return list(taken.values())


def _relations(rows: Iterable[Relation], left: Counter[str]) -> list[Relation]:
    taken: dict[tuple[str, str, str], Relation] = {}
    for row in rows:
        if row.subject == row.object or relation_list.key_of(row) in taken:
            left["relations left out: of an asset with itself, or told twice"] += 1
        else:
            clipped = _clipped(row, "medium", relation_list.LONGEST_MEDIUM, left)
            taken[relation_list.key_of(row)] = clipped
    for row, _ in list(relation_list.circles(taken.values())):
        left["relations left out: they would make an asset a part of itself"] += 1
        del taken[relation_list.key_of(row)]
    return list(taken.values())


def _document(row: Document, left: Counter[str]) -> Document:
    return _clipped(row, "title", document_list.LONGEST_TITLE, left)


def _plate(row: NameplateEntry, left: Counter[str]) -> NameplateEntry:
    row = _clipped(row, "name", nameplate_list.LONGEST_NAME, left)
    row = _clipped(row, "value", nameplate_list.LONGEST_VALUE, left)
    row = _whole(row, "unit", nameplate_list.LONGEST_UNIT, left)
    return _whole(row, "semantic", nameplate_list.LONGEST_SEMANTIC, left)


def _clipped(row: T, name: str, longest: int, left: Counter[str]) -> T:
    """The row with a text that its column takes, an ellipsis at the end of what had to be cut."""
    cell: str = getattr(row, name)
    if len(cell) <= longest:
        return row
    left[f"texts clipped: a {name} has at most {longest} characters"] += 1
    return replace(row, **{name: cell[: longest - 1].rstrip() + "…"})


def _whole(row: T, name: str, longest: int, left: Counter[str]) -> T:
    """The row without an id that its column cannot take: half an id is none."""
    if len(getattr(row, name)) <= longest:
        return row
    left[f"cells left empty: a {name} has at most {longest} characters"] += 1
    return replace(row, **{name: ""})


def _missing(mentioned: Iterable[str], tags: set[str], rows: set[str]) -> list[AssetRow]:
    """A row for each asset that other rows speak of and nothing else makes."""
    there: set[str] = set()
    for path in (*tags, *rows):
        parts = path.split("/")
        there.update("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    wanted = dict.fromkeys(path for path in mentioned if path not in there)
    return [AssetRow(path) for path in wanted]
