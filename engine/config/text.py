"""A project file's bytes to text, or a finding that says what kind of file it is instead."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from engine.config.findings import Findings

LINE_END = re.compile(r"\r\n?|\n")
SAVE_AS = 'save it as UTF-8 (in Excel: "CSV UTF-8")'


def load(path: Path, largest_kb: int, findings: Findings) -> str | None:
    """The text of a UTF-8 file, with or without BOM. None, and an error in ``findings``, if there is none.

    ``largest_kb`` bounds what a wrong or hostile file can make the engine read.
    """
    name = path.name
    try:
        if not path.exists():
            findings.error(1, f"{name} is missing from {path.parent}: create it there")
        elif not path.is_file():
            findings.error(1, f"{name} is not a plain file: put a text file in its place")
        elif path.stat().st_size > largest_kb * 1024:
            findings.error(1, f"{name} is larger than {largest_kb} kB: this is not a file a person wrote")
        else:
            return decode(path.read_bytes(), findings)
    except OSError as problem:
        findings.error(1, f"{name} cannot be read ({problem.strerror}): check who may read it")
    return None


def decode(raw: bytes, findings: Findings) -> str | None:
    """UTF-8 bytes as text without BOM; None, and an error naming the line, for anything else."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        findings.error(1, f"the file is UTF-16, not UTF-8: {SAVE_AS}")
        return None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = line_at(raw[: problem.start].decode("latin-1"))
        findings.error(line, f"the byte 0x{raw[problem.start]:02X} is not UTF-8: {SAVE_AS}")
        return None
    if "\0" in text:
        line = line_at(text[: text.index("\0")])
        findings.error(line, f"the file holds a NUL byte, so it is not a text file: {SAVE_AS}")
        return None
    return text


def line_at(before: str) -> int:
    """The 1-based line on which the text after ``before`` starts."""
    return len(LINE_END.findall(before)) + 1
