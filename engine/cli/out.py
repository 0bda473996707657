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


def plain(text: str) -> str:
    """Text whose every character only shows: what a device sends must not steer the terminal.

    Control characters, also those of C1, line breaks and marks that turn the direction of writing
    come out as U+FFFD.
    """
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def say(text: str) -> None:
    """One line of output."""
    print(plain(text), flush=True)


def say_json(item: object) -> None:
    """One object as one line of JSON."""
    print(msgspec.json.encode(item).decode(), flush=True)


def fail(text: str, code: Exit = Exit.NOT_DONE) -> Exit:
    """A plain sentence on stderr; returns the exit code."""
    print("\n".join(plain(line) for line in text.split("\n")), file=sys.stderr, flush=True)
    return code


def table(rows: list[tuple[str, ...]]) -> None:
    """Rows in columns as wide as their widest cell."""
    rows = [tuple(plain(cell) for cell in row) for row in rows]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
