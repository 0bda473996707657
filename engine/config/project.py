"""A project folder to a ``Project``, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.config.alarm_list import read_limits
from engine.config.asset_types import read_types
from engine.config.drawings import read_mimics, read_scene
from engine.config.findings import Findings, meant, shown
from engine.config.kpi_list import read_kpis
from engine.config.locate import place, sections
from engine.config.names import Names, names_of
from engine.config.plant import read_plant
from engine.config.sources import read_sources
from engine.config.tag_list import read_tags
from engine.config.text import load
from engine.config.toml import parse
from engine.types import AddressRules, Limit, Plant, Problem, Project, Source

SECTIONS = ("plant", "history", "sources", "policy")
PLANT_KB, TAGS_KB, ALARMS_KB = 512, 65_536, 65_536


def read(folder: Path, rules: Mapping[str, AddressRules]) -> tuple[Project | None, list[Problem]]:
    """Read and check all files of a project folder, all mistakes in one pass.

    Besides plant.toml and tags.csv they are optional: alarms.csv, kpi.toml, types/, scene/, displays/.

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
    plant, sources = _plant_file(resolved, rules, plant_findings)
    known = {source.id: rules.get(source.driver) for source in sources} if plant else None
    text = load(resolved / "tags.csv", TAGS_KB, tag_findings)
    tags = read_tags(text, known, tag_findings) if text is not None else []
    problems, names = [*plant_findings.problems, *tag_findings.problems], names_of(tags)
    types = read_types(resolved, names, problems)
    limits = _alarms_file(resolved, names, problems)
    kpis = read_kpis(resolved, names, problems)
    parts, mimics = read_scene(resolved, names, problems), read_mimics(resolved, names, problems)
    problems.sort(key=lambda problem: (problem.file, problem.line))
    if plant is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    told = tuple(types), tuple(limits), tuple(kpis), tuple(parts), tuple(mimics)
    return Project(str(resolved), plant, tuple(sources), tuple(tags), *told), problems


def _alarms_file(folder: Path, names: Names, problems: list[Problem]) -> list[Limit]:
    path, findings = folder / "alarms.csv", Findings("alarms.csv", problems)
    if not path.exists() and not path.is_symlink():
        return []
    text = load(path, ALARMS_KB, findings)
    return read_limits(text, names, findings) if text is not None else []


def _plant_file(
    folder: Path, rules: Mapping[str, AddressRules], findings: Findings
) -> tuple[Plant | None, list[Source]]:
    """Plant and sources of plant.toml; the plant is None when the file is absent or not TOML."""
    text = load(folder / "plant.toml", PLANT_KB, findings)
    data = parse(text, "sources", findings) if text is not None else None
    if text is None or data is None:
        return None, []
    found = sections(text)
    for name in data:
        if name not in SECTIONS:
            near = meant(name, SECTIONS)
            findings.warning(place(found, name).line, f"{shown(name)} is not known and is ignored{near}")
    if "policy" in data:
        findings.warning(place(found, "policy").line, "[policy] is not used yet and is ignored")
    plant = read_plant(data, found, folder.name or "Plant", findings)
    return plant, read_sources(data, found, rules, findings)
