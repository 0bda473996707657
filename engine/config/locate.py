"""On which line of a TOML file a section or key stands. It locates; tomllib parses.

tomllib keeps no positions. Where a file is written in an unusual way (inline tables, headers
inside multi-line strings) the answer falls back to the section's line or to line 1; it is
always a line of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*[.=]""")


@dataclass(frozen=True, slots=True)
class Section:
    """A header such as ``[plant]`` or ``[[sources]]`` and the first line of each key under it."""

    name: str
    line: int
    keys: dict[str, int] = field(default_factory=dict[str, int])


def sections(text: str) -> list[Section]:
    """Every section of a TOML text in order; the first, named "", is what stands before any header."""
    found = [Section("", 1)]
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.match(line.rstrip("\r")):
            name = ".".join(part.strip().strip("\"'") for part in header[2].split("."))
            found.append(Section(name, number))
        elif key := KEY.match(line):
            found[-1].keys.setdefault(key[1], number)
    return found


def places(found: list[Section], name: str, count: int) -> list[Section]:
    """Where each of ``count`` sections called ``name`` stands; ``count`` is what the parser found.

    Where they are written another way (inline, dotted), each gets the first line that names it.
    """
    named = [section for section in found if section.name == name]
    if len(named) == count:
        return named
    inner = (section.line for section in found if section.name.startswith(f"{name}."))
    line = named[0].line if named else found[0].keys.get(name, next(inner, 1))
    return [Section(name, line)] * count


def place(found: list[Section], name: str) -> Section:
    """Where the section called ``name`` stands, or the first line that names it."""
    return places(found, name, 1)[0]


def key_line(section: Section, key: str) -> int:
    """The line of a key, or of the section's header where the key is absent or written inline."""
    return section.keys.get(key, section.line)
