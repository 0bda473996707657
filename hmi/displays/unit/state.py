"""How a unit or equipment is arranged without a drawing: its devices, values, interlocks, trend. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.types import Mimic
from hmi.formats import t
from hmi.model import Asset, Model, asset_of, main_of, parent_of, tag_at, tags_at, trend_of, unit_of
from hmi.values import has_range, name_of

MOST_SHOWN, MOST_LINES, MOST_PAIRS = 24, 6, 6
_GROUPS = ("interlock", "interlocks")


@dataclass(frozen=True, slots=True)
class Device:
    """A child asset as a card. All but ``path``, ``name``, ``symbol`` are live positions.

    ``running`` = the numbers of ``state`` that mean it works; ``lines`` follow ``main`` in importance;
    ``is_minor`` = its main value matters less than that of others beside it, so its card is small.
    """

    path: str
    name: str
    symbol: str
    state: int | None
    mode: int | None
    running: tuple[int, ...]
    main: int | None
    setpoint: int | None
    lines: tuple[int, ...]
    is_minor: bool = False

    @property
    def tags(self) -> tuple[int, ...]:
        """Every position that can change the look of the card."""
        return _known(self.state, self.mode, self.main, self.setpoint, *self.lines)


@dataclass(frozen=True, slots=True)
class Check:
    """An interlock: ``text`` says the condition, which holds while the tag is ``ok``."""

    tag: int
    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A command and what came of it; not ``is_own`` = of one of its devices, shown where there is room."""

    command: int
    actual: int
    text: str
    is_own: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """All that the working page of one asset shows. Positions are live positions.

    ``more`` = how many tags stand only on the page of all tags.
    """

    asset: Asset
    title: str
    mode: int | None
    state: int | None
    step: int | None
    cycle: int | None
    part: int | None
    main: int | None
    setpoint: int | None
    shown: tuple[int, ...]
    devices: tuple[Device, ...]
    checks: tuple[Check, ...]
    pairs: tuple[Pair, ...]
    trend: tuple[int, ...]
    mimic: Mimic | None
    more: int

    @property
    def head(self) -> tuple[int, ...]:
        """Positions of what the line beside the title says."""
        return _known(self.mode, self.state, self.step, self.cycle, self.part)


def arrange(model: Model, path: str) -> Arrangement | None:
    """The arrangement of an asset; None for a path that is none."""
    asset = model.assets.get(path)
    if asset is None:
        return None
    kind, mimic = asset.type, model.mimics.get(path)
    checks = _checks(model, asset)
    groups = {parent_of(model.tags[each.tag].path) for each in checks}
    devices = _ranked(
        model,
        [
            _device(model, model.assets[child])
            for child in asset.children
            if not (child in groups and set(model.assets[child].below) <= {each.tag for each in checks})
        ],
    )
    main = main_of(model, asset)
    head = {each: tag_at(model, asset, getattr(kind, each)) for each in _HEAD}
    taken = {main, *head.values(), *(each.tag for each in checks)}
    setpoint = tag_at(model, asset, kind.setpoint)
    drawn = set(_drawn(model, asset, mimic))
    shown = tuple(at for at in _shown(model, asset) if at not in taken | drawn | {setpoint})[:MOST_SHOWN]
    pairs = _pairs(model, asset)[:MOST_PAIRS]
    on_show = (
        taken | drawn | {setpoint, *shown} | {at for each in pairs for at in (each.command, each.actual)}
    )
    on_show |= {at for each in devices for at in each.tags}
    return Arrangement(
        asset=asset,
        title=(mimic.title if mimic else "") or asset.name or model.plant.name,
        **head,
        main=main,
        setpoint=setpoint,
        shown=shown,
        devices=devices,
        checks=checks,
        pairs=pairs,
        trend=trend_of(model, asset),
        mimic=mimic,
        more=len(set(asset.below) - on_show),
    )


_HEAD = ("mode", "state", "step", "cycle", "part")


def place_of(model: Model, path: str, current: str = "") -> str | None:
    """The asset whose page shows ``path``: itself, or for a tag its unit (its equipment where there is none).

    "" = as it was, at first the first unit; None for a path nobody knows and for a plant without tags.
    """
    if path in model.assets:
        return path
    if path in model.index:
        own = asset_of(model, path)
        unit = unit_of(model, path) or own
        # Whoever looks at the equipment already stays there.
        inside = own is not None and (current == own.path or own.path.startswith(f"{current}/"))
        return current if current in model.assets and inside else None if unit is None else unit.path
    if path:
        return None
    if current in model.assets:
        return current
    return next(iter((*model.units, *model.utilities, *model.roots)), None)


def siblings(model: Model, path: str) -> tuple[str, ...]:
    """Where previous and next lead: all units, all utilities, or the equipment of the same parent."""
    asset = model.assets.get(path)
    if asset is None:
        return ()
    if asset.level == "unit":
        return model.units
    if asset.level == "utility":
        return model.utilities
    beside = model.roots if asset.parent is None else model.assets[asset.parent].children
    return tuple(each for each in beside if not _is_group(model, model.assets[each]))


def beside(model: Model, path: str, step: int) -> str | None:
    """The sibling so many steps on; None past either end."""
    order = siblings(model, path)
    at = order.index(path) + step if path in order else -1
    return order[at] if 0 <= at < len(order) else None


def _known(*tags: int | None) -> tuple[int, ...]:
    return tuple(each for each in tags if each is not None)


def _is_group(model: Model, asset: Asset) -> bool:
    """A folder of interlocks, no device."""
    return asset.name.casefold() in _GROUPS and all(model.tags[at].type == "bool" for at in asset.below)


def _checks(model: Model, asset: Asset) -> tuple[Check, ...]:
    """What the type names; where it names none, every bool in a folder called Interlocks."""
    if asset.type.interlocks:
        stated = ((tag_at(model, asset, each.tag), each) for each in asset.type.interlocks)
        return tuple(Check(at, _text(model, at, e.text, e.ok), e.ok) for at, e in stated if at is not None)
    groups = (model.assets[child] for child in asset.children)
    found = (at for group in groups if _is_group(model, group) for at in group.below)
    return tuple(Check(at, name_of(model.tags[at]), True) for at in found)


def _text(model: Model, at: int, text: str, ok: bool) -> str:
    # "Door open" that must be off reads as the condition that holds: "not: Door open".
    return text or (name_of(model.tags[at]) if ok else t("not: {name}", name=name_of(model.tags[at])))


def _pairs(model: Model, asset: Asset) -> tuple[Pair, ...]:
    """The asset's own; where its type names none, those of its devices."""
    own = tuple(_pairs_of(model, asset, ""))
    children = (model.assets[child] for child in asset.children)
    return own or tuple(pair for child in children for pair in _pairs_of(model, child, child.name))


def _pairs_of(model: Model, asset: Asset, name: str) -> Iterable[Pair]:
    for each in asset.type.feedback:
        command, actual = tag_at(model, asset, each.command), tag_at(model, asset, each.actual)
        if command is not None and actual is not None:
            text = each.text or (name_of(model.tags[actual]) if not name else "")
            yield Pair(command, actual, f"{name} {text}".strip(), not name)


def _shown(model: Model, asset: Asset) -> tuple[int, ...]:
    """What the type names; where there is no type, the asset's own tags, measurements first."""
    stated = tags_at(model, asset, asset.type.shown)
    if stated or asset.type.id:
        return stated
    own = [at for at in asset.tags if at != main_of(model, asset)]
    return tuple(sorted(own, key=lambda at: (model.tags[at].criticality != "critical", _rank(model, at), at)))


def _rank(model: Model, at: int) -> int:
    tag = model.tags[at]
    return 0 if has_range(tag) else 1 if tag.type != "string" else 2


def _device(model: Model, asset: Asset) -> Device:
    kind = asset.type
    main, setpoint = main_of(model, asset), tag_at(model, asset, kind.setpoint)
    state, mode = tag_at(model, asset, kind.state), tag_at(model, asset, kind.mode)
    taken = (main, setpoint, state, mode)
    lines = tuple(at for at in _shown(model, asset) if at not in taken)
    running, symbol = kind.running, kind.symbol
    return Device(asset.path, asset.name, symbol, state, mode, running, main, setpoint, lines[:MOST_LINES])


def _ranked(model: Model, devices: list[Device]) -> tuple[Device, ...]:
    """Devices with a critical main value first, and the others small; in their order where none has one."""
    minor = [each.main is None or model.tags[each.main].criticality != "critical" for each in devices]
    if all(minor):
        return tuple(devices)
    pairs = [replace(each, is_minor=small) for each, small in zip(devices, minor, strict=True)]
    return tuple(sorted(pairs, key=lambda each: each.is_minor))


def _drawn(model: Model, asset: Asset, mimic: Mimic | None) -> tuple[int, ...]:
    """Positions of every tag on a drawing."""
    if mimic is None:
        return ()
    names = [each.tag for each in mimic.values]
    for symbol in mimic.symbols:
        names += [symbol.running, symbol.level, *symbol.lines]
    return tags_at(model, asset, names)
