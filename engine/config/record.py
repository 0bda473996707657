"""A TOML table to a struct, field by field, so that every mistake is told and on its own line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import msgspec

from engine.config.findings import Findings, listed, meant, shown
from engine.config.locate import Section, key_line, place, places
from engine.config.table import CONTROL
from engine.config.toml import KINDS, unknown_keys
from engine.typed import convert
from engine.types import WriteClass

S = TypeVar("S", bound=msgspec.Struct)
TOLD = ("came_from",)
"""Fields that no file writes: the engine tells them."""
LARGEST = 2**53
"""Beyond it a number is not exact, and means nothing that a project file could say."""
POINT, PLACE = tuple[float, float], tuple[float, float, float]
WORDS: dict[object, str] = {
    **KINDS,
    tuple[str, ...]: 'a list of texts, as in ["A", "B"]',
    tuple[int, ...]: "a list of whole numbers, as in [1, 2]",
    tuple[float, ...]: "a list of numbers, as in [1, 2.5]",
    tuple[WriteClass, ...]: 'a list of "normal" and "critical"',
    POINT: "two numbers, as in [0, 100]",
    PLACE: "three numbers, as in [12.5, 3, 0]",
    tuple[POINT, ...]: "a list of points, as in [[0, 0], [100, 0]]",
    tuple[PLACE, ...]: "a list of points, as in [[0, 0, 3], [12, 0, 3]]",
    dict[str, str]: 'names and texts, as in { "compressed air" = "Utilities/Air/Energy" }',
    dict[str, float]: 'names and numbers, as in { "compressed air" = 0.3 }',
    dict[str, tuple[str, ...]]: 'names and lists of texts, as in { "HMI operators" = ["operator"] }',
}


def read_record(
    kind: type[S],
    keys: dict[str, Any],
    found: list[Section],
    section: Section,
    findings: Findings,
    given: dict[str, Any] | None = None,
    where: str = "",
) -> S | None:
    """A struct from the keys of a section; the default stands where a value is wrong (reported).

    ``given`` are fields that the file does not write itself. None when a required key is missing or
    wrong. ``found`` are all sections of the file, to place those inside this one; ``where`` = what messages
    call this one.
    """
    where = where or _where(section, findings)
    fields = {
        f.encode_name: f
        for f in msgspec.structs.fields(kind)
        if f.name not in TOLD and f.name not in (given or {})
    }
    unknown_keys(keys, tuple(fields), section, where, findings)
    read: dict[str, Any] = dict(given or {})
    sound = True
    for name, field in fields.items():
        if name in keys:
            value = _value(field.type, keys[name], name, found, section, findings)
            if value is not None:
                read[field.name] = value
        elif field.required:
            findings.error(section.line, f"{where} has no {name}: add {name} = … to it")
        sound = sound and (field.name in read or not field.required)
    return kind(**read) if sound else None


def _where(section: Section, findings: Findings) -> str:
    return f"[[{section.name}]]" if section.name else findings.file


def _value(
    kind: Any, raw: object, name: str, found: list[Section], section: Section, findings: Findings
) -> object | None:
    """What a key's value is as ``kind``; None when it is wrong, which is then reported."""
    kind = (
        next((each for each in get_args(kind) if each is not type(None)), kind)
        if _may_be_none(kind)
        else kind
    )
    inner = get_args(kind)[0] if get_origin(kind) is tuple else None
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return _records(inner, raw, name, found, section, findings)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _record(kind, raw, name, found, section, findings)
    line = key_line(section, name)
    words = _words(kind)
    if words:
        if raw in words:
            return raw
        near = meant(raw, words) if isinstance(raw, str) else ""
        known = tuple(word for word in words if word)
        findings.error(line, f"{name} {shown(raw)} is not known: use {listed(known)}{near}")
        return None
    try:
        value = convert(raw, cast(type[object], kind))
    except msgspec.ValidationError:
        findings.error(line, f"{name} must be {WORDS[kind]}, not {shown(raw)}")
        return None
    wrong = next(_wrong(value), "")
    if wrong:
        findings.error(line, f"{name} holds {wrong}")
        return None
    return value


def _may_be_none(kind: Any) -> bool:
    return type(None) in get_args(kind)


def _words(kind: Any) -> tuple[str, ...]:
    """The words of a literal, or of several in one; () for any other kind."""
    if get_origin(kind) is Literal:
        return cast(tuple[str, ...], get_args(kind))
    parts = [_words(each) for each in get_args(kind)]
    return tuple(word for words in parts for word in words) if parts and all(parts) else ()


def _record(
    kind: type[S], raw: object, name: str, found: list[Section], section: Section, findings: Findings
) -> S | None:
    """The struct of one table, ``[name]`` or written inline."""
    whole = f"{section.name}.{name}" if section.name else name
    within = inside(found, section)
    at = next((each for each in within if each.name == whole), Section(whole, key_line(section, name)))
    if not isinstance(raw, dict):
        findings.error(at.line, f"{name} must be one section: write [{whole}] and its keys below it")
        return None
    return read_record(kind, cast(dict[str, Any], raw), within, at, findings, where=f"[{whole}]")


def _records(
    kind: type[S], raw: object, name: str, found: list[Section], section: Section, findings: Findings
) -> tuple[S, ...] | None:
    """The structs of ``[[name]]`` sections, those that could be read."""
    whole = f"{section.name}.{name}" if section.name else name
    tables = cast(list[object], raw) if isinstance(raw, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(found, whole).line
        findings.error(line, f"{name} need double brackets: write [[{whole}]], once for each")
        return None
    within = inside(found, section)
    named = [each for each in within if each.name == whole]
    lies = key_line(section, name)
    at = (
        named
        if len(named) == len(tables)
        else [Section(whole, named[0].line if named else lies)] * len(tables)
    )
    if not section.name:
        at = places(found, whole, len(tables))
    entries = zip(cast(list[dict[str, Any]], tables), at, strict=True)
    read = [read_record(kind, keys, within, place, findings) for keys, place in entries]
    return tuple(each for each in read if each is not None)


def inside(found: list[Section], section: Section) -> list[Section]:
    """The sections that belong to this one: those before the next of its name."""
    if not section.name:
        return found
    after = [each for each in found if each.line > section.line]
    end = next((k for k, each in enumerate(after) if each.name == section.name), len(after))
    return after[:end]


def _wrong(value: object) -> Iterator[str]:
    """What no text or number of a project file may be, in words."""
    if isinstance(value, str) and CONTROL.search(value):
        yield "a control character or a line break: type it again"
    elif isinstance(value, int | float) and (not math.isfinite(value) or abs(value) > LARGEST):
        yield f"{shown(value)}, which is no number to work with"
    elif isinstance(value, tuple | list):
        for each in cast(tuple[object, ...], value):
            yield from _wrong(each)
    elif isinstance(value, dict):
        for each in cast(dict[object, object], value).items():
            yield from _wrong(each)
