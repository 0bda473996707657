"""TOML text to tables: syntax errors in words, sections found again, values of the right type."""

from __future__ import annotations

import re
import tomllib
from typing import Any, TypeVar, cast

import msgspec

from engine.config.findings import Findings, meant, shown
from engine.config.locate import Section, key_line
from engine.typed import convert

LONGEST_LINE = 1000
KINDS: dict[type, str] = {
    str: "text in double quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}
T = TypeVar("T", str, bool, int, float)

# What tomllib says first, and what a person should do about it.
ADVICE = (
    ("Invalid value", "this value is not valid: text needs double quotes, true and false do not"),
    ("Illegal character '\\n'", "a quote opened on this line is not closed: add the closing quote"),
    ("Unterminated string", "a quote is opened and never closed: add the closing quote"),
    ("Cannot overwrite a value", "this key is written twice in its section: keep one of the two"),
    ("Cannot declare", "this section is written twice: join the two, or use [[{section}]] for each one"),
    ("Expected '=' after a key", 'this line is not "key = value": add the = or start it with # as a comment'),
    ("Unescaped '\\' in a string", "a backslash in double quotes is special: use 'single quotes' instead"),
    ("Invalid hex value", "a backslash in double quotes is special: use 'single quotes' instead"),
    ("Expected newline", "there is more on this line than one key = value: text needs double quotes"),
    ("Expected ']' at the end of a table", "this section's bracket is not closed: write it as in [plant]"),
    ("Expected ']]' at the end of an array", "two brackets open and two close: write it as in [[{section}]]"),
)


def parse(text: str, section: str, findings: Findings) -> dict[str, Any] | None:
    """The parsed TOML, or None and one error on the line where tomllib gave up.

    ``section`` is one that this file may hold several times, as an example for advice.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:  # tomllib needs minutes for one long dotted key
            findings.error(number, f"this line is longer than {LONGEST_LINE} characters: break it up")
            return None
    try:
        return tomllib.loads(text)
    except RecursionError:
        findings.error(1, "brackets are nested too deeply: no project file needs that many")
    except ValueError as problem:
        what = str(problem)
        position = re.search(r" \(at line (\d+), column (\d+)\)$", what)
        # Without a position the text ended too early: the last line that holds anything.
        line = int(position[1]) if position else text.rstrip("\n").count("\n") + 1
        advice = next((advice for start, advice in ADVICE if what.startswith(start)), "")
        advice = advice.format(section=section)
        findings.error(line, advice or f"this is not valid TOML: {what.partition(' (at ')[0]}")
    return None


def table(
    data: dict[str, Any], name: str, known: tuple[str, ...], section: Section, findings: Findings
) -> dict[str, Any]:
    """The ``[name]`` table; empty when absent, or when something else bears the name (an error)."""
    found: object = data.get(name, {})
    if not isinstance(found, dict):
        findings.error(section.line, f"{name} must be one section: write [{name}] and its keys below it")
        return {}
    keys = cast(dict[str, Any], found)
    unknown_keys(keys, known, section, f"[{name}]", findings)
    return keys


def unknown_keys(
    keys: dict[str, Any], known: tuple[str, ...], section: Section, where: str, findings: Findings
) -> None:
    """Warn about every key that is not ``known``; ``where`` names the section in the message."""
    for key in keys:
        if key not in known:
            line = key_line(section, key)
            findings.warning(line, f"{shown(key)} is not a key of {where} and is ignored{meant(key, known)}")


def value(keys: dict[str, Any], key: str, default: T, section: Section, findings: Findings) -> T:
    """The value of a key in the type of its default; the default, and an error, when it has another."""
    found: object = keys.get(key, default)
    try:
        return convert(found, type(default))
    except msgspec.ValidationError:
        line = key_line(section, key)
        findings.error(line, f"{key} must be {KINDS[type(default)]}, not {shown(found)}")
        return default
