"""A file of scene/ cut at its headers, so that a section which stays as it is keeps its very text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

NAMES = ("parts", "views", "plan")
_HEADER = re.compile(r"^\s*\[")
_OURS = re.compile(r"^\s*(?:\[\[\s*(parts|views)\s*\]\]|\[\s*(plan)\s*\])\s*(?:#.*)?$")
_INSIDE = re.compile(rf"^\s*\[\[?\s*(?:{'|'.join(NAMES)})\s*\.")


@dataclass(frozen=True, slots=True)
class Section:
    """One of `NAMES`, from its header on; ``lead`` = the comments above it, ``said`` = what it reads as."""

    name: str
    lead: str
    text: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A file: what stands before the first section, the sections, and what is left after the last."""

    top: str
    sections: tuple[Section, ...] = ()
    end: str = ""

    def of(self, name: str) -> list[Section]:
        """The sections of one name, in their order."""
        return [each for each in self.sections if each.name == name]


def pieces_of(text: str) -> Pieces | None:
    """The pieces of a TOML text; None = it is written in a way that cannot be cut at headers.

    Raises:
        ValueError: it is no TOML.
    """
    whole = tomllib.loads(text)
    found = _cut(text)
    as_cut = {name: [each.said for each in found.of(name)] for name in NAMES}
    if as_cut != {name: listed(whole.get(name)) for name in NAMES}:
        return None
    loose = _said("", found.top + "".join(each.lead for each in found.sections) + found.end)
    return found if loose == {key: each for key, each in whole.items() if key not in NAMES} else None


def listed(said: object) -> list[Mapping[str, Any]]:
    """The sections of one name in a parsed file, one or many."""
    if said is None:
        return []
    return cast("list[Mapping[str, Any]]", said if isinstance(said, list) else [said])


def comments_of(text: str) -> str:
    """The lines of a text that are comments and nothing else."""
    return "".join(f"{line.strip()}\n" for line in text.split("\n") if line.lstrip().startswith("#"))


def _cut(text: str) -> Pieces:
    lines = text.splitlines(keepends=True)
    heads = list(_heads(lines))
    if not heads:
        return Pieces(text)
    starts = [start for start, _ in heads]
    top, lead = _parted(lines[: starts[0]], is_top=True)
    sections = list[Section]()
    for (start, name), end in zip(heads, [*starts[1:], len(lines)], strict=True):
        kept, after = _parted(lines[start:end], is_top=False)
        if name:
            sections.append(Section(name, lead, kept, _said(name, kept)))
            lead = after
        else:
            # A section that is not ours goes with what stands above the next one, as it is.
            lead += kept + after
    return Pieces(top, tuple(sections), lead)


def _heads(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Where sections begin, and their name; "" = not one of ours."""
    found, depth = list[tuple[int, str]](), 0
    for place, line in enumerate(lines):
        bare = line.partition("#")[0]
        ours = _OURS.match(line.rstrip("\r\n"))
        if ours is not None:
            found.append((place, ours[1] or ours[2]))
            depth = 0
        elif depth <= 0 and _HEADER.match(line) and not _INSIDE.match(line):
            found.append((place, ""))
            depth = 0
        else:
            depth += bare.count("[") - bare.count("]")
    return found


def _parted(lines: Sequence[str], *, is_top: bool) -> tuple[str, str]:
    """The text of a section, and the comments at its end that belong to the next: those after a gap."""
    end = len(lines)
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    gaps = [place for place in range(end, len(lines)) if not lines[place].strip()]
    if not gaps:
        split = end if is_top else len(lines)
    else:
        split = (gaps[-1] if is_top else gaps[0]) + 1
        while not is_top and split < len(lines) and not lines[split].strip():
            split += 1
    return "".join(lines[:split]), "".join(lines[split:])


def _said(name: str, text: str) -> Mapping[str, Any]:
    """What a piece reads as by itself: what is in its one section, or at its top."""
    try:
        found = tomllib.loads(text)
    except ValueError:
        return {"cut through": text}
    if not name:
        return found
    inside = listed(found.get(name))
    return inside[0] if len(found) == 1 and len(inside) == 1 else {"cut through": text}
