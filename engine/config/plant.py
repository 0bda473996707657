"""``[plant]`` and ``[history]`` of plant.toml; ``security`` reads the others."""

from __future__ import annotations

import re
import zoneinfo
from pathlib import Path
from typing import Any

from engine.config.findings import Findings, meant, shown
from engine.config.locate import Section, key_line, place
from engine.config.toml import table, value
from engine.types import HistorySettings, Plant

PLANT_KEYS = ("name", "timezone", "locale", "keep_running")
RING_MB = range(1, 16385)
NUMBERS = {
    "days": (3.0, 36_500.0, "days"),
    "fast_days": (3.0, 36_500.0, "days"),
    "rollup_days": (3.0, 36_500.0, "days"),
    "max_gb": (1.0, 1_000_000.0, "gigabytes"),
    "fast_gb": (0.1, 1_000_000.0, "gigabytes"),
}
"""Least, most and unit of the numbers of ``[history]``; models need three days of samples."""
HISTORY_KEYS = ("ring_mb", *HistorySettings.__struct_fields__)
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def read_plant(data: dict[str, Any], found: list[Section], folder_name: str, findings: Findings) -> Plant:
    """The plant of a parsed plant.toml; defaults stand where something was absent or wrong (reported)."""
    section, history = place(found, "plant"), place(found, "history")
    plant = table(data, "plant", PLANT_KEYS, section, findings)
    limits = table(data, "history", HISTORY_KEYS, history, findings)
    return Plant(
        name=value(plant, "name", "", section, findings).strip() or folder_name,
        timezone=_timezone(plant, section, findings),
        locale=_locale(plant, section, findings),
        keep_running=value(plant, "keep_running", False, section, findings),
        ring_mb=_ring_mb(limits, history, findings),
        history=_history(limits, history, findings),
    )


def _timezone(plant: dict[str, Any], section: Section, findings: Findings) -> str:
    name = value(plant, "timezone", "UTC", section, findings)
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of the zone database, such as "Europe"
        near = meant(name, sorted(zoneinfo.available_timezones()))
        use = 'use a name such as "UTC" or "Europe/Berlin"'
        findings.error(key_line(section, "timezone"), f"timezone {shown(name)} is not known: {use}{near}")
    return name


def _locale(plant: dict[str, Any], section: Section, findings: Findings) -> str:
    locale = value(plant, "locale", "en", section, findings)
    if not LOCALE.fullmatch(locale):
        line = key_line(section, "locale")
        findings.error(
            line, f'locale {shown(locale)} is not a language code: use one such as "en" or "de-DE"'
        )
    return locale


def _ring_mb(limits: dict[str, Any], section: Section, findings: Findings) -> int:
    ring_mb = value(limits, "ring_mb", 256, section, findings)
    if ring_mb not in RING_MB:
        line, span = key_line(section, "ring_mb"), f"{RING_MB[0]} to {RING_MB[-1]}"
        findings.error(line, f"ring_mb {shown(ring_mb)} is out of range: use {span} (megabytes)")
    return ring_mb


def _history(keys: dict[str, Any], section: Section, findings: Findings) -> HistorySettings:
    settings = HistorySettings(
        **{name: _number(keys, name, section, findings) for name in NUMBERS},
        backup_to=_backup_to(keys, section, findings),
        backup_at=_backup_at(keys, section, findings),
    )
    if "rollup_days" in keys and settings.rollup_days < settings.days:
        line = key_line(section, "rollup_days")
        findings.warning(
            line,
            f"rollup_days {settings.rollup_days:g} is less than days {settings.days:g}: long trends will "
            "have to read all samples; roll-ups are small, so keep them longer",
        )
    if "fast_gb" in keys and settings.fast_gb > settings.max_gb:
        line = key_line(section, "fast_gb")
        findings.warning(
            line,
            f"fast_gb {settings.fast_gb:g} is more than max_gb {settings.max_gb:g}, which holds for all of "
            "it together: raise max_gb or lower fast_gb",
        )
    return settings


def _number(keys: dict[str, Any], name: str, section: Section, findings: Findings) -> float:
    default = float(getattr(HistorySettings(), name))
    number = value(keys, name, default, section, findings)
    low, high, unit = NUMBERS[name]
    if not low <= number <= high:  # so that nan is refused too
        line = key_line(section, name)
        findings.error(line, f"{name} {shown(number)} is out of range: use {low:g} to {high:.0f} ({unit})")
        return default
    return number


def _backup_to(keys: dict[str, Any], section: Section, findings: Findings) -> str:
    folder = value(keys, "backup_to", "", section, findings)
    if folder and not (folder.isprintable() and Path(folder).is_absolute()):
        findings.error(
            key_line(section, "backup_to"),
            f"backup_to {shown(folder)} is not the full path of a folder: write it from the top, as in "
            "'/mnt/backup' or 'D:\\backup'",
        )
        return ""
    return folder


def _backup_at(keys: dict[str, Any], section: Section, findings: Findings) -> str:
    at = value(keys, "backup_at", HistorySettings().backup_at, section, findings)
    if not TIME_OF_DAY.fullmatch(at):
        line = key_line(section, "backup_at")
        findings.error(line, f'backup_at {shown(at)} is not a time of day: use 00:00 to 23:59, as in "02:30"')
        return HistorySettings().backup_at
    return at
