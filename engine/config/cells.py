"""One cell of a CSV row to a word or a number, or a finding that says what to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from engine.config.findings import Findings, listed, meant, shown
from engine.config.table import Row

T = TypeVar("T")
MOST_SEGMENTS = 8


def required(row: Row, column: str, what: str, findings: Findings) -> str:
    """The cell as it stands; "" when it is empty (reported). ``what`` = what to write there."""
    value = row.cells.get(column, "")
    if not value:
        findings.error(row.line, f"{column} is empty: write {what}")
    return value


def path_of(row: Row, column: str, what: str, findings: Findings) -> str:
    """The path of a tag or asset: 1 to 8 parts, none of them empty; what is wrong with it is reported."""
    path = required(row, column, what, findings)
    segments = path.split("/")
    if path and not all(segment.strip() for segment in segments):
        findings.error(
            row.line,
            f"{column} {shown(path)} has an empty part: no / at the start or end, one between names",
        )
    elif len(segments) > MOST_SEGMENTS:
        findings.error(
            row.line,
            f"{column} {shown(path)} has {len(segments)} parts: use at most {MOST_SEGMENTS} between /",
        )
    elif any(segment != segment.strip() for segment in segments):
        findings.warning(row.line, f"{column} {shown(path)} has spaces beside a /: they are part of the name")
    return path


def text_of(row: Row, column: str, longest: int, findings: Findings) -> str:
    """The text of a cell; "" when it is longer than ``longest`` (reported)."""
    cell = row.cells.get(column, "")
    if len(cell) > longest:
        findings.error(row.line, f"{column} has {len(cell)} characters: use at most {longest}")
        return ""
    return cell


def word(row: Row, column: str, known: tuple[str, ...], default: str, findings: Findings) -> str:
    """One of the ``known`` words, in any case; the default when the cell is empty or wrong (reported)."""
    cell = row.cells.get(column, "")
    if not cell:
        return default
    stated = next((each for each in known if each.lower() == cell.lower()), "")
    if stated:
        return stated
    near = meant(cell, known)
    findings.error(row.line, f"{column} {shown(cell)} is not known: use {listed(known)}{near}")
    return default


def number(row: Row, column: str, findings: Findings) -> float | None:
    """A finite decimal number with a point; None when the cell is empty or wrong (reported)."""
    cell = row.cells.get(column, "")
    if not cell:
        return None
    read = attempt(float, cell)
    if read is not None and math.isfinite(read) and "_" not in cell and cell.isascii():
        return read
    point = cell.replace(",", ".", 1)
    decimal_comma = cell.count(",") == 1 and "." not in cell and attempt(float, point) is not None
    advice = f"use a decimal point, {point}" if decimal_comma else "write a plain number such as 12.5"
    findings.error(row.line, f"{column} {shown(cell)} is not a number: {advice}")
    return None


def not_negative(row: Row, column: str, what: str, findings: Findings) -> float:
    """A number from 0 on; 0 when the cell is empty or wrong (reported). ``what`` = what it is measured in."""
    read = number(row, column, findings)
    if read is not None and read < 0:
        findings.error(row.line, f"{column} {read:g} is negative: use 0 or more, in {what}")
        return 0.0
    return read or 0.0


def whole(row: Row, column: str, most: int, default: T, findings: Findings) -> int | T:
    """A whole number from 0 to ``most``; the default when the cell is empty or wrong (reported)."""
    cell = row.cells.get(column, "")
    if not cell:
        return default
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 9 and int(cell) <= most):
        findings.error(
            row.line, f"{column} {shown(cell)} cannot be used: write a whole number from 0 to {most}"
        )
        return default
    return int(cell)


def attempt(parse: Callable[[str], T], text: str) -> T | None:
    """What ``parse`` makes of a text, None where it raises ValueError."""
    try:
        return parse(text)
    except ValueError:
        return None
