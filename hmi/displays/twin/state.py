"""What the twin shows: looks and labels of assets, trouble, the tag to draw. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.types import Alarm, Part, Snapshot
from hmi import values
from hmi.alarms import Badge, badges
from hmi.displays.twin.layout import laid_out
from hmi.model import Asset, Model, ancestors, asset_of, main_of, short_name, tag_at
from hmi.values import Kind
from hmi.widgets.scene.asset_look import AssetLook, SceneLabel
from hmi.widgets.scene.shapes import FLAT, known

_WORST: tuple[Kind, ...] = ("normal", "uncertain", "stale", "never", "bad")


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """An asset of the scene and the live positions that tell how it is."""

    path: str
    main: int | None
    state: int | None
    running: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A plant ready to be drawn. ``solid`` are the assets that have a machine, not ground alone."""

    model: Model
    parts: tuple[Part, ...]
    watched: tuple[Watched, ...]
    solid: frozenset[str]
    is_made_up: bool


def twin_of(model: Model) -> Twin:
    """The parts of the project, or a row of its units where it draws none."""
    parts = model.parts or laid_out(model)
    paths = dict.fromkeys(part.asset for part in parts if part.asset in model.assets)
    watched = tuple(_watched(model, model.assets[path]) for path in paths)
    solid = frozenset(part.asset for part in parts if part.asset and known(part.shape) not in FLAT)
    return Twin(model, parts, watched, solid, not model.parts)


def _watched(model: Model, asset: Asset) -> Watched:
    return Watched(
        asset.path, main_of(model, asset), tag_at(model, asset, asset.type.state), asset.type.running
    )


def looks(twin: Twin, alarms: Sequence[Alarm], snapshot: Snapshot | None) -> dict[str, AssetLook]:
    """How every asset of the scene looks now."""
    own, around = _own_alarms(twin, alarms), badges(alarms)
    return {
        each.path: AssetLook(
            kind=_kind(each, snapshot),
            running=_running(each, snapshot),
            priority=own.get(each.path, 0),
            around=around[each.path].priority if each.path in around else 0,
        )
        for each in twin.watched
    }


def _own_alarms(twin: Twin, alarms: Sequence[Alarm]) -> dict[str, int]:
    """The worst active alarm by asset, given to the nearest one that has a machine to tint."""
    found: dict[str, int] = {}
    for alarm in alarms:
        owner = next((path for path in ancestors(alarm.path) if path in twin.solid), None)
        if alarm.state == "active" and owner is not None:
            found[owner] = min(found.get(owner, 9), alarm.priority)
    return found


def _kind(watched: Watched, snapshot: Snapshot | None) -> Kind:
    """The worse of what the main tag and the state tag are worth."""
    if snapshot is None:
        return "never"
    kinds: list[Kind] = [
        values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))
        for at in (watched.main, watched.state)
        if at is not None
    ]
    return max(kinds, key=_WORST.index) if kinds else "normal"


def _running(watched: Watched, snapshot: Snapshot | None) -> bool | None:
    if snapshot is None or watched.state is None:
        return None
    at = watched.state
    kind = values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))
    value = float(snapshot.value[at])
    if kind not in ("normal", "uncertain") or value != value:
        return None
    return int(value) in watched.running


def labels(twin: Twin, alarms: Sequence[Alarm], snapshot: Snapshot | None) -> tuple[SceneLabel, ...]:
    """One for each unit and utility: short name and what matters most about it now.

    That is the number in alarm, else the cycle time, else the main value.
    """
    around = badges(alarms)
    model = twin.model
    return tuple(
        _label(model, model.assets[path], alarms, around.get(path), snapshot)
        for path in (*model.units, *model.utilities)
    )


def _label(
    model: Model, asset: Asset, alarms: Sequence[Alarm], badge: Badge | None, snapshot: Snapshot | None
) -> SceneLabel:
    name = short_name(asset.name)[0] or model.plant.name
    priority = badge.priority if badge is not None else 0
    at = _telling(model, asset, alarms, priority)
    if at is None:
        return SceneLabel(asset.path, name, priority=priority, title=asset.name)
    tag = model.tags[at]
    reading = values.reading(tag, snapshot, at, model.plant)
    return SceneLabel(
        path=asset.path,
        name=name,
        value=reading.value,
        unit=reading.unit,
        widest=reading.widest,
        kind=reading.kind,
        priority=priority,
        title=f"{asset.name}: {reading.name} {reading.amount}",
    )


def _telling(model: Model, asset: Asset, alarms: Sequence[Alarm], priority: int) -> int | None:
    if priority:
        for alarm in alarms:
            at = model.index.get(alarm.path)
            is_here = alarm.path.startswith(f"{asset.path}/") or not asset.path
            if at is not None and alarm.state == "active" and alarm.priority == priority and is_here:
                if values.has_range(model.tags[at]):
                    return at
                break
    cycle = tag_at(model, asset, asset.type.cycle)
    return cycle if cycle is not None else main_of(model, asset)


def trouble(model: Model, alarms: Sequence[Alarm]) -> str | None:
    """The asset of the worst active alarm, the newest of them; None while all is well."""
    active = [each for each in alarms if each.state == "active"]
    if not active:
        return None
    worst = min(active, key=lambda each: (each.priority, -each.since_us))
    asset = asset_of(model, worst.path)
    return asset.path if asset is not None else None


def seen_as(twin: Twin, path: str) -> str:
    """The asset of the scene that stands for one without parts of its own: the nearest above it.

    "" for an area: what everything belongs to need not be pointed at.
    """
    drawn = {part.asset for part in twin.parts}
    asset = twin.model.assets.get(path)
    if asset is not None and asset.level == "area":
        return ""
    for each in (path, *ancestors(path)):
        if each in drawn or any(other.startswith(f"{each}/") for other in drawn if other):
            return each
    return ""


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
