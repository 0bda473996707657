"""The TOML files of a project, each with its sections and its own findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.findings import Findings, meant, shown
from engine.config.locate import Section, place, sections
from engine.config.text import load
from engine.config.toml import parse
from engine.types import Problem

LARGEST_KB = 512
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed TOML file. ``name`` is without folder and ``.toml``."""

    name: str
    data: dict[str, Any]
    sections: list[Section]
    findings: Findings

    @property
    def top(self) -> Section:
        """What stands before any section."""
        return self.sections[0]

    def only(self, known: tuple[str, ...]) -> None:
        """Warn about what the file says besides ``known`` sections and keys."""
        for key in self.data:
            if key not in known:
                line = place(self.sections, key).line
                self.findings.warning(line, f"{shown(key)} is not known and is ignored{meant(key, known)}")


def toml_file(path: Path, shown_as: str, section: str, problems: list[Problem]) -> TomlFile | None:
    """A file that may be absent; None, and a problem, where it cannot be read. ``section``: see ``parse``."""
    if not path.exists() and not path.is_symlink():
        return None
    findings = Findings(shown_as, problems)
    text = load(path, LARGEST_KB, findings)
    data = parse(text, section, findings) if text is not None else None
    return None if text is None or data is None else TomlFile(path.stem, data, sections(text), findings)


def toml_files(folder: Path, section: str, problems: list[Problem]) -> Iterator[TomlFile]:
    """The ``.toml`` files of a folder that may be absent, by name; others and hidden ones are left alone."""
    findings = Findings(folder.name, problems)
    try:
        if not folder.is_dir():
            if folder.exists():
                findings.error(1, f"{folder.name} is a file: it must be a folder of .toml files")
            return
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] != ".")
    except OSError as problem:
        findings.error(1, f"{folder.name} cannot be read ({problem.strerror}): check who may read it")
        return
    if len(paths) > MOST_FILES:
        findings.error(1, f"{folder.name} holds {len(paths)} files: at most {MOST_FILES} are read")
    for path in paths[:MOST_FILES]:
        file = toml_file(path, f"{folder.name}/{path.name}", section, problems)
        if file is not None:
            yield file
