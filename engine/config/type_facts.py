"""What types say of each of their assets: relations, documents, nameplate and parts, with whole paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.config.asset_types import Types
from engine.config.document_list import FOLDER, LONGEST_TITLE, READABLE, wrong_file, wrong_page
from engine.config.findings import Findings, shown
from engine.config.inheritance import Kind
from engine.config.locate import Section, key_line
from engine.config.names import Names
from engine.config.parts import check_part
from engine.config.relation_list import circles, key_of, sentence, strangers, why_strange
from engine.types import Document, NameplateEntry, Problem, Relation, TypeRelation

MOST_SAID = 200_000
"""Relations, documents and nameplate entries that types may make, of each: a short file says them of
thousands of assets, and more of them would fill the memory of the engine and of every window."""
Said = tuple[Findings, int, Relation]
"""A relation and where it is said."""


def all_relations(
    rows: Sequence[tuple[int, Relation]], types: Types, names: Names, problems: list[Problem]
) -> list[Relation]:
    """Those of relations.csv and then of types; what a row says too is taken from the row.

    A circle of parts is reported where it closes.
    """
    findings = Findings("relations.csv", problems)
    said: list[Said] = [(findings, line, relation) for line, relation in rows]
    for kind in _within_bounds(types, "relations"):
        said += _relations(kind, types.assets.get(kind.type.id, ()), names)
    found = {key_of(relation): relation for _, _, relation in reversed(said)}
    where = {id(relation): (found_in, line) for found_in, line, relation in said}
    whole = [relation for _, _, relation in said if found[key_of(relation)] is relation]
    told: set[tuple[str, int]] = set()
    for relation, way in circles(whole):
        found_in, line = where[id(relation)]
        if (found_in.file, line) not in told:
            told.add((found_in.file, line))
            steps = " is part of ".join(shown(path) for path in way)
            found_in.error(line, f"{sentence(relation)} goes in a circle: {steps}; take one of them out")
    return whole


def _within_bounds(types: Types, key: str) -> Iterator[Kind]:
    """The types, without those that make more of something than can be held (reported)."""
    left = MOST_SAID
    for kind in types.kinds:
        each, assets = len(getattr(kind.type, key)), len(types.assets.get(kind.type.id, ()))
        if each * assets <= left:
            left -= each * assets
            yield kind
            continue
        kind.file.findings.error(
            key_line(kind.file.top, "paths"),
            f"{key} of this type are {each} for each of {assets} assets: types may make {MOST_SAID} in all; "
            "say fewer, or of fewer assets",
        )


def _relations(kind: Kind, assets: Sequence[str], names: Names) -> Iterator[Said]:
    relations = kind.type.relations
    file = kind.at("relations")
    for stated, section in zip(relations, kind.sections("relations", len(relations)), strict=True):
        if stated.subject == stated.object:
            if file is kind.file:
                who = shown(stated.subject) if stated.subject else "the asset"
                file.findings.error(
                    key_line(section, "object"),
                    f"{who} {stated.kind} itself: name two different assets",
                )
            continue
        each = [_of_asset(stated, asset, kind.type.id) for asset in assets]
        known = [relation for relation in each if not any(strangers(relation, names))]
        if each and not known:
            end, path = next(strangers(each[0], names))
            why = why_strange(path, names, file.findings)
            file.findings.warning(
                section.line, f"{end} {shown(path)} is no asset, nor is any such of this type: {why}"
            )
        for relation in known:
            yield file.findings, section.line, relation


def _of_asset(stated: TypeRelation, asset: str, of_type: str) -> Relation:
    subject, target = (f"{asset}/{end}" if end else asset for end in (stated.subject, stated.object))
    return Relation(subject, stated.kind, target, stated.medium, of_type)


def all_documents(rows: Sequence[Document], types: Types, folder: Path) -> list[Document]:
    """Those of documents.csv and then of types, of each asset every file and page once."""
    found = {(each.asset, each.file, each.page): each for each in rows}
    for kind in _within_bounds(types, "documents"):
        documents = kind.type.documents
        at = kind.sections("documents", len(documents))
        if kind.at("documents") is kind.file:
            for document, section in zip(documents, at, strict=True):
                _check_document(document.title, document.file, document.page, section, folder, kind)
        for asset in types.assets.get(kind.type.id, ()):
            for each in documents:
                whole = Document(asset, each.title, each.file, each.page, each.kind)
                found.setdefault((asset, each.file, each.page), whole)
    return list(found.values())


def _check_document(title: str, file: str, page: int, section: Section, folder: Path, kind: Kind) -> None:
    findings = kind.file.findings
    if not title or len(title) > LONGEST_TITLE:
        findings.error(
            key_line(section, "title"), f"title has {len(title)} characters: write 1 to {LONGEST_TITLE}"
        )
    if not file:
        findings.error(key_line(section, "file"), f"file is empty: write the name of a file in {FOLDER}/")
    if sentence := wrong_page(page):
        findings.error(key_line(section, "page"), sentence)
    for severity, message in wrong_file(file, folder, FOLDER, READABLE):
        line = key_line(section, "file")
        findings.error(line, message) if severity == "error" else findings.warning(line, message)


def all_nameplates(rows: Iterable[NameplateEntry], types: Types) -> list[NameplateEntry]:
    """The entries of nameplate.csv, and those of types that no row replaces."""
    found = {(each.asset, each.name): each for each in rows}
    for kind in _within_bounds(types, "nameplate"):
        for asset in types.assets.get(kind.type.id, ()):
            for name, value in kind.type.nameplate.items():
                found.setdefault((asset, name), NameplateEntry(asset, name, value))
    return list(found.values())


def check_type_parts(types: Types, folder: Path, names: Names) -> None:
    """The parts that types draw around their assets."""
    users: dict[str, list[str]] = {}
    for kind in types.kinds:
        users.setdefault(kind.at("parts").name, []).extend(types.assets.get(kind.type.id, ()))
    for kind in types.kinds:
        if kind.at("parts") is not kind.file:
            continue
        sections = kind.sections("parts", len(kind.type.parts))
        for part, section in zip(kind.type.parts, sections, strict=True):
            check_part(part, kind.file, section, folder, names, users[kind.file.name])
