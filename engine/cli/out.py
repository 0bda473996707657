"""What the command line prints, and how it ends."""

from __future__ import annotations

import sys
from enum import IntEnum

import msgspec


class Exit(IntEnum):
    """Exit codes of every verb."""

    DONE = 0
    NOT_DONE = 1
    USAGE = 2
    NO_ENGINE = 3
    ALREADY_RUNNING = 4


def say(text: str) -> None:
    """One line of output."""
    print(text, flush=True)


def say_json(item: object) -> None:
    """One object as one line of JSON."""
    print(msgspec.json.encode(item).decode(), flush=True)


def fail(text: str, code: Exit = Exit.NOT_DONE) -> Exit:
    """A plain sentence on stderr; returns the exit code."""
    print(text, file=sys.stderr, flush=True)
    return code


def table(rows: list[tuple[str, ...]]) -> None:
    """Rows in columns as wide as their widest cell."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
