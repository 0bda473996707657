"""Collecting what ``check`` has to say about one file, and the wording all findings share."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from engine.types import Problem, Severity

LONGEST_MESSAGE = 800
LONGEST_QUOTE = 60
MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Findings:
    """The problems of one file, in the order they were found. ``file`` is its name in the folder."""

    file: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def error(self, line: int, message: str) -> None:
        """A mistake that keeps the project from being used."""
        self._add(line, "error", message)

    def warning(self, line: int, message: str) -> None:
        """Something that is ignored or surprising; the project still works."""
        self._add(line, "warning", message)

    def _add(self, line: int, severity: Severity, message: str) -> None:
        # A driver's sentence may quote a whole cell, and a cell may hold anything.
        plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message[:LONGEST_MESSAGE])
        clipped = plain if len(plain) < LONGEST_MESSAGE else plain[: LONGEST_MESSAGE - 1] + "…"
        self.problems.append(Problem(self.file, line, severity, clipped))


def shown(value: object) -> str:
    """A value as a message quotes it: text in double quotes, long ones clipped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**LONGEST_QUOTE:
        return "a very long number"  # Python refuses to print integers of thousands of digits
    if not isinstance(value, str):
        return str(value)
    return f'"{value}"' if len(value) <= LONGEST_QUOTE else f'"{value[: LONGEST_QUOTE - 1]}…"'


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or nothing."""
    near = _nearest(word[:LONGEST_QUOTE], tuple(known))
    return f"; did you mean {shown(near)}?" if near else ""


@lru_cache(maxsize=64)  # difflib is slow, and one wrong word may stand in thousands of rows
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Compared in lower case, because Excel and people capitalise."""
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[near[0]] if near else ""


def listed(words: Collection[str]) -> str:
    """Words as ``"a", "b" or "c"``; of many, the first few and their number."""
    quoted = [shown(word) for word in islice(words, MOST_LISTED)]
    if len(words) > MOST_LISTED:
        return f"{', '.join(quoted)} … ({len(words)} in all)"
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
