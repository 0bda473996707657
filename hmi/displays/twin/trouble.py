"""Where the trouble is, and which of it is shown next; the tag and the title of what is selected. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.types import Alarm
from hmi import values
from hmi.alarms import is_active, is_waiting
from hmi.model import Model, asset_of, main_of, short_name


def troubles(model: Model, alarms: Sequence[Alarm]) -> tuple[str, ...]:
    """The assets of active alarms, each once: unacknowledged first, then by priority, then the newest."""
    active = [each for each in alarms if is_active(each)]
    active.sort(key=lambda each: (not is_waiting(each), each.priority, -each.since_us))
    found = (asset_of(model, each.path) for each in active)
    return tuple(dict.fromkeys(asset.path for asset in found if asset is not None))


def next_trouble(found: Sequence[str], seen: Sequence[str]) -> str:
    """The worst that was not seen yet; the worst of all once each was; "" while all is well."""
    return next((path for path in found if path not in seen), found[0] if found else "")


def drawn_tag(model: Model, path: str) -> int | None:
    """The tag whose trend stands for an asset or, for a tag, the tag itself; None for text alone."""
    at = model.index.get(path)
    if at is None:
        asset = model.assets.get(path)
        at = main_of(model, asset) if asset is not None else None
    return at if at is not None and values.has_curve(model.tags[at]) else None


def title_of(model: Model, path: str) -> str:
    """The name of an asset with the short name of what it is in: ``S50 Hydraulics``."""
    asset = asset_of(model, path)
    if asset is None:
        return ""
    parent = model.assets.get(asset.parent) if asset.parent else None
    short = short_name(parent.name) if parent is not None else ("", "")
    return f"{short[0]} {asset.name}" if short[1] else asset.name or model.plant.name
