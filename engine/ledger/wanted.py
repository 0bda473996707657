"""Which entries somebody looks for, as SQL over the table of entries."""

from __future__ import annotations

import json
from typing import Any

import msgspec


class Wanted(msgspec.Struct, frozen=True):
    """What an entry must be; empty = anything. Capital letters of ASCII do not matter.

    ``text`` stands anywhere in its line, ``actor`` begins the name of who did it (not of hidden fields).
    Times are UTC µs, ``end_us`` 0 = no end. Numbers from ``first`` on.
    """

    text: str = ""
    types: tuple[str, ...] = ()
    actor: str = ""
    start_us: int = 0
    end_us: int = 0
    first: int = 0

    def where(self) -> tuple[str, list[Any]]:
        """A condition of SQL and its values."""
        parts, values = ["seq >= ?"], list[Any]([self.first])
        if self.types:
            # The + keeps SQLite from sorting all entries of a type: they are wanted in order of seq.
            sign = "" if len(self.types) == 1 else "+"
            parts.append(f"{sign}type IN ({', '.join('?' * len(self.types))})")
            values += self.types
        if self.actor:
            # Canonical JSON of an entry begins with the actor, so nothing has to be parsed.
            parts.append("line LIKE ? ESCAPE '^'")
            values.append('{"actor":"' + _pattern(self.actor) + "%")
        if self.text:
            parts.append("line LIKE ? ESCAPE '^'")
            values.append(f"%{_pattern(self.text)}%")
        if self.start_us or self.end_us:
            parts.append("+time_us BETWEEN ? AND ?")
            values += (self.start_us, self.end_us or 2**62)
        return " AND ".join(parts), values


def _pattern(text: str) -> str:
    """The text as it stands in JSON, for LIKE."""
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return "".join(f"^{each}" if each in "^%_" else each for each in written)
