"""What the twin shows: looks and labels of assets, and where parts that move stand. Plain Python, no Qt.

All that does not change with a value is worked out once, for a plant (`twin_of`) and for its alarms
(`told_of`): what is left for each frame is arithmetic on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.types import Alarm, Part, Snapshot
from hmi import formats, values
from hmi.alarms import NO_BADGES, Badge, badges, is_active, with_work
from hmi.displays.twin.layout import drawn_parts
from hmi.displays.twin.quality import UNSURE, WORST, ranks
from hmi.displays.twin.tree import NO_TIERS, Tier
from hmi.model import Asset, Model, ancestors, main_of, short_name, tag_at
from hmi.values import Kind
from hmi.widgets.scene.asset_look import AssetLook, SceneLabel
from hmi.widgets.scene.shapes import FLAT, known

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The ``paths`` of the assets of a scene, and the live tags that tell how each is.

    ``tags`` int32[k] belong to the assets ``owners`` int32[k]: what it is worth, and what moves it. ``state``
    int32[n] = the tag that says whether it runs, -1 = none; ``running`` = the numbers that mean it does, with
    the assets they hold for.
    """

    paths: tuple[str, ...]
    tags: Ints
    owners: Ints
    state: Ints
    running: tuple[tuple[Ints, NDArray[np.float64]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Every motion of every part, in their order: its tag int32[k] (-1 = there is none), from ``values``
    float64[k, 2] to ``moves`` float64[k, 2].
    """

    tags: Ints
    values: Floats
    moves: Floats


@dataclass(frozen=True, slots=True)
class Labelled:
    """An asset that has a label: its short name, its whole one, and the tag it shows while all is well."""

    path: str
    name: str
    title: str
    usual: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A plant ready to be drawn. ``solid`` are the assets that have a machine, not ground alone; ``drawn``
    those with a part, ``around`` all above them. ``shown`` int32[k] = every tag that it shows something of.
    """

    model: Model
    parts: tuple[Part, ...]
    watched: Watched
    moves: Moves
    labelled: tuple[Labelled, ...]
    solid: frozenset[str]
    drawn: frozenset[str]
    around: frozenset[str]
    shown: Ints
    is_made_up: bool


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What alarms, work and predictions say of a twin. ``telling`` = the tag in alarm, by asset."""

    own: Mapping[str, int]
    badges: Mapping[str, Badge]
    telling: Mapping[str, int]
    predicted: Mapping[str, Tier]


MANY = 40
"""With more labels than this only those of trouble show a value: the scene stays seen."""
NOTHING_TOLD = Told({}, NO_BADGES, {}, {})


def twin_of(model: Model, parts: Sequence[Part] | None = None) -> Twin:
    """The parts of the project, or those an editor holds, or a row of its units where it draws none."""
    shown = drawn_parts(model) if parts is None else tuple(parts)
    drawn = frozenset(path for part in shown for path in assets_of(part) if path in model.assets)
    solid = {path for part in shown if known(part.shape) not in FLAT for path in assets_of(part)}
    watched = _watched(model, sorted(drawn), shown)
    labelled = tuple(_labelled(model, model.assets[path]) for path in (*model.units, *model.utilities))
    usual = np.array([each.usual for each in labelled if each.usual is not None], np.int32)
    return Twin(
        model,
        shown,
        watched,
        _moves(model, shown),
        labelled,
        frozenset(solid & drawn),
        drawn,
        drawn.union(*(ancestors(path) for path in drawn)) if drawn else drawn,
        np.unique(np.concatenate([watched.tags, usual])),
        not model.parts,
    )


def assets_of(part: Part) -> tuple[str, ...]:
    """Every asset that a part stands for: its own, and those of the nodes of its model."""
    own = (part.asset,) if part.asset else ()
    return (*own, *part.binds.values()) if part.binds else own


def _watched(model: Model, paths: Sequence[str], parts: Sequence[Part]) -> Watched:
    place = {path: row for row, path in enumerate(paths)}
    pairs: dict[tuple[int, int], None] = {}
    state = np.full(len(paths), -1, np.int32)
    running: dict[tuple[int, ...], list[int]] = {}
    for path, row in place.items():
        asset = model.assets[path]
        main, runs = main_of(model, asset), tag_at(model, asset, asset.type.state)
        pairs.update({(row, at): None for at in (main, runs) if at is not None})
        if runs is not None:
            state[row] = runs
            running.setdefault(asset.type.running, []).append(row)
    for part in parts:
        for motion in part.motions if part.asset in place else ():
            at = moving_tag(model, part, motion.tag)
            if at is not None:
                pairs[place[part.asset], at] = None
    owners, tags = zip(*pairs, strict=True) if pairs else ((), ())
    return Watched(
        tuple(paths),
        np.array(tags, np.int32),
        np.array(owners, np.int32),
        state,
        tuple((np.array(rows, np.int32), np.array(each, float)) for each, rows in running.items()),
    )


def moving_tag(model: Model, part: Part, tag: str) -> int | None:
    """The tag of a motion by its whole path, or by its path below the asset of the part."""
    at = model.index.get(tag)
    return model.index.get(f"{part.asset}/{tag}") if at is None and part.asset else at


def _moves(model: Model, parts: Sequence[Part]) -> Moves:
    found = [(part, motion) for part in parts for motion in part.motions]
    tags = [moving_tag(model, part, motion.tag) for part, motion in found]
    return Moves(
        np.array([-1 if at is None else at for at in tags], np.int32),
        np.array([motion.values for _, motion in found], float).reshape(-1, 2),
        np.array([motion.moves for _, motion in found], float).reshape(-1, 2),
    )


def positions(twin: Twin, snapshot: Snapshot | None) -> Floats:
    """float64[k]: where each motion stands, in the order of parts and of their motions.

    Degrees, metres or metres per second; NaN = not known, because its tag is stale, bad or not there.
    """
    moves = twin.moves
    if snapshot is None or not len(moves.tags):
        return np.full(len(moves.tags), np.nan)
    at = np.maximum(moves.tags, 0)
    value = snapshot.value[at]
    low, high = moves.values[:, 0], moves.values[:, 1]
    reach = np.where(high == low, 1.0, high - low)
    share = np.clip((value - low) / reach, 0.0, 1.0)
    stands = moves.moves[:, 0] + share * (moves.moves[:, 1] - moves.moves[:, 0])
    is_known = (moves.tags >= 0) & (ranks(snapshot, at) <= UNSURE)
    return np.where(is_known, stands, np.nan)


def told_of(
    twin: Twin,
    alarms: Sequence[Alarm],
    work: Iterable[str] = (),
    predicted: Mapping[str, Tier] = NO_TIERS,
) -> Told:
    """What is known of the assets beside their values; made again when an alarm changes, not for a frame."""
    found = with_work(badges(alarms), twin.model, work)
    labelled = [each for each in twin.labelled if found.get(each.path) is not None]
    telling = {each.path: _telling(twin.model, each.path, found[each.path], alarms) for each in labelled}
    known_tags = {path: at for path, at in telling.items() if at is not None}
    return Told(_own_alarms(twin, alarms), found, known_tags, predicted)


def _own_alarms(twin: Twin, alarms: Sequence[Alarm]) -> dict[str, int]:
    """The worst active and annunciated alarm by asset, given to the nearest that has a machine to tint."""
    found: dict[str, int] = {}
    for alarm in alarms:
        if is_active(alarm):
            owner = next((path for path in ancestors(alarm.path) if path in twin.solid), None)
            if owner is not None:
                found[owner] = min(found.get(owner, 9), alarm.priority)
    return found


def _telling(model: Model, path: str, badge: Badge, alarms: Sequence[Alarm]) -> int | None:
    """The number that the worst alarm of an asset is about; None where it is about on and off."""
    for alarm in alarms:
        is_here = alarm.path.startswith(f"{path}/") or not path
        if is_here and alarm.priority == badge.priority and is_active(alarm):
            at = model.index.get(alarm.path)
            return at if at is not None and values.has_range(model.tags[at]) else None
    return None


def looks(twin: Twin, told: Told, snapshot: Snapshot | None) -> dict[str, AssetLook]:
    """How every asset of the scene looks now."""
    watched = twin.watched
    worth, runs = _worth(watched, snapshot).tolist(), _runs(watched, snapshot).tolist()
    own, around, predicted = told.own, told.badges, told.predicted
    return {
        path: _look(
            worth[row], runs[row], own.get(path, 0), _outlined(around.get(path)), predicted.get(path, "")
        )
        for row, path in enumerate(watched.paths)
    }


@lru_cache(maxsize=4096)
def _look(worth: int, runs: int, own: int, around: int, predicted: Tier) -> AssetLook:
    """One of the few that there are: the same object for the same look."""
    return AssetLook(WORST[worth], None if runs < 0 else bool(runs), own, around, predicted)


def _outlined(badge: Badge | None) -> int:
    """The priority it is outlined for: what returned stands on the badge alone."""
    return 0 if badge is None or badge.is_over else badge.priority


def _worth(watched: Watched, snapshot: Snapshot | None) -> NDArray[np.int8]:
    """int8[n]: the worst of what the tags of each asset are worth, as a place in `WORST`."""
    never = np.int8(WORST.index("never"))
    found = np.zeros(len(watched.paths), np.int8)
    told = np.full(len(watched.tags), never) if snapshot is None else ranks(snapshot, watched.tags)
    np.maximum.at(found, watched.owners, told)
    return found if snapshot is not None else np.full(len(watched.paths), never)


def _runs(watched: Watched, snapshot: Snapshot | None) -> NDArray[np.int8]:
    """int8[n]: 1 = it runs, 0 = it does not, -1 = nobody knows."""
    found = np.full(len(watched.paths), -1, np.int8)
    if snapshot is None:
        return found
    for rows, numbers in watched.running:
        at = watched.state[rows]
        value = snapshot.value[at]
        is_known = (ranks(snapshot, at) <= UNSURE) & ~np.isnan(value)
        found[rows] = np.where(is_known, np.isin(np.trunc(value), numbers), -1)
    return found


def _labelled(model: Model, asset: Asset) -> Labelled:
    cycle = tag_at(model, asset, asset.type.cycle)
    usual = cycle if cycle is not None else main_of(model, asset)
    return Labelled(asset.path, short_name(asset.name)[0] or model.plant.name, asset.name, usual)


def labels(twin: Twin, told: Told, snapshot: Snapshot | None) -> tuple[SceneLabel, ...]:
    """One for each unit and utility: short name and what matters most about it now.

    That is the number in alarm, else the cycle time, else the main value.
    """
    is_short = len(twin.labelled) > MANY
    return tuple(_label(twin.model, each, told, snapshot, is_short) for each in twin.labelled)


def _label(model: Model, each: Labelled, told: Told, snapshot: Snapshot | None, is_short: bool) -> SceneLabel:
    badge = told.badges.get(each.path)
    priority = badge.priority if badge is not None else 0
    at = told.telling.get(each.path, each.usual)
    if at is None:
        return SceneLabel(each.path, each.name, priority=priority, title=each.title, badge=badge)
    tag = model.tags[at]
    text, unit, kind = shown_value(model, snapshot, at)
    if is_short and not priority:
        return SceneLabel(each.path, each.name, kind=kind, title=each.title, badge=badge)
    return SceneLabel(
        path=each.path,
        name=each.name,
        value=text,
        unit=unit,
        widest=values.widest(tag, model.plant),
        kind=kind,
        priority=priority,
        title=f"{each.title}: {values.name_of(tag)} {text} {unit}".rstrip(),
        badge=badge,
    )


def shown_value(model: Model, snapshot: Snapshot | None, at: int) -> tuple[str, str, Kind]:
    """Number or word, unit and quality of a tag as a label shows them: what `values.reading` says, at less
    cost, for there is one for every unit ten times a second.
    """
    tag = model.tags[at]
    if snapshot is None or not values.has_curve(tag):
        told = values.reading(tag, snapshot, at, model.plant)
        return told.value, told.unit, told.kind
    kind = values.kind_of(int(snapshot.status[at]), float(snapshot.age_s[at]), bool(snapshot.stale[at]))
    if kind in ("bad", "never"):
        return formats.NO_VALUE, "", kind
    text = values.value_text(tag, float(snapshot.value[at]), model.plant)
    is_number = tag.type != "bool" and not tag.states and text != formats.NO_VALUE
    return text, tag.unit if is_number else "", kind


def seen_as(twin: Twin, path: str) -> str:
    """The asset of the scene that stands for one without parts of its own: the nearest above it.

    "" for an area: what everything belongs to need not be pointed at.
    """
    asset = twin.model.assets.get(path)
    if asset is not None and asset.level == "area":
        return ""
    return next((each for each in (path, *ancestors(path)) if each in twin.around), "")
