"""Patterns of paths, as types/*.toml, alarms.csv and kpi.toml write them."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache


@lru_cache(maxsize=4096)
def segment_pattern(part: str) -> re.Pattern[str]:
    """One segment of a pattern: ``*`` and ``?`` stand for characters of it, all else for itself."""
    return re.compile(translate(part.replace("[", "[[]")))


def fits(path: str, pattern: str) -> bool:
    """Whether a path is one that a pattern means, segment by segment."""
    segments, parts = path.split("/"), pattern.split("/")
    return len(segments) == len(parts) and all(
        segment_pattern(part).match(segment) for segment, part in zip(segments, parts, strict=True)
    )
