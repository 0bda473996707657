"""What an import proposes, whatever it was read from, and names that a project can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

import msgspec

from engine.types import AssetRow, Document, NameplateEntry, Relation, Tag

MOST_LEVELS = 7
"""Of an asset: its tags need one more, and a path of tags.csv has at most eight."""
LONGEST_NAME = 120
LONGEST_TEXT = 100_000
"""What is taken in at first; `engine.twin.import_fit` clips it to what a column may hold, and says so."""
LONGEST_FILE = 100
# As engine.config reads cells: control characters, line ends, marks that turn the direction of writing.
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class ImportProblem(Exception):
    """An import that cannot be done; the text says why and what to do, in one sentence."""


class Imported(msgspec.Struct, frozen=True):
    """Rows that an import proposes; nothing is written yet.

    ``files`` = contents of documents by their place below ``documents/``. ``notes`` = sentences about what
    was left out or altered.
    """

    assets: tuple[AssetRow, ...] = ()
    tags: tuple[Tag, ...] = ()
    relations: tuple[Relation, ...] = ()
    documents: tuple[Document, ...] = ()
    nameplates: tuple[NameplateEntry, ...] = ()
    files: dict[str, bytes] = {}
    notes: tuple[str, ...] = ()


def tidy(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text that fits a cell of a CSV file: one line, no control characters, clipped."""
    return " ".join(UNWANTED.sub(" ", text).split())[:longest].strip()


def segment(text: str, otherwise: str = "asset") -> str:
    """A name as one part of a path: tidy, without a slash, never empty."""
    name = tidy(text.replace("/", "-").replace("\\", "-"), LONGEST_NAME)
    return name or otherwise


def unused(name: str, taken: Container[str]) -> str:
    """The name, or "name (2)", "name (3)" and so on, whichever is not taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def joined(under: str, name: str) -> str:
    """A path below another; at most `MOST_LEVELS` parts, deeper ones end beside their parent."""
    parts = [*under.split("/"), name] if under else [name]
    return "/".join([*parts[: MOST_LEVELS - 1], parts[-1]] if len(parts) > MOST_LEVELS else parts)


def file_name(text: str) -> str:
    """A file name that every system takes and that leads nowhere else; "" where none is left of it.

    Folders are kept where each of them is harmless, and dropped otherwise.
    """
    parts = text.replace("\\", "/").split("/")
    if len(parts) > 1 and any(not _harmless(part) for part in parts):
        parts = parts[-1:]
    return "/".join(made for part in parts if (made := _file_part(part)))


def _harmless(part: str) -> bool:
    return bool(part) and _file_part(part) == part


def _file_part(text: str) -> str:
    name = tidy(re.sub(r'[<>:"|?*/\\]', "-", unicodedata.normalize("NFC", text)))
    name = name.lstrip(".").strip()
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 5:
        name = _clipped(stem, LONGEST_FILE).rstrip(" .") + dot + ending
    name = _clipped(name, LONGEST_FILE + 6).rstrip(" .")
    return f"_{name}" if RESERVED.fullmatch(name) else name


def _clipped(text: str, most: int) -> str:
    """The text, cut to so many bytes of UTF-8: what file systems count."""
    return text.encode()[:most].decode(errors="ignore")
