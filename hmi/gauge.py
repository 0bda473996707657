"""What an analog indicator shows of one tag, all as parts of its range. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from engine.types import LimitKind, Snapshot, Tag
from hmi import values
from hmi.model import Asset, Model, ancestors, levels, tag_at
from hmi.values import Kind

_FRESH: tuple[Kind, ...] = ("normal", "uncertain")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One indicator. All places are 0…1 of the tag's range; what lies outside stands at its end.

    ``level`` None = no pointer, ``band`` = what is normal, ``limits`` lowest first, ``alarm`` = priority
    of the tag's worst active alarm (0 = none), ``ends`` = low and high of the range in words.
    """

    level: float | None
    look: Kind
    band: tuple[float, float] | None = None
    setpoint: float | None = None
    limits: tuple[tuple[float, LimitKind], ...] = ()
    alarm: int = 0
    ends: tuple[str, str] | None = None


NO_GAUGE = Gauge(None, "never")


@dataclass(frozen=True, slots=True)
class Scale:
    """The part of an indicator that only another project changes; worked out once a tag.

    ``at`` is the live position of its tag, ``setpoint`` that of the tag the arrow follows.
    """

    at: int
    setpoint: int | None
    band: tuple[float, float] | None
    limits: tuple[tuple[float, LimitKind], ...]
    ends: tuple[str, str] | None


def scale_of(model: Model, at: int, asset: Asset | None = None) -> Scale:
    """The scale of the tag at live position ``at``; ``asset`` as in `gauge_of`."""
    asset = asset if asset is not None else _owner(model, at)
    setpoint = None
    if asset is not None and tag_at(model, asset, asset.type.main) == at:
        setpoint = tag_at(model, asset, asset.type.setpoint)
    ends = values.ends_text(model.tags[at], model.plant)
    return Scale(at, setpoint, _band(model, at, asset), _limits(model, at), ends)


def gauge_at(model: Model, scale: Scale, snapshot: Snapshot | None) -> Gauge:
    """The indicator of a scale now."""
    tag, at = model.tags[scale.at], scale.at
    look = _kind(snapshot, at)
    level = None
    if snapshot is not None and look in ("normal", "uncertain", "stale"):
        level = values.level_of(tag, float(snapshot.value[at]))
    return Gauge(
        level=None if level is None else round(level, 3),
        look=look,
        band=scale.band,
        setpoint=_setpoint(tag, scale, snapshot),
        limits=scale.limits,
        alarm=int(snapshot.alarm[at]) if snapshot is not None and snapshot.alarm.size else 0,
        ends=scale.ends,
    )


def gauge_of(model: Model, at: int, snapshot: Snapshot | None, asset: Asset | None = None) -> Gauge:
    """The indicator of the tag at live position ``at``, to a thousandth of its range.

    ``asset`` is the one whose main tag it is; without it the nearest asset above that says so.
    A tag without a range has no level, band, setpoint or limits. Where many are drawn often, keep
    their `scale_of` and ask `gauge_at`.
    """
    return gauge_at(model, scale_of(model, at, asset), snapshot)


def _kind(snapshot: Snapshot | None, at: int) -> Kind:
    if snapshot is None:
        return "never"
    return values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))


def _owner(model: Model, at: int) -> Asset | None:
    for path in ancestors(model.tags[at].path):
        asset = model.assets.get(path)
        if asset is not None and tag_at(model, asset, asset.type.main) == at:
            return asset
    return None


def _limits(model: Model, at: int) -> tuple[tuple[float, LimitKind], ...]:
    tag = model.tags[at]
    found: list[tuple[float, LimitKind]] = []
    for limit, kind in levels(model, at):
        if (place := _place(tag, limit)) is not None:
            found.append((place, kind))
    return tuple(found)


def _band(model: Model, at: int, asset: Asset | None) -> tuple[float, float] | None:
    """What the type calls normal for its main tag, else all between the low and the high limit."""
    tag = model.tags[at]
    if not values.has_range(tag):
        return None
    if asset is not None and asset.type.nominal is not None and tag_at(model, asset, asset.type.main) == at:
        low, high = (_place(tag, each) for each in asset.type.nominal)
    else:
        limits = model.limits.get(at, ())
        low = next((_place(tag, each.limit) for each in limits if each.kind == "l"), None)
        high = next((_place(tag, each.limit) for each in limits if each.kind == "h"), None)
        if low is None and high is None:
            return None
        low, high = 0.0 if low is None else low, 1.0 if high is None else high
    return (low, high) if low is not None and high is not None and low < high else None


def _setpoint(tag: Tag, scale: Scale, snapshot: Snapshot | None) -> float | None:
    """Where the setpoint stands; None unless its value is good: an arrow is believed at a glance."""
    if scale.setpoint is None or _kind(snapshot, scale.setpoint) != "normal" or snapshot is None:
        return None
    return _place(tag, float(snapshot.value[scale.setpoint]))


def _place(tag: Tag, value: float | None) -> float | None:
    return None if value is None else values.level_of(tag, value)


def is_fresh(gauge: Gauge) -> bool:
    """The value may be taken as current."""
    return gauge.look in _FRESH
