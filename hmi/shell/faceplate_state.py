"""What a faceplate shows of an asset or a tag: the same for every asset. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.types import Alarm, Limit
from hmi import alarms as words
from hmi import formats, values
from hmi.formats import t
from hmi.model import Asset, Model, asset_of, main_of, short_name, tag_at, tags_at, unit_of

MOST_ROWS = 12
MOST_ALARMS = 4
_LIMITS = {"hh": "HH", "h": "H", "l": "L", "ll": "LL", "trip": "Trip"}


@dataclass(frozen=True, slots=True)
class Face:
    """What stands still on a faceplate. Numbers are live positions; None = the asset has no such tag.

    ``asset`` is the path of the asset, ``at`` its variable in front: the tag asked for, else the main one.
    ``rows`` are its other tags, most important first, ``more`` = how many there is no row for. ``unit`` is
    the path of the unit it lies in, "" above units.
    """

    asset: str
    title: str
    where: str
    at: int | None
    setpoint: int | None
    limits: str
    rows: tuple[int, ...]
    more: int
    unit: str


@dataclass(frozen=True, slots=True)
class Note:
    """One alarm on a faceplate."""

    path: str
    priority: int
    is_active: bool
    message: str
    since: str
    advice: str


def face_of(model: Model, path: str) -> Face | None:
    """The faceplate of an asset or tag; None for a path nobody knows."""
    asset = asset_of(model, path)
    if asset is None:
        return None
    at = model.index.get(path)
    at = main_of(model, asset) if at is None else at
    setpoint = _setpoint(model, asset, at)
    rows = _rows(model, asset, at, setpoint)
    unit = unit_of(model, asset.path)
    return Face(
        asset=asset.path,
        title=_title(model, asset, unit),
        where=_where(asset, unit),
        at=at,
        setpoint=setpoint,
        limits="" if at is None else limits_text(model, at),
        rows=rows[:MOST_ROWS],
        more=max(0, len(rows) - MOST_ROWS),
        unit="" if unit is None else unit.path,
    )


def opens_on(model: Model, path: str, beside: bool) -> str | None:
    """Where the faceplate goes when a unit is opened at ``path``; None = it is closed.

    A tag or a device is what somebody looks for; a unit as a whole has it only where it stands ``beside``.
    """
    unit = unit_of(model, path) if path else None
    if unit is None:
        return None
    return path if unit.path != path or beside else None


def _title(model: Model, asset: Asset, unit: Asset | None) -> str:
    if unit is None or unit.path == asset.path:
        return asset.name or model.plant.name
    return f"{short_name(unit.name)[0]} {asset.name}"


def _where(asset: Asset, unit: Asset | None) -> str:
    above = unit.name if unit is not None and unit.path != asset.path else asset.path.rpartition("/")[0]
    return " · ".join(each for each in (asset.type.title, above.replace("/", " › ")) if each)


def _setpoint(model: Model, asset: Asset, at: int | None) -> int | None:
    """The setpoint of the variable in front: what the type says of its main tag, else its namesake."""
    if at is None:
        return None
    if tag_at(model, asset, asset.type.main) == at and asset.type.setpoint:
        return tag_at(model, asset, asset.type.setpoint)
    return model.index.get(f"{model.tags[at].path} setpoint")


def _rows(model: Model, asset: Asset, at: int | None, setpoint: int | None) -> tuple[int, ...]:
    kind = asset.type
    stated = tags_at(model, asset, (kind.state, kind.mode, kind.step, *kind.shown))
    main = main_of(model, asset)
    order = (*stated, *(() if main is None else (main,)), *asset.tags, *asset.below)
    return tuple(dict.fromkeys(each for each in order if each not in (at, setpoint)))


def limits_text(model: Model, at: int) -> str:
    """``HH 240 · H 232 · L 180``: the limits of a tag from the top down; "" without any."""
    return " · ".join(_limit_text(model, at, each) for each in reversed(model.limits.get(at, ())))


def _limit_text(model: Model, at: int, limit: Limit) -> str:
    tag = model.tags[at]
    if limit.limit is None or tag.states or tag.type == "bool":
        state = values.value_text(tag, limit.limit, model.plant) if limit.limit is not None else ""
        is_on = limit.kind == "on"
        if state:
            return t("alarm while {state}", state=state) if is_on else t("alarm unless {state}", state=state)
        return t("alarm while on") if is_on else t("alarm while off")
    text = values.value_text(tag, limit.limit, model.plant)
    # A limit is a round number; its zeros after the separator say nothing.
    text = text.rstrip("0").rstrip(".,") if "." in text or "," in text else text
    return f"{_LIMITS[limit.kind]} {text}"


def notes_of(model: Model, face: Face, alarms: Sequence[Alarm], now_us: int) -> tuple[Note, ...]:
    """The alarms at and below the asset, worst first, at most `MOST_ALARMS`."""
    found = words.worst_first(words.of_asset(alarms, face.asset) if face.asset else alarms)
    return tuple(_note(model, each, now_us) for each in found[:MOST_ALARMS])


def _note(model: Model, alarm: Alarm, now_us: int) -> Note:
    since = formats.moment(alarm.since_us, now_us, model.plant.timezone)
    at = model.index.get(alarm.path)
    if alarm.state != "active":
        since = words.state_words(alarm, model.plant.timezone)
    else:
        since = t("active since {time}", time=since)
    if at is not None and alarm.value is not None and model.tags[at].type not in ("bool", "string"):
        value = values.value_text(model.tags[at], alarm.value, model.plant)
        since = t("{since}, at alarm {value}", since=since, value=value)
    is_active = alarm.state == "active"
    return Note(alarm.path, alarm.priority, is_active, words.message(alarm), since, words.advice(alarm))
