"""The words of an enumeration, as the cell ``0 off|1 manual|2 auto`` writes them."""

from __future__ import annotations

import re

from engine.config.findings import Findings, shown
from engine.config.table import Row
from engine.types import TypeName

STATE = re.compile(r"([+-]?[0-9]{1,10})\s+(\S.*)")
AS_IN = 'write "0 off|1 manual|2 auto"'


def read_states(row: Row, kind: TypeName, findings: Findings) -> dict[int, str]:
    """Words by number; empty when the cell is empty or no enumeration (reported)."""
    cell = row.cells.get("states", "")
    if not cell:
        return {}
    if kind == "string":
        findings.error(row.line, "states cannot be applied, since this tag is text: leave states empty")
        return {}
    words: dict[int, str] = {}
    for part in cell.split("|"):
        match = STATE.fullmatch(part.strip())
        if not match:
            findings.error(row.line, f"states {shown(part.strip())} is not a number and its word: {AS_IN}")
            continue
        value = int(match[1])
        if value in words:
            findings.error(row.line, f"states names {value} twice: give each number one word")
        if kind == "bool" and value not in (0, 1):
            findings.error(row.line, f"states names {value}, but this tag is on or off: use 0 and 1")
        words[value] = match[2]
    return words
