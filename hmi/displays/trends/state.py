"""Which tags Trends draws and how: pens, axes, what is hidden, what is chosen. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from hmi import values
from hmi.formats import t
from hmi.model import Model, asset_of, short_name, trend_of, unit_of
from hmi.pens import MOST_PENS, Pen, names_of, pen_of

AxisChoice = Literal["shared", "own", "range"]
"""One axis for each unit; an axis of its own; the whole range of the tag."""
AXIS_CHOICES: tuple[AxisChoice, ...] = get_args(AxisChoice)
AXIS_WORDS: Mapping[AxisChoice, str] = {"shared": "Shared", "own": "Own", "range": "Range"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One pen in use. ``place`` is its colour and dash, kept while others come and go."""

    path: str
    place: int
    is_shown: bool = True
    axis: AxisChoice = "shared"


@dataclass(frozen=True, slots=True)
class Trends:
    """The pens in use, in the order of the list; ``chosen`` = path of the one that stands out."""

    model: Model = Model()
    drawn: tuple[Drawn, ...] = ()
    chosen: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The tags in use."""
        return tuple(each.path for each in self.drawn)


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: the state after it and, where it did less than asked, why."""

    state: Trends
    note: str = ""


def opened(model: Model, before: Trends) -> Trends:
    """The same pens on a new list of tags, as far as they still exist."""
    drawn = tuple(each for each in before.drawn if each.path in model.index)
    chosen = before.chosen if before.chosen in {each.path for each in drawn} else ""
    return Trends(model, drawn, chosen)


def tags_of(model: Model, path: str) -> tuple[str, ...]:
    """The tags that a path stands for: itself, or those worth drawing of an asset."""
    if path in model.index:
        return (path,)
    asset = model.assets.get(path)
    return tuple(model.tags[at].path for at in trend_of(model, asset)) if asset is not None else ()


def added(state: Trends, paths: Sequence[str]) -> Done:
    """More pens; the last one is chosen. Text tags, unknown tags and too many are refused in words."""
    drawn, note = list(state.drawn), ""
    known = set(state.paths)
    for path in paths:
        at = state.model.index.get(path)
        if at is None:
            note = t("{path} is not a tag of this plant.", path=path)
        elif path in known:
            continue
        elif not values.has_curve(state.model.tags[at]):
            note = t("{name} is a text; a text has no curve.", name=values.pen_name(state.model.tags[at]))
        elif len(drawn) >= MOST_PENS:
            note = t("{n} pens are the most that can be told apart. Take one out first.", n=MOST_PENS)
        else:
            drawn.append(Drawn(path, _free_place(drawn)))
            known.add(path)
    last = next((path for path in reversed(paths) if path in known), state.chosen)
    return Done(replace(state, drawn=tuple(drawn), chosen=last if len(paths) == 1 else ""), note)


def _free_place(drawn: Sequence[Drawn]) -> int:
    taken = {each.place for each in drawn}
    return next(place for place in range(MOST_PENS) if place not in taken)


def shown_instead(state: Trends, paths: Sequence[str]) -> Done:
    """These pens and no others."""
    return added(replace(state, drawn=(), chosen=""), paths)


def removed(state: Trends, path: str) -> Trends:
    """Without this pen."""
    drawn = tuple(each for each in state.drawn if each.path != path)
    return replace(state, drawn=drawn, chosen="" if state.chosen == path else state.chosen)


def cleared(state: Trends) -> Trends:
    """Without any pen."""
    return replace(state, drawn=(), chosen="")


def shown(state: Trends, paths: Sequence[str]) -> Trends:
    """With these pens shown again, those of them that were hidden."""
    drawn = tuple(replace(each, is_shown=each.is_shown or each.path in paths) for each in state.drawn)
    return replace(state, drawn=drawn)


def hidden(state: Trends, path: str) -> Trends:
    """Hide a pen, or show it again; its colour stays."""
    return _changed(state, path, lambda each: replace(each, is_shown=not each.is_shown))


def with_axis(state: Trends, path: str, axis: AxisChoice) -> Trends:
    """Give a pen another axis."""
    return _changed(state, path, lambda each: replace(each, axis=axis))


def chosen(state: Trends, path: str) -> Trends:
    """The pen that stands out; the same again = none."""
    return replace(state, chosen="" if path == state.chosen or path not in state.paths else path)


def _changed(state: Trends, path: str, change: Any) -> Trends:
    return replace(state, drawn=tuple(change(each) if each.path == path else each for each in state.drawn))


def axis_choices(state: Trends, path: str) -> tuple[AxisChoice, ...]:
    """The axes that a tag can have: a state has only one, a tag without a range no range."""
    tag = state.model.tags[state.model.index[path]]
    if tag.states or tag.type == "bool":
        return ()
    return AXIS_CHOICES if values.has_range(tag) else ("shared", "own")


def pens(state: Trends, colours: Sequence[str]) -> tuple[Pen, ...]:
    """All pens in use, the hidden ones too, in the order of the list."""
    model = state.model
    indices = [model.index[each.path] for each in state.drawn]
    names = names_of(model, indices)
    return tuple(
        _as_drawn(
            pen_of(model, at, each.place, colours, name=name, with_setpoint=each.path == state.chosen), each
        )
        for at, name, each in zip(indices, names, state.drawn, strict=True)
    )


def _as_drawn(pen: Pen, drawn: Drawn) -> Pen:
    if drawn.axis == "range" and pen.low is not None and pen.high is not None:
        return replace(pen, scale=(pen.low, pen.high))
    return replace(pen, has_own_axis=drawn.axis == "own")


def visible(state: Trends, made: Sequence[Pen]) -> tuple[Pen, ...]:
    """Of all `pens` those that are not hidden."""
    shown = {each.path for each in state.drawn if each.is_shown}
    return tuple(pen for pen in made if pen.path in shown)


def title(state: Trends) -> str:
    """What is drawn, in words."""
    if len(state.drawn) == 1:
        return state.drawn[0].path.rpartition("/")[2]
    return t("{n} pens", n=len(state.drawn)) if state.drawn else t("Trends")


def where(model: Model, path: str) -> str:
    """Where a tag belongs, short: the unit, or its number and the machine: ``S50 › Hydraulics``."""
    asset, unit = asset_of(model, path), unit_of(model, path)
    if asset is None or not asset.path:
        return model.plant.name
    if unit is None or unit.path == asset.path:
        return asset.name
    return " › ".join((short_name(unit.name)[0], *asset.path[len(unit.path) + 1 :].split("/")))


# What a station keeps of it


def layout(state: Trends, span_s: float) -> dict[str, Any]:
    """Pens, axes and span as plain data, by tag path."""
    kept = [
        {"path": each.path, "place": each.place, "shown": each.is_shown, "axis": each.axis}
        for each in state.drawn
    ]
    return {"pens": kept, "chosen": state.chosen, "span_s": span_s}


def restored(model: Model, saved: Mapping[str, Any]) -> Trends:
    """The state of a saved layout; what is damaged or no longer exists is left out."""
    drawn: list[Drawn] = []
    listed = saved.get("pens")
    for each in cast("list[Any]", listed) if isinstance(listed, list) else []:
        made = _restored_pen(each, drawn)
        at = None if made is None else model.index.get(made.path)
        if made is not None and at is not None and values.has_curve(model.tags[at]):
            drawn.append(made)
    kept = tuple(drawn[:MOST_PENS])
    picked = saved.get("chosen")
    is_there = isinstance(picked, str) and picked in {each.path for each in kept}
    return Trends(model, kept, str(picked) if is_there else "")


def _restored_pen(saved: object, before: Sequence[Drawn]) -> Drawn | None:
    if not isinstance(saved, dict) or len(before) >= MOST_PENS:
        return None
    facts = cast("dict[str, Any]", saved)
    path, place, axis = facts.get("path"), facts.get("place"), facts.get("axis")
    if not isinstance(path, str) or path in {each.path for each in before}:
        return None
    is_free = isinstance(place, int) and 0 <= place < MOST_PENS and place not in {e.place for e in before}
    return Drawn(
        path,
        cast("int", place) if is_free else _free_place(before),
        facts.get("shown") is not False,
        axis if axis in AXIS_CHOICES else "shared",
    )
