"""``[plant]`` and ``[history]`` of plant.toml."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from engine.config.findings import Findings, meant, shown
from engine.config.locate import Section, key_line, place
from engine.config.toml import table, value
from engine.types import Plant

PLANT_KEYS = ("name", "timezone", "locale", "keep_running")
RING_MB = range(1, 16385)
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def read_plant(data: dict[str, Any], found: list[Section], folder_name: str, findings: Findings) -> Plant:
    """The plant of a parsed plant.toml; defaults stand where something was absent or wrong (reported)."""
    section, history = place(found, "plant"), place(found, "history")
    plant = table(data, "plant", PLANT_KEYS, section, findings)
    limits = table(data, "history", ("ring_mb",), history, findings)
    return Plant(
        name=value(plant, "name", "", section, findings).strip() or folder_name,
        timezone=_timezone(plant, section, findings),
        locale=_locale(plant, section, findings),
        keep_running=value(plant, "keep_running", False, section, findings),
        ring_mb=_ring_mb(limits, history, findings),
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
