"""A project folder to a ``Project``, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from engine.config.alarm_list import read_limits
from engine.config.alarm_settings import read_alarm_settings
from engine.config.asset_list import check_types_of_rows, read_assets
from engine.config.asset_types import Types, read_types
from engine.config.document_list import read_documents
from engine.config.drawings import read_mimics
from engine.config.findings import Findings, meant, shown
from engine.config.half_import import HALF, READY, is_half_done
from engine.config.handshake import check_handshakes
from engine.config.input_list import read_inputs
from engine.config.kpi_list import read_kpis
from engine.config.ledger import read_ledger
from engine.config.locate import Section, place, sections
from engine.config.nameplate_list import read_nameplate
from engine.config.names import Names, names_of
from engine.config.parts import read_scene
from engine.config.plant import read_plant
from engine.config.relation_list import read_relations
from engine.config.security import read_control, read_security
from engine.config.sources import read_sources, source_lines
from engine.config.tag_list import read_tags
from engine.config.text import load
from engine.config.toml import parse
from engine.config.type_facts import all_documents, all_nameplates, all_relations, check_type_parts
from engine.config.views import read_views
from engine.config.write_list import read_writes
from engine.types import (
    AddressRules,
    AlarmClass,
    AssetRow,
    Document,
    Limit,
    NameplateEntry,
    Plant,
    Problem,
    Project,
    Relation,
    Source,
    Tag,
    WriteRule,
)

SECTIONS = ("plant", "history", "sources", "security", "control", "ledger", "policy")
PLANT_KB, LISTS_KB = 512, 65_536


@dataclass(frozen=True, slots=True)
class PlantFile:
    """What plant.toml says, with its sections; ``plant`` None = it is absent or not TOML."""

    plant: Plant | None
    sources: Sequence[Source] = ()
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    found: list[Section] = field(default_factory=list[Section])


def read(folder: Path, rules: Mapping[str, AddressRules]) -> tuple[Project | None, list[Problem]]:
    """Read and check all files of a project folder, all mistakes in one pass.

    Besides plant.toml and tags.csv all are optional: assets.csv, relations.csv, documents.csv, nameplate.csv,
    writes.csv, alarms.csv, alarms.toml, kpi.toml, models.toml, types/, scene/, displays/.

    ``rules`` maps a driver's name to how it judges sources and addresses. The project is None when
    any problem is an error; warnings leave it usable. Problems are sorted by file and line; a file
    that is missing or empty is reported on line 1. Tags have ``tag_id`` -1: the catalogue gives ids.
    Never raises for what is, or is not, in the folder.
    """
    try:
        resolved = folder.resolve()
        wrong = "" if folder.is_dir() else "is not a folder" if folder.exists() else "does not exist"
    except (OSError, RuntimeError, ValueError) as problem:  # no permission, a circle of links, a NUL
        resolved, wrong = folder, f"cannot be opened ({problem})"
    if wrong:
        message = f"{folder} {wrong}: name a project folder, the one that holds plant.toml"
        return None, [Problem(str(folder), 1, "error", message)]
    plant_findings, tag_findings = Findings("plant.toml"), Findings("tags.csv")
    file = _plant_file(resolved, rules, plant_findings)
    known = {source.id: rules.get(source.driver) for source in file.sources} if file.plant else None
    text = load(resolved / "tags.csv", LISTS_KB, tag_findings)
    tags = read_tags(text, known, tag_findings) if text is not None else []
    problems = [*plant_findings.problems, *tag_findings.problems]
    if is_half_done(resolved):
        Findings(READY, problems).warning(1, HALF)
    plain = names_of(tags)
    rows = _assets_file(resolved, plain, problems)
    names = names_of(tags, (row.path for row in rows)) if rows else plain
    plant = _with_rights(file, names, Findings("plant.toml", problems))
    types = read_types(resolved, names, problems, rows)
    commands = types.commands
    twin = _twin(resolved, names, rows, types, problems)
    writes = _writes_file(resolved, names, problems)
    written = {rule.tag for rule in writes} | {command.tag for command in commands}
    check_handshakes(writes, names, file.sources, rules, Findings("writes.csv", problems))
    _check_writable(tags, written, problems)
    _check_links(file, tags, written, problems)
    settings, classes = read_alarm_settings(resolved, problems)
    limits = _alarms_file(resolved, names, classes, problems)
    kpis = read_kpis(resolved, names, problems)
    parts, mimics = read_scene(resolved, names, problems), read_mimics(resolved, names, problems)
    views, plan = read_views(resolved, names, problems)
    inputs = read_inputs(resolved, (kind.type for kind in types.kinds), tags, problems)
    problems.sort(key=lambda problem: (problem.file, problem.line))
    if plant is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    project = Project(
        folder=str(resolved),
        plant=plant,
        sources=tuple(file.sources),
        tags=tuple(msgspec.structs.replace(tag, writable=tag.path in written) for tag in tags),
        types=tuple(kind.type for kind in types.kinds),
        limits=tuple(limits),
        alarm_classes=classes,
        alarm_settings=settings,
        kpis=tuple(kpis),
        parts=tuple(parts),
        mimics=tuple(mimics),
        writes=tuple(writes),
        commands=tuple(commands),
        assets=tuple(rows),
        relations=tuple(twin.relations),
        documents=tuple(twin.documents),
        nameplates=tuple(twin.nameplates),
        views=tuple(views),
        plan=plan,
        inputs=tuple(inputs),
    )
    return project, problems


@dataclass(frozen=True, slots=True)
class _Twin:
    """What a project says about its assets beside their tags, with whole paths."""

    relations: Sequence[Relation]
    documents: Sequence[Document]
    nameplates: Sequence[NameplateEntry]


def _assets_file(folder: Path, names: Names, problems: list[Problem]) -> list[AssetRow]:
    text, findings = _optional(folder, "assets.csv", problems)
    return read_assets(text, names.tags, findings) if text is not None else []


def _twin(
    folder: Path, names: Names, rows: Sequence[AssetRow], types: Types, problems: list[Problem]
) -> _Twin:
    ids = [kind.type.id for kind in types.kinds]
    check_types_of_rows(rows, ids, Findings("assets.csv", problems))
    check_type_parts(types, folder, names)
    text, findings = _optional(folder, "relations.csv", problems)
    relations = read_relations(text, names, findings) if text is not None else []
    text, findings = _optional(folder, "documents.csv", problems)
    documents = read_documents(text, folder, names, findings) if text is not None else []
    text, findings = _optional(folder, "nameplate.csv", problems)
    entries = read_nameplate(text, names, findings) if text is not None else []
    return _Twin(
        all_relations(relations, types, names, problems),
        all_documents(documents, types, folder),
        all_nameplates(entries, types),
    )


def _optional(folder: Path, name: str, problems: list[Problem]) -> tuple[str | None, Findings]:
    """The text of a file that may be absent, and where its problems go."""
    path, findings = folder / name, Findings(name, problems)
    there = path.exists() or path.is_symlink()
    return load(path, LISTS_KB, findings) if there else None, findings


def _with_rights(file: PlantFile, names: Names, findings: Findings) -> Plant | None:
    """The plant with the sections that come after the tags; ``[security]`` and ``[control]`` name assets."""
    if file.plant is None:
        return None
    return msgspec.structs.replace(
        file.plant,
        security=read_security(file.data, file.found, names, findings),
        control=read_control(file.data, file.found, findings),
        ledger=read_ledger(file.data, file.found, findings),
    )


def _writes_file(folder: Path, names: Names, problems: list[Problem]) -> list[WriteRule]:
    text, findings = _optional(folder, "writes.csv", problems)
    return read_writes(text, names, findings) if text is not None else []


def _check_writable(tags: Sequence[Tag], written: Collection[str], problems: list[Problem]) -> None:
    """The column of tags.csv gives no right: only a row of writes.csv, or a command, does."""
    findings = Findings("tags.csv", problems)
    for tag in tags:
        if tag.writable and tag.path not in written:
            findings.warning(
                tag.line,
                f"{shown(tag.path)} cannot be written: add a row to writes.csv, or take writable out",
            )


def _check_links(
    file: PlantFile, tags: Sequence[Tag], written: Collection[str], problems: list[Problem]
) -> None:
    """Writing over a link that anybody can write to must be wanted."""
    findings, lines = Findings("plant.toml", problems), source_lines(file.data, file.found)
    for source in file.sources:
        count = sum(tag.source == source.id and tag.path in written for tag in tags)
        is_open = source.driver == "modbus" or source.security == "none"
        if count and is_open and not source.unsecured_writes:
            what = "tag is" if count == 1 else "tags are"
            findings.warning(
                lines.get(source.id, 1),
                f"source {shown(source.id)} is not encrypted, so its {count} writable {what} refused: write "
                "unsecured_writes = true here if anybody on its network may write, or use an encrypted link",
            )


def _alarms_file(
    folder: Path, names: Names, classes: Sequence[AlarmClass], problems: list[Problem]
) -> list[Limit]:
    text, findings = _optional(folder, "alarms.csv", problems)
    return read_limits(text, names, findings, classes) if text is not None else []


def _plant_file(folder: Path, rules: Mapping[str, AddressRules], findings: Findings) -> PlantFile:
    """Plant and sources of plant.toml."""
    text = load(folder / "plant.toml", PLANT_KB, findings)
    data = parse(text, "sources", findings) if text is not None else None
    if text is None or data is None:
        return PlantFile(None)
    found = sections(text)
    for name in data:
        if name not in SECTIONS:
            near = meant(name, SECTIONS)
            findings.warning(place(found, name).line, f"{shown(name)} is not known and is ignored{near}")
    if "policy" in data:
        findings.warning(place(found, "policy").line, "[policy] is not used yet and is ignored")
    plant = read_plant(data, found, folder.name or "Plant", findings)
    return PlantFile(plant, read_sources(data, found, rules, findings), data, found)
