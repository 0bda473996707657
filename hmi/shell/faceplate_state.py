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
_LEVELS = ("hh", "h", "l", "ll", "trip", "on", "off")
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
    """One alarm on a faceplate. ``is_waiting`` = not acknowledged; ``is_active`` False = it is over, or set
    aside.
    """

    path: str
    priority: int
    is_active: bool
    message: str
    since: str
    advice: str
    is_waiting: bool = False


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
    return " · ".join(each for each in (asset.number, asset.type.title, above.replace("/", " › ")) if each)


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


def written_path(model: Model, face: Face) -> str:
    """The tag that Change… writes: the setpoint, else the tag in front; "" = neither may be written."""
    found = (model.tags[at].path for at in (face.setpoint, face.at) if at is not None)
    return next((path for path in found if path in model.writes), "")


def limits_text(model: Model, at: int) -> str:
    """``HH 240 · H 232 · L 180``: the limits of a tag from the top down, and below them, a line each, the
    alarms that need more than its value; "" without any.
    """
    limits = model.limits.get(at, ())
    levels = [_limit_text(model, at, each) for each in reversed(limits) if each.kind in _LEVELS]
    others = [_condition_text(model, at, each) for each in limits if each.kind not in _LEVELS]
    return "\n".join([" · ".join(each for each in levels if each), *others]).strip()


def _limit_text(model: Model, at: int, limit: Limit) -> str:
    tag = model.tags[at]
    if limit.limit is None or tag.states or tag.type == "bool":
        state = values.value_text(tag, limit.limit, model.plant) if limit.limit is not None else ""
        is_on = limit.kind == "on"
        if state:
            return t("alarm while {state}", state=state) if is_on else t("alarm unless {state}", state=state)
        return t("alarm while on") if is_on else t("alarm while off")
    return f"{_LIMITS[limit.kind]} {_figure(model, at, limit.limit)}"


def _figure(model: Model, at: int, value: float) -> str:
    """A limit is a round number; its zeros after the separator say nothing."""
    text = values.value_text(model.tags[at], value, model.plant)
    return text.rstrip("0").rstrip(".,") if "." in text or "," in text else text


def _condition_text(model: Model, at: int, limit: Limit) -> str:
    """An alarm that needs more than the value of the tag, in words."""
    tag = model.tags[at]
    unit = f"{formats.THIN}{tag.unit}" if tag.unit else ""
    amount = f"{_figure(model, at, limit.limit)}{unit}" if limit.limit is not None else ""
    other = limit.other.rpartition("/")[2]
    if limit.kind == "rate":
        over = t(" (over {span})", span=formats.span(limit.window_s)) if limit.window_s else ""
        return t("alarm when it changes by more than {amount} a second{over}", amount=amount, over=over)
    told = {
        "dev": t("alarm when more than {amount} away from {other}", amount=amount, other=other),
        "disc": _discrepancy(amount if limit.limit else "", other),
        "bad": t("alarm when it has no good value"),
        "expr": t("alarm while {expression}", expression=formats.one_line(limit.expression)),
        "status": t("alarm when the device reports that something is wrong"),
        "device": t("alarm that the device itself reports"),
        "link": t("alarm when there is no connection"),
        "flood": t("alarm in a flood of alarms"),
    }
    return told.get(limit.kind, "")


def _discrepancy(amount: str, other: str) -> str:
    if amount:
        return t("alarm when it differs from {other} by more than {amount}", other=other, amount=amount)
    return t("alarm when it differs from {other}", other=other)


def notes_of(model: Model, face: Face, alarms: Sequence[Alarm], now_us: int) -> tuple[Note, ...]:
    """The alarms at and below the asset, worst first, those set aside last; at most `MOST_ALARMS`."""
    found = words.worst_first(_of(face, alarms))
    return tuple(_note(model, each, now_us) for each in found[:MOST_ALARMS])


def left_out(face: Face, alarms: Sequence[Alarm]) -> str:
    """How many alarms there is no note for, and how many are set aside, in words."""
    found = words.worst_first(_of(face, alarms))
    hidden = found[MOST_ALARMS:]
    more = sum(each.is_annunciated for each in hidden)
    told = [t("{n} more alarms", n=more)] if more else []
    aside = words.aside_words(words.aside_of(hidden))
    return ", ".join([*told, aside] if aside else told)


def _of(face: Face, alarms: Sequence[Alarm]) -> Sequence[Alarm]:
    return words.of_asset(alarms, face.asset) if face.asset else alarms


def _note(model: Model, alarm: Alarm, now_us: int) -> Note:
    since = formats.moment(alarm.since_us, now_us, model.plant.timezone)
    at = model.index.get(alarm.path)
    if not words.is_active(alarm):
        aside = not alarm.is_annunciated
        told = words.state_words if aside else words.life_words
        since = told(alarm, model.plant.timezone)
    else:
        since = t("active since {time}", time=since)
        since = since if alarm.acked else t("{since}, not acknowledged", since=since)
    if at is not None and alarm.value is not None and model.tags[at].type not in ("bool", "string"):
        value = values.value_text(model.tags[at], alarm.value, model.plant)
        since = t("{since}, at alarm {value}", since=since, value=value)
    return Note(
        alarm.path,
        alarm.priority,
        words.is_active(alarm),
        words.message(alarm),
        since,
        words.advice(alarm),
        words.is_waiting(alarm) and not alarm.acked,
    )
