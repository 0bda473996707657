"""A pen of a trend, and how pens are made of tags: the same names, limits and looks everywhere. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.types import LimitKind
from hmi import formats, values
from hmi.model import Model, asset_of, levels, short_name, tag_at, unit_of

MOST_PENS = 32
"""Colours times dashes: as many pens as can still be told apart."""
DASHES = 4
"""0 solid, 1 dashed, 2 dotted, 3 dash and dot."""
SOLID_PENS = 4
"""Pens after these are dashed too, so that they differ without colour."""


@dataclass(frozen=True, slots=True)
class Pen:
    """One tag to draw. ``low`` and ``high`` are its range; ``stepped`` for states.

    ``dash`` is one of `DASHES`. ``path`` is the tag's. ``limits`` are the limits of alarms.csv, lowest
    first, drawn as lines. ``setpoint`` is the live position of the tag whose steps are drawn with it.
    ``states`` are the words of an enumeration. ``scale`` fixes the range of its axis, which it shares
    with pens of the same scale only; None = follows the data. ``has_own_axis`` = shares it with none.
    """

    index: int
    name: str
    unit: str
    colour: str
    dash: int = 0
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    stepped: bool = False
    path: str = ""
    limits: tuple[tuple[float, LimitKind], ...] = ()
    setpoint: int | None = None
    states: Mapping[int, str] | None = None
    scale: tuple[float, float] | None = None
    has_own_axis: bool = False


def look_of(place: int, colours: Sequence[str]) -> tuple[str, int]:
    """Colour and dash of the pen at a place: no two of the first `MOST_PENS` are alike."""
    block, half = divmod(place % MOST_PENS, 8)
    return colours[place % len(colours)], (block + half // SOLID_PENS) % DASHES


def pen_of(
    model: Model,
    index: int,
    place: int,
    colours: Sequence[str],
    *,
    name: str = "",
    with_setpoint: bool = False,
) -> Pen:
    """The pen of the tag at a live position, in the look of a ``place``; named by machine and tag."""
    tag = model.tags[index]
    colour, dash = look_of(place, colours)
    return Pen(
        index=index,
        name=name or values.pen_name(tag),
        unit=tag.unit,
        colour=colour,
        dash=dash,
        decimals=0 if tag.states else formats.decimals_of(tag.decimals, tag.low, tag.high, tag.type),
        low=tag.low,
        high=tag.high,
        stepped=tag.type == "bool",
        path=tag.path,
        limits=limits_of(model, index),
        setpoint=setpoint_of(model, index) if with_setpoint else None,
        states=tag.states or None,
    )


def pens_of(
    model: Model, indices: Sequence[int], colours: Sequence[str], *, with_setpoint: bool = False
) -> tuple[Pen, ...]:
    """The pens of several tags, at most `MOST_PENS`; text tags are left out.

    ``colours`` are the theme's ``pens``. What all tags have in common is left out of the names: pens of
    one unit are ``Pressure`` and ``Oil temperature``, those of two ``S50 Pressure`` and ``S60 Pressure``.
    """
    drawn = [index for index in indices if values.has_curve(model.tags[index])][:MOST_PENS]
    names = names_of(model, drawn)
    return tuple(
        pen_of(model, index, place, colours, name=names[place], with_setpoint=with_setpoint)
        for place, index in enumerate(drawn)
    )


def names_of(model: Model, indices: Sequence[int]) -> tuple[str, ...]:
    """The shortest names that tell these tags, and their units where there are several, apart."""
    paths = [model.tags[index].path for index in indices]
    owners = [unit_of(model, path) for path in paths]
    units = [short_name(owner.name)[0] if owner is not None else "" for owner in owners]
    parts = [path.split("/") for path in paths]
    tags = [part[-1] for part in parts]
    machines = [
        " ".join(part[-2:-1] if owner is None or len(part) - 2 > owner.path.count("/") else ())
        for part, owner in zip(parts, owners, strict=True)
    ]
    choices = [
        tags,
        [_joined(unit, tag) for unit, tag in zip(units, tags, strict=True)],
        [_joined(machine, tag) for machine, tag in zip(machines, tags, strict=True)],
        [_joined(*words) for words in zip(units, machines, tags, strict=True)],
        [" ".join(part) for part in parts],
    ]
    if len(set(units)) > 1:
        choices = [choices[1], *choices[3:]]
    return tuple(next((each for each in choices if len(set(each)) == len(paths)), choices[-1]))


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def limits_of(model: Model, index: int) -> tuple[tuple[float, LimitKind], ...]:
    """The limits of a number that can be drawn as lines, lowest first."""
    tag = model.tags[index]
    if tag.type in ("bool", "string") or tag.states:
        return ()
    return levels(model, index)


def setpoint_of(model: Model, index: int) -> int | None:
    """Live position of the setpoint of a tag: what the type of its machine says, else its namesake."""
    path = model.tags[index].path
    asset = asset_of(model, path)
    while asset is not None:
        if asset.type.main and tag_at(model, asset, asset.type.main) == index:
            return tag_at(model, asset, asset.type.setpoint)
        asset = model.assets.get(asset.parent) if asset.parent is not None else None
    return model.index.get(f"{path} setpoint")
