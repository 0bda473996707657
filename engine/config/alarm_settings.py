"""``alarms.toml``: the classes of alarms, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.config.findings import Findings, shown
from engine.config.folder import TomlFile, toml_file
from engine.config.locate import Section, key_line, place, places
from engine.config.plant import TIME_OF_DAY
from engine.config.record import read_record
from engine.config.toml import unknown_keys
from engine.types import AlarmClass, AlarmSettings, Problem

NUMBERS = {
    "flood_starts": (2, 1000, "alarms in 10 minutes"),
    "flood_ends": (1, 1000, "alarms in 10 minutes"),
    "stale_s": (60, 30 * 86_400, "seconds"),
    "chatter_per_min": (2, 60, "times a minute"),
    "kept_days": (1, 36_500, "days"),
    "link_priority": (1, 4, "1 is the highest"),
}
"""Least and most of the numbers of ``[alarms]``, and what they are."""
LONGEST_SHELF_S = 30 * 86_400
MOST_SHIFTS = 24


def read_alarm_settings(
    folder: Path, problems: list[Problem]
) -> tuple[AlarmSettings, tuple[AlarmClass, ...]]:
    """What alarms.toml says; defaults and no classes where it is absent."""
    file = toml_file(folder / "alarms.toml", "alarms.toml", "class", problems)
    if file is None:
        return AlarmSettings(), ()
    file.only(("alarms", "class"))
    return _settings(file), tuple(_classes(file))


def _settings(file: TomlFile) -> AlarmSettings:
    section, found = place(file.sections, "alarms"), file.data.get("alarms", {})
    if not isinstance(found, dict):
        file.findings.error(section.line, "alarms must be one section: write [alarms] and its keys below it")
        return AlarmSettings()
    keys, known = cast(dict[str, Any], found), AlarmSettings.__struct_fields__
    unknown_keys(keys, known, section, "[alarms]", file.findings)
    keys = {key: value for key, value in keys.items() if key in known}
    settings = read_record(AlarmSettings, keys, file.sections, section, file.findings) or AlarmSettings()
    for key, sentence in _mistakes(settings):
        file.findings.error(key_line(section, key), sentence)
    return settings


def _mistakes(settings: AlarmSettings) -> Iterator[tuple[str, str]]:
    """Key and sentence of everything wrong with the settings."""
    for key, (least, most, what) in NUMBERS.items():
        number = getattr(settings, key)
        if not least <= number <= most:
            yield key, f"{key} {number:g} is out of range: use {least} to {most} ({what})"
    if settings.flood_ends >= settings.flood_starts:
        yield (
            "flood_ends",
            f"flood_ends {settings.flood_ends} is not below flood_starts {settings.flood_starts}: "
            "a flood would never end",
        )
    if not 1 <= len(settings.shifts) <= MOST_SHIFTS:
        yield "shifts", f'shifts has {len(settings.shifts)} times: write 1 to {MOST_SHIFTS}, as in ["06:00"]'
    for time in settings.shifts:
        if not TIME_OF_DAY.fullmatch(time):
            yield "shifts", f'shifts {shown(time)} is not a time of day: use 00:00 to 23:59, as in "06:00"'
    if len(set(settings.shifts)) < len(settings.shifts):
        yield "shifts", "shifts names a time twice: write each once"


def _classes(file: TomlFile) -> Iterator[AlarmClass]:
    entries: object = file.data.get("class", [])
    tables = cast(list[object], entries) if isinstance(entries, list) else [None]
    if not all(isinstance(each, dict) for each in tables):
        line = place(file.sections, "class").line
        file.findings.error(line, "class needs double brackets: write [[class]], once for each class")
        return
    known: set[str] = set()
    sections = places(file.sections, "class", len(tables))
    for keys, section in zip(cast(list[dict[str, Any]], tables), sections, strict=True):
        read = read_record(AlarmClass, keys, file.sections, section, file.findings)
        if read is not None and _is_sound(read, known, section, file.findings):
            known.add(read.id)
            yield read if read.title else msgspec.structs.replace(read, title=read.id)


def _is_sound(read: AlarmClass, known: set[str], section: Section, findings: Findings) -> bool:
    before = len(findings.problems)
    if not read.id.strip():
        findings.error(key_line(section, "id"), 'id is empty: write a short name, as in "safety"')
    if read.id in known:
        line = key_line(section, "id")
        findings.error(line, f"id {shown(read.id)} is used twice: give each class its own")
    if not 0 <= read.shelve_max_s <= LONGEST_SHELF_S:
        findings.error(
            key_line(section, "shelve_max_s"),
            f"shelve_max_s {read.shelve_max_s:g} is out of range: use 0 (never shelved) to "
            f"{LONGEST_SHELF_S} (seconds, 30 days)",
        )
    return len(findings.problems) == before
