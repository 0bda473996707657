"""Text in the cells of a table file, so that a spreadsheet takes it for text and for nothing else."""

from __future__ import annotations

import re

DANGEROUS = "=+-@\t\r\n\0"
"""What a spreadsheet may take for the start of a formula (OWASP, CSV injection)."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MARK = "'"


def cell(text: str) -> str:
    """A text as one CSV cell (RFC 4180): quoted where it must be, and never a formula.

    Text that could begin a formula, and is no number, gets an apostrophe in front; so does text that
    begins with one, so that `uncell` gives back every text as it was.
    """
    if text and text[0] in DANGEROUS + MARK and not _NUMBER.fullmatch(text):
        text = MARK + text
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in ',"\r\n') else text


def uncell(text: str) -> str:
    """What `cell` was given; ``text`` is the cell without its quotes, as a CSV reader gives it."""
    return text[1:] if len(text) > 1 and text[0] == MARK and text[1] in DANGEROUS + MARK else text
