"""Changing one endpoint in plant.toml without touching a person's comments or layout."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, cast

from engine.config.locate import key_line, places, sections

ENDPOINT = re.compile(r"""^(\s*["']?endpoint["']?\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)$""", re.DOTALL)


def write_endpoint(text: str, source_id: str, endpoint: str) -> str:
    """The plant.toml ``text`` with the endpoint of one source replaced and every other byte kept.

    Raises ``ValueError`` with a sentence when the text is not valid TOML, has no such source, or
    does not write that source's endpoint as one quoted text on its own line.
    """
    data = _parse(text)
    entries = _entries(data)
    index = next((i for i, entry in enumerate(entries) if entry.get("id") == source_id), -1)
    if index < 0:
        raise ValueError(f'plant.toml has no source "{source_id}"')
    section = places(sections(text), "sources", len(entries))[index]
    lines = text.split("\n")
    number = key_line(section, "endpoint") - 1
    match = ENDPOINT.match(lines[number])
    changed = ""
    if match:
        lines[number] = match[1] + json.dumps(endpoint, ensure_ascii=False) + match[3]
        changed = "\n".join(lines)
    entries[index]["endpoint"] = endpoint
    if not match or not _says(changed, data):
        raise ValueError(
            f'the endpoint of source "{source_id}" cannot be replaced: '
            'write it as endpoint = "…" on its own line under [[sources]]'
        )
    return changed


def _says(text: str, data: dict[str, Any]) -> bool:
    """Whether a TOML text means exactly ``data``: the locating is by pattern, the proof is not."""
    try:
        return tomllib.loads(text) == data
    except tomllib.TOMLDecodeError:
        return False


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"plant.toml is not valid TOML: {problem}") from problem


def _entries(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The ``[[sources]]`` entries, as the same objects that ``data`` holds; none if malformed."""
    sources: object = data.get("sources")
    if not isinstance(sources, list):
        return []
    entries = cast(list[object], sources)
    return [cast(dict[str, Any], entry) for entry in entries if isinstance(entry, dict)]
