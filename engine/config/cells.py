"""One cell of a CSV row to a word or a number, or a finding that says what to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from engine.config.findings import Findings, listed, meant, shown
from engine.config.table import Row

T = TypeVar("T")


def word(row: Row, column: str, known: tuple[str, ...], default: str, findings: Findings) -> str:
    """One of the ``known`` words, in any case; the default when the cell is empty or wrong (reported)."""
    cell = row.cells.get(column, "")
    if not cell or cell.lower() in known:
        return cell.lower() or default
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
