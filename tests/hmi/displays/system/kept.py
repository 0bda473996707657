"""A made-up history and made-up scores, well and in trouble, for the tests of System."""

from __future__ import annotations

from typing import Any

from engine.types import HistoryStatus, TagScore
from hmi.displays.system.quality_state import Scores
from tests.hmi.plant import NOW_US

GB = 10**9
DAY_US = 86_400_000_000
FACTS = (
    ("Room", "0.9 GB a day; max_gb (50 GB) is full in 41 days, then the oldest samples are removed"),
    ("Availability", "99.98 % over 30 days, down 7 min in 3 stretches"),
    ("Backup", "last backup 2026-11-22 01:30 UTC"),
)


def history(**more: Any) -> HistoryStatus:
    """The history while all is well."""
    facts: dict[str, Any] = {
        "rate": 1240.3,
        "waiting": 96,
        "lag_ms": 78.0,
        "tail": 2_218_400,
        "bytes": round(12.4 * GB),
        "quota_bytes": 50 * GB,
        "disk_free_bytes": 212 * GB,
        "bytes_per_sample": 1.94,
        "oldest_us": NOW_US - 3 * DAY_US + 600_000_000,
        "days_left": 41.3,
        "gaps": 3,
        "facts": FACTS,
    }
    return HistoryStatus(**{**facts, **more})


def troubled_history() -> HistoryStatus:
    """A history that lost samples and a file."""
    return history(
        bytes=round(49.6 * GB),
        lost=12_400,
        days_left=0.4,
        damaged=("samples-2026-11-19.db.damaged",),
        trouble=(
            "the disk with the history is full: 12 400 samples were lost; free some room on it, or set "
            "max_gb in plant.toml lower"
        ),
    )


def score(path: str, worst: str = "", **sides: float) -> TagScore:
    """All five sides whole but for those given; the score is the weakest."""
    whole = {"complete": 1.0, "timely": 1.0, "in_range": 1.0, "moving": 1.0, "consistent": 1.0}
    whole |= sides
    complete, timely, in_range, moving, consistent = whole.values()
    return TagScore(path, min(whole.values()), complete, timely, in_range, moving, consistent, worst)


PRESSURE, OIL = "Body shop/S50/Press/Pressure", "Body shop/S50/Press/Oil temperature"
HEADER, PUMP = "Utilities/Air/Header pressure", "Body shop/S50/Press/Pump running"
SCORES = Scores(
    tags=(
        score(PRESSURE, "late by 14 s", timely=0.71, complete=0.98),
        score(OIL, "has not changed for 12 min", moving=0.8),
        score(HEADER, "38 of 3600 samples did not come", complete=0.9894),
        score(PUMP),
    ),
    devices=(
        score("press", f"{PRESSURE}: late by 14 s", timely=0.86, complete=0.99, moving=0.95),
        score("line"),
    ),
    areas=(
        score("Body shop/S50", f"{PRESSURE}: late by 14 s", timely=0.87, moving=0.96, complete=0.99),
        score("Body shop", f"{PRESSURE}: late by 14 s", timely=0.91, moving=0.96, complete=0.99),
        score("Utilities/Air", f"{HEADER}: 38 of 3600 samples did not come", complete=0.9894),
        score("Utilities", f"{HEADER}: 38 of 3600 samples did not come", complete=0.9894),
    ),
)
