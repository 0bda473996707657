"""What an engine may tell of the hydraulics of the made-up line, with the structs of the wire."""

from __future__ import annotations

from typing import Any

from engine.types import Abnormal, Contribution, HitRate, Outlook, Rul, SimilarCase
from engine.wire import OutlooksAnswer
from hmi.outlook_book import OutlookBook
from tests.hmi.line import PRESS
from tests.hmi.plant import NOW_US

HYDRAULICS = f"{PRESS}/Hydraulics"
HOUR_US = 3_600_000_000
RATES = (HitRate("watch", 30, 12, 1, 0, 14.0, 31.0), HitRate("act", 19, 1, 0, 1, 14.0, 23.0))
TOP = (
    Contribution("pressure", 3.1, 241.6, 220.4, "bar", "Pressure"),
    Contribution("oil temperature", 1.5, 46.25, 41.0, "°C", "Oil temperature"),
    Contribution("events", 0.4),
)
WARM = Contribution("Oil temperature", 2.0, 46.25, 41.0, tag=f"{HYDRAULICS}/Oil temperature")
ABNORMAL = Abnormal(8.0, 4.0, NOW_US - 3 * HOUR_US, "distance of 3 tags", (WARM,))


def outlook(**more: Any) -> Outlook:
    """Act, told a minute ago, of the hydraulics."""
    facts: dict[str, Any] = {
        "asset": HYDRAULICS,
        "issued_us": NOW_US - 60_000_000,
        "data_until_us": NOW_US - 6 * 60_000_000,
        "valid_s": 7200.0,
        "layers": ("limits", "normal", "failure"),
        "p24": 0.52,
        "p48": 0.91,
        "tier": "act",
        "since_us": NOW_US - 5 * HOUR_US,
        "what": "the press seal fails",
        "coverage": 1.0,
        "top": TOP,
        "similar": SimilarCase("Framing/S50 Roof press/Ram", NOW_US - 2700 * HOUR_US, "seal replaced", 23.0),
        "baseline": True,
        "model": "press-48h",
        "version": "1.2.0",
        "rates": RATES,
        "episode": 7,
    }
    return Outlook(**{**facts, **more})


WATCH = outlook(tier="watch", p24=0.1, p48=0.34, episode=8)
NOTHING = outlook(tier="", p24=0.004, p48=0.02, since_us=0, episode=0, top=(), similar=None, baseline=False)
NONE = outlook(
    tier="", p24=None, p48=None, episode=0, top=(), reason="pressure is missing: the asset has no such tag"
)
DEGRADED = outlook(
    tier="watch", degraded=("variant was good for 40 % of the last 24 h, 80 % are needed",), abnormal=ABNORMAL
)
OLD = outlook(issued_us=NOW_US - 3 * HOUR_US, data_until_us=NOW_US - 4 * HOUR_US)
LIFE = outlook(
    tier="",
    p24=None,
    p48=None,
    episode=0,
    top=(),
    what="",
    model="life",
    rul=Rul(120.0, 90.0, 160.0),
    rates=(),
)


def answer(*outlooks: Outlook, version: int = 1, **more: Any) -> OutlooksAnswer:
    """A whole answer to ``outlooks``."""
    facts: dict[str, Any] = {"is_whole": True, **more}
    return OutlooksAnswer(version, outlooks, **facts)


def book(*outlooks: Outlook, **more: Any) -> OutlookBook:
    """A book that was told these."""
    made = OutlookBook()
    made.take(answer(*outlooks, **more))
    return made
