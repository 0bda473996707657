"""Manuals as text: a page each, read from the TOML files beside this one."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.typed import convert


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``steps`` are numbered; rows of ``table`` part their columns by ``|``, the first is the head."""

    chapter: str
    heading: str
    words: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    drawing: str = ""
    warning: str = ""

    @property
    def rows(self) -> list[list[str]]:
        """The table, cell by cell."""
        return [[cell.strip() for cell in row.split("|")] for row in self.table]


class Manual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All pages of a manual, in order."""

    pages: tuple[Page, ...]


def read(name: str) -> tuple[Page, ...]:
    """The pages of NAME.toml."""
    return convert(msgspec.toml.decode((Path(__file__).parent / f"{name}.toml").read_bytes()), Manual).pages
